// SPDX-License-Identifier: MPL-2.0
import data from "resource://testing-common/modules/data.json" with { type: "json" };
export { data };
