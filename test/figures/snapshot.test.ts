import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { assertSnapshot } from "../helpers/snapshot";

test("a snapshot holds to three decimals, and a changed one fails and is written beside it", { skip: process.env["UPDATE_SNAPSHOTS"] === "1" ? "snapshots are being rewritten" : false }, () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "snapshots-"));
  fs.writeFileSync(path.join(dir, "a.svg"), `<svg>\n<g x="1.235"/>\n</svg>\n`);
  assertSnapshot(dir, "a", `<svg><g x="1.23456"/></svg>`);
  assert.throws(() => assertSnapshot(dir, "a", `<svg><g x="1.236"/></svg>`), /line 2: stored <g x="1.235"\/>, found <g x="1.236"\/>/);
  assert.ok(fs.existsSync(path.join(dir, "a-changed.svg")));
  assertSnapshot(dir, "a", `<svg><g x="1.235"/></svg>`);
  assert.ok(!fs.existsSync(path.join(dir, "a-changed.svg")), "a mended figure takes its changed file away");
  assert.throws(() => assertSnapshot(dir, "b", "<svg/>"), /none is stored/);
});
