// SPDX-License-Identifier: MPL-2.0
// IOUtils.computeHexDigest. The same here and in Firefox, which made expected/print_digest.out.

export async function runBackgroundTask() {
  const path = await IOUtils.createUniqueFile(PathUtils.tempDir, "digest");
  for (const text of ["", "abc", "x".repeat(1000000)]) {
    await IOUtils.writeUTF8(path, text);
    for (const algorithm of ["sha256", "sha384", "sha512"]) {
      dump(`${text.length} ${algorithm} ${await IOUtils.computeHexDigest(path, algorithm)}\n`);
    }
  }
  await IOUtils.remove(path);
}
