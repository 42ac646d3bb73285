import { dense } from "../backend/dense";
import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { head, lastHidden, lstmStack, ofDrivers, outputWidth, slidingHidden } from "./layers";
import type { ModelConfig, Network } from "./types";
import type { Weights } from "./weights";

/**
 * CT-LSTM: Linear(D → H/2) of the drivers beside Linear(S → H/2) of the one-hots, LSTM, dropout, Linear(H → 3).
 * @throws WorkbookError BadConfig when `hidden` is odd
 * @source CarbonFluxBench's ctlstm, arXiv 2603.09868 (layers and names)
 */
export function ctLstm(config: ModelConfig, weights: Weights): Network {
  const { channels, statics: width, hidden, layers } = config;
  if (hidden % 2 !== 0) throw new WorkbookError("BadConfig", `createModel: ctlstm requires an even hidden, got ${hidden}; choose one`);
  const drivers = weights.linear("dynamic_encoder", channels, hidden / 2);
  const ofStatics = weights.linear("static_encoder", width, hidden / 2);
  const stack = lstmStack(weights, "encoder", hidden, hidden, layers);
  const out = weights.linear("out", hidden, outputWidth(config));
  const beside = (x: tf.Tensor3D, statics: tf.Tensor2D): tf.Tensor3D => {
    const site = dense(statics, ofStatics.weight, ofStatics.bias).expandDims(1).tile([1, x.shape[1], 1]) as tf.Tensor3D; // [batch, time, hidden/2]
    return tf.concat([ofDrivers(x, drivers), site], 2); // [batch, time, hidden]
  };
  return {
    needsSupport: false,
    forward({ x, statics }, options) {
      return head(lastHidden(beside(x, statics), stack, options.lastDays), out, config, options);
    },
    slide({ x, statics }, windows) {
      const h = slidingHidden(beside(x, statics), stack, windows); // [window, 1, hidden]
      return h === null ? null : head(h, out, config, { training: false, lastDays: 1 });
    },
  };
}
