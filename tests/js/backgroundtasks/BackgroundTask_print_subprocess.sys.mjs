// SPDX-License-Identifier: MPL-2.0
// Subprocess. The same here and in Firefox, which made expected/print_subprocess.out.

import { printPromise as t, showContent as show } from "resource://testing-common/print.sys.mjs";

const { Subprocess } = ChromeUtils.importESModule("resource://gre/modules/Subprocess.sys.mjs");

async function probe() {
  const S = Subprocess;
  const call = o => S.call({ command: "/bin/sh", ...o });
  await t("echo", async () => { let p = await call({ arguments: ["-c", "echo hi; exit 3"] }); let o = await p.stdout.readString(); let w = await p.wait(); return [o, w, p.exitCode, typeof p.pid]; });
  await t("cat", async () => { let p = await S.call({ command: "/bin/cat" }); let n = await p.stdin.write("hello é"); let e = await p.stdin.close(); let o = await p.stdout.readString(); let e2 = await p.stdout.readString(); return [n, String(e), o, e2, await p.wait()]; });
  await t("cat len", async () => { let p = await S.call({ command: "/bin/cat" }); await p.stdin.write("hello world"); let a = await p.stdout.readString(5); let b = await p.stdout.read(3); await p.stdin.close(); let r = await p.stdout.readString(); await p.wait(); return [a, show(b), r]; });
  await t("cat short", async () => { let p = await S.call({ command: "/bin/cat" }); await p.stdin.write("abc"); await p.stdin.close(); try { return await p.stdout.readString(5); } catch (e) { return [e.name, e.message, String(e.errorCode), e.constructor.name]; } finally { await p.wait(); } });
  await t("write bytes", async () => { let p = await S.call({ command: "/bin/cat" }); let n = await p.stdin.write(new Uint8Array([1, 2, 3])); let m = await p.stdin.write(new Uint8Array([4]).buffer); await p.stdin.close(); return [n, m, show(await p.stdout.read(3)), show(await p.stdout.read(1))]; });
  await t("json", async () => { let p = await S.call({ command: "/bin/cat" }); let s = '{"a":1}'; let l = new Uint32Array([s.length]); await p.stdin.write(l.buffer); await p.stdin.write(s); let n = await p.stdout.readUint32(); let j = await p.stdout.readJSON(n); await p.stdin.close(); await p.wait(); return [n, j]; });
  await t("codes", () => [S.ERROR_END_OF_FILE, S.ERROR_INVALID_JSON, S.ERROR_BAD_EXECUTABLE, S.ERROR_UNSUPPORTED_OPTIONS].map(String));
  await t("stderr pipe", async () => { let p = await call({ arguments: ["-c", "echo e >&2; echo o"], stderr: "pipe" }); return [await p.stdout.readString(), await p.stderr.readString(), await p.wait()]; });
  await t("stderr stdout", async () => { let p = await call({ arguments: ["-c", "echo e >&2; echo o"], stderr: "stdout" }); return [await p.stdout.readString(4), String(p.stderr), await p.wait()]; });
  await t("arguments num", async () => { let p = await call({ arguments: ["-c", "echo $0 $1", 5, "b"] }); return p.stdout.readString(); });
  await t("no command", () => S.call({}));
  await t("none", () => S.call());
  await t("missing command", () => S.call({ command: "/nonexistent" }));
  await t("dir command", () => S.call({ command: "/tmp" }));
  await t("not exec", () => S.call({ command: "/etc/passwd" }));
  await t("env", async () => { let p = await call({ arguments: ["-c", "env | grep -v PWD= | sort"], environment: { A: "b", C: "d e" } }); return p.stdout.readString(); });
  await t("env append", async () => { let p = await call({ arguments: ["-c", "echo $A; test -n \"$HOME\" && echo home"], environment: { A: "b" }, environmentAppend: true }); return p.stdout.readString(7); });
  await t("env default", async () => { let p = await call({ arguments: ["-c", "test -n \"$HOME\" && echo home"] }); return p.stdout.readString(); });
  await t("workdir", async () => { let p = await call({ arguments: ["-c", "pwd"], workdir: "/usr" }); return p.stdout.readString(); });
  await t("kill", async () => { let p = await call({ arguments: ["-c", "exec sleep 60"] }); let k = await p.kill(); return [k, await p.wait(), p.exitCode]; });
  await t("kill 0", async () => { let p = await call({ arguments: ["-c", "exec sleep 60"] }); let k = await p.kill(0); return [k, p.exitCode]; });
  await t("kill trap", async () => { let p = await call({ arguments: ["-c", "trap 'exit 7' TERM; echo r; while :; do sleep 0.1; done"] }); await p.stdout.readString(); let k = await p.kill(5000); return [k, p.exitCode]; });
  await t("kill stubborn", async () => { let p = await call({ arguments: ["-c", "trap '' TERM; echo r; while :; do sleep 0.1; done"] }); await p.stdout.readString(); let k = await p.kill(300); return [k, p.exitCode]; });
  await t("kill twice", async () => { let p = await call({ arguments: ["-c", "exit 4"] }); await p.wait(); let k = await p.kill(); return [k, p.exitCode]; });
  await t("signal exit", async () => { let p = await call({ arguments: ["-c", "kill -9 $$"] }); return p.wait(); });
  await t("wait twice", async () => { let p = await call({ arguments: ["-c", "exit 4"] }); return [await p.wait(), await p.wait()]; });
  await t("write after exit", async () => { let p = await call({ arguments: ["-c", "exit 0"] }); await p.wait(); try { await p.stdin.write("x"); return "ok"; } catch (e) { return [e.name, e.message, String(e.errorCode)]; } });
  await t("write after close", async () => { let p = await S.call({ command: "/bin/cat" }); await p.stdin.close(); let r; try { await p.stdin.write("x"); r = "ok"; } catch (e) { r = [e.name, e.message, String(e.errorCode)]; } await p.wait(); return r; });
  await t("close twice", async () => { let p = await S.call({ command: "/bin/cat" }); let a = await p.stdin.close(); let b = await p.stdin.close(); await p.wait(); return [String(a), String(b)]; });
  await t("close force", async () => { let p = await S.call({ command: "/bin/cat" }); let a = await p.stdin.close(true); await p.wait(); return [String(a)]; });
  await t("big", async () => { let p = await S.call({ command: "/bin/cat" }); let w = p.stdin.write("x".repeat(3000000)).then(async n => { await p.stdin.close(); return n; }); let n = 0, s; while ((s = await p.stdout.readString())) n += s.length; return [await w, n, await p.wait()]; });
  await t("readString utf8 split", async () => { let p = await S.call({ command: "/bin/cat" }); await p.stdin.write(new Uint8Array([0xc3])); let a = await p.stdout.readString(1); await p.stdin.write(new Uint8Array([0xa9])); let b = await p.stdout.readString(1); await p.stdin.close(); await p.wait(); return [a, b]; });
  await t("pathSearch sh", async () => (await S.pathSearch("sh")).endsWith("/sh"));
  await t("pathSearch abs", () => S.pathSearch("/bin/sh"));
  await t("pathSearch missing", () => S.pathSearch("nonexistent-x"));
  await t("pathSearch abs missing", () => S.pathSearch("/nonexistent-x"));
  await t("pathSearch env", () => S.pathSearch("sh", { PATH: "/nonexistent" }));
  await t("pathSearch env2", () => S.pathSearch("sh", { PATH: "/nonexistent:/bin" }));
  await t("pathSearch noexec", () => S.pathSearch("passwd", { PATH: "/etc" }));
  await t("pathSearch empty", () => S.pathSearch(""));
  await t("pathSearch rel", () => S.pathSearch("bin/sh", { PATH: "/" }));
  await t("gone pid", async () => { let p = await S.call({ command: "/bin/cat" }); let r = p.pid > 1; await p.stdin.close(); await p.wait(); return r; });
  await t("env null", async () => {
    const p = await call({ arguments: ["-c", "echo [$HOME][${A-unset}]"], environment: { HOME: null, A: "x" }, environmentAppend: true });
    return p.stdout.readString();
  });
  await t("json bad", async () => {
    const p = await S.call({ command: "/bin/cat" });
    await p.stdin.write("xx");
    const code = await p.stdout.readJSON(2).catch(error => [error.name, error.errorCode]);
    await p.stdin.close();
    return [code, await p.wait()];
  });
  const cat = async (content, read) => {
    const p = await S.call({ command: "/bin/cat" });
    await p.stdin.write(content);
    await p.stdin.close();
    return read(p.stdout);
  };
  // What is written: a view is its own bytes alone.
  await t("write a part", () => cat(new Uint8Array([65, 66, 67, 68]).subarray(1, 3), out => out.readString()));
  await t("write 16 bits", () => cat(new Uint16Array([0x4142]), out => out.read()));
  await t("write a DataView", () => cat(new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2), out => out.read()));
  await t("write nothing", () => cat("", out => out.readString()));
  await t("write no bytes", () => Promise.all([5, null, {}, [65]].map(content => cat(content, () => "written").catch(() => "thrown"))));
  // What is read: nothing is lost between two reads.
  await t("a character in two reads", async () => {
    const p = await S.call({ command: "/bin/cat" });
    await p.stdin.write(new Uint8Array([0xc3]));
    const first = await p.stdout.readString();
    await p.stdin.write(new Uint8Array([0xa9]));
    const second = await p.stdout.readString();
    await p.stdin.close();
    return [first, second];
  });
  await t("what is no UTF-8", () => cat(new Uint8Array([0xc3, 0x28]), out => out.readString(null, { fatal: true })));
  await t("too much, then what there is", () => cat("abc", async out => [await out.read(5).catch(({ message }) => message), await out.readString(2), await out.readString()]));
  await t("far too much", () => cat("abc", out => out.read(2 ** 40)));
  await t("read 0", () => cat("abc", async out => [(await out.read(0)).byteLength, await out.readString()]));
  await t("wrong lengths", () => cat("abc", out => Promise.all([-1, "x", 1.5].map(length => out.read(length).catch(({ name, message }) => [name, message])))));
  await t("at the end", () => cat("abc", async out => [await out.readString(), await out.readString(), await out.readString(), await out.readString(1).catch(({ message }) => message)]));
  await t("close at the end", () => cat("abc", async out => { await out.readString(); await out.readString(); return out.close(); }));
  await t("two reads at once", () => cat("abc", out => Promise.all([out.readString(2), out.readString()])));
  await t("32 bits", () => cat(new Uint32Array([7, 8]), async out => [await out.readUint32(), await out.readUint32()]));
  // After the end of the program.
  await t("read after the end", async () => { const p = await call({ arguments: ["-c", "echo a"] }); await p.wait(); return [await p.stdout.readString(), await p.stdout.readString()]; });
  await t("input after the end", async () => { const p = await call({ arguments: ["-c", "exit 0"] }); await p.wait(); return Promise.all([p.stdin.close(), p.stdin.write("x")].map(result => result.catch(({ message }) => message))); });
  await t("exit code of 8 bits", async () => (await call({ arguments: ["-c", "exit 300"] })).wait());
  // Options.
  await t("environment is null", async () => { const p = await call({ arguments: ["-c", "test -n \"$PATH\" && echo path"], environment: null }); return p.stdout.readString(); });
  await t("kinds of arguments", async () => (await S.call({ command: "/bin/echo", arguments: [1, null, undefined, true, "é"] })).stdout.readString());
  await t("a text of arguments", async () => (await S.call({ command: "/bin/echo", arguments: "ab" })).stdout.readString());
  await t("stderr of no kind", async () => (await call({ arguments: ["-c", "exit 0"], stderr: "none" })).stderr);
  await t("pathSearch up", () => S.pathSearch("../bin/sh"));
  await t("pathSearch without PATH", () => S.pathSearch("sh", {}));
  await t("getEnvironment", async () => [typeof S.getEnvironment().HOME, Object.getPrototypeOf(S.getEnvironment())]);
}

export async function runBackgroundTask() {
  await probe();
}
