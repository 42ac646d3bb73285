import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { openXgboostLibrary, xgboostFile } from "../../src/backend/xgboost/library";
import { isWorkbookError } from "../../src/core/errors";
import { xgboostLearner } from "../../src/run/xgboost-learner";
import { joined, needsKernel, runCells } from "../helpers/notebook";
import { needsXgboost } from "../helpers/xgboost";

const { WHEELS, unsupported, libraryFile } = require("../../src/workbook/setup/xgboost.cjs") as {
  WHEELS: Record<string, { file: string; sha256: string }>;
  unsupported(platform: string, arch: string): string | null;
  libraryFile(folder: string, platform: string): string;
};

test("a library that is not there, or is none, names its cure", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "xgboost-"));
  const torn = path.join(folder, "libxgboost.so");
  fs.writeFileSync(torn, "no library");
  for (const [file, found] of [[path.join(folder, "absent.so"), /there is none at/], [torn, /does not load/]] as const) {
    assert.throws(() => openXgboostLibrary(file), (e) => isWorkbookError(e, "MissingPart") && found.test(e.message) && /npm run setup.*TAMRL_XGBOOST/.test(e.message) && !e.message.includes("\n"));
  }
});

test("the library says its version, and provenance names it", needsXgboost, async () => {
  assert.match(openXgboostLibrary().version, /^3\.\d+\.\d+$/);
  const engine = await xgboostLearner.open();
  assert.match(engine!.versions["xgboost"]!, /^3\./);
  assert.match(engine!.device, /^CPU, \d+ threads?$/);
});

test("set-up lays the library where it is looked for, on each machine that has a wheel", () => {
  for (const key of Object.keys(WHEELS)) {
    const [platform, arch] = key.split("-") as [string, string];
    assert.equal(unsupported(platform, arch), null);
    assert.equal(libraryFile(path.join("root", ".cache", "xgboost"), platform), xgboostFile("root", platform));
    assert.match(WHEELS[key]!.sha256, /^[0-9a-f]{64}$/);
  }
  assert.match(unsupported("sunos", "sparc")!, /sunos-sparc/);
});

test("the library trains inside the notebook kernel", { skip: needsXgboost.skip || needsKernel().skip }, async () => {
  const { result, outputs } = await runCells([
    `import { openXgboost } from "./src/backend/xgboost/engine";\nimport { fitXgboost } from "./src/model/xgboost";`,
    `const rows = { rows: 40, width: 1, x: Float32Array.from({ length: 40 }, (_, i) => i), y: Float32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1)), weight: new Float32Array(40).fill(1) };`,
    `const fit = await fitXgboost(openXgboost(), rows, rows, { seed: 1, threads: 1, rounds: 5 });\nconsole.log(fit.rounds);`,
  ]);
  assert.equal(result.error?.message, undefined);
  assert.equal(joined(outputs[2]![0]?.text).trim(), "5");
});
