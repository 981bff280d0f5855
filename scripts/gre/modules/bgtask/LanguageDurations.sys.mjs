// SPDX-License-Identifier: MPL-2.0
// Intl.DurationFormat: each unit of a duration as a number with its unit, or as digits of a clock, and a list of all.

import { finishClass, makeObject, makeSlot, stringOption } from "resource://gre/modules/bgtask/LanguageIntl.sys.mjs";
import { listOf } from "resource://gre/modules/bgtask/LanguageLocale.sys.mjs";
import { digitTokens, partsOf } from "resource://gre/modules/bgtask/LanguageNumbers.sys.mjs";
import { toDuration } from "resource://gre/modules/bgtask/TemporalDurations.sys.mjs";

const { intl } = import.meta.native;

const BASE_STYLES = ["long", "short", "narrow", "digital"];
const WORDS = ["long", "short", "narrow"];
const DIGITS = ["fractional", "numeric", "2-digit"];
const DISPLAYS = ["auto", "always"];

/** The largest one first, with the styles that it may have, and its style in a digital format. */
const UNITS = [
  ["years", WORDS, "short"], ["months", WORDS, "short"], ["weeks", WORDS, "short"], ["days", WORDS, "short"],
  ["hours", [...WORDS, "numeric", "2-digit"], "numeric"],
  ["minutes", [...WORDS, "numeric", "2-digit"], "numeric"],
  ["seconds", [...WORDS, "numeric", "2-digit"], "numeric"],
  ["milliseconds", [...WORDS, "numeric"], "numeric"],
  ["microseconds", [...WORDS, "numeric"], "numeric"],
  ["nanoseconds", [...WORDS, "numeric"], "numeric"],
].map(([name, styles, digital]) => ({ name, styles, digital, singular: name.slice(0, -1) }));
const NAMES = UNITS.map(({ name }) => name);
const CLOCK = ["hours", "minutes", "seconds"];

/** Units that can be digits of a fraction of the one before them, and how many digits that one then has. */
const FRACTIONS = { milliseconds: 9, microseconds: 6, nanoseconds: 3 };
const isFraction = unit => Object.hasOwn(FRACTIONS, unit);

const slot = makeSlot("Intl.DurationFormat");

/** The style of a unit that no option gives, and whether the unit is then shown if it is nothing. */
function defaultStyle({ name, digital }, baseStyle, previous) {
  const display = CLOCK.includes(name) && baseStyle == "digital" ? "always" : "auto";
  if (baseStyle == "digital") {
    return [digital, display];
  }
  if (DIGITS.includes(previous)) {
    return ["numeric", name == "minutes" || name == "seconds" ? "always" : "auto"];
  }
  return [baseStyle, "auto"];
}

/** The style of a unit after one with the style @previous, with which it has to go. */
function fittingStyle({ name }, style, previous, display) {
  if (display == "always" && style == "fractional") {
    throw new RangeError(`${name} can't use "numeric" style with "always" display`);
  }
  if (DIGITS.includes(previous) && !DIGITS.includes(style)) {
    throw new RangeError(`invalid non-numeric value ${name} for option ${style}`);
  }
  const isClock = (name == "minutes" || name == "seconds") && (previous == "numeric" || previous == "2-digit");
  return isClock ? "2-digit" : style;
}

function readUnit(unit, options, baseStyle, previous) {
  const [usual, usualDisplay] = defaultStyle(unit, baseStyle, previous);
  const given = stringOption(options, unit.name, unit.styles);
  let style = given ?? usual;
  let display = given === undefined ? usualDisplay : "always";
  if (style == "numeric" && isFraction(unit.name)) {
    style = "fractional";
    display = "auto";
  }
  display = stringOption(options, `${unit.name}Display`, DISPLAYS, display);
  return { style: fittingStyle(unit, style, previous, display), display };
}

function readFractionalDigits(options) {
  const value = options.fractionalDigits;
  if (value === undefined) {
    return undefined;
  }
  const digits = Number(value);
  if (!(digits >= 0 && digits <= 9)) {
    throw new RangeError(`invalid digits value: ${digits}`);
  }
  return Math.floor(digits);
}

function readNumbering(options) {
  const system = stringOption(options, "numberingSystem");
  if (system !== undefined && !/^[a-z\d]{3,8}(-[a-z\d]{3,8})*$/i.test(system)) {
    throw new RangeError(`invalid value "${system}" for option numberingSystem`);
  }
  return system;
}

function readSettings(tags, options) {
  stringOption(options, "localeMatcher", ["lookup", "best fit"]);
  const numberingSystem = readNumbering(options);
  const resolved = new Intl.NumberFormat(tags, { numberingSystem }).resolvedOptions();
  const style = stringOption(options, "style", BASE_STYLES, "short");
  const units = {};
  let previous;
  for (const unit of UNITS) {
    units[unit.name] = readUnit(unit, options, style, previous);
    previous = units[unit.name].style;
  }
  const fractionalDigits = readFractionalDigits(options);
  return {
    locale: resolved.locale, numberingSystem: resolved.numberingSystem, style, units, fractionalDigits,
    formatters: new Map(), // by skeleton
  };
}

/** A unit of a duration with those below it that are its fraction, in decimal notation. */
function decimalOf(duration, name, digits) {
  if (digits === 0) {
    return String(BigInt(duration[name]));
  }
  let total = 0n;
  for (const unit of NAMES.slice(NAMES.indexOf(name))) {
    total = total * (unit == name ? 1n : 1000n) + BigInt(duration[unit]);
  }
  const scale = 10n ** BigInt(digits);
  const magnitude = total < 0n ? -total : total;
  const fraction = String(magnitude % scale).padStart(digits, "0");
  return `${total < 0n ? "-" : ""}${magnitude / scale}.${fraction}`;
}

const isZero = decimal => !/[1-9]/.test(decimal);

/** The writing of one duration: the first number that is written has the sign of all. */
class Writing {
  groups = []; // a list of parts each
  #settings;
  #duration;
  #isNegative;
  #isSigned = false;

  constructor(settings, duration) {
    this.#settings = settings;
    this.#duration = duration;
    this.#isNegative = NAMES.some(name => duration[name] < 0);
    for (const { name } of UNITS) {
      const { style } = settings.units[name];
      if (style == "numeric" || style == "2-digit") {
        this.#writeClock(name);
        break;
      }
      if (this.#writeWords(name)) {
        break;
      }
    }
  }

  /** How many digits a fraction of the unit can have: those below it are in it. */
  #fractionOf(name) {
    const next = NAMES[NAMES.indexOf(name) + 1];
    return next && this.#settings.units[next].style == "fractional" ? FRACTIONS[next] : 0;
  }

  #fractionTokens(digits) {
    const { fractionalDigits } = this.#settings;
    if (digits == 0) {
      return [];
    }
    return [...digitTokens({ minimumFractionDigits: fractionalDigits ?? 0, maximumFractionDigits: fractionalDigits ?? 9 }),
      "rounding-mode-down"];
  }

  #number(name, decimal, tokens) {
    const { locale, numberingSystem, formatters } = this.#settings;
    let number = decimal.replace(/^-/, "");
    if (!this.#isSigned && this.#isNegative) {
      number = `-${number}`;
    }
    this.#isSigned = true;
    const skeleton = [...tokens, `numbering-system/${numberingSystem}`].join(" ");
    if (!formatters.has(skeleton)) {
      formatters.set(skeleton, intl.formatter(locale, skeleton, false));
    }
    const unit = name.slice(0, -1);
    return partsOf(intl.format(formatters.get(skeleton), number), [number], true)
      .map(({ type, value }) => ({ type, value, unit }));
  }

  /** A number and the word for its unit. Whether the units below are in it. */
  #writeWords(name) {
    const { style, display } = this.#settings.units[name];
    const digits = this.#fractionOf(name);
    const decimal = decimalOf(this.#duration, name, digits);
    if (style != "fractional" && (!isZero(decimal) || display == "always")) {
      const width = { long: "full-name", short: "short", narrow: "narrow" }[style];
      const tokens = [`unit/${name.slice(0, -1)}`, `unit-width-${width}`, ...this.#fractionTokens(digits)];
      this.groups.push(this.#number(name, decimal, tokens));
    }
    return digits > 0;
  }

  /** Hours, minutes and seconds, from @first on. */
  #writeClock(first) {
    const { units, locale, numberingSystem } = this.#settings;
    const values = CLOCK.map(name => decimalOf(this.#duration, name, this.#fractionOf(name)));
    const shown = CLOCK.map((name, index) => index >= CLOCK.indexOf(first) &&
      (!isZero(values[index]) || units[name].display == "always"));
    shown[1] ||= first != "seconds" && shown[0] && shown[2];
    const parts = [];
    for (const [index, name] of CLOCK.entries()) {
      if (shown[index]) {
        const width = units[name].style == "2-digit" ? ["integer-width/+00"] : [];
        if (parts.length > 0) {
          const [value] = listOf("timeSeparator", `${locale.split("-u-")[0]}-u-nu-${numberingSystem}`);
          parts.push({ type: "literal", value });
        }
        parts.push(...this.#number(name, values[index],
          ["group-off", ...width, ...this.#fractionTokens(this.#fractionOf(name))]));
      }
    }
    if (parts.length > 0) {
      this.groups.push(parts);
    }
  }
}

/** The parts of a duration in order: [{ type, value, unit }]. */
function partition(settings, value) {
  const { groups } = new Writing(settings, toDuration(value));
  const { locale, style } = settings;
  const list = new Intl.ListFormat(locale, { type: "unit", style: style == "digital" ? "short" : style });
  const texts = groups.map(parts => parts.map(part => part.value).join(""));
  let next = 0;
  return list.formatToParts(texts).flatMap(part => (part.type == "element" ? groups[next++] : [part]));
}

function readOptions(options) {
  if (options === null) {
    throw new TypeError("can't convert null to object");
  }
  return options === undefined ? { __proto__: null } : Object(options);
}

function DurationFormat(locales = undefined, options = undefined) {
  const object = makeObject(new.target, DurationFormat.prototype, "Intl.DurationFormat");
  return slot.put(object, readSettings(Intl.getCanonicalLocales(locales), readOptions(options)));
}

/** What options say and results tell of a style. */
const publicStyle = style => (style == "fractional" ? "numeric" : style);

finishClass(DurationFormat, "DurationFormat", {
  resolvedOptions() {
    const { locale, numberingSystem, style, units, fractionalDigits } = slot.of(this, "resolvedOptions");
    const result = { locale, numberingSystem, style };
    for (const name of NAMES) {
      result[name] = publicStyle(units[name].style);
      result[`${name}Display`] = units[name].display;
    }
    return fractionalDigits === undefined ? result : { ...result, fractionalDigits };
  },
  format(duration) {
    return partition(slot.of(this, "format"), duration).map(({ value }) => value).join("");
  },
  formatToParts(duration) {
    return partition(slot.of(this, "formatToParts"), duration);
  },
  toSource() {
    return "DurationFormat";
  },
});

export const members = { Intl: { DurationFormat } };
