// What Firefox decodes each byte and each sequence of bytes as, for tests/gecko/encodings.py.
const SINGLE = ("ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 " +
  "iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 " +
  "windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic").split(" ");
const hex = text => [...text].map(character => character.codePointAt(0).toString(16)).join("+");

/** One character, as a number in hex; "-": @bytes are none. */
function decode(decoder, bytes) {
  try {
    const text = decoder.decode(new Uint8Array(bytes));
    return [...text].length == 1 ? hex(text) : "-";
  } catch {
    return "-";
  }
}

function pairs(kind, name, leads, trails, prefix = []) {
  const decoder = new TextDecoder(name, { fatal: true });
  for (const lead of leads) {
    dump(`${kind} ${trails.map(trail => decode(decoder, [...prefix, lead, trail])).join(" ")}\n`);
  }
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

export function runBackgroundTask() {
  for (const name of SINGLE) {
    const decoder = new TextDecoder(name, { fatal: true });
    dump(`single:${name} ${range(0x80, 0xff).map(byte => decode(decoder, [byte])).join(" ")}\n`);
  }
  pairs("big5", "big5", range(0x81, 0xfe), [...range(0x40, 0x7e), ...range(0xa1, 0xfe)]);
  pairs("euc-kr", "euc-kr", range(0x81, 0xfe), range(0x41, 0xfe));
  pairs("gb18030", "gb18030", range(0x81, 0xfe), [...range(0x40, 0x7e), ...range(0x80, 0xfe)]);
  pairs("jis0208", "shift_jis", [...range(0x81, 0x9f), ...range(0xe0, 0xfc)], [...range(0x40, 0x7e), ...range(0x80, 0xfc)]);
  pairs("jis0212", "euc-jp", range(0xa1, 0xfe), range(0xa1, 0xfe), [0x8f]);
  const decoder = new TextDecoder("gb18030", { fatal: true });
  const all = range(0, 39419).map(pointer =>
    decode(decoder, [0x81 + Math.floor(pointer / 12600), 0x30 + (Math.floor(pointer / 1260) % 10),
                     0x81 + (Math.floor(pointer / 10) % 126), 0x30 + (pointer % 10)])
  );
  dump(`ranges ${all.join(" ")}\n`);
  return 0;
}
