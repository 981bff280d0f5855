// SPDX-License-Identifier: MPL-2.0
// Which fields of a date and time a formatter shows of each kind of Temporal's objects.

const { DateTimeFormat, NumberFormat } = Intl;

const DATE = ["weekday", "year", "month", "day"];
const TIME = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
const DATE_DEFAULTS = ["year", "month", "day"];
const TIME_DEFAULTS = ["hour", "minute", "second"];
const ALL_DEFAULTS = [...DATE_DEFAULTS, ...TIME_DEFAULTS];

/** Fields: of which one has to be asked for if any is; defaults: if none is. */
const KINDS = {
  PlainDate: { fields: DATE, defaults: DATE_DEFAULTS, era: true, date: true },
  PlainYearMonth: { fields: ["year", "month"], defaults: ["year", "month"], era: true, date: true },
  PlainMonthDay: { fields: ["month", "day"], defaults: ["month", "day"], date: true },
  PlainTime: { fields: TIME, defaults: TIME_DEFAULTS, time: true },
  PlainDateTime: { fields: [...DATE, ...TIME], defaults: ALL_DEFAULTS, era: true, date: true, time: true },
  Instant: { fields: [...DATE, ...TIME], defaults: ALL_DEFAULTS, era: true, zone: true, date: true, time: true },
  ZonedDateTime: {
    fields: [...DATE, ...TIME], defaults: ALL_DEFAULTS, era: true, zone: true, date: true, time: true, zoneDefault: "short",
  },
};

/** Options of Intl.DateTimeFormat, in the order in which they are read. */
const OPTIONS = [
  "localeMatcher", "calendar", "numberingSystem", "hour12", "hourCycle", "timeZone", "weekday", "era", "year", "month", "day",
  "dayPeriod", "hour", "minute", "second", "fractionalSecondDigits", "timeZoneName", "formatMatcher", "dateStyle", "timeStyle",
];
const FIELDS = [...DATE, ...TIME];

const FORMATTERS_MAX = 100;
const formatters = new Map();

/** A formatter of the engine that is kept for the next time: making one takes much longer than using it. */
export function formatterOf(locale, options) {
  const key = JSON.stringify([locale, options]);
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new DateTimeFormat(locale, options);
    if (formatters.size == FORMATTERS_MAX) {
      formatters.clear();
    }
    formatters.set(key, formatter);
  }
  return formatter;
}

function convert(name, value) {
  return name == "hour12" ? Boolean(value) : name == "fractionalSecondDigits" ? Number(value) : `${value}`;
}

/** The options that a formatter is made with, each read and converted once; what is no object is left to the engine. */
export function copyOptions(options) {
  if (options === undefined || options === null) {
    return options;
  }
  const from = Object(options);
  const copy = {};
  for (const name of OPTIONS) {
    const value = from[name];
    if (value !== undefined) {
      copy[name] = convert(name, value);
    }
  }
  return copy;
}

/** What a formatter that was made before Temporal was used seems to have been made with. */
export function guessOptions(resolved) {
  const options = {};
  for (const name of [...FIELDS, "era", "timeZoneName", "dateStyle", "timeStyle", "hourCycle"]) {
    if (resolved[name] !== undefined) {
      options[name] = resolved[name];
    }
  }
  const isDefault = Object.keys(options).every(name => DATE_DEFAULTS.includes(name) && options[name] == "numeric");
  return isDefault && Object.keys(options).length == DATE_DEFAULTS.length ? {} : options;
}

/** What says how hours are counted, where there are any. */
export function hourOptions(kind, { hour12, hourCycle, formatMatcher }) {
  const options = {};
  if (KINDS[kind].time && hourCycle !== undefined) {
    options.hourCycle = hourCycle;
  }
  if (KINDS[kind].time && hour12 !== undefined) {
    options.hour12 = hour12;
  }
  if (formatMatcher !== undefined) {
    options.formatMatcher = formatMatcher;
  }
  return options;
}

/** TypeError for styles that toLocaleString() of the kind does not take. */
export function checkStyles(kind, options) {
  if (!KINDS[kind].time && options?.timeStyle !== undefined) {
    throw new TypeError("can't set option timeStyle for date formats");
  }
  if (!KINDS[kind].date && options?.dateStyle !== undefined) {
    throw new TypeError("can't set option dateStyle for time formats");
  }
}

// ---- styles ----

/** A moment whose fields look different in each of their forms. */
const SAMPLE = Date.UTC(2003, 8, 5, 14, 6, 7);
const FORMS = {
  era: ["long", "short", "narrow"], year: ["numeric", "2-digit"], month: ["numeric", "2-digit", "long", "short", "narrow"],
  day: ["numeric", "2-digit"],
};

/** The form in which @part, of a date in some style, has its field. */
function formOf(part, common, locale) {
  const values = form => {
    const options = { ...common, [part.type]: form };
    // A month's name beside a day may be another one than alone.
    const beside = part.type == "month" ? { ...options, day: "numeric" } : options;
    return [options, beside].map(made => formatterOf(locale, made).formatToParts(SAMPLE)
      .find(({ type }) => type == part.type)?.value);
  };
  const forms = FORMS[part.type];
  return forms.find(form => values(form).includes(part.value)) ?? forms[part.type == "month" ? 2 : 0];
}

/** Those of @names that a date in the style has, as options. */
function fieldsOfStyle(names, { locale, calendar, numberingSystem }, dateStyle) {
  const common = { calendar, numberingSystem, timeZone: "UTC" };
  const parts = formatterOf(locale, { ...common, dateStyle }).formatToParts(SAMPLE);
  const shown = parts.filter(({ type }) => names.includes(type));
  return Object.fromEntries(shown.map(part => [part.type, formOf(part, common, locale)]));
}

/** Of a style without a zone: the longer ones differ from the medium one in its name alone. */
function timeStyleOf(kind, timeStyle) {
  return KINDS[kind].zone || timeStyle == "short" ? timeStyle : "medium";
}

function styledFields(kind, base) {
  const { dateStyle, timeStyle } = base.explicit;
  const { date, time, fields, era } = KINDS[kind];
  const shown = {};
  if (date && !time && kind != "PlainDate" && dateStyle !== undefined) {
    return fieldsOfStyle(era ? ["era", ...fields] : fields, base, dateStyle);
  }
  if (date && dateStyle !== undefined) {
    shown.dateStyle = dateStyle;
  }
  if (time && timeStyle !== undefined) {
    shown.timeStyle = timeStyleOf(kind, timeStyle);
  }
  return Object.keys(shown).length ? shown : null;
}

/**
 * The options that name what is shown of a @kind; null: nothing of what was asked for.
 * @param {object} base  { locale, calendar, numberingSystem, explicit }: explicit are the options that were given
 */
export function fieldsFor(kind, base) {
  const { explicit } = base;
  if (explicit.dateStyle !== undefined || explicit.timeStyle !== undefined) {
    return styledFields(kind, base);
  }
  const { fields, defaults, era, zone, zoneDefault } = KINDS[kind];
  const shown = {};
  for (const name of fields.filter(field => explicit[field] !== undefined)) {
    shown[name] = explicit[name];
  }
  const isDefault = !Object.keys(shown).length;
  if (isDefault && FIELDS.some(name => explicit[name] !== undefined)) {
    return null;
  }
  for (const name of isDefault ? defaults : []) {
    shown[name] = "numeric";
  }
  if (era && explicit.era !== undefined) {
    shown.era = explicit.era;
  }
  const zoneName = zone ? explicit.timeZoneName ?? (isDefault ? zoneDefault : undefined) : undefined;
  return zoneName === undefined ? shown : { ...shown, timeZoneName: zoneName };
}

// ---- the calendar of ISO 8601 ----

const ORDER = ["year", "month", "day"];

/** @parts of a date in numbers as ISO 8601 has them, 2024-03-05. The engine's data has the order of the language. */
export function inIsoOrder(parts, numberingSystem) {
  const dateParts = parts.filter(({ type }) => ORDER.includes(type));
  const isOther = parts.some(({ type }) => type == "weekday" || type == "era");
  if (isOther || dateParts.length < 2 || !dateParts.every(({ value }) => /^\p{Nd}+$/u.test(value))) {
    return parts;
  }
  const zero = new NumberFormat("en", { numberingSystem }).format(0);
  const sorted = ORDER.flatMap(name => dateParts.filter(({ type }) => type == name));
  const written = sorted.map(({ type, value }) => ({ type, value: type == "year" || [...value].length > 1 ? value : zero + value }));
  const first = parts.indexOf(dateParts[0]);
  const last = parts.indexOf(dateParts[dateParts.length - 1]);
  const hyphen = { type: "literal", value: "-" };
  // Some languages have a full stop behind a day without a year.
  const rest = parts.slice(parts[last + 1]?.value == "." ? last + 2 : last + 1);
  return [...parts.slice(0, first), ...written.flatMap((part, index) => (index ? [hyphen, part] : [part])), ...rest];
}
