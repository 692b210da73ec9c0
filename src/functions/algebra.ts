/** Lends the operations to the tape: derivative rules are written in them. */
import { useOps } from "../autograd/engine.js";
import { useAlgebra } from "../autograd/tape.js";
import type { DTypeInfo } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";
import { sameShape } from "../core/shape.js";
import type { Algebra, TensorAlgebra } from "../ops/algebra.js";
import type { TensorLike } from "../tensor/create.js";
import { filled } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { cat, clone, contiguous, flip, stack, to } from "./convert.js";
import { eye, onesLike } from "./creation.js";
import { apply, applyInPlace, binary, ops, power, unary } from "./dispatch.js";
import { gather, scatterAdd } from "./gather.js";
import { unrecorded } from "./internal.js";
import { ldlSolve } from "./linalg/cholesky.js";
import { pinv } from "./linalg/leastSquares.js";
import { det, luSolveOrdered, solveFactored } from "./linalg/lu.js";
import { matrixExp } from "./linalg/powers.js";
import { svd } from "./linalg/spectral.js";
import { solveTriangular, tril, triu } from "./linalg/triangular.js";
import { embed, matmul } from "./products.js";
import { sum } from "./reductions.js";
import { cumsum, linearRecurrence } from "./scans.js";
import { expandTo, narrow, permute, reshape, slice, windowOn } from "./views.js";

/**
 * Along the last dim, for each element the product of all others, with neither a division nor n² products: the products
 * of neighbouring pairs have others of their own, which a pair's members complete with each other.
 */
export function productOfOthers(x: Tensor): Tensor {
  const { shape } = x.layout;
  const n = shape[shape.length - 1];
  if (n <= 1) return onesLike(x);
  const even = slice(x, -1, 0, null, 2);
  const short = slice(x, -1, 1, null, 2);
  const odd =
    n % 2 === 0 ? short : cat([short, filled(x.dtype, [...shape.slice(0, -1), 1], 1)], -1);
  const outer = productOfOthers(binary(ops.mul, even, odd));
  const pairs = stack([binary(ops.mul, outer, odd), binary(ops.mul, outer, even)], -1);
  const rows = reshape(pairs, [...shape.slice(0, -1), n + (n % 2)]);
  return n % 2 === 0 ? rows : narrow(rows, -1, 0, n);
}

/** Undoes broadcasting: sums x down to a shape. */
function sumTo(x: Tensor, shape: Shape): Tensor {
  const own = x.layout.shape;
  const lead = own.length - shape.length;
  const dims: number[] = [];
  for (let d = 0; d < own.length; d++) {
    if (d < lead || (shape[d - lead] === 1 && own[d] !== 1)) dims.push(d);
  }
  const summed = dims.length === 0 ? x : sum(x, dims, { keepdim: true });
  return lead === 0 ? summed : reshape(summed, shape);
}

function conform(x: Tensor, layout: Layout, type: DTypeInfo): Tensor {
  const shaped =
    x.layout === layout || sameShape(x.layout.shape, layout.shape) ? x : sumTo(x, layout.shape);
  return shaped.type === type ? shaped : to(shaped, type.name);
}

/** x += y off the tape. */
const addInPlace = (x: Tensor, y: Tensor): Tensor =>
  unrecorded(() => applyInPlace(ops.add, x, [y]));

const elementwise = Object.fromEntries(
  Object.entries(ops).map(([name, op]) => [
    name,
    op.arity === 1
      ? (x: TensorLike) => unary(op, x)
      : op.arity === 2
        ? (x: TensorLike, y: TensorLike) => binary(op, x, y)
        : (...operands: TensorLike[]) => apply(op, operands),
  ]),
) as Algebra<Tensor>;

const algebra: TensorAlgebra<Tensor> = {
  ...elementwise,
  pow: power,
  shape: (x) => x.layout.shape,
  dtype: (x) => x.dtype,
  zeros: (shape, dtype) => filled(dtype, shape, 0),
  to,
  sum,
  expand: expandTo,
  reshape: (x, shape) => reshape(x, shape),
  permute: (x, dims) => permute(x, dims),
  narrow,
  stack,
  flip,
  cumsum,
  matmul,
  view: (x, window) => windowOn(contiguous(x), window),
  embed,
  gather,
  scatterAdd,
  linearRecurrence,
  productOfOthers,
  cat,
  eye: (rows, columns, dtype) => eye(rows, columns, { dtype }),
  triu,
  tril,
  solveTriangular,
  solveFactored,
  luSolveOrdered,
  ldlSolve,
  svd,
  det,
  pinv,
  matrixExp,
};

useAlgebra(algebra);
useOps({ add: (x, y) => binary(ops.add, x, y), addInPlace, clone, conform });
