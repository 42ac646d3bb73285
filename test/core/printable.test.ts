import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkbookError } from "../../src/core/errors";
import { isObject, checkKeys } from "../../src/core/json";
import { didYouMean, near, nearest } from "../../src/core/nearest";
import { brief, printable } from "../../src/core/printable";

test("what would command a terminal, or turn the direction of writing, is not printed; line ends and other letters are", () => {
  assert.equal(printable("a\u001b[2J\u0007b\u202ec\u009bd"), "a�[2J�b�c�d");
  assert.equal(printable("µmol m⁻² s⁻¹\n\tKöppen 🌲"), "µmol m⁻² s⁻¹\n\tKöppen 🌲");
  assert.equal(printable("abcdef", 3), "abc…");
  assert.equal(new WorkbookError("BadSite", "site \u001b]0;owned\u0007 required").message, "site �]0;owned� required");
  assert.equal(new WorkbookError("BadFile", "x".repeat(1e6)).message.length, 4001);
});

test("a value of any depth and size has a short form for a message", () => {
  const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) as unknown;
  assert.equal(brief(deep), "[…]");
  assert.equal(brief({ a: "x".repeat(500) }).length, 81);
  assert.equal(brief(undefined), "undefined");
  assert.equal(brief({ a: [1, null] }), "{\"a\":[1,null]}");
});

test("names of any length have nearest ones, by their beginnings", () => {
  assert.deepEqual(nearest(`epochs${"x".repeat(3e6)}`, [`epochs${"y".repeat(3e6)}`, "batch"]), [`epochs${"y".repeat(3e6)}`]);
});

test("a suggestion is near or is not made, and a key that none is near to shows all", () => {
  assert.deepEqual(near("GPP_NT_VUT_REF", ["NEE_f", "T_mast", "GPP_NT_CUT_REF"], 3), ["GPP_NT_CUT_REF"]);
  assert.deepEqual([near("gpp", ["Day", "Rain", "NEE_f"], 3), near("balance_w", ["balance_weight"]), near("sit", ["site"])], [[], ["balance_weight"], ["site"]]);
  assert.deepEqual([didYouMean("epocs", ["epochs", "batch"]), didYouMean("learning_rate", ["epochs", "batch"])], ["; nearest epochs", ""]);
  assert.throws(() => checkKeys("config", { learning_rate: 1 }, ["epochs", "lr1"]), (e) => (e as Error).message === 'config: known keys only, got "learning_rate"; known are epochs, lr1');
});

test("only an object has keys to check", () => {
  for (const value of [null, [], "text", 5] as unknown[]) {
    assert.equal(isObject(value), false);
    assert.throws(() => checkKeys("config", value as object, ["a"]), /config: an object of keys and values required, got/);
  }
  assert.throws(() => checkKeys("config", JSON.parse('{"__proto__":{"a":1}}') as object, ["a"]), /known keys only, got "__proto__"/);
});
