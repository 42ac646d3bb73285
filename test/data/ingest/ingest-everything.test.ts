import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { ingest } from "../../../src/data/ingest/ingest";
import { needsShared, sharedPath } from "../../helpers/shared";

/** What each folder of the shared data may come to: kinds that are read, kinds that are ignored. */
const FOLDERS: Readonly<Record<string, readonly RegExp[]>> = {
  ameriflux: [/^ameriflux-base$/, /^badm$/],
  "carbonfluxbench-results": [/^other$/, /^published-scores$/],
  fluxnet2015: [/^oneflux-daily$/, /^other-resolution$/],
  "icos-half-hourly": [/^icos-half-hourly$/],
  "icos-warm-winter-2020": [/^oneflux-daily$/, /^other-resolution$/, /companion/],
  modis: [/modis/i, /site-list/],
  "oneflux-half-hourly": [/^oneflux-qc-input$/],
  "ozflux-monthly": [/^other-resolution$/],
  plumber2: [/^plumber2$/, /^oneflux-daily$/],
  sites: [/^site-list$/],
  "towers-daily": [/^tidy-csv$/, /^site-list$/],
};

test("one ingest takes every shared file for what it is: none is bad, each kind is named, what is ignored says why", needsShared("data"), async () => {
  const folders = Object.keys(FOLDERS).map((name) => sharedPath(`data/${name}`)!);
  const { report } = await ingest(folders, { skipBad: true });
  assert.deepEqual(report.files.filter((f) => f.status === "bad").map((f) => [f.path, f.reason]), []);
  for (const file of report.files) {
    const folder = path.basename(path.dirname(file.path));
    assert.ok(FOLDERS[folder]!.some((kind) => kind.test(file.kind)), `${file.path} is taken for ${file.kind}`);
    if (file.status === "ignored") assert.ok(file.reason !== null && file.reason.length > 10, file.path);
    else assert.ok(file.rows > 0 || /metadata/.test(file.reason ?? ""), `${file.path}: ${file.rows} rows`);
  }
  assert.ok(report.n_sites > 60, `${report.n_sites} sites`);
  const networks = report.excluded.filter((e) => / is kept \(/.test(e.reason));
  assert.ok(networks.length > 0, "sites that stand in two networks are told");
});
