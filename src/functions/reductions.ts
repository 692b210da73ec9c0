/** Functions that fold dims away, and running sums. */
import { finish, recordStructural } from "../autograd/tape.js";
import type { DType } from "../core/dtype.js";
import { checkDType, dtypeInfo, isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError, IndexError } from "../core/errors.js";
import { checkOptions, isOptions } from "../core/options.js";
import type { Shape } from "../core/shape.js";
import { contiguousLayout, showShape, wrapDim, wrapDims } from "../core/shape.js";
import type { NativeOp } from "../native/door.js";
import { nativeOp, typesOf } from "../native/door.js";
import type { Reduced, StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import { clone, to } from "./convert.js";
import { add, div, exp, isfinite, log, maximum, minimum, sub, where } from "./elementwise.js";
import { unrecorded } from "./internal.js";
import { reshape, squeeze } from "./views.js";

/** One dim, several, or (undefined) all. */
export type Dims = number | readonly number[] | undefined | null;

/** Options of reductions. */
export interface ReduceOptions {
  /** Whether reduced dims stay, with size one. */
  keepdim?: boolean;
}

/** Options of reductions that add up or multiply. */
export interface SumOptions extends ReduceOptions {
  /** The dtype to add up in, and of the result. */
  dtype?: DType;
}

const natives = new Map<string, NativeOp>();
function native(name: string): NativeOp {
  let found = natives.get(name);
  if (found === undefined) {
    found = nativeOp(name);
    natives.set(name, found);
  }
  return found;
}

/** The code of a native op, which must compute in a dtype. */
function code(name: string, dtype: DType): number {
  const op = native(name);
  if ((op.types >> dtypeInfo[dtype].code) & 1) return op.code;
  throw new DTypeError(`${name}: no ${dtype}; it takes ${typesOf(op).join(", ")}`);
}

interface Plan {
  readonly x: Tensor;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly shape: Shape;
  /** Whether the caller named dims. */
  readonly named: boolean;
}

const noShape: Shape = [];
const every: number[][] = [];
const everyDim = (ndim: number): readonly number[] => {
  every[ndim] ??= Array.from({ length: ndim }, (_, d) => d);
  return every[ndim];
};

/** The arguments (dim?, options?) of a reduction; the options may stand first. */
function planOf(
  where: string,
  given: TensorLike,
  dim: Dims | SumOptions,
  options: SumOptions | undefined,
): Plan & { dtype?: DType } {
  const x = asTensor(given, where);
  const { shape } = x.layout;
  if (dim === undefined && options === undefined) {
    return { x, dims: everyDim(shape.length), keepdim: false, shape: noShape, named: false };
  }
  const first = isOptions(dim);
  if (first && options !== undefined) throw new ArgumentError(`${where}: options twice`);
  const named = first ? dim : options;
  checkOptions(named, ["keepdim", "dtype"], where);
  const opts = (named ?? {}) as SumOptions;
  const wanted = first ? undefined : (dim as Dims);
  const all =
    wanted === undefined || wanted === null || (typeof wanted !== "number" && wanted.length === 0);
  const ndim = shape.length;
  const dims = all
    ? everyDim(ndim)
    : typeof wanted === "number"
      ? [wrapDim(wanted, ndim, where)]
      : wrapDims(wanted, ndim, where);
  if (ndim === 0)
    return { x, dims: [], keepdim: false, shape: noShape, named: !all, ...dtypeOf(opts, where) };
  const keepdim = opts.keepdim ?? false;
  const out: number[] = [];
  for (let d = 0; d < ndim; d++) {
    if (!dims.includes(d)) out.push(shape[d]);
    else if (keepdim) out.push(1);
  }
  return { x, dims, keepdim, shape: out, named: !all, ...dtypeOf(opts, where) };
}

const dtypeOf = ({ dtype }: SumOptions, where: string): { dtype?: DType } =>
  dtype === undefined ? {} : { dtype: checkDType(dtype, where) };

function run(op: string, compute: DType, gives: DType, { x, dims, shape }: Plan): Tensor {
  const out = fresh(dtypeInfo[gives], contiguousLayout(shape));
  execute.reduce([code(op, compute)], dtypeInfo[compute], [out], x, dims);
  return out;
}

const recordReduced = (
  row: StructuralRow<Reduced>,
  { x, dims, keepdim }: Plan,
  out: Tensor,
): Tensor => finish(recordStructural(row, [x], { dims, keepdim }), out);

function refuseEmpty(where: string, { x, dims, shape }: Plan): void {
  if (shape.some((size) => size === 0)) return;
  if (dims.some((d) => x.layout.shape[d] === 0) || (dims.length === 0 && x.layout.numel === 0)) {
    throw new IndexError(
      `${where}: no elements to choose from in a tensor of shape ${showShape(x.layout.shape)}`,
    );
  }
}

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

const wide = (dtype: DType): DType => (isFloat(dtype) ? dtype : "int64");

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

/** Extremes along a dim, and where they are. */
export interface ValuesIndices {
  readonly values: Tensor;
  readonly indices: Tensor<"int64">;
}

function extremeAlong(
  which: "max" | "min",
  given: TensorLike,
  dim: number,
  options?: ReduceOptions,
): ValuesIndices {
  const plan = planOf(which, given, [dim], options);
  refuseEmpty(which, plan);
  const { x, dims, keepdim } = plan;
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
  const row = which === "max" ? structural.maxDim : structural.minDim;
  const kept =
    keepdim || dims.length === 0
      ? indices
      : reshape(
          indices,
          x.layout.shape.map((s, d) => (d === dims[0] ? 1 : s)),
        );
  finish(recordStructural(row, [x, kept], { dims, keepdim }), values);
  return { values, indices };
}

function maxOrMin(
  which: "max" | "min",
  x: TensorLike,
  dimOrOther: number | TensorLike | undefined,
  options?: ReduceOptions,
): Tensor | ValuesIndices {
  if (dimOrOther === undefined) {
    return extreme(`a${which}`, structural[which], planOf(which, x, undefined, undefined), which);
  }
  if (typeof dimOrOther === "number") return extremeAlong(which, x, dimOrOther, options);
  if (isOptions(dimOrOther)) throw new ArgumentError(`${which}: keepdim goes with a dim`);
  return which === "max" ? maximum(x, dimOrOther) : minimum(x, dimOrOther);
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
export function max(x: TensorLike, dim: number, options?: ReduceOptions): ValuesIndices;
export function max(x: TensorLike, other: Exclude<TensorLike, number>): Tensor;
export function max(
  x: TensorLike,
  y?: number | TensorLike,
  options?: ReduceOptions,
): Tensor | ValuesIndices {
  return maxOrMin("max", x, y, options);
}

/** As max, for the smallest. @example min([[1, 4], [3, 2]], 0).values.toArray() // [1, 2] */
export function min(x: TensorLike): Tensor;
export function min(x: TensorLike, dim: number, options?: ReduceOptions): ValuesIndices;
export function min(x: TensorLike, other: Exclude<TensorLike, number>): Tensor;
export function min(
  x: TensorLike,
  y?: number | TensorLike,
  options?: ReduceOptions,
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
  return run(op, plan.x.dtype, "int64", plan) as Tensor<"int64">;
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
  return plan.x.dtype === "uint8" ? to(out, "uint8") : out; // as PyTorch: uint8 was its bool once
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

/** Running sums along a dim; integers in int64. @example cumsum([1, 2, 3], 0).toArray() // [1, 3, 6] */
export function cumsum(x: TensorLike, dim: number, { dtype }: { dtype?: DType } = {}): Tensor {
  const given = asTensor(x, "cumsum");
  const d = wrapDim(dim, given.ndim, "cumsum");
  const type = dtype === undefined ? wide(given.dtype) : checkDType(dtype, "cumsum");
  const tensor = to(given, type);
  if (tensor.ndim === 0) return clone(tensor);
  const out = fresh(dtypeInfo[type], contiguousLayout(tensor.layout.shape));
  execute.scan(code("cumsum", type), out, tensor, d);
  return finish(recordStructural(structural.cumsum, [tensor], { dim: d }), out);
}

/** The tensor, or its integers and bools in the default dtype. */
function floatOf(x: TensorLike, where: string): Tensor {
  const tensor = asTensor(x, where);
  return isFloat(tensor.dtype) ? tensor : to(tensor, "float32");
}

function floating(x: TensorLike, dtype: DType | undefined, where: string): Tensor {
  const tensor = asTensor(x, where);
  const cast = dtype === undefined ? tensor : to(tensor, checkDType(dtype, where));
  if (isFloat(cast.dtype)) return cast;
  throw new DTypeError(`${where}: expected a floating-point dtype, got ${cast.dtype}`);
}

/** log Σ eˣ over dims, without overflow. @example logsumexp([1000, 1000], 0) // tensor(1000.6932) */
export function logsumexp(x: TensorLike, dim: Dims, options?: ReduceOptions): Tensor {
  if (dim === undefined || dim === null) throw new ArgumentError("logsumexp: dim is missing");
  const plan = planOf("logsumexp", floatOf(x, "logsumexp"), dim, options);
  const out = unrecorded(() => {
    const { x: tensor, dims } = plan;
    if (dims.length === 0) return dense(tensor, tensor.type);
    if (dims.some((d) => tensor.layout.shape[d] === 0))
      return log(sum(tensor, dims, { keepdim: plan.keepdim }));
    const top = amax(tensor, dims, { keepdim: true });
    const shift = where(isfinite(top), top, 0);
    const total = add(log(sum(exp(sub(tensor, shift)), dims, { keepdim: true })), shift);
    return plan.keepdim ? total : squeeze(total, dims);
  });
  const result =
    out.base === null ? out : new Tensor(out.type, out.storage, out.layout, out.offset);
  return recordReduced(structural.logsumexp, plan, result);
}

/** eˣ / Σ eˣ along a dim. @example softmax([0, Math.log(3)], 0) // tensor([0.2500, 0.7500]) */
export function softmax(x: TensorLike, dim: number, { dtype }: { dtype?: DType } = {}): Tensor {
  const tensor = floating(x, dtype, "softmax");
  const d = wrapDim(dim, tensor.ndim, "softmax");
  const out = unrecorded(() => {
    if (tensor.layout.numel === 0) return fresh(tensor.type, contiguousLayout(tensor.layout.shape));
    const powers = exp(sub(tensor, amax(tensor, d, { keepdim: true })));
    return div(powers, sum(powers, d, { keepdim: true }));
  });
  return finish(recordStructural(structural.softmax, [tensor], { dim: d }), out);
}

/** log(softmax(x)), exact for large differences. @example logSoftmax([0, 0], 0) // tensor([-0.6931, -0.6931]) */
export function logSoftmax(x: TensorLike, dim: number, { dtype }: { dtype?: DType } = {}): Tensor {
  const tensor = floating(x, dtype, "logSoftmax");
  const d = wrapDim(dim, tensor.ndim, "logSoftmax");
  const out = unrecorded(() => {
    if (tensor.layout.numel === 0) return fresh(tensor.type, contiguousLayout(tensor.layout.shape));
    const shifted = sub(tensor, amax(tensor, d, { keepdim: true }));
    return sub(shifted, log(sum(exp(shifted), d, { keepdim: true })));
  });
  return finish(recordStructural(structural.logSoftmax, [tensor], { dim: d }), out);
}
