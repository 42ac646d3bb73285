import * as fs from "node:fs";
import * as path from "node:path";
import { predictRun } from "../../src/evaluate/predict";
import { decodeSafetensors, encodeSafetensors } from "../../src/model/safetensors";
import { readApplicability } from "../../src/run/applicability";
import { readCheckpoint, writeCheckpoint } from "../../src/run/checkpoint";
import { readLog } from "../../src/run/read-log";
import { readHeader, readSplit, readStandardiser } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { aSite, towerTable } from "../helpers/tables";
import { filesUnder, folder, oneFile, type Seed, type Target } from "./target";

const SITES = Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 120);
const FEW = towerTable(SITES.slice(4), 20);

const tensors = new Map([["lstm.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }], ["out.bias", { shape: [1], data: Float32Array.of(0.5) }]]);
const encoded = Buffer.from(encodeSafetensors(tensors, { model: "lstm", about: "a test" }));
const headerEnd = 8 + Number(encoded.readBigUInt64LE(0));
/** A changed header before the good data, its length true. */
const withHeader = (header: Buffer): Buffer => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, encoded.subarray(headerEnd)]);
};

async function runSeeds(scratch: string): Promise<Seed[]> {
  return Promise.all((["ridge", "climatology"] as const).map(async (model) => {
    const out = path.join(scratch, model);
    await train({ table: TABLE, out, config: { model, split: { train: ["S0", "S1", "S2", "S3"], test: ["S4", "S5"] } } });
    return folder(filesUnder(out), (name) => name.endsWith(".lock"));
  }));
}

/** Reads everything a run directory holds, each part whatever became of the others. */
async function readRun(dir: string): Promise<void> {
  const parts: readonly (() => unknown)[] = [() => readHeader(dir), () => readSplit(dir), () => readStandardiser(dir), () => readApplicability(dir), () => readLog(dir), () => predictRun(dir, FEW)];
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      await part();
    } catch (error) {
      // the first error that is none of ours would be hidden by one that is
      if ((error as Error).name !== "WorkbookError") throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function checkpointSeeds(scratch: string): Promise<Seed[]> {
  const file = path.join(scratch, "checkpoint.safetensors");
  writeCheckpoint(file, { state: { stage: 1, epoch: 3, bestEpoch: 2, bestLoss: 0.5, steps: 30, ended: false }, arrays: tensors });
  const good = fs.readFileSync(file);
  const end = 8 + Number(good.readBigUInt64LE(0));
  return [oneFile("checkpoint.safetensors", good, ["bytes"]), oneFile("checkpoint.safetensors", good.subarray(8, end), ["json"], withHeader)];
}

/** Readers of run directories and weights. */
export const RUNS: readonly Target[] = [
  { name: "run directories", weight: 80, seeds: runSeeds, read: readRun },
  { name: "checkpoints", weight: 40, seeds: checkpointSeeds, read: async (dir) => readCheckpoint(path.join(dir, "checkpoint.safetensors")) },
  {
    name: "safetensors", weight: 80, read: async (dir) => decodeSafetensors(fs.readFileSync(path.join(dir, "a.safetensors")), "a.safetensors"),
    seeds: async () => [oneFile("a.safetensors", encoded, ["bytes", "bytes", "stray"]), oneFile("a.safetensors", encoded.subarray(8, headerEnd), ["json", "json"], withHeader)],
  },
];
