// SPDX-License-Identifier: MPL-2.0
/*
 * CSS selectors over a tree: types, *, #id, .class, [attribute] with its operators, the combinators, lists, and of the
 * pseudo-classes :not, :is, :root, :empty, :first-child, :last-child, :only-child and :nth-child.
 *
 * A selector in its parsed form is a list of alternatives; each is a list of { tests, combinator }, the
 * combinator being what is between a step and the one before it.
 */

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { changes } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { dataOf, descendants, isElement } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";

const IDENTIFIER = /^(?:\\.|[-\w\u0080-\uffff])+/;
const STRING = /^(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')/;
const OPERATORS = {
  "=": (value, wanted) => value == wanted,
  "~=": (value, wanted) => wanted != "" && value.split(/\s+/).includes(wanted),
  "|=": (value, wanted) => value == wanted || value.startsWith(`${wanted}-`),
  "^=": (value, wanted) => wanted != "" && value.startsWith(wanted),
  "$=": (value, wanted) => wanted != "" && value.endsWith(wanted),
  "*=": (value, wanted) => wanted != "" && value.includes(wanted),
};

/** { list, places, at } by parent, at being how often something had changed. */
const families = new WeakMap();

/** The elements beside @element with itself, and where each of them is. */
function familyOf(element) {
  const parent = dataOf(element).parent ?? element;
  let family = families.get(parent);
  if (family?.at !== changes) {
    const list = dataOf(parent).children.filter(isElement);
    family = { list, places: new Map(list.map((each, place) => [each, place])), at: changes };
    families.set(parent, family);
  }
  return family;
}
const siblings = element => familyOf(element).list;
const placeOf = element => familyOf(element).places.get(element) ?? -1;
const unescape = text => text.replace(/\\(.)/gs, "$1");

const PSEUDO = {
  "root": element => !element.parentElement,
  "empty": element => dataOf(element).children.every(child => !isElement(child) && !/^#(text|cdata-section)$/.test(child.nodeName)),
  "first-child": element => siblings(element)[0] === element,
  "last-child": element => siblings(element).at(-1) === element,
  "only-child": element => siblings(element).length == 1,
};

class Parser {
  #text;

  constructor(text) {
    this.#text = text;
  }

  #take(pattern) {
    const match = pattern.exec(this.#text);
    if (match) {
      this.#text = this.#text.slice(match[0].length);
    }
    return match;
  }

  #need(pattern) {
    const match = this.#take(pattern);
    if (!match) {
      throw new SyntaxError(this.#text);
    }
    return match;
  }

  /** The alternatives up to the end, or to a ")" when @nested. */
  list(nested = false) {
    const alternatives = [];
    do {
      alternatives.push(this.#complex());
    } while (this.#take(/^\s*,\s*/));
    this.#take(/^\s+/);
    if (nested ? !this.#take(/^\)/) : this.#text != "") {
      throw new SyntaxError(this.#text);
    }
    return alternatives;
  }

  #complex() {
    this.#take(/^\s+/);
    const steps = [{ tests: this.#compound(), combinator: "" }];
    for (;;) {
      const combinator = this.#take(/^\s*([>+~])\s*/) ?? this.#take(/^(\s)\s*(?=[^\s,)])/);
      if (!combinator) {
        return steps;
      }
      steps.push({ tests: this.#compound(), combinator: combinator[1].trim() || " " });
    }
  }

  #compound() {
    const tests = [];
    const type = this.#take(/^\*/) ? "*" : this.#take(IDENTIFIER)?.[0];
    if (type !== undefined && type != "*") {
      const name = unescape(type);
      tests.push(element => dataOf(element).local == name);
    }
    for (;;) {
      const test = this.#simple();
      if (!test) {
        break;
      }
      tests.push(test);
    }
    if (type === undefined && tests.length == 0) {
      throw new SyntaxError(this.#text);
    }
    return tests;
  }

  #simple() {
    if (this.#take(/^#/)) {
      const id = unescape(this.#need(IDENTIFIER)[0]);
      return element => element.getAttribute("id") === id;
    }
    if (this.#take(/^\./)) {
      const name = unescape(this.#need(IDENTIFIER)[0]);
      return element => (element.getAttribute("class") ?? "").split(/\s+/).includes(name);
    }
    if (this.#take(/^\[\s*/)) {
      return this.#attribute();
    }
    return this.#take(/^:(?!:)/) ? this.#pseudo() : null;
  }

  #attribute() {
    const name = unescape(this.#need(IDENTIFIER)[0]);
    this.#take(/^\s+/);
    const operator = this.#take(/^[~|^$*]?=/)?.[0];
    if (!operator) {
      this.#need(/^\]/);
      return element => element.hasAttribute(name);
    }
    this.#take(/^\s+/);
    const string = this.#take(STRING);
    const wanted = unescape(string ? string[1] ?? string[2] : this.#need(IDENTIFIER)[0]);
    const fold = this.#need(/^\s*([iIsS])?\s*\]/)[1]?.toLowerCase() == "i" ? text => text.toLowerCase() : text => text;
    return element => element.hasAttribute(name) && OPERATORS[operator](fold(element.getAttribute(name)), fold(wanted));
  }

  #pseudo() {
    const name = this.#need(IDENTIFIER)[0].toLowerCase();
    if (Object.hasOwn(PSEUDO, name)) {
      return PSEUDO[name];
    }
    this.#need(/^\(\s*/);
    if (name == "not" || name == "is") {
      const alternatives = this.list(true);
      return element => matchesAny(alternatives, element) == (name == "is");
    }
    if (name != "nth-child") {
      throw new SyntaxError(name);
    }
    const [, keyword, step, offset, number] = this.#need(/^(?:(odd|even)|([+-]?\d*)n\s*([+-]\s*\d+)?|([+-]?\d+))\s*\)/i);
    const factor = { odd: 2, even: 2 }[keyword?.toLowerCase()] ?? (step === undefined ? 0 : Number(/\d/.test(step) ? step : `${step}1`));
    const start = keyword ? Number(keyword.toLowerCase() == "odd") : Number((number ?? offset ?? "0").replace(/\s/g, ""));
    return element => {
      const position = placeOf(element) + 1 - start;
      return factor ? position % factor == 0 && position / factor >= 0 : position == 0;
    };
  }
}

function candidates(combinator, element) {
  switch (combinator) {
    case ">":
      return [element.parentElement].filter(Boolean);
    case "+":
      return [siblings(element)[placeOf(element) - 1]].filter(Boolean);
    case "~":
      return siblings(element).slice(0, Math.max(placeOf(element), 0));
    default: {
      const list = [];
      for (let at = element.parentElement; at; at = at.parentElement) {
        list.push(at);
      }
      return list;
    }
  }
}

/** Whether @element fits the last of @steps, and what is on its left the others. */
function fits(steps, index, element) {
  if (!steps[index].tests.every(test => test(element))) {
    return false;
  }
  return index == 0 || candidates(steps[index].combinator, element).some(other => fits(steps, index - 1, other));
}

function matchesAny(alternatives, element) {
  return alternatives.some(steps => fits(steps, steps.length - 1, element));
}

function parse(what, text) {
  try {
    return new Parser(text).list();
  } catch {
    throw new DOMException(`${what}: '${text}' is not a valid selector`, "SyntaxError");
  }
}

export function matches(what, element, text) {
  return matchesAny(parse(what, text), element);
}

/** Elements below @root that @text selects; only the first when @one. */
export function select(what, root, text, one) {
  const alternatives = parse(what, text);
  const found = [];
  for (const node of descendants(root)) {
    if (isElement(node) && matchesAny(alternatives, node)) {
      found.push(node);
      if (one) {
        break;
      }
    }
  }
  return found;
}
