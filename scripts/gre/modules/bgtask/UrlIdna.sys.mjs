// SPDX-License-Identifier: MPL-2.0
// Domain names with characters beyond ASCII: Unicode TR46 non-transitional processing, without its mapping
// table. NFKC with case folding, minus what is ignorable by default, is that mapping for every assigned
// character; what remains after it is checked by Unicode properties. The rules for joiners and for
// right-to-left text are those of RFC 5892 appendix A and RFC 5893, with scripts standing in for bidi classes.

const BASE = 36;
const TMIN = 1;
const TMAX = 26;
const LABEL_MAX = 2000; // code points; beyond what any resolver takes, it bounds the encoder's quadratic time

function adaptBias(delta, count, first) {
  let k = 0;
  delta = first ? Math.floor(delta / 700) : delta >> 1;
  delta += Math.floor(delta / count);
  for (; delta > ((BASE - TMIN) * TMAX) >> 1; k += BASE) {
    delta = Math.floor(delta / (BASE - TMIN));
  }
  return k + Math.floor(((BASE - TMIN + 1) * delta) / (delta + 38));
}

const threshold = (k, bias) => Math.min(Math.max(k - bias, TMIN), TMAX);
const digit = value => String.fromCharCode(value + (value < 26 ? 97 : 22));

/** RFC 3492; @label is any string. null: too long. */
export function punycodeEncode(label) {
  const points = Array.from(label, character => character.codePointAt(0));
  if (points.length > LABEL_MAX) {
    return null;
  }
  const basic = points.filter(point => point < 0x80);
  let output = String.fromCharCode(...basic) + (basic.length ? "-" : "");
  let handled = basic.length;
  let n = 0x80;
  let delta = 0;
  let bias = 72;
  while (handled < points.length) {
    const next = Math.min(...points.filter(point => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) {
        delta++;
      } else if (point == n) {
        let q = delta;
        for (let k = BASE; ; k += BASE) {
          const t = threshold(k, bias);
          if (q < t) {
            break;
          }
          output += digit(t + ((q - t) % (BASE - t)));
          q = Math.floor((q - t) / (BASE - t));
        }
        output += digit(q);
        bias = adaptBias(delta, handled + 1, handled == basic.length);
        delta = 0;
        handled++;
      }
    }
    delta++;
    n++;
  }
  return output;
}

const digitValue = code =>
  code >= 48 && code <= 57 ? code - 22 : code >= 97 && code <= 122 ? code - 97 : BASE;

/** The inverse, for lower-case ASCII; null: not punycode. */
export function punycodeDecode(text) {
  const delimiter = text.lastIndexOf("-");
  const output = Array.from(text.slice(0, Math.max(delimiter, 0)), character => character.charCodeAt(0));
  let n = 0x80;
  let i = 0;
  let bias = 72;
  if (text.length > LABEL_MAX) {
    return null;
  }
  for (let position = delimiter > 0 ? delimiter + 1 : 0; position < text.length; ) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const value = position < text.length ? digitValue(text.charCodeAt(position++)) : BASE;
      if (value >= BASE || value * weight > 0x7fffffff - i) {
        return null;
      }
      i += value * weight;
      const t = threshold(k, bias);
      if (value < t) {
        break;
      }
      weight *= BASE - t;
    }
    bias = adaptBias(i - before, output.length + 1, before == 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff) {
      return null;
    }
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

const IGNORABLE = /[\p{Default_Ignorable_Code_Point}]/gu;
const JOINERS = /[\u200c\u200d]/u;
const DISALLOWED = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Z}\p{Cf}\ufffd]/u;
const VIRAMA = /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed]$/u;
const JOINING_BEFORE = /\p{Script=Arabic}\p{M}*$/u;
const JOINING_AFTER = /^\p{M}*\p{Script=Arabic}/u;
const RTL_SCRIPTS = ["Hebrew", "Arabic", "Syriac", "Thaana", "Nko", "Samaritan", "Mandaic", "Adlam",
                     "Hanifi_Rohingya", "Phoenician", "Imperial_Aramaic", "Old_South_Arabian"];
const RTL_LETTER = RTL_SCRIPTS.map(script => `\\p{Script=${script}}`).join("");
const RTL = new RegExp(`[${RTL_LETTER}]`, "u");
const STARTS_RTL = new RegExp(`^(?=\\p{L})[${RTL_LETTER}]`, "u");
const ENDS_RTL = new RegExp(`([${RTL_LETTER}]|\\p{Nd})\\p{Mn}*$`, "u");
const LTR_LETTER = new RegExp(`(?![${RTL_LETTER}])\\p{L}`, "u");

/** TR46's mapping and normalisation. ZWJ and ZWNJ stay: they are valid in context. */
function map(domain) {
  const keepJoiners = character => (JOINERS.test(character) ? character : "");
  // Each character by itself: a word-final capital sigma is not special here.
  const lower = text => Array.from(text, character => character.toLowerCase()).join("");
  const fold = text => lower(text.normalize("NFKC")).normalize("NFKC");
  return fold(domain.replace(/[\u3002\uff61]/g, ".").replace(IGNORABLE, keepJoiners));
}

function joinersAreValid(label) {
  for (let i = label.search(JOINERS); i >= 0 && i < label.length; i++) {
    const zwnj = label[i] == "\u200c";
    if (!zwnj && label[i] != "\u200d") {
      continue;
    }
    const before = label.slice(0, i);
    const between = zwnj && JOINING_BEFORE.test(before) && JOINING_AFTER.test(label.slice(i + 1));
    if (!VIRAMA.test(before) && !between) {
      return false;
    }
  }
  return true;
}

function bidiIsValid(label) {
  if (STARTS_RTL.test(label)) {
    const digits = /[0-9\u06f0-\u06f9]/.test(label) && /[\u0660-\u0669]/.test(label);
    return !LTR_LETTER.test(label) && ENDS_RTL.test(label) && !digits;
  }
  return !RTL.test(label) && !/^[0-9]/.test(label);
}

function labelIsValid(label, bidi) {
  const visible = label.replace(/[\u200c\u200d]/g, "");
  return !DISALLOWED.test(visible) && !/^\p{M}/u.test(label) && joinersAreValid(label) && (!bidi || bidiIsValid(label));
}

/** The label in Unicode, checked; null: invalid. */
function labelToUnicode(label) {
  if (!label.startsWith("xn--")) {
    return label;
  }
  const decoded = punycodeDecode(label.slice(4));
  const normal = decoded !== null && /[^\x00-\x7f]/.test(decoded) && map(decoded) == decoded;
  return normal && !decoded.includes(".") ? decoded : null;
}

/** Lower-case ASCII form of a domain; null: not a valid domain. */
export function domainToASCII(domain) {
  if (!/[^\x00-\x7f]/.test(domain) && !/(^|\.)xn--/i.test(domain)) {
    return domain.toLowerCase();
  }
  const labels = map(domain).split(".").map(labelToUnicode);
  if (labels.includes(null)) {
    return null;
  }
  const bidi = labels.some(label => RTL.test(label));
  if (!labels.every(label => labelIsValid(label, bidi && label != ""))) {
    return null;
  }
  const encoded = labels.map(label => {
    if (!/[^\x00-\x7f]/.test(label)) {
      return label;
    }
    const text = punycodeEncode(label);
    return text === null ? null : "xn--" + text;
  });
  return encoded.includes(null) ? null : encoded.join(".");
}
