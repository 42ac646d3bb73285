import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { gradients } from "../../src/model/gradients";
import { fluxLoss } from "../../src/model/losses";
import { adam, adamw } from "../../src/model/optimiser";
import type { FluxModel } from "../../src/model/types";
import { distance, floats, goldenCases, inputsOf, modelOf, readGolden, tensorOf, type Golden, type Stored } from "./golden";

before(async () => void (await openBackend()));

const close = (actual: tf.Tensor, expected: Stored, tolerance: number, what: string): void => {
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  const worst = distance(actual.dataSync(), floats(expected));
  assert.ok(worst <= tolerance, `${what}: off by ${worst}, ${tolerance} allowed`);
};

const lossOf = (golden: Golden, model: FluxModel) => (): ReturnType<typeof fluxLoss> => {
  const { target, valid, weight } = golden.inputs;
  const prediction = model.forward(inputsOf(golden), { training: true, lastDays: golden.lastDays });
  return fluxLoss({ prediction, target: tensorOf<tf.Tensor3D>(target), valid: tensorOf<tf.Tensor3D>(valid), weight: tensorOf<tf.Tensor2D>(weight) }, { ...golden.config, balanceWeight: 0.1 });
};

for (const name of goldenCases()) {
  describe(`${name}, beside PyTorch with the same weights`, () => {
    const golden = readGolden(name);
    const { lastDays } = golden;

    test("has PyTorch's parameter names and shapes, in no other number", () => {
      const model = modelOf(golden); // refuses missing and unknown names and other shapes
      assert.deepEqual([...model.parameters.keys()].sort(), Object.keys(golden.grads).sort());
    });

    test("gives the same outputs by running statistics, to 1e-5", () => {
      const model = modelOf(golden);
      close(model.forward(inputsOf(golden), { training: false, lastDays }), golden.outputEval, 1e-5, "output");
    });

    test("gives the same outputs by batch statistics, to 1e-5, and moves the running statistics alike", () => {
      const model = modelOf(golden);
      close(model.forward(inputsOf(golden), { training: true, lastDays }), golden.outputTrain, 1e-5, "output");
      for (const [buffer, expected] of Object.entries(golden.buffers)) close(model.buffers.get(buffer)!, expected, 1e-5, buffer);
    });

    // models without an embedding have nothing to compare here
    if (golden.zEval !== undefined) test("gives the same embedding, and the same outputs from it, to 1e-5", () => {
      const model = modelOf(golden);
      const { x, statics, support, supportWeight } = inputsOf(golden);
      const query = golden.config.embedding === "query";
      close(model.encode(query ? x : support!, statics, query ? undefined : supportWeight), golden.zEval!, 1e-5, "z");
      close(model.forward({ x, statics, z: tensorOf<tf.Tensor2D>(golden.zEval!) }, { training: false, lastDays }), golden.decoded!, 1e-5, "output");
    });

    test("gives the same loss, to 1e-6", () => {
      const { total, mse, balance } = lossOf(golden, modelOf(golden))();
      for (const [part, scalar] of Object.entries({ total, mse, balance })) {
        const [actual, expected] = [scalar.dataSync()[0]!, golden.loss[part as "total"]];
        assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${part}: ${actual}, PyTorch ${expected}`);
      }
    });

    test("gives the same gradients, to 1e-4 of each tensor's largest", () => {
      const model = modelOf(golden);
      const { grads } = gradients(model.parameters, () => lossOf(golden, model)().total);
      for (const [parameter, expected] of Object.entries(golden.grads)) {
        const scale = Math.max(...floats(expected).map(Math.abs));
        close(grads.get(parameter)!, expected, 1e-4 * scale + 1e-9, parameter);
      }
    });

    for (const [kind, make] of Object.entries({ adam, adamw })) {
      test(`makes the same ten ${kind} steps, to 1e-4`, () => {
        const model = modelOf(golden);
        const optimiser = make(model.parameters, { lr: 1e-3 });
        for (let step = 0; step < golden.steps; step++) {
          const { value, grads } = gradients(model.parameters, () => lossOf(golden, model)().total);
          optimiser.step(grads);
          tf.dispose([value, ...grads.values()]);
        }
        const after = golden[kind as "adam" | "adamw"];
        for (const [parameter, variable] of [...model.parameters, ...model.buffers]) close(variable, after[parameter]!, 1e-4, parameter);
      });
    }
  });
}
