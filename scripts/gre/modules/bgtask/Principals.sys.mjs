// SPDX-License-Identifier: MPL-2.0
// Services.scriptSecurityManager, and the one principal that there is: the system's, which all code here has.

import { checkNative, defineConstants, defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const ORIGIN = "[System Principal]";

class Principal {
  get isSystemPrincipal() {
    return true;
  }

  get origin() {
    return ORIGIN;
  }

  get URI() {
    return null;
  }

  get isOriginPotentiallyTrustworthy() {
    return true;
  }

  equals(other) {
    checkNative(other, "nsIPrincipal", "nsIPrincipal.equals");
    return other === this;
  }

  /** The system's may do what any other may. */
  subsumes(other) {
    checkNative(other, "nsIPrincipal", "nsIPrincipal.subsumes");
    return true;
  }
}
for (const [names, value] of [
  [["isNullPrincipal", "isContentPrincipal", "isExpandedPrincipal", "isAddonOrExpandedAddonPrincipal"], false],
  [["originNoSuffix", "siteOrigin"], ORIGIN],
  [["originSuffix", "spec", "asciiSpec", "host", "asciiHost", "scheme", "prePath", "baseDomain", "exposableSpec", "exposablePrePath"], ""],
  [["userContextId", "privateBrowsingId"], 0],
]) {
  for (const name of names) {
    Object.defineProperty(Principal.prototype, name, { get: () => value, configurable: true });
  }
}
defineXpcomClass(Principal, ["nsIPrincipal", "nsISerializable"], { nsIPrincipal: { equals: 1, subsumes: 1 } });

export const systemPrincipal = new Principal();

class ScriptSecurityManager {
  getSystemPrincipal() {
    return systemPrincipal;
  }
}
defineXpcomClass(ScriptSecurityManager, ["nsIScriptSecurityManager"], { nsIScriptSecurityManager: { getSystemPrincipal: 0 } });
defineConstants(ScriptSecurityManager, "nsIScriptSecurityManager");

export const scriptSecurityManager = new ScriptSecurityManager();
