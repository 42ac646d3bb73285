import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { projectRoot } from "../core/files";

/** A public name as its source tells it. */
export interface ReferenceEntry {
  readonly name: string;
  readonly kind: "function" | "type" | "constant";
  /** the comment over its group in src/index.ts */
  readonly stage: string;
  /** where it is written, from the project's folder */
  readonly file: string;
  /** as declared, without bodies */
  readonly signature: string;
  readonly purpose: string;
  /** shapes named in its docstring and comments, e.g. `[batch, time, feature]` */
  readonly shapes: readonly string[];
  readonly returns: readonly string[];
  readonly throws: readonly string[];
  readonly sources: readonly string[];
  readonly examples: readonly string[];
}

/**
 * Every name that `src/index.ts` exports, in its order, with what its docstring says.
 * @example readReference().find((e) => e.name === "train")?.throws
 */
export function readReference(index = path.join(projectRoot(), "src", "index.ts")): ReferenceEntry[] {
  const source = parse(index);
  const entries: ReferenceEntry[] = [];
  let stage = "";
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) continue;
    stage = stageOf(statement, source) ?? stage;
    const file = path.join(path.dirname(index), `${(statement.moduleSpecifier as ts.StringLiteral).text}.ts`);
    const module = parse(file);
    for (const { name, propertyName } of statement.exportClause.elements) entries.push(entry(name.text, (propertyName ?? name).text, module, stage));
  }
  return entries;
}

/**
 * The functions that a file of the project exports.
 * @example readFunctions("src/figures/site-map.ts")[0].name // "siteMap"
 */
export function readFunctions(file: string): ReferenceEntry[] {
  const module = parse(path.join(projectRoot(), file));
  const exported = module.statements.filter((s): s is ts.FunctionDeclaration => ts.isFunctionDeclaration(s) && (s.modifiers ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword));
  return [...new Set(exported.map((f) => f.name!.text))].map((name) => entry(name, name, module, ""));
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
}

/** The last comment line before an export, where there is one. */
function stageOf(node: ts.Node, source: ts.SourceFile): string | null {
  const lines = (ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []).map((r) => source.text.slice(r.pos, r.end)).filter((text) => text.startsWith("//"));
  return lines.length === 0 ? null : lines[lines.length - 1]!.replace(/^\/\/\s*/, "");
}

type Declared = ts.FunctionDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.VariableStatement;

function entry(name: string, declared: string, module: ts.SourceFile, stage: string): ReferenceEntry {
  const nodes = module.statements.filter((s): s is Declared => (ts.isVariableStatement(s) ? s.declarationList.declarations.some((d) => d.name.getText() === declared) : isNamed(s) && s.name?.text === declared));
  const own = docsOf(nodes);
  const docs = own.length > 0 ? own : docsOf(constantBehind(nodes, module));
  const tags = (tag: string): string[] => docs.flatMap((doc) => [...(doc.tags ?? [])].filter((t) => t.tagName.text === tag).map((t) => plain(t.comment)));
  const functions = nodes.filter(ts.isFunctionDeclaration);
  // of an overloaded function the implementation is nobody's to call
  const shown = functions.length > 1 ? functions.filter((f) => f.body === undefined) : nodes;
  const said = nodes.map((node) => node.getFullText()).join("\n");
  return {
    name, stage, file: path.relative(projectRoot(), module.fileName).replace(/\\/g, "/"),
    kind: functions.length > 0 ? "function" : nodes.some(ts.isVariableStatement) ? "constant" : "type",
    signature: shown.map((node) => signature(node, declared)).join("\n"),
    purpose: docs.map((doc) => plain(doc.comment)).filter((text) => text !== "").join("\n\n"),
    shapes: [...new Set([...said.matchAll(/`(\[[a-z][\w ,()×*]*\])`/g)].map((m) => m[1]!))],
    returns: tags("returns"), throws: tags("throws"), sources: tags("source"), examples: tags("example"),
  };
}

function docsOf(nodes: readonly ts.Node[]): ts.JSDoc[] {
  return nodes.flatMap((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc));
}

/** The constant whose values make a type, `type Igbp = (typeof IGBP)[number]`: what is said of it holds for the type. */
function constantBehind(nodes: readonly Declared[], module: ts.SourceFile): ts.Node[] {
  const of = nodes.map((node) => /= \(typeof (\w+)\)\[number\];?$/.exec(node.getText())?.[1]).find((name) => name !== undefined);
  return of === undefined ? [] : module.statements.filter((s) => ts.isVariableStatement(s) && s.declarationList.declarations.some((d) => d.name.getText() === of));
}

function isNamed(node: ts.Statement): node is Exclude<Declared, ts.VariableStatement> {
  return ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);
}

/** The text of a comment, one paragraph a paragraph. */
function plain(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  return (ts.getTextOfJSDocComment(comment) ?? "").replace(/[ \t]*\n[ \t]*(?!\n)/g, "\n").trim();
}

/** A declaration as a caller sees it: no bodies, no values longer than a line. */
function signature(node: Declared, name: string): string {
  const text = (part: ts.Node): string => part.getText().replace(/^export /, "");
  if (ts.isFunctionDeclaration(node)) return text(node).slice(0, node.body === undefined ? undefined : -node.body.getText().length).trim();
  if (ts.isClassDeclaration(node)) return node.members.reduce((all, m) => ("body" in m && m.body ? all.replace((m.body as ts.Node).getText(), ";").replace(" ;", ";") : all), text(node));
  if (!ts.isVariableStatement(node)) return text(node);
  const { type, initializer } = node.declarationList.declarations.find((d) => d.name.getText() === name)!;
  const value = initializer?.getText() ?? "";
  return `const ${name}${type === undefined ? "" : `: ${type.getText()}`}${value !== "" && value.length < 160 && !value.includes("\n") ? ` = ${value}` : ""}`;
}
