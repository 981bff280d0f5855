// SPDX-License-Identifier: MPL-2.0
// The interfaces URL and URLSearchParams, here and in Firefox: each line is an expression and its value.

function line(what, value) {
  dump(`${what}: ${JSON.stringify(value)}\n`);
}

function failure(what, action) {
  try {
    action();
    dump(`${what}: no error\n`);
  } catch (error) {
    dump(`${what}: ${error.name}: ${error.message}\n`);
  }
}

const PROPERTIES = ["origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

function urlMembers() {
  const inputs = [
    "http://u:p@h:1/a/b?q#f", "https://h:443/", "file:///a?b#", "foo:a?b#c", "foo://h:2/p", "data:x,y", "ws://h:80",
    "ftp://h", "blob:https://a:1/x", "blob:x", "http://[::1]:2", "mailto:a@b", "about:blank", "resource://gre/a",
  ];
  for (const input of inputs) {
    const url = new URL(input);
    for (const property of PROPERTIES) {
      // Gecko gives resource: an origin of its own, and blob: URLs of nothing are not looked into.
      if (property != "origin" || !/^(resource|blob:x)/.test(input)) {
        line(`${input} ${property}`, url[property]);
      }
    }
    line(`${input} JSON`, JSON.stringify(url));
    line(`${input} String`, String(url));
  }
  line("tag", Object.prototype.toString.call(new URL("a:b")));
  line("length", URL.length);
  line("href is enumerable", Object.getOwnPropertyDescriptor(URL.prototype, "href").enumerable);
  line("toJSON is enumerable", Object.getOwnPropertyDescriptor(URL.prototype, "toJSON").enumerable);
  line("base is a URL", new URL("x", new URL("http://h/a/b")).href);
  line("parse gives null", URL.parse("x"));
  line("parse gives a URL", URL.parse("a:b") instanceof URL);
  line("canParse", [URL.canParse("x"), URL.canParse("x", "http://a"), URL.canParse("a:b", "x"), URL.canParse(undefined)]);
  failure("new URL()", () => new URL());
  failure("bad", () => new URL("foo"));
  failure("bad base", () => new URL("foo", "bar"));
  failure("bad in base", () => new URL("http://[", "http://a"));
  failure("href", () => (new URL("a:b").href = "x"));
  failure("parse()", () => URL.parse());
  failure("canParse()", () => URL.canParse());
}

function liveBinding() {
  const url = new URL("http://h/?a=1&b=2");
  const params = url.searchParams;
  line("same object", params === url.searchParams);
  params.append("c", "é &");
  line("append", url.href);
  params.delete("a");
  line("delete", url.search);
  params.set("b", "x");
  line("set", url.search);
  params.sort();
  line("sort", url.search);
  url.search = "?z=9&y";
  line("search =", [...params]);
  url.href = "http://i/?w";
  line("href =", [...params]);
  url.searchParams.delete("w");
  line("empty", url.href);
}

function searchParams() {
  const inputs = [
    "", "?", "a", "a=b", "?a=b&c", "&&a&&", "=", "=b", "a==b", "a=b=c", "a+b=c+d", "%41=%zz", "a=%e9", "é=ü", "a=%F0%9F%98%80",
    "??a", "a&a=1&a=2", "%00=%01", "a=\ud800", "\ufeffa=b", "a%3Db=c%26d", "+=%2B", "a;b", "*-._=!'()~",
  ];
  for (const input of inputs) {
    const params = new URLSearchParams(input);
    line(`${input} pairs`, [...params]);
    line(`${input} text`, params.toString());
  }
  line("pairs", new URLSearchParams([["a", 1], ["b", null], ["a", undefined]]).toString());
  line("record", new URLSearchParams({ b: 2, a: [1, 2], "c d": true }).toString());
  line("copy", new URLSearchParams(new URLSearchParams("x=1&y")).toString());
  line("null", new URLSearchParams(null).toString());
  line("undefined", new URLSearchParams(undefined).toString());
  line("number", new URLSearchParams(5).toString());
  const params = new URLSearchParams("a=1&b=2&a=3");
  line("get", [params.get("a"), params.get("x"), params.getAll("a"), params.getAll("x")]);
  line("has", [params.has("a"), params.has("a", "3"), params.has("a", "4"), params.has("x"), params.has("a", undefined)]);
  line("size", params.size);
  params.delete("a", "3");
  line("delete value", params.toString());
  line("keys", [...params.keys()]);
  line("values", [...params.values()]);
  params.set("a", "9");
  params.set("n", "new");
  line("set", params.toString());
  const seen = [];
  params.forEach((value, key, object) => seen.push([key, value, object === params]));
  line("forEach", seen);
  line("sort", (() => { const p = new URLSearchParams("ﬃ&🌈&b=1&a&b=0"); p.sort(); return p.toString(); })());
  line("tag", Object.prototype.toString.call(params));
  line("iterator tag", Object.prototype.toString.call(params.entries()));
  line("iterator", params[Symbol.iterator] === params.entries);
  const live = new URLSearchParams("a=1&b=2");
  const iterator = live.entries();
  line("first", iterator.next());
  live.append("c", "3");
  live.delete("a");
  line("second", iterator.next());
  line("third", iterator.next());
  failure("append", () => new URLSearchParams().append("a"));
  failure("get", () => new URLSearchParams().get());
  failure("sequence", () => new URLSearchParams([1]));
  failure("pair", () => new URLSearchParams([["a"]]));
  failure("pair of 3", () => new URLSearchParams([["a", "b", "c"]]));
  failure("forEach", () => new URLSearchParams("a=b").forEach(1));
}

export async function runBackgroundTask() {
  urlMembers();
  liveBinding();
  searchParams();
}
