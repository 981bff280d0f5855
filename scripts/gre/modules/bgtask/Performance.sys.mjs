// SPDX-License-Identifier: MPL-2.0
// performance: a clock in milliseconds since the task began, with marks and measures.

import { DOMException } from "resource://gre/modules/bgtask/DOMException.sys.mjs";
import { defineInterface, requireArguments, toDictionary } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

/** More entries than this push the oldest out. */
const ENTRIES_MAX = 10000;

export class PerformanceEntry {
  #values;

  constructor(values) {
    this.#values = values;
  }

  get name() {
    return this.#values.name;
  }

  get entryType() {
    return this.#values.entryType;
  }

  get startTime() {
    return this.#values.startTime;
  }

  get duration() {
    return this.#values.duration;
  }

  get detail() {
    return this.#values.detail;
  }

  toJSON() {
    return { ...this.#values };
  }
}
defineInterface(PerformanceEntry);

export class PerformanceMark extends PerformanceEntry {}
defineInterface(PerformanceMark);

export class PerformanceMeasure extends PerformanceEntry {}
defineInterface(PerformanceMeasure);

export class Performance {
  #entries = [];
  #timeOrigin = null;

  /** Milliseconds since the task began, monotonic. */
  now() {
    return runtime.now();
  }

  /** When that was, in milliseconds since 1970. */
  get timeOrigin() {
    // Asked once, in the run itself: it stays the same when the clock is set.
    this.#timeOrigin ??= runtime.timeOrigin();
    return this.#timeOrigin;
  }

  #keep(entry) {
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES_MAX) {
      this.#entries.shift();
    }
    return entry;
  }

  /** options: startTime, detail. */
  mark(name, options) {
    requireArguments("Performance.mark", arguments, 1);
    const { startTime = this.now(), detail } = toDictionary("Performance.mark: Argument 2", options);
    if (!(Number(startTime) >= 0)) {
      throw new TypeError("Performance.mark: Mark's startTime must not be negative");
    }
    return this.#keep(
      new PerformanceMark({
        name: String(name),
        entryType: "mark",
        startTime: Number(startTime),
        duration: 0,
        detail: detail === undefined ? null : structuredClone(detail),
      })
    );
  }

  #timeOf(mark) {
    if (typeof mark == "number") {
      return mark;
    }
    const name = String(mark);
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index];
      if (entry.entryType == "mark" && entry.name == name) {
        return entry.startTime;
      }
    }
    throw new DOMException(`Performance.measure: Given mark name, ${name}, is unknown`, "SyntaxError");
  }

  /** measure(name, startMark, endMark) or measure(name, { start, end, duration, detail }). */
  measure(name, startOrOptions, endMark) {
    requireArguments("Performance.measure", arguments, 1);
    const isOptions = typeof startOrOptions == "object" && startOrOptions !== null;
    const options = isOptions ? startOrOptions : { start: startOrOptions, end: endMark };
    const { start, end, duration, detail } = options;
    if (isOptions && start !== undefined && end !== undefined && duration !== undefined) {
      throw new TypeError("Performance.measure: Cannot have start, end and duration all at once");
    }
    let from = start === undefined ? 0 : this.#timeOf(start);
    let to = end === undefined ? this.now() : this.#timeOf(end);
    if (duration !== undefined && end === undefined) {
      to = from + Number(duration);
    } else if (duration !== undefined) {
      from = to - Number(duration);
    }
    return this.#keep(
      new PerformanceMeasure({
        name: String(name),
        entryType: "measure",
        startTime: from,
        duration: to - from,
        detail: detail === undefined ? null : structuredClone(detail),
      })
    );
  }

  #clear(type, name) {
    this.#entries = this.#entries.filter(
      entry => entry.entryType != type || (name !== undefined && entry.name != String(name))
    );
  }

  clearMarks(name) {
    this.#clear("mark", name);
  }

  clearMeasures(name) {
    this.#clear("measure", name);
  }

  /** Entries in the order of their start. */
  getEntries() {
    return [...this.#entries].sort((a, b) => a.startTime - b.startTime);
  }

  getEntriesByType(type) {
    return this.getEntries().filter(entry => entry.entryType == String(type));
  }

  getEntriesByName(name, type) {
    return this.getEntries().filter(
      entry => entry.name == String(name) && (type === undefined || entry.entryType == String(type))
    );
  }

  toJSON() {
    return { timeOrigin: this.timeOrigin };
  }
}
defineInterface(Performance);

export const performance = new Performance();
