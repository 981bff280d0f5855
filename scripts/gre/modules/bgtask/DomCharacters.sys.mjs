// SPDX-License-Identifier: MPL-2.0
// Nodes without children: texts, comments, processing instructions, document types.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { Node, childMembers, dataOf, mixIn, siblingMembers } from "resource://gre/modules/bgtask/DomNodes.sys.mjs";
import { defineInterface } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

export class CharacterData extends Node {
  get data() {
    return dataOf(this).value;
  }
  set data(value) {
    dataOf(this).value = value === null ? "" : String(value);
  }
  get length() {
    return dataOf(this).value.length;
  }
  substringData(offset, count) {
    return this.data.substr(offset, count);
  }
  appendData(text) {
    this.data += text;
  }
  replaceData(offset, count, text) {
    if (offset >>> 0 > this.length) {
      throw new DOMException("Index or size is negative or greater than the allowed amount", "IndexSizeError");
    }
    this.data = this.data.slice(0, offset) + text + this.data.slice(offset + count);
  }
  insertData(offset, text) {
    this.replaceData(offset, 0, text);
  }
  deleteData(offset, count) {
    this.replaceData(offset, count, "");
  }
}
mixIn(CharacterData, childMembers, siblingMembers);
defineInterface(CharacterData, "CharacterData");

export class Text extends CharacterData {
  get wholeText() {
    return this.data;
  }
  splitText(offset) {
    const rest = dataOf(this).document.createTextNode(this.data.slice(offset));
    this.data = this.data.slice(0, offset);
    this.after(rest);
    return rest;
  }
}
defineInterface(Text, "Text");

export class CDATASection extends Text {}
defineInterface(CDATASection, "CDATASection");

export class Comment extends CharacterData {}
defineInterface(Comment, "Comment");

export class ProcessingInstruction extends CharacterData {
  get target() {
    return dataOf(this).name;
  }
}
defineInterface(ProcessingInstruction, "ProcessingInstruction");

export class DocumentType extends Node {
  get name() {
    return dataOf(this).name;
  }
  get publicId() {
    return dataOf(this).publicId;
  }
  get systemId() {
    return dataOf(this).systemId;
  }
}
mixIn(DocumentType, childMembers);
defineInterface(DocumentType, "DocumentType");
