import { dropout } from "../backend/dropout";
import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { random } from "../core/random";

/**
 * Inverted-dropout mask of the shape of `like`: 0 with probability `rate`, else 1/(1 − rate). Same seed, same mask, on every backend, so
 * that a resumed run meets the masks it would have met.
 * @throws WorkbookError BadArgument without a seed
 * @example h.mul(dropoutMask(h, 0.2, 1000 * seed + step))
 */
export function dropoutMask(like: tf.Tensor3D, rate: number, seed: number | undefined): tf.Tensor3D {
  if (seed === undefined) throw new WorkbookError("BadArgument", `forward: training with dropout requires dropoutSeed, got none; pass a number made of seed and step`);
  return dropout(like, rate, random(seed, "dropout").int(2 ** 32));
}
