/**
 * Runs native operations on tensors, without the tape. Operands come here checked: dtypes that the op computes in, shapes
 * that broadcast.
 */
import type { DTypeInfo } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";
import { broadcastStrides, contiguousLayout } from "../core/shape.js";
import * as door from "../native/door.js";
import type { Storage } from "../native/memory.js";

/** Elements as native code sees them; a tensor is one. */
export interface Elements {
  readonly type: DTypeInfo;
  readonly storage: Storage;
  readonly layout: Layout;
  readonly offset: number;
}

/** Elements, or a number in the dtype that the op computes in. */
export type Operand = Elements | number;

const castOp = door.nativeOp("cast");
const none = -1;

function strides(values: readonly number[]): void {
  for (let d = 0; d < values.length; d++) door.word(values[d]);
}

/** Whether one loop over dense memory does: every tensor is contiguous, with the shape of the result. */
function isFlat(inputs: readonly Operand[], layout: Layout): boolean {
  if (!layout.contiguous) return false;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (typeof x === "number" || x.layout === layout) continue;
    if (!x.layout.contiguous || x.layout.numel !== layout.numel) return false;
  }
  return true;
}

/**
 * Computes one elementwise op into `out`, whose shape the inputs broadcast to. Inputs of another dtype than `compute` are
 * cast in the same pass, and so is the result where `out` is not of the dtype that the op gives. `condition` says that
 * the first input is a bool whatever the op computes in.
 */
export function map(
  op: number,
  compute: DTypeInfo,
  gives: DTypeInfo,
  out: Elements,
  inputs: readonly Operand[],
  condition = false,
): void {
  if (out.layout.numel === 0) return;
  encodeMap(op, compute, gives, out, inputs, condition);
  door.run();
}

function encodeMap(
  op: number,
  compute: DTypeInfo,
  gives: DTypeInfo,
  out: Elements,
  inputs: readonly Operand[],
  condition: boolean,
): void {
  const { layout } = out;
  const flat = isFlat(inputs, layout);
  const operands = inputs.length + 1;
  let casts = out.type === gives ? 0 : 1;
  for (let i = condition ? 1 : 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (typeof x !== "number" && x.type !== compute) casts++;
  }
  door.begin(door.form.pass);
  door.word(flat ? 1 : layout.shape.length);
  door.word(0);
  door.word(operands);
  door.word(casts + 1);
  if (flat) door.word(layout.numel);
  else strides(layout.shape);
  place(out, flat, layout);
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (typeof x === "number")
      constant(x, condition && i === 0 ? dtypeInfo.bool : compute, flat, layout);
    else place(x, flat, layout);
  }
  let register = operands;
  const source = [none, none, none];
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    source[i] = i + 1;
    if (typeof x === "number" || x.type === compute || (condition && i === 0)) continue;
    door.step(castOp.code, compute, register, i + 1, none, none);
    source[i] = register++;
  }
  if (out.type === gives) {
    door.step(op, compute, 0, source[0], source[1], source[2]);
  } else {
    door.step(op, compute, register, source[0], source[1], source[2]);
    door.step(castOp.code, out.type, 0, register, none, none);
  }
  door.end();
}

function constant(value: number, type: DTypeInfo, flat: boolean, layout: Layout): void {
  door.immediate(value, type);
  for (let d = flat ? 1 : layout.shape.length; d > 0; d--) door.word(0);
}

function place(x: Elements, flat: boolean, layout: Layout): void {
  door.operand(x.storage, x.type, x.offset);
  if (flat) door.word(1);
  else strides(x.layout === layout ? layout.strides : broadcastStrides(x.layout, layout.shape));
}

/**
 * As map, for the commonest case: operands of the dtype computed in, each as long as the contiguous result or one element
 * throughout, or a number as y.
 */
export function mapFlat(
  op: number,
  compute: DTypeInfo,
  out: Elements,
  x: Elements,
  y: Operand | null,
): void {
  const { numel } = out.layout;
  if (numel === 0) return;
  const i = door.beginFlat(y === null ? 2 : 3, false, numel);
  let step = i + 15;
  flatOperand(i + 7, out, out.type, numel);
  flatOperand(i + 11, x, compute, numel);
  if (y !== null) {
    if (typeof y === "number") door.immediateAt(step, y, compute);
    else flatOperand(step, y, compute, numel);
    step += 4;
  }
  const { words } = door;
  words[step] = op;
  words[step + 1] = compute.code;
  door.run();
}

function flatOperand(i: number, x: Elements, type: DTypeInfo, numel: number): void {
  door.operandAt(i, x.storage, type, x.offset);
  door.words[i + 3] = x.layout.contiguous && x.layout.numel === numel ? 1 : 0;
}

/** Copies x into out, cast to its dtype and broadcast to its shape. */
export function copy(out: Elements, x: Operand): void {
  copyAll([[out, x]]);
}

/** Copies each source into its destination, all in one program. */
export function copyAll(pairs: readonly (readonly [out: Elements, x: Operand])[]): void {
  let any = false;
  for (const [out, x] of pairs) {
    if (out.layout.numel === 0) continue;
    any = true;
    door.begin(door.form.pass);
    const flat = isFlat([x], out.layout);
    door.word(flat ? 1 : out.layout.shape.length);
    door.word(0);
    door.word(2);
    door.word(1);
    if (flat) door.word(out.layout.numel);
    else strides(out.layout.shape);
    place(out, flat, out.layout);
    if (typeof x === "number") constant(x, out.type, flat, out.layout);
    else place(x, flat, out.layout);
    door.step(castOp.code, out.type, 0, 1, none, none);
    door.end();
  }
  if (any) door.run();
}

/** Copies x, densely and in row-major order, to the start of a storage. */
export function copyInto(storage: Storage, x: Elements): void {
  copy({ type: x.type, storage, layout: contiguousLayout(x.layout.shape), offset: 0 }, x);
}

/** Writes a number to every element of contiguous memory. */
export function fill(out: Elements, value: number): void {
  const { numel } = out.layout;
  if (numel <= fewElements && !out.storage.block.exposed) {
    const first = out.storage.byteOffset / out.type.size + out.offset;
    const view = out.storage.block.view(out.type) as Float64Array;
    const element = out.type.name === "int64" ? (BigInt(value) as never) : value;
    for (let i = 0; i < numel; i++) view[first + i] = element;
    return;
  }
  copy(out, value);
}

// Fewer than it takes to make up for a native call.
const fewElements = 16;

/** Computes reductions of x over dims; each op gives one result, all in the pass. x is cast to `compute` on the way. */
export function reduce(
  ops: readonly number[],
  compute: DTypeInfo,
  outs: readonly Elements[],
  x: Elements,
  dims: readonly number[],
): void {
  const { shape, strides: step } = x.layout;
  if (outs[0].layout.numel === 0) return;
  if (
    dims.length === shape.length &&
    x.layout.contiguous &&
    outs.length === 1 &&
    x.type === compute
  ) {
    reduceFlat(ops[0], compute, outs[0], x);
    return;
  }
  const ndim = shape.length;
  const order = keptThenReduced(ndim, dims);
  const kept = ndim - dims.length;
  const cast = x.type !== compute;
  const operands = outs.length + 1;
  door.begin(door.form.pass);
  door.word(kept);
  door.word(dims.length);
  door.word(operands);
  door.word(ops.length + (cast ? 1 : 0));
  for (let i = 0; i < ndim; i++) door.word(shape[order[i]]);
  for (let o = 0; o < outs.length; o++) {
    const out = outs[o];
    const keepdim = out.layout.shape.length === ndim;
    door.operand(out.storage, out.type, out.offset);
    for (let i = 0; i < kept; i++) door.word(out.layout.strides[keepdim ? order[i] : i]);
    for (let i = kept; i < ndim; i++) door.word(0);
  }
  door.operand(x.storage, x.type, x.offset);
  for (let i = 0; i < ndim; i++) door.word(step[order[i]]);
  let source = outs.length;
  if (cast) {
    door.step(castOp.code, compute, operands, source, none, none);
    source = operands;
  }
  for (let o = 0; o < ops.length; o++) door.step(ops[o], compute, o, source, none, none);
  door.end();
  door.run();
}

/** The dims in the order of a pass: those that are kept, then those that are reduced, each from the first to the last. */
function keptThenReduced(ndim: number, dims: readonly number[]): number[] {
  const order: number[] = [];
  for (let d = 0; d < ndim; d++) if (!dims.includes(d)) order.push(d);
  for (let d = 0; d < ndim; d++) if (dims.includes(d)) order.push(d);
  return order;
}

/** The commonest reduction: of all elements of a contiguous tensor. */
function reduceFlat(op: number, compute: DTypeInfo, out: Elements, x: Elements): void {
  const i = door.beginFlat(2, true, x.layout.numel);
  door.operandAt(i + 7, out.storage, out.type, out.offset);
  door.operandAt(i + 11, x.storage, compute, x.offset);
  const { words } = door;
  words[i + 10] = 0;
  words[i + 14] = 1;
  words[i + 15] = op;
  words[i + 16] = compute.code;
  door.run();
}

/** The dims with one moved to the end. */
function dimLast(ndim: number, dim: number): number[] {
  const order: number[] = [];
  for (let d = 0; d < ndim; d++) if (d !== dim) order.push(d);
  order.push(dim);
  return order;
}

/** Runs a scan along dim, or (reverse) against it: operands of one shape, in the order that native/abi.h lists them. */
export function scan(
  op: number,
  operands: readonly Elements[],
  dim: number,
  reverse = false,
): void {
  const { shape, numel } = operands[0].layout;
  if (numel === 0) return;
  const order = dimLast(shape.length, dim);
  door.begin(door.form.scan);
  door.word(op);
  door.word(order.length);
  for (const d of order) door.word(shape[d]);
  for (const { storage, type, offset, layout } of operands) {
    const step = layout.strides[dim];
    door.operand(storage, type, reverse ? offset + (shape[dim] - 1) * step : offset);
    for (const d of order) door.word(reverse && d === dim ? -step : layout.strides[d]);
  }
  door.end();
  door.run();
}

/**
 * Selects along dim of x: the elements that ranks name, or (rank null) one each. values and indices are shaped as x, but
 * for the ranks in the place of dim; the ranks broadcast to that shape.
 */
export function select(
  op: number,
  values: Elements,
  indices: Elements,
  x: Elements,
  rank: Elements | null,
  dim: number,
): void {
  const { shape, numel } = values.layout;
  if (numel === 0) return;
  // Several ranks make a first dim, along which x stays where it is.
  const several = shape[dim] > 1;
  const kept = dimLast(shape.length, dim).slice(0, -1);
  door.begin(door.form.selection);
  door.word(op);
  door.word(shape.length + (several ? 1 : 0));
  if (several) door.word(shape[dim]);
  for (const d of kept) door.word(shape[d]);
  door.word(x.layout.shape[dim]);
  const place = (t: Elements, step: readonly number[], first: number): void => {
    door.operand(t.storage, t.type, t.offset);
    if (several) door.word(first);
    for (const d of kept) door.word(step[d]);
  };
  for (const t of [values, indices]) place(t, t.layout.strides, t.layout.strides[dim]);
  place(x, x.layout.strides, 0);
  door.word(x.layout.strides[dim]);
  if (rank !== null) {
    const step = broadcastStrides(rank.layout, shape);
    place(rank, step, step[dim]);
  }
  door.end();
  door.run();
}

/**
 * Gathers from x along dim what an index names, or adds x to the places in out that it names. `length` is the size along
 * dim of what is pointed into.
 */
export function gather(
  op: number,
  out: Elements,
  x: Elements,
  index: Elements,
  dim: number,
  length: number,
): void {
  const { shape, numel } = index.layout;
  if (numel === 0) return;
  const scalar = shape.length === 0;
  const order = dimLast(Math.max(shape.length, 1), dim);
  door.begin(door.form.gather);
  door.word(op);
  door.word(order.length);
  door.word(length);
  for (const d of order) door.word(scalar ? 1 : shape[d]);
  for (const { storage, type, offset, layout } of [out, x, index]) {
    door.operand(storage, type, offset);
    for (const d of order) door.word(layout.strides[d] ?? 1);
  }
  door.end();
  door.run();
}

/** out = x @ y over broadcast batches; all of one dtype. */
export function matmul(out: Elements, x: Elements, y: Elements): void {
  if (out.layout.numel === 0) return;
  const { shape } = out.layout;
  const batch = shape.length - 2;
  const batchShape = shape.slice(0, batch);
  door.begin(door.form.matmul);
  door.word(batch);
  door.word(1);
  door.word(0);
  strides(shape);
  door.word(x.layout.shape[x.layout.ndim - 1]);
  for (const t of [out, x, y]) {
    door.operand(t.storage, t.type, t.offset);
    strides(matrixStrides(t.layout, batchShape));
  }
  door.end();
  door.run();
}

function matrixStrides({ shape, strides: step }: Layout, batchShape: Shape): number[] {
  const own = shape.length - 2;
  const out: number[] = [];
  for (let d = 0; d < batchShape.length; d++) {
    const at = d - (batchShape.length - own);
    out.push(at < 0 || (shape[at] === 1 && batchShape[d] !== 1) ? 0 : step[at]);
  }
  out.push(step[own], step[own + 1]);
  return out;
}

/** out = the inverses of the matrices x; info (int32, the batch shape) is 0 or 1 + the first zero pivot. */
export function inverse(out: Elements, info: Elements, x: Elements): void {
  if (info.layout.numel === 0 || out.layout.numel === 0) return;
  const batch = info.layout.shape.length;
  door.begin(door.form.inverse);
  door.word(batch);
  strides(info.layout.shape);
  door.word(out.layout.shape[batch]);
  for (const t of [out, x, info]) {
    door.operand(t.storage, t.type, t.offset);
    strides(t.layout.strides);
  }
  door.end();
  door.run();
}
