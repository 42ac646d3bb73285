import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readVariables } from "../../../src/data/columns";
import { daysOf, hasColumn, numbers, texts } from "../../../src/data/daily-table";
import { ingest } from "../../../src/data/ingest/ingest";
import { listInputs, type InputFile } from "../../../src/data/files/input";
import { readOzfluxDaily } from "../../../src/data/towers/ozflux-daily";
import { classicNetcdf, type NetcdfContent } from "../../helpers/netcdf-files";
import { towerFile } from "./tower-file";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "japanflux-ozflux-"));
after(() => fs.rmSync(root, { recursive: true }));

function folder(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const dir = path.join(root, name);
  fs.mkdirSync(dir);
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, file), content);
  return dir;
}

const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-3, `${actual} is not ${expected}`);

test("a JapanFlux2024 daily file gives its vUT fluxes as a variant of their own, and its QC is left out and told", async () => {
  const dir = folder("japan", {
    "FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_2012-2012_1-3.csv": towerFile({ variants: ["vUT"] }),
    "FLX_JP-Tak_JapanFLUX2024_ALLVARS_MM_2012-2012_1-3.csv": "TIMESTAMP,NEE_vUT\n201201,3\n",
    "FLX_JP-Tak_JapanFLUX2024_ERA5_DD_1990-2024_1-3.csv": "TIMESTAMP,TA_ERA\n20120101,3\n",
  });
  const { table, report } = await ingest([dir]);
  assert.deepEqual(report.files.map((f) => [f.kind, f.status]), [["japanflux-daily", "read"], ["other-resolution", "ignored"], ["companion", "ignored"]]);
  assert.deepEqual([...texts(table, "target_variant")], ["NT_VUT", "NT_VUT", "NT_VUT"]);
  assert.deepEqual([...texts(table, "source")][0], "JapanFLUX2024_ALLVARS_DD");
  assert.ok(hasColumn(table, "gpp") && hasColumn(table, "reco") && !hasColumn(table, "nee_qc"));
  assert.match(report.warnings.join(), /JP-Tak: QC of JapanFlux2024 is left out/);
});

test("a JapanFlux2024 file without a whole variant is refused", async () => {
  const dir = folder("japan-bad", { "FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_2012-2012_1-3.csv": towerFile({ variants: ["vUT"], drop: ["GPP_NT_vUT"] }) });
  await assert.rejects(ingest([dir]), (e) => isWorkbookError(e, "MissingColumn") && /JP-Tak.*of one variant \(vUT or vUT_USTAR50\)/.test(e.message));
});

const N = 5;
const all = (value: number, units: string): { values: number[]; attributes: Record<string, string> } => ({ values: new Array<number>(N).fill(value), attributes: { units } });
const L6: NetcdfContent = {
  attributes: { fluxnet_id: "AU-Tum", latitude: "-35.6566", longitude: "148.1517", site_name: "Tumbarumba" },
  variables: {
    time: { values: Array.from({ length: N }, (_, i) => 77_431 + i), attributes: { units: "days since 1800-01-01 00:00:00.0" } },
    NEE_SOLO: all(-2, "gC/m^2/day"), GPP_SOLO: all(6, "gC/m^2/day"), ER_SOLO: { ...all(4, "gC/m^2/day"), values: [4, 4, -9999, 4, 4] }, NEE_LT: all(-1, "gC/m^2/day"),
    Ta: all(12.5, "degC"), Fsd: all(200, "W/m^2"), ps: all(88.2, "kPa"), Ws: all(3, "m/s"), Precip: all(1.5, "mm/day"),
  },
};
const OZ = "Tumbarumba_L6_Daily.nc";

test("an OzFlux L6 daily file gives one partition, drivers and position, with QC and VPD unknown", async () => {
  const { table, report } = await ingest([folder("oz", { [OZ]: classicNetcdf(L6), "Tumbarumba_L6.nc": Buffer.from("CDF\x01"), "Tumbarumba_L6_Monthly.nc": Buffer.from("CDF\x01") })]);
  assert.deepEqual(report.files.map((f) => [f.kind, f.status]), [["ozflux-l6", "ignored"], ["ozflux-l6-daily", "read"], ["ozflux-l6", "ignored"]]);
  assert.deepEqual([table.sites[0]!.site, table.sites[0]!.lat, table.sites[0]!.lon], ["AU-Tum", -35.6566, 148.1517]);
  assert.equal(new Date(daysOf(table)[0]! * 86_400_000).toISOString().slice(0, 10), "2012-01-01");
  near(numbers(table, "nee")[0]!, -2);
  near(numbers(table, "ta_degC")[0]!, 12.5);
  near(numbers(table, "p_mm_d")[0]!, 1.5);
  assert.ok(Number.isNaN(numbers(table, "reco")[2]!));
  assert.ok(!hasColumn(table, "nee_qc") && !hasColumn(table, "vpd_hPa"));
  assert.equal(texts(table, "source")[0], "OzFlux_L6_SOLO");
  const noon = { ...L6, variables: { ...L6.variables, time: { values: Array.from({ length: N }, (_, i) => 77_431.5 + i), attributes: { units: "days since 1800-01-01 00:00:00.0" } } } };
  assert.deepEqual(daysOf((await ingest([folder("oz-noon", { [OZ]: classicNetcdf(noon) })])).table), daysOf(table), "a stamp within the day is of that day");
});

test("an OzFlux file without a partition, an id or the daily unit is refused", async () => {
  const rejects = async (name: string, content: NetcdfContent, tag: string, pattern: RegExp): Promise<void> => {
    const [input] = await listInputs([path.join(folder(name, { [OZ]: classicNetcdf(content) }), OZ)]);
    await assert.rejects(readOzfluxDaily(input as InputFile, { variables: readVariables() }), (e) => isWorkbookError(e) && e.tag === tag && pattern.test(e.message), name);
  };
  const { GPP_SOLO: _gpp, ...fewer } = L6.variables;
  await rejects("partition", { ...L6, variables: fewer }, "MissingColumn", /one partition \(SOLO, LT, LL\) required, found .*ER_SOLO/);
  await rejects("id", { ...L6, attributes: {} }, "BadSite", /rename the file/);
  await rejects("unit", { ...L6, variables: { ...L6.variables, NEE_SOLO: all(1, "umol/m^2/s") } }, "BadUnit", /NEE_SOLO .* "umol\/m\^2\/s"/);
});
