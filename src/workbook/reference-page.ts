import type { ReferenceEntry } from "./reference";
import type { Report, ReportSection } from "./report";

/**
 * The reference as Markdown, a heading a stage and a name.
 * @example fs.writeFileSync("reference.md", referenceMarkdown(readReference()))
 */
export function referenceMarkdown(entries: readonly ReferenceEntry[]): string {
  const stages = stagesOf(entries).map(([stage, own]) => `## ${heading(stage)}\n\n${own.map((e) => entryMarkdown(e, entries, "###")).join("\n\n")}`);
  return `# Reference\n\n${INTRO}\n\n${stages.join("\n\n")}\n`;
}

/** The reference as a page. @example writeReport(referencePage(readReference(), {}), "data/docs/reference.html") */
export function referencePage(entries: readonly ReferenceEntry[], provenance: Report["provenance"]): Report {
  const sections = stagesOf(entries).map(([stage, own]): ReportSection => ({ heading: heading(stage), parts: [{ markdown: own.map(link).join(" · ") }, ...own.map((e) => ({ markdown: entryMarkdown(e, entries, "#") }))] }));
  const names = entries.map((e) => ({ name: e.name, kind: e.kind, stage: heading(e.stage).split(":")[0]!, purpose: e.purpose.split(/(?<=\.)\s/)[0]! }));
  return { title: "TAM-RL workbook: reference", sections: [{ heading: "All names", parts: [{ markdown: INTRO }, { table: names, options: { limit: names.length } }] }, ...sections], provenance };
}

const INTRO = "What `./src/index` exports, made from the docstrings. Arrays are named by their axes; fluxes are in g C m⁻² d⁻¹; days are counted from 1970-01-01.";

function stagesOf(entries: readonly ReferenceEntry[]): [string, ReferenceEntry[]][] {
  const stages = new Map<string, ReferenceEntry[]>();
  for (const e of entries) stages.set(e.stage, [...(stages.get(e.stage) ?? []), e]);
  return [...stages];
}

function heading(stage: string): string {
  return stage === "" ? "Names" : stage[0]!.toUpperCase() + stage.slice(1);
}

function link({ name }: ReferenceEntry): string {
  return `[${name}](#${name})`;
}

function entryMarkdown(e: ReferenceEntry, all: readonly ReferenceEntry[], level: string): string {
  const others = all.filter((o) => o.name !== e.name && o.kind === "type" && new RegExp(`\\b${o.name}\\b`).test(e.signature));
  const listed = (label: string, items: readonly string[]): string[] => items.map((item) => `- **${label}** ${item.replace(/\s*\n\s*/g, " ")}`);
  const facts = [
    ...listed("shapes", e.shapes.length === 0 ? [] : [e.shapes.map((s) => `\`${s}\``).join(", ")]), ...listed("returns", e.returns), ...listed("throws", e.throws), ...listed("source", e.sources),
    ...(others.length === 0 ? [] : [`- **uses** ${others.map((o) => link(o)).join(", ")}`]), `- \`${e.file}\``,
  ];
  return [`${level} ${e.name}`, e.purpose, fence(e.signature), facts.join("\n"), ...e.examples.map(fence)].filter((part) => part !== "").join("\n\n");
}

function fence(code: string): string {
  return `\`\`\`ts\n${code}\n\`\`\``;
}
