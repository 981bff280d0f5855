// SPDX-License-Identifier: MPL-2.0
// Shared memory that is waited for, buffers that can be resized, arrays of 16-bit floats.

const shared = (count = 4) => new Int32Array(new SharedArrayBuffer(4 * count));

/** What became of a promise that was asked for, and whether it was one. */
async function settled({ async: isAsync, value }) {
  return [isAsync, value instanceof Promise, await value];
}

export const probes = [
  () => Atomics.waitAsync([], 0, 0),
  () => Atomics.waitAsync(new Uint32Array(new SharedArrayBuffer(4)), 0, 0),
  () => Atomics.waitAsync(new Float64Array(new SharedArrayBuffer(8)), 0, 0),
  () => Atomics.waitAsync(new Int32Array(4), 0, 0),
  () => Atomics.waitAsync(shared(), 4, 0),
  () => Atomics.waitAsync(shared(), -1, 0),
  () => Atomics.waitAsync(shared(), "x", 1),
  () => Atomics.waitAsync(shared(), 0, 1),
  () => Atomics.waitAsync(shared(), 0, 1n),
  () => Atomics.waitAsync(shared(), 0, Symbol()),
  () => Atomics.waitAsync(shared(), 0, 0, 0),
  () => Atomics.waitAsync(shared(), 0, 0, -5),
  () => Atomics.waitAsync(shared(), 0, 0, Symbol()),
  () => Atomics.waitAsync(shared(), 0, 4294967296, 0),
  () => Atomics.waitAsync(new BigInt64Array(new SharedArrayBuffer(8)), 0, 1n),
  () => Atomics.waitAsync(new BigInt64Array(new SharedArrayBuffer(8)), 0, 0n, 0),
  () => Atomics.waitAsync(new BigInt64Array(new SharedArrayBuffer(8)), 0, 0),
  () => { const result = Atomics.waitAsync(shared(), 0, 1); return [Object.keys(result), Object.getPrototypeOf(result) === Object.prototype]; },
  () => { const order = []; const note = name => ({ valueOf() { order.push(name); return 0; } }); Atomics.waitAsync(shared(), note("index"), note("value"), note("timeout")); return order; },
  async () => { const a = shared(); const waiting = settled(Atomics.waitAsync(a, 0, 0)); return [Atomics.notify(a, 0), await waiting]; },
  async () => { const a = shared(); const all = [1, 2].map(() => Atomics.waitAsync(a, 1, 0)); return [Atomics.notify(a, 1, 0), Atomics.notify(a, 1, Infinity), Atomics.notify(a, 1), await Promise.all(all.map(settled))]; },
  async () => { const a = shared(); const b = new Int32Array(a.buffer, 4); const waiting = settled(Atomics.waitAsync(a, 1, 0)); return [Atomics.notify(b, 0), await waiting]; },
  async () => { const a = shared(); const b = new BigInt64Array(a.buffer); const waiting = settled(Atomics.waitAsync(b, 1, 0n)); return [Atomics.notify(a, 2), await waiting]; },
  async () => { const a = shared(); const order = []; const all = ["first", "second"].map(name => Atomics.waitAsync(a, 0, 0).value.then(() => order.push(name))); Atomics.notify(a, 0); await Promise.all(all); return order; },
  async () => { const a = shared(); const order = []; const waiting = Atomics.waitAsync(a, 0, 0).value.then(() => order.push("woken")); Atomics.notify(a, 0); order.push("notified"); await waiting; return order; },
  async () => { const a = shared(); const waiting = settled(Atomics.waitAsync(a, 0, 0, NaN)); Atomics.store(a, 0, 5); Atomics.notify(a, 0); return waiting; },
  () => Atomics.notify(shared(), 0, -1),
  () => Atomics.notify(shared(), 0, Symbol()),
  () => Atomics.notify(shared(), 9),
  () => Atomics.notify(new Int32Array(4), 0),
  () => Atomics.notify(new Uint8Array(4), 0),
  () => Atomics.notify(),
  () => Atomics.waitAsync(),
  () => new Atomics.waitAsync(shared(), 0, 0),
  () => [Atomics.waitAsync.length, Atomics.notify.length, Atomics.waitAsync.name, Atomics.notify.name],
  () => Atomics.wait(shared(), 0, 0, 1),
  () => [ArrayBuffer.name, ArrayBuffer.length, ArrayBuffer.prototype.constructor === ArrayBuffer, new Uint8Array(1).buffer.constructor === ArrayBuffer, ArrayBuffer[Symbol.species] === ArrayBuffer],
  () => [Reflect.ownKeys(ArrayBuffer).map(String).sort(), Reflect.ownKeys(SharedArrayBuffer).map(String).sort()],
  () => ArrayBuffer(8),
  () => SharedArrayBuffer(8),
  () => new ArrayBuffer(-1),
  () => new ArrayBuffer(Symbol()),
  () => [new ArrayBuffer().byteLength, new ArrayBuffer("3").byteLength, new ArrayBuffer(2.9).byteLength, new ArrayBuffer(8, 5).byteLength, new ArrayBuffer(8, null).byteLength],
  () => { const order = []; const buffer = new ArrayBuffer({ valueOf() { order.push("length"); return 4; } }, { get maxByteLength() { order.push("maxByteLength"); } }); return [buffer.byteLength, buffer.resizable, order.sort()]; },
  () => { class Own extends ArrayBuffer { get half() { return this.byteLength / 2; } } const own = new Own(8); return [own.half, own instanceof Own, own.slice(2).half, own.slice(2) instanceof Own, new Uint8Array(own).length]; },
  () => { class Own extends SharedArrayBuffer {} const own = new Own(8, {}); return [own instanceof Own, own.growable, Object.prototype.toString.call(own)]; },
  () => [Reflect.construct(ArrayBuffer, [4], Array) instanceof Array, new ArrayBuffer(8).slice(2, 4).constructor === ArrayBuffer, new ArrayBuffer(1) instanceof ArrayBuffer],
  () => [typeof ArrayBuffer, new ArrayBuffer(2).transfer().constructor === ArrayBuffer, structuredClone(new ArrayBuffer(2)) instanceof ArrayBuffer],
  () => new ArrayBuffer(4, { get maxByteLength() { throw new Error("asked"); } }),
  () => new ArrayBuffer(4, { maxByteLength: undefined }).resizable,
  () => new ArrayBuffer(4, { maxByteLength: 8 }).resizable,
  () => new SharedArrayBuffer(4, { maxByteLength: 8 }).growable,
];
