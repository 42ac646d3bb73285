"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { fetchWheel } = require("./archive.cjs");
const { Missing, stamp, stamped } = require("./parts.cjs");
const { findPython } = require("./python.cjs");
const { run, reason } = require("./run.cjs");

/** The wheel is used as an archive of libtensorflow and its headers, whatever Python is at hand. */
const WHEEL = {
  project: "tensorflow-cpu",
  version: "2.19.1",
  python: "3.12",
  platform: "manylinux2014_x86_64",
  file: "tensorflow_cpu-2.19.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
  sha256: "2cb4b20fa86b04c166db1616fd466d09ec850cc3b47607cf12225469e750c476",
};

const EXTRACT = `
import sys, zipfile, shutil, os
archive, out = sys.argv[1:]
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
`;

/** The package whose addon we build, and its folder for libtensorflow. */
function addonPackage(root) {
  return path.join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
}

/** Why there is no libtensorflow for this machine, or null. */
function unsupported(platform = process.platform, arch = process.arch) {
  return platform === "linux" && arch === "x64" ? null : `there is no libtensorflow for ${platform}-${arch} in the wheel`;
}

/** The wheel in the project's cache: 252 MB, downloaded once, its checksum verified. */
function wheel(context) {
  const file = path.join(context.cache, WHEEL.file);
  const stampFile = `${file}.sha256`;
  const size = () => String(fs.statSync(file).size);
  return {
    what: "libtensorflow",
    inPlace: () => fs.existsSync(file) && stamped(stampFile, `${WHEEL.sha256} ${size()}`),
    async make(others) {
      const fail = (why, cure) => {
        throw new Missing(why, `${cure}; without it the slower wasm backend is used`);
      };
      const why = unsupported();
      if (why) fail(why, "use Linux on x86-64 for the fast backend");
      await fetchWheel(context, WHEEL, file, others, fail);
      stamp(stampFile, `${WHEEL.sha256} ${size()}`);
    },
  };
}

/** Headers, libraries and links in the addon package's `deps` folder, whole or not at all. */
async function unpack(context) {
  const deps = path.join(addonPackage(context.root), "deps");
  const stampFile = path.join(deps, ".setup-stamp");
  if (stamped(stampFile, WHEEL.sha256)) return;
  const out = `${deps}.tmp-${process.pid}`;
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out);
  const { code, tail } = await run(context, findPython(), ["-c", EXTRACT, path.join(context.cache, WHEEL.file), out]);
  if (code !== 0) {
    fs.rmSync(out, { recursive: true, force: true });
    throw new Missing(`unpacking failed (${reason(tail)})`, "make 1 GB of disk free, then run npm run setup");
  }
  stamp(path.join(out, ".setup-stamp"), WHEEL.sha256);
  fs.rmSync(deps, { recursive: true, force: true });
  fs.renameSync(out, deps);
}

module.exports = { wheel, unpack, addonPackage, unsupported, WHEEL };
