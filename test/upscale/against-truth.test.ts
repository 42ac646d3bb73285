import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { againstTruth } from "../../src/upscale/against-truth";
import { EARTH_AREA } from "../../src/upscale/cell-area";
import { truthMarkdown, writeTruth } from "../../src/upscale/truth-write";
import { writeStore } from "./store";

/** A season of amplitude 2 about 3. */
const season = (t: number): number => 3 + 2 * Math.sin((2 * Math.PI * t) / 365);

test("a store equal to the truth is told whole, one with a bias by its bias, and the land fraction counts once", async () => {
  const truth = await writeStore({ cell: 45, days: 365, land: () => 0.5, value: (_, t) => season(t) });
  const same = (await againstTruth(truth, truth)).find((r) => r.flux === "gpp")!;
  assert.equal(same.part, "all");
  assert.equal(same.r2_median, 1);
  const expected = (3 * 365.2425 * 0.5 * EARTH_AREA) / 1e15;
  assert.ok(Math.abs(same.total_true - expected) < 1e-3 * expected, `${same.total_true} against ${expected}`);
  const shifted = await writeStore({ cell: 45, days: 365, land: () => 0.5, value: (_, t) => season(t) + 0.5 });
  const row = (await againstTruth(shifted, truth)).find((r) => r.flux === "gpp")!;
  assert.ok(Math.abs(row.bias_mean! - 0.5) < 1e-5 && Math.abs(row.rmse_mean! - 0.5) < 1e-5);
  assert.ok(Math.abs(row.total / row.total_true - 3.5 / 3) < 1e-3);
  assert.equal(row.coverage_80, null);
});

test("cells inside and outside the area of applicability are told apart, and days that one lacks count for neither", async () => {
  const truth = await writeStore({ cell: 45, days: 365, value: (_, t) => season(t) });
  const ours = await writeStore({ cell: 45, days: 365, value: (_, t, __, lon) => (t < 44 ? NaN : season(t) + (lon > 0 ? Math.sin(t) : 0)), dissimilarity: (_, lon) => (lon > 0 ? 2 : 0) });
  const rows = (await againstTruth(ours, truth)).filter((r) => r.flux === "gpp");
  const of = (part: string): (typeof rows)[number] => rows.find((r) => r.part === part)!;
  assert.equal(of("inside").r2_median, 1);
  assert.ok(of("outside").r2_median! < 0.9);
  assert.equal(of("all").cells, of("inside").cells + of("outside").cells);
});

test("coverage is the median cell's share of days inside its interval, and none where a level was not calibrated", async () => {
  const off = (t: number): number => (t % 4 === 0 ? 0.5 : 0.1);
  const truth = await writeStore({ cell: 45, days: 365, fluxes: ["gpp", "reco", "nee"], value: (_, t) => season(t) });
  const ours = await writeStore({ cell: 45, days: 365, value: (_, t) => season(t) + off(t), half: 0.3 });
  const row = (await againstTruth(ours, truth)).find((r) => r.flux === "nee")!;
  assert.ok(Math.abs(row.coverage_80! - 273 / 365) < 1e-12, String(row.coverage_80));
  assert.equal(row.coverage_90, null);
});

test("the comparison is written as CSV, JSON and a page, each with the word simulated", async () => {
  const truth = await writeStore({ cell: 45, days: 365, value: (_, t) => season(t) });
  const ours = await writeStore({ cell: 45, days: 365, value: (_, t, __, lon) => 1.1 * season(t) + (lon > 0 ? 1 : 0), dissimilarity: (_, lon) => (lon > 0 ? 2 : 0) });
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "truth-"));
  const { rows, files } = await writeTruth(ours, truth, dir);
  assert.deepEqual(files.map((f) => path.basename(f)), ["truth.csv", "truth.json", "truth.md"]);
  const [csv, json, markdown] = files.map((f) => fs.readFileSync(f, "utf8")) as [string, string, string];
  assert.match(csv.split("\n")[1]!, /^gpp,all,.*,simulated$/);
  const { provenance, ...told } = JSON.parse(json) as { provenance: Record<string, string> };
  assert.deepEqual(told, { data: "simulated", rows });
  assert.deepEqual([provenance["store"], provenance["truth"], provenance["summary"]], ["O.zarr", "O.zarr", "daily fluxes"]);
  assert.match(markdown, /^# Against the true fluxes of the simulated globe\n[\s\S]*\| GPP \| inside \| \d+ \|.*\| \+10\.0 % \| simulated \|/);
  assert.match(truthMarkdown([{ ...rows[0]!, flux: "nee", total: 0.8, total_true: -5.7 }]), /\| \+6\.50 Pg C yr⁻¹ \| simulated \|/, "no percentage of a difference of large fluxes");
  assert.match(truthMarkdown([{ ...rows[0]!, flux: "reco", total: 90, total_true: 100 }]), /\| -10\.0 % \|/);
});

test("the truth of another grid is refused", async () => {
  const [a, b] = [await writeStore({ cell: 45, days: 365 }), await writeStore({ cell: 30, days: 365 })];
  await assert.rejects(againstTruth(a, b), (e) => isWorkbookError(e, "BadArgument") && /the grid and days of/.test((e as Error).message));
});
