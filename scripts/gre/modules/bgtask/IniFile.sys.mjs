// SPDX-License-Identifier: MPL-2.0
// Files of sections with keys, as profiles.ini and installs.ini are. Reading only.

const { files } = import.meta.native;

const FILE_MAX_BYTES = 1024 * 1024;

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

/** The same of the file at @path; one that cannot be read, or is larger than 1 MiB, has none. */
export function readIni(path) {
  const content = files.read(path, 0, FILE_MAX_BYTES + 1);
  if (typeof content == "number" || content.length > FILE_MAX_BYTES) {
    return new Map();
  }
  return parseIni(new TextDecoder().decode(content));
}
