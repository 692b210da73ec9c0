/** In-place forms: the result takes the place of the first operand, whose views see it too. */

import { isGradEnabled } from "../autograd/mode.js";
import type { Recording } from "../autograd/tape.js";
import {
  checkInPlace,
  recordElementwise,
  recordStructural,
  rewriteEdge,
} from "../autograd/tape.js";
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
import { applyInPlace, checkTarget, ops, prepareWrite, simplePower } from "./dispatch.js";
import type { AlphaOptions, DivOptions } from "./elementwise.js";
import { div, polygamma } from "./elementwise.js";
import { unrecorded } from "./internal.js";

/** Writes a value, computed off the tape, in place of x; a 0-d one everywhere. */
function replace<T extends Tensor>(
  x: T,
  value: Tensor,
  record: () => Recording | null,
  where: string,
): T {
  checkTarget(x, value.ndim === 0 ? x.layout.shape : value.layout.shape, value.dtype, where);
  checkInPlace(x, [], where);
  const recording = record();
  const [from] = prepareWrite(x, [value]);
  execute.copy(x, from as Tensor);
  rewriteEdge(x, recording);
  return x;
}

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

/** x becomes −x. */
export const neg_ = one("neg");
/** x becomes |x|. */
export const abs_ = one("abs");
/** x becomes the sign of x. */
export const sign_ = one("sign");
/** x becomes x rounded down. */
export const floor_ = one("floor");
/** x becomes x rounded up. */
export const ceil_ = one("ceil");
/** x becomes x rounded to the nearest integer, halves to the even one. */
export const round_ = one("round");
/** x becomes the integer part of x. */
export const trunc_ = one("trunc");
/** x becomes max(x, 0). */
export const relu_ = one("relu");
/** x becomes 1/x. */
export const reciprocal_ = one("reciprocal");
/** x becomes x². */
export const square_ = one("square");
/** x becomes √x. */
export const sqrt_ = one("sqrt");
/** x becomes 1/√x. */
export const rsqrt_ = one("rsqrt");
/** x becomes eˣ. */
export const exp_ = one("exp");
/** x becomes 2ˣ. */
export const exp2_ = one("exp2");
/** x becomes eˣ − 1. */
export const expm1_ = one("expm1");
/** x becomes the natural logarithm of x. */
export const log_ = one("log");
/** x becomes the logarithm of x to base 2. */
export const log2_ = one("log2");
/** x becomes the logarithm of x to base 10. */
export const log10_ = one("log10");
/** x becomes log(1 + x). */
export const log1p_ = one("log1p");
/** x becomes the sine of x. */
export const sin_ = one("sin");
/** x becomes the cosine of x. */
export const cos_ = one("cos");
/** x becomes the tangent of x. */
export const tan_ = one("tan");
/** x becomes the inverse sine of x. */
export const asin_ = one("asin");
/** x becomes the inverse cosine of x. */
export const acos_ = one("acos");
/** x becomes the inverse tangent of x. */
export const atan_ = one("atan");
/** x becomes the hyperbolic sine of x. */
export const sinh_ = one("sinh");
/** x becomes the hyperbolic cosine of x. */
export const cosh_ = one("cosh");
/** x becomes the hyperbolic tangent of x. */
export const tanh_ = one("tanh");
/** x becomes the inverse hyperbolic sine of x. */
export const asinh_ = one("asinh");
/** x becomes the inverse hyperbolic cosine of x. */
export const acosh_ = one("acosh");
/** x becomes the inverse hyperbolic tangent of x. */
export const atanh_ = one("atanh");
/** x becomes 1 / (1 + e⁻ˣ). */
export const sigmoid_ = one("sigmoid");
/** x becomes log |Γ(x)|. */
export const lgamma_ = one("lgamma");
/** x becomes the derivative of lgamma at x. */
export const digamma_ = one("digamma");
/** x becomes the n-th derivative of digamma at x. */
export function polygamma_<T extends Tensor>(x: T, n: number): T {
  if (n === 0 || n === 1) return applyInPlace(n === 0 ? ops.digamma : ops.trigamma, x, []);
  const out = unrecorded(() => polygamma(n, x));
  return replace(x, out, () => recordElementwise(ops.polygamma.rule, [n, x]), "polygamma_");
}
/** x becomes the error function of x. */
export const erf_ = one("erf");
/** x becomes 1 − erf(x). */
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
  const out = x instanceof Tensor ? simplePower(x, y) : null;
  if (out === null) return applyInPlace(ops.pow, x, [y]);
  return replace(x, out, () => recordElementwise(ops.pow.rule, [x, y as number]), "pow_");
};
const divided =
  (name: "floorDivide" | "remainder" | "fmod") =>
  <T extends Tensor>(x: T, y: TensorLike): T => {
    checkDivisor(x, y, `${name}_`);
    return applyInPlace(ops[name], x, [y]);
  };
/** x becomes x / y rounded down. */
export const floorDivide_ = divided("floorDivide");
/** x becomes what x / y leaves, with the sign of y. */
export const remainder_ = divided("remainder");
/** x becomes what x / y leaves, with the sign of x. */
export const fmod_ = divided("fmod");
/** x becomes the angle of the point whose ordinate it is and whose abscissa is y. */
export const atan2_ = two("atan2");
/** x becomes √(x² + y²). */
export const hypot_ = two("hypot");
/** x becomes x with every bit flipped. */
export const bitwiseNot_ = one("bitwiseNot");
/** x becomes the bits in both x and y. */
export const bitwiseAnd_ = two("bitwiseAnd");
/** x becomes the bits in either x or y. */
export const bitwiseOr_ = two("bitwiseOr");
/** x becomes the bits in one of x and y. */
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

/** Zero everywhere. @example tensor([1, 2]).zero_().toArray() // [0, 0] */
export const zero_ = <T extends Tensor>(x: T): T =>
  replace(
    x,
    fromData(0, x.dtype, "zero_"),
    () => recordStructural(structural.zero, [x], null),
    "zero_",
  );

/** One value everywhere. @example zeros(2).fill_(7).toArray() // [7, 7] */
export function fill_<T extends Tensor>(x: T, value: TensorLike): T {
  const single = asTensor(value, "fill_");
  if (single.ndim > 0)
    throw new ArgumentError(`fill_: expected one value, got a tensor of ${single.ndim} dims`);
  if (value instanceof Tensor) return copy_(x, value);
  const same = fromData(value, x.dtype, "fill_");
  return replace(x, same, () => recordStructural(structural.fill, [x], null), "fill_");
}
