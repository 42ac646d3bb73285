import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { missingParts } from "../../src/workbook/doctor";

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
  readArguments(args: string[]): { quiet: boolean; help: boolean; unknown?: string };
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
const { reason } = require("../../src/workbook/setup/run.cjs") as { reason(tail: string): string };
const { KERNEL } = require("../../src/workbook/setup/kernelspec.cjs") as { KERNEL: { argv: string[] } };
const { nodeHeaders } = require("../../src/workbook/setup/addon.cjs") as { nodeHeaders(execPath: string, exists: (file: string) => boolean): string | null };
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

test("an unknown flag is named", () => {
  assert.deepEqual(readArguments(["--quiet", "--gpu"]), { quiet: true, help: false, unknown: "--gpu" });
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

test("the kernelspec holds no absolute path", () => {
  assert.ok(KERNEL.argv.every((argument) => !path.isAbsolute(argument)));
  const file = path.join(projectRoot(), ".venv", "share", "jupyter", "kernels", "tslab");
  assert.equal(path.normalize(KERNEL.argv[2]!.replace("{resource_dir}", file)), path.join(projectRoot(), "src", "workbook", "kernel.cjs"));
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
