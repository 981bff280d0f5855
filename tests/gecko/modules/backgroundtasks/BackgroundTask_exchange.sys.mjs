// SPDX-License-Identifier: MPL-2.0
// Bodies of every kind to the server whose address is the argument and back, by fetch and by XMLHttpRequest.

const BOUNDARY = /-{4,}[A-Za-z]*[0-9a-f]+/g;
let server;

async function line(what, action) {
  let text;
  try {
    text = JSON.stringify(await action()) ?? "undefined";
  } catch (error) {
    text = `${error?.name}: ${error?.message}`;
  }
  dump(`${what}: ${text.replaceAll(server, "SERVER").replace(BOUNDARY, "BOUNDARY")}\n`);
}

/** What the server says that it was sent: method, type and body. */
async function sent(body, method = "POST") {
  const answer = await (await fetch(`${server}/echo`, { method, body })).json();
  const type = Object.entries(answer.headers ?? {}).find(([name]) => name.toLowerCase() == "content-type");
  return [answer.method, type?.[1], answer.body];
}

function request(path, { method = "GET", body = null, type = "", headers = {}, timeout = 0, mime = "", abortAt = "" } = {}) {
  return new Promise(resolve => {
    const xhr = new XMLHttpRequest();
    const log = [];
    for (const event of ["loadstart", "load", "error", "abort", "timeout", "loadend"]) {
      xhr.addEventListener(event, () => log.push(event));
    }
    xhr.onreadystatechange = () => {
      log.push(xhr.readyState);
      if (String(xhr.readyState) == abortAt) {
        xhr.abort();
      }
    };
    xhr.addEventListener("loadend", () => {
      const { status, statusText, responseURL } = xhr;
      let response = type == "" || type == "text" ? xhr.responseText : xhr.response;
      response = response?.documentElement?.nodeName ?? response?.size ?? response?.byteLength ?? response;
      // How often the third state is told of depends on pieces that come.
      const states = log.filter((each, index) => each != 3 || log[index - 1] != 3);
      resolve([states.join(), status, statusText, responseURL, xhr.getResponseHeader("Content-Type"), response]);
    });
    xhr.open(method, `${server}${path}`);
    xhr.responseType = type;
    xhr.timeout = timeout;
    for (const [name, value] of Object.entries(headers)) {
      xhr.setRequestHeader(name, value);
    }
    if (mime) {
      xhr.overrideMimeType(mime);
    }
    xhr.send(body);
  });
}

/** How an answer is told of whose parts come one after another, each when the one before has been told of. */
function parts(path, { type = "", timeoutAt = Infinity, abortAt = Infinity, mime = "" } = {}) {
  return new Promise(resolve => {
    const id = Math.random();
    const xhr = new XMLHttpRequest();
    const log = [];
    const what = () => (xhr.response === null ? null : xhr.response.byteLength ?? xhr.response.size ?? xhr.response);
    for (const name of ["loadstart", "readystatechange", "load", "abort", "error", "timeout", "loadend"]) {
      xhr.addEventListener(name, ({ loaded, total, lengthComputable }) => {
        log.push([name, xhr.readyState, xhr.status, loaded, total, lengthComputable, what()]);
      });
    }
    xhr.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      log.push(["progress", xhr.readyState, xhr.status, loaded, total, lengthComputable, what()]);
      if (loaded >= timeoutAt) {
        xhr.timeout = 1; // it is that long ago that it was sent
      } else if (loaded >= abortAt) {
        xhr.abort();
      } else {
        fetch(`${server}/next?id=${id}`);
      }
    });
    xhr.addEventListener("loadend", () => resolve(log));
    xhr.open("GET", `${server}/parts/${path}${path.includes("?") ? "&" : "?"}id=${id}`);
    xhr.responseType = type;
    if (mime) {
      xhr.overrideMimeType(mime);
    }
    xhr.send();
  });
}

async function inParts() {
  const path = "ab,cd,ef";
  await line("parts", () => parts(path));
  await line("parts, length known", async () => {
    // The last part comes with the end, or before it.
    const told = await parts(`${path}?length=1`);
    return [told.slice(0, 7), told.at(-2), told.at(-1)];
  });
  await line("parts of characters", () => parts("a%C3,%A4b,%E2%82%AC"));
  await line("parts, other characters", () => parts(path, { mime: "text/plain;charset=utf-16le" }));
  for (const type of ["arraybuffer", "blob", "json", "text"]) {
    await line(`parts, ${type}`, () => parts(path, { type }));
  }
  await line("parts, aborted", () => parts(path, { abortAt: 4 }));
  await line("parts, timeout of what is past", () => parts(path, { timeoutAt: 4 }));
}

/** Headers that only the network layer sets for fetch; where a message ends is not for a task. */
async function headers() {
  for (const name of ["Accept-Charset", "Cookie", "Date", "DNT", "Origin", "Referer", "Sec-X", "Proxy-X", "Via", "User-Agent"]) {
    await line(name, async () => {
      const { 5: text } = await request("/echo", { method: "POST", body: "x", headers: { [name]: "value" } });
      return JSON.parse(text).headers.filter(([header]) => header == name.toLowerCase());
    });
  }
}

async function viaFetch() {
  const form = new FormData();
  form.append("name", "v\u00e4lue");
  form.append("file", new File(["content"], "na\"me.txt", { type: "text/x-test" }));
  await line("form", () => sent(form));
  await line("blob", () => sent(new Blob(["bl", "ob"], { type: "a/b" })));
  await line("untyped blob", () => sent(new Blob(["blob"])));
  await line("bytes", () => sent(new Uint8Array([65, 66])));
  await line("parameters", () => sent(new URLSearchParams({ a: "1 2" })));
  await line("text", () => sent("t\u00e4xt", "PUT"));
  await line("stream", async () => {
    const reader = (await fetch(`${server}/hello`)).body.getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += new TextDecoder().decode(part.value);
    }
    return text;
  });
  await line("blob of an answer", async () => {
    const blob = await (await fetch(`${server}/hello`)).blob();
    return [blob.size, blob.type, await blob.text()];
  });
  await line("clone", async () => {
    const answer = await fetch(`${server}/hello`);
    return [await answer.clone().text(), await answer.text(), answer.bodyUsed];
  });
}

async function viaRequest() {
  await line("get", () => request("/hello"));
  await line("redirected", () => request("/redirect/302?to=/hello"));
  await line("not found", () => request("/status/404"));
  await line("blob", () => request("/hello", { type: "blob" }));
  await line("buffer", () => request("/hello", { type: "arraybuffer" }));
  await line("no json", () => request("/hello", { type: "json" }));
  await line("document", () => request("/hello", { type: "document", mime: "text/xml" }));
  await line("gzip", () => request("/gzip"));
  await line("aborted", () => request("/hello", { abortAt: "2" }));
  await line("timeout", () => request("/silent", { timeout: 100 }));
  await line("reset", () => request("/reset"));
  await line("post", async () => {
    const [states, status, , , , text] = await request("/echo", { method: "POST", body: "b\u00f6dy", headers: { "X-Own": "1" } });
    const answer = JSON.parse(text);
    return [states, status, answer.method, answer.body];
  });
}

export async function runBackgroundTask(commandLine) {
  server = commandLine.getArgument(0);
  await viaFetch();
  await viaRequest();
  await inParts();
  await headers();
  return 0;
}
