// SPDX-License-Identifier: MPL-2.0
// Services.dirsvc: nsIProperties of well-known directories. Each get() makes a new nsIFile.

import { File } from "resource://gre/modules/bgtask/File.sys.mjs";
import { defineXpcomClass, fail, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, runtime } = import.meta.native;

function profiles() {
  return runtime.load("resource://gre/modules/bgtask/ProfilesIni.sys.mjs");
}

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
  DefRt: facts => `${facts.appDirectory ?? facts.greDirectory}/defaults`,
  PrfDef: facts => `${facts.greDirectory}/defaults/pref`,
  UChrm: facts => facts.profile && `${facts.profile}/chrome`,
  PrefDOverride: facts => facts.profile && `${facts.profile}/preferences`,
  XREAppDist: facts => `${facts.appDirectory ?? facts.greDirectory}/distribution`,
  // Firefox's own: see ProfilesIni.sys.mjs.
  UAppData: () => profiles().dataDirectory(),
  DefProfRt: () => profiles().dataDirectory(),
  DefProfLRt: () => profiles().cacheDirectory(),
  AppRegD: () => profiles().dataDirectory(),
  AppRegF: () => `${profiles().dataDirectory()}/appreg`,
};

class DirectoryService {
  #own = new Map();
  /** nsIDirectoryServiceProvider; the one that was registered last is asked first. */
  #providers = [];

  #path(name) {
    return this.#own.get(name) ?? this.#ask(name) ?? (Object.hasOwn(DIRECTORIES, name) ? DIRECTORIES[name](env.facts()) : null);
  }

  /** What a provider says; one that says so is asked once. Null: none knows @name. */
  #ask(name) {
    for (const provider of [...this.#providers].reverse()) {
      const persistent = { value: false };
      let file;
      try {
        file = provider.getFile(name, persistent);
      } catch {
        continue; // it does not know that name
      }
      if (isObject(file) && typeof file.path == "string") {
        if (persistent.value) {
          this.#own.set(name, file.path);
        }
        return file.path;
      }
    }
    return null;
  }

  registerProvider(provider) {
    if (!isObject(provider)) {
      fail("NS_ERROR_FAILURE", "nsIDirectoryService.registerProvider");
    }
    this.#providers.push(provider);
  }

  unregisterProvider(provider) {
    this.#providers = this.#providers.filter(other => other !== provider);
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

  /** Give @name another file, for this run; what was given to it before must be undefined first. */
  set(name, file) {
    if (file === null || file === undefined || this.#own.has(String(name))) {
      fail("NS_ERROR_FAILURE", "nsIProperties.set");
    }
    if (!isObject(file) || typeof file.path != "string") {
      failConversion("nsIProperties.set", 1);
    }
    this.#own.set(String(name), file.path);
  }

  /** Forget what set() gave. */
  undefine(name) {
    if (!this.#own.delete(String(name)) && !this.has(name)) {
      fail("NS_ERROR_FAILURE", "nsIProperties.undefine");
    }
  }

  getKeys() {
    return [...new Set([...Object.keys(DIRECTORIES), ...this.#own.keys()])].filter(name => this.has(name));
  }
}
defineXpcomClass(DirectoryService, ["nsIDirectoryService", "nsIProperties"], {
  nsIDirectoryService: { registerProvider: 1, unregisterProvider: 1 },
  nsIProperties: { get: 2, has: 1, set: 2, undefine: 1, getKeys: 0 },
});

export const dirsvc = new DirectoryService();
