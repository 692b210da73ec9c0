/** Norms of vectors and matrices, and condition numbers. */
import type { DType } from "../../core/dtype.js";
import { checkDType } from "../../core/dtype.js";
import { ArgumentError, IndexError, ShapeError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { showShape, wrapDims } from "../../core/shape.js";
import type { TensorLike } from "../../tensor/create.js";
import { filled } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { to } from "../convert.js";
import { abs, div, mul, ne, where } from "../elementwise.js";
import { amax, amin, norm as pNorm, sum } from "../reductions.js";
import { movedim, select, unsqueeze } from "../views.js";
import { invEx } from "./lu.js";
import { batchOf, floats, leastOf, matrices, squares } from "./operands.js";
import { svdvals } from "./spectral.js";

/** Options of norms. */
export interface NormOptions {
  /** Whether reduced dims stay, with size one. */
  keepdim?: boolean;
  /** The dtype to compute in, and of the result. */
  dtype?: DType;
}

/**
 * Which norm of a matrix: "fro" (Frobenius), "nuc" (the sum of singular values), 2 and −2 (the largest and the smallest
 * singular value), 1 and −1 (of the sums of magnitudes in columns), Infinity and −Infinity (of those in rows).
 */
export type MatrixOrder = "fro" | "nuc" | 1 | -1 | 2 | -2 | number;

function operand(x: TensorLike, options: NormOptions | undefined, where: string): Tensor {
  checkOptions(options, ["keepdim", "dtype"], where);
  const a = floats(x, where);
  return options?.dtype === undefined ? a : floats(to(a, checkDType(options.dtype, where)), where);
}

/**
 * The p-norms (Σ |x|ᵖ)^(1/p) of vectors along dims, or of all elements as one: with Infinity the largest magnitude, with
 * −Infinity the least, with 0 how many elements are not zero.
 *
 * @example
 * linalg.vectorNorm([3, 4]).item() // 5
 */
export function vectorNorm(
  x: TensorLike,
  order = 2,
  dim: number | readonly number[] | null = null,
  options?: NormOptions,
): Tensor {
  const a = operand(x, options, "vectorNorm");
  if (typeof order !== "number" || Number.isNaN(order)) {
    throw new ArgumentError(`vectorNorm: the order is a number, not ${String(order)}`);
  }
  const { shape } = a.layout;
  const dims = dim === null ? [] : typeof dim === "number" ? [dim] : dim;
  const reducedDims = dims.length === 0 ? shape.map((_, d) => d) : dims;
  if ((order < 0 || order === Infinity) && reducedDims.some((d) => shape.at(d) === 0)) {
    throw new IndexError(
      `vectorNorm: no elements to find the norm of order ${order} of in a tensor of shape ${showShape(shape)}`,
    );
  }
  return pNorm(a, order, dims, { keepdim: options?.keepdim ?? false });
}

/**
 * Norms of matrices, which lie in two dims: the last two unless told.
 *
 * @example
 * linalg.matrixNorm([[1, -2], [3, 4]], 1).item() // 6
 */
export function matrixNorm(
  x: TensorLike,
  order: MatrixOrder = "fro",
  dim: readonly number[] = [-2, -1],
  options?: NormOptions,
): Tensor {
  const a = operand(x, options, "matrixNorm");
  if (a.ndim < 2) {
    throw new ShapeError(`matrixNorm: expected matrices, got shape ${showShape(a.layout.shape)}`);
  }
  const [rows, columns, ...more] = wrapDims(dim, a.ndim, "matrixNorm");
  if (columns === undefined || more.length > 0) {
    throw new ArgumentError(`matrixNorm: a matrix has two dims, not ${dim.length}`);
  }
  const keepdim = options?.keepdim ?? false;
  switch (order) {
    case "fro":
      return pNorm(a, 2, [rows, columns], { keepdim });
    case "nuc":
    case 2:
    case -2: {
      const values = svdvals(movedim(a, [rows, columns], [-2, -1]));
      const out =
        order === "nuc" ? sum(values, -1) : order === 2 ? amax(values, -1) : amin(values, -1);
      if (!keepdim) return out;
      return [rows, columns].sort((p, q) => p - q).reduce<Tensor>(unsqueeze, out);
    }
    case 1:
    case -1:
    case Infinity:
    case -Infinity: {
      const [inner, outer] = Math.abs(order) === 1 ? [rows, columns] : [columns, rows];
      const sums = sum(abs(a), inner, { keepdim: true });
      const out = (order > 0 ? amax : amin)(sums, outer, { keepdim: true });
      if (keepdim) return out;
      return [rows, columns].sort((p, q) => q - p).reduce((y, d) => select(y, d, 0), out);
    }
    default:
      throw new ArgumentError(
        `matrixNorm: the orders are "fro", "nuc", 1, 2, Infinity and their negatives, not ${String(order)}`,
      );
  }
}

/**
 * A norm: of vectors where `dim` is one dim, of matrices where it is two. Without dims x is a vector or a matrix, or
 * (order null) all of its elements are one vector. Order null is the Euclidean norm.
 *
 * @example
 * linalg.norm([[3, 0], [0, 4]]).item() // 5
 * @example
 * linalg.norm([[3, 0], [0, 4]], "nuc").item() // 7
 */
export function norm(
  x: TensorLike,
  order: MatrixOrder | null = null,
  dim: number | readonly number[] | null = null,
  options?: NormOptions,
): Tensor {
  const a = operand(x, options, "norm");
  if (order === null) return vectorNorm(a, 2, dim, options);
  const dims =
    dim === null ? a.layout.shape.map((_, d) => d) : typeof dim === "number" ? [dim] : dim;
  if (dims.length === 2) return matrixNorm(a, order, dims, options);
  if (dims.length === 1 && typeof order === "number") return vectorNorm(a, order, dims, options);
  throw new ArgumentError(
    `norm: the norm of order ${String(order)} is of one or two dims, and "fro" and "nuc" of two, not ${dims.length}`,
  );
}

/**
 * The condition numbers of matrices: ‖x‖ · ‖x⁻¹‖ in a norm of matrixNorm, infinite for a singular matrix. By p null or 2,
 * and −2, they come from the singular values, and the matrices need not be square.
 *
 * @example
 * linalg.cond([[3, 0], [0, 4]], 1) // tensor(1.3333)
 */
export function cond(x: TensorLike, p: MatrixOrder | null = null): Tensor {
  const bySingularValues = p === null || p === 2 || p === -2;
  const a = bySingularValues ? matrices(x, "cond") : squares(x, "cond");
  if (leastOf(a) === 0) return filled(a.dtype, batchOf(a), 0);
  if (bySingularValues) {
    const values = svdvals(a);
    const [largest, least] = [select(values, -1, 0), select(values, -1, -1)];
    return p === -2 ? div(least, largest) : div(largest, least);
  }
  const { inverse, info } = invEx(a);
  return where(ne(info, 0), Infinity, mul(matrixNorm(a, p), matrixNorm(inverse, p)));
}
