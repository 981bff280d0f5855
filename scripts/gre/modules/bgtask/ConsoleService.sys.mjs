// SPDX-License-Identifier: MPL-2.0
// Services.console: nsIConsoleService. Messages are kept, the last 250 of them, and given to listeners; nothing is
// printed, as in Gecko.

import { defineXpcomClass, fail, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { console: native } = import.meta.native;

const MESSAGES_MAX = 250;

class ConsoleMessage {
  #message;
  #timeStamp = Date.now();

  constructor(message) {
    this.#message = message;
  }

  get message() {
    return this.#message;
  }

  get logLevel() {
    return Ci.nsIConsoleMessage.info;
  }

  get timeStamp() {
    return this.#timeStamp;
  }

  get microSecondTimeStamp() {
    return this.#timeStamp * 1000;
  }
}
defineXpcomClass(ConsoleMessage, ["nsIConsoleMessage"]);
ConsoleMessage.prototype.toString = function toString() {
  return this.message;
};

/** nsIScriptError: made empty, then init(). Windows and cascading style sheets there are none. */
export class ScriptError {
  #timeStamp = Date.now();
  errorMessage = "";
  sourceName = "";
  sourceId = 0;
  lineNumber = 0;
  columnNumber = 0;
  flags = 0;
  category = "";
  errorMessageName = "";
  cssSelectors = "";
  outerWindowID = 0;
  innerWindowID = 0;
  isFromPrivateWindow = false;
  isFromChromeContext = false;
  isPromiseRejection = false;
  isForwardedFromContentProcess = false;
  hasException = false;
  exception = undefined;
  stack = undefined;

  init(errorMessage, sourceName, lineNumber, columnNumber, flags, category) {
    this.errorMessage = String(errorMessage);
    this.sourceName = sourceName ? String(sourceName) : "";
    this.lineNumber = lineNumber >>> 0;
    this.columnNumber = columnNumber >>> 0;
    this.flags = flags >>> 0;
    this.category = String(category ?? "");
  }

  initWithWindowID(errorMessage, sourceName, lineNumber, columnNumber, flags, category, innerWindowID) {
    this.init(errorMessage, sourceName, lineNumber, columnNumber, flags, category);
    this.innerWindowID = Number(innerWindowID);
  }

  get timeStamp() {
    return this.#timeStamp;
  }

  get microSecondTimeStamp() {
    return this.#timeStamp * 1000;
  }

  get logLevel() {
    return this.flags & 1 ? 2 : 3; // warning, else error
  }

  get message() {
    return this.toString();
  }

  toString() {
    const kind = this.flags & 1 ? "JavaScript Warning" : "JavaScript Error";
    const place = this.sourceName ? ` {file: "${this.sourceName}" line: ${this.lineNumber}}` : "";
    return `[${kind}: "${this.errorMessage}"${place}]`;
  }
}
{
  const { toString } = ScriptError.prototype;
  defineXpcomClass(ScriptError, ["nsIScriptError", "nsIConsoleMessage"], {
    nsIScriptError: { init: [6, 8], initWithWindowID: [6, 8] },
  });
  ScriptError.prototype.toString = toString;
}

class ConsoleService {
  #messages = [];
  #listeners = [];

  logStringMessage(message) {
    this.logMessage(new ConsoleMessage(String(message)));
  }

  logMessage(message) {
    if (!isObject(message)) {
      failConversion("nsIConsoleService.logMessage", 0);
    }
    this.#messages.push(message);
    if (this.#messages.length > MESSAGES_MAX) {
      this.#messages.shift();
    }
    for (const listener of [...this.#listeners]) {
      try {
        if (typeof listener == "function") {
          listener(message);
        } else {
          listener.observe(message);
        }
      } catch (error) {
        native.reportError(error);
      }
    }
  }

  /** @mode says whether Gecko prints it, too; here nothing is. */
  logMessageWithMode(message, mode) {
    this.logMessage(message);
  }

  /** There are no windows whose messages could go. */
  resetWindow(windowInnerId) {}

  getMessageArray() {
    return [...this.#messages];
  }

  registerListener(listener) {
    if (!isObject(listener)) {
      failConversion("nsIConsoleService.registerListener", 0);
    }
    if (this.#listeners.includes(listener)) {
      fail("NS_ERROR_FAILURE", "nsIConsoleService.registerListener");
    }
    this.#listeners.push(listener);
  }

  unregisterListener(listener) {
    if (!this.#listeners.includes(listener)) {
      fail("NS_ERROR_FAILURE", "nsIConsoleService.unregisterListener");
    }
    this.#listeners = this.#listeners.filter(item => item !== listener);
  }

  reset() {
    this.#messages = [];
  }
}
defineXpcomClass(ConsoleService, ["nsIConsoleService"], {
  nsIConsoleService: {
    logStringMessage: 1, logMessage: 1, getMessageArray: 0, registerListener: 1, unregisterListener: 1, reset: 0,
    logMessageWithMode: 2, resetWindow: 1,
  },
});

export const consoleService = new ConsoleService();

// Uncaught exceptions are messages, too.
native.listen((message, file, line, column) => {
  const error = new ScriptError();
  error.init(message, file, line, column, Ci.nsIScriptError.errorFlag, "chrome javascript");
  consoleService.logMessage(error);
});
