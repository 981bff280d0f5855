// SPDX-License-Identifier: MPL-2.0
// Services.catMan: nsICategoryManager. A category is a list of entries with a value each; many are contracts of
// components that want to hear of the topic that the category is called after.
//
// At first there is what was declared for this task (StaticComponents.sys.mjs): in background task mode an entry counts
// only when its selector says so.

import { Enumerator } from "resource://gre/modules/bgtask/Observers.sys.mjs";
import { SupportsCString } from "resource://gre/modules/bgtask/Supports.sys.mjs";
import { selectedEntries } from "resource://gre/modules/bgtask/StaticComponents.sys.mjs";
import {
  defineConstants,
  defineXpcomClass,
  fail,
  textOf,
} from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

/** nsICategoryEntry; it is a string, too: its name. */
class CategoryEntry {
  #entry;
  #value;

  constructor(entry, value) {
    this.#entry = entry;
    this.#value = value;
  }

  get entry() {
    return this.#entry;
  }

  get value() {
    return this.#value;
  }

  get data() {
    return this.#entry;
  }

  get type() {
    return Ci.nsISupportsPrimitive.TYPE_CSTRING;
  }
}
defineXpcomClass(CategoryEntry, ["nsICategoryEntry", "nsISupportsCString", "nsISupportsPrimitive"]);
defineConstants(CategoryEntry, "nsISupportsPrimitive");
CategoryEntry.prototype.toString = function toString() {
  return this.entry;
};

function asCString(text) {
  const string = new SupportsCString();
  string.data = text;
  return string;
}

class CategoryManager {
  /** Values by entry by category. */
  #categories = new Map();

  constructor() {
    for (const [category, entry, value] of selectedEntries()) {
      this.#category(category).set(entry, value);
    }
  }

  #category(name) {
    if (!this.#categories.has(name)) {
      this.#categories.set(name, new Map());
    }
    return this.#categories.get(name);
  }

  /** Observers are told a little later, as in Gecko. */
  #notify(topic, subject, category) {
    Services.tm.dispatchToMainThread(() => Services.obs.notifyObservers(subject, topic, category));
  }

  /** The value; NS_ERROR_NOT_AVAILABLE when there is none. */
  getCategoryEntry(category, entry) {
    const value = this.#categories.get(textOf(category))?.get(textOf(entry));
    return value ?? fail("NS_ERROR_NOT_AVAILABLE", "nsICategoryManager.getCategoryEntry");
  }

  /**
   * @persist must be false. An entry that is there stays as it is unless @replace.
   * @returns {string} the value that was replaced, or null
   */
  addCategoryEntry(category, entry, value, persist, replace) {
    if (persist) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsICategoryManager.addCategoryEntry");
    }
    const [name, key] = [textOf(category), textOf(entry)];
    const entries = this.#category(name);
    const before = entries.get(key);
    if (before !== undefined) {
      if (!replace) {
        return null;
      }
      this.#notify("xpcom-category-entry-removed", asCString(key), name);
    }
    entries.set(key, textOf(value));
    this.#notify("xpcom-category-entry-added", asCString(key), name);
    return before ?? null;
  }

  deleteCategoryEntry(category, entry, persist) {
    const name = textOf(category);
    if (this.#categories.has(name)) {
      this.#categories.get(name).delete(textOf(entry));
      this.#notify("xpcom-category-entry-removed", asCString(textOf(entry)), name);
    }
  }

  /** All its entries go. */
  deleteCategory(category) {
    const name = textOf(category);
    if (this.#categories.has(name)) {
      this.#categories.set(name, new Map());
      this.#notify("xpcom-category-cleared", this, name);
    }
  }

  /** Entries, by name. */
  enumerateCategory(category) {
    const entries = [...(this.#categories.get(textOf(category)) ?? [])];
    entries.sort(([one], [other]) => (one < other ? -1 : 1));
    return new Enumerator(entries.map(([entry, value]) => new CategoryEntry(entry, value)));
  }

  enumerateCategories() {
    return new Enumerator([...this.#categories.keys()].map(asCString));
  }
}
defineXpcomClass(CategoryManager, ["nsICategoryManager"], {
  nsICategoryManager: {
    getCategoryEntry: 2, addCategoryEntry: 5, deleteCategoryEntry: 3, deleteCategory: 1, enumerateCategory: 1,
    enumerateCategories: 0,
  },
});

export const categoryManager = new CategoryManager();

/**
 * Tell the components of the category @topic, made for it where they were not: an entry's value is a contract, or
 * "service,CONTRACT" for the one object of it. What fails is reported and keeps nobody else from being told.
 */
export function notifyCategory(topic, data = null) {
  for (const { entry, value } of categoryManager.enumerateCategory(topic)) {
    try {
      const isService = value.startsWith("service,");
      const cls = Cc[isService ? value.slice("service,".length) : value];
      if (!cls) {
        throw new Error(`category ${topic}: entry ${entry} is for ${value}, which nobody has registered`);
      }
      const component = isService ? cls.getService(Ci.nsIObserver) : cls.createInstance(Ci.nsIObserver);
      component.observe(null, topic, data);
    } catch (error) {
      Cu.reportError(error);
    }
  }
}
