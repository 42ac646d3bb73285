import assert from "node:assert/strict";
import { test } from "node:test";
import { mapFields } from "../../src/upscale/monthly-fields";
import { writeStore } from "./store";

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6, `${a} against ${b}`);
const ONE = { cell: 90, chunk: 2, fluxes: ["gpp"] as const };
/** 1 on the first 31 days of 2001, a January, else 0. */
const january = (t: number): number => (t < 31 ? 1 : 0);

test("a map's mean weighs each month by its days: a year's flux in January alone is 31 of 365.25 days of it", async () => {
  const fields = await mapFields(await writeStore({ ...ONE, value: (_, t) => january(t) }));
  for (const v of fields.mean.gpp!) near(v, 31 / 365.25);
  const short = await mapFields(await writeStore({ ...ONE, days: 59, value: (_, t) => january(t) }));
  assert.deepEqual(short.months, [1, 2]);
  near(short.mean.gpp![0]!, 31 / (31 + 28.25));
});

test("a month is first meaned over its years, so that one more January weighs no more", async () => {
  const fields = await mapFields(await writeStore({ ...ONE, days: 396, value: (_, t) => (t < 31 || t >= 365 ? 1 : 0) }));
  near(fields.mean.gpp![0]!, 31 / 365.25);
  near(fields.cycle.gpp![0]!, 1);
  const twice = await mapFields(await writeStore({ ...ONE, days: 396, value: (_, t) => (t >= 365 ? 1 : 0) }));
  near(twice.cycle.gpp![0]!, 0.5);
  near(twice.mean.gpp![0]!, 15.5 / 365.25);
});

test("members' means weigh their months by days, and so does the mean of the daily spread", async () => {
  const members = await mapFields(await writeStore({ ...ONE, members: 3, member: (_, k, month) => (month === 0 ? k : 5) }));
  assert.equal(members.spread!.of, "mean");
  // means of 0, 1 and 2 times 31 days of 365 deviate by 31 / 365, divisor n − 1
  for (const v of members.spread!.values.gpp!) near(v, 31 / 365);
  const daily = await mapFields(await writeStore({ ...ONE, spread: january }));
  assert.equal(daily.spread!.of, "day");
  for (const v of daily.spread!.values.gpp!) near(v, 31 / 365);
});
