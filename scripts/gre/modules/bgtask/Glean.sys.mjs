// SPDX-License-Identifier: MPL-2.0
/*
 * Glean, GleanPings and Services.fog, without telemetry: nothing is sent, and nothing is kept beyond the run. What is
 * recorded can be read again with testGetValue(), which is how modules and their tests see that they have recorded.
 *
 * There is no list of metrics here. Every name is a metric, which takes what any kind of metric takes; what kind it is
 * shows by how it is used. Labels are any names, too.
 */

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";
import { defineInterface, requireArguments, sequenceOf } from "resource://gre/modules/bgtask/WebIdl.sys.mjs";

const { runtime } = import.meta.native;

/** How much a metric keeps, and how many metrics and labels there can be: what is more is left out. */
const VALUES_MAX = 1000;
const METRICS_MAX = 10000;
const TEXT_MAX = 200 * 1024;

/** Asked of any object in passing; no metric, category or label has these names. */
const PASSING = ["then", "toJSON", "constructor"];

let metricCount = 0;
/** All that have recorded something, for reset(). */
const recorded = new Set();

function newDistribution() {
  return { sum: 0, count: 0, values: {} };
}

/** How many different values a distribution has. */
const sizes = new WeakMap();

function accumulate(distribution, sample) {
  const value = Math.max(Number(sample) || 0, 0);
  distribution.sum += value;
  distribution.count++;
  if (Object.hasOwn(distribution.values, value)) {
    distribution.values[value]++;
    return;
  }
  const size = sizes.get(distribution) ?? 0;
  if (size < VALUES_MAX) {
    distribution.values[value] = 1;
    sizes.set(distribution, size + 1);
  }
}

/** snake_case for camelCase, as events call their names. */
const snake = name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

function plain(value) {
  return typeof value == "string" ? value.slice(0, TEXT_MAX) : value;
}

export class GleanMetric {
  #category;
  #name;
  #value = null;
  #labels = new Map();
  #timers = new Map();
  #started = null;
  #lastTimer = 0;

  constructor(category, name) {
    this.#category = category;
    this.#name = name;
  }

  #keep(value) {
    recorded.add(this);
    this.#value = value;
  }

  #distribution() {
    if (!this.#value || typeof this.#value.count != "number") {
      this.#keep(newDistribution());
    }
    return this.#value;
  }

  /** Boolean, string, text, URL, UUID, quantity, list, object or date: it is @value from now on; a date: now. */
  set(value) {
    if (arguments.length == 0) {
      this.#keep(new Date());
    } else if (sequenceOf(value)) {
      this.#keep([...value].slice(0, VALUES_MAX).map(plain));
    } else if (typeof value == "object" && value !== null) {
      this.#keep(structuredClone(value));
    } else {
      this.#keep(plain(value));
    }
  }

  /** Counter: so many more; list of strings: one more. */
  add(value = 1) {
    if (typeof value == "string") {
      const list = Array.isArray(this.#value) ? this.#value : [];
      this.#keep([...list, plain(value)].slice(0, VALUES_MAX));
    } else {
      this.#keep((typeof this.#value == "number" ? this.#value : 0) + (Number(value) || 0));
    }
  }

  /** Event, with its extra keys. */
  record(extra = undefined) {
    const list = Array.isArray(this.#value) ? this.#value : [];
    const event = { category: snake(this.#category), name: snake(this.#name), timestamp: Math.round(runtime.now()) };
    if (extra) {
      const shown = Object.entries(extra).filter(([, value]) => value !== undefined && value !== null);
      event.extra = Object.fromEntries(shown.map(([key, value]) => [key, plain(String(value))]));
    }
    this.#keep([...list, event].slice(0, VALUES_MAX));
  }

  generateAndSet() {
    this.#keep(crypto.randomUUID());
  }

  /** Timespan, or one timer of a timing distribution, by the number that is returned. */
  start() {
    this.#started ??= runtime.now();
    if (this.#timers.size < VALUES_MAX) {
      this.#timers.set(++this.#lastTimer, runtime.now());
    }
    return this.#lastTimer;
  }

  stop() {
    if (this.#started !== null) {
      this.#keep(Math.round(runtime.now() - this.#started));
      this.#started = null;
      this.#timers.clear();
    }
  }

  /** Milliseconds of a timespan. */
  setRaw(duration) {
    requireArguments("GleanTimespan.setRaw", arguments, 1);
    this.#keep(Number(duration));
  }

  stopAndAccumulate(timer) {
    const began = this.#timers.get(timer);
    if (began !== undefined) {
      this.#timers.delete(timer);
      this.#started = null;
      accumulate(this.#distribution(), Math.round((runtime.now() - began) * 1e6));
    }
  }

  cancel(timer = undefined) {
    if (timer === undefined) {
      this.#timers.clear();
    } else {
      this.#timers.delete(timer);
    }
    this.#started = null;
  }

  accumulate(sample) {
    accumulate(this.#distribution(), sample);
  }

  accumulateSingleSample(sample) {
    accumulate(this.#distribution(), sample);
  }

  accumulateSamples(samples) {
    for (const sample of samples) {
      accumulate(this.#distribution(), sample);
    }
  }

  testAccumulateRawMillis(duration) {
    accumulate(this.#distribution(), Number(duration) * 1e6);
  }

  #rate() {
    if (!this.#value || typeof this.#value.numerator != "number") {
      this.#keep({ numerator: 0, denominator: 0 });
    }
    return this.#value;
  }

  addToNumerator(amount = 1) {
    this.#rate().numerator += Number(amount) || 0;
  }

  addToDenominator(amount = 1) {
    this.#rate().denominator += Number(amount) || 0;
  }

  /** A label's metric; of a metric with two labels that of both. */
  get(label, category = undefined) {
    const key = category === undefined ? String(label) : `${label}\n${category}`;
    if (!this.#labels.has(key)) {
      if (this.#labels.size >= VALUES_MAX) {
        return new GleanMetric(this.#category, this.#name);
      }
      this.#labels.set(key, new GleanMetric(this.#category, this.#name));
    }
    return this.#labels.get(key);
  }

  /** What was recorded, or null. @ping: the name of one, all the same here. */
  testGetValue(ping = undefined) {
    const labelled = [...this.#labels].map(([key, metric]) => [key, metric.#value]).filter(([, value]) => value !== null);
    if (this.#value === null && labelled.length) {
      return Object.fromEntries(labelled);
    }
    return this.#value;
  }

  testGetNumErrors() {
    return 0;
  }

  static reset() {
    for (const metric of recorded) {
      metric.#value = null;
      metric.#timers.clear();
      metric.#started = null;
    }
    recorded.clear();
  }
}
const reset = GleanMetric.reset;
delete GleanMetric.reset;
defineInterface(GleanMetric);

/** Gives objects a member for each name that is asked for, made by @create(name) when it is. */
function named(target, create) {
  const made = new Map();
  return new Proxy(target, {
    get(object, key) {
      if (typeof key == "symbol" || PASSING.includes(key) || key in object) {
        const value = Reflect.get(object, key, object);
        return typeof value == "function" ? value.bind(object) : value;
      }
      if (!made.has(key)) {
        if (metricCount >= METRICS_MAX) {
          return create(key);
        }
        metricCount++;
        made.set(key, create(key));
      }
      return made.get(key);
    },
    has: (object, key) => typeof key != "symbol" || key in object,
    ownKeys: () => [...made.keys()],
    getOwnPropertyDescriptor: (_object, key) =>
      made.has(key) ? { value: made.get(key), enumerable: true, configurable: true } : undefined,
    set(_object, key) {
      throw new TypeError(`"${String(key)}" is read-only`);
    },
  });
}

export class GleanCategory {}
defineInterface(GleanCategory);
export class GleanImpl {}
defineInterface(GleanImpl);
export class GleanPingsImpl {}
defineInterface(GleanPingsImpl);

const makeMetric = (category, name) => {
  const metric = new GleanMetric(category, name);
  return named(metric, label => metric.get(label));
};

export const Glean = named(new GleanImpl(), category =>
  named(new GleanCategory(), name => makeMetric(category, name))
);

/** A ping: submitting it calls who waits for that in a test, and sends nothing. */
class GleanPing {
  #before = [];

  submit(reason = undefined) {
    const callbacks = this.#before;
    this.#before = [];
    for (const callback of callbacks) {
      callback(reason ?? "");
    }
  }

  testBeforeNextSubmit(callback) {
    this.#before.push(callback);
  }

  async testSubmission(callback, submit) {
    let called = false;
    this.testBeforeNextSubmit(reason => {
      called = true;
      callback(reason);
    });
    await submit();
    if (!called) {
      throw new Error("Ping did not submit immediately.");
    }
  }

  setEnabled() {}
}
defineXpcomClass(GleanPing, ["nsIGleanPing"], { nsIGleanPing: { testBeforeNextSubmit: 1, testSubmission: 2, setEnabled: 1 } });

export const GleanPings = named(new GleanPingsImpl(), () => new GleanPing());

class Fog {
  #experiments = new Map();
  #distribution = {};
  #attribution = {};

  initializeFOG() {}
  registerCustomPings() {}
  setLogPings() {}
  setTagPings() {}
  sendPing() {}
  applyServerKnobsConfig() {}
  testTriggerMetrics() {
    return Promise.resolve();
  }

  setExperimentActive(id, branch, extra = undefined) {
    this.#experiments.set(String(id), { branch: String(branch), extra: extra ?? null });
  }
  setExperimentInactive(id) {
    this.#experiments.delete(String(id));
  }
  testGetExperimentData(id) {
    return this.#experiments.get(String(id));
  }

  testFlushAllChildren() {
    return Promise.resolve();
  }
  testResetFOG() {
    reset();
    this.#experiments.clear();
  }

  testRegisterRuntimeMetric() {
    return 0;
  }
  testRegisterRuntimePing() {
    return 0;
  }
  registerRuntimeMetric() {
    return 0;
  }
  registerRuntimePing() {
    return 0;
  }

  updateAttribution(attribution) {
    Object.assign(this.#attribution, attribution);
  }
  testGetAttribution() {
    return { ...this.#attribution };
  }
  updateDistribution(distribution) {
    Object.assign(this.#distribution, distribution);
  }
  testGetDistribution() {
    return { ...this.#distribution };
  }
}
defineXpcomClass(Fog, ["nsIFOG"], { nsIFOG: { setExperimentActive: 2, setExperimentInactive: 1, testGetExperimentData: 1 } });

export const fog = new Fog();
