import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { readJson } from "../../src/core/json";
import { parseRequirements, readComponents, requirementLists } from "../../src/workbook/supply/components";
import { judgeLicences, readLicenceRules, satisfies } from "../../src/workbook/supply/licences";
import { makeSbom, purl } from "../../src/workbook/supply/sbom";

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
const at = (file: string): string => path.join(projectRoot(), file);
const components = readComponents();
const judged = judgeLicences(components, readLicenceRules());
const npm = components.filter((c) => c.ecosystem === "npm");
const hasVenv = fs.existsSync(at(".venv/.setup-stamp"));

/** npm's scripts of these would run at installation; ours are off, and what they would make is had another way or not needed. */
const WITH_SCRIPTS = ["@nestjs/core", "@tensorflow/tfjs-node-gpu", "core-js", "esbuild", "koffi", "webgpu", "zeromq"];

test("npm packages are asked for in exact versions, locked with the hash of each, and their install scripts are off", () => {
  const { dependencies, devDependencies } = readJson<Manifest>(at("package.json"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  for (const { name, hashes } of npm) assert.match(hashes[0] ?? "", /^sha512-[A-Za-z0-9+/]{86}==$/, name);
  assert.match(fs.readFileSync(at(".npmrc"), "utf8"), /^ignore-scripts=true$/m);
  assert.match(fs.readFileSync(at("src/workbook/setup/npm-packages.cjs"), "utf8"), /"ci", "--ignore-scripts"/);
  assert.deepEqual([...new Set(npm.filter((c) => c.installScript).map((c) => c.name))].sort(), WITH_SCRIPTS, "a new package with an install script needs a look");
});

test("Python packages are pinned to one version each, with the hashes of all files of it, and pip is told to ask for them", () => {
  const lists = requirementLists();
  assert.ok(lists.length >= 4);
  const versions = new Map<string, string>();
  for (const list of lists) {
    for (const { name, version, marker, hashes } of parseRequirements(fs.readFileSync(at(list), "utf8"))) {
      assert.match(version, /^\d[\w.+!]*$/, `${list}: ${name}`);
      assert.ok(hashes.length > 0, `${list}: ${name} has no hash`);
      const venv = `${path.dirname(list)} ${name} ${marker}`;
      assert.equal(versions.get(venv) ?? version, version, `${list}: ${name} has two versions in one environment`);
      versions.set(venv, version);
    }
  }
  for (const file of ["src/workbook/setup/python.cjs", "src/workbook/pinned-venv.ts"]) assert.match(fs.readFileSync(at(file), "utf8"), /"--require-hashes"/, file);
});

test("a list of requirements is read line by line: continued lines, markers, names in any spelling", () => {
  const hash = "ab".repeat(32);
  assert.deepEqual(parseRequirements(`# about\nPy_Zmq==27.1.0 ; python_version < '3' \\\n    --hash=sha256:${hash} \\\n    --hash=sha256:${hash}\nloose>=1\n`), [
    { name: "py-zmq", version: "27.1.0", marker: "python_version < '3'", hashes: [hash, hash] }, { name: "loose>=1", version: "", marker: null, hashes: [] },
  ]);
});

test("every package's licence is known and allowed", () => {
  // what is not installed here does not tell its licence; set-up's own lists are installed on every Linux
  const told = judged.filter((c) => c.ecosystem === "npm" || c.judged !== null || (hasVenv && process.platform === "linux" && /src\/workbook\/requirements(-dask|-xarray)?\.txt/.test(c.from)));
  assert.deepEqual(told.filter((c) => !c.allowed).map((c) => `${c.name} ${c.version}: ${c.judged}`), [], "read its licence; if it may be used, add it to data/licences.json");
  const named = Object.keys(readLicenceRules().named);
  assert.deepEqual(named.filter((name) => !components.some((c) => c.name === name)), [], "a name that nothing asks for any more");
});

test("an SPDX expression is met by all of an AND, one of an OR; a licence that nobody knows is not", () => {
  const ours = ["MIT", "Apache-2.0"];
  for (const good of ["MIT", "(MIT)", "MIT OR GPL-3.0-only", "(GPL-3.0-only OR MIT) AND Apache-2.0", "Apache-2.0 WITH LLVM-exception"]) assert.ok(satisfies(good, ours), good);
  for (const bad of ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "MIT OR", "MIT GPL-3.0-only", "UNLICENSED", "SEE LICENSE IN LICENSE"]) assert.ok(!satisfies(bad, ours), bad);
  const [one] = judgeLicences([{ ...components[0]!, name: "unheard-of", licence: null }], readLicenceRules());
  assert.equal(one!.allowed, false);
});

test("the bill of materials names every component once, with its hashes, and is the same each time", () => {
  const sbom = makeSbom(judged);
  assert.deepEqual(makeSbom(judgeLicences(readComponents(), readLicenceRules())), sbom);
  assert.deepEqual(new Set(sbom.components.map((c) => c["bom-ref"])).size, sbom.components.length);
  assert.deepEqual(new Set(components.map(purl)), new Set(sbom.components.map((c) => c.purl)));
  for (const c of sbom.components) assert.ok(c.hashes.length > 0 && c.hashes.every(({ alg, content }) => content.length === (alg === "SHA-512" ? 128 : 64) && /^[0-9a-f]+$/.test(content)), c.purl);
  assert.match(sbom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(sbom.components.find((c) => c.name === "playwright-core")!.scope, "excluded", "for tests only");
});

test("npm's own bill of materials has the same npm packages", () => {
  const { status, stdout } = spawnSync("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"], { cwd: projectRoot(), encoding: "utf8", maxBuffer: 1 << 26, shell: process.platform === "win32" });
  assert.equal(status, 0, "npm 10 or newer");
  const theirs = (JSON.parse(stdout) as { components: { purl: string }[] }).components.map((c) => decodeURIComponent(c.purl.replace(/\?.*$/, "")));
  assert.deepEqual([...new Set(theirs)].sort(), [...new Set(npm.map((c) => decodeURIComponent(purl(c))))].sort());
});
