// SPDX-License-Identifier: MPL-2.0
// Services.obs: nsIObserverService. Observers are functions or objects with an observe() method; the one added last
// is called first, as in Gecko.

import {
  INTERFACES,
  defineXpcomClass,
  fail,
  failConversion,
  isObject,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { console: native, runtime } = import.meta.native;

/** Notifications that the host must be told to send: whoever observes one loads what sends it. */
const SHUTDOWN_TOPIC = /^(quit-application|profile-(change|before-change)|xpcom-)/;

/** A list that can be walked with for…of, or with hasMoreElements() and getNext(). */
export class Enumerator {
  #items;

  constructor(items) {
    this.#items = [...items];
  }

  hasMoreElements() {
    return this.#items.length > 0;
  }

  getNext() {
    if (!this.#items.length) {
      fail("NS_ERROR_FAILURE", `${this[INTERFACES][0]}.getNext`);
    }
    return this.#items.shift();
  }

  /** What is left, for for…of; all of one interface, so that @iface changes nothing. */
  entries(iface) {
    return this[Symbol.iterator]();
  }

  [Symbol.iterator]() {
    return this.#items.splice(0)[Symbol.iterator]();
  }
}
defineXpcomClass(Enumerator, ["nsISimpleEnumerator"], {
  nsISimpleEnumerator: { entries: 1, hasMoreElements: 0, getNext: 0 },
});

/** Holds an observer: as it is, or so that it can go once nobody else has it. */
export class ObserverHolder {
  #observer;
  #weak;

  constructor(observer, isWeak) {
    this.#observer = isWeak ? null : observer;
    this.#weak = isWeak ? new WeakRef(observer) : null;
  }

  /** The observer; null: it is gone. */
  get observer() {
    return this.#observer ?? this.#weak?.deref() ?? null;
  }
}

/** Whether @observer says that it can be held weakly. */
export function isWeaklyReferable(observer) {
  try {
    return isObject(observer) && Boolean(observer.QueryInterface(Ci.nsISupportsWeakReference));
  } catch {
    return false;
  }
}

/** Call an observer; what it throws is reported and goes no further. */
export function callObserver(observer, subject, topic, data) {
  try {
    if (typeof observer == "function") {
      observer(subject, topic, data);
    } else if (typeof observer.observe == "function") {
      observer.observe(subject, topic, data);
    }
  } catch (error) {
    native.reportError(error);
  }
}

/** What stands in for a plain JS object in XPCOM: wrappedJSObject is the object. */
class WrappedObject {
  #object;

  constructor(object) {
    this.#object = object;
  }

  get wrappedJSObject() {
    return this.#object;
  }

  QueryInterface(iface) {
    return typeof this.#object.QueryInterface == "function" ? this.#object.QueryInterface(iface) : this;
  }
}
Object.defineProperty(WrappedObject.prototype, INTERFACES, { value: ["nsISupports"] });
WrappedObject.prototype.toString = () => "[xpconnect wrapped nsISupports]";

function wrapSubject(subject, where) {
  if (subject === null || subject === undefined) {
    return null;
  }
  if (!isObject(subject)) {
    failConversion(where, 0);
  }
  return subject[INTERFACES] ? subject : new WrappedObject(subject);
}

/** Check an observer argument as XPConnect does. */
export function checkObserver(observer, where, index) {
  if (observer === null || observer === undefined) {
    fail("NS_ERROR_ILLEGAL_VALUE", where);
  }
  if (!isObject(observer)) {
    failConversion(where, index);
  }
}

class ObserverService {
  /** Lists of ObserverHolder. */
  #topics = new Map();

  #topic(topic, method) {
    if (topic === null || topic === undefined) {
      fail("NS_ERROR_ILLEGAL_VALUE", `nsIObserverService.${method}`);
    }
    return String(topic);
  }

  /** Those that are still there, the one added last first. */
  #observers(topic) {
    const list = (this.#topics.get(topic) ?? []).filter(holder => holder.observer);
    if (this.#topics.has(topic)) {
      this.#topics.set(topic, list);
    }
    return list.map(({ observer }) => observer).filter(Boolean).reverse();
  }

  /** @ownsWeak: the observer is held weakly, as its nsISupportsWeakReference allows; it need not be removed. */
  addObserver(observer, topic, ownsWeak = false) {
    const where = "nsIObserverService.addObserver";
    checkObserver(observer, where, 0);
    const name = this.#topic(topic, "addObserver");
    if (ownsWeak && !isWeaklyReferable(observer)) {
      fail("NS_NOINTERFACE", where);
    }
    const list = this.#topics.get(name) ?? [];
    list.push(new ObserverHolder(observer, Boolean(ownsWeak)));
    this.#topics.set(name, list);
    if (SHUTDOWN_TOPIC.test(name)) {
      runtime.load("resource://gre/modules/bgtask/Shutdown.sys.mjs");
    }
  }

  removeObserver(observer, topic) {
    const where = "nsIObserverService.removeObserver";
    checkObserver(observer, where, 0);
    const list = this.#topics.get(this.#topic(topic, "removeObserver"));
    if (!list) {
      fail("NS_ERROR_FAILURE", where);
    }
    const index = list.findIndex(holder => holder.observer === observer);
    if (index < 0) {
      fail("NS_ERROR_ILLEGAL_VALUE", where);
    }
    list.splice(index, 1);
  }

  notifyObservers(subject, topic, data = null) {
    const name = this.#topic(topic, "notifyObservers");
    const wrapped = wrapSubject(subject, "nsIObserverService.notifyObservers");
    const text = data === null || data === undefined ? null : String(data);
    for (const observer of this.#observers(name)) {
      callObserver(observer, wrapped, name, text);
    }
  }

  enumerateObservers(topic) {
    return new Enumerator(this.#observers(this.#topic(topic, "enumerateObservers")));
  }
}
defineXpcomClass(ObserverService, ["nsIObserverService"], {
  nsIObserverService: { addObserver: [2, 3], removeObserver: 2, notifyObservers: [2, 3], enumerateObservers: 1 },
});

export const obs = new ObserverService();
