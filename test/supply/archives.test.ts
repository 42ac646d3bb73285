import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { scratch } from "../helpers/cli";

const { verify } = require("../../src/workbook/setup/libtensorflow.cjs") as { verify(context: { cache: string; flavour: string }): void };
const { FLAVOURS } = require("../../src/workbook/setup/flavours.cjs") as { FLAVOURS: Record<string, { file: string; sha256: string }[]> };
const { fetchWheel } = require("../../src/workbook/setup/archive.cjs") as { fetchWheel(context: object, spec: object, file: string, others: Map<string, unknown>, fail: (why: string) => never): Promise<void> };

test("a cached archive that was changed after it was fetched is not unpacked, and is fetched again", () => {
  const cache = scratch("archives");
  const { file } = FLAVOURS["cpu"]![0]!;
  fs.writeFileSync(path.join(cache, file), "another archive of the same name");
  fs.writeFileSync(path.join(cache, `${file}.sha256`), "what a good one had");
  assert.throws(() => verify({ cache, flavour: "cpu" }), /tensorflow_cpu-.* in \.cache is not the one that was fetched; run npm run setup again/);
  assert.deepEqual(fs.readdirSync(cache), [], "neither archive nor stamp stays");
});

test("a good archive is taken as it lies, without asking the registry", async () => {
  const file = path.join(scratch("archives"), "a.whl");
  fs.writeFileSync(file, "x");
  const sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
  await fetchWheel({}, { sha256 }, file, new Map(), () => assert.fail("nothing is fetched"));
});

test("every archive has a SHA-256 of 64 digits", () => {
  for (const { file, sha256 } of Object.values(FLAVOURS).flat()) assert.match(sha256, /^[0-9a-f]{64}$/, file);
});
