// SPDX-License-Identifier: MPL-2.0
// Imports of JSON.

import data from "./data.json" with { type: "json" };
import same from "resource://testing-common/syntax/data.json" with {
  type: 'json',
};
export { default as again } from "./data.json" with { "type": "json" };
import * as space from "./data.json" with { type: "json" };

export { data, same, space };
export const line = new Error().lineNumber;
