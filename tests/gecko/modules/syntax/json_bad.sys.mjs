// SPDX-License-Identifier: MPL-2.0
import data from "./bad.json" with { type: "json" };
export { data };
