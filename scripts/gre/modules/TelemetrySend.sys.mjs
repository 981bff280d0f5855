// SPDX-License-Identifier: MPL-2.0
// Submits a ping that somebody has stored.
//
// There is no telemetry of our own: what is here is what the task pingsender needs.

const { bytes } = import.meta.native;

/**
 * POST the text @ping (JSON) to @endpoint, compressed. @headers: further ones, by name. Resolves when the server has taken
 * it (2xx); else rejects with an Error.
 */
export async function sendStandalonePing(endpoint, ping, headers = {}) {
  const body = await bytes.gzip(new TextEncoder().encode(ping));
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/json; charset=UTF-8",
      "Content-Encoding": "gzip",
      ...headers,
    },
    body,
  });
  if (!response.ok) {
    throw new Error(`${endpoint}: expected a status of 2xx, found ${response.status} ${response.statusText}`);
  }
}
