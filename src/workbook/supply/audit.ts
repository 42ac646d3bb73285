import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { projectRoot } from "../../core/files";
import { makePinnedVenv, pythonOf } from "../pinned-venv";
import { requirementLists } from "./components";

/** What is publicly known against the packages of one registry. */
export interface Audit {
  readonly ecosystem: "npm" | "Python";
  /** packages that an answer came for */
  readonly answered: number;
  /** package, version and what is known */
  readonly weak: readonly string[];
  /** why there is no answer, or not one for every package; null where there is */
  readonly unanswered: string | null;
}

/**
 * What the npm registry knows against the packages of the lock file.
 * @example auditNpm().weak
 */
export function auditNpm(root = projectRoot()): Audit {
  const { stdout, error } = spawnSync("npm", ["audit", "--json", "--package-lock-only"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26, shell: process.platform === "win32" });
  return readNpmAudit(stdout ?? "", error?.message);
}

/** The answer of `npm audit --json`. @example readNpmAudit('{"vulnerabilities":{}}').unanswered // null */
export function readNpmAudit(json: string, error?: string): Audit {
  const said = parsed<{ vulnerabilities?: Readonly<Record<string, { severity: string; range?: string }>>; message?: string; metadata?: { dependencies?: { total?: number } } }>(json);
  if (said?.vulnerabilities === undefined) return { ecosystem: "npm", answered: 0, weak: [], unanswered: error ?? said?.message ?? "npm audit gave no list of weaknesses" };
  const weak = Object.entries(said.vulnerabilities).map(([name, { severity, range }]) => `${name} ${range ?? ""}: ${severity}`);
  return { ecosystem: "npm", answered: said.metadata?.dependencies?.total ?? 0, weak, unanswered: null };
}

/**
 * What is known against the Python packages of all lists of requirements, by pip-audit in an environment of its own, which is made at the first call.
 * @param osv an OSV service to ask instead of the Python package index
 * @example (await auditPython()).weak
 */
export async function auditPython(osv?: string, root = projectRoot()): Promise<Audit> {
  const folder = path.join(root, ".venv-audit");
  const failed = await makePinnedVenv({ root, folder, requirements: path.join("src", "workbook", "supply", "requirements.txt"), minor: 10 });
  if (failed !== null) return { ecosystem: "Python", answered: 0, weak: [], unanswered: `pip-audit cannot be had: ${failed.why}; ${failed.cure}` };
  const service = osv === undefined ? [] : ["--vulnerability-service", "osv", "--osv-url", osv];
  // one list at a time: environments may hold different versions of a package, which pip-audit takes for a mistake
  return readPipAudits(requirementLists(root).map((list) => {
    const { stdout, stderr } = spawnSync(pythonOf(folder), ["-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", ...service, "-r", list], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
    return { list, stdout: stdout ?? "", stderr: stderr ?? "" };
  }));
}

interface PipAudit {
  readonly dependencies?: readonly { readonly name: string; readonly version?: string; readonly vulns?: readonly { readonly id: string }[]; readonly skip_reason?: string }[];
}

/**
 * The answers of `pip-audit --format json`, one a list. It says "no known vulnerabilities" and ends well where the index knows none of the
 * packages it was asked about: those that it skipped are told as not answered.
 * @example readPipAudits([{ list: "requirements.txt", stdout: '{"dependencies":[{"name":"a","skip_reason":"not found"}]}', stderr: "" }]).unanswered
 */
export function readPipAudits(answers: readonly { readonly list: string; readonly stdout: string; readonly stderr: string }[]): Audit {
  const said = answers.map(({ list, stdout, stderr }) => ({ list, stderr, dependencies: parsed<PipAudit>(stdout)?.dependencies }));
  const silent = said.filter((s) => s.dependencies === undefined).map(({ list, stderr }) => `${list}: ${stderr.trim().split("\n").pop() || "no answer"}`);
  const all = said.flatMap((s) => s.dependencies ?? []);
  const skipped = all.filter((d) => d.skip_reason !== undefined);
  const weak = all.filter((d) => (d.vulns ?? []).length > 0).map((d) => `${d.name} ${d.version ?? ""}: ${d.vulns!.map((v) => v.id).join(", ")}`);
  const why = [...silent, ...(skipped.length === 0 ? [] : [`${skipped.length} of ${all.length} packages, first ${skipped[0]!.skip_reason!}`])];
  return { ecosystem: "Python", answered: all.length - skipped.length, weak: [...new Set(weak)], unanswered: why.length === 0 ? null : why.join("; ") };
}

/** A line about an audit. @example auditLine(auditNpm()) */
export function auditLine({ ecosystem, answered, weak, unanswered }: Audit): string {
  const known = weak.length > 0 ? `weaknesses known: ${weak.join("; ")}` : answered > 0 ? `no weakness known of ${answered} packages` : "";
  return `${ecosystem}: ${[known, unanswered === null ? "" : `no answer for all (${unanswered})`].filter((part) => part !== "").join("; ")}`;
}

function parsed<T>(json: string): T | null {
  try {
    return JSON.parse(json) as T;
  } catch {
    return null;
  }
}
