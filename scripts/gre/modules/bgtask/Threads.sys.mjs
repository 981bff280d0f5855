// SPDX-License-Identifier: MPL-2.0
// Services.tm and nsITimer. There is one thread; dispatching puts a call at the end of the event loop's queue. Who waits for
// something in the loop (spinEventLoopUntil) is waited for by whatever of the task called it; its timeout ends it.

import { defineXpcomClass, errors, fail, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { timers } = import.meta.native;

/** Call @object, a function or what has a function @method. An object without it is called in vain, as in Gecko. */
function call(object, method, ...args) {
  if (typeof object == "function") {
    return object(...args);
  }
  const called = object[method];
  return typeof called == "function" ? Reflect.apply(called, object, args) : undefined;
}

function dispatch(runnable, where) {
  if (!isObject(runnable)) {
    failConversion(where, 0);
  }
  timers.set(() => call(runnable, "run"), 0, false);
}

function failNoMethod(name, where) {
  const reason = `JavaScript component does not have a method named: "${name}"`;
  const message = `${reason}'${reason}' when calling method: [${where}::${name}]`;
  throw errors().makeException(message, Cr.NS_ERROR_XPC_JSOBJECT_HAS_NO_FUNCTION_NAMED);
}

function spin(condition, where, isOver = () => false) {
  if (!isObject(condition)) {
    failConversion(where, 1);
  }
  if (typeof condition != "function" && typeof condition.isDone != "function") {
    failNoMethod("isDone", "nsINestedEventLoopCondition");
  }
  timers.spin(() => Boolean(call(condition, "isDone")) || isOver());
}

class MainThread {
  dispatch(runnable, flags = 0) {
    dispatch(runnable, "nsIEventTarget.dispatch");
  }

  isOnCurrentThread() {
    return true;
  }

  get priority() {
    return Ci.nsISupportsPriority.PRIORITY_NORMAL;
  }

  get name() {
    return "MainThread";
  }
}
defineXpcomClass(MainThread, ["nsIThread", "nsIEventTarget", "nsISerialEventTarget", "nsISupportsPriority"], {
  nsIEventTarget: { dispatch: 2, isOnCurrentThread: 0 },
});

class ThreadManager {
  #mainThread = new MainThread();

  dispatchToMainThread(runnable) {
    dispatch(runnable, "nsIThreadManager.dispatchToMainThread");
  }

  /** Jobs run after every dispatched call. */
  dispatchToMainThreadWithMicroTask(runnable) {
    dispatch(runnable, "nsIThreadManager.dispatchToMainThreadWithMicroTask");
  }

  get mainThreadEventTarget() {
    return this.#mainThread;
  }

  idleDispatchToMainThread(runnable) {
    dispatch(runnable, "nsIThreadManager.idleDispatchToMainThread");
  }

  /**
   * Run the event loop until @condition (a function, or an object with isDone()) says that it is done. What it throws goes to
   * the caller.
   * @param {string} reason what is waited for
   */
  spinEventLoopUntil(reason, condition) {
    spin(condition, "nsIThreadManager.spinEventLoopUntil");
  }

  /** The same, and no longer than to the shutdown phase. */
  spinEventLoopUntilOrQuit(reason, condition) {
    spin(condition, "nsIThreadManager.spinEventLoopUntilOrQuit", () => Services.startup.shuttingDown);
  }

  /** Run what waits to be run at once, timers that are due among it. */
  spinEventLoopUntilEmpty() {
    timers.spin(null);
  }

  get mainThread() {
    return this.#mainThread;
  }

  get currentThread() {
    return this.#mainThread;
  }
}
defineXpcomClass(ThreadManager, ["nsIThreadManager"], {
  nsIThreadManager: {
    dispatchToMainThread: [1, 2], dispatchToMainThreadWithMicroTask: [1, 2], idleDispatchToMainThread: [1, 2],
    spinEventLoopUntil: 2, spinEventLoopUntilOrQuit: 2, spinEventLoopUntilEmpty: 0,
  },
});

export const threadManager = new ThreadManager();

const ONE_SHOT = 0;

/** nsITimer: a timer that calls a function, an nsITimerCallback or an nsIObserver. */
export class Timer {
  #id = 0;
  #delayMs = 0;
  #type = ONE_SHOT;
  #callback = null;

  #start(run, callback, delayMs, type) {
    this.cancel();
    this.#delayMs = Number(delayMs) >>> 0;
    this.#type = Number(type) >>> 0;
    this.#callback = callback;
    const repeat = this.#type != ONE_SHOT && this.#type != Ci.nsITimer.TYPE_ONE_SHOT_LOW_PRIORITY;
    this.#id = timers.set(() => {
      if (!repeat) {
        this.#id = 0;
        this.#callback = null;
      }
      run();
    }, this.#delayMs, repeat);
  }

  initWithCallback(callback, delayMs, type) {
    if (callback === null) {
      fail("NS_ERROR_ILLEGAL_VALUE", "nsITimer.initWithCallback");
    }
    if (!isObject(callback)) {
      failConversion("nsITimer.initWithCallback", 0);
    }
    this.#start(() => call(callback, "notify", this), callback, delayMs, type);
  }

  init(observer, delayMs, type) {
    if (!isObject(observer)) {
      failConversion("nsITimer.init", 0);
    }
    this.#start(() => call(observer, "observe", this, "timer-callback", null), null, delayMs, type);
  }

  cancel() {
    if (this.#id) {
      timers.clear(this.#id);
    }
    this.#id = 0;
    this.#callback = null;
  }

  get delay() {
    return this.#delayMs;
  }

  /** A change counts from now. */
  set delay(delayMs) {
    const callback = this.#callback;
    if (!this.#id || !callback) {
      fail("NS_ERROR_NOT_INITIALIZED", "nsITimer.delay");
    }
    this.initWithCallback(callback, delayMs, this.#type);
  }

  get type() {
    return this.#type;
  }

  get callback() {
    return this.#callback;
  }
}
defineXpcomClass(Timer, ["nsITimer"], { nsITimer: { init: 3, initWithCallback: 3, cancel: 0 } });
for (const [name, value] of Object.entries(Ci.nsITimer)) {
  Object.defineProperty(Timer.prototype, name, { value, enumerable: true });
}
