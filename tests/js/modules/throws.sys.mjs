// SPDX-License-Identifier: MPL-2.0
throw new TypeError("thrown by a module");
