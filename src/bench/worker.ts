import { WorkbookError } from "../core/errors";
import { measureEpoch } from "./measure-epoch";
import { measureInference } from "./measure-inference";
import { measureIngest } from "./measure-ingest";
import { measureLstm } from "./measure-lstm";
import { measureStep } from "./measure-step";
import { measureUpscale } from "./measure-upscale";
import type { Part } from "./cases";
import { serve, type Measure } from "./serve";

const MEASURES: Readonly<Record<Part, (dir: string) => Promise<Measure>>> = { lstm: measureLstm, step: measureStep, epoch: measureEpoch, inference: measureInference, upscale: measureUpscale, ingest: measureIngest };

/** A contender's process: measures `part` on what the driver wrote into `dir`, until its input ends. */
export function main([part, dir]: readonly string[]): void {
  const measure = (MEASURES as Readonly<Record<string, (dir: string) => Promise<Measure>>>)[part ?? ""];
  const done = measure === undefined || dir === undefined
    ? Promise.reject(new WorkbookError("BadArgument", `bench worker: one of ${Object.keys(MEASURES).join(", ")} and a folder required, got ${part ?? "nothing"}; run npm run bench`))
    : measure(dir).then((m) => serve(m, process.stdin, (line) => process.stdout.write(line)));
  done.then(
    () => process.exit(0), // thread pools would hold it open
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
}
