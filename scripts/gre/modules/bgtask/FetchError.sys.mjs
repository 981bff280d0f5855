// SPDX-License-Identifier: MPL-2.0
/*
 * The errors of fetch. Their messages are Gecko's, which never say why; the reason is in `cause`, an Error whose
 * message is one line and whose `code` is a word for programs: "refused", "timeout", "tls", … (http_failure_name()
 * in C), or one of "invalid-url", "not-found", "not-a-file", "redirect", "port", "scheme".
 */

function withCause(message, url, code, reason) {
  const cause = new Error(`${url}: ${reason}`);
  Object.defineProperty(cause, "code", { value: code, configurable: true, writable: true });
  return new TypeError(message, { cause });
}

/** There is no answer. */
export function networkError(url, code, reason) {
  return withCause("NetworkError when attempting to fetch resource.", url, code, reason);
}

/** There is an answer, but not all of its body. */
export function bodyError(url, code, reason) {
  const messages = {
    closed: "Content-Length header of network response exceeds response Body.",
    encoding: "Decoding failed.",
  };
  return withCause(messages[code] ?? "Error in body stream", url, code, reason);
}

/** The same, of a body that is read as a stream. */
export function streamError(url, code, reason) {
  return withCause("Error in input stream", url, code, reason);
}
