// SPDX-License-Identifier: MPL-2.0
// crypto.subtle: keys in all their formats, what is refused and how.

const enc = text => new TextEncoder().encode(text);
const hex = bytes => Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, "0")).join("");
const S = crypto.subtle;
const jwk = { kty: "oct", k: "AQID", alg: "HS256", key_ops: ["sign"], ext: true };

export const probes = [
  async () => { const k = await S.importKey("jwk", jwk, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]); return [hex(await S.sign("HMAC", k, enc("x"))), await S.exportKey("jwk", k)]; },
  async () => S.importKey("jwk", { ...jwk, alg: "HS512" }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("jwk", { ...jwk, key_ops: ["verify"] }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("jwk", { ...jwk, ext: false }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("jwk", { ...jwk, k: "***" }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("jwk", {}, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("jwk", enc("x"), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("raw", { kty: "oct" }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("raw", enc("k"), { name: "HMAC" }, true, ["sign"]),
  async () => S.importKey("raw", enc("k"), { name: "HMAC", hash: "SHA-256" }, true, []),
  async () => S.importKey("raw", enc("k"), { name: "HMAC", hash: "SHA-256" }, true, ["encrypt"]),
  async () => S.importKey("raw", enc("k"), { name: "HMAC", hash: "SHA-256", length: 7 }, true, ["sign"]).then(k => k.algorithm),
  async () => S.importKey("raw", enc("k"), { name: "HMAC", hash: "SHA-256", length: 100 }, true, ["sign"]),
  async () => S.importKey("raw", new Uint8Array(0), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]),
  async () => S.generateKey({ name: "HMAC", hash: "SHA-256", length: 0 }, true, ["sign"]),
  async () => (await S.generateKey({ name: "HMAC", hash: "SHA-256", length: 12 }, true, ["sign"])).algorithm,
  async () => { const k = await S.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]); const s = await S.sign({ name: "ECDSA", hash: "SHA-256" }, k.privateKey, enc("x")); return [s.byteLength, await S.verify({ name: "ECDSA", hash: "SHA-256" }, k.publicKey, s, enc("x")), await S.verify({ name: "ECDSA", hash: "SHA-256" }, k.publicKey, s, enc("y")), k.privateKey.algorithm, k.publicKey.extractable, k.privateKey.usages]; },
  async () => { const k = await S.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]); return S.sign("ECDSA", k.privateKey, enc("x")); },
  async () => { const k = await S.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]); return S.exportKey("pkcs8", k.privateKey); },
  async () => S.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]),
  async () => S.generateKey({ name: "ECDSA" }, false, ["sign"]),
  async () => S.generateKey({ name: "ECDSA", namedCurve: "nope" }, false, ["sign"]),
  async () => { const k = await S.generateKey("Ed25519", true, ["sign", "verify"]); const s = await S.sign("Ed25519", k.privateKey, enc("x")); const raw = await S.exportKey("raw", k.publicKey); const p = await S.importKey("raw", raw, "Ed25519", true, ["verify"]); return [s.byteLength, raw.byteLength, await S.verify("Ed25519", p, s, enc("x")), k.privateKey.algorithm]; },
  async () => { const k = await S.generateKey({ name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign", "verify"]); const s = await S.sign("RSASSA-PKCS1-v1_5", k.privateKey, enc("x")); const spki = await S.exportKey("spki", k.publicKey); const p = await S.importKey("spki", spki, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["verify"]); return [s.byteLength, await S.verify("RSASSA-PKCS1-v1_5", p, s, enc("x")), p.algorithm, Object.keys(await S.exportKey("jwk", k.privateKey))]; },
  async () => S.generateKey({ name: "RSASSA-PKCS1-v1_5", modulusLength: 100, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign"]),
  async () => S.generateKey({ name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, hash: "SHA-256" }, true, ["sign"]),
  async () => S.importKey("spki", enc("garbage"), { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["verify"]),
  async () => S.importKey("raw", new Uint8Array(65), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]),
  async () => S.importKey("raw", new Uint8Array(31), "Ed25519", true, ["verify"]),
  async () => S.digest({}, enc("x")),
  async () => S.digest("SHA-256"),
  async () => S.digest("SHA-256", new DataView(new ArrayBuffer(2))).then(hex),
  async () => S.verify("HMAC", {}, enc("x"), enc("x")),
  async () => { const b = enc("abc"); const p = S.digest("SHA-256", b); b[0] = 0; return hex(await p); },
  async () => S.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, null, enc("x")),
  async () => S.deriveBits({ name: "PBKDF2" }, null, 8),
  () => [String(S), Object.prototype.toString.call(crypto), typeof SubtleCrypto, S instanceof SubtleCrypto, crypto.subtle === crypto.subtle],
  () => new Crypto(),
  () => crypto.getRandomValues(new BigInt64Array(1)).length,
  () => crypto.getRandomValues(new Uint8ClampedArray(3)).length,
  () => crypto.getRandomValues(new DataView(new ArrayBuffer(1))),
  () => crypto.getRandomValues(),
];
