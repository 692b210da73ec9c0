/** beta · input + alpha · product, for the products of matrices and vectors. */
import { ShapeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { showShape } from "../core/shape.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { scaled } from "./checks.js";
import { einsum } from "./contract.js";
import { add } from "./elementwise.js";
import { bmm, mm, mv, outer } from "./products.js";
import { expand } from "./views.js";

/** Options of addmm and its like. */
export interface AffineOptions {
  /** What the input is multiplied by: 1 unless told. With 0 the input is not read. */
  beta?: number | bigint;
  /** What the product is multiplied by: 1 unless told. */
  alpha?: number | bigint;
}

function affine(
  where: string,
  input: TensorLike,
  product: Tensor,
  options: AffineOptions | undefined,
): Tensor {
  checkOptions(options, ["beta", "alpha"], where);
  const { beta = 1, alpha = 1 } = options ?? {};
  const given = asTensor(input, where);
  const { shape } = product.layout;
  if (given.ndim > shape.length) {
    throw new ShapeError(
      `${where}: the input has shape ${showShape(given.layout.shape)}, and the product ${showShape(shape)}`,
    );
  }
  const x = expand(given, shape);
  if (Number(beta) === 0) return scaled(product, product, alpha, where) as Tensor;
  return add(scaled(x, x, beta, where), scaled(product, product, alpha, where));
}

/** beta · input + alpha · x @ y, of two matrices. @example addmm([1, 1], [[1, 2]], [[1, 0], [0, 1]], { alpha: 10 }).toArray() // [[11, 21]] */
export const addmm = (
  input: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options?: AffineOptions,
): Tensor => affine("addmm", input, mm(x, y), options);

/** beta · input + alpha · x @ y, of a matrix and a vector. @example addmv([1, 1], [[1, 2], [3, 4]], [1, 1]).toArray() // [4, 8] */
export const addmv = (
  input: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options?: AffineOptions,
): Tensor => affine("addmv", input, mv(x, y), options);

/** beta · input + alpha · x ⊗ y, of two vectors. @example addr([0, 1], [1, 2], [3, 4]).toArray() // [[3, 5], [6, 9]] */
export const addr = (
  input: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options?: AffineOptions,
): Tensor => affine("addr", input, outer(x, y), options);

/** beta · input + alpha · x @ y, of two batches. @example baddbmm(0, [[[1, 2]]], [[[3], [4]]], { beta: 2 }).toArray() // [[[11]]] */
export const baddbmm = (
  input: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options?: AffineOptions,
): Tensor => affine("baddbmm", input, bmm(x, y), options);

/** beta · input + alpha · the sum of a batch's products. @example addbmm(1, [[[1]], [[2]]], [[[3]], [[4]]]).toArray() // [[12]] */
export function addbmm(
  input: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options?: AffineOptions,
): Tensor {
  const a = asTensor(x, "addbmm");
  const b = asTensor(y, "addbmm");
  const [p, q] = [a.layout.shape, b.layout.shape];
  if (p.length !== 3 || q.length !== 3 || p[0] !== q[0] || p[2] !== q[1]) {
    throw new ShapeError(`addbmm: no batch of products: ${showShape(p)} @ ${showShape(q)}`);
  }
  return affine("addbmm", input, einsum("bik,bkj->ij", a, b), options);
}
