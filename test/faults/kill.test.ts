import assert from "node:assert/strict";
import { test } from "node:test";
import { killAndCompare, undisturbed, type Scenario } from "./killing";
import { ingestion, reporting, smallTable, training } from "./scenarios";

/** What changes the seed changes where the kill falls; `kill.long.ts` draws many. */
const SEED = "short";

test("training, ingestion and report are killed at a random change of a file, called again, and leave what an undisturbed run leaves", async (t) => {
  const table = await smallTable();
  const killed = async (scenario: Scenario): Promise<string[]> => {
    const kills = await killAndCompare(scenario, await undisturbed(scenario), `${SEED} ${scenario.name}`, 1);
    assert.equal(kills.length, 1);
    return kills.map((kill) => `${kill.scenario}: ${kill.victim} ${kill.when}`);
  };
  const made = await Promise.all([training(table), ingestion(), await reporting(table)].map(killed));
  t.diagnostic(`seed ${SEED}: ${made.flat().join("; ")}`);
});
