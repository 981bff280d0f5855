// SPDX-License-Identifier: MPL-2.0
// Chrome manifests: lines of a directive with its arguments and flags, as nsIComponentRegistrar.autoRegister() reads them.
//
//   category CATEGORY ENTRY VALUE [backgroundtask[=0|1]] [os=…] [application=…] [appversion>=…] [process=main] …
//   resource NAME URI …
//   manifest URI …
//
// A category's entry counts in background task mode only with the flag backgroundtask; everything else is of no mode
// unless it has the flag. What is not understood costs its line, and is told in Services.console.

const { files } = import.meta.native;

const FILE_MAX_BYTES = 1024 * 1024;
const DEPTH_MAX = 8;
const OPERATORS = /^(appversion|platformversion|osversion)(<=|>=|<|>|=)(.+)$/;

/** Directives and how many arguments they need; without a function they are for parts that do not exist here. */
const DIRECTIVES = {
  category: { count: 3, apply: addCategory },
  resource: { count: 2, apply: addResource },
  manifest: { count: 1, apply: addManifest },
  content: { count: 2 },
  locale: { count: 3 },
  skin: { count: 3 },
  override: { count: 2 },
};

function tell(message, context) {
  const error = Cc["@mozilla.org/scripterror;1"].createInstance(Ci.nsIScriptError);
  const { warningFlag } = Ci.nsIScriptError;
  error.init(message, context.uri, context.line, 0, warningFlag, "chrome registration");
  Services.console.logMessage(error);
}

/** A flag's value as a boolean; undefined: it is none. */
function toBoolean(text) {
  if (text === undefined || /^[1ty]/i.test(text)) {
    return true;
  }
  return /^[0fn]/i.test(text) ? false : undefined;
}

const compares = {
  "<": order => order < 0, "<=": order => order <= 0, "=": order => order == 0, ">=": order => order >= 0,
  ">": order => order > 0,
};

function versionOf(name) {
  const { appinfo, sysinfo } = Services;
  return { appversion: () => appinfo.version, platformversion: () => appinfo.platformVersion,
    osversion: () => sysinfo.get("version") }[name]();
}

const names = () => ({
  os: [Services.appinfo.OS.toLowerCase(), "likeunix"],
  application: [Services.appinfo.ID.toLowerCase()],
  abi: [Services.appinfo.XPCOMABI.toLowerCase(), `${Services.appinfo.OS}_${Services.appinfo.XPCOMABI}`.toLowerCase()],
  process: ["main"],
});

/**
 * What the flags say: { matches, task } (task: the value of backgroundtask, undefined without it), or null when one is
 * not understood. Of several alike one must hold.
 */
function readFlags(flags, context) {
  const chosen = new Map();
  let task;
  for (const flag of flags) {
    const [, name, , value] = /^([a-z]+)(=(.*))?$/s.exec(flag) ?? [];
    const version = OPERATORS.exec(flag);
    let holds;
    if (name == "backgroundtask" && toBoolean(value) !== undefined) {
      task = toBoolean(value);
      continue;
    } else if (version) {
      holds = compares[version[2]](Services.vc.compare(versionOf(version[1]), version[3]));
    } else if (value !== undefined && Object.hasOwn(names(), name)) {
      holds = names()[name].includes(value.toLowerCase());
    } else if (["contentaccessible", "remoteenabled", "remoterequired", "tablet"].includes(name)) {
      continue;
    } else {
      tell(`Unrecognized chrome manifest modifier '${flag}'.`, context);
      return null;
    }
    const kind = version ? version[1] : name;
    chosen.set(kind, chosen.get(kind) || holds);
  }
  return { matches: [...chosen.values()].every(Boolean), task };
}

function addCategory([category, entry, value]) {
  Services.catMan.addCategoryEntry(category, entry, value, false, true);
}

function addResource([name, target], context) {
  const handler = Services.io.getProtocolHandler("resource").QueryInterface(Ci.nsIResProtocolHandler);
  let uri;
  try {
    uri = Services.io.newURI(target, null, Services.io.newURI(context.uri));
  } catch {
    tell(`During chrome registration, unable to create URI '${target}'.`, context);
    return;
  }
  handler.setSubstitution(name, uri);
}

function addManifest([target], context) {
  if (context.depth == DEPTH_MAX) {
    tell(`Manifests are nested too deep: '${target}'.`, context);
    return;
  }
  const uri = Services.io.newURI(target, null, Services.io.newURI(context.uri));
  if (!uri.schemeIs("file")) {
    tell(`A manifest that is no file: '${uri.spec}'.`, context);
    return;
  }
  readManifest(uri.QueryInterface(Ci.nsIFileURL).file, context.depth + 1);
}

function apply(words, context, inTask) {
  const [name, ...rest] = words;
  const directive = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : null;
  if (!directive) {
    tell(`Ignoring unrecognized chrome manifest directive '${name}'.`, context);
    return;
  }
  if (rest.length < directive.count) {
    tell(`Not enough arguments for chrome manifest directive '${name}', expected ${directive.count}.`, context);
    return;
  }
  const flags = readFlags(rest.slice(directive.count), context);
  if (!flags || !flags.matches) {
    return;
  }
  // Without the flag an entry of a category is for everything but tasks.
  const wanted = flags.task ?? (name == "category" ? false : inTask);
  if (wanted != inTask) {
    return;
  }
  if (!directive.apply) {
    tell(`There is no chrome here for the directive '${name}'.`, context);
    return;
  }
  directive.apply(rest, context);
}

/** Read the manifest that @file, an nsIFile, is. */
export function readManifest(file, depth = 0) {
  const uri = Services.io.newFileURI(file).spec.replace(/\/$/, "");
  const content = files.read(file.path, 0, FILE_MAX_BYTES + 1);
  if (typeof content == "number") {
    Services.console.logStringMessage(`Could not read chrome manifest '${uri}'.`);
    return;
  }
  if (content.length > FILE_MAX_BYTES) {
    Services.console.logStringMessage(`The chrome manifest '${uri}' is larger than ${FILE_MAX_BYTES} bytes.`);
    return;
  }
  const inTask = Cc["@mozilla.org/backgroundtasks;1"].getService(Ci.nsIBackgroundTasks).isBackgroundTaskMode;
  const lines = new TextDecoder().decode(content).split(/\r\n|\r|\n/);
  lines.forEach((text, index) => {
    const words = text.split(/[ \t]+/).filter(Boolean);
    if (words.length && !words[0].startsWith("#")) {
      apply(words, { uri, line: index + 1, depth }, inTask);
    }
  });
}
