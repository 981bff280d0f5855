// SPDX-License-Identifier: MPL-2.0
// nsIPrefService.parsePrefsFromBuffer(). Text is decoded as UTF-8, where Gecko passes on its bytes.

import { failConversion } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { console: native, prefs, runtime } = import.meta.native;

const ERRORS_MAX = 100;
const CALLBACKS = { string: "onStringPref", number: "onIntPref", boolean: "onBoolPref" };
const ERROR_FORM = /:(\d+):(\d+): ([^]*)$/;

/** What a callback throws is reported and goes no further. */
function call(observer, name, args) {
  try {
    observer?.[name]?.(...args);
  } catch (error) {
    native.reportError(error);
  }
}

/** Tell @observer of all declarations in @bytes; after one that is wrong the next line is where it goes on. */
export function parsePrefs(bytes, observer, path) {
  if (runtime.typeOf(bytes) != "bytes" && !Array.isArray(bytes)) {
    failConversion("nsIPrefService.parsePrefsFromBuffer", 0);
  }
  const lines = new TextDecoder().decode(Uint8Array.from(bytes)).split("\n");
  let first = 0;
  for (let errors = 0; errors < ERRORS_MAX && first < lines.length; errors++) {
    const { list, message } = prefs.parse(path, lines.slice(first).join("\n"));
    for (const [name, value, byUser, sticky, locked] of list) {
      call(observer, CALLBACKS[typeof value], [byUser ? "User" : "Default", name, value, sticky, locked]);
    }
    if (!message) {
      return;
    }
    const [, line = lines.length, , reason = message] = ERROR_FORM.exec(message) ?? [];
    first += Number(line);
    call(observer, "onError", [`${path}:${first}: prefs parse error: ${reason}`]);
  }
}
