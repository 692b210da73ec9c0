/** Eigenvalues of symmetric matrices, and singular values. */

import { ArgumentError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { cat } from "../convert.js";
import { unrecorded } from "../internal.js";
import { narrow, transpose } from "../views.js";
import {
  batchOf,
  checkInfo,
  isRecorded,
  matrices,
  matrix,
  native,
  number,
  results,
  room,
  roomForInts,
  run,
  sizesOf,
  squares,
  vector,
} from "./operands.js";
import { completed } from "./qr.js";

const diverged = (): string => "made the algorithm fail to converge: does it hold nan or infinity?";

/** Options of eigh and eigvalsh. */
export interface EighOptions {
  /** Which triangle is read: the lower one ("L") unless told, or the upper one ("U"). */
  UPLO?: "L" | "U";
}

/** Eigenvalues, rising, and eigenvectors as columns. */
export interface EighResult {
  readonly eigenvalues: Tensor;
  readonly eigenvectors: Tensor;
}

/** Symmetric matrices, whose lower triangle counts. */
function symmetric(x: TensorLike, options: EighOptions | undefined, where: string): Tensor {
  checkOptions(options, ["UPLO"], where);
  const UPLO = options?.UPLO ?? "L";
  if (UPLO !== "L" && UPLO !== "U") {
    throw new ArgumentError(`${where}: UPLO is "L" or "U", not ${String(UPLO)}`);
  }
  const a = squares(x, where);
  return UPLO === "L" ? a : transpose(a, -2, -1);
}

function decompose(a: Tensor, where: string): EighResult {
  const batch = batchOf(a);
  const { shape } = a.layout;
  const [eigenvalues, eigenvectors] = results(
    structural.eigh,
    a,
    [shape.slice(0, -1), shape],
    ([w, v]) => {
      const info = roomForInts(batch);
      run(native.eigh, batch, sizesOf(a).slice(1), [vector(w), matrix(v), number(info), matrix(a)]);
      checkInfo(info, where, diverged);
    },
  );
  return { eigenvalues, eigenvectors };
}

/**
 * The eigenvalues and eigenvectors of symmetric matrices: x = V @ diag(w) @ Vᵀ, with w rising. The sign of an eigenvector
 * is arbitrary, and so is a basis of several with one eigenvalue: derivatives of what depends on that mean nothing.
 *
 * @throws LinAlgError where a matrix holds nan or infinity.
 * @example
 * linalg.eigh([[2, 0], [0, 1]]).eigenvalues.toArray() // [1, 2]
 */
export const eigh = (x: TensorLike, options?: EighOptions): EighResult =>
  decompose(symmetric(x, options, "eigh"), "eigh");

/** The eigenvalues of symmetric matrices, rising. @example linalg.eigvalsh([[2, 0], [0, 1]]).toArray() // [1, 2] */
export function eigvalsh(x: TensorLike, options?: EighOptions): Tensor {
  const a = symmetric(x, options, "eigvalsh");
  if (isRecorded(a)) return decompose(a, "eigvalsh").eigenvalues;
  const batch = batchOf(a);
  const w = room(a, a.layout.shape.slice(0, -1));
  const info = roomForInts(batch);
  run(native.eigvalsh, batch, sizesOf(a).slice(1), [vector(w), number(info), matrix(a)]);
  checkInfo(info, "eigvalsh", diverged);
  return w;
}

/** Options of svd. */
export interface SvdOptions {
  /** Whether U and Vh are square, as they are unless told; else they have as many vectors as there are values. */
  fullMatrices?: boolean;
}

/** U @ diag(S) @ Vh. */
export interface SvdResult {
  readonly U: Tensor;
  readonly S: Tensor;
  readonly Vh: Tensor;
}

export function reduced(a: Tensor, where: string): SvdResult {
  const batch = batchOf(a);
  const [m, n] = sizesOf(a);
  const k = Math.min(m, n);
  const shapes = [
    [...batch, m, k],
    [...batch, k],
    [...batch, k, n],
  ];
  const [U, S, Vh] = results(structural.svd, a, shapes, ([u, s, vh]) => {
    const info = roomForInts(batch);
    run(native.svd, batch, [m, n], [matrix(u), vector(s), matrix(vh), number(info), matrix(a)]);
    checkInfo(info, where, diverged);
  });
  return { U, S, Vh };
}

/** The columns of x and those that make a square orthogonal matrix of it, which are arbitrary and no function of it. */
function extended(x: Tensor): Tensor {
  const [m, k] = sizesOf(x);
  if (m === k) return x;
  const rest = unrecorded(() => narrow(completed(x), -1, k, m - k));
  return cat([x, rest], -1);
}

/**
 * The singular value decomposition x = U @ diag(S) @ Vh, with S falling. The signs of singular vectors are arbitrary, and
 * so are bases of several with one singular value, and the vectors beyond those with values: derivatives of what depends
 * on that mean nothing.
 *
 * @throws LinAlgError where a matrix holds nan or infinity.
 * @example
 * linalg.svd([[3, 0], [0, 4]]).S.toArray() // [4, 3]
 */
export function svd(x: TensorLike, options?: SvdOptions): SvdResult {
  checkOptions(options, ["fullMatrices"], "svd");
  const { U, S, Vh } = reduced(matrices(x, "svd"), "svd");
  if (options?.fullMatrices === false) return { U, S, Vh };
  const V = extended(transpose(Vh, -2, -1));
  return { U: extended(U), S, Vh: transpose(V, -2, -1) };
}

/** The singular values of matrices, falling. @example linalg.svdvals([[3, 0], [0, 4]]).toArray() // [4, 3] */
export function svdvals(x: TensorLike): Tensor {
  const a = matrices(x, "svdvals");
  if (isRecorded(a)) return reduced(a, "svdvals").S;
  const batch = batchOf(a);
  const [m, n] = sizesOf(a);
  const s = room(a, [...batch, Math.min(m, n)]);
  const info = roomForInts(batch);
  run(native.svdvals, batch, [m, n], [vector(s), number(info), matrix(a)]);
  checkInfo(info, "svdvals", diverged);
  return s;
}
