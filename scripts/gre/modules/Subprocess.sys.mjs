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
/** How much of what a program that has ended printed is kept; more only if it left others that go on printing. */
const DRAIN_MAX_BYTES = 1024 * 1024;
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

/** The bytes that write() was given, copied: a string stays one. */
function bytesOf(content) {
  if (typeof content == "string") {
    return content;
  }
  if (ArrayBuffer.isView(content)) {
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength).slice();
  }
  if (Object.prototype.toString.call(content) != "[object ArrayBuffer]") {
    throw new TypeError("write() takes a string, an ArrayBuffer or a view of one");
  }
  return new Uint8Array(content).slice();
}

/** A pipe; what is asked of it is done one after another. */
class Pipe {
  #last = Promise.resolve();
  /** Whether the task is done with it; its end of the program may be open still. */
  closed = false;
  #fd;

  constructor(fd) {
    this.#fd = fd;
  }

  /** -1: it is closed. */
  get _fd() {
    return this.#fd;
  }

  _inTurn(run) {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Give the descriptor back; once. */
  _release() {
    if (this.#fd >= 0) {
      const fd = this.#fd;
      this.#fd = -1;
      processes.close(fd);
    }
  }

  async _close(force) {
    if (this.closed) {
      throw closed();
    }
    this.closed = true;
    if (!force) {
      await this.#last;
    }
    this._release();
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
    const bytes = bytesOf(content);
    return this._inTurn(async () => {
      const result = this._fd < 0 ? -EBADF : await processes.write(this._fd, bytes);
      return { bytesWritten: checkPipe(result) };
    });
  }

  /** The program reads to the end of what was written. @force: what is not yet written never will be. */
  close(force = false) {
    return this._close(force);
  }

  /** The program has ended. */
  _ended() {
    this.closed = true;
    this._release();
  }
}

/** What a program prints. What was read beyond what was asked for is kept for the next. */
class OutputPipe extends Pipe {
  #pieces = [];
  #available = 0;
  #ended = false;
  #filling = null;
  #decoder = new TextDecoder();

  /** Read what there is, once. */
  async #readPiece() {
    const piece = checkPipe(this._fd < 0 ? -EBADF : await processes.read(this._fd, 0));
    if (piece.length == 0) {
      this.#ended = true;
      this._release();
      return;
    }
    this.#pieces.push(piece);
    this.#available += piece.length;
  }

  #fill() {
    this.#filling ??= this.#readPiece().finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  /** The first @length of the bytes that there are. */
  #take(length) {
    const result = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const [piece] = this.#pieces;
      const part = piece.subarray(0, length - at);
      result.set(part, at);
      at += part.length;
      if (part.length < piece.length) {
        this.#pieces[0] = piece.subarray(part.length);
      } else {
        this.#pieces.shift();
      }
    }
    this.#available -= length;
    return result;
  }

  async #read(length) {
    const wanted = length ?? 1;
    while (this.#available < wanted && !this.#ended) {
      await this.#fill();
    }
    if (length !== null && this.#available < length) {
      throw closed();
    }
    return this.#take(length ?? this.#available);
  }

  /**
   * An ArrayBuffer of @length bytes, an error if there are not as many; without a length what there is, as soon as there
   * is any: it is empty at the end.
   */
  read(length = null) {
    if (length !== null && !(Number.isInteger(length) && length >= 0)) {
      throw new RangeError("Length must be a non-negative integer");
    }
    return this.closed ? Promise.reject(closed()) : this._inTurn(async () => (await this.#read(length)).buffer);
  }

  /** The same as text. Without a length a character of which a part has come is given when the rest has. */
  async readString(length = null, options = { stream: length === null }) {
    return this.#decoder.decode(await this.read(length), options);
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

  async close() {
    if (this.#ended && this.#available == 0) {
      throw closed();
    }
    return this._close(true);
  }

  /** The program has ended: what it has left in the pipe is kept, and the descriptor given back, read or not. */
  async _drain() {
    try {
      while (!this.#ended && this.#available < DRAIN_MAX_BYTES) {
        await this.#fill();
      }
    } catch (error) {
      this._release(); // closed by the task, or broken: whoever reads is told
    }
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
      this.stdin._ended();
      this.stdout._drain();
      this.stderr?._drain();
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
  const environment = Object.create(null);
  for (const assignment of processes.environment()) {
    const at = assignment.indexOf("=", 1);
    environment[at < 0 ? assignment : assignment.slice(0, at)] = at < 0 ? "" : assignment.slice(at + 1);
  }
  return environment;
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
    notImplemented("Subprocess.connectRunning");
  },
};

function notImplemented(what) {
  throw Components.Exception(`${what} is not implemented`, Cr.NS_ERROR_NOT_IMPLEMENTED);
}

/** Firefox's tests look into its own with it. */
export function getSubprocessImplForTest() {
  notImplemented("getSubprocessImplForTest");
}
