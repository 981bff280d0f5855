// SPDX-License-Identifier: MPL-2.0
// nsIProtocolHandler: what schemes of URIs are, the files of file: URIs, and what resource: URIs stand for.

import { pathToFileURI } from "resource://gre/modules/bgtask/Uri.sys.mjs";
import {
  checkNative,
  defineConstants,
  defineXpcomClass,
  fail,
  textOf,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, nsfile } = import.meta.native;

const PORTS = { http: 80, ws: 80, https: 443, wss: 443, ftp: 21 };

/** Ports of other services, which no request should be sent to. */
const PORTS_BANNED = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
  113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554,
  556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666,
  6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Names of URI_* that are true of a scheme. */
const FLAGS = {
  http: ["URI_STD", "ALLOWS_PROXY", "ALLOWS_PROXY_HTTP", "URI_LOADABLE_BY_ANYONE", "URI_HAS_WEB_EXPOSED_ORIGIN"],
  file: ["URI_NORELATIVE", "URI_NOAUTH", "URI_IS_LOCAL_FILE", "URI_IS_LOCAL_RESOURCE"],
  resource: ["URI_STD", "URI_IS_UI_RESOURCE", "URI_IS_LOCAL_RESOURCE", "URI_IS_POTENTIALLY_TRUSTWORTHY"],
};
FLAGS.https = [...FLAGS.http, "URI_IS_POTENTIALLY_TRUSTWORTHY"];

class ProtocolHandler {
  #scheme;

  constructor(scheme) {
    this.#scheme = scheme;
  }

  get scheme() {
    return this.#scheme;
  }

  /** -1: it has none. */
  get defaultPort() {
    return PORTS[this.#scheme] ?? -1;
  }

  get protocolFlags() {
    return (FLAGS[this.#scheme] ?? []).reduce((flags, name) => flags | Ci.nsIProtocolHandler[name], 0);
  }

  allowPort(port, scheme) {
    return false;
  }
}
defineXpcomClass(ProtocolHandler, ["nsIProtocolHandler"], { nsIProtocolHandler: { allowPort: 2 } });
defineConstants(ProtocolHandler, "nsIProtocolHandler");

class FileProtocolHandler extends ProtocolHandler {
  newFileURI(file) {
    return Services.io.newFileURI(file);
  }

  getURLSpecFromActualFile(file) {
    checkNative(file, "nsIFile", "nsIFileProtocolHandler.getURLSpecFromActualFile");
    return pathToFileURI(file.path);
  }

  getURLSpecFromDir(file) {
    checkNative(file, "nsIFile", "nsIFileProtocolHandler.getURLSpecFromDir");
    return `${pathToFileURI(file.path).replace(/\/$/, "")}/`;
  }

  getFileFromURLSpec(spec) {
    const uri = Services.io.newURI(spec);
    if (!uri.schemeIs("file")) {
      fail("NS_ERROR_MALFORMED_URI", "nsIFileProtocolHandler.getFileFromURLSpec");
    }
    return uri.file;
  }
}
defineXpcomClass(FileProtocolHandler, ["nsIProtocolHandler", "nsIFileProtocolHandler"], {
  nsIFileProtocolHandler: { newFileURI: 1, getURLSpecFromActualFile: 1, getURLSpecFromDir: 1, getFileFromURLSpec: 1 },
});

const RESOURCE = "nsIResProtocolHandler";

/** The names that the platform gives, as paths. They cannot be changed: the library itself is loaded by them. */
const FIXED = {
  "": facts => facts.appDirectory,
  app: facts => facts.appDirectory,
  gre: facts => facts.greDirectory,
};

class ResourceProtocolHandler extends ProtocolHandler {
  /** URIs by name. */
  #substitutions = new Map();

  constructor() {
    super("resource");
    const testing = env.get("XPCSHELL_TESTING_MODULES_URI");
    if (testing) {
      this.#substitutions.set("testing-common", Services.io.newURI(testing));
    }
  }

  #find(name) {
    const key = name.toLowerCase();
    if (Object.hasOwn(FIXED, key)) {
      const directory = FIXED[key](env.facts());
      return directory ? Services.io.newURI(`${pathToFileURI(directory).replace(/\/$/, "")}/`) : null;
    }
    return this.#substitutions.get(key) ?? null;
  }

  /** resource://NAME/ stands for @uri; null: for nothing. Modules can be imported from where a file: URI leads. */
  setSubstitution(name, uri) {
    const key = textOf(name).toLowerCase();
    const where = `${RESOURCE}.setSubstitution`;
    if (uri !== null && uri !== undefined) {
      checkNative(uri, "nsIURI", where, 1);
    }
    const path = uri?.schemeIs("file") ? uri.file.path : "";
    const result = nsfile.substitute(key, path);
    if (result < 0) {
      fail(result == -22 ? "NS_ERROR_MALFORMED_URI" : "NS_ERROR_NOT_AVAILABLE", where);
    }
    if (uri) {
      const { spec } = uri;
      this.#substitutions.set(key, spec.endsWith("/") ? uri : Services.io.newURI(`${spec}/`));
    } else {
      this.#substitutions.delete(key);
    }
  }

  /** @flags are about pages, which there are none of. */
  setSubstitutionWithFlags(name, uri, flags) {
    this.setSubstitution(name, uri);
  }

  getSubstitution(name) {
    return this.#find(textOf(name)) ?? fail("NS_ERROR_NOT_AVAILABLE", `${RESOURCE}.getSubstitution`);
  }

  hasSubstitution(name) {
    return this.#find(textOf(name)) !== null;
  }

  /** What the resource: URI @uri stands for, as text. */
  resolveURI(uri) {
    const where = `${RESOURCE}.resolveURI`;
    checkNative(uri, "nsIURI", where);
    const base = uri.schemeIs("resource") ? this.#find(uri.host) : null;
    if (!base) {
      fail("NS_ERROR_NOT_AVAILABLE", where);
    }
    return base.resolve(uri.pathQueryRef.replace(/^\/+/, ""));
  }
}
defineXpcomClass(ResourceProtocolHandler, ["nsIProtocolHandler", RESOURCE, "nsISubstitutingProtocolHandler"], {
  [RESOURCE]: {
    setSubstitution: 2, setSubstitutionWithFlags: 3, getSubstitution: 1, hasSubstitution: 1, resolveURI: 1,
  },
});
ResourceProtocolHandler.prototype.toString = () => `[xpconnect wrapped (nsIProtocolHandler, ${RESOURCE})]`;
defineConstants(ResourceProtocolHandler, RESOURCE);

const KNOWN = ["http", "https", "ftp", "ws", "wss", "data", "about", "chrome", "moz-src", "blob", "javascript"];
const handlers = new Map();

/** The handler of @scheme; one that is not known has that of "default", as in Gecko. */
export function protocolHandler(scheme) {
  const name = scheme.toLowerCase();
  if (!handlers.has(name)) {
    const make = {
      file: () => new FileProtocolHandler("file"),
      resource: () => new ResourceProtocolHandler(),
    }[name];
    handlers.set(name, make ? make() : new ProtocolHandler(KNOWN.includes(name) ? name : "default"));
  }
  return handlers.get(name);
}

export const resourceHandler = protocolHandler("resource");
export const fileHandler = protocolHandler("file");

/** Whether requests may go to @port; ftp may use its own. */
export function allowPort(port, scheme) {
  return port >= -1 && port <= 65535 && (!PORTS_BANNED.has(port) || (scheme == "ftp" && (port == 21 || port == 22)));
}
