// SPDX-License-Identifier: MPL-2.0
// structuredClone: every kind of value, what cannot be cloned, what is transferred.

import { probe } from "resource://testing-common/probe.sys.mjs";

const C = structuredClone;

export function runBackgroundTask() {
  probe(() => C());
  probe(() => C(5));
  probe(() => C("a"));
  probe(() => C(undefined));
  probe(() => C(-0));
  probe(() => C(5n));
  probe(() => C(Symbol("a")));
  probe(() => C(() => 1));
  probe(() => C({f() {}}));
  probe(() => C(new Date(5)));
  probe(() => C(new Date(NaN)));
  probe(() => C(/a/gi));
  probe(() => { const r = /a/g; r.lastIndex = 3; return C(r).lastIndex; });
  probe(() => C(new Map([[1,{a:1}]])));
  probe(() => C(new Set([1,"a"])));
  probe(() => C([1,,3]));
  probe(() => C([1,,3]).length);
  probe(() => Object.keys(C(Object.assign([1],{x:2}))));
  probe(() => C(new Boolean(false)));
  probe(() => C(new String("a")));
  probe(() => C(new Number(1)));
  probe(() => C(Object(1n)));
  probe(() => C(Object(Symbol("x"))));
  probe(() => C(new Uint8Array([1,2])));
  probe(() => C(new Float64Array([1])).constructor.name);
  probe(() => C(new DataView(new ArrayBuffer(2))));
  probe(() => C(new ArrayBuffer(2)));
  probe(() => { const b = new ArrayBuffer(8); const r = C([new Uint8Array(b,1,2), new Uint8Array(b)]); return r[0].buffer === r[1].buffer; });
  probe(() => C(new SharedArrayBuffer(2)));
  probe(() => C(new Error("a")));
  probe(() => { const e = new Error("z"); e.name = "Foo"; const c = C(e); return [c.name, c.constructor.name, Object.keys(c)]; });
  probe(() => { const c = C(new DOMException("m","AbortError")); return [c.name, c.message, c.code, c instanceof DOMException]; });
  probe(() => C(Components.Exception("x")));
  probe(() => C(new WeakMap()));
  probe(() => C(new WeakSet()));
  probe(() => C(Promise.resolve()));
  probe(() => C(globalThis));
  probe(() => C(new (class A { x = 1; #p = 2; get y() { return 3; } })()));
  probe(() => C(Object.create({a:1},{b:{value:2,enumerable:true},c:{value:3}})));
  probe(() => C({get a() { return 5; }}));
  probe(() => C({get a() { throw new RangeError("g"); }}));
  probe(() => { const o = {}; o.o = o; const c = C(o); return c.o === c && c !== o; });
  probe(() => { const s = {}; const c = C([s,s]); return c[0] === c[1]; });
  probe(() => C((function() { return arguments; })(1,2)));
  probe(() => C(Object.create(null)));
  probe(() => C({[Symbol("a")]: 1}));
  probe(() => C(new URL("http://a/")));
  probe(() => C(new URLSearchParams("a=b")));
  probe(() => C(new Headers()));
  probe(() => C(new Event("e")));
  probe(() => C(new AbortController().signal));
  probe(() => C(new Response()));
  probe(() => [C(new Blob(["ab"],{type:"t/x"})).size, C(new File(["ab"],"n",{type:"t/x",lastModified:5})).name]);
  probe(() => C(new FormData()));
  probe(() => C(crypto));
  probe(() => C([1].values()));
  probe(() => C((function*(){})()));
  probe(() => C(new Intl.NumberFormat()));
  probe(() => C(new ReadableStream()));
  probe(() => C(new DOMParser().parseFromString("<a/>","text/xml")));
  probe(() => { const b = new ArrayBuffer(4); const c = C(b, {transfer:[b]}); return [b.byteLength, c.byteLength]; });
  probe(() => { const b = new ArrayBuffer(4); const u = new Uint8Array(b); const c = C({u}, {transfer:[b]}); return [u.length, c.u.length]; });
  probe(() => C(1, {transfer:[new Uint8Array(1)]}));
  probe(() => C(1, {transfer:5}));
  probe(() => C(1, 5));
  probe(() => { const b = new ArrayBuffer(4); return C(b, {transfer:[b,b]}); });
  probe(() => { const b = new ArrayBuffer(4); C(b,{transfer:[b]}); return C(b,{transfer:[b]}); });
  probe(() => { const b = new ArrayBuffer(4); C(b,{transfer:[b]}); return C(b); });
  probe(() => C(1, {transfer:[{}]}));
  probe(() => C(1, null));
  probe(() => { const b = new ArrayBuffer(4); try { C([b, () => 1], {transfer:[b]}); } catch {} return b.byteLength; });
  probe(() => C(1, {transfer:[5]}));
  probe(() => { const s = new ReadableStream(); const c = C(s, {transfer:[s]}); return [String(c), s.locked]; });
  probe(() => { const m = new Map(); m.set(m, m); const c = C(m); return c.has(c) && c.get(c) === c; });
  probe(() => C({__proto__: null, ["__proto__"]: 5})["__proto__"]);
  probe(() => { let d = {}; const r = d; for (let i = 0; i < 5000; i++) d = d.x = {}; C(r); return "deep ok"; });
  probe(() => Object.keys(C({b:1,a:2,1:3})));
  probe(() => { class B extends Array {} return C(B.from([1])).constructor.name; });
  probe(() => { class B extends Map {} return C(new B()).constructor.name; });
  probe(() => { class B extends Uint8Array {} return C(new B(1)).constructor.name; });
  probe(() => Object.isFrozen(C(Object.freeze({a:1}))));
  probe(() => structuredClone.length);
  probe(() => structuredClone.name);
  probe(() => {
    const error = C(new TypeError("b", { cause: { x: 1 } }));
    return [error.name, error.message, error.cause, error instanceof TypeError, typeof error.stack];
  });
  probe(() => {
    class Own extends RangeError {}
    const error = new Own("q");
    error.extra = 1;
    return [C(error).constructor.name, C(error).name, C(error).extra];
  });
  probe(() => Object.prototype.toString.call(C(new Map())));
  probe(() => [...C(new Map([[{ a: 1 }, [2]]]))]);
  probe(() => C([[new Error("in an array")]])[0][0].message);
  return 0;
}
