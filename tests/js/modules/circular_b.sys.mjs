// SPDX-License-Identifier: MPL-2.0
import { name } from "./circular_a.sys.mjs";
export const second = () => `b uses ${name}`;
