// SPDX-License-Identifier: MPL-2.0
// crypto.subtle: results, kinds of errors and their messages.

import { probeAsync } from "resource://testing-common/probe.sys.mjs";

const S = crypto.subtle;
const R = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const u = text => new TextEncoder().encode(text);

/** An RSA key of no value, made for this test. */
const RSA_KEY =
  "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALXy8tP06ZrGS1K0iM7F91pfyfvS5alxo+Yu19C3SYLUsB4foDyE" +
  "hycTgSST4Tba3R4hlV+5K5qwiScdyme7Pz5n0IB8dCdlPF9nGmKXh7xLNYpWAGtvBfXBIaoJFPMHs8JTlr2/lKjU7KZsoQB1pkR2" +
  "oiq6TNT5f/DhW9qWCLRZAgMBAAECgYEAgeWEvxWmgTz4IX+J/DURNpAUX5hdJe9fl8HxiayQ6rp1Ucw6VXo4Ewm1tStuKf9uxUgs" +
  "oD5Ohw1pnWeDTTM9HldsfXThK1EcMCw8IgbjEvj9RQN7wQX5tut819dQjAY5WQRC3x4Dsz54l60sffWTEzexErhWBT04amOZ8PU0" +
  "zAECQQDow0T7FX/U6d544XQiLEUaT5yiF+tmG0wfrQ8sstCKsKEadpUejj0BrRW4NhHmc2AsTHQ2OaZ/6rJNwCeetiqhAkEAyB0H" +
  "fzBMjKuHV0BcPmVIPstesiGZCn/VFvDKHJ3SQtqOsBkomi5mYrYs5SgkA/RnLNS50B/jf3B6aaapMBAmuQJANaacxcsk1ey6LN66" +
  "qA3QN8pV7j7ZMYXlO//l2YW17+HaoIDoykw636IHuZgs9BNv/YX5223aZO2x/53lA/41QQJAcMBafwF5wDDNew3aa5WplSgFXRyt" +
  "HEtWhyx41JLf66c1imdCh0zph2jZ9uwdDtVgZNQfNfMhvaZkcq7i2R/gkQJBAJpv41qNMOBppiskwoI/pRTfuklC8HWYzJBLLiMq" +
  "ysfyVHSnAT6JiPX0A+6gXusu8rSCcnyifztDKRty6TNkhTI=";
const ED25519_KEY = "302e020100300506032b657004220420" + "07".repeat(32);

/** A key in words; a JWK without what is random in it. */
function words(value) {
  if (value?.publicKey) {
    return [words(value.publicKey), words(value.privateKey)];
  }
  if (value instanceof CryptoKey) {
    const algorithm = JSON.stringify(value.algorithm, (_key, item) => (item instanceof Uint8Array ? [...item] : item));
    return [value.type, value.extractable, algorithm, ...value.usages];
  }
  return value?.kty ? JSON.stringify(value).replace(/[A-Za-z0-9_-]{30,}/g, "#") : value?.byteLength;
}

/** Each format of both keys of a pair, there and back. */
async function roundTrips(pair, algorithm) {
  for (const format of ["raw", "spki", "pkcs8", "jwk"]) {
    for (const key of [pair.publicKey, pair.privateKey]) {
      const usages = key.type == "public" ? ["verify"] : ["sign"];
      dump(`${algorithm.name} ${format} ${key.type}: `);
      await probeAsync(async () => {
        const data = await S.exportKey(format, key);
        return [format == "pkcs8" && algorithm === R ? "bytes" : words(data), words(await S.importKey(format, data, algorithm, true, usages))];
      });
    }
  }
}

async function usePair(algorithm, signing) {
  const pair = await S.generateKey(algorithm, true, ["sign", "verify"]);
  const signature = await S.sign(signing, pair.privateKey, u("d"));
  await probeAsync(() => words(pair));
  await probeAsync(() => signature.byteLength);
  await probeAsync(() => S.verify(signing, pair.publicKey, signature, u("d")));
  await probeAsync(() => S.verify(signing, pair.publicKey, signature, u("e")));
  await probeAsync(() => S.verify(signing, pair.publicKey, u("sig"), u("d")));
  await probeAsync(() => S.sign(signing, pair.publicKey, u("x")));
  await probeAsync(() => S.verify(signing, pair.privateKey, u("x"), u("x")));
  await roundTrips(pair, algorithm);
}

async function useFixedKeys() {
  const rsa = await S.importKey("pkcs8", Uint8Array.fromBase64(RSA_KEY), R, true, ["sign"]);
  const ed = await S.importKey("pkcs8", Uint8Array.fromHex(ED25519_KEY), "Ed25519", true, ["sign"]);
  await probeAsync(async () => new Uint8Array(await S.sign(R.name, rsa, u("data"))).toHex());
  await probeAsync(async () => JSON.stringify(await S.exportKey("jwk", rsa)));
  await probeAsync(async () => new Uint8Array(await S.sign("Ed25519", ed, u("data"))).toHex());
  await probeAsync(async () => JSON.stringify(await S.exportKey("jwk", ed)));
  await probeAsync(async () => new Uint8Array(await S.digest("SHA-256", new Uint8Array(10_000_000))).toHex());
}

async function checkHmac() {
  const hk = await S.importKey("raw", u("key"), { name: "HMAC", hash: "SHA-256" }, true, ["sign", "verify"]);
  const hv = await S.importKey("raw", u("key"), { name: "HMAC", hash: "SHA-1" }, false, ["verify"]);
  await probeAsync(() => words(hk));
  await probeAsync(() => S.sign("HMAC", hk, u("data")));
  await probeAsync(() => S.sign({name:"hmac"}, hk, u("data")));
  await probeAsync(async () => S.verify("HMAC", hk, await S.sign("HMAC", hk, u("data")), u("data")));
  await probeAsync(async () => S.verify("HMAC", hk, u("x"), u("data")));
  await probeAsync(() => S.exportKey("raw", hk));
  await probeAsync(() => S.exportKey("jwk", hk));
  await probeAsync(() => S.exportKey("spki", hk));
  await probeAsync(() => S.exportKey("foo", hk));
  await probeAsync(() => S.importKey("foo", u("key"), {name:"HMAC", hash:"SHA-256"}, true, ["sign"]));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"HMAC"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"HMAC", hash:"SHA-256"}, true, [])));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"HMAC", hash:"SHA-256"}, true, ["encrypt"])));
  await probeAsync(async () => words(await S.importKey("raw", u(""), {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"HMAC", hash:"SHA-256", length: 20}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"HMAC", hash:"SHA-256"}, true, ["sgn"])));
  await probeAsync(async () => words(await S.importKey("raw", u("key"), {name:"Foo"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("raw", "key", {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", u("key"), {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct"}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct", k:"a2V5"}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct", k:"a2V5", alg:"HS512"}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct", k:"a2V5", key_ops:["verify"]}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct", k:"a2V5", ext:false}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("jwk", {kty:"oct", k:"!!"}, {name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(() => S.sign("HMAC", hv, u("x")));
  await probeAsync(() => S.exportKey("raw", hv));
  await probeAsync(() => S.sign("ECDSA", hk, u("x")));
  await probeAsync(() => S.sign({name:"ECDSA", hash:"SHA-256"}, hk, u("x")));
  await probeAsync(() => S.sign("HMAC", {}, u("x")));
  await probeAsync(async () => words(await S.generateKey({name:"HMAC", hash:"SHA-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.generateKey({name:"HMAC", hash:"SHA-512", length: 100}, true, ["sign","verify"])));
  await probeAsync(async () => words(await S.generateKey({name:"HMAC", hash:"SHA-256", length: 0}, true, ["sign"])));
  await probeAsync(async () => words(await S.generateKey({name:"HMAC", hash:"SHA-256"}, true, [])));
  await probeAsync(() => S.encrypt("AES-GCM", hk, u("x")));
  await probeAsync(() => S.deriveBits("HKDF", hk, 8));
  await probeAsync(() => S.generateKey("Foo", true, ["sign"]));
  await probeAsync(async () => words(await S.importKey("raw", u("x"), "ECDSA", true)));
  await probeAsync(() => S.sign("HMAC", hk));
  await probeAsync(() => SubtleCrypto.supports);
  await probeAsync(() => S.wrapKey("raw", hk, hk, "HMAC"));
}

async function checkCurves() {
  const p = await S.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const spki = await S.exportKey("spki", p.publicKey);
  await probeAsync(() => S.generateKey({name:"ECDSA", namedCurve:"P-1"}, true, ["sign"]));
  await probeAsync(() => S.generateKey({name:"ECDSA"}, true, ["sign"]));
  await probeAsync(() => S.generateKey({name:"ECDSA", namedCurve:"P-256"}, true, ["verify"]));
  await probeAsync(() => S.generateKey({name:"ECDSA", namedCurve:"P-256"}, true, ["encrypt"]));
  await probeAsync(async () => words(await S.importKey("raw", u("xx"), {name:"ECDSA", namedCurve:"P-256"}, true, ["verify"])));
  await probeAsync(async () => words(await S.importKey("raw", new Uint8Array(65).fill(4), {name:"ECDSA", namedCurve:"P-256"}, true, ["verify"])));
  await probeAsync(() => S.importKey("spki", u("xx"), {name:"ECDSA", namedCurve:"P-256"}, true, ["verify"]));
  await probeAsync(() => S.importKey("pkcs8", u("xx"), {name:"ECDSA", namedCurve:"P-256"}, true, ["sign"]));
  await probeAsync(async () => words(await S.importKey("raw", new Uint8Array(65), {name:"ECDSA", namedCurve:"P-256"}, true, ["sign"])));
  await probeAsync(async () => words(await S.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-384" }, true, ["verify"])));
  await probeAsync(async () => S.importKey("jwk", await S.exportKey("jwk", p.publicKey), { name: "ECDSA", namedCurve: "P-384" }, true, ["verify"]));
  await probeAsync(async () => S.importKey("spki", spki, { name: "Ed25519" }, true, ["verify"]));
  await probeAsync(async () => S.importKey("spki", spki, R, true, ["verify"]));
  await probeAsync(() => S.sign({ name: "ECDSA", hash: "MD5" }, p.privateKey, u("x")));
  await probeAsync(async () => words(await S.importKey("raw", u("x"), "Ed25519", true, ["verify"])));
  await probeAsync(() => S.generateKey({ ...R, modulusLength: 100 }, true, ["sign"]));
  await probeAsync(() => S.generateKey({ ...R, publicExponent: new Uint8Array([2]) }, true, ["sign"]));
  await probeAsync(() => S.generateKey({ name: R.name }, true, ["sign"]));
  await probeAsync(() => S.generateKey({ ...R, publicExponent: [3] }, true, ["sign"]));
}

export async function runBackgroundTask() {
  await probeAsync(() => S.digest("SHA-1", u("a")));
  await probeAsync(() => S.digest("sha-256", u("a")));
  await probeAsync(() => S.digest({name:"SHA-384"}, u("a")));
  await probeAsync(() => S.digest("SHA-512", u("a").buffer));
  await probeAsync(() => S.digest("MD5", u("a")));
  await probeAsync(() => S.digest("SHA-256", "a"));
  await probeAsync(() => S.digest("SHA-256"));
  await probeAsync(() => S.digest({}, u("a")));
  await probeAsync(() => S.digest(5, u("a")));
  await probeAsync(() => S.digest("SHA3-256", u("a")));
  await probeAsync(() => crypto.randomUUID().length);
  await probeAsync(() => crypto.getRandomValues(new Float32Array(1)));
  await probeAsync(() => crypto.getRandomValues(new Uint8Array(65537)));
  await probeAsync(() => crypto.getRandomValues(5));
  await probeAsync(() => crypto.getRandomValues());
  await probeAsync(() => new Crypto());
  await probeAsync(() => new CryptoKey());
  await probeAsync(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1))));
  await probeAsync(() => crypto.getRandomValues(new Uint8Array(0)).length);
  await probeAsync(() => crypto.getRandomValues({}));
  await checkHmac();
  for (const namedCurve of ["P-256", "P-384", "P-521"]) {
    await usePair({ name: "ECDSA", namedCurve }, { name: "ECDSA", hash: "SHA-256" });
  }
  await usePair({ name: "Ed25519" }, "Ed25519");
  await usePair(R, R.name);
  await checkCurves();
  await useFixedKeys();
  return 0;
}
