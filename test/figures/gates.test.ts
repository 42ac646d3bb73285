import assert from "node:assert/strict";
import { test } from "node:test";
import type { Day } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { gates, type GateDay } from "../../src/figures/gates";
import { renderFigure } from "../../src/figures/render";
import { GATES } from "../../src/model/trace";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

const days: GateDay[] = GATES.flatMap((gate, g) => Array.from({ length: 15 }, (_, t) => ({ gate, day: (PERIOD.first + t) as Day, modulated: 0.2 + 0.1 * g + 0.02 * t, plain: 0.5 - 0.01 * t })));

test("the gates look as they did", () => {
  assertSnapshot(SNAPSHOTS, "gates", renderFigure(gates(days, { site: "SIM-001", hidden: 32, simulated: true })));
});

test("the gates tell their means to who cannot see them, and nothing at all is refused", () => {
  assert.match(gates(days, { site: "SIM-001", hidden: 32, simulated: true }).alt, /^input: 0\.34 with the site's z, 0\.43 without modulation/);
  assert.throws(() => gates([], { site: "X", hidden: 1, simulated: false }), (e) => isWorkbookError(e, "EmptyTable"));
});
