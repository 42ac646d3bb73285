import assert from "node:assert/strict";
import { test } from "node:test";
import { killAndCompare, undisturbed, type Kill } from "./killing";
import { verbs } from "./scenarios-verbs";

/** Where kills fall hangs on this alone; another seed looks elsewhere. */
const SEED = process.env["TAMRL_KILL_SEED"] ?? "1";
/** Kills of each verb at least, and at most so many before one run may finish. */
const [WANTED, CHAIN] = [3, 3];

test(`every other verb that writes, killed ${WANTED} times at random points and called again, ends as if undisturbed, to the bit`, async (t) => {
  for (const scenario of await verbs()) {
    await t.test(scenario.name, async (each) => {
      const calm = await undisturbed(scenario);
      const kills: Kill[] = [];
      for (let round = 0; kills.length < WANTED; round++) {
        assert.ok(round < 4 * WANTED, `${kills.length} kills in ${round} rounds`);
        kills.push(...(await killAndCompare(scenario, calm, `${SEED} ${scenario.name} ${round}`, CHAIN)));
      }
      each.diagnostic(`seed ${SEED}: ${kills.length} kills (${calm.changes.command} changes of files by the command, ${calm.changes.worker} by workers): ${kills.map((kill) => `${kill.victim} ${kill.when}`).join("; ")}`);
    });
  }
});
