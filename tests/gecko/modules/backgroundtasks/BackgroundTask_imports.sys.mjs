// SPDX-License-Identifier: MPL-2.0
// Imports each module that a file lists, one URL a line. Further arguments, NAME=DIRECTORY: what resource://NAME/ is.

import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

/** What modules do after they were imported, they do within this. */
const AFTERWARDS_MS = 500;

function substitute(name, directory) {
  const handler = Services.io.getProtocolHandler("resource").QueryInterface(Ci.nsIResProtocolHandler);
  handler.setSubstitution(name, Services.io.newURI(`file://${directory}/`));
}

function importOne(url) {
  try {
    ChromeUtils.importESModule(url);
    dump(`${url} @@imported\n`);
  } catch (error) {
    dump(`${url} @@failed ${String(error).replaceAll("\n", " ")}\n`);
  }
}

export async function runBackgroundTask(commandLine) {
  for (let index = 1; index < commandLine.length; index++) {
    const [name, directory] = commandLine.getArgument(index).split("=");
    substitute(name, directory);
  }
  (await IOUtils.readUTF8(commandLine.getArgument(0))).split("\n").forEach(importOne);
  await new Promise(resolve => setTimeout(resolve, AFTERWARDS_MS));
  return 0;
}
