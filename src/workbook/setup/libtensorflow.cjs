"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { fetchWheel } = require("./archive.cjs");
const { FLAVOURS, rememberFlavour } = require("./flavours.cjs");
const { Missing, fingerprint, sha256, stamp, stamped } = require("./parts.cjs");
const { findPython } = require("./python.cjs");
const { run, reason } = require("./run.cjs");

// The GPU flavour's libraries look for NVIDIA's at ../nvidia from where they lie, so these go beside lib/ and no path must be set.
// cuDNN looks for nvrtc in a folder of another name than its wheel has.
const EXTRACT = `
import sys, zipfile, shutil, os
archive, out, *others = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    for name in z.namelist():
        if name.startswith("tensorflow/include/"):
            z.extract(name, os.path.join(out, "unpacked"))
    os.makedirs(os.path.join(out, "lib"))
    for lib in ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2"):
        with z.open("tensorflow/" + lib) as source, open(os.path.join(out, "lib", lib), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
os.rename(os.path.join(out, "unpacked", "tensorflow", "include"), os.path.join(out, "include"))
shutil.rmtree(os.path.join(out, "unpacked"))
os.symlink("libtensorflow_cc.so.2", os.path.join(out, "lib", "libtensorflow.so"))
os.symlink("libtensorflow_framework.so.2", os.path.join(out, "lib", "libtensorflow_framework.so"))
for other in others:
    with zipfile.ZipFile(other) as z:
        for name in z.namelist():
            if name.split("/")[0] == "nvidia" and name.split("/")[2:3] == ["lib"]:
                z.extract(name, out)
if os.path.isdir(os.path.join(out, "nvidia", "cuda_nvrtc")):
    os.symlink("cuda_nvrtc", os.path.join(out, "nvidia", "nvrtc"))
`;

/** The package whose addon we build, and its folder for libtensorflow. */
function addonPackage(root) {
  return path.join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
}

/** Why there is no libtensorflow for this machine, or null. */
function unsupported(platform = process.platform, arch = process.arch) {
  return platform === "linux" && arch === "x64" ? null : `there is no libtensorflow for ${platform}-${arch} in the wheel`;
}

/** The wheels of the flavour in the project's cache: downloaded once, their checksums verified. */
function wheel(context) {
  const all = FLAVOURS[context.flavour].map((spec) => {
    const file = path.join(context.cache, spec.file);
    return { spec, file, stampFile: `${file}.sha256`, mark: () => `${spec.sha256} ${fs.statSync(file).size}` };
  });
  const had = ({ file, stampFile, mark }) => fs.existsSync(file) && stamped(stampFile, mark());
  return {
    what: "libtensorflow",
    inPlace: () => all.every(had),
    async make(others) {
      const fail = (why, cure) => {
        throw new Missing(why, `${cure}; ${context.flavour === "gpu" ? "what is there already stays in use" : "without it the slower wasm backend is used"}`);
      };
      const why = unsupported();
      if (why) fail(why, "use Linux on x86-64 for the fast backend");
      for (const one of all.filter((w) => !had(w))) {
        await fetchWheel(context, one.spec, one.file, others, fail);
        stamp(one.stampFile, one.mark());
      }
    },
  };
}

/** Refuses archives that have changed since they were fetched, and forgets them, so that the next set-up fetches them again. */
function verify(context) {
  for (const spec of FLAVOURS[context.flavour]) {
    const file = path.join(context.cache, spec.file);
    if (fs.existsSync(file) && sha256(file) === spec.sha256) continue;
    for (const gone of [file, `${file}.sha256`]) fs.rmSync(gone, { force: true });
    throw new Missing(`the archive ${spec.file} in .cache is not the one that was fetched`, "run npm run setup again");
  }
}

/** Headers, libraries and links in the addon package's `deps` folder, whole or not at all; `check` looks at the archives first. */
async function unpack(context, check) {
  const deps = path.join(addonPackage(context.root), "deps");
  const stampFile = path.join(deps, ".setup-stamp");
  const wheels = FLAVOURS[context.flavour];
  const made = wheels.length === 1 ? wheels[0].sha256 : fingerprint(wheels.map((w) => w.sha256));
  if (stamped(stampFile, made)) return rememberFlavour(context.cache, context.flavour);
  check?.(context);
  const out = `${deps}.tmp-${process.pid}`;
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out);
  const files = wheels.map((w) => path.join(context.cache, w.file));
  const { code, tail } = await run(context, findPython(), ["-c", EXTRACT, files[0], out, ...files.slice(1)]);
  if (code !== 0) {
    fs.rmSync(out, { recursive: true, force: true });
    throw new Missing(`unpacking failed (${reason(tail)})`, `make ${context.flavour === "gpu" ? 6 : 1} GB of disk free, then run npm run setup`);
  }
  stamp(path.join(out, ".setup-stamp"), made);
  fs.rmSync(deps, { recursive: true, force: true });
  fs.renameSync(out, deps);
  rememberFlavour(context.cache, context.flavour);
}

module.exports = { wheel, verify, unpack, addonPackage, unsupported };
