// SPDX-License-Identifier: MPL-2.0
/*
 * XMLHttpRequest over fetch, for a caller that is privileged: any origin, no cookies, no cache.
 *
 * UNSENT -open()-> OPENED -send()-> OPENED, sent -#run()-> HEADERS_RECEIVED -#tellProgress()-> LOADING -#finish()-> DONE; from
 * any of these #fail() -> DONE, and abort() -> DONE or UNSENT. open() ends what was under way. A synchronous request fails when
 * it is sent, whatever its URL, as it does in Gecko's background tasks.
 */

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { Event, EventTarget, defineHandler, fireEvent } from "resource://gre/modules/bgtask/Events.sys.mjs";
import { fetchWithHeaders } from "resource://gre/modules/bgtask/Fetch.sys.mjs";
import { Headers } from "resource://gre/modules/bgtask/Headers.sys.mjs";
import { ProgressEvent } from "resource://gre/modules/bgtask/Progress.sys.mjs";
import { answerMissing, defineInterface, requireArguments, toByteString, toUSVString } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";
import { parseUrl } from "resource://gre/modules/bgtask/UrlParser.sys.mjs";
import { ProgressTimer, ReceivedBody } from "resource://gre/modules/bgtask/XMLHttpRequestBody.sys.mjs";

const { runtime } = import.meta.native;

const STATES = { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 };
const RESPONSE_TYPES = ["", "arraybuffer", "blob", "document", "json", "text"];
const TARGET_EVENTS = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"];
const STANDARD_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
/** What says where a message goes and where it ends is not for tasks; setting it does nothing. */
const FRAMING_HEADERS = [
  "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
];

/** Passed to the constructors that are not for tasks. */
const KEY = Symbol("XMLHttpRequest");

export class XMLHttpRequestEventTarget extends EventTarget {
  constructor(key) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    super();
  }
}
defineInterface(XMLHttpRequestEventTarget, "XMLHttpRequestEventTarget");
answerMissing(XMLHttpRequestEventTarget);
for (const type of TARGET_EVENTS) {
  defineHandler(XMLHttpRequestEventTarget, type);
}

export class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {}
defineInterface(XMLHttpRequestUpload, "XMLHttpRequestUpload");

function stateError(member, message) {
  return new DOMException(`XMLHttpRequest.${member}: ${message}`, "InvalidStateError");
}

const MUST_BE_OPEN = "XMLHttpRequest state must be OPENED.";

/** Why the event "error" came, in words: tasks find nothing of it, as in Gecko. */
export let reasonOfFailure;

export class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #state = STATES.UNSENT;
  #sent = false;
  #async = true;
  #request = null; // { method, url, headers }
  #answer = null; // Response
  #url = ""; // of the answer, or of the request that had none
  #headers = null; // of the answer; they outlive an abort
  #received = null; // ReceivedBody
  #total = 0; // how much that will be; 0: that is not known
  #cached = undefined; // the response as an object, made once
  #controller = null;
  #responseType = "";
  #timeoutMs = 0;
  #withCredentials = false;
  #mimeType = "";
  #upload = new XMLHttpRequestUpload(KEY);
  #timer = 0;
  #sentAtMs = 0;
  #progress = new ProgressTimer(() => this.#tellProgress());
  #failure = null;

  static {
    reasonOfFailure = request => request.#failure?.cause?.message ?? request.#failure?.message ?? "no answer";
  }

  constructor() {
    super(KEY);
  }

  get readyState() {
    return this.#state;
  }

  get upload() {
    return this.#upload;
  }

  /** Milliseconds from send() to a timeout event; 0: none. */
  get timeout() {
    return this.#timeoutMs;
  }
  set timeout(value) {
    this.#timeoutMs = Number(value) >>> 0;
    if (this.#controller) {
      this.#startTimer();
    }
  }

  #startTimer() {
    clearTimeout(this.#timer);
    const controller = this.#controller;
    if (this.#timeoutMs) {
      const restMs = this.#sentAtMs + this.#timeoutMs - runtime.now();
      this.#timer = setTimeout(() => this.#fail(controller, "timeout"), Math.max(0, restMs));
    }
  }

  get withCredentials() {
    return this.#withCredentials;
  }
  set withCredentials(value) {
    if (this.#sent) {
      throw stateError("withCredentials setter", "XMLHttpRequest must not be sending.");
    }
    this.#withCredentials = Boolean(value);
  }

  get responseType() {
    return this.#responseType;
  }
  set responseType(value) {
    if (!RESPONSE_TYPES.includes(String(value))) {
      return;
    }
    if (this.#state >= STATES.LOADING) {
      throw stateError("responseType setter", "Cannot set 'responseType' property on XMLHttpRequest after 'send()' (when its state is LOADING or DONE).");
    }
    this.#responseType = String(value);
  }

  #setState(state) {
    this.#state = state;
    fireEvent(this, new Event("readystatechange"));
  }

  #fire(type) {
    const loaded = this.#received?.size ?? 0;
    const total = this.#total;
    fireEvent(this, new ProgressEvent(type, { lengthComputable: total > 0, loaded, total }));
  }

  #reset() {
    this.#controller?.abort();
    this.#controller = null;
    this.#stopTimers();
    this.#sent = false;
    this.#answer = null;
    this.#url = "";
    this.#headers = null;
    this.#received = null;
    this.#total = 0;
    this.#cached = undefined;
  }

  /** Whether there is progress that was not told of. */
  #stopTimers() {
    clearTimeout(this.#timer);
    return this.#progress.stop();
  }

  open(method, url, async) {
    if (arguments.length < 2) {
      throw new TypeError(`XMLHttpRequest.open: ${arguments.length} is not a valid argument count for any overload.`);
    }
    const name = toByteString("XMLHttpRequest.open", method, "argument 1");
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new DOMException("An invalid or illegal string was specified", "SyntaxError");
    }
    const upper = name.toUpperCase();
    if (["CONNECT", "TRACE", "TRACK"].includes(upper)) {
      throw new DOMException("The operation is insecure.", "SecurityError");
    }
    const text = toUSVString(url);
    const record = parseUrl(text);
    if (!record) {
      throw new DOMException(`XMLHttpRequest.open: '${text}' is not a valid URL.`, "SyntaxError");
    }
    this.#async = arguments.length < 3 || Boolean(async);
    this.#reset();
    this.#request = { method: STANDARD_METHODS.includes(upper) ? upper : name, url: record.serialize(), headers: new Headers() };
    if (this.#state != STATES.OPENED) {
      this.#setState(STATES.OPENED);
    }
  }

  setRequestHeader(name, value) {
    requireArguments("XMLHttpRequest.setRequestHeader", arguments, 2);
    if (this.#state != STATES.OPENED || this.#sent) {
      throw stateError("setRequestHeader", MUST_BE_OPEN);
    }
    try {
      if (!FRAMING_HEADERS.includes(String(name).toLowerCase())) {
        this.#request.headers.append(name, value);
      }
    } catch {
      throw new DOMException(`XMLHttpRequest.setRequestHeader: ${name} is an invalid header name or has an invalid value.`, "SyntaxError");
    }
  }

  overrideMimeType(mime) {
    requireArguments("XMLHttpRequest.overrideMimeType", arguments, 1);
    if (this.#state >= STATES.LOADING) {
      throw stateError("overrideMimeType", "Cannot call 'overrideMimeType()' on XMLHttpRequest after 'send()' (when its state is LOADING or DONE).");
    }
    this.#mimeType = String(mime);
  }

  send(body = null) {
    if (this.#state != STATES.OPENED) {
      throw stateError("send", MUST_BE_OPEN);
    }
    if (this.#sent) {
      throw stateError("send", "XMLHttpRequest must not be sending.");
    }
    const { method, url, headers } = this.#request;
    if (!this.#async) {
      this.#url = url;
      this.#state = STATES.DONE;
      throw new DOMException("A network error occurred.", "NetworkError");
    }
    const isDocument = typeof body == "object" && body !== null && body.nodeType === 9;
    const content = isDocument ? new XMLSerializer().serializeToString(body) : body;
    if (isDocument && !headers.has("content-type")) {
      headers.set("Content-Type", "application/xml;charset=UTF-8");
    }
    const controller = new AbortController();
    this.#controller = controller;
    this.#sent = true;
    this.#fire("loadstart");
    if (this.#controller !== controller) {
      return; // a listener has aborted or opened it anew
    }
    this.#sentAtMs = runtime.now();
    this.#startTimer();
    const init = { method, signal: controller.signal };
    if (content !== null && method != "GET" && method != "HEAD") {
      init.body = content;
    }
    this.#run(controller, url, init, headers);
  }

  async #run(controller, url, init, headers) {
    try {
      const answer = await fetchWithHeaders(url, init, headers);
      if (this.#controller !== controller) {
        return;
      }
      this.#answer = answer;
      this.#url = answer.url;
      this.#headers = answer.headers;
      this.#setState(STATES.HEADERS_RECEIVED);
      if (this.#controller === controller) {
        await this.#receive(controller, answer);
      }
    } catch (error) {
      this.#failure = error;
      this.#fail(controller, "error");
    }
  }

  async #receive(controller, { body, headers }) {
    const isText = ["", "text", "document"].includes(this.#responseType);
    this.#received = new ReceivedBody(isText ? this.#charset : null);
    if (!headers.has("content-encoding") && /^\d+$/.test(headers.get("content-length") ?? "")) {
      this.#total = Number(headers.get("content-length"));
    }
    const reader = body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
      if (this.#controller !== controller) {
        return;
      }
      this.#received.add(part.value);
      this.#progress.note();
    }
    if (this.#controller === controller) {
      this.#received.end();
      this.#finish(controller);
    }
  }

  #tellProgress() {
    const controller = this.#controller;
    this.#setState(STATES.LOADING);
    if (this.#controller === controller) {
      this.#fire("progress");
    }
  }

  #finish(controller) {
    // What did not come from the network is all there before its first event.
    if (this.#stopTimers() || this.#received.size == 0 || !/^https?:/.test(this.#url)) {
      this.#fire("progress");
    }
    if (this.#controller !== controller) {
      return;
    }
    this.#controller = null;
    this.#sent = false;
    this.#setState(STATES.DONE);
    this.#fire("load");
    this.#fire("loadend");
  }

  #fail(controller, type) {
    if (this.#controller !== controller) {
      return;
    }
    const { url } = this.#request;
    const [known, headers] = [this.#url, this.#headers];
    this.#reset();
    this.#url = known || url;
    this.#headers = headers;
    this.#setState(STATES.DONE);
    this.#fire(type);
    this.#fire("loadend");
  }

  abort() {
    const underWay = this.#controller;
    if (underWay) {
      this.#fail(underWay, "abort");
    }
    if (this.#state == STATES.DONE) {
      this.#reset();
      this.#state = STATES.UNSENT;
    }
  }

  get status() {
    return this.#answer?.status ?? 0;
  }

  get statusText() {
    return this.#answer?.statusText ?? "";
  }

  get responseURL() {
    return this.#url.replace(/#.*$/, "");
  }

  getResponseHeader(name) {
    requireArguments("XMLHttpRequest.getResponseHeader", arguments, 1);
    try {
      return this.#headers?.get(name) ?? null;
    } catch {
      return null;
    }
  }

  getAllResponseHeaders() {
    if (this.#answer && !/^https?:/.test(this.#answer.url)) {
      return `Content-Type: ${this.getResponseHeader("content-type")}\r\n`;
    }
    const lines = this.#answer ? [...this.#answer.headers].map(([name, value]) => `${name}: ${value}\r\n`) : [];
    return lines.join("");
  }

  get #type() {
    return this.#mimeType || this.getResponseHeader("content-type") || "";
  }

  get #charset() {
    return /;\s*charset="?([^";\s]+)/i.exec(this.#type)?.[1] ?? "utf-8";
  }

  get responseText() {
    if (this.#responseType != "" && this.#responseType != "text") {
      throw stateError("responseText getter", "responseText is only available if responseType is '' or 'text'.");
    }
    return this.#state >= STATES.LOADING ? this.#received?.text ?? "" : "";
  }

  #parse() {
    const essence = this.#type.split(";")[0].trim().toLowerCase();
    const isXml = essence == "" || /^(text|application)\/xml$|\+xml$/.test(essence);
    if (!isXml || this.#received.size == 0) {
      return null;
    }
    const known = ["text/xml", "application/xml", "application/xhtml+xml", "image/svg+xml"].includes(essence);
    return new DOMParser().parseFromString(this.#received.text, known ? essence : "text/xml");
  }

  get responseXML() {
    if (this.#responseType != "" && this.#responseType != "document") {
      throw stateError("responseXML getter", "responseXML is only available if responseType is '' or 'document'.");
    }
    if (this.#state != STATES.DONE || !this.#answer) {
      return null;
    }
    if (this.#cached === undefined) {
      this.#cached = this.#parse();
    }
    return this.#cached;
  }

  #convert() {
    switch (this.#responseType) {
      case "arraybuffer":
        return this.#received.bytes.buffer;
      case "blob": {
        const { makeBlob } = runtime.load("resource://gre/modules/bgtask/Blob.sys.mjs");
        return makeBlob(this.#received.bytes, this.#type.split(";")[0].trim());
      }
      default:
        try {
          return JSON.parse(new TextDecoder().decode(this.#received.bytes));
        } catch {
          return null;
        }
    }
  }

  get response() {
    if (this.#responseType == "" || this.#responseType == "text") {
      return this.responseText;
    }
    if (this.#responseType == "document") {
      return this.responseXML;
    }
    if (this.#state != STATES.DONE || !this.#answer) {
      return null;
    }
    if (this.#cached === undefined) {
      this.#cached = this.#convert();
    }
    return this.#cached;
  }
}
defineInterface(XMLHttpRequest, "XMLHttpRequest");
defineHandler(XMLHttpRequest, "readystatechange");
for (const [name, value] of Object.entries(STATES)) {
  Object.defineProperty(XMLHttpRequest, name, { value, enumerable: true });
  Object.defineProperty(XMLHttpRequest.prototype, name, { value, enumerable: true });
}
// Kept for Gecko's modules, which set them: nothing here depends on them.
for (const name of ["mozAnon", "mozSystem", "mozBackgroundRequest"]) {
  const values = new WeakMap();
  Object.defineProperty(XMLHttpRequest.prototype, name, {
    get() {
      return values.get(this) ?? false;
    },
    set(value) {
      values.set(this, Boolean(value));
    },
    enumerable: true,
    configurable: true,
  });
}
