// SPDX-License-Identifier: MPL-2.0
throw new TypeError("inside");
