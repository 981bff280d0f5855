// SPDX-License-Identifier: MPL-2.0
// CompressionStream and DecompressionStream: each format there and back, and what is not whole.

import { probe, probeAsync } from "resource://testing-common/probe.sys.mjs";

const through = (data, ...streams) =>
  new Response(streams.reduce((stream, transform) => stream.pipeThrough(transform), new Blob([data]).stream()));
const pack = async (format, text) => new Uint8Array(await through(text, new CompressionStream(format)).arrayBuffer());

export async function runBackgroundTask() {
  probe(() => new CompressionStream());
  probe(() => new CompressionStream("x"));
  probe(() => new DecompressionStream("x"));
  probe(() => Object.keys(CompressionStream.prototype));
  probe(() => String(new DecompressionStream("gzip")));
  for (const f of ["gzip", "deflate", "deflate-raw"]) {
    dump(`${f}:\n`);
    const unpack = data => through(data, new DecompressionStream(f)).text();
    await probeAsync(async () => (await unpack(await pack(f, "hello ".repeat(100000)))).length);
    await probeAsync(async () => (await pack(f, "hello ".repeat(100000))).length < 10000);
    await probeAsync(async () => unpack(await pack(f, "")));
    await probeAsync(() => unpack(""));
    await probeAsync(() => unpack("garbage"));
    await probeAsync(async () => unpack((await pack(f, "abc")).slice(0, -2)));
    await probeAsync(async () => unpack(new Uint8Array([...(await pack(f, "abc")), 0])));
  }
  await probeAsync(() => {
    const stream = new CompressionStream("gzip");
    stream.writable.getWriter().write("text").catch(() => {});
    return new Response(stream.readable).text();
  });
  return 0;
}
