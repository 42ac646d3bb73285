import { WorkbookError } from "../core/errors";
import type { NamedArrays } from "./safetensors";
import type { ModelConfig } from "./types";

/** What happens inside TAM-RL's decoder in one window, every step of it, in plain arithmetic. */
export interface WindowTrace {
  readonly time: number;
  readonly hidden: number;
  /** Linear(D → H) of the drivers `[time, hidden]` */
  readonly embedded: Float32Array;
  /** of the input modulation `[hidden]`; 1 and 0 where nothing is modulated */
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  /** u = scale ⊙ e + shift `[time, hidden]` */
  readonly modulated: Float32Array;
  /** of the LSTM `[time, hidden]`: what enters, what stays, what is new, what comes out */
  readonly gates: Readonly<Record<Gate, Float32Array>>;
  /** `[time, hidden]` */
  readonly state: Float32Array;
  /** standardised fluxes of each day `[time, flux]` */
  readonly fluxes: Float32Array;
}

/** The four gates in PyTorch's order. */
export const GATES = ["input", "forget", "cell", "output"] as const;
export type Gate = (typeof GATES)[number];

/**
 * Follows one window through the decoder with the run's own weights: the model written out, for teaching and for looking inside. Without a
 * task `z` nothing is modulated.
 * @param weights by PyTorch name, as a run keeps them
 * @param x standardised drivers `[time, channel]`
 * @param z task embedding `[latent]`, or null
 * @throws WorkbookError BadArgument for a network of several layers or a hard balance, and where a weight is missing
 * @source TAM-RL, arXiv 2603.09974; torch.nn.LSTM (gate order i, f, g, o)
 * @example traceWindow(readWeights(file), config, x, z).gates.forget
 */
export function traceWindow(weights: NamedArrays, config: ModelConfig, x: Float32Array, z: Float32Array | null): WindowTrace {
  if (config.layers !== 1 || config.balance === "hard") throw new WorkbookError("BadArgument", `traceWindow: one layer and a soft balance are required, got layers ${config.layers}, balance ${config.balance}; train a run with layers=1`);
  const { hidden } = config;
  const time = x.length / config.channels;
  const layer = layerReader(weights);
  const days = Array.from({ length: time }, (_, t) => x.subarray(t * config.channels, (t + 1) * config.channels));
  const { scale, shift } = inputFilm(layer, config, z);
  const output = outputFilm(layer, config, z);
  const embed = layer("dynamic_encoder");
  const recurrent = { input: layer("encoder", "_ih_l0"), state: layer("encoder", "_hh_l0") };
  const out = layer("out");
  const all = (): Float32Array => new Float32Array(time * hidden);
  const trace = { embedded: all(), modulated: all(), state: all(), gates: { input: all(), forget: all(), cell: all(), output: all() } };
  const fluxes = new Float32Array(time * 3);
  let h = new Float32Array(hidden);
  const c = new Float32Array(hidden);
  days.forEach((day, t) => {
    const e = embed(day);
    const u = e.map((v, k) => scale[k]! * v + shift[k]!);
    const [fromInput, fromState] = [recurrent.input(u), recurrent.state(h)];
    h = h.map((_, k) => {
      const gate = (g: number): number => fromInput[g * hidden + k]! + fromState[g * hidden + k]!;
      const [i, f, g, o] = [sigmoid(gate(0)), sigmoid(gate(1)), Math.tanh(gate(2)), sigmoid(gate(3))];
      [i, f, g, o].forEach((value, which) => (trace.gates[GATES[which]!][t * hidden + k] = value));
      c[k] = f * c[k]! + i * g;
      return o * Math.tanh(c[k]!);
    });
    trace.embedded.set(e, t * hidden);
    trace.modulated.set(u, t * hidden);
    trace.state.set(h, t * hidden);
    fluxes.set(out(h.map((v, k) => output.scale[k]! * v + output.shift[k]!)), t * 3);
  });
  return { time, hidden, scale, shift, ...trace, fluxes };
}

interface Film {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}
type LayerReader = (name: string, ending?: string) => (input: Float32Array) => Float32Array;

/** y = W x + b of a layer of the decoder, by name. */
function layerReader(weights: NamedArrays): LayerReader {
  const read = (name: string): Float32Array => {
    const found = weights.get(`forward_model.${name}`);
    if (!found) throw new WorkbookError("BadArgument", `traceWindow: the weights forward_model.${name} are required, found none; give a run of model tamrl`);
    return found.data;
  };
  return (name, ending = "") => {
    const [w, b] = [read(`${name}.weight${ending}`), read(`${name}.bias${ending}`)];
    return (input) => b.map((bias, o) => input.reduce((sum, v, i) => sum + w[o * input.length + i]! * v, bias));
  };
}

function inputFilm(layer: LayerReader, { hidden, modulation }: ModelConfig, z: Float32Array | null): Film {
  if (z === null || modulation === "none") return unmodulated(hidden);
  if (modulation === "free") return halves(layer("film_layer_input")(z), hidden);
  const s = layer("static_encoder")(z).map((v) => Math.max(0, v) + 1);
  return { scale: s, shift: s };
}

function outputFilm(layer: LayerReader, { hidden, outputModulation }: ModelConfig, z: Float32Array | null): Film {
  return z === null || !outputModulation ? unmodulated(hidden) : halves(layer("film_layer_head")(z), hidden);
}

const unmodulated = (hidden: number): Film => ({ scale: new Float32Array(hidden).fill(1), shift: new Float32Array(hidden) });
const halves = (both: Float32Array, hidden: number): Film => ({ scale: both.slice(0, hidden).map((g) => 1 + g), shift: both.slice(hidden) });
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
