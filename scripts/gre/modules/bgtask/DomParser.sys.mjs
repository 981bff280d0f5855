// SPDX-License-Identifier: MPL-2.0
// DOMParser, for XML. Limits and refusals are those of runner/xml.h; what is not well-formed gives Gecko's document
// with a parsererror.

import { makeAttribute } from "resource://gre/modules/bgtask/DomAttributes.sys.mjs";
import { XMLNS, makeDocument, makeElement } from "resource://gre/modules/bgtask/DomElements.sys.mjs";
import { DocumentType } from "resource://gre/modules/bgtask/DomCharacters.sys.mjs";
import { KEY } from "resource://gre/modules/bgtask/DomLists.sys.mjs";
import { TYPES, dataOf } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { defineInterface, requireArguments, toEnumeration } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { xml } = import.meta.native;

/** Kinds of events, as runner/xml_events.h has them. */
const EVENTS = { start: 1, end: 2, text: 3, cdata: 4, instruction: 7, comment: 8, doctype: 10 };
const SUPPORTED = ["text/html", "text/xml", "application/xml", "application/xhtml+xml", "image/svg+xml"];
const ERROR_NAMESPACE = "http://www.mozilla.org/newlayout/xml/parsererror.xml";
const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
/** Gecko's words for expat's errors where they differ. */
const WORDS = {
  "no element found": "no root element found",
  "not well-formed (invalid token)": "not well-formed",
  "unbound prefix": "prefix not bound to a namespace",
};

/** Not well-formed: what is wrong, and where. */
class Failure {
  constructor(message, line, column) {
    Object.assign(this, { message, line, column });
  }
}

/** Makes nodes of the parser's events. */
class Builder {
  #document;
  #stack;
  #scopes = [new Map([["xml", XML_NAMESPACE], ["", null]])];

  constructor(document) {
    this.#document = document;
    this.#stack = [document];
  }

  get openElement() {
    return this.#stack.length > 1 ? this.#stack.at(-1).tagName : null;
  }

  #append(node) {
    const parent = this.#stack.at(-1);
    dataOf(node).parent = parent;
    dataOf(parent).children.push(node);
  }

  /** An event begins at events[at]; where the next one does. */
  take(events, at) {
    const kind = events[at];
    switch (kind) {
      case EVENTS.start:
        return this.#start(events, at + 1);
      case EVENTS.end:
        this.#stack.pop();
        this.#scopes.pop();
        return at + 1;
      case EVENTS.text:
        this.#text(events[at + 1]);
        return at + 2;
      case EVENTS.cdata:
        this.#append(this.#document.createCDATASection(events[at + 1]));
        return at + 2;
      case EVENTS.comment:
        this.#append(this.#document.createComment(events[at + 1]));
        return at + 2;
      case EVENTS.instruction:
        this.#append(this.#document.createProcessingInstruction(events[at + 1], events[at + 2]));
        return at + 3;
      default: {
        const [name, systemId, publicId] = events.slice(at + 1, at + 4);
        this.#append(new DocumentType(KEY, { type: TYPES.doctype, document: this.#document, name, publicId, systemId }));
        return at + 4;
      }
    }
  }

  #text(text) {
    const last = dataOf(this.#stack.at(-1)).children.at(-1);
    if (last && dataOf(last).type == TYPES.text) {
      dataOf(last).value += text;
    } else if (this.#stack.length > 1) {
      this.#append(this.#document.createTextNode(text));
    }
  }

  #start(events, at) {
    const [name, line, column, count] = events.slice(at, at + 4);
    const pairs = [];
    for (let i = 0; i < count; i++) {
      pairs.push([events[at + 4 + 2 * i], events[at + 5 + 2 * i]]);
    }
    const outer = this.#scopes.at(-1);
    const declared = pairs.filter(([key]) => key == "xmlns" || key.startsWith("xmlns:"));
    const scope = declared.length ? new Map(outer) : outer;
    for (const [key, value] of declared) {
      scope.set(key.slice(6), key == "xmlns" ? value || null : value);
    }
    const namespaceOf = (qualified, fallback) => {
      const colon = qualified.indexOf(":");
      const prefix = colon < 0 ? "" : qualified.slice(0, colon);
      if (colon >= 0 && !scope.has(prefix)) {
        throw new Failure("prefix not bound to a namespace", line, column);
      }
      return colon < 0 ? fallback : scope.get(prefix);
    };
    const attributes = pairs.map(([key, value]) => {
      const isDeclaration = key == "xmlns" || key.startsWith("xmlns:");
      return makeAttribute(this.#document, key, value, isDeclaration ? XMLNS : namespaceOf(key, null));
    });
    const element = makeElement(this.#document, name, namespaceOf(name, scope.get("")), attributes);
    this.#append(element);
    this.#stack.push(element);
    this.#scopes.push(scope);
    return at + 4 + 2 * count;
  }
}

function describe(failure, text, url, open) {
  const { line, column } = failure;
  let message = WORDS[failure.message] ?? failure.message;
  if (message == "mismatched tag" && open) {
    message += `. Expected: </${open}>.`;
  }
  const source = text.split(/\r\n?|\n/)[line - 1] ?? "";
  return [
    `XML Parsing Error: ${message}\nLocation: ${url}\nLine Number ${line}, Column ${column}:`,
    `${source}\n${"-".repeat(Math.max(column - 1, 0))}^`,
  ];
}

function errorDocument(settings, failure, text, open) {
  const document = makeDocument({ ...settings, declared: false });
  const [words, source] = describe(failure, text, settings.url, open);
  const root = document.createElementNS(ERROR_NAMESPACE, "parsererror");
  root.setAttribute("dir", "ltr");
  root.append(words, document.createElementNS(ERROR_NAMESPACE, "sourcetext"));
  root.lastChild.textContent = source;
  document.appendChild(root);
  return document;
}

/** { document, failure } of XML; failure null: all of it was well-formed. */
export function parseXml(text, type) {
  const settings = { contentType: type, url: `moz-nullprincipal:{${crypto.randomUUID()}}`, declared: /^<\?xml\s/.test(text) };
  const document = makeDocument(settings);
  const builder = new Builder(document);
  const { events, failure } = xml.events(text);
  try {
    for (let at = 0; at < events.length; ) {
      at = builder.take(events, at);
    }
    if (failure) {
      throw new Failure(...failure);
    }
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    return { document: errorDocument(settings, error, text, builder.openElement), failure: error };
  }
  return { document, failure: null };
}

export class DOMParser {
  parseFromString(text, type) {
    requireArguments("DOMParser.parseFromString", arguments, 2);
    const kind = toEnumeration("DOMParser.parseFromString: '%s' (value of argument 2)", "SupportedType", type, SUPPORTED);
    if (kind == "text/html") {
      throw new DOMException("DOMParser.parseFromString: HTML is not supported, only XML", "NotSupportedError");
    }
    return parseXml(String(text), kind).document;
  }

  /** The same for bytes of UTF-8. */
  parseFromBuffer(buffer, type) {
    requireArguments("DOMParser.parseFromBuffer", arguments, 2);
    return this.parseFromString(new TextDecoder().decode(Uint8Array.from(buffer)), type);
  }
}
defineInterface(DOMParser, "DOMParser");
