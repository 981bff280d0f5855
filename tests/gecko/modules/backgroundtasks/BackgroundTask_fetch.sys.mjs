// SPDX-License-Identifier: MPL-2.0
// fetch against the server whose address is the argument.

export const backgroundTaskMinRuntimeMS = 1;

let server;

const place = text => String(text).replaceAll(server, "SERVER");

async function line(what, action) {
  let text;
  try {
    text = JSON.stringify(await action()) ?? "undefined";
  } catch (error) {
    text = `${error?.name}: ${error?.message}`;
  }
  dump(`${what}: ${place(text)}\n`);
}

/** All there is to see of a response, its body included. */
async function seen(response) {
  const { status, statusText, ok, type, url, redirected } = response;
  const headers = [...response.headers].filter(([name]) => name != "date" && name != "server");
  let body;
  try {
    body = await response.text();
    body = body.length > 100 ? `${body.length} characters` : body;
  } catch (error) {
    body = `${error.name}: ${error.message}`;
  }
  return [status, statusText, ok, type, url, redirected, headers, body, response.bodyUsed];
}

/** What of a request arrived: its own headers differ by name and version of the client. */
async function arrived(path, init) {
  const { method, headers, body } = await (await fetch(server + path, init)).json();
  const own = ["host", "user-agent", "accept-encoding", "connection", "priority"];
  return [method, headers.filter(([name]) => !own.includes(name)).sort(), body];
}

const PAGES = [
  "hello", "none", "status/201", "status/204", "status/304", "status/404", "status/500", "nolocation", "loop", "chain/1",
  "chain/20", "chain/21", "gzip", "deflate", "badgzip", "truncated", "reset", "chunked", "cookies", "odd", "bom", "big?size=100000",
  "redirect/301?to=/hello", "redirect/302?to=hello", "redirect/303?to=/hello%23there", "redirect/307?to=/hello",
  "redirect/308?to=/hello", "redirect/300?to=/hello", "redirect/302?to=foo:bar", "redirect/302?to=http://[/",
  "redirect/302?to=file:///etc/passwd", "redirect/302?to=data:,x", "redirect/302?to=http://a:b@127.0.0.1:1/", "redirect/302?to=",
];

async function redirections() {
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ["POST", "PUT", "HEAD"]) {
      const init = { method, body: method == "HEAD" ? null : "text", headers: { Authorization: "secret", "X-Kept": "1" } };
      if (method == "HEAD") {
        await line(`${status} ${method}`, async () => seen(await fetch(`${server}/redirect/${status}?to=/hello`, init)));
      } else {
        await line(`${status} ${method}`, () => arrived(`/redirect/${status}?to=/echo`, init));
      }
    }
  }
  const elsewhere = server.replace("127.0.0.1", "localhost");
  await line("other origin", () =>
    arrived(`/redirect/302?to=${encodeURIComponent(elsewhere + "/echo")}`, { headers: { Authorization: "secret", "X-Kept": "1" } })
  );
  await line("manual", async () => seen(await fetch(server + "/loop", { redirect: "manual" })));
  await line("manual without", async () => seen(await fetch(server + "/hello", { redirect: "manual" })));
  await line("error", () => fetch(server + "/loop", { redirect: "error" }));
  await line("fragment", async () => (await fetch(server + "/redirect/302?to=/hello#mine")).url);
}

async function requests() {
  await line("GET", () => arrived("/echo"));
  await line("headers", () => arrived("/echo", { headers: { "X-Foo": "b", accept: "x/y", "accept-language": "de" } }));
  await line("forbidden", () => arrived("/echo", { headers: { Cookie: "a=b", Host: "x", Origin: "http://q", "Sec-Foo": "1", Referer: "x" } }));
  await line("two values", () => arrived("/echo", { headers: [["X-A", "1"], ["x-a", "2"]] }));
  await line("empty value", () => arrived("/echo", { headers: { "X-Empty": "" } }));
  await line("latin value", () => arrived("/echo", { headers: { "X-Latin": "caf\u00e9" } }));
  await line("text", () => arrived("/echo", { method: "post", body: "caf\u00e9" }));
  await line("bytes", () => arrived("/echo", { method: "PUT", body: new Uint8Array([0, 255]) }));
  await line("buffer", () => arrived("/echo", { method: "PUT", body: new Uint8Array([1, 2]).buffer }));
  await line("form", () => arrived("/echo", { method: "POST", body: new URLSearchParams("a=b c&d") }));
  await line("own type", () => arrived("/echo", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }));
  await line("no body", () => arrived("/echo", { method: "POST" }));
  await line("no body, DELETE", () => arrived("/echo", { method: "DELETE" }));
  await line("no-store", () => arrived("/echo", { cache: "no-store" }));
  await line("no-cache", () => arrived("/echo", { cache: "no-cache" }));
  await line("Request", () => arrived("/echo", new Request(server, { method: "PUT", body: "unused" })));
  await line("url", async () => (await (await fetch(server + "/echo?a b&'c'#d")).json()).path);
  const request = new Request(server + "/echo", { method: "POST", body: "once" });
  await line("a Request", async () => (await (await fetch(request)).json()).body);
  await line("used", () => [request.bodyUsed]);
  await line("again", () => fetch(request));
}

async function aborts() {
  await line("aborted", () => fetch(server + "/hello", { signal: AbortSignal.abort() }));
  await line("aborted with a reason", () => fetch(server + "/hello", { signal: AbortSignal.abort(new RangeError("mine")) }));
  const early = new AbortController();
  const waiting = fetch(server + "/silent", { signal: early.signal });
  early.abort();
  await line("before the head", () => waiting);
  const late = new AbortController();
  const response = await fetch(server + "/stall", { signal: late.signal });
  const text = response.text();
  late.abort(); // Firefox does not keep a reason of one's own here
  await line("in the body", () => text);
  const before = new AbortController();
  const unread = await fetch(server + "/stall", { signal: before.signal });
  before.abort();
  await line("before the body is read", () => unread.text());
  const after = new AbortController();
  const whole = await fetch(server + "/hello", { signal: after.signal });
  await whole.text();
  after.abort();
  await line("after the end", () => whole.status);
}

async function bodies() {
  const get = path => fetch(server + path);
  await line("json", async () => (await get("/bom")).json());
  await line("arrayBuffer", async () => Array.from(new Uint8Array(await (await get("/hello")).arrayBuffer())));
  await line("bytes", async () => Array.from(await (await get("/hello")).bytes()));
  await line("not json", async () => (await get("/hello")).json());
  const response = await get("/hello");
  const clone = response.clone();
  await line("clone", async () => [await response.text(), clone.bodyUsed, await clone.text(), clone.url == response.url]);
  await line("twice", () => response.text());
  await line("clone of used", () => response.clone());
  await line("immutable", async () => (await get("/hello")).headers.set("a", "b"));
  const many = await Promise.all(Array.from({ length: 30 }, (_, i) => fetch(`${server}/echo?${i}`).then(r => r.json())));
  await line("at once", () => many.map(({ path }) => path).join());
}

/** A body by its stream, piece by piece. */
async function streams() {
  const text = new TextDecoder();
  const pieces = async path => {
    const parts = [];
    try {
      for await (const chunk of (await fetch(server + path)).body) {
        parts.push(text.decode(chunk));
      }
    } catch (error) {
      parts.push(error.name, error.message);
    }
    return parts.join("|");
  };
  await line("before the end", async () => {
    const response = await fetch(server + "/stall");
    const reader = response.body.getReader();
    const { value, done } = await reader.read();
    const next = reader.read();
    await reader.cancel("enough");
    return [text.decode(value), done, await next, response.bodyUsed];
  });
  await line("in pieces", () => pieces("/hello"));
  await line("cut off", () => pieces("/truncated"));
  await line("large", async () => (await pieces("/big?size=2000000")).replaceAll("|", "").length);
  await line("unfinished clone", async () => {
    const response = await fetch(server + "/big?size=500000");
    const clone = response.clone();
    return [(await response.text()).length, (await clone.text()).length];
  });
  await line("clone cut off", async () => (await fetch(server + "/truncated")).clone().text());
}

async function failures() {
  for (const input of ["http://[/", "foo", "", "http://a:b@127.0.0.1/", "foo:bar", "ftp://127.0.0.1/", "http://127.0.0.1:22/",
                       "http://127.0.0.1:1/", "file:///no/such/file", "resource://gre/no-such-file", "data:nothing", "data:;base64,?"]) {
    await line(`fetch ${input}`, () => fetch(input));
  }
  await line("method", () => fetch(server, { method: "CONNECT" }));
  await line("token", () => fetch(server, { method: "a b" }));
  await line("body", () => fetch(server, { body: "x" }));
  await line("header", () => fetch(server, { headers: { "a b": "c" } }));
  await line("dictionary", () => fetch(server, 5));
  await line("signal", () => fetch(server, { signal: 5 }));
}

async function local() {
  for (const url of ["data:,hello%20w#x", "data:text/plain;charset=utf-8;base64,aGVsbG8=", "data:;charset=x,a", "data:x,y", "data:a/b,?q",
                     "data:a/b;base64,aG%20k", "data:text/html,%ff", "about:blank"]) {
    await line(url, async () => seen(await fetch(url)));
  }
  const path = PathUtils.join(PathUtils.profileDir, "file é.json");
  await IOUtils.writeUTF8(path, '{"a": 1}');
  const url = PathUtils.toFileURI(path);
  const { profileDir } = PathUtils;
  const hide = list => JSON.parse(JSON.stringify(list).replaceAll(encodeURI(profileDir), "PROFILE"));
  await line("file", async () => hide(await seen(await fetch(url))));
  await line("file HEAD", async () => (await (await fetch(url, { method: "HEAD" })).text()).length);
  await line("resource", async () => (await fetch("resource://gre/modules/Timer.sys.mjs")).headers.has("content-length"));
}

export async function runBackgroundTask(commandLine) {
  server = commandLine.getArgument(0);
  for (const page of PAGES) {
    await line(page, async () => seen(await fetch(`${server}/${page}`)));
  }
  await redirections();
  await requests();
  await aborts();
  await bodies();
  await streams();
  await failures();
  await local();
}
