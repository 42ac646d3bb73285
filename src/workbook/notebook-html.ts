import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type * as Temml from "temml";
import { WorkbookError } from "../core/errors";
import { projectRoot, writeAtomic } from "../core/files";
import { temporaryFolder } from "../core/temporary-folder";
import { jupyterEnvironment, venvProgram } from "./venv";

/** The code of a Markdown cell, which no equation stands in. */
const CODE = /(```[\s\S]*?```|`[^`\n]*`)/;
const EQUATION = /\$\$([\s\S]+?)\$\$|\$([^$\n]+?)\$/g;

/**
 * An equation in TeX as MathML, which browsers typeset without scripts or fonts.
 * @throws WorkbookError BadArgument for what is not TeX
 * @example equationToMathml("R^2", false)
 */
export function equationToMathml(tex: string, display: boolean): string {
  const { renderToString } = require("temml") as typeof Temml;
  try {
    return renderToString(tex.trim(), { displayMode: display, throwOnError: true });
  } catch (cause) {
    throw new WorkbookError("BadArgument", `equationToMathml: TeX required, found ${tex}: ${(cause as Error).message.split("\n")[0]}; mend that equation`, { cause });
  }
}

/**
 * Takes the equations out of Markdown and leaves a mark for each, because nbconvert reworks markup inside Markdown; code stays as it is.
 * `made` gets their MathML.
 * @example setEquationsAside("$R^2$", []) // "EQUATION0X"
 */
export function setEquationsAside(markdown: string, made: string[]): string {
  const aside = (_: string, block: string | undefined, inline: string | undefined): string => `EQUATION${made.push(equationToMathml((block ?? inline)!, block !== undefined)) - 1}X`;
  return markdown.split(CODE).map((part, i) => (i % 2 === 1 ? part : part.replace(EQUATION, aside))).join("");
}

/**
 * Writes executed notebooks as HTML pages beside them, `NAME.html`: outputs and equations inside, nothing asked of another machine.
 * @throws WorkbookError MissingPart without .venv, BadFile when nbconvert refuses a notebook
 * @example notebooksToHtml(results.map((r) => r.file))
 */
export function notebooksToHtml(files: readonly string[]): string[] {
  const nbconvert = venvProgram("jupyter-nbconvert");
  const folder = temporaryFolder("notebook-html");
  try {
    return files.map((file) => {
      const name = path.basename(file, ".ipynb");
      const notebook = JSON.parse(fs.readFileSync(file, "utf8")) as { cells: { cell_type: string; source: string | string[] }[] };
      const equations: string[] = [];
      for (const cell of notebook.cells) if (cell.cell_type === "markdown") cell.source = setEquationsAside(typeof cell.source === "string" ? cell.source : cell.source.join(""), equations);
      const prepared = path.join(folder, `${name}.ipynb`);
      fs.writeFileSync(prepared, JSON.stringify(notebook));
      const template = [`--TemplateExporter.extra_template_basedirs=${path.join(projectRoot(), "src", "workbook")}`, "--template=page", "--HTMLExporter.embed_images=True", "--HTMLExporter.sanitize_html=False"];
      const { status, stderr } = spawnSync(nbconvert, ["--to", "html", ...template, prepared], { env: jupyterEnvironment(), encoding: "utf8" });
      if (status !== 0) throw new WorkbookError("BadFile", `notebooks --html: ${file}: a notebook that nbconvert reads is required: ${stderr.trim().split("\n").pop() ?? ""}; run npm run setup`, { file });
      const page = path.join(path.dirname(path.resolve(file)), `${name}.html`);
      writeAtomic(page, fs.readFileSync(path.join(folder, `${name}.html`), "utf8").replace(/EQUATION(\d+)X/g, (_, i: string) => equations[Number(i)]!));
      return page;
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
