// SPDX-License-Identifier: MPL-2.0
// Bodies: Blob, File, FormData, streams, Response with all of them, XMLHttpRequest.

import { probeAsync } from "resource://testing-common/probe.sys.mjs";

/** Blobs and files in words, which look like nothing in source form. */
function words(value) {
  if (value instanceof File) {
    return `File(${value.name},${value.size},${value.type})`;
  }
  if (value instanceof Blob) {
    return `Blob(${value.size},${value.type})`;
  }
  return Array.isArray(value) ? value.map(words) : value;
}

const rs = () => new ReadableStream({
  start(controller) {
    controller.enqueue(new Uint8Array([97]));
    controller.enqueue(new Uint8Array([98]));
    controller.close();
  },
});

async function checkBlobs() {
  await probeAsync(() => words(new Blob()));
  await probeAsync(() => words(new Blob(["ab", new Uint8Array([1]), new Blob(["x"])], {type:"Text/Plain"})));
  await probeAsync(() => words(new Blob("ab")));
  await probeAsync(() => words(new Blob(5)));
  await probeAsync(() => words(new Blob({})));
  await probeAsync(() => words(new Blob(["a"], 5)));
  await probeAsync(() => new Blob(["a\r\nb\nc"], {endings:"native"}).text());
  await probeAsync(() => words(new Blob(["a"], {endings:"x"})));
  await probeAsync(() => new Blob(["a"], {type:"a\u00e9"}).type);
  await probeAsync(() => new Blob(["abcdef"]).slice(1,3).text());
  await probeAsync(() => new Blob(["abcdef"]).slice(-2).text());
  await probeAsync(() => new Blob(["abcdef"]).slice(1,3,"a/b").type);
  await probeAsync(() => new Blob(["abc"]).arrayBuffer());
  await probeAsync(() => new Blob(["abc"]).bytes());
  await probeAsync(() => String(new Blob()));
  await probeAsync(() => words(new File()));
  await probeAsync(() => words(new File(["a"])));
  await probeAsync(() => words(new File(["a"], "n/x", {type:"a/b", lastModified: 5})));
  await probeAsync(() => new File(["a"], "n", {lastModified: 5}).lastModified);
  await probeAsync(() => typeof new File(["a"], "n").lastModified);
  await probeAsync(() => new File(["a"], "n").webkitRelativePath);
  await probeAsync(() => words(new File("a", "n")));
  await probeAsync(() => new FormData(5));
  await probeAsync(async () => words([...await new Response("a=b&c=d%20e", {headers:{"content-type":"application/x-www-form-urlencoded"}}).formData()]));
  await probeAsync(() => new Response("x").formData());
  await probeAsync(() => new Response("x", {headers:{"content-type":"multipart/form-data; boundary=q"}}).formData());
  await probeAsync(() => new Response("x", {headers:{"content-type":"multipart/form-data"}}).formData());
  await probeAsync(async () => words([...await new Response("--q\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n--q\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/x\r\n\r\nbody\r\n--q--\r\n", {headers:{"content-type":"multipart/form-data; boundary=q"}}).formData()]));
  await probeAsync(async () => words(await new Response("x", {headers:{"content-type":"A/B"}}).blob()));
  await probeAsync(async () => words(await new Response(new Blob(["x"],{type:"t/q"})).blob()));
  await probeAsync(() => new Response(new Blob(["x"],{type:"t/q"})).headers.get("content-type"));
  await probeAsync(() => new Response("x").bytes());
  await probeAsync(() => String(new Response("x").body));
  await probeAsync(() => new Response(null).body);
  await probeAsync(() => new Response("x").body.locked);
  await probeAsync(async () => { const q = new Response("xyz"); await q.text(); return [q.body.locked, q.bodyUsed]; });
  await probeAsync(async () => { const q = new Response("xyz"); await q.text(); return q.text(); });
  await probeAsync(() => typeof FileReader);
  await probeAsync(async () => { const r = new FileReader(); const p = new Promise(x => r.onload = x); r.readAsText(new Blob(["abc"])); await p; return r.result; });
  await probeAsync(() => (new AbortController().abort(), AbortSignal.any([AbortSignal.abort(5)]).reason));
  await probeAsync(() => AbortSignal.timeout(-1));
  await probeAsync(() => AbortSignal.timeout());
  await probeAsync(async () => {
    const url = URL.createObjectURL(new Blob(["text"], { type: "a/b" }));
    const answer = await fetch(url);
    const result = [url.slice(0, 5), await answer.text(), answer.headers.get("content-type")];
    URL.revokeObjectURL(url);
    return result;
  });
  await probeAsync(() => URL.createObjectURL(5));
}

async function checkForms() {
  const fd = new FormData();
  fd.append("a", "1");
  fd.append("a", "2");
  fd.append("b", new Blob(["x"]));
  fd.append("c", new Blob(["y"], { type: "t/p" }), "file.txt");
  fd.set("d", "z\nq");
  await probeAsync(() => words([...fd]));
  await probeAsync(() => fd.get("a"));
  await probeAsync(() => fd.getAll("a"));
  await probeAsync(() => fd.has("x"));
  await probeAsync(() => fd.get("x"));
  await probeAsync(() => fd.append("a"));
  await probeAsync(() => fd.append("a", "b", "c"));
  await probeAsync(() => words(fd.get("b")));
  await probeAsync(() => words(fd.get("c")));
  await probeAsync(() => [...fd.keys()]);
  await probeAsync(() => fd.append());
  await probeAsync(() => { fd.delete("a"); return [...fd.keys()]; });
  await probeAsync(() => String(fd));
  await probeAsync(() => fd.set("q", {}, "f"));
  await probeAsync(() => new Request("http://a/", {method:"POST", body: fd}).headers.get("content-type").slice(0,30));
  const response = new Response(fd);
  const boundary = response.headers.get("content-type").split("boundary=")[1];
  await probeAsync(() => boundary.length > 40);
  await probeAsync(async () => (await response.clone().text()).replaceAll(boundary, "B"));
  await probeAsync(async () => words([...await response.formData()]));
}

async function checkStreams() {
  await probeAsync(async () => { const q = new Response("xyz"); const rd = q.body.getReader(); const a = await rd.read(); const b = await rd.read(); return [a.done, a.value, b.done, b.value, q.bodyUsed, q.body.locked]; });
  await probeAsync(async () => { const q = new Response("xyz"); q.body.getReader(); return q.text(); });
  await probeAsync(async () => { const q = new Response("xyz"); q.body.getReader(); return q.clone(); });
  await probeAsync(() => new Response(rs()).text());
  await probeAsync(async () => { const o = []; for await (const c of rs()) o.push(c); return o; });
  await probeAsync(async () => { const [a,b] = rs().tee(); return [await new Response(a).text(), await new Response(b).text()]; });
  await probeAsync(() => new Response(new ReadableStream({start(c){c.enqueue("x");c.close();}})).text());
  await probeAsync(() => new Response(new ReadableStream({start(c){c.error(new Error("boo"));}})).text());
  await probeAsync(() => { const s = rs(); s.getReader(); return s.getReader(); });
  await probeAsync(() => { const s = rs(); s.getReader(); return new Response(s); });
  await probeAsync(() => new Request("http://a/", {method:"POST", body: rs()}));
  await probeAsync(() => new Request("http://a/", {method:"POST", body: rs(), duplex:"half"}).headers.get("content-type"));
  await probeAsync(async () => { const o = []; await rs().pipeTo(new WritableStream({write(c) { o.push(c); }, close() { o.push("closed"); }})); return o; });
  await probeAsync(async () => { const o = []; for await (const c of rs().pipeThrough(new TransformStream({transform(c, k) { k.enqueue(c[0] + 1); }}))) o.push(c); return o; });
  await probeAsync(async () => { const o = []; for await (const c of rs().pipeThrough(new TextDecoderStream())) o.push(c); return o; });
  await probeAsync(async () => { const o = []; for await (const c of ReadableStream.from([1,2])) o.push(c); return o; });
  await probeAsync(() => new ReadableStream(5));
  await probeAsync(() => new ReadableStream({type:"bytes"}).getReader({mode:"byob"}) + "");
  await probeAsync(() => new ReadableStream({type:"x"}));
  await probeAsync(() => new ReadableStreamDefaultReader(5));
  await probeAsync(() => new ReadableStream({}, {highWaterMark: -1}));
  await probeAsync(() => new CountQueuingStrategy({highWaterMark: 2}).size());
  await probeAsync(async () => {
    const log = [];
    const stream = new ReadableStream({ cancel: reason => { log.push(reason); } });
    await stream.cancel("why");
    return log;
  });
  await probeAsync(async () => {
    for await (const chunk of rs()) {
      throw new RangeError(`at ${chunk}`);
    }
  });
  await probeAsync(() => rs().pipeTo(new WritableStream({ write() { throw new RangeError("full"); } })));
  await probeAsync(() => rs().pipeTo(new WritableStream(), { signal: AbortSignal.abort(new RangeError("enough")) }));
  await probeAsync(async () => {
    const reader = new Blob(["abcdef"]).stream().getReader({ mode: "byob" });
    const { value, done } = await reader.read(new Uint8Array(4));
    return [new TextDecoder().decode(value), done];
  });
}

/** The events of a request with their states, and what came. */
async function exchange(url, responseType) {
  const request = new XMLHttpRequest();
  const log = [];
  for (const type of ["readystatechange", "loadstart", "progress", "load", "error", "abort", "timeout"]) {
    request[`on${type}`] = () => log.push(type + request.readyState);
  }
  const ended = new Promise(resolve => request.addEventListener("loadend", resolve));
  request.open("GET", url);
  request.responseType = responseType;
  request.send();
  await ended;
  const { status, statusText, response } = request;
  return [log.join(" "), status, statusText, request.getAllResponseHeaders(), JSON.stringify(response) ?? String(response)];
}

async function checkRequests() {
  await probeAsync(() => { const x = new XMLHttpRequest(); return [x.readyState, x.status, x.responseType, x.response, x.responseText, x.responseXML, x.statusText, x.timeout, x.withCredentials]; });
  await probeAsync(() => new XMLHttpRequest().send());
  await probeAsync(() => new XMLHttpRequest().open());
  await probeAsync(() => new XMLHttpRequest().open("GET", "::"));
  await probeAsync(() => new XMLHttpRequest().open("TRACE", "http://a/"));
  await probeAsync(() => new XMLHttpRequest().setRequestHeader("a","b"));
  await probeAsync(() => { const x = new XMLHttpRequest(); x.open("GET", "http://a/"); x.responseType = "foo"; return x.responseType; });
  await probeAsync(() => { const x = new XMLHttpRequest(); x.responseType = "json"; return x.responseText; });
  await probeAsync(() => exchange("data:text/plain,abc", ""));
  await probeAsync(() => exchange("data:text/plain,%7B%22a%22%3A1%7D", "json"));
  await probeAsync(() => exchange("data:,ab", "arraybuffer"));
  await probeAsync(() => exchange("data:,not json", "json"));
  await probeAsync(() => exchange("http://127.0.0.1:1/", ""));
}

export async function runBackgroundTask() {
  await checkBlobs();
  await checkForms();
  await checkStreams();
  await checkRequests();
  return 0;
}
