// SPDX-License-Identifier: MPL-2.0
import data from "./none.json" with { type: "json" };
export { data };
