// SPDX-License-Identifier: MPL-2.0
export const before = 1;
using top = null;
