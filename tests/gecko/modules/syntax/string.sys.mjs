// SPDX-License-Identifier: MPL-2.0
export const text = "./data.json" with { type: "json" };
