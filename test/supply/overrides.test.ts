import assert from "node:assert/strict";
import { test } from "node:test";
import { OVERRIDES, overridesExplained, overridesHere } from "./overrides";

test("every override is explained in environment.md and known to the tests that ask whether it is still needed", () => {
  assert.deepEqual(Object.keys(overridesHere()).sort(), OVERRIDES.map((o) => o.key).sort());
  for (const { key } of OVERRIDES) assert.ok(overridesExplained().includes(`\`${key}\``), key);
});

test("what is installed still needs every override", () => {
  assert.deepEqual(OVERRIDES.filter((o) => o.needed() === null).map((o) => `${o.key}: ${o.of} no longer needs it; remove it from package.json`), []);
});
