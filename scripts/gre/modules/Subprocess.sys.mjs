// SPDX-License-Identifier: MPL-2.0
// Programs that a task starts: their pipes and their end.
//
// In a run of the daemon, and with --sandbox, the task's file must say Subprocess=yes.

const { env, files, processes } = import.meta.native;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const EXECUTABLE = 1;
const SIGKILL = 9;
const SIGTERM = 15;
const EBADF = 9;
const EPIPE = 32;

/** Codes of errors, as errorCode. */
const ERROR_END_OF_FILE = 0xff7a0001;
const ERROR_INVALID_JSON = 0xff7a0002;
const ERROR_BAD_EXECUTABLE = 0xff7a0003;
const ERROR_INVALID_OPTION = 0xff7a0004;

const KILL_TIMEOUT_MS = 300;
const STDERR = { ignore: 0, pipe: 1, stdout: 2 };

function makeError(message, errorCode) {
  return Object.assign(new Error(message), { errorCode });
}

function closed() {
  return makeError("File closed", ERROR_END_OF_FILE);
}

/** Throw for what a pipe answers that is no success. */
function checkPipe(result) {
  if (result === -EPIPE || result === -EBADF) {
    throw closed();
  }
  if (typeof result == "number" && result < 0) {
    throw makeError(`The pipe failed (errno ${-result})`, ERROR_END_OF_FILE);
  }
  return result;
}

/** A pipe; what is asked of it is done one after another. */
class Pipe {
  #last = Promise.resolve();
  fd;
  closed = false;

  constructor(fd) {
    this.fd = fd;
  }

  _inTurn(run) {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  async _close(force) {
    if (this.closed) {
      throw closed();
    }
    this.closed = true;
    if (!force) {
      await this.#last;
    }
    processes.close(this.fd);
    return {};
  }
}

/** A program's standard input. */
class InputPipe extends Pipe {
  /** Write a string, as UTF-8, an ArrayBuffer or a view of one; { bytesWritten } when all is written. */
  async write(content) {
    if (this.closed) {
      throw closed();
    }
    const bytes = typeof content == "string" ? content : new Uint8Array(content.buffer ?? content).slice();
    return this._inTurn(async () => ({ bytesWritten: checkPipe(await processes.write(this.fd, bytes)) }));
  }

  /** The program reads to the end of what was written. @force: what is not yet written never will be. */
  close(force = false) {
    return this._close(force);
  }
}

/** What a program prints. */
class OutputPipe extends Pipe {
  async #read(length) {
    if (length === null) {
      return checkPipe(await processes.read(this.fd, 0));
    }
    const result = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const piece = checkPipe(await processes.read(this.fd, length - at));
      if (piece.length == 0) {
        throw closed();
      }
      result.set(piece, at);
      at += piece.length;
    }
    return result;
  }

  /**
   * An ArrayBuffer of @length bytes, an error if there are not as many; without a length what there is, as soon as there
   * is any: it is empty at the end.
   */
  async read(length = null) {
    if (length !== null && !(Number.isInteger(length) && length >= 0)) {
      throw new RangeError("Length must be an integer of 0 or more");
    }
    if (this.closed) {
      throw closed();
    }
    return this._inTurn(async () => (await this.#read(length)).buffer);
  }

  async readString(length = null, options = {}) {
    return new TextDecoder("utf-8", options).decode(await this.read(length));
  }

  /** The value of @length bytes of JSON. */
  async readJSON(length = null) {
    const text = await this.readString(length);
    try {
      return JSON.parse(text);
    } catch (error) {
      error.errorCode = ERROR_INVALID_JSON;
      throw error;
    }
  }

  /** A number of 32 bits, in the machine's order. */
  async readUint32() {
    return new Uint32Array(await this.read(4))[0];
  }

  close() {
    return this._close(true);
  }
}

/** A program that runs, or has run. */
class Process {
  exitCode = null;

  constructor([pid, stdin, stdout, stderr]) {
    this.pid = pid;
    this.stdin = new InputPipe(stdin);
    this.stdout = new OutputPipe(stdout);
    if (stderr >= 0) {
      this.stderr = new OutputPipe(stderr);
    }
    this.exitPromise = processes.wait(pid).then(exitCode => {
      this.exitCode = exitCode;
      return { exitCode };
    });
  }

  /** { exitCode }, once it has ended; negative: the signal that ended it. */
  wait() {
    return this.exitPromise;
  }

  /** SIGTERM, and SIGKILL @timeoutMs later; 0: at once. { exitCode }. */
  async kill(timeoutMs = KILL_TIMEOUT_MS) {
    if (timeoutMs > 0) {
      processes.kill(this.pid, SIGTERM);
      const timer = setTimeout(() => processes.kill(this.pid, SIGKILL), timeoutMs);
      try {
        return await this.exitPromise;
      } finally {
        clearTimeout(timer);
      }
    }
    processes.kill(this.pid, SIGKILL);
    return this.exitPromise;
  }
}

function isExecutable(path) {
  if (!path.startsWith("/")) {
    return false;
  }
  const status = files.probe(path, true);
  return typeof status != "number" && (status[0] & S_IFMT) == S_IFREG && files.access(path, EXECUTABLE) == 0;
}

function checkExecutable(path) {
  if (!isExecutable(path)) {
    throw makeError(`File at path "${path}" does not exist, or is not executable`, ERROR_BAD_EXECUTABLE);
  }
}

function getEnvironment() {
  return Object.fromEntries(
    processes.environment().map(assignment => {
      const at = assignment.indexOf("=", 1);
      return at < 0 ? [assignment, ""] : [assignment.slice(0, at), assignment.slice(at + 1)];
    })
  );
}

/** "NAME=VALUE" lines of what call() is to give the program; null: the run's own. */
function environmentLines({ environment, environmentAppend }) {
  if (environment === undefined || environment === null) {
    return null;
  }
  const all = { ...(environmentAppend ? getEnvironment() : {}), ...environment };
  return Object.entries(all).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${value}`);
}

function checkAllowed() {
  if (!processes.allowed()) {
    throw new Error(`Subprocess: programs can be started only with Subprocess=yes in ${env.facts().task}.task`);
  }
}

export const Subprocess = {
  ERROR_END_OF_FILE,
  ERROR_INVALID_JSON,
  ERROR_BAD_EXECUTABLE,
  ERROR_INVALID_OPTION,

  /**
   * Start a program; its Process.
   * @param {object} options
   *   command: its absolute path
   *   arguments: strings
   *   environment: values by name, in place of the run's, or with environmentAppend beside it; null: not at all
   *   workdir: where it begins; else where the run is
   *   stderr: "ignore", it goes where the run's goes; "pipe"; "stdout", with that
   */
  async call(options = {}) {
    checkAllowed();
    const { command, workdir = null, stderr = "ignore" } = options;
    const path = String(command);
    checkExecutable(path);
    const args = [path, ...(options.arguments ?? [])].map(String);
    const result = processes.spawn(path, args, environmentLines(options), workdir ?? "", STDERR[stderr] ?? STDERR.ignore);
    if (typeof result == "number") {
      const where = workdir === null ? "" : ` in "${workdir}"`;
      throw makeError(`"${path}" could not be started${where} (errno ${-result})`, ERROR_BAD_EXECUTABLE);
    }
    return new Process(result);
  },

  /** The environment that programs get. */
  getEnvironment,

  /** The absolute path of the program @name, looked for in PATH of @environment. */
  async pathSearch(name, environment = getEnvironment()) {
    if (name.startsWith("/")) {
      checkExecutable(name);
      return name;
    }
    const directories = (environment.PATH ?? "").split(":").filter(directory => directory.startsWith("/"));
    const found = name && directories.map(directory => PathUtils.join(directory, name)).find(isExecutable);
    if (!found) {
      throw makeError(`Executable not found: ${name}`, ERROR_BAD_EXECUTABLE);
    }
    return found;
  },

  connectRunning() {
    throw Components.Exception("Subprocess.connectRunning is not implemented", Cr.NS_ERROR_NOT_IMPLEMENTED);
  },
};
