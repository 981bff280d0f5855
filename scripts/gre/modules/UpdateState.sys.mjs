// SPDX-License-Identifier: MPL-2.0
// What is remembered about updates. Ours, not Firefox's.
//
// It is in the directory `updates` of the profile: active-update.xml holds the update that is available, updates.xml
// those that once were, newest first.

import { parseUpdates } from "resource://gre/modules/UpdateList.sys.mjs";
import { XmlElement } from "resource://gre/modules/bgtask/Xml.sys.mjs";

const HISTORY_MAX = 10;
const NAMESPACE = "http://www.mozilla.org/2005/app-update";

function elementOf(update) {
  const element = new XmlElement("update", update.attributes);
  for (const patch of update.patches) {
    const values = {
      type: patch.type,
      URL: patch.url,
      size: patch.size,
      hashFunction: patch.hashFunction,
      hashValue: patch.hashValue,
      selected: patch.selected ? "true" : null,
      state: patch.state,
    };
    const attributes = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
    element.children.push(new XmlElement("patch", attributes.map(([name, value]) => [name, String(value)])));
  }
  return element;
}

function documentOf(updates) {
  const root = new XmlElement("updates", [["xmlns", NAMESPACE]], updates.map(elementOf));
  return `<?xml version="1.0"?>\n${root}\n`;
}

async function readList(path) {
  let bytes;
  try {
    bytes = await IOUtils.read(path);
  } catch (error) {
    if (error.name == "NotFoundError") {
      return [];
    }
    throw error;
  }
  try {
    return parseUpdates(bytes).updates;
  } catch (error) {
    // A damaged file must not stop all checks from now on: what it held is lost, and that is said.
    console.error(`${path}: ${error.message}; it is started afresh`);
    return [];
  }
}

export class UpdateState {
  #directory;
  active = null; // an update as parseUpdates() has it, with the time it was first seen in attribute foundAt
  history = [];

  constructor(directory) {
    this.#directory = directory;
  }

  static async load(directory = PathUtils.join(PathUtils.profileDir, "updates")) {
    const state = new UpdateState(directory);
    [state.active = null] = await readList(PathUtils.join(directory, "active-update.xml"));
    state.history = await readList(PathUtils.join(directory, "updates.xml"));
    return state;
  }

  /** The active update is over; @reason: "succeeded", "superseded" or "withdrawn". */
  retire(reason) {
    if (this.active) {
      this.active.attributes.set("statusText", reason);
      this.history = [this.active, ...this.history].slice(0, HISTORY_MAX);
      this.active = null;
    }
  }

  activate(update, patch, now) {
    update.attributes.set("foundAt", now.toISOString());
    for (const other of update.patches) {
      other.selected = other == patch;
      other.state = null;
    }
    this.active = update;
  }

  /** The active update was offered again: what the server says is new, what became of it here stays. */
  refresh(update, patch) {
    const before = this.active;
    update.attributes.set("foundAt", before.attributes.get("foundAt") ?? new Date().toISOString());
    for (const other of update.patches) {
      other.selected = other == patch;
      other.state = before.patches.find(({ type }) => type == other.type)?.state ?? null;
    }
    this.active = update;
  }

  async save() {
    const write = (name, updates) =>
      IOUtils.writeUTF8(PathUtils.join(this.#directory, name), documentOf(updates), {
        tmpPath: PathUtils.join(this.#directory, `${name}.tmp`),
      });
    await IOUtils.makeDirectory(this.#directory, { ignoreExisting: true, createAncestors: true });
    // The history first: a crash in between leaves an update in both, never in none.
    await write("updates.xml", this.history);
    await write("active-update.xml", this.active ? [this.active] : []);
  }
}
