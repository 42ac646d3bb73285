import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hasNotebooks } from "../../src/workbook/venv";
import { runNotebooks, type NotebookResult } from "../../src/workbook/notebooks";

/** The `skip` option of a test that needs the notebook kernel. */
export function needsKernel(): { skip: string | false } {
  return { skip: hasNotebooks() ? false : "needs .venv with the notebook kernel; run npm run setup" };
}

/** An output of an executed cell, as notebooks store it. */
export interface CellOutput {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

/** Executes cells as one notebook on the real kernel, in a folder of its own outside the project. */
export async function runCells(cells: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ result: NotebookResult; outputs: readonly CellOutput[][] }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "workbook-kernel-"));
  try {
    const file = path.join(folder, "cells.ipynb");
    const code = cells.map((source, i) => ({ cell_type: "code", id: `c${i}`, metadata: {}, execution_count: null, outputs: [{ output_type: "stream", name: "stdout", text: "left from elsewhere" }], source }));
    const kernelspec = { name: "tslab", display_name: "TypeScript", language: "typescript" };
    fs.writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: code }));
    const [result] = await runNotebooks([file], { outDir: path.join(folder, "out"), env, cellTimeout: 180 });
    const executed = JSON.parse(fs.readFileSync(result!.file, "utf8")) as { cells: { outputs: CellOutput[] }[] };
    return { result: result!, outputs: executed.cells.map((cell) => cell.outputs) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A text field of a notebook, which may be stored as lines. */
export function joined(text: string | readonly string[] | undefined): string {
  return typeof text === "object" ? text.join("") : (text ?? "");
}
