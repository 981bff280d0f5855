// SPDX-License-Identifier: MPL-2.0
// Byte streams whose reader brings the views: what is put in by byobRequest, and by enqueue().

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

const bytes = (source, ...more) => new ReadableStream({ type: "bytes", ...source }, ...more);
const byob = source => bytes(source).getReader({ mode: "byob" });
const show = ({ value, done }) => [value && [value.constructor.name, ...value, value.byteOffset, value.buffer.byteLength], done];
const late = promise => Promise.race([promise, new Promise(resolve => setTimeout(() => resolve("pending"), 20))]);
const fill = (controller, ...values) => {
  const { view } = controller.byobRequest;
  values.forEach((value, index) => (view[index] = value));
  controller.byobRequest.respond(values.length);
};

export const probes = [
  async () => show(await byob({ pull(c) { fill(c, 1, 2, 3); } }).read(new Uint8Array(5))),
  async () => { let d; const s = bytes({ pull(c) { const r = c.byobRequest; d = [r.constructor.name, r.view.byteLength, r.view.byteOffset, r === c.byobRequest]; r.respond(1); d.push(r.view, c.byobRequest); } }); await s.getReader({ mode: "byob" }).read(new Uint8Array(5)); return d; },
  async () => show(await byob({ pull(c) { const { view } = c.byobRequest; view[0] = 9; c.byobRequest.respondWithNewView(new Uint8Array(view.buffer, view.byteOffset, 2)); } }).read(new Uint8Array(5))),
  async () => { const s = bytes({ pull(c) { fill(c, 1, 2, 3); } }); const r = s.getReader({ mode: "byob" }); return [show(await r.read(new Uint16Array(4))), show(await r.read(new Uint8Array(1)))]; },
  async () => { let n = 0; const s = bytes({ pull(c) { fill(c, ++n); } }); const r = s.getReader({ mode: "byob" }); return [show(await r.read(new Uint16Array(2))), n]; },
  async () => { const s = bytes({ pull(c) { c.enqueue(new Uint8Array([1, 2, 3])); } }); const r = s.getReader({ mode: "byob" }); return [show(await r.read(new Uint8Array(2))), show(await r.read(new Uint8Array(2)))]; },
  async () => { const s = bytes({ autoAllocateChunkSize: 8, pull(c) { fill(c, 4, 5); } }); return show(await s.getReader().read()); },
  async () => { const s = bytes({ autoAllocateChunkSize: 8, pull(c) { c.enqueue(new Uint8Array([7])); } }); return show(await s.getReader().read()); },
  async () => { let q; const s = bytes({ pull(c) { q = c.byobRequest; c.enqueue(new Uint8Array([7])); } }); return [show(await s.getReader().read()), q]; },
  async () => { bytes({ autoAllocateChunkSize: 0 }); },
  async () => { let k; const s = bytes({ pull(c) { k = c; c.close(); } }); const r = s.getReader({ mode: "byob" }); const p = r.read(new Uint8Array(3)); const a = await late(p); k.byobRequest.respond(0); return [a, show(await p), show(await r.read(new Uint8Array(2)))]; },
  async () => show(await byob({ pull(c) { c.byobRequest.respond(0); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { c.byobRequest.respond(9); } }).read(new Uint8Array(5))),
  async () => { let e; const s = bytes({ pull(c) { const q = c.byobRequest; q.respond(1); try { q.respond(1); } catch (x) { e = x.name; } } }); await s.getReader({ mode: "byob" }).read(new Uint8Array(5)); return e; },
  async () => show(await byob({ pull(c) { c.error(new RangeError("x")); } }).read(new Uint8Array(5))),
  async () => { const s = bytes({}); const r = s.getReader({ mode: "byob" }); const p = r.read(new Uint8Array(5)); await r.cancel(); return show(await p); },
  async () => { let k; const s = bytes({ start(c) { k = c; } }); const r = s.getReader({ mode: "byob" }); const p = r.read(new Uint8Array(5)); r.releaseLock(); const e = await p.catch(x => x.name); k.byobRequest.view[0] = 6; k.byobRequest.respond(1); return [e, show(await s.getReader().read())]; },
  async () => { let k; const s = bytes({ start(c) { k = c; } }); const r = s.getReader({ mode: "byob" }); const p = r.read(new Uint8Array(5)); r.releaseLock(); await p.catch(() => {}); k.enqueue(new Uint8Array([8])); return show(await s.getReader({ mode: "byob" }).read(new Uint8Array(2))); },
  async () => { let n = 0; return show(await byob({ pull(c) { fill(c, ++n); } }).read(new Uint8Array(5), { min: 3 })); },
  async () => show(await byob({ start(c) { c.enqueue(new Uint8Array([1, 2])); c.enqueue(new Uint8Array([3])); } }).read(new Uint8Array(5), { min: 3 })),
  async () => bytes({}).getReader({ mode: "byob" }).read(new Uint8Array(5), { min: 0 }),
  async () => bytes({}).getReader({ mode: "byob" }).read(new Uint8Array(5), { min: 6 }),
  async () => { const chunk = new Uint8Array([1, 2]); const s = bytes({ start(c) { c.enqueue(chunk); } }); const view = new Uint8Array(4); const r = await s.getReader({ mode: "byob" }).read(view); return [chunk.byteLength, view.byteLength, show(r)]; },
  async () => show(await byob({ pull(c) { fill(c, 1, 2); } }).read(new Uint8Array(new ArrayBuffer(8), 2, 4))),
  async () => { const s = bytes({ pull(c) { fill(c, 1, 2); } }); const { value } = await s.getReader({ mode: "byob" }).read(new DataView(new ArrayBuffer(8), 2, 4)); return [value.constructor.name, value.byteLength, value.getUint8(1)]; },
  async () => { const s = bytes({ pull(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } }); const r = s.getReader({ mode: "byob" }); return [show(await r.read(new Uint16Array(2))), await r.read(new Uint16Array(2)).catch(e => e.name), await r.closed.catch(e => e.name)]; },
  async () => { let n = 0; const s = bytes({ pull(c) { c.enqueue(new Uint8Array([++n, ++n, ++n])); } }); const r = s.getReader({ mode: "byob" }); return (await Promise.all([r.read(new Uint8Array(2)), r.read(new Uint8Array(2))])).map(show); },
  async () => { const r = new Blob(["abc"]).stream().getReader({ mode: "byob" }); return [show(await r.read(new Uint8Array(2))), show(await r.read(new Uint8Array(2))), show(await r.read(new Uint8Array(2)))]; },
  async () => { const r = new Response("abc").body.getReader({ mode: "byob" }); return [show(await r.read(new Uint8Array(2))), show(await r.read(new Uint8Array(2))), show(await r.read(new Uint8Array(2)))]; },
  async () => { let k; bytes({ start(c) { k = c; } }, { highWaterMark: 5 }); const a = k.desiredSize; k.enqueue(new Uint8Array(2)); return [a, k.desiredSize, k.byobRequest]; },
  async () => new ReadableStreamBYOBRequest(),
  async () => { const s = bytes({ start(c) { c.close(); c.enqueue(new Uint8Array(1)); } }); },
  async () => { let e = []; bytes({ start(c) { for (const x of [5, "x", new Uint8Array(0), new ArrayBuffer(2)]) try { c.enqueue(x); e.push("ok"); } catch (y) { e.push(y.name); } } }); return e; },
  async () => { const l = []; for await (const x of bytes({ autoAllocateChunkSize: 4, n: 0, pull(c) { if (++this.n == 3) { c.close(); c.byobRequest?.respond(0); } else fill(c, this.n); } })) l.push([...x]); return l; },
  () => bytes({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); c.enqueue(new Uint8Array(1)); } }),
  () => bytes({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); c.close(); } }),
  () => bytes({ start(c) { c.close(); c.close(); } }),
  () => bytes({ start(c) { c.enqueue(5); } }),
  () => bytes({ start(c) { c.enqueue({}); } }),
  () => bytes({ start(c) { c.enqueue(new Uint8Array(0)); } }),
  () => bytes({ start(c) { const chunk = new Uint8Array(1); c.enqueue(chunk); c.enqueue(chunk); } }),
  async () => show(await byob({ pull(c) { const q = c.byobRequest; q.respond(1); q.respond(1); } }).read(new Uint8Array(1))),
  async () => { let e; await byob({ pull(c) { const q = c.byobRequest; q.respond(1); try { q.respond(1); } catch (x) { e = x.message; } } }).read(new Uint8Array(5)); return e; },
  async () => show(await byob({ pull(c) { c.byobRequest.respondWithNewView(new Uint8Array(2)); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { const { view } = c.byobRequest; c.byobRequest.respondWithNewView(new Uint8Array(view.buffer, 1, 2)); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { const { view } = c.byobRequest; c.byobRequest.respondWithNewView(new Uint8Array(view.buffer, 0, 0)); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { const { view } = c.byobRequest; c.byobRequest.respondWithNewView(new Uint8Array(view.buffer, 0, 5)); } }).read(new Uint8Array(new ArrayBuffer(8), 0, 3))),
  async () => show(await byob({ pull(c) { c.byobRequest.respondWithNewView(5); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { c.byobRequest.respondWithNewView({}); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { c.byobRequest.respond(); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { c.byobRequest.respond("1"); } }).read(new Uint8Array(5))),
  async () => show(await byob({ pull(c) { c.byobRequest.respond(-1); } }).read(new Uint8Array(5))),
  async () => byob({}).read(),
  async () => byob({}).read(5),
  async () => byob({}).read({}),
  async () => byob({}).read(new Uint8Array(0)),
  async () => byob({}).read(new Uint8Array(1), 5),
  async () => { const view = new Uint8Array(1); view.buffer.transfer(); return byob({}).read(view); },
  () => new ReadableStreamBYOBReader(new ReadableStream({})),
  () => new ReadableStream({}).getReader({ mode: "byob" }),
  () => bytes({ autoAllocateChunkSize: -1 }),
  () => bytes({ autoAllocateChunkSize: "x" }),
  () => bytes({}, { size() {} }),
  () => Object.getOwnPropertyNames(ReadableStreamBYOBRequest.prototype).sort(),
];
