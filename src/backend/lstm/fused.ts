import * as os from "node:os";
import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../../core/errors";
import { flag, setFlag } from "../flags";
import { rawOps, type RawOps } from "../raw";
import type { LstmInputs } from "./weights";

/** Instruction sets the native code is compiled for; "" = the fastest of this processor. */
export type InstructionSet = "" | "portable" | "avx2" | "avx512";

interface Library {
  readonly op: string;
  readonly error: string;
  configure(instructions: string, threads: number): string;
}

/**
 * Loads the native op built by set-up into the running libtensorflow.
 * @returns the instruction set and thread count in use, or the reason why it cannot be used, with its cure
 * @example const loaded = loadFused(2); if ("why" in loaded) console.error(loaded.why)
 */
export function loadFused(threads = 0, instructions: InstructionSet = ""): { readonly instructions: string; readonly threads: number } | { readonly why: string } {
  const ops = rawOps();
  if (ops === null) return { why: `it needs the backend tensorflow, the current one is ${tf.getBackend()}; run npm run setup` };
  if (ops.gpu) return { why: "it computes on the CPU, and libtensorflow uses a GPU here" };
  const { builtFused } = require("../build-fused.cjs") as { builtFused(): { ok: boolean; why: string; file: string } };
  const built = builtFused();
  if (!built.ok) return { why: `${built.why}; run npm run setup (it needs a C++ compiler, e.g. the package g++)` };
  try {
    const library = require(built.file) as Library;
    if (library.error !== "") return { why: `${library.error}; run npm run setup` };
    const count = threads > 0 ? threads : os.availableParallelism();
    const chosen = library.configure(instructions, count);
    if (chosen === "") return { why: `this processor has no ${instructions}; leave the choice to the program` };
    setFlag("TAMRL_LSTM_OP", library.op);
    return { instructions: chosen, threads: count };
  } catch (error) {
    return { why: `it does not load (${String((error as Error).message).split("\n")[0]}); run npm run setup` };
  }
}

/**
 * The LSTM as one native operation each way: products, gates and cell in one pass over the days, threads along the batch.
 * Without a gradient to follow it stores nothing but the states of the `last` days walked.
 * @throws WorkbookError MissingPart when the op is not loaded
 * @example lstmFused({ x, wIh, wHh, bias, h0, c0, reverse: false }, 15) // [batch, 15, hidden]
 */
export function lstmFused(inputs: LstmInputs, last: number): tf.Tensor3D {
  const ops = rawOps();
  const op = flag("TAMRL_LSTM_OP");
  if (ops === null || op === undefined) throw new WorkbookError("MissingPart", "lstm: kernel fused needs its native op on the backend tensorflow; run npm run setup, then openBackend()");
  const { x, wIh, wHh, bias, h0, c0, reverse } = inputs;
  const taped = tf.engine().state.gradientDepth > 0;
  if (!taped) return forward(ops, op, [x, wIh, wHh, bias, h0, c0], reverse, false, last)[0]!;
  const run = tf.customGrad((...all) => {
    const given = all.slice(0, 6) as tf.Tensor[];
    const save = all[6] as unknown as (tensors: tf.Tensor[]) => void;
    const [out, h, gates, cell] = forward(ops, op, given, reverse, true, last);
    const [x, wIh, wHh, , h0, c0] = given as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    save([x, wIh, wHh, h0, c0, last < x.shape[1]! ? h : out, gates, cell]);
    return {
      value: out,
      gradFunc: (dh: tf.Tensor, saved: tf.Tensor[]) => ops.run(`${op}Grad`, [ops.flag("reverse", reverse)], [...saved, dh], 6),
    };
  });
  return run(x, wIh, wHh, bias, h0, c0) as tf.Tensor3D;
}

/** Last states, all states, gates and cells; the last three are empty without `training`, the second also where the first has all days. */
function forward(ops: RawOps, op: string, inputs: readonly tf.Tensor[], reverse: boolean, training: boolean, last: number): [tf.Tensor3D, tf.Tensor, tf.Tensor, tf.Tensor] {
  return ops.run(op, [ops.flag("reverse", reverse), ops.flag("training", training), ops.whole("last", last)], inputs, 4) as [tf.Tensor3D, tf.Tensor, tf.Tensor, tf.Tensor];
}
