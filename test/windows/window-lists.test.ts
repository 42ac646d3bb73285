import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../src/core/days";
import type { Physical } from "../../src/core/quantities";
import { random } from "../../src/core/random";
import { recordOfDrivers } from "../../src/windows/record";
import { predictSupport, supportCandidates } from "../../src/windows/support";
import { WindowLists } from "../../src/windows/window-lists";
import { predictionStarts } from "../../src/windows/windows";
import { aSite } from "../helpers/tables";

const RULE = { window: 30, support_season: "all", support_predict: 12 } as const;

test("lists are those that are made one by one, over random gaps", () => {
  const stream = random(5, "gaps");
  const lists = new WindowLists();
  for (let k = 0; k < 30; k++) {
    const drivers = Float32Array.from({ length: 500 }, () => (stream.uniform() < 0.01 ? NaN : 1)) as Physical<Float32Array>;
    const record = recordOfDrivers(aSite(`S${k}`), parseDay("2001-01-01"), drivers, ["ta_degC"], 0);
    assert.deepEqual(lists.starts(record, 30), predictionStarts(record, 30));
    for (const season of ["all", "growing"] as const) {
      assert.deepEqual([...lists.support(record, { ...RULE, support_season: season })], predictSupport(supportCandidates(record, 30, season), 12));
    }
  }
});

test("a cell under another class asks for no list anew, another rule or another record does", () => {
  const days = (n: number): Physical<Float32Array> => new Float32Array(n).fill(1) as Physical<Float32Array>;
  const record = recordOfDrivers(aSite("A"), parseDay("2001-01-01"), days(400), ["ta_degC"], 0);
  const lists = new WindowLists();
  const other = { ...record, site: { ...record.site, igbp: "CRO" as const } };
  assert.equal(lists.starts(other, 30), lists.starts(record, 30));
  assert.equal(lists.support(other, RULE), lists.support(record, RULE));
  assert.notEqual(lists.starts(record, 31).length, lists.starts(record, 30).length);
  assert.equal(lists.support(record, { ...RULE, support_predict: 4 }).length, 4);
  assert.equal(lists.starts(recordOfDrivers(aSite("B"), parseDay("2001-01-01"), days(60), ["ta_degC"], 0), 30).length, 31);
});
