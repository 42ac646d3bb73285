import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { openGrid } from "../../../src/data/grid/open";
import { createZarr } from "../../../src/data/grid/write-zarr";
import { scratch } from "../../helpers/cli";

test("a bit flipped in any stored piece is told: without their checksum nearly all pieces unpacked to other numbers", async () => {
  const store = path.join(scratch("flipped"), "S.zarr");
  const r = random(1, "flips");
  const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 40) + r.normal() / 100);
  const out = await createZarr(store, {}, [{ name: "GPP", dims: ["time"], shape: [4000], chunks: [2000], type: "float32", fill: NaN, attributes: {} }]);
  await out.write("GPP", [[0, 4000]], values);
  const read = async (): Promise<Float64Array> => (await (await openGrid(store)).variable("GPP")).read([[0, 4000]]);
  assert.deepEqual(Float32Array.from(await read()), values);
  const piece = path.join(store, "GPP", "c", "1");
  const whole = fs.readFileSync(piece);
  let told = 0;
  for (let k = 0; k < 60; k++) {
    const [at, bit] = [r.int(whole.length), r.int(8)];
    fs.writeFileSync(piece, whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)));
    const found = await read().catch((error: unknown) => error);
    if (found instanceof Float64Array) assert.deepEqual(Float32Array.from(found), values, `bit ${bit} of byte ${at}`);
    else assert.ok(++told && isWorkbookError(found, "BadFile") && /S\.zarr.GPP: chunk 1: a whole Zarr array required.*copy it again/.test(found.message), String(found));
  }
  assert.ok(told > 50, String(told));
});
