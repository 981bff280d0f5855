// SPDX-License-Identifier: MPL-2.0
// nsIBackgroundTasks: which background task this is.

import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env } = import.meta.native;

class BackgroundTasks {
  #override;

  get isBackgroundTaskMode() {
    return this.backgroundTaskName() !== null;
  }

  /** The name of the task. */
  backgroundTaskName() {
    return this.#override === undefined ? env.facts().task : this.#override;
  }

  /** For tests: another name; null: as if this were not background task mode. */
  overrideBackgroundTaskNameForTesting(name) {
    this.#override = name === null || name === undefined ? null : String(name);
  }
}
defineXpcomClass(BackgroundTasks, ["nsIBackgroundTasks"], {
  nsIBackgroundTasks: { backgroundTaskName: 0, overrideBackgroundTaskNameForTesting: 1 },
});

export const backgroundTasks = new BackgroundTasks();
