/** Computations along dims that walk over them several times, each as one program. */
import { contiguousLayout } from "../core/shape.js";
import { nativeOp } from "../native/door.js";
import { fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import type { Tensor } from "../tensor/tensor.js";

const codeOf = (name: string): number => nativeOp(name).code;
const amax = codeOf("amax");
const div = codeOf("div");
const exp = codeOf("exp");
const mean = codeOf("mean");
const square = codeOf("square");
const sub = codeOf("sub");
const sum = codeOf("sum");

/** The shape with one dim of size one. */
const withOne = ({ layout: { shape } }: Tensor, dim: number): number[] =>
  shape.map((size, d) => (d === dim ? 1 : size));

/** The dims for a dim that wraps: none in a 0-d tensor. */
const only = ({ layout: { shape } }: Tensor, dim: number): readonly number[] =>
  shape.length === 0 ? [] : [dim];

/** The sum of squared distances from the mean, and the mean: that is found first, so that no digits cancel. */
export function squaresAroundMean(
  x: Tensor,
  dims: readonly number[],
  shape: readonly number[],
): [total: Tensor, mean: Tensor] {
  const layout = contiguousLayout(shape);
  const total = fresh(x.type, layout);
  const middle = fresh(x.type, layout);
  execute.alongDims(x.type, [total, middle], [], x, dims, (w) => {
    const center = w.fold(1, mean, w.x());
    w.fold(0, sum, w.map(square, w.map(sub, w.x(), center)));
  });
  return [total, middle];
}

/** Σ e^(x − top) over dims, and top: the largest x. */
export function powersBelowTop(
  x: Tensor,
  dims: readonly number[],
  shape: readonly number[],
): [total: Tensor, top: Tensor] {
  const layout = contiguousLayout(shape);
  const total = fresh(x.type, layout);
  const top = fresh(x.type, layout);
  execute.alongDims(x.type, [total, top], [], x, dims, (w) => {
    const highest = w.fold(1, amax, w.x());
    w.fold(0, sum, w.map(exp, w.map(sub, w.x(), highest)));
  });
  return [total, top];
}

/** As powersBelowTop along a dim that stays. */
export const powersAlong = (x: Tensor, dim: number): [total: Tensor, top: Tensor] =>
  powersBelowTop(x, only(x, dim), withOne(x, dim));

/** eˣ / Σ eˣ along a dim. */
export function shares(x: Tensor, dim: number): Tensor {
  const out = fresh(x.type, contiguousLayout(x.layout.shape));
  if (out.layout.numel === 0) return out;
  const layout = contiguousLayout(withOne(x, dim));
  const folds = [fresh(x.type, layout), fresh(x.type, layout)];
  execute.alongDims(x.type, folds, [out], x, only(x, dim), (w) => {
    const top = w.fold(0, amax, w.x());
    const powers = w.mapInto(2, exp, w.map(sub, w.x(), top));
    const total = w.fold(1, sum, powers);
    w.mapInto(2, div, powers, total);
  });
  return out;
}
