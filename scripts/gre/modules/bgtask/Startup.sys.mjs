// SPDX-License-Identifier: MPL-2.0
// Services.startup: nsIAppStartup, as far as a process without windows has it. Which phase of the shutdown has been
// reached is told by Shutdown.sys.mjs.

import { APP_STARTUP_CONSTANTS } from "resource://gre/modules/bgtask/Constants.sys.mjs";
import { defineXpcomClass, fail } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

const QUIT_MODES = 0x0f;
const ATTEMPT_QUIT = 2;
const FORCE_QUIT = 3;
const LAST_PHASE = 8;

let phase = 0;
let quitting = false;

/** For Shutdown.sys.mjs: SHUTDOWN_PHASE_@value has begun. */
export function setShutdownPhase(value) {
  phase = value;
}

class AppStartup {
  /**
   * End the task with @exitCode (its low 8 bits): at once, without the minimum runtime. @mode: eForceQuit or
   * eAttemptQuit; any other does nothing, since a background task has no last window whose closing could be considered.
   * @returns {boolean} whether the task ends
   */
  quit(mode, exitCode = 0) {
    const how = (Number(mode) | 0) & QUIT_MODES;
    if (how != ATTEMPT_QUIT && how != FORCE_QUIT) {
      return false;
    }
    quitting = true;
    runtime.quit(Number(exitCode) | 0);
    return true;
  }

  isInOrBeyondShutdownPhase(value) {
    const wanted = Number(value) | 0;
    if (wanted < 0 || wanted > LAST_PHASE) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsIAppStartup.isInOrBeyondShutdownPhase");
    }
    return phase >= wanted;
  }

  get shuttingDown() {
    return quitting || phase > 0;
  }

  get attemptingQuit() {
    return false;
  }

  get startingUp() {
    return false;
  }

  get restarting() {
    return false;
  }

  get wasRestarted() {
    return false;
  }

  get wasSilentlyStarted() {
    return false;
  }

  get automaticSafeModeNecessary() {
    return false;
  }

  /** Nothing keeps the process alive but the task. */
  enterLastWindowClosingSurvivalArea() {}

  exitLastWindowClosingSurvivalArea() {}

  /** When the process began its work: dates by name. */
  getStartupInfo() {
    const start = new Date(runtime.timeOrigin());
    return { process: start, start, main: start };
  }
}
defineXpcomClass(AppStartup, ["nsIAppStartup"], {
  nsIAppStartup: {
    quit: 1, isInOrBeyondShutdownPhase: 1, getStartupInfo: 0, enterLastWindowClosingSurvivalArea: 0,
    exitLastWindowClosingSurvivalArea: 0,
  },
});
for (const [name, value] of Object.entries(APP_STARTUP_CONSTANTS)) {
  Object.defineProperty(AppStartup.prototype, name, { value, enumerable: true });
}

export const startup = new AppStartup();
