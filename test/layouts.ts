/** Tensors with a given layout in memory, with poison in the memory between and around their elements. */
import { Buffer } from "node:buffer";
import type { DType } from "../src/core/dtype.js";
import type { Tensor } from "../src/index.js";
import { tensor } from "../src/index.js";

export const layouts = ["contiguous", "transposed", "broadcast", "sliced"] as const;
export type LayoutName = (typeof layouts)[number];

export type Value = number | bigint;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** What no result may depend on: nan in floats, 0xa5 in every byte of integers. */
const poison: Record<DType, Value> = {
  float32: Number.NaN,
  float64: Number.NaN,
  int64: -0x5a5a5a5a5a5a5a5bn,
  int32: -0x5a5a5a5b,
  int16: -0x5a5b,
  int8: -0x5b,
  uint8: 0xa5,
  bool: 1,
};

/** Elements before the first and after the last; odd, so that vector loads are not aligned. */
const margin = 3;

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Dims along which the values repeat, so that a stride of zero can show them. */
function repeatedDims(values: ArrayLike<Value>, shape: readonly number[]): boolean[] {
  let inner = 1;
  const repeats = new Array<boolean>(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    repeats[d] = shape[d] > 1;
    for (let i = 0; i < values.length && repeats[d]; i++) {
      const place = Math.floor(i / inner) % shape[d];
      if (place > 0 && !Object.is(values[i], values[i - inner])) repeats[d] = false;
    }
    inner *= shape[d];
  }
  return repeats;
}

/** A dense block of memory, where elements are in it, and how to see the tensor in it. */
interface Plan {
  /** The sizes of the block. */
  readonly block: readonly number[];
  /** How far an index along each dim of the tensor steps in the block. */
  readonly strides: readonly number[];
  readonly show: (block: Tensor) => Tensor;
}

function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

/** The plan of a layout, or null where it would be no other than "contiguous" for this tensor. */
function planOf(
  values: ArrayLike<Value>,
  shape: readonly number[],
  layout: LayoutName,
): Plan | null {
  const manifold = shape.filter((size) => size > 1).length;
  if (layout === "contiguous") return { block: shape, strides: rowMajor(shape), show: (x) => x };
  if (manifold === 0 || product(shape) === 0) return null;
  if (layout === "transposed") {
    const block = [...shape].reverse();
    const strides = rowMajor(block).reverse();
    return manifold > 1 ? { block, strides, show: (x) => x.T } : null;
  }
  if (layout === "sliced") {
    // Every second place of the last dim, every third of the others, out of a larger tensor.
    const steps = shape.map((_, d) => (d === shape.length - 1 ? 2 : 3));
    const block = shape.map((size, d) => size * steps[d] + 1);
    return {
      block,
      strides: rowMajor(block).map((stride, d) => stride * steps[d]),
      show: (x) => steps.reduce((y, step, d) => y.slice(d, 0, shape[d] * step, step), x),
    };
  }
  const repeats = repeatedDims(values, shape);
  if (!repeats.includes(true)) return null;
  const block = shape.map((size, d) => (repeats[d] ? 1 : size));
  const strides = rowMajor(block).map((stride, d) => (repeats[d] ? 0 : stride));
  return { block, strides, show: (x) => x.expand([...shape]) };
}

export interface Laid {
  readonly tensor: Tensor;
  /** Whether all the memory is as it was made. */
  unchanged(): boolean;
  /** Whether the memory that is no element's is as it was made. */
  surroundingsUnchanged(): boolean;
}

/** A tensor of the values with that memory layout, or null where the layout does not suit its shape or values. */
export function makeLaid(
  values: ArrayLike<Value>,
  shape: readonly number[],
  dtype: DType,
  layout: LayoutName,
): Laid | null {
  const plan = planOf(values, shape, layout);
  if (plan === null) return null;
  const length = product(plan.block);
  const before = new arrays[dtype](length + 2 * margin) as Float64Array;
  before.fill(poison[dtype] as number);
  // Any one of two values spoils some reductions only.
  if (dtype === "bool") before.subarray(Math.ceil(before.length / 2)).fill(0);
  const elements = new Uint8Array(before.length);
  const positions = positionsOf(shape, plan.strides);
  for (let i = 0; i < positions.length; i++) {
    before[margin + positions[i]] = values[i] as number;
    elements[margin + positions[i]] = 1;
  }
  const memory = tensor(before, { dtype });
  const block = memory.narrow(0, margin, length).view([...plan.block]);
  const now = () => memory.toTypedArray() as Float64Array;
  const bytes = (x: Float64Array) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
  return {
    tensor: plan.show(block).detach(),
    unchanged: () => bytes(now()).equals(bytes(before)),
    surroundingsUnchanged: () =>
      now().every((value, i) => elements[i] === 1 || Object.is(value, before[i])),
  };
}

/** A tensor of the values with that memory layout; contiguous where the layout does not suit it. */
export function make(
  values: ArrayLike<Value>,
  shape: readonly number[],
  dtype: DType,
  layout: LayoutName,
): Tensor {
  const laid =
    makeLaid(values, shape, dtype, layout) ?? makeLaid(values, shape, dtype, "contiguous");
  return (laid as Laid).tensor;
}

/** How far each element is from the first, in row-major order. */
function positionsOf(shape: readonly number[], strides: readonly number[]): Int32Array {
  const numel = product(shape);
  const positions = new Int32Array(numel);
  let repeat = numel;
  for (let d = 0; d < shape.length; d++) {
    repeat /= Math.max(shape[d], 1);
    for (let i = 0; i < numel; i++)
      positions[i] += (Math.floor(i / repeat) % shape[d]) * strides[d];
  }
  return positions;
}

/** The elements in row-major order. */
export function read(x: Tensor): Value[] {
  const values: Value[] = Array.from(x.toTypedArray() as ArrayLike<Value>);
  if (x.isContiguous() || x.dtype === "int64") return values;
  // The copy of strided elements is made by a kernel; each element by itself is read from memory.
  let i = 0;
  const walk = (part: Tensor): void => {
    if (part.ndim > 0) {
      for (let k = 0; k < part.shape[0]; k++) walk(part.select(0, k));
    } else if (!Object.is(Number(part.item()), values[i++])) {
      throw new Error(`toTypedArray differs from the elements at place ${i - 1}`);
    }
  };
  walk(x.detach());
  return values;
}
