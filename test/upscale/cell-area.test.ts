import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { cellAreas, cellEdges, EARTH_AREA, EARTH_RADIUS, latitudeOverlaps, longitudeOverlaps, sphereArea } from "../../src/upscale/cell-area";

const axis = (from: number, step: number, n: number): { centres: Float64Array; step: number } => ({ centres: Float64Array.from({ length: n }, (_, i) => from + i * step), step });
const near = (a: number, b: number, relative = 1e-12): void => assert.ok(Math.abs(a / b - 1) < relative, `${a} against ${b}`);

test("the areas of a grid's cells sum to the sphere's, whatever the cells and their order", () => {
  for (const step of [0.25, 1, 4, 7.5, 30]) {
    for (const [lat, lon] of [[axis(90 - step / 2, -step, 180 / step), axis(-180 + step / 2, step, 360 / step)], [axis(-90 + step / 2, step, 180 / step), axis(step / 2, step, 360 / step)]] as const) {
      near(cellAreas(lat, lon).reduce((sum, a) => sum + a, 0) * lon.centres.length, EARTH_AREA);
    }
  }
});

test("a grid with centres on the poles ends there, with half cells", () => {
  const lat = axis(90, -10, 19);
  assert.deepEqual(cellEdges(lat, 90)[0], [85, 90]);
  near(cellAreas(lat, axis(-175, 10, 36)).reduce((sum, a) => sum + a, 0) * 36, EARTH_AREA);
});

test("the area of a degree at the equator and at 60° N is the closed form's", () => {
  near(sphereArea([0, 90], 360), 2 * Math.PI * EARTH_RADIUS ** 2);
  near(sphereArea([0, 30], 180), (Math.PI * EARTH_RADIUS ** 2) / 2);
  // half the cosine at 60°, to second order of the cell's height
  near(cellAreas(axis(60, 0.01, 2), axis(0, 0.01, 2))[0]! / cellAreas(axis(0, 0.01, 2), axis(0, 0.01, 2))[0]!, 0.5, 1e-6);
});

test("overlaps of a cell with any partition sum to the cell", () => {
  const stream = random(3, "overlaps");
  for (let k = 0; k < 50; k++) {
    const cuts = [-90, ...Array.from({ length: 4 }, () => -90 + 180 * stream.uniform()).sort((a, b) => a - b), 90];
    const bands = cuts.slice(1).map((high, i) => [cuts[i]!, high] as const);
    const south = -90 + 120 * stream.uniform();
    const sum = latitudeOverlaps([[south, south + 30]], bands)[0]!.reduce((s, o) => s + o.size, 0);
    near(sum * 360 * (Math.PI / 180) * EARTH_RADIUS ** 2, sphereArea([south, south + 30], 360), 1e-4);
    const west = -180 + 360 * stream.uniform();
    const columns = Array.from({ length: 12 }, (_, i) => [30 * i, 30 * i + 30] as const);
    near(longitudeOverlaps([[west, west + 45]], columns)[0]!.reduce((s, o) => s + o.size, 0), 45, 1e-4);
  }
});

test("longitudes beyond the date line are the same place", () => {
  assert.deepEqual(longitudeOverlaps([[-10, 10]], [[340, 355], [350, 360], [0, 5], [180, 190]]), [[{ index: 0, size: 5 }, { index: 1, size: 10 }, { index: 2, size: 5 }]]);
});

test("the sphere has the area of the ellipsoid, 510.0656 million km²", () => {
  // GRS 80: 2πa² (1 + (1 − e²) artanh(e) / e)
  const [a, f] = [6_378_137, 1 / 298.257222101];
  const e = Math.sqrt(f * (2 - f));
  near(EARTH_AREA, 2 * Math.PI * a ** 2 * (1 + ((1 - e ** 2) * Math.atanh(e)) / e), 1e-10);
  near(EARTH_AREA, 510.0656e12, 1e-7);
});

test("an overlap of a hundred-thousandth of a degree is rounding, one of a thousandth is none", () => {
  for (const overlaps of [latitudeOverlaps, longitudeOverlaps]) {
    const found = (by: number): number[] => overlaps([[0, 30]], [[-30, by], [by, 30 - by], [30 - by, 60]])[0]!.map((o) => o.index);
    assert.deepEqual([found(1e-5), found(1e-3)], [[1], [0, 1, 2]]);
  }
});

test("longitudes from 0 to 370 meet those from the date line, and areas do not mind columns from the east", () => {
  assert.deepEqual(longitudeOverlaps([[350, 370]], [[-10, 10], [10, 30]]), [[{ index: 0, size: 20 }]]);
  assert.deepEqual(cellAreas(axis(75, -30, 6), axis(165, -30, 12)), cellAreas(axis(75, -30, 6), axis(-165, 30, 12)));
});
