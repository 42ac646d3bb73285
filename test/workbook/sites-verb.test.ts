import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { sha256 } from "../../src/core/files";
import { writeTable } from "../../src/data/store";
import { scratch, tamrl } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

test("sites writes cards, tables and both heat maps of a table", async () => {
  const dir = scratch("sites");
  const file = path.join(dir, "T.parquet");
  await writeTable(towerTable([aSite("AA-One"), aSite("BB-Two", { igbp: null })], 400), file);
  const out = path.join(dir, "out");
  const { code, stdout, stderr } = tamrl("sites", file, "--out", out, "--json");
  assert.equal(code, 0, stderr);
  const json = JSON.parse(stdout) as { sites: { site: string; variables: { column: string }[] }[]; outlier_rule: string };
  assert.deepEqual(json.sites.map((s) => s.site), ["AA-One", "BB-Two"]);
  assert.match(json.outlier_rule, /MAD/);
  const names = fs.readdirSync(out).sort();
  for (const name of ["sites.csv", "variables.csv", "cards.md", "availability.svg", "availability-by-variable.png", "availability-by-variable.csv", "availability-by-variable.meta.json"]) assert.ok(names.includes(name), name);
  assert.match(fs.readFileSync(path.join(out, "cards.md"), "utf8"), /## AA-One[\s\S]*ENF, Dfb[\s\S]*Outliers|Outliers[\s\S]*## AA-One/);
  const made = JSON.parse(fs.readFileSync(path.join(out, "provenance.json"), "utf8")) as { table: { name: string; sha256: string }; workbook: string; commit: string | null };
  assert.deepEqual(made.table, { name: "T.parquet", sha256: sha256(file) });
  assert.ok("commit" in made && /^\d+\./.test(made.workbook));
  assert.equal(fs.readFileSync(path.join(out, "variables.csv"), "utf8").split("\n")[0]!.split(",").slice(0, 4).join(), "site,column,label,unit");
});
