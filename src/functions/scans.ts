/** Running sums, products and extremes along a dim. */
import { finish, recordStructural } from "../autograd/tape.js";
import type { DType } from "../core/dtype.js";
import { checkDType, dtypeInfo, isFloat } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { contiguousLayout, wrapDim } from "../core/shape.js";
import type { Along, StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, filled, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import type { Tensor } from "../tensor/tensor.js";
import { clone, to } from "./convert.js";
import type { OutOptions } from "./dispatch.js";
import { into } from "./dispatch.js";
import type { ValuesIndices } from "./plan.js";
import { code, wide, writeChosen } from "./plan.js";

/** Options of running sums and products. */
export interface ScanOptions extends OutOptions {
  /** The dtype to compute in, and of the result. */
  dtype?: DType;
}

/** Options of running maxima and minima. */
export interface RunningOptions {
  /** What values and indices are written to, and what is then returned. */
  out?: ValuesIndices;
}

function scan(op: string, row: StructuralRow<Along>, x: Tensor, dim: number): Tensor {
  if (x.ndim === 0) return clone(x);
  const out = fresh(x.type, contiguousLayout(x.layout.shape));
  execute.scan(code(op, x.dtype), [out, x], dim);
  return finish(recordStructural(row, [x], { dim }), out);
}

function accumulate(
  op: "cumsum" | "cumprod",
  x: TensorLike,
  dim: number,
  options: ScanOptions | undefined,
): Tensor {
  checkOptions(options, ["dtype", "out"], op);
  const given = asTensor(x, op);
  const d = wrapDim(dim, given.ndim, op);
  const type = options?.dtype === undefined ? wide(given.dtype) : checkDType(options.dtype, op);
  return into(scan(op, structural[op], to(given, type), d), options, op);
}

/** Running sums along a dim; integers in int64. @example cumsum([1, 2, 3], 0).toArray() // [1, 3, 6] */
export const cumsum = (x: TensorLike, dim: number, options?: ScanOptions): Tensor =>
  accumulate("cumsum", x, dim, options);

/** Running products along a dim; integers in int64. @example cumprod([1, 2, 3, 4], 0).toArray() // [1, 2, 6, 24] */
export const cumprod = (x: TensorLike, dim: number, options?: ScanOptions): Tensor =>
  accumulate("cumprod", x, dim, options);

/** Running log Σ eˣ along a dim, without overflow. @example logcumsumexp([1000, 1000], 0) // tensor([1000.0000, 1000.6932]) */
export function logcumsumexp(x: TensorLike, dim: number, options?: OutOptions): Tensor {
  checkOptions(options, ["out"], "logcumsumexp");
  const tensor = asTensor(x, "logcumsumexp");
  if (!isFloat(tensor.dtype)) {
    throw new DTypeError(`logcumsumexp: expected a floating-point dtype, got ${tensor.dtype}`);
  }
  const d = wrapDim(dim, tensor.ndim, "logcumsumexp");
  return into(scan("logcumsumexp", structural.logcumsumexp, tensor, d), options, "logcumsumexp");
}

function runningExtreme(
  op: "cummax" | "cummin",
  x: TensorLike,
  dim: number,
  options: RunningOptions | undefined,
): ValuesIndices {
  checkOptions(options, ["out"], op);
  const tensor = asTensor(x, op);
  const d = wrapDim(dim, tensor.ndim, op);
  const scalar = tensor.ndim === 0;
  const layout = contiguousLayout(tensor.layout.shape);
  const values = scalar ? clone(tensor) : fresh(tensor.type, layout);
  const indices = scalar ? filled("int64", [], 0) : fresh<"int64">(dtypeInfo.int64, layout);
  if (!scalar) execute.scan(code(op, tensor.dtype), [values, tensor, indices], d);
  if (options?.out !== undefined) return writeChosen({ values, indices }, options.out, op, tensor);
  if (!scalar) finish(recordStructural(structural[op], [tensor, indices], { dim: d }), values);
  return { values, indices };
}

/** Running maxima along a dim, and the index of the last such. @example cummax([1, 3, 2], 0).values.toArray() // [1, 3, 3] */
export const cummax = (x: TensorLike, dim: number, options?: RunningOptions): ValuesIndices =>
  runningExtreme("cummax", x, dim, options);
/** Running minima along a dim, and the index of the last such. @example cummin([3, 1, 2], 0).indices.toArray() // [0, 1, 1] */
export const cummin = (x: TensorLike, dim: number, options?: RunningOptions): ValuesIndices =>
  runningExtreme("cummin", x, dim, options);

/** y with y[i] = x[i] + factor[i] · y[i − 1] along a dim, or (reverse) + factor[i] · y[i + 1]; both of one shape and dtype. */
export function linearRecurrence(x: Tensor, factor: Tensor, dim: number, reverse = false): Tensor {
  const out = fresh(x.type, contiguousLayout(x.layout.shape));
  execute.scan(code("linear_recurrence", x.dtype), [out, x, factor], dim, reverse);
  return finish(recordStructural(structural.linearRecurrence, [x, factor], { dim, reverse }), out);
}
