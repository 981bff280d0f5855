// SPDX-License-Identifier: MPL-2.0
// Services.vc: nsIVersionComparator.

import { compareVersions } from "resource://gre/modules/VersionCompare.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

class VersionComparator {
  /** Negative, 0 or positive: @a is older than, as old as, newer than @b. */
  compare(a, b) {
    return compareVersions(String(a), String(b));
  }
}
defineXpcomClass(VersionComparator, ["nsIVersionComparator"], { nsIVersionComparator: { compare: 2 } });

export const versionComparator = new VersionComparator();
