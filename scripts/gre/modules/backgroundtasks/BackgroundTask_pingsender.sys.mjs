// SPDX-License-Identifier: MPL-2.0
// pingsender URL FILE [URL FILE]…
//
// POST each stored ping (a file of JSON) to its URL, compressed with gzip, and remove the file when the server has taken
// it (200). So that this is no way out for whatever somebody can read, only two hosts are served: localhost, and the one of the
// preference toolkit.telemetry.server.

import { EXIT_CODE } from "resource://gre/modules/BackgroundTasksManager.sys.mjs";
import { sendStandalonePing } from "resource://gre/modules/TelemetrySend.sys.mjs";
import { reasonOfFailure } from "resource://gre/modules/bgtask/XMLHttpRequest.sys.mjs";

const VERSION = "2.0";
const SERVER = "toolkit.telemetry.server";

function allowedHosts() {
  const server = Services.prefs.getStringPref(SERVER, "");
  return ["localhost", ...(server ? [new URL(server).hostname] : [])];
}

/** What a request to @url ended with, in words. @error: its event, or what was wrong before it was sent */
function describe(url, error) {
  if (!(error instanceof ProgressEvent)) {
    return error;
  }
  const { type, target } = error;
  if (type == "error") {
    return new Error(reasonOfFailure(target));
  }
  const reason = type == "load"
    ? `expected status 200, found ${target.status} ${target.statusText}`
    : `no answer within ${target.timeout / 1000} s`;
  const redirected = target.responseURL && target.responseURL != url ? ` (redirected to ${target.responseURL})` : "";
  return new Error(`${url}${redirected}: ${reason}`);
}

async function sendPing(url, path) {
  const { hostname } = new URL(url);
  if (!allowedHosts().includes(hostname)) {
    throw new Error(`${url}: pings are sent to localhost and the host of ${SERVER} alone`);
  }
  const ping = await IOUtils.readUTF8(path);
  const headers = { "User-Agent": `pingsender/${VERSION}`, "X-PingSender-Version": VERSION };
  try {
    await sendStandalonePing(url, ping, headers);
  } catch (error) {
    throw describe(url, error);
  }
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
