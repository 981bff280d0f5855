// SPDX-License-Identifier: MPL-2.0
import data from "./using.sys.mjs" with { type: "json" };
export { data };
