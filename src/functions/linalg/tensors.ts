/** Tensors as linear maps, and products of vectors. */
import { ArgumentError, ShapeError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { broadcastShapes, numelOf, showShape, wrapDim, wrapDims } from "../../core/shape.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { cat } from "../convert.js";
import { ones } from "../creation.js";
import { mul, sub } from "../elementwise.js";
import { sum } from "../reductions.js";
import { cumprod } from "../scans.js";
import type { DiagonalOptions } from "../views.js";
import {
  expandTo,
  movedim,
  narrow,
  reshape,
  unsqueeze,
  diagonal as viewDiagonal,
} from "../views.js";
import { inverse, solve } from "./lu.js";
import { floats, together } from "./operands.js";

/**
 * The inverse of a tensor as a linear map: of the dims from `ind` on to those before, whose sizes have one product.
 * tensordot(tensorinv(a), a, ind) is an identity.
 *
 * @throws LinAlgError when the map has no inverse.
 * @example
 * linalg.tensorinv(eye(6).reshape(2, 3, 6), 2).shape // [6, 2, 3]
 */
export function tensorinv(x: TensorLike, ind = 2): Tensor {
  const a = floats(x, "tensorinv");
  if (!Number.isInteger(ind) || ind <= 0) {
    throw new ArgumentError(`tensorinv: ind is a whole number above 0, not ${String(ind)}`);
  }
  const { shape } = a.layout;
  const [front, back] = [shape.slice(0, ind), shape.slice(ind)];
  const n = numelOf(back);
  if (numelOf(front) !== n) {
    throw new ShapeError(
      `tensorinv: the sizes ${showShape(front)} and ${showShape(back)} differ in their products`,
    );
  }
  return reshape(inverse(reshape(a, [n, n])), [...back, ...front]);
}

/** Options of tensorsolve. */
export interface TensorsolveOptions {
  /** Dims of a that go last first. */
  dims?: readonly number[];
}

/**
 * The x for which tensordot(a, x, x.ndim) is b.
 *
 * @throws LinAlgError when the map has no inverse.
 * @example
 * linalg.tensorsolve(eye(6).reshape(2, 3, 6), ones(2, 3)).shape // [6]
 */
export function tensorsolve(a: TensorLike, b: TensorLike, options?: TensorsolveOptions): Tensor {
  checkOptions(options, ["dims"], "tensorsolve");
  const [given, right] = together(a, b, "tensorsolve");
  const dims = options?.dims ?? [];
  const order = wrapDims(dims, given.ndim, "tensorsolve");
  const map = movedim(
    given,
    order,
    order.map((_, i) => given.ndim - order.length + i),
  );
  const n = right.numel();
  const shape = map.layout.shape.slice(right.ndim);
  if (numelOf(shape) !== n || map.numel() !== n * n) {
    throw new ShapeError(
      `tensorsolve: ${showShape(map.layout.shape)} is no square map to ${showShape(right.layout.shape)}`,
    );
  }
  return reshape(solve(reshape(map, [n, n]), reshape(right, [n])), shape);
}

/** Options of vander. */
export interface VanderOptions {
  /** How many powers; as many as there are elements unless told. */
  N?: number;
}

/** The powers of elements from 0 on, as a last dim. @example linalg.vander([2, 3], { N: 3 }).toArray() // [[1, 2, 4], [1, 3, 9]] */
export function vander(x: TensorLike, options?: VanderOptions): Tensor {
  checkOptions(options, ["N"], "vander");
  const a = asTensor(x, "vander");
  if (a.ndim === 0) throw new ShapeError("vander: a 0-d tensor holds no vector");
  const { shape } = a.layout;
  const count = options?.N ?? shape[shape.length - 1];
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`vander: N is a whole number above 0, not ${String(count)}`);
  }
  const factors = expandTo(unsqueeze(a, -1), [...shape, count - 1]);
  return cumprod(cat([ones([...shape, 1], { dtype: a.dtype }), factors], -1), -1);
}

/** Options of cross and vecdot. */
export interface DimOptions {
  /** The dim of the vectors: the last one unless told. */
  dim?: number;
}

const dimOf = (options: DimOptions | undefined, ndim: number, where: string): number => {
  checkOptions(options, ["dim"], where);
  return wrapDim(options?.dim ?? -1, ndim, where);
};

/** The cross products of vectors of three elements. @example linalg.cross([1, 0, 0], [0, 1, 0]).toArray() // [0, 0, 1] */
export function cross(x: TensorLike, y: TensorLike, options?: DimOptions): Tensor {
  const a = asTensor(x, "cross");
  const b = asTensor(y, "cross");
  const shape = broadcastShapes([a.layout.shape, b.layout.shape], "cross");
  const dim = dimOf(options, shape.length, "cross");
  const from = dim - shape.length;
  if (a.ndim !== b.ndim || a.layout.shape[dim] !== 3 || b.layout.shape[dim] !== 3) {
    throw new ShapeError(
      `cross: expected vectors of 3 elements along dim ${dim}, got ${showShape(a.layout.shape)} and ${showShape(b.layout.shape)}`,
    );
  }
  /** Each vector's elements `by` places on. */
  const turned = (v: Tensor, by: number): Tensor =>
    cat([narrow(v, from, by, 3 - by), narrow(v, from, 0, by)], from);
  return sub(mul(turned(a, 1), turned(b, 2)), mul(turned(a, 2), turned(b, 1)));
}

/** The dot products of vectors along a dim. @example linalg.vecdot([[1, 2], [3, 4]], [1, 1]).toArray() // [3, 7] */
export function vecdot(x: TensorLike, y: TensorLike, options?: DimOptions): Tensor {
  const a = asTensor(x, "vecdot");
  const b = asTensor(y, "vecdot");
  const product = mul(a, b);
  const dim = dimOf(options, product.ndim, "vecdot");
  return sum(product, dim, { dtype: product.dtype });
}

/** The diagonals of matrices, as the last dim. @example linalg.diagonal([[1, 2], [3, 4]]).toArray() // [1, 4] */
export const diagonal = (
  x: TensorLike,
  { offset = 0, dim1 = -2, dim2 = -1 }: DiagonalOptions = {},
): Tensor => viewDiagonal(x, { offset, dim1, dim2 });
