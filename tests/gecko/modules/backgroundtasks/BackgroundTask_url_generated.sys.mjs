// SPDX-License-Identifier: MPL-2.0
// URLs that are made of pieces by a generator: arguments are its seed and how many. Prints what URL makes of each, with what
// base, and what becomes of it when a part is assigned to; the same seed gives the same ones everywhere.
//
// Not made is what Firefox does otherwise than the URL Standard (and this as the standard says): file: with a host; drive
// letters; about:, data:, javascript:, blob: and resource:, which it parses by rules of their own; NUL; "^" outside special
// schemes, and backslashes there; hosts with "*", a quote or a control character, and "0x"; ports with letters behind them, and 65535; a pathname that is
// assigned and empty, or begins with two slashes; addresses without brackets; a base that does not parse.

import { Numbers } from "resource://testing-common/numbers.sys.mjs";

const SCHEMES = ["http", "https", "HTTP", "ws", "wss", "ftp", "foo", "moz+x", "mailto", "", "1a", "h\ttp", " http"];
const MARKS = ["://", "://", "://", "://", ":", ":/", ":///", ":\\\\", ":/\\", "//", "", ":////"];
const USERS = ["", "", "", "", "u@", "u:p@", ":p@", "@", "u:@", "a%20b:c@", "\u00e9@", "a@b@", "u:p:q@", "a/b@", "<>@", "[@"];
const HOSTS = ["h", "example.com", "EXAMPLE.Com", "a.b.c", "a..b", "a.", ".", "", "1", "1.2", "1.2.3", "1.2.3.4", "0x7f.1", "0x1",
  "017.0.0.1", "256.1.1.1", "1.2.3.256", "1.2.3.4.5", "4294967295", "4294967296", "0xffffffff", "1.2.3.", "1.2.3.4.", "09.1",
  "0xg", "a.1", "a.0x1", "[::1]", "[::]", "[1:2:3:4:5:6:7:8]", "[1::8]", "[::1.2.3.4]", "[1:2]", "[g::]", "[::1", 
  "[1:0:0:2:0:0:0:3]", "[::ffff:1.2.3.4]", "[1::2::3]", "[0:0:0:0:0:0:0:0]", "[1:2:3:4:5:6:7::]", "[::1%25e]", "b\u00fccher.de",
  "xn--bcher-kva.de", "xn--a", "xn--", "\u4f8b.jp", "a\u3002b", "\uff41\uff42", "%61b", "%zz", "a%2fb", "a b", "a<b", "a|b",
  "a_b", "a-b", "-a-", "a\u00adb", "\u200d", "\ud800", "%C3%BC", "%ff", "localhost", "a'b", "a!b", "a;b", "a,b", "a$b"];
const PORTS = ["", "", "", "", ":80", ":443", ":21", ":8080", ":0", ":", ":65535", ":65536", ":00080", ":8a", ":-1", ": 80", ":8\t0"];
const SEGMENTS = ["a", "b", "", ".", "..", "%2e", "%2E.", ".%2e", "%2e%2E", "a b", "a%20b", "\u00e9", "%zz", "%", "a;b",
  "a:b", "a@b", "a'b", "a<b>", "a`b", "a{b}", "a|b", "~", "\\", "a\\b", "\t", "a\nb", 
  "\ud83d\ude00", "\ud800", "...", "..a", "[", "]", "a,b", "a&b", "a=b", "a+b", "a$b", "a!b", "(a)"];
const QUERIES = ["", "", "", "?", "?q", "?a=b&c=d", "?a b", "?\u00e9", "?'", "?\"", "?<>", "?#", "?a?b", "?%zz", "?\ud83d\ude00",
  "?\ud800", "?a\tb", "?`{}^|", "?\\"];
const HASHES = ["", "", "", "#", "#f", "#a b", "#\u00e9", "#`", "#\"<>", "##", "#a#b", "#\ud800", "#{}^|", "#%zz", "#a\nb"];
const BASES = [null, null, null, "http://u:p@h:1/a/b?q#f", "foo://h/a/b", "foo:/a/b",
  "foo:opaque", "mailto:x", "https://example.com", "ws://h/a"];
const PARTS = ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

function makePath(numbers) {
  let path = "";
  for (let left = numbers.below(4); left > 0; left--) {
    path += (numbers.below(8) ? "/" : "\\") + numbers.of(SEGMENTS);
  }
  return path;
}

function makeUrl(numbers) {
  const whole = numbers.below(4) > 0;
  const start = whole ? numbers.of(SCHEMES) + numbers.of(MARKS) + numbers.of(USERS) + numbers.of(HOSTS) + numbers.of(PORTS)
    : numbers.of(["", "", "/", "//", ".", "..", "?", "#", "x:", ...SEGMENTS]);
  let text = start + makePath(numbers) + numbers.of(QUERIES) + numbers.of(HASHES);
  if (numbers.below(8) == 0) {
    const at = numbers.below(text.length + 1);
    text = text.slice(0, at) + numbers.of(["\t", "%", "/", "\\", ":", "@", "?", "#", "[", "\u00e9", "."]) + text.slice(at);
  }
  return text;
}

function makeValue(numbers, part) {
  const values = {
    protocol: () => numbers.of([...SCHEMES, "https:", "http:x", "foo"]),
    username: () => numbers.of(USERS).replace("@", ""),
    password: () => numbers.of(USERS).replace("@", ""),
    host: () => (numbers.of(HOSTS) || "h") + numbers.of(["", "", ":8", ":80", ":", ":65536"]) + numbers.of(["", "", "/x", "?x", "@x", "\\x"]),
    hostname: () => numbers.of(HOSTS) + numbers.of(["", "", ":8", "/x", "#x"]),
    port: () => numbers.of(["", "80", "443", "21", "8080", "0", "65536", "00080", "-1", "x", " 8"]),
    pathname: () => `${makePath(numbers).replace(/[\t\n]/g, "").replace(/[/\\]+/g, "/") || "/"}${numbers.of(["", "?", "#"])}`,
    search: () => numbers.of(QUERIES) + numbers.of(["", "#x"]),
    hash: () => numbers.of(HASHES),
  };
  return values[part]();
}

/** Text of ASCII, so that both programs print the same bytes. */
function quote(value) {
  return JSON.stringify(value).replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Without what Firefox takes otherwise than the standard: a backslash is a slash in any scheme, "0x" is no number. */
function standing(made, base) {
  const text = made.replace(/0x(?![0-9a-f])/gi, "1");
  return isSpecial(text) || (base !== null && isSpecial(base) && !hasScheme(text)) ? text : text.replaceAll("\\", "/");
}

function parse(text, base) {
  try {
    return base === null ? new URL(text) : new URL(text, base);
  } catch {
    return null;
  }
}

function partsOf(url) {
  return [url.href, url.origin, ...PARTS.map(part => url[part])];
}

const isSpecial = text => /^\s*(https?|wss?|ftp):/i.test(text.replace(/[\t\n]/g, ""));
const hasScheme = text => /^\s*[a-z][-+.a-z0-9]*:/i.test(text.replace(/[\t\n]/g, ""));

function printCase(numbers) {
  const made = numbers.below(6) ? numbers.of(BASES) : standing(makeUrl(numbers), null);
  const base = made !== null && parse(made, null) ? made : null;
  const text = standing(makeUrl(numbers), base);
  const part = numbers.of(PARTS);
  const value = makeValue(numbers, part);
  const url = parse(text, base);
  let line = `${quote(text)} ${quote(base)} -> ${quote(url && partsOf(url))}`;
  if (url && !url.pathname.startsWith("//")) {
    url[part] = value;
    line += ` ${part}=${quote(value)} -> ${quote(partsOf(url))}`;
  }
  dump(`${line}\n`);
}

export function runBackgroundTask(commandLine) {
  const numbers = new Numbers(Number(commandLine.getArgument(0)));
  for (let left = Number(commandLine.getArgument(1)); left > 0; left--) {
    printCase(numbers);
  }
  return 0;
}

export const backgroundTaskMinRuntimeMS = 1;
