// SPDX-License-Identifier: MPL-2.0
// nsINetUtil: what Services.io escapes, and types of content.

import { print } from "resource://testing-common/print.sys.mjs";

const { io } = Services;
const TEXT = "aZ09 -_.!~*'()/:?#[]@&=+$,;%\"<>\\^`{|}\u00e9\u20ac\n\x7f";

export async function runBackgroundTask() {
  for (const name of ["ALL", "XALPHAS", "XPALPHAS", "URL_PATH"]) {
    print(`escapeString ${name}`, () => io.escapeString(TEXT, io[`ESCAPE_${name}`]));
  }
  for (const name of ["SCHEME", "USERNAME", "PASSWORD", "HOST", "DIRECTORY", "FILE_BASENAME", "FILE_EXTENSION", "PARAM", "QUERY",
    "REF", "FILEPATH", "MINIMAL", "FORCED", "ONLY_ASCII", "ONLY_NONASCII"]) {
    print(`escapeURL ${name}`, () => io.escapeURL(TEXT, io[`ESCAPE_URL_${name}`]));
  }
  print("escapeURL, colons", () => io.escapeURL("a:b/c", io.ESCAPE_URL_DIRECTORY | io.ESCAPE_URL_COLON));
  print("escapeURL, forced", () => io.escapeURL("a%20b/c", io.ESCAPE_URL_DIRECTORY | io.ESCAPE_URL_FORCED));
  print("unescapeString", () => io.unescapeString("a%20b%zz%C3%A9+", 0));
  print("unescapeString, too few", () => io.unescapeString("a"));
  for (const field of ["text/html; charset=utf-8", "text/html", 'text/html;charset="x y"; b=c', "", "bad",
    "TEXT/HTML;CHARSET=UTF-8"]) {
    for (const method of ["parseRequestContentType", "parseResponseContentType"]) {
      print(`${method} ${field}`, () => {
        const charset = {};
        const hadCharset = {};
        return [io[method](field, charset, hadCharset), charset.value, hadCharset.value];
      });
    }
  }
  const { URI_IS_LOCAL_FILE } = Ci.nsIProtocolHandler;
  print("flags", () => ["file:///", "http://a/"].map(spec => io.protocolHasFlags(io.newURI(spec), URI_IS_LOCAL_FILE)));
  print("flags of a chain", () => io.URIChainHasFlags(io.newURI("file:///"), URI_IS_LOCAL_FILE));
  print("interface", () => [io instanceof Ci.nsINetUtil, io.QueryInterface(Ci.nsINetUtil) === io]);
  return 0;
}
