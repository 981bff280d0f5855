// SPDX-License-Identifier: MPL-2.0
// What console prints.

export const backgroundTaskMinRuntimeMS = 1;

class Point {
  x = 1;
  y = "two";
}

export async function runBackgroundTask() {
  console.log("log", 1, { a: 1 }, [1, 2], null, undefined, true, 1n);
  console.info("info");
  console.warn("warn");
  console.error("error");
  console.debug("debug");
  console.log();
  console.log("%s is %d", "x", 5);
  console.log("quote \" and \\ and \n and \t", "é\u0000");
  console.log(-0, NaN, Infinity, 1.5, 1e21);
  console.log([], {}, [[]], [undefined, null], [,1]);
  console.log({ a: { b: { c: [1, { d: 2 }] } } });
  console.log({ "a b": 1, 5: 2, valid_name: 3, "": 4 });
  console.log(new Point());
  console.log(Symbol("s"), /re/g, new Date(NaN));
  console.log("a", "b");
  console.log("");
  const instance = console.createInstance({ prefix: "pfx" });
  instance.log("yes");
  instance.warn("yes", 1);
  instance.error("yes");
  const limited = console.createInstance({ prefix: "lim", maxLogLevel: "Warn" });
  limited.log("not shown");
  limited.warn("shown");
  try {
    console.createInstance({ prefix: "x", maxLogLevel: "warn" });
  } catch (error) {
    dump(error.name + "\n");
  }
  dump("dumped");
  dump(" twice\n");
  dump(5);
  dump("\n");
  dump(undefined);
  dump("\né\u{1f600}\n");
}
