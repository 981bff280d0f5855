// SPDX-License-Identifier: MPL-2.0
// Services.vc: nsIVersionComparator, the order of versions in the toolkit's format.
//
// A version is parts with dots between them; a part is <number><text><number><text>, each of which may be missing. Numbers
// are compared as numbers, texts by their bytes, and a text that is missing comes after any text: 1.0pre1 is older than
// 1.0. A part "1.0+" means 1.1pre; "*" is larger than any number. Missing parts are 0.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const PART = /^(-?\d+)?([^\d+-][^\d+-]*)?(-?\d+)?(.*)$/s;

function parsePart(text) {
  if (text == "*") {
    return [Infinity, "", 0, ""];
  }
  const [, first = "0", word = "", second = "0", rest = ""] = PART.exec(text);
  if (word == "" && rest == "+") {
    return [Number(first) + 1, "pre", 0, ""];
  }
  return [Number(first), word, Number(second), rest];
}

function compareTexts(a, b) {
  if (a == b) {
    return 0;
  }
  if (a == "" || b == "") {
    return a == "" ? 1 : -1;
  }
  return a < b ? -1 : 1;
}

/** -1, 0 or 1. */
export function compareVersions(a, b) {
  const left = String(a).split(".");
  const right = String(b).split(".");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const x = parsePart(left[index] ?? "");
    const y = parsePart(right[index] ?? "");
    for (let field = 0; field < 4; field++) {
      const order = field % 2 ? compareTexts(x[field], y[field]) : Math.sign(x[field] - y[field]) || 0;
      if (order) {
        return order;
      }
    }
  }
  return 0;
}

class VersionComparator {
  compare(a, b) {
    return compareVersions(a, b);
  }
}
defineXpcomClass(VersionComparator, ["nsIVersionComparator"], { nsIVersionComparator: { compare: 2 } });

export const versionComparator = new VersionComparator();
