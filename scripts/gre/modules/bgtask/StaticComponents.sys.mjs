// SPDX-License-Identifier: MPL-2.0
// Components that are declared and not registered by a program: the platform's own, and those of the application, in
// resource:///components.json, a list of
//
//   { "cid": "{…}", "contract_ids": ["@example.com/x;1"], "esModule": "resource:///modules/X.sys.mjs", "constructor": "X",
//     "categories": { "profile-after-change": { "name": "X", "backgroundtasks": "ALL_TASKS" } } }
//
// An entry of a category has a selector: "NO_TASKS" (what holds when there is none), "ALL_TASKS", or a list of names of
// tasks. A component is found by its contract in every task; that it is told of a category's topic is what is selected.
// The value of an entry is "service,CONTRACT" of the first contract. resource:///chrome.manifest is read beside it
// (Manifest.sys.mjs).

import { ComponentClass, setContract } from "resource://gre/modules/bgtask/Components.sys.mjs";

const { console: native, env, files } = import.meta.native;

export const NO_TASKS = "NO_TASKS";
export const ALL_TASKS = "ALL_TASKS";

const FILE_NAME = "components.json";
const FILE_MAX_BYTES = 1024 * 1024;
const ID_FORM = /^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/;

/** Entries of the platform itself: category, entry, value, selector. */
const PLATFORM = [
  ["command-line-handler", "m-backgroundtasks", "@mozilla.org/backgroundtasksmanager;1", ALL_TASKS],
];

/** Whether an entry with @selector counts in the task @name. */
export function isSelected(selector, name) {
  return selector === ALL_TASKS || (Array.isArray(selector) && selector.includes(name));
}

/** What is wrong with one declaration. */
class Unusable extends Error {}

function need(condition, text) {
  if (!condition) {
    throw new Unusable(text);
  }
}

const isText = value => typeof value == "string" && value != "";
const isTextList = value => Array.isArray(value) && value.every(isText);

/** The selector of a category's entry, checked. */
function selectorOf(value) {
  const selector = value ?? NO_TASKS;
  need(selector === NO_TASKS || selector === ALL_TASKS || isTextList(selector),
    `backgroundtasks is ${JSON.stringify(value)}, and not "NO_TASKS", "ALL_TASKS" or a list of names`);
  return selector;
}

function entriesOf(categories, contracts) {
  return Object.entries(categories ?? {}).map(([category, described]) => {
    const { name, backgroundtasks } = isText(described) ? { name: described } : described ?? {};
    need(isText(name), `the entry of category ${category} has no name`);
    need(contracts.length, `category ${category} needs a contract`);
    return [category, name, `service,${contracts[0]}`, selectorOf(backgroundtasks)];
  });
}

function makerOf(module, constructor) {
  return iface => {
    const exported = ChromeUtils.importESModule(module)[constructor];
    const object = new exported();
    return typeof object.QueryInterface == "function" ? object.QueryInterface(iface) : object;
  };
}

/** Register one declaration; its entries are returned. Throws Unusable. */
function declare(declaration) {
  const { cid, contract_ids: contracts = [], esModule, constructor, categories } = declaration ?? {};
  need(isText(cid) && ID_FORM.test(cid.toLowerCase()), `cid is ${JSON.stringify(cid)}, and not {…}`);
  need(isTextList(contracts), "contract_ids is no list of contracts");
  need(isText(esModule), "there is no esModule");
  need(Object.hasOwn(declaration, "constructor") && isText(constructor), "there is no constructor");
  const entries = entriesOf(categories, contracts);
  const made = new ComponentClass(cid.toLowerCase(), makerOf(esModule, constructor));
  contracts.forEach(contract => setContract(contract, made));
  return entries;
}

function complain(path, text) {
  native.printError(`${path}: ${text}\n`);
}

function parse(path) {
  const content = files.read(path, 0, FILE_MAX_BYTES + 1);
  if (typeof content == "number") {
    return [];
  }
  try {
    need(content.length <= FILE_MAX_BYTES, `larger than ${FILE_MAX_BYTES} bytes`);
    const list = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    need(Array.isArray(list), "not a list of components");
    return list;
  } catch (error) {
    complain(path, error.message);
    return [];
  }
}

function declareAll(directory) {
  const path = `${directory}/${FILE_NAME}`;
  return parse(path).flatMap((declaration, index) => {
    try {
      return declare(declaration);
    } catch (error) {
      if (!(error instanceof Unusable)) {
        throw error;
      }
      complain(path, `component ${index + 1}: ${error.message}`);
      return [];
    }
  });
}

let application = null;

/** The entries that count in this task: [category, entry, value] of each. The application's are read the first time. */
export function selectedEntries() {
  const { appDirectory, task } = env.facts();
  application ??= appDirectory ? declareAll(appDirectory) : [];
  return [...PLATFORM, ...application].filter(([, , , selector]) => isSelected(selector, task));
}
