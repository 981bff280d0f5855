// SPDX-License-Identifier: MPL-2.0
// nsIBackgroundTasksRunner: tasks that outlive the one that begins them.
//
// Where nothing keeps the task in, they are processes of their own. A run of the daemon's ends with everything that it
// began, so that there the daemon is asked for another run, which its task file must allow (ControlSocket=yes).

import { makeException } from "resource://gre/modules/bgtask/Errors.sys.mjs";
import { RESULTS } from "resource://gre/modules/bgtask/Results.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, tasks } = import.meta.native;

const TEST_SLEEP = "toolkit.background_tasks.remove_directory.testing.sleep_ms";

function refuse(name, method, message) {
  throw makeException(`${message} [nsIBackgroundTasksRunner.${method}]`, RESULTS[name]);
}

function checkList(args, method) {
  if (typeof args != "object" || args === null) {
    refuse(
      "NS_ERROR_XPC_CANT_CONVERT_PRIMITIVE_TO_ARRAY",
      method,
      "Cannot convert primitive JavaScript value into an array arg 1"
    );
  }
  if (!Array.isArray(args)) {
    refuse("NS_ERROR_XPC_CANT_CONVERT_OBJECT_TO_ARRAY", method, "Cannot convert JavaScript object into an array arg 1");
  }
  return args.map(arg => (arg === null || arg === undefined ? "" : String(arg)));
}

/** Begin @task. What goes wrong once the daemon is asked is an uncaught error: nobody waits for it. */
function begin(task, args, method) {
  const way = tasks.way();
  if (way == "refused") {
    const line = `a run of the daemon may begin others only with ControlSocket=yes in ${env.facts().task}.task`;
    refuse("NS_ERROR_NOT_AVAILABLE", method, line);
  }
  if (way == "alone") {
    refuse("NS_ERROR_NOT_AVAILABLE", method, "with --sandbox and no daemon, everything that a task begins ends with it");
  }
  if (way == "daemon") {
    tasks.run(task, args).then(result => {
      if (typeof result == "string") {
        reportError(makeException(`${task}: ${result} [nsIBackgroundTasksRunner.${method}]`, RESULTS.NS_ERROR_FAILURE));
      }
    });
    return;
  }
  const problem = tasks.runDetached(task, args);
  if (problem !== null) {
    refuse("NS_ERROR_FAILURE", method, `${task}: ${problem}`);
  }
}

class BackgroundTasksRunner {
  /** Run @task with @args, an array of strings. */
  runInDetachedProcess(task, args) {
    const method = "runInDetachedProcess";
    begin(String(task), checkList(args, method), method);
  }

  /** Remove @child of directory @parent, waiting for it @seconds (a string), then what ends with @suffix in @parent. */
  removeDirectoryInDetachedProcess(parent, child, seconds, suffix, metricsId) {
    const args = [parent, child, seconds, suffix].map(String);
    const sleepMs = Services.prefs.getIntPref(TEST_SLEEP, 0);
    if (sleepMs > 0) {
      args.push("--test-sleep", String(sleepMs));
    }
    begin("removeDirectory", args, "removeDirectoryInDetachedProcess");
  }
}
defineXpcomClass(BackgroundTasksRunner, ["nsIBackgroundTasksRunner"], {
  nsIBackgroundTasksRunner: { runInDetachedProcess: 2, removeDirectoryInDetachedProcess: 4 },
});

export const backgroundTasksRunner = new BackgroundTasksRunner();
