// SPDX-License-Identifier: MPL-2.0
// Newer built-ins of the language: what they give and what they throw, wherever they come from.

import { probe, probeAsync } from "resource://testing-common/probe.sys.mjs";

async function* counting() {
  yield 1;
  yield 2;
}

let events = [];

/** An iterable of @count numbers that tells how far it was gone through, and whether it was closed. */
function watched(name, count, failing = false) {
  let at = 0;
  return {
    [Symbol.iterator]: () => ({
      __proto__: Iterator.prototype,
      next() {
        if (failing && at) {
          throw new Error(`${name} fails`);
        }
        events.push(`${name}${at}`);
        return at < count ? { done: false, value: at++ } : { done: true };
      },
      return() {
        events.push(`${name} closed`);
        return {};
      },
    }),
  };
}

function told() {
  const all = events.join(" ");
  events = [];
  return all;
}

export async function runBackgroundTask() {
  probe(() => [1,2,3].findLast(1));
  probe(() => [1,2,3].toSorted(1));
  probe(() => [1,2,3].toSorted(null));
  probe(() => [1,2,3].with(3, 1));
  probe(() => [1,2,3].toSpliced(1));
  probe(() => [1,2,3].toSpliced());
  probe(() => Array.prototype.toSpliced.call({length: 2**53-1}, 0, 0, 1));
  probe(() => Array.prototype.toReversed.call({length: 2**53-1}));
  probe(() => new Uint8Array(3).with(4, 1));
  probe(() => Uint8Array.prototype.with.call([], 4, 1));
  probe(() => new Float64Array([3,-0,0,NaN,1]).toSorted().toString());
  probe(() => new Uint8Array([3,1]).toSorted(3));
  probe(() => Object.groupBy(5, 1));
  probe(() => Object.groupBy([5], 1));
  probe(() => Object.groupBy(null, x=>x));
  probe(() => Object.groupBy([1,2,3], x => x%2));
  probe(() => Object.getPrototypeOf(Object.groupBy([1,2,3], x => x%2)));
  probe(() => [...Map.groupBy([1,2,-0], x => x)]);
  probe(() => [...Map.groupBy(undefined, x => x)]);
  probe(() => new Set([1]).union(3));
  probe(() => new Set([1]).union([1]));
  probe(() => new Set([1]).union({size: NaN}));
  probe(() => new Set([1]).union({size: -1, has(){}, keys(){}}));
  probe(() => new Set([1]).union({size: 1}));
  probe(() => new Set([1]).union({size: 1, has(){}}));
  probe(() => Set.prototype.union.call([], new Set()));
  probe(() => [...new Set([1,2,3]).intersection(new Set([3,2]))]);
  probe(() => [...new Set([1,2,3]).symmetricDifference(new Set([3,2,7]))]);
  probe(() => Object.keys(Promise.withResolvers()));
  probe(() => { const f = Promise.withResolvers; return f(); });
  probe(() => { const f = Promise.try; return f(); });
  probe(() => RegExp.escape(5));
  probe(() => RegExp.escape("1a-b.c\n\u2028 \ud800/é,=+_$"));
  probe(() => RegExp.escape("ab c"));
  probe(() => Math.sumPrecise([0.1,0.2,0.3]));
  probe(() => Math.sumPrecise([1e308,1e308,-1e308]));
  probe(() => Math.sumPrecise([]));
  probe(() => Math.sumPrecise(["1"]));
  probe(() => Math.sumPrecise(5));
  probe(() => "a\ud800b".isWellFormed());
  probe(() => "a\ud800b".toWellFormed());
  probe(() => String.prototype.isWellFormed.call(null));
  probe(() => [Error.isError(new Error), Error.isError({}), Error.isError(Object.create(Error.prototype)), Error.isError(new DOMException("a")), Error.isError(Components.Exception("x"))]);
  probe(() => Error.captureStackTrace(5));
  probe(() => Error.stackTraceLimit);
  probe(() => new Uint8Array([1,2,3,255]).toBase64());
  probe(() => new Uint8Array([1,2,3,255]).toBase64({alphabet:"base64url", omitPadding: true}));
  probe(() => new Uint8Array([1,2,3,255]).toBase64({alphabet:"x"}));
  probe(() => new Uint8Array([1,2,3,255]).toBase64(5));
  probe(() => Uint8Array.fromBase64("AQID/w=="));
  probe(() => Uint8Array.fromBase64(" AQ ID/w=="));
  probe(() => Uint8Array.fromBase64("AQID/w"));
  probe(() => Uint8Array.fromBase64("AQID/"));
  probe(() => Uint8Array.fromBase64("AQID_w"));
  probe(() => Uint8Array.fromBase64("AQID_w",{alphabet:"base64url"}));
  probe(() => Uint8Array.fromBase64("AQID/w=",{}));
  probe(() => Uint8Array.fromBase64("AQID/x==",{lastChunkHandling:"strict"}));
  probe(() => Uint8Array.fromBase64("AQID/w",{lastChunkHandling:"strict"}));
  probe(() => Uint8Array.fromBase64("AQID/w",{lastChunkHandling:"stop-before-partial"}));
  probe(() => Uint8Array.fromBase64("AQID/w",{lastChunkHandling:"s"}));
  probe(() => Uint8Array.fromBase64(5));
  probe(() => Uint8Array.fromBase64("AQID/w==x"));
  probe(() => Uint8Array.fromBase64("A"));
  probe(() => Uint8Array.fromBase64("="));
  probe(() => Uint8Array.fromBase64("AQ=x"));
  probe(() => new Uint8Array([1,255]).toHex());
  probe(() => Uint8Array.fromHex("01fF"));
  probe(() => Uint8Array.fromHex("01f"));
  probe(() => Uint8Array.fromHex("01fg"));
  probe(() => Uint8Array.fromHex(5));
  probe(() => Uint8Array.prototype.toHex.call([]));
  probe(() => new Uint8Array(4).setFromBase64("AQIDBAUG"));
  probe(() => new Uint8Array(4).setFromHex("01020304"));
  probe(() => new Uint8Array(1).setFromHex("01020304"));
  probe(() => new ArrayBuffer(8).resize(4));
  probe(() => [new ArrayBuffer(8).resizable, new ArrayBuffer(8).maxByteLength, new ArrayBuffer(8).detached]);
  probe(() => { const b = new ArrayBuffer(8); const c = b.transfer(4); return [b.detached, b.byteLength, c.byteLength]; });
  probe(() => { const b = new ArrayBuffer(8); b.transfer(); return b.transfer(); });
  probe(() => new ArrayBuffer(8).transfer(-1));
  probe(() => ArrayBuffer.prototype.transfer.call([]));
  probe(() => { const m = new Map(); return [m.getOrInsert(1, 2), m.getOrInsert(1, 3), m.getOrInsertComputed(2, k => k + 5)]; });
  probe(() => new Map().getOrInsertComputed(1, 2));
  probe(() => new WeakMap().getOrInsert(1, 2));
  probe(() => [...Iterator.concat([1],[2,3])]);
  probe(() => Iterator.concat(5));
  probe(() => [...Iterator.zip([[1,2],[3]])]);
  probe(() => [...Iterator.zip([[1,2],[3]], {mode:"longest"})]);
  probe(() => [...Iterator.zip([[1,2],[3]], {mode:"strict"})]);
  probe(() => [...Iterator.zipKeyed({a:[1,2],b:[3]})]);
  probe(() => [1,2,3].values().map(x=>x*2).toArray());
  probe(() => new Iterator());
  probe(() => [...Iterator.from("ab")]);
  probe(() => Iterator.from({next(){return {done:true}}}).toArray());
  probe(() => [1,2,3].values().reduce((a,b)=>a+b));
  probe(() => [].values().reduce((a,b)=>a+b));
  probe(() => [1].values().map(1));
  probe(() => { const l = []; const s = new DisposableStack(); s.defer(() => l.push("d")); s.use({[Symbol.dispose]() { l.push("u"); }}); s.adopt(5, v => l.push(v)); s.dispose(); return l; });
  probe(() => new DisposableStack().use(5));
  probe(() => new DisposableStack().use({}));
  probe(() => { const s = new DisposableStack(); s.defer(() => { throw new Error("a"); }); s.defer(() => { throw new Error("b"); }); try { s.dispose(); } catch (e) { return [e.name, e.message, e.error.message, e.suppressed.message, Object.prototype.toString.call(e)]; } });
  probe(() => [String(Symbol.dispose), String(Symbol.asyncDispose)]);
  probe(() => { const d = new DataView(new ArrayBuffer(2)); d.setFloat16(0, 1.337); return [d.getFloat16(0), Math.f16round(1.337), Math.f16round(65520), Math.f16round(1e-8)]; });
  probe(() => /a/.unicodeSets);
  probe(() => [...Iterator.zip([watched("a", 3), watched("b", 2)])]);
  probe(() => told());
  probe(() => [...Iterator.zip([watched("a", 3), watched("b", 2)], { mode: "strict" })]);
  probe(() => told());
  probe(() => [...Iterator.zip([watched("a", 2), watched("b", 3)], { mode: "strict" })]);
  probe(() => told());
  probe(() => [...Iterator.zip([watched("a", 9), watched("b", 2, true), watched("c", 9)])]);
  probe(() => told());
  probe(() => [...Iterator.zip([watched("a", 2), 5])]);
  probe(() => told());
  probe(() => [...Iterator.zip([[1, 2], [3]], { mode: "longest", padding: watched("p", Infinity) })]);
  probe(() => told());
  probe(() => [...Iterator.zip([[1, 2], [3]], { mode: "longest", padding: [7] })]);
  probe(() => [...Iterator.zip([[1, 2], [3]], { mode: "longest", padding: 5 })]);
  probe(() => [...Iterator.zip([[1]], { mode: "other" })]);
  probe(() => [...Iterator.zipKeyed({ a: [1, 2], b: watched("b", 1), c: undefined })].map(row => Object.entries(row)));
  probe(() => [...Iterator.zipKeyed({ a: watched("a", 2), b: 5 })]);
  probe(() => told());
  probe(() => [...Iterator.zipKeyed({ a: [1, 2], b: [3] }, { mode: "longest", padding: { b: 9 } })].map(row => row.b));
  probe(() => { const zipped = Iterator.zip([watched("a", 3), watched("b", 3)]); zipped.next(); zipped.return(); return told(); });
  probe(() => [...Iterator.concat([1], new Set([2]), watched("a", 1))]);
  probe(() => Iterator.concat([1], 5));
  probe(() => Iterator.concat([1]).toString());
  probe(() => new Iterator.concat([1]));
  probe(() => Object.prototype.toString.call(Iterator.prototype));
  probe(() => Iterator.prototype[Symbol.toStringTag]);
  probe(() => { const it = Object.create(Iterator.prototype); it[Symbol.toStringTag] = "Own"; return [String(it), Iterator.prototype[Symbol.toStringTag]]; });
  probe(() => { const it = Object.create(Iterator.prototype); it.constructor = 5; return [it.constructor, Object.keys(it), Iterator.prototype.constructor === Iterator]; });
  probe(() => String(WebAssembly));
  probe(() => Object.keys(Array.prototype[Symbol.unscopables]).sort());
  probe(() => { const it = watched("d", 3)[Symbol.iterator](); it[Symbol.dispose](); return told(); });
  probe(() => [Atomics.pause(), Atomics.pause(4)]);
  probe(() => Atomics.pause(0.5));
  probe(() => [new SharedArrayBuffer(4).growable, new SharedArrayBuffer(4).maxByteLength]);
  probe(() => new SharedArrayBuffer(4).grow(8));
  probe(() => new ArrayBuffer(4).resize(8));
  probe(() => Object.getOwnPropertyNames(Error).includes("stackTraceLimit"));
  probe(() => [typeof WeakRef, typeof FinalizationRegistry, typeof SharedArrayBuffer, typeof AsyncIterator]);
  probe(() => Object.getOwnPropertyNames(Array.prototype).includes("toSorted"));
  probe(() => Object.getOwnPropertyDescriptor(Array.prototype, "toSorted").enumerable);
  probe(() => [Array.prototype.with.name, Array.prototype.with.length, Array.prototype.toSpliced.length]);
  probe(() => { const a = []; a.findLast = 5; return [Object.keys(a), a.findLast, [1].findLast(() => true)]; });
  probe(() => { const stack = new DisposableStack(); return [stack.disposed, stack.move().disposed, stack.disposed]; });
  probe(() => { const target = {}; Error.captureStackTrace(target); return /^runBackground|^probe/m.test(target.stack); });
  await probeAsync(() => Promise.try((a, b) => a + b, 1, 2));
  await probeAsync(() => Promise.try(1));
  await probeAsync(() => Promise.try(() => { throw new RangeError("r"); }));
  await probeAsync(() => Array.fromAsync([Promise.resolve(1), 2], x => x * 2));
  await probeAsync(() => Array.fromAsync(counting()));
  await probeAsync(() => Array.fromAsync({ length: 2, 0: "a", 1: Promise.resolve("b") }));
  await probeAsync(() => Array.fromAsync(null));
  await probeAsync(() => Array.fromAsync(5));
  await probeAsync(() => Array.fromAsync([1], 5));
  await probeAsync(async () => {
    const log = [];
    const stack = new AsyncDisposableStack();
    stack.defer(async () => log.push("first"));
    stack.use({ [Symbol.dispose]: () => log.push("second") });
    await stack.disposeAsync();
    return log;
  });
  return 0;
}
