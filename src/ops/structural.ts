/**
 * The operations that know shapes: views, reductions, products. A row gives what the tape must save and the
 * vector-Jacobian product, written in operations, so derivatives of any order come from it. A gradient may come back in a
 * shape that broadcasts were not undone in, or in another dtype: the engine mends both.
 */
import type { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Cotangent, TensorAlgebra, Window } from "./algebra.js";

/** What a vjp of a structural operation is given. */
export interface Context<V, A> extends Cotangent<V> {
  /** The shapes and dtypes of the operands. */
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
  readonly attributes: A;
  /** Whether operand i needs a gradient. */
  readonly needs: readonly boolean[];
}

export interface StructuralRow<A> {
  readonly backward: string;
  /** The values that the rule reads. */
  readonly saves: readonly ("x" | "y" | "out")[];
  /** One cotangent for each operand; null for one that gets none. */
  readonly vjp: <V>(o: TensorAlgebra<V>, c: Context<V, A>) => (V | null)[];
}

const row = <A>(
  backward: string,
  saves: readonly ("x" | "y" | "out")[],
  vjp: StructuralRow<A>["vjp"],
): StructuralRow<A> => ({ backward, saves, vjp });

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

const transposed = <V>(o: TensorAlgebra<V>, x: V): V => {
  const ndim = o.shape(x).length;
  const dims = Array.from({ length: ndim }, (_, d) => d);
  [dims[ndim - 2], dims[ndim - 1]] = [ndim - 1, ndim - 2];
  return o.permute(x, dims);
};

const countOf = (shape: Shape, dims: readonly number[]): number =>
  dims.reduce((count, d) => count * shape[d], 1);

/** Equal extremes share the cotangent; max and min count every nan as one where the result is nan, amax and amin none. */
const extreme = (backward: string, countsNan: boolean): StructuralRow<Reduced> =>
  row(backward, ["x", "out"], (o, { g, x, out, shapes: [shape], attributes, dtypes: [dtype] }) => {
    const top = unreduce(o, out, shape, attributes);
    const equal = o.eq(x, top);
    const hit = countsNan ? o.logicalOr(equal, o.logicalAnd(o.isnan(x), o.isnan(top))) : equal;
    const hits = o.to(hit, dtype);
    const count = o.sum(hits, attributes.dims, { keepdim: true });
    return [o.mul(hits, o.div(unreduce(o, g, shape, attributes), count))];
  });

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
  /** The value at the index that was found; y is that index, with the dim kept at size one. */
  maxDim: row<Reduced>("MaxBackward0", ["y"], (o, c) => pickVjp(o, c)),
  minDim: row<Reduced>("MinBackward0", ["y"], (o, c) => pickVjp(o, c)),
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
  inverse: row<null>("LinalgInvExBackward0", ["out"], (o, { g, out }) => {
    const outT = transposed(o, out);
    return [o.neg(o.matmul(o.matmul(outT, g), outT))];
  }),
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

function pickVjp<V>(
  o: TensorAlgebra<V>,
  { g, y, shapes: [shape], attributes }: Context<V, Reduced>,
): (V | null)[] {
  const [dim] = attributes.dims;
  if (dim === undefined) return [g, null]; // a 0-d tensor
  return [o.where(o.isIndex(y, dim, shape[dim]), unreduce(o, g, shape, attributes), 0), null];
}
