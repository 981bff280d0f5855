// SPDX-License-Identifier: MPL-2.0
import { zork } from "./circular_b.sys.mjs";
export const used = zork;
