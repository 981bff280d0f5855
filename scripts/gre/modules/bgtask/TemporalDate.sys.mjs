// SPDX-License-Identifier: MPL-2.0
// What Temporal adds to Date.

import { make } from "resource://gre/modules/bgtask/TemporalObjects.sys.mjs";
import "resource://gre/modules/bgtask/Temporal.sys.mjs";

const { getTime } = Date.prototype;

export const members = {
  "Date.prototype": {
    toTemporalInstant() {
      const ms = Reflect.apply(getTime, this, []);
      if (Number.isNaN(ms)) {
        throw new RangeError("The date is not valid");
      }
      return make("Instant", { epochNs: BigInt(ms) * 1_000_000n });
    },
  },
};
