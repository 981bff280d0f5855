// SPDX-License-Identifier: MPL-2.0
// What the test modules are written with. They run here and in Firefox, so this uses nothing but dump().

/** A value in words that are equal when the values are. */
export function show(value) {
  if (typeof value == "string") {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(show).join(", ")}]`;
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

export class Checks {
  #failures = 0;

  /** One line a check: "ok NAME", or "not ok NAME: why". */
  check(passed, name, why = "") {
    this.#failures += passed ? 0 : 1;
    dump(passed ? `ok ${name}\n` : `not ok ${name}: ${why}\n`);
  }

  equal(name, got, wanted) {
    this.check(show(got) === show(wanted), name, `got ${show(got)}, wanted ${show(wanted)}`);
  }

  /** @expected: properties that the error must have; a function is asked whether it likes the property. */
  #compare(name, error, expected) {
    const wrong = Object.entries(expected).filter(([key, value]) =>
      typeof value == "function" ? !value(error?.[key]) : !Object.is(error?.[key], value)
    );
    this.check(wrong.length == 0, name, wrong.map(([key]) => `${key} is ${show(error?.[key])}`).join(", "));
  }

  throws(name, body, expected) {
    let result;
    try {
      result = body();
    } catch (error) {
      this.#compare(name, error, expected);
      return;
    }
    this.check(false, name, `gave ${show(result)}, no error`);
  }

  async rejects(name, promise, expected) {
    let result;
    try {
      result = await promise;
    } catch (error) {
      this.#compare(name, error, expected);
      return;
    }
    this.check(false, name, `gave ${show(result)}, no error`);
  }

  /** What runBackgroundTask returns: 0, or 11 when something failed. */
  get exitCode() {
    return this.#failures ? 11 : 0;
  }
}

/** Properties of what an XPCOM method throws. */
export function xpcom(name, where) {
  return {
    name,
    result: Cr[name],
    message: `Component returned failure code: 0x${Cr[name].toString(16)} (${name}) [${where}]`,
  };
}

/** The same for too few arguments. */
export function tooFew(where) {
  return { name: "NS_ERROR_XPC_NOT_ENOUGH_ARGS", result: 0x80570001, message: `Not enough arguments [${where}]` };
}
