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
const log = codeOf("log");
const mean = codeOf("mean");
const square = codeOf("square");
const sub = codeOf("sub");
const sum = codeOf("sum");

/** The sum of squared distances from the mean, and the mean: that is found first, so that no digits cancel. */
export function squaresAroundMean(
  x: Tensor,
  dims: readonly number[],
  shape: readonly number[],
): [total: Tensor, mean: Tensor] {
  const layout = contiguousLayout(shape);
  const total = fresh(x.type, layout);
  const middle = fresh(x.type, layout);
  const write = (w: execute.Walks): void => {
    const center = w.fold(1, mean, w.x());
    w.fold(0, sum, w.map(square, w.map(sub, w.x(), center)));
  };
  execute.alongDims({ type: x.type, folds: [total, middle], maps: [], x, dims, write });
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
  const write = (w: execute.Walks): void => {
    const highest = w.fold(1, amax, w.x());
    w.fold(0, sum, w.map(exp, w.map(sub, w.x(), highest)));
  };
  execute.alongDims({ type: x.type, folds: [total, top], maps: [], x, dims, write });
  return [total, top];
}

// What softmax and its logarithm share: the largest x and the sum of powers below it are no results.
function along(
  x: Tensor,
  dim: number,
  write: (w: execute.Walks, top: number, total: number, out: number) => void,
): Tensor {
  const { shape, numel } = x.layout;
  const out = fresh(x.type, contiguousLayout(shape));
  if (numel === 0) return out;
  const layout = contiguousLayout(shape.map((size, d) => (d === dim ? 1 : size)));
  const folds = [fresh(x.type, layout), fresh(x.type, layout)];
  const dims = shape.length === 0 ? [] : [dim];
  const steps = (w: execute.Walks): void => write(w, 0, 1, 2);
  execute.alongDims({ type: x.type, folds, maps: [out], x, dims, write: steps });
  return out;
}

/** eˣ / Σ eˣ along a dim. */
export const shares = (x: Tensor, dim: number): Tensor =>
  along(x, dim, (w, top, total, out) => {
    w.fold(top, amax, w.x());
    w.mapInto(out, exp, w.map(sub, w.x(), top));
    w.fold(total, sum, out);
    w.mapInto(out, div, out, total);
  });

/** x − log Σ eˣ along a dim. */
export const logShares = (x: Tensor, dim: number): Tensor =>
  along(x, dim, (w, top, total, out) => {
    w.fold(top, amax, w.x());
    w.fold(total, sum, w.map(exp, w.map(sub, w.x(), top)));
    w.mapFolds(total, log, total);
    w.mapInto(out, sub, w.map(sub, w.x(), top), total);
  });
