/** Products of matrices and vectors, and what is read off or put on a diagonal. */
import { finish, recordStructural } from "../autograd/tape.js";
import { DTypeError, ShapeError } from "../core/errors.js";
import { broadcastShapes, contiguousLayout, showShape } from "../core/shape.js";
import { nativeOp, typesOf } from "../native/door.js";
import type { Window } from "../ops/algebra.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense, filled, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import { to } from "./convert.js";
import { promote } from "./dispatch.js";
import { mul } from "./elementwise.js";
import { unrecorded } from "./internal.js";
import { sum } from "./reductions.js";
import { diagonalWindow, select, unsqueeze } from "./views.js";

const product = nativeOp("matmul");
const productTypes = typesOf(product);

/** Two operands in the dtype that they meet in. */
function pair(where: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const a = asTensor(x, where);
  const b = asTensor(y, where);
  const dtype = promote([a, b]);
  if (!productTypes.includes(dtype)) {
    throw new DTypeError(`${where}: no ${dtype}; it takes ${productTypes.join(", ")}`);
  }
  return [to(a, dtype), to(b, dtype)];
}

const show = (x: Tensor, y: Tensor): string =>
  `${showShape(x.layout.shape)} @ ${showShape(y.layout.shape)}`;

/** Matrices of at least two dims; batch dims broadcast. */
function batched(where: string, x: Tensor, y: Tensor): Tensor {
  const [a, b] = [x.layout.shape, y.layout.shape];
  const [m, k] = [a[a.length - 2], a[a.length - 1]];
  const [inner, n] = [b[b.length - 2], b[b.length - 1]];
  if (k !== inner)
    throw new ShapeError(`${where}: inner sizes differ: ${show(x, y)} (${k} vs ${inner})`);
  const batch = broadcastShapes([a.slice(0, -2), b.slice(0, -2)], where);
  const out = fresh(x.type, contiguousLayout([...batch, m, n]));
  const operands = [[out, 2] as const, [x, 2] as const, [y, 2] as const];
  if (out.layout.numel > 0) execute.matrices(product.code, batch, [m, n, k], operands, [1, 0]);
  return out;
}

/**
 * The matrix product. Two vectors give their dot product; a vector counts as a row on the left and as a column on the
 * right; dims before the last two are batches, and broadcast.
 *
 * @throws ShapeError where the inner sizes differ.
 * @example
 * matmul([[1, 2], [3, 4], [5, 6]], [[100], [200]]).toArray() // [[500], [1100], [1700]]
 */
export function matmul(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = pair("matmul", x, y);
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ShapeError(`matmul: both operands need at least one dim: ${show(a, b)}; see mul`);
  }
  if (a.ndim === 1 && b.ndim === 1) return dot(a, b);
  if (a.ndim === 2 && b.ndim === 1) return mv(a, b);
  if (a.ndim === 1) {
    const product = multiply("matmul", unsqueeze(a, 0), b);
    return select(product, product.ndim - 2, 0);
  }
  if (b.ndim === 1) {
    const product = multiply("matmul", a, unsqueeze(b, 1));
    return select(product, product.ndim - 1, 0);
  }
  return multiply("matmul", a, b);
}

function multiply(where: string, a: Tensor, b: Tensor): Tensor {
  const row = a.ndim === 2 && b.ndim === 2 ? structural.mm : structural.matmul;
  return finish(recordStructural(row, [a, b], null), batched(where, a, b));
}

function matrix(where: string, x: Tensor, ndim: number, which: string): void {
  if (x.ndim === ndim) return;
  throw new ShapeError(
    `${where}: ${which} has shape ${showShape(x.layout.shape)}, expected ${ndim} dims`,
  );
}

/** The product of two matrices. @example mm([[1, 2]], [[3], [4]]).toArray() // [[11]] */
export function mm(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = pair("mm", x, y);
  matrix("mm", a, 2, "the first operand");
  matrix("mm", b, 2, "the second operand");
  return multiply("mm", a, b);
}

/** Products of two equally long batches of matrices. @example bmm([[[1, 2]]], [[[3], [4]]]).toArray() // [[[11]]] */
export function bmm(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = pair("bmm", x, y);
  matrix("bmm", a, 3, "the first operand");
  matrix("bmm", b, 3, "the second operand");
  if (a.layout.shape[0] !== b.layout.shape[0])
    throw new ShapeError(`bmm: the batch sizes differ: ${show(a, b)}`);
  return finish(recordStructural(structural.bmm, [a, b], null), batched("bmm", a, b));
}

/** A matrix times a vector. @example mv([[1, 2], [3, 4]], [5, 6]).toArray() // [17, 39] */
export function mv(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = pair("mv", x, y);
  matrix("mv", a, 2, "the matrix");
  matrix("mv", b, 1, "the vector");
  if (a.layout.shape[1] !== b.layout.shape[0]) {
    throw new ShapeError(
      `mv: inner sizes differ: ${show(a, b)} (${a.layout.shape[1]} vs ${b.layout.shape[0]})`,
    );
  }
  const column = unrecorded(() => unsqueeze(b, 1));
  const out = batched("mv", a, column);
  const vector = new Tensor(out.type, out.storage, contiguousLayout([a.layout.shape[0]]), 0);
  return finish(recordStructural(structural.mv, [a, b], null), vector);
}

/** The sum of the products of two vectors' elements. @example dot([1, 2, 3], [4, 5, 6]).item() // 32 */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = pair("dot", x, y);
  matrix("dot", a, 1, "the first operand");
  matrix("dot", b, 1, "the second operand");
  if (a.layout.numel !== b.layout.numel) {
    throw new ShapeError(`dot: lengths differ: ${a.layout.numel} and ${b.layout.numel}`);
  }
  const out = unrecorded(() => batched("dot", unsqueeze(a, 0), unsqueeze(b, 1)));
  const scalar = new Tensor(out.type, out.storage, contiguousLayout([]), 0);
  return finish(recordStructural(structural.dot, [a, b], null), scalar);
}

/** All products of two vectors' elements. @example outer([1, 2], [3, 4]).toArray() // [[3, 4], [6, 8]] */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const a = asTensor(x, "outer");
  const b = asTensor(y, "outer");
  matrix("outer", a, 1, "the first operand");
  matrix("outer", b, 1, "the second operand");
  return mul(unsqueeze(a, 1), b);
}

/** Where a diagonal lies in a dense matrix of that shape. */
const matrixDiagonal = (shape: readonly number[], offset: number): Window =>
  diagonalWindow(0, 1, offset)(contiguousLayout(shape));

/** x inside of a window of a dense tensor of zeros. */
export function embed(x: Tensor, shape: readonly number[], { layout, offset }: Window): Tensor {
  const out = filled(x.dtype, shape, 0);
  const place = { type: x.type, storage: out.storage, layout, offset };
  execute.copy(place, x);
  return finish(recordStructural(structural.embed, [x], { layout, offset }), out);
}

/**
 * Of a vector, the matrix with that diagonal; of a matrix, a copy of its diagonal.
 *
 * @example
 * diag([1, 2]).toArray() // [[1, 0], [0, 2]]
 * @example
 * diag([[1, 2], [3, 4]], 1).toArray() // [2]
 */
export function diag(x: TensorLike, offset = 0): Tensor {
  const tensor = asTensor(x, "diag");
  const { shape } = tensor.layout;
  if (!Number.isInteger(offset))
    throw new ShapeError(`diag: the offset is a whole number, not ${offset}`);
  if (shape.length === 1) {
    const n = shape[0] + Math.abs(offset);
    return embed(tensor, [n, n], matrixDiagonal([n, n], offset));
  }
  if (shape.length !== 2)
    throw new ShapeError(`diag: expected a vector or a matrix, got shape ${showShape(shape)}`);
  const { layout, offset: start } = diagonalWindow(0, 1, offset)(tensor.layout);
  const shown = new Tensor(tensor.type, tensor.storage, layout, tensor.offset + start);
  return finish(
    recordStructural(structural.diag, [tensor], matrixDiagonal(shape, offset)),
    dense(shown, tensor.type),
  );
}

/** The sum of a matrix's diagonal. @example trace([[1, 2], [3, 4]]).item() // 5 */
export function trace(x: TensorLike): Tensor {
  const tensor = asTensor(x, "trace");
  matrix("trace", tensor, 2, "the operand");
  const { layout, offset } = diagonalWindow(0, 1, 0)(tensor.layout);
  const shown = new Tensor(tensor.type, tensor.storage, layout, tensor.offset + offset);
  return finish(
    recordStructural(structural.trace, [tensor], matrixDiagonal(tensor.layout.shape, 0)),
    sum(shown),
  );
}
