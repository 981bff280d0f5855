// SPDX-License-Identifier: MPL-2.0
// Event, CustomEvent and EventTarget. The path of an event is its target and, of a node, those that it is in.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { defineInterface, requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { console: native, runtime } = import.meta.native;

const PHASES = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };
const UNUSABLE = "An attempt was made to use an object that is not, or is no longer, usable";

/** What dispatch changes in an event: kept by the event, reached only from here. */
let stateOf;

export class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #timeStamp = runtime.now();
  #state = {
    target: null, current: null, path: [], phase: PHASES.NONE, dispatching: false, stopped: false, stoppedNow: false,
    canceled: false, passive: false, trusted: false,
  };

  static {
    stateOf = event => event.#state;
  }

  constructor(type, options) {
    requireArguments("Event constructor", arguments, 1);
    const { bubbles, cancelable, composed } = toDictionary("Event constructor: Argument 2", options);
    this.#type = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
    this.#composed = Boolean(composed);
    Object.defineProperty(this, "isTrusted", { get: () => this.#state.trusted, enumerable: true });
  }

  get type() {
    return this.#type;
  }

  get bubbles() {
    return this.#bubbles;
  }

  get cancelable() {
    return this.#cancelable;
  }

  get composed() {
    return this.#composed;
  }

  get timeStamp() {
    return this.#timeStamp;
  }

  get target() {
    return this.#state.target;
  }

  get srcElement() {
    return this.#state.target;
  }

  get currentTarget() {
    return this.#state.current;
  }

  get eventPhase() {
    return this.#state.phase;
  }

  get defaultPrevented() {
    return this.#state.canceled;
  }

  get returnValue() {
    return !this.#state.canceled;
  }

  set returnValue(value) {
    if (!value) {
      this.preventDefault();
    }
  }

  get cancelBubble() {
    return this.#state.stopped;
  }

  set cancelBubble(value) {
    if (value) {
      this.stopPropagation();
    }
  }

  /** The old way to fill an event that is not being dispatched. */
  initEvent(type, bubbles = false, cancelable = false) {
    requireArguments("Event.initEvent", arguments, 1);
    if (!this.#state.dispatching) {
      this.#type = `${type}`;
      this.#bubbles = Boolean(bubbles);
      this.#cancelable = Boolean(cancelable);
      this.#state.canceled = false;
    }
  }

  composedPath() {
    return [...this.#state.path];
  }

  preventDefault() {
    if (this.#cancelable && !this.#state.passive) {
      this.#state.canceled = true;
    }
  }

  stopPropagation() {
    this.#state.stopped = true;
  }

  stopImmediatePropagation() {
    this.#state.stopped = true;
    this.#state.stoppedNow = true;
  }
}
// Gecko's own: there are no shadow trees, no processes of content and no synthesised events.
for (const name of ["originalTarget", "explicitOriginalTarget", "composedTarget"]) {
  Object.defineProperty(Event.prototype, name, { get() { return this.target; }, configurable: true });
}
Object.defineProperty(Event.prototype, "defaultPreventedByChrome", { get() { return this.defaultPrevented; }, configurable: true });
for (const name of ["defaultPreventedByContent", "isReplyEventFromRemoteContent", "isSynthesized", "multipleActionsPrevented"]) {
  Object.defineProperty(Event.prototype, name, { get: () => false, configurable: true });
}
defineInterface(Event);
for (const [name, value] of Object.entries(PHASES)) {
  Object.defineProperty(Event, name, { value, enumerable: true });
  Object.defineProperty(Event.prototype, name, { value, enumerable: true });
}

export class CustomEvent extends Event {
  #detail;

  constructor(type, options) {
    requireArguments("CustomEvent constructor", arguments, 1);
    super(type, options);
    const { detail = null } = toDictionary("CustomEvent constructor: Argument 2", options);
    this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    requireArguments("CustomEvent.initCustomEvent", arguments, 1);
    if (!stateOf(this).dispatching) {
      this.initEvent(type, bubbles, cancelable);
      this.#detail = detail;
    }
  }
}
defineInterface(CustomEvent);

function listenerOptions(what, options) {
  if (typeof options != "object" || options === null) {
    return { capture: Boolean(options), once: false, passive: false, signal: undefined };
  }
  const { capture, once, passive, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    const member = "'signal' member of AddEventListenerOptions";
    throw new TypeError(`${what}: ${member} does not implement interface AbortSignal.`);
  }
  return { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), signal };
}

function checkListener(what, listener) {
  if (listener !== null && listener !== undefined && typeof listener != "object" && typeof listener != "function") {
    throw new TypeError(`${what}: Argument 2 is not an object.`);
  }
}

function callListener(listener, target, event) {
  try {
    if (typeof listener == "function") {
      listener.call(target, event);
    } else if (typeof listener.handleEvent == "function") {
      listener.handleEvent(event);
    } else {
      throw new TypeError("Property 'handleEvent' is not callable.");
    }
  } catch (error) {
    native.reportError(error);
  }
}

/** What @target is in, as far as events are concerned: known to DomNodes.sys.mjs, if that is loaded. */
let parentOf = () => null;
export function defineEventParents(find) {
  parentOf = find;
}

function pathOf(target) {
  const path = [];
  for (let at = target; at; at = parentOf(at)) {
    path.push(at);
  }
  return path;
}

export class EventTarget {
  /** Entries { type, listener, capture, once, passive, removed }, in the order of their registration. */
  #listeners = [];

  /** options: capture, once, passive, signal; or whether it captures. The same listener again changes nothing. */
  addEventListener(type, listener, options) {
    const what = "EventTarget.addEventListener";
    requireArguments(what, arguments, 2);
    checkListener(what, listener);
    const { signal, ...flags } = listenerOptions(what, options);
    if (listener === null || listener === undefined || signal?.aborted) {
      return;
    }
    const name = `${type}`;
    if (this.#find(name, listener, flags.capture)) {
      return;
    }
    // A new list each time: one that is being gone through stays as it was.
    this.#listeners = [...this.#listeners, { type: name, listener, ...flags, removed: false }];
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, flags.capture), { once: true });
  }

  removeEventListener(type, listener, options) {
    const what = "EventTarget.removeEventListener";
    requireArguments(what, arguments, 2);
    checkListener(what, listener);
    const entry = this.#find(String(type), listener, listenerOptions(what, options).capture);
    if (entry) {
      this.#remove(entry);
    }
  }

  #find(type, listener, capture) {
    return this.#listeners.find(
      entry => entry.type == type && entry.listener === listener && entry.capture == capture
    );
  }

  #remove(entry) {
    entry.removed = true;
    this.#listeners = this.#listeners.filter(other => other !== entry);
  }

  /** Call the listeners now. false: the event was cancelable, and one of them prevented its default. */
  dispatchEvent(event) {
    requireArguments("EventTarget.dispatchEvent", arguments, 1);
    if (!(event instanceof Event)) {
      throw new TypeError("EventTarget.dispatchEvent: Argument 1 does not implement interface Event.");
    }
    if (stateOf(event).dispatching) {
      throw new DOMException(UNUSABLE, "InvalidStateError");
    }
    stateOf(event).trusted = false;
    return this.#dispatch(event);
  }

  /** Call the listeners here of those that capture, or of the others; those added meanwhile wait for the next event. */
  #call(event, state, capture) {
    for (const entry of this.#listeners) {
      if (entry.type != event.type || entry.capture != capture || entry.removed || state.stoppedNow) {
        continue;
      }
      if (entry.once) {
        this.#remove(entry);
      }
      state.passive = entry.passive;
      callListener(entry.listener, this, event);
      state.passive = false;
    }
  }

  #dispatch(event) {
    const state = stateOf(event);
    const path = pathOf(this);
    const visit = (target, phase, capture) => {
      if (!state.stopped) {
        Object.assign(state, { current: target, phase });
        target.#call(event, state, capture);
      }
    };
    Object.assign(state, { target: this, path, dispatching: true });
    const above = path.slice(1);
    above.toReversed().forEach(target => visit(target, PHASES.CAPTURING_PHASE, true));
    visit(this, PHASES.AT_TARGET, true);
    visit(this, PHASES.AT_TARGET, false);
    if (event.bubbles) {
      above.forEach(target => visit(target, PHASES.BUBBLING_PHASE, false));
    }
    Object.assign(state, { current: null, path: [], phase: PHASES.NONE, dispatching: false });
    Object.assign(state, { stopped: false, stoppedNow: false });
    return !state.canceled;
  }

  /** For the library: dispatch an event that is the platform's own. */
  static fire(target, event) {
    stateOf(event).trusted = true;
    return target.#dispatch(event);
  }
}
/** Dispatch @event at @target as one of the platform's own (isTrusted). */
export const fireEvent = EventTarget.fire;
delete EventTarget.fire;
for (const method of ["getEventHandler", "setEventHandler"]) {
  const value = () => runtime.load("resource://gre/modules/bgtask/Missing.sys.mjs").failMissing(`EventTarget.${method}`);
  Object.defineProperty(EventTarget.prototype, method, { value, writable: true, configurable: true });
}
defineInterface(EventTarget);

/**
 * Define the event handler attribute on@type on @cls: a function that is called as a listener is, or null. Another function
 * takes the place of the one before; null gives the place up. false from it prevents the default.
 */
export function defineHandler(cls, type) {
  const handlers = new WeakMap();
  Object.defineProperty(cls.prototype, `on${type}`, {
    get() {
      return handlers.get(this)?.handler ?? null;
    },
    set(value) {
      const handler = typeof value == "function" || (typeof value == "object" && value !== null) ? value : null;
      const slot = handlers.get(this);
      if (slot && handler) {
        slot.handler = handler;
      } else if (slot) {
        handlers.delete(this);
        this.removeEventListener(type, slot.listener);
      } else if (handler) {
        const created = { handler };
        created.listener = event => {
          if (typeof created.handler == "function" && created.handler.call(this, event) === false) {
            event.preventDefault();
          }
        };
        handlers.set(this, created);
        this.addEventListener(type, created.listener);
      }
    },
    enumerable: true,
    configurable: true,
  });
}
