// SPDX-License-Identifier: MPL-2.0
// Numbers that are as good as random, and the same in both programs.

/** A generator of 32 bits of state (a Weyl sequence that is mixed). */
export class Numbers {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  below(count) {
    return this.next() % count;
  }

  between(from, to) {
    return from + this.below(to - from + 1);
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** Once in so many times. */
  rare(count) {
    return this.below(count) == 0;
  }
}
