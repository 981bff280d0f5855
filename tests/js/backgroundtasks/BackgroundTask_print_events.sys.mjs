// SPDX-License-Identifier: MPL-2.0
// Events, their targets, signals that abort. AbortSignal.timeout() is not here: Firefox has it in windows only.

import { probe } from "resource://testing-common/probe.sys.mjs";

export function runBackgroundTask() {
  probe(() => new Event());
  probe(() => new Event("a", 5));
  probe(() => String(new Event("a")));
  probe(() => { const e = new Event("a", {bubbles: true}); return [e.type, e.bubbles, e.cancelable, e.composed, e.eventPhase, e.isTrusted, e.defaultPrevented, e.returnValue, e.cancelBubble, e.target, e.currentTarget, e.srcElement, typeof e.timeStamp]; });
  probe(() => { const e = new Event("a"); e.initEvent("b", true, true); return [e.type, e.bubbles, e.cancelable]; });
  probe(() => new CustomEvent("a", {detail: 5}).detail);
  probe(() => { const e = new CustomEvent("a"); e.initCustomEvent("b", true, false, 7); return [e.type, e.detail]; });
  probe(() => { const e = new EventTarget(); const l = []; e.addEventListener("x", () => l.push(1)); e.addEventListener("x", { handleEvent() { l.push(2); } }); e.addEventListener("x", () => l.push(3), {once: true}); e.dispatchEvent(new Event("x")); e.dispatchEvent(new Event("x")); return l; });
  probe(() => { const e = new EventTarget(); e.addEventListener("x", v => v.preventDefault()); return [e.dispatchEvent(new Event("x", {cancelable: true})), e.dispatchEvent(new Event("x"))]; });
  probe(() => { const e = new EventTarget(); e.addEventListener("x", v => v.preventDefault(), {passive: true}); return e.dispatchEvent(new Event("x", {cancelable: true})); });
  probe(() => new EventTarget().dispatchEvent());
  probe(() => new EventTarget().dispatchEvent({}));
  probe(() => new EventTarget().addEventListener("x"));
  probe(() => new EventTarget().addEventListener("x", 5));
  probe(() => new EventTarget().addEventListener("x", null));
  probe(() => Event.AT_TARGET);
  probe(() => { const e = new Event("q"); let p; const g = new EventTarget(); g.addEventListener("q", v => { p = v.composedPath().length; try { g.dispatchEvent(v); } catch (x) { p += x.name + x.message; } }); g.dispatchEvent(e); return p; });
  probe(() => typeof ErrorEvent);
  probe(() => typeof MessageEvent);
  probe(() => typeof CloseEvent);
  probe(() => new PromiseRejectionEvent("x", {promise: Promise.resolve(), reason: 5}).reason);
  probe(() => AbortSignal.abort().reason.message);
  probe(() => AbortSignal.abort(5).reason);
  probe(() => { const c = new AbortController(); const l = []; c.signal.onabort = e => l.push(e.type, e.isTrusted); c.abort("r"); c.abort("s"); return [...l, c.signal.reason]; });
  probe(() => new AbortSignal());
  probe(() => AbortSignal.any(5));
  probe(() => AbortSignal.any([5]));
  probe(() => AbortSignal.any([]).aborted);
  probe(() => AbortSignal.abort().throwIfAborted());
  probe(() => AbortSignal.timeout("x"));
  probe(() => AbortSignal.timeout(2**60));
  probe(() => { const c = new AbortController(); const s = AbortSignal.any([c.signal, new AbortController().signal]); c.abort(3); return [s.aborted, s.reason]; });
  probe(() => { const e = new ErrorEvent("x", { message: "m", lineno: 3 }); return [e.message, e.filename, e.lineno, e.colno]; });
  probe(() => { const e = new MessageEvent("x", { data: { a: 1 } }); return [e.data, e.origin, e.lastEventId, String(e)]; });
  probe(() => { const e = new CloseEvent("x", { code: 70000 }); return [e.wasClean, e.reason, String(e)]; });
  return 0;
}
