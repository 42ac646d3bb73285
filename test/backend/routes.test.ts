import assert from "node:assert/strict";
import { test } from "node:test";
import { KERNELS } from "../../src/backend/lstm/kernel";
import { BACKENDS, readWish, ROUTES, routesFor, type Wish } from "../../src/backend/routes";

const names = (wish: Wish): string[] => routesFor(wish).map(({ backend, kernel }) => `${backend} ${kernel}`);

test("the fastest way comes first: cuda, fused, webgpu, hybrid, wasm, reference", () => {
  const kernels = [...new Set(routesFor({ backend: "auto", kernel: "auto" }).map((route) => route.kernel))];
  assert.deepEqual(kernels.filter((k) => k !== "reference"), ["cuda", "fused", "webgpu", "hybrid", "wasm"]);
  assert.equal(routesFor({ backend: "auto", kernel: "auto" }).at(-1)!.backend, "cpu", "something always runs");
});

test("a kernel implies its backend, a backend its kernels; both together are taken as they are", () => {
  assert.deepEqual(names({ backend: "auto", kernel: "webgpu" }), ["webgpu webgpu"]);
  assert.deepEqual(names({ backend: "auto", kernel: "fused" }), ["tensorflow fused"]);
  assert.deepEqual(names({ backend: "webgpu", kernel: "auto" }), ["webgpu webgpu"]);
  assert.equal(names({ backend: "wasm", kernel: "auto" }).at(-1), "wasm reference");
  assert.deepEqual(names({ backend: "cpu", kernel: "fused" }), ["cpu fused"]);
});

test("every backend and every kernel lies on a way", () => {
  for (const backend of BACKENDS) assert.ok(ROUTES.some((route) => route.backend === backend), backend);
  for (const kernel of KERNELS) assert.ok(ROUTES.some((route) => route.kernel === kernel), kernel);
});

test("words that name nothing are refused with the names there are", () => {
  assert.deepEqual(readWish(undefined, ""), { backend: "auto", kernel: "auto" });
  assert.deepEqual(readWish("webgpu", "auto"), { backend: "webgpu", kernel: "auto" });
  assert.match((readWish("gpu", undefined) as { fault: string }).fault, /TAMRL_BACKEND must be tensorflow, webgpu, .*got "gpu"/);
  assert.match((readWish(undefined, "cudnn") as { fault: string }).fault, /TAMRL_LSTM must be cuda, .*got "cudnn"/);
});
