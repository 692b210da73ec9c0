/** QR decompositions. */

import { finish, recordStructural } from "../../autograd/tape.js";
import { ArgumentError, GradError, ShapeError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { sameShape, showShape } from "../../core/shape.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import * as execute from "../../tensor/execute.js";
import type { Tensor } from "../../tensor/tensor.js";
import { unrecorded } from "../internal.js";
import { narrow } from "../views.js";
import {
  batchOf,
  isRecorded,
  leastOf,
  matrices,
  matrix,
  native,
  results,
  room,
  run,
  sizesOf,
  together,
  vector,
} from "./operands.js";
import { triu } from "./triangular.js";

/** Options of qr. */
export interface QrOptions {
  /**
   * "reduced" (unless told): Q has as many columns as the lesser of rows and columns. "complete": Q is square. "r": only
   * R, with an empty Q.
   */
  mode?: "reduced" | "complete" | "r";
}

/** Q @ R. */
export interface QrResult {
  readonly Q: Tensor;
  readonly R: Tensor;
}

/** Reflectors as LAPACK's geqrf gives them: R, and below it their vectors; and their factors. */
export function reflectorsOf(a: Tensor): { readonly h: Tensor; readonly tau: Tensor } {
  const h = room(a, a.layout.shape);
  const tau = room(a, [...batchOf(a), leastOf(a)]);
  run(native.qr, batchOf(a), sizesOf(a), [matrix(h), vector(tau), matrix(a)]);
  return { h, tau };
}

/** Writes the first columns of the product of reflectors. */
function multiplyReflectors(out: Tensor, h: Tensor, tau: Tensor): void {
  const k = tau.layout.shape[tau.ndim - 1];
  const used = unrecorded(() => narrow(h, -1, 0, k));
  run(
    native.householderProduct,
    batchOf(h),
    [...sizesOf(out), k],
    [matrix(out), matrix(used), vector(tau)],
  );
}

/** The square orthogonal matrix whose first columns span what the columns of x do. */
export function completed(x: Tensor): Tensor {
  const { h, tau } = reflectorsOf(x);
  const [m] = sizesOf(x);
  const out = room(x, [...batchOf(x), m, m]);
  multiplyReflectors(out, h, tau);
  return out;
}

/**
 * The QR decomposition x = Q @ R: Q has orthonormal columns, R is an upper triangle.
 *
 * @example
 * linalg.qr([[3, 1], [4, 2]]).R.shape // [2, 2]
 */
export function qr(x: TensorLike, options?: QrOptions): QrResult {
  checkOptions(options, ["mode"], "qr");
  const mode = options?.mode ?? "reduced";
  if (!["reduced", "complete", "r"].includes(mode)) {
    throw new ArgumentError(`qr: the mode is "reduced", "complete" or "r", not ${String(mode)}`);
  }
  const a = matrices(x, "qr");
  const batch = batchOf(a);
  const [m, n] = sizesOf(a);
  const k = Math.min(m, n);
  const recorded = isRecorded(a);
  const complete = mode === "complete" && m > n;
  if (recorded && complete) {
    throw new GradError(
      'qr: with mode "complete" and more rows than columns it has no derivative; see "reduced"',
    );
  }
  if (mode === "r" && !recorded) {
    const R = triu(narrow(reflectorsOf(a).h, -2, 0, k));
    return { Q: room(a, [0]), R };
  }
  const columns = complete ? m : k;
  const shapes = [
    [...batch, m, columns],
    [...batch, columns, n],
  ];
  const [Q, R] = results(structural.qr, a, shapes, ([q, r]) => {
    const { h, tau } = reflectorsOf(a);
    multiplyReflectors(q, h, tau);
    execute.copy(
      r,
      unrecorded(() => triu(narrow(h, -2, 0, columns))),
    );
  });
  return { Q: mode === "r" ? room(a, [0]) : Q, R };
}

/**
 * The first columns of the product of Householder reflectors I − tau · v @ vᵀ. The vectors are below the diagonal of the
 * columns of `h`, with a 1 on it; what is above is not read.
 *
 * @example
 * linalg.householderProduct([[1], [0]], [2]).toArray() // [[-1], [0]]
 */
export function householderProduct(h: TensorLike, tau: TensorLike): Tensor {
  const where = "householderProduct";
  const [vectors, factors] = together(h, tau, where);
  matrices(vectors, where);
  const [m, n] = sizesOf(vectors);
  const k = factors.layout.shape.at(-1) ?? -1;
  if (m < n || k > n || !sameShape(batchOf(vectors), batchOf(factors, 1)) || k < 0) {
    throw new ShapeError(
      `${where}: expected matrices with no more columns than rows, and no more factors than columns, got ${showShape(vectors.layout.shape)} and ${showShape(factors.layout.shape)}`,
    );
  }
  const out = room(vectors, vectors.layout.shape);
  multiplyReflectors(out, vectors, factors);
  return finish(recordStructural(structural.householderProduct, [vectors, factors], null), out);
}
