import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { readJson } from "../../src/core/json";
import { scratch } from "../helpers/cli";
import { OVERRIDES, overridesHere } from "./overrides";

const npm = (cwd: string, ...words: string[]): { ok: boolean; said: string } => {
  const { status, stdout, stderr } = spawnSync("npm", words, { cwd, encoding: "utf8", timeout: 300_000, shell: process.platform === "win32" });
  return { ok: status === 0, said: `${stdout}${stderr}` };
};
const answers = npm(projectRoot(), "ping").ok;

for (const { key, of, needless } of OVERRIDES) {
  test(`the override of ${key} is still needed: without it ${of} cannot be had, or brings what it should not`, { skip: answers ? false : "needs the npm registry" }, () => {
    const dir = scratch("override");
    const { dependencies } = readJson<{ dependencies: Record<string, string> }>(path.join(projectRoot(), "package.json"));
    const others = Object.fromEntries(Object.entries(overridesHere()).filter(([name]) => name !== key));
    fs.writeFileSync(path.join(dir, "package.json"), JSON.stringify({ name: "without", version: "1.0.0", dependencies: { [of]: dependencies[of] }, overrides: others }));
    const { ok, said } = npm(dir, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=20000");
    if (!ok) return assert.match(said, /E40\d|ENOTFOUND|ECONN|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EAI_AGAIN|ETARGET|not found|network/i, said.slice(-600));
    assert.ok(!needless(fs.readFileSync(path.join(dir, "package-lock.json"), "utf8")), `${key}: it installs without; remove the override from package.json and environment.md`);
  });
}
