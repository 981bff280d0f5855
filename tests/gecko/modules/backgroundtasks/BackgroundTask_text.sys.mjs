// SPDX-License-Identifier: MPL-2.0
// TextEncoder and TextDecoder.

export const backgroundTaskMinRuntimeMS = 1;

function line(what, action) {
  let text;
  try {
    text = JSON.stringify(action());
  } catch (error) {
    text = `${error.name}: ${error.message}`;
  }
  dump(`${what}: ${text}\n`);
}

const codes = text => Array.from(text, character => character.codePointAt(0).toString(16)).join(" ");

const BYTES = [
  [], [0x61], [0xc3, 0xa9], [0xc3], [0xe2, 0x82, 0xac], [0xe2, 0x82], [0xe2, 0x28], [0xf0, 0x9f, 0x98, 0x80],
  [0xf0, 0x9f, 0x98], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf, 0x61],
  [0xef, 0xbb], [0x80, 0x81], [0x61, 0xf0, 0x62], [0xf8, 0x88, 0x80, 0x80, 0x80],
];

export async function runBackgroundTask() {
  for (const text of ["", "a", "é", "€", "😀", "\ud800", "\udc00x", "a\ud83d", undefined, 5, null]) {
    line(`encode ${text === undefined ? text : codes(String(text))}`, () => Array.from(new TextEncoder().encode(text)));
  }
  line("encode()", () => new TextEncoder().encode().length);
  line("encodeInto", () => {
    const buffer = new Uint8Array(5);
    return [new TextEncoder().encodeInto("aé€", buffer), Array.from(buffer)];
  });
  line("encoding", () => [new TextEncoder().encoding, new TextDecoder().encoding, new TextDecoder("UTF8").encoding]);
  for (const bytes of BYTES) {
    line(`decode ${bytes}`, () => codes(new TextDecoder().decode(new Uint8Array(bytes))));
    line(`fatal ${bytes}`, () => codes(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes))));
    line(`keep BOM ${bytes}`, () => codes(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes))));
  }
  line("stream", () => {
    const decoder = new TextDecoder();
    return [[0xe2], [0x82], [0xac, 0xf0], []].map((bytes, i) => codes(decoder.decode(new Uint8Array(bytes), { stream: i < 3 })));
  });
  line("ArrayBuffer", () => new TextDecoder().decode(new Uint8Array([0x61, 0x62]).buffer));
  line("view", () => new TextDecoder().decode(new Uint8Array([0x61, 0x62, 0x63]).subarray(1, 2)));
  line("nothing", () => new TextDecoder().decode());
  line("not bytes", () => new TextDecoder().decode("text"));
  line("unknown", () => new TextDecoder("no-such-encoding"));
}
