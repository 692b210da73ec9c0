import type { ArrayOf, DType, DTypeInfo, TypedArray } from "../core/dtype.js";
import { isFloat } from "../core/dtype.js";
import { DTypeError, ShapeError } from "../core/errors.js";
import type { Layout } from "../core/shape.js";
import { isNonOverlapping, showShape, wrapDim } from "../core/shape.js";
import type { Storage } from "../native/memory.js";
import { allocate } from "../native/memory.js";
import { copyInto } from "./execute.js";
import { formatTensor } from "./format.js";

/** What an element of a tensor is in JavaScript. */
export type Item<D extends DType> = [D] extends ["bool"] ? boolean : number;

/** Nested arrays of elements, as deep as the tensor has dims; of a 0-d tensor the element itself. */
export type Nested<T> = T | Nested<T>[];

/** The tape's side of a tensor: what produced it, or (a leaf) what gathers its gradient. */
export interface GradNode {
  readonly name: string;
  readonly leaf: boolean;
}

/**
 * An n-dimensional array of elements of one type. A tensor is a layout over a storage: views share the storage of what
 * they were taken from.
 */
export class Tensor<D extends DType = DType> {
  /** What is known of the element type. @internal */
  readonly type: DTypeInfo;
  /** @internal */
  readonly storage: Storage;
  /** @internal */
  readonly layout: Layout;
  /** The first element's place in the storage, in elements. @internal */
  readonly offset: number;
  /** @internal */
  node: GradNode | null = null;
  /** The tensor that this one is a view of. @internal */
  base: Tensor | null = null;
  /** How often in-place operations rewrote the edges of a base; of a view, how many of them it has seen. @internal */
  edgeVersion = 0;
  /** @internal */
  gradient: Tensor | null = null;

  /** @internal */
  constructor(type: DTypeInfo, storage: Storage, layout: Layout, offset: number) {
    this.type = type;
    this.storage = storage;
    this.layout = layout;
    this.offset = offset;
  }

  /** The element type. */
  get dtype(): D {
    return this.type.name as D;
  }

  /** The sizes. */
  get shape(): readonly number[] {
    return publicShape(this.layout);
  }

  /** The number of dims. */
  get ndim(): number {
    return this.layout.shape.length;
  }

  /** The number of dims. */
  dim(): number {
    return this.layout.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return this.layout.numel;
  }

  /** The sizes, or the size of one dim. */
  size(): readonly number[];
  size(dim: number): number;
  size(dim?: number): readonly number[] | number {
    if (dim === undefined) return this.shape;
    const { shape } = this.layout;
    const d = wrapDim(dim, shape.length, "size");
    if (shape.length === 0) throw new ShapeError("size: a 0-d tensor has no dim");
    return shape[d];
  }

  /** The steps between neighbours along each dim, in elements. */
  stride(): readonly number[] {
    return [...this.layout.strides];
  }

  /** Whether the elements lie densely in row-major order. */
  isContiguous(): boolean {
    return this.layout.contiguous;
  }

  /** Whether the elements are of a floating-point type. */
  isFloatingPoint(): boolean {
    return isFloat(this.dtype);
  }

  /** Bytes of one element. */
  elementSize(): number {
    return this.type.size;
  }

  /**
   * The one element of a tensor that has just one.
   *
   * @throws ShapeError for any other number of elements; RangeError for an int64 that no number holds exactly.
   * @example
   * tensor([[2.5]]).item() // 2.5
   */
  item(): Item<D> {
    if (this.layout.numel !== 1) {
      throw new ShapeError(
        `item: a tensor of shape ${showShape(this.layout.shape)} has ${this.layout.numel} elements, not one`,
      );
    }
    this.storage.checkAttached();
    const { size } = this.type;
    const view = this.storage.block.view(this.type);
    const aligned = this.storage.byteOffset / size + this.offset;
    const value = Number.isInteger(aligned)
      ? view[aligned]
      : this.storage.view(this.dtype, this.offset, 1)[0];
    return plain(value, this.dtype) as Item<D>;
  }

  /**
   * The elements as nested arrays; of a 0-d tensor the element itself. Bools are booleans, all else are numbers. T says
   * what the caller knows of the nesting: `const rows: number[][] = x.toArray()`.
   *
   * @throws RangeError for an int64 that no number holds exactly; see toBigInt.
   * @example
   * tensor([[1, 2], [3, 4]]).toArray() // [[1, 2], [3, 4]]
   */
  toArray<T = Nested<Item<D>>>(): T {
    const flat = this.toTypedArray();
    return nest(this.layout.shape, (i) => plain((flat as TypedArray)[i], this.dtype)) as T;
  }

  /**
   * The elements as nested arrays of bigints, exact for every integer.
   *
   * @throws DTypeError for floating-point tensors.
   * @example
   * tensor([2n ** 62n]).toBigInt() // [4611686018427387904n]
   */
  toBigInt(): Nested<bigint> {
    if (isFloat(this.dtype))
      throw new DTypeError(`toBigInt: elements of ${this.dtype} are not integers`);
    const flat = this.toTypedArray() as TypedArray;
    return nest(this.layout.shape, (i) => BigInt(flat[i]));
  }

  /** A copy of the elements in row-major order. */
  toTypedArray(): ArrayOf<D> {
    const { numel } = this.layout;
    if (this.layout.contiguous) {
      return this.storage.view(this.dtype, this.offset, numel).slice() as ArrayOf<D>;
    }
    const storage = allocate(numel * this.type.size);
    copyInto(storage, this);
    return storage.view(this.dtype, 0, numel).slice() as ArrayOf<D>;
  }

  /**
   * The elements in memory: writing to this array writes to the tensor and to every view of it. Of a tensor that is not
   * contiguous (a transpose, a slice with steps) there is no such array.
   *
   * @throws ShapeError when the tensor is not contiguous.
   * @example
   * const x = zeros(3);
   * x.data[1] = 5;
   * x.toArray() // [0, 5, 0]
   */
  get data(): ArrayOf<D> {
    if (!this.layout.contiguous) {
      throw new ShapeError(
        "data: the tensor is not contiguous; take .contiguous() of it, or toTypedArray()",
      );
    }
    this.storage.expose();
    return this.storage.view(this.dtype, this.offset, this.layout.numel);
  }

  /**
   * The tensor, computed. Elementwise operations on many elements wait until their result is needed; this says that it is.
   *
   * @example
   * zeros(5000).add(1).realize().sum().item() // 5000
   */
  realize(): this {
    this.storage.checkAttached();
    return this;
  }

  /** PyTorch's notation. */
  toString(): string {
    const { layout, dtype } = this;
    this.storage.checkAttached();
    const node = tapeView(this);
    const flat = this.storage.view(dtype, 0) as TypedArray;
    return formatTensor({
      shape: layout.shape,
      dtype,
      at: (i) => {
        const value = flat[this.offset + position(layout, i)];
        return dtype === "bool" ? value !== 0 : value;
      },
      requiresGrad: node?.leaf === true,
      gradFn: node === null || node.leaf ? null : node.name,
    });
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Arithmetic on a tensor by JavaScript's operators would go through text; this says so. */
  [Symbol.toPrimitive](hint: string): string | number {
    if (hint === "string") return this.toString();
    if (this.layout.numel === 1) return Number(this.item());
    if (hint === "default") return this.toString();
    throw new ShapeError(
      "a tensor of several elements is no number; write a.add(b) and a.mul(b) for arithmetic",
    );
  }

  /** The first dim's slices. */
  *[Symbol.iterator](): Generator<Tensor<D>> {
    if (this.layout.shape.length === 0) throw new ShapeError("a 0-d tensor cannot be iterated");
    for (let i = 0; i < this.layout.shape[0]; i++) yield rowOf(this, i) as Tensor<D>;
  }

  /** An array that JSON can write: as toArray. */
  toJSON(): Nested<Item<D>> {
    return this.toArray();
  }

  /** @internal */
  get writable(): boolean {
    return isNonOverlapping(this.layout);
  }
}

const frozenShapes = new WeakMap<Layout, readonly number[]>();

// A caller who writes to the array it got must not write to a layout, which many tensors share.
function publicShape(layout: Layout): readonly number[] {
  let shape = frozenShapes.get(layout);
  if (shape === undefined) {
    shape = Object.freeze([...layout.shape]);
    frozenShapes.set(layout, shape);
  }
  return shape;
}

/** How far the element at row-major position i is from the first. */
function position(layout: Layout, i: number): number {
  let rest = i;
  let at = 0;
  for (let d = layout.shape.length - 1; d >= 0; d--) {
    const size = layout.shape[d];
    at += (rest % size) * layout.strides[d];
    rest = Math.floor(rest / size);
  }
  return at;
}

function plain(value: number | bigint, dtype: DType): number | boolean {
  if (dtype === "bool") return value !== 0;
  if (typeof value === "number") return value;
  if (value > 9007199254740991n || value < -9007199254740991n) {
    throw new RangeError(
      `${value} is not exact as a number; toBigInt() gives int64 elements as bigints`,
    );
  }
  return Number(value);
}

function nest<T>(shape: readonly number[], at: (i: number) => T): Nested<T> {
  let next = 0;
  const level = (d: number): Nested<T> => {
    if (d === shape.length) return at(next++);
    const out = new Array<Nested<T>>(shape[d]);
    for (let i = 0; i < shape[d]; i++) out[i] = level(d + 1);
    return out;
  };
  return level(0);
}

// What the layers above tell this one about: the tape's view of a tensor, and its slices.
let tapeView: (x: Tensor) => GradNode | null = (x) => x.node;
let rowOf: (x: Tensor, i: number) => Tensor = (x) => x;

/** @internal */
export function connect(hooks: {
  nodeOf: (x: Tensor) => GradNode | null;
  select: (x: Tensor, i: number) => Tensor;
}): void {
  tapeView = hooks.nodeOf;
  rowOf = hooks.select;
}
