// SPDX-License-Identifier: MPL-2.0
// nsIURI and Services.io over the URL parser, and how paths become file: URIs.

import { NET_UTIL_CONSTANTS } from "resource://gre/modules/bgtask/Constants.sys.mjs";
import { File, normalizePath } from "resource://gre/modules/bgtask/File.sys.mjs";
import { checkNative, defineXpcomClass, fail, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";
import { toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

/** Characters of a path that are percent-encoded in a file: URI. */
const PATH_ESCAPED = /[^A-Za-z0-9\-_.!~*'()/:@&=+$,|[\]]/gu;

function encodePathCharacter(character) {
  // Gecko writes this one in lower case.
  return character == ";" ? "%3b" : encodeURIComponent(character);
}

/** The file: URI of an absolute path. */
export function pathToFileURI(path) {
  return `file://${toUSVString(path).replace(PATH_ESCAPED, encodePathCharacter)}`;
}

function parse(spec, base, where) {
  try {
    return base === undefined ? new URL(spec) : new URL(spec, base);
  } catch {
    return fail("NS_ERROR_MALFORMED_URI", where);
  }
}

class Uri {
  #url;

  constructor(url) {
    this.#url = url;
  }

  get spec() {
    return this.#url.href;
  }

  get prePath() {
    const { protocol, host } = this.#url;
    return this.#hasAuthority ? `${protocol}//${this.hasUserPass ? `${this.userPass}@` : ""}${host}` : protocol;
  }

  get #hasAuthority() {
    return this.#url.href.startsWith(`${this.#url.protocol}//`);
  }

  get scheme() {
    return this.#url.protocol.slice(0, -1);
  }

  get userPass() {
    const { username, password } = this.#url;
    return password ? `${username}:${password}` : username;
  }

  get username() {
    return this.#url.username;
  }

  get password() {
    return this.#url.password;
  }

  get hostPort() {
    return this.#url.host;
  }

  get host() {
    if (!this.#url.host && !/^[^:]+:\/\//.test(this.#url.href)) {
      fail("NS_ERROR_FAILURE", "nsIURI.host");
    }
    return this.#url.hostname.replace(/^\[|\]$/g, "");
  }

  /** -1: the scheme's own. */
  get port() {
    return this.#url.port == "" ? -1 : Number(this.#url.port);
  }

  get pathQueryRef() {
    const { pathname, search, hash } = this.#url;
    return pathname + search + hash;
  }

  get asciiHost() {
    return this.host;
  }

  get asciiSpec() {
    return this.spec;
  }

  get asciiHostPort() {
    return this.hostPort;
  }

  get displaySpec() {
    return this.spec;
  }

  get displayHost() {
    return this.host;
  }

  get displayHostPort() {
    return this.hostPort;
  }

  get displayPrePath() {
    return this.prePath;
  }

  get ref() {
    return this.#url.hash.slice(1);
  }

  get filePath() {
    return this.#url.pathname;
  }

  get query() {
    return this.#url.search.slice(1);
  }

  get hasRef() {
    return this.#url.href.includes("#");
  }

  get hasQuery() {
    return this.specIgnoringRef.includes("?");
  }

  get hasUserPass() {
    return this.userPass != "";
  }

  get specIgnoringRef() {
    return this.#url.href.replace(/#.*$/s, "");
  }

  /** nsIFileURL: the file that a file: URI is. */
  get file() {
    if (this.scheme != "file") {
      fail("NS_NOINTERFACE", "nsIFileURL.file");
    }
    return new File(decodeURIComponent(this.#url.pathname));
  }

  /** nsIURL: the parts of the path. */
  get directory() {
    return this.filePath.slice(0, this.filePath.lastIndexOf("/") + 1);
  }

  get fileName() {
    return this.filePath.slice(this.filePath.lastIndexOf("/") + 1);
  }

  get fileBaseName() {
    const { fileName } = this;
    const dot = fileName.lastIndexOf(".");
    return dot > 0 ? fileName.slice(0, dot) : fileName;
  }

  get fileExtension() {
    const { fileName } = this;
    const dot = fileName.lastIndexOf(".");
    return dot > 0 ? fileName.slice(dot + 1) : "";
  }

  equals(other) {
    return isObject(other) && other.spec === this.spec;
  }

  equalsExceptRef(other) {
    return isObject(other) && other.specIgnoringRef === this.specIgnoringRef;
  }

  schemeIs(scheme) {
    return String(scheme).toLowerCase() == this.scheme;
  }

  resolve(relative) {
    return parse(String(relative), this.#url.href, "nsIURI.resolve").href;
  }

  mutate() {
    return new UriMutator(this.#url.href);
  }
}

/** Setters of nsIURIMutator as properties of URL. */
const SETTERS = {
  setUsername: "username", setPassword: "password", setHost: "hostname", setHostPort: "host", setFilePath: "pathname",
  setQuery: "search", setRef: "hash", setScheme: "protocol",
};

/** nsIURIMutator: changes, then finalize(). A change of a part that cannot be makes finalize() fail. */
class UriMutator {
  #url;
  #failed = false;

  constructor(spec) {
    this.#url = new URL(spec);
  }

  #change(property, value) {
    try {
      this.#url[property] = value;
    } catch {
      this.#failed = true;
    }
    return this;
  }

  setPort(port) {
    return this.#change("port", port < 0 ? "" : String(port));
  }

  setSpec(spec) {
    this.#url = parse(String(spec), undefined, "nsIURIMutator.setSpec");
    this.#failed = false;
    return this;
  }

  setPathQueryRef(path) {
    const target = parse(String(path), this.#url.href, "nsIURISetters.setPathQueryRef");
    return this.#change("pathname", target.pathname).#change("search", target.search).#change("hash", target.hash);
  }

  finalize() {
    if (this.#failed) {
      fail("NS_ERROR_MALFORMED_URI", "nsIURIMutator.finalize");
    }
    return makeUri(new URL(this.#url.href));
  }

  static {
    for (const [method, property] of Object.entries(SETTERS)) {
      this.prototype[method] = {
        [method](value) {
          return this.#change(property, value === null || value === undefined ? "" : String(value));
        },
      }[method];
    }
  }
}
defineXpcomClass(UriMutator, ["nsIURIMutator"]);

const METHODS = { nsIURI: { equals: 1, equalsExceptRef: 1, schemeIs: 1, resolve: 1, mutate: 0 } };
defineXpcomClass(Uri, ["nsIURI"], METHODS);

class Url extends Uri {}
defineXpcomClass(Url, ["nsIURI", "nsIURL"]);

class FileUrl extends Uri {}
defineXpcomClass(FileUrl, ["nsIURI", "nsIURL", "nsIFileURL"]);
for (const cls of [Url, FileUrl]) {
  cls.prototype.toString = () => "[xpconnect wrapped nsIURI]";
}

const HIERARCHICAL = ["http", "https", "ftp", "ws", "wss", "resource", "chrome", "moz-src"];

function makeUri(url) {
  const scheme = url.protocol.slice(0, -1);
  if (scheme == "file") {
    return new FileUrl(url);
  }
  return HIERARCHICAL.includes(scheme) ? new Url(url) : new Uri(url);
}

/** nsICommandLine.resolveURI(). */
export function resolveArgument(argument, workingDirectory) {
  const where = "nsICommandLine.resolveURI";
  if (argument.startsWith("/")) {
    return makeUri(parse(pathToFileURI(normalizePath(argument)), undefined, where));
  }
  const base = argument == "" ? "file:///" : `${pathToFileURI(workingDirectory)}/`;
  return makeUri(parse(argument, base, where));
}

function netUtil() {
  return runtime.load("resource://gre/modules/bgtask/NetUtil.sys.mjs");
}

class IOService {
  #offline = false;

  newURI(spec, charset, base) {
    const url = parse(String(spec), base ? base.spec : undefined, "nsIIOService.newURI");
    return makeUri(url);
  }

  newFileURI(file) {
    checkNative(file, "nsIFile", "nsIIOService.newFileURI");
    const slash = file.path != "/" && file.exists() && file.isDirectory() ? "/" : "";
    return makeUri(new URL(pathToFileURI(file.path) + slash));
  }

  extractScheme(spec) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(String(spec));
    return scheme ? scheme[1].toLowerCase() : fail("NS_ERROR_MALFORMED_URI", "nsIIOService.extractScheme");
  }

  /** nsIProtocolHandler of @scheme; those of resource: and file: can do more. */
  getProtocolHandler(scheme) {
    return runtime.load("resource://gre/modules/bgtask/Protocols.sys.mjs").protocolHandler(String(scheme));
  }

  getDefaultPort(scheme) {
    return this.getProtocolHandler(scheme).defaultPort;
  }

  getProtocolFlags(scheme) {
    return this.getProtocolHandler(scheme).protocolFlags;
  }

  allowPort(port, scheme) {
    return runtime.load("resource://gre/modules/bgtask/Protocols.sys.mjs").allowPort(Number(port), String(scheme));
  }

  /** A copy without user name and password. */
  createExposableURI(uri) {
    checkNative(uri, "nsIURI", "nsIIOService.createExposableURI");
    return uri.hasUserPass ? uri.mutate().setUsername("").setPassword("").finalize() : uri;
  }

  isValidHostname(name) {
    return !/[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(String(name));
  }

  get offline() {
    return this.#offline;
  }

  /** Remembered, and of no effect: fetch() asks the network. */
  set offline(value) {
    this.#offline = Boolean(value);
  }

  get connectivity() {
    return true;
  }

  get manageOfflineStatus() {
    return true;
  }

  /** nsINetUtil; see NetUtil.sys.mjs. @type: 0, or ESCAPE_XALPHAS, ESCAPE_XPALPHAS, ESCAPE_URL_PATH. */
  escapeString(text, type) {
    return netUtil().escapeString(text, Number(type));
  }

  unescapeString(text, flags) {
    return netUtil().unescapeString(text);
  }

  escapeURL(text, flags) {
    return netUtil().escapeURL(text, Number(flags));
  }

  parseRequestContentType(field, charset, hadCharset) {
    return netUtil().parseContentType(field, charset, hadCharset);
  }

  parseResponseContentType(field, charset, hadCharset) {
    return netUtil().parseContentType(field, charset, hadCharset);
  }

  protocolHasFlags(uri, flags) {
    checkNative(uri, "nsIURI", "nsINetUtil.protocolHasFlags");
    return netUtil().protocolHasFlags(uri, Number(flags));
  }

  /** No URI here has another one within. */
  URIChainHasFlags(uri, flags) {
    checkNative(uri, "nsIURI", "nsINetUtil.URIChainHasFlags");
    return netUtil().protocolHasFlags(uri, Number(flags));
  }
}
defineXpcomClass(IOService, ["nsIIOService", "nsINetUtil"], {
  nsINetUtil: {
    escapeString: 2, unescapeString: 2, escapeURL: 2, parseRequestContentType: 3, parseResponseContentType: 3,
    protocolHasFlags: 2, URIChainHasFlags: 2,
  },
  nsIIOService: {
    newURI: [1, 3], newFileURI: 1, extractScheme: 1, getProtocolHandler: 1, getDefaultPort: 1, getProtocolFlags: 1,
    allowPort: 2, createExposableURI: 1, isValidHostname: 1,
  },
});

IOService.prototype.toString = () => "[xpconnect wrapped nsIIOService]";
for (const [name, value] of Object.entries(NET_UTIL_CONSTANTS)) {
  Object.defineProperty(IOService.prototype, name, { value, enumerable: true });
}

export const io = new IOService();
