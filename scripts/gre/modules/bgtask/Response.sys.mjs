// SPDX-License-Identifier: MPL-2.0
// Response.

import { Body, defineBodyMethods } from "resource://gre/modules/bgtask/Body.sys.mjs";
import { headersInternals } from "resource://gre/modules/bgtask/Headers.sys.mjs";
import { parseUrl } from "resource://gre/modules/bgtask/UrlParser.sys.mjs";
import {
  defineInterface,
  requireArguments,
  toByteString,
  toDictionary,
  toUSVString,
} from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];
const REDIRECT_STATUSES = [301, 302, 303, 307, 308];

export const isRedirectStatus = status => REDIRECT_STATUSES.includes(status);

function readInit(what, rawInit) {
  const init = toDictionary(`${what}: Argument 2`, rawInit);
  const status = init.status === undefined ? 200 : Number(init.status) & 0xffff;
  if (status < 200 || status > 599) {
    throw new RangeError(`${what}: Invalid response status code.`);
  }
  const statusText = init.statusText === undefined ? "" : toByteString(what, init.statusText, "'statusText' member of ResponseInit");
  if (/[\r\n]/.test(statusText)) {
    throw new TypeError(`${what}: Response statusText may not contain newline or carriage return.`);
  }
  return { status, statusText, headers: init.headers };
}

/** For fetch: { create(parts) }, parts being as in the constructor below. */
export let responseInternals;

export class Response {
  #parts; // { type, url, redirected, status, statusText, headers, body }

  static {
    responseInternals = {
      create(parts) {
        const response = new Response();
        response.#parts = { ...response.#parts, ...parts };
        return response;
      },
    };
    defineBodyMethods(
      Response,
      "Response",
      response => response.#parts.body,
      response => response.#parts.headers.get("content-type")
    );
  }

  constructor(body = null, init = undefined) {
    this.#initialize("Response constructor", Body.extract(body, "Response constructor"), init);
  }

  #initialize(what, { body, type }, rawInit) {
    const { status, statusText, headers } = readInit(what, rawInit);
    if (body && NULL_BODY_STATUSES.includes(status)) {
      throw new TypeError(`${what}: Response body is given with a null body status.`);
    }
    const list = headersInternals.create([], "response");
    if (headers !== undefined) {
      headersInternals.fill(list, headers, what);
    }
    if (type && !list.has("content-type")) {
      list.append("Content-Type", type);
    }
    this.#parts = { type: "default", url: "", redirected: false, status, statusText, headers: list, body };
  }

  static error() {
    const headers = headersInternals.create([], "immutable");
    return responseInternals.create({ type: "error", status: 0, headers });
  }

  static redirect(url, status = 302) {
    requireArguments("Response.redirect", arguments, 1);
    const text = toUSVString(url);
    const record = parseUrl(text);
    if (!record) {
      throw new TypeError(`Response.redirect: ${text} is not a valid URL.`);
    }
    const code = Number(status) & 0xffff;
    if (!isRedirectStatus(code)) {
      throw new RangeError("Response.redirect: Invalid redirect status code.");
    }
    const headers = headersInternals.create([["Location", record.serialize()]], "immutable");
    return responseInternals.create({ status: code, headers });
  }

  static json(data, init = undefined) {
    requireArguments("Response.json", arguments, 1);
    const text = JSON.stringify(data);
    if (text === undefined) {
      throw new TypeError("Response.json: Value could not be serialized as JSON.");
    }
    const response = new Response();
    response.#initialize("Response.json", { body: Body.extract(text).body, type: "application/json" }, init);
    return response;
  }

  get type() {
    return this.#parts.type;
  }
  get url() {
    return this.#parts.url;
  }
  get redirected() {
    return this.#parts.redirected;
  }
  get status() {
    return this.#parts.status;
  }
  get ok() {
    return this.#parts.status >= 200 && this.#parts.status <= 299;
  }
  get statusText() {
    return this.#parts.statusText;
  }
  get headers() {
    return this.#parts.headers;
  }

  /** A ReadableStream of what has come so far, and will come. */
  get body() {
    return this.#parts.body?.stream ?? null;
  }

  clone() {
    const { body, headers, ...rest } = this.#parts;
    if (body?.unusable) {
      throw new TypeError("Response.clone: Body has already been consumed.");
    }
    const guard = rest.type == "default" ? "response" : "immutable";
    return responseInternals.create({
      ...rest,
      headers: headersInternals.create(headersInternals.list(headers), guard),
      body: body?.clone() ?? null,
    });
  }
}
defineInterface(Response, "Response");
