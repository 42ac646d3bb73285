"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { fetchWheel } = require("./archive.cjs");
const { Missing, fingerprint, stamp, stamped } = require("./parts.cjs");
const { findPython } = require("./python.cjs");
const { run, reason } = require("./run.cjs");

const VERSION = "3.2.0";
const cpu = (platform, sha256) => ({ project: "xgboost-cpu", version: VERSION, platform, file: `xgboost_cpu-${VERSION}-py3-none-${platform}.whl`, sha256 });
const mac = (platform, sha256) => ({ ...cpu(platform, sha256), project: "xgboost", file: `xgboost-${VERSION}-py3-none-${platform}.whl` });

/** The wheel of each machine, of which only the library is used. The GPU-free `xgboost-cpu` has none for macOS, where `xgboost` is as small. */
const WHEELS = {
  "linux-x64": cpu("manylinux_2_28_x86_64", "9c10b1653e1a689bf4094a328144cf3633c9be0e5217a76fbdc2fde6abcb2950"),
  "linux-arm64": cpu("manylinux_2_28_aarch64", "896b9e2bc52ec0921edf92ddd1cebedf47032e94992b7aca0293524d380ce6e9"),
  "win32-x64": cpu("win_amd64", "bfe72e42f73d2c6870a1a8b75324d56ae86ddad9abd4dccefeb36f2c3196dd48"),
  "darwin-arm64": mac("macosx_12_0_arm64", "eabbd40d474b8dbf6cb3536325f9150b9e6f0db32d18de9914fb3227d0bef5b7"),
  "darwin-x64": mac("macosx_10_15_x86_64", "2f661966d3e322536d9c448090a870fcba1e32ee5760c10b7c46bac7a342079a"),
};

/** The library finds its OpenMP by its own place, so the two folders keep theirs. */
const EXTRACT = `
import sys, zipfile
archive, out = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    for name in z.namelist():
        if name.startswith(("xgboost/lib/", "xgboost_cpu.libs/")) or name.endswith(("LICENSE", "METADATA")):
            z.extract(name, out)
`;
const SMOKE = `const koffi = require("koffi"); const v = [[0], [0], [0]];
koffi.load(process.argv[1]).func("void XGBoostVersion(_Out_ int *a, _Out_ int *b, _Out_ int *c)")(...v); process.stdout.write(v.join("."));`;
const WITHOUT = "without it model xgboost is left out";

/** Why there is no XGBoost library for a machine, or null. */
function unsupported(platform = process.platform, arch = process.arch) {
  return WHEELS[`${platform}-${arch}`] ? null : `there is no XGBoost wheel for ${platform}-${arch}`;
}

/** The file to load below the folder that a wheel was unpacked into. */
function libraryFile(folder, platform = process.platform) {
  const name = { win32: "xgboost.dll", darwin: "libxgboost.dylib" }[platform] ?? "libxgboost.so";
  return path.join(folder, "xgboost", "lib", name);
}

/** XGBoost's C library out of its wheel: 6 MB, downloaded once, its checksum verified, and its version asked of it. */
function xgboostLibrary(context) {
  const folder = path.join(context.cache, "xgboost");
  const stampFile = path.join(folder, ".setup-stamp");
  const spec = WHEELS[`${process.platform}-${process.arch}`];
  const made = () => fingerprint([spec?.sha256 ?? "none"]);
  return {
    what: "XGBoost library",
    inPlace: () => stamped(stampFile, made()) && fs.existsSync(libraryFile(folder)),
    async make(others) {
      const fail = (why, cure) => {
        throw new Missing(why, `${cure}; ${WITHOUT}`);
      };
      const why = unsupported();
      if (why) fail(why, "build libxgboost 3 and name it with TAMRL_XGBOOST");
      const archive = path.join(context.cache, spec.file);
      const out = `${folder}.tmp-${process.pid}`;
      try {
        await fetchWheel(context, spec, archive, others, fail);
        fs.rmSync(out, { recursive: true, force: true });
        const { code, tail } = await run(context, findPython(), ["-c", EXTRACT, archive, out]);
        if (code !== 0) fail(`unpacking failed (${reason(tail)})`, "make 50 MB of disk free, then run npm run setup");
        const asked = spawnSync(process.execPath, ["-e", SMOKE, libraryFile(out)], { cwd: context.root, encoding: "utf8" });
        if (asked.stdout !== VERSION) fail(`it does not load (${reason(asked.stderr ?? "")})`, process.platform === "darwin" ? "install OpenMP (brew install libomp), then run npm run setup" : "a C library as of glibc 2.28 and koffi's binary are needed; then run npm run setup");
        stamp(path.join(out, ".setup-stamp"), made());
        fs.rmSync(folder, { recursive: true, force: true });
        fs.renameSync(out, folder);
      } finally {
        fs.rmSync(out, { recursive: true, force: true });
        fs.rmSync(archive, { force: true });
      }
    },
  };
}

module.exports = { xgboostLibrary, unsupported, libraryFile, WHEELS };
