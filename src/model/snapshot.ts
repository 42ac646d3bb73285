import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import type { NamedArrays } from "./safetensors";
import type { FluxModel } from "./types";

/**
 * A copy of all weights and running statistics, by PyTorch name; later training does not change it.
 * @example const best = await copyWeights(model)
 */
export async function copyWeights(model: FluxModel): Promise<NamedArrays> {
  const out = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [name, variable] of [...model.parameters, ...model.buffers]) {
    out.set(name, { shape: [...variable.shape], data: Float32Array.from(await variable.data()) });
  }
  return out;
}

/**
 * Sets all weights and running statistics of a model.
 * @throws WorkbookError BadRun when a name is missing or unknown, or a shape differs; nothing is changed then
 * @example setWeights(model, decodeSafetensors(bytes, file).tensors, file)
 */
export function setWeights(model: FluxModel, tensors: NamedArrays, where: string): void {
  const fail = (required: string, found: string): never => {
    throw new WorkbookError("BadRun", `setWeights: ${where}: ${required} is required, found ${found}; the file belongs to another model or configuration`, { file: where });
  };
  const variables = new Map([...model.parameters, ...model.buffers]);
  for (const [name, { shape }] of variables) {
    const found = tensors.get(name);
    if (found === undefined) fail(`${name} [${shape.join(", ")}]`, "none");
    else if (found.shape.join() !== shape.join()) fail(`${name} [${shape.join(", ")}]`, `[${found.shape.join(", ")}]`);
  }
  for (const name of tensors.keys()) if (!variables.has(name)) fail(`one of the model's ${variables.size} names`, name);
  tf.tidy(() => variables.forEach((variable, name) => variable.assign(tf.tensor(tensors.get(name)!.data, variable.shape))));
}
