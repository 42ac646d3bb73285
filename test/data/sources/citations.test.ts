import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { citationsMarkdown, usesOf, writeCitations } from "../../../src/data/sources/citations";
import { entryOfSource, readCatalogue } from "../../../src/data/sources/catalogue";
import { readVariables } from "../../../src/data/columns";
import { dailyTable } from "../../../src/data/daily-table";
import { readSiteCitations } from "../../../src/data/sources/site-citations";
import { scratch } from "../../helpers/cli";
import { aSite } from "../../helpers/tables";

const table = dailyTable({ site: ["AA-One", "AA-One", "BB-Two"], day: Int32Array.of(0, 1, 0), text: { source: ["FLUXNET2015_SUBSET_DD", "MOD13", "myNetwork"] }, numbers: { gpp: Float32Array.of(1, 2, 3) } }, [aSite("AA-One"), aSite("BB-Two")]);

test("every source used is cited with licence, DOI and its sites, and one that is not known is named as such", () => {
  assert.deepEqual(usesOf(table).map((u) => [u.source, u.sites]), [["FLUXNET2015_SUBSET_DD", ["AA-One"]], ["MOD13", ["AA-One"]], ["myNetwork", ["BB-Two"]]]);
  const text = citationsMarkdown("T.parquet", { table, further: [{ source: "ERA5-Land", sites: ["BB-Two"] }, { source: "koppen", sites: ["BB-Two"] }] });
  assert.match(text, /### FLUXNET2015 daily files[\s\S]*cite: Pastorello et al\. 2020[\s\S]*doi\.org\/10\.1038\/s41597-020-0534-3[\s\S]*licence: CC BY 4\.0[\s\S]*1 site: AA-One/);
  for (const title of ["### ERA5-Land", "### Köppen-Geiger maps", "### MODIS vegetation indices"]) assert.ok(text.includes(title), title);
  assert.match(text, /catalogue does not know[\s\S]*`myNetwork`: BB-Two/);
  assert.match(text, /each tower's own DOI/);
});

test("a product whose rows carry another's name is told by its files' names, site by site", () => {
  const files = [{ path: "x/FLX_AA-One_FLUXNET2015_SUBSET_DD_2018-2020_beta-3.csv.gz", site: "AA-One", status: "read" as const }];
  const both = dailyTable({ site: ["AA-One", "BB-Two"], day: Int32Array.of(0, 0), text: { source: ["FLUXNET2015_SUBSET_DD", "FLUXNET2015_SUBSET_DD"] }, numbers: { gpp: Float32Array.of(1, 2) } }, [aSite("AA-One"), aSite("BB-Two")]);
  const text = citationsMarkdown("T.parquet", { table: both, files });
  assert.match(text, /### FLUXNET2015 daily files[\s\S]*1 site: BB-Two\n/);
  assert.match(text, /### Warm Winter 2020[\s\S]*1 site: AA-One\n/);
});

test("the towers' own citations come from the list of sites, only of sites that are used", async () => {
  const file = path.join(scratch("cite"), "sites.csv");
  fs.writeFileSync(file, 'site,lat,lon,fluxnet_product_doi,citation\nAA-One,1,1,https://doi.org/10.17190/AMF/1,"Someone, A. (2020) https://doi.org/10.17190/AMF/1"\nBB-Two,1,1,,\nCC-Thr,1,1,10.1/x,Nobody\n');
  const ofSites = await readSiteCitations(file, readVariables());
  assert.deepEqual(ofSites.map((c) => [c.site, c.doi]), [["AA-One", "10.17190/AMF/1"], ["CC-Thr", "10.1/x"]]);
  const text = citationsMarkdown("T.parquet", { table, ofSites });
  assert.match(text, /\*\*AA-One\*\*: Someone, A\. \(2020\) https:\/\/doi\.org\/10\.17190\/AMF\/1\n/);
  assert.doesNotMatch(text, /Nobody/);
  assert.match(text, /Without a citation in the list: BB-Two/);
});

test("the list lies beside the table, one section a table: another table's stays, its own is written anew, a removed table's goes", () => {
  const dir = scratch("cite");
  for (const name of ["A.parquet", "B.parquet"]) {
    fs.writeFileSync(path.join(dir, name), "");
    writeCitations(path.join(dir, name), { table });
  }
  const file = path.join(dir, "citations.md");
  const sections = (): string[] => fs.readFileSync(file, "utf8").match(/^## .*$/gm)!;
  assert.deepEqual(sections(), ["## A.parquet", "## B.parquet"]);
  writeCitations(path.join(dir, "A.parquet"), { table });
  assert.deepEqual(sections(), ["## B.parquet", "## A.parquet"]);
  fs.rmSync(path.join(dir, "B.parquet"));
  writeCitations(path.join(dir, "A.parquet"), { table });
  assert.deepEqual(sections(), ["## A.parquet"]);
});

test("the longest beginning of a source decides, and every entry that has to be fetched by hand says where from, what and whereto", () => {
  const catalogue = readCatalogue();
  assert.equal(entryOfSource("FLUXNET2015_SUBSET_DD", catalogue)!.id, "fluxnet2015");
  assert.equal(entryOfSource("FLUXNET_SUBSET_DD", catalogue)!.id, "fluxnet-networks");
  assert.equal(entryOfSource("ICOS_HALF_HOURLY", catalogue)!.id, "icos");
  assert.equal(entryOfSource("of my own", catalogue), null);
  const byHand = catalogue.filter((e) => e.fetch !== undefined && e.fetch.files.length === 0 && e.id !== "xbase-hourly");
  assert.ok(byHand.length >= 14);
  for (const { id, fetch, licence, citation } of byHand) {
    assert.ok(fetch!.account !== undefined && fetch!.place !== undefined, id);
    assert.match(fetch!.steps, /without a network at hand/, `${id}: an address that was never tried says so`);
    assert.ok(licence.length > 5 && citation.length > 10, id);
  }
  assert.deepEqual(["fluxnet", "ameriflux", "icos", "japanflux2024", "ozflux", "plumber2", "carbonsense", "mod13", "mcd15", "mod11", "mod09ga", "era5-land", "koppen", "igbp"].filter((id) => !byHand.some((e) => e.id === id)), []);
});
