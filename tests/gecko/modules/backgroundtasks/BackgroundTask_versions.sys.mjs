// SPDX-License-Identifier: MPL-2.0
// Services.vc.

export const backgroundTaskMinRuntimeMS = 1;

const VERSIONS = [
  "", "0", "1", "1.", "1.0", "1.0.0", "1.0pre", "1.0pre1", "1.0pre2", "1.0pre10", "1.0+", "1+", "1.1pre", "1.1pre0", "1.0a", "1.0b2",
  "1.0b10", "1.-1", "1.*", "*", "2", "10", "1.10", "1.9", "01", "1.0 ", "1..1", "a", "1a2b", "1a2c", "1.0.0.0a1",
];

export async function runBackgroundTask() {
  for (const a of VERSIONS) {
    dump(`${JSON.stringify(a)}: ${VERSIONS.map(b => "<=>"[Math.sign(Services.vc.compare(a, b)) + 1]).join("")}\n`);
  }
}
