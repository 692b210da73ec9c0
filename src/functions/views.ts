/** Views share the memory of what they are taken from: writing to one in place writes to the other. */
import { finish, linkView, recordStructural } from "../autograd/tape.js";
import { ArgumentError, IndexError, ShapeError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import {
  broadcastStrides,
  checkShape,
  contiguousLayout,
  inferShape,
  Layout,
  maxDims,
  reshapeStrides,
  showShape,
  wrapDim,
  wrapDims,
} from "../core/shape.js";
import type { Window } from "../ops/algebra.js";
import type { StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";

/** Sizes as an array or as arguments. */
export type Sizes = readonly [readonly number[]] | readonly number[];

export const sizesOf = (sizes: Sizes): readonly number[] =>
  Array.isArray(sizes[0]) ? (sizes[0] as readonly number[]) : (sizes as readonly number[]);

function makeView<A>(
  x: Tensor,
  layout: Layout,
  offset: number,
  row: StructuralRow<A>,
  attributes: () => A,
): Tensor {
  const out = new Tensor(x.type, x.storage, layout, x.offset + offset);
  linkView(out, x);
  if (x.node === null && x.base === null) return out;
  return finish(
    recordStructural(row, [x], attributes === noAttributes ? (null as A) : attributes()),
    out,
  );
}

const noAttributes = (): null => null;

/** A view of some of the elements: `windowOf` gives it for any layout of x's shape. */
function windowView(
  x: Tensor,
  row: StructuralRow<Window>,
  windowOf: (layout: Layout) => Window,
): Tensor {
  const { layout, offset } = windowOf(x.layout);
  return makeView(x, layout, offset, row, () =>
    x.layout.contiguous ? { layout, offset } : windowOf(contiguousLayout(x.layout.shape)),
  );
}

/**
 * The same elements under other sizes; one size may be −1 and is found out. A view where the layout allows, else a copy.
 *
 * @throws ShapeError when the numbers of elements differ.
 * @example
 * reshape([1, 2, 3, 4, 5, 6], [2, -1]).toArray() // [[1, 2, 3], [4, 5, 6]]
 */
export function reshape(x: TensorLike, ...sizes: Sizes): Tensor {
  const tensor = asTensor(x, "reshape");
  const shape = inferShape(sizesOf(sizes), tensor.layout.numel, tensor.layout.shape, "reshape");
  const strides = reshapeStrides(tensor.layout, shape);
  if (strides !== null) {
    return makeView(tensor, new Layout(shape, strides), 0, structural.reshape, noAttributes);
  }
  const copied = new Tensor(
    tensor.type,
    dense(tensor, tensor.type).storage,
    contiguousLayout(shape),
    0,
  );
  return finish(recordStructural(structural.unsafeView, [tensor], null), copied);
}

/**
 * As reshape, but always a view.
 *
 * @throws ShapeError where the layout does not allow one.
 * @example
 * view([1, 2, 3, 4], [2, 2]).toArray() // [[1, 2], [3, 4]]
 */
export function view(x: TensorLike, ...sizes: Sizes): Tensor {
  const tensor = asTensor(x, "view");
  const shape = inferShape(sizesOf(sizes), tensor.layout.numel, tensor.layout.shape, "view");
  const strides = reshapeStrides(tensor.layout, shape);
  if (strides === null) {
    throw new ShapeError(
      `view: a tensor of shape ${showShape(tensor.layout.shape)} and strides ${showShape(tensor.layout.strides)} has no view of shape ${showShape(shape)}; reshape() copies`,
    );
  }
  return makeView(tensor, new Layout(shape, strides), 0, structural.view, noAttributes);
}

/** Dims start … end as one. @example flatten([[1, 2], [3, 4]]).toArray() // [1, 2, 3, 4] */
export function flatten(x: TensorLike, startDim = 0, endDim = -1): Tensor {
  const tensor = asTensor(x, "flatten");
  const { shape } = tensor.layout;
  if (shape.length === 0) return reshape(tensor, [1]);
  const start = wrapDim(startDim, shape.length, "flatten");
  const end = wrapDim(endDim, shape.length, "flatten");
  if (start > end)
    throw new IndexError(`flatten: startDim ${startDim} comes after endDim ${endDim}`);
  if (start === end) return tensor;
  const middle = shape.slice(start, end + 1).reduce((a, b) => a * b, 1);
  return reshape(tensor, [...shape.slice(0, start), middle, ...shape.slice(end + 1)]);
}

function reorder(
  x: Tensor,
  dims: readonly number[],
  row: StructuralRow<{ dims: readonly number[] }>,
): Tensor {
  const { shape, strides } = x.layout;
  const layout = new Layout(
    dims.map((d) => shape[d]),
    dims.map((d) => strides[d]),
  );
  return makeView(x, layout, 0, row, () => ({ dims }));
}

/** The dims in another order. @example permute(zeros([2, 3, 4]), [2, 0, 1]).shape // [4, 2, 3] */
export function permute(x: TensorLike, ...dims: Sizes): Tensor {
  const tensor = asTensor(x, "permute");
  const order = wrapDims(sizesOf(dims), tensor.ndim, "permute");
  if (order.length !== tensor.ndim) {
    throw new ShapeError(
      `permute: ${showShape(order)} does not name each of ${tensor.ndim} dims once`,
    );
  }
  return reorder(tensor, order, structural.permute);
}

/** Two dims swapped. @example transpose([[1, 2], [3, 4]], 0, 1).toArray() // [[1, 3], [2, 4]] */
export function transpose(x: TensorLike, dim0: number, dim1: number): Tensor {
  const tensor = asTensor(x, "transpose");
  const { ndim } = tensor;
  const a = wrapDim(dim0, ndim, "transpose");
  const b = wrapDim(dim1, ndim, "transpose");
  if (ndim === 0) return reorder(tensor, [], structural.transpose);
  const order = tensor.layout.shape.map((_, d) => d);
  [order[a], order[b]] = [b, a];
  return reorder(tensor, order, structural.transpose);
}

/** A matrix with rows and columns swapped; vectors and scalars as they are. @example t([[1, 2]]).toArray() // [[1], [2]] */
export function t(x: TensorLike): Tensor {
  const tensor = asTensor(x, "t");
  if (tensor.ndim > 2)
    throw new ShapeError(
      `t: expected at most 2 dims, got ${tensor.ndim}; see transpose and permute`,
    );
  return reorder(
    tensor,
    tensor.ndim === 2 ? [1, 0] : tensor.layout.shape.map((_, d) => d),
    structural.t,
  );
}

/** All dims in reverse order. */
export const reversed = (x: Tensor): Tensor =>
  reorder(x, x.layout.shape.map((_, d) => d).reverse(), structural.permute);

/** The dims `source` moved to `destination`. @example movedim(zeros([2, 3, 4]), 0, 2).shape // [3, 4, 2] */
export function movedim(
  x: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const tensor = asTensor(x, "movedim");
  const from = wrapDims(typeof source === "number" ? [source] : source, tensor.ndim, "movedim");
  const to = wrapDims(
    typeof destination === "number" ? [destination] : destination,
    tensor.ndim,
    "movedim",
  );
  if (from.length !== to.length) {
    throw new ArgumentError(`movedim: ${from.length} dims cannot move to ${to.length} places`);
  }
  const rest = tensor.layout.shape.map((_, d) => d).filter((d) => !from.includes(d));
  const order = tensor.layout.shape.map((_, d) =>
    to.includes(d) ? from[to.indexOf(d)] : (rest.shift() as number),
  );
  return reorder(tensor, order, structural.permute);
}

function withoutDims(x: Tensor, drop: (d: number) => boolean, row: StructuralRow<null>): Tensor {
  const { shape, strides } = x.layout;
  const layout = new Layout(
    shape.filter((_, d) => !drop(d)),
    strides.filter((_, d) => !drop(d)),
  );
  return makeView(x, layout, 0, row, noAttributes);
}

/** Without dims of size one: all of them, or those named. @example squeeze([[[1], [2]]]).shape // [2] */
export function squeeze(x: TensorLike, dim?: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "squeeze");
  const { shape } = tensor.layout;
  if (dim === undefined) return withoutDims(tensor, (d) => shape[d] === 1, structural.squeeze);
  const dims = wrapDims(typeof dim === "number" ? [dim] : dim, tensor.ndim, "squeeze");
  return withoutDims(tensor, (d) => dims.includes(d) && shape[d] === 1, structural.squeezeDim);
}

/** With a dim of size one inserted. @example unsqueeze([1, 2], 1).toArray() // [[1], [2]] */
export function unsqueeze(x: TensorLike, dim: number): Tensor {
  const tensor = asTensor(x, "unsqueeze");
  const { shape, strides } = tensor.layout;
  const at = wrapDim(dim, shape.length + 1, "unsqueeze");
  if (shape.length === maxDims)
    throw new ShapeError(`unsqueeze: a tensor has at most ${maxDims} dims`);
  const step = at < shape.length ? shape[at] * strides[at] : 1;
  const layout = new Layout(
    [...shape.slice(0, at), 1, ...shape.slice(at)],
    [...strides.slice(0, at), step, ...strides.slice(at)],
  );
  return makeView(tensor, layout, 0, structural.unsqueeze, noAttributes);
}

/**
 * Dims of size one repeated to the sizes given, without copying; −1 keeps a size.
 *
 * @throws ShapeError for sizes that x does not broadcast to.
 * @example
 * expand([[1], [2]], [2, 3]).toArray() // [[1, 1, 1], [2, 2, 2]]
 */
export function expand(x: TensorLike, ...sizes: Sizes): Tensor {
  const tensor = asTensor(x, "expand");
  const { shape } = tensor.layout;
  const wanted = sizesOf(sizes);
  const lead = wanted.length - shape.length;
  const to = new Array<number>(wanted.length);
  for (let d = 0; d < to.length; d++) {
    const size = wanted[d];
    const own = d < lead ? 1 : shape[d - lead];
    to[d] = size === -1 && d >= lead ? own : size;
    if (to[d] !== own && own !== 1) to[d] = -1;
  }
  if (lead < 0 || to.includes(-1)) {
    throw new ShapeError(
      `expand: shape ${showShape(shape)} does not expand to ${showShape(wanted)}`,
    );
  }
  checkShape(to, "expand");
  return expandTo(tensor, to);
}

/** x under a shape that it is known to broadcast to. */
export const expandTo = (x: Tensor, shape: Shape): Tensor =>
  makeView(
    x,
    new Layout(shape, broadcastStrides(x.layout, shape)),
    0,
    structural.expand,
    noAttributes,
  );

/** x expanded to the shape of another. @example expandAs([1], [1, 2, 3]).toArray() // [1, 1, 1] */
export const expandAs = (x: TensorLike, other: TensorLike): Tensor =>
  expand(x, asTensor(other, "expandAs").layout.shape);

/**
 * Places start, start + step, … before end along a dim. Negative places count from the back, and those beyond the ends
 * stop there.
 *
 * @example
 * slice([0, 1, 2, 3, 4], 0, 1, null, 2).toArray() // [1, 3]
 */
export function slice(
  x: TensorLike,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor {
  const tensor = asTensor(x, "slice");
  if (tensor.ndim === 0) throw new ShapeError("slice: a 0-d tensor has no dim");
  const d = wrapDim(dim, tensor.ndim, "slice");
  const size = tensor.layout.shape[d];
  if (!Number.isInteger(step) || step < 1)
    throw new ArgumentError(`slice: the step is ≥ 1, got ${step}`);
  const place = (at: number | null, missing: number): number => {
    if (at === null) return missing;
    if (!Number.isInteger(at)) throw new IndexError(`slice: places are whole numbers, got ${at}`);
    return Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  };
  const from = place(start, 0);
  const to = Math.max(place(end, size), from);
  const count = Math.ceil((to - from) / step);
  return windowView(tensor, structural.slice, ({ shape, strides }) => ({
    layout: new Layout(
      shape.map((s, i) => (i === d ? count : s)),
      strides.map((s, i) => (i === d ? s * step : s)),
    ),
    offset: count === 0 ? 0 : from * strides[d],
  }));
}

/** `length` places from `start` along a dim. @example narrow([0, 1, 2, 3], 0, 1, 2).toArray() // [1, 2] */
export function narrow(x: TensorLike, dim: number, start: number, length: number): Tensor {
  const tensor = asTensor(x, "narrow");
  if (tensor.ndim === 0) throw new ShapeError("narrow: a 0-d tensor has no dim");
  const d = wrapDim(dim, tensor.ndim, "narrow");
  const size = tensor.layout.shape[d];
  const from = start < 0 ? start + size : start;
  if (
    !Number.isInteger(from) ||
    from < 0 ||
    !Number.isInteger(length) ||
    length < 0 ||
    from + length > size
  ) {
    throw new IndexError(
      `narrow: ${length} places from ${start} on do not lie in dim ${d} of size ${size}`,
    );
  }
  return slice(tensor, d, from, from + length);
}

/** One place along a dim, which goes away. @example select([[1, 2], [3, 4]], 0, 1).toArray() // [3, 4] */
export function select(x: TensorLike, dim: number, index: number): Tensor {
  const tensor = asTensor(x, "select");
  if (tensor.ndim === 0) throw new ShapeError("select: a 0-d tensor has no dim");
  const d = wrapDim(dim, tensor.ndim, "select");
  const size = tensor.layout.shape[d];
  const at = index < 0 ? index + size : index;
  if (!Number.isInteger(at) || at < 0 || at >= size) {
    throw new IndexError(`select: index ${index} is out of range for dim ${d} of size ${size}`);
  }
  return windowView(tensor, structural.select, ({ shape, strides }) => ({
    layout: new Layout(
      shape.filter((_, i) => i !== d),
      strides.filter((_, i) => i !== d),
    ),
    offset: at * strides[d],
  }));
}

/** What a window shows of a contiguous tensor. */
export const windowOn = (x: Tensor, window: Window): Tensor =>
  windowView(x, structural.window, () => window);

/** Options of diagonal. */
export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, above it positive, below it negative. */
  offset?: number;
  dim1?: number;
  dim2?: number;
}

/** The window of a diagonal, as a last dim, on any layout. */
export function diagonalWindow(
  dim1: number,
  dim2: number,
  offset: number,
): (layout: Layout) => Window {
  return ({ shape, strides }) => {
    const count =
      offset >= 0
        ? Math.max(Math.min(shape[dim1], shape[dim2] - offset), 0)
        : Math.max(Math.min(shape[dim1] + offset, shape[dim2]), 0);
    const rest = shape.map((_, d) => d).filter((d) => d !== dim1 && d !== dim2);
    const start = offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
    return {
      layout: new Layout(
        [...rest.map((d) => shape[d]), count],
        [...rest.map((d) => strides[d]), strides[dim1] + strides[dim2]],
      ),
      offset: count === 0 ? 0 : start,
    };
  };
}

/** A diagonal of dims dim1 and dim2, as the last dim. @example diagonal([[1, 2], [3, 4]]).toArray() // [1, 4] */
export function diagonal(
  x: TensorLike,
  { offset = 0, dim1 = 0, dim2 = 1 }: DiagonalOptions = {},
): Tensor {
  const tensor = asTensor(x, "diagonal");
  if (tensor.ndim < 2)
    throw new ShapeError(`diagonal: expected at least 2 dims, got ${tensor.ndim}`);
  const a = wrapDim(dim1, tensor.ndim, "diagonal");
  const b = wrapDim(dim2, tensor.ndim, "diagonal");
  if (a === b) throw new IndexError(`diagonal: dim1 and dim2 are both ${a}`);
  if (!Number.isInteger(offset))
    throw new IndexError(`diagonal: the offset is a whole number, not ${offset}`);
  return windowView(tensor, structural.diagonal, diagonalWindow(a, b, offset));
}

/** All slices along a dim. @example unbind([[1, 2], [3, 4]]).map((row) => row.toArray()) // [[1, 2], [3, 4]] */
export function unbind(x: TensorLike, dim = 0): Tensor[] {
  const tensor = asTensor(x, "unbind");
  if (tensor.ndim === 0) throw new ShapeError("unbind: a 0-d tensor has no dim");
  const d = wrapDim(dim, tensor.ndim, "unbind");
  return Array.from({ length: tensor.layout.shape[d] }, (_, i) => select(tensor, d, i));
}

/**
 * Pieces along a dim: of that size each (the last may be smaller), or of the sizes given.
 *
 * @example
 * split([1, 2, 3, 4, 5], 2).map((piece) => piece.toArray()) // [[1, 2], [3, 4], [5]]
 */
export function split(x: TensorLike, sizes: number | readonly number[], dim = 0): Tensor[] {
  const tensor = asTensor(x, "split");
  if (tensor.ndim === 0) throw new ShapeError("split: a 0-d tensor has no dim");
  const d = wrapDim(dim, tensor.ndim, "split");
  const size = tensor.layout.shape[d];
  let pieces: readonly number[];
  if (typeof sizes === "number") {
    if (!Number.isInteger(sizes) || sizes < 1)
      throw new ArgumentError(`split: a size is ≥ 1, got ${sizes}`);
    pieces = Array.from({ length: Math.max(Math.ceil(size / sizes), 1) }, (_, i) =>
      Math.min(sizes, size - i * sizes),
    );
  } else {
    pieces = sizes;
    if (pieces.reduce((a, b) => a + b, 0) !== size) {
      throw new ShapeError(`split: the sizes ${showShape(pieces)} do not add up to ${size}`);
    }
  }
  let start = 0;
  return pieces.map((length) => {
    const piece = narrow(tensor, d, start, length);
    start += length;
    return piece;
  });
}
