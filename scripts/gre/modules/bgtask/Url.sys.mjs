// SPDX-License-Identifier: MPL-2.0
// The URL class of the URL standard. Parsing is in UrlParser, hosts are in UrlHost.

import { USERINFO_SET, percentEncode } from "resource://gre/modules/bgtask/UrlEncoding.sys.mjs";
import { overrideUrl, parseUrl } from "resource://gre/modules/bgtask/UrlParser.sys.mjs";
import { URLSearchParams, searchParamsInternals } from "resource://gre/modules/bgtask/UrlSearchParams.sys.mjs";
import { defineInterface, requireArguments, toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

const WITH_TUPLE_ORIGIN = ["ftp", "http", "https", "ws", "wss"];

function originOf(record) {
  if (record.scheme == "blob") {
    const inner = typeof record.path == "string" ? parseUrl(record.path) : null;
    return inner && ["http", "https", "file"].includes(inner.scheme) ? originOf(inner) : "null";
  }
  if (!WITH_TUPLE_ORIGIN.includes(record.scheme)) {
    return "null";
  }
  return `${record.scheme}://${record.host}${record.port === null ? "" : ":" + record.port}`;
}

/** { record, bad }: bad is the text that did not parse. */
function parseWithBase(url, base) {
  const text = toUSVString(url);
  let baseRecord = null;
  if (base !== undefined) {
    const baseText = toUSVString(base);
    baseRecord = parseUrl(baseText);
    if (!baseRecord) {
      return { record: null, bad: baseText };
    }
  }
  return { record: parseUrl(text, baseRecord), bad: text };
}

export class URL {
  #record;
  #params = null;
  /** Whether the parameters have changed since the record had them as its query. */
  #stale = false;

  constructor(url, base = undefined) {
    requireArguments("URL constructor", arguments, 1);
    const { record, bad } = parseWithBase(url, base);
    if (!record) {
      throw new TypeError(`URL constructor: ${bad} is not a valid URL.`);
    }
    this.#record = record;
  }

  static parse(url, base = undefined) {
    requireArguments("URL.parse", arguments, 1);
    const { record } = parseWithBase(url, base);
    if (!record) {
      return null;
    }
    const result = new URL("about:blank");
    result.#record = record;
    return result;
  }

  static canParse(url, base = undefined) {
    requireArguments("URL.canParse", arguments, 1);
    return parseWithBase(url, base).record !== null;
  }

  /** Gecko's own: of an nsIURI. */
  static fromURI(uri) {
    requireArguments("URL.fromURI", arguments, 1);
    if (typeof uri?.spec != "string") {
      throw new TypeError("URL.fromURI: Argument 1 does not implement interface nsIURI.");
    }
    return new URL(uri.spec);
  }

  /** A blob: URL, which fetch() takes in this run. */
  static createObjectURL(blob) {
    requireArguments("URL.createObjectURL", arguments, 1);
    return runtime.load("resource://gre/modules/bgtask/ObjectUrls.sys.mjs").createObjectURL(blob);
  }

  static revokeObjectURL(url) {
    requireArguments("URL.revokeObjectURL", arguments, 1);
    runtime.load("resource://gre/modules/bgtask/ObjectUrls.sys.mjs").revokeObjectURL(url);
  }

  get #current() {
    if (this.#stale) {
      this.#stale = false;
      this.#record.query = this.#params.toString() || null;
    }
    return this.#record;
  }

  #refreshParams() {
    if (this.#params) {
      searchParamsInternals.reset(this.#params, this.#record.query ?? "");
    }
  }

  get href() {
    return this.#current.serialize();
  }
  set href(value) {
    const text = toUSVString(value);
    const record = parseUrl(text);
    if (!record) {
      throw new TypeError(`URL.href setter: ${text} is not a valid URL.`);
    }
    this.#record = record;
    this.#stale = false;
    this.#refreshParams();
  }

  get origin() {
    return originOf(this.#current);
  }

  get protocol() {
    return this.#current.scheme + ":";
  }
  set protocol(value) {
    overrideUrl(this.#current, toUSVString(value) + ":", "schemeStart");
  }

  get username() {
    return this.#current.username;
  }
  set username(value) {
    if (!this.#current.cannotHaveCredentialsOrPort) {
      this.#current.username = percentEncode(toUSVString(value), USERINFO_SET);
    }
  }

  get password() {
    return this.#current.password;
  }
  set password(value) {
    if (!this.#current.cannotHaveCredentialsOrPort) {
      this.#current.password = percentEncode(toUSVString(value), USERINFO_SET);
    }
  }

  get host() {
    const { host, port } = this.#current;
    return (host ?? "") + (host === null || port === null ? "" : ":" + port);
  }
  set host(value) {
    if (!this.#current.hasOpaquePath) {
      overrideUrl(this.#current, toUSVString(value), "host");
    }
  }

  get hostname() {
    return this.#current.host ?? "";
  }
  set hostname(value) {
    if (!this.#current.hasOpaquePath) {
      overrideUrl(this.#current, toUSVString(value), "hostname");
    }
  }

  get port() {
    return this.#current.port === null ? "" : String(this.#current.port);
  }
  set port(value) {
    const text = toUSVString(value);
    if (this.#current.cannotHaveCredentialsOrPort) {
      return;
    }
    if (text == "") {
      this.#current.port = null;
    } else {
      overrideUrl(this.#current, text, "port");
    }
  }

  get pathname() {
    return this.#current.serializePath();
  }
  set pathname(value) {
    const text = toUSVString(value);
    if (!this.#current.hasOpaquePath) {
      this.#current.path = [];
      overrideUrl(this.#current, text, "pathStart");
    }
  }

  get search() {
    return this.#current.query ? "?" + this.#current.query : "";
  }
  set search(value) {
    const text = toUSVString(value);
    this.#current.query = text == "" ? null : "";
    if (text != "") {
      overrideUrl(this.#current, text.replace(/^\?/, ""), "query");
    }
    this.#refreshParams();
  }

  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams();
      searchParamsInternals.reset(this.#params, this.#record.query ?? "");
      searchParamsInternals.bind(this.#params, () => {
        this.#stale = true;
      });
    }
    return this.#params;
  }

  get hash() {
    return this.#current.fragment ? "#" + this.#current.fragment : "";
  }
  set hash(value) {
    const text = toUSVString(value);
    this.#current.fragment = text == "" ? null : "";
    if (text != "") {
      overrideUrl(this.#current, text.replace(/^#/, ""), "fragment");
    }
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }
}
defineInterface(URL, "URL");
export { URL as webkitURL };
