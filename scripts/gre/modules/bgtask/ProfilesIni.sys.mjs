// SPDX-License-Identifier: MPL-2.0
// profiles.ini and installs.ini of Firefox: which profiles there are, and which is the default of an installation.
//
//   [Profile0] Name, Path (IsRelative=1: below the directory of the file), and more that is kept as it is; then [Profile1] …
//   [Install<HASH>] Default: the Path of a profile, Locked; installs.ini has copies of these, as [<HASH>], for a Firefox that
//   an older one took them from: such a one leaves no Version in [General], and then they count.
//
// The directory is ~/.mozilla/firefox when there is one, else $XDG_CONFIG_HOME/mozilla/firefox, as in Firefox. Which
// installation is meant is said by the preference bgtaskd.app.installHash. Without it the section counts if there is only
// one, and if there is none, the profile that has Default=1.

import { normalizePath } from "resource://gre/modules/bgtask/FilePath.sys.mjs";
import { makeDirectories } from "resource://gre/modules/bgtask/FileTree.sys.mjs";
import { readIni, writeIni } from "resource://gre/modules/bgtask/IniFile.sys.mjs";

const { env, files, prefs } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const PROFILES_MAX = 1000;
const INSTALL = /^Install([0-9A-F]+)$/i;
const VERSION = "2";

function isDirectory(path) {
  const found = files.stat(path, true);
  return typeof found != "number" && (found[0] & S_IFMT) == S_IFDIR;
}

function xdgDirectory(variable, fallback) {
  const value = env.get(variable);
  return value?.startsWith("/") ? value : `${env.facts().home ?? ""}/${fallback}`;
}

/** Where profiles.ini is: UAppData. */
export function dataDirectory() {
  const legacy = `${env.facts().home ?? ""}/.mozilla/firefox`;
  return isDirectory(legacy) ? legacy : `${xdgDirectory("XDG_CONFIG_HOME", ".config")}/mozilla/firefox`;
}

/** Where the caches of profiles are. */
export function cacheDirectory() {
  return `${xdgDirectory("XDG_CACHE_HOME", ".cache")}/mozilla/firefox`;
}

/** Whether the file is as it was: [modified in ms, size, device, inode], null when there is none. */
function stampOf(path) {
  const found = files.stat(path, true);
  return typeof found == "number" ? null : [found[3], found[1], found[4], found[5]];
}

/** The sections of installations, by names that have "Install" before them. */
function readInstalls(path) {
  const { sections } = readIni(path);
  return [...sections].map(([hash, values]) => [`Install${hash}`, values]).filter(([name]) => INSTALL.test(name));
}

export class ProfilesIni {
  #base = dataDirectory();
  #sections;
  #error;
  #stamp;
  /** The only profile that there was: older versions of Firefox begin with it. */
  #only = null;
  /** { name, path: absolute, localPath: of its cache, values: the section's } in the order of their numbers. */
  entries = [];

  constructor() {
    this.#stamp = stampOf(this.#path);
    ({ sections: this.#sections, error: this.#error } = readIni(this.#path));
    if (!this.#sections.get("General")?.has("Version")) {
      for (const [name, values] of readInstalls(this.#installsPath)) {
        this.#sections.set(name, values);
      }
    }
    for (let number = 0; number < PROFILES_MAX; number++) {
      const values = this.#sections.get(`Profile${number}`);
      if (!values?.has("IsRelative")) {
        break;
      }
      this.#addEntry(`Profile${number}`, values);
    }
    this.#only = this.entries.length == 1 ? this.entries[0] : null;
  }

  get #path() {
    return `${this.#base}/profiles.ini`;
  }

  get #installsPath() {
    return `${this.#base}/installs.ini`;
  }

  #addEntry(section, values) {
    const given = values.get("Path") ?? "";
    const isRelative = values.get("IsRelative") == "1";
    if (given == "" || !values.has("Name") || isRelative == given.startsWith("/")) {
      return;
    }
    const path = isRelative ? normalizePath(`${this.#base}/${given}`) : given;
    this.#sections.delete(section);
    this.entries.push({ name: values.get("Name"), path, localPath: this.localPathOf(path), values });
  }

  /** Where the cache of a profile in @path is. */
  localPathOf(path) {
    const below = `${this.#base}/`;
    return path.startsWith(below) ? `${cacheDirectory()}/${path.slice(below.length)}` : path;
  }

  pathOfNew(leafName) {
    return `${this.#base}/${leafName}`;
  }

  /** A new one, last in the list. */
  add(name, path) {
    const entry = { name, path, localPath: this.localPathOf(path), values: new Map() };
    this.entries.push(entry);
    return entry;
  }

  /** The name of the installation's section, there or not; null: there are several, and none is meant. */
  #installName(forWriting) {
    const installs = [...this.#sections.keys()].filter(name => INSTALL.test(name));
    const hash = prefs.get("bgtaskd.app.installHash", false);
    const wanted = typeof hash == "string" && hash != "" ? `Install${hash.toUpperCase()}` : null;
    if (wanted) {
      return installs.find(name => name.toUpperCase() == wanted.toUpperCase()) ?? wanted;
    }
    if (installs.length == 1) {
      return installs[0];
    }
    return forWriting ? `Install${env.facts().installHash}` : null;
  }

  /** The entry that is the default, or null. */
  get defaultEntry() {
    const name = this.#installName(false);
    if (name !== null) {
      const path = this.#sections.get(name)?.get("Default") ?? "";
      const absolute = path.startsWith("/") ? path : normalizePath(`${this.#base}/${path}`);
      return (path != "" && this.entries.find(entry => entry.path == absolute)) || null;
    }
    const hasInstall = [...this.#sections.keys()].some(section => INSTALL.test(section));
    return (!hasInstall && this.entries.find(({ values }) => values.get("Default") == "1")) || null;
  }

  set defaultEntry(entry) {
    const name = this.#installName(true);
    const values = this.#sections.get(name) ?? new Map();
    values.set("Default", entry ? this.#pathValues(entry.path).Path : "").set("Locked", "1");
    this.#sections.set(name, values);
  }

  get startWithLastProfile() {
    return this.#sections.get("General")?.get("StartWithLastProfile") != "0";
  }

  set startWithLastProfile(value) {
    this.#general().set("StartWithLastProfile", value ? "1" : "0");
  }

  #general() {
    const general = this.#sections.get("General") ?? new Map([["StartWithLastProfile", "1"]]);
    this.#sections.set("General", general);
    return general;
  }

  #pathValues(path) {
    const below = `${this.#base}/`;
    return path.startsWith(below)
      ? { IsRelative: "1", Path: path.slice(below.length) }
      : { IsRelative: "0", Path: path };
  }

  /** Whether somebody else has changed profiles.ini since it was read or written here. */
  get isOutdated() {
    return String(stampOf(this.#path)) != String(this.#stamp);
  }

  /** All sections as they are to be written: the profiles are numbered anew, what is not known here stays. */
  #merged() {
    const merged = new Map();
    this.#only?.values.set("Default", "1");
    this.entries.forEach(({ name, path, values }, number) => {
      for (const [key, value] of Object.entries({ Name: name ?? "", ...this.#pathValues(path) })) {
        values.set(key, value);
      }
      merged.set(`Profile${number}`, values);
    });
    this.#general().set("Version", VERSION);
    for (const [name, values] of this.#sections) {
      if (!merged.has(name)) {
        merged.set(name, values);
      }
    }
    return merged;
  }

  /** Write both files; 0 or a negative errno. The caller has looked at isOutdated. */
  write() {
    if (this.#error < 0) {
      return this.#error;
    }
    const sections = this.#merged();
    const installs = [...sections].filter(([name]) => INSTALL.test(name));
    const made = makeDirectories(this.#base, 0o700);
    let result = made < 0 ? made : writeIni(this.#path, sections);
    if (result == 0) {
      this.#stamp = stampOf(this.#path);
      const copies = new Map(installs.map(([name, values]) => [INSTALL.exec(name)[1], values]));
      result = copies.size ? writeIni(this.#installsPath, copies) : 0;
    }
    return result;
  }
}
