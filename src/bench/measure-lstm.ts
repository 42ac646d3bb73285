import * as path from "node:path";
import { lstm } from "../backend/lstm/lstm";
import { openBackend, tf } from "../backend/tf";
import { readJson } from "../core/json";
import { gradients } from "../model/gradients";
import { adam } from "../model/optimiser";
import { readArrays } from "./arrays";
import { backendAbout } from "./backend-about";
import type { Measure } from "./serve";
import type { SyntheticJob } from "./synthetic";

/** The LSTM alone: x [batch, time, channel] → states, mean squared error of the last days, gradients of all four weights, Adam. */
export async function measureLstm(dir: string): Promise<Measure> {
  const backend = await openBackend();
  const { training: { lossDays, lr }, checkSteps } = readJson<SyntheticJob>(path.join(dir, "job.json"), "bench");
  const array = readArrays(dir);
  const tensor = <T extends tf.Tensor>(name: string): T => tf.tensor(array(name).data, [...array(name).shape]) as T;
  const variable = <R extends tf.Rank>(name: string): tf.Variable<R> => tf.variable(tensor<tf.Tensor<R>>(name));
  const weights = { wIh: variable<tf.Rank.R2>("weight_ih_l0"), wHh: variable<tf.Rank.R2>("weight_hh_l0"), bIh: variable<tf.Rank.R1>("bias_ih_l0"), bHh: variable<tf.Rank.R1>("bias_hh_l0") };
  const parameters = new Map<string, tf.Variable>(Object.entries(weights));
  const [x, target] = [tensor<tf.Tensor3D>("x"), tensor<tf.Tensor3D>("target")];
  const optimiser = adam(parameters, { lr });
  const step = (): number => {
    const { value, grads } = gradients(parameters, () => {
      const last = lstm(x, weights).slice([0, x.shape[1] - lossDays, 0]); // [batch, lossDays, hidden]
      return tf.square(tf.sub(last, target)).mean(2).mean<tf.Scalar>(); // by parts: wasm sums in single precision, one number after the other
    });
    const loss = value.dataSync()[0]!;
    optimiser.step(grads);
    tf.dispose([value, ...grads.values()]);
    return loss;
  };
  const losses = Array.from({ length: checkSteps }, step);
  return { losses, about: backendAbout(backend), run: () => void step() };
}
