// SPDX-License-Identifier: MPL-2.0
// Submits a ping that somebody has stored.
//
// There is no telemetry of our own: what is here is what the task pingsender needs.

const { bytes } = import.meta.native;

const TIMEOUT_MS = 30 * 1000;
const TAKEN = 200;

/**
 * POST the text @ping (JSON) to @endpoint, compressed. @headers: further ones, by name. Resolves to the event "load" of the
 * XMLHttpRequest when the server has taken it (200); else rejects with the event that it ended with: "load" as well when there
 * is an answer, "error", "abort" or "timeout".
 */
export async function sendStandalonePing(endpoint, ping, headers = {}) {
  const request = new XMLHttpRequest();
  request.timeout = TIMEOUT_MS;
  request.open("POST", endpoint);
  const all = {
    "Content-Type": "application/json; charset=UTF-8",
    "Content-Encoding": "gzip",
    Date: new Date().toUTCString(),
  };
  for (const [name, value] of [...Object.entries(all), ...Object.entries(headers ?? {})]) {
    request.setRequestHeader(name, value);
  }
  const body = await bytes.gzip(new TextEncoder().encode(ping));
  return new Promise((resolve, reject) => {
    request.onload = event => (request.status == TAKEN ? resolve : reject)(event);
    request.onerror = request.onabort = request.ontimeout = reject;
    request.send(body);
  });
}
