// SPDX-License-Identifier: MPL-2.0
// What print_ modules are written with: each case is a function, and prints its own text and what came of it. They run
// here and in Firefox, whose output is expected/print_NAME.out.

/** A value in words; objects by their text where the source form would not tell them. */
export function show(value) {
  if (typeof value == "string") {
    return JSON.stringify(value);
  }
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return `${value.constructor.name}[${[...new Uint8Array(value)]}]`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(show).join(", ")}]`;
  }
  return Object.is(value, -0) ? "-0" : uneval(value);
}

function words(error) {
  return `throws ${error?.name}: ${error?.message}`;
}

function print(text, result) {
  dump(`${String(text).replace(/^(async )?\(\) => /, "").replace(/\s+/g, " ")} -> ${result}\n`);
}

/** Prints what @body gives or throws. */
export function probe(body) {
  let result;
  try {
    result = show(body());
  } catch (error) {
    result = words(error);
  }
  print(body, result);
}

/** The same for a promise. */
export async function probeAsync(body) {
  let result;
  try {
    result = show(await body());
  } catch (error) {
    result = words(error);
  }
  print(body, result);
}
