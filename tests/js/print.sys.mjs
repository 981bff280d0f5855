// SPDX-License-Identifier: MPL-2.0
// What modules print_* are written with: a line for each expression, its value or what it threw. The same here and in
// Firefox, which made the files in expected/.

let hidden = [];

/** Texts that differ from run to run, and what stands for them: [[text, name], …]. */
export function hide(pairs) {
  hidden = pairs;
}

function quiet(text) {
  return hidden.reduce((result, [secret, name]) => result.replaceAll(secret, name), text);
}

function show(value) {
  if (typeof value == "string") {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(show).join(", ")}]`;
  }
  if (value instanceof Ci.nsIFile) {
    return `file ${value.path}`;
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

function describe(error) {
  if (typeof error?.result == "number" && !(error instanceof Error)) {
    return `${error.name} ${JSON.stringify(String(error.message).replace(/^Component returned failure code: 0x\w+ \(\w+\) /, ""))}`;
  }
  return `${error?.name ?? typeof error} ${JSON.stringify(String(error?.message ?? error))}`;
}

export function say(text) {
  dump(`${quiet(text)}\n`);
}

/** "NAME = value" or "NAME ! error". */
export function print(name, body) {
  let line;
  try {
    line = `${name} = ${show(body())}`;
  } catch (error) {
    line = `${name} ! ${describe(error)}`;
  }
  say(line);
}

/** The same, waited for. */
export async function printAsync(name, body) {
  let line;
  try {
    line = `${name} = ${show(await body())}`;
  } catch (error) {
    line = `${name} ! ${describe(error)}`;
  }
  say(line);
}
