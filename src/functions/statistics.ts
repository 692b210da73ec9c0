/** Order statistics: medians, quantiles, elements by rank, and the most frequent. */
import type { DType } from "../core/dtype.js";
import { dtypeInfo, isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError, IndexError } from "../core/errors.js";
import { checkOptions, isOptions } from "../core/options.js";
import { contiguousLayout } from "../core/shape.js";
import type { Reduced, StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, filled, fresh, fromData } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import { contiguous, to } from "./convert.js";
import { into } from "./dispatch.js";
import {
  add,
  ceil,
  clamp,
  eq,
  floor,
  floorDivide,
  lt,
  mul,
  round,
  sub,
  where,
} from "./elementwise.js";
import { gather } from "./gather.js";
import { unrecorded } from "./internal.js";
import type { ChoiceOptions, Plan, ReduceOptions, ValuesIndices } from "./plan.js";
import { chosen, code, planOf, recordReduced, refuseEmpty, withShape } from "./plan.js";
import { sum } from "./reductions.js";
import { movedim, reshape, squeeze, unsqueeze } from "./views.js";

/** A plan for one dim; a 0-d tensor is a row of one element. */
function along(
  name: string,
  x: TensorLike,
  dim: number,
  options: ChoiceOptions | undefined,
  types: (dtype: DType) => boolean,
): Plan {
  if (typeof dim !== "number") throw new ArgumentError(`${name}: the dim is a number`);
  const plan = planOf(name, x, dim, options, ["keepdim", "out"]);
  if (!types(plan.x.dtype)) throw new DTypeError(`${name}: no ${plan.x.dtype}`);
  refuseEmpty(name, plan);
  return plan;
}

const numeric = (dtype: DType): boolean => dtype !== "bool";

/** The elements that ranks (int64, of a shape that broadcasts to the kept dims) name along the dim of a plan. */
function pick(
  op: "kthvalue" | "mode",
  row: StructuralRow<Reduced>,
  plan: Plan,
  rank: Tensor | null,
): ValuesIndices {
  const { x, dims } = plan;
  const line = dims.length === 0 ? withShape(x, [1]) : x;
  const d = dims[0] ?? 0;
  const { values, indices } = selected(code(op, x.dtype), line, d, 1, rank);
  return chosen(row, plan, withShape(values, plan.shape), withShape(indices, plan.shape));
}

/** The elements of `count` ranks along dim d of x, in its place. */
function selected(
  op: number,
  x: Tensor,
  d: number,
  count: number,
  rank: Tensor | null,
): ValuesIndices {
  const layout = contiguousLayout(x.layout.shape.map((size, i) => (i === d ? count : size)));
  const values = fresh(x.type, layout);
  const indices = fresh<"int64">(dtypeInfo.int64, layout);
  execute.select(op, values, indices, x, rank, d);
  return { values, indices };
}

const lengthOf = ({ x, dims }: Plan): number => (dims.length === 0 ? 1 : x.layout.shape[dims[0]]);

/** How many elements along the dim of a plan are not nan; the dim stays, with size one. */
const numbersIn = ({ x, dims }: Plan): Tensor => sum(eq(x, x), dims, { keepdim: true });

const whole = (value: number): Tensor => filled("int64", [], value);

function medianRank(plan: Plan, ignoreNan: boolean): Tensor {
  const n = lengthOf(plan);
  const middle = Math.floor((n - 1) / 2);
  if (!isFloat(plan.x.dtype)) return whole(middle);
  return unrecorded(() => {
    const count = numbersIn(plan);
    if (ignoreNan) return floorDivide(sub(clamp(count, { min: 1 }), 1), 2);
    return where(lt(count, n), count, middle);
  });
}

function medianOf(
  name: "median" | "nanmedian",
  x: TensorLike,
  dim: number | undefined,
  options: ChoiceOptions | undefined,
): Tensor | ValuesIndices {
  const ignoreNan = name === "nanmedian";
  if (dim !== undefined) {
    const plan = along(name, x, dim, options, numeric);
    return pick("kthvalue", structural[`${name}Dim`], plan, medianRank(plan, ignoreNan));
  }
  if (options !== undefined) throw new ArgumentError(`${name}: keepdim goes with a dim`);
  const plan = planOf(name, x, undefined, undefined);
  const { dtype, layout } = plan.x;
  if (dtype === "bool") throw new DTypeError(`${name}: no bool`);
  if (layout.numel === 0) {
    if (isFloat(dtype)) return recordReduced(structural[name], plan, filled(dtype, [], Number.NaN));
    throw new IndexError(`${name}: no elements to choose from`);
  }
  const { values } = unrecorded(() => {
    const flat = planOf(name, reshape(plan.x, [-1]), 0, undefined);
    return pick("kthvalue", structural[`${name}Dim`], flat, medianRank(flat, ignoreNan));
  });
  return recordReduced(structural[name], plan, values);
}

/**
 * The median of all elements, or the medians along a dim and where they are; of an even number the lower one. nan where
 * any element is.
 *
 * @example
 * median([4, 1, 3, 2]).item() // 2
 * @example
 * median([[4, 1, 3], [5, 9, 7]], 1).values.toArray() // [3, 7]
 */
export function median(x: TensorLike): Tensor;
export function median(x: TensorLike, dim: number, options?: ChoiceOptions): ValuesIndices;
export function median(
  x: TensorLike,
  dim?: number,
  options?: ChoiceOptions,
): Tensor | ValuesIndices {
  return medianOf("median", x, dim, options);
}

/** As median, of the elements that are not nan. @example nanmedian([3, NaN, 1]).item() // 1 */
export function nanmedian(x: TensorLike): Tensor;
export function nanmedian(x: TensorLike, dim: number, options?: ChoiceOptions): ValuesIndices;
export function nanmedian(
  x: TensorLike,
  dim?: number,
  options?: ChoiceOptions,
): Tensor | ValuesIndices {
  return medianOf("nanmedian", x, dim, options);
}

/** A dim that may be left out, and the options after it. */
function lastUnless(
  dim: number | ChoiceOptions | undefined,
  options: ChoiceOptions | undefined,
): [number, ChoiceOptions | undefined] {
  return isOptions(dim) ? [-1, dim] : [(dim as number | undefined) ?? -1, options];
}

/**
 * The k-th smallest elements along a dim, the last unless told, and where they are; k counts from 1, and nan is greater
 * than every number. The index is the one that a stable sort gives.
 *
 * @example
 * kthvalue([30, 10, 20], 2).values.item() // 20
 */
export function kthvalue(
  x: TensorLike,
  k: number,
  dim?: number | ChoiceOptions,
  options?: ChoiceOptions,
): ValuesIndices {
  const plan = along("kthvalue", x, ...lastUnless(dim, options), numeric);
  const n = lengthOf(plan);
  if (!Number.isInteger(k) || k < 1 || k > n) {
    throw new IndexError(`kthvalue: k is ${k}, not within 1 to ${n}`);
  }
  return pick("kthvalue", structural.kthvalue, plan, whole(k - 1));
}

/**
 * The most frequent elements along a dim, the last unless told, and the index of the last of each; of equally frequent
 * ones the least.
 *
 * @example
 * mode([1, 3, 2, 3]).indices.item() // 3
 */
export function mode(
  x: TensorLike,
  dim?: number | ChoiceOptions,
  options?: ChoiceOptions,
): ValuesIndices {
  const plan = along("mode", x, ...lastUnless(dim, options), () => true);
  return pick("mode", structural.mode, plan, null);
}

/** How a quantile between two elements is found. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of quantile and nanquantile. */
export interface QuantileOptions extends ReduceOptions {
  /** "linear" unless told. */
  interpolation?: Interpolation;
}

const interpolations: readonly string[] = ["linear", "lower", "higher", "midpoint", "nearest"];

function quantileOf(
  name: "quantile" | "nanquantile",
  given: TensorLike,
  q: TensorLike,
  dim: number | null | undefined | QuantileOptions,
  options: QuantileOptions | undefined,
): Tensor {
  if (isOptions(dim) && options !== undefined) throw new ArgumentError(`${name}: options twice`);
  const opts = isOptions(dim) ? dim : options;
  checkOptions(opts, ["keepdim", "interpolation", "out"], name);
  const { keepdim = false, interpolation = "linear" } = (opts ?? {}) as QuantileOptions;
  if (!interpolations.includes(interpolation)) {
    throw new ArgumentError(
      `${name}: interpolation is one of ${interpolations.join(", ")}, not ${String(interpolation)}`,
    );
  }
  const x = asTensor(given, name);
  if (!isFloat(x.dtype)) {
    throw new DTypeError(`${name}: expected a floating-point dtype, got ${x.dtype}`);
  }
  const chosenDim = isOptions(dim) ? undefined : (dim ?? undefined);
  if (chosenDim !== undefined && typeof chosenDim !== "number") {
    throw new ArgumentError(`${name}: the dim is a number`);
  }
  if (x.layout.numel === 0) throw new IndexError(`${name}: no elements to choose from`);
  const levels = levelsOf(name, q, x.dtype);
  const named = chosenDim === undefined ? null : planOf(name, x, chosenDim, undefined);
  const d = named?.dims[0] ?? 0;
  const rows = named === null || x.ndim === 0 ? reshape(x, [-1]) : x;
  const found = interpolate(rows, d, levels, name === "nanquantile", interpolation);
  // The quantiles stand where the dim was; several come first in the result.
  const several = levels.ndim === 1;
  if (named === null || x.ndim === 0) {
    const ones = keepdim ? x.layout.shape.map(() => 1) : [];
    return reshape(found, several ? [levels.layout.numel, ...ones] : ones);
  }
  if (!several) return keepdim ? found : squeeze(found, d);
  const first = movedim(found, d, 0);
  return keepdim ? unsqueeze(first, d + 1) : first;
}

const optionsIn = (
  dim: number | null | undefined | QuantileOptions,
  options: QuantileOptions | undefined,
): QuantileOptions | undefined => (isOptions(dim) ? dim : options);

/** The q of a quantile, in the dtype of x. */
function levelsOf(name: string, q: TensorLike, dtype: DType): Tensor {
  if (q instanceof Tensor && q.dtype !== dtype) {
    throw new DTypeError(`${name}: q is ${q.dtype}, and x ${dtype}`);
  }
  const levels = q instanceof Tensor ? contiguous(q) : fromData(q, dtype, name);
  if (levels.ndim > 1) throw new ArgumentError(`${name}: q has at most one dim`);
  for (const value of levels.toTypedArray()) {
    if (!(value >= 0 && value <= 1)) {
      throw new ArgumentError(`${name}: q is ${value}, not within 0 to 1`);
    }
  }
  return levels;
}

/** The quantiles along dim d of x, in its place. */
function interpolate(
  x: Tensor,
  d: number,
  q: Tensor,
  ignoreNan: boolean,
  interpolation: Interpolation,
): Tensor {
  const levels = reshape(
    q,
    x.layout.shape.map((_, i) => (i === d ? q.layout.numel : 1)),
  );
  const n = x.layout.shape[d];
  const plan = planOf("quantile", x, d, undefined);
  const count = unrecorded(() => numbersIn(plan));
  // Beside a nan the highest rank, which is nan.
  const ranks = ignoreNan
    ? mul(levels, clamp(sub(count, 1), { min: 0 }))
    : where(lt(count, n), n - 1, mul(levels, n - 1));
  const op = code("kthvalue", x.dtype);
  // In float32 the highest rank of a long row may be rounded up.
  const at = (rank: Tensor): Tensor => {
    const ranked = clamp(to(rank, "int64"), { max: n - 1 });
    const { indices } = selected(op, x, d, q.layout.numel, ranked);
    return gather(x, d, indices);
  };
  if (interpolation === "lower") return at(floor(ranks));
  if (interpolation === "higher") return at(ceil(ranks));
  if (interpolation === "nearest") return at(round(ranks));
  const [low, high] = [floor(ranks), ceil(ranks)];
  const [below, above] = [at(low), at(high)];
  const weight = interpolation === "midpoint" ? 0.5 : sub(ranks, low);
  const step = sub(above, below);
  // From the nearer end, as PyTorch's lerp; and an element itself is taken as it is, infinite or not.
  const between = where(
    lt(weight, 0.5),
    add(below, mul(step, weight)),
    sub(above, mul(step, sub(1, weight))),
  );
  return where(eq(low, high), below, between);
}

/**
 * The quantiles of all elements, or along a dim; q is a number, or several, which then come first in the result. nan
 * where any element is.
 *
 * @example
 * quantile([1, 2, 3, 4], 0.5).item() // 2.5
 * @example
 * quantile([[1, 2], [3, 6]], [0, 0.5], 0).toArray() // [[1, 2], [2, 4]]
 */
export const quantile = (
  x: TensorLike,
  q: TensorLike,
  dim?: number | null | QuantileOptions,
  options?: QuantileOptions,
): Tensor => into(quantileOf("quantile", x, q, dim, options), optionsIn(dim, options), "quantile");

/** As quantile, of the elements that are not nan. @example nanquantile([1, NaN, 3], 0.5).item() // 2 */
export const nanquantile = (
  x: TensorLike,
  q: TensorLike,
  dim?: number | null | QuantileOptions,
  options?: QuantileOptions,
): Tensor =>
  into(quantileOf("nanquantile", x, q, dim, options), optionsIn(dim, options), "nanquantile");
