// SPDX-License-Identifier: MPL-2.0
// Syntax that the engine does not parse by itself: `using`, `await using`, imports of JSON. The modules are in ../syntax.

import * as U from "resource://testing-common/syntax/using.sys.mjs";
import * as J from "resource://testing-common/syntax/json.sys.mjs";

const { told, toldAsync } = U;
const load = name => Object.keys(ChromeUtils.importESModule(`resource://testing-common/syntax/${name}.sys.mjs`));
const kindOfError = body => { try { return body(); } catch (error) { return error.name; } };

export const probes = [
  () => told(U.simple),
  () => told(U.several),
  () => told(U.secondFails),
  () => told(U.nothing),
  () => told(U.notDisposable),
  () => told(U.notAnObject),
  () => told(U.notCallable),
  () => told(U.bodyThrows),
  () => told(U.disposalThrows),
  () => told(U.allThrow),
  () => told(U.blocks),
  () => told(U.loops),
  () => told(U.labels),
  () => told(U.forOf),
  () => told(U.forOfWithin),
  () => told(U.tryCatch),
  () => told(U.closures),
  () => told(U.generators),
  () => told(U.names),
  () => told(U.columns),
  () => told(() => [U.switches(1), U.switches(2)]),
  () => told(() => U.parameters()),
  () => told(U.read),
  () => told(U.early),
  () => told(U.place),
  () => toldAsync(U.awaited),
  () => toldAsync(U.mixed),
  () => toldAsync(U.awaitedNothing),
  () => toldAsync(U.awaitedFails),
  () => toldAsync(U.awaitedNot),
  () => toldAsync(U.awaitedOf),
  () => toldAsync(U.awaitedEach),
  () => toldAsync(U.awaitedBlock),
  () => toldAsync(U.synchronousInAsync),
  () => [J.data, J.same === J.data, J.again === J.data, J.line],
  () => [Object.keys(J.data), Object.hasOwn(J.data, "__proto__"), Object.getPrototypeOf(J.data) === Object.prototype],
  () => [Object.keys(J.space), J.space.default === J.data, J.space[Symbol.toStringTag], Object.isFrozen(J.data)],
  () => kindOfError(() => load("json_bad")),
  () => kindOfError(() => load("json_name")),
  () => kindOfError(() => load("string")),
  () => kindOfError(() => load("statement")),
  () => kindOfError(() => load("without")),
  () => { const { f } = ChromeUtils.importESModule("resource://testing-common/syntax/assigned.sys.mjs"); return f(); },
  () => kindOfError(() => ChromeUtils.importESModule("resource://testing-common/syntax/json_missing.sys.mjs") && "imported") != "imported",
];
