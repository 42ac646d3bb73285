import * as fs from "node:fs";
import * as path from "node:path";
import { openBackend, type Backend } from "../backend/tf";
import { projectRoot } from "../core/files";
import { readJson } from "../core/json";
import { openXgboostLibrary } from "../backend/xgboost/library";
import { hasNotebooks } from "./venv";

/** A part that this machine does not have. */
export interface MissingPart {
  readonly what: string;
  readonly why?: string;
  readonly cure: string;
}

/** What is installed, what computes, and what is missing. */
export interface DoctorReport extends Backend {
  readonly node: string;
  readonly missing: readonly MissingPart[];
}

const PACKAGES = ["tslab", "arquero", "danfojs-node", "nodeplotlib", "@tensorflow/tfjs-node-gpu", "webgpu", "@duckdb/node-api", "@observablehq/plot", "typescript"];

/**
 * Opens the backend as a run would and reports it, with versions and the parts that set-up could not have.
 * @example console.log(doctorText(await doctor()))
 */
export async function doctor(): Promise<DoctorReport> {
  const backend = await openBackend();
  const xgboost = xgboostPart();
  const missing = missingParts();
  const told = missing.some(({ what }) => what === xgboost.missing?.what || what === "set-up");
  return {
    node: process.versions.node, ...backend, versions: { ...workbookVersions(), ...backend.versions, ...xgboost.versions },
    missing: xgboost.missing === null || told ? missing : [...missing, xgboost.missing],
  };
}

/** XGBoost's version, or what is missing of it: the library is opened as a run would. */
function xgboostPart(): { versions: Record<string, string>; missing: MissingPart | null } {
  try {
    return { versions: { xgboost: openXgboostLibrary().version }, missing: null };
  } catch (error) {
    return { versions: {}, missing: { what: "XGBoost library", cure: `${(error as Error).message}; without it model xgboost is left out` } };
  }
}

/** What the last set-up could not have, and notebooks where they have gone since. */
export function missingParts(root = projectRoot(), notebooks = hasNotebooks()): MissingPart[] {
  const file = path.join(root, ".cache", "setup.json");
  if (!fs.existsSync(file)) return [{ what: "set-up", why: "it has not run in this folder", cure: "run npm run setup" }];
  const recorded = readJson<{ missing: MissingPart[] }>(file, "doctor").missing.map(({ what, why, cure }) => ({ what, why, cure }));
  const known = recorded.some(({ what }) => /notebook/.test(what));
  return notebooks || known ? recorded : [...recorded, { what: "notebook kernel", why: "it is not in .venv", cure: "run npm run setup" }];
}

/** Versions of this project and of the packages a reader asks for; JupyterLab's from its folder's name. */
function workbookVersions(root = projectRoot()): Record<string, string> {
  const versions: Record<string, string> = { workbook: readJson<{ version: string }>(path.join(root, "package.json")).version };
  for (const name of PACKAGES) {
    const file = path.join(root, "node_modules", name, "package.json");
    if (fs.existsSync(file)) versions[name] = readJson<{ version: string }>(file).version;
  }
  const jupyterlab = jupyterlabVersion(path.join(root, ".venv", "lib"));
  return jupyterlab === null ? versions : { ...versions, jupyterlab };
}

function jupyterlabVersion(lib: string): string | null {
  if (!fs.existsSync(lib)) return null;
  for (const python of fs.readdirSync(lib)) {
    const packages = path.join(lib, python, "site-packages");
    const found = fs.existsSync(packages) ? fs.readdirSync(packages).find((f) => /^jupyterlab-[\d.]+\.dist-info$/.test(f)) : undefined;
    if (found) return found.slice("jupyterlab-".length, -".dist-info".length);
  }
  return null;
}

/** The report for a person. @example process.stdout.write(doctorText(report)) */
export function doctorText(report: DoctorReport): string {
  const why = report.why.map((line) => `  ${line}`);
  const versions = Object.entries(report.versions).map(([name, version]) => `  ${name.padEnd(28)}${version}`);
  const missing = report.missing.map(({ what, why: reason, cure }) => `  ${what}: ${reason === undefined ? "" : `${reason}; `}${cure}`);
  return [
    `Node.js ${report.node} on ${process.platform}-${process.arch}`,
    `backend ${report.backend}, LSTM kernel ${report.kernel}, device ${report.device}`,
    ...why,
    "versions", ...versions,
    ...(missing.length === 0 ? ["nothing is missing"] : ["missing", ...missing]),
    "",
  ].join("\n");
}
