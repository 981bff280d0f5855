// SPDX-License-Identifier: MPL-2.0
// Declarations with `using` and `await using`, in many places. Each function gives what happened, in order.

let events = [];

/** A resource that notes its name when it is disposed of, and throws what it is to. */
function resource(name, error) {
  events.push(`+${name}`);
  return {
    name,
    [Symbol.dispose]() {
      events.push(`-${name}`);
      if (error) {
        throw new Error(error);
      }
    },
  };
}

function asynchronous(name, error) {
  events.push(`+${name}`);
  return {
    name,
    async [Symbol.asyncDispose]() {
      events.push(`-${name} begun`);
      await null;
      events.push(`-${name}`);
      if (error) {
        throw new Error(error);
      }
    },
  };
}

function textOf(error) {
  const suppressed = error?.name == "SuppressedError" ? ` [${textOf(error.error)} over ${textOf(error.suppressed)}]` : "";
  return `${error?.name}: ${error?.message}${suppressed}`;
}

/** What @body did. */
export function told(body) {
  events = [];
  try {
    const value = body();
    return [...events, value];
  } catch (error) {
    return [...events, textOf(error)];
  }
}

export async function toldAsync(body) {
  events = [];
  const ticks = [];
  try {
    const value = await body(ticks);
    return [...events, value];
  } catch (error) {
    return [...events, textOf(error)];
  }
}

export function simple() {
  using a = resource("a");
  events.push(a.name);
}

export function several() {
  using a = resource("a"), b = resource("b");
  using c = resource("c");
  events.push("body");
  return [a.name, b.name, c.name];
}

export function secondFails() {
  using a = resource("a"), b = (() => { throw new Error("no b"); })();
  return [a, b];
}

export function nothing() {
  using a = null, b = undefined;
  return [a, b];
}

export function notDisposable() {
  using a = resource("a");
  using b = {};
  return [a, b];
}

export function notAnObject() {
  using a = 5;
  return a;
}

export function notCallable() {
  using a = { [Symbol.dispose]: 5 };
  return a;
}

export function bodyThrows() {
  using a = resource("a");
  throw new RangeError(a.name);
}

export function disposalThrows() {
  using a = resource("a", "closing a");
  return a.name;
}

export function allThrow() {
  using a = resource("a", "closing a");
  using b = resource("b", "closing b");
  throw new RangeError(a.name + b.name);
}

export function blocks() {
  {
    using a = resource("a");
    {
      using b = resource("b");
      events.push(a.name + b.name);
    }
    events.push("between");
  }
  events.push("behind");
}

export function loops() {
  for (let i = 0; i < 4; i++) {
    using a = resource(`a${i}`);
    if (i == 1) {
      continue;
    }
    if (i == 2) {
      break;
    }
    events.push(a.name);
  }
}

export function labels() {
  outer: for (const i of [1, 2]) {
    using a = resource(`a${i}`);
    for (;;) {
      using b = resource(`b${i}`);
      if (a && b) {
        continue outer;
      }
    }
  }
}

export function forOf() {
  for (using a of [resource("a"), null, resource("b")]) {
    events.push(a?.name ?? "none");
  }
}

export function forOfWithin() {
  for (using a of [resource("a"), resource("b")]) {
    using c = resource("c");
    if (c) {
      events.push(a.name);
      continue;
    }
  }
}

export function tryCatch() {
  try {
    using a = resource("a");
    throw new Error(a.name);
  } catch (error) {
    using b = resource("b");
    events.push(error.message + b.name);
  } finally {
    using c = resource("c");
    events.push(c.name);
  }
}

export function closures() {
  const read = () => later();
  function later() {
    return "hoisted";
  }
  using a = resource("a");
  const arrow = () => { using b = resource("b"); return b.name; };
  return [a.name, arrow(), read(), hoisted()];
  function hoisted() {
    using d = resource("d");
    return d.name;
  }
}

export class Methods {
  #value = "private";
  static made = (() => { using a = resource("static"); return a.name; })();
  get value() {
    using a = resource("a");
    return [this.#value, a.name, #value in this];
  }
  *each() {
    using a = resource("a");
    yield 1;
    yield a.name;
  }
}

export function generators() {
  const all = [...new Methods().each()];
  const [first] = new Methods().each();
  return [all, first, new Methods().value, Methods.made];
}

export function names() {
  const using = 5;
  const await_ = using / 2 / 1;
  const text = `using x = ${`{${using}`} "}`; // using y = {
  const pattern = /using z = [{}"'`/]/.source;
  using a = resource(`}${/[}]/.test("}")}{`), $using = resource("$using0");
  return [await_, text, pattern, a.name, $using.name];
}

export function columns() {
  const wide = "é\u2028é😀😀"; { using a = resource("😀"), ü𠀀 = resource("ü"); events.push(a.name, ü𠀀.name); } return wide.length; // 😀
}

export function switches(value) {
  switch (value) {
    case 1: {
      using a = resource("a");
      return a.name;
    }
    default:
      return "default";
  }
}

export function parameters(a = resource("parameter"), [b] = [a]) {
  using c = b, d = resource("d");
  return [a === c, d.name, arguments.length];
}

export function read() {
  const value = {
    get [Symbol.dispose]() {
      events.push("read");
      return function (...all) {
        events.push(this === value, all.length);
      };
    },
  };
  using a = value;
  events.push("body");
  return a === value;
}

export function early() {
  events.push(typeof resource);
  try {
    void a;
  } catch (error) {
    events.push(error.name);
  }
  using a = resource("a");
}

export const place = () => { using a = resource("a"); return [a.name, new Error().lineNumber]; };

export async function awaited() {
  await using a = asynchronous("a");
  events.push("body");
  return a.name;
}

export async function mixed() {
  using a = resource("a");
  await using b = asynchronous("b");
  using c = resource("c");
  await using d = resource("d");
  return [a, b, c, d].map(({ name }) => name);
}

export async function awaitedNothing() {
  await using a = null;
  return a;
}

export async function awaitedFails() {
  await using a = asynchronous("a", "closing a");
  await using b = asynchronous("b", "closing b");
  throw new Error(a.name + b.name);
}

export async function awaitedNot() {
  await using a = {};
  return a;
}

export async function awaitedOf() {
  for (await using a of [asynchronous("a"), null, resource("b")]) {
    events.push(a?.name ?? "none");
  }
}

export async function awaitedEach() {
  async function* each() {
    yield resource("a");
    yield resource("b");
  }
  for await (using a of each()) {
    events.push(a.name);
  }
}

export async function awaitedBlock() {
  {
    await using a = asynchronous("a");
    events.push(a.name);
  }
  events.push("behind");
}

export async function synchronousInAsync() {
  const later = Promise.resolve().then(() => events.push("tick"));
  {
    using a = resource("a");
    events.push(a.name);
  }
  events.push("behind");
  await later;
}
