import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { distanceKm, type Site } from "../../../src/core/sites";
import { clusterOf, clusterSites, neighbours, readSiteExceptions } from "../../../src/data/splits/clusters";
import { needsShared, sharedPath } from "../../helpers/shared";

const at = (site: string, lat: number | null, lon: number | null): Site => ({ site, lat, lon, igbp: null, koppen: null, koppenDetail: null });
const none = { clusters: [] };
const groups = (sites: Site[], exceptions = none as { clusters: { sites: string[]; why: string }[] }): string[] => clusterSites(sites, exceptions).map((c) => c.sites.join("+"));

test("sites within 15 km join, also through a third, and are named after the first", () => {
  const km = 1 / 111.195;
  const chain = [at("C", 28 * km, 0), at("A", 0, 0), at("B", 14 * km, 0), at("D", 44 * km, 0)];
  assert.deepEqual(groups(chain), ["A+B+C", "D"]);
  assert.equal(clusterOf(clusterSites(chain, none)).get("C"), "A");
  assert.deepEqual(groups(chain.filter((s) => s.site !== "B")), ["A", "C", "D"]);
});

test("the limit itself counts as near, and the date line does not part neighbours", () => {
  const limit = 15 / 111.1951;
  assert.ok(distanceKm({ lat: 0, lon: 0 }, { lat: limit, lon: 0 }) <= 15);
  assert.deepEqual(groups([at("A", 0, 0), at("B", limit, 0), at("C", 0, -limit * 1.001)]), ["A+B", "C"]);
  assert.deepEqual(groups([at("E", 60, 179.95), at("W", 60, -179.95)]), ["E+W"]);
});

test("a site without position stands alone and is counted, unless a named group holds it", () => {
  const sites = [at("A", 0, 0), at("B", null, 0), at("C", Number.NaN, 0)];
  const alone = clusterSites(sites, none);
  assert.deepEqual(alone.map((c) => c.id), ["A", "B", "C"]);
  assert.deepEqual(alone.flatMap((c) => c.withoutPosition), ["B", "C"]);
  assert.deepEqual(groups(sites, { clusters: [{ sites: ["B", "not here", "A"], why: "one field" }] }), ["A+B", "C"]);
});

test("order of the sites does not matter and no site is lost", () => {
  for (let seed = 0; seed < 20; seed++) {
    const r = random(seed, "clusters");
    const sites = Array.from({ length: 60 }, (_, i) => at(`S${i}`, 50 + r.uniform() * 2, 10 + r.uniform() * 2));
    const clusters = clusterSites(sites, none);
    assert.deepEqual(clusterSites(r.shuffle(sites), none), clusters);
    assert.deepEqual(clusters.flatMap((c) => c.sites).sort(), sites.map((s) => s.site).sort());
    const of = clusterOf(clusters);
    for (const a of sites) for (const b of sites) {
      const d = distanceKm({ lat: a.lat!, lon: a.lon! }, { lat: b.lat!, lon: b.lon! });
      if (d <= 15) assert.equal(of.get(a.site), of.get(b.site), `${a.site} ${b.site} ${d} km`);
    }
  }
});

test("a site listed twice is named", () => {
  assert.throws(() => clusterSites([at("A", 0, 0), at("A", 1, 1)], none), (e) => isWorkbookError(e, "BadSite") && e.fields.site === "A");
});

test("the committed exceptions name each site once, with a reason", () => {
  const { clusters } = readSiteExceptions();
  const named = clusters.flatMap((c) => c.sites);
  assert.equal(new Set(named).size, named.length);
  for (const group of clusters) assert.ok(group.why.length > 20 && group.sites.length > 1, group.sites.join());
  assert.ok(clusters.some((c) => c.sites.includes("US-Ne3")) && clusters.some((c) => c.sites.includes("ES-LM2")));
});

test("neighbours are the nearest within the limit", () => {
  const found = neighbours([at("T", 0, 0), at("U", 9, 9), at("V", null, null)], [at("A", 0.1, 0), at("B", 0.05, 0)]);
  assert.deepEqual(found.map((n) => [n.site, n.nearest, Math.round(n.km * 10) / 10]), [["T", "B", 5.6]]);
});

test("the real towers join where the data notes say they do", needsShared("data/towers-daily/sites.csv"), () => {
  const [head, ...lines] = fs.readFileSync(sharedPath("data/towers-daily/sites.csv")!, "utf8").trim().split(/\r?\n/).map((l) => l.split(","));
  const cell = (line: string[], name: string): string => line[head!.indexOf(name)]!;
  const sites = lines.map((l) => at(cell(l, "site"), Number(cell(l, "lat")), Number(cell(l, "lon"))));
  const joined = clusterSites(sites).filter((c) => c.sites.length > 1).map((c) => c.sites.join("+"));
  assert.deepEqual(joined, ["DE-Gri+DE-Hzd+DE-Kli+DE-Tha", "RU-Fy2+RU-Fyo", "SE-Ros+SE-Svb"]);
});
