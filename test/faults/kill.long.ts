import assert from "node:assert/strict";
import { before, test } from "node:test";
import { killAndCompare, undisturbed, type Kill, type Scenario } from "./killing";
import { ensemble, foldsOf, ingestion, reporting, smallTable, training, upscaling } from "./scenarios";

/** Where kills fall hangs on this alone; another seed looks elsewhere. */
const SEED = process.env["TAMRL_KILL_SEED"] ?? "1";
/** Kills of each of the six scenarios, and at most so many before one run may finish. */
const [WANTED, CHAIN] = [10, 3];

let table = "";
before(async () => {
  table = await smallTable();
});

const SCENARIOS: Readonly<Record<string, () => Scenario | Promise<Scenario>>> = {
  training: () => training(table), ingestion: () => ingestion(), ensemble: () => ensemble(table), experiment: () => foldsOf(table), upscaling: () => upscaling(), report: () => reporting(table),
};

for (const [name, make] of Object.entries(SCENARIOS)) {
  test(`${name}, killed ${WANTED} times at random points and called again, ends as an undisturbed run does, to the bit`, async (t) => {
    const scenario = await make();
    const calm = await undisturbed(scenario);
    const kills: Kill[] = [];
    for (let round = 0; kills.length < WANTED; round++) {
      assert.ok(round < 4 * WANTED, `${kills.length} kills in ${round} rounds`);
      kills.push(...(await killAndCompare(scenario, calm, `${SEED} ${name} ${round}`, CHAIN)));
    }
    t.diagnostic(`seed ${SEED}: ${kills.length} kills (${calm.changes.command} changes of files by the command, ${calm.changes.worker} by workers): ${kills.map((kill) => `${kill.victim} ${kill.when}`).join("; ")}`);
  });
}
