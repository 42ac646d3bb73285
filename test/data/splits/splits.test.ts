import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { readJson } from "../../../src/core/json";
import type { Igbp, Koppen } from "../../../src/core/quantities";
import { random } from "../../../src/core/random";
import type { Site } from "../../../src/core/sites";
import { clusterOf, clusterSites, type Cluster } from "../../../src/data/splits/clusters";
import { assertNoLeakage } from "../../../src/data/splits/split-leakage";
import { makeSplit, validationSplit } from "../../../src/data/splits/splits";

const none = { clusters: [] };
const site = (id: string, koppen: Koppen | null = "C", igbp: Igbp | null = "ENF", lat: number | null = null, lon: number | null = null): Site => ({ site: id, lat, lon, igbp, koppen, koppenDetail: null });
const many = (n: number, koppen: Koppen, igbp: Igbp, prefix = koppen as string): Site[] => Array.from({ length: n }, (_, i) => site(`${prefix}${String(i).padStart(3, "0")}`, koppen, igbp));

/** A network with classes of every size and a third of the sites in clusters. */
function network(seed: number): Site[] {
  const r = random(seed, "network");
  const pick = <T>(xs: readonly T[]): T => xs[r.int(xs.length)]!;
  const sites: Site[] = [];
  while (sites.length < 180) {
    const [lat, lon] = [r.uniform() * 120 - 60, r.uniform() * 360 - 180];
    const mates = r.uniform() < 0.15 ? 2 + r.int(3) : 1;
    const koppen = pick(["A", "B", "C", "C", "C", "D", "D", "D", "D", "E"] as const);
    for (let m = 0; m < mates; m++) {
      const igbp = pick(["ENF", "ENF", "ENF", "GRA", "GRA", "CRO", "DBF", "WET", "SNO"] as const);
      sites.push(site(`S${String(sites.length).padStart(3, "0")}`, koppen, r.uniform() < 0.02 ? null : igbp, lat + m * 0.01, lon));
    }
  }
  return sites;
}

const sidesOf = (clusters: readonly Cluster[], train: readonly string[], held: readonly string[]): void => {
  for (const c of clusters) {
    const inTrain = c.sites.filter((s) => train.includes(s)).length;
    const inTest = c.sites.filter((s) => held.includes(s)).length;
    assert.ok(inTrain === c.sites.length || inTest === c.sites.length, `cluster ${c.id}: ${inTrain} to train, ${inTest} to test of ${c.sites.length}`);
  }
};

test("every site is on one side, clusters are whole, and the order of the sites does not matter", () => {
  for (let seed = 0; seed < 8; seed++) {
    const sites = network(seed);
    const clusters = clusterSites(sites, none);
    for (const spec of ["koppen", "igbp", "fold:2/5", "none"] as const) {
      const split = makeSplit(sites, spec, seed, { exceptions: none });
      assert.deepEqual([...split.train, ...split.test].sort(), sites.map((s) => s.site).sort());
      sidesOf(clusters, split.train, split.test);
      assert.deepEqual(makeSplit(random(seed, "order").shuffle(sites), spec, seed, { exceptions: none }), split);
    }
  }
});

test("each class of five sites or more gives a fifth to test, though clusters stay whole", () => {
  for (let seed = 0; seed < 8; seed++) {
    const sites = network(seed);
    const { train, test: held } = makeSplit(sites, "koppen", seed, { exceptions: none });
    for (const k of ["A", "B", "C", "D", "E"]) {
      const of = sites.filter((s) => s.koppen === k).map((s) => s.site);
      const share = of.filter((s) => held.includes(s)).length / of.length;
      assert.ok(Math.abs(share - 0.2) <= Math.max(0.05, 2 / of.length), `seed ${seed} class ${k}: ${share} of ${of.length}`);
      assert.ok(of.some((s) => train.includes(s)), `class ${k} keeps a training site`);
    }
  }
});

test("a class gives the nearest whole number to its share, and clusters of three do not unbalance folds", () => {
  const held = (n: number): number => makeSplit([...many(n, "C", "ENF"), ...many(20, "D", "GRA")], "koppen", 1).test.filter((s) => s.startsWith("C")).length;
  assert.deepEqual([7, 8, 12, 13, 17, 18].map(held), [1, 2, 2, 3, 3, 4]);
  const valid = (n: number): number => validationSplit([...many(n, "C", "ENF"), ...many(20, "D", "GRA")], 0.15, 1).validation.filter((s) => s.startsWith("C")).length;
  assert.deepEqual([9, 10, 16, 17].map(valid), [1, 2, 2, 3]);
  for (let seed = 0; seed < 40; seed++) {
    const sites = [...many(4, "C", "ENF"), ...many(4, "D", "GRA"), ...many(2, "A", "EBF")];
    const sizes = [1, 2, 3].map((i) => makeSplit(sites, `fold:${i}/3`, seed).test.length);
    assert.deepEqual(sizes.sort(), [3, 3, 4], `seed ${seed}`);
    const near = [site("X", "C", "ENF", 50, 10), site("Y", "C", "ENF", 50.01, 10), site("Z", "C", "ENF", 50.02, 10), ...many(3, "C", "ENF")];
    assert.equal(makeSplit(near, "fold:1/2", seed, { exceptions: none }).test.length, 3, `seed ${seed}`);
  }
});

test("another seed draws other sites, and each site is drawn about as often as any other", () => {
  const sites = [...many(20, "C", "ENF"), ...many(10, "D", "GRA")];
  const drawn = new Map(sites.map((s) => [s.site, 0]));
  for (let seed = 0; seed < 200; seed++) for (const s of makeSplit(sites, "koppen", seed).test) drawn.set(s, drawn.get(s)! + 1);
  for (const [s, n] of drawn) assert.ok(n > 15 && n < 70, `${s} drawn ${n} times of 200, 40 expected`);
});

test("igbp halves classes of 5 to 10 sites and gives a fifth of larger ones", () => {
  const sites = [...many(20, "C", "ENF", "F"), ...many(10, "C", "GRA", "G"), ...many(7, "C", "CRO", "K"), ...many(4, "C", "WET", "W"), ...many(2, "C", "MF", "M"), ...many(1, "C", "URB", "U")];
  const { test: held, notes } = makeSplit(sites, "igbp", 3);
  const count = (p: string): number => held.filter((s) => s.startsWith(p)).length;
  assert.deepEqual(["F", "G", "K", "W", "M", "U"].map(count), [4, 5, 3, 1, 0, 0]);
  assert.ok(notes.some((n) => /class URB has one site, which trains: U000/.test(n)), notes.join("\n"));
  assert.ok(notes.some((n) => /class WET has 4 sites, fewer than 5: 1 to test \(W/.test(n)));
});

test("sites without a class train with their whole cluster, and the notes list them", () => {
  const sites = [...many(10, "C", "ENF"), site("X", null, "ENF", 10, 10), site("Y", "C", "ENF", 10, 10.01)];
  for (let seed = 0; seed < 10; seed++) {
    const { train, notes } = makeSplit(sites, "koppen", seed, { exceptions: none });
    assert.ok(train.includes("X") && train.includes("Y"));
    assert.ok(notes.some((n) => n.startsWith("1 site without a class, for training: X")) && notes.some((n) => n.startsWith("cluster X trains whole")), notes.join("\n"));
  }
});

test("a class keeps a training site, even where a large cluster of another class would take its last", () => {
  const joined = (n: number, koppen: Koppen, lat: number, prefix: string): Site[] => Array.from({ length: n }, (_, i) => site(`${prefix}${i}`, koppen, "ENF", lat, 10 + i * 0.001));
  // to hold out 4 of 20 C sites, only the cluster with both E sites would do
  const sites = [...joined(4, "C", 10, "M"), ...joined(2, "E", 10.01, "N"), ...joined(16, "C", 40, "P"), ...many(10, "D", "ENF")];
  for (let seed = 0; seed < 5; seed++) {
    const { train, notes } = makeSplit(sites, "koppen", seed, { exceptions: none });
    assert.ok(train.includes("N0"), `seed ${seed}`);
    assert.ok(notes.some((n) => n === "class C: 4 of 20 sites wanted in test, 0 held out, for clusters stay whole"), notes.join("\n"));
  }
});

test("the folds part the sites, and each class is dealt evenly", () => {
  const sites = network(5);
  const folds = [1, 2, 3, 4, 5].map((i) => makeSplit(sites, `fold:${i}/5`, 9, { exceptions: none }).test);
  assert.deepEqual(folds.flat().sort(), sites.map((s) => s.site).sort());
  for (const k of ["A", "B", "C", "D", "E"]) {
    const n = folds.map((f) => f.filter((s) => sites.find((x) => x.site === s)!.koppen === k).length);
    assert.ok(Math.max(...n) - Math.min(...n) <= 4, `class ${k}: ${n.join(" ")}`);
  }
  for (const bad of ["fold:0/5", "fold:6/5", "fold:1/1", "fold:1/9999"] as const) assert.throws(() => makeSplit(sites, bad, 1, { exceptions: none }), (e) => isWorkbookError(e, "BadSplit") && e.message.includes(bad));
});

test("the published splits are the benchmark's, which breaks clusters and says how far", () => {
  const golden = readJson<{ published: { igbp: string; koppen: string; test_igbp: string[]; test_koppen: string[] } }>(path.join(__dirname, "../../fixtures/sklearn_splits.json")).published;
  const koppen = golden.koppen.split(" ");
  const sites = golden.igbp.split(" ").map((c, i) => site(`S${String(i).padStart(3, "0")}`, koppen[i] as Koppen, c as Igbp, 0, i * 0.1));
  for (const seed of [1, 2]) {
    const byIgbp = makeSplit(random(seed).shuffle(sites), "published-igbp", seed, { exceptions: none });
    assert.deepEqual(byIgbp.test, golden.test_igbp);
    assert.equal(byIgbp.wholeClusters, false);
    const byKoppen = makeSplit(random(seed).shuffle(sites), "published-koppen", seed, { exceptions: none });
    assert.deepEqual(byKoppen.test, golden.test_koppen);
    const near = byKoppen.test.filter((s) => [-1, 1].some((d) => byKoppen.train.includes(`S${String(Number(s.slice(1)) + d).padStart(3, "0")}`)));
    assert.ok(byKoppen.notes.some((n) => n.startsWith(`published split: ${near.length} of ${byKoppen.test.length} test sites lie within 15 km of a training site`)), byKoppen.notes.join("\n"));
  }
});

test("lists are taken as given; an unknown site is named with its nearest", () => {
  const sites = [site("DE-Hai"), site("DE-Tha"), site("FR-Hes")];
  const split = makeSplit(sites, { train: ["DE-Tha"], test: ["DE-Hai"] }, 1);
  assert.deepEqual([split.train, split.test], [["DE-Tha"], ["DE-Hai"]]);
  assert.deepEqual(split.notes, ["1 site on neither list, unused: FR-Hes"]);
  assert.throws(() => makeSplit(sites, { train: ["DE-Tha"], test: ["DE-Hia"] }, 1), (e) => isWorkbookError(e, "BadSplit") && /split\.test: DE-Hia.*nearest DE-Hai/.test(e.message));
  assert.throws(() => makeSplit(sites, { train: ["DE-Tha"], test: [] }, 1), (e) => isWorkbookError(e, "BadSplit") && /test site/.test(e.message));
  assert.throws(() => makeSplit(sites, { train: [], test: ["DE-Tha"] }, 1), (e) => isWorkbookError(e, "BadSplit") && /training site/.test(e.message));
});

test("a site or a cluster on two sides is a leak that names both", () => {
  const sites = [site("A", "C", "ENF", 0, 0), site("B", "C", "ENF", 0, 0.05), site("C", "C", "ENF", 50, 50)];
  const clusters = clusterSites(sites, none);
  assert.throws(() => makeSplit(sites, { train: ["A"], test: ["A", "C"] }, 1, { exceptions: none }), (e) => isWorkbookError(e, "Leakage") && e.fields.site === "A");
  assert.throws(() => makeSplit(sites, { train: ["A", "C"], test: ["B"] }, 1, { exceptions: none }), (e) => isWorkbookError(e, "Leakage") && /cluster A in train \(A\) and in test \(B\)/.test(e.message));
  assert.throws(() => assertNoLeakage({ train: ["A"], validation: ["B"], test: ["C"] }, clusters), (e) => isWorkbookError(e, "Leakage") && /validation \(B\)/.test(e.message));
  assert.throws(() => assertNoLeakage({ train: ["A"], test: ["A"], wholeClusters: false }, clusters), (e) => isWorkbookError(e, "Leakage"));
  assertNoLeakage({ train: ["A"], test: ["B"], wholeClusters: false }, clusters);
  assertNoLeakage({ train: ["A", "B"], test: ["C"] }, clusters);
});

test("a table with too few sites to hold one out is told so", () => {
  assert.throws(() => makeSplit([site("A"), site("B")], "koppen", 1), (e) => isWorkbookError(e, "BadSplit") && /found 0 of 2 sites/.test(e.message));
  assert.throws(() => makeSplit([], "none", 1), (e) => isWorkbookError(e, "BadSplit"));
  assert.throws(() => makeSplit([site("A")], "kopen", 1), (e) => isWorkbookError(e, "BadSplit") && /nearest koppen/.test(e.message));
});

test("validation takes about 15 % of each class by whole clusters, and one cluster where sites are few", () => {
  for (let seed = 0; seed < 8; seed++) {
    const sites = network(seed);
    const { train, validation } = validationSplit(sites, 0.15, seed, { exceptions: none });
    sidesOf(clusterSites(sites, none), train, validation);
    assert.ok(Math.abs(validation.length / sites.length - 0.15) < 0.03, `${validation.length} of ${sites.length}`);
    assert.deepEqual([...train, ...validation].sort(), sites.map((s) => s.site).sort());
  }
  const few = validationSplit([site("A"), site("B", "D"), site("C", "B")], 0.15, 1);
  assert.equal(few.validation.length, 1);
  assert.ok(few.notes[0]!.includes("too few"));
  assert.deepEqual(validationSplit([site("A", "C", "ENF", 50, 10), site("B", "D", "ENF", 50.01, 10), site("E", "B")], 0.15, 1, { exceptions: none }).validation, ["E"], "the smallest cluster");
  assert.throws(() => validationSplit([site("A")], 0.15, 1), (e) => isWorkbookError(e, "BadSplit"));
});

test("clusters given for the whole table serve the training side", () => {
  const sites = network(1);
  const clusters = clusterSites(sites, none);
  const split = makeSplit(sites, "koppen", 1, { clusters });
  const trainSites = sites.filter((s) => split.train.includes(s.site));
  const { train, validation } = validationSplit(trainSites, 0.15, 1, { clusters });
  assertNoLeakage({ train, validation, test: split.test }, clusters);
  assert.equal(train.length + validation.length, trainSites.length);
  assert.equal(clusterOf(clusters).size, sites.length);
});
