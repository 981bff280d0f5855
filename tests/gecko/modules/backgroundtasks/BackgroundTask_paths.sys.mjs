// SPDX-License-Identifier: MPL-2.0
// IOUtils and PathUtils.

export const backgroundTaskMinRuntimeMS = 1;

async function line(what, action) {
  let text;
  try {
    text = JSON.stringify(await action()) ?? "undefined";
  } catch (error) {
    text = error.name;
  }
  dump(`${what}: ${text.replaceAll(PathUtils.profileDir, "PROFILE")}\n`);
}

export async function runBackgroundTask() {
  const { profileDir } = PathUtils;
  await line("join", () => PathUtils.join("/a", "b", "c.txt"));
  await line("join relative", () => PathUtils.join("a", "b"));
  await line("join empty", () => PathUtils.join("/a", ""));
  await line("parent", () => [PathUtils.parent("/a/b/c"), PathUtils.parent("/a"), PathUtils.parent("/"), PathUtils.parent("/a/b/c", 2)]);
  await line("parent relative", () => PathUtils.parent("a/b"));
  await line("filename", () => [PathUtils.filename("/a/b.c"), PathUtils.filename("/a/b/")]);
  await line("split", () => PathUtils.split("/a/b/c"));
  const file = PathUtils.join(profileDir, "t.txt");
  await line("exists", () => IOUtils.exists(file));
  await line("read missing", () => IOUtils.read(file));
  await line("writeUTF8", () => IOUtils.writeUTF8(file, "é€\n"));
  await line("readUTF8", () => IOUtils.readUTF8(file));
  await line("read", async () => Array.from(await IOUtils.read(file)));
  await line("read part", async () => Array.from(await IOUtils.read(file, { offset: 1, maxBytes: 2 })));
  await line("append", () => IOUtils.writeUTF8(file, "x", { mode: "append" }));
  await line("create", () => IOUtils.writeUTF8(file, "x", { mode: "create" }));
  await line("stat", async () => { const { path, type, size } = await IOUtils.stat(file); return { path, type, size }; });
  await line("stat directory", async () => (await IOUtils.stat(profileDir)).type);
  await line("write bytes", () => IOUtils.write(file, new Uint8Array([255, 0])));
  await line("readUTF8 invalid", () => IOUtils.readUTF8(file));
  await line("writeJSON", () => IOUtils.writeJSON(file, { a: [1, "é"] }));
  await line("readJSON", () => IOUtils.readJSON(file));
  await line("readUTF8 of JSON", () => IOUtils.readUTF8(file));
  const directory = PathUtils.join(profileDir, "d", "e");
  await line("makeDirectory", () => IOUtils.makeDirectory(directory));
  await line("makeDirectory again", () => IOUtils.makeDirectory(directory));
  await line("makeDirectory strict", () => IOUtils.makeDirectory(directory, { ignoreExisting: false }));
  await line("makeDirectory no ancestors", () => IOUtils.makeDirectory(PathUtils.join(profileDir, "f", "g"), { createAncestors: false }));
  await line("getChildren", () => IOUtils.getChildren(PathUtils.join(profileDir, "d")));
  await line("getChildren missing", () => IOUtils.getChildren(PathUtils.join(profileDir, "none")));
  await line("remove nonempty", () => IOUtils.remove(PathUtils.join(profileDir, "d")));
  await line("remove recursive", () => IOUtils.remove(PathUtils.join(profileDir, "d"), { recursive: true }));
  await line("remove missing", () => IOUtils.remove(PathUtils.join(profileDir, "d")));
  await line("remove missing strict", () => IOUtils.remove(PathUtils.join(profileDir, "d"), { ignoreAbsent: false }));
  await line("relative path", () => IOUtils.read("relative"));
}
