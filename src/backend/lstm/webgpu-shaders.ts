/** Rows of the batch and hidden units of one workgroup's tile, and how deep it cuts the product. */
export const TILE = { rows: 32, units: 16, depth: 16 } as const;
const THREADS = 16;
const PER_THREAD = TILE.rows / THREADS;

/** One day's place in its tensors; `before` and `after` are the days beside it in walking order, −1 = none. */
export const DAY_FIELDS = ["batch", "time", "hidden", "day", "before", "after", "cells"] as const;

// σ and tanh from one exp of a negative number: nothing overflows, and NaN stays NaN. The built-in tanh gives NaN for large x on some GPUs.
const HEAD = `
struct Day { batch: i32, time: i32, hidden: i32, day: i32, before: i32, after: i32, cells: i32 }
@group(0) @binding(0) var<uniform> d: Day;
var<workgroup> left: array<ROW_TYPE, ${TILE.rows * TILE.depth}>;
var<workgroup> right: array<vec4f, ${TILE.depth * TILE.units}>;
fn sigmoid(x: f32) -> f32 { let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e); }
fn bend(x: f32) -> f32 { let e = exp(-2.0 * abs(x)); let t = (1.0 - e) / (1.0 + e); return select(-t, t, x >= 0.0); }
fn place(row: i32, day: i32) -> i32 { return row * d.time + day; }
`;

/**
 * One day forward: gates = x·W (made before for all days) + b + h·Uᵀ, then the cell. A workgroup makes a tile of rows × units with
 * all four gates of a unit, so that the cell needs no second pass.
 * @source torch.nn.LSTM (gate order i, f, g, o)
 */
export function forwardShader(training: boolean): string {
  return `${HEAD.replace("ROW_TYPE", "f32")}
@group(0) @binding(1) var<storage, read> projected: array<f32>; // [batch, time, 4·hidden]
@group(0) @binding(2) var<storage, read> bias: array<f32>;      // [4·hidden]
@group(0) @binding(3) var<storage, read> wHh: array<f32>;       // [4·hidden, hidden]
@group(0) @binding(4) var<storage, read> h0: array<f32>;        // [batch, hidden]
@group(0) @binding(5) var<storage, read> c0: array<f32>;        // [batch, hidden]
@group(0) @binding(6) var<storage, read_write> h: array<f32>;     // [batch, time, hidden]
@group(0) @binding(7) var<storage, read_write> cell: array<f32>;  // [batch, cells, hidden]
${training ? "@group(0) @binding(8) var<storage, read_write> gates: array<f32>; // [batch, time, 4·hidden]" : ""}

@compute @workgroup_size(${THREADS}, ${THREADS})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let lx = i32(local.x); let ly = i32(local.y);
  let H = d.hidden;
  let firstRow = i32(group.y) * ${TILE.rows} + ly;
  let firstUnit = i32(group.x) * ${TILE.units};
  var sum: array<vec4f, ${PER_THREAD}>;
  for (var start = 0; start < H; start += ${TILE.depth}) {
    let k = start + lx;
    for (var p = 0; p < ${PER_THREAD}; p++) {
      let row = firstRow + p * ${THREADS};
      var value = 0.0;
      if (row < d.batch && k < H) {
        if (d.before < 0) { value = h0[row * H + k]; } else { value = h[place(row, d.before) * H + k]; }
      }
      left[(ly + p * ${THREADS}) * ${TILE.depth} + lx] = value;
    }
    let u = firstUnit + ly;
    var w = vec4f(0.0);
    if (u < H && k < H) { w = vec4f(wHh[u * H + k], wHh[(H + u) * H + k], wHh[(2 * H + u) * H + k], wHh[(3 * H + u) * H + k]); }
    right[lx * ${TILE.units} + ly] = w;
    workgroupBarrier();
    for (var j = 0; j < ${TILE.depth}; j++) {
      let four = right[j * ${TILE.units} + lx];
      for (var p = 0; p < ${PER_THREAD}; p++) { sum[p] += left[(ly + p * ${THREADS}) * ${TILE.depth} + j] * four; }
    }
    workgroupBarrier();
  }
  let unit = firstUnit + lx;
  if (unit >= H) { return; }
  let b = vec4f(bias[unit], bias[H + unit], bias[2 * H + unit], bias[3 * H + unit]);
  for (var p = 0; p < ${PER_THREAD}; p++) {
    let row = firstRow + p * ${THREADS};
    if (row >= d.batch) { continue; }
    let at = place(row, d.day);
    let x = at * 4 * H + unit;
    let z = sum[p] + b + vec4f(projected[x], projected[x + H], projected[x + 2 * H], projected[x + 3 * H]);
    let i = sigmoid(z.x); let f = sigmoid(z.y); let g = bend(z.z); let o = sigmoid(z.w);
    var c: f32;
    if (d.before < 0) { c = c0[row * H + unit]; } else { c = cell[(row * d.cells + min(d.before, d.cells - 1)) * H + unit]; }
    c = f * c + i * g;
    cell[(row * d.cells + min(d.day, d.cells - 1)) * H + unit] = c;
    h[at * H + unit] = o * bend(c);
    ${training ? "gates[x] = i; gates[x + H] = f; gates[x + 2 * H] = g; gates[x + 3 * H] = o;" : ""}
  }
}`;
}

/**
 * One day backward: dh = dy + dz(next day)·U, then the gates' and the cell's gradients. With `day` −1 only dh0 is made.
 * Each value of `dCell` is read and written by one thread.
 */
export function backwardShader(): string {
  return `${HEAD.replace("ROW_TYPE", "vec4f")}
@group(0) @binding(1) var<storage, read> dy: array<f32>;     // [batch, time, hidden]
@group(0) @binding(2) var<storage, read> gates: array<f32>;  // [batch, time, 4·hidden]
@group(0) @binding(3) var<storage, read> cell: array<f32>;   // [batch, time, hidden]
@group(0) @binding(4) var<storage, read> c0: array<f32>;     // [batch, hidden]
@group(0) @binding(5) var<storage, read> wHh: array<f32>;    // [4·hidden, hidden]
@group(0) @binding(6) var<storage, read_write> dz: array<f32>;    // [batch, time, 4·hidden]
@group(0) @binding(7) var<storage, read_write> dCell: array<f32>; // [batch, hidden]
@group(0) @binding(8) var<storage, read_write> dh0: array<f32>;   // [batch, hidden]

@compute @workgroup_size(${THREADS}, ${THREADS})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
  let lx = i32(local.x); let ly = i32(local.y);
  let H = d.hidden;
  let firstRow = i32(group.y) * ${TILE.rows} + ly;
  let unit = i32(group.x) * ${TILE.units} + lx;
  var sum: array<f32, ${PER_THREAD}>;
  let depth = select(H, 0, d.after < 0);
  for (var start = 0; start < depth; start += ${TILE.depth}) {
    for (var p = 0; p < ${PER_THREAD}; p++) {
      let row = firstRow + p * ${THREADS};
      var four = vec4f(0.0);
      if (row < d.batch && start + lx < H) {
        let x = place(row, d.after) * 4 * H + start + lx;
        four = vec4f(dz[x], dz[x + H], dz[x + 2 * H], dz[x + 3 * H]);
      }
      left[(ly + p * ${THREADS}) * ${TILE.depth} + lx] = four;
    }
    let k = start + ly;
    var w = vec4f(0.0);
    if (unit < H && k < H) { w = vec4f(wHh[k * H + unit], wHh[(H + k) * H + unit], wHh[(2 * H + k) * H + unit], wHh[(3 * H + k) * H + unit]); }
    right[ly * ${TILE.units} + lx] = w;
    workgroupBarrier();
    for (var j = 0; j < ${TILE.depth}; j++) {
      let w4 = right[j * ${TILE.units} + lx];
      for (var p = 0; p < ${PER_THREAD}; p++) { sum[p] += dot(left[(ly + p * ${THREADS}) * ${TILE.depth} + j], w4); }
    }
    workgroupBarrier();
  }
  if (unit >= H) { return; }
  for (var p = 0; p < ${PER_THREAD}; p++) {
    let row = firstRow + p * ${THREADS};
    if (row >= d.batch) { continue; }
    let own = row * H + unit;
    if (d.day < 0) { dh0[own] = sum[p]; continue; }
    let at = place(row, d.day);
    let x = at * 4 * H + unit;
    let i = gates[x]; let f = gates[x + H]; let g = gates[x + 2 * H]; let o = gates[x + 3 * H];
    let t = bend(cell[at * H + unit]);
    let dh = dy[at * H + unit] + sum[p];
    var c: f32;
    if (d.before < 0) { c = c0[own]; } else { c = cell[place(row, d.before) * H + unit]; }
    var dc = dh * o * (1.0 - t * t);
    if (d.after >= 0) { dc += dCell[own]; }
    dz[x] = dc * g * i * (1.0 - i);
    dz[x + H] = dc * c * f * (1.0 - f);
    dz[x + 2 * H] = dc * i * (1.0 - g * g);
    dz[x + 3 * H] = dh * t * o * (1.0 - o);
    dCell[own] = dc * f;
  }
}`;
}
