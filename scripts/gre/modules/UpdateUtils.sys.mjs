// SPDX-License-Identifier: MPL-2.0
// What an update server is told about this installation.

/** Instruction sets by Services.sysinfo, the best first. */
const INSTRUCTION_SETS = ["SSE4_2", "SSE4_1", "SSE4A", "SSSE3", "SSE3", "SSE2", "SSE", "MMX", "NEON"];

async function readProc(path) {
  try {
    return new TextDecoder().decode(await IOUtils.read(path, { maxBytes: 65536 }));
  } catch (error) {
    return "";
  }
}

export const UpdateUtils = {
  get UpdateChannel() {
    return Services.appinfo.defaultUpdateChannel;
  },

  get Locale() {
    const requested = Services.prefs.getStringPref("intl.locale.requested", "").split(",")[0].trim();
    return requested || "en-US";
  },

  get ABI() {
    return Services.appinfo.XPCOMABI;
  },

  /** Percent-encoded already, as in Gecko: update servers get it encoded twice. */
  async getOSVersion() {
    const release = (await readProc("/proc/sys/kernel/osrelease")).trim();
    return encodeURIComponent(`${Services.appinfo.OS} ${release || "unknown"}`);
  },

  /** The best instruction set and the memory in MiB: "ISET:SSE4_2,MEM:7954". */
  async getSystemCapabilities() {
    const best = INSTRUCTION_SETS.find(name => Services.sysinfo.get(`has${name}`)) ?? "unknown";
    const total = /^MemTotal:\s*([0-9]+) kB/m.exec(await readProc("/proc/meminfo"));
    return `ISET:${best},MEM:${total ? Math.round(Number(total[1]) / 1024) : "unknown"}`;
  },

  /** Each %NAME% becomes its value, made safe for a URL; that of an unknown name stays, with its % encoded. */
  async formatUpdateURL(url) {
    const { appinfo, prefs } = Services;
    const values = {
      PRODUCT: () => appinfo.name,
      VERSION: () => appinfo.version,
      BUILD_ID: () => appinfo.appBuildID,
      BUILD_TARGET: () => `${appinfo.OS}_${this.ABI}`,
      LOCALE: () => this.Locale,
      CHANNEL: () => this.UpdateChannel,
      OS_VERSION: () => this.getOSVersion(),
      PLATFORM_VERSION: () => appinfo.platformVersion,
      SYSTEM_CAPABILITIES: () => this.getSystemCapabilities(),
      DISTRIBUTION: () => appinfo.distributionID,
      DISTRIBUTION_VERSION: () => prefs.getDefaultBranch("").getStringPref("distribution.version", "default"),
    };
    const found = new Map();
    for (const [whole, name] of url.matchAll(/%(\w+)%/g)) {
      found.set(whole, encodeURIComponent(Object.hasOwn(values, name) ? await values[name]() : whole));
    }
    return url.replace(/%\w+%/g, whole => found.get(whole));
  },
};
