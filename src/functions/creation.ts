/** Tensors made from values, ranges and random numbers. */
import { makeLeaf, nodeOf } from "../autograd/tape.js";
import type { DType, TypedArray } from "../core/dtype.js";
import { checkDType, dtypeInfo, isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError, GradError } from "../core/errors.js";
import { checkOptions, isOptions } from "../core/options.js";
import { checkShape, contiguousLayout, wrapDim } from "../core/shape.js";
import type { Generator } from "../random/generator.js";
import { defaultGenerator } from "../random/generator.js";
import type { TensorLike } from "../tensor/create.js";
import {
  asTensor,
  dense,
  filled,
  fresh,
  fromData,
  overBuffer,
  toInteger,
} from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import type { Tensor } from "../tensor/tensor.js";
import { eq, where } from "./elementwise.js";
import type { Sizes } from "./views.js";
import { reshape, sizesOf, unsqueeze } from "./views.js";

/** Options of functions that make tensors. */
export interface TensorOptions<D extends DType = DType> {
  /** The element type; what it is when left out, each function says. */
  dtype?: D;
  /** Whether backward() gathers a gradient for the tensor. Floating-point dtypes only. */
  requiresGrad?: boolean;
}

/** Sets whether x is a leaf that wants a gradient. */
export function wantGrad<T extends Tensor>(x: T, wanted: boolean, where_: string): T {
  const node = nodeOf(x);
  if (!wanted) {
    if (node !== null && !node.leaf) {
      throw new GradError(
        `${where_}: requiresGrad of a computed tensor cannot be switched off; take detach() of it`,
      );
    }
    x.node = null;
    return x;
  }
  if (!isFloat(x.dtype)) {
    throw new GradError(
      `${where_}: only floating-point tensors can require grad, this one is ${x.dtype}`,
    );
  }
  if (node === null) makeLeaf(x);
  return x;
}

const tensorOptions = ["dtype", "requiresGrad", "generator", "offset", "count"] as const;

function done<D extends DType>(
  x: Tensor,
  options: TensorOptions<D> | undefined,
  where_: string,
): Tensor<D> {
  checkOptions(options, tensorOptions, where_);
  if (options?.requiresGrad === true) wantGrad(x, true, where_);
  return x as Tensor<D>;
}

const typeOf = <D extends DType>(options: TensorOptions<D> | undefined, where_: string): D =>
  (options?.dtype === undefined ? "float32" : checkDType(options.dtype, where_)) as D;

type Bare = number | readonly Bare[];
type Big = bigint | readonly Big[];
type Truth = boolean | readonly Truth[];
/** Options that leave the dtype to the data. */
type Undecided = TensorOptions & { dtype?: undefined };

/**
 * A tensor of the values given, copied. Numbers make float32, bigints int64, booleans bool; a typed array keeps its type.
 *
 * @throws ShapeError for ragged arrays, DTypeError for values that the dtype cannot hold.
 * @example
 * tensor([[1, 2], [3, 4]]) // tensor([[1., 2.],
 *                          //         [3., 4.]])
 * @example
 * tensor([1n, 2n]).dtype // "int64"
 */
export function tensor<D extends DType>(
  data: TensorLike,
  options: TensorOptions<D> & { dtype: D },
): Tensor<D>;
export function tensor(data: Bare, options?: Undecided): Tensor<"float32">;
export function tensor(data: Big, options?: Undecided): Tensor<"int64">;
export function tensor(data: Truth, options?: Undecided): Tensor<"bool">;
export function tensor(data: TensorLike, options?: TensorOptions): Tensor;
export function tensor(data: TensorLike, options?: TensorOptions): Tensor {
  const dtype = options?.dtype === undefined ? undefined : checkDType(options.dtype, "tensor");
  return done(fromData(data, dtype, "tensor"), options, "tensor");
}

/**
 * A tensor over the memory of a typed array or an ArrayBuffer: both see what either writes. The array is not to be
 * resized; while it is transferred away, using the tensor throws.
 *
 * @throws BufferError for shared and resizable buffers, ArgumentError where the elements do not fit.
 * @example
 * const array = new Float64Array([1, 2]);
 * const shared = frombuffer(array);
 * array[0] = 5;
 * shared.toArray() // [5, 2]
 */
export function frombuffer(
  source: ArrayBuffer | TypedArray | Uint8ClampedArray,
  options: TensorOptions & { offset?: number; count?: number } = {},
): Tensor {
  if (options.dtype !== undefined) checkDType(options.dtype, "frombuffer");
  return done(overBuffer(source, options, "frombuffer"), options, "frombuffer");
}

/** A shape as an array or as arguments, and then the options. */
export type ShapeArguments<O> =
  | [shape: readonly number[], options?: O]
  | [...sizes: number[]]
  | [...sizes: number[], options: O];

function shapeAndOptions<O extends object>(
  args: ShapeArguments<O>,
  where_: string,
): [number[], O | undefined] {
  const last = args[args.length - 1];
  const hasOptions = isOptions(last);
  const given = Array.isArray(args[0]);
  const rest = given && !hasOptions && args.length > 1 && last === undefined ? 1 : 0;
  const sizes = hasOptions || rest ? args.slice(0, -1) : args;
  if (given && sizes.length > 1) {
    throw new ArgumentError(`${where_}: sizes are an array, or numbers, not both`);
  }
  return [
    checkShape([...sizesOf(sizes as unknown as Sizes)], where_),
    hasOptions ? (last as O) : undefined,
  ];
}

function constant<D extends DType>(
  args: ShapeArguments<TensorOptions<D>>,
  value: number,
  where_: string,
): Tensor<D> {
  const [shape, options] = shapeAndOptions(args, where_);
  return done(filled(typeOf(options, where_), shape, value), options, where_);
}

/** Zeros; float32 unless told. @example zeros(2, 2).toArray() // [[0, 0], [0, 0]] */
export function zeros<D extends DType = "float32">(
  ...args: ShapeArguments<TensorOptions<D>>
): Tensor<D> {
  return constant(args, 0, "zeros");
}

/** Ones; float32 unless told. @example ones([3], { dtype: "int32" }) // tensor([1, 1, 1], dtype=int32) */
export function ones<D extends DType = "float32">(
  ...args: ShapeArguments<TensorOptions<D>>
): Tensor<D> {
  return constant(args, 1, "ones");
}

/** Memory as it comes: the elements are arbitrary until written. @example empty(2, 3).shape // [2, 3] */
export function empty<D extends DType = "float32">(
  ...args: ShapeArguments<TensorOptions<D>>
): Tensor<D> {
  const [shape, options] = shapeAndOptions(args, "empty");
  return done(
    fresh(dtypeInfo[typeOf(options, "empty")], contiguousLayout(shape)),
    options,
    "empty",
  );
}

/** One value everywhere; of a number float32, of a bigint int64, of a boolean bool, unless told. @example full([2], 7).toArray() // [7, 7] */
export function full<D extends DType = DType>(
  shape: readonly number[],
  value: number | bigint | boolean,
  options?: TensorOptions<D>,
): Tensor<D> {
  const sizes = checkShape(shape, "full");
  if (typeof value === "object")
    throw new ArgumentError("full: the value is one number, bigint or boolean");
  const single = fromData(
    value,
    options?.dtype === undefined ? undefined : checkDType(options.dtype, "full"),
    "full",
  );
  const out = fresh(single.type, contiguousLayout(sizes));
  execute.copy(out, single);
  return done(out, options, "full");
}

function like<D extends DType>(
  x: TensorLike,
  options: TensorOptions<D> | undefined,
  where_: string,
): [number[], D] {
  const other = asTensor(x, where_);
  return [
    [...other.layout.shape],
    (options?.dtype === undefined ? other.dtype : checkDType(options.dtype, where_)) as D,
  ];
}

/** Zeros in the shape and dtype of another. @example zerosLike([1n, 2n]) // tensor([0, 0]) */
export function zerosLike<D extends DType = DType>(
  x: TensorLike,
  options?: TensorOptions<D>,
): Tensor<D> {
  const [shape, dtype] = like(x, options, "zerosLike");
  return done(filled(dtype, shape, 0), options, "zerosLike");
}

/** Ones in the shape and dtype of another. @example onesLike([5, 6]).toArray() // [1, 1] */
export function onesLike<D extends DType = DType>(
  x: TensorLike,
  options?: TensorOptions<D>,
): Tensor<D> {
  const [shape, dtype] = like(x, options, "onesLike");
  return done(filled(dtype, shape, 1), options, "onesLike");
}

/** As empty, in the shape and dtype of another. @example emptyLike([1, 2]).shape // [2] */
export function emptyLike<D extends DType = DType>(
  x: TensorLike,
  options?: TensorOptions<D>,
): Tensor<D> {
  const [shape, dtype] = like(x, options, "emptyLike");
  return done(fresh(dtypeInfo[dtype], contiguousLayout(shape)), options, "emptyLike");
}

/** One value in the shape and dtype of another. @example fullLike([1, 2], 7).toArray() // [7, 7] */
export function fullLike<D extends DType = DType>(
  x: TensorLike,
  value: number | bigint | boolean,
  options?: TensorOptions<D>,
): Tensor<D> {
  const [shape, dtype] = like(x, options, "fullLike");
  return full(shape, value, { ...options, dtype });
}

type Bound = number | bigint;

/**
 * start, start + step, … before end. Bigints make int64, numbers float32, unless told.
 *
 * @example
 * arange(4).toArray() // [0, 1, 2, 3]
 * @example
 * arange(1n, 7n, 2n) // tensor([1, 3, 5])
 */
export function arange<D extends DType = DType>(end: Bound, options?: TensorOptions<D>): Tensor<D>;
export function arange<D extends DType = DType>(
  start: Bound,
  end: Bound,
  options?: TensorOptions<D>,
): Tensor<D>;
export function arange<D extends DType = DType>(
  start: Bound,
  end: Bound,
  step: Bound,
  options?: TensorOptions<D>,
): Tensor<D>;
export function arange(...args: (Bound | TensorOptions | undefined)[]): Tensor {
  const options = args.find(isOptions) as TensorOptions | undefined;
  const bounds = args.filter((x): x is Bound => typeof x === "number" || typeof x === "bigint");
  const [start, end, step] =
    bounds.length === 1 ? [0n, bounds[0], 1n] : [bounds[0], bounds[1], bounds[2] ?? 1n];
  if (bounds.length === 0 || end === undefined) throw new ArgumentError("arange: expected an end");
  const dtype =
    options?.dtype === undefined
      ? bounds.every((x) => typeof x === "bigint")
        ? "int64"
        : "float32"
      : checkDType(options.dtype, "arange");
  if (dtype === "bool") throw new DTypeError("arange: no bool; it takes the numeric dtypes");
  const exact = [start, end, step].every((x) => typeof x === "bigint" || Number.isSafeInteger(x));
  if (
    Number(step) === 0 ||
    Number.isNaN(Number(start)) ||
    !Number.isFinite(Number(end) - Number(start))
  ) {
    throw new ArgumentError(`arange: no range from ${start} to ${end} by ${step}`);
  }
  if (Number(end) - Number(start) !== 0 && Number(end) > Number(start) !== Number(step) > 0) {
    throw new ArgumentError(`arange: steps of ${step} do not lead from ${start} to ${end}`);
  }
  let count: number;
  if (exact) {
    const [from, to, by] = [BigInt(start), BigInt(end), BigInt(step)];
    const span = by > 0n ? to - from : from - to;
    const size = by > 0n ? by : -by;
    count = span > 0n ? Number((span + size - 1n) / size) : 0;
  } else {
    count = Math.max(Math.ceil((Number(end) - Number(start)) / Number(step)), 0);
  }
  checkShape([count], "arange");
  const out = fresh(dtypeInfo[dtype], contiguousLayout([count]));
  const view = out.storage.view(dtype, 0, count) as TypedArray;
  if (count > 0 && !isFloat(dtype)) {
    toInteger(start, dtype, "arange");
    toInteger(Number(start) + (count - 1) * Number(step), dtype, "arange");
  }
  if (dtype === "int64") {
    const [from, by] = [toInteger(start, dtype, "arange"), toInteger(step, dtype, "arange")];
    for (let i = 0, value = from; i < count; i++, value += by) (view as BigInt64Array)[i] = value;
  } else {
    const [from, by] = [Number(start), Number(step)];
    for (let i = 0; i < count; i++) (view as Float64Array)[i] = from + i * by;
  }
  return done(out, options, "arange");
}

/** `steps` evenly spaced values from start to end, both among them. @example linspace(0, 1, 5).toArray() // [0, 0.25, 0.5, 0.75, 1] */
export function linspace<D extends DType = "float32">(
  start: number,
  end: number,
  steps: number,
  options?: TensorOptions<D>,
): Tensor<D> {
  const dtype = typeOf(options, "linspace");
  const [count] = checkShape([steps], "linspace");
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new ArgumentError(`linspace: the ends are finite numbers, got ${start} and ${end}`);
  }
  const values = new Float64Array(count);
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  // From both ends inwards, so that both are exact.
  for (let i = 0; i < count; i++)
    values[i] = i < count / 2 ? start + i * step : end - (count - 1 - i) * step;
  if (count === 1) values[0] = start;
  return done(
    dense(fromData(values, undefined, "linspace"), dtypeInfo[dtype]),
    options,
    "linspace",
  );
}

/** The identity matrix, or n × m with ones on the diagonal. @example eye(2).toArray() // [[1, 0], [0, 1]] */
export function eye<D extends DType = "float32">(
  n: number,
  m?: number | TensorOptions<D>,
  options?: TensorOptions<D>,
): Tensor<D> {
  const opts = isOptions(m) ? (m as TensorOptions<D>) : options;
  const shape = checkShape([n, typeof m === "number" ? m : n], "eye");
  const dtype = typeOf(opts, "eye");
  const out = filled(dtype, shape, 0);
  const diagonal = { shape: [Math.min(...shape)], strides: [shape[1] + 1] };
  if (diagonal.shape[0] > 0) {
    const view = out.storage.view(dtype, 0, out.layout.numel) as Uint8Array | BigInt64Array;
    for (let i = 0; i < diagonal.shape[0]; i++)
      view[i * diagonal.strides[0]] = dtype === "int64" ? (1n as never) : 1;
  }
  return done(out, opts, "eye");
}

/** Options of functions that make random tensors. */
export interface RandomOptions<D extends DType = DType> extends TensorOptions<D> {
  /** Where the random numbers come from; the one that manualSeed sets unless told. */
  generator?: Generator;
}

function floats<D extends DType>(
  args: ShapeArguments<RandomOptions<D>>,
  where_: string,
  fill: (generator: Generator, into: Float32Array | Float64Array) => void,
): Tensor<D> {
  const [shape, options] = shapeAndOptions<RandomOptions<D>>(args, where_);
  const dtype = typeOf(options, where_) as DType;
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError(`${where_}: expected a floating-point dtype, got ${dtype}`);
  }
  const out = fresh(dtypeInfo[dtype], contiguousLayout(shape));
  fill(
    options?.generator ?? defaultGenerator,
    out.storage.view(dtype, 0, out.layout.numel) as Float32Array,
  );
  return done(out as Tensor, options, where_) as Tensor<D>;
}

/** Uniform random numbers in [0, 1); the ones of PyTorch under the same seed. @example rand(2, 3).shape // [2, 3] */
export function rand<D extends DType = "float32">(
  ...args: ShapeArguments<RandomOptions<D>>
): Tensor<D> {
  return floats(args, "rand", (generator, into) => generator.fillUniform(into));
}

/** Normal random numbers of mean 0 and standard deviation 1. @example randn([2, 3]).shape // [2, 3] */
export function randn<D extends DType = "float32">(
  ...args: ShapeArguments<RandomOptions<D>>
): Tensor<D> {
  return floats(args, "randn", (generator, into) => generator.fillNormal(into));
}

/** Random integers in [low, high); int64 unless told. @example randint(0, 10, [2]).dtype // "int64" */
export function randint<D extends DType = "int64">(
  low: Bound,
  high: Bound,
  shape: readonly number[],
  options?: RandomOptions<D>,
): Tensor<D>;
export function randint<D extends DType = "int64">(
  high: Bound,
  shape: readonly number[],
  options?: RandomOptions<D>,
): Tensor<D>;
export function randint(...args: unknown[]): Tensor {
  const bounds = args.filter((x): x is Bound => typeof x === "number" || typeof x === "bigint");
  const [low, high] = bounds.length === 1 ? [0, bounds[0]] : bounds;
  const options = args.find(isOptions) as RandomOptions | undefined;
  const sizes = checkShape(args.find(Array.isArray), "randint");
  if (high === undefined) throw new ArgumentError("randint: expected high, or low and high");
  const dtype = options?.dtype === undefined ? "int64" : checkDType(options.dtype, "randint");
  const least = toInteger(low, "int64", "randint");
  const most = toInteger(high, "int64", "randint");
  if (least >= most) throw new ArgumentError(`randint: low ${low} is not below high ${high}`);
  if (!isFloat(dtype)) {
    toInteger(least, dtype, "randint");
    toInteger(most - 1n, dtype, "randint");
  }
  const out = fresh(dtypeInfo[dtype], contiguousLayout(sizes));
  const view = out.storage.view(dtype, 0, out.layout.numel) as TypedArray;
  (options?.generator ?? defaultGenerator).fillRandint(view, low, high);
  return done(out, options, "randint");
}

/** 0 … n − 1 in random order, int64. @example randperm(5).numel() // 5 */
export function randperm(
  n: number,
  { generator = defaultGenerator }: { generator?: Generator } = {},
): Tensor<"int64"> {
  checkShape([n], "randperm");
  return fromData(generator.randperm(n), "int64", "randperm") as Tensor<"int64">;
}

/** Seeds the generator that rand, randn, randint and randperm use. @example manualSeed(42).initialSeed() // 42n */
export function manualSeed(seed: number | bigint): Generator {
  if (typeof seed !== "number" && typeof seed !== "bigint") {
    throw new ArgumentError(`manualSeed: expected a number or a bigint, got ${typeof seed}`);
  }
  return defaultGenerator.manualSeed(seed);
}

/**
 * Classes as rows of zeros with a one: int64 of the shape of x and a last dim of numClasses (the largest class + 1 unless
 * told).
 *
 * @example
 * oneHot([0n, 2n]).toArray() // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(x: TensorLike, numClasses = -1): Tensor<"int64"> {
  const classes = asTensor(x, "oneHot");
  if (isFloat(classes.dtype) || classes.dtype === "bool") {
    throw new DTypeError(
      `oneHot: classes are integers, got ${classes.dtype}; pass { dtype: "int64" } to tensor()`,
    );
  }
  let least = 0;
  let most = -1;
  for (const value of classes.toTypedArray() as TypedArray) {
    least = Math.min(least, Number(value));
    most = Math.max(most, Number(value));
  }
  if (least < 0) throw new ArgumentError(`oneHot: classes are not negative, got ${least}`);
  if (numClasses === -1 && most < 0)
    throw new ArgumentError("oneHot: numClasses is needed for an empty tensor");
  const count = numClasses === -1 ? most + 1 : numClasses;
  if (!Number.isInteger(count) || count < 1 || most >= count) {
    throw new ArgumentError(`oneHot: class ${most} is not below numClasses ${numClasses}`);
  }
  return where(isIndex(unsqueeze(classes, -1), -1, count), 1n, 0n) as Tensor<"int64">;
}

/** Whether each of `size` positions along dim is the one that index names; index has size one there. */
function isIndex(index: Tensor, dim: number, size: number): Tensor {
  const d = wrapDim(dim, index.ndim, "isIndex");
  const positions = arange(BigInt(size));
  if (index.ndim === 0) return eq(index, 0);
  return eq(
    index,
    reshape(
      positions,
      index.layout.shape.map((_, i) => (i === d ? size : 1)),
    ),
  );
}
