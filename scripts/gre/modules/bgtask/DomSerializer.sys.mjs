// SPDX-License-Identifier: MPL-2.0
// Nodes as XML.

import { TYPES, checkNode, dataOf, isElement } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { defineInterface, requireArguments } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const TEXT = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const VALUE = { ...TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#xA;", "\r": "&#xD;" };

const escapeText = text => text.replace(/[&<>]/g, character => TEXT[character]);
const escapeValue = text => text.replace(/[&<>"\t\n\r]/g, character => VALUE[character]);

/** Whether @name (xmlns or xmlns:prefix) means @namespace at @element already. */
function isDeclared(element, name, namespace) {
  for (let at = element; at && isElement(at); at = dataOf(at).parent) {
    const found = dataOf(at).attributes.find(attribute => attribute.name == name);
    if (found) {
      return found.value == (namespace ?? "");
    }
    if (at !== element && (dataOf(at).prefix ? `xmlns:${dataOf(at).prefix}` : "xmlns") == name) {
      return dataOf(at).namespace === namespace;
    }
  }
  return namespace === null;
}

function serializeElement(element) {
  const { name, prefix, namespace, attributes, children } = dataOf(element);
  let head = `<${name}`;
  const declaration = prefix ? `xmlns:${prefix}` : "xmlns";
  if (prefix != "xml" && !(prefix && namespace === null) && !isDeclared(element, declaration, namespace)) {
    head += ` ${declaration}="${escapeValue(namespace ?? "")}"`;
  }
  for (const attribute of attributes) {
    head += ` ${attribute.name}="${escapeValue(attribute.value)}"`;
  }
  return children.length ? `${head}>${children.map(serialize).join("")}</${name}>` : `${head}/>`;
}

function serializeDoctype({ name, publicId, systemId }) {
  const system = systemId ? ` "${systemId}"` : "";
  if (publicId) {
    return `<!DOCTYPE ${name} PUBLIC "${publicId}"${system}>`;
  }
  return `<!DOCTYPE ${name}${system && ` SYSTEM${system}`}>`;
}

export function serialize(node) {
  const data = dataOf(node);
  switch (data.type) {
    case TYPES.element:
      return serializeElement(node);
    case TYPES.text:
      return escapeText(data.value);
    case TYPES.cdata:
      return `<![CDATA[${data.value}]]>`;
    case TYPES.comment:
      return `<!--${data.value}-->`;
    case TYPES.instruction:
      return `<?${data.name}${data.value && ` ${data.value}`}?>`;
    case TYPES.doctype:
      return serializeDoctype(data);
    case TYPES.document: {
      const head = data.declared ? ['<?xml version="1.0" encoding="UTF-8"?>'] : [];
      return [...head, ...data.children.map(serialize)].join("\n");
    }
    default:
      return data.children.map(serialize).join("");
  }
}

export class XMLSerializer {
  serializeToString(root) {
    requireArguments("XMLSerializer.serializeToString", arguments, 1);
    checkNode("XMLSerializer.serializeToString", root);
    return serialize(root);
  }
}
defineInterface(XMLSerializer, "XMLSerializer");
