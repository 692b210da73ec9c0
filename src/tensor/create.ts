/** Makes tensors out of nothing, of memory and of JavaScript values. Nothing here is on the tape. */
import type { DType, DTypeInfo, TypedArray } from "../core/dtype.js";
import { dtypeInfo, dtypeOfArray, isFloat, promoteTypes } from "../core/dtype.js";
import { ArgumentError, BufferError, DTypeError, GradError, ShapeError } from "../core/errors.js";
import type { Layout, Shape } from "../core/shape.js";
import { contiguousLayout, maxDims } from "../core/shape.js";
import { allocate, shareBuffer } from "../native/memory.js";
import * as execute from "./execute.js";
import { Tensor } from "./tensor.js";

/** Numbers, bigints and booleans in nested arrays, typed arrays, or tensors. */
export type TensorData =
  | number
  | bigint
  | boolean
  | TypedArray
  | Uint8ClampedArray
  | readonly TensorLike[];

/** Whatever stands where a tensor is expected. */
export type TensorLike = Tensor | TensorData;

/** A tensor over fresh memory, its elements arbitrary. */
export function fresh<D extends DType = DType>(type: DTypeInfo, layout: Layout): Tensor<D> {
  return new Tensor<D>(type, allocate(layout.numel * type.size), layout, 0);
}

export function filled<D extends DType>(dtype: D, shape: Shape, value: number): Tensor<D> {
  const out = fresh<D>(dtypeInfo[dtype], contiguousLayout(shape));
  execute.fill(out, value);
  return out;
}

/** A dense copy of x, in a dtype. */
export function dense<D extends DType>(x: Tensor, type: DTypeInfo): Tensor<D> {
  const out = fresh<D>(type, x.layout.contiguous ? x.layout : contiguousLayout(x.layout.shape));
  execute.copy(out, x);
  return out;
}

const describe = (x: unknown): string =>
  x === null ? "null" : typeof x === "object" ? (x.constructor?.name ?? "an object") : typeof x;

function notData(x: unknown, where: string): never {
  throw new ArgumentError(
    `${where}: expected numbers, bigints, booleans, (nested) arrays of them, a typed array or a tensor, got ${describe(x)}`,
  );
}

type Leaf = number | bigint | boolean;
const isLeaf = (x: unknown): x is Leaf =>
  typeof x === "number" || typeof x === "bigint" || typeof x === "boolean";
const isTyped = (x: unknown): x is TypedArray => ArrayBuffer.isView(x) && !(x instanceof DataView);

interface Level {
  readonly length: number;
  readonly [i: number]: unknown;
}

/** Shape and elements of nested data. All siblings must have one shape. */
function flatten(
  data: unknown,
  where: string,
): { shape: number[]; leaves: Leaf[]; dtype: DType | null } {
  const shape: number[] = [];
  const leaves: Leaf[] = [];
  let dtype: DType | null = null; // of the typed arrays and tensors within
  const ragged = (depth: number): never => {
    throw new ShapeError(`${where}: the nested arrays differ in length at depth ${depth}`);
  };
  let depthKnown = false;
  const visit = (x: unknown, depth: number): void => {
    if (isLeaf(x)) {
      if (depthKnown && depth !== shape.length) ragged(depth);
      depthKnown = true;
      leaves.push(x);
      return;
    }
    if (depthKnown && depth >= shape.length && !(x instanceof Tensor && x.ndim === 0))
      ragged(depth);
    if (x instanceof Tensor) {
      dtype = dtype === null ? x.dtype : promoteTypes(dtype, x.dtype);
      const flat = x.toTypedArray() as TypedArray;
      x.layout.shape.forEach((size, d) => {
        if (shape.length <= depth + d) shape.push(size);
        else if (shape[depth + d] !== size) ragged(depth + d);
      });
      if (depthKnown && shape.length !== depth + x.ndim) ragged(depth);
      depthKnown = true;
      for (const value of flat) leaves.push(x.dtype === "bool" ? value !== 0 : value);
      return;
    }
    if (!Array.isArray(x) && !isTyped(x)) notData(x, where);
    if (depth >= maxDims) throw new ShapeError(`${where}: nested deeper than ${maxDims} arrays`);
    const level = x as Level;
    if (shape.length === depth) {
      if (depthKnown) ragged(depth);
      shape.push(level.length);
    } else if (shape[depth] !== level.length) ragged(depth);
    if (isTyped(x)) {
      const own = dtypeOfArray(x);
      if (own === null)
        throw new DTypeError(`${where}: no dtype holds the elements of a ${describe(x)}`);
      dtype = dtype === null ? own : promoteTypes(dtype, own);
    }
    for (let i = 0; i < level.length; i++) visit(level[i], depth + 1);
    if (level.length === 0) depthKnown = true;
  };
  visit(data, 0);
  return { shape, leaves, dtype };
}

/** The dtype of JavaScript values: bool, int64 of bigints, float32 of numbers. */
function inferDType(leaves: readonly Leaf[], where: string): DType {
  let numbers = false;
  let bigints = false;
  let booleans = false;
  for (const x of leaves) {
    if (typeof x === "number") numbers = true;
    else if (typeof x === "bigint") bigints = true;
    else booleans = true;
  }
  if (numbers && bigints) {
    throw new DTypeError(`${where}: numbers and bigints are mixed; name a dtype`);
  }
  return bigints ? "int64" : booleans && !numbers ? "bool" : "float32";
}

/** Throws unless an integer dtype holds the number; gives it rounded towards zero, as PyTorch does. */
export function toInteger(value: number | bigint, dtype: DType, where: string): bigint {
  const whole =
    typeof value === "bigint" ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
  const { low, high } = dtypeInfo[dtype];
  if (whole === null || whole < low || whole > high) {
    throw new DTypeError(`${where}: ${value} does not fit ${dtype}`);
  }
  return whole;
}

/** Writes JavaScript values into a typed array of a dtype. */
function write(into: TypedArray, leaves: readonly Leaf[], dtype: DType, where: string): void {
  if (dtype === "bool") {
    for (let i = 0; i < leaves.length; i++) into[i] = Number(leaves[i]) !== 0 ? 1 : 0;
  } else if (isFloat(dtype)) {
    for (let i = 0; i < leaves.length; i++) into[i] = Number(leaves[i]);
  } else if (dtype === "int64") {
    for (let i = 0; i < leaves.length; i++) {
      const x = leaves[i];
      (into as BigInt64Array)[i] = toInteger(typeof x === "boolean" ? Number(x) : x, dtype, where);
    }
  } else {
    const { low, high } = dtypeInfo[dtype];
    const [least, most] = [Number(low), Number(high)];
    for (let i = 0; i < leaves.length; i++) {
      const value = Math.trunc(Number(leaves[i]));
      if (!(value >= least && value <= most)) {
        throw new DTypeError(`${where}: ${leaves[i]} does not fit ${dtype}`);
      }
      into[i] = value;
    }
  }
}

/** A tensor of JavaScript values, copied. */
export function fromData(data: unknown, dtype: DType | undefined, where: string): Tensor {
  if (data instanceof Tensor)
    return dense(data, dtype === undefined ? data.type : dtypeInfo[dtype]);
  if (isTyped(data)) {
    const own = dtypeOfArray(data);
    if (own === null)
      throw new DTypeError(`${where}: no dtype holds the elements of a ${describe(data)}`);
    const copied = fresh(dtypeInfo[own], contiguousLayout([data.length]));
    (copied.storage.view(own, 0, data.length) as Uint8Array).set(data as Uint8Array);
    return dtype === undefined || dtype === own ? copied : dense(copied, dtypeInfo[dtype]);
  }
  const { shape, leaves, dtype: within } = flatten(data, where);
  const to = dtype ?? within ?? inferDType(leaves, where);
  const out = fresh(dtypeInfo[to], contiguousLayout(shape));
  write(out.storage.view(to, 0, leaves.length), leaves, to, where);
  return out;
}

/** The tensor itself, or a new one of JavaScript values. */
export function asTensor(x: TensorLike, where: string): Tensor {
  if (x instanceof Tensor) return x;
  if (Array.isArray(x) && x.some(leadsToGrad)) {
    throw new GradError(
      `${where}: an array holds tensors that require grad, and the tensor made of it would be a constant; stack() them`,
    );
  }
  return fromData(x, undefined, where);
}

const leadsToGrad = (x: unknown): boolean =>
  x instanceof Tensor ? x.node !== null : Array.isArray(x) && x.some(leadsToGrad);

/** A tensor over memory that the caller keeps. */
export function overBuffer(
  source: ArrayBuffer | TypedArray | Uint8ClampedArray,
  options: { dtype?: DType; offset?: number; count?: number },
  where: string,
): Tensor {
  const typed = isTyped(source) ? source : null;
  const buffer = typed === null ? source : typed.buffer;
  if (!(buffer instanceof ArrayBuffer)) {
    throw new BufferError(
      `${where}: a ${describe(buffer)} cannot be shared; copy it with tensor()`,
    );
  }
  if ((buffer as ArrayBuffer & { resizable?: boolean }).resizable === true) {
    throw new BufferError(
      `${where}: a resizable ArrayBuffer cannot be shared; copy it with tensor()`,
    );
  }
  const dtype = options.dtype ?? (typed === null ? "float32" : dtypeOfArray(typed));
  if (dtype === null)
    throw new DTypeError(`${where}: no dtype holds the elements of a ${describe(source)}`);
  const { size } = dtypeInfo[dtype];
  const { offset = 0 } = options;
  const start = typed?.byteOffset ?? 0;
  const length = typed?.byteLength ?? buffer.byteLength;
  const count = options.count ?? Math.floor((length - offset) / size);
  const bad = !Number.isInteger(offset) || offset < 0 || !Number.isInteger(count) || count < 0;
  if (bad || offset + count * size > length) {
    throw new ArgumentError(
      `${where}: ${count} elements of ${dtype} at byte ${offset} do not fit ${length} bytes`,
    );
  }
  if ((start + offset) % size !== 0) {
    throw new ArgumentError(`${where}: byte ${start + offset} is not aligned for ${dtype}`);
  }
  return new Tensor(
    dtypeInfo[dtype],
    shareBuffer(buffer, start + offset, count * size),
    contiguousLayout([count]),
    0,
  );
}
