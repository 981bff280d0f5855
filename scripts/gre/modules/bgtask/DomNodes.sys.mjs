// SPDX-License-Identifier: MPL-2.0
/*
 * The tree of an XML document: Node and what all nodes have.
 *
 * There are no ranges, no walkers and no XPath. What a node holds is in `dataOf`, so that a task sees nothing but the
 * interface.
 */

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { KEY, NodeList, makeList, noteChange } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { EventTarget, defineEventParents } from "resource://gre/modules/bgtask/Events.sys.mjs";
import { answerMissing, defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const all = new WeakMap();

/** { type, document, parent, children, … } of a node. */
export const dataOf = node => all.get(node);
defineEventParents(target => all.get(target)?.parent ?? null);
export const isNode = value => typeof value == "object" && value !== null && all.has(value);

export const TYPES = { element: 1, attribute: 2, text: 3, cdata: 4, instruction: 7, comment: 8, document: 9, doctype: 10, fragment: 11 };

const CONSTANTS = {
  ELEMENT_NODE: 1, ATTRIBUTE_NODE: 2, TEXT_NODE: 3, CDATA_SECTION_NODE: 4, ENTITY_REFERENCE_NODE: 5, ENTITY_NODE: 6,
  PROCESSING_INSTRUCTION_NODE: 7, COMMENT_NODE: 8, DOCUMENT_NODE: 9, DOCUMENT_TYPE_NODE: 10, DOCUMENT_FRAGMENT_NODE: 11,
  NOTATION_NODE: 12, DOCUMENT_POSITION_DISCONNECTED: 1, DOCUMENT_POSITION_PRECEDING: 2, DOCUMENT_POSITION_FOLLOWING: 4,
  DOCUMENT_POSITION_CONTAINS: 8, DOCUMENT_POSITION_CONTAINED_BY: 16, DOCUMENT_POSITION_IMPLEMENTATION_SPECIFIC: 32,
};

export const isElement = node => dataOf(node).type == TYPES.element;
const isCharacters = node => [TYPES.text, TYPES.cdata, TYPES.comment, TYPES.instruction].includes(dataOf(node).type);

export function checkNode(what, value, index = 1, name = "Node") {
  if (!isNode(value)) {
    const object = (typeof value == "object" && value !== null) || typeof value == "function";
    throw new TypeError(`${what}: Argument ${index} ${object ? `does not implement interface ${name}` : "is not an object"}.`);
  }
}

/** Each node below @node, in the order of the document. */
export function* descendants(node) {
  for (const child of dataOf(node).children) {
    yield child;
    yield* descendants(child);
  }
}

function ancestors(node) {
  const list = [node];
  for (let at = dataOf(node).parent; at; at = dataOf(at).parent) {
    list.push(at);
  }
  return list;
}

/** Where @node is among its siblings. The place is remembered, so that going from one to the next costs nothing. */
function placeOf(node, siblings) {
  const data = dataOf(node);
  if (siblings[data.place] !== node) {
    data.place = siblings.indexOf(node);
  }
  return data.place;
}

function siblingOf(node, step, test = () => true) {
  const { parent } = dataOf(node);
  const siblings = parent ? dataOf(parent).children : [];
  for (let at = placeOf(node, siblings) + step; parent && at >= 0 && at < siblings.length; at += step) {
    if (test(siblings[at])) {
      dataOf(siblings[at]).place = at;
      return siblings[at];
    }
  }
  return null;
}

export function adopt(node, document) {
  dataOf(node).document = document;
  for (const child of descendants(node)) {
    dataOf(child).document = document;
  }
}

export function detach(node) {
  const data = dataOf(node);
  if (data.parent) {
    const { children } = dataOf(data.parent);
    children.splice(placeOf(node, children), 1);
    data.parent = null;
    noteChange();
  }
}

function refuse(what, message) {
  return new DOMException(`${what}: ${message}`, "HierarchyRequestError");
}

function checkDocumentChild(what, document, nodes) {
  const elements = [...dataOf(document).children, ...nodes].filter(isElement);
  if (new Set(elements).size > 1) {
    throw refuse(what, "Cannot have more than one Element child of a Document");
  }
  if (nodes.some(node => [TYPES.text, TYPES.cdata].includes(dataOf(node).type))) {
    throw refuse(what, "Cannot insert Text as a child of a Document");
  }
}

/** Insert @node, or the children of a fragment, before @before (null: at the end). */
export function insert(what, parent, node, before) {
  const data = dataOf(parent);
  if (![TYPES.element, TYPES.document, TYPES.fragment].includes(data.type)) {
    throw refuse(what, "Cannot add children to this kind of node");
  }
  if (ancestors(parent).includes(node)) {
    throw refuse(what, "The new child is an ancestor of the parent");
  }
  if ([TYPES.document, TYPES.attribute].includes(dataOf(node).type)) {
    throw refuse(what, "May not add this kind of node as a child");
  }
  const nodes = dataOf(node).type == TYPES.fragment ? [...dataOf(node).children] : [node];
  if (data.type == TYPES.document) {
    checkDocumentChild(what, parent, nodes);
  }
  let place = before;
  while (nodes.includes(place)) {
    place = siblingOf(place, 1);
  }
  for (const each of nodes) {
    detach(each);
    adopt(each, data.document ?? parent);
    data.children.splice(place ? placeOf(place, data.children) : data.children.length, 0, each);
    dataOf(each).parent = parent;
  }
  noteChange();
}

function textOf(node) {
  const { type, value, children } = dataOf(node);
  if (type != TYPES.element && type != TYPES.fragment) {
    return value ?? null;
  }
  return children.filter(child => ![TYPES.comment, TYPES.instruction].includes(dataOf(child).type)).map(textOf).join("");
}

function equalNodes(a, b) {
  const [one, two] = [dataOf(a), dataOf(b)];
  if (one.type != two.type || a.nodeName != b.nodeName || one.value !== two.value || one.children.length != two.children.length) {
    return false;
  }
  const attributes = data => (data.attributes ?? []).map(({ name, value }) => `${name}=${value}`).sort().join("\0");
  return attributes(one) == attributes(two) && one.children.every((child, index) => equalNodes(child, two.children[index]));
}

export class Node extends EventTarget {
  constructor(key, data) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    super();
    all.set(this, { parent: null, children: [], value: null, ...data });
  }

  get nodeType() {
    return dataOf(this).type;
  }
  get nodeName() {
    return dataOf(this).name;
  }
  get ownerDocument() {
    return dataOf(this).type == TYPES.document ? null : dataOf(this).document;
  }
  get baseURI() {
    return dataOf(dataOf(this).document ?? this).url;
  }
  get isConnected() {
    return dataOf(this.getRootNode()).type == TYPES.document;
  }
  getRootNode() {
    return ancestors(this).at(-1);
  }

  get parentNode() {
    return dataOf(this).parent;
  }
  get parentElement() {
    const { parent } = dataOf(this);
    return parent && isElement(parent) ? parent : null;
  }
  get childNodes() {
    const data = dataOf(this);
    data.childNodes ??= makeList(NodeList, () => data.children);
    return data.childNodes;
  }
  hasChildNodes() {
    return dataOf(this).children.length > 0;
  }
  get firstChild() {
    return dataOf(this).children[0] ?? null;
  }
  get lastChild() {
    return dataOf(this).children.at(-1) ?? null;
  }
  get previousSibling() {
    return siblingOf(this, -1);
  }
  get nextSibling() {
    return siblingOf(this, 1);
  }

  get nodeValue() {
    return dataOf(this).value;
  }
  set nodeValue(value) {
    if (isCharacters(this) || dataOf(this).type == TYPES.attribute) {
      dataOf(this).value = value === null ? "" : String(value);
      noteChange();
    }
  }
  get textContent() {
    return dataOf(this).type == TYPES.document ? null : textOf(this);
  }
  set textContent(value) {
    const data = dataOf(this);
    if (data.type == TYPES.element || data.type == TYPES.fragment) {
      [...data.children].forEach(detach);
      const text = value === null ? "" : String(value);
      if (text) {
        insert("Node.textContent setter", this, data.document.createTextNode(text), null);
      }
    } else {
      this.nodeValue = value;
    }
  }

  appendChild(node) {
    requireArguments("Node.appendChild", arguments, 1);
    checkNode("Node.appendChild", node);
    insert("Node.appendChild", this, node, null);
    return node;
  }

  insertBefore(node, before) {
    requireArguments("Node.insertBefore", arguments, 2);
    checkNode("Node.insertBefore", node);
    if (before !== null && before !== undefined) {
      checkNode("Node.insertBefore", before, 2);
    }
    if (before && dataOf(before).parent !== this) {
      throw new DOMException("Node.insertBefore: Child to insert before is not a child of this node", "NotFoundError");
    }
    insert("Node.insertBefore", this, node, before ?? null);
    return node;
  }

  removeChild(node) {
    requireArguments("Node.removeChild", arguments, 1);
    checkNode("Node.removeChild", node);
    if (dataOf(node).parent !== this) {
      throw new DOMException("Node.removeChild: The node to be removed is not a child of this node", "NotFoundError");
    }
    detach(node);
    return node;
  }

  replaceChild(node, old) {
    requireArguments("Node.replaceChild", arguments, 2);
    checkNode("Node.replaceChild", node);
    checkNode("Node.replaceChild", old, 2);
    if (dataOf(old).parent !== this) {
      throw new DOMException("Node.replaceChild: The node to be replaced is not a child of this node", "NotFoundError");
    }
    if (ancestors(this).includes(node)) {
      throw refuse("Node.replaceChild", "The new child is an ancestor of the parent");
    }
    const next = siblingOf(old, 1);
    const { children } = dataOf(this);
    const place = placeOf(old, children);
    detach(old);
    try {
      insert("Node.replaceChild", this, node, next === node ? siblingOf(node, 1) : next);
    } catch (error) {
      children.splice(place, 0, old);
      dataOf(old).parent = this;
      throw error;
    }
    return old;
  }

  /** Neighbouring texts become one, empty ones go. */
  normalize() {
    for (const child of [...dataOf(this).children]) {
      const data = dataOf(child);
      if (data.type != TYPES.text) {
        child.normalize();
        continue;
      }
      const before = siblingOf(child, -1);
      if (before && dataOf(before).type == TYPES.text) {
        dataOf(before).value += data.value;
        detach(child);
      } else if (data.value == "") {
        detach(child);
      }
    }
  }

  cloneNode(deep = false) {
    const { parent, children, childNodes, elements, map, tokens, ...data } = dataOf(this);
    const copy = new this.constructor(KEY, { ...data, attributes: undefined });
    if (data.attributes) {
      dataOf(copy).attributes = data.attributes.map(attribute => attribute.cloneNode());
      dataOf(copy).attributes.forEach(attribute => (dataOf(attribute).owner = copy));
    }
    if (data.type == TYPES.document) {
      dataOf(copy).document = null;
    }
    for (const child of deep ? children : []) {
      const copied = child.cloneNode(true);
      dataOf(copied).parent = copy;
      dataOf(copy).children.push(copied);
      if (data.type == TYPES.document) {
        adopt(copied, copy);
      }
    }
    return copy;
  }

  isSameNode(other) {
    return this === other;
  }
  isEqualNode(other) {
    return isNode(other) && equalNodes(this, other);
  }
  contains(other) {
    return isNode(other) && ancestors(other).includes(this);
  }

  compareDocumentPosition(other) {
    checkNode("Node.compareDocumentPosition", other);
    if (this === other) {
      return 0;
    }
    const [mine, theirs] = [ancestors(this).reverse(), ancestors(other).reverse()];
    if (mine[0] !== theirs[0]) {
      return 1 | 32 | 2;
    }
    let depth = 0;
    while (mine[depth] === theirs[depth]) {
      depth++;
    }
    if (!mine[depth]) {
      return 16 | 4;
    }
    if (!theirs[depth]) {
      return 8 | 2;
    }
    const { children } = dataOf(mine[depth - 1]);
    return children.indexOf(mine[depth]) < children.indexOf(theirs[depth]) ? 4 : 2;
  }

  lookupNamespaceURI(prefix) {
    const start = dataOf(this).type == TYPES.document ? this.documentElement : this;
    const name = prefix ? `xmlns:${prefix}` : "xmlns";
    for (const node of start ? ancestors(start).filter(isElement) : []) {
      if ((dataOf(node).prefix ?? "") == (prefix ?? "") && dataOf(node).namespace) {
        return dataOf(node).namespace;
      }
      if (node.hasAttribute(name)) {
        return node.getAttribute(name) || null;
      }
    }
    return prefix == "xml" ? "http://www.w3.org/XML/1998/namespace" : null;
  }
  lookupPrefix(namespace) {
    const start = dataOf(this).type == TYPES.document ? this.documentElement : this;
    for (const node of start && namespace ? ancestors(start).filter(isElement) : []) {
      if (dataOf(node).namespace == namespace && dataOf(node).prefix) {
        return dataOf(node).prefix;
      }
      const found = dataOf(node).attributes.find(({ name, value }) => name.startsWith("xmlns:") && value == namespace);
      if (found) {
        return found.localName;
      }
    }
    return null;
  }
  isDefaultNamespace(namespace) {
    return this.lookupNamespaceURI(null) === (namespace || null);
  }
}
defineInterface(Node, "Node");
answerMissing(Node);
for (const [name, value] of Object.entries(CONSTANTS)) {
  Object.defineProperty(Node, name, { value, enumerable: true });
  Object.defineProperty(Node.prototype, name, { value, enumerable: true });
}

/** before, after, replaceWith and remove, for nodes that have siblings. */
export const childMembers = {
  before(...nodes) {
    this.parentNode?.insertBefore(fragmentOf(this, nodes), this);
  },
  after(...nodes) {
    this.parentNode?.insertBefore(fragmentOf(this, nodes), this.nextSibling);
  },
  replaceWith(...nodes) {
    this.parentNode?.replaceChild(fragmentOf(this, nodes), this);
  },
  remove() {
    detach(this);
  },
};
export const siblingMembers = {
  get previousElementSibling() {
    return siblingOf(this, -1, isElement);
  },
  get nextElementSibling() {
    return siblingOf(this, 1, isElement);
  },
};

/** A fragment of nodes and texts. */
export function fragmentOf(node, items) {
  const document = dataOf(node).document ?? node;
  const fragment = document.createDocumentFragment();
  for (const item of items) {
    fragment.appendChild(isNode(item) ? item : document.createTextNode(String(item)));
  }
  return fragment;
}

export function mixIn(cls, ...sets) {
  for (const set of sets) {
    Object.defineProperties(cls.prototype, Object.getOwnPropertyDescriptors(set));
  }
}
