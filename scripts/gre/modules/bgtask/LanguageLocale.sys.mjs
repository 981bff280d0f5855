// SPDX-License-Identifier: MPL-2.0
// What Intl.Locale lacks: what is known of a place, the first day of the week, variants.

import { incompatible } from "resource://gre/modules/bgtask/LanguageIntl.sys.mjs";

const { intl } = import.meta.native;

/** In the order of enum intl_list. */
const LISTS = ["calendars", "collations", "hours", "numbers", "zones", "week", "direction", "timeSeparator"];

/** Lines about a language tag. */
export function listOf(what, tag) {
  return intl.list(LISTS.indexOf(what), tag).split("\n").slice(0, -1);
}

const prototype = Intl.Locale.prototype;
const localeText = prototype.toString;
const localeMaximize = prototype.maximize;

/** The tag of @object, which must be an Intl.Locale. */
function tagOf(object, method) {
  try {
    return Reflect.apply(localeText, object, []);
  } catch {
    throw incompatible(object, method);
  }
}

/** The parts of a canonical tag, lists of subtags. */
function parseTag(tag) {
  const subtags = tag.split("-");
  const single = subtags.findIndex(subtag => subtag.length == 1);
  const base = subtags.slice(0, single < 0 ? subtags.length : single);
  const extensions = subtags.slice(base.length);
  const variantAt = base.findIndex((subtag, index) => index > 0 && /^([a-z\d]{5,8}|\d[a-z\d]{3})$/i.test(subtag));
  const variants = variantAt < 0 ? [] : base.splice(variantAt);
  return { base, variants, extensions };
}

/** [index, length] of the keywords of the u extension; it ends at the next extension. */
function unicodeExtension(extensions) {
  const end = extensions.indexOf("x") < 0 ? extensions.length : extensions.indexOf("x");
  const at = extensions.slice(0, end).indexOf("u");
  if (at < 0) {
    return [end, 0];
  }
  const next = extensions.findIndex((subtag, index) => index > at && subtag.length == 1);
  return [at, (next < 0 ? extensions.length : next) - at];
}

/** The value of a keyword, "" for one without; undefined: it is not there. */
function keywordOf(tag, key) {
  const { extensions } = parseTag(tag);
  const [at, length] = unicodeExtension(extensions);
  const subtags = extensions.slice(at, at + length);
  const start = subtags.indexOf(key, 1);
  if (start < 0) {
    return undefined;
  }
  const end = subtags.findIndex((subtag, index) => index > start && subtag.length == 2);
  return subtags.slice(start + 1, end < 0 ? subtags.length : end).join("-");
}

/** The tag with a keyword, whatever it had for it: of two of one kind the first one counts. */
function withKeyword(tag, key, value) {
  const { base, variants, extensions } = parseTag(tag);
  const [at, length] = unicodeExtension(extensions);
  if (length == 0) {
    extensions.splice(at, 0, "u", key, value);
  } else {
    const first = extensions.findIndex((subtag, index) => index > at && subtag.length == 2);
    extensions.splice(first < 0 || first > at + length ? at + length : first, 0, key, value);
  }
  return [...base, ...variants, ...extensions].join("-");
}

function withVariants(tag, variants) {
  const { base, extensions } = parseTag(tag);
  return [...base, variants, ...extensions].join("-");
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Days of the week by their number, too: 0 and 7 are Sunday. */
const WEEKDAYS = { 0: "sun", ...Object.fromEntries(DAYS.map((day, index) => [index + 1, day])) };

const TYPE = /^[a-z\d]{3,8}(-[a-z\d]{3,8})*$/i;
const VARIANTS = /^([a-z\d]{5,8}|\d[a-z\d]{3})(-([a-z\d]{5,8}|\d[a-z\d]{3}))*$/i;

function checkPattern(pattern, text, value, name) {
  if (!pattern.test(text)) {
    throw new RangeError(`invalid value "${value}" for option ${name}`);
  }
  return text.toLowerCase();
}

function readWeekday(value) {
  const text = `${value}`;
  return checkPattern(TYPE, Object.hasOwn(WEEKDAYS, text) ? WEEKDAYS[text] : text, text, "firstDayOfWeek");
}

function readVariants(value) {
  const text = `${value}`;
  const variants = checkPattern(VARIANTS, text, text, "variants");
  const list = variants.split("-");
  if (new Set(list).size < list.length) {
    throw new RangeError("duplicate variant subtag");
  }
  return variants;
}

const readIfGiven = (value, read) => (value === undefined ? undefined : read(value));

const OPTIONS = ["language", "script", "region", "calendar", "collation", "hourCycle", "caseFirst", "numeric", "numberingSystem"];

/** What the engine's own constructor reads of @options, and on the way what it does not know, in the standard's order. */
function watchOptions(options, found) {
  const watched = { __proto__: null };
  for (const name of OPTIONS) {
    Object.defineProperty(watched, name, {
      get() {
        if (name == "calendar") {
          found.variants = readIfGiven(options.variants, readVariants);
        } else if (name == "hourCycle") {
          found.firstDayOfWeek = readIfGiven(options.firstDayOfWeek, readWeekday);
        }
        return options[name];
      },
    });
  }
  return watched;
}

/** Languages and regions that have what is asked for: the region is that of the keyword rg, the tag's, sd's, or the likely one. */
function placeOf(object, method) {
  const tag = tagOf(object, method);
  const { language, region } = Reflect.apply(localeMaximize, object, []);
  const { base } = parseTag(tag);
  const named = base.slice(1).find(subtag => /^([A-Z]{2}|\d{3})$/.test(subtag));
  const [override, subdivision] = ["rg", "sd"].map(key => /^([a-z]{2}|\d{3})[a-z\d]{1,4}$/.exec(keywordOf(tag, key))?.[1].toUpperCase());
  const place = override ?? named ?? subdivision ?? region;
  return { tag, base, named, place: place ? `${language}-${place}` : language };
}

/** What a keyword names is all there is. */
function namedOr(object, method, key, list) {
  const place = placeOf(object, method);
  const named = keywordOf(place.tag, key);
  return named ? [named] : list(place);
}

/** The kinds that are of no use, or that Firefox does not know any more. */
const NO_CALENDARS = ["islamic", "islamic-rgsa"];
const NO_COLLATIONS = ["big5han", "gb2312", "standard", "search", "searchjl"];

const HOUR_CYCLES = { h: "h12", H: "h23", K: "h11", k: "h24" };

function hourCycles({ place }) {
  const letters = listOf("hours", place).map(pattern => pattern[0]);
  return letters.length > 0 ? [...new Set(letters.map(letter => HOUR_CYCLES[letter]))] : ["h23"];
}

/** ICU's days of the week begin with 1 for Sunday, the standard's with 1 for Monday. */
const dayOf = number => (Number(number) + 5) % 7 + 1;

/** Zones that ICU has under their first names, for good. */
const ZONE_NAMES = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** Zones that have become other names of those beside them, which older data do not know. */
const JOINED_ZONES = [
  "America/Montreal", "America/Nipigon", "America/Pangnirtung", "America/Rainy_River", "America/Santa_Isabel",
  "America/Thunder_Bay", "America/Yellowknife", "Asia/Choibalsan", "Australia/Currie", "Europe/Uzhgorod", "Europe/Zaporozhye",
  "Pacific/Johnston",
];

function timeZones(region) {
  const zones = listOf("zones", `und-${region}`).filter(zone => !JOINED_ZONES.includes(zone));
  return zones.map(zone => ZONE_NAMES[zone] ?? zone).sort();
}

const methods = {
  get firstDayOfWeek() {
    return keywordOf(tagOf(this, "get firstDayOfWeek"), "fw");
  },
  get variants() {
    const { variants } = parseTag(tagOf(this, "get variants"));
    return variants.length > 0 ? variants.join("-") : undefined;
  },
  getCalendars() {
    return namedOr(this, "getCalendars", "ca", ({ place }) =>
      listOf("calendars", place).filter(calendar => !NO_CALENDARS.includes(calendar)));
  },
  getCollations() {
    return namedOr(this, "getCollations", "co", ({ base }) =>
      listOf("collations", base.join("-")).filter(collation => !NO_COLLATIONS.includes(collation)).sort());
  },
  getHourCycles() {
    return namedOr(this, "getHourCycles", "hc", hourCycles);
  },
  getNumberingSystems() {
    return namedOr(this, "getNumberingSystems", "nu", ({ base }) => listOf("numbers", base.join("-")));
  },
  getTextInfo() {
    const { base } = placeOf(this, "getTextInfo");
    return { direction: listOf("direction", base.join("-"))[0] };
  },
  getTimeZones() {
    const { named } = placeOf(this, "getTimeZones");
    return named && timeZones(named);
  },
  getWeekInfo() {
    const { tag, place } = placeOf(this, "getWeekInfo");
    const [first, ...weekend] = listOf("week", place).map(dayOf);
    const named = DAYS.indexOf(keywordOf(tag, "fw")) + 1;
    return { firstDay: named || first, weekend: weekend.sort() };
  },
};

export const members = { "Intl.Locale.prototype": methods };

/** A constructor with the options that the engine's own one does not know. */
export function makeConstructor(Native) {
  function Locale(tag, options = undefined) {
    if (new.target === undefined) {
      throw new TypeError("calling a builtin Intl.Locale constructor without new is forbidden");
    }
    if (options === undefined || options === null) {
      return Reflect.construct(Native, [tag, options], new.target);
    }
    const found = {};
    const locale = Reflect.construct(Native, [tag, watchOptions(Object(options), found)], new.target);
    let text = Reflect.apply(localeText, locale, []);
    if (found.variants) {
      text = withVariants(text, found.variants);
    }
    if (found.firstDayOfWeek) {
      text = withKeyword(text, "fw", found.firstDayOfWeek);
    }
    return found.variants || found.firstDayOfWeek ? Reflect.construct(Native, [text], new.target) : locale;
  }
  Object.defineProperty(Locale, "prototype", { value: Native.prototype, writable: false });
  Object.defineProperty(Locale, "length", { value: 1, configurable: true });
  Object.defineProperty(Native.prototype, "constructor", { value: Locale, writable: true, configurable: true });
  return Locale;
}
