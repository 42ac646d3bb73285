import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { benchCases, PARTS } from "../../src/bench/cases";
import { contendersOf, ourNames } from "../../src/bench/contenders";
import { busyShare, describeMachine } from "../../src/bench/machine";
import { findPeer } from "../../src/bench/peer";
import { benchText } from "../../src/bench/text";
import { isWorkbookError } from "../../src/core/errors";
import { scratch, tamrl } from "../helpers/cli";

test("the default cases hold every part once at least, and --full every combination of sizes", () => {
  assert.deepEqual([...new Set(benchCases(false).map((c) => c.part))], [...PARTS]);
  const steps = benchCases(true, ["step"]);
  assert.equal(steps.length, 16);
  assert.equal(new Set(steps.map((c) => `${c.batch} ${c.time} ${c.hidden} ${c.windows}`)).size, 16);
  const all = new Set(benchCases(true).map((c) => c.name));
  assert.ok(benchCases(false).every((c) => all.has(c.name)));
});

test("--only takes a part or the beginning of a case's name, and refuses what fits none", () => {
  assert.deepEqual(benchCases(false, ["lstm"]).map((c) => c.hidden), [128, 256]);
  assert.deepEqual(benchCases(false, ["step B128 T45 H128"]).map((c) => c.windows), [1, 4]);
  for (const word of ["steps", ""]) assert.throws(() => benchCases(false, [word]), (e) => isWorkbookError(e, "BadArgument") && e.message.includes("lstm B128"));
});

test("PyTorch stands first and twice, as installed and keeping its memory; ours are told backend, kernel and threads", () => {
  const specs = contendersOf("step", "dir", { python: "py", versions: {} }, { threads: 3, all: false });
  assert.deepEqual(specs.map((s) => [s.name, s.peer ?? false]), [["pytorch", true], ["pytorch, memory kept", false], ["native", false], ["wasm", false]]);
  assert.ok(specs.every((s) => s.env?.["TAMRL_THREADS"] === "3" && s.env["OMP_NUM_THREADS"] === "3"));
  assert.deepEqual(specs.map((s) => "MALLOC_TRIM_THRESHOLD_" in s.env!), [false, true, false, false]);
  assert.deepEqual(specs.slice(2).map((s) => [s.env!["TAMRL_BACKEND"], s.env!["TAMRL_LSTM"]]), [["tensorflow", "fused"], ["wasm", "auto"]]);
});

test("without PyTorch only ours are left; --all adds the hybrid; --contenders chooses", () => {
  const none = { why: "w", cure: "c" };
  assert.deepEqual(contendersOf("lstm", "dir", none, { threads: 2, all: true }).map((s) => s.name), ["native", "wasm", "hybrid"]);
  assert.deepEqual(contendersOf("lstm", "dir", none, { threads: 2, all: false, only: ourNames(["wasm"]) }).map((s) => s.name), ["wasm"]);
  assert.deepEqual(contendersOf("ingest", "dir", none, { threads: 2, all: false }).map((s) => s.name), ["ingest"]);
  assert.throws(() => ourNames(["pytorch"]), (e) => isWorkbookError(e, "BadArgument") && /native, wasm, hybrid/.test(e.message));
});

test("a missing PyTorch is told with its cure, and a named Python that lacks it too", async () => {
  const options = { install: false, say: () => undefined, root: scratch("peer") };
  const peer = await findPeer({ ...options, env: {} });
  assert.ok("why" in peer && /not there/.test(peer.why) && /npm run bench/.test(peer.cure));
  const named = await findPeer({ ...options, env: { TAMRL_BENCH_PYTHON: path.join(options.root, "python") } });
  assert.ok("why" in named && /TAMRL_BENCH_PYTHON/.test(named.why) && /install torch/.test(named.cure));
});

test("the machine is described, and a busy one is noticed", async () => {
  const machine = describeMachine(2);
  assert.ok(machine.cores >= 1 && machine.memory_gb > 0 && machine.threads === 2 && /^\d{4}-/.test(machine.date));
  const share = await busyShare(20);
  assert.ok(share >= 0 && share <= 1);
});

test("the table for a person shows ratios, rates, memory, and who failed", () => {
  const row = { name: "case", ms_min: 10, ms_median: 12, runs: 3, rss_mb: 500, unit: "site-days", loss: 1, loss_difference: 2e-7 };
  const text = benchText({
    machine: { ...describeMachine(2), versions: { torch: "2.15.0" } }, loss_tolerance: 1e-4, notes: ["a note"],
    rows: [{ ...row, contender: "pytorch", ratio_min: 1, ratio_median: 1, per_s: 1000 }, { ...row, contender: "wasm", ratio_min: null, ratio_median: null, per_s: null }],
    failed: [{ name: "case", contender: "native", reason: "it died" }],
  });
  assert.match(text, /PyTorch 2\.15\.0/);
  assert.match(text, /a note/);
  assert.match(text, /pytorch\s+10\.0\s+12\.0\s+1\.00\s+1\.00\s+1000 site-days\s+500\s+2\.0e-7/);
  assert.match(text, /wasm\s+10\.0\s+12\.0\s+–\s+–\s+–/);
  assert.match(text, /native: no time: it died/);
});

test("the verb refuses bad input before anything is fetched or timed", () => {
  for (const [argv, message] of [[["--only", "nothing"], /the cases are/], [["--contenders", "torch"], /native, wasm, hybrid/], [["--threads", "0"], /--threads/], [["--table", "no.parquet", "--only", "epoch"], /no\.parquet/]] as const) {
    const { code, stderr, stdout } = tamrl("bench", ...argv);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.equal(stdout, "");
  }
});
