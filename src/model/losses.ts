import { product } from "../backend/dense";
import { tf } from "../backend/tf";
import type { ModelConfig } from "./types";

/** What the loss compares; the axis `flux` is gpp, reco, nee. */
export interface LossInputs {
  /** standardised [batch, days, flux] */
  readonly prediction: tf.Tensor3D;
  /** standardised [batch, days, flux]; a missing flux holds any finite number */
  readonly target: tf.Tensor3D;
  /** 1 where the flux is there, else 0 [batch, days, flux] */
  readonly valid: tf.Tensor3D;
  /** QC × class weight of the day [batch, days] */
  readonly weight: tf.Tensor2D;
}

/** How the balance enters the loss. */
export interface LossOptions {
  readonly balance: ModelConfig["balance"];
  /** 0.1 in the paper */
  readonly balanceWeight: number;
  /** g C m⁻² d⁻¹ */
  readonly targetMean: readonly [number, number, number];
  /** g C m⁻² d⁻¹ */
  readonly targetSd: readonly [number, number, number];
}

/** Scalars; `total = mse + balanceWeight · balance`. The caller disposes. */
export interface FluxLoss {
  readonly total: tf.Scalar;
  readonly mse: tf.Scalar;
  /** mean squared balance residual before its weight; 0 where the balance is off or hard */
  readonly balance: tf.Scalar;
}

/**
 * The training loss: weighted squared errors of z-scored fluxes, summed and divided by the number of valid day-flux entries, plus the
 * balance penalty over all loss days. `soft`: mean of ((NEE − (RECO − GPP)) / σ_NEE)² in physical units, unclipped; `soft-z`: the same
 * on standardised values, as the released code has it. A batch without a valid flux has an mse of 0.
 * @source TAM-RL, arXiv 2603.09974; CarbonFluxBench, arXiv 2603.09868; deviations as the project's method notes list them
 * @example const { total } = fluxLoss({ prediction, target, valid, weight }, { balance: "soft", balanceWeight: 0.1, targetMean, targetSd })
 */
export function fluxLoss({ prediction, target, valid, weight }: LossInputs, options: LossOptions): FluxLoss {
  return tf.tidy(() => {
    const error = tf.mul(tf.square(tf.sub(prediction, target)), tf.mul(valid, weight.expandDims(2))); // [batch, days, flux]
    const mse = tf.div<tf.Scalar>(error.sum(), tf.maximum(valid.sum(), 1));
    const residual = balanceResidual(prediction, options);
    if (residual === null) return { total: mse, mse: mse.clone(), balance: tf.scalar(0) };
    const balance = tf.square(residual).mean<tf.Scalar>();
    return { total: tf.add<tf.Scalar>(mse, tf.mul(balance, options.balanceWeight)), mse, balance };
  });
}

/** The residual of the carbon balance in units of σ_NEE [batch·days, 1], or null where no penalty is asked for. */
function balanceResidual(prediction: tf.Tensor3D, { balance, targetMean, targetSd }: LossOptions): tf.Tensor2D | null {
  if (balance === "off" || balance === "hard") return null;
  const fluxes = prediction.reshape([-1, 3]) as tf.Tensor2D; // [batch·days, flux]
  if (balance === "soft-z") return product(fluxes, tf.tensor2d([[1], [-1], [1]]));
  // Un-scaling is linear, and so is the residual: (μ + σ·y) of the three fluxes folds into one product and one constant.
  const [gpp, reco, nee] = targetSd;
  const constant = (targetMean[2] - targetMean[1] + targetMean[0]) / nee;
  return tf.add<tf.Tensor2D>(product(fluxes, tf.tensor2d([[gpp / nee], [-reco / nee], [1]])), constant);
}
