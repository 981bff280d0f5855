// SPDX-License-Identifier: MPL-2.0
export function f() {
  using x;
}
