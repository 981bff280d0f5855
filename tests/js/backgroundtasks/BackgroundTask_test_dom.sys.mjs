// SPDX-License-Identifier: MPL-2.0
// DOMException, Event, EventTarget, AbortController, structuredClone.

import { Checks } from "resource://testing-common/check.sys.mjs";

function checkDOMException(t) {
  const e = new DOMException("words", "AbortError");
  t.equal("exception", [e.name, e.message, e.code, e.result, e.data, String(e), e instanceof Error],
    ["AbortError", "words", 20, 0x80530014, null, "AbortError: words", true]);
  t.check(e.filename.endsWith("test_dom.sys.mjs") && e.lineNumber == 7 && e.stack.startsWith("checkDOMException@"), "place",
    `${e.filename}:${e.lineNumber} ${e.stack}`);
  const plain = new DOMException();
  t.equal("nothing given", [plain.name, plain.message, plain.code, String(plain)], ["Error", "", 0, "Error"]);
  const codes = {
    IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
    NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10, InvalidStateError: 11,
    SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15, TypeMismatchError: 17,
    SecurityError: 18, NetworkError: 19, AbortError: 20, URLMismatchError: 21, QuotaExceededError: 22, TimeoutError: 23,
    InvalidNodeTypeError: 24, DataCloneError: 25, EncodingError: 0, NotReadableError: 0, UnknownError: 0,
    OperationError: 0, NotAllowedError: 0, Unheard: 0,
  };
  t.equal("codes", Object.keys(codes).map(name => new DOMException("", name).code), Object.values(codes));
  t.equal("constants", [DOMException.INDEX_SIZE_ERR, DOMException.ABORT_ERR, e.DATA_CLONE_ERR], [1, 20, 25]);
  t.throws("read-only", () => (e.name = "x"), { name: "TypeError" });
  t.throws("without new", () => DOMException("x"), { name: "TypeError" });
}

function checkEvents(t) {
  const e = new Event("x", { bubbles: true, cancelable: true });
  t.equal("event", [e.type, e.bubbles, e.cancelable, e.composed, e.target, e.eventPhase, e.defaultPrevented, e.isTrusted],
    ["x", true, true, false, null, 0, false, false]);
  t.throws("no type", () => new Event(), { message: "Event constructor: At least 1 argument required, but only 0 passed" });
  t.equal("CustomEvent", [new CustomEvent("c", { detail: 5 }).detail, new CustomEvent("c").detail], [5, null]);
  const target = new EventTarget();
  const seen = [];
  const listener = event => seen.push([event.type, event.target === target, event.currentTarget === target, event.eventPhase].join());
  const object = { handleEvent() { seen.push(this === object); } };
  target.addEventListener("a", listener);
  target.addEventListener("a", listener);
  target.addEventListener("a", object);
  target.addEventListener("a", () => seen.push("once"), { once: true });
  t.equal("not canceled", target.dispatchEvent(new Event("a")), true);
  t.equal("listeners", seen.splice(0), ["a,true,true,2", true, "once"]);
  target.removeEventListener("a", listener);
  target.dispatchEvent(new Event("a"));
  t.equal("removed", seen.splice(0), [true]);
}

function checkListeners(t) {
  const dispatch = (setUp, event = new Event("a")) => {
    const target = new EventTarget();
    const seen = [];
    setUp(target, seen);
    return [target.dispatchEvent(event), ...seen];
  };
  const cancelable = () => new Event("a", { cancelable: true });
  t.equal("preventDefault", dispatch(x => x.addEventListener("a", e => e.preventDefault()), cancelable()), [false]);
  t.equal("passive", dispatch(x => x.addEventListener("a", e => e.preventDefault(), { passive: true }), cancelable()), [true]);
  t.equal("stopImmediatePropagation", dispatch((x, seen) => {
    x.addEventListener("a", e => { seen.push(1); e.stopImmediatePropagation(); });
    x.addEventListener("a", () => seen.push(2));
  }), [true, 1]);
  t.equal("capture is another", dispatch((x, seen) => {
    const listener = () => seen.push("heard");
    x.addEventListener("a", listener, true);
    x.addEventListener("a", listener);
  }), [true, "heard", "heard"]);
  t.equal("added while it is dispatched", dispatch((x, seen) => {
    x.addEventListener("a", () => x.addEventListener("a", () => seen.push("late")));
  }), [true]);
  t.equal("signal", dispatch((x, seen) => {
    const controller = new AbortController();
    x.addEventListener("a", () => seen.push("heard"), { signal: controller.signal });
    controller.abort();
    x.addEventListener("a", () => seen.push("heard"), { signal: AbortSignal.abort() });
  }), [true]);
  const target = new EventTarget();
  const event = new Event("a");
  let error;
  target.addEventListener("a", () => {
    try {
      target.dispatchEvent(event);
    } catch (caught) {
      error = caught;
    }
  });
  target.dispatchEvent(event);
  t.equal("dispatched again", [error.name, error.code], ["InvalidStateError", 11]);
  t.throws("not an event", () => target.dispatchEvent({}), {
    message: "EventTarget.dispatchEvent: Argument 1 does not implement interface Event.",
  });
  t.throws("listener number", () => target.addEventListener("a", 5), {
    message: "EventTarget.addEventListener: Argument 2 is not an object.",
  });
}

function checkAbort(t) {
  const controller = new AbortController();
  const { signal } = controller;
  const seen = [];
  signal.onabort = event => seen.push(`on ${event.isTrusted}`);
  signal.addEventListener("abort", event => seen.push(event.target === signal));
  t.equal("before", [signal.aborted, signal.reason], [false, undefined]);
  controller.abort();
  controller.abort("again");
  t.equal("abort", [signal.aborted, signal.reason.name, signal.reason.code, ...seen], [true, "AbortError", 20, "on true", true]);
  t.throws("throwIfAborted", () => AbortSignal.abort("why").throwIfAborted(), {});
  t.equal("reasons", [AbortSignal.abort("why").reason, AbortSignal.abort(null).reason, AbortSignal.abort().reason.message],
    ["why", null, "The operation was aborted. "]);
  t.throws("constructor", () => new AbortSignal(), { name: "TypeError", message: "Illegal constructor." });
  const a = new AbortController();
  const b = new AbortController();
  const any = AbortSignal.any([a.signal, AbortSignal.any([b.signal])]);
  b.abort("b");
  a.abort("a");
  t.equal("any", [any.aborted, any.reason, AbortSignal.any([a.signal]).reason, AbortSignal.any([]).aborted], [true, "b", "a", false]);
  t.throws("any of a number", () => AbortSignal.any([5]), { message: "AbortSignal.any: Element of argument 1 is not an object." });
  t.throws("any of no list", () => AbortSignal.any(5), { message: "AbortSignal.any: Argument 1 can't be converted to a sequence." });
}

function checkClone(t) {
  class Thing { constructor() { this.x = 1; } get y() { return 2; } }
  const source = {
    list: [1, { map: new Map([[{ k: 1 }, new Set([2])]]) }], date: new Date(5), pattern: /x/gi, none: undefined, big: 1n,
    bytes: new Uint8Array([1, 2]), error: new RangeError("re", { cause: { a: 1 } }), boxed: new Boolean(true), thing: new Thing(),
    holes: [1, , 3], minus: -0,
  };
  source.self = source;
  const copy = structuredClone(source);
  const [[key, set]] = copy.list[1].map;
  t.equal("values", [copy !== source, copy.self === copy, key.k, set.has(2), copy.date.getTime(), String(copy.pattern), "none" in copy,
    copy.big, [...copy.bytes], copy.boxed.valueOf(), Object.is(copy.minus, -0)],
    [true, true, 1, true, 5, "/x/gi", true, 1n, [1, 2], true, true]);
  t.equal("holes", [copy.holes.length, 1 in copy.holes], [3, false]);
  t.equal("error", [copy.error instanceof RangeError, copy.error.message, copy.error.cause.a, copy.error.stack == source.error.stack],
    [true, "re", 1, true]);
  t.equal("class", [copy.thing.constructor === Object, copy.thing.x, copy.thing.y], [true, 1, undefined]);
  t.equal("shared buffer", (() => {
    const buffer = new ArrayBuffer(4);
    const both = structuredClone([new Uint8Array(buffer), new DataView(buffer, 1)]);
    return [both[0].buffer === both[1].buffer, both[1].byteLength];
  })(), [true, 3]);
  t.equal("DOMException", structuredClone(new DOMException("m", "AbortError")).name, "AbortError");
  t.equal("own error names", structuredClone(Object.assign(new Error("m"), { name: "Custom", extra: 1 })).name, "Error");
  const moved = new ArrayBuffer(8);
  t.equal("transfer", [structuredClone({ moved }, { transfer: [moved] }).moved.byteLength, moved.byteLength], [8, 0]);
  for (const [what, value] of [["Function", () => 1], ["WeakMap", new WeakMap()], ["Promise", Promise.resolve()]]) {
    t.throws(`clone of a ${what}`, () => structuredClone({ value }), {
      name: "DataCloneError", code: 25, message: `${what} object could not be cloned.`,
    });
  }
  t.throws("clone of a symbol", () => structuredClone(Symbol("x")), { name: "DataCloneError" });
  t.throws("a getter throws", () => structuredClone({ get a() { throw new Error("getter"); } }), { message: "getter" });
  t.throws("transfer of what is no buffer", () => structuredClone(1, { transfer: [{}] }), { name: "DataCloneError" });
  t.throws("no value", () => structuredClone(), { message: "structuredClone: At least 1 argument required, but only 0 passed" });
}

export async function runBackgroundTask() {
  const t = new Checks();
  checkDOMException(t);
  checkEvents(t);
  checkListeners(t);
  checkAbort(t);
  checkClone(t);
  return t.exitCode;
}
