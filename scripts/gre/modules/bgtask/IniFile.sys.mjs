// SPDX-License-Identifier: MPL-2.0
// Files of sections with keys, as profiles.ini and installs.ini are: read, and replaced as a whole. Comments are lost when
// one is written, as they are in Firefox.

const { env, files } = import.meta.native;

const FILE_MAX_BYTES = 1024 * 1024;
const ENOENT = 2;
const EFBIG = 27;
const EILSEQ = 84;

/** How write() opens the file, and what its results mean; see runner/files.h. */
const TRUNCATE = 1;
const CREATE = 4;
const FLUSH = 16;
const WRITE_FAILED = -10000;
const NEW_FILE_MODE = 0o666;

/** Sections by name, each a Map of values by key: of @text. Lines that are neither are passed over. */
export function parseIni(text) {
  const sections = new Map();
  let section = null;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name] = /^\s*\[([^\]]*)\]/.exec(line) ?? [];
    const [, key, value] = /^\s*([^=;#\s][^=]*?)\s*=(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (key !== undefined && section) {
      section.set(key, value.trim());
    }
  }
  return sections;
}

/**
 * The file at @path: { sections, error }. One that cannot be read, is larger than 1 MiB or is no text has a negative errno
 * as its error: who writes it would lose what is in it. One that is not there has neither sections nor an error.
 */
export function readIni(path) {
  const content = files.read(path, 0, FILE_MAX_BYTES + 1);
  if (typeof content == "number") {
    return { sections: new Map(), error: content == -ENOENT ? 0 : content };
  }
  if (content.length > FILE_MAX_BYTES) {
    return { sections: new Map(), error: -EFBIG };
  }
  const text = new TextDecoder().decode(content);
  return { sections: parseIni(text), error: text.includes("\ufffd") ? -EILSEQ : 0 };
}

/** The text of @sections, as parseIni() gives them. Names and values must be without line breaks. */
function formatIni(sections) {
  const lines = values => [...values].map(([key, value]) => `${key}=${value}\n`).join("");
  return [...sections].map(([name, values]) => `[${name}]\n${lines(values)}\n`).join("");
}

/** Put @sections in place of the file at @path, whole or not at all; 0 or a negative errno. Links are followed. */
export function writeIni(path, sections) {
  const found = files.realpath(path);
  const target = typeof found == "string" ? found : path;
  const status = files.stat(target, true);
  const mode = typeof status == "number" ? NEW_FILE_MODE : status[0] & 0o777;
  const temporary = `${target}.${env.facts().processId}.new`;
  const written = files.write(temporary, formatIni(sections), TRUNCATE | CREATE | FLUSH, mode);
  const error = written <= WRITE_FAILED ? written - WRITE_FAILED : Math.min(written, 0);
  const result = error < 0 ? error : files.rename(temporary, target);
  if (result < 0) {
    files.unlink(temporary);
  }
  return result;
}
