import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../src/core/files";
import { towerFile } from "../data/towers/tower-file";
import { scratch } from "../helpers/cli";

const text = fs.readFileSync(path.join(projectRoot(), "environment.md"), "utf8");

/** The code under a guide's heading, its imports apart. */
function guide(heading: string): { imports: string; body: string } {
  const section = text.slice(text.indexOf(`### ${heading}\n`));
  const code = /```ts\n([\s\S]*?)```/.exec(section)![1]!.replaceAll('"./src/', `"${path.join(projectRoot(), "src").replace(/\\/g, "/")}/`);
  const lines = code.split("\n");
  return { imports: lines.filter((l) => l.startsWith("import ")).join("\n"), body: lines.filter((l) => !l.startsWith("import ")).join("\n") };
}

/** Runs a guide and what a test adds to it, in a folder of its own; what it wrote to stdout. */
function ran(name: string, more: string, dir: string, imports = ""): string {
  const { imports: own, body } = guide(name);
  const file = path.join(dir, "guide.ts");
  fs.writeFileSync(file, `${own}\n${imports.replaceAll('"./src/', `"${path.join(projectRoot(), "src").replace(/\\/g, "/")}/`)}\nvoid (async () => {\n${body}\n${more}\nprocess.exit(0);\n})().catch((e) => { console.error(e); process.exit(1); });\n`);
  const tsx = pathToFileURL(require.resolve("tsx")).href;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", tsx, file], { cwd: dir, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

test("your own data in ten lines: tower files in, a report out", () => {
  const dir = scratch("guide-data");
  fs.mkdirSync(path.join(dir, "my-towers"));
  const sites = Array.from({ length: 12 }, (_, i) => `XX-A${String(i).padStart(2, "0")}`);
  for (const site of sites) fs.writeFileSync(path.join(dir, "my-towers", `FLX_${site}_FLUXNET2015_FULLSET_DD_2012-2012_1-4.csv`), towerFile({ days: 366, variants: ["VUT_USTAR50"], change: (row) => ({ ...row, NEE_VUT_USTAR50_QC: 1 }) }));
  fs.writeFileSync(path.join(dir, "sites.csv"), `site,lat,lon,igbp,koppen\n${sites.map((s, i) => `${s},${40 + i},${10 + i},${i % 2 ? "ENF" : "GRA"},${"CD"[i % 2]}`).join("\n")}\n`);
  assert.equal(guide("Your own data in ten lines").body.trim().split("\n").length <= 10, true);
  const said = ran("Your own data in ten lines", "", dir);
  assert.match(said, /^12 sites/);
  assert.match(fs.readFileSync(path.join(dir, "compared", "report.html"), "utf8"), /ridge − reference/);
});

test("add a figure: the guide's draws", () => {
  const dir = scratch("guide-figure");
  ran("Add a figure", 'writeFileSync("out.svg", svg);', dir, 'import { writeFileSync } from "node:fs";');
  const svg = fs.readFileSync(path.join(dir, "out.svg"), "utf8");
  for (const word of ["simulated data", "Sites by land cover", ">ENF<", ">GRA<"]) assert.ok(svg.includes(word), word);
});

test("add a model: the guide's trains, predicts and is compared like any other", () => {
  const dir = scratch("guide-model");
  const more = `
    (LEARNERS as Record<string, Learner>)["climatology"] = meanLearner;
    await writeTable(simulate({ sites: 24, years: 1, seed: 3 }).table, "T.parquet");
    await train({ table: "T.parquet", out: "run", config: { model: "climatology" } });
    const { metrics } = await evaluateRuns(["run"], { table: "T.parquet" });
    console.log(JSON.stringify(metrics[0].summary.gpp));`;
  const said = ran("Add a model", more, dir, 'import { evaluateRuns, simulate, train, writeTable } from "./src/index";\nimport { LEARNERS } from "./src/run/learners";');
  const gpp = JSON.parse(said.trim().split("\n").pop()!) as { rmse: { median: number }; r2: { median: number | null } };
  assert.ok(gpp.rmse.median > 0 && (gpp.r2.median === null || gpp.r2.median < 0.05), "a constant explains nothing");
});

test("what the guides name exists", () => {
  const section = text.slice(text.indexOf("## Guides"), text.indexOf("## Publishing"));
  const files = [...section.matchAll(/`((?:src|test|data)\/[\w./-]+)`/g)].map((m) => m[1]!);
  assert.ok(files.length > 8);
  assert.deepEqual(files.filter((f) => !fs.existsSync(path.join(projectRoot(), f))), []);
});
