// SPDX-License-Identifier: MPL-2.0
/*
 * fetch.
 *
 * The algorithm is the standard's for a caller that is privileged: no CORS, no cookies, no cache. Each hop of a
 * redirection is one transfer of native.http, so that every rule about redirections is here.
 *
 * Preferences: network.http.redirection-limit, network.fetch.max_body_bytes and those that builtin_http.c reads.
 */

import { Body } from "resource://gre/modules/bgtask/Body.sys.mjs";
import { headersInternals } from "resource://gre/modules/bgtask/Headers.sys.mjs";
import { bodyError, networkError, streamError } from "resource://gre/modules/bgtask/FetchError.sys.mjs";
import { fetchLocal } from "resource://gre/modules/bgtask/FetchSchemes.sys.mjs";
import { parseUrl } from "resource://gre/modules/bgtask/UrlParser.sys.mjs";
import { requestInternals } from "resource://gre/modules/bgtask/Request.sys.mjs";
import { isRedirectStatus, responseInternals } from "resource://gre/modules/bgtask/Response.sys.mjs";

const { http } = import.meta.native;

const BODY_MAX_DEFAULT = 256 * 1024 * 1024;
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
  110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
  532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
  5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
const BODY_HEADERS = ["content-encoding", "content-language", "content-location", "content-type"];
const CREDENTIAL_HEADERS = ["authorization", "cookie", "proxy-authorization"];

const sameOrigin = (a, b) => a.scheme == b.scheme && a.host == b.host && a.port === b.port;
const headerOf = (list, name) => list.find(([key]) => key.toLowerCase() == name)?.[1];
const without = (list, names) => list.filter(([key]) => !names.includes(key.toLowerCase()));

/** Why native.http gave no answer. It becomes an error where somebody waits for it, so that the stack is theirs. */
class Failure {
  constructor(kind, text) {
    this.kind = kind;
    this.text = text;
  }
}

/** One request to the network. Rejections carry the reason; after abort() nothing comes any more. */
class Transfer {
  #id;
  #url;
  #head = {};
  #body = {};
  #onBytes = null;
  /** What was left when the end came, to be read once. */
  #rest;

  /** @hop: { record, method, headers, body } */
  constructor(hop, bodyMax) {
    this.#url = hop.record.serialize(true);
    for (const deferred of [this.#head, this.#body]) {
      deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
      deferred.promise.catch(() => {}); // whoever wants it sees it; nobody has to
    }
    const { method, body } = hop;
    const request = { method, url: this.#url, headers: hop.headers.flat(), body, bodyMax };
    this.#id = http.start(
      request,
      (status, reason, headers) => this.#head.resolve({ status, reason, headers }),
      (kind, text, bytes) => this.#done(kind, text, bytes),
      bytes => this.#onBytes(bytes)
    );
  }

  #done(kind, text, bytes) {
    this.#rest = bytes;
    if (kind == "success") {
      this.#body.resolve(bytes);
    } else {
      this.abort(new Failure(kind, text));
    }
  }

  /** A promise of { status, reason, headers }: headers is a flat list. */
  async readHead() {
    try {
      return await this.#head.promise;
    } catch (error) {
      throw error instanceof Failure ? networkError(this.#url, error.kind, error.text) : error;
    }
  }

  async #wait(makeError) {
    try {
      return await this.#body.promise;
    } catch (error) {
      throw error instanceof Failure ? makeError(this.#url, error.kind, error.text) : error;
    }
  }

  readBody() {
    http.want(this.#id);
    return this.#wait(bodyError);
  }

  /** A promise of what has come since the last time, or will come next, also before a failure; null: that was all. */
  async readSome() {
    if (this.#rest === undefined) {
      const some = new Promise(resolve => (this.#onBytes = resolve));
      http.read(this.#id);
      const bytes = await Promise.race([some, this.ended.then(() => null)]);
      if (bytes) {
        return bytes;
      }
    }
    const rest = this.#rest;
    this.#rest = null;
    if (rest?.length) {
      return rest;
    }
    await this.#wait(streamError);
    return null;
  }

  abort(reason) {
    http.cancel(this.#id);
    this.#rest ??= null;
    this.#head.reject(reason);
    this.#body.reject(reason);
  }

  /** When the body has come or failed. */
  get ended() {
    return this.#body.promise.then(() => {}, () => {});
  }
}

function requestHeaders(settings, headers) {
  const list = [];
  for (const [name, value] of headersInternals.list(headers)) {
    const same = list.find(([key]) => key.toLowerCase() == name.toLowerCase());
    if (same) {
      same[1] += ", " + value;
    } else {
      list.push([name, value]);
    }
  }
  const add = (name, value) => headerOf(list, name.toLowerCase()) ?? list.push([name, value]);
  const override = Services.prefs.getStringPref("general.useragent.override", "");
  add("User-Agent", override || `${Services.appinfo.name}/${Services.appinfo.version}`);
  add("Accept", "*/*");
  add("Accept-Language", "en-US,en;q=0.9");
  if (settings.cache == "no-store" || settings.cache == "reload") {
    add("Pragma", "no-cache");
    add("Cache-Control", "no-cache");
  } else if (settings.cache == "no-cache") {
    add("Cache-Control", "max-age=0");
  }
  return list;
}

/** Where a redirection of @hop leads; the next hop. */
function nextHop(hop, status, location) {
  const url = hop.record.serialize(true);
  const fail = reason => networkError(url, "redirect", reason);
  const record = parseUrl(location, hop.record);
  if (!record) {
    throw fail(`redirects to ${location}, which is not a valid URL`);
  }
  if (record.scheme != "http" && record.scheme != "https") {
    throw fail(`redirects to a ${record.scheme}: URL`);
  }
  if (record.hasCredentials) {
    throw fail("redirects to a URL with credentials");
  }
  record.fragment ??= hop.record.fragment;
  const next = { ...hop, record };
  const post = hop.method == "POST" && (status == 301 || status == 302);
  if (post || (status == 303 && hop.method != "GET" && hop.method != "HEAD")) {
    next.method = "GET";
    next.body = null;
    next.headers = without(next.headers, BODY_HEADERS);
  }
  if (!sameOrigin(record, hop.record)) {
    next.headers = without(next.headers, CREDENTIAL_HEADERS);
  }
  return next;
}

function checkPort(record) {
  if (BAD_PORTS.has(record.port)) {
    throw networkError(record.serialize(true), "port", `port ${record.port} is not for HTTP`);
  }
}

/** A header is text as it came over the wire; Location is UTF-8 in practice. */
function decodeLocation(value) {
  const bytes = Uint8Array.from(value, character => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function pairs(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) {
    list.push([flat[i], flat[i + 1]]);
  }
  return list;
}

class Fetcher {
  #settings;
  #transfer = null;
  #onAbort = () => this.#transfer?.abort(this.#settings.signal.reason);
  #bodyMax = Services.prefs.getIntPref("network.fetch.max_body_bytes", BODY_MAX_DEFAULT);

  constructor(settings) {
    this.#settings = settings;
  }

  async run(headers) {
    const { record, method, body, signal } = this.#settings;
    signal?.throwIfAborted();
    if (record.scheme != "http" && record.scheme != "https") {
      return this.#local();
    }
    const bytes = body ? await body.take("fetch") : null;
    signal?.throwIfAborted();
    signal?.addEventListener("abort", this.#onAbort);
    try {
      return await this.#follow({ record, method, body: bytes, headers: requestHeaders(this.#settings, headers) });
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  #finish() {
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
  }

  async #local() {
    const { record, method, signal } = this.#settings;
    const answer = await fetchLocal(record, this.#bodyMax);
    signal?.throwIfAborted();
    if (!answer) {
      throw networkError(record.serialize(true), "scheme", `the scheme ${record.scheme}: cannot be fetched`);
    }
    const { type, bytes } = answer;
    const headers = [["Content-Length", String(bytes.length)], ["Content-Type", type]];
    return responseInternals.create({
      type: "basic",
      url: record.serialize(true),
      statusText: "OK",
      headers: headersInternals.create(headers, "immutable"),
      body: new Body(method == "HEAD" ? new Uint8Array(0) : bytes),
    });
  }

  async #follow(hop) {
    const limit = Services.prefs.getIntPref("network.http.redirection-limit", 20);
    for (let count = 0; ; count++) {
      checkPort(hop.record);
      this.#transfer = new Transfer(hop, this.#bodyMax);
      const { status, reason, headers } = await this.#transfer.readHead();
      const list = pairs(headers);
      const location = headerOf(list, "location");
      if (!isRedirectStatus(status) || location === undefined) {
        return this.#answer(hop, status, reason, list, count > 0);
      }
      if (this.#settings.redirect != "follow") {
        this.#transfer.abort(null);
        this.#finish();
        return this.#unfollowed(hop);
      }
      this.#transfer.abort(null);
      if (count >= limit) {
        throw networkError(hop.record.serialize(true), "redirect", `more than ${limit} redirections`);
      }
      hop = nextHop(hop, status, decodeLocation(location));
    }
  }

  #unfollowed(hop) {
    const url = hop.record.serialize(true);
    if (this.#settings.redirect == "error") {
      throw networkError(url, "redirect", "it redirects, and the request does not allow that");
    }
    const headers = headersInternals.create([], "immutable");
    return responseInternals.create({ type: "opaqueredirect", url, status: 0, headers });
  }

  #answer(hop, status, statusText, list, redirected) {
    const transfer = this.#transfer;
    transfer.ended.then(() => this.#finish());
    return responseInternals.create({
      type: "basic",
      url: hop.record.serialize(true),
      redirected,
      status,
      statusText,
      headers: headersInternals.create(without(list, ["set-cookie", "set-cookie2"]), "immutable"),
      body: hop.method == "HEAD" ? null : Body.of(transfer),
    });
  }
}

export function fetch(input, init = undefined) {
  if (arguments.length == 0) {
    return Promise.reject(new TypeError("fetch: At least 1 argument required, but only 0 passed"));
  }
  try {
    const request = requestInternals.create(input, init);
    return new Fetcher(requestInternals.settings(request)).run(request.headers);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** For XMLHttpRequest: the same with @headers as they are, the network layer's own among them. */
export function fetchWithHeaders(url, init, headers) {
  const request = requestInternals.create(url, init);
  const type = request.headers.get("content-type");
  if (type !== null && !headers.has("content-type")) {
    headers.append("Content-Type", type);
  }
  return new Fetcher(requestInternals.settings(request)).run(headers);
}
