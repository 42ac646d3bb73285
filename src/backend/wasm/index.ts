// What the module offers. Arrays are float32 addresses in the heap of TensorFlow.js; the first number of each operation is its task.
export { backwardScratch, cellWidth, gatesWidth, inputsWidth, spareSize } from "./layout";
export { adam, embed, embedGradient, embedScratch, embedSums, modulate, modulateGradient, turnedSums } from "./days";
export { lstmBackward, lstmPackBackward, lstmWeightGradients } from "./lstm-backward";
export { lstmForward, lstmPackForward, lstmPackSlide } from "./lstm-forward";
export { lstmSlide, slideScratch } from "./lstm-slide";
export { normalFinish, normalGradient, normalRaw, normalScratch, normalShare, normalSquares, normalSums } from "./normal";
export { productPack, productRows } from "./product";
