/** In-place forms: the result takes the place of the first operand, whose views see it too. */

import { isGradEnabled } from "../autograd/mode.js";
import { checkInPlace, recordStructural, rewriteEdge } from "../autograd/tape.js";
import { isFloat } from "../core/dtype.js";
import { ArgumentError } from "../core/errors.js";
import { broadcastShapes } from "../core/shape.js";
import type { ElementwiseName } from "../ops/algebra.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, fromData } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import type { ClampBounds } from "./checks.js";
import { checkDivisor, checkExponent, clampBounds, scaled } from "./checks.js";
import type { ElementwiseOp } from "./dispatch.js";
import { applyInPlace, checkTarget, ops, prepareWrite } from "./dispatch.js";
import type { AlphaOptions, DivOptions } from "./elementwise.js";
import { div } from "./elementwise.js";

const one =
  (name: ElementwiseName) =>
  <T extends Tensor>(x: T): T => {
    const op: ElementwiseOp = ops[name];
    if (op.row.result === "whole" && x.dtype !== "bool" && !isFloat(x.dtype)) return x;
    return applyInPlace(op, x, []);
  };
const two =
  (name: ElementwiseName) =>
  <T extends Tensor>(x: T, y: TensorLike): T =>
    applyInPlace(ops[name], x, [y]);

export const neg_ = one("neg");
export const abs_ = one("abs");
export const sign_ = one("sign");
export const floor_ = one("floor");
export const ceil_ = one("ceil");
export const round_ = one("round");
export const trunc_ = one("trunc");
export const relu_ = one("relu");
export const reciprocal_ = one("reciprocal");
export const square_ = one("square");
export const sqrt_ = one("sqrt");
export const rsqrt_ = one("rsqrt");
export const exp_ = one("exp");
export const exp2_ = one("exp2");
export const expm1_ = one("expm1");
export const log_ = one("log");
export const log2_ = one("log2");
export const log10_ = one("log10");
export const log1p_ = one("log1p");
export const sin_ = one("sin");
export const cos_ = one("cos");
export const tan_ = one("tan");
export const asin_ = one("asin");
export const acos_ = one("acos");
export const atan_ = one("atan");
export const sinh_ = one("sinh");
export const cosh_ = one("cosh");
export const tanh_ = one("tanh");
export const asinh_ = one("asinh");
export const acosh_ = one("acosh");
export const atanh_ = one("atanh");
export const sigmoid_ = one("sigmoid");
export const erf_ = one("erf");
export const erfc_ = one("erfc");

/** x += alpha · y. @example tensor([1, 2]).add_(3).toArray() // [4, 5] */
export const add_ = <T extends Tensor>(x: T, y: TensorLike, options?: AlphaOptions): T =>
  applyInPlace(ops.add, x, [scaled(x, y, options?.alpha, "add_")]);
/** x −= alpha · y. @example tensor([1, 2]).sub_(3).toArray() // [-2, -1] */
export const sub_ = <T extends Tensor>(x: T, y: TensorLike, options?: AlphaOptions): T =>
  applyInPlace(ops.sub, x, [scaled(x, y, options?.alpha, "sub_")]);
/** x *= y. @example tensor([1, 2]).mul_(3).toArray() // [3, 6] */
export const mul_ = two("mul");
/** x /= y. @example tensor([1, 2]).div_(2).toArray() // [0.5, 1] */
export const div_ = <T extends Tensor>(x: T, y: TensorLike, options?: DivOptions): T =>
  options?.roundingMode ? copy_(x, div(x, y, options)) : applyInPlace(ops.div, x, [y]);
/** x = x^y. @example tensor([1, 2]).pow_(3).toArray() // [1, 8] */
export const pow_ = <T extends Tensor>(x: T, y: TensorLike): T => {
  checkExponent(x, y, "pow_");
  return applyInPlace(ops.pow, x, [y]);
};
const divided =
  (name: "floorDivide" | "remainder" | "fmod") =>
  <T extends Tensor>(x: T, y: TensorLike): T => {
    checkDivisor(x, y, `${name}_`);
    return applyInPlace(ops[name], x, [y]);
  };
export const floorDivide_ = divided("floorDivide");
export const remainder_ = divided("remainder");
export const fmod_ = divided("fmod");
export const atan2_ = two("atan2");
export const hypot_ = two("hypot");
export const bitwiseNot_ = one("bitwiseNot");
export const bitwiseAnd_ = two("bitwiseAnd");
export const bitwiseOr_ = two("bitwiseOr");
export const bitwiseXor_ = two("bitwiseXor");

/** x limited to [min, max]. @example tensor([1, 5, 9]).clamp_(2, 6).toArray() // [2, 5, 6] */
export function clamp_<T extends Tensor>(
  x: T,
  min?: TensorLike | ClampBounds | null,
  max?: TensorLike | null,
): T {
  const [low, high] = clampBounds(min, max);
  if (low === null && high === null)
    throw new ArgumentError("clamp_: at least one of min and max is needed");
  if (low !== null && high !== null) return applyInPlace(ops.clamp, x, [low, high]);
  if (isFloat(x.dtype)) return applyInPlace(ops.clamp, x, [low ?? -Infinity, high ?? Infinity]);
  return low !== null
    ? applyInPlace(ops.maximum, x, [low])
    : applyInPlace(ops.minimum, x, [high as TensorLike]);
}

/** Copies another tensor's elements, cast and broadcast. @example zeros(2).copy_([1, 2]).toArray() // [1, 2] */
export function copy_<T extends Tensor>(x: T, source: TensorLike): T {
  const y = asTensor(source, "copy_");
  checkTarget(x, broadcastShapes([x.layout.shape, y.layout.shape], "copy_"), x.dtype, "copy_");
  checkInPlace(x, [y], "copy_");
  const recording =
    isGradEnabled() && isFloat(x.dtype) ? recordStructural(structural.copy, [x, y], null) : null;
  const [from] = prepareWrite(x, [y]);
  execute.copy(x, from as Tensor);
  rewriteEdge(x, recording);
  return x;
}

function overwrite<T extends Tensor>(
  x: T,
  value: Tensor,
  row: typeof structural.fill,
  where: string,
): T {
  checkTarget(x, x.layout.shape, x.dtype, where);
  checkInPlace(x, [], where);
  const recording = isGradEnabled() ? recordStructural(row, [x], null) : null;
  const [from] = prepareWrite(x, [value]);
  execute.copy(x, from as Tensor);
  rewriteEdge(x, recording);
  return x;
}

/** Zero everywhere. @example tensor([1, 2]).zero_().toArray() // [0, 0] */
export const zero_ = <T extends Tensor>(x: T): T =>
  overwrite(x, fromData(0, x.dtype, "zero_"), structural.zero, "zero_");

/** One value everywhere. @example zeros(2).fill_(7).toArray() // [7, 7] */
export function fill_<T extends Tensor>(x: T, value: TensorLike): T {
  const single = asTensor(value, "fill_");
  if (single.ndim > 0)
    throw new ArgumentError(`fill_: expected one value, got a tensor of ${single.ndim} dims`);
  if (value instanceof Tensor) return copy_(x, value);
  return overwrite(x, fromData(value, x.dtype, "fill_"), structural.fill, "fill_");
}
