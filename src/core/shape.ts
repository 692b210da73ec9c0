import { IndexError, ShapeError } from "./errors.js";

/** The most dimensions a tensor may have. */
export const maxDims = 64;

export type Shape = readonly number[];

/** How indices map to elements: sizes, and strides counted in elements. Immutable and shared freely. */
export class Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly numel: number;
  /** Whether the elements lie densely in row-major order. */
  readonly contiguous: boolean;
  /** Whether all indices are of one element, as in an expanded scalar. */
  readonly constant: boolean;

  constructor(shape: Shape, strides: readonly number[]) {
    this.shape = shape;
    this.strides = strides;
    let numel = 1;
    let contiguous = true;
    let constant = true;
    for (let d = shape.length - 1; d >= 0; d--) {
      const size = shape[d];
      if (size !== 1) {
        if (strides[d] !== numel) contiguous = false;
        if (strides[d] !== 0) constant = false;
      }
      numel *= size;
    }
    this.numel = numel;
    this.constant = constant;
    this.contiguous = contiguous || numel === 0;
  }

  get ndim(): number {
    return this.shape.length;
  }
}

export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export function numelOf(shape: Shape): number {
  let n = 1;
  for (const size of shape) n *= size;
  return n;
}

/** Row-major strides. A size of zero counts as one, as PyTorch does. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d], 1);
  }
  return strides;
}

export const scalarLayout: Layout = new Layout([], []);

const shortVectors: (Layout | undefined)[] = [];

/** The dense layout of a shape. Equal layouts being one object is no promise, only the quickest way to be equal. */
export function contiguousLayout(shape: Shape): Layout {
  if (shape.length === 0) return scalarLayout;
  const [length] = shape;
  if (shape.length > 1 || length >= 256) return new Layout(shape, contiguousStrides(shape));
  shortVectors[length] ??= new Layout([length], [1]);
  return shortVectors[length] as Layout;
}

/** More elements than any memory has; native code counts a few bits further. */
const largest = 2 ** 48;

/** Checks sizes that a caller gave: whole numbers, not negative, not too many or too large together. */
export function checkShape(shape: unknown, where: string): number[] {
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${where}: a shape is an array of sizes, not ${String(shape)}`);
  }
  if (shape.length > maxDims) {
    throw new ShapeError(`${where}: ${shape.length} dimensions are more than ${maxDims}`);
  }
  let numel = 1;
  for (let d = 0; d < shape.length; d++) {
    const size: unknown = shape[d];
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0) {
      throw new ShapeError(`${where}: sizes are whole numbers ≥ 0, got ${showShape(shape)}`);
    }
    numel *= Math.max(size, 1); // strides grow by other sizes where one is zero, too
  }
  if (!(numel <= largest)) {
    throw new ShapeError(`${where}: ${showShape(shape)} holds too many elements`);
  }
  return [...(shape as number[])];
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** The dimension counted from the front. */
export function wrapDim(dim: number, ndim: number, where: string): number {
  const range = Math.max(ndim, 1); // a 0-d tensor takes 0 and -1, as in PyTorch
  if (typeof dim !== "number" || !Number.isInteger(dim)) {
    throw new IndexError(`${where}: a dim is a whole number, not ${String(dim)}`);
  }
  if (dim < -range || dim >= range) {
    throw new IndexError(`${where}: dim ${dim} is out of range [${-range}, ${range - 1}]`);
  }
  return dim < 0 ? dim + range : dim;
}

/** Dims counted from the front, in the order given; a dim named twice throws. */
export function wrapDims(dims: readonly number[], ndim: number, where: string): number[] {
  if (!Array.isArray(dims)) {
    throw new IndexError(`${where}: a dim or an array of dims is needed, got ${String(dims)}`);
  }
  const wrapped = dims.map((dim) => wrapDim(dim, ndim, where));
  if (new Set(wrapped).size !== wrapped.length) {
    throw new IndexError(`${where}: a dim appears twice in ${showShape(dims)}`);
  }
  return wrapped;
}

/** The common shape of several, by the rule of NumPy and PyTorch. */
export function broadcastShapes(shapes: readonly Shape[], where: string): Shape {
  let result = shapes[0];
  for (let i = 1; i < shapes.length; i++) result = broadcastPair(result, shapes[i], shapes, where);
  return result;
}

function broadcastPair(a: Shape, b: Shape, all: readonly Shape[], where: string): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let d = 1; d <= ndim; d++) {
    const x = d <= a.length ? a[a.length - d] : 1;
    const y = d <= b.length ? b[b.length - d] : 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${where}: shapes do not broadcast: ${all.map(showShape).join(" and ")} (${x} vs ${y} at dim ${-d})`,
      );
    }
    out[ndim - d] = x === 1 ? y : x;
  }
  return out;
}

/** Strides that show `layout` with the shape `shape`, which it broadcasts to. */
export function broadcastStrides(layout: Layout, shape: Shape): readonly number[] {
  if (layout.shape === shape) return layout.strides;
  const lead = shape.length - layout.ndim;
  const strides = new Array<number>(shape.length);
  for (let d = 0; d < shape.length; d++) {
    strides[d] =
      d < lead || (layout.shape[d - lead] === 1 && shape[d] !== 1) ? 0 : layout.strides[d - lead];
  }
  return strides;
}

/** The shape with a -1 filled in, checked against the number of elements. */
export function inferShape(
  sizes: readonly number[],
  numel: number,
  from: Shape,
  where: string,
): number[] {
  const bad = (why: string): never => {
    throw new ShapeError(
      `${where}: shape ${showShape(sizes)} ${why} a tensor of shape ${showShape(from)}`,
    );
  };
  let unknown = -1;
  let known = 1;
  for (let d = 0; d < sizes.length; d++) {
    const size = sizes[d];
    if (!Number.isInteger(size) || size < -1) bad("is invalid for");
    if (size !== -1) known *= size;
    else if (unknown >= 0) bad("has more than one -1 for");
    else unknown = d;
  }
  if (sizes.length > maxDims) bad("has too many dimensions for");
  const shape = [...sizes];
  if (unknown >= 0) {
    if (known === 0) bad("leaves its -1 open for");
    if (numel % known !== 0) bad("does not fit");
    shape[unknown] = numel / known;
  } else if (known !== numel) {
    bad("does not fit");
  }
  return shape;
}

/**
 * Strides under which elements laid out as `layout` have the shape `shape`, or null where they have to be copied. The
 * dims of `layout` are grouped into runs that could be one dim each; every run has to split evenly into new sizes.
 */
export function reshapeStrides(layout: Layout, shape: Shape): number[] | null {
  if (layout.contiguous) return contiguousStrides(shape);
  const strides = new Array<number>(shape.length);
  let next = shape.length - 1; // the new dim to be filled
  let d = layout.ndim - 1;
  while (d >= 0) {
    let run = layout.shape[d];
    let inner = layout.strides[d];
    while (
      d > 0 &&
      (layout.shape[d - 1] === 1 || run === 1 || layout.strides[d - 1] === inner * run)
    ) {
      if (run === 1) inner = layout.strides[d - 1];
      run *= layout.shape[d - 1];
      d--;
    }
    let filled = 1;
    while (next >= 0 && (filled < run || shape[next] === 1)) {
      strides[next] = inner * filled;
      filled *= shape[next];
      next--;
    }
    if (filled !== run) return null;
    d--;
  }
  while (next >= 0) strides[next--] = 1;
  return strides;
}

/** Whether no two indices share an element: by rising stride, each dim steps over all that lies below it. */
export function isNonOverlapping(layout: Layout): boolean {
  if (layout.contiguous) return true;
  const dims = layout.shape
    .map((size, d) => ({ size, stride: Math.abs(layout.strides[d]) }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => a.stride - b.stride);
  let span = 0;
  for (const { size, stride } of dims) {
    if (stride <= span) return false;
    span += stride * (size - 1);
  }
  return true;
}

/** The least and the greatest element position that indices reach, relative to the first; null when there is none. */
export function extentOf(layout: Layout): { low: number; high: number } | null {
  if (layout.numel === 0) return null;
  let low = 0;
  let high = 0;
  for (let d = 0; d < layout.ndim; d++) {
    const reach = (layout.shape[d] - 1) * layout.strides[d];
    if (reach < 0) low += reach;
    else high += reach;
  }
  return { low, high };
}
