/** LU decompositions, and what comes from them: inverses, systems of equations, determinants. */
import { finish, recordStructural } from "../../autograd/tape.js";
import { dtypeInfo } from "../../core/dtype.js";
import { ArgumentError, DTypeError, ShapeError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import type { Shape } from "../../core/shape.js";
import { contiguousLayout, sameShape, showShape } from "../../core/shape.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor, fresh } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { to } from "../convert.js";
import { arange, eye } from "../creation.js";
import { abs, add, eq, log, mul, ne, remainder, sign as signOf, sub } from "../elementwise.js";
import { unrecorded } from "../internal.js";
import { prod, sum } from "../reductions.js";
import { diagonal, narrow, squeeze, transpose, unsqueeze } from "../views.js";
import {
  asColumn,
  batchOf,
  batchOfBoth,
  checkInfo,
  checkRows,
  isRecorded,
  isSingular,
  isVectors,
  leastOf,
  matrices,
  matrix,
  native,
  number,
  room,
  roomForInts,
  run,
  sizesOf,
  squares,
  squaresTogether,
  swapped,
  vector,
} from "./operands.js";
import { tril, triu } from "./triangular.js";

/** An inverse, and per matrix 0 or one more than the index of the pivot that is zero. */
export interface InvExResult {
  readonly inverse: Tensor;
  readonly info: Tensor<"int32">;
}

/** Options of functions that tell of matrices that fail by `info`. */
export interface ExOptions {
  /** Whether to throw nevertheless. */
  checkErrors?: boolean;
}

const wantsErrors = (options: ExOptions | undefined, where: string): boolean => {
  checkOptions(options, ["checkErrors"], where);
  return options?.checkErrors ?? false;
};

function invertInto(x: TensorLike, where: string): InvExResult & { readonly a: Tensor } {
  const a = squares(x, where);
  const inverse = room(a, a.layout.shape);
  const info = roomForInts(batchOf(a));
  run(native.inverse, batchOf(a), sizesOf(a).slice(1), [matrix(inverse), number(info), matrix(a)]);
  return { a, inverse, info };
}

/**
 * The inverses of square matrices, by LU decomposition with partial pivoting.
 *
 * @throws LinAlgError when a matrix is singular; the message says which of a batch, and at which pivot.
 * @example
 * inverse([[2, 0], [0, 4]]).toArray() // [[0.5, 0], [0, 0.25]]
 */
export function inverse(x: TensorLike): Tensor {
  const { a, inverse, info } = invertInto(x, "inverse");
  checkInfo(info, "inverse", isSingular);
  return finish(recordStructural(structural.inverse, [a], null), inverse);
}

/**
 * As inverse, but singular matrices are told by `info`, and have nan for an inverse.
 *
 * @example
 * linalg.invEx([[1, 2], [2, 4]]).info.item() // 2
 */
export function invEx(x: TensorLike, options?: ExOptions): InvExResult {
  const throws = wantsErrors(options, "invEx");
  const { a, inverse, info } = invertInto(x, "invEx");
  if (throws) checkInfo(info, "invEx", isSingular);
  return { inverse: finish(recordStructural(structural.inverse, [a], null), inverse), info };
}

/** L below the diagonal of LU, U on and above it; step i exchanged rows i and pivots[i] − 1. */
export interface LuFactorResult {
  readonly LU: Tensor;
  readonly pivots: Tensor<"int32">;
}

export interface LuFactorExResult extends LuFactorResult {
  /** Per matrix 0, or one more than the index of the first pivot that is zero. */
  readonly info: Tensor<"int32">;
}

function factor(a: Tensor): LuFactorExResult {
  const batch = batchOf(a);
  const LU = room(a, a.layout.shape);
  const pivots = roomForInts([...batch, leastOf(a)]);
  const info = roomForInts(batch);
  run(native.luFactor, batch, sizesOf(a), [matrix(LU), vector(pivots), number(info), matrix(a)]);
  return { LU, pivots, info };
}

/** For each row of L @ U, which row of the matrix it is; and (inverse) the other way round. */
function orderOf(pivots: Tensor, rows: number, inverse: boolean): Tensor<"int64"> {
  const steps = pivots.toTypedArray() as Int32Array;
  const batch = batchOf(pivots, 1);
  const k = pivots.layout.shape[pivots.ndim - 1];
  const out = fresh<"int64">(dtypeInfo.int64, contiguousLayout([...batch, rows]));
  const order = new Int32Array(rows);
  const indices = out.storage.view("int64", 0, out.numel()) as BigInt64Array;
  for (let at = 0, from = 0; at < indices.length; at += rows, from += k) {
    for (let i = 0; i < rows; i++) order[i] = i;
    for (let i = 0; i < k; i++) {
      const other = steps[from + i] - 1;
      const row = order[i];
      order[i] = order[other];
      order[other] = row;
    }
    for (let i = 0; i < rows; i++) {
      if (inverse) indices[at + order[i]] = BigInt(i);
      else indices[at + i] = BigInt(order[i]);
    }
  }
  return out;
}

/** The factors of matrices that may be recorded. */
function recordedFactor(a: Tensor): LuFactorExResult {
  const found = factor(a);
  if (!isRecorded(a)) return found;
  const places = orderOf(found.pivots, sizesOf(a)[0], true);
  return {
    ...found,
    LU: finish(recordStructural(structural.luFactor, [a, places], null), found.LU),
  };
}

/**
 * The LU decomposition with partial pivoting, in the compact form that luSolve takes.
 *
 * @throws LinAlgError when a pivot is zero.
 * @example
 * linalg.luFactor([[1, 2], [4, 4]]).LU.toArray() // [[4, 4], [0.25, 1]]
 */
export function luFactor(x: TensorLike): LuFactorResult {
  const { LU, pivots, info } = recordedFactor(matrices(x, "luFactor"));
  checkInfo(info, "luFactor", isSingular);
  return { LU, pivots };
}

/** As luFactor, with `info` instead of an error. @example linalg.luFactorEx([[1, 2], [2, 4]]).info.item() // 2 */
export function luFactorEx(x: TensorLike, options?: ExOptions): LuFactorExResult {
  const throws = wantsErrors(options, "luFactorEx");
  const found = recordedFactor(matrices(x, "luFactorEx"));
  if (throws) checkInfo(found.info, "luFactorEx", isSingular);
  return found;
}

/** P @ L @ U. */
export interface LuResult {
  readonly P: Tensor;
  readonly L: Tensor;
  readonly U: Tensor;
}

/** The factors of P @ L @ U = x: a permutation, a lower triangle with ones on its diagonal, an upper triangle. */
export function lu(x: TensorLike): LuResult {
  const a = matrices(x, "lu");
  const [m] = sizesOf(a);
  const k = leastOf(a);
  const { LU, pivots } = recordedFactor(a);
  const columns = orderOf(pivots, m, true);
  const P = to(eq(arange(m, { dtype: "int64" }), unsqueeze(columns, -1)), a.dtype);
  const L = add(tril(narrow(LU, -1, 0, k), -1), eye(m, k, { dtype: a.dtype }));
  return { P, L, U: triu(narrow(LU, -2, 0, k)) };
}

/** x of a @ x = b by factors of a that there are, or (adjoint) of aᵀ @ x = b; recorded as a function of a and b. */
export function solveFactored(
  a: Tensor,
  LU: Tensor,
  pivots: Tensor,
  b: Tensor,
  adjoint: boolean,
): Tensor {
  const out = solveInto(LU, pivots, b, adjoint, "solve");
  return finish(recordStructural(structural.solve, [a, LU, pivots, b], { adjoint }), out);
}

function solveInto(LU: Tensor, pivots: Tensor, b: Tensor, adjoint: boolean, where: string): Tensor {
  checkRows(LU, b, where);
  const batch = batchOfBoth(LU, b, where);
  const sizes = sizesOf(b);
  const out = room(LU, [...batch, ...sizes]);
  const operands = [matrix(out), matrix(LU), vector(pivots), matrix(b)];
  run(native.luSolve, batch, sizes, operands, [adjoint ? 1 : 0, 0]);
  return out;
}

/** Options of solve. */
export interface SolveOptions {
  /** Whether a stands on the left of x, as it does unless told. */
  left?: boolean;
}

/** A solution, and per matrix 0 or one more than the index of the pivot that is zero. */
export interface SolveExResult {
  readonly result: Tensor;
  readonly info: Tensor<"int32">;
}

function solveBy(
  a: TensorLike,
  b: TensorLike,
  left: boolean,
  throws: boolean,
  where: string,
): SolveExResult {
  const [matrices, right] = squaresTogether(a, b, where);
  const vectors = isVectors(matrices, right);
  if (vectors && !left) {
    throw new ShapeError(
      `${where}: with { left: false }, b is no vector; it has ${right.ndim} dims`,
    );
  }
  const seen = (x: Tensor): Tensor => (vectors ? asColumn(x) : left ? x : swapped(x));
  const columns = seen(right);
  checkRows(matrices, columns, where);
  const batch = batchOfBoth(matrices, columns, where);
  // Factors are kept for a derivative, or where each solves several systems of the batch.
  if (isRecorded(matrices) || isRecorded(right) || !sameShape(batch, batchOf(matrices))) {
    const { LU, pivots, info } = factor(matrices);
    if (throws) checkInfo(info, where, isSingular);
    const recorded = vectors ? unsqueeze(right, -1) : left ? right : transpose(right, -2, -1);
    const solution = solveFactored(matrices, LU, pivots, recorded, !left);
    const result = vectors ? squeeze(solution, -1) : left ? solution : transpose(solution, -2, -1);
    return { result, info };
  }
  const result = room(matrices, [...batch, ...right.layout.shape.slice(vectors ? -1 : -2)]);
  const info = roomForInts(batch);
  const operands = [matrix(seen(result)), number(info), matrix(matrices), matrix(columns)];
  run(native.solve, batch, sizesOf(columns), operands, [left ? 0 : 1, 0]);
  if (throws) checkInfo(info, where, isSingular);
  return { result, info };
}

/**
 * The solution x of a @ x = b, or (left: false) of x @ a = b, for square matrices; b holds matrices, or vectors where it
 * has one dim or the dims of a but the last.
 *
 * @throws LinAlgError when a matrix is singular; the message says which of a batch, and at which pivot.
 * @example
 * linalg.solve([[2, 0], [0, 4]], [6, 8]).toArray() // [3, 2]
 */
export function solve(a: TensorLike, b: TensorLike, options?: SolveOptions): Tensor {
  checkOptions(options, ["left"], "solve");
  return solveBy(a, b, options?.left ?? true, true, "solve").result;
}

/** As solve, with `info` instead of an error. @example linalg.solveEx([[1, 2], [2, 4]], [1, 1]).info.item() // 2 */
export function solveEx(
  a: TensorLike,
  b: TensorLike,
  options?: SolveOptions & ExOptions,
): SolveExResult {
  checkOptions(options, ["left", "checkErrors"], "solveEx");
  return solveBy(a, b, options?.left ?? true, options?.checkErrors ?? false, "solveEx");
}

/** Options of luSolve. */
export interface LuSolveOptions extends SolveOptions {
  /** Whether to solve with the transposes. */
  adjoint?: boolean;
}

/**
 * As solve, for matrices that luFactor has decomposed.
 *
 * @example
 * const { LU, pivots } = linalg.luFactor([[2, 0], [0, 4]]);
 * linalg.luSolve(LU, pivots, [[6], [8]]).toArray() // [[3], [2]]
 */
export function luSolve(
  LU: TensorLike,
  pivots: TensorLike,
  b: TensorLike,
  options?: LuSolveOptions,
): Tensor {
  checkOptions(options, ["left", "adjoint"], "luSolve");
  const { left = true, adjoint = false } = options ?? {};
  const [factors, right] = squaresTogether(LU, b, "luSolve");
  const steps = checkPivots(pivots, factors, "luSolve");
  // The rule reads the order for the derivative by LU alone.
  const order = isRecorded(factors) ? orderOf(steps, sizesOf(factors)[0], false) : steps;
  if (left) return luSolveOrdered(factors, steps, order, right, adjoint);
  if (right.ndim < 2) checkRows(factors, right, "luSolve");
  const rows = transpose(right, -2, -1);
  return transpose(luSolveOrdered(factors, steps, order, rows, !adjoint), -2, -1);
}

export function luSolveOrdered(
  LU: Tensor,
  pivots: Tensor,
  order: Tensor,
  b: Tensor,
  adjoint: boolean,
): Tensor {
  const out = solveInto(LU, pivots, b, adjoint, "luSolve");
  return finish(recordStructural(structural.luSolve, [LU, pivots, order, b], { adjoint }), out);
}

/** Pivots as a decomposition has them: int32, one for each row, from 1 on. */
export function checkPivots(
  given: TensorLike,
  factors: Tensor,
  where: string,
  signed = false,
): Tensor {
  const pivots = asTensor(given, where);
  if (pivots.dtype !== "int32") {
    throw new DTypeError(`${where}: the pivots are int32, not ${pivots.dtype}`);
  }
  const shape: Shape = factors.layout.shape.slice(0, -1);
  if (!sameShape(pivots.layout.shape, shape)) {
    throw new ShapeError(
      `${where}: expected pivots of shape ${showShape(shape)}, got ${showShape(pivots.layout.shape)}`,
    );
  }
  const n = sizesOf(factors)[0];
  const values = pivots.toTypedArray() as Int32Array;
  for (const pivot of values) {
    const row = signed ? Math.abs(pivot) : pivot;
    if (row < 1 || row > n) {
      throw new ArgumentError(`${where}: a pivot is ${pivot}, and there are ${n} rows`);
    }
  }
  return pivots;
}

/** 1 or −1: whether the exchanges of rows are an even number. */
function parity(pivots: Tensor, n: number): Tensor {
  const exchanges = sum(ne(pivots, arange(1, n + 1, { dtype: "int32" })), -1);
  return sub(1, mul(remainder(exchanges, 2), 2));
}

/**
 * The determinants of square matrices.
 *
 * @example
 * linalg.det([[2, 1], [0, 3]]).item() // 6
 */
export function det(x: TensorLike): Tensor {
  const a = squares(x, "det");
  const [LU, pivots, value, singular] = unrecorded(() => {
    const { LU, pivots, info } = factor(a);
    const product = prod(diagonal(LU, { dim1: -2, dim2: -1 }), -1);
    const value = mul(product, parity(pivots, sizesOf(a)[0]));
    return [LU, pivots, value, info.toTypedArray().some((pivot) => pivot !== 0)] as const;
  });
  return finish(recordStructural(structural.det, [a, LU, pivots], { singular }), value);
}

/** The sign of a determinant, and the logarithm of its magnitude. */
export interface SlogdetResult {
  readonly sign: Tensor;
  readonly logabsdet: Tensor;
}

/**
 * The signs of determinants, and the logarithms of their magnitudes: −infinity for a singular matrix.
 *
 * @example
 * linalg.slogdet([[1, 2], [3, 4]]).sign.item() // -1
 */
export function slogdet(x: TensorLike): SlogdetResult {
  const a = squares(x, "slogdet");
  const [LU, pivots, sign, logs] = unrecorded(() => {
    const { LU, pivots } = factor(a);
    const entries = diagonal(LU, { dim1: -2, dim2: -1 });
    const sign = mul(prod(signOf(entries), -1), parity(pivots, sizesOf(a)[0]));
    return [LU, pivots, sign, sum(log(abs(entries)), -1)] as const;
  });
  const recording = recordStructural(structural.logabsdet, [a, LU, pivots], null);
  return { sign, logabsdet: finish(recording, logs) };
}
