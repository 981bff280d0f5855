// SPDX-License-Identifier: MPL-2.0
// Services.dirsvc: nsIProperties of well-known directories. Each get() makes a new nsIFile.

import { File } from "resource://gre/modules/bgtask/File.sys.mjs";
import { defineXpcomClass, fail, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env } = import.meta.native;

/** Names as paths; null when there is none now (no profile, no home). */
const DIRECTORIES = {
  ProfD: facts => facts.profile,
  ProfDS: facts => facts.profile,
  ProfLD: facts => facts.profile,
  ProfLDS: facts => facts.profile,
  PrefD: facts => facts.profile,
  TmpD: facts => facts.temporaryDirectory,
  Home: facts => facts.home,
  CurWorkD: facts => facts.workingDirectory,
  CurProcD: facts => facts.appDirectory ?? facts.greDirectory,
  XCurProcD: facts => facts.appDirectory ?? facts.greDirectory,
  GreD: facts => facts.greDirectory,
  GreBinD: facts => facts.programDirectory,
  XREExeF: facts => facts.program,
  UpdRootD: facts => facts.appDirectory ?? facts.greDirectory,
};

class DirectoryService {
  #own = new Map();

  #path(name) {
    const own = this.#own.get(name);
    return own ?? (Object.hasOwn(DIRECTORIES, name) ? DIRECTORIES[name](env.facts()) : null);
  }

  get(name, iface) {
    const path = this.#path(String(name));
    if (path === null) {
      fail("NS_ERROR_FAILURE", "nsIProperties.get");
    }
    const file = new File(path);
    return iface instanceof Object && !(file instanceof iface) ? fail("NS_NOINTERFACE", "nsIProperties.get") : file;
  }

  has(name) {
    return this.#path(String(name)) !== null;
  }

  /** Give @name another file, for this run. */
  set(name, file) {
    if (!isObject(file) || typeof file.path != "string") {
      failConversion("nsIProperties.set", 1);
    }
    this.#own.set(String(name), file.path);
  }

  /** Forget what set() gave. */
  undefine(name) {
    if (!this.#own.delete(String(name))) {
      fail("NS_ERROR_FAILURE", "nsIProperties.undefine");
    }
  }

  getKeys() {
    return [...new Set([...Object.keys(DIRECTORIES), ...this.#own.keys()])].filter(name => this.has(name));
  }
}
defineXpcomClass(DirectoryService, ["nsIProperties", "nsIDirectoryService"], {
  nsIProperties: { get: 2, has: 1, set: 2, undefine: 1, getKeys: 0 },
});

export const dirsvc = new DirectoryService();
