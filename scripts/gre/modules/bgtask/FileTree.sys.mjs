// SPDX-License-Identifier: MPL-2.0
// What nsIFile does with more than one path. All return 0 or a negative errno, unless they say otherwise.

const { files } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

const ENOENT = 2;
const EEXIST = 17;
const EXDEV = 18;
const ELOOP = 40;

export function parentOf(path) {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Make @path and what is missing above it, with @mode. */
export function makeDirectories(path, mode) {
  const missing = [];
  let result;
  for (let at = path; ; at = parentOf(at)) {
    result = files.mkdir(at, mode);
    if (result != -ENOENT || at == "/") {
      break;
    }
    missing.push(at);
  }
  while ((result == 0 || result == -EEXIST) && missing.length) {
    result = files.mkdir(missing.pop(), mode);
  }
  return result == -EEXIST ? 0 : result;
}

/**
 * Copy what @from is, links followed, to @to; existing files are replaced, existing directories filled. A link to a directory
 * above it is an error: two of them would be copied 2 to the 40th times.
 * @param {string[]} [above] which directories it is in
 */
export function copyTree(from, to, above = []) {
  const found = files.stat(from, true);
  if (typeof found == "number") {
    return found;
  }
  const [mode, , , , device, inode] = found;
  if ((mode & S_IFMT) != S_IFDIR) {
    return files.copy(from, to);
  }
  const self = `${device}:${inode}`;
  if (above.includes(self)) {
    return -ELOOP;
  }
  const made = files.mkdir(to, mode & 0o777);
  if (made < 0 && made != -EEXIST) {
    return made;
  }
  const names = files.list(from);
  if (typeof names == "number") {
    return names;
  }
  for (const name of names) {
    const result = copyTree(`${from}/${name}`, `${to}/${name}`, [...above, self]);
    if (result < 0) {
      return result;
    }
  }
  return 0;
}

/** Remove directory @path with all in it; links are not followed. @counter.value is raised by each that went. */
export function removeTree(path, counter) {
  const names = files.list(path);
  if (typeof names == "number") {
    return names;
  }
  for (const name of names) {
    const child = `${path}/${name}`;
    const found = files.stat(child, false);
    if (found == -ENOENT) {
      continue;
    }
    const isDirectory = typeof found != "number" && (found[0] & S_IFMT) == S_IFDIR;
    const result = isDirectory ? removeTree(child, counter) : files.unlink(child);
    if (result < 0 && result != -ENOENT) {
      return result;
    }
    counter.value += isDirectory ? 0 : 1;
  }
  const result = files.rmdir(path);
  counter.value += result == 0 ? 1 : 0;
  return result;
}

/** Rename; to another volume by copying. */
export function moveTree(from, to) {
  const result = files.rename(from, to);
  if (result != -EXDEV) {
    return result;
  }
  const copied = copyTree(from, to);
  return copied < 0 ? copied : files.removeTree(from);
}

/** The way from @from to @to, both absolute: a string. */
export function relativePath(from, to) {
  const names = path => path.split("/").slice(1);
  const start = names(from);
  const end = names(to);
  let common = 0;
  while (common < start.length && common < end.length && start[common] == end[common]) {
    common++;
  }
  return "../".repeat(start.length - common) + end.slice(common).join("/");
}

/** What @path leads to from @from: a string, null when it goes beyond the root. */
export function resolveRelative(from, path) {
  const names = from.split("/").filter(name => name != "");
  for (const name of path.split("/")) {
    if (name == ".." && !names.length) {
      return null;
    }
    if (name == "..") {
      names.pop();
    } else if (name != "") {
      names.push(name);
    }
  }
  return `/${names.join("/")}`;
}
