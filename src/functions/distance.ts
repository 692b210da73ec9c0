/** Distances between vectors. */
import { finish, recordStructural } from "../autograd/tape.js";
import { ArgumentError, ShapeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { showShape } from "../core/shape.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { add, clamp, sqrt, square, sub } from "./elementwise.js";
import { unrecorded } from "./internal.js";
import { together } from "./linalg/operands.js";
import { matmul } from "./products.js";
import { norm, sum } from "./reductions.js";
import { transpose, unsqueeze } from "./views.js";

/** Options of cdist. */
export interface CdistOptions {
  /** The norm that measures: 2 unless told. */
  p?: number;
  /**
   * Whether Euclidean distances are computed by a product of matrices, which is faster and less exact for near vectors:
   * where there are more than 25 unless told.
   */
  computeMode?:
    | "use_mm_for_euclid_dist_if_necessary"
    | "use_mm_for_euclid_dist"
    | "donot_use_mm_for_euclid_dist";
}

const modes: Record<NonNullable<CdistOptions["computeMode"]>, boolean | null> = {
  use_mm_for_euclid_dist_if_necessary: null,
  use_mm_for_euclid_dist: true,
  donot_use_mm_for_euclid_dist: false,
};

/** From how many vectors on products of matrices pay, as PyTorch has it. */
const many = 25;

/**
 * The distances between each of the vectors in the rows of x and each in the rows of y, in the p-norm.
 *
 * @example
 * cdist([[0, 0], [3, 4]], [[0, 0], [3, 0]]).toArray() // [[0, 3], [5, 4]]
 */
export function cdist(x: TensorLike, y: TensorLike, options?: CdistOptions): Tensor {
  checkOptions(options, ["p", "computeMode"], "cdist");
  const { p = 2, computeMode = "use_mm_for_euclid_dist_if_necessary" } = options ?? {};
  if (typeof p !== "number" || !(p >= 0)) {
    throw new ArgumentError(`cdist: p is a number ≥ 0, not ${String(p)}`);
  }
  if (!Object.hasOwn(modes, computeMode)) {
    throw new ArgumentError(
      `cdist: the modes are ${Object.keys(modes).join(", ")}, not ${String(computeMode)}`,
    );
  }
  const [a, b] = together(x, y, "cdist");
  const [s, r] = [a.layout.shape, b.layout.shape];
  if (s.length < 2 || r.length < 2 || s.at(-1) !== r.at(-1)) {
    throw new ShapeError(
      `cdist: expected matrices with rows of one length, got ${showShape(s)} and ${showShape(r)}`,
    );
  }
  const asProduct = modes[computeMode] ?? Math.max(s.at(-2) ?? 0, r.at(-2) ?? 0) > many;
  if (p === 2 && asProduct) return euclidean(a, b);
  return norm(sub(unsqueeze(a, -2), unsqueeze(b, -3)), p, -1);
}

/** By ‖x − y‖² = ‖x‖² + ‖y‖² − 2 x · y. */
function euclidean(a: Tensor, b: Tensor): Tensor {
  const out = unrecorded(() => {
    const own = sum(square(a), -1, { keepdim: true });
    const other = unsqueeze(sum(square(b), -1), -2);
    const products = matmul(a, transpose(b, -2, -1));
    return sqrt(clamp(sub(add(own, other), products, { alpha: 2 }), { min: 0 }));
  });
  return finish(recordStructural(structural.euclidean, [a, b], null), out);
}
