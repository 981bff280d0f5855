// SPDX-License-Identifier: MPL-2.0
// Small XML documents as trees of elements, and back. Limits and refusals are those of runner/xml.h.

const { xml } = import.meta.native;

export class XmlElement {
  /** @attributes: a Map or a list of pairs. @children: elements and strings. */
  constructor(name, attributes = [], children = [], line = 0) {
    this.name = name;
    this.attributes = new Map(attributes);
    this.children = [...children];
    this.line = line;
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.attributes.has(name);
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  /** Child elements; only those called @name when it is given. */
  elements(name = undefined) {
    return this.children.filter(
      child => child instanceof XmlElement && (name === undefined || child.name == name)
    );
  }

  get textContent() {
    return this.children.map(child => (typeof child == "string" ? child : child.textContent)).join("");
  }

  toString() {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${escape(value)}"`).join("");
    const content = this.children.map(child => (typeof child == "string" ? escape(child) : child.toString())).join("");
    return content == "" ? `<${this.name}${attributes}/>` : `<${this.name}${attributes}>${content}</${this.name}>`;
  }
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;" };

/** What XML cannot hold at all is left out. */
function escape(text) {
  const valid = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]/gu, "");
  return valid.replace(/[&<>"\n\r\t]/g, character => ENTITIES[character]);
}

function elementOf([name, flat, children, line]) {
  const attributes = [];
  for (let i = 0; i < flat.length; i += 2) {
    attributes.push([flat[i], flat[i + 1]]);
  }
  const content = children.map(child => (typeof child == "string" ? child : elementOf(child)));
  return new XmlElement(name, attributes, content, line);
}

/** The root element of a string or bytes. SyntaxError "line L, column C: what is wrong". */
export function parseXml(input) {
  return elementOf(xml.parse(input));
}
