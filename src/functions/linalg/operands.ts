/** What the functions on matrices share: their operands, their errors, and how results are recorded. */
import { isGradEnabled } from "../../autograd/mode.js";
import { finish, nodeOf, recordStructural } from "../../autograd/tape.js";
import type { DType } from "../../core/dtype.js";
import { dtypeInfo, isFloat } from "../../core/dtype.js";
import { DTypeError, LinAlgError, ShapeError } from "../../core/errors.js";
import type { Shape } from "../../core/shape.js";
import {
  broadcastShapes,
  contiguousLayout,
  Layout,
  numelOf,
  sameShape,
  showShape,
} from "../../core/shape.js";
import { nativeOp } from "../../native/door.js";
import type { Parts } from "../../ops/matrices.js";
import type { StructuralRow } from "../../ops/row.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor, fresh } from "../../tensor/create.js";
import * as execute from "../../tensor/execute.js";
import { Tensor } from "../../tensor/tensor.js";
import { to } from "../convert.js";
import { promote } from "../dispatch.js";

const op = (name: string): number => nativeOp(name).code;

/** The ops on matrices by their names in native/ops.def. */
export const native = {
  inverse: op("inverse"),
  luFactor: op("lu_factor"),
  luSolve: op("lu_solve"),
  solve: op("solve"),
  solveTriangular: op("solve_triangular"),
  cholesky: op("cholesky"),
  ldlFactor: op("ldl_factor"),
  ldlSolve: op("ldl_solve"),
  qr: op("qr"),
  householderProduct: op("householder_product"),
  householderMultiply: op("householder_multiply"),
  eigh: op("eigh"),
  eigvalsh: op("eigvalsh"),
  svd: op("svd"),
  svdvals: op("svdvals"),
};

function checkFloat(dtype: DType, where: string): void {
  if (!isFloat(dtype)) {
    throw new DTypeError(`${where}: expected a floating-point dtype, got ${dtype}`);
  }
}

function checkMatrices(x: Tensor, where: string): void {
  if (x.ndim < 2) {
    throw new ShapeError(`${where}: expected matrices, got shape ${showShape(x.layout.shape)}`);
  }
}

function checkSquare(x: Tensor, where: string): void {
  const { shape } = x.layout;
  if (shape.length < 2 || shape[shape.length - 2] !== shape[shape.length - 1]) {
    throw new LinAlgError(`${where}: expected square matrices, got shape ${showShape(shape)}`);
  }
}

/** A tensor of a floating-point type. */
export function floats(x: TensorLike, where: string): Tensor {
  const a = asTensor(x, where);
  checkFloat(a.dtype, where);
  return a;
}

/** Matrices of a floating-point type. */
export function matrices(x: TensorLike, where: string): Tensor {
  const a = asTensor(x, where);
  checkMatrices(a, where);
  checkFloat(a.dtype, where);
  return a;
}

/** Square matrices of a floating-point type. */
export function squares(x: TensorLike, where: string): Tensor {
  const a = asTensor(x, where);
  checkSquare(a, where);
  checkFloat(a.dtype, where);
  return a;
}

/** Two tensors in the floating-point type that they meet in. */
export function together(x: TensorLike, y: TensorLike, where: string): [Tensor, Tensor] {
  const a = asTensor(x, where);
  const b = asTensor(y, where);
  const dtype = promote([a, b]);
  checkFloat(dtype, where);
  return [to(a, dtype), to(b, dtype)];
}

/** Matrices and square matrices in one type, in the order given. */
export function squaresTogether(a: TensorLike, b: TensorLike, where: string): [Tensor, Tensor] {
  const pair = together(a, b, where);
  checkSquare(pair[0], where);
  return pair;
}

/** The dims before those of the matrix. */
export const batchOf = (x: Tensor, own = 2): Shape =>
  x.layout.shape.slice(0, x.layout.shape.length - own);

/** Rows and columns. */
export const sizesOf = (x: Tensor): [rows: number, columns: number] =>
  x.layout.shape.slice(-2) as [number, number];

export const leastOf = (x: Tensor): number => Math.min(...sizesOf(x));

/** Throws unless two operands of a system have as many rows. */
export function checkRows(a: Tensor, b: Tensor, where: string): void {
  checkMatrices(b, where);
  const [rows] = sizesOf(a);
  if (sizesOf(b)[0] === rows) return;
  throw new ShapeError(
    `${where}: ${showShape(a.layout.shape)} and ${showShape(b.layout.shape)} have ${rows} and ${sizesOf(b)[0]} rows`,
  );
}

/** Whether b is a batch of vectors: one dim, or the shape of the matrices without their last dim. */
export const isVectors = (a: Tensor, b: Tensor): boolean =>
  b.ndim === 1 || (b.ndim === a.ndim - 1 && sameShape(b.layout.shape, a.layout.shape.slice(0, -1)));

export const batchOfBoth = (a: Tensor, b: Tensor, where: string): Shape =>
  broadcastShapes([batchOf(a), batchOf(b)], where);

/** A tensor for a result. */
export const room = (x: Tensor, shape: Shape): Tensor => fresh(x.type, contiguousLayout(shape));

/** A tensor for pivots or info. */
export const roomForInts = (shape: Shape): Tensor<"int32"> =>
  fresh<"int32">(dtypeInfo.int32, contiguousLayout(shape));

type Operand = readonly [x: Tensor, own: 0 | 1 | 2];
export const number = (x: Tensor): Operand => [x, 0];
export const vector = (x: Tensor): Operand => [x, 1];
export const matrix = (x: Tensor): Operand => [x, 2];

export const run = (
  code: number,
  batch: Shape,
  sizes: readonly number[],
  operands: readonly Operand[],
  parameters?: readonly [number, number],
): void => execute.matrices(code, batch, sizes, operands, parameters);

/** Throws where info, a contiguous result, says that a matrix failed; `what` tells of the pivot, counted from 0. */
export function checkInfo(
  info: Tensor<"int32">,
  where: string,
  what: (pivot: number) => string,
): void {
  const failures = info.storage.view("int32", info.offset, info.numel());
  for (let i = 0; i < failures.length; i++) {
    if (failures[i] === 0) continue;
    const which = info.ndim === 0 ? "the matrix" : `matrix ${i} of the batch`;
    throw new LinAlgError(`${where}: ${which} ${what(failures[i] - 1)}`);
  }
}

export const isSingular = (pivot: number): string => `is singular: pivot ${pivot} is zero`;

/**
 * Several results of one operation. Where they are recorded they lie side by side in one tensor, which the tape knows as
 * the result.
 */
export function results(
  row: StructuralRow<Parts>,
  a: Tensor,
  shapes: readonly Shape[],
  compute: (parts: readonly Tensor[]) => void,
): Tensor[] {
  let end = 0;
  const windows = shapes.map((shape) => {
    const numel = numelOf(shape);
    const window = { layout: contiguousLayout(shape), offset: numel === 0 ? 0 : end };
    end += numel;
    return window;
  });
  const recording = recordStructural(row, [a], { windows });
  if (recording === null) {
    const parts = shapes.map((shape) => room(a, shape));
    compute(parts);
    return parts;
  }
  const whole = room(a, [end]);
  const parts = windows.map(
    ({ layout, offset }) => new Tensor(a.type, whole.storage, layout, offset),
  );
  compute(parts);
  finish(recording, whole);
  return parts.map((part, i) =>
    finish(recordStructural(structural.part, [whole], windows[i], row.backward), part),
  );
}

/** Whether what is computed from x is recorded. */
export const isRecorded = (x: Tensor): boolean => isGradEnabled() && nodeOf(x) !== null;

/** The last two dims swapped, off the tape. */
export function swapped(x: Tensor): Tensor {
  const { shape, strides } = x.layout;
  const swap = (list: readonly number[]): number[] => [
    ...list.slice(0, -2),
    list[list.length - 1],
    list[list.length - 2],
  ];
  return new Tensor(x.type, x.storage, new Layout(swap(shape), swap(strides)), x.offset);
}

/** Vectors as matrices of one column, off the tape. */
export function asColumn(x: Tensor): Tensor {
  const { shape, strides } = x.layout;
  return new Tensor(x.type, x.storage, new Layout([...shape, 1], [...strides, 1]), x.offset);
}

/** The step from 1 to the next number of a dtype. */
export const epsilon = (dtype: DType): number =>
  dtypeInfo[dtype].size === 4 ? 2 ** -23 : 2 ** -52;
