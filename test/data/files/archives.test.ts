import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { listInputs, type BadInput, type InputFile } from "../../../src/data/files/input";
import { scratchFile } from "../../helpers/cli";
import { zipOf } from "../towers/tower-file";

const isBad = (input: InputFile | BadInput): input is BadInput => "error" in input;
const good = (inputs: readonly (InputFile | BadInput)[]): InputFile[] => inputs.filter((i): i is InputFile => !isBad(i));

/** The one bad input of a path, which must say all of this in one line. */
async function bad(given: string, ...patterns: RegExp[]): Promise<void> {
  const inputs = (await listInputs([given])).filter(isBad);
  assert.equal(inputs.length, 1);
  const { error } = inputs[0]!;
  assert.ok(isWorkbookError(error, "BadFile"));
  for (const pattern of [/^ingest: /, /; /, ...patterns]) assert.match(error.message, pattern);
  assert.ok(!error.message.includes("\n"), "one line");
}

test("archives in archives are read entry by entry, and nothing is unpacked to disk", async () => {
  const inner = zipOf({ "b/two.csv": "2", "b/three.csv.gz": zlib.gzipSync("3") });
  const given = scratchFile("outer.zip", zipOf({ "one.csv": "1", "inner.zip": inner }));
  const inputs = good(await listInputs([given]));
  assert.deepEqual(inputs.map((i) => [i.path.slice(given.length), i.name]), [["/inner.zip/b/three.csv.gz", "three.csv"], ["/inner.zip/b/two.csv", "two.csv"], ["/one.csv", "one.csv"]]);
  for (const [k, text] of ["3", "2", "1"].entries()) assert.equal((await inputs[k]!.bytes()).toString(), text);
  assert.equal((await inputs[1]!.bytes(1)).toString(), "2");
  assert.deepEqual(fs.readdirSync(path.dirname(given)), ["outer.zip"]);
});

test("a file knows its neighbour in a folder and in an archive, packed or not", async () => {
  const zip = scratchFile("a.zip", zipOf({ "x/A.csv": "a", "x/B.csv.gz": zlib.gzipSync("b"), "y/C.csv": "c" }));
  const [inZip] = good(await listInputs([zip]));
  assert.equal((await inZip!.sibling("B.csv")!.bytes()).toString(), "b");
  assert.equal(inZip!.sibling("C.csv"), null, "another folder");
  const disk = scratchFile("A.csv", "a");
  fs.writeFileSync(path.join(path.dirname(disk), "B.csv.gz"), zlib.gzipSync("b"));
  const [onDisk] = good(await listInputs([disk]));
  assert.equal((await onDisk!.sibling("B.csv")!.bytes()).toString(), "b");
  assert.equal(onDisk!.sibling("C.csv"), null);
});

test("an entry that would lie outside its archive is refused by name, and so is the archive", async () => {
  await bad(scratchFile("slip.zip", zipOf({ "ok.csv": "1", "../../etc/evil.csv": "2" })), /slip\.zip/, /"\.\.\/\.\.\/etc\/evil\.csv"/);
  await bad(scratchFile("root.zip", zipOf({ "/etc/evil.csv": "2" })), /"\/etc\/evil\.csv"/);
});

test("a zip bomb is refused before anything is unfolded: by what it states, and by what it holds", async () => {
  const zeros = Buffer.alloc(100 * 2 ** 20, 48);
  const bomb = zipOf({ "FLX.csv": zeros });
  await bad(scratchFile("bomb.zip", bomb), /bomb\.zip/, /at most 64 MiB/, /found 100 MiB/, /largest FLX\.csv/, /200 times/);
  await bad(scratchFile("nested.zip", zipOf({ "inner.zip": bomb })), /nested\.zip\/inner\.zip/, /found 100 MiB/);
  // an archive that states 1,000 bytes where 100 MiB lie passes the listing, and fails where the entry is read
  const lying = Buffer.from(bomb);
  const record = lying.indexOf(Buffer.from("PK\x01\x02"));
  lying.writeUInt32LE(1000, record + 24);
  const [input] = good(await listInputs([scratchFile("lying.zip", lying)]));
  await assert.rejects(input!.bytes(), (e) => isWorkbookError(e, "BadFile") && /FLX\.csv/.test(e.message) && /too many bytes/.test(e.message));
});

test("what tower files truly pack to is read: a highly repetitive 60 MiB, and 150 to 1 beyond it", async () => {
  const small = Buffer.alloc(60 * 2 ** 20, 48);
  const [input] = good(await listInputs([scratchFile("small.csv.gz", zlib.gzipSync(small))]));
  assert.equal((await input!.bytes()).length, small.length);
});

test("a gzip bomb is refused with its limit, in a folder and in an archive", async () => {
  const bomb = zlib.gzipSync(Buffer.alloc(100 * 2 ** 20, 48));
  for (const given of [scratchFile("bomb.csv.gz", bomb), scratchFile("z.zip", zipOf({ "bomb.csv.gz": bomb }))]) {
    const [input] = good(await listInputs([given]));
    await assert.rejects(input!.bytes(), (e) => isWorkbookError(e, "BadFile") && /bomb\.csv\.gz: at most 64 MiB \(200 times/.test(e.message) && /remove it/.test(e.message));
    assert.equal((await input!.bytes(1000)).length, 1000, "its beginning may be looked at");
  }
});

test("archives deeper than three in each other are refused, the rest is read", async () => {
  let deep = zipOf({ "deepest.csv": "1" });
  for (let i = 0; i < 3; i++) deep = zipOf({ "a.csv": String(i), "inner.zip": deep });
  const given = scratchFile("deep.zip", deep);
  await bad(given, /inner\.zip\/inner\.zip\/inner\.zip: at most 3 archives/);
  assert.equal(good(await listInputs([given])).length, 3);
});

test("an archive that is cut off is bad itself; one inside another leaves its neighbours whole", async () => {
  const inner = zipOf({ "b.csv": "2" });
  await bad(scratchFile("cut.zip", inner.subarray(0, inner.length - 30)), /a whole zip archive/);
  const given = scratchFile("outer.zip", zipOf({ "a.csv": "1", "cut.zip": inner.subarray(0, inner.length - 30) }));
  await bad(given, /outer\.zip\/cut\.zip/);
  assert.equal(good(await listInputs([given])).length, 1);
});
