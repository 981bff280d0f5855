// SPDX-License-Identifier: MPL-2.0
import { second } from "./circular_b.sys.mjs";
export const name = "a";
export const first = () => `${name} uses ${second().slice(0, 1)}`;
export { second };
