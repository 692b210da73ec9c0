/** Least squares, pseudoinverses and ranks: what tells small singular values from zeros. */
import { finish, recordStructural } from "../../autograd/tape.js";
import { ArgumentError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor, filled } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { cat } from "../convert.js";
import { zeros } from "../creation.js";
import { abs, div, gt, le, maximum, mul, square, sub, where } from "../elementwise.js";
import { unrecorded } from "../internal.js";
import { matmul } from "../products.js";
import { amax, sum } from "../reductions.js";
import { narrow, squeeze, transpose, unsqueeze } from "../views.js";
import {
  batchOf,
  batchOfBoth,
  checkRows,
  epsilon,
  isVectors,
  leastOf,
  matrices,
  matrix,
  native,
  room,
  run,
  sizesOf,
  squares,
  swapped,
  together,
  vector,
} from "./operands.js";
import { reflectorsOf } from "./qr.js";
import { eigh, eigvalsh, reduced, svdvals } from "./spectral.js";
import { solveTriangular } from "./triangular.js";

/** Options of functions that take singular values for zeros. */
export interface RankOptions {
  /** Singular values up to this one count as zero: 0 unless told. One number, or one for each matrix. */
  atol?: TensorLike;
  /**
   * The same as a share of the largest singular value: unless told, the dtype's epsilon times the larger of rows and
   * columns, or 0 where atol is positive.
   */
  rtol?: TensorLike;
  /** Whether the matrices are symmetric, which takes less time. */
  hermitian?: boolean;
}

interface Tolerances {
  readonly atol: Tensor | number;
  readonly rtol: Tensor | number;
}

function tolerances(a: Tensor, options: RankOptions | undefined, where: string): Tolerances {
  const given = (x: TensorLike | undefined): Tensor | number | undefined =>
    x === undefined || typeof x === "number" ? x : unsqueeze(asTensor(x, where), -1);
  const atol = given(options?.atol) ?? 0;
  const usual = Math.max(...sizesOf(a)) * epsilon(a.dtype);
  const rtol =
    given(options?.rtol) ??
    (typeof atol === "number" ? (atol > 0 ? 0 : usual) : mul(le(atol, 0), usual));
  return { atol, rtol };
}

/** Which magnitudes of a last dim count, and are no zeros. */
const counted = (magnitudes: Tensor, { atol, rtol }: Tolerances): Tensor => {
  const largest = amax(magnitudes, -1, { keepdim: true });
  return gt(magnitudes, maximum(mul(largest, rtol), atol));
};

const inverted = (values: Tensor, magnitudes: Tensor, tolerances: Tolerances): Tensor =>
  where(counted(magnitudes, tolerances), div(1, values), 0);

const checkRank = (options: RankOptions | undefined, where: string): void =>
  checkOptions(options, ["atol", "rtol", "hermitian"], where);

/**
 * The pseudoinverses (Moore and Penrose) of matrices, by their singular values.
 *
 * @example
 * linalg.pinv([[2, 0], [0, 0]]).toArray() // [[0.5, 0], [0, 0]]
 */
export function pinv(x: TensorLike, options?: RankOptions): Tensor {
  checkRank(options, "pinv");
  const hermitian = options?.hermitian ?? false;
  const a = hermitian ? squares(x, "pinv") : matrices(x, "pinv");
  const [m, n] = sizesOf(a);
  const out = unrecorded(() => {
    if (leastOf(a) === 0) return zeros([...batchOf(a), n, m], { dtype: a.dtype });
    const limits = tolerances(a, options, "pinv");
    if (hermitian) {
      const { eigenvalues: w, eigenvectors: V } = eigh(a);
      return matmul(mul(V, unsqueeze(inverted(w, abs(w), limits), -2)), swapped(V));
    }
    const { U, S, Vh } = reduced(a, "pinv");
    return matmul(mul(swapped(Vh), unsqueeze(inverted(S, S, limits), -2)), swapped(U));
  });
  return finish(recordStructural(structural.pinv, [a], null), out);
}

/** The number of singular values of matrices that do not count as zero, in int64. @example linalg.matrixRank([[1, 2], [2, 4]]).item() // 1 */
export function matrixRank(x: TensorLike, options?: RankOptions): Tensor<"int64"> {
  checkRank(options, "matrixRank");
  const hermitian = options?.hermitian ?? false;
  const a = hermitian ? squares(x, "matrixRank") : matrices(x, "matrixRank");
  return unrecorded(() => {
    if (leastOf(a) === 0) return filled("int64", batchOf(a), 0);
    const magnitudes = hermitian ? abs(eigvalsh(a)) : svdvals(a);
    return sum(counted(magnitudes, tolerances(a, options, "matrixRank")), -1) as Tensor<"int64">;
  });
}

/** Options of lstsq. */
export interface LstsqOptions {
  /** Singular values up to this share of the largest count as zero. */
  rcond?: number;
  /**
   * LAPACK's name of the way. "gels" goes by the QR decomposition, and is for matrices of full rank; the others go by
   * singular values, and give the solution of least norm. "gelsy" unless told.
   */
  driver?: "gels" | "gelsy" | "gelsd" | "gelss";
}

export interface LstsqResult {
  readonly solution: Tensor;
  /** The sums of squares of a @ x − b, by columns; empty unless a has more rows than columns, and full rank. */
  readonly residuals: Tensor;
  /** The ranks of the matrices; empty by "gels". */
  readonly rank: Tensor<"int64">;
  /** The singular values, by "gelsd" and "gelss"; else empty. */
  readonly singularValues: Tensor;
}

const drivers = ["gels", "gelsy", "gelsd", "gelss"];

/**
 * The x for which the columns of a @ x − b have the least Euclidean norms, and of several the x of least norm. b holds
 * matrices, or vectors where it has one dim or the dims of a but the last.
 *
 * @example
 * linalg.lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5]).solution // tensor([1.0000, 2.0000])
 */
export function lstsq(a: TensorLike, b: TensorLike, options?: LstsqOptions): LstsqResult {
  checkOptions(options, ["rcond", "driver"], "lstsq");
  const [given, right] = together(a, b, "lstsq");
  const x = matrices(given, "lstsq");
  const driver = options?.driver ?? "gelsy";
  if (!drivers.includes(driver)) {
    throw new ArgumentError(`lstsq: the drivers are ${drivers.join(", ")}, not ${String(driver)}`);
  }
  const vectors = isVectors(x, right);
  const y = vectors ? unsqueeze(right, -1) : right;
  checkRows(x, y, "lstsq");
  const [m, n] = sizesOf(x);
  const rtol = options?.rcond ?? Math.max(m, n) * epsilon(x.dtype);
  const found = unrecorded(() => {
    if (leastOf(x) === 0) return empty(x, y);
    return driver === "gels" ? byReflectors(x, y) : bySingularValues(x, y, rtol);
  });
  const recording = recordStructural(structural.lstsq, [x, y], { rtol });
  const solution = finish(recording, found.solution);
  const { rank, singular } = found;
  const full =
    rank === null || (rank.toTypedArray() as BigInt64Array).every((r) => r === BigInt(n));
  const residuals = unrecorded(() =>
    m > n && full ? sum(square(sub(matmul(x, solution), y)), -2) : room(x, [0]),
  );
  return {
    solution: vectors ? squeeze(solution, -1) : solution,
    residuals,
    rank: rank === null || driver === "gels" ? filled("int64", [0], 0) : rank,
    singularValues:
      singular !== null && (driver === "gelsd" || driver === "gelss") ? singular : room(x, [0]),
  };
}

interface Found {
  readonly solution: Tensor;
  readonly rank: Tensor<"int64"> | null;
  readonly singular: Tensor | null;
}

function empty(a: Tensor, b: Tensor): Found {
  const solution = zeros([...batchOfBoth(a, b, "lstsq"), sizesOf(a)[1], sizesOf(b)[1]], {
    dtype: a.dtype,
  });
  return {
    solution,
    rank: filled("int64", batchOf(a), 0),
    singular: room(a, [...batchOf(a), 0]),
  };
}

function bySingularValues(a: Tensor, b: Tensor, rtol: number): Found {
  const { U, S, Vh } = reduced(a, "lstsq");
  const limits = { atol: 0, rtol };
  const inside = mul(unsqueeze(inverted(S, S, limits), -1), matmul(swapped(U), b));
  const rank = sum(counted(S, limits), -1) as Tensor<"int64">;
  return { solution: matmul(swapped(Vh), inside), rank, singular: S };
}

/** By a = Q @ R, or where a has more columns than rows by aᵀ = Q @ R. */
function byReflectors(a: Tensor, b: Tensor): Found {
  const [m, n] = sizesOf(a);
  const wide = m < n;
  const { h, tau } = reflectorsOf(wide ? swapped(a) : a);
  const k = Math.min(m, n);
  const R = narrow(h, -2, 0, k);
  const columns = sizesOf(b)[1];
  const batch = batchOfBoth(a, b, "lstsq");
  /** Q times c, or Qᵀ times c. */
  const timesQ = (c: Tensor, transposed: 0 | 1): Tensor => {
    const rows = Math.max(m, n);
    const out = room(a, [...batch, rows, columns]);
    const operands = [matrix(out), matrix(h), vector(tau), matrix(c)];
    run(native.householderMultiply, batch, [rows, columns, k], operands, [transposed, 0]);
    return out;
  };
  if (!wide) {
    const rotated = narrow(timesQ(b, 1), -2, 0, k);
    return { solution: solveTriangular(R, rotated, { upper: true }), rank: null, singular: null };
  }
  const inside = solveTriangular(transpose(R, -2, -1), b, { upper: false });
  const padded = cat([inside, zeros([...batch, n - k, columns], { dtype: a.dtype })], -2);
  return { solution: timesQ(padded, 0), rank: null, singular: null };
}
