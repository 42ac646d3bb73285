import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../core/files";
import { readJson } from "../../core/json";
import { pythonLicences } from "./python-licences";

/** One piece of other people's software that set-up fetches. */
export interface Component {
  readonly ecosystem: "npm" | "pypi";
  readonly name: string;
  readonly version: string;
  /** as its publisher says it, an SPDX expression as a rule; null where it is not told here */
  readonly licence: string | null;
  /** npm: `sha512-BASE64`; PyPI: hex SHA-256, one for each file of the version */
  readonly hashes: readonly string[];
  /** where it is asked for: the lock file, a list of requirements, or a part of set-up */
  readonly from: string;
  /** for tests only */
  readonly test: boolean;
  /** not on every machine, or only when asked for */
  readonly optional: boolean;
  /** brings a script that npm would run at installation; ours are off */
  readonly installScript: boolean;
}

interface LockEntry {
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

/** The files that ask for Python packages, and those of them that not every set-up installs. */
const OPTIONAL = /partition|bench|supply/;

/**
 * Everything that set-up may fetch: npm packages of the lock file, Python packages of the lists of requirements, archives of set-up.
 * @throws WorkbookError BadFile when a list cannot be read
 * @example readComponents().length
 */
export function readComponents(root = projectRoot()): Component[] {
  return [...npmComponents(root), ...requirementLists(root).flatMap((file) => pythonComponents(root, file)), ...archives(root)];
}

/** The lists of Python requirements, as paths in the project. */
export function requirementLists(root = projectRoot()): string[] {
  return ["src/workbook", "src/workbook/supply", "src/bench"].flatMap((dir) => fs.readdirSync(path.join(root, dir)).filter((name) => /^requirements.*\.txt$/.test(name)).sort().map((name) => `${dir}/${name}`));
}

function npmComponents(root: string): Component[] {
  const { packages } = readJson<{ packages: Readonly<Record<string, LockEntry>> }>(path.join(root, "package-lock.json"), "supply");
  return Object.entries(packages).filter(([where]) => where !== "").map(([where, entry]) => ({
    ecosystem: "npm", name: entry.name ?? where.slice(where.lastIndexOf("node_modules/") + "node_modules/".length), version: entry.version, licence: entry.license ?? null,
    hashes: entry.integrity === undefined ? [] : [entry.integrity], from: "package-lock.json",
    test: entry.dev === true, optional: entry.optional === true, installScript: entry.hasInstallScript === true,
  }));
}

function pythonComponents(root: string, file: string): Component[] {
  const licences = pythonLicences(root);
  return parseRequirements(fs.readFileSync(path.join(root, file), "utf8")).map(({ name, version, marker, hashes }) => ({
    ecosystem: "pypi", name, version, licence: licences.get(`${name}==${version}`) ?? licences.get(name) ?? null, hashes, from: file,
    test: false, optional: OPTIONAL.test(file) || marker !== null, installScript: false,
  }));
}

/** One pinned line of a list of requirements. */
export interface Requirement {
  readonly name: string;
  readonly version: string;
  readonly marker: string | null;
  readonly hashes: readonly string[];
}

/**
 * The pinned packages of a list of requirements; a line that is none of it keeps an empty version, so that a check can name it.
 * @example parseRequirements("a==1 ; python_version < '3' --hash=sha256:00")[0].version // "1"
 */
export function parseRequirements(text: string): Requirement[] {
  const lines = text.replace(/\\\r?\n/g, " ").split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [spec] = line.split(/\s--hash=/);
    const [pinned, marker] = spec!.split(";").map((part) => part.trim());
    const [name, version] = pinned!.split("==");
    return { name: name!.toLowerCase().replace(/[-_.]+/g, "-"), version: version ?? "", marker: marker ?? null, hashes: [...line.matchAll(/--hash=sha256:([0-9a-f]{64})\b/g)].map((m) => m[1]!) };
  });
}

interface Wheel {
  readonly project: string;
  readonly version: string;
  readonly sha256: string;
}

/** Wheels that set-up uses as archives. Their licences are those that the projects publish. */
function archives(root: string): Component[] {
  const { FLAVOURS } = require(path.join(root, "src", "workbook", "setup", "flavours.cjs")) as { FLAVOURS: Readonly<Record<string, readonly Wheel[]>> };
  const { WHEELS } = require(path.join(root, "src", "workbook", "setup", "xgboost.cjs")) as { WHEELS: Readonly<Record<string, Wheel>> };
  const of = (wheel: Wheel, from: string, optional: boolean): Component => ({
    ecosystem: "pypi", name: wheel.project, version: wheel.version, hashes: [wheel.sha256], from, test: false, optional, installScript: false,
    licence: wheel.project.startsWith("nvidia-") ? "LicenseRef-NVIDIA-Proprietary" : "Apache-2.0",
  });
  return [
    ...Object.entries(FLAVOURS).flatMap(([flavour, wheels]) => wheels.map((wheel) => of(wheel, "src/workbook/setup/flavours.cjs", flavour === "gpu"))),
    ...Object.values(WHEELS).map((wheel) => of(wheel, "src/workbook/setup/xgboost.cjs", true)),
  ];
}
