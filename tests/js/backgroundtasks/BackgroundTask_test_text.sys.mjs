// SPDX-License-Identifier: MPL-2.0
// TextEncoder, TextDecoder, atob, btoa, crypto.

import { Checks } from "resource://testing-common/check.sys.mjs";

const bytes = (...values) => new Uint8Array(values);

function checkEncoder(t) {
  const encoder = new TextEncoder();
  t.equal("encode", [...encoder.encode("aé€\ud83d\ude00\ud800")], [97, 195, 169, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189]);
  t.equal("encode nothing", [encoder.encode().length, encoder.encode(undefined).length, encoder.encode(null).length], [0, 0, 4]);
  const room = bytes(0, 0, 0, 0);
  const { read, written } = encoder.encodeInto("é€x", room);
  t.equal("encodeInto, whole characters", [read, written, [...room]], [1, 2, [195, 169, 0, 0]]);
  t.equal("encodeInto, pairs", Object.values(encoder.encodeInto("\ud83d\ude00!", new Uint8Array(5))), [3, 5]);
  t.throws("encodeInto an array", () => encoder.encodeInto("x", []), {
    name: "TypeError", message: "TextEncoder.encodeInto: Argument 2 does not implement interface Uint8Array.",
  });
  t.throws("symbol", () => encoder.encode(Symbol("x")), { name: "TypeError" });
  t.throws("without new", () => TextEncoder(), { name: "TypeError" });
}

function checkDecoder(t) {
  const decode = (label, input, options) => new TextDecoder(label, options).decode(bytes(...input));
  for (const [name, label, input, wanted] of [
    ["UTF-8", "utf8", [0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0], "é\ud83d\ude00\0"],
    ["byte order mark", "utf-8", [0xef, 0xbb, 0xbf, 0x61], "a"],
    ["bad bytes", "utf-8", [0x61, 0xff, 0x62], "a\ufffdb"],
    ["cut off", "utf-8", [0xe2, 0x82], "\ufffd"],
    ["maximal parts", "utf-8", [0xf0, 0x9f, 0x98, 0x41, 0xe0, 0x80, 0x80, 0xed, 0xa0, 0x80, 0xc0, 0xaf], `\ufffdA${"\ufffd".repeat(8)}`],
    ["beyond Unicode", "utf-8", [0xf4, 0x90, 0x80, 0x80], "\ufffd".repeat(4)],
    ["UTF-16LE", "utf-16", [0x61, 0, 0x3d, 0xd8, 0, 0xde], "a\ud83d\ude00"],
    ["UTF-16BE", "utf-16be", [0, 0x61, 0xd8, 0x3d, 0xde, 0], "a\ud83d\ude00"],
    ["UTF-16, mark", "utf-16le", [0xff, 0xfe, 0x61, 0], "a"],
    ["UTF-16, lone", "utf-16le", [0, 0xd8, 0x61, 0], "\ufffda"],
    ["UTF-16, half", "utf-16le", [0x61], "\ufffd"],
    ["windows-1252", "latin1", [0x80, 0x81, 0xe9, 0x9f], "€\u0081éŸ"],
  ]) {
    t.equal(name, decode(label, input), wanted);
  }
  for (const [label, wanted] of [[" UTF-8 ", "utf-8"], ["ascii", "windows-1252"], ["ISO-8859-1", "windows-1252"], ["utf-16", "utf-16le"], ["unicodefffe", "utf-16be"]]) {
    t.equal(`label ${label}`, new TextDecoder(label).encoding, wanted);
  }
  t.throws("unknown label", () => new TextDecoder("bogus"), {
    name: "RangeError", message: "TextDecoder constructor: The given encoding 'bogus' is not supported.",
  });
  const failed = { name: "TypeError", message: "TextDecoder.decode: Decoding failed." };
  t.throws("fatal", () => decode("utf-8", [0xff], { fatal: true }), failed);
  t.throws("fatal UTF-16", () => decode("utf-16le", [0, 0xd8], { fatal: true }), failed);
  t.equal("ignoreBOM", decode("utf-8", [0xef, 0xbb, 0xbf, 0x61], { ignoreBOM: true }), "\ufeffa");
  const decoder = new TextDecoder();
  const parts = [[0xe2], [0x82], [0xac, 0xe2]].map(part => decoder.decode(bytes(...part), { stream: true }));
  t.equal("stream", [...parts, decoder.decode(), decoder.decode()], ["", "", "€", "\ufffd", ""]);
  const wide = new TextDecoder("utf-16le");
  t.equal("stream of pairs", [[0x3d], [0xd8, 0], [0xde]].map(part => wide.decode(bytes(...part), { stream: true })), ["", "", "\ud83d\ude00"]);
  t.equal("other views", [new TextDecoder().decode(bytes(97, 98).buffer), new TextDecoder().decode(new DataView(bytes(97, 98).buffer, 1)),
    new TextDecoder("utf-16le").decode(new Uint16Array([0x61, 0x62]))], ["ab", "b", "ab"]);
  t.throws("text", () => new TextDecoder().decode("x"), {
    name: "TypeError", message: "TextDecoder.decode: Argument 1 could not be converted to any of: ArrayBufferView, ArrayBuffer.",
  });
}

function checkBase64(t) {
  t.equal("btoa", ["", "f", "fo", "foo", "ÿ", 5].map(text => btoa(text)), ["", "Zg==", "Zm8=", "Zm9v", "/w==", "NQ=="]);
  t.equal("atob", ["", "Zg==", "Zg", "Zm9v", "/w=="].map(text => atob(text)), ["", "f", "f", "foo", "ÿ"]);
  const all = String.fromCharCode(...Array(256).keys());
  t.equal("all bytes", atob(btoa(all)) == all, true);
  for (const bad of ["a", "a===", "!!!!", " Zg=="]) {
    t.throws(`atob ${JSON.stringify(bad)}`, () => atob(bad), { name: "Error", message: "Failed to decode base64 string!" });
  }
  t.throws("btoa €", () => btoa("a€"), { name: "TypeError", message: message => message.includes("at index 1 has value 8364") });
}

function checkCrypto(t) {
  t.check(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), "randomUUID");
  const array = new Uint32Array(16);
  t.equal("getRandomValues", [crypto.getRandomValues(array) === array, new Set(array).size > 8], [true, true]);
  t.equal("view of a part", (() => {
    const whole = new Uint8Array(64);
    crypto.getRandomValues(whole.subarray(32));
    return [whole.subarray(0, 32).every(byte => byte == 0), whole.subarray(32).some(byte => byte != 0)];
  })(), [true, true]);
  t.throws("floats", () => crypto.getRandomValues(new Float32Array(1)), { name: "TypeMismatchError", code: 17 });
  t.throws("too many", () => crypto.getRandomValues(new Uint8Array(65537)), {
    name: "QuotaExceededError", message: "Crypto.getRandomValues: getRandomValues can only generate maximum 65536 bytes",
  });
  t.throws("array", () => crypto.getRandomValues([]), { name: "TypeError" });
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkEncoder(t);
  checkDecoder(t);
  checkBase64(t);
  checkCrypto(t);
  return t.exitCode;
}
