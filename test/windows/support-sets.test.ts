import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { siteRows } from "../../src/data/daily-table";
import { layRecord } from "../../src/windows/record";
import { supportCandidates } from "../../src/windows/support";
import { drawSets } from "../../src/windows/support-sets";
import { aSite, towerTable } from "../helpers/tables";

const RULE = { window: 45, support: 4, pastOnly: false, shared: true };
const table = towerTable([aSite("A"), aSite("B"), aSite("SHORT", { igbp: "CRO" })], 730);
const sites = siteRows(table).map((rows) => ({ candidates: supportCandidates(layRecord(table, rows, ["ta_degC"], 7), 45) }));

test("queries of one site share a set, those of another have their own", () => {
  const { sets, of } = drawSets(sites, [{ site: 0, start: 0 }, { site: 1, start: 0 }, { site: 0, start: 1 }], RULE, random(1, "s"));
  const again = drawSets(sites, [{ site: 0, start: 0 }, { site: 1, start: 0 }], RULE, random(1, "s"));
  assert.deepEqual(sets.slice(0, 2), again.sets);
  assert.equal(of[0] === of[2], sets.length === 2);
  assert.deepEqual(sets.map((s) => s.site).slice(0, 2), [0, 1]);
});

test("no query shares a day with its set, every set is of its query's site, and far fewer sets than queries are drawn", () => {
  for (let seed = 0; seed < 50; seed++) {
    const r = random(seed, "queries");
    const queries = Array.from({ length: 64 }, () => ({ site: r.int(2), start: r.int(730 - 45) }));
    for (const pastOnly of [false, true]) {
      const { sets, of, shortSupport } = drawSets(sites, queries, { ...RULE, pastOnly }, r);
      queries.forEach(({ site, start }, b) => {
        const set = sets[of[b]!]!;
        assert.equal(set.site, site);
        if (shortSupport > 0 && set.starts.length === 1 && set.starts[0] === start) return;
        for (const s of set.starts) assert.ok(s + 45 <= start || (!pastOnly && s >= start + 45), `seed ${seed}: query ${start}, support ${s}`);
      });
      if (!pastOnly) assert.ok(sets.length < 20, `${sets.length} sets`);
    }
  }
});

test("not shared, each query draws as drawSupport alone would", () => {
  const queries = [0, 100, 200].map((start) => ({ site: 0, start }));
  const { sets, of } = drawSets(sites, queries, { ...RULE, shared: false }, random(3, "s"));
  assert.equal(sets.length, 3);
  assert.deepEqual([...of], [0, 1, 2]);
});

test("a query whose record has no room keeps its own window to itself", () => {
  const lone = [{ candidates: { window: 45, byQuarter: [Int32Array.of(0), new Int32Array(0), new Int32Array(0), new Int32Array(0)] as const, quarters: [0, 1, 2, 3], outOfSeason: false } }];
  const { sets, of, shortSupport } = drawSets(lone, [{ site: 0, start: 0 }, { site: 0, start: 0 }], RULE, random(1, "s"));
  assert.equal(shortSupport, 2);
  assert.deepEqual([...of], [0, 1]);
  assert.deepEqual(sets.map((s) => s.starts), [[0], [0]]);
});
