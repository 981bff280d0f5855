// SPDX-License-Identifier: MPL-2.0
// Lazy properties.
//
// What they have in common: a getter that makes the value at the first use.

/** Keeps a lazy preference up to date while its value is asked for. */
class LazyPreference {
  #name;
  #fallback;
  #transform;
  #known = false;
  #value;

  constructor(name, fallback, onUpdate, transform) {
    this.#name = name;
    this.#fallback = fallback;
    this.#transform = transform;
    const observer = () => {
      const previous = this.#value;
      this.#known = false;
      if (onUpdate) {
        onUpdate(name, previous, this.value);
      }
    };
    Services.prefs.addObserver(name, (branch, topic, changed) => {
      if (changed == name) {
        observer();
      }
    });
  }

  #read() {
    const { prefs } = Services;
    switch (prefs.getPrefType(this.#name)) {
      case prefs.PREF_STRING:
        return prefs.getStringPref(this.#name);
      case prefs.PREF_INT:
        return prefs.getIntPref(this.#name);
      case prefs.PREF_BOOL:
        return prefs.getBoolPref(this.#name);
      default:
        return this.#fallback;
    }
  }

  get value() {
    if (!this.#known) {
      this.#value = this.#transform(this.#read());
      this.#known = true;
    }
    return this.#value;
  }
}


/** What a description in declareLazy() stands for: a URL, a function, { pref, … } or { service, iid }. */
function defineFrom(target, name, description) {
  if (typeof description == "string") {
    ChromeUtils.defineESModuleGetters(target, { [name]: description });
  } else if (typeof description == "function") {
    ChromeUtils.defineLazyGetter(target, name, description);
  } else if ("service" in description) {
    ChromeUtils.defineLazyGetter(target, name, () => {
      const { service, iid } = description;
      return iid ? Cc[service].getService(iid) : Cc[service].getService();
    });
  } else if ("pref" in description) {
    const { pref, default: fallback, onUpdate, transform } = description;
    XPCOMUtils.defineLazyPreferenceGetter(target, name, pref, fallback, onUpdate, transform);
  } else {
    throw new Error(`Unknown LazyDefinition type for ${name}`);
  }
}

export const XPCOMUtils = {
  /** @iface: a member of Ci. */
  defineLazyServiceGetter(target, name, contract, iface) {
    ChromeUtils.defineLazyGetter(target, name, () => Cc[contract].getService(iface));
  },

  /** @services: { name: [contract, interface] }. */
  defineLazyServiceGetters(target, services) {
    for (const [name, [contract, iface]] of Object.entries(services)) {
      XPCOMUtils.defineLazyServiceGetter(target, name, contract, iface);
    }
  },

  /**
   * A property that is always the value of preference @pref, or @fallback when it has none.
   * @param onUpdate called with (preference, previous, latest) after a change
   * @param transform makes the property's value from the preference's, or from @fallback
   */
  defineLazyPreferenceGetter(target, name, pref, fallback = null, onUpdate = null, transform = value => value) {
    let lazy = null;
    Object.defineProperty(target, name, {
      get() {
        lazy ??= new LazyPreference(pref, fallback, onUpdate, transform);
        return lazy.value;
      },
      enumerable: true,
      configurable: true,
    });
  },

  /** Members @names (one, or a list) of @target that the script at @url declares, which is loaded at the first use. */
  defineLazyScriptGetter(target, names, url) {
    const list = [names].flat();
    for (const name of list) {
      Object.defineProperty(target, name, {
        get() {
          for (const each of list) {
            Object.defineProperty(target, each, { value: undefined, writable: true, enumerable: true, configurable: true });
          }
          Services.scriptloader.loadSubScript(url, target);
          return target[name];
        },
        enumerable: true,
        configurable: true,
      });
    }
  },

  /** Define on @target: { name: url | function | { pref, default, onUpdate, transform } | { service, iid } }. */
  defineLazy(target, descriptions) {
    for (const [name, description] of Object.entries(descriptions)) {
      defineFrom(target, name, description);
    }
    return target;
  },

  /** The same on a new object. */
  declareLazy(descriptions) {
    return XPCOMUtils.defineLazy({}, descriptions);
  },

  /** Globals are there already; each of @names becomes a property of @target. */
  defineLazyGlobalGetters(target, names) {
    for (const name of names) {
      ChromeUtils.defineLazyGetter(target, name, () => globalThis[name]);
    }
  },

  defineConstant(target, name, value) {
    Object.defineProperty(target, name, { value, enumerable: true, writable: false });
  },

  overrideScriptLoaderForTests(_loader) {
    throw Components.Exception("XPCOMUtils.overrideScriptLoaderForTests is not implemented", Cr.NS_ERROR_NOT_IMPLEMENTED);
  },
};
