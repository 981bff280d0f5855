// SPDX-License-Identifier: MPL-2.0
// Services.vc: nsIVersionComparator.
//
// A version is parts between dots, and a part is number, text, number, text, each of which may be absent: "1b2c" is
// 1, "b", 2, "c". An absent number is 0; an absent text is greater than any text, so that "1.0" comes after "1.0pre".
// "1+" is "2pre", and "*" is a number greater than all others.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const INFINITE = 2 ** 31 - 1;

function parsePart(text) {
  if (text == "*") {
    return [INFINITE, null, 0, null];
  }
  const [, number, rest] = /^(\s*[+-]?[0-9]*)([^]*)$/.exec(text);
  const first = parseInt(number, 10) || 0;
  if (rest == "") {
    return [first, null, 0, null];
  }
  if (rest[0] == "+") {
    return [first + 1, "pre", 0, null];
  }
  const [, word, second, extra] = /^([^0-9+-]*)([+-]?[0-9]*)([^]*)$/.exec(rest);
  return [first, word, parseInt(second, 10) || 0, extra == "" ? null : extra];
}

function compareText(a, b) {
  if (a === null || b === null) {
    return (a === null) - (b === null);
  }
  return a < b ? -1 : Number(a > b);
}

function compareParts(a, b) {
  return Math.sign(a[0] - b[0]) || compareText(a[1], b[1]) || Math.sign(a[2] - b[2]) || compareText(a[3], b[3]);
}

/** Negative, 0 or positive: @a is older than, as old as, newer than @b. */
export function compareVersions(a, b) {
  const left = String(a).split(".");
  const right = String(b).split(".");
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(parsePart(left[i] ?? ""), parsePart(right[i] ?? ""));
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

class VersionComparator {
  /** Negative, 0 or positive: @a is older than, as old as, newer than @b. */
  compare(a, b) {
    return compareVersions(`${a}`, `${b}`);
  }
}
defineXpcomClass(VersionComparator, ["nsIVersionComparator"], { nsIVersionComparator: { compare: 2 } });

export const versionComparator = new VersionComparator();
