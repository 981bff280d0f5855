// SPDX-License-Identifier: MPL-2.0
// What the engine does not parse by itself.

import data from "./data.json" with { type: "json" };
import { data as same } from "./using_again.sys.mjs";

export const isSame = data === same;

export function dispose(events) {
  using first = { [Symbol.dispose]: () => events.push("first") }, second = { [Symbol.dispose]: () => events.push("second") };
  events.push(typeof first + typeof second);
  return new Error().lineNumber;
}

export async function disposeAsync(events) {
  await using one = { [Symbol.asyncDispose]: async () => events.push("one") };
  for (using each of [{ [Symbol.dispose]: () => events.push("each") }]) {
    events.push(typeof each + typeof one);
  }
}
