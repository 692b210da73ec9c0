/** Tensors with a given layout in memory, with poison in the memory between and around their elements. */
import { Buffer } from "node:buffer";
import type { DType } from "../src/core/dtype.js";
import { dtypeInfo } from "../src/core/dtype.js";
import { extentOf, Layout, numelOf } from "../src/core/shape.js";
import { allocate } from "../src/native/memory.js";
import { Tensor } from "../src/tensor/tensor.js";

export const layouts = ["contiguous", "transposed", "broadcast", "sliced"] as const;
export type LayoutName = (typeof layouts)[number];

export type Value = number | bigint;

/** As a float these bytes would be too small to spoil a sum; floats are poisoned with nan. */
const poisonByte = 0xa5;

/** Elements before the first and after the last; odd, so that vector loads are not aligned. */
const margin = 3;

/** Fills memory with what no result may depend on: nan in floats, 0xa5 in every byte of other types. */
export function poison(bytes: Uint8Array, dtype: DType): void {
  if (dtype === "float32") {
    new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).fill(Number.NaN);
  } else if (dtype === "float64") {
    new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8).fill(Number.NaN);
  } else {
    bytes.fill(poisonByte);
  }
}

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

/** Row-major strides over padded sizes, the dims taken in an order from the outermost to the innermost. */
function stridesInOrder(shape: readonly number[], order: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    strides[order[i]] = step;
    step *= Math.max(shape[order[i]], 1);
  }
  return strides;
}

/** The strides of a layout, or null where it would be no other than "contiguous" for this tensor. */
function stridesOf(
  values: ArrayLike<Value>,
  shape: readonly number[],
  layout: LayoutName,
): readonly number[] | null {
  const order = shape.map((_, d) => d);
  const straight = stridesInOrder(shape, order);
  if (layout === "contiguous") return straight;
  if (numelOf(shape) === 0) return null;
  if (layout === "transposed") {
    return shape.filter((size) => size > 1).length > 1
      ? stridesInOrder(shape, order.reverse())
      : null;
  }
  if (layout === "sliced") {
    // Every second place of the last dim, every third of the others, out of a larger tensor.
    if (!shape.some((size) => size > 1)) return null;
    const last = shape.length - 1;
    const steps = shape.map((_, d) => (d === last ? 2 : 3));
    const larger = shape.map((size, d) => size * steps[d] + 1);
    return stridesInOrder(larger, order).map((stride, d) => stride * steps[d]);
  }
  const repeats = repeatedDims(values, shape);
  if (!repeats.includes(true)) return null;
  const kept = shape.map((size, d) => (repeats[d] ? 1 : size));
  return stridesInOrder(kept, order).map((stride, d) => (repeats[d] ? 0 : stride));
}

export interface Laid<D extends DType = DType> {
  readonly tensor: Tensor<D>;
  /** Whether all the memory is as it was made. */
  unchanged(): boolean;
  /** Whether the memory that is no element's is as it was made. */
  surroundingsUnchanged(): boolean;
}

/** A tensor of the values with that memory layout, or null where the layout does not suit its shape or values. */
export function makeLaid<D extends DType>(
  values: ArrayLike<Value>,
  shape: readonly number[],
  dtype: D,
  layout: LayoutName,
): Laid<D> | null {
  const strides = stridesOf(values, shape, layout);
  if (strides === null) return null;
  const { size, Array: Typed } = dtypeInfo[dtype];
  const laid = new Layout([...shape], strides);
  const reach = extentOf(laid)?.high ?? -1;
  const length = reach + 1 + 2 * margin;
  const storage = allocate(length * size);
  const bytes = storage.view("uint8", 0, length * size);
  poison(bytes, dtype);
  const tensor = new Tensor<D>(dtypeInfo[dtype], storage, laid, margin);
  const memory = new Typed(bytes.buffer, bytes.byteOffset, length) as Float64Array;
  const occupied = new Uint8Array(length);
  positionsOf(laid).forEach((position, i) => {
    memory[margin + position] = values[i] as number;
    occupied[margin + position] = 1;
  });
  const before = Buffer.from(bytes);
  const now = (): Buffer => Buffer.from(storage.view("uint8", 0, length * size));
  return {
    tensor,
    unchanged: () => before.equals(now()),
    surroundingsUnchanged: () =>
      now().every((byte, i) => occupied[Math.floor(i / size)] === 1 || byte === before[i]),
  };
}

/** A tensor of the values with that memory layout; contiguous where the layout does not suit it. */
export function make<D extends DType>(
  values: ArrayLike<Value>,
  shape: readonly number[],
  dtype: D,
  layout: LayoutName,
): Tensor<D> {
  const laid =
    makeLaid(values, shape, dtype, layout) ?? makeLaid(values, shape, dtype, "contiguous");
  return (laid as Laid<D>).tensor;
}

/** How far each element is from the first, in row-major order. */
function positionsOf({ shape, strides, numel }: Layout): Int32Array {
  const positions = new Int32Array(numel);
  let repeat = numel;
  for (let d = 0; d < shape.length; d++) {
    repeat /= Math.max(shape[d], 1);
    for (let i = 0; i < numel; i++)
      positions[i] += (Math.floor(i / repeat) % shape[d]) * strides[d];
  }
  return positions;
}

/** The elements in row-major order, read from memory without any kernel's help. */
export function read(x: Tensor): Value[] {
  const memory = x.storage.view(x.dtype) as Float64Array;
  return Array.from(positionsOf(x.layout), (position) => memory[x.offset + position]);
}
