// SPDX-License-Identifier: MPL-2.0
// Services.locale: mozILocaleService. The application has one locale, en-US; what the user asks for is the preference
// intl.locale.requested, or the system's.

import { defineConstants, defineXpcomClass, fail, textOf } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env } = import.meta.native;

const OWN = "en-US";
const PREF = "intl.locale.requested";
const RIGHT_TO_LEFT = /^(ar|ckb|fa|he|ur)(-|$)/;
const FILTERING = 0;
const LOOKUP = 2;

/** The system's locale as a tag: LC_ALL, LC_MESSAGES or LANG. */
function systemLocale() {
  const value = ["LC_ALL", "LC_MESSAGES", "LANG"].map(name => env.get(name)).find(Boolean) ?? "C";
  const name = value.replace(/[.@].*$/s, "");
  if (name == "C" || name == "POSIX" || name == "") {
    return "en-US-posix";
  }
  try {
    return Intl.getCanonicalLocales(name.replaceAll("_", "-"))[0];
  } catch {
    return "en-US-posix";
  }
}

function canonical(tags) {
  return tags.flatMap(tag => {
    try {
      return Intl.getCanonicalLocales(tag.trim());
    } catch {
      return [];
    }
  });
}

const languageOf = tag => tag.split("-")[0].toLowerCase();

/** Those of @available that suit @tag, the best first. */
function suiting(tag, available) {
  const exact = available.filter(one => one.toLowerCase() == tag.toLowerCase());
  const alike = available.filter(one => languageOf(one) == languageOf(tag) && !exact.includes(one));
  return [...exact, ...alike];
}

class LocaleService {
  get defaultLocale() {
    return OWN;
  }

  get lastFallbackLocale() {
    return OWN;
  }

  get availableLocales() {
    return [OWN];
  }

  get packagedLocales() {
    return [OWN];
  }

  get appLocalesAsLangTags() {
    return this.negotiateLanguages(this.requestedLocales, this.availableLocales, OWN, FILTERING);
  }

  get appLocalesAsBCP47() {
    return this.appLocalesAsLangTags;
  }

  get appLocaleAsLangTag() {
    return this.appLocalesAsLangTags[0];
  }

  get appLocaleAsBCP47() {
    return this.appLocaleAsLangTag;
  }

  get isAppLocaleRTL() {
    return RIGHT_TO_LEFT.test(this.appLocaleAsBCP47);
  }

  get regionalPrefsLocales() {
    return [systemLocale()];
  }

  get webExposedLocales() {
    return this.regionalPrefsLocales;
  }

  get requestedLocales() {
    const tags = canonical(Services.prefs.getStringPref(PREF, "").split(",").filter(Boolean));
    return tags.length ? tags : [systemLocale()];
  }

  set requestedLocales(tags) {
    Services.prefs.setStringPref(PREF, canonical([...tags].map(textOf)).join(","));
  }

  get requestedLocale() {
    return this.requestedLocales[0];
  }

  get acceptLanguages() {
    return Services.prefs.getStringPref("intl.accept_languages", "en-US, en");
  }

  get ellipsis() {
    return "\u2026";
  }

  get alwaysAppendAccesskeys() {
    return false;
  }

  get insertSeparatorBeforeAccesskeys() {
    return true;
  }

  get fontLanguageGroup() {
    return "x-western";
  }

  get urlFixupSuffix() {
    return ".com";
  }

  /**
   * Those of @available that suit @requested, in the order of those. @strategy: all that suit (filtering), the best for each
   * (matching), or the first that suits at all (lookup). @fallback comes last, of a lookup only when nothing suits.
   */
  negotiateLanguages(requested, available, fallback = "", strategy = FILTERING) {
    if (strategy < FILTERING || strategy > LOOKUP) {
      fail("NS_ERROR_INVALID_ARG", "mozILocaleService.negotiateLanguages");
    }
    const found = [];
    for (const tag of requested) {
      const fits = suiting(String(tag), [...available].map(String)).filter(one => !found.includes(one));
      found.push(...(strategy == FILTERING ? fits : fits.slice(0, 1)));
      if (strategy == LOOKUP && found.length) {
        return found;
      }
    }
    return fallback && !found.includes(fallback) ? [...found, fallback] : found;
  }
}
defineXpcomClass(LocaleService, ["mozILocaleService"], { mozILocaleService: { negotiateLanguages: [2, 4] } });
defineConstants(LocaleService, "mozILocaleService");

export const locale = new LocaleService();
