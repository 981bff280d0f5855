// SPDX-License-Identifier: MPL-2.0
// Background tasks that the daemon begins again and again, whether or not anything runs.
//
// A task may use it if its task file says ControlSocket=yes; without a daemon that runs it, it reaches the daemon that
// bgtaskctl reaches.

const { env, tasks } = import.meta.native;

const INTERVAL_MIN_SEC = 1800;

/** Throw the reason why what is to be done cannot be. */
function checkWay() {
  if (tasks.way() == "refused") {
    throw new Error(
      `TaskScheduler: a run of the daemon may schedule tasks only with ControlSocket=yes in ${env.facts().task}.task`
    );
  }
  if (tasks.way() == "alone") {
    throw new Error("TaskScheduler: with --sandbox there is no way to a daemon");
  }
}

async function finish(promise) {
  const result = await promise;
  if (typeof result == "string") {
    throw new Error(`TaskScheduler: ${result}`);
  }
  return result;
}

function checkId(id) {
  if (typeof id != "string" || id == "") {
    throw new TypeError("TaskScheduler: expected an id that is a string and not empty");
  }
}

function checkInterval(seconds) {
  if (!Number.isInteger(seconds)) {
    throw new TypeError(`TaskScheduler: expected an interval that is an integer, found ${seconds}`);
  }
  if (seconds < INTERVAL_MIN_SEC) {
    throw new RangeError(`TaskScheduler: expected an interval of at least ${INTERVAL_MIN_SEC} s, found ${seconds} s`);
  }
}

export const TaskScheduler = {
  /**
   * Have a task begin every @intervalSec seconds (an integer, 1800 or more), first one interval from now. A task with
   * @id that is there is replaced.
   * @param {string} command absolute path of a program that begins background tasks, as Firefox does
   * @param {object} options
   *   args: its arguments, --backgroundtask NAME among them; the daemon runs NAME with the others
   *   description: one line
   *   disabled: it is registered, and does not begin
   *   executionTimeoutSec: a run is ended after so long; 0 or less is ignored
   *   workingDirectory: accepted and ignored, since a run of the daemon has a directory of its own
   */
  async registerTask(id, command, intervalSec, options = {}) {
    checkId(id);
    checkInterval(intervalSec);
    checkWay();
    const { args = [], description = null, disabled = false, executionTimeoutSec = 0 } = options ?? {};
    const row = { intervalSec, description, disabled, executionTimeoutSec: Number(executionTimeoutSec) || 0 };
    await finish(tasks.register(id, String(command), [...(args ?? [])], row));
  },

  /** Whether there was such a task. */
  async deleteTask(id) {
    checkId(id);
    checkWay();
    return Boolean(await finish(tasks.remove(id)));
  },

  /** All that this user has registered. */
  async deleteAllTasks() {
    checkWay();
    await finish(tasks.removeAll());
  },

  async taskExists(id) {
    checkId(id);
    checkWay();
    return Boolean(await finish(tasks.exists(id)));
  },
};
