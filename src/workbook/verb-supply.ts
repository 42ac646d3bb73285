import * as path from "node:path";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { Given } from "./arguments";
import { auditLine, auditNpm, auditPython } from "./supply/audit";
import { readComponents } from "./supply/components";
import { judgeLicences, readLicenceRules } from "./supply/licences";
import { makeSbom } from "./supply/sbom";
import type { VerbResult } from "./verbs";

/** Options of `supply`. */
export const SUPPLY_OPTIONS = {
  out: { kind: "one" as const, help: "folder (data/docs)" },
  audit: { kind: "flag" as const, help: "also ask the registries for known weaknesses of npm and Python packages (needs their network; makes .venv-audit)" },
  osv: { kind: "one" as const, help: "with --audit: an OSV service (URL of its query) to ask about Python packages instead of their index" },
};

/**
 * Writes `licences.csv` and the bill of materials `sbom.cdx.json`; on request asks the registries for known weaknesses. Its exit code is 1
 * where a licence is not allowed or a weakness is known; optional parts that are not here are counted, not judged.
 * @throws WorkbookError MissingPart when no weakness is known, but a registry did not answer for every package
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
  const audits = given.flag("audit") ? [auditNpm(), await auditPython(given.one("osv"))] : [];
  const weak = audits.some((a) => a.weak.length > 0);
  // an audit that nobody answered is no clean one
  if (refused.length === 0 && !weak && audits.some((a) => a.unanswered !== null)) throw new WorkbookError("MissingPart", `supply --audit: an answer for every package is required; ${audits.map(auditLine).join("; ")}; the lists are written, ask again with a network`);
  const lines = [
    `${components.length} components → ${licences}, ${sbom}`,
    ...(refused.length === 0 ? ["every licence is allowed"] : ["licences that data/licences.json does not allow:", ...refused.map((r) => `  ${r}`)]),
    ...(absent.length === 0 ? [] : [`not judged, for they are only had when asked for and are not here: ${absent.length} Python packages of ${[...new Set(absent.map((c) => c.from))].join(", ")}`]),
    ...audits.map(auditLine),
  ];
  return { json: { licences, sbom, components: components.length, refused, not_judged: absent.map((c) => `${c.name} ${c.version}`), audits }, text: lines.join("\n"), code: refused.length > 0 || weak ? 1 : 0 };
}
