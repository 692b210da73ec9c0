/** Functions that fold dims away. */
import { finish, recordStructural } from "../autograd/tape.js";
import type { DType } from "../core/dtype.js";
import { dtypeInfo, isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError } from "../core/errors.js";
import { checkOptions, isOptions } from "../core/options.js";
import { contiguousLayout, wrapDim } from "../core/shape.js";
import type { Reduced, StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { dense, filled, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import type { Tensor } from "../tensor/tensor.js";
import { to } from "./convert.js";
import type { OutOptions } from "./dispatch.js";
import { into } from "./dispatch.js";
import {
  abs,
  add,
  div,
  isfinite,
  isnan,
  log,
  logicalNot,
  maximum,
  minimum,
  ne,
  neg,
  pow,
  sqrt,
  square,
  where,
} from "./elementwise.js";
import { unrecorded } from "./internal.js";
import type {
  ChoiceOptions,
  Dims,
  PairOptions,
  Plan,
  ReduceOptions,
  SumOptions,
  ValuesIndices,
} from "./plan.js";
import {
  chosen,
  code,
  deliver,
  floating,
  floatOf,
  planOf,
  recordReduced,
  refuseEmpty,
  run,
  wide,
  writePair,
} from "./plan.js";
import { logShares, powersBelowTop, shares, squaresAroundMean } from "./walks.js";

/** A reduction in a dtype, under the row for all elements or the one for named dims. */
function fold(
  op: string,
  whole: StructuralRow<Reduced>,
  along: StructuralRow<Reduced>,
  plan: Plan,
  dtype: DType,
): Tensor {
  // The cast of floats is recorded, so that the gradient finds back; integers have none, and are cast in the pass.
  const recorded = dtype !== plan.x.dtype && isFloat(plan.x.dtype);
  const cast = recorded ? { ...plan, x: to(plan.x, dtype) } : plan;
  return recordReduced(plan.named ? along : whole, cast, run(op, dtype, dtype, cast));
}

/**
 * The sum over dims, or of all elements. Integers and bools are added up in int64. Floating-point sums are pairwise, with
 * an error that grows with the logarithm of the count.
 *
 * @example
 * sum([[1, 2], [3, 4]], 0).toArray() // [4, 6]
 * @example
 * sum([[1, 2], [3, 4]], 1, { keepdim: true }).toArray() // [[3], [7]]
 */
export function sum(x: TensorLike, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  const plan = planOf("sum", x, dim, options);
  return fold("sum", structural.sum, structural.sumDim, plan, plan.dtype ?? wide(plan.x.dtype));
}

/**
 * The mean over dims, or of all elements.
 *
 * @throws DTypeError for integers and bools, unless a floating-point dtype is named.
 * @example
 * mean([[1, 2], [3, 4]], 1).toArray() // [1.5, 3.5]
 */
export function mean(x: TensorLike, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  const plan = planOf("mean", x, dim, options);
  const dtype = plan.dtype ?? plan.x.dtype;
  if (!isFloat(dtype)) {
    throw new DTypeError(
      `mean: the mean of ${dtype} is no ${dtype}; pass { dtype: "float32" } or cast first`,
    );
  }
  return fold("mean", structural.mean, structural.meanDim, plan, dtype);
}

/** The sum over dims, or of all elements, without those that are nan. @example nansum([1, NaN, 3]).item() // 4 */
export function nansum(x: TensorLike, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  const given = planOf("nansum", x, dim, options);
  const dtype = given.dtype ?? wide(given.x.dtype);
  if (!isFloat(given.x.dtype)) return fold("sum", structural.sum, structural.sumDim, given, dtype);
  const plan = { ...given, x: to(given.x, dtype) };
  const out = unrecorded(() => {
    const numbers = where(isnan(plan.x), 0, plan.x);
    return run("sum", dtype, dtype, { ...plan, x: numbers });
  });
  return recordReduced(structural.nansum, plan, out);
}

/** The mean over dims, or of all elements, without those that are nan. @example nanmean([1, NaN, 3]).item() // 2 */
export function nanmean(x: TensorLike, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  const plan = planOf("nanmean", x, dim, options);
  const { x: tensor, keepdim } = plan;
  if (!isFloat(tensor.dtype)) {
    throw new DTypeError(`nanmean: expected a floating-point dtype, got ${tensor.dtype}`);
  }
  const over = isOptions(dim) ? undefined : (dim as Dims);
  const total = nansum(tensor, over, { keepdim, dtype: plan.dtype ?? tensor.dtype });
  return deliver(plan, div(total, sum(logicalNot(isnan(tensor)), over, { keepdim })));
}

/** How many elements are not zero (int64), over dims or of all. @example countNonzero([[1, 0], [2, 3]], 1).toArray() // [1, 2] */
export function countNonzero(
  x: TensorLike,
  dim?: Dims | OutOptions,
  options?: OutOptions,
): Tensor<"int64"> {
  const plan = planOf("countNonzero", x, dim, options, ["out"]);
  const count = unrecorded(() => sum(ne(plan.x, 0), plan.dims));
  return deliver(plan, count as Tensor<"int64">);
}

interface Correction {
  /** What is taken from the count that the squares are divided by: 1 unless told, which makes the variance unbiased. */
  correction?: number;
}
/** Options of var and std. */
export interface VarOptions extends ReduceOptions, Correction {}
/** Options of varMean and stdMean. */
export interface VarMeanOptions extends PairOptions, Correction {}

interface VarPlan extends Plan {
  readonly correction: number;
}

function varPlan(
  name: string,
  x: TensorLike,
  dim: Dims | VarOptions | VarMeanOptions,
  options: VarOptions | VarMeanOptions | undefined,
): VarPlan {
  const plan = planOf(name, x, dim as Dims, options, ["correction", "keepdim", "out"]);
  if (!isFloat(plan.x.dtype)) {
    throw new DTypeError(`${name}: expected a floating-point dtype, got ${plan.x.dtype}`);
  }
  const given = (isOptions(dim) ? (dim as Correction) : options)?.correction ?? 1;
  if (!Number.isInteger(given)) {
    throw new ArgumentError(`${name}: the correction is a whole number, not ${String(given)}`);
  }
  return { ...plan, correction: given };
}

const countOf = ({ x, dims }: Plan): number =>
  dims.reduce((count, d) => count * x.layout.shape[d], 1);

/** The mean squared distance from the mean, and the mean. */
function variance(plan: VarPlan): [variance: Tensor, mean: Tensor] {
  const { x, dims, shape, correction } = plan;
  const [total, middle] = squaresAroundMean(x, dims, shape);
  const count = countOf(plan);
  return [div(total, count === 0 ? Number.NaN : Math.max(0, count - correction)), middle];
}

/** The square root of the variance, and the mean. */
function deviation(plan: VarPlan): [std: Tensor, mean: Tensor] {
  const [squared, middle] = variance(plan);
  return [sqrt(squared), middle];
}

const spreads = { var: variance, std: deviation };

const recordSpread = (
  name: keyof typeof spreads,
  { x, dims, keepdim, correction }: VarPlan,
  result: Tensor,
): Tensor => finish(recordStructural(structural[name], [x], { dims, keepdim, correction }), result);

function spread(
  name: keyof typeof spreads,
  x: TensorLike,
  dim: Dims | VarOptions,
  options: VarOptions | undefined,
): Tensor {
  const plan = varPlan(name, x, dim, options);
  const [result] = unrecorded(() => spreads[name](plan));
  return plan.out === undefined ? recordSpread(name, plan, result) : deliver(plan, result);
}

function spreadAndMean(
  name: keyof typeof spreads,
  x: TensorLike,
  dim: Dims | VarMeanOptions,
  options: VarMeanOptions | undefined,
): [Tensor, Tensor] {
  const plan = varPlan(`${name}Mean`, x, dim, options);
  const [result, middle] = unrecorded(() => spreads[name](plan));
  if (plan.out !== undefined) {
    const [first, second] = writePair([result, middle], plan.out, plan.where, plan.x);
    return [first, second];
  }
  const row = plan.named ? structural.meanDim : structural.mean;
  return [recordSpread(name, plan, result), recordReduced(row, plan, middle)];
}

/** The variance over dims, or of all elements. @example tensor([1, 2, 3, 4]).var() // tensor(1.6667) */
const var_ = (x: TensorLike, dim?: Dims | VarOptions, options?: VarOptions): Tensor =>
  spread("var", x, dim, options);

export { var_ as var };
/** The standard deviation over dims, or of all elements. @example std([1, 2, 3, 4]) // tensor(1.2910) */
export const std = (x: TensorLike, dim?: Dims | VarOptions, options?: VarOptions): Tensor =>
  spread("std", x, dim, options);
/** The variance and the mean. @example varMean([1, 2, 3])[1].item() // 2 */
export const varMean = (
  x: TensorLike,
  dim?: Dims | VarMeanOptions,
  options?: VarMeanOptions,
): [variance: Tensor, mean: Tensor] => spreadAndMean("var", x, dim, options);
/** The standard deviation and the mean. @example stdMean([1, 2, 3])[0].item() // 1 */
export const stdMean = (
  x: TensorLike,
  dim?: Dims | VarMeanOptions,
  options?: VarMeanOptions,
): [std: Tensor, mean: Tensor] => spreadAndMean("std", x, dim, options);

/**
 * The p-norm (Σ |x|ᵖ)^(1/p) over dims, or of all elements as one vector: with Infinity the largest magnitude, with
 * -Infinity the least, with 0 how many elements are not zero. "fro" is 2, over at most two dims.
 *
 * @example
 * norm([3, 4]).item() // 5
 * @example
 * norm([[3, -4], [1, 1]], Infinity, 1).toArray() // [4, 1]
 */
export function norm(
  x: TensorLike,
  p: number | "fro" = "fro",
  dim?: Dims | SumOptions,
  options?: SumOptions,
): Tensor {
  const given = planOf("norm", x, dim, options);
  if (typeof p === "number" ? Number.isNaN(p) : p !== "fro") {
    throw new ArgumentError(`norm: p is a number or "fro", not ${String(p)}`);
  }
  const plan = { ...given, x: floating(given.x, given.dtype, "norm") };
  if (p === "fro" && plan.named && plan.dims.length > 2) {
    throw new ArgumentError(`norm: "fro" takes at most two dims, not ${plan.dims.length}`);
  }
  const power = p === "fro" ? 2 : p;
  const out = unrecorded(() => normOf(plan, power));
  const { dims, keepdim } = plan;
  if (plan.out !== undefined) return deliver(plan, out);
  return finish(recordStructural(structural.norm, [plan.x], { dims, keepdim, p: power }), out);
}

function normOf({ x, dims, keepdim, shape }: Plan, p: number): Tensor {
  if (dims.some((d) => x.layout.shape[d] === 0)) return filled(x.dtype, shape, 0);
  const total = (y: Tensor): Tensor => sum(y, dims, { keepdim, dtype: x.dtype });
  switch (p) {
    case 0:
      return total(ne(x, 0));
    case 1:
      return total(abs(x));
    case 2:
      return sqrt(total(square(x)));
    case Infinity:
      return amax(abs(x), dims, { keepdim });
    case -Infinity:
      return amin(abs(x), dims, { keepdim });
    default:
      return pow(total(pow(abs(x), p)), 1 / p);
  }
}

/** The product over dims, or of all elements; integers in int64. @example prod([[1, 2], [3, 4]], 1).toArray() // [2, 12] */
export function prod(x: TensorLike, dim?: Dims | SumOptions, options?: SumOptions): Tensor {
  const plan = planOf("prod", x, dim, options);
  return fold("prod", structural.prod, structural.prodDim, plan, plan.dtype ?? wide(plan.x.dtype));
}

function extreme(
  op: "amax" | "amin",
  row: StructuralRow<Reduced>,
  plan: Plan,
  where: string,
): Tensor {
  refuseEmpty(where, plan);
  return recordReduced(row, plan, run(op, plan.x.dtype, plan.x.dtype, plan));
}

/** The largest element over dims; equal ones share the gradient. @example amax([[1, 4], [3, 2]], 1).toArray() // [4, 3] */
export const amax = (x: TensorLike, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor =>
  extreme("amax", structural.amax, planOf("amax", x, dim, options), "amax");
/** The smallest element over dims; equal ones share the gradient. @example amin([[1, 4], [3, 2]], 1).toArray() // [1, 2] */
export const amin = (x: TensorLike, dim?: Dims | ReduceOptions, options?: ReduceOptions): Tensor =>
  extreme("amin", structural.amin, planOf("amin", x, dim, options), "amin");

/** Options of aminmax. */
export interface AminmaxOptions {
  /** Whether the dim stays, with size one. */
  keepdim?: boolean;
  /** The dim to look along; all unless told. */
  dim?: number | null;
  /** What the smallest and the largest are written to, and what is then returned. */
  out?: readonly [min: Tensor, max: Tensor];
}

/** The smallest and the largest element. @example aminmax([3, 1, 2]).max.item() // 3 */
export function aminmax(x: TensorLike, options?: AminmaxOptions): { min: Tensor; max: Tensor } {
  checkOptions(options, ["dim", "keepdim", "out"], "aminmax");
  const { dim, keepdim = false, out } = options ?? {};
  if (dim !== undefined && dim !== null && typeof dim !== "number") {
    throw new ArgumentError("aminmax: the dim is a number");
  }
  const plan = planOf("aminmax", x, dim, { keepdim });
  refuseEmpty("aminmax", plan);
  const layout = contiguousLayout(plan.shape);
  const min = fresh(plan.x.type, layout);
  const max = fresh(plan.x.type, layout);
  const ops = [code("amin", plan.x.dtype), code("amax", plan.x.dtype)];
  execute.reduce(ops, plan.x.type, [min, max], plan.x, plan.dims);
  if (out !== undefined) {
    const [least, greatest] = writePair([min, max], out, "aminmax", plan.x);
    return { min: least, max: greatest };
  }
  return {
    min: recordReduced(structural.amin, plan, min),
    max: recordReduced(structural.amax, plan, max),
  };
}

function extremeAlong(
  which: "max" | "min",
  given: TensorLike,
  dim: number,
  options?: ChoiceOptions,
): ValuesIndices {
  const plan = planOf(which, given, [dim], options);
  refuseEmpty(which, plan);
  const { x, dims } = plan;
  const layout = contiguousLayout(plan.shape);
  const values = fresh(x.type, layout);
  const indices = fresh<"int64">(dtypeInfo.int64, layout);
  execute.reduce(
    [code(`a${which}`, x.dtype), code(`arg${which}`, x.dtype)],
    x.type,
    [values, indices],
    x,
    dims,
  );
  return chosen(which === "max" ? structural.maxDim : structural.minDim, plan, values, indices);
}

function maxOrMin(
  which: "max" | "min",
  x: TensorLike,
  dimOrOther: number | TensorLike | undefined,
  options?: ChoiceOptions | OutOptions,
): Tensor | ValuesIndices {
  if (dimOrOther === undefined && options === undefined) {
    return extreme(`a${which}`, structural[which], planOf(which, x, undefined, undefined), which);
  }
  if (typeof dimOrOther === "number") {
    return extremeAlong(which, x, dimOrOther, options as ChoiceOptions);
  }
  if (dimOrOther === undefined || isOptions(dimOrOther)) {
    throw new ArgumentError(`${which}: options go with a dim or another tensor; see a${which}`);
  }
  return (which === "max" ? maximum : minimum)(x, dimOrOther, options as OutOptions);
}

/**
 * Without a dim the largest element; with a dim the largest along it and the index of the first such; with a tensor,
 * maximum.
 *
 * @example
 * max([[1, 4], [3, 2]]).item() // 4
 * @example
 * max([[1, 4], [3, 2]], 1).indices.toArray() // [1, 0]
 */
export function max(x: TensorLike): Tensor;
export function max(x: TensorLike, dim: number, options?: ChoiceOptions): ValuesIndices;
export function max(
  x: TensorLike,
  other: Exclude<TensorLike, number>,
  options?: OutOptions,
): Tensor;
export function max(
  x: TensorLike,
  y?: number | TensorLike,
  options?: ChoiceOptions | OutOptions,
): Tensor | ValuesIndices {
  return maxOrMin("max", x, y, options);
}

/** As max, for the smallest. @example min([[1, 4], [3, 2]], 0).values.toArray() // [1, 2] */
export function min(x: TensorLike): Tensor;
export function min(x: TensorLike, dim: number, options?: ChoiceOptions): ValuesIndices;
export function min(
  x: TensorLike,
  other: Exclude<TensorLike, number>,
  options?: OutOptions,
): Tensor;
export function min(
  x: TensorLike,
  y?: number | TensorLike,
  options?: ChoiceOptions | OutOptions,
): Tensor | ValuesIndices {
  return maxOrMin("min", x, y, options);
}

// Positions among all elements are those of the row-major order, which is the order that dims are reduced in.
function argExtreme(
  op: "argmax" | "argmin",
  x: TensorLike,
  dim: number | null | undefined | ReduceOptions,
  options?: ReduceOptions,
): Tensor<"int64"> {
  const plan = planOf(op, x, dim, options);
  refuseEmpty(op, plan);
  return deliver(plan, run(op, plan.x.dtype, "int64", plan) as Tensor<"int64">);
}

/** The index (int64) of the first largest element: of all of them laid out in a row, or along a dim. @example argmax([4, 12, 42, 5]).item() // 2 */
export const argmax = (
  x: TensorLike,
  dim?: number | null | ReduceOptions,
  options?: ReduceOptions,
): Tensor<"int64"> => argExtreme("argmax", x, dim, options);
/** The index (int64) of the first smallest element. @example argmin([4, 12, 42, 5]).item() // 0 */
export const argmin = (
  x: TensorLike,
  dim?: number | null | ReduceOptions,
  options?: ReduceOptions,
): Tensor<"int64"> => argExtreme("argmin", x, dim, options);

function truth(
  op: "any" | "all",
  x: TensorLike,
  dim: Dims | ReduceOptions,
  options?: ReduceOptions,
): Tensor {
  const plan = planOf(op, x, dim, options);
  const out = run(op, "bool", "bool", plan);
  return deliver(plan, plan.x.dtype === "uint8" ? to(out, "uint8") : out); // as PyTorch: uint8 was its bool once
}

/** Whether any element is not zero. @example any([[0, 0], [0, 2]], 1).toArray() // [false, true] */
export const any = (
  x: TensorLike,
  dim?: Dims | ReduceOptions,
  options?: ReduceOptions,
): Tensor<"bool"> => truth("any", x, dim, options) as Tensor<"bool">;
/** Whether all elements are not zero. @example all([[1, 0], [1, 2]], 1).toArray() // [false, true] */
export const all = (
  x: TensorLike,
  dim?: Dims | ReduceOptions,
  options?: ReduceOptions,
): Tensor<"bool"> => truth("all", x, dim, options) as Tensor<"bool">;

/** log Σ eˣ over dims, without overflow. @example logsumexp([1000, 1000], 0) // tensor(1000.6932) */
export function logsumexp(x: TensorLike, dim: Dims, options?: ReduceOptions): Tensor {
  if (dim === undefined || dim === null) throw new ArgumentError("logsumexp: dim is missing");
  const plan = planOf("logsumexp", floatOf(x, "logsumexp"), dim, options);
  const out = unrecorded(() => {
    const { x: tensor, dims } = plan;
    if (dims.length === 0) return dense(tensor, tensor.type);
    if (dims.some((d) => tensor.layout.shape[d] === 0))
      return log(sum(tensor, dims, { keepdim: plan.keepdim }));
    const [total, top] = powersBelowTop(tensor, dims, plan.shape);
    return where(isfinite(top), add(log(total), top), top);
  });
  return recordReduced(structural.logsumexp, plan, out);
}

/** Options of softmax and its like. */
export interface SoftmaxOptions extends OutOptions {
  /** The dtype to compute in, and of the result. */
  dtype?: DType;
}

/** eˣ / Σ eˣ along a dim. @example softmax([0, Math.log(3)], 0) // tensor([0.2500, 0.7500]) */
export function softmax(x: TensorLike, dim: number, options?: SoftmaxOptions): Tensor {
  checkOptions(options, ["dtype", "out"], "softmax");
  const tensor = floating(x, options?.dtype, "softmax");
  const d = wrapDim(dim, tensor.ndim, "softmax");
  const out = finish(recordStructural(structural.softmax, [tensor], { dim: d }), shares(tensor, d));
  return into(out, options, "softmax");
}

/** log(softmax(x)), exact for large differences. @example logSoftmax([0, 0], 0) // tensor([-0.6931, -0.6931]) */
export function logSoftmax(x: TensorLike, dim: number, options?: SoftmaxOptions): Tensor {
  checkOptions(options, ["dtype", "out"], "logSoftmax");
  const tensor = floating(x, options?.dtype, "logSoftmax");
  const d = wrapDim(dim, tensor.ndim, "logSoftmax");
  const out = finish(
    recordStructural(structural.logSoftmax, [tensor], { dim: d }),
    logShares(tensor, d),
  );
  return into(out, options, "logSoftmax");
}

/** softmax(−x). @example softmin([0, Math.log(3)], 0) // tensor([0.7500, 0.2500]) */
export const softmin = (x: TensorLike, dim: number, options?: SoftmaxOptions): Tensor =>
  softmax(neg(x), dim, options);
