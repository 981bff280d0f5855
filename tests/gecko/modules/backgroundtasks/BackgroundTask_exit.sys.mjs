// SPDX-License-Identifier: MPL-2.0
// Returns the value called by its argument.

export const backgroundTaskMinRuntimeMS = 1;

const VALUES = {
  undefined,
  null: null,
  nan: NaN,
  infinity: Infinity,
  object: {},
  text: "hello",
  function: () => 5,
  true: true,
  false: false,
  seven: 7,
  numeric: "7",
  list: [7],
  fraction: 7.9,
  valueOf: { valueOf: () => 9 },
  symbol: Symbol("s"),
  minusOne: -1,
  minus257: -257,
  minusFraction: -7.9,
  n256: 256,
  n300: 300,
  large: 2 ** 32 + 5,
  date: new Date(12),
  hex: "0x10",
  minusLarge: -(2 ** 32 + 5),
  beyondInt: 2 ** 31 + 7,
  huge: 1e300,
  padded: " 7\n",
  notNumeric: "7x",
  emptyList: [],
  twoInList: [1, 2],
  textObject: { toString: () => "11" },
  primitive: { [Symbol.toPrimitive]: hint => (hint == "number" ? 12 : 13) },
  thenable: { then: resolve => resolve(14) },
  error: new Error("15"),
};

export function runBackgroundTask(commandLine) {
  return VALUES[commandLine.getArgument(0)];
}
