import assert from "node:assert/strict";
import { test } from "node:test";
import { attack, GROUPS } from "./attack";

const CASES = 1000;
/** Fixed, so that a commit's result does not change by itself; `fuzz.long.ts` takes another each time. */
const SEED = 20_261_123;

test(`hostile input ends in a value or a message: ${CASES} cases of all readers, in bounded time and memory, nothing written, no prototype changed`, async () => {
  const attacks = [];
  for (const group of GROUPS) attacks.push(await attack(group, CASES, SEED));
  assert.equal(attacks.flatMap((a) => a.findings).join("\n\n"), "");
  const cases = attacks.flatMap((a) => [...a.cases.values()]).reduce((sum, n) => sum + n, 0);
  assert.ok(cases >= CASES - 20, `${cases} cases`);
});
