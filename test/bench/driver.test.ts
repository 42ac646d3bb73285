import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { alternate, type Plan } from "../../src/bench/alternate";
import { timeCase } from "../../src/bench/bench";
import { startContender, type Contender, type ContenderSpec } from "../../src/bench/contender";
import { benchRows, checkLosses, lossDifference, median } from "../../src/bench/rows";
import { serve } from "../../src/bench/serve";
import { isWorkbookError } from "../../src/core/errors";
import { Readable } from "node:stream";
import { scratch } from "../helpers/cli";

const PLAN: Plan = { turnMs: 4, mostRuns: 8, seconds: 0, rounds: [3, 3], pauseMs: 0 };
const WORK = { name: "a case", unit: "site-days", units: 50 };

/** A contender in this process that takes `ms` a run and writes its turns down. */
function double(name: string, ms: number, turns: string[], losses: readonly number[] = [1]): Contender {
  return {
    name, ready: { losses, about: {} }, end: () => Promise.resolve(),
    run(times) {
      turns.push(`${name} ${times}`);
      return Promise.resolve({ ms: new Array<number>(times).fill(ms), rss_mb: ms });
    },
  };
}

function child(name: string, more: { ms: number; losses: readonly number[]; dies?: "now" | "later" }, turns: string): ContenderSpec {
  return { name, command: process.execPath, args: [path.join(__dirname, "contender-double.cjs"), JSON.stringify({ name, ...more })], peer: name === "peer", env: { TURNS: turns } };
}

test("each contender warms up once, then rounds go forth and back, all with the same number of runs", async () => {
  const turns: string[] = [];
  const measured = await alternate([double("a", 2, turns), double("b", 1, turns)], PLAN);
  // the faster takes 1 ms and a turn should take 4
  assert.deepEqual(turns, ["a 1", "b 1", "a 4", "b 4", "b 4", "a 4", "a 4", "b 4"]);
  assert.deepEqual(measured.map((m) => [m.name, m.ms.length, m.rss_mb]), [["a", 12, 2], ["b", 12, 1]]);
});

test("a run longer than a turn is made once a turn, and rounds end when the time is over", async () => {
  const turns: string[] = [];
  let clock = 0;
  await alternate([double("slow", 1000, turns)], { ...PLAN, seconds: 2, rounds: [1, 10] }, () => (clock += 1000));
  assert.deepEqual(turns, ["slow 1", "slow 1", "slow 1"]); // warm-up, the least round, and one more before 2 s are over
});

test("ratios are to the peer, of the minimum and of the median", () => {
  const measured = [{ name: "peer", ms: [10, 20, 40], rss_mb: 5 }, { name: "ours", ms: [5, 8, 30, 6], rss_mb: 7 }];
  const rows = benchRows(WORK, measured, new Map([["peer", [1, 2]], ["ours", [1, 2.0002]]]), "peer");
  assert.deepEqual(rows.map((r) => [r.contender, r.ms_min, r.ms_median, r.ratio_min, r.ratio_median, r.per_s]), [["peer", 10, 20, 1, 1, 5000], ["ours", 5, 7, 0.5, 0.35, 10000]]);
  assert.ok(Math.abs(rows[1]!.loss_difference - 1e-4) < 1e-9);
});

test("without the peer there are times but no ratios, and one that never ran has no row", () => {
  const rows = benchRows(WORK, [{ name: "ours", ms: [5], rss_mb: 7 }, { name: "dead", ms: [], rss_mb: 0, failed: "gone" }], new Map([["ours", [1]]]), "peer");
  assert.deepEqual(rows.map((r) => [r.contender, r.ms_min, r.ratio_min, r.ratio_median]), [["ours", 5, null, null]]);
});

test("the median of an even number is the mean of the two in the middle", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 2]), 2);
});

test("losses that differ are told apart from those that agree, and NaN agrees with nothing", () => {
  assert.equal(lossDifference([2, 4], [2, 5]), 0.2);
  assert.equal(lossDifference([1], [1, 1]), Infinity);
  assert.equal(lossDifference([NaN], [NaN]), Infinity);
  const [peer, ours, nan] = [double("peer", 1, [], [0.5, 0.4]), double("ours", 1, [], [0.5, 0.40001]), double("broken", 1, [], [NaN])];
  checkLosses("a case", ours, peer, 1e-4);
  assert.throws(() => checkLosses("a case", ours, peer, 1e-6), (e) => isWorkbookError(e, "NotFinite") && /a case.*ours.*0\.4000100.*0\.4000000/.test(e.message));
  assert.throws(() => checkLosses("a case", nan, nan, 1e-4), (e) => isWorkbookError(e, "NotFinite"));
});

test("contenders are processes of their own, alive together; their losses are held to the first one's", async () => {
  const turns = path.join(scratch("bench"), "turns");
  const specs = [child("peer", { ms: 2, losses: [1, 0.5] }, turns), child("ours", { ms: 1, losses: [1, 0.50001] }, turns)];
  const { rows, failed, versions } = await timeCase(WORK, specs, PLAN);
  assert.deepEqual(failed, []);
  assert.deepEqual(rows.map((r) => [r.contender, r.ratio_min, r.rss_mb]), [["peer", 1, 20], ["ours", 0.5, 10]]);
  assert.deepEqual(versions, { "peer: kind": "peer", "ours: kind": "ours" });
  assert.deepEqual(fs.readFileSync(turns, "utf8").trim().split("\n").slice(0, 4), ["peer 1", "ours 1", "peer 4", "ours 4"]);
});

test("a contender that computes something else has no time, and says so", async () => {
  const turns = path.join(scratch("bench"), "turns");
  const specs = [child("peer", { ms: 2, losses: [1, 0.5] }, turns), child("other weights", { ms: 1, losses: [1, 0.51] }, turns), child("ours", { ms: 1, losses: [1, 0.5] }, turns)];
  const { rows, failed } = await timeCase(WORK, specs, PLAN);
  assert.deepEqual(rows.map((r) => r.contender), ["peer", "ours"]);
  assert.deepEqual(failed.map((f) => [f.contender, /computes something else/.test(f.reason)]), [["other weights", true]]);
  assert.ok(!fs.readFileSync(turns, "utf8").includes("other weights"));
});

test("where the peer is missing or dead nothing else becomes the measure", async () => {
  const turns = path.join(scratch("bench"), "turns");
  const { rows } = await timeCase(WORK, [child("peer", { ms: 1, losses: [1], dies: "now" }, turns), child("ours", { ms: 1, losses: [1] }, turns)], PLAN);
  assert.deepEqual(rows.map((r) => [r.contender, r.ratio_min, r.ratio_median]), [["ours", null, null]]);
});

test("a contender that dies is named with its last words, and the others go on", async () => {
  const turns = path.join(scratch("bench"), "turns");
  const specs = [child("peer", { ms: 1, losses: [1] }, turns), child("first", { ms: 1, losses: [1], dies: "now" }, turns), child("then", { ms: 1, losses: [1], dies: "later" }, turns)];
  const { rows, failed } = await timeCase(WORK, specs, PLAN);
  assert.deepEqual(failed.map((f) => f.contender), ["first", "then"]);
  assert.match(failed[0]!.reason, /contender first: .*exit 3\): Error: out of luck;/);
  assert.match(failed[1]!.reason, /contender then: .*was killed \(out of memory\?\)/);
  assert.deepEqual(rows.map((r) => [r.contender, r.runs]), [["peer", 12], ["then", 4]]);
});

test("a program that is not there is a contender that does not start", async () => {
  await assert.rejects(startContender({ name: "nobody", command: "/no/such/program", args: [] }), (e) => isWorkbookError(e, "MissingPart") && /nobody: .*does not start/.test(e.message));
});

test("a contender of ours says ready, answers runs, and passes over other lines", async () => {
  const lines: string[] = [];
  let runs = 0;
  await serve({ losses: [0.5], about: { kernel: "none" }, run: () => void runs++ }, Readable.from(["run 2\n", "nonsense\n", "run 1\n"]), (line) => lines.push(line));
  assert.deepEqual(JSON.parse(lines[0]!), { ready: { losses: [0.5], about: { kernel: "none" } } });
  const answers = lines.slice(1).map((line) => (JSON.parse(line) as { turn: { ms: number[]; rss_mb: number } }).turn);
  assert.deepEqual(answers.map((a) => a.ms.length), [2, 1]);
  assert.ok(answers.every((a) => a.rss_mb > 10));
  assert.equal(runs, 3);
});
