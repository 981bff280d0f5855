// SPDX-License-Identifier: MPL-2.0
import "resource://gre/modules/NoSuchModule.sys.mjs";
export function runBackgroundTask() {}
