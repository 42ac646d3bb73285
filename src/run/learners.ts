import { climatologyLearner } from "./climatology-learner";
import type { ModelName } from "./config";
import type { Learner } from "./learner";
import { mamlLearner } from "./maml-learner";
import { neuralLearner } from "./neural-learner";
import { ridgeLearner } from "./ridge-learner";
import { xgboostLearner } from "./xgboost-learner";

/** Every model by name. */
export const LEARNERS: Readonly<Record<ModelName, Learner>> = {
  tamrl: neuralLearner,
  maml: mamlLearner,
  tamlstm: neuralLearner,
  ctlstm: neuralLearner,
  lstm: neuralLearner,
  xgboost: xgboostLearner,
  ridge: ridgeLearner,
  climatology: climatologyLearner,
};
