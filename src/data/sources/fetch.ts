import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import { makeFolder, sha256 } from "../../core/files";
import { readJson, writeJson } from "../../core/json";
import { nearest } from "../../core/nearest";
import type { Progress } from "../../core/progress";
import { storageFault } from "../../core/storage-fault";
import { lockFolder } from "../../engine/lock";
import { readCatalogue, type CatalogueEntry, type CatalogueSource } from "./catalogue";
import { fetchFile, type FetchPatience, type RemoteFile } from "./fetch-file";

/** What `fetchDataset` may be told. */
export interface FetchOptions {
  /** folder to put the files in; data/raw/NAME by default */
  readonly to?: string;
  /** another catalogue, e.g. of a mirror */
  readonly catalogue?: string;
  /** is shown licence, citation and address before anything is asked for */
  readonly notice?: (text: string) => void;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly patience?: FetchPatience;
}

/** One file's fate. */
export interface FetchReport {
  readonly name: string;
  readonly status: "fetched" | "in place";
  readonly bytes: number;
  readonly sha256: string;
  /** whether the hash was known beforehand, not only recorded */
  readonly checked: boolean;
}

/** What a fetch came to; `by_hand` tells what to do where nothing can be fetched. */
export interface FetchResult {
  readonly dataset: string;
  readonly to: string;
  readonly files: readonly FetchReport[];
  readonly by_hand: string | null;
}

/** Sizes and hashes of what a folder got, by name. */
type Record_ = Readonly<Record<string, { readonly url: string; readonly bytes: number; readonly sha256: string }>>;
const RECORD = "fetched.json";

/**
 * Fetches a data set of the catalogue, or says where to get it. Licence and citation are shown first. Files in place are kept when their hash
 * (or, where none is published, the size and hash recorded at the first fetch) still holds.
 * @throws WorkbookError BadArgument for an unknown name, BadFile for a file that cannot be had or is not what it should be, BadRun while another process fetches into the folder
 * @example await fetchDataset("xbase-monthly", { to: "data/raw/xbase", notice: (text) => process.stderr.write(text) })
 */
export async function fetchDataset(id: string, options: FetchOptions = {}): Promise<FetchResult> {
  const entry = findEntry(id, readCatalogue(options.catalogue));
  const to = options.to ?? path.join("data", "raw", id);
  options.notice?.(noticeOf(entry));
  const source = entry.fetch!;
  if (source.files.length === 0) return { dataset: id, to, files: [], by_hand: byHand(source, to) };
  if (fs.existsSync(to) && !fs.statSync(to).isDirectory()) throw new WorkbookError("BadArgument", `fetch: --to: a folder required, ${to} is a file; name another`, { file: to });
  makeFolder(to);
  const release = lockFolder(to, "fetch");
  try {
    return { dataset: id, to, files: await fetchAll(source, to, options), by_hand: null };
  } finally {
    release();
  }
}

async function fetchAll(source: CatalogueSource, to: string, options: FetchOptions): Promise<FetchReport[]> {
  const recordFile = path.join(to, RECORD);
  let record: Record_ = fs.existsSync(recordFile) ? readJson<Record_>(recordFile, "fetch") : {};
  const files: FetchReport[] = [];
  for (const file of source.files) {
    const target = path.join(to, file.name);
    const there = inPlace(file, target, record);
    let got = there;
    try {
      got ??= await fetchFile(file, target, options);
    } catch (error) {
      // a full disk is full for a file that is brought by hand too
      if (!isWorkbookError(error, "BadFile") || storageFault(error, to) !== null) throw error;
      throw new WorkbookError("BadFile", `${error.message}. By hand: ${accountOf(source)}${source.steps} (${source.landing}); place it as ${target} and run the command again`, { ...error.fields, cause: error });
    }
    record = { ...record, [file.name]: { url: file.url, bytes: got.bytes, sha256: got.sha256 } };
    writeJson(recordFile, record);
    files.push({ name: file.name, status: there === null ? "fetched" : "in place", bytes: got.bytes, sha256: got.sha256, checked: file.sha256 !== null });
  }
  return files;
}

function findEntry(id: string, catalogue: readonly CatalogueEntry[]): CatalogueEntry {
  const known = catalogue.filter((e) => e.fetch !== undefined);
  const entry = known.find((e) => e.id === id);
  if (!entry) throw new WorkbookError("BadArgument", `fetch: one of ${known.map((e) => e.id).join(", ")} required, got "${id}"; nearest ${nearest(id, known.map((e) => e.id)).join(", ")}`);
  return entry;
}

/** Which account, what to do, and where to put what. */
function byHand(source: CatalogueSource, to: string): string {
  return `${accountOf(source)}${source.steps} (${source.landing}); place ${source.place ?? "the files"} in ${to}`;
}

const accountOf = ({ account }: CatalogueSource): string => (account === undefined ? "" : `account needed: ${account}. `);

function noticeOf(entry: CatalogueEntry): string {
  const size = entry.fetch!.files.reduce((sum, f) => sum + (f.bytes ?? 0), 0);
  return [
    entry.title, `  licence   ${entry.licence}`, `  cite      ${entry.citation}${entry.doi === null ? "" : `, doi:${entry.doi}`}`, `  from      ${entry.fetch!.landing}`,
    `  account   ${entry.fetch!.account ?? "none"}`,
    ...(entry.fetch!.files.length > 0 ? [`  files     ${entry.fetch!.files.length}${size > 0 ? `, ${(size / 1e6).toFixed(0)} MB` : ""}`] : []), "",
  ].join("\n");
}

/** A file that is already what it should be; one whose hash is known and differs is refused rather than replaced. */
function inPlace(file: RemoteFile, target: string, record: Record_): { bytes: number; sha256: string } | null {
  if (!fs.existsSync(target)) return null;
  const found = { bytes: fs.statSync(target).size, sha256: sha256(target) };
  const wanted = file.sha256 ?? record[file.name]?.sha256 ?? found.sha256;
  if (found.sha256.startsWith(wanted) && (file.bytes ?? found.bytes) === found.bytes) return found;
  throw new WorkbookError("BadFile", `fetch: ${target}: SHA-256 ${wanted}${file.bytes === null ? "" : ` and ${file.bytes} bytes`} required, found ${found.sha256.slice(0, wanted.length)} and ${found.bytes} bytes; move the file away and run the command again`, { file: target });
}
