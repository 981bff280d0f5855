// SPDX-License-Identifier: MPL-2.0
/*
 * crypto.subtle: digests, HMAC, RSASSA-PKCS1-v1_5, ECDSA and Ed25519. Other algorithms (encryption, derivation, key
 * agreement) are NotSupportedError. What an error is called, and which of several is found first, is as in Gecko.
 */

import {
  CURVES,
  algorithmOf,
  cryptoError,
  decodeBase64Url,
  encodeBase64Url,
  isCryptoKey,
  makeKey,
  materialFromJwk,
  materialOf,
  materialToJwk,
  rawOfSpki,
  rsaDetails,
  spkiOfRaw,
} from "resource://gre/modules/bgtask/CryptoKeys.sys.mjs";
import { checkReceivers, defineInterface, requireArguments, sequenceOf } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { crypto: native } = import.meta.native;

const OPERATIONS = { digest: 0, hmac: 1, sign: 2, verify: 3, generate: 4, importPublic: 5, importPrivate: 6 };
/** Hashes in the order of enum crypto_hash; block: the size of an HMAC key by default, in bits. */
const HASHES = [
  { name: "SHA-1", block: 512, bits: "1" },
  { name: "SHA-256", block: 512, bits: "256" },
  { name: "SHA-384", block: 1024, bits: "384" },
  { name: "SHA-512", block: 1024, bits: "512" },
];
/** Algorithms; kind: the number in enum crypto_kind and the type of a JWK. */
const ALGORITHMS = {
  "HMAC": { jwk: "oct" },
  "RSASSA-PKCS1-v1_5": { kind: 0, jwk: "RSA", hashed: true },
  "ECDSA": { kind: 1, jwk: "EC" },
  "Ed25519": { kind: 2, jwk: "OKP" },
};
const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];
const FORMATS = ["raw", "pkcs8", "spki", "jwk"];

const sameName = (a, b) => a.toLowerCase() == b.toLowerCase();
const isObject = value => (typeof value == "object" && value !== null) || typeof value == "function";

function bytesOf(value, what) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (Object.prototype.toString.call(value) == "[object ArrayBuffer]") {
    return new Uint8Array(value);
  }
  throw new TypeError(`${what} could not be converted to any of: ArrayBufferView, ArrayBuffer.`);
}

/** An algorithm's dictionary; a string stands for { name }. */
function dictionaryOf(algorithm) {
  if (!isObject(algorithm)) {
    return { name: String(algorithm) };
  }
  if (algorithm.name === undefined) {
    throw new TypeError("The operation could not be performed.");
  }
  return algorithm;
}

function hashIndex(hash) {
  if (hash === undefined) {
    throw cryptoError("SyntaxError");
  }
  const { name } = dictionaryOf(hash);
  const index = HASHES.findIndex(each => sameName(each.name, String(name)));
  if (index < 0) {
    throw cryptoError("NotSupportedError");
  }
  return index;
}

/** The name, as the standard spells it, of an algorithm for keys. */
function algorithmName(algorithm) {
  const wanted = String(dictionaryOf(algorithm).name);
  const name = Object.keys(ALGORITHMS).find(each => sameName(each, wanted));
  if (!name) {
    throw cryptoError("NotSupportedError");
  }
  return name;
}

function curveOf(algorithm) {
  if (algorithm.namedCurve === undefined) {
    throw cryptoError("SyntaxError");
  }
  const curve = String(algorithm.namedCurve);
  if (!Object.hasOwn(CURVES, curve)) {
    throw cryptoError("NotSupportedError");
  }
  return curve;
}

function readUsages(what, value) {
  const list = sequenceOf(value);
  if (!list) {
    throw new TypeError(`${what} can't be converted to a sequence.`);
  }
  const usages = list.map(String);
  if (usages.some(usage => !USAGES.includes(usage))) {
    throw cryptoError("SyntaxError");
  }
  return USAGES.filter(usage => usages.includes(usage));
}

function checkUsages(usages, allowed, mayBeEmpty = false) {
  if (usages.some(usage => !allowed.includes(usage)) || (!mayBeEmpty && usages.length == 0)) {
    throw cryptoError("SyntaxError");
  }
}

async function run(job) {
  try {
    return await native.run(job);
  } catch (reason) {
    throw typeof reason == "string" ? cryptoError(reason == "data" ? "DataError" : "OperationError") : reason;
  }
}

const bufferOf = bytes => bytes.slice().buffer;

/** What CryptoKey.algorithm is for an asymmetric key. */
function describe(name, hash, size, spki) {
  if (name == "ECDSA") {
    return { name, namedCurve: Object.keys(CURVES).find(curve => CURVES[curve].size == size) };
  }
  if (name == "Ed25519") {
    return { name };
  }
  const { modulusBits, exponent } = rsaDetails(spki);
  return { name, hash: { name: HASHES[hash].name }, modulusLength: modulusBits, publicExponent: exponent };
}

/* ---- importing ---- */

function checkJwk(jwk, type, usages, extractable, alg) {
  const { kty, use, key_ops: operations, ext, alg: given } = jwk;
  const wrong =
    kty != type ||
    (use !== undefined && use != "sig" && usages.length > 0) ||
    (operations !== undefined && usages.some(usage => ![...operations].includes(usage))) ||
    (ext === false && extractable) ||
    (given !== undefined && alg !== undefined && given != alg);
  if (wrong) {
    throw cryptoError("DataError");
  }
}

function jwkAlgorithm(name, hash, curve) {
  switch (name) {
    case "HMAC":
      return `HS${HASHES[hash].bits}`;
    case "RSASSA-PKCS1-v1_5":
      return `RS${HASHES[hash].bits}`;
    case "ECDSA":
      return CURVES[curve].alg;
    default:
      return "Ed25519";
  }
}

function importHmac(format, data, algorithm, extractable, usages) {
  const hash = hashIndex(algorithm.hash);
  checkUsages(usages, ["sign", "verify"]);
  let secret = data;
  if (format == "jwk") {
    checkJwk(data, "oct", usages, extractable, jwkAlgorithm("HMAC", hash));
    secret = decodeBase64Url(data.k);
  } else if (format != "raw") {
    throw cryptoError("NotSupportedError");
  }
  if (secret.length == 0) {
    throw cryptoError("DataError");
  }
  const details = { name: "HMAC", hash: { name: HASHES[hash].name }, length: secret.length * 8 };
  return makeKey("secret", extractable, details, usages, { secret: secret.slice() });
}

/** { spki } or { pkcs8 } as @data has it. */
function readMaterial(format, data, name, hash, curve, usages, extractable) {
  const { jwk: type } = ALGORITHMS[name];
  if (format == "jwk") {
    checkJwk(data, type, usages, extractable, jwkAlgorithm(name, hash, curve));
    const crv = { ECDSA: curve, Ed25519: "Ed25519" }[name];
    if (crv !== data.crv && crv !== undefined) {
      throw cryptoError("DataError");
    }
    return materialFromJwk(type, curve, data);
  }
  if (format == "raw") {
    if (type == "RSA") {
      throw cryptoError("NotSupportedError");
    }
    return { spki: spkiOfRaw(type, curve, data) };
  }
  return format == "spki" ? { spki: data } : { pkcs8: data };
}

async function importPair(format, data, name, algorithm, extractable, usages) {
  const { kind, hashed } = ALGORITHMS[name];
  const hash = hashed ? hashIndex(algorithm.hash) : 0;
  const curve = name == "ECDSA" ? curveOf(algorithm) : "";
  const material = readMaterial(format, data, name, hash, curve, usages, extractable);
  const isPrivate = material.pkcs8 !== undefined;
  const operation = isPrivate ? OPERATIONS.importPrivate : OPERATIONS.importPublic;
  const [first, second, size] = await run({ operation, kind, key: isPrivate ? material.pkcs8 : material.spki });
  checkUsages(usages, isPrivate ? ["sign"] : ["verify"], !isPrivate);
  const spki = isPrivate ? second : first;
  if (material.publicRaw && encodeBase64Url(rawOfSpki(spki)) != encodeBase64Url(material.publicRaw)) {
    throw cryptoError("DataError");
  }
  const details = describe(name, hash, size, spki);
  return makeKey(isPrivate ? "private" : "public", extractable, details, usages, {
    spki,
    pkcs8: isPrivate ? first : undefined,
  });
}

/* ---- generating ---- */

function generateHmac(algorithm, extractable, usages) {
  const hash = hashIndex(algorithm.hash);
  checkUsages(usages, ["sign", "verify"]);
  const length = algorithm.length === undefined ? HASHES[hash].block : Number(algorithm.length) >>> 0;
  if (length == 0) {
    throw cryptoError("DataError");
  }
  const secret = new Uint8Array(Math.ceil(length / 8));
  for (let at = 0; at < secret.length; at += 65536) {
    crypto.getRandomValues(secret.subarray(at, at + 65536));
  }
  return makeKey("secret", extractable, { name: "HMAC", hash: { name: HASHES[hash].name }, length }, usages, { secret });
}

function rsaParameters({ modulusLength, publicExponent }) {
  if (modulusLength === undefined || !(publicExponent instanceof Uint8Array)) {
    throw cryptoError("SyntaxError");
  }
  const size = Number(modulusLength) >>> 0;
  const value = publicExponent.reduce((sum, byte) => sum * 256 + byte, 0);
  if (size < 512 || size > 16384 || value < 3 || value % 2 == 0 || value > 0xffffffff) {
    throw cryptoError("OperationError");
  }
  return { size, data: publicExponent };
}

async function generatePair(name, algorithm, extractable, usages) {
  const { kind, hashed } = ALGORITHMS[name];
  const hash = hashed ? hashIndex(algorithm.hash) : 0;
  const job = { operation: OPERATIONS.generate, kind };
  if (name == "ECDSA") {
    job.size = CURVES[curveOf(algorithm)].size;
  } else if (name == "RSASSA-PKCS1-v1_5") {
    Object.assign(job, rsaParameters(algorithm));
  }
  checkUsages(usages, ["sign", "verify"]);
  if (!usages.includes("sign")) {
    throw cryptoError("SyntaxError");
  }
  const [pkcs8, spki, size] = await run(job);
  const details = () => describe(name, hash, size, spki);
  return {
    publicKey: makeKey("public", true, details(), usages.filter(usage => usage == "verify"), { spki }),
    privateKey: makeKey("private", extractable, details(), ["sign"], { spki, pkcs8 }),
  };
}

/* ---- using ---- */

function checkKey(what, value, argument) {
  if (!isCryptoKey(value)) {
    const kind = isObject(value) ? "does not implement interface CryptoKey" : "is not an object";
    throw new TypeError(`${what}: Argument ${argument} ${kind}.`);
  }
}

/** The job of signing or verifying with @key, if @algorithm and @usage go with it. */
function jobFor(algorithm, key, usage) {
  const name = algorithmName(algorithm);
  if (algorithmOf(key).name != name) {
    throw cryptoError("InvalidAccessError");
  }
  const hash =
    name == "ECDSA"
      ? hashIndex(dictionaryOf(algorithm).hash)
      : Math.max(HASHES.findIndex(each => each.name == algorithmOf(key).hash?.name), 0);
  if (!key.usages.includes(usage)) {
    throw cryptoError("InvalidAccessError");
  }
  return { name, hash, kind: ALGORITHMS[name].kind };
}

function hmacOf(key, hash, data) {
  return run({ operation: OPERATIONS.hmac, hash, key: materialOf(key).secret, data });
}

/** In a time that does not depend on where they differ. */
function equalBytes(a, b) {
  if (a.length != b.length) {
    return false;
  }
  let difference = 0;
  for (let at = 0; at < a.length; at++) {
    difference |= a[at] ^ b[at];
  }
  return difference == 0;
}

function exportJwk(key) {
  const { name, namedCurve, hash } = algorithmOf(key);
  const material = materialOf(key);
  const { jwk: kty } = ALGORITHMS[name];
  const index = HASHES.findIndex(each => each.name == hash?.name);
  const members = { alg: jwkAlgorithm(name, index, namedCurve), ext: key.extractable, key_ops: [...key.usages], kty };
  if (name == "HMAC") {
    members.k = encodeBase64Url(material.secret);
  } else {
    Object.assign(members, materialToJwk(kty, namedCurve, material));
  }
  if (name == "ECDSA" || name == "Ed25519") {
    members.crv = namedCurve ?? "Ed25519";
  }
  const sorted = Object.keys(members).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(member => [member, members[member]]));
}

function exportBytes(format, key) {
  const { secret, spki, pkcs8 } = materialOf(key);
  if (format == "raw" && secret) {
    return secret;
  }
  if (format == "raw" && key.type == "public" && algorithmOf(key).name != "RSASSA-PKCS1-v1_5") {
    return rawOfSpki(spki);
  }
  const bytes = { spki: key.type == "public" ? spki : undefined, pkcs8 }[format];
  if (!bytes) {
    throw cryptoError("NotSupportedError");
  }
  return bytes;
}

const unsupported = method =>
  ({
    async [method](...args) {
      requireArguments(`SubtleCrypto.${method}`, args, 3);
      const key = args.find(isCryptoKey);
      if (method != "unwrapKey") {
        checkKey(`SubtleCrypto.${method}`, args[1], 2);
      }
      throw cryptoError(key ? "InvalidAccessError" : "NotSupportedError");
    },
  })[method];

/** Passed to the constructor that is not for tasks. */
const KEY = Symbol("SubtleCrypto");

/** The one object of it. */
export let makeSubtle;

export class SubtleCrypto {
  #own = true;

  static {
    makeSubtle = () => new SubtleCrypto(KEY);
  }

  constructor(key) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
  }

  static is(value) {
    return typeof value == "object" && value !== null && #own in value;
  }

  async digest(algorithm, data) {
    requireArguments("SubtleCrypto.digest", arguments, 2);
    const bytes = bytesOf(data, "SubtleCrypto.digest: Argument 2");
    return bufferOf(await run({ operation: OPERATIONS.digest, hash: hashIndex(algorithm), data: bytes }));
  }

  async sign(algorithm, key, data) {
    requireArguments("SubtleCrypto.sign", arguments, 3);
    checkKey("SubtleCrypto.sign", key, 2);
    const bytes = bytesOf(data, "SubtleCrypto.sign: Argument 3");
    const { name, hash, kind } = jobFor(algorithm, key, "sign");
    if (name == "HMAC") {
      return bufferOf(await hmacOf(key, hash, bytes));
    }
    return bufferOf(await run({ operation: OPERATIONS.sign, kind, hash, key: materialOf(key).pkcs8, data: bytes }));
  }

  async verify(algorithm, key, signature, data) {
    requireArguments("SubtleCrypto.verify", arguments, 4);
    checkKey("SubtleCrypto.verify", key, 2);
    const given = bytesOf(signature, "SubtleCrypto.verify: Argument 3").slice();
    const bytes = bytesOf(data, "SubtleCrypto.verify: Argument 4");
    const { name, hash, kind } = jobFor(algorithm, key, "verify");
    if (name == "HMAC") {
      return equalBytes(given, await hmacOf(key, hash, bytes));
    }
    const { spki } = materialOf(key);
    return run({ operation: OPERATIONS.verify, kind, hash, key: spki, data: bytes, signature: given });
  }

  async generateKey(algorithm, extractable, keyUsages) {
    requireArguments("SubtleCrypto.generateKey", arguments, 3);
    const usages = readUsages("SubtleCrypto.generateKey: Argument 3", keyUsages);
    const name = algorithmName(algorithm);
    const dictionary = dictionaryOf(algorithm);
    return name == "HMAC"
      ? generateHmac(dictionary, Boolean(extractable), usages)
      : generatePair(name, dictionary, Boolean(extractable), usages);
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    requireArguments("SubtleCrypto.importKey", arguments, 5);
    if (!isObject(keyData)) {
      throw new TypeError("SubtleCrypto.importKey: Argument 2 is not an object.");
    }
    const usages = readUsages("SubtleCrypto.importKey: Argument 5", keyUsages);
    const name = algorithmName(algorithm);
    if (!FORMATS.includes(String(format))) {
      throw cryptoError("SyntaxError");
    }
    const isBytes = ArrayBuffer.isView(keyData) || keyData instanceof ArrayBuffer;
    let data = keyData;
    if (isBytes && format == "jwk") {
      // What Gecko takes for JWK bytes: their JSON, or else the key itself.
      data = { kty: "oct", k: encodeBase64Url(bytesOf(keyData, "").slice()) };
    } else if (format != "jwk") {
      if (!isBytes) {
        throw cryptoError("SyntaxError"); // a JWK
      }
      data = bytesOf(keyData, "SubtleCrypto.importKey: Argument 2").slice();
    }
    const dictionary = dictionaryOf(algorithm);
    return name == "HMAC"
      ? importHmac(String(format), data, dictionary, Boolean(extractable), usages)
      : importPair(String(format), data, name, dictionary, Boolean(extractable), usages);
  }

  async exportKey(format, key) {
    requireArguments("SubtleCrypto.exportKey", arguments, 2);
    checkKey("SubtleCrypto.exportKey", key, 2);
    if (!FORMATS.includes(String(format))) {
      throw cryptoError("SyntaxError");
    }
    if (!key.extractable) {
      throw cryptoError("InvalidAccessError");
    }
    return String(format) == "jwk" ? exportJwk(key) : bufferOf(exportBytes(String(format), key));
  }
}
for (const method of ["encrypt", "decrypt", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"]) {
  Object.defineProperty(SubtleCrypto.prototype, method, { value: unsupported(method), writable: true, configurable: true });
}
checkReceivers(SubtleCrypto, "SubtleCrypto", SubtleCrypto.is, true);
delete SubtleCrypto.is;
defineInterface(SubtleCrypto, "SubtleCrypto");
