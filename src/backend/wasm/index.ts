// What the module offers. Arrays are float32 addresses in the heap of TensorFlow.js; the first number of each operation is its task.
export { backwardScratch, cellWidth, gatesWidth, inputsWidth, spareSize } from "./layout";
export { lstmBackward, lstmPackBackward, lstmWeightGradients } from "./lstm-backward";
export { lstmForward, lstmPackForward } from "./lstm-forward";
export { productPack, productRows } from "./product";
