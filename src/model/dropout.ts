import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { random } from "../core/random";

/**
 * Inverted-dropout mask of `shape`: 0 with probability `rate`, else 1/(1 − rate). Same seed, same mask, on every backend, so that a
 * resumed run meets the masks it would have met. Entry k is a hash of k: a stream of `random` would take most of a training step.
 * @throws WorkbookError BadArgument without a seed
 * @source mixing steps of MurmurHash3's 32-bit finaliser (Austin Appleby, public domain)
 * @example h.mul(dropoutMask([128, 15, 128], 0.2, 1000 * seed + step))
 */
export function dropoutMask(shape: [number, number, number], rate: number, seed: number | undefined): tf.Tensor3D {
  if (seed === undefined) throw new WorkbookError("BadArgument", "forward: training with dropout requires dropoutSeed, got none; pass a number made of seed and step");
  const key = random(seed, "dropout").int(2 ** 32);
  const keep = 1 / (1 - rate);
  const below = Math.round(rate * 2 ** 32);
  const mask = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let k = 0; k < mask.length; k++) {
    let h = Math.imul(k, 0x9e3779b1) ^ key;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    mask[k] = ((h ^ (h >>> 16)) >>> 0) < below ? 0 : keep;
  }
  return tf.tensor3d(mask, shape);
}
