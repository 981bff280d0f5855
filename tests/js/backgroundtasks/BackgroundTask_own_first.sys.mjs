// SPDX-License-Identifier: MPL-2.0
// What the language has gained is there whatever a task does first. Arguments: what is done, as an expression; "print", to
// have its value printed.

/** A member of each object that has some, in the order of runner/language.c; the objects by ways that name no global. */
const PROOFS = {
  array: () => [[].findLast, [].constructor.fromAsync],
  error: () => [thrown().constructor.__proto__.isError],
  iterator: () => [[].values().__proto__.__proto__.constructor.concat, [].values().map],
  json: () => (typeof JSON == "object" ? [JSON.rawJSON, JSON.parse("1.0", (_key, _value, { source }) => source)] : []),
  atomics: () => [Atomics.waitAsync],
  object: () => [({}).constructor.groupBy],
  promise: () => [(async () => {})().constructor.withResolvers, (async () => {})().constructor.try],
  regexp: () => [/a/.constructor.escape],
  string: () => ["".isWellFormed, "".toWellFormed],
  symbol: () => [Symbol.dispose],
  map: () => [Map.groupBy, Map.prototype.getOrInsert],
  weakMap: () => [WeakMap.prototype.getOrInsert],
  set: () => [Set.prototype.union],
  math: () => [Math.f16round, Math.random],
  view: () => [DataView.prototype.getFloat16],
  bytes: () => [Uint8Array.fromHex, Uint8Array.prototype.toHex],
  typed: () => [Object.getPrototypeOf(Int8Array.prototype).toSorted],
  buffer: () => [ArrayBuffer.prototype.transfer],
};

function thrown() {
  try {
    return null.x;
  } catch (error) {
    return error;
  }
}

export const backgroundTaskMinRuntimeMS = 1;

export function runBackgroundTask(commandLine) {
  const expression = commandLine.getArgument(0);
  const first = new Function(`return ${expression};`)();
  if (commandLine.length > 1) {
    dump(`${first}\n`);
  }
  for (const [name, prove] of Object.entries(PROOFS)) {
    const missing = prove().findIndex(value => value === undefined);
    if (missing >= 0) {
      dump(`not ok ${name} ${missing} after ${expression}\n`);
      return 1;
    }
  }
  dump(`ok ${typeof first}\n`);
  return 0;
}
