import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { embedding, type EmbeddedSite } from "../../src/figures/embedding";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SITES, SNAPSHOTS } from "./cases";

const sites: EmbeddedSite[] = SITES.map(({ site, igbp, koppen }, i) => ({ site, igbp, koppen, first: i === 5 ? NaN : Math.cos(i) * 2, second: Math.sin(2 * i) }));
const options = { share: [0.41, 0.184] as const, simulated: true, period: PERIOD, name: ["FI-Hyy"] };

test("the embedding looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "embedding", renderFigure(embedding(sites, options)));
});

test("a site without an embedding is counted, and none at all is refused", () => {
  const figure = embedding(sites, options);
  assert.equal(figure.n, 5);
  assert.deepEqual(figure.notes, ["Not drawn: 1 site without an embedding."]);
  assert.throws(() => embedding([sites[5]!], options), (e) => isWorkbookError(e, "EmptyTable"));
});
