// SPDX-License-Identifier: MPL-2.0
// Values in words that are the same when the values are. Used here and in Firefox, so that it leans on the language alone.

const DEPTH = 6;

function error(value) {
  const words = [value.name, value.message].map(String).join(": ");
  const result = typeof value.result == "number" ? ` (0x${value.result.toString(16)})` : "";
  const code = typeof value.code == "number" && value.code ? ` [${value.code}]` : "";
  return `${words}${result}${code}`;
}

function list(value, depth) {
  return Array.from(value, item => describe(item, depth)).join(", ");
}

function object(value, depth) {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (ArrayBuffer.isView(value) && kind != "DataView") {
    return `${kind}[${list(value, depth)}]`;
  }
  switch (kind) {
    case "Array":
      return `[${list(value, depth)}]`;
    case "ArrayBuffer":
      return `ArrayBuffer[${list(new Uint8Array(value), depth)}]`;
    case "Date":
      return `Date(${value.getTime()})`;
    case "RegExp":
      return String(value);
    case "Map":
      return `Map{${Array.from(value, ([key, item]) => `${describe(key, depth)} => ${describe(item, depth)}`).join(", ")}}`;
    case "Set":
      return `Set{${list(value, depth)}}`;
    case "Boolean":
    case "Number":
    case "String":
      return `${kind}(${describe(value.valueOf(), depth)})`;
    case "Error":
    case "DOMException":
    case "Exception":
      return `${kind}(${error(value)})`;
  }
  const entries = Object.keys(value).map(key => `${key}: ${describe(value[key], depth)}`);
  return `${kind == "Object" ? "" : kind}{${entries.join(", ")}}`;
}

export function describe(value, depth = 0) {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return `function ${value.name}`;
    case "object":
      if (value !== null) {
        return depth > DEPTH ? "…" : object(value, depth + 1);
      }
  }
  return String(value);
}

/** What a probe threw. */
export function describeThrown(value) {
  const isError = typeof value == "object" && value !== null && "message" in value;
  return isError ? `throws ${error(value)}` : `throws ${describe(value)}`;
}
