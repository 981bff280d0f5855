// SPDX-License-Identifier: MPL-2.0
// What blocks with `using` and `await using` are rewritten to use (LanguageSyntax.js): the resources that were declared in one.

import { Failures, methodOf } from "resource://gre/modules/bgtask/LanguageDisposal.sys.mjs";

export class UsingScope {
  /** { value, method, isAsync } */
  #resources = [];
  #failures = new Failures();

  /** Assigned by `using`; null and undefined need no disposal. */
  set sync(value) {
    if (value !== null && value !== undefined) {
      this.#resources.push({ value, method: methodOf(value, Symbol.dispose, "Symbol.dispose"), isAsync: false });
    }
  }

  /** Assigned by `await using`. */
  set async(value) {
    const none = value === null || value === undefined;
    const method = none ? () => {} : methodOf(value, Symbol.asyncDispose, "Symbol.dispose");
    this.#resources.push({ value, method, isAsync: true });
  }

  /** The block has thrown. */
  fail(error) {
    this.#failures.add(error);
  }

  dispose() {
    while (this.#resources.length) {
      const { value, method } = this.#resources.pop();
      try {
        Reflect.apply(method, value, []);
      } catch (error) {
        this.#failures.add(error);
      }
    }
    this.#failures.throw();
  }

  async disposeAsync() {
    while (this.#resources.length) {
      const { value, method, isAsync } = this.#resources.pop();
      try {
        const result = Reflect.apply(method, value, []);
        if (isAsync) {
          await result;
        }
      } catch (error) {
        this.#failures.add(error);
      }
    }
    this.#failures.throw();
  }
}
