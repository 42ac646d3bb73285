import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { COLUMNS } from "../../src/core/columns";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import { readVariables } from "../../src/data/columns";
import { mapHeader } from "../../src/data/towers/header";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "columns-"));
after(() => fs.rmSync(folder, { recursive: true }));
const variables = readVariables();

test("every canonical column has one row, the preferred variant comes first", () => {
  assert.deepEqual([...variables.list.map((v) => v.column)].sort(), COLUMNS.map((c) => c.name).sort());
  assert.deepEqual(variables.variants, ["NT_VUT_USTAR50", "NT_VUT", "NT_VUT_REF"]);
});

test("the first alias that is there wins, in any case of letters", () => {
  const map = mapHeader(["Site", "TIMESTAMP", "TA_F_MDS", "ta_f", "FPAR", "fAPAR_modis", "remark"], variables);
  assert.equal(map.plain.get("ta_degC")!.name, "ta_f");
  assert.equal(map.plain.get("fapar")!.name, "fAPAR_modis");
  assert.deepEqual([map.keys.get("site"), map.keys.get("date")], [0, 1]);
  assert.deepEqual(map.unused, ["TA_F_MDS", "FPAR", "remark"]);
});

test("a percentile of versions and the constant threshold are not target variants", () => {
  const map = mapHeader(["NEE_VUT_50", "NEE_CUT_REF", "GPP_NT_VUT_50", "NEE_VUT_REF_NIGHT"], variables);
  assert.deepEqual(map.variants, []);
});

test("an alias with a unit brings its conversion", () => {
  const found = mapHeader(["site", "date", "ta_K", "nee_umol_m2_s"], variables);
  assert.deepEqual([found.plain.get("ta_degC")!.scale, found.plain.get("ta_degC")!.offset], [1, -273.15]);
  const nee = found.variants[0]!.columns.get("nee")!;
  assert.ok(Math.abs(nee.scale - 12.011e-6 * 86_400) < 5e-4, "1 µmol CO₂ m⁻² s⁻¹ is 1.0378 g C m⁻² d⁻¹");
});

test("a row that contradicts the canonical columns is refused by name", () => {
  const original = JSON.parse(fs.readFileSync(path.join(projectRoot(), "data", "variables.json"), "utf8"));
  const broken = (name: string, change: (raw: typeof original) => void, pattern: RegExp): void => {
    const raw = structuredClone(original);
    change(raw);
    const file = path.join(folder, `${name}.json`);
    fs.writeFileSync(file, JSON.stringify(raw));
    assert.throws(() => readVariables(file), (e) => isWorkbookError(e, "BadConfig") && pattern.test(e.message), name);
  };
  broken("unit", (raw) => { raw.variables.find((v: { column: string }) => v.column === "ta_degC").unit = "K"; }, /ta_degC: unit °C required, found K/);
  broken("twice", (raw) => { raw.variables.push(raw.variables[0]); }, /gpp: one row required, found 2/);
  broken("none", (raw) => { raw.variables.pop(); }, /leaf_area_index_low_vegetation: one row required, found 0/);
  broken("alias", (raw) => { raw.variables.find((v: { column: string }) => v.column === "ws_m_s").aliases.push("ta_f"); }, /an alias of its own required, found/);
  broken("conversion", (raw) => { raw.variables[0].aliases.push({ name: "gpp_kg", unit: "kg" }); }, /a conversion kg → g C m⁻² d⁻¹ required/);
  broken("key", (raw) => { raw.variables[0].alias = []; }, /known keys only, got "alias"/);
});
