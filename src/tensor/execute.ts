/**
 * Runs native operations on tensors, without the tape. Operands come here checked: dtypes that the op computes in, shapes
 * that broadcast.
 */
import type { DTypeInfo } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import { broadcastStrides, contiguousLayout } from "../core/shape.js";
import * as door from "../native/door.js";
import type { Storage } from "../native/memory.js";
import type { Elements, Operand, Step } from "./deferred.js";
import {
  castOf,
  castTo,
  compute,
  computed,
  Expression,
  reduce as reducePass,
  takeIn,
  toInline,
} from "./deferred.js";

import type { Sequence, WalkProgram, Walks } from "./pass.js";
import { runSequence } from "./pass.js";

export type { Elements, Operand } from "./deferred.js";
export type { Sequence, SequenceStep, Walks } from "./pass.js";

const { none } = door;

function strides(values: readonly number[]): void {
  for (let d = 0; d < values.length; d++) door.word(values[d]);
}

/**
 * Computes one elementwise op into `out`, whose shape the inputs broadcast to. Inputs of another dtype than the op computes
 * in are cast in the same pass, and so is the result where `out` is not of the dtype that the op gives.
 */
export function map(step: Step, out: Elements, inputs: readonly Operand[]): void {
  if (out.layout.numel === 0) return;
  for (const x of inputs) if (typeof x !== "number") takeIn(x, out.layout.shape);
  const result = new Expression(step, out.layout, inputs, null);
  compute([out.type === step.gives ? result : castOf(result, out.type)], [out]);
}

/**
 * As map, for the commonest case: operands of the dtype computed in, each as long as the contiguous result or one element
 * throughout, or a number as y.
 */
export function mapFlat(
  op: number,
  type: DTypeInfo,
  out: Elements,
  x: Elements,
  y: Operand | null,
): void {
  const { numel } = out.layout;
  if (numel === 0) return;
  computed(x);
  if (y !== null && typeof y !== "number") computed(y);
  const i = door.beginFlat(y === null ? 2 : 3, false, numel);
  let step = i + 15;
  flatOperand(i + 7, out, out.type, numel);
  flatOperand(i + 11, x, type, numel);
  if (y !== null) {
    if (typeof y === "number") door.immediateAt(step, y, type);
    else flatOperand(step, y, type, numel);
    step += 4;
  }
  const { words } = door;
  words[step] = op;
  words[step + 1] = type.code;
  door.run();
}

function flatOperand(i: number, x: Elements, type: DTypeInfo, numel: number): void {
  door.operandAt(i, x.storage, type, x.offset);
  door.words[i + 3] = x.layout.contiguous && x.layout.numel === numel ? 1 : 0;
}

/** Runs a pass whose steps are known. The results are dense and of one shape, to which what is read broadcasts. */
export function sequence(
  steps: Sequence,
  type: DTypeInfo,
  outs: readonly Elements[],
  inputs: readonly Elements[],
  numbers: readonly number[],
): void {
  if (outs[0].layout.numel === 0) return;
  for (const x of inputs) computed(x);
  runSequence(steps, type, outs, inputs, numbers);
}

/** Copies x into out, cast to its dtype and broadcast to its shape. */
export function copy(out: Elements, x: Operand): void {
  if (typeof x === "number" || x.type !== out.type || x.storage.pending === null) {
    map(castTo(out.type), out, [x]);
    return;
  }
  if (out.layout.numel === 0) return;
  // What is pending is computed to where it is wanted.
  const pending = toInline(x, out.layout.shape);
  if (pending === null) map(castTo(out.type), out, [x]);
  else compute([pending], [out]);
}

/** Copies each source into its destination, all in one program. */
export function copyAll(pairs: readonly (readonly [out: Elements, x: Elements])[]): void {
  for (const [, x] of pairs) computed(x);
  let any = false;
  for (const [out, x] of pairs) {
    const { layout } = out;
    if (layout.numel === 0) continue;
    any = true;
    door.begin(door.form.pass);
    door.word(layout.shape.length);
    door.word(0);
    door.word(2);
    door.word(1);
    strides(layout.shape);
    door.operand(out.storage, out.type, out.offset);
    strides(layout.strides);
    door.operand(x.storage, x.type, x.offset);
    strides(broadcastStrides(x.layout, layout.shape));
    door.step(castTo(out.type).code, out.type, 0, 1, none, none);
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
  if (numel <= fewElements && !out.storage.exposed) {
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
  codes: readonly number[],
  type: DTypeInfo,
  outs: readonly Elements[],
  x: Elements,
  dims: readonly number[],
): void {
  const { layout } = x;
  if (outs[0].layout.numel === 0) return;
  const flat = dims.length === layout.shape.length && layout.contiguous && outs.length === 1;
  if (flat && x.type === type && x.storage.pending === null) reduceFlat(codes[0], type, outs[0], x);
  else {
    const write = (walks: Walks): void => {
      const source = walks.x();
      for (let i = 0; i < codes.length; i++) walks.fold(i, codes[i], source);
    };
    reducePass({ type, folds: outs, maps: [], x, dims, write }, false);
  }
}

/** Computes what needs several walks over dims, all in one program. */
export function alongDims(program: WalkProgram): void {
  if (program.folds[0].layout.numel > 0) reducePass(program, true);
}

/** The commonest reduction: of all elements of a contiguous tensor. */
function reduceFlat(op: number, type: DTypeInfo, out: Elements, x: Elements): void {
  const i = door.beginFlat(2, true, x.layout.numel);
  door.operandAt(i + 7, out.storage, out.type, out.offset);
  door.operandAt(i + 11, x.storage, type, x.offset);
  const { words } = door;
  words[i + 10] = 0;
  words[i + 14] = 1;
  words[i + 15] = op;
  words[i + 16] = type.code;
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
  operands.forEach(computed);
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
  computed(x);
  if (rank !== null) computed(rank);
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
  computed(x);
  computed(index);
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

/**
 * Runs an op on batches of matrices. Operands are in the order that native/instruction.h lists them; those in front of the
 * last dims that are their own are the batch dims, which broadcast to `batch`.
 */
export function matrices(
  op: number,
  batch: Shape,
  sizes: readonly number[],
  operands: readonly (readonly [x: Elements, own: 0 | 1 | 2])[],
  parameters: readonly [number, number] = noParameters,
): void {
  for (const size of batch) if (size === 0) return;
  for (const [x] of operands) computed(x);
  door.begin(door.form.matrix);
  door.word(op);
  door.word(batch.length);
  door.word(parameters[0]);
  door.word(parameters[1]);
  strides(batch);
  strides(sizes);
  for (const [{ storage, type, offset, layout }, own] of operands) {
    door.operand(storage, type, offset);
    const dims = layout.shape.length - own;
    for (let d = dims - batch.length; d < dims; d++) {
      const repeated = d < 0 || (layout.shape[d] === 1 && batch[d + batch.length - dims] !== 1);
      door.word(repeated ? 0 : layout.strides[d]);
    }
    for (let d = dims; d < layout.shape.length; d++) door.word(layout.strides[d]);
  }
  door.end();
  door.run();
}

const noParameters = [0, 0] as const;
