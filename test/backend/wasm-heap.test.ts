import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { it } from "node:test";
import { projectRoot } from "../../src/core/files";

const { builtWasm } = require("../../src/backend/build-wasm.cjs") as { builtWasm(): { ok: boolean; why: string } };
const module_ = (name: string): string => JSON.stringify(path.join(projectRoot(), "src", "backend", ...name.split("/")));

/** What a process of its own found that filled the heap with tensors whose pages nobody touches, so that they cost no memory. */
interface Filled {
  readonly highest: number;
  readonly above: boolean;
  readonly own: string;
  readonly shipped: string;
  readonly after: boolean;
}

const SCRIPT = `
  const { openBackend, tf } = require(${module_("tf")});
  const { addressOf, emptyTensor } = require(${module_("wasm-heap")});
  const { lstm } = require(${module_("lstm/lstm")});
  const MIB = 2 ** 18;
  const said = (work) => { try { work(); return "nothing"; } catch (error) { return error.name + " " + error.tag + " " + error.message; } };
  (async () => {
    await openBackend({ kernel: "wasm", threads: 2 });
    const wave = (shape, step) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(step * k)), shape);
    const given = [wave([9, 6, 5], 0.7), wave([40, 5], 0.3), wave([40, 10], 0.11), wave([40], 0.5), wave([40], 0.9)];
    const gradients = () => tf.tidy(() => JSON.stringify(tf.grads((x, wIh, wHh, bIh, bHh) => lstm(x, { wIh, wHh, bIh, bHh }).sum())(given).map((g) => Array.from(g.dataSync()))));
    const truth = gradients();
    const million = tf.ones([4 * MIB]);
    const ballast = [];
    const fill = (mib, until) => { while (!until()) ballast.push(emptyTensor([mib * MIB])); };
    fill(128, () => ballast.length > 0 && addressOf(ballast[ballast.length - 1]) > 2 ** 31);
    said(() => fill(1 / 4, () => tf.tidy(() => addressOf(tf.ones([8])) > 2 ** 31))); // the holes below
    const [highest, above] = [tf.tidy(() => addressOf(tf.ones([8]))), gradients() === truth];
    const own = said(() => fill(128, () => false));
    said(() => fill(1, () => false));
    const shipped = said(() => tf.add(million, million));
    tf.dispose(ballast);
    process.stdout.write(JSON.stringify({ highest, above, own, shipped, after: gradients() === truth && tf.tidy(() => tf.add(million, million).dataSync().every((v) => v === 2)) }));
  })();`;

it("tensors above 2 GiB of the heap are computed with alike, a full heap is told before anything is overwritten, and freed it serves again", (t) => {
  if (!builtWasm().ok) return t.skip(builtWasm().why);
  const child = spawnSync(process.execPath, ["--import", "tsx", "-e", SCRIPT], { encoding: "utf8", cwd: projectRoot(), timeout: 120_000 });
  assert.equal(child.stderr, "");
  const { highest, above, own, shipped, after } = JSON.parse(child.stdout) as Filled;
  assert.ok(highest > 2 ** 31, `tensors still lie at ${highest}`);
  assert.ok(above, "gradients above 2 GiB");
  const full = (mib: number): RegExp => new RegExp(`^WorkbookError OutOfMemory wasm: ${mib} MiB more are required, the heap of 4 GiB is full; use smaller batches or windows$`);
  assert.match(own, full(128));
  assert.match(shipped, full(4));
  assert.ok(after, "the heap after it was freed");
});
