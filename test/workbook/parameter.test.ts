import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter, quick } from "../../src/workbook/parameter";

test("a parameter is read as the type of its default", () => {
  assert.equal(parameter("SITE", "DE-Hai", undefined, {}), "DE-Hai");
  assert.equal(parameter("SITE", "DE-Hai", undefined, { SITE: "FR-Pue" }), "FR-Pue");
  assert.equal(parameter("EPOCHS", 40, undefined, { EPOCHS: "2" }), 2);
  assert.equal(parameter("FULL", false, undefined, { FULL: "1" }), true);
  assert.equal(parameter("FULL", true, undefined, { FULL: "" }), true, "empty is unset");
});

test("a value of another type or outside the choices is an error that names the variable and what is known", () => {
  assert.throws(() => parameter("EPOCHS", 40, undefined, { EPOCHS: "many" }), /EPOCHS: a number required, got "many"/);
  assert.throws(() => parameter("FULL", false, undefined, { FULL: "yes" }), /FULL: 1, 0, true or false required/);
  assert.throws(() => parameter("SITE", "A", ["DE-Hai", "FR-Pue"], { SITE: "DE-Hia" }), /SITE: one of DE-Hai, FR-Pue required, got "DE-Hia"/);
  const many = Array.from({ length: 50 }, (_, i) => `XX-${i}`);
  assert.throws(() => parameter("SITE", "XX-1", many, { SITE: "XX-4a" }), /one of 50 choices \(nearest XX-4/);
});

test("quick is TAMRL_QUICK=1", () => {
  assert.deepEqual([{}, { TAMRL_QUICK: "" }, { TAMRL_QUICK: "0" }, { TAMRL_QUICK: "1" }].map(quick), [false, false, false, true]);
});
