import * as crypto from "node:crypto";
import * as path from "node:path";
import { projectRoot } from "../../core/files";
import { readJson } from "../../core/json";
import type { Judged } from "./licences";

/** A bill of materials in CycloneDX's JSON. */
export interface Sbom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.5";
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly component: { readonly type: "application"; readonly "bom-ref": string; readonly name: string; readonly version: string }; readonly properties: readonly { readonly name: string; readonly value: string }[] };
  readonly components: readonly SbomComponent[];
}

interface SbomComponent {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly scope: "required" | "optional" | "excluded";
  readonly hashes: readonly { readonly alg: "SHA-512" | "SHA-256"; readonly content: string }[];
  readonly licenses: readonly { readonly expression: string }[] | readonly { readonly license: { readonly name: string } }[];
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Everything set-up may fetch, as a bill of materials: each version once, with its hashes, its licence and who asks for it. It holds no
 * time, so that the same sources give the same bytes.
 * @source CycloneDX 1.5; package URLs, purl-spec
 * @example makeSbom(judgeLicences(readComponents(), readLicenceRules())).components.length
 */
export function makeSbom(components: readonly Judged[], root = projectRoot()): Sbom {
  const { name, version } = readJson<{ name: string; version: string }>(path.join(root, "package.json"), "supply");
  const byUrl = new Map<string, Judged[]>();
  for (const component of components) byUrl.set(purl(component), [...(byUrl.get(purl(component)) ?? []), component]);
  const listed = [...byUrl].sort(([a], [b]) => (a < b ? -1 : 1)).map(([url, same]) => entry(url, same));
  const digest = crypto.createHash("sha256").update(JSON.stringify(listed)).digest("hex");
  return {
    bomFormat: "CycloneDX", specVersion: "1.5", serialNumber: `urn:uuid:${asUuid(digest)}`, version: 1,
    metadata: { component: { type: "application", "bom-ref": `${name}@${version}`, name, version }, properties: [{ name: "tamrl:made-from", value: "package-lock.json, requirements*.txt, src/workbook/setup" }] },
    components: listed,
  };
}

/** A component's package URL. @example purl({ ecosystem: "npm", name: "@a/b", version: "1.0.0" }) // "pkg:npm/%40a/b@1.0.0" */
export function purl({ ecosystem, name, version }: Pick<Judged, "ecosystem" | "name" | "version">): string {
  return `pkg:${ecosystem}/${name.split("/").map(encodeURIComponent).join("/")}@${encodeURIComponent(version)}`;
}

function entry(url: string, same: readonly Judged[]): SbomComponent {
  const { name, version, judged } = same[0]!;
  const hashes = [...new Set(same.flatMap((c) => c.hashes))].sort().map((hash) => (hash.startsWith("sha512-") ? { alg: "SHA-512" as const, content: Buffer.from(hash.slice(7), "base64").toString("hex") } : { alg: "SHA-256" as const, content: hash }));
  return {
    type: "library", "bom-ref": url, name, version, purl: url,
    scope: same.every((c) => c.test) ? "excluded" : same.every((c) => c.optional || c.test) ? "optional" : "required",
    hashes,
    // an expression must be SPDX's; a publisher's own words are a name
    licenses: judged === null ? [] : /^[\w.+() -]+$/.test(judged) && !/^SEE /i.test(judged) ? [{ expression: judged }] : [{ license: { name: judged } }],
    properties: [...new Set(same.map((c) => c.from))].map((from) => ({ name: "tamrl:asked-for-by", value: from })),
  };
}

/** Hex digits as a UUID of version 8, which is made from content. */
function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
