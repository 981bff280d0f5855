// SPDX-License-Identifier: MPL-2.0
export function f(value) {
  if (value)
    using x = value;
}
