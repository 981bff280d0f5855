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

export function showContent(value) {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    const bytes = new Uint8Array(value);
    return `${bytes.length} bytes ${Array.from(bytes.slice(0, 24)).join()}`;
  }
  return value?.leafName === undefined ? JSON.stringify(value) ?? String(value) : `nsIFile ${value.path}`;
}

/** "NAME => value", or what was thrown: kind, name, code, result and message; says when @body gave no promise. */
export async function printPromise(name, body) {
  let text;
  try {
    const promise = body();
    text = (promise instanceof Promise ? "" : "at once ") + showContent(await promise);
  } catch (error) {
    const { code = error.errorCode ?? "", result = "", message } = error;
    text = `threw ${error.constructor?.name} ${error.name} ${code} ${result} | ${message}`;
  }
  say(`${name} => ${text}`);
}
