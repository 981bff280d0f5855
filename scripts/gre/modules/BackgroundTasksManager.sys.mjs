// SPDX-License-Identifier: MPL-2.0
// The exit codes of a background task.
//
// A task's own codes lie above LAST_RESERVED and up to 127.

export const EXIT_CODE = {
  /** The task ran and returned 0, or nothing. */
  SUCCESS: 0,
  /** No module of the task's name, or one that cannot be loaded. */
  NOT_FOUND: 2,
  /** The task threw, or its promise was rejected. */
  EXCEPTION: 3,
  /** The task was not done in time. */
  TIMEOUT: 4,
  LAST_RESERVED: 10,
};
