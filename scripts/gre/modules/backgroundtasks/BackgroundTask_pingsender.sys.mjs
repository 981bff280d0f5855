// SPDX-License-Identifier: MPL-2.0
// pingsender URL FILE [URL FILE]…
//
// POST each stored ping (a file of JSON) to its URL, compressed with gzip, and remove the file when the server has taken
// it. So that this is no way out for whatever somebody can read, only two hosts are served: localhost, and the one of the
// preference toolkit.telemetry.server.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import { sendStandalonePing } from "resource://gre/modules/TelemetrySend.sys.mjs";

const VERSION = "2.0";
const SERVER = "toolkit.telemetry.server";

function allowedHosts() {
  const server = Services.prefs.getStringPref(SERVER, "");
  return ["localhost", ...(server ? [new URL(server).hostname] : [])];
}

async function sendPing(url, path) {
  const { hostname } = new URL(url);
  if (!allowedHosts().includes(hostname)) {
    throw new Error(`${url}: pings are sent to localhost and the host of ${SERVER} alone`);
  }
  await sendStandalonePing(url, await IOUtils.readUTF8(path), {
    "User-Agent": `pingsender/${VERSION}`,
    "X-PingSender-Version": VERSION,
  });
  await IOUtils.remove(path);
}

export async function runBackgroundTask(commandLine) {
  const pairs = [];
  for (let index = 0; index < commandLine.length; index += 2) {
    pairs.push([commandLine.getArgument(index), commandLine.getArgument(index + 1)]);
  }
  // One that fails does not keep the others; the first failure is the task's.
  const results = await Promise.allSettled(pairs.map(([url, path]) => sendPing(url, path)));
  const failed = results.find(result => result.status == "rejected");
  if (failed) {
    throw failed.reason;
  }
  return EXIT_CODE.SUCCESS;
}
