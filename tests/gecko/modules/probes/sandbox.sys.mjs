// SPDX-License-Identifier: MPL-2.0
// Cu.Sandbox with the system's principal, and Cu.evalInSandbox.

const { scriptSecurityManager } = Services;
const P = scriptSecurityManager.getSystemPrincipal();
const run = (source, ...more) => Cu.evalInSandbox(source, ...more);
const S = new Cu.Sandbox(P);
const failed = body => { try { body(); } catch (error) { return error; } return null; };

export const probes = [
  () => [P.isSystemPrincipal, P.isNullPrincipal, P.origin, P.URI, P.spec, P.userContextId, P.equals(P), P.subsumes(P)],
  () => [P instanceof Ci.nsIPrincipal, Cu.getObjectPrincipal({}) === P, String(P), String(scriptSecurityManager)],
  () => [typeof Cu.Sandbox, typeof new Cu.Sandbox(P), typeof Cu.Sandbox(P), typeof Cu.Sandbox(globalThis)],
  () => Cu.Sandbox(S),
  () => Cu.Sandbox(),
  () => Cu.Sandbox(5),
  () => Cu.Sandbox({}),
  () => Cu.Sandbox(null) && null,
  () => Cu.Sandbox("https://example.com") && null,
  () => Cu.Sandbox(P, null),
  () => Cu.Sandbox(P, "x"),
  () => Cu.Sandbox(P, { sandboxPrototype: 5 }),
  () => Cu.Sandbox(P, { wantGlobalProperties: "URL" }),
  () => Cu.Sandbox(P, { wantGlobalProperties: ["Nope"] }),
  () => run("1 + 1", S),
  () => { run("var x = 5; let y = 6; function f(a) { return a + x; }", S); return [S.x, S.y, typeof S.f, S.f(3), run("x + y", S)]; },
  () => { S.z = { a: 1 }; return [run("z.a", S), run("z", S) === S.z]; },
  () => { const list = run("[1, 2]", S); return [list instanceof Array, Array.isArray(list), list.length, list instanceof S.Array]; },
  () => [Object.getPrototypeOf(run("({})", S)) === Object.prototype, run("Object", S) === S.Object, S.Object === Object],
  () => [run("this", S) === S, run("globalThis === this", S), run("(function () { return this === globalThis; })()", S)],
  () => run("({ toString: () => 'x' }) + ''", S),
  () => run({ toString: () => "3" }, S),
  () => [typeof failed(() => run("throw 5", S)), failed(() => run("throw new TypeError('x')", S)) instanceof TypeError],
  () => { const { name, message, fileName, lineNumber } = failed(() => run("\n\nthrow new TypeError('x')", S, "latest", "file:///a.js", 10)); return [name, message, fileName, lineNumber]; },
  () => String(failed(() => run("1 +", S))),
  () => String(failed(() => run("let y = 7", S))),
  () => String(failed(() => run("await 5", S))),
  () => run("(async () => 5)()", S),
  () => run("import('resource://gre/modules/AppConstants.sys.mjs').then(() => 'loaded', () => 'refused')", S),
  () => run("1"),
  () => run("1", {}),
  () => run("1", null),
  () => run("typeof Services + typeof Components + typeof Cu + typeof Ci + typeof dump", S),
  () => run("typeof ChromeUtils + typeof URL + typeof console + typeof setTimeout + typeof IOUtils + typeof fetch", S),
  () => run("[Math.random() < 1, typeof Intl, typeof WebAssembly, new Date(0).toISOString()].join()", S),
  () => [S.Components === Components, S.Cu === Cu, S.Services === Services, run("Components === this.Components", S)],
  () => { const s = Cu.Sandbox(P, { wantComponents: false }); return run("typeof Components + typeof Services + typeof Cu + typeof dump", s); },
  () => { const s = Cu.Sandbox(P, { wantGlobalProperties: ["URL", "fetch"] }); return run("new URL('http://a/b').pathname + typeof fetch + typeof Headers + typeof Request", s); },
  () => { const p = { p: 1 }; const s = Cu.Sandbox(P, { sandboxPrototype: p }); p.q = 2; return run("[p, q, 'p' in this, this.hasOwnProperty('p')].join()", s); },
  () => run("typeof Services + typeof IOUtils", Cu.Sandbox(P, { sandboxPrototype: globalThis })),
  () => Object.keys(Cu.Sandbox(P)),
  () => run("typeof exportFunction + typeof createObjectIn + typeof cloneInto", Cu.Sandbox(P, { wantExportHelpers: true })),
  () => Cu.getSandboxMetadata(Cu.Sandbox(P, { metadata: { a: 1 } })).a,
  () => { Cu.setSandboxMetadata(S, { b: 2 }); return Cu.getSandboxMetadata(S).b; },
  () => { const o = Cu.createObjectIn(S, { defineAs: "o" }); return [S.o === o, run("Object.getPrototypeOf(o) === Object.prototype", S)]; },
  () => { Cu.exportFunction(a => a + 1, S, { defineAs: "g" }); return run("g(4)", S); },
  () => [Cu.getGlobalForObject(run("({})", S)) === S, Cu.getGlobalForObject({}) === globalThis],
  () => run("Cu.evalInSandbox('a + 1', Object.assign(Cu.Sandbox(Services.scriptSecurityManager.getSystemPrincipal()), { a: 1 }))", S),
];
