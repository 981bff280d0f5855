// SPDX-License-Identifier: MPL-2.0
// XPCOMUtils.

import { print } from "resource://testing-common/print.sys.mjs";
import { XPCOMUtils } from "resource://gre/modules/XPCOMUtils.sys.mjs";

const OBSERVERS = "@mozilla.org/observer-service;1";
const UUIDS = "@mozilla.org/uuid-generator;1";
const TIMER = "resource://gre/modules/Timer.sys.mjs";

const { prefs } = Services;
const target = {};

function checkServices() {
  print("service", () => {
    XPCOMUtils.defineLazyServiceGetter(target, "obs", OBSERVERS, Ci.nsIObserverService);
    const { get, enumerable, configurable } = Object.getOwnPropertyDescriptor(target, "obs");
    return [typeof get, enumerable, configurable, target.obs === Services.obs, "value" in Object.getOwnPropertyDescriptor(target, "obs")];
  });
  for (const iface of [undefined, "nsIObserverService", 5]) {
    print(`service, ${iface}`, () => {
      XPCOMUtils.defineLazyServiceGetter(target, `obs ${iface}`, OBSERVERS, iface);
      return target[`obs ${iface}`];
    });
  }
  print("services", () => {
    XPCOMUtils.defineLazyServiceGetters(target, {
      a: [OBSERVERS, Ci.nsIObserverService],
      b: [UUIDS, Ci.nsIUUIDGenerator],
    });
    return [String(target.a), String(target.b)];
  });
}

function checkPreferences() {
  const changes = [];
  prefs.setIntPref("x.i", 5);
  print("preference", () => {
    const seen = [];
    XPCOMUtils.defineLazyPreferenceGetter(target, "i", "x.i", 1, (...args) => changes.push(args), value => value * 2);
    seen.push(target.i);
    prefs.setIntPref("x.i", 6);
    seen.push(target.i);
    prefs.clearUserPref("x.i");
    seen.push(target.i);
    return [seen, changes];
  });
  print("preference, other types", () => {
    const seen = [];
    XPCOMUtils.defineLazyPreferenceGetter(target, "d", "x.none", "default");
    seen.push(target.d);
    prefs.setStringPref("x.none", "text");
    seen.push(target.d);
    prefs.clearUserPref("x.none");
    prefs.setBoolPref("x.none", true);
    seen.push(target.d);
    return seen;
  });
  print("preference, no default", () => {
    XPCOMUtils.defineLazyPreferenceGetter(target, "n", "x.none2");
    return target.n;
  });
  print("preference, assigned", () => {
    target.i = 9;
  });
  print("preference, property", () => {
    const { enumerable, configurable, get, set } = Object.getOwnPropertyDescriptor(target, "i");
    return [enumerable, configurable, typeof get, typeof set];
  });
  print("preference, longer names", () => {
    const heard = [];
    XPCOMUtils.defineLazyPreferenceGetter(target, "c", "x.c", 3, (...args) => heard.push(args));
    prefs.setIntPref("x.cc", 1);
    prefs.setIntPref("x.c", 8);
    const before = heard.length;
    target.c;
    prefs.setIntPref("x.c", 10);
    return [before, heard, target.c];
  });
}

function checkOthers() {
  print("constant", () => {
    XPCOMUtils.defineConstant(target, "K", 5);
    const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(target, "K");
    return [target.K, writable, enumerable, configurable];
  });
  print("constant, assigned", () => {
    target.K = 6;
  });
  print("declareLazy", () => {
    const lazy = XPCOMUtils.declareLazy({
      setTimeout: TIMER,
      made: () => 7,
      pref: { pref: "x.i", default: 4 },
      service: { service: UUIDS, iid: Ci.nsIUUIDGenerator },
    });
    return [typeof lazy.setTimeout, lazy.made, lazy.pref, String(lazy.service), Object.keys(lazy).sort(), Object.isFrozen(lazy)];
  });
  print("declareLazy, number", () => XPCOMUtils.declareLazy({ x: 5 }));
  print("defineLazy", () => {
    const own = {};
    return [XPCOMUtils.defineLazy(own, { f: () => 1 }) === own, own.f];
  });
  print("globals", () => {
    const own = {};
    XPCOMUtils.defineLazyGlobalGetters(own, ["fetch", "URL"]);
    return [typeof own.fetch, typeof own.URL];
  });
}

export async function runBackgroundTask() {
  checkServices();
  checkPreferences();
  checkOthers();
  return 0;
}
