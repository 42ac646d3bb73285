import * as fs from "node:fs";
import * as ts from "typescript";

export interface Output {
  readonly output_type: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface Cell {
  readonly cell_type: "markdown" | "code";
  readonly source: string | readonly string[];
  readonly outputs?: readonly Output[];
  readonly execution_count?: number | null;
}

export const cellsOf = (file: string): readonly Cell[] => (JSON.parse(fs.readFileSync(file, "utf8")) as { cells: readonly Cell[] }).cells;
const joined = (value: unknown): string => (typeof value === "string" ? value : Array.isArray(value) ? value.join("") : "");
export const textOf = (cell: Cell): string => joined(cell.source);
export const codeOf = (cells: readonly Cell[]): readonly Cell[] => cells.filter((c) => c.cell_type === "code");

/** Headers of the tables a cell shows, units included. */
export const headersOf = (cell: Cell): readonly string[] => (cell.outputs ?? []).flatMap((o) => {
  const page = joined(o.data?.["text/html"]);
  return [...(/<thead>.*?<\/thead>/s.exec(page)?.[0] ?? "").matchAll(/<th\b[^>]*>(.*?)<\/th>/gs)].map((m) => m[1]!);
});

/** Words and numbers that a cell shows outside figures, in order. */
export function wordsShown(cell: Cell): string[] {
  const shown = (cell.outputs ?? []).map((o) => (o.data ? joined(o.data["text/html"] ?? o.data["text/markdown"] ?? o.data["text/plain"]) : joined(o.text)));
  const plain = shown.join(" ").replace(/<style>.*?<\/style>|<svg.*?<\/svg>/gs, " ").replace(/<[^>]*>/g, " ");
  return plain.split(/\s+/).filter((w) => w !== "");
}

/** Functions whose result depends on training, and the folder of a trained experiment. */
const TRAINED = ["ABLATIONS", "ablate", "embedSites", "evaluateRuns", "notebookMap", "notebookUpscaling", "predictRun", "probeEmbedding", "readLog", "runCard", "traceSite", "train"];

/**
 * For each block of a notebook whether it shows what depends on training: it calls one of those functions, or uses a variable of a
 * statement that did.
 */
export function dependOnTraining(blocks: readonly string[]): boolean[] {
  const tainted = new Set(TRAINED);
  return blocks.map((block) => {
    const source = ts.createSourceFile("cell.ts", block, ts.ScriptTarget.ES2022);
    let depends = false;
    source.statements.filter((s) => !ts.isImportDeclaration(s)).forEach((statement) => {
      const names: string[] = [];
      const declared: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isIdentifier(node)) names.push(node.text);
        if (ts.isVariableDeclaration(node)) collect(node.name, declared);
        ts.forEachChild(node, visit);
      };
      visit(statement);
      if (!names.some((n) => tainted.has(n))) return;
      depends = true;
      declared.forEach((n) => tainted.add(n));
    });
    return depends;
  });
}

function collect(name: ts.BindingName, into: string[]): void {
  if (ts.isIdentifier(name)) into.push(name.text);
  else name.elements.forEach((e) => ts.isBindingElement(e) && collect(e.name, into));
}
