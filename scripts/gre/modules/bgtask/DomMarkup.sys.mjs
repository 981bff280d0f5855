// SPDX-License-Identifier: MPL-2.0
// What elements do with markup, and where they put what they are given: innerHTML, outerHTML, insertAdjacent….

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { TYPES, checkNode, dataOf, detach, isElement } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { serialize } from "resource://gre/modules/bgtask/DomSerializer.sys.mjs";
import { requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

function invalid() {
  return new DOMException("An invalid or illegal string was specified", "SyntaxError");
}

/** The declarations of namespaces that are in force at @element, as attributes. */
function declarations(element) {
  const found = new Map();
  for (let at = element; at && isElement(at); at = dataOf(at).parent) {
    const { prefix, namespace, attributes } = dataOf(at);
    const own = attributes.filter(({ name }) => /^xmlns(:|$)/.test(name)).map(({ name, value }) => [name, value]);
    for (const [name, value] of [[prefix ? `xmlns:${prefix}` : "xmlns", namespace ?? ""], ...own]) {
      if (!found.has(name) && (value || name == "xmlns")) {
        found.set(name, value);
      }
    }
  }
  found.delete("xmlns:xml");
  return [...found].map(([name, value]) => ` ${name}="${value.replace(/[&<"]/g, each => `&#${each.charCodeAt(0)};`)}"`).join("");
}

/** A fragment of what @text, XML as it could stand in @context, says. */
function parseFragment(context, text) {
  const { parseXml } = runtime.load("resource://gre/modules/bgtask/DomParser.sys.mjs");
  const { document, failure } = parseXml(`<context${declarations(context)}>${text}</context>`, "text/xml");
  if (failure) {
    throw invalid();
  }
  const owner = dataOf(context).document;
  const fragment = owner.createDocumentFragment();
  for (const node of [...dataOf(document.documentElement).children]) {
    fragment.appendChild(node);
  }
  return fragment;
}

/** Put @node at @position of @element; null: there is no such place. */
function insertAdjacent(element, position, node) {
  const { parent } = dataOf(element);
  switch (String(position).toLowerCase()) {
    case "beforebegin":
      return parent && parent.insertBefore(node, element);
    case "afterbegin":
      return element.insertBefore(node, element.firstChild);
    case "beforeend":
      return element.appendChild(node);
    case "afterend":
      return parent && parent.insertBefore(node, element.nextSibling);
    default:
      throw invalid();
  }
}

export const markupMembers = {
  get innerHTML() {
    return dataOf(this).children.map(child => serialize(child)).join("");
  },
  set innerHTML(text) {
    const fragment = parseFragment(this, text === null ? "" : String(text));
    [...dataOf(this).children].forEach(detach);
    this.appendChild(fragment);
  },
  get outerHTML() {
    return serialize(this);
  },
  set outerHTML(text) {
    const { parent } = dataOf(this);
    if (!parent) {
      return;
    }
    if (dataOf(parent).type == TYPES.document) {
      throw new DOMException("Modifications are not allowed for this document", "NoModificationAllowedError");
    }
    parent.replaceChild(parseFragment(isElement(parent) ? parent : this, text === null ? "" : String(text)), this);
  },

  insertAdjacentElement(position, element) {
    requireArguments("Element.insertAdjacentElement", arguments, 2);
    checkNode("Element.insertAdjacentElement", element, 2, "Element");
    return insertAdjacent(this, position, element);
  },
  insertAdjacentText(position, text) {
    requireArguments("Element.insertAdjacentText", arguments, 2);
    insertAdjacent(this, position, dataOf(this).document.createTextNode(text));
  },
  insertAdjacentHTML(position, text) {
    requireArguments("Element.insertAdjacentHTML", arguments, 2);
    const outside = /^(beforebegin|afterend)$/i.test(position);
    const { parent } = dataOf(this);
    if (outside && !(parent && isElement(parent))) {
      throw new DOMException("Modifications are not allowed for this document", "NoModificationAllowedError");
    }
    insertAdjacent(this, position, parseFragment(outside ? parent : this, String(text)));
  },
};
