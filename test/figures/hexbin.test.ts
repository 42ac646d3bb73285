import assert from "node:assert/strict";
import { test } from "node:test";
import { hexbin } from "../../src/figures/hexbin";
import { random } from "../../src/core/random";

test("every point lies in the hexagon whose centre is nearest, and none is lost or counted twice", () => {
  const stream = random(11, "hexbin");
  for (const width of [0.5, 1, 3]) {
    const xs = Array.from({ length: 300 }, () => 6 * stream.normal());
    const ys = Array.from({ length: 300 }, () => 6 * stream.normal());
    const bins = hexbin(xs, ys, width);
    assert.equal(bins.reduce((sum, b) => sum + b.count, 0), 300);
    const height = (width * Math.sqrt(3)) / 2;
    for (let i = 0; i < 300; i++) {
      const one = hexbin([xs[i]!], [ys[i]!], width)[0]!;
      const own = Math.hypot(xs[i]! - one.x, ys[i]! - one.y);
      assert.ok(own <= width / Math.sqrt(3) + 1e-9, "within the hexagon's outer radius");
      for (const [dx, dy] of [[1, 0], [-1, 0], [0.5, 1], [-0.5, 1], [0.5, -1], [-0.5, -1]] as const) {
        assert.ok(own <= Math.hypot(xs[i]! - one.x - dx * width, ys[i]! - one.y - dy * height) + 1e-9, "no neighbour is nearer");
      }
    }
  }
});

test("pairs with a missing value are in no hexagon", () => {
  assert.deepEqual(hexbin([0, NaN, 0.1], [0, 0, NaN], 1), [{ x: 0, y: 0, count: 1 }]);
});
