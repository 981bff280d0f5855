// SPDX-License-Identifier: MPL-2.0
// DOMParser for XML, the tree it makes, changes of it, selectors, XMLSerializer.

import { probe } from "resource://testing-common/probe.sys.mjs";

const P = new DOMParser();
const S = new XMLSerializer();
const TEXT =
  '<?xml version="1.0"?><!-- c --><updates a="1" b=\'x&amp;y\'><update type="minor">t<patch URL="u"/>  <![CDATA[c<d]]></update>' +
  '<?pi data?><n:x xmlns:n="urn:n" n:q="5"/><update/></updates>';

/** What a document with an error says, without the URL that nobody knows beforehand. */
function errorOf(text) {
  const document = P.parseFromString(text, "text/xml");
  const words = text == "<a><b></a>" ? S.serializeToString(document) : document.documentElement.textContent;
  return words.replace(/moz-nullprincipal:\{[^}]*\}/, "URL");
}

function checkTree(d) {
  const e = d.documentElement;
  const u = e.firstChild;
  const x = d.querySelector("x");
  probe(() => String(d));
  probe(() => d.constructor.name);
  probe(() => String(e));
  probe(() => [...d.childNodes].map(n => n.nodeName + n.nodeType));
  probe(() => [...e.childNodes].map(n => n.nodeName + n.nodeType));
  probe(() => e.tagName);
  probe(() => e.getAttribute("b"));
  probe(() => e.getAttribute("zz"));
  probe(() => e.hasAttribute("a"));
  probe(() => e.attributes.length);
  probe(() => String(e.attributes));
  probe(() => [...e.attributes].map(a => a.name + "=" + a.value));
  probe(() => e.getAttributeNames());
  probe(() => u.textContent);
  probe(() => u.innerHTML);
  probe(() => u.outerHTML);
  probe(() => d.getElementsByTagName("update").length);
  probe(() => String(d.getElementsByTagName("update")));
  probe(() => d.getElementsByTagName("*").length);
  probe(() => d.querySelector("update patch").nodeName);
  probe(() => d.querySelectorAll("update").length);
  probe(() => String(d.querySelectorAll("update")));
  probe(() => d.querySelector("update[type=minor]").nodeName);
  probe(() => d.querySelector("updates > update").nodeName);
  probe(() => d.querySelector("nothing"));
  probe(() => d.querySelector("["));
  probe(() => d.querySelector(""));
  probe(() => d.querySelector("update:not([type])").outerHTML);
  probe(() => d.querySelector("update:last-child").tagName);
  probe(() => d.querySelector("patch[URL^=u], x").nodeName);
  probe(() => e.children.length);
  probe(() => e.childElementCount);
  probe(() => e.firstElementChild.tagName);
  probe(() => e.lastElementChild.tagName);
  probe(() => u.nextElementSibling.nodeName);
  probe(() => u.nextSibling.nodeName);
  probe(() => u.parentNode.nodeName);
  probe(() => u.parentElement.nodeName);
  probe(() => e.parentNode.nodeName);
  probe(() => e.parentElement);
  probe(() => u.ownerDocument === d);
  probe(() => d.ownerDocument);
  probe(() => u.nodeValue);
  probe(() => u.firstChild.nodeValue);
  probe(() => u.firstChild.data);
  probe(() => u.firstChild.length);
  probe(() => [x.localName, x.prefix, x.namespaceURI, x.nodeName, x.tagName]);
  probe(() => x.getAttributeNS("urn:n","q"));
  probe(() => x.getAttribute("n:q"));
  probe(() => d.getElementsByTagNameNS("urn:n","x").length);
  probe(() => e.namespaceURI);
  probe(() => S.serializeToString(d));
  probe(() => S.serializeToString(e));
  probe(() => S.serializeToString(u));
  probe(() => S.serializeToString(5));
  probe(() => S.serializeToString());
  probe(() => P.parseFromString("<a/>", "foo"));
  probe(() => P.parseFromString("<a/>"));
  probe(() => P.parseFromString("<a/>", "image/svg+xml") + "");
  probe(() => P.parseFromString("<a/>", "application/xhtml+xml") + "");
  probe(() => P.parseFromBuffer && P.parseFromBuffer(new TextEncoder().encode("<a>é</a>"), "text/xml").documentElement.textContent);
  probe(() => d.contentType);
  probe(() => d.characterSet);
  probe(() => d.documentURI.slice(0,10));
  probe(() => d.doctype);
  probe(() => P.parseFromString("<!DOCTYPE a><a/>", "text/xml").doctype + "");
  probe(() => d.nodeName);
  probe(() => d.nodeType);
  probe(() => d.implementation + "");
}

function checkErrors() {
  probe(() => errorOf("<a><b></a>"));
  probe(() => errorOf(""));
  probe(() => errorOf("<a/><b/>"));
  probe(() => errorOf("<a>&foo;</a>"));
  probe(() => errorOf("<a b='1' b='2'/>"));
  probe(() => errorOf("<n:a/>"));
  probe(() => errorOf("<a"));
  probe(() => errorOf("<a>\n  <b>&</b>\n</a>"));
  probe(() => errorOf("text"));
  probe(() => errorOf("<a>\u0001</a>"));
  probe(() => errorOf("<a b=c/>"));
  probe(() => errorOf("<a></a"));
}

function checkChanges(d) {
  const e = d.documentElement;
  const u = e.firstChild;
  const n = d.createElement("new");
  probe(() => n.setAttribute("k", "v<\"&"));
  probe(() => S.serializeToString(n));
  probe(() => n.appendChild(d.createTextNode("a<b>&c")).nodeName);
  probe(() => S.serializeToString(n));
  probe(() => e.appendChild(n).nodeName);
  probe(() => e.lastChild === n);
  probe(() => e.removeChild(n).nodeName);
  probe(() => e.removeChild(n));
  probe(() => e.insertBefore(n, u).nodeName);
  probe(() => e.firstChild.nodeName);
  probe(() => n.remove());
  probe(() => e.replaceChild(n, u).nodeName);
  probe(() => S.serializeToString(e));
  probe(() => n.textContent = "new");
  probe(() => S.serializeToString(n));
  probe(() => n.cloneNode(true).textContent);
  probe(() => n.cloneNode().textContent);
  probe(() => n.isEqualNode(n.cloneNode(true)));
  probe(() => n.removeAttribute("k"));
  probe(() => n.attributes.length);
  probe(() => n.hasAttributes());
  probe(() => n.hasChildNodes());
  probe(() => e.contains(n));
  probe(() => n.appendChild(e));
  probe(() => d.createElement("1"));
  probe(() => d.createElementNS("urn:z", "z:a").outerHTML);
  probe(() => d.createComment("x").data);
  probe(() => d.appendChild(n));
  probe(() => n.append("a", d.createElement("q")));
  probe(() => n.outerHTML);
  probe(() => n.id);
  probe(() => n.className);
  probe(() => { n.setAttribute("id", "i"); return d.getElementById("i") === n; });
  probe(() => n.matches("new"));
  probe(() => n.closest("updates").nodeName);
  probe(() => Node.ELEMENT_NODE);
  probe(() => n instanceof Element);
  probe(() => n instanceof Node);
  probe(() => d instanceof Document);
  probe(() => d instanceof XMLDocument);
  probe(() => n.toggleAttribute("t"));
  probe(() => new Element());
  probe(() => [...n.childNodes.entries()].length);
  probe(() => n.childNodes.item(0).nodeName);
  probe(() => n.childNodes[9]);
  probe(() => n.attributes.getNamedItem("id").value);
  probe(() => n.attributes.id.value);
  probe(() => n.attributes[0].name);
  probe(() => n.getAttributeNode("id") + "");
  probe(() => d.createDocumentFragment() + "");
  probe(() => n.setAttribute("1", "x"));
  probe(() => n.normalize());
  probe(() => d.importNode(n, true).nodeName);
  probe(() => n.compareDocumentPosition(e));
  probe(() => d.implementation.createDocument(null, "root", null).documentElement.nodeName);
  probe(() => d.xmlVersion);
  probe(() => d.defaultView);
  probe(() => d.body);
  probe(() => d.cookie);
}

const SELECTORS = [
  "*", "update, patch", "updates update", "updates>patch", "update + x", "update ~ update", "[type]", "[type='minor']",
  "[type*=in]", "[type$=or i]", "[type~=minor]", ":root", "patch:only-child", "update:first-child", ":not(update)",
  "update:nth-child(1)", "updates > :nth-child(2n+1)", ":is(x, patch)", ":empty", "#none", ".none", "update:not([type]):last-child",
  "", "[", "a b c >", ":nope", "a,,b", "update patch[URL=u]",
];

function checkSelectors(d) {
  for (const selector of SELECTORS) {
    dump(`${selector}: `);
    probe(() => [...d.querySelectorAll(selector)].map(node => node.nodeName));
  }
}

export function runBackgroundTask() {
  const d = P.parseFromString(TEXT, "text/xml");
  checkTree(d);
  checkSelectors(d);
  checkErrors();
  checkChanges(d);
  return 0;
}
