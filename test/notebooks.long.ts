import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { notebookFile, notebookNames, runNotebooks } from "../src/workbook/notebooks";
import { hasNotebooks } from "../src/workbook/venv";
import { cellsOf, codeOf, dependOnTraining, textOf, wordsShown } from "./helpers/notebook-cells";

const skip = hasNotebooks() ? false : "needs the notebook kernel in .venv; run npm run setup";

/** Equal words, or numbers that agree to three digits. */
function agree(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [a, b].map((w) => Number(w.replace(/[,%()]/g, "").replace("−", "-"))) as [number, number];
  return Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= 5e-4 * Math.max(Math.abs(x), Math.abs(y), 1e-9);
}

test("each notebook, run at its own size, shows the numbers of its committed copy where no training comes before them", { skip }, async () => {
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), "notebooks-"));
  let compared = 0;
  for (const { name, file, error } of await runNotebooks(notebookNames().map((n) => path.basename(notebookFile(n), ".ipynb")), { outDir })) {
    assert.equal(error, null, `${name}: cell ${error?.cell}: ${error?.message}`);
    const [committed, run] = [codeOf(cellsOf(notebookFile(name))), codeOf(cellsOf(file))];
    const trained = dependOnTraining(run.map(textOf));
    run.forEach((cell, i) => {
      // the card of the machine says what computes here; progress comes and goes
      if (trained[i] || /doctor\(|report\.|show\.progress\(/.test(textOf(cell))) return;
      const [now, then] = [wordsShown(cell), wordsShown(committed[i]!)];
      assert.equal(now.length, then.length, `${name}: code cell ${i + 1} shows ${now.length} words, its committed copy ${then.length}`);
      now.forEach((word, k) => assert.ok(agree(word, then[k]!), `${name}: code cell ${i + 1}: ${word}, committed ${then[k]}`));
      compared += now.length;
    });
  }
  assert.ok(compared > 300, `words and numbers compared: ${compared}`);
});
