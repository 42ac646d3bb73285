import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cudaMissing, cudnnAttributes, cudnnSize, lstmCuda, packCudnn, unpackCudnn } from "../../src/backend/lstm/cuda";
import { rawOps } from "../../src/backend/raw";
import { openBackend, tf } from "../../src/backend/tf";
import { opDefinitions } from "../helpers/tf-op";

describe("cuDNN's flat parameters", () => {
  before(async () => { await openBackend({ backend: "cpu", kernel: "reference" }); });

  // Two inputs, one unit: rows of the gates i, f, g, o.
  const wIh = (): tf.Tensor2D => tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]);
  const wHh = (): tf.Tensor2D => tf.tensor2d([[9], [10], [11], [12]]);

  it("hold W of i, f, g, o, then R, then the biases of W and zeros for those of R", () => {
    tf.tidy(() => {
      const packed = packCudnn(wIh(), wHh(), tf.tensor1d([13, 14, 15, 16]));
      assert.deepEqual([...packed.dataSync()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0]);
      assert.equal(packed.size, cudnnSize(2, 1));
    });
  });

  it("come apart as they were put together, for any size", () => {
    for (const [input, hidden] of [[1, 1], [3, 2], [24, 5], [7, 16]] as const) {
      tf.tidy(() => {
        const [w, r, b] = [tf.randomNormal([4 * hidden, input]), tf.randomNormal([4 * hidden, hidden]), tf.randomNormal([4 * hidden])] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const back = unpackCudnn(packCudnn(w, r, b), input, hidden);
        [w, r, b].forEach((tensor, k) => {
          assert.deepEqual(back[k]!.shape, tensor.shape);
          assert.deepEqual(back[k]!.dataSync(), tensor.dataSync());
        });
      });
    }
  });
});

describe("the kernel cuda without a GPU", () => {
  let skip = "";
  before(async () => {
    try {
      await openBackend({ backend: "tensorflow" });
      if (rawOps()!.gpu) skip = "a GPU is here: the conformance suite runs on it";
    } catch (error) {
      skip = (error as Error).message;
    }
  });

  it("names its cure, when it is asked for and when it is called", async (t) => {
    if (skip !== "") return t.skip(skip);
    assert.match(cudaMissing()!, /libtensorflow .*npm run setup -- --gpu/);
    await assert.rejects(openBackend({ kernel: "cuda" }), { tag: "MissingPart", message: /kernel cuda was asked for, .*npm run setup -- --gpu/ });
    const [x, w, r, b, s] = [tf.ones([1, 1, 1]), tf.ones([4, 1]), tf.ones([4, 1]), tf.ones([4]), tf.ones([1, 1])];
    assert.throws(() => lstmCuda({ x: x as tf.Tensor3D, wIh: w as tf.Tensor2D, wHh: r as tf.Tensor2D, bias: b as tf.Tensor1D, h0: s as tf.Tensor2D, c0: s as tf.Tensor2D, reverse: false }), { tag: "MissingPart" });
    tf.dispose([x, w, r, b, s]);
  });

  it("calls both operations as the running libtensorflow defines them: inputs, outputs and attributes", (t) => {
    if (skip !== "") return t.skip(skip);
    const registry = opDefinitions(["CudnnRNN", "CudnnRNNBackprop"]);
    const [forward, backward] = [registry.get("CudnnRNN")!, registry.get("CudnnRNNBackprop")!];
    assert.deepEqual(forward.inputs, ["input", "input_h", "input_c", "params"]);
    assert.deepEqual(forward.outputs, ["output", "output_h", "output_c", "reserve_space"]);
    assert.deepEqual(backward.inputs, ["input", "input_h", "input_c", "params", "output", "output_h", "output_c", "output_backprop", "output_h_backprop", "output_c_backprop", "reserve_space"]);
    assert.deepEqual(backward.outputs, ["input_backprop", "input_h_backprop", "input_c_backprop", "params_backprop"]);
    const ops = rawOps()!;
    const kinds: Record<string, string> = { T: "type", dropout: "float", is_training: "bool" };
    for (const attribute of [...cudnnAttributes(ops), ops.flag("is_training", true)]) {
      const told = forward.attributes.get(attribute.name) ?? assert.fail(`${attribute.name} is no attribute`);
      assert.equal(told.type, kinds[attribute.name] ?? "string", attribute.name);
      if (typeof attribute.value === "string") assert.ok(told.allowed.includes(attribute.value), `${attribute.value} is not among ${told.allowed.join(", ")}`);
      assert.equal(backward.attributes.has(attribute.name), attribute.name !== "is_training", attribute.name);
    }
  });

  it("reaches the operations through the addon: on the CPU they are refused for want of a kernel, not for a wrong call", (t) => {
    if (skip !== "") return t.skip(skip);
    const ops = rawOps()!;
    tf.tidy(() => {
      const [one, params] = [tf.ones([1, 1, 1]), tf.ones([cudnnSize(1, 1)])];
      assert.throws(() => ops.run("CudnnRNN", [...cudnnAttributes(ops), ops.flag("is_training", true)], [one, one, one, params], 4), /Could not find device for node/);
      assert.throws(() => ops.run("CudnnRNNBackprop", cudnnAttributes(ops), [one, one, one, params, one, one, one, one, one, one, params], 4), /Could not find device for node/);
      assert.throws(() => ops.run("CudnnRNN", cudnnAttributes(ops), [one, one, params], 4), /do not match 3 inputs/);
    });
  });
});
