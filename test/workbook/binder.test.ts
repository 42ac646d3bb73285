import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { readJson } from "../../src/core/json";

const root = projectRoot();
const text = (name: string): string => fs.readFileSync(path.join(root, ".binder", name), "utf8");

test("Binder's files are those that repo2docker reads, and its scripts are programs", () => {
  assert.deepEqual(fs.readdirSync(path.join(root, ".binder")).sort(), ["apt.txt", "environment.yml", "postBuild", "start"]);
  for (const script of ["postBuild", "start"]) {
    assert.match(text(script), /^#!\/usr\/bin\/env bash\n/);
    assert.ok((fs.statSync(path.join(root, ".binder", script)).mode & 0o100) !== 0 || process.platform === "win32", `${script} is executable`);
  }
  assert.match(text("start"), /^exec "\$@"$/m, "it hands over to the server that repo2docker starts");
  assert.ok(!fs.existsSync(path.join(root, "binder")), "a folder binder/ would be read beside it");
});

test("what Binder's files name exists, and the versions are those that package.json and set-up want", () => {
  for (const file of ["postBuild", "start"].flatMap((name) => [...text(name).matchAll(/\bsrc\/[\w./-]+/g)].map((m) => m[0]))) assert.ok(fs.existsSync(path.join(root, file)), file);
  const { engines } = readJson<{ engines: { node: string } }>(path.join(root, "package.json"));
  const node = Number(/nodejs=(\d+)/.exec(text("environment.yml"))![1]);
  const [low, below] = /^>=(\d+)[\d.]* <(\d+)$/.exec(engines.node)!.slice(1).map(Number) as [number, number];
  assert.ok(node >= low && node < below, `Node ${node} for ${engines.node}`);
  assert.ok(Number(/python=3\.(\d+)/.exec(text("environment.yml"))![1]) >= 10);
  assert.deepEqual(text("apt.txt").trim().split(/\s+/), ["g++", "make"], "what the addon is built with");
  assert.match(text("start"), /\.venv\/share\/jupyter/, "where set-up puts the kernel");
});
