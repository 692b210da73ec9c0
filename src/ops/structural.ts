/**
 * The operations that know shapes: views, reductions, products. A row gives what the tape must save and the
 * vector-Jacobian product, written in operations, so derivatives of any order come from it. A gradient may come back in a
 * shape that broadcasts were not undone in, or in another dtype: the engine mends both.
 */
import type { Shape } from "../core/shape.js";
import { contiguousStrides, Layout } from "../core/shape.js";
import type { TensorAlgebra, Window } from "./algebra.js";
import { matrices } from "./matrices.js";
import type { Context, StructuralRow } from "./row.js";
import { row, transposed } from "./row.js";

export type { Context, StructuralRow } from "./row.js";

/** The dims that a reduction was over, and whether they were kept with size one. */
export interface Reduced {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

const keptShape = (shape: Shape, dims: readonly number[]): number[] =>
  shape.map((size, d) => (dims.includes(d) ? 1 : size));

/** A reduced tensor with its reduced dims back at size one. */
const unreduce = <V>(o: TensorAlgebra<V>, x: V, shape: Shape, { dims, keepdim }: Reduced): V =>
  keepdim ? x : o.reshape(x, keptShape(shape, dims));

/** A reduced tensor repeated over what was reduced. */
const spread = <V>(o: TensorAlgebra<V>, x: V, shape: Shape, reduced: Reduced): V =>
  o.expand(o.shape(x).length === 0 ? x : unreduce(o, x, shape, reduced), shape);

/** Moves dims to the end, in the order given. */
const toEnd = (ndim: number, dims: readonly number[]): number[] => [
  ...Array.from({ length: ndim }, (_, d) => d).filter((d) => !dims.includes(d)),
  ...dims,
];

const inversePermutation = (dims: readonly number[]): number[] => {
  const inverse = new Array<number>(dims.length);
  dims.forEach((d, i) => {
    inverse[d] = i;
  });
  return inverse;
};

const countOf = (shape: Shape, dims: readonly number[]): number =>
  dims.reduce((count, d) => count * shape[d], 1);

/** Equal extremes share the cotangent; max and min count every nan as one where the result is nan, amax and amin none. */
const extreme = (backward: string, countsNan: boolean): StructuralRow<Reduced> =>
  row(backward, ["x", "out"], (o, { g, x, out, shapes: [shape], attributes, dtypes: [dtype] }) => {
    const top = unreduce(o, out, shape, attributes);
    const hits = o.to(countsNan ? extremeHits(o, x, top) : o.eq(x, top), dtype);
    const count = o.sum(hits, attributes.dims, { keepdim: true });
    return [o.mul(hits, o.div(unreduce(o, g, shape, attributes), count))];
  });

/** Where x is the extreme that was found; every nan is, where that is nan. */
const extremeHits = <V>(o: TensorAlgebra<V>, x: V, top: V): V =>
  o.logicalOr(o.eq(x, top), o.logicalAnd(o.isnan(x), o.isnan(top)));

const windowed = (backward: string): StructuralRow<Window> =>
  row(backward, [], (o, { g, shapes: [shape], attributes }) => [o.embed(g, shape, attributes)]);

/** A window on a base whose dims lie in memory in that order; null where it is contiguous. */
export interface InMemory extends Window {
  readonly order: readonly number[] | null;
}

const memoryShape = (shape: Shape, { order }: InMemory): Shape =>
  order === null ? shape : order.map((d) => shape[d]);

const fromMemory = <V>(o: TensorAlgebra<V>, x: V, { order }: InMemory): V =>
  order === null ? x : o.permute(x, inversePermutation(order));

const reshaped = (backward: string): StructuralRow<null> =>
  row(backward, [], (o, { g, shapes: [shape] }) => [o.reshape(g, shape)]);

const permuted = (backward: string): StructuralRow<{ readonly dims: readonly number[] }> =>
  row(backward, [], (o, { g, attributes: { dims } }) => [o.permute(g, inversePermutation(dims))]);

const sumLike = (backward: string): StructuralRow<Reduced> =>
  row(backward, [], (o, { g, shapes: [shape], attributes }) => [spread(o, g, shape, attributes)]);

const product = (backward: string): StructuralRow<null> =>
  row(backward, ["x", "y"], (o, { g, x, y, needs }) => [
    needs[0] ? o.matmul(g, transposed(o, y)) : null,
    needs[1] ? o.matmul(transposed(o, x), g) : null,
  ]);

export interface Along {
  readonly dim: number;
}

/** x inside of zeros of another shape, from an index along dim on. */
function padded<V>(o: TensorAlgebra<V>, x: V, shape: Shape, dim = 0, start = 0): V {
  const strides = contiguousStrides(shape);
  const layout = new Layout(o.shape(x), strides);
  return o.embed(x, shape, { layout, offset: shape.length === 0 ? 0 : start * strides[dim] });
}

/** Each element in the place of its neighbour below (by −1) or above (by 1) along dim, and a zero where none comes. */
function shifted<V>(o: TensorAlgebra<V>, x: V, dim: number, by: 1 | -1): V {
  const shape = o.shape(x);
  const kept = o.narrow(x, dim, by > 0 ? 0 : 1, shape[dim] - 1);
  return padded(o, kept, shape, dim, by > 0 ? 1 : 0);
}

/** A cotangent of chosen elements, put where they were chosen; y is their index. */
const scattered = <V>(
  o: TensorAlgebra<V>,
  g: V,
  { y, shapes: [shape], dtypes: [dtype] }: Context<V, unknown>,
  dim: number,
): V => o.scatterAdd(o.zeros(shape, dtype), dim, y, g);

const gathered = (backward: string): StructuralRow<Along> =>
  row(backward, ["y"], (o, c) => [scattered(o, c.g, c, c.attributes.dim), null]);
const picked = (backward: string): StructuralRow<Reduced> =>
  row(backward, ["y"], (o, c) => pickVjp(o, c));

export const structural = {
  view: reshaped("ViewBackward0"),
  reshape: reshaped("ReshapeAliasBackward0"),
  unsafeView: reshaped("UnsafeViewBackward0"),
  squeeze: reshaped("SqueezeBackward0"),
  squeezeDim: reshaped("SqueezeBackward1"),
  unsqueeze: reshaped("UnsqueezeBackward0"),
  permute: permuted("PermuteBackward0"),
  transpose: permuted("TransposeBackward0"),
  t: permuted("TBackward0"),
  expand: row<null>("ExpandBackward0", [], (_, { g }) => [g]),
  select: windowed("SelectBackward0"),
  slice: windowed("SliceBackward0"),
  diagonal: windowed("DiagonalBackward0"),
  window: windowed("AsStridedBackward0"),
  /** A view of a base, by where both lie in memory. */
  asStrided: row<InMemory>("AsStridedBackward0", [], (o, { g, shapes: [shape], attributes }) => [
    fromMemory(o, o.embed(g, memoryShape(shape, attributes), attributes), attributes),
  ]),
  /** A 0-d sum of the elements in a window. */
  trace: row<Window>("TraceBackward0", [], (o, { g, shapes: [shape], attributes }) => [
    o.embed(o.expand(g, attributes.layout.shape), shape, attributes),
  ]),
  diag: windowed("DiagBackward0"),
  embed: row<Window>("DiagBackward0", [], (o, { g, attributes }) => [o.view(g, attributes)]),

  /** Operands: the base before an in-place operation on a view of it, and the view's new value. */
  copySlices: row<InMemory>(
    "CopySlices",
    [],
    (o, { g, shapes: [shape], dtypes: [dtype], attributes, needs }) => {
      const all = attributes.order === null ? g : o.permute(g, attributes.order);
      const inside = o.view(all, attributes);
      if (!needs[0]) return [null, inside];
      const ones = o.add(o.zeros(o.shape(inside), dtype), 1);
      const written = o.embed(ones, memoryShape(shape, attributes), attributes);
      const outside = o.where(o.eq(written, 1), 0, all);
      return [fromMemory(o, outside, attributes), needs[1] ? inside : null];
    },
  ),
  /** Operands: the overwritten tensor, and the source. */
  copy: row<null>("CopyBackwards", [], (o, { g, shapes: [shape], dtypes: [dtype], needs }) => [
    needs[0] ? o.zeros(shape, dtype) : null,
    g,
  ]),
  zero: row<null>("ZeroBackward0", [], (o, { shapes: [shape], dtypes: [dtype] }) => [
    o.zeros(shape, dtype),
  ]),
  fill: row<null>("FillBackward0", [], (o, { shapes: [shape], dtypes: [dtype] }) => [
    o.zeros(shape, dtype),
  ]),

  clone: row<null>("CloneBackward0", [], (_, { g }) => [g]),
  to: row<null>("ToCopyBackward0", [], (_, { g }) => [g]),
  cat: row<Along>("CatBackward0", [], (o, { g, shapes, attributes: { dim }, needs }) => {
    let start = 0;
    return shapes.map((shape, i) => {
      const from = start;
      start += shape[dim];
      return needs[i] ? o.narrow(g, dim, from, shape[dim]) : null;
    });
  }),
  stack: row<Along>("StackBackward0", [], (o, { g, shapes, attributes: { dim }, needs }) =>
    shapes.map((shape, i) => (needs[i] ? o.reshape(o.narrow(g, dim, i, 1), shape) : null)),
  ),
  flip: row<{ readonly dims: readonly number[] }>(
    "FlipBackward0",
    [],
    (o, { g, attributes: { dims } }) => [o.flip(g, dims)],
  ),

  sum: sumLike("SumBackward0"),
  sumDim: sumLike("SumBackward1"),
  mean: row<Reduced>("MeanBackward0", [], (o, c) => meanVjp(o, c)),
  meanDim: row<Reduced>("MeanBackward1", [], (o, c) => meanVjp(o, c)),
  prod: row<Reduced>("ProdBackward0", ["x"], (o, c) => prodVjp(o, c)),
  prodDim: row<Reduced>("ProdBackward1", ["x"], (o, c) => prodVjp(o, c)),
  amax: extreme("AmaxBackward0", false),
  amin: extreme("AminBackward0", false),
  max: extreme("MaxBackward1", true),
  min: extreme("MinBackward1", true),
  median: extreme("MedianBackward0", true),
  nanmedian: extreme("NanmedianBackward0", true),
  /** The value at the index that was found; y is that index, with the dim kept at size one. */
  maxDim: picked("MaxBackward0"),
  minDim: picked("MinBackward0"),
  medianDim: picked("MedianBackward1"),
  nanmedianDim: picked("NanmedianBackward1"),
  kthvalue: picked("KthvalueBackward0"),
  mode: picked("ModeBackward0"),
  cummax: gathered("CummaxBackward0"),
  cummin: gathered("CumminBackward0"),
  /** Operands: x, the index. */
  gather: gathered("GatherBackward0"),
  /** Operands: x, the index, what is added. */
  scatterAdd: row<Along>("ScatterAddBackward0", ["y"], (o, { g, y, shapes, attributes, needs }) => {
    if (!needs[2]) return [g, null, null];
    return [g, null, padded(o, o.gather(g, attributes.dim, y), shapes[2])];
  }),
  nansum: row<Reduced>("NansumBackward0", ["x"], (o, { g, x, shapes: [shape], attributes }) => [
    o.where(o.isnan(x), 0, spread(o, g, shape, attributes)),
  ]),
  var: row<Reduced & { readonly correction: number }>("VarBackward0", ["x"], (o, c) => [
    varVjp(o, c, c.g),
  ]),
  std: row<Reduced & { readonly correction: number }>("StdBackward0", ["x", "out"], (o, c) => {
    // Where all are equal there is no slope; 0 stands for it, as in PyTorch.
    const { g, out } = c;
    return [varVjp(o, c, o.where(o.eq(out, 0), 0, o.div(g, o.mul(out, 2))))];
  }),
  norm: row<Reduced & { readonly p: number }>("NormBackward1", ["x", "out"], (o, c) => [
    normVjp(o, c),
  ]),
  logsumexp: row<Reduced>(
    "LogsumexpBackward0",
    ["x", "out"],
    (o, { g, x, out, shapes: [shape], attributes }) => {
      const weight = o.exp(o.sub(x, unreduce(o, out, shape, attributes)));
      return [o.mul(unreduce(o, g, shape, attributes), weight)];
    },
  ),
  softmax: row<Along>("SoftmaxBackward0", ["out"], (o, { g, out, attributes: { dim } }) => {
    const weighted = o.mul(g, out);
    return [o.sub(weighted, o.mul(out, o.sum(weighted, [dim], { keepdim: true })))];
  }),
  logSoftmax: row<Along>("LogSoftmaxBackward0", ["out"], (o, { g, out, attributes: { dim } }) => [
    o.sub(g, o.mul(o.exp(out), o.sum(g, [dim], { keepdim: true }))),
  ]),
  cumsum: row<Along>("CumsumBackward0", [], (o, { g, attributes: { dim } }) => [
    o.flip(o.cumsum(o.flip(g, [dim]), dim), [dim]),
  ]),

  /** With y the running products, dy[j] / dx[k] = y[k − 1] · x[k + 1] ··· x[j]: no division, zeros or not. */
  cumprod: row<Along>("CumprodBackward0", ["x", "out"], (o, { g, x, out, attributes: { dim } }) => {
    const shape = o.shape(x);
    const n = shape[dim];
    if (n === 0) return [g];
    const sums = o.linearRecurrence(g, shifted(o, x, dim, -1), dim, true);
    const first = padded(o, o.narrow(sums, dim, 0, 1), shape);
    const before = o.narrow(out, dim, 0, n - 1);
    const rest = o.mul(before, o.narrow(sums, dim, 1, n - 1));
    return [o.add(first, padded(o, rest, shape, dim, 1))];
  }),
  /** dy[j] / dx[k] = e^(x[k] − y[j]), with e^(y[k] − y[k + 1]) from each j to the next: no exponent is positive. */
  logcumsumexp: row<Along>(
    "LogcumsumexpBackward0",
    ["x", "out"],
    (o, { g, x, out, attributes: { dim } }) => {
      const shape = o.shape(x);
      const n = shape[dim];
      if (n === 0) return [g];
      const steps = o.sub(o.narrow(out, dim, 0, n - 1), o.narrow(out, dim, 1, n - 1));
      const sums = o.linearRecurrence(g, padded(o, o.exp(steps), shape), dim, true);
      return [o.mul(sums, o.exp(o.sub(x, out)))];
    },
  ),
  /** Operands: x, the factors. */
  linearRecurrence: row<Along & { readonly reverse: boolean }>(
    "LinearRecurrenceBackward",
    ["y", "out"],
    (o, { g, y, out, attributes: { dim, reverse }, needs }) => {
      if (o.shape(y)[dim] === 0) return [g, needs[1] ? g : null];
      const [back, on] = reverse ? ([1, -1] as const) : ([-1, 1] as const);
      const sums = o.linearRecurrence(g, shifted(o, y, dim, back), dim, !reverse);
      return [sums, needs[1] ? o.mul(sums, shifted(o, out, dim, on)) : null];
    },
  ),

  mm: product("MmBackward0"),
  bmm: product("BmmBackward0"),
  matmul: product("UnsafeViewBackward0"),
  mv: row<null>("MvBackward0", ["x", "y"], (o, { g, x, y, needs }) => [
    needs[0] ? o.mul(o.reshape(g, [...o.shape(g), 1]), y) : null,
    needs[1] ? o.matmul(transposed(o, x), g) : null,
  ]),
  dot: row<null>("DotBackward0", ["x", "y"], (o, { g, x, y, needs }) => [
    needs[0] ? o.mul(g, y) : null,
    needs[1] ? o.mul(g, x) : null,
  ]),
  ...matrices,
} satisfies Record<string, StructuralRow<never>>;

function meanVjp<V>(
  o: TensorAlgebra<V>,
  { g, shapes: [shape], attributes }: Context<V, Reduced>,
): V[] {
  return [spread(o, o.div(g, countOf(shape, attributes.dims)), shape, attributes)];
}

function prodVjp<V>(
  o: TensorAlgebra<V>,
  { g, x, shapes: [shape], attributes }: Context<V, Reduced>,
): V[] {
  const { dims } = attributes;
  const order = toEnd(shape.length, dims);
  const moved = order.map((d) => shape[d]);
  const kept = moved.slice(0, shape.length - dims.length);
  const flat = o.reshape(o.permute(x, order), [...kept, countOf(shape, dims)]);
  const others = o.permute(o.reshape(o.productOfOthers(flat), moved), inversePermutation(order));
  return [o.mul(unreduce(o, g, shape, attributes), others)];
}

function pickVjp<V>(o: TensorAlgebra<V>, c: Context<V, Reduced>): (V | null)[] {
  const { g, shapes, attributes } = c;
  const [dim] = attributes.dims;
  if (dim === undefined) return [g, null]; // a 0-d tensor
  return [scattered(o, unreduce(o, g, shapes[0], attributes), c, dim), null];
}

/** The derivative of a variance, for a cotangent that is not that of the whole operation perhaps. */
function varVjp<V>(
  o: TensorAlgebra<V>,
  { x, shapes: [shape], attributes }: Context<V, Reduced & { readonly correction: number }>,
  g: V,
): V {
  const { dims, correction } = attributes;
  const count = countOf(shape, dims);
  const mean = o.div(o.sum(x, dims, { keepdim: true }), count);
  const scale = o.mul(unreduce(o, g, shape, attributes), 2 / (count - correction));
  return o.mul(scale, o.sub(x, mean));
}

function normVjp<V>(
  o: TensorAlgebra<V>,
  {
    g,
    x,
    out,
    shapes: [shape],
    dtypes: [dtype],
    attributes,
  }: Context<V, Reduced & { readonly p: number }>,
): V {
  const { p } = attributes;
  const cotangent = unreduce(o, g, shape, attributes);
  const norm = unreduce(o, out, shape, attributes);
  const nonzero = (where: V, value: V): V => o.where(o.eq(where, 0), 0, value);
  switch (p) {
    case 0:
      return o.zeros(shape, dtype);
    case 1:
      return o.mul(cotangent, o.sign(x));
    case 2:
      return o.mul(x, nonzero(norm, o.div(cotangent, norm)));
    case Infinity:
    case -Infinity: {
      const hits = o.to(extremeHits(o, o.abs(x), norm), dtype);
      const count = o.sum(hits, attributes.dims, { keepdim: true });
      return o.mul(o.mul(o.sign(x), hits), o.div(cotangent, count));
    }
    default: {
      const powers = o.mul(o.sign(x), o.pow(o.abs(x), p - 1));
      if (p < 1) return o.mul(nonzero(x, powers), o.mul(cotangent, o.pow(norm, 1 - p)));
      return o.mul(powers, nonzero(norm, o.div(cotangent, o.pow(norm, p - 1))));
    }
  }
}
