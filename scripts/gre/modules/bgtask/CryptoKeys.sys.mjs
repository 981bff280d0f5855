// SPDX-License-Identifier: MPL-2.0
/*
 * Keys of crypto.subtle: CryptoKey, and their formats. A key's bytes are `secret` for HMAC, else `spki` and, of a
 * private one, `pkcs8`. Conversions to raw and JWK are here; whether a key is good is libcrypto's to say.
 */

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { TAGS, concat, read, readInteger, write, writeInteger, writeSequence } from "resource://gre/modules/bgtask/Der.sys.mjs";
import { defineInterface } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const MESSAGES = {
  DataError: "Data provided to an operation does not meet requirements",
  InvalidAccessError: "A parameter or an operation is not supported by the underlying object",
  NotSupportedError: "Operation is not supported",
  OperationError: "The operation failed for an operation-specific reason",
  SyntaxError: "An invalid or illegal string was specified",
};

/** A DOMException as Gecko's crypto.subtle rejects with. */
export function cryptoError(name) {
  return new DOMException(MESSAGES[name], name);
}

export const CURVES = {
  "P-256": { size: 256, alg: "ES256", oid: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] },
  "P-384": { size: 384, alg: "ES384", oid: [0x2b, 0x81, 0x04, 0x00, 0x22] },
  "P-521": { size: 521, alg: "ES512", oid: [0x2b, 0x81, 0x04, 0x00, 0x23] },
};
const OID_EC = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_ED25519 = [0x2b, 0x65, 0x70];
const VERSION_0 = [TAGS.integer, 1, 0];
const RSA_PARTS = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/** Passed to the constructor by those who may make a key. */
const KEY = Symbol("CryptoKey");

/** { secret, spki, pkcs8 } of a CryptoKey. */
export let materialOf;
/** Its algorithm, which no task can change: { name, hash: { name }, … }. */
export let algorithmOf;
export let isCryptoKey;

export class CryptoKey {
  #type;
  #extractable;
  #algorithm;
  #own;
  #usages;
  #material;

  static {
    materialOf = key => key.#material;
    algorithmOf = key => key.#own;
    isCryptoKey = value => typeof value == "object" && value !== null && #material in value;
  }

  constructor(token, type, extractable, algorithm, usages, material) {
    if (token !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    this.#type = type;
    this.#extractable = extractable;
    this.#algorithm = algorithm;
    this.#own = { ...algorithm, hash: algorithm.hash && { ...algorithm.hash } };
    this.#usages = Object.freeze([...usages]);
    this.#material = material;
  }

  get type() {
    return this.#type;
  }

  get extractable() {
    return this.#extractable;
  }

  get algorithm() {
    return this.#algorithm;
  }

  get usages() {
    return this.#usages;
  }
}
defineInterface(CryptoKey, "CryptoKey");

export function makeKey(type, extractable, algorithm, usages, material) {
  return new CryptoKey(KEY, type, extractable, algorithm, usages, material);
}

function pad(bytes, width) {
  return concat(new Uint8Array(Math.max(width - bytes.length, 0)), bytes);
}

const widthOf = curve => Math.ceil(CURVES[curve].size / 8);

function decode(text) {
  if (typeof text != "string" || !/^[A-Za-z0-9_-]*$/.test(text)) {
    throw cryptoError("DataError");
  }
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    throw cryptoError("DataError");
  }
}

export const encodeBase64Url = bytes => new Uint8Array(bytes).toBase64({ alphabet: "base64url", omitPadding: true });
export const decodeBase64Url = decode;

const identifier = oid => write(TAGS.identifier, oid);
const bitString = bytes => write(TAGS.bits, [0], bytes);

/** The algorithm's name in DER, for a curve or ""; */
function algorithmDer(kind, curve) {
  if (kind == "EC") {
    return writeSequence(identifier(OID_EC), identifier(CURVES[curve].oid));
  }
  return kind == "RSA"
    ? writeSequence(identifier(OID_RSA), [TAGS.null, 0])
    : writeSequence(identifier(OID_ED25519));
}

/** The public key's own bytes in an SPKI: a point, Ed25519's 32 bytes, or RSA's SEQUENCE. */
export function rawOfSpki(spki) {
  const [body] = read(spki, TAGS.sequence);
  const [, rest] = read(body, TAGS.sequence);
  const [bits] = read(rest, TAGS.bits);
  return bits.slice(1);
}

export function spkiOfRaw(kind, curve, raw) {
  return writeSequence(algorithmDer(kind, curve), bitString(raw));
}

/** What is in the OCTET STRING of a PKCS #8. */
function innerOfPkcs8(pkcs8) {
  const [body] = read(pkcs8, TAGS.sequence);
  const [, afterVersion] = readInteger(body);
  const [, afterAlgorithm] = read(afterVersion, TAGS.sequence);
  return read(afterAlgorithm, TAGS.octets)[0];
}

function pkcs8Of(kind, curve, inner) {
  return writeSequence(VERSION_0, algorithmDer(kind, curve), write(TAGS.octets, inner));
}

function integersOf(sequence) {
  let [rest] = read(sequence, TAGS.sequence);
  const list = [];
  while (rest.length) {
    let integer;
    [integer, rest] = readInteger(rest);
    list.push(integer);
  }
  return list;
}

/** { modulusBits, exponent } of an RSA key. */
export function rsaDetails(spki) {
  const [modulus, exponent] = integersOf(rawOfSpki(spki));
  const modulusBits = modulus.length * 8 - Math.clz32(modulus[0]) + 24;
  return { modulusBits, exponent: exponent.slice() };
}

function rsaToJwk({ spki, pkcs8 }) {
  const parts = pkcs8 ? integersOf(innerOfPkcs8(pkcs8)).slice(1) : integersOf(rawOfSpki(spki));
  return Object.fromEntries(parts.map((part, index) => [RSA_PARTS[index], encodeBase64Url(part)]));
}

function ecToJwk({ spki, pkcs8 }, curve) {
  const width = widthOf(curve);
  const point = rawOfSpki(spki);
  const jwk = { x: encodeBase64Url(point.subarray(1, 1 + width)), y: encodeBase64Url(point.subarray(1 + width)) };
  if (pkcs8) {
    const [inner] = read(innerOfPkcs8(pkcs8), TAGS.sequence);
    const [, rest] = readInteger(inner);
    jwk.d = encodeBase64Url(pad(read(rest, TAGS.octets)[0], width));
  }
  return jwk;
}

function edToJwk({ spki, pkcs8 }) {
  const jwk = { x: encodeBase64Url(rawOfSpki(spki)) };
  if (pkcs8) {
    jwk.d = encodeBase64Url(read(innerOfPkcs8(pkcs8), TAGS.octets)[0]);
  }
  return jwk;
}

/** The members of a JWK that are the key itself. */
export function materialToJwk(kind, curve, material) {
  if (kind == "RSA") {
    return rsaToJwk(material);
  }
  return kind == "EC" ? ecToJwk(material, curve) : edToJwk(material);
}

function rsaFromJwk(jwk) {
  const names = jwk.d === undefined ? RSA_PARTS.slice(0, 2) : RSA_PARTS;
  const integers = names.map(name => {
    const bytes = decode(jwk[name]);
    if (!bytes.length) {
      throw cryptoError("DataError");
    }
    return writeInteger(bytes);
  });
  return jwk.d === undefined
    ? { spki: spkiOfRaw("RSA", "", writeSequence(...integers)) }
    : { pkcs8: pkcs8Of("RSA", "", writeSequence(VERSION_0, ...integers)) };
}

function ecFromJwk(jwk, curve) {
  const width = widthOf(curve);
  const [x, y] = [decode(jwk.x), decode(jwk.y)];
  if (x.length != width || y.length != width) {
    throw cryptoError("DataError");
  }
  const point = concat([4], x, y);
  if (jwk.d === undefined) {
    return { spki: spkiOfRaw("EC", curve, point) };
  }
  const number = write(TAGS.octets, pad(decode(jwk.d), width));
  const inner = writeSequence([TAGS.integer, 1, 1], number, write(TAGS.own1, bitString(point)));
  return { pkcs8: pkcs8Of("EC", curve, inner) };
}

function edFromJwk(jwk) {
  const x = decode(jwk.x);
  if (x.length != 32) {
    throw cryptoError("DataError");
  }
  return jwk.d === undefined
    ? { spki: spkiOfRaw("OKP", "", x) }
    : { pkcs8: pkcs8Of("OKP", "", write(TAGS.octets, decode(jwk.d))), publicRaw: x };
}

/** The reverse: { spki } or { pkcs8 }. */
export function materialFromJwk(kind, curve, jwk) {
  if (kind == "RSA") {
    return rsaFromJwk(jwk);
  }
  return kind == "EC" ? ecFromJwk(jwk, curve) : edFromJwk(jwk);
}
