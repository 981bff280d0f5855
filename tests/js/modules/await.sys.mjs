// SPDX-License-Identifier: MPL-2.0
await 1;
export const value = 1;
