// SPDX-License-Identifier: MPL-2.0
// Request. What has no meaning outside of a browser (mode, credentials, referrer, …) is kept and not acted on.

import { Body, defineBodyMethods } from "resource://gre/modules/bgtask/Body.sys.mjs";
import { headersInternals, isToken } from "resource://gre/modules/bgtask/Headers.sys.mjs";
import { parseUrl } from "resource://gre/modules/bgtask/UrlParser.sys.mjs";
import {
  defineInterface,
  requireArguments,
  toDictionary,
  toEnumeration,
  toUSVString,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const ENUMERATIONS = {
  mode: ["RequestMode", "cors", ["same-origin", "no-cors", "cors", "navigate"]],
  credentials: ["RequestCredentials", "omit", ["omit", "same-origin", "include"]],
  cache: ["RequestCache", "default",
          ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"]],
  redirect: ["RequestRedirect", "follow", ["follow", "error", "manual"]],
  referrerPolicy: ["ReferrerPolicy", "",
                   ["", "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin",
                    "unsafe-url", "same-origin", "strict-origin", "strict-origin-when-cross-origin"]],
};
const STANDARD_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

function normalizeMethod(what, value) {
  const method = String(value);
  const upper = method.toUpperCase();
  if (!isToken(method) || ["CONNECT", "TRACE", "TRACK"].includes(upper)) {
    throw new TypeError(`${what}Invalid request method ${method}.`);
  }
  return STANDARD_METHODS.includes(upper) ? upper : method;
}

/** What a request is made of, from an input without a Request in it. */
function settingsFromUrl(what, input) {
  const text = toUSVString(input);
  const record = parseUrl(text);
  if (!record) {
    throw new TypeError(`${what}${text} is not a valid URL.`);
  }
  if (record.hasCredentials) {
    throw new TypeError(`${what}${text} is an url with embedded credentials.`);
  }
  const settings = { record, method: "GET", headers: [], body: null, signal: null, referrer: "about:client" };
  for (const key of Object.keys(ENUMERATIONS)) {
    settings[key] = ENUMERATIONS[key][1];
  }
  return { ...settings, integrity: "", keepalive: false };
}

function readSignal(what, signal) {
  const aborts = typeof signal == "object" && typeof signal?.aborted == "boolean" && "addEventListener" in signal;
  if (signal !== null && !aborts) {
    const object = typeof signal == "object" || typeof signal == "function";
    const kind = object ? "does not implement interface AbortSignal" : "is not an object";
    throw new TypeError(`${what}'signal' member of RequestInit ${kind}.`);
  }
  return signal;
}

function applyEnumerations(converting, what, settings, init) {
  for (const [key, [type, , values]] of Object.entries(ENUMERATIONS)) {
    if (init[key] !== undefined) {
      settings[key] = toEnumeration(`${converting}'%s' (value of '${key}' member of RequestInit)`, type, init[key], values);
    }
  }
  if (init.mode == "navigate") {
    throw new TypeError(`${what}Invalid request mode navigate.`);
  }
  if (settings.cache == "only-if-cached" && settings.mode != "same-origin") {
    throw new TypeError(
      `${what}Request mode '${settings.mode}' was used, but request cache mode 'only-if-cached' can only be used ` +
        "with request mode 'same-origin'."
    );
  }
}

/** For fetch: { create(input, init), settings(request) }. */
export let requestInternals;

export class Request {
  #settings;
  #headers;
  #signal = null;

  static {
    requestInternals = {
      create(input, init) {
        const request = new Request("about:blank");
        request.#initialize("fetch: ", "", input, init);
        return request;
      },
      settings: request => request.#settings,
    };
    defineBodyMethods(
      Request,
      "Request",
      request => request.#settings.body,
      request => request.#headers.get("content-type")
    );
  }

  constructor(input, init = undefined) {
    requireArguments("Request constructor", arguments, 1);
    this.#initialize("Request constructor: ", "Request constructor: ", input, init);
  }

  /** @converting begins the message of an argument of a wrong type, @what that of one with a wrong value. */
  #initialize(converting, what, input, rawInit) {
    const init = toDictionary(`${converting}Argument 2`, rawInit);
    const from = typeof input == "object" && input !== null && #settings in input ? input : null;
    const settings = from
      ? { ...from.#settings, headers: headersInternals.list(from.#headers), body: null }
      : settingsFromUrl(what, input);
    applyEnumerations(converting, what, settings, init);
    if (init.method !== undefined) {
      settings.method = normalizeMethod(what, init.method);
    }
    if (init.signal !== undefined) {
      settings.signal = readSignal(converting, init.signal);
    }
    settings.integrity = init.integrity === undefined ? settings.integrity : String(init.integrity);
    settings.keepalive = init.keepalive === undefined ? settings.keepalive : Boolean(init.keepalive);
    if (init.referrer !== undefined) {
      settings.referrer = toUSVString(init.referrer);
    }
    this.#settings = settings;
    this.#headers = headersInternals.create(init.headers === undefined ? settings.headers : [], "request");
    if (init.headers !== undefined) {
      headersInternals.fill(this.#headers, init.headers, what.replace(": ", ""));
    }
    this.#takeBody(what, init, from);
  }

  #takeBody(what, init, from) {
    const settings = this.#settings;
    const given = init.body !== undefined && init.body !== null;
    const inherited = init.body === undefined ? from?.#settings.body : null;
    if ((given || inherited) && (settings.method == "GET" || settings.method == "HEAD")) {
      throw new TypeError(`${what}HEAD or GET Request cannot have a body.`);
    }
    if (given) {
      const { body, type } = Body.extract(init.body);
      settings.body = body;
      if (type && !this.#headers.has("content-type")) {
        this.#headers.append("Content-Type", type);
      }
    } else if (inherited) {
      if (inherited.used) {
        throw new TypeError(`${what}Body has already been consumed.`);
      }
      settings.body = inherited.clone();
      inherited.used = true;
    }
  }

  get url() {
    return this.#settings.record.serialize();
  }
  get method() {
    return this.#settings.method;
  }
  get headers() {
    return this.#headers;
  }
  get destination() {
    return "";
  }
  get referrer() {
    return this.#settings.referrer;
  }
  get referrerPolicy() {
    return this.#settings.referrerPolicy;
  }
  get mode() {
    return this.#settings.mode;
  }
  get credentials() {
    return this.#settings.credentials;
  }
  get cache() {
    return this.#settings.cache;
  }
  get redirect() {
    return this.#settings.redirect;
  }
  get integrity() {
    return this.#settings.integrity;
  }
  get keepalive() {
    return this.#settings.keepalive;
  }
  /** Follows the signal that the request was made with. */
  get signal() {
    if (!this.#signal) {
      const controller = new AbortController();
      const followed = this.#settings.signal;
      if (followed?.aborted) {
        controller.abort(followed.reason);
      } else {
        followed?.addEventListener("abort", () => controller.abort(followed.reason), { once: true });
      }
      this.#signal = controller.signal;
    }
    return this.#signal;
  }

  clone() {
    const body = this.#settings.body;
    if (body?.used) {
      throw new TypeError("Request.clone: Body has already been consumed.");
    }
    const copy = new Request(this.url);
    copy.#settings = { ...this.#settings, body: body?.clone() ?? null };
    copy.#headers = headersInternals.create(headersInternals.list(this.#headers), "request");
    return copy;
  }
}
defineInterface(Request, "Request");
