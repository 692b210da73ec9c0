/** Cholesky decompositions of positive definite matrices, and LDLᵀ decompositions of symmetric ones. */
import { finish, recordStructural } from "../../autograd/tape.js";
import { checkOptions } from "../../core/options.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { eye } from "../creation.js";
import { transpose } from "../views.js";
import type { ExOptions } from "./lu.js";
import { checkPivots } from "./lu.js";
import {
  batchOf,
  batchOfBoth,
  checkInfo,
  checkRows,
  isSingular,
  matrix,
  native,
  number,
  room,
  roomForInts,
  run,
  sizesOf,
  squares,
  squaresTogether,
  vector,
} from "./operands.js";
import { solveTriangular } from "./triangular.js";

/** Options of functions that take or give one of two triangular factors. */
export interface TriangleOptions {
  /** Whether it is the upper one, of Uᵀ @ U, and not the lower one, of L @ Lᵀ. */
  upper?: boolean;
}

/** A triangular factor, and per matrix 0 or one more than the index of the pivot that is not positive. */
export interface CholeskyExResult {
  readonly L: Tensor;
  readonly info: Tensor<"int32">;
}

const indefinite = (pivot: number): string =>
  `is not positive definite: pivot ${pivot} is not positive`;

function factor(x: TensorLike, upper: boolean, throws: boolean, where: string): CholeskyExResult {
  const given = squares(x, where);
  const a = upper ? transpose(given, -2, -1) : given;
  const out = room(a, a.layout.shape);
  const info = roomForInts(batchOf(a));
  run(native.cholesky, batchOf(a), sizesOf(a).slice(1), [matrix(out), number(info), matrix(a)]);
  if (throws) checkInfo(info, where, indefinite);
  const L = finish(recordStructural(structural.cholesky, [a], null), out);
  return { L: upper ? transpose(L, -2, -1) : L, info };
}

/**
 * The lower triangle L of L @ Lᵀ = x for symmetric positive definite matrices, of which the lower triangle is read; or
 * (upper) U of Uᵀ @ U, from the upper triangle.
 *
 * @throws LinAlgError when a matrix is not positive definite.
 * @example
 * linalg.cholesky([[4, 2], [2, 5]]).toArray() // [[2, 0], [1, 2]]
 */
export function cholesky(x: TensorLike, options?: TriangleOptions): Tensor {
  checkOptions(options, ["upper"], "cholesky");
  return factor(x, options?.upper ?? false, true, "cholesky").L;
}

/** As cholesky, with `info` instead of an error. @example linalg.choleskyEx([[1, 2], [2, 1]]).info.item() // 2 */
export function choleskyEx(x: TensorLike, options?: TriangleOptions & ExOptions): CholeskyExResult {
  checkOptions(options, ["upper", "checkErrors"], "choleskyEx");
  const { upper = false, checkErrors = false } = options ?? {};
  return factor(x, upper, checkErrors, "choleskyEx");
}

/**
 * The solution x of a @ x = b, by the triangular factor of a that cholesky gives.
 *
 * @example
 * choleskySolve([[2], [5]], linalg.cholesky([[4, 2], [2, 5]])).toArray() // [[0], [1]]
 */
export function choleskySolve(
  b: TensorLike,
  factor: TensorLike,
  options?: TriangleOptions,
): Tensor {
  checkOptions(options, ["upper"], "choleskySolve");
  const upper = options?.upper ?? false;
  const [given, right] = squaresTogether(factor, b, "choleskySolve");
  checkRows(given, right, "choleskySolve");
  const other = transpose(given, -2, -1);
  const [first, second] = upper ? [other, given] : [given, other];
  return solveTriangular(second, solveTriangular(first, right, { upper: false }), { upper: true });
}

/** The inverse of a matrix, by the triangular factor that cholesky gives. @example choleskyInverse([[2, 0], [0, 4]]).toArray() // [[0.25, 0], [0, 0.0625]] */
export function choleskyInverse(factor: TensorLike, options?: TriangleOptions): Tensor {
  const given = squares(factor, "choleskyInverse");
  return choleskySolve(eye(sizesOf(given)[0], { dtype: given.dtype }), given, options);
}

/** L below the diagonal of LD, and D on it, as LAPACK's sytrf has them. */
export interface LdlFactorResult {
  readonly LD: Tensor;
  readonly pivots: Tensor<"int32">;
}

export interface LdlFactorExResult extends LdlFactorResult {
  /** Per matrix 0, or one more than the index of the first block of D that is zero. */
  readonly info: Tensor<"int32">;
}

function ldl(x: TensorLike, throws: boolean, where: string): LdlFactorExResult {
  const a = squares(x, where);
  const LD = room(a, a.layout.shape);
  const pivots = roomForInts(a.layout.shape.slice(0, -1));
  const info = roomForInts(batchOf(a));
  const operands = [matrix(LD), vector(pivots), number(info), matrix(a)];
  run(native.ldlFactor, batchOf(a), sizesOf(a).slice(1), operands);
  if (throws) checkInfo(info, where, isSingular);
  return { LD: finish(recordStructural(structural.ldlFactor, [a], null), LD), pivots, info };
}

/**
 * The LDLᵀ decomposition of symmetric matrices, of which the lower triangle is read, in the compact form that ldlSolve
 * takes. It has no derivative.
 *
 * @throws LinAlgError when a matrix is singular.
 * @example
 * linalg.ldlFactor([[4, 2], [2, 5]]).LD.toArray() // [[4, 0], [0.5, 4]]
 */
export const ldlFactor = (x: TensorLike): LdlFactorResult => {
  const { LD, pivots } = ldl(x, true, "ldlFactor");
  return { LD, pivots };
};

/** As ldlFactor, with `info` instead of an error. @example linalg.ldlFactorEx([[0, 0], [0, 1]]).info.item() // 1 */
export function ldlFactorEx(x: TensorLike, options?: ExOptions): LdlFactorExResult {
  checkOptions(options, ["checkErrors"], "ldlFactorEx");
  return ldl(x, options?.checkErrors ?? false, "ldlFactorEx");
}

/**
 * The solution x of a @ x = b, for matrices that ldlFactor has decomposed.
 *
 * @example
 * const { LD, pivots } = linalg.ldlFactor([[2, 0], [0, 4]]);
 * linalg.ldlSolve(LD, pivots, [[6], [8]]).toArray() // [[3], [2]]
 */
export function ldlSolve(LD: TensorLike, pivots: TensorLike, b: TensorLike): Tensor {
  const [factors, right] = squaresTogether(LD, b, "ldlSolve");
  const steps = checkPivots(pivots, factors, "ldlSolve", true);
  checkRows(factors, right, "ldlSolve");
  const batch = batchOfBoth(factors, right, "ldlSolve");
  const sizes = sizesOf(right);
  const out = room(factors, [...batch, ...sizes]);
  run(native.ldlSolve, batch, sizes, [matrix(out), matrix(factors), vector(steps), matrix(right)]);
  return finish(recordStructural(structural.ldlSolve, [factors, steps, right], null), out);
}
