// SPDX-License-Identifier: MPL-2.0
/*
 * The basic URL parser of the URL standard: a machine over code points, one method a state, named as there.
 *
 * A state looks at the code point `c` ("" at the end of the input) and returns undefined to go on, FAILURE, or
 * DONE. It fills a record; with a state override (the setters of URL) it changes an existing one.
 */

import { C0_CONTROL_SET, FRAGMENT_SET, PATH_SET, QUERY_SET, SPECIAL_QUERY_SET, USERINFO_SET, percentEncode } from "resource://gre/modules/bgtask/UrlEncoding.sys.mjs";
import { SPECIAL_PORTS, UrlRecord, isDoubleDot, isDriveLetter, isNormalDriveLetter, isSingleDot } from "resource://gre/modules/bgtask/UrlRecord.sys.mjs";
import { parseHost } from "resource://gre/modules/bgtask/UrlHost.sys.mjs";

const [FAILURE, DONE, END] = [false, true, ""];

const isAlpha = c => /^[A-Za-z]$/.test(c);
const isDigit = c => /^[0-9]$/.test(c);

class Machine {
  constructor(input, base, record, override) {
    this.input = Array.from(input);
    this.base = base;
    this.url = record;
    this.override = override;
    this.state = override ?? "schemeStart";
    this.buffer = "";
    this.pointer = 0;
    this.atSignSeen = false;
    this.insideBrackets = false;
    this.passwordTokenSeen = false;
  }

  run() {
    for (; ; this.pointer++) {
      const c = this.input[this.pointer] ?? END;
      const outcome = this[this.state](c);
      if (outcome !== undefined) {
        return outcome;
      }
      // A state may have stepped back from the end, so that is asked of the pointer and not of c.
      if (this.pointer >= this.input.length) {
        return DONE;
      }
    }
  }

  /** Handle the same code point again in another state. */
  again(state) {
    this.state = state;
    this.pointer--;
  }

  startsHere(text, offset = 1) {
    return this.input.slice(this.pointer + offset, this.pointer + offset + text.length).join("") == text;
  }

  /** The input from here up to one of @stops, which is next; all of it is handled. */
  takeUntil(...stops) {
    const start = this.pointer;
    while (this.pointer + 1 < this.input.length && !stops.includes(this.input[this.pointer + 1])) {
      this.pointer++;
    }
    return this.input.slice(start, this.pointer + 1).join("");
  }

  isPathEnd(c) {
    return c == END || c == "/" || c == "?" || c == "#" || (this.url.isSpecial && c == "\\");
  }

  startQuery() {
    this.url.query = "";
    this.state = "query";
  }

  startFragment() {
    this.url.fragment = "";
    this.state = "fragment";
  }

  schemeStart(c) {
    if (isAlpha(c)) {
      this.buffer += c.toLowerCase();
      this.state = "scheme";
    } else if (this.override) {
      return FAILURE;
    } else {
      this.again("noScheme");
    }
    return undefined;
  }

  scheme(c) {
    if (/^[A-Za-z0-9+.-]$/.test(c)) {
      this.buffer += c.toLowerCase();
      return undefined;
    }
    if (c != ":") {
      if (this.override) {
        return FAILURE;
      }
      this.buffer = "";
      this.state = "noScheme";
      this.pointer = -1;
      return undefined;
    }
    if (this.override) {
      return this.changeScheme();
    }
    this.url.scheme = this.buffer;
    this.buffer = "";
    if (this.url.scheme == "file") {
      this.state = "file";
    } else if (this.url.isSpecial) {
      const same = this.base && this.base.scheme == this.url.scheme;
      this.state = same ? "specialRelativeOrAuthority" : "specialAuthoritySlashes";
    } else if (this.startsHere("/")) {
      this.state = "pathOrAuthority";
      this.pointer++;
    } else {
      this.url.path = "";
      this.state = "opaquePath";
    }
    return undefined;
  }

  changeScheme() {
    const { url } = this;
    const special = SPECIAL_PORTS.has(this.buffer);
    if (url.isSpecial != special || (this.buffer == "file" && (url.hasCredentials || url.port !== null))) {
      return DONE;
    }
    if (url.scheme == "file" && !url.host) {
      return DONE;
    }
    url.scheme = this.buffer;
    if (url.port === SPECIAL_PORTS.get(url.scheme)) {
      url.port = null;
    }
    return DONE;
  }

  noScheme(c) {
    const { base, url } = this;
    if (!base || (base.hasOpaquePath && c != "#")) {
      return FAILURE;
    }
    if (base.hasOpaquePath) {
      url.scheme = base.scheme;
      url.path = base.path;
      url.query = base.query;
      this.startFragment();
    } else {
      this.again(base.scheme == "file" ? "file" : "relative");
    }
    return undefined;
  }

  specialRelativeOrAuthority(c) {
    if (c == "/" && this.startsHere("/")) {
      this.state = "specialAuthorityIgnoreSlashes";
      this.pointer++;
    } else {
      this.again("relative");
    }
  }

  pathOrAuthority(c) {
    if (c == "/") {
      this.state = "authority";
    } else {
      this.again("path");
    }
  }

  relative(c) {
    const { base, url } = this;
    url.scheme = base.scheme;
    if (c == "/" || (url.isSpecial && c == "\\")) {
      this.state = "relativeSlash";
      return;
    }
    url.username = base.username;
    url.password = base.password;
    url.host = base.host;
    url.port = base.port;
    url.path = [...base.path];
    url.query = base.query;
    if (c == "?") {
      this.startQuery();
    } else if (c == "#") {
      this.startFragment();
    } else if (c != END) {
      url.query = null;
      url.shortenPath();
      this.again("path");
    }
  }

  relativeSlash(c) {
    const { base, url } = this;
    if (url.isSpecial && (c == "/" || c == "\\")) {
      this.state = "specialAuthorityIgnoreSlashes";
    } else if (c == "/") {
      this.state = "authority";
    } else {
      url.username = base.username;
      url.password = base.password;
      url.host = base.host;
      url.port = base.port;
      this.again("path");
    }
  }

  specialAuthoritySlashes(c) {
    if (c == "/" && this.startsHere("/")) {
      this.state = "specialAuthorityIgnoreSlashes";
      this.pointer++;
    } else {
      this.again("specialAuthorityIgnoreSlashes");
    }
  }

  specialAuthorityIgnoreSlashes(c) {
    if (c != "/" && c != "\\") {
      this.again("authority");
    }
  }

  authority(c) {
    if (c == "@") {
      this.addCredentials();
    } else if (this.isPathEnd(c)) {
      if (this.atSignSeen && this.buffer == "") {
        return FAILURE;
      }
      this.pointer -= Array.from(this.buffer).length;
      this.buffer = "";
      this.again("host");
    } else {
      this.buffer += c;
    }
    return undefined;
  }

  addCredentials() {
    const text = (this.atSignSeen ? "%40" : "") + this.buffer;
    this.atSignSeen = true;
    for (const c of text) {
      if (c == ":" && !this.passwordTokenSeen) {
        this.passwordTokenSeen = true;
      } else {
        this.url[this.passwordTokenSeen ? "password" : "username"] += percentEncode(c, USERINFO_SET);
      }
    }
    this.buffer = "";
  }

  host(c) {
    const { url } = this;
    if (this.override && url.scheme == "file") {
      this.again("fileHost");
      return undefined;
    }
    if (c == ":" && !this.insideBrackets) {
      if (this.buffer == "" || this.override == "hostname") {
        return FAILURE;
      }
      const host = parseHost(this.buffer, !url.isSpecial);
      if (host === null) {
        return FAILURE;
      }
      url.host = host;
      this.buffer = "";
      this.state = "port";
      return undefined;
    }
    if (!this.isPathEnd(c)) {
      this.insideBrackets = c == "[" || (c != "]" && this.insideBrackets);
      this.buffer += c;
      return undefined;
    }
    this.pointer--;
    if (this.buffer == "" && (url.isSpecial || (this.override && (url.hasCredentials || url.port !== null)))) {
      return FAILURE;
    }
    const host = this.buffer == "" ? "" : parseHost(this.buffer, !url.isSpecial);
    if (host === null) {
      return FAILURE;
    }
    url.host = host;
    this.buffer = "";
    this.state = "pathStart";
    return this.override ? DONE : undefined;
  }

  hostname(c) {
    return this.host(c);
  }

  port(c) {
    const { url } = this;
    if (isDigit(c)) {
      this.buffer += c;
      return undefined;
    }
    if (!this.isPathEnd(c) && !this.override) {
      return FAILURE;
    }
    if (this.buffer != "") {
      const port = parseInt(this.buffer, 10);
      if (port > 65535) {
        return FAILURE;
      }
      url.port = port === SPECIAL_PORTS.get(url.scheme) ? null : port;
      this.buffer = "";
      if (this.override) {
        return DONE;
      }
    }
    if (this.override) {
      return FAILURE;
    }
    this.again("pathStart");
    return undefined;
  }

  file(c) {
    const { base, url } = this;
    url.scheme = "file";
    url.host = "";
    if (c == "/" || c == "\\") {
      this.state = "fileSlash";
      return;
    }
    if (!base || base.scheme != "file") {
      this.again("path");
      return;
    }
    url.host = base.host;
    url.path = [...base.path];
    url.query = base.query;
    if (c == "?") {
      this.startQuery();
    } else if (c == "#") {
      this.startFragment();
    } else if (c != END) {
      url.query = null;
      if (this.driveLetterHere()) {
        url.path = [];
      } else {
        url.shortenPath();
      }
      this.again("path");
    }
  }

  /** The rest of the input starts with a Windows drive letter. */
  driveLetterHere() {
    const [first = "", second = "", third = END] = this.input.slice(this.pointer, this.pointer + 3);
    return isDriveLetter(first + second) && (third == END || ["/", "\\", "?", "#"].includes(third));
  }

  fileSlash(c) {
    const { base, url } = this;
    if (c == "/" || c == "\\") {
      this.state = "fileHost";
      return;
    }
    if (base && base.scheme == "file") {
      url.host = base.host;
      if (!this.driveLetterHere() && isNormalDriveLetter(base.path[0] ?? "")) {
        url.path.push(base.path[0]);
      }
    }
    this.again("path");
  }

  fileHost(c) {
    const { url } = this;
    if (c != END && !["/", "\\", "?", "#"].includes(c)) {
      this.buffer += c;
      return undefined;
    }
    this.pointer--;
    if (!this.override && isDriveLetter(this.buffer)) {
      this.state = "path";
      return undefined;
    }
    if (this.buffer == "") {
      url.host = "";
      this.state = "pathStart";
      return this.override ? DONE : undefined;
    }
    const host = parseHost(this.buffer, !url.isSpecial);
    if (host === null) {
      return FAILURE;
    }
    url.host = host == "localhost" ? "" : host;
    this.buffer = "";
    this.state = "pathStart";
    return this.override ? DONE : undefined;
  }

  pathStart(c) {
    const { url } = this;
    if (url.isSpecial) {
      this.state = "path";
      if (c != "/" && c != "\\") {
        this.pointer--;
      }
    } else if (!this.override && c == "?") {
      this.startQuery();
    } else if (!this.override && c == "#") {
      this.startFragment();
    } else if (c != END) {
      this.state = "path";
      if (c != "/") {
        this.pointer--;
      }
    } else if (this.override && url.host === null) {
      url.path.push("");
    }
  }

  path(c) {
    const slash = c == "/" || (this.url.isSpecial && c == "\\");
    const ends = slash || c == END || (!this.override && (c == "?" || c == "#"));
    if (!ends) {
      this.buffer += percentEncode(this.takeUntil("/", "\\", "?", "#"), PATH_SET);
      return;
    }
    this.endSegment(slash);
    if (c == "?") {
      this.startQuery();
    } else if (c == "#") {
      this.startFragment();
    }
  }

  endSegment(slash) {
    const { url } = this;
    if (isDoubleDot(this.buffer)) {
      url.shortenPath();
      if (!slash) {
        url.path.push("");
      }
    } else if (isSingleDot(this.buffer)) {
      if (!slash) {
        url.path.push("");
      }
    } else {
      if (url.scheme == "file" && url.path.length == 0 && isDriveLetter(this.buffer)) {
        this.buffer = this.buffer[0] + ":";
      }
      url.path.push(this.buffer);
    }
    this.buffer = "";
  }

  opaquePath(c) {
    if (c == "?") {
      this.startQuery();
    } else if (c == "#") {
      this.startFragment();
    } else if (c == " ") {
      const next = this.input[this.pointer + 1];
      this.url.path += next == "?" || next == "#" ? "%20" : " ";
    } else if (c != END) {
      this.url.path += percentEncode(this.takeUntil("?", "#", " "), C0_CONTROL_SET);
    }
  }

  query(c) {
    if (c == "#" && !this.override) {
      this.startFragment();
    } else if (c != END) {
      const text = this.override ? this.takeUntil() : this.takeUntil("#");
      this.url.query += percentEncode(text, this.url.isSpecial ? SPECIAL_QUERY_SET : QUERY_SET);
    }
  }

  fragment(c) {
    if (c != END) {
      this.url.fragment += percentEncode(this.takeUntil(), FRAGMENT_SET);
    }
  }
}

const withoutTabsAndNewlines = text => text.replace(/[\t\n\r]/g, "");

/** A record, or null. @input is a USVString, @base a record or null. */
export function parseUrl(input, base = null) {
  const record = new UrlRecord();
  const trimmed = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "");
  return new Machine(withoutTabsAndNewlines(trimmed), base, record, null).run() ? record : null;
}

/** Continue in @state on an existing record, for a setter. What was set before a failure stays, as the standard has it. */
export function overrideUrl(record, input, state) {
  new Machine(withoutTabsAndNewlines(input), null, record, state).run();
}
