// SPDX-License-Identifier: MPL-2.0
// Kinds of events that nothing here dispatches, for code that makes them itself.

import { Event } from "resource://gre/modules/bgtask/Events.sys.mjs";
import { defineInterface, requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

/** Gives an event of the class that was defined last other values for some of its members. */
let fill;

/**
 * A class of events with members of its own: what they are unless given, and what makes the given ones right. @required: one
 * that must be given.
 */
function defineEvent(name, members, required = null) {
  const values = new WeakMap();
  const cls = class extends Event {
    constructor(type, options = undefined) {
      requireArguments(`${name} constructor`, arguments, required ? 2 : 1);
      super(type, options);
      const given = toDictionary(`${name} constructor: Argument 2`, options);
      if (required && given[required] === undefined) {
        throw new TypeError(`${name} constructor: Missing required '${required}' member of ${name}Init.`);
      }
      const own = Object.entries(members).map(([key, [initial, convert]]) => [
        key,
        given[key] === undefined ? initial : convert(given[key]),
      ]);
      values.set(this, Object.fromEntries(own));
    }
  };
  for (const key of Object.keys(members)) {
    Object.defineProperty(cls.prototype, key, {
      get() {
        return values.get(this)[key];
      },
      configurable: true,
    });
  }
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  fill = (event, own) => values.set(event, { ...values.get(event), ...own });
  defineInterface(cls, name);
  return cls;
}

const any = value => value;
const unsigned = value => Number(value) >>> 0;

export const CloseEvent = defineEvent("CloseEvent", { wasClean: [false, Boolean], code: [0, unsigned], reason: ["", String] });
export const ErrorEvent = defineEvent("ErrorEvent", {
  message: ["", String], filename: ["", String], lineno: [0, unsigned], colno: [0, unsigned], error: [undefined, any],
});
export const MessageEvent = defineEvent("MessageEvent", {
  data: [null, any], origin: ["", String], lastEventId: ["", String], source: [null, any],
  ports: [Object.freeze([]), value => Object.freeze([...value])],
});
const fillMessage = fill;
Object.defineProperty(MessageEvent.prototype, "initMessageEvent", {
  value: {
    initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = "", lastEventId = "", source = null, ports = []) {
      requireArguments("MessageEvent.initMessageEvent", arguments, 1);
      this.initEvent(type, bubbles, cancelable);
      fillMessage(this, { data, origin: String(origin), lastEventId: String(lastEventId), source, ports: Object.freeze([...ports]) });
    },
  }.initMessageEvent,
  enumerable: true,
  configurable: true,
  writable: true,
});
export const PromiseRejectionEvent = defineEvent("PromiseRejectionEvent", { promise: [undefined, any], reason: [undefined, any] }, "promise");
