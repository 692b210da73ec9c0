/** Elementwise functions. Every one takes tensors, numbers and nested arrays, which broadcast to a common shape. */
import { isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError } from "../core/errors.js";
import { checkOptions, isOptions } from "../core/options.js";
import type { ElementwiseName } from "../ops/algebra.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ClampBounds } from "./checks.js";
import { checkDivisor, checkExponent, clampBounds, mixed, scaled } from "./checks.js";
import type { ElementwiseOp, OutOptions, TruthOptions } from "./dispatch.js";
import {
  apply,
  applyOut,
  binary,
  into,
  ops,
  power,
  promote,
  unary,
  withOptions,
} from "./dispatch.js";

// What the exports are made of: functions of one operand or two, of which some give truths.
const one = (name: ElementwiseName) => {
  const op = ops[name];
  return (x: TensorLike, options?: OutOptions): Tensor =>
    options === undefined ? unary(op, x) : withOptions(op, [x], options);
};
const two = (name: ElementwiseName) => {
  const op = ops[name];
  return (x: TensorLike, y: TensorLike, options?: OutOptions): Tensor =>
    options === undefined ? binary(op, x, y) : withOptions(op, [x, y], options);
};
const oneTruth = (name: ElementwiseName) =>
  one(name) as (x: TensorLike, options?: TruthOptions) => Tensor<"bool">;
const twoTruth = (name: ElementwiseName) =>
  two(name) as (x: TensorLike, y: TensorLike, options?: TruthOptions) => Tensor<"bool">;

/** −x. @example neg([1, -2]).toArray() // [-1, 2] */
export const neg = one("neg");
/** |x|. @example abs([1, -2]).toArray() // [1, 2] */
export const abs = one("abs");
/** −1, 0 or 1; 0 of nan. @example sign([3, 0, -2]).toArray() // [1, 0, -1] */
export const sign = one("sign");
/** The greatest integer ≤ x. @example floor([1.5, -1.5]).toArray() // [1, -2] */
export const floor = one("floor");
/** The least integer ≥ x. @example ceil([1.5, -1.5]).toArray() // [2, -1] */
export const ceil = one("ceil");
/** The nearest integer, halves to the even one. @example round([0.5, 1.5, 2.5]).toArray() // [0, 2, 2] */
export const round = one("round");
/** The integer part. @example trunc([1.5, -1.5]).toArray() // [1, -1] */
export const trunc = one("trunc");
/** max(x, 0). @example relu([-1, 2]).toArray() // [0, 2] */
export const relu = one("relu");
/** 1/x. @example reciprocal([2, 4]).toArray() // [0.5, 0.25] */
export const reciprocal = one("reciprocal");
/** x². @example square([2, -3]).toArray() // [4, 9] */
export function square(x: TensorLike, options?: OutOptions): Tensor {
  const tensor = asTensor(x, "square");
  const base = tensor.dtype === "bool" ? binary(ops.mul, tensor, 1n) : tensor;
  return options === undefined ? unary(ops.square, base) : withOptions(ops.square, [base], options);
}
/** The square root; nan of negative numbers. @example sqrt([4, 9]).toArray() // [2, 3] */
export const sqrt = one("sqrt");
/** 1/√x. @example rsqrt([4, 16]).toArray() // [0.5, 0.25] */
export const rsqrt = one("rsqrt");
/** eˣ. @example exp([0, 1]) // tensor([1.0000, 2.7183]) */
export const exp = one("exp");
/** 2ˣ. @example exp2([0, 3]).toArray() // [1, 8] */
export const exp2 = one("exp2");
/** eˣ − 1, exact near 0. @example expm1([0, 1]) // tensor([0.0000, 1.7183]) */
export const expm1 = one("expm1");
/** The natural logarithm. @example log([1, 10]) // tensor([0.0000, 2.3026]) */
export const log = one("log");
/** The logarithm to base 2. @example log2([1, 8]).toArray() // [0, 3] */
export const log2 = one("log2");
/** The logarithm to base 10. @example log10([1, 1000]) // tensor([0., 3.]) */
export const log10 = one("log10");
/** log(1 + x), exact near 0. @example log1p([0, 1]) // tensor([0.0000, 0.6931]) */
export const log1p = one("log1p");
/** Sine of radians. @example sin([0, Math.PI / 2]).toArray() // [0, 1] */
export const sin = one("sin");
/** Cosine of radians. @example cos([0, Math.PI]).toArray() // [1, -1] */
export const cos = one("cos");
/** Tangent of radians. @example tan([0, 1]) // tensor([0.0000, 1.5574]) */
export const tan = one("tan");
/** The angle in radians in [−π/2, π/2] whose sine is x. @example asin([0, 1]) // tensor([0.0000, 1.5708]) */
export const asin = one("asin");
/** The angle in radians in [0, π] whose cosine is x. @example acos([1, 0]) // tensor([0.0000, 1.5708]) */
export const acos = one("acos");
/** The angle in radians in [−π/2, π/2] whose tangent is x. @example atan([0, 1]) // tensor([0.0000, 0.7854]) */
export const atan = one("atan");
/** Hyperbolic sine. @example sinh([0, 1]) // tensor([0.0000, 1.1752]) */
export const sinh = one("sinh");
/** Hyperbolic cosine. @example cosh([0, 1]) // tensor([1.0000, 1.5431]) */
export const cosh = one("cosh");
/** Hyperbolic tangent. @example tanh([0, 1]) // tensor([0.0000, 0.7616]) */
export const tanh = one("tanh");
/** Inverse hyperbolic sine. @example asinh([0, 1]) // tensor([0.0000, 0.8814]) */
export const asinh = one("asinh");
/** Inverse hyperbolic cosine. @example acosh([1, 2]) // tensor([0.0000, 1.3170]) */
export const acosh = one("acosh");
/** Inverse hyperbolic tangent. @example atanh([0, 0.5]) // tensor([0.0000, 0.5493]) */
export const atanh = one("atanh");
/** 1 / (1 + e⁻ˣ). @example sigmoid([0, 1]) // tensor([0.5000, 0.7311]) */
export const sigmoid = one("sigmoid");
/** The error function. @example erf([0, 1]) // tensor([0.0000, 0.8427]) */
export const erf = one("erf");
/** 1 − erf(x), exact for large x. @example erfc([0, 1]) // tensor([1.0000, 0.1573]) */
export const erfc = one("erfc");
/** The cube root. @example cbrt([8, -27]).toArray() // [2, -3] */
export const cbrt = one("cbrt");
/** x / (1 + e⁻ˣ). @example silu([0, 1]) // tensor([0.0000, 0.7311]) */
export const silu = one("silu");

/** Options of gelu. */
export interface GeluOptions extends OutOptions {
  /** "tanh" takes the usual approximation; "none", which is what happens unless told, the error function. */
  approximate?: "none" | "tanh";
}

/** x Φ(x), where Φ is the normal distribution's. @example gelu([0, 1]) // tensor([0.0000, 0.8413]) */
export function gelu(x: TensorLike, options?: GeluOptions): Tensor {
  checkOptions(options, ["approximate", "out"], "gelu");
  const approximate = options?.approximate ?? "none";
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ArgumentError(`gelu: approximate is "none" or "tanh", not ${String(approximate)}`);
  }
  return into(unary(approximate === "tanh" ? ops.geluTanh : ops.gelu, x), options, "gelu");
}

/** Options of softplus. */
export interface SoftplusOptions extends OutOptions {
  /** What x is multiplied by, and the logarithm divided by; 1 unless told. */
  beta?: number;
  /** Where beta · x is above it, the result is x; 20 unless told. */
  threshold?: number;
}

/** log(1 + e^(beta · x)) / beta. @example softplus([0, 30]) // tensor([ 0.6931, 30.0000]) */
export function softplus(x: TensorLike, options?: SoftplusOptions): Tensor {
  checkOptions(options, ["beta", "threshold", "out"], "softplus");
  const { beta = 1, threshold = 20 } = options ?? {};
  for (const value of [beta, threshold]) {
    if (typeof value !== "number") {
      throw new ArgumentError(`softplus: beta and threshold are numbers, not ${typeof value}`);
    }
  }
  const tensor = asTensor(x, "softplus");
  if (!isFloat(tensor.dtype)) {
    throw new DTypeError(`softplus: expected a floating-point dtype, got ${tensor.dtype}`);
  }
  return into(apply(ops.softplus, [tensor, beta, threshold]), options, "softplus");
}

/** log |Γ(x)|. @example lgamma([1, 5]) // tensor([0.0000, 3.1781]) */
export const lgamma = one("lgamma");
/** The derivative of lgamma. @example digamma([1, 2]) // tensor([-0.5772,  0.4228]) */
export const digamma = one("digamma");

/** The n-th derivative of digamma. @example polygamma(1, [1, 2]) // tensor([1.6449, 0.6449]) */
export function polygamma(n: number, x: TensorLike, options?: OutOptions): Tensor {
  if (!Number.isInteger(n) || n < 0) {
    throw new ArgumentError(`polygamma: n is a whole number from 0 on, not ${String(n)}`);
  }
  checkOptions(options, ["out"], "polygamma");
  const tensor = asTensor(x, "polygamma");
  const result =
    n < 2 ? unary(n === 0 ? ops.digamma : ops.trigamma, tensor) : apply(ops.polygamma, [n, tensor]);
  return into(result, options, "polygamma");
}

/** Every bit flipped; of bools, not. @example bitwiseNot([5n]).toArray() // [-6] */
export const bitwiseNot = one("bitwiseNot");

/** Whether x is zero. @example logicalNot([0, 2]).toArray() // [true, false] */
export const logicalNot = oneTruth("logicalNot");
/** Whether x is nan. @example isnan([NaN, 1]).toArray() // [true, false] */
export const isnan = oneTruth("isnan");
/** Whether x is ∞ or −∞. @example isinf([1 / 0, 1]).toArray() // [true, false] */
export const isinf = oneTruth("isinf");
/** Whether x is neither infinite nor nan. @example isfinite([NaN, 1]).toArray() // [false, true] */
export const isfinite = oneTruth("isfinite");

/** Options of add and sub. */
export interface AlphaOptions extends OutOptions {
  /** What the second operand is multiplied by; 1 unless told. */
  alpha?: number;
}

const alphaOptions = ["alpha", "out"];

function withAlpha(op: ElementwiseOp, x: TensorLike, y: TensorLike, options: AlphaOptions): Tensor {
  checkOptions(options, alphaOptions, op.name);
  const { alpha, out } = options;
  const operands = [x, scaled(x, y, alpha, op.name)];
  return out === undefined ? apply(op, operands) : applyOut(op, operands, out);
}

/** x + alpha · y. @example add([1, 2], 3).toArray() // [4, 5] */
export const add = (x: TensorLike, y: TensorLike, options?: AlphaOptions): Tensor =>
  options === undefined ? binary(ops.add, x, y) : withAlpha(ops.add, x, y, options);
/** x − alpha · y. @example sub([1, 2], 3).toArray() // [-2, -1] */
export const sub = (x: TensorLike, y: TensorLike, options?: AlphaOptions): Tensor =>
  options === undefined ? binary(ops.sub, x, y) : withAlpha(ops.sub, x, y, options);
/** x · y. @example mul([1, 2], [3, 4]).toArray() // [3, 8] */
export const mul = two("mul");

/** Options of div. */
export interface DivOptions extends OutOptions {
  /** "floor" rounds the quotient down, "trunc" towards zero; then integers stay integers. */
  roundingMode?: "floor" | "trunc" | null;
}

/** x / y; of integers too a float. @example div([1, 2], 4).toArray() // [0.25, 0.5] */
export function div(x: TensorLike, y: TensorLike, options?: DivOptions): Tensor {
  checkOptions(options, ["roundingMode", "out"], "div");
  const mode = options?.roundingMode ?? null;
  if (mode === null) {
    const out = options?.out;
    return out === undefined ? binary(ops.div, x, y) : withOptions(ops.div, [x, y], { out });
  }
  if (mode !== "trunc" && mode !== "floor") {
    throw new ArgumentError(`div: roundingMode is "floor", "trunc" or null, not ${String(mode)}`);
  }
  return into(mode === "floor" ? floorDivide(x, y) : truncated(x, y), options, "div");
}

function truncated(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [asTensor(x, "div"), y];
  if (isFloat(promote([a, mixed(b)]))) return trunc(binary(ops.div, a, b));
  checkDivisor(a, b, "div");
  return binary(ops.floorDivide, binary(ops.sub, a, binary(ops.fmod, a, b)), b);
}

/** The quotient rounded down. @example floorDivide([7, -7], 2).toArray() // [3, -4] */
export function floorDivide(x: TensorLike, y: TensorLike, options?: OutOptions): Tensor {
  checkDivisor(x, y, "floorDivide");
  return options === undefined
    ? binary(ops.floorDivide, x, y)
    : withOptions(ops.floorDivide, [x, y], options);
}

/** What division leaves, with the divisor's sign, as Python's %. @example remainder([7, -7], 3).toArray() // [1, 2] */
export function remainder(x: TensorLike, y: TensorLike, options?: OutOptions): Tensor {
  checkDivisor(x, y, "remainder");
  return options === undefined
    ? binary(ops.remainder, x, y)
    : withOptions(ops.remainder, [x, y], options);
}

/** What division leaves, with the dividend's sign, as JavaScript's %. @example fmod([7, -7], 3).toArray() // [1, -1] */
export function fmod(x: TensorLike, y: TensorLike, options?: OutOptions): Tensor {
  checkDivisor(x, y, "fmod");
  return options === undefined ? binary(ops.fmod, x, y) : withOptions(ops.fmod, [x, y], options);
}

/**
 * x to the power y.
 *
 * @throws DTypeError for integers to a negative power.
 * @example
 * pow([1, 2, 3], 2).toArray() // [1, 4, 9]
 */
export function pow(x: TensorLike, y: TensorLike, options?: OutOptions): Tensor {
  const base = asTensor(x, "pow");
  checkExponent(base, y, "pow");
  checkOptions(options, ["out"], "pow");
  const result = power(
    typeof x === "object" ? base : x,
    typeof y === "bigint" && isFloat(base.dtype) ? Number(y) : y,
  );
  return into(result, options, "pow");
}

/** The angle in (−π, π] of the point (y, x). @example atan2([1], [1]) // tensor([0.7854]) */
export const atan2 = two("atan2");
/** √(x² + y²) without overflow. @example hypot([3], [4]).toArray() // [5] */
export const hypot = two("hypot");
/** The larger; nan where either is. @example maximum([1, 5], [3, 2]).toArray() // [3, 5] */
export const maximum = two("maximum");
/** The smaller; nan where either is. @example minimum([1, 5], [3, 2]).toArray() // [1, 2] */
export const minimum = two("minimum");
/** Bits in both; of bools, and. @example bitwiseAnd([6n], [3n]).toArray() // [2] */
export const bitwiseAnd = two("bitwiseAnd");
/** Bits in either; of bools, or. @example bitwiseOr([6n], [3n]).toArray() // [7] */
export const bitwiseOr = two("bitwiseOr");
/** Bits in one of both; of bools, unequal. @example bitwiseXor([6n], [3n]).toArray() // [5] */
export const bitwiseXor = two("bitwiseXor");

/** x = y. @example eq([1, 2], 2).toArray() // [false, true] */
export const eq = twoTruth("eq");
/** x ≠ y. @example ne([1, 2], 2).toArray() // [true, false] */
export const ne = twoTruth("ne");
/** x < y. @example lt([1, 2], 2).toArray() // [true, false] */
export const lt = twoTruth("lt");
/** x ≤ y. @example le([1, 2, 3], 2).toArray() // [true, true, false] */
export const le = twoTruth("le");
/** x > y. @example gt([1, 3], 2).toArray() // [false, true] */
export const gt = twoTruth("gt");
/** x ≥ y. @example ge([1, 2, 3], 2).toArray() // [false, true, true] */
export const ge = twoTruth("ge");
/** Whether both are not zero. @example logicalAnd([1, 0], [1, 1]).toArray() // [true, false] */
export const logicalAnd = twoTruth("logicalAnd");
/** Whether either is not zero. @example logicalOr([1, 0], [0, 0]).toArray() // [true, false] */
export const logicalOr = twoTruth("logicalOr");
/** Whether just one is not zero. @example logicalXor([1, 0], [1, 1]).toArray() // [false, true] */
export const logicalXor = twoTruth("logicalXor");

/** x where the condition (bool) holds, else y. @example where([true, false], 1, [5, 6]).toArray() // [1, 6] */
export const where = (
  condition: TensorLike,
  x: TensorLike,
  y: TensorLike,
  options: OutOptions = {},
): Tensor => withOptions(ops.where, [condition, x, y], options);

/**
 * x limited to [min, max].
 *
 * @example
 * clamp([1, 5, 9], { min: 2, max: 6 }).toArray() // [2, 5, 6]
 * @example
 * clamp([1, 5, 9], 2, 6).toArray() // [2, 5, 6]
 */
export function clamp(
  x: TensorLike,
  min?: TensorLike | ClampBounds | null,
  max?: TensorLike | null,
  options?: OutOptions,
): Tensor {
  const given: OutOptions | undefined = isOptions(min) ? (min as ClampBounds) : options;
  checkOptions(given, isOptions(min) ? ["min", "max", "out"] : ["out"], "clamp");
  return into(clamped(asTensor(x, "clamp"), ...clampBounds(min, max)), given, "clamp");
}

function clamped(x: Tensor, low: TensorLike | null, high: TensorLike | null): Tensor {
  const open = isFloat(x.dtype);
  if (low !== null && high !== null) return apply(ops.clamp, [x, low, high]);
  if (low !== null) return open ? apply(ops.clamp, [x, low, Infinity]) : maximum(x, low);
  if (high !== null) return open ? apply(ops.clamp, [x, -Infinity, high]) : minimum(x, high);
  throw new ArgumentError("clamp: at least one of min and max is needed");
}
