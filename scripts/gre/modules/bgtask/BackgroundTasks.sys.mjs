// SPDX-License-Identifier: MPL-2.0
// nsIBackgroundTasks: which background task this is.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env } = import.meta.native;

class BackgroundTasks {
  #override = null;

  get isBackgroundTaskMode() {
    return true;
  }

  /** The name of the task. */
  backgroundTaskName() {
    return this.#override ?? env.facts().task;
  }

  /** For tests: another name; null: the task's own again. */
  overrideBackgroundTaskNameForTesting(name) {
    this.#override = name === null || name === undefined ? null : String(name);
  }
}
defineXpcomClass(BackgroundTasks, ["nsIBackgroundTasks"], {
  nsIBackgroundTasks: { backgroundTaskName: 0, overrideBackgroundTaskNameForTesting: 1 },
});

export const backgroundTasks = new BackgroundTasks();
