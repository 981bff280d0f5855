// SPDX-License-Identifier: MPL-2.0
// What an XMLHttpRequest has received so far: text, decoded as it comes, or bytes. And when that is told of.

const PROGRESS_INTERVAL_MS = 50;

function decoderFor(charset) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

export class ReceivedBody {
  size = 0;
  #decoder;
  #text = "";
  #chunks = [];

  /** @charset: a label, an unknown one means UTF-8; null: there are bytes and no text. */
  constructor(charset) {
    this.#decoder = charset === null ? null : decoderFor(charset);
  }

  add(bytes) {
    this.size += bytes.length;
    if (this.#decoder) {
      this.#text += this.#decoder.decode(bytes, { stream: true });
    } else {
      this.#chunks.push(bytes);
    }
  }

  /** That was all: what a character lacks does not come any more. */
  end() {
    this.#text += this.#decoder?.decode() ?? "";
  }

  get text() {
    return this.#text;
  }

  get bytes() {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** Calls @tell at once for the first of what comes, and then once for whatever comes within a while. */
export class ProgressTimer {
  #tell;
  #timer = 0;
  #pending = false;

  constructor(tell) {
    this.#tell = tell;
  }

  note() {
    if (this.#timer) {
      this.#pending = true;
      return;
    }
    this.#pending = false;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#pending) {
        this.note();
      }
    }, PROGRESS_INTERVAL_MS);
    this.#tell();
  }

  /** Whether something has come that was not told of. */
  stop() {
    clearTimeout(this.#timer);
    const pending = this.#pending;
    this.#timer = 0;
    this.#pending = false;
    return pending;
  }
}
