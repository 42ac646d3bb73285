import * as fc from "fast-check";
import * as fs from "node:fs";
import * as path from "node:path";
import { judge, layGround } from "./judge";
import { casesOf, layCase, laySeed } from "./target";
import { DRIVERS } from "./targets-drivers";
import { HANDED } from "./targets-handed";
import { NATIVE } from "./targets-native";
import { RUNS } from "./targets-runs";
import { TEXT } from "./targets-text";
import { TOWERS } from "./targets-towers";

/** What a child tells its parent: each case as it begins, and how each target ended. */
export type Said =
  | { readonly target: string; readonly begins: number }
  | { readonly target: string; readonly ended: number; readonly failure: string | null };

const GROUPS = { text: TEXT, towers: TOWERS, drivers: DRIVERS, runs: [...RUNS, ...HANDED], native: NATIVE } as const;

/** Attacks every reader of a group: `child.ts GROUP CASES SEED ROOT [TARGET]`. A process of its own, because native readers may crash or hang it. */
async function main(group: keyof typeof GROUPS, cases: number, seed: number, root: string, only?: string): Promise<void> {
  const say = (said: Said): void => void process.send?.(said);
  const ground = layGround(root);
  const all = Object.values(GROUPS).flat().reduce((sum, t) => sum + t.weight, 0);
  for (const target of GROUPS[group].filter((t) => only === undefined || t.name === only)) {
    const scratch = path.join(root, "seeds", target.name);
    fs.mkdirSync(scratch, { recursive: true });
    const seeds = await target.seeds(scratch);
    for (const dir of ground.elsewhere) for (const left of fs.readdirSync(dir)) fs.rmSync(path.join(dir, left), { recursive: true });
    const empty = (): void => {
      fs.rmSync(ground.input, { recursive: true, force: true });
      fs.mkdirSync(ground.input);
    };
    // an input that is refused as it is would leave most of its reader unseen
    for (const seed of seeds) {
      empty();
      laySeed(ground.input, seed);
      await target.read(ground.input);
    }
    let begun = 0;
    const property = fc.asyncProperty(casesOf(seeds), async (one) => {
      empty();
      layCase(ground.input, seeds, one);
      say({ target: target.name, begins: ++begun });
      await judge(ground, () => target.read(ground.input));
    });
    const result = await fc.check(property, { numRuns: Math.max(5, Math.round((cases * target.weight) / all)), seed });
    const failure = result.failed ? `seed ${seed}, path ${result.counterexamplePath}: ${String(result.errorInstance instanceof Error ? result.errorInstance.message : result.errorInstance)}\ncase ${JSON.stringify(result.counterexample).slice(0, 1500)}` : null;
    say({ target: target.name, ended: result.numRuns, failure });
  }
}

if (require.main === module) {
  const [group, cases, seed, root, only] = process.argv.slice(2);
  main(group as keyof typeof GROUPS, Number(cases), Number(seed), root!, only).then(() => process.exit(0), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
