// SPDX-License-Identifier: MPL-2.0
// Numbers as the native side wants and gives them: in decimal notation, formatted by ICU's skeletons, with fields.
//
// Also what Intl.NumberFormat and Intl.PluralRules lack: ranges.

import { incompatible } from "resource://gre/modules/bgtask/LanguageIntl.sys.mjs";
import { isObject } from "resource://gre/modules/bgtask/LanguageTypes.sys.mjs";

const { intl } = import.meta.native;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const RADIX = /^0[box]/i;

/** A text's number in decimal notation, exact as long as it is not too large or too small for a Number. */
function decimalOfText(text) {
  const trimmed = text.trim();
  const number = Number(trimmed);
  if (RADIX.test(trimmed) && !Number.isNaN(number)) {
    return String(BigInt(trimmed));
  }
  return DECIMAL.test(trimmed) && Number.isFinite(number) && number !== 0 ? trimmed : decimalOfNumber(number);
}

function decimalOfNumber(number) {
  return Object.is(number, -0) ? "-0" : String(number);
}

/** ToIntlMathematicalValue, in decimal notation; "NaN". */
export function decimalOf(value) {
  const primitive = isObject(value) ? toPrimitive(value) : value;
  if (typeof primitive == "bigint") {
    return String(primitive);
  }
  return typeof primitive == "string" ? decimalOfText(primitive) : decimalOfNumber(Number(primitive));
}

const ordinaryToPrimitive = Date.prototype[Symbol.toPrimitive];

/** ToPrimitive of an object, as for a number. */
function toPrimitive(object) {
  const method = object[Symbol.toPrimitive];
  if (method === undefined || method === null) {
    return Reflect.apply(ordinaryToPrimitive, object, ["number"]);
  }
  const primitive = Reflect.apply(method, object, ["number"]);
  if (isObject(primitive)) {
    throw new TypeError("can't convert object to primitive type");
  }
  return primitive;
}

/** What ICU's fields are called; those that depend on the number are functions of its decimal notation. */
const FIELDS = [
  decimal => (decimal == "NaN" ? "nan" : decimal.endsWith("Infinity") ? "infinity" : "integer"),
  () => "fraction",
  () => "decimal",
  () => "exponentSeparator",
  () => "exponentMinusSign",
  () => "exponentInteger",
  () => "group",
  () => "currency",
  () => "percentSign",
  () => "permilleSign",
  decimal => (decimal.startsWith("-") ? "minusSign" : "plusSign"),
  () => "unit",
  () => "compact",
  () => "approximatelySign",
];
const SPAN = 100;
const SOURCES = ["startRange", "endRange"];

function fieldsOf(bytes) {
  const numbers = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const fields = [];
  for (let at = 0; at < numbers.length; at += 3) {
    fields.push({ kind: numbers[at], start: numbers[at + 1], end: numbers[at + 2] });
  }
  // An inner one, as a group's separator within an integer, comes after the outer one.
  return fields.sort((a, b) => b.end - b.start - (a.end - a.start));
}

/** The type of a field, in the number that it belongs to. */
function typeOf(field, isUnit, decimals, spans) {
  const span = spans.find(({ start, end }) => start <= field.start && field.end <= end);
  const number = span ? span.kind - SPAN : 0;
  const type = FIELDS[field.kind](decimals[number]);
  return isUnit && type == "percentSign" ? "unit" : type;
}

/**
 * The parts of what the native side has formatted, in order: [{ type, value, source }].
 * @param {string[]} decimals the number, or the two of a range
 * @param {boolean} isUnit whether a percent sign is one of a unit
 */
export function partsOf([text, bytes], decimals, isUnit) {
  const fields = fieldsOf(bytes);
  const spans = fields.filter(field => field.kind >= SPAN);
  const owners = new Array(text.length).fill(undefined);
  const sources = new Array(text.length).fill("shared");
  for (const field of fields) {
    if (field.kind >= SPAN) {
      sources.fill(SOURCES[field.kind - SPAN], field.start, field.end);
    } else {
      owners.fill(field, field.start, field.end);
    }
  }
  const parts = [];
  for (let start = 0, end = 1; start < text.length; start = end++) {
    while (end < text.length && owners[end] === owners[start] && sources[end] === sources[start]) {
      end++;
    }
    const type = owners[start] ? typeOf(owners[start], isUnit, decimals, spans) : "literal";
    parts.push({ type, value: text.slice(start, end), source: sources[start] });
  }
  return parts;
}

const WIDTHS = {
  code: "unit-width-iso-code", long: "unit-width-full-name", name: "unit-width-full-name", narrow: "unit-width-narrow",
  narrowSymbol: "unit-width-narrow", short: "unit-width-short", symbol: "unit-width-short",
};
const SIGNS = { always: "-always", auto: "", exceptZero: "-except-zero", negative: "-negative", never: "-never" };
const GROUPINGS = { always: "group-on-aligned", auto: "group-auto", false: "group-off", min2: "group-min2", true: "" };

function signToken({ signDisplay = "auto", currencySign }) {
  if (currencySign == "accounting" && signDisplay != "never") {
    return `sign-accounting${SIGNS[signDisplay]}`;
  }
  return signDisplay == "auto" ? "" : `sign${SIGNS[signDisplay]}`;
}

/** How digits are rounded and filled up, from what resolvedOptions() says of them. */
export function digitTokens(options) {
  const { minimumIntegerDigits: integers = 1, minimumFractionDigits, maximumFractionDigits } = options;
  const { minimumSignificantDigits, maximumSignificantDigits } = options;
  const range = (least, most, one, other) => one.repeat(least) + other.repeat(most - least);
  const tokens = [];
  const both = minimumSignificantDigits !== undefined && minimumFractionDigits !== undefined;
  if (minimumSignificantDigits !== undefined && !both) {
    tokens.push(range(minimumSignificantDigits, maximumSignificantDigits, "@", "#"));
  } else if (minimumFractionDigits !== undefined && !both) {
    tokens.push(maximumFractionDigits ? `.${range(minimumFractionDigits, maximumFractionDigits, "0", "#")}` : "precision-integer");
  }
  if (integers > 1) {
    tokens.push(`integer-width/+${"0".repeat(integers)}`);
  }
  return tokens;
}

const STYLES = {
  currency: ({ currency, currencyDisplay }) => [`currency/${currency}`, WIDTHS[currencyDisplay]],
  decimal: () => [],
  percent: () => ["percent", "scale/100"],
  unit: ({ unit, unitDisplay }) => [`unit/${unit}`, WIDTHS[unitDisplay]],
};

function notationToken({ notation, compactDisplay }) {
  return notation == "compact" ? `compact-${compactDisplay}` : notation == "standard" ? "" : notation;
}

/** ICU's skeleton for what resolvedOptions() of an Intl.NumberFormat says. */
export function skeletonOf(options) {
  const tokens = [
    ...STYLES[options.style](options), notationToken(options), ...digitTokens(options), "rounding-mode-half-up",
    GROUPINGS[options.useGrouping], signToken(options), `numbering-system/${options.numberingSystem}`,
  ];
  return tokens.filter(Boolean).join(" ");
}

/** What @resolve, the resolvedOptions of a class, says of @object, which must be of that class. */
function resolved(resolve, object, method) {
  try {
    return Reflect.apply(resolve, object, []);
  } catch {
    throw incompatible(object, method);
  }
}

/** Both numbers of a range in decimal notation. */
function rangeOf(start, end, method) {
  for (const [value, word] of [[start, "start"], [end, "end"]]) {
    if (value === undefined) {
      throw new TypeError(`undefined ${word} number in ${method}()`);
    }
  }
  const decimals = [start, end].map(decimalOf);
  for (const [index, word] of ["start", "end"].entries()) {
    if (decimals[index] == "NaN") {
      throw new RangeError(`range can't ${word} with NaN in ${method}()`);
    }
  }
  return decimals;
}

/** [formatter, options] of each object that has formatted ranges. */
const formatters = new WeakMap();

function formatterOf(object, resolve, method, skeleton) {
  const options = resolved(resolve, object, method);
  if (!formatters.has(object)) {
    formatters.set(object, intl.formatter(options.locale, skeleton(options), true));
  }
  return [formatters.get(object), options];
}

const numberOptions = Intl.NumberFormat.prototype.resolvedOptions;
const pluralOptions = Intl.PluralRules.prototype.resolvedOptions;

function formatRange(object, start, end, method) {
  const [formatter, options] = formatterOf(object, numberOptions, method, skeletonOf);
  const decimals = rangeOf(start, end, `NumberFormat.${method}`);
  return { result: intl.format(formatter, ...decimals), decimals, options };
}

export const members = {
  "Intl.NumberFormat.prototype": {
    formatRange(start, end) {
      return formatRange(this, start, end, "formatRange").result[0];
    },
    formatRangeToParts(start, end) {
      const { result, decimals, options } = formatRange(this, start, end, "formatRangeToParts");
      return partsOf(result, decimals, options.style == "unit");
    },
  },
  "Intl.PluralRules.prototype": {
    selectRange(start, end) {
      const [formatter, { type }] = formatterOf(this, pluralOptions, "selectRange", options => digitTokens(options).join(" "));
      return intl.plural(formatter, type == "ordinal", ...rangeOf(start, end, "PluralRules.selectRange"));
    },
  },
};
