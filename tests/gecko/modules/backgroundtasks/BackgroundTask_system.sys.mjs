// Facts of this machine, as Services has them.
export async function runBackgroundTask() {
  const { locale, sysinfo } = Services;
  for (const name of ["name", "arch", "version", "pagesize", "pageshift", "memmapalign", "memsize", "umask", "distro",
    "distroVersion", "distroDesc", "hasMMX", "hasSSE", "hasSSE2", "hasSSE3", "hasSSSE3", "hasSSE4A", "hasSSE4_1", "hasSSE4_2",
    "hasAVX", "hasAVX2", "hasAES", "hasEDSP", "hasARMv6", "hasARMv7", "hasNEON", "isPackagedApp", "build", "archbits"]) {
    dump(`${name} ${JSON.stringify(sysinfo.get(name))}\n`);
  }
  const { count, vendor, name, family, model, stepping } = await sysinfo.processInfo;
  dump(`${JSON.stringify([count, vendor, name, family, model, stepping])}\n`);
  dump(`${locale.requestedLocale} ${locale.regionalPrefsLocales}\n`);
}
