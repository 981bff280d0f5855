// SPDX-License-Identifier: MPL-2.0
// Ends in the exception called by its argument.

const WAYS = {
  error: () => {
    throw new Error("thrown");
  },
  reference: () => noSuchName,
  text: () => {
    throw "a text";
  },
  number: () => {
    throw 7;
  },
  undefined: () => {
    throw undefined;
  },
  null: () => {
    throw null;
  },
  object: () => {
    throw { message: "not an error" };
  },
  async: async () => {
    await null;
    throw new RangeError("later");
  },
  reject: () => Promise.reject(new Error("rejected")),
  rejectText: () => Promise.reject("a text"),
  result: () => {
    throw Components.Exception("a result", Cr.NS_ERROR_FAILURE);
  },
  dom: () => {
    throw new DOMException("a message", "NotFoundError");
  },
};

export function runBackgroundTask(commandLine) {
  return WAYS[commandLine.getArgument(0)]();
}
