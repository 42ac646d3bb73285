"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { stamp, stamped } = require("./parts.cjs");

const PLATFORM = "manylinux2014_x86_64";
const tensorflow = (project, name, sha256, mb) => ({ project, version: "2.19.1", python: "3.12", platform: PLATFORM, file: `${name}-2.19.1-cp312-cp312-manylinux_2_17_x86_64.${PLATFORM}.whl`, sha256, mb });
const nvidia = (name, version, sha256, mb) => ({ project: `nvidia-${name}-cu12`, version, platform: PLATFORM, file: `nvidia_${name.replace(/-/g, "_")}_cu12-${version}-py3-none-${PLATFORM}.whl`, sha256, mb });

/**
 * The wheels that libtensorflow is taken from, the one with the library first. They are used as archives, whatever Python is at
 * hand. Of NVIDIA's, those that libtensorflow loads or that its libraries load in turn, in the versions that this
 * TensorFlow was built with.
 */
const FLAVOURS = {
  cpu: [tensorflow("tensorflow-cpu", "tensorflow_cpu", "2cb4b20fa86b04c166db1616fd466d09ec850cc3b47607cf12225469e750c476", 252)],
  gpu: [
    tensorflow("tensorflow", "tensorflow", "35a6950f3fee0ad2d1668241d31684676f2e6eceb613cbeef960ea22014ef8fb", 645),
    nvidia("cuda-runtime", "12.5.82", "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115", 1),
    nvidia("cublas", "12.5.3.2", "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b", 363),
    nvidia("cudnn", "9.3.0.75", "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d", 577),
    nvidia("cufft", "11.2.3.61", "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8", 193),
    nvidia("cusolver", "11.6.3.83", "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b", 130),
    nvidia("cusparse", "12.5.1.3", "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752", 218),
    nvidia("nvjitlink", "12.5.82", "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212", 21),
    nvidia("cuda-nvrtc", "12.5.82", "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd", 25),
    nvidia("cuda-cupti", "12.5.82", "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953", 14),
  ],
};

const chosenFile = (cache) => path.join(cache, "libtensorflow-flavour");

/** Which libtensorflow this set-up is for: as asked, else as the last one that was unpacked, else for the CPU. */
function flavourOf(cache, { gpu, cpu }) {
  if (gpu) return "gpu";
  return !cpu && stamped(chosenFile(cache), "gpu") ? "gpu" : "cpu";
}

/** Remembers the choice, once its libraries lie in place. */
function rememberFlavour(cache, flavour) {
  stamp(chosenFile(cache), flavour);
}

/** Whether the driver of an NVIDIA GPU is here; /dev/dxg is Windows' way into Linux. */
function hasNvidiaDriver(exists = fs.existsSync) {
  return ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"].some((file) => exists(file));
}

/** What would be fetched, a line each with the total, for `--plan`; nothing is touched. */
function planLines(flavour, cache, exists = fs.existsSync) {
  const wheels = FLAVOURS[flavour].map((wheel) => ({ ...wheel, here: exists(path.join(cache, wheel.file)) }));
  const missing = wheels.filter((w) => !w.here).reduce((sum, w) => sum + w.mb, 0);
  return [
    ...wheels.map((w) => `${w.project}==${w.version}  ${w.mb} MB  sha256 ${w.sha256}${w.here ? "  (in .cache already)" : ""}`),
    `${wheels.length} archive${wheels.length === 1 ? "" : "s"}, ${missing} MB to fetch into .cache; libraries go to the addon's deps/lib and deps/nvidia`,
  ];
}

module.exports = { FLAVOURS, flavourOf, rememberFlavour, hasNvidiaDriver, planLines };
