// SPDX-License-Identifier: MPL-2.0
import { a } from "./data.json" with { type: "json" };
export { a };
