import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { projectRoot, writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { Given } from "./arguments";
import { readComponents } from "./supply/components";
import { judgeLicences, readLicenceRules } from "./supply/licences";
import { makeSbom } from "./supply/sbom";
import type { VerbResult } from "./verbs";

/** Options of `supply`. */
export const SUPPLY_OPTIONS = {
  out: { kind: "one" as const, help: "folder (data/docs)" },
  audit: { kind: "flag" as const, help: "also ask the npm registry for known weaknesses of the packages (needs its network)" },
};

/**
 * Writes `licences.csv` and the bill of materials `sbom.cdx.json`; on request asks the registry for known weaknesses. Its exit code is 1
 * where a licence is not allowed or a weakness is known; optional parts that are not here are counted, not judged.
 * @throws WorkbookError MissingPart when the registry does not answer
 * @example await supplyVerb(given)
 */
export async function supplyVerb(given: Given): Promise<VerbResult> {
  const out = given.one("out") ?? path.join("data", "docs");
  const components = judgeLicences(readComponents(), readLicenceRules());
  const [licences, sbom] = [path.join(out, "licences.csv"), path.join(out, "sbom.cdx.json")];
  writeAtomic(licences, toCsv(components.map(({ ecosystem, name, version, judged, allowed, from, test, optional }) => ({ ecosystem, name, version, licence: judged, allowed, from, test, optional }))));
  writeJson(sbom, makeSbom(components));
  // a Python package tells its licence where it lies; what is only had when asked for may not be here
  const absent = components.filter((c) => c.judged === null && c.optional && c.ecosystem === "pypi");
  const refused = components.filter((c) => !c.allowed && !absent.includes(c)).map((c) => `${c.ecosystem} ${c.name} ${c.version}: ${c.judged ?? "no licence told"}`);
  const audit = given.flag("audit") ? auditNpm() : null;
  const lines = [
    `${components.length} components → ${licences}, ${sbom}`,
    ...(refused.length === 0 ? ["every licence is allowed"] : ["licences that data/licences.json does not allow:", ...refused.map((r) => `  ${r}`)]),
    ...(absent.length === 0 ? [] : [`not judged, for they are only had when asked for and are not here: ${absent.length} Python packages of ${[...new Set(absent.map((c) => c.from))].join(", ")}`]),
    ...(audit === null ? [] : [`known weaknesses of npm packages: ${audit.total} (${audit.names.join(", ") || "none"})`]),
  ];
  return { json: { licences, sbom, components: components.length, refused, not_judged: absent.map((c) => `${c.name} ${c.version}`), audit }, text: lines.join("\n"), code: refused.length > 0 || (audit?.total ?? 0) > 0 ? 1 : 0 };
}

/** What the npm registry knows against the packages of the lock file. */
function auditNpm(): { total: number; names: string[] } {
  const { stdout, error } = spawnSync("npm", ["audit", "--json", "--package-lock-only"], { cwd: projectRoot(), encoding: "utf8", maxBuffer: 1 << 26, shell: process.platform === "win32" });
  try {
    const { vulnerabilities, message } = JSON.parse(stdout) as { vulnerabilities?: Readonly<Record<string, { severity: string }>>; message?: string };
    if (vulnerabilities === undefined) throw new Error(message ?? "no list of weaknesses");
    const names = Object.entries(vulnerabilities).map(([name, { severity }]) => `${name}: ${severity}`);
    return { total: names.length, names };
  } catch (cause) {
    throw new WorkbookError("MissingPart", `supply --audit: an answer of the npm registry is required, found: ${error?.message ?? (cause as Error).message}; the lists are written, ask again with a network`, { cause });
  }
}
