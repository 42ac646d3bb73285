import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { random } from "../../../src/core/random";
import { filePool } from "../../../src/data/grid/file-pool";
import type { HeldVariable } from "../../../src/data/grid/held";
import { placeOn, runsOf } from "../../../src/data/grid/placement";
import { timePieces } from "../../../src/data/grid/series";
import { scratch } from "../../helpers/cli";
import { writeNetcdf } from "../../helpers/grids";

const BOUND = 4_000_000;

test("whatever the chunks, pieces of time cover the days once, begin on chunks, and stay below the bound or are one chunk (300 draws)", () => {
  const rng = random(1, "pieces");
  for (let i = 0; i < 300; i++) {
    const chunks = [1 + rng.int(400), 1 + rng.int(2000), 1 + rng.int(2000)];
    const contiguous = rng.int(4) === 0;
    const variable: HeldVariable = { name: "x", dims: ["time", "lat", "lon"], shape: [8000, 3600, 7200], chunks, attributes: {}, ...(contiguous ? { contiguous } : {}), axes: { time: 0, lat: 1, lon: 2, class: null } };
    const from = rng.int(7000);
    const to = from + 1 + rng.int(8000 - from);
    const [r, c] = [rng.int(3500), rng.int(7100)];
    const [rows, columns] = [[r, r + 90], [c, c + 90]] as const;
    const pieces = timePieces(variable, rows, columns, [from, to]);
    assert.equal(pieces[0]![0], from);
    assert.equal(pieces[pieces.length - 1]![1], to);
    const touched = ([a, b]: readonly [number, number], size: number): number => (Math.ceil(b / size) - Math.floor(a / size)) * size;
    const cells = contiguous ? 8100 : touched(rows, chunks[1]!) * touched(columns, chunks[2]!);
    pieces.forEach((piece, k) => {
      if (k > 0) assert.equal(piece[0], pieces[k - 1]![1]);
      if (k > 0 && !contiguous) assert.equal(piece[0] % chunks[0]!, 0);
      const days = contiguous ? piece[1] - piece[0] : touched(piece, chunks[0]!);
      assert.ok(days * cells <= BOUND || days === (contiguous ? 1 : chunks[0]), `${days} days of ${cells} cells`);
    });
  }
});

test("runs put every cell of a range where the map says (200 draws)", () => {
  const rng = random(2, "runs");
  for (let i = 0; i < 200; i++) {
    const n = 2 + rng.int(12);
    const turn = rng.int(n);
    const turned = Array.from({ length: n }, (_, k) => (k + turn) % n);
    const map = Int32Array.from(rng.int(2) ? turned : turned.reverse());
    const from = rng.int(n);
    const to = from + 1 + rng.int(n - from);
    const got = new Array<number>(to - from).fill(-1);
    for (const { range, at, step } of runsOf(map, [from, to])) for (let k = range[0]; k < range[1]; k++) got[at + (k - range[0]) * step] = k;
    assert.deepEqual(got, [...map.subarray(from, to)]);
  }
});

test("grids of other cells are told apart, also by a hundredth of a step and by one cell", () => {
  const axis = (from: number, step: number, n: number) => ({ name: "x", step, centres: Float64Array.from({ length: n }, (_, i) => from + i * step) });
  const grid = { lat: axis(89.5, -1, 180), lon: axis(-179.5, 1, 360) };
  assert.ok(placeOn(grid, { lat: axis(-89.5, 1, 180), lon: axis(0.5, 1, 360) }));
  assert.ok(placeOn(grid, { lat: axis(89.5 + 5e-5, -1, 180), lon: axis(-179.5, 1, 360) }), "single precision");
  assert.equal(placeOn(grid, { lat: axis(89.5, -1, 180), lon: axis(-179.48, 1, 360) }), null);
  assert.equal(placeOn(grid, { lat: axis(89.5, -1, 179), lon: axis(-179.5, 1, 360) }), null);
  assert.equal(placeOn({ lat: grid.lat, lon: axis(10, 1, 20) }, { lat: grid.lat, lon: axis(11, 1, 20) }), null);
});

test("a pool keeps no more files open than it may, and closes those in use when they are done", async () => {
  const dir = scratch("pool");
  const files = await Promise.all(["a", "b", "c", "d"].map((name) => writeNetcdf(path.join(dir, `${name}.nc`), { lat: [1, 2], lon: [1, 2], days: [1, 2], variables: [] })));
  const pool = filePool(2);
  const closed: string[] = [];
  const touch = (file: string): Promise<void> => pool.use(file, async (grid) => {
    const close = grid.close.bind(grid);
    grid.close = () => {
      closed.push(path.basename(file));
      close();
    };
  });
  for (const file of files.slice(0, 3)) await touch(file);
  assert.deepEqual(closed, ["a.nc"]);
  await pool.use(files[1]!, async () => touch(files[3]!));
  assert.deepEqual(closed, ["a.nc", "c.nc"]);
  pool.close();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(closed.sort(), ["a.nc", "b.nc", "c.nc", "d.nc"]);
});
