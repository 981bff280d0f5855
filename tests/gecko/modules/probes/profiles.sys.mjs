// SPDX-License-Identifier: MPL-2.0
// nsIToolkitProfileService, beginning without a profiles.ini: what it makes, changes and writes. One probe finds what those
// before it have left. Numbers of sections are left out: Firefox gives that of a profile that went to the last one.

const S = Cc["@mozilla.org/toolkit/profile-service;1"].getService(Ci.nsIToolkitProfileService);
const base = () => Services.dirsvc.get("UAppData", Ci.nsIFile).path;
const path = (...names) => PathUtils.join(base(), ...names);
const quiet = text => text.replaceAll(base(), "BASE").replace(/\b[a-z0-9]{8}\./g, "SALT.").replace(/\b(Install)?[0-9A-F]{16}\b/g, "$1HASH").replace(/: \d{13}/, ": TIME").replace(/\[Profile\d+\]/g, "[Profile]");
const ini = async name => quiet(await IOUtils.readUTF8(path(name))).split("\n\n").filter(Boolean).sort();
const both = async () => [await ini("profiles.ini"), await ini("installs.ini")];
const named = name => S.getProfileByName(name);
const seen = profile => profile && [profile.name, quiet(profile.rootDir.path)];
const make = (name, dir = null, source = "") => S.createProfile(dir, name, source);

export const probes = [
  () => [[...S.profiles].length, S.profileCount, S.isFirstRun, S.defaultProfile, S.currentProfile, S.isListOutdated, S.startWithLastProfile],
  () => make("first").rootDir.isDirectory(),
  () => { const { rootDir, localDir } = named("first"); return [rootDir.permissions, localDir.permissions, rootDir.leafName == localDir.leafName, seen(named("first"))]; },
  async () => quiet(await IOUtils.readUTF8(PathUtils.join(named("first").rootDir.path, "times.json"))),
  () => make("first") === named("first"),
  () => [named("first").storeID, named("first").showProfileSelector],
  () => named("none"),
  () => S.createProfile(null, "x"),
  () => S.createProfile(),
  () => S.createUniqueProfile(null, "x"),
  () => named("first").removeInBackground(),
  () => S.createProfile({}, "x", ""),
  () => S.createProfile("x", "x", ""),
  () => S.createUniqueProfile(null, "first", "").name,
  () => S.createUniqueProfile(null, "first", "").name,
  () => S.createUniqueProfile(null, "other", "").name,
  () => seen(make("Größe 漢字 %41")),
  () => make(5).name,
  () => make("x".repeat(300)),
  () => make("a/b"),
  () => make("a\nb"),
  () => { for (const { name } of [...S.profiles]) { if (/[/\n]/.test(name)) { named(name).remove(false); } } },
  async helpers => seen(make("given", helpers.local(await helpers.directory()))).length,
  async helpers => { const file = helpers.local(path("made", "below")); const { rootDir, localDir } = make("below", file); return [rootDir.equals(file), quiet(rootDir.path), localDir.exists()]; },
  async helpers => make("on a file", await helpers.nsFile()),
  async helpers => { const file = await helpers.nsFile("kept", "times.json"); make("kept times", file.parent); return IOUtils.readUTF8(file.path); },
  async () => quiet(await IOUtils.readUTF8(PathUtils.join(make("source", null, 'a "source"').rootDir.path, "times.json"))),
  () => [...S.profiles].map(({ name }) => name),
  () => S.getProfileByDir(named("first").rootDir) === named("first"),
  helpers => S.getProfileByDir(helpers.local("/nowhere")),
  helpers => ["/tmp/x", path("a", "b"), base(), `${base()}x`].map(place => quiet(S.getLocalDirFromRootDir(helpers.local(place)).path.replace(Services.dirsvc.get("DefProfLRt", Ci.nsIFile).path, "CACHE"))),
  () => IOUtils.exists(path("profiles.ini")),
  () => { named("given").remove(true); return S.profileCount; },
  () => S.flush(),
  () => ini("profiles.ini"),
  () => IOUtils.exists(path("installs.ini")),
  () => { S.defaultProfile = named("first"); return seen(S.defaultProfile); },
  () => S.flush(),
  () => both(),
  () => { S.defaultProfile = {}; },
  () => { S.defaultProfile = null; S.flush(); return S.defaultProfile; },
  () => both(),
  () => { S.startWithLastProfile = false; S.flush(); return S.startWithLastProfile; },
  () => { named("first").name = "renamed"; return seen(named("renamed")); },
  () => { const gone = named("other"); gone.remove(true); return [gone.rootDir.exists(), gone.name]; },
  () => { const gone = make("gone"); gone.remove(false); return gone.rootDir.exists(); },
  () => { const gone = make("gone"); gone.remove(false); gone.remove(false); },
  () => { const gone = make("gone"); gone.remove(true); gone.lock({}); },
  async helpers => { const gone = make("gone"); gone.removeInBackground(true); await helpers.sleep(300); return gone.rootDir.exists(); },
  () => { const gone = make("gone"); S.defaultProfile = gone; gone.remove(true); return S.defaultProfile; },
  () => S.asyncFlush(),
  () => both(),
  () => S.asyncFlushCurrentProfile(),
  () => { const lock = named("renamed").lock({}); const there = lock.directory.equals(named("renamed").rootDir); lock.unlock(); return there; },
  () => { const lock = named("renamed").lock({}); lock.unlock(); lock.unlock(); },
  () => { const lock = named("renamed").lock({}); lock.unlock(); return lock.directory; },
  () => { named("renamed").lock(); },
  () => { named("renamed").lock(null); },
  async () => { await IOUtils.writeUTF8(path("profiles.ini"), "[Mine]\nx=y\n"); return S.isListOutdated; },
  () => S.flush(),
  () => S.asyncFlush(),
  () => IOUtils.readUTF8(path("profiles.ini")),
  () => [String(S), String(named("renamed"))],
];
