import assert from "node:assert/strict";
import { test } from "node:test";
import { readVariables } from "../../../src/data/columns";
import { mergeBlocks } from "../../../src/data/ingest/merge";
import { chooseNetwork, networkOf } from "../../../src/data/ingest/network";
import type { SiteBlock } from "../../../src/data/ingest/site-block";

const variables = readVariables();

interface Given {
  readonly file: string;
  readonly first?: number;
  readonly days?: number;
  readonly nee?: number;
  readonly qc?: boolean;
  readonly ta?: number;
  readonly source?: string;
}

/** A block of one site with fluxes on each of its days. */
function block({ file, first = 0, days = 4, nee = 1, qc = true, ta = 10, source = "own" }: Given): SiteBlock {
  const of = (value: number): Float32Array => new Float32Array(days).fill(value);
  return {
    file, site: "AA-One", variant: "NT_VUT_REF", day: Int32Array.from({ length: days }, (_, i) => first + i),
    numbers: new Map([["nee", of(nee)], ["gpp", of(2)], ["reco", of(3)], ["nee_ustar05", of(nee)], ["ta_degC", of(ta)], ...(qc ? [["nee_qc", of(0.9)] as const] : [])]),
    text: { target_variant: new Array<string>(days).fill("NT_VUT_REF"), source: new Array<string>(days).fill(source), day_convention: new Array<null>(days).fill(null) },
  };
}

const FLX = "FLX_AA-One_FLUXNET2015_SUBSET_DD_2000-2014_1-4.csv";
const WARM = "FLX_AA-One_FLUXNET2015_FULLSET_DD_1996-2020_beta-3.csv";
const AMF = "AMF_AA-One_FLUXNET_SUBSET_DD_2000-2022_3-5.csv";

test("a network is told by the file's name, else by the rows' source; a table of one's own has none", () => {
  const names = (given: Given): string | undefined => networkOf(block(given))?.name;
  assert.deepEqual([FLX, WARM, AMF, "d/JPF_JP-Tak_FLUXNET_FLUXMET_DD_2001-2020.csv", "FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_1.csv", "own.csv"].map((file) => names({ file })), ["FLUXNET2015", "Warm Winter 2020", "AmeriFlux", "JapanFlux2024", "JapanFlux2024", undefined]);
  assert.equal(names({ file: "core.csv.gz", source: "WARMWINTER2020_NC+ERAI_DD" }), "Warm Winter 2020");
});

test("known QC goes before the longer record, that before the newer product, and that before the order of naming", () => {
  const kept = (...given: Given[]): [string | undefined, string[]] => {
    const blocks = given.map(block);
    const { dropped } = chooseNetwork(blocks);
    return [blocks.find((b) => !dropped.has(b))?.file, [...dropped.values()]];
  };
  assert.deepEqual(kept({ file: WARM, days: 9, qc: false }, { file: FLX, days: 2 }), [FLX, ["fluxes of Warm Winter 2020: FLUXNET2015 is kept (its QC is known)"]]);
  assert.deepEqual(kept({ file: FLX, days: 4 }, { file: WARM, days: 9 }), [WARM, ["fluxes of FLUXNET2015: Warm Winter 2020 is kept (the longer record: 9 days to 1970-01-09 against 4)"]]);
  assert.deepEqual(kept({ file: FLX }, { file: AMF }), [AMF, ["fluxes of FLUXNET2015: AmeriFlux is kept (the newer product: 2025 against 2020)"]]);
  assert.deepEqual(kept({ file: "AA-One_2000-2014_FLUXNET2015_Flux.nc", source: "PLUMBER2_FLUXNET2015", days: 9 }, { file: FLX }), [FLX, ["fluxes of PLUMBER2: FLUXNET2015 is kept (the original, not a compilation)"]]);
  assert.deepEqual(kept({ file: "JPF_AA-One_FLUXNET_DD_1.csv", days: 4 }, { file: "JPF_AA-One_FLUXNET_DD_2.csv", first: 2 })[1], [], "one network's files are one record");
});

test("records that do not overlap are both kept, and so are tables of one's own, where the first named wins", () => {
  const merged = mergeBlocks([block({ file: FLX, nee: 1 }), block({ file: AMF, first: 10, nee: 5 })], variables);
  assert.deepEqual([[...merged.numbers["nee"]!], merged.excluded], [[1, 1, 1, 1, 5, 5, 5, 5], []]);
  const own = mergeBlocks([block({ file: "own.csv", nee: 1 }), block({ file: FLX, nee: 5, first: 2 })], variables);
  assert.deepEqual([[...own.numbers["nee"]!], own.excluded], [[1, 1, 1, 1, 5, 5], []]);
});

test("the fluxes of the network that is not kept are left out on all days and counted; its drivers fill what the other lacks", () => {
  const merged = mergeBlocks([block({ file: FLX, nee: 1, first: 0, days: 4, ta: 1 }), block({ file: WARM, nee: 5, first: 2, days: 9, ta: 2 })], variables);
  assert.deepEqual([...merged.numbers["nee"]!], [NaN, NaN, ...new Array<number>(9).fill(5)]);
  assert.deepEqual([...merged.numbers["nee_ustar05"]!], [NaN, NaN, ...new Array<number>(9).fill(5)], "what belongs to a NEE goes with it");
  assert.deepEqual([...merged.numbers["nee_qc"]!.slice(0, 2)], [NaN, NaN]);
  assert.deepEqual([...merged.numbers["ta_degC"]!], [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]);
  assert.deepEqual(merged.excluded, [{ site: "AA-One", reason: "fluxes of FLUXNET2015: Warm Winter 2020 is kept (the longer record: 9 days to 1970-01-11 against 4)", days: 4 }]);
  assert.equal(merged.fluxDays, 11);
});
