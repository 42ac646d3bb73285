import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import type { Range } from "../../../src/data/grid/grid";
import { openGrid } from "../../../src/data/grid/open";
import { appendToZarr, createZarr } from "../../../src/data/grid/write-zarr";
import { removePartials, unwritable } from "../../../src/data/grid/zarr-files";
import type { ZarrArray } from "../../../src/data/grid/zarr-output";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "write-zarr-"));
test.after(() => fs.rmSync(dir, { recursive: true, force: true }));

const FIELD: ZarrArray = { name: "GPP", dims: ["time", "lat", "lon"], shape: [5, 7, 9], chunks: [4, 3, 4], type: "float32", fill: NaN, attributes: { units: "g C m-2 d-1" } };
const CODES: ZarrArray = { name: "reason", dims: ["lat", "lon"], shape: [7, 9], chunks: [3, 4], type: "uint8", fill: 255, attributes: { flag_values: [0, 1] } };

async function values(store: string, name: string): Promise<Float64Array> {
  const variable = await (await openGrid(store)).variable(name);
  return variable.read(variable.shape.map((n): Range => [0, n]));
}

test("what is written in any division into whole chunks is read back bit by bit, and nobody's chunk is missing", async () => {
  const whole = Float32Array.from({ length: 5 * 7 * 9 }, (_, i) => (i % 5 === 0 ? NaN : random(1, String(i)).normal()));
  const cuts: readonly (readonly (readonly Range[])[])[] = [
    [[[0, 5], [0, 7], [0, 9]]],
    [[[0, 5], [0, 3], [0, 9]], [[0, 5], [3, 7], [0, 9]]],
    [[[0, 4], [0, 7], [0, 8]], [[4, 5], [0, 7], [0, 8]], [[0, 5], [0, 7], [8, 9]]],
  ];
  for (const [k, parts] of cuts.entries()) {
    const store = path.join(dir, `cut${k}.zarr`);
    const out = await createZarr(store, { Conventions: "CF-1.10" }, [FIELD, CODES]);
    for (const ranges of parts) {
      const [[t0, t1], [y0, y1], [x0, x1]] = ranges as [Range, Range, Range];
      const data: number[] = [];
      for (let t = t0; t < t1; t++) for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) data.push(whole[(t * 7 + y) * 9 + x]!);
      await out.write("GPP", ranges, Float32Array.from(data));
    }
    assert.deepEqual(Float32Array.from(await values(store, "GPP")), whole);
    assert.ok((await values(store, "reason")).every(Number.isNaN), "nobody wrote it: 255 reads as missing");
  }
});

test("writers side by side in one store do not disturb each other, and the last to write a chunk has it", async () => {
  const store = path.join(dir, "many.zarr");
  await createZarr(store, {}, [CODES]);
  const writers = await Promise.all([0, 1, 2].map(() => appendToZarr(store)));
  await Promise.all(writers.map((out, k) => out.write("reason", [[3 * k, Math.min(7, 3 * k + 3)], [0, 9]], new Uint8Array((k < 2 ? 3 : 1) * 9).fill(k))));
  assert.deepEqual([...(await values(store, "reason"))], Array.from({ length: 63 }, (_, i) => Math.floor(i / 27)));
  await writers[0]!.write("reason", [[0, 3], [0, 9]], new Uint8Array(27).fill(9));
  assert.equal((await values(store, "reason"))[0], 9);
});

test("a chunk without values has no file, even where an earlier run wrote one", async () => {
  const store = path.join(dir, "sea.zarr");
  const out = await createZarr(store, {}, [FIELD]);
  await out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float32Array(48).fill(1));
  assert.ok(fs.existsSync(path.join(store, "GPP", "c", "0", "0", "0")));
  await out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float32Array(48).fill(NaN));
  assert.ok(!fs.existsSync(path.join(store, "GPP", "c", "0", "0", "0")));
});

test("what a killed writer left half-written is not read, and goes at the next run", async () => {
  const store = path.join(dir, "killed.zarr");
  const out = await createZarr(store, {}, [FIELD]);
  await out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float32Array(48).fill(1));
  fs.writeFileSync(path.join(store, "GPP", "c", "0", "0", "0.1234abcd.partial"), "half");
  assert.equal((await values(store, "GPP"))[0], 1);
  assert.equal(removePartials(store), 1);
  assert.equal(removePartials(store), 0);
  assert.equal((await values(store, "GPP"))[0], 1);
});

test("a store whose making was cut short is made again; a whole one, or a file, is never overwritten", async () => {
  const store = path.join(dir, "short.zarr");
  await createZarr(store, {}, [FIELD]);
  await assert.rejects(createZarr(store, {}, [FIELD]), (e) => isWorkbookError(e, "BadFile") && /a new folder is required, found a Zarr store/.test(e.message));
  fs.rmSync(path.join(store, "zarr.json"));
  await assert.rejects(appendToZarr(store), (e) => isWorkbookError(e, "BadFile"));
  await createZarr(store, {}, [CODES]);
  assert.deepEqual((await openGrid(store)).names, ["reason"]);
  const file = path.join(dir, "file.zarr");
  fs.writeFileSync(file, "");
  await assert.rejects(createZarr(file, {}, [FIELD]), (e) => isWorkbookError(e, "BadFile") && /found a file/.test(e.message));
});

test("part of a chunk, another type, another count or another name is refused with what is required", async () => {
  const out = await createZarr(path.join(dir, "refuse.zarr"), {}, [FIELD]);
  const refused = (work: Promise<void>, pattern: RegExp): Promise<void> => assert.rejects(work, (e) => isWorkbookError(e, "BadArgument") && pattern.test(e.message));
  await refused(out.write("GPP", [[0, 2], [0, 3], [0, 4]], new Float32Array(24)), /begin and end on chunks.*0–2/);
  await refused(out.write("GPP", [[0, 4], [0, 3]], new Float32Array(12)), /begin and end on chunks/);
  await refused(out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float64Array(48)), /48 values of float32 are required, found 48 of float64/);
  await refused(out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float32Array(47)), /found 47 of float32/);
  await refused(out.write("GPQ", [[0, 4], [0, 3], [0, 4]], new Float32Array(48)), /found GPQ; nearest GPP/);
  await assert.rejects(createZarr(path.join(dir, "bad.zarr"), {}, [{ ...FIELD, chunks: [4, 3] }]), (e) => isWorkbookError(e, "BadArgument"));
});

test("a folder that may not be written and a full disk are said in words", async () => {
  const locked = path.join(dir, "blocked");
  fs.writeFileSync(locked, "");
  await assert.rejects(createZarr(path.join(locked, "G.zarr"), {}, [FIELD]), (e) => isWorkbookError(e, "BadFile") && /a disk that takes the file is required, found: ENOTDIR.*name another folder/.test(e.message));
  for (const code of ["ENOSPC", "EROFS", "EACCES"]) {
    const file = "O.zarr/GPP/c/0/0/0";
    const error = unwritable(file, Object.assign(new Error("write"), { code, path: file }));
    assert.match(error.message, new RegExp(`O.zarr/GPP/c/0/0/0: .* required, found: .* \\(${code}\\); `));
  }
});

test("a full disk stops the writing with room on the disk as the cure, and leaves nothing half-written", { skip: fs.existsSync("/dev/full") ? false : "needs /dev/full" }, async () => {
  const store = path.join(dir, "full.zarr");
  const out = await createZarr(store, {}, [FIELD]);
  const promises = fs.promises as { writeFile: typeof fs.promises.writeFile };
  const real = promises.writeFile;
  promises.writeFile = ((_: string, data: Uint8Array) => real("/dev/full", data)) as typeof real;
  try {
    await assert.rejects(out.write("GPP", [[0, 4], [0, 3], [0, 4]], new Float32Array(48).fill(1)), (e) => isWorkbookError(e, "BadFile") && /found: no space is left on the disk \(ENOSPC\); make room/.test(e.message));
  } finally {
    promises.writeFile = real;
  }
  assert.equal(removePartials(store), 0);
  assert.ok((await values(store, "GPP")).every(Number.isNaN));
});
