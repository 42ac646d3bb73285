import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { missingParts } from "../../src/workbook/doctor";
import { scratch } from "../helpers/cli";

interface Part {
  what: string;
  needs: string[];
  required?: boolean;
  inPlace(): boolean;
  make(): void;
}
interface Missing {
  what: string;
  why: string;
  cure: string;
  at: number;
}
const { supportedNode, readArguments, makeAll } = require("../../src/workbook/setup.cjs") as {
  supportedNode(version: string): boolean;
  readArguments(args: string[]): { quiet: boolean; gpu: boolean; cpu: boolean; partition: boolean; plan: boolean; help: boolean; unknown?: string };
  makeAll(parts: Part[], options: object): Promise<Missing[]>;
};
const { Missing: MissingPart, stamp, stamped, fingerprint } = require("../../src/workbook/setup/parts.cjs") as {
  Missing: new (why: string, cure: string) => Error;
  stamp(file: string, value: string): void;
  stamped(file: string, value: string): boolean;
  fingerprint(texts: string[], files?: string[]): string;
};
const { tryLock } = require("../../src/workbook/setup/lock.cjs") as { tryLock(file: string, pid?: number): number | null };
const { npmInPlace } = require("../../src/workbook/setup/npm-packages.cjs") as { npmInPlace(root: string): boolean };
const { partitionWanted } = require("../../src/workbook/setup/python.cjs") as { partitionWanted(cache: string, asked: boolean): boolean };
const { reason } = require("../../src/workbook/setup/run.cjs") as { reason(tail: string): string };
const { KERNEL } = require("../../src/workbook/setup/kernelspec.cjs") as { KERNEL: { argv: string[] } };
const { nodeHeaders } = require("../../src/workbook/setup/addon.cjs") as { nodeHeaders(execPath: string, exists: (file: string) => boolean): string | null };
interface Wheel { project: string; version: string; file: string; sha256: string; mb: number }
const flavours = require("../../src/workbook/setup/flavours.cjs") as {
  FLAVOURS: { cpu: Wheel[]; gpu: Wheel[] };
  flavourOf(cache: string, asked: { gpu: boolean; cpu: boolean }): string;
  rememberFlavour(cache: string, flavour: string): void;
  hasNvidiaDriver(exists: (file: string) => boolean): boolean;
  planLines(flavour: string, cache: string, exists: (file: string) => boolean): string[];
};
const { unpack } = require("../../src/workbook/setup/libtensorflow.cjs") as { unpack(context: object): Promise<void> };
const record = require("../../src/workbook/setup/record.cjs") as {
  conditions(): string;
  knownMissing(record: { missing: Missing[]; conditions: string }, what: string, quiet: boolean, now: number): Missing | null;
};

function inFolder<T>(use: (folder: string) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "workbook-setup-"));
  try {
    return use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const options = (said: string[], extra: object = {}): object => ({ quiet: true, record: { missing: [], conditions: "" }, say: (line: string) => said.push(line), knownMissing: () => null, ...extra });
const part = (what: string, needs: string[], make: () => void, extra: Partial<Part> = {}): Part => ({ what, needs, inPlace: () => false, make, ...extra });

test("Node 20.19 up to 22 is supported, older and newer are not", () => {
  assert.deepEqual(["20.18.3", "20.19.0", "22.4.1", "23.0.0", "18.20.0", "24.1.0"].map(supportedNode), [false, true, true, false, false, false]);
});

test("an unknown flag is named, and so are two that contradict each other", () => {
  assert.deepEqual(readArguments(["--quiet", "--gpux"]), { quiet: true, gpu: false, cpu: false, partition: false, plan: false, help: false, unknown: "--gpux" });
  assert.equal(readArguments(["--gpu", "--cpu"]).unknown, "--cpu beside --gpu");
  assert.deepEqual(readArguments(["--gpu", "--plan"]), { quiet: false, gpu: true, cpu: false, partition: false, plan: true, help: false });
});

test("a missing part is reported with its cure, the parts that need it are left out, the others are made", async () => {
  const made: string[] = [];
  const parts = [
    part("compiler", [], () => { throw new MissingPart("no g++", "install g++"); }),
    part("addon", ["compiler"], () => made.push("addon")),
    part("fused", ["addon"], () => made.push("fused")),
    part("notebooks", [], () => made.push("notebooks")),
  ];
  const missing = await makeAll(parts, options([]));
  assert.deepEqual(missing.map(({ what, why, cure }) => ({ what, why, cure })), [{ what: "compiler", why: "no g++", cure: "install g++" }]);
  assert.deepEqual(made, ["notebooks"]);
});

test("an error that is not a missing part is not hidden", async () => {
  await assert.rejects(makeAll([part("addon", [], () => { throw new TypeError("a bug"); })], options([])), /a bug/);
});

test("a part in place is neither made nor mentioned", async () => {
  const said: string[] = [];
  await makeAll([part("addon", [], () => assert.fail("made again"), { inPlace: () => true })], options(said));
  assert.deepEqual(said, []);
});

test("a quiet call leaves a failed part alone for an hour on an unchanged machine; a plain call and required parts are tried again", async () => {
  const entry = { what: "addon", why: "no g++", cure: "install g++", at: 1000 };
  const last = { missing: [entry], conditions: record.conditions() };
  assert.equal(record.knownMissing(last, "addon", true, 2000), entry);
  assert.equal(record.knownMissing(last, "addon", false, 2000), null);
  assert.equal(record.knownMissing(last, "addon", true, 1000 + 3_600_001), null);
  assert.equal(record.knownMissing({ ...last, conditions: "another machine" }, "addon", true, 2000), null);
  let made = 0;
  await makeAll([part("npm packages", [], () => made++, { required: true })], options([], { knownMissing: () => entry }));
  assert.equal(made, 1);
});

test("a stamp holds for what it was made from only, and changes with a file's content", () =>
  inFolder((folder) => {
    const [file, stampFile] = [path.join(folder, "requirements.txt"), path.join(folder, "stamp")];
    fs.writeFileSync(file, "nbconvert==1");
    stamp(stampFile, fingerprint(["a"], [file]));
    assert.ok(stamped(stampFile, fingerprint(["a"], [file])));
    assert.ok(!stamped(stampFile, fingerprint(["b"], [file])));
    fs.writeFileSync(file, "nbconvert==2");
    assert.ok(!stamped(stampFile, fingerprint(["a"], [file])));
    assert.ok(!stamped(path.join(folder, "absent"), fingerprint(["a"], [file])));
  }));

test("npm packages are in place when every locked package is there at its version; other platforms' may be absent", () =>
  inFolder((root) => {
    const write = (file: string, packages: object): void => {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      fs.writeFileSync(path.join(root, file), JSON.stringify({ packages }));
    };
    const a = { version: "1.0.0", integrity: "x" };
    write("package-lock.json", { "": { version: "9" }, "node_modules/a": a, "node_modules/mac-only": { ...a, optional: true } });
    assert.ok(!npmInPlace(root), "nothing installed");
    write("node_modules/.package-lock.json", { "node_modules/a": a });
    assert.ok(npmInPlace(root));
    write("node_modules/.package-lock.json", { "node_modules/a": { ...a, version: "1.0.1" } });
    assert.ok(!npmInPlace(root), "another version");
    write("node_modules/.package-lock.json", {});
    assert.ok(!npmInPlace(root), "missing");
  }));

test("the lock names a live owner, and a dead owner's lock is taken over", () =>
  inFolder((folder) => {
    const lock = path.join(folder, "setup.lock");
    assert.equal(tryLock(lock), null);
    assert.equal(tryLock(lock, 2 ** 22 + 1), process.pid);
    fs.writeFileSync(lock, String(2 ** 22 + 3));
    assert.equal(tryLock(lock), null);
    assert.equal(fs.readFileSync(lock, "utf8"), String(process.pid));
    assert.deepEqual(fs.readdirSync(folder), ["setup.lock"], "nothing is left beside it");
  }));

test("of a failed program's output the first error is told, without npm's own frame", () => {
  assert.equal(reason("npm error code EUSAGE\nnpm error\nnpm error The lock file does not match\nnpm error A complete log of this run"), "The lock file does not match");
  assert.equal(reason("ERROR: Could not find a version that satisfies x\nERROR: No matching distribution found for x"), "Could not find a version that satisfies x");
  assert.equal(reason(""), "no output");
});

test("set-up for a GPU is asked for once and kept, until the CPU is asked for", () =>
  inFolder((cache) => {
    const asked = (gpu: boolean, cpu = false): string => flavours.flavourOf(cache, { gpu, cpu });
    assert.deepEqual([asked(false), asked(true)], ["cpu", "gpu"]);
    flavours.rememberFlavour(cache, "gpu");
    assert.deepEqual([asked(false), asked(false, true)], ["gpu", "cpu"]);
    flavours.rememberFlavour(cache, "cpu");
    assert.equal(asked(false), "cpu");
  }));

test("what partitions half-hours is had once it was asked for, and kept by later set-ups", () =>
  inFolder((cache) => {
    assert.deepEqual([partitionWanted(cache, false), partitionWanted(cache, true), partitionWanted(cache, false)], [false, true, true]);
  }));

test("the plan for a GPU names TensorFlow and every library of NVIDIA that it loads, with version, size and checksum, and touches nothing", () => {
  const cache = path.join(os.tmpdir(), "workbook-no-such-cache");
  const lines = flavours.planLines("gpu", cache, (file) => file.includes("cublas"));
  assert.match(lines[0]!, /^tensorflow==2\.19\.1 {2}645 MB {2}sha256 [0-9a-f]{64}$/);
  for (const library of ["cuda-runtime", "cublas", "cudnn", "cufft", "cusolver", "cusparse", "nvjitlink"]) assert.ok(lines.some((l) => l.startsWith(`nvidia-${library}-cu12==`)), library);
  assert.match(lines.find((l) => l.startsWith("nvidia-cublas"))!, /in \.cache already/);
  assert.match(lines.at(-1)!, /^10 archives, 1824 MB to fetch/);
  assert.ok(!fs.existsSync(cache));
  assert.match(flavours.planLines("cpu", cache, () => false).at(-1)!, /^1 archive, 252 MB/);
});

test("both libtensorflows are of one version, and each archive's name is that of its project and version", () => {
  assert.equal(flavours.FLAVOURS.cpu[0]!.version, flavours.FLAVOURS.gpu[0]!.version);
  for (const { project, version, file, sha256 } of [...flavours.FLAVOURS.cpu, ...flavours.FLAVOURS.gpu]) {
    assert.ok(file.startsWith(`${project.replace(/-/g, "_")}-${version}-`), file);
    assert.match(sha256, /^[0-9a-f]{64}$/);
  }
});

test("an NVIDIA driver is seen by its own files, also inside WSL", () => {
  assert.ok(flavours.hasNvidiaDriver((file) => file === "/proc/driver/nvidia/version"));
  assert.ok(flavours.hasNvidiaDriver((file) => file === "/dev/dxg"));
  assert.ok(!flavours.hasNvidiaDriver(() => false));
});

test("wheels are unpacked whole: TensorFlow's libraries and headers, NVIDIA's beside them where they are looked for", async (t) => {
  if (process.platform !== "linux") return t.skip("wheels are unpacked on Linux only");
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "workbook-wheels-"));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const cache = path.join(root, ".cache");
  const deps = path.join(root, "node_modules", "@tensorflow", "tfjs-node-gpu", "deps");
  fs.mkdirSync(cache);
  fs.mkdirSync(path.dirname(deps), { recursive: true });
  const zip = (file: string, names: readonly string[]): void => {
    const made = spawnSync("python3", ["-c", "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n  for name in sys.argv[2:]: z.writestr(name, name)", path.join(cache, file), ...names]);
    assert.equal(made.status, 0, String(made.stderr));
  };
  for (const { project, file } of flavours.FLAVOURS.gpu) {
    const folder = project.replace(/^nvidia-|-cu12$/g, "").replace(/-/g, "_");
    zip(file, project === "tensorflow"
      ? ["tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2", "tensorflow/include/tensorflow/c/c_api.h", "tensorflow/python/x.py"]
      : [`nvidia/${folder}/lib/lib${folder}.so.1`, `nvidia/${folder}/include/${folder}.h`]);
  }
  await unpack({ root, cache, flavour: "gpu", logFile: path.join(root, "log"), children: new Set() });
  const has = (...parts: string[]): boolean => fs.existsSync(path.join(deps, ...parts));
  assert.ok(has("lib", "libtensorflow.so") && has("lib", "libtensorflow_framework.so.2") && has("include", "tensorflow", "c", "c_api.h"));
  assert.ok(has("nvidia", "cudnn", "lib", "libcudnn.so.1") && has("nvidia", "nvrtc", "lib", "libcuda_nvrtc.so.1"), "cuDNN's name for nvrtc leads there");
  assert.ok(!has("nvidia", "cudnn", "include") && !has("python"));
  assert.equal(flavours.flavourOf(cache, { gpu: false, cpu: false }), "gpu");
});

test("a .venv that is a link to another checkout's is left as it is", async () => {
  const { pythonPackages } = require("../../src/workbook/setup/python.cjs") as { pythonPackages(context: object): { make(): Promise<void> } };
  const [root, other] = [scratch("linked-venv"), scratch("other-venv")];
  fs.writeFileSync(path.join(other, "kept"), "");
  fs.symlinkSync(other, path.join(root, ".venv"));
  await assert.rejects(pythonPackages({ root }).make(), /\.venv is a link/);
  assert.ok(fs.existsSync(path.join(other, "kept")));
});

test("the kernelspec holds no absolute path", () => {
  assert.ok(KERNEL.argv.every((argument) => !path.isAbsolute(argument)));
  const file = path.join(projectRoot(), ".venv", "share", "jupyter", "kernels", "tslab");
  assert.equal(path.normalize(KERNEL.argv.find((a) => a.endsWith("kernel.cjs"))!.replace("{resource_dir}", file)), path.join(projectRoot(), "src", "workbook", "kernel.cjs"));
});

test("node-gyp is pointed at headers beside the running node, else at /usr, else left to fetch its own", () => {
  const node = fs.realpathSync(process.execPath);
  const beside = path.resolve(path.dirname(node), "..");
  assert.equal(nodeHeaders(node, (file) => file.startsWith(beside)), beside);
  assert.equal(nodeHeaders(node, (file) => file === "/usr/include/node/node.h"), "/usr");
  assert.equal(nodeHeaders(node, () => false), null);
});

test("doctor repeats what set-up could not have, and notices when set-up never ran or the notebooks went", () =>
  inFolder((root) => {
    assert.deepEqual(missingParts(root, true), [{ what: "set-up", why: "it has not run in this folder", cure: "run npm run setup" }]);
    fs.mkdirSync(path.join(root, ".cache"));
    fs.writeFileSync(path.join(root, ".cache", "setup.json"), JSON.stringify({ missing: [{ what: "TensorFlow addon", why: "no g++", cure: "install g++", at: 1 }] }));
    assert.deepEqual(missingParts(root, true), [{ what: "TensorFlow addon", why: "no g++", cure: "install g++" }]);
    assert.deepEqual(missingParts(root, false).map(({ what }) => what), ["TensorFlow addon", "notebook kernel"]);
  }));
