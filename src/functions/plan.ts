/** What reductions share: their arguments, and how their results come about. */
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
import type { TensorLike } from "../tensor/create.js";
import { asTensor, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import { to } from "./convert.js";
import { writeOut, writeOuts } from "./dispatch.js";

/** One dim, several, or (undefined) all. */
export type Dims = number | readonly number[] | undefined | null;

/** Options of reductions. */
export interface ReduceOptions {
  /** Whether reduced dims stay, with size one. */
  keepdim?: boolean;
  /** What the result is written to, and what is then returned. Not where a gradient is to be recorded. */
  out?: Tensor;
}

/** Options of functions that choose elements along a dim. */
export interface ChoiceOptions {
  /** Whether the dim stays, with size one. */
  keepdim?: boolean;
  /** What values and indices are written to, and what is then returned. */
  out?: ValuesIndices;
}

/** Options of reductions with two results. */
export interface PairOptions {
  /** Whether reduced dims stay, with size one. */
  keepdim?: boolean;
  /** What the results are written to, in their order, and what is then returned. Not where a gradient is to be recorded. */
  out?: Pair;
}

/** Two results. */
export type Pair = readonly [Tensor, Tensor];

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
export function code(name: string, dtype: DType): number {
  const op = native(name);
  if ((op.types >> dtypeInfo[dtype].code) & 1) return op.code;
  throw new DTypeError(`${name}: no ${dtype}; it takes ${typesOf(op).join(", ")}`);
}

export interface Plan {
  readonly x: Tensor;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly shape: Shape;
  /** Whether the caller named dims. */
  readonly named: boolean;
  readonly where: string;
  /** What the caller wants the result written to. */
  readonly out: Tensor | Pair | ValuesIndices | undefined;
}

const noShape: Shape = [];
const every: number[][] = [];
const everyDim = (ndim: number): readonly number[] => {
  every[ndim] ??= Array.from({ length: ndim }, (_, d) => d);
  return every[ndim];
};

/** The arguments (dim?, options?) of a reduction; the options may stand first. */
export function planOf(
  where: string,
  given: TensorLike,
  dim: Dims | SumOptions | PairOptions | ChoiceOptions,
  options: SumOptions | PairOptions | ChoiceOptions | undefined,
  names: readonly string[] = ["keepdim", "dtype", "out"],
): Plan & { dtype?: DType } {
  const x = asTensor(given, where);
  const { shape } = x.layout;
  if (dim === undefined && options === undefined) {
    const dims = everyDim(shape.length);
    return { x, dims, keepdim: false, shape: noShape, named: false, where, out: undefined };
  }
  const first = isOptions(dim);
  if (first && options !== undefined) throw new ArgumentError(`${where}: options twice`);
  const named = first ? dim : options;
  checkOptions(named, names, where);
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
  const keepdim = ndim > 0 && (opts.keepdim ?? false);
  const reduced: number[] = [];
  for (let d = 0; d < ndim; d++) {
    if (!dims.includes(d)) reduced.push(shape[d]);
    else if (keepdim) reduced.push(1);
  }
  return {
    x,
    dims: ndim === 0 ? [] : dims,
    keepdim,
    shape: reduced,
    named: !all,
    where,
    out: opts.out,
    ...dtypeOf(opts, where),
  };
}

const dtypeOf = ({ dtype }: SumOptions, where: string): { dtype?: DType } =>
  dtype === undefined ? {} : { dtype: checkDType(dtype, where) };

export function run(op: string, compute: DType, gives: DType, { x, dims, shape }: Plan): Tensor {
  const out = fresh(dtypeInfo[gives], contiguousLayout(shape));
  execute.reduce([code(op, compute)], dtypeInfo[compute], [out], x, dims);
  return out;
}

/** The result of a plan, recorded; or written to where the caller wants it. */
export const recordReduced = (row: StructuralRow<Reduced>, plan: Plan, result: Tensor): Tensor =>
  plan.out === undefined
    ? finish(recordStructural(row, [plan.x], { dims: plan.dims, keepdim: plan.keepdim }), result)
    : deliver(plan, result);

/** The result of a plan that has no derivative, or is recorded already. */
export const deliver = <T extends Tensor>({ x, out, where }: Plan, result: T): T =>
  out === undefined ? result : writeOut(result, out as T, where, [x]);

export function refuseEmpty(where: string, { x, dims, shape }: Plan): void {
  if (shape.some((size) => size === 0)) return;
  if (dims.some((d) => x.layout.shape[d] === 0) || (dims.length === 0 && x.layout.numel === 0)) {
    throw new IndexError(
      `${where}: no elements to choose from in a tensor of shape ${showShape(x.layout.shape)}`,
    );
  }
}

/** The dtype that integers and bools are added up in. */
export const wide = (dtype: DType): DType => (isFloat(dtype) ? dtype : "int64");

/** The tensor, or its integers and bools in the default dtype. */
export function floatOf(x: TensorLike, where: string): Tensor {
  const tensor = asTensor(x, where);
  return isFloat(tensor.dtype) ? tensor : to(tensor, "float32");
}

export function floating(x: TensorLike, dtype: DType | undefined, where: string): Tensor {
  const tensor = asTensor(x, where);
  const cast = dtype === undefined ? tensor : to(tensor, checkDType(dtype, where));
  if (isFloat(cast.dtype)) return cast;
  throw new DTypeError(`${where}: expected a floating-point dtype, got ${cast.dtype}`);
}

/** Elements chosen along a dim, and where they are. */
export interface ValuesIndices {
  readonly values: Tensor;
  readonly indices: Tensor<"int64">;
}

/** Writes two results of a reduction of x to `out`. */
export function writePair(result: Pair, out: unknown, where: string, x: Tensor): Pair {
  if (!Array.isArray(out) || out.length !== 2) {
    throw new ArgumentError(`${where}: out is a list of two tensors`);
  }
  return writeOuts(result, out as unknown as Pair, where, [x]);
}

/** Writes values and indices to `out`. */
export function writeChosen(
  result: ValuesIndices,
  out: unknown,
  where: string,
  x: Tensor,
): ValuesIndices {
  checkOptions(out, ["values", "indices"], `${where}, out`);
  const { values, indices } = out as ValuesIndices;
  if (indices?.dtype !== "int64") throw new DTypeError(`${where}, out: the indices are int64`);
  writeOuts([result.values, result.indices], [values, indices], where, [x]);
  return { values, indices };
}

/** Records that values were chosen along the dim of a plan, at indices. */
export function chosen(
  row: StructuralRow<Reduced>,
  { x, dims, keepdim, where, out }: Plan,
  values: Tensor,
  indices: Tensor<"int64">,
): ValuesIndices {
  if (out !== undefined) return writeChosen({ values, indices }, out, where, x);
  const { shape } = x.layout;
  const kept =
    keepdim || dims.length === 0
      ? indices
      : withShape(
          indices,
          shape.map((size, d) => (d === dims[0] ? 1 : size)),
        );
  finish(recordStructural(row, [x, kept], { dims, keepdim }), values);
  return { values, indices };
}

/** The elements of a contiguous tensor in another shape. */
export const withShape = <D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> =>
  new Tensor<D>(x.type, x.storage, contiguousLayout(shape), x.offset);
