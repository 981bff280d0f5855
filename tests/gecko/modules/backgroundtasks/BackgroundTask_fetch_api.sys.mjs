// SPDX-License-Identifier: MPL-2.0
// Headers, Request and Response by themselves.

export const backgroundTaskMinRuntimeMS = 1;

async function line(what, action) {
  let text;
  try {
    text = JSON.stringify(await action()) ?? "undefined";
  } catch (error) {
    text = `${error.name}: ${error.message}`;
  }
  dump(`${what}: ${text}\n`);
}

async function headers() {
  await line("sorted", () => [...new Headers([["B", "1"], ["a", " x\t"], ["b", "2"], ["Set-Cookie", "q"], ["set-cookie", "w"]])]);
  await line("record", () => [...new Headers({ B: "1", a: 5, c: null })]);
  await line("copy", () => [...new Headers(new Headers({ a: "b" }))]);
  await line("nothing", () => [[...new Headers()], [...new Headers(undefined)], [...new Headers({})], [...new Headers([])]]);
  const list = new Headers({ a: "1", "Set-Cookie": "x" });
  list.append("A", "2");
  list.append("set-cookie", "y");
  await line("get", () => [list.get("a"), list.get("A"), list.get("none"), list.get("set-cookie"), list.getSetCookie()]);
  await line("has", () => [list.has("A"), list.has("b")]);
  list.set("a", "3");
  list.delete("set-cookie");
  list.delete("none");
  await line("changed", () => [...list]);
  await line("keys", () => [[...list.keys()], [...list.values()], [...list.entries()]]);
  const seen = [];
  list.forEach((value, name, object) => seen.push([value, name, object === list]));
  await line("forEach", () => seen);
  await line("tags", () => [Object.prototype.toString.call(list), Object.prototype.toString.call(list.keys())]);
  for (const [name, value] of [["a b", "c"], ["", "c"], ["a", "b\nc"], ["a", "b\rc"], ["a\u0100", "c"], ["a", "\u0100"], ["a:", "b"]]) {
    await line(`append ${JSON.stringify([name, value])}`, () => {
      const one = new Headers();
      one.append(name, value);
      return [...one];
    });
  }
  await line("get bad", () => new Headers().get("a b"));
  await line("append()", () => new Headers().append("a"));
  await line("pair", () => new Headers([["a"]]));
  await line("null", () => new Headers(null));
  await line("text", () => new Headers("x"));
}

const REQUEST = ["method", "url", "redirect", "mode", "credentials", "cache", "referrer", "referrerPolicy", "destination", "integrity",
                 "keepalive", "bodyUsed"];

async function requests() {
  const show = request => [...REQUEST.map(key => request[key]), [...request.headers], request.signal.aborted];
  await line("default", () => show(new Request("http://a/b?c#d")));
  await line("init", () => show(new Request("HTTP://A", { method: "post", body: "x", headers: { a: "b" }, redirect: "manual", cache: "no-store" })));
  await line("methods", () => ["get", "pUt", "delete", "head", "options", "patch", "X"].map(method => new Request("http://a", { method }).method));
  const request = new Request("http://a/", { method: "POST", body: "text" });
  const clone = request.clone();
  await line("clone", async () => [await request.text(), clone.bodyUsed, await clone.text(), [...clone.headers]]);
  await line("used", () => request.clone());
  await line("from used", () => new Request(request));
  await line("from", () => {
    const first = new Request("http://a/", { method: "POST", body: "x", headers: { a: "b" } });
    const second = new Request(first, { headers: { c: "d" } });
    return [first.bodyUsed, second.method, [...second.headers]];
  });
  await line("signal", () => {
    const controller = new AbortController();
    const { signal } = new Request("http://a/", { signal: controller.signal });
    controller.abort();
    return [signal.aborted, signal === controller.signal];
  });
  for (const init of [{ method: "CONNECT" }, { method: "trace" }, { method: "a b" }, { body: "x" }, { mode: "navigate" }, { redirect: "x" },
                      { cache: "only-if-cached" }, { headers: { "a b": "c" } }, { method: "HEAD", body: "" }, { cache: "bad" }]) {
    await line(`Request ${JSON.stringify(init)}`, () => new Request("http://a/", init).url);
  }
  await line("Request()", () => new Request());
  await line("bad url", () => new Request("foo"));
  await line("credentials", () => new Request("http://a:b@c/"));
  await line("tag", () => Object.prototype.toString.call(request));
}

async function responses() {
  const show = response => [response.status, response.statusText, response.ok, response.type, response.url, response.redirected,
                            [...response.headers], response.bodyUsed];
  await line("default", () => show(new Response()));
  await line("init", () => show(new Response("x", { status: 201, statusText: "q", headers: { a: "b" } })));
  await line("error", () => show(Response.error()));
  await line("redirect", () => show(Response.redirect("http://a/b", 301)));
  await line("redirect default", () => Response.redirect("http://a/b").status);
  await line("json", async () => { const response = Response.json({ a: [1] }, { status: 202 }); return [show(response), await response.text()]; });
  await line("null", async () => { const response = new Response(null); return [await response.text(), response.bodyUsed, await response.text()]; });
  await line("bytes", async () => [...await new Response(new Uint8Array([1, 2])).bytes()]);
  await line("form", async () => [await new Response(new URLSearchParams("a=b")).text(), [...new Response(new URLSearchParams()).headers]]);
  await line("number", async () => new Response(5).text());
  await line("json()", async () => new Response("{").json());
  await line("type", async () => [...new Response("x", { headers: { "Content-Type": "a/b" } }).headers]);
  const used = new Response("x");
  await used.text();
  await line("used", () => used.bodyUsed);
  for (const method of ["text", "json", "bytes", "arrayBuffer", "clone"]) {
    await line(`used ${method}`, () => used[method]());
  }
  for (const [body, init] of [["x", { status: 42 }], ["x", { status: 600 }], ["x", { status: 204 }], [null, { status: 204 }], ["x", { statusText: "a\nb" }],
                              [null, { status: 304 }], ["x", { status: "299" }]]) {
    await line(`Response ${JSON.stringify([body, init])}`, () => new Response(body, init).status);
  }
  await line("redirect relative", () => Response.redirect("/x"));
  await line("redirect status", () => Response.redirect("http://a/", 200));
  await line("json undefined", () => Response.json(undefined));
  await line("tag", () => Object.prototype.toString.call(used));
}

export async function runBackgroundTask() {
  await headers();
  await requests();
  await responses();
}
