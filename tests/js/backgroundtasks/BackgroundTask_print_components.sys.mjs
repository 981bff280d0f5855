// SPDX-License-Identifier: MPL-2.0
// Components: contracts and their classes, constructors, weak references and observers, categories, factories, chrome
// manifests and what resource: URIs stand for.

import { hide, print, say } from "resource://testing-common/print.sys.mjs";

const { obs, catMan, io, prefs } = Services;

async function collect() {
  await new Promise(resolve => Cu.schedulePreciseGC(resolve));
  Cu.forceGC();
  Cu.forceCC();
}

class Observer {
  constructor(name) {
    this.name = name;
  }

  observe(_subject, topic, data) {
    say(`  ${this.name} heard ${topic} ${data}`);
  }
}
Observer.prototype.QueryInterface = ChromeUtils.generateQI(["nsIObserver", "nsISupportsWeakReference"]);

async function checkWeak() {
  const one = new Observer("weak");
  print("weakly", () => obs.addObserver(one, "w1", true));
  obs.notifyObservers(null, "w1", "1");
  for (const [what, observer] of [["object", { observe() {} }], ["function", () => {}],
    ["other interface", { observe() {}, QueryInterface: ChromeUtils.generateQI(["nsIObserver"]) }]]) {
    print(`weakly, ${what}`, () => obs.addObserver(observer, "w1", true));
  }
  print("enumerated", () => [...obs.enumerateObservers("w1")].length);
  print("removed", () => obs.removeObserver(one, "w1"));
  obs.notifyObservers(null, "w1", "2");
  obs.addObserver(one, "w2");
  obs.addObserver(one, "w2", true);
  obs.notifyObservers(null, "w2", "both");
  obs.removeObserver(one, "w2");
  obs.notifyObservers(null, "w2", "one of them");
  (() => {
    obs.addObserver(new Observer("collected"), "w3", true);
    obs.addObserver(new Observer("strong"), "w3");
    prefs.addObserver("w.", new Observer("collected"), true);
  })();
  prefs.addObserver("w.", one, true);
  await collect();
  obs.notifyObservers(null, "w3", "after the collection");
  print("enumerated after it", () => [...obs.enumerateObservers("w3")].length);
  prefs.setIntPref("w.a", 1);
  print("pref, not referable", () => prefs.addObserver("w.", { observe() {} }, true));
  const reference = Cu.getWeakReference(one);
  print("reference", () => [String(reference), reference.get() === one]);
  print("reference to nothing", () => [Cu.getWeakReference(null).get(), Cu.getWeakReference(() => {}).get()]);
  for (const topic of [null, undefined]) {
    print(`topic ${topic}`, () => obs.addObserver(one, topic));
    print(`notify ${topic}`, () => obs.notifyObservers(null, topic));
  }
}

const FILE = "@mozilla.org/file/local;1";
const UUID = "@mozilla.org/uuid-generator;1";

function checkClasses() {
  print("class", () => [Cc[FILE].name, Cc[FILE].number, String(Cc[FILE])]);
  print("known", () => [FILE in Cc, "@bogus" in Cc, Cc["@bogus/x;1"]]);
  print("an instance as service", () => String(Cc[FILE].getService(Ci.nsIFile)));
  print("service, other interface", () => Cc[UUID].getService(Ci.nsIURI));
  print("service, number", () => Cc[UUID].getService(5));
  print("instance, other interface", () => Cc[FILE].createInstance(Ci.nsIURI));
  const Path = Components.Constructor(FILE, "nsIFile", "initWithPath");
  print("constructor", () => [Path.length, Path.name, Path("/z").path, new Path("/y").path]);
  print("constructor, interface", () => new (Components.Constructor(FILE, Ci.nsIFile))().path);
  print("constructor, no such contract", () => Components.Constructor("@bogus"));
  print("constructor, no such interface", () => Components.Constructor(FILE, "nsIBogus"));
  print("constructor, nothing", () => Components.Constructor());
  print("success codes", () => [0, 1, Cr.NS_ERROR_FAILURE].map(code => Components.isSuccessCode(code)));
  print("identifiers", () => Components.ID(Ci.nsIObserver.number).equals(Ci.nsIObserver));
  for (const [type, value] of [["string", "é\u20ac"], ["cstring", "é"], ["PRBool", 1], ["PRInt32", 2 ** 31], ["PRUint32", -1],
    ["PRInt64", -5.5], ["PRUint64", 2 ** 40], ["PRTime", 7], ["double", "1.5"]]) {
    print(`supports-${type}`, () => {
      const made = Cc[`@mozilla.org/supports-${type};1`].createInstance();
      const name = `nsISupports${type[0].toUpperCase()}${type.slice(1)}`.replace("Cstring", "CString");
      made.QueryInterface(Ci[name]).data = value;
      return [made.data, made.type, made instanceof Ci.nsISupportsPrimitive, String(made) === made.toString()];
    });
  }
}

async function checkCategories() {
  const seen = [];
  const listen = (subject, topic, data) => {
    seen.push(`${topic.replace("xpcom-category-", "")} ${data} ${subject instanceof Ci.nsICategoryManager}`);
  };
  for (const what of ["entry-added", "entry-removed", "cleared"]) {
    obs.addObserver(listen, `xpcom-category-${what}`);
  }
  const value = (category, entry) => catMan.getCategoryEntry(category, entry);
  print("add", () => [catMan.addCategoryEntry("c1", "e1", "v1", false, true), value("c1", "e1")]);
  print("add again", () => [catMan.addCategoryEntry("c1", "e1", "v2", false, false), value("c1", "e1")]);
  print("replace", () => [catMan.addCategoryEntry("c1", "e1", "v3", false, true), value("c1", "e1")]);
  print("no entry", () => value("c1", "zz"));
  print("no category", () => value("zz", "zz"));
  print("too few", () => catMan.addCategoryEntry("c1", "e1", "v1"));
  print("persistent", () => catMan.addCategoryEntry("c1", "e2", "v2", true, true));
  catMan.addCategoryEntry("c1", "a0", "va", false, true);
  print("enumerate", () => [...catMan.enumerateCategory("c1")].map(one => [String(one), one.entry, one.value, one.data, one.type]));
  print("enumerate nothing", () => [...catMan.enumerateCategory("zz")].length);
  print("categories", () => [...catMan.enumerateCategories()].some(one => one.QueryInterface(Ci.nsISupportsCString).data == "c1"));
  for (const category of ["app-startup", "profile-after-change", "xpcom-startup", "browser-before-ui-startup", "update-timer"]) {
    print(`category ${category}`, () => [...catMan.enumerateCategory(category)].length);
  }
  print("delete", () => [catMan.deleteCategoryEntry("c1", "e1", false), value("c1", "e1")]);
  print("delete nothing", () => [catMan.deleteCategoryEntry("c1", "zz", false), catMan.deleteCategory("zz")]);
  print("delete category", () => [catMan.deleteCategory("c1"), [...catMan.enumerateCategory("c1")].length]);
  await new Promise(resolve => Services.tm.dispatchToMainThread(resolve));
  seen.forEach(line => say(`  ${line}`));
}

function checkFactories() {
  const registrar = Components.manager.QueryInterface(Ci.nsIComponentRegistrar);
  const id = Components.ID("{11111111-2222-3333-4444-555555555555}");
  let made = 0;
  const factory = {
    QueryInterface: ChromeUtils.generateQI(["nsIFactory"]),
    createInstance(iface) {
      made++;
      return new Observer("component").QueryInterface(iface);
    },
  };
  print("register", () => registrar.registerFactory(id, "Test", "@test/x;1", factory));
  print("register again", () => registrar.registerFactory(id, "Test", "@test/x;1", factory));
  print("instance", () => [Cc["@test/x;1"].createInstance(Ci.nsIObserver).observe(null, "t", "d"), made]);
  print("service", () => [Cc["@test/x;1"].getService(Ci.nsIObserver) === Cc["@test/x;1"].getService(Ci.nsIObserver), made]);
  print("other interface", () => Cc["@test/x;1"].createInstance(Ci.nsIFile));
  print("registered", () => [registrar.isCIDRegistered(id), registrar.isContractIDRegistered("@test/x;1"),
    registrar.isContractIDRegistered("@test/y;1"), String(registrar.contractIDToCID("@test/x;1"))]);
  print("contractIDToCID, none", () => registrar.contractIDToCID("@zz"));
  print("class object", () => String(Components.manager.getClassObjectByContractID("@test/x;1", Ci.nsIFactory)));
  print("class object, none", () => Components.manager.getClassObjectByContractID("@test/zz;1", Ci.nsIFactory));
  print("unregister", () => [registrar.unregisterFactory(id, factory), registrar.isCIDRegistered(id)]);
  print("unregister again", () => registrar.unregisterFactory(id, factory));
}

const MANIFEST = `# entries of categories
category mc plain v-plain
category mc zero v-zero backgroundtask=0
category mc bare v-bare backgroundtask
category mc one v-one backgroundtask=1
category mc two v-two backgroundtask=2
category mc yes v-yes backgroundtask=yes
category mc true v-true backgroundtask=true
category mc no v-no backgroundtask=no
category mc false v-false backgroundtask=false
category mc main v-main backgroundtask process=main
category mc content v-content backgroundtask process=content
category mc os v-os backgroundtask os=Linux
category mc other v-other backgroundtask os=WINNT
category mc application v-application backgroundtask application={11111111-2222-3333-4444-555555555555}
category mc version v-version backgroundtask appversion<0
category mc unknown v-unknown backgroundtask unknown=1
category mc   spaces   v   backgroundtask
category mc few
resource res file:///tmp/ backgroundtask
resource res-bare file:///tmp/
resource res-zero file:///tmp/ backgroundtask=0
resource res-relative below/ backgroundtask
bogus a b c
component {22222222-2222-3333-4444-555555555555} x.js
manifest nested.manifest
manifest absent.manifest backgroundtask
`;
const ENTRIES = ("plain zero bare one two yes true no false main content os other application version unknown spaces few nested")
  .split(" ");

async function checkManifests(directory) {
  const registrar = Components.manager.QueryInterface(Ci.nsIComponentRegistrar);
  const tasks = Cc["@mozilla.org/backgroundtasks;1"].getService(Ci.nsIBackgroundTasks);
  const resources = io.getProtocolHandler("resource").QueryInterface(Ci.nsIResProtocolHandler);
  const write = async (name, text) => {
    await IOUtils.writeUTF8(PathUtils.join(directory, name), text);
    return IOUtils.getFile(directory, name);
  };
  Services.console.reset();
  await write("nested.manifest", "category mc nested v backgroundtask\n");
  registrar.autoRegister(await write("x.manifest", MANIFEST));
  ENTRIES.forEach(entry => print(`manifest, ${entry}`, () => catMan.getCategoryEntry("mc", entry)));
  for (const name of ["res", "res-bare", "res-zero"]) {
    print(`manifest, ${name}`, () => resources.hasSubstitution(name));
  }
  print("manifest, relative", () => resources.getSubstitution("res-relative").spec);
  Services.console.getMessageArray().forEach(message => say(`  ${message}`));
  const text = name => `category ${name} bare v\ncategory ${name} one v backgroundtask\ncategory ${name} zero v backgroundtask=0\n`;
  for (const [name, task] of [["outside", null], ["inside", "other"]]) {
    tasks.overrideBackgroundTaskNameForTesting(task);
    print(name, () => [tasks.isBackgroundTaskMode, tasks.backgroundTaskName()]);
    registrar.autoRegister(await write(`${name}.manifest`, text(name)));
    for (const entry of ["bare", "one", "zero"]) {
      print(`${name}, ${entry}`, () => catMan.getCategoryEntry(name, entry));
    }
  }
}

async function checkResources(directory, file) {
  const resources = io.getProtocolHandler("resource").QueryInterface(Ci.nsIResProtocolHandler);
  const here = io.newFileURI(file);
  const uri = text => io.newURI(text);
  print("handlers", () => ["http", "file", "resource", "bogus"].map(scheme => io.getProtocolHandler(scheme).scheme));
  print("substitute", () => [resources.setSubstitution("My-Sub", here), resources.hasSubstitution("my-sub"),
    resources.getSubstitution("MY-SUB").spec === here.spec, resources.resolveURI(uri("resource://my-sub/a/b.js"))]);
  print("none", () => resources.getSubstitution("zz"));
  print("resolve none", () => resources.resolveURI(uri("resource://zz/x")));
  print("resolve http", () => resources.resolveURI(uri("http://zz/x")));
  print("to http", () => [resources.setSubstitution("h", uri("http://a/")), resources.resolveURI(uri("resource://h/x"))]);
  print("platform", () => ["gre", "app", "testing-common"].map(name => resources.hasSubstitution(name)));
  await IOUtils.writeUTF8(PathUtils.join(directory, "m.sys.mjs"), "export { q } from './n.sys.mjs'; export const url = import.meta.url;");
  await IOUtils.writeUTF8(PathUtils.join(directory, "n.sys.mjs"), "export const q = 7;");
  print("import", () => {
    const { q, url } = ChromeUtils.importESModule("resource://my-sub/m.sys.mjs");
    return [q, url];
  });
  print("taken away", () => [resources.setSubstitution("my-sub", null), resources.hasSubstitution("my-sub")]);
  print("files", () => {
    const handler = io.getProtocolHandler("file").QueryInterface(Ci.nsIFileProtocolHandler);
    const file = handler.getFileFromURLSpec("file:///a/b%20c");
    return [file.path, handler.getURLSpecFromActualFile(file)];
  });
  print("ports", () => [io.getDefaultPort("https"), io.allowPort(25, "http"), io.allowPort(80, "http")]);
  print("names of hosts", () => ["a.b", "a b", "a/b", "a:b"].map(name => io.isValidHostname(name)));
  print("exposable", () => io.createExposableURI(uri("http://u:p@h/")).spec);
  print("newFileURI(null)", () => io.newFileURI(null));
}

export async function runBackgroundTask(commandLine) {
  const directory = commandLine.workingDirectory.path;
  hide([[directory, "HERE"]]);
  await checkWeak();
  checkClasses();
  await checkCategories();
  checkFactories();
  await checkManifests(directory);
  await checkResources(directory, commandLine.workingDirectory);
  return 0;
}
