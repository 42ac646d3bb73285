import * as path from "node:path";
import { projectRoot, writeAtomic } from "../core/files";
import { readJson } from "../core/json";
import { galleryPage, readGallery } from "./gallery";
import { readReference } from "./reference";
import { referenceMarkdown, referencePage } from "./reference-page";
import { writeReport } from "./report";

/**
 * Writes the reference of public names (HTML and Markdown) and the gallery of figures.
 * @returns the files
 * @example writeDocs("data/docs")
 */
export function writeDocs(out: string): string[] {
  const { version } = readJson<{ version: string }>(path.join(projectRoot(), "package.json"));
  const reference = readReference();
  const files = ["reference.html", "reference.md", "gallery.html"].map((name) => path.join(out, name)) as [string, string, string];
  writeReport(referencePage(reference, { workbook: version, "made from": "docstrings of src/index.ts" }), files[0]);
  writeAtomic(files[1], referenceMarkdown(reference));
  writeReport(galleryPage(readGallery(), { workbook: version, "made from": "test/figures/snapshots" }), files[2]);
  return files;
}
