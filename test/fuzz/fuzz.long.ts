import assert from "node:assert/strict";
import { test } from "node:test";
import { attack, GROUPS } from "./attack";

const CASES = 21_000;
/** Another every time, unless `FUZZ_SEED` repeats one. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

for (const group of GROUPS) {
  test(`${CASES} hostile inputs of all readers: ${group}`, async (t) => {
    const { cases, findings } = await attack(group, CASES, SEED);
    t.diagnostic(`seed ${SEED}: ${[...cases].map(([name, n]) => `${name} ${n}`).join(", ")}`);
    assert.equal(findings.join("\n\n"), "");
  });
}
