// SPDX-License-Identifier: MPL-2.0
// Elements, fragments and documents.

import { makeAttribute, mapOf, splitName } from "resource://gre/modules/bgtask/DomAttributes.sys.mjs";
import { HTMLCollection, KEY, NodeList, makeList, noteChange } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import {
  CDATASection, Comment, DocumentType, ProcessingInstruction, Text,
} from "resource://gre/modules/bgtask/DomCharacters.sys.mjs";
import {
  Node, TYPES, adopt, checkNode, childMembers, dataOf, descendants, detach, fragmentOf, isElement, mixIn, siblingMembers,
} from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { matches, select } from "resource://gre/modules/bgtask/DomSelectors.sys.mjs";
import { markupMembers } from "resource://gre/modules/bgtask/DomMarkup.sys.mjs";
import { makeTokenList } from "resource://gre/modules/bgtask/DomTokens.sys.mjs";
import { defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const NAME = /^[:A-Za-z_\u00c0-\uffff][:\w.\-\u00b7-\uffff]*$/;
export const XMLNS = "http://www.w3.org/2000/xmlns/";

function checkName(what, value, kind) {
  const name = String(value);
  if (!NAME.test(name)) {
    throw new DOMException(`${what}: Invalid ${kind} name`, "InvalidCharacterError");
  }
  return name;
}

/** What documents, fragments and elements have. */
const parentMembers = {
  get children() {
    const data = dataOf(this);
    data.elements ??= makeList(HTMLCollection, () => data.children.filter(isElement));
    return data.elements;
  },
  get firstElementChild() {
    return dataOf(this).children.find(isElement) ?? null;
  },
  get lastElementChild() {
    return dataOf(this).children.findLast(isElement) ?? null;
  },
  get childElementCount() {
    return dataOf(this).children.filter(isElement).length;
  },
  append(...nodes) {
    this.appendChild(fragmentOf(this, nodes));
  },
  prepend(...nodes) {
    this.insertBefore(fragmentOf(this, nodes), this.firstChild);
  },
  replaceChildren(...nodes) {
    [...dataOf(this).children].forEach(detach);
    this.append(...nodes);
  },
  querySelector(selector) {
    const what = `${this instanceof Document ? "Document" : "Element"}.querySelector`;
    requireArguments(what, arguments, 1);
    return select(what, this, String(selector), true)[0] ?? null;
  },
  querySelectorAll(selector) {
    const what = `${this instanceof Document ? "Document" : "Element"}.querySelectorAll`;
    requireArguments(what, arguments, 1);
    const found = select(what, this, String(selector), false);
    return makeList(NodeList, () => found);
  },
};

const searchMembers = {
  getElementsByTagName(name) {
    const wanted = String(name);
    const test = element => wanted == "*" || dataOf(element).name == wanted;
    return makeList(HTMLCollection, () => [...descendants(this)].filter(node => isElement(node) && test(node)));
  },
  getElementsByTagNameNS(namespace, local) {
    const test = ({ namespace: mine, local: name }) =>
      (namespace == "*" || mine === (namespace || null)) && (local == "*" || name == String(local));
    return makeList(HTMLCollection, () => [...descendants(this)].filter(node => isElement(node) && test(dataOf(node))));
  },
  getElementsByClassName(names) {
    const wanted = String(names).split(/\s+/).filter(Boolean);
    const test = element => wanted.every(name => element.className.split(/\s+/).includes(name));
    return makeList(HTMLCollection, () => [...descendants(this)].filter(node => isElement(node) && wanted.length && test(node)));
  },
};

export class Element extends Node {
  get tagName() {
    return dataOf(this).name;
  }
  get localName() {
    return dataOf(this).local;
  }
  get prefix() {
    return dataOf(this).prefix;
  }
  get namespaceURI() {
    return dataOf(this).namespace;
  }

  get attributes() {
    const data = dataOf(this);
    data.map ??= mapOf(this);
    return data.map;
  }
  getAttributeNames() {
    return dataOf(this).attributes.map(attribute => attribute.name);
  }
  hasAttributes() {
    return dataOf(this).attributes.length > 0;
  }
  getAttributeNode(name) {
    const wanted = String(name);
    return dataOf(this).attributes.find(attribute => attribute.name == wanted) ?? null;
  }
  getAttributeNodeNS(namespace, local) {
    const [space, wanted] = [namespace || null, String(local)];
    return dataOf(this).attributes.find(each => each.localName == wanted && each.namespaceURI === space) ?? null;
  }
  getAttribute(name) {
    requireArguments("Element.getAttribute", arguments, 1);
    return this.getAttributeNode(name)?.value ?? null;
  }
  getAttributeNS(namespace, local) {
    return this.getAttributeNodeNS(namespace, local)?.value ?? null;
  }
  hasAttribute(name) {
    requireArguments("Element.hasAttribute", arguments, 1);
    return this.getAttributeNode(name) !== null;
  }
  hasAttributeNS(namespace, local) {
    return this.getAttributeNodeNS(namespace, local) !== null;
  }

  static put(element, old, name, value, namespace) {
    if (old) {
      old.value = value;
      return;
    }
    const attribute = makeAttribute(dataOf(element).document, name, value, namespace);
    dataOf(attribute).owner = element;
    dataOf(element).attributes.push(attribute);
    noteChange();
  }
  setAttribute(name, value) {
    requireArguments("Element.setAttribute", arguments, 2);
    const text = String(name);
    if (text == "" || /[\s/>=]/.test(text)) {
      throw new DOMException("Element.setAttribute: Invalid attribute name", "InvalidCharacterError");
    }
    putAttribute(this, this.getAttributeNode(text), text, String(value), null);
  }
  setAttributeNS(namespace, name, value) {
    requireArguments("Element.setAttributeNS", arguments, 3);
    const text = checkName("Element.setAttributeNS", name, "attribute");
    const space = namespace === null ? null : String(namespace) || null;
    putAttribute(this, this.getAttributeNodeNS(space, splitName(text).local), text, String(value), space);
  }
  setAttributeNode(attribute) {
    checkNode("Element.setAttributeNode", attribute, 1, "Attr");
    const { owner, name } = dataOf(attribute);
    if (owner && owner !== this) {
      throw new DOMException("Attribute already in use", "InUseAttributeError");
    }
    const old = this.getAttributeNode(name);
    if (old === attribute) {
      return old;
    }
    if (old) {
      this.removeAttributeNode(old);
    }
    dataOf(attribute).owner = this;
    dataOf(this).attributes.push(attribute);
    noteChange();
    return old;
  }
  setAttributeNodeNS(attribute) {
    return this.setAttributeNode(attribute);
  }
  removeAttributeNode(attribute) {
    const { attributes } = dataOf(this);
    if (!attributes.includes(attribute)) {
      throw new DOMException("Node was not found", "NotFoundError");
    }
    attributes.splice(attributes.indexOf(attribute), 1);
    dataOf(attribute).owner = null;
    noteChange();
    return attribute;
  }
  removeAttribute(name) {
    requireArguments("Element.removeAttribute", arguments, 1);
    const attribute = this.getAttributeNode(name);
    if (attribute) {
      this.removeAttributeNode(attribute);
    }
  }
  removeAttributeNS(namespace, local) {
    const attribute = this.getAttributeNodeNS(namespace, local);
    if (attribute) {
      this.removeAttributeNode(attribute);
    }
  }
  toggleAttribute(name, force = undefined) {
    const has = this.hasAttribute(name);
    const wanted = force === undefined ? !has : Boolean(force);
    if (wanted && !has) {
      this.setAttribute(name, "");
    } else if (!wanted) {
      this.removeAttribute(name);
    }
    return wanted;
  }

  get id() {
    return this.getAttribute("id") ?? "";
  }
  set id(value) {
    this.setAttribute("id", value);
  }
  get className() {
    return this.getAttribute("class") ?? "";
  }
  set className(value) {
    this.setAttribute("class", value);
  }
  get classList() {
    const data = dataOf(this);
    data.tokens ??= makeTokenList(this, "class");
    return data.tokens;
  }
  set classList(value) {
    this.className = value;
  }

  matches(selector) {
    return matches("Element.matches", this, String(selector));
  }
  closest(selector) {
    let at = this;
    while (at && !matches("Element.closest", at, String(selector))) {
      at = at.parentElement;
    }
    return at;
  }
}
for (const name of ["mozMatchesSelector", "webkitMatchesSelector"]) {
  Object.defineProperty(Element.prototype, name, { value: Element.prototype.matches, writable: true, configurable: true });
}
const putAttribute = Element.put;
delete Element.put;
mixIn(Element, childMembers, siblingMembers, parentMembers, searchMembers, markupMembers);
defineInterface(Element, "Element");

export function makeElement(document, name, namespace, attributes = []) {
  const parts = namespace || name.includes(":") ? splitName(name) : { prefix: null, local: name };
  const element = new Element(KEY, { type: TYPES.element, document, name, ...parts, namespace, attributes });
  attributes.forEach(attribute => (dataOf(attribute).owner = element));
  return element;
}

export class DocumentFragment extends Node {
  getElementById(id) {
    return [...descendants(this)].find(node => isElement(node) && node.id == String(id)) ?? null;
  }
}
mixIn(DocumentFragment, parentMembers);
defineInterface(DocumentFragment, "DocumentFragment");

export class DOMImplementation {
  constructor(key) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
  }

  createDocument(namespace, name, doctype = null) {
    const document = makeDocument({ contentType: "application/xml", url: "about:blank" });
    if (doctype) {
      document.appendChild(doctype);
    }
    if (name !== null && String(name) != "") {
      document.appendChild(document.createElementNS(namespace, name));
    }
    return document;
  }
  createDocumentType(name, publicId, systemId) {
    return new DocumentType(KEY, { type: TYPES.doctype, document: null, name: String(name), publicId, systemId });
  }
  hasFeature() {
    return true;
  }
}
defineInterface(DOMImplementation, "DOMImplementation");

export class Document extends Node {
  constructor(key = undefined, data = undefined) {
    super(KEY, key === KEY ? data : { type: TYPES.document, name: "#document", contentType: "application/xml", url: "about:blank" });
  }

  get implementation() {
    const data = dataOf(this);
    data.implementation ??= new DOMImplementation(KEY);
    return data.implementation;
  }
  get URL() {
    return dataOf(this).url;
  }
  get documentURI() {
    return dataOf(this).url;
  }
  get contentType() {
    return dataOf(this).contentType;
  }
  get doctype() {
    return dataOf(this).children.find(node => dataOf(node).type == TYPES.doctype) ?? null;
  }
  get documentElement() {
    return dataOf(this).children.find(isElement) ?? null;
  }
  getElementById(id) {
    return [...descendants(this)].find(node => isElement(node) && node.id == String(id)) ?? null;
  }

  /** The old way to make an event, which is filled by its init…() method. */
  createEvent(name) {
    requireArguments("Document.createEvent", arguments, 1);
    switch (String(name).toLowerCase()) {
      case "event":
      case "events":
      case "htmlevents":
        return new Event("");
      case "customevent":
        return new CustomEvent("");
      case "messageevent":
        return new MessageEvent("");
      default:
        throw new DOMException("Operation is not supported", "NotSupportedError");
    }
  }
  createElement(name) {
    requireArguments("Document.createElement", arguments, 1);
    return makeElement(this, checkName("Document.createElement", name, "element"), null);
  }
  createElementNS(namespace, name) {
    requireArguments("Document.createElementNS", arguments, 2);
    const space = namespace === null ? null : String(namespace) || null;
    return makeElement(this, checkName("Document.createElementNS", name, "element"), space);
  }
  createAttribute(name) {
    return makeAttribute(this, checkName("Document.createAttribute", name, "attribute"), "");
  }
  createAttributeNS(namespace, name) {
    return makeAttribute(this, checkName("Document.createAttributeNS", name, "attribute"), "", namespace || null);
  }
  createDocumentFragment() {
    return new DocumentFragment(KEY, { type: TYPES.fragment, document: this, name: "#document-fragment" });
  }
  createTextNode(data) {
    return new Text(KEY, { type: TYPES.text, document: this, name: "#text", value: String(data) });
  }
  createCDATASection(data) {
    return new CDATASection(KEY, { type: TYPES.cdata, document: this, name: "#cdata-section", value: String(data) });
  }
  createComment(data) {
    return new Comment(KEY, { type: TYPES.comment, document: this, name: "#comment", value: String(data) });
  }
  createProcessingInstruction(target, data) {
    return new ProcessingInstruction(KEY, { type: TYPES.instruction, document: this, name: String(target), value: String(data) });
  }
  importNode(node, deep = false) {
    checkNode("Document.importNode", node);
    const copy = node.cloneNode(deep);
    adopt(copy, this);
    return copy;
  }
  adoptNode(node) {
    checkNode("Document.adoptNode", node);
    detach(node);
    adopt(node, this);
    return node;
  }
}
mixIn(Document, parentMembers, searchMembers);
/** What a document that nobody shows says of itself. */
const SETTLED = {
  body: null, characterSet: "UTF-8", charset: "UTF-8", compatMode: "CSS1Compat", cookie: "", defaultView: null, hidden: true,
  inputEncoding: "UTF-8", readyState: "complete", referrer: "", title: "", visibilityState: "hidden",
};
for (const [name, value] of Object.entries(SETTLED)) {
  Object.defineProperty(Document.prototype, name, { get: () => value, configurable: true });
}
defineInterface(Document, "Document");

export class XMLDocument extends Document {
  constructor(key, data) {
    if (key !== KEY) {
      throw new TypeError("Illegal constructor.");
    }
    super(key, data);
  }
}
defineInterface(XMLDocument, "XMLDocument");

/** @settings: contentType, url, declared (whether the text began with an XML declaration). */
export function makeDocument(settings) {
  return new XMLDocument(KEY, { type: TYPES.document, name: "#document", ...settings });
}

