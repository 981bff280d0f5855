// SPDX-License-Identifier: MPL-2.0
// Services.sysinfo: facts of the system in a property bag, with the names that Gecko gives them. What the kernel does not
// tell (in a sandbox /proc may show little) is not in it.

import { PropertyBag } from "resource://gre/modules/bgtask/PropertyBag.sys.mjs";
import { defineXpcomClass } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { env, files } = import.meta.native;

const FEATURES = [
  "hasMMX", "hasSSE", "hasSSE2", "hasSSE3", "hasSSSE3", "hasSSE4A", "hasSSE4_1", "hasSSE4_2", "hasAVX", "hasAVX2", "hasAES",
  "hasEDSP", "hasARMv6", "hasARMv7", "hasNEON",
];

/** The text of a file of the system; "" when it cannot be read. */
function readText(path) {
  const content = files.read(path, 0, 1024 * 1024);
  return typeof content == "number" ? "" : new TextDecoder().decode(content);
}

/** "key : value" lines of the first processor. */
function firstProcessor() {
  const [first] = readText("/proc/cpuinfo").split("\n\n");
  return new Map(first.split("\n").map(line => line.split(/\s*:\s*/, 2)));
}

/** os-release as a Map. */
function distribution() {
  const lines = readText("/etc/os-release").split("\n").map(line => /^([A-Z_]+)=(["']?)(.*)\2$/.exec(line)).filter(Boolean);
  return new Map(lines.map(([, key, , value]) => [key, value]));
}

function memoryBytes() {
  const [, kibibytes] = /^MemTotal:\s*(\d+) kB/m.exec(readText("/proc/meminfo")) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function collect() {
  const { machine, pageSize, systemBuild, systemName, systemRelease } = env.facts();
  const features = env.processorFeatures();
  const release = distribution();
  const values = {
    name: systemName,
    version: systemRelease,
    build: systemBuild,
    arch: machine.replace("_", "-"),
    archbits: /64/.test(machine) ? 64 : 32,
    pagesize: pageSize,
    pageshift: Math.log2(pageSize),
    memmapalign: pageSize,
    memsize: memoryBytes(),
    umask: files.umask(),
    distro: release.get("NAME")?.split(" ")[0],
    distroDesc: release.get("PRETTY_NAME"),
    distroVersion: release.get("VERSION_ID"),
    isPackagedApp: false,
    hasSeccompBPF: /^Seccomp:/m.test(readText("/proc/self/status")),
  };
  for (const name of FEATURES) {
    values[name] = features.includes(name);
  }
  return Object.entries(values).filter(([, value]) => value !== undefined);
}

function countProcessors() {
  return Math.max(1, readText("/proc/cpuinfo").split(/^processor\s*:/m).length - 1);
}

class SystemInfo extends PropertyBag {
  constructor() {
    super();
    for (const [name, value] of collect()) {
      this.setProperty(name, value);
    }
  }

  get diskInfo() {
    return null;
  }

  get countryCode() {
    return null;
  }

  get osInfo() {
    return null;
  }

  /** Resolves with what is known of the processors. */
  get processInfo() {
    const cpu = firstProcessor();
    const number = key => Number.parseInt(cpu.get(key) ?? "0", 10) || 0;
    const count = countProcessors();
    const cores = number("cpu cores") || count;
    return Promise.resolve({
      count, cores, pcount: cores, mcount: 0, ecount: 0, vendor: cpu.get("vendor_id") ?? null, name: cpu.get("model name") ?? null,
      family: number("cpu family"), model: number("model"), stepping: number("stepping"), l2cacheKB: number("cache size"),
      l3cacheKB: 0, speedMHz: number("cpu MHz"),
    });
  }
}
defineXpcomClass(SystemInfo, [
  "nsIPropertyBag2", "nsISystemInfo", "nsIWritablePropertyBag2", "nsIWritablePropertyBag", "nsIPropertyBag",
]);
SystemInfo.prototype.toString = () => "[xpconnect wrapped (nsIPropertyBag2, nsISystemInfo)]";

export const sysinfo = new SystemInfo();
