// SPDX-License-Identifier: MPL-2.0
import { noSuchName } from "resource://gre/modules/Timer.sys.mjs";
export function runBackgroundTask() {
  return noSuchName;
}
