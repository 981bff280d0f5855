// SPDX-License-Identifier: MPL-2.0
// Syntax that the engine does not parse: `using`, `await using`, and `with { type: "json" }` of imports.
//
// runner/syntax.c evaluates this script, in a global of its own with Reflect.parse, when a module does not compile for the
// first time. The script's value is a function: it gives a text that means the same to the engine and has the same lines, or
// null. The engine's own parser says where things are, so that nothing is taken for what it is not:
//
//   1. it fails at the name behind `using`, or at `with`. These are made `const`, and blanks, in a copy of the same length,
//      and it goes on until all is parsed;
//   2. the tree tells the block that each declaration is in, and whether a string with `with` is what is imported from;
//   3. of a block with declarations this becomes:
//
//        { const s = new UsingScope(); try { … const x = s.sync = VALUE; … } catch (e) { s.fail(e); } finally { s.dispose(); } }
//
// Positions come from the tree only where braces and names are, and are held against the text. What is not found there, or is
// in another place than in a block or the head of for…of, is left: the error stays what it was.

(() => {
  "use strict";

  const SCOPE = "resource://gre/modules/bgtask/LanguageUsing.sys.mjs";
  /** What module_resolve() of the engine's side knows the specifier of a JSON module by. */
  const JSON_PREFIX = "with{type:json}";
  /** So many times a text is parsed again. */
  const STEPS_MAX = 500;

  const NAME = /[\p{ID_Start}$_]/uy;
  const USING = /(?:\bawait[ \t]+)?\busing[ \t]+$/;
  /** It fails at the beginning of such a loop. */
  const FOR_AWAIT = /for\s+await\s*\(\s*(?:await[ \t]+)?using[ \t]+/y;
  const IMPORTED = /(["'])[^"'\\\r\n]*\1\s*$/;
  const ATTRIBUTES = /with\s*\{\s*(?:(["']?)type\1\s*:\s*(["'])json\2\s*,?\s*)?\}/y;

  /** Offsets of lines and columns, which begin with 1 and 0. Columns are characters, however many units each is. */
  class Lines {
    #text;
    #starts = [0];

    constructor(text) {
      this.#text = text;
      for (const { index, 0: end } of text.matchAll(/\r\n|[\r\n\u2028\u2029]/g)) {
        this.#starts.push(index + end.length);
      }
    }

    offset(line, column) {
      const start = this.#starts[line - 1];
      const units = this.#text.slice(start, start + 2 * column);
      const pairs = units.match(/[\ud800-\udbff][\udc00-\udfff]/g);
      return start + (pairs ? [...units].slice(0, column).join("").length : column);
    }
  }

  const matchAt = (pattern, text, at) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  /** What is changed of a text, in places that are known by their offsets. */
  class Rewriter {
    /** What can be parsed of it; every character is where it was. */
    #parsed;
    #lines;
    /** By the offset of their `const`: whether it was `await using`. */
    #usings = new Map();
    /** Offsets of strings that are specifiers of JSON modules. */
    #specifiers = new Set();
    /** { at, text, closes, order } */
    #insertions = [];
    #scopes = 0;
    #prefix = "$using";

    constructor(text) {
      this.#parsed = text;
      this.#lines = new Lines(text);
      while (text.includes(this.#prefix)) {
        this.#prefix += "$";
      }
    }

    /** The new text, or null. */
    run() {
      for (let step = 0; step < STEPS_MAX; step++) {
        try {
          const tree = Reflect.parse(this.#parsed, { target: "module", source: "module" });
          return this.#walk(tree, null) && !this.#usings.size && !this.#specifiers.size ? this.#result() : null;
        } catch (error) {
          if (!(error instanceof SyntaxError) || !this.#mend(this.#lines.offset(error.lineNumber, error.columnNumber))) {
            return null;
          }
        }
      }
      return null;
    }

    #replace(start, end, text) {
      this.#parsed = this.#parsed.slice(0, start) + text.padEnd(end - start) + this.#parsed.slice(end);
    }

    /** Make what the parser fails at, @at, something that it knows. */
    #mend(at) {
      const head = matchAt(FOR_AWAIT, this.#parsed, at);
      if (head) {
        return this.#mend(at + head[0].length);
      }
      const before = this.#parsed.slice(0, at);
      const using = USING.exec(before);
      if (using && matchAt(NAME, this.#parsed, at)) {
        this.#usings.set(using.index, using[0].startsWith("await"));
        this.#replace(using.index, at, "const");
        return true;
      }
      const imported = IMPORTED.exec(before);
      const attributes = imported && matchAt(ATTRIBUTES, this.#parsed, at);
      if (attributes) {
        if (attributes[2]) {
          this.#specifiers.add(imported.index);
        }
        this.#replace(at, at + attributes[0].length, attributes[0].replace(/[^\r\n\u2028\u2029]/g, " "));
        return true;
      }
      return false;
    }

    #insert(at, text, closes = false) {
      this.#insertions.push({ at, text, closes, order: closes ? -this.#insertions.length : this.#insertions.length });
    }

    #start({ loc }) {
      return this.#lines.offset(loc.start.line, loc.start.column);
    }

    #end({ loc }) {
      return this.#lines.offset(loc.end.line, loc.end.column);
    }

    /** @node and all below it. False: something has no place here. */
    #walk(node) {
      if (Array.isArray(node)) {
        return node.every(item => this.#walk(item));
      }
      if (typeof node != "object" || node === null) {
        return true;
      }
      return this.#visit(node) && Object.keys(node).every(key => key == "loc" || this.#walk(node[key]));
    }

    #visit(node) {
      switch (node.type) {
        case "BlockStatement":
          return this.#block(node, node.body.filter(item => this.#isUsing(item)), "");
        case "ForOfStatement":
          return !this.#isUsing(node.left) || this.#forOf(node);
        case "ModuleRequest":
          return this.#imported(node.source);
        default:
          return true;
      }
    }

    #isUsing(node) {
      return node?.type == "VariableDeclaration" && this.#usings.has(this.#start(node));
    }

    #imported(source) {
      const at = this.#start(source);
      if (this.#specifiers.delete(at)) {
        this.#insert(at + 1, JSON_PREFIX);
      }
      return true;
    }

    /** A block with @declarations in it; what is to be done at its @beginning, if anything, with its scope for "%". */
    #block(block, declarations, beginning, isAsync = false) {
      if (!declarations.length && !beginning) {
        return true;
      }
      const [start, end] = [this.#start(block), this.#end(block) - 1];
      if (this.#parsed[start] != "{" || this.#parsed[end] != "}") {
        return false;
      }
      const scope = `${this.#prefix}${this.#scopes++}`;
      let waits = isAsync;
      this.#insert(start + 1, ` const ${scope} = new ${this.#prefix}(); try {${beginning.replace("%", scope)}`);
      for (const declaration of declarations) {
        const at = this.#start(declaration);
        const asynchronous = this.#usings.get(at);
        waits ||= asynchronous;
        this.#usings.delete(at);
        if (!declaration.declarations.every(({ id }) => this.#declarator(id, `${scope}.${asynchronous ? "async" : "sync"} =`))) {
          return false;
        }
      }
      const dispose = waits ? `await ${scope}.disposeAsync()` : `${scope}.dispose()`;
      this.#insert(end, `} catch (error) { ${scope}.fail(error); } finally { ${dispose}; } `, true);
      return true;
    }

    /** Behind the "=" that follows a name. */
    #declarator(id, text) {
      const at = id.type == "Identifier" ? this.#start(id) : -1;
      if (at < 0 || !this.#parsed.startsWith(id.name, at)) {
        return false;
      }
      const equals = matchAt(/\s*=/y, this.#parsed, at + id.name.length);
      if (equals) {
        this.#insert(at + id.name.length + equals[0].length, ` ${text}`);
      }
      return Boolean(equals);
    }

    #forOf({ left, body }) {
      const [{ id }] = left.declarations;
      const at = this.#start(left);
      const asynchronous = this.#usings.get(at);
      if (id.type != "Identifier" || body.type != "BlockStatement") {
        return false;
      }
      this.#usings.delete(at);
      // The body is visited again, for declarations of its own: they get a scope of their own, within this one.
      return this.#block(body, [], ` %.${asynchronous ? "async" : "sync"} = ${id.name};`, asynchronous);
    }

    /** In one place, what begins within something else comes behind it, and what ends within it before. */
    #result() {
      const insertions = this.#insertions.sort((a, b) => a.at - b.at || a.closes - b.closes || a.order - b.order);
      let text = "";
      let done = 0;
      for (const { at, text: inserted } of insertions) {
        text += this.#parsed.slice(done, at) + inserted;
        done = at;
      }
      text += this.#parsed.slice(done);
      return this.#scopes ? `${text}\nimport { UsingScope as ${this.#prefix} } from "${SCOPE}";\n` : text;
    }
  }

  return text => new Rewriter(text).run();
})();
