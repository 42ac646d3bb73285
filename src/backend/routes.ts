import { KERNELS, type KernelName } from "./lstm/kernel";

/** Where tensors are computed. */
export const BACKENDS = ["tensorflow", "webgpu", "wasm", "cpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** A backend with the LSTM kernel that runs on it. */
export interface Route {
  readonly backend: BackendName;
  readonly kernel: KernelName;
}

/** Every way to compute, fastest first. */
export const ROUTES: readonly Route[] = [
  { backend: "tensorflow", kernel: "cuda" },
  { backend: "tensorflow", kernel: "fused" },
  { backend: "webgpu", kernel: "webgpu" },
  { backend: "tensorflow", kernel: "hybrid" },
  { backend: "tensorflow", kernel: "reference" },
  { backend: "wasm", kernel: "wasm" },
  { backend: "wasm", kernel: "reference" },
  { backend: "cpu", kernel: "reference" },
];

/** What is asked for: a name, or "auto". */
export interface Wish {
  readonly backend: BackendName | "auto";
  readonly kernel: KernelName | "auto";
}

/**
 * The ways to compute that a wish leaves, fastest first. A kernel implies its backend; both named are taken as they are, and the
 * kernel says itself what it needs.
 * @example routesFor({ backend: "auto", kernel: "hybrid" }) // [{ backend: "tensorflow", kernel: "hybrid" }]
 */
export function routesFor({ backend, kernel }: Wish): readonly Route[] {
  if (backend !== "auto" && kernel !== "auto") return [{ backend, kernel }];
  return ROUTES.filter((route) => (backend === "auto" || route.backend === backend) && (kernel === "auto" || route.kernel === kernel));
}

/** A wish in words that name nothing unknown, or the words' fault. @example readWish("wasm", undefined) */
export function readWish(backend: string | undefined, kernel: string | undefined): Wish | { readonly fault: string } {
  const find = <T extends string>(known: readonly T[], text: string | undefined): T | "auto" | undefined => (text === undefined || text === "" || text === "auto" ? "auto" : known.find((name) => name === text));
  const [b, k] = [find(BACKENDS, backend), find(KERNELS, kernel)];
  if (b === undefined) return { fault: `TAMRL_BACKEND must be ${BACKENDS.join(", ")} or auto, got "${backend}"; correct or unset it` };
  if (k === undefined) return { fault: `TAMRL_LSTM must be ${KERNELS.join(", ")} or auto, got "${kernel}"; correct or unset it` };
  return { backend: b, kernel: k };
}
