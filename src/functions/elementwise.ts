/** Elementwise functions. Every one takes tensors, numbers and nested arrays, which broadcast to a common shape. */
import { isFloat } from "../core/dtype.js";
import { ArgumentError, DTypeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ClampBounds } from "./checks.js";
import { checkDivisor, checkExponent, clampBounds, mixed, scaled } from "./checks.js";
import { apply, binary, ops, power, promote, unary } from "./dispatch.js";

/** −x. @example neg([1, -2]).toArray() // [-1, 2] */
export const neg = (x: TensorLike): Tensor => unary(ops.neg, x);
/** |x|. @example abs([1, -2]).toArray() // [1, 2] */
export const abs = (x: TensorLike): Tensor => unary(ops.abs, x);
/** −1, 0 or 1; 0 of nan. @example sign([3, 0, -2]).toArray() // [1, 0, -1] */
export const sign = (x: TensorLike): Tensor => unary(ops.sign, x);
/** The greatest integer ≤ x. @example floor([1.5, -1.5]).toArray() // [1, -2] */
export const floor = (x: TensorLike): Tensor => unary(ops.floor, x);
/** The least integer ≥ x. @example ceil([1.5, -1.5]).toArray() // [2, -1] */
export const ceil = (x: TensorLike): Tensor => unary(ops.ceil, x);
/** The nearest integer, halves to the even one. @example round([0.5, 1.5, 2.5]).toArray() // [0, 2, 2] */
export const round = (x: TensorLike): Tensor => unary(ops.round, x);
/** The integer part. @example trunc([1.5, -1.5]).toArray() // [1, -1] */
export const trunc = (x: TensorLike): Tensor => unary(ops.trunc, x);
/** max(x, 0). @example relu([-1, 2]).toArray() // [0, 2] */
export const relu = (x: TensorLike): Tensor => unary(ops.relu, x);
/** 1/x. @example reciprocal([2, 4]).toArray() // [0.5, 0.25] */
export const reciprocal = (x: TensorLike): Tensor => unary(ops.reciprocal, x);
/** x². @example square([2, -3]).toArray() // [4, 9] */
export function square(x: TensorLike): Tensor {
  const tensor = asTensor(x, "square");
  return unary(ops.square, tensor.dtype === "bool" ? binary(ops.mul, tensor, 1n) : tensor);
}
/** The square root; nan of negative numbers. @example sqrt([4, 9]).toArray() // [2, 3] */
export const sqrt = (x: TensorLike): Tensor => unary(ops.sqrt, x);
/** 1/√x. @example rsqrt([4, 16]).toArray() // [0.5, 0.25] */
export const rsqrt = (x: TensorLike): Tensor => unary(ops.rsqrt, x);
/** eˣ. @example exp([0, 1]) // tensor([1.0000, 2.7183]) */
export const exp = (x: TensorLike): Tensor => unary(ops.exp, x);
/** 2ˣ. @example exp2([0, 3]).toArray() // [1, 8] */
export const exp2 = (x: TensorLike): Tensor => unary(ops.exp2, x);
/** eˣ − 1, exact near 0. @example expm1([0, 1]) // tensor([0.0000, 1.7183]) */
export const expm1 = (x: TensorLike): Tensor => unary(ops.expm1, x);
/** The natural logarithm. @example log([1, 10]) // tensor([0.0000, 2.3026]) */
export const log = (x: TensorLike): Tensor => unary(ops.log, x);
/** The logarithm to base 2. @example log2([1, 8]).toArray() // [0, 3] */
export const log2 = (x: TensorLike): Tensor => unary(ops.log2, x);
/** The logarithm to base 10. @example log10([1, 1000]) // tensor([0., 3.]) */
export const log10 = (x: TensorLike): Tensor => unary(ops.log10, x);
/** log(1 + x), exact near 0. @example log1p([0, 1]) // tensor([0.0000, 0.6931]) */
export const log1p = (x: TensorLike): Tensor => unary(ops.log1p, x);
/** Sine of radians. @example sin([0, Math.PI / 2]).toArray() // [0, 1] */
export const sin = (x: TensorLike): Tensor => unary(ops.sin, x);
/** Cosine of radians. @example cos([0, Math.PI]).toArray() // [1, -1] */
export const cos = (x: TensorLike): Tensor => unary(ops.cos, x);
/** Tangent of radians. @example tan([0, 1]) // tensor([0.0000, 1.5574]) */
export const tan = (x: TensorLike): Tensor => unary(ops.tan, x);
/** The angle in radians in [−π/2, π/2] whose sine is x. @example asin([0, 1]) // tensor([0.0000, 1.5708]) */
export const asin = (x: TensorLike): Tensor => unary(ops.asin, x);
/** The angle in radians in [0, π] whose cosine is x. @example acos([1, 0]) // tensor([0.0000, 1.5708]) */
export const acos = (x: TensorLike): Tensor => unary(ops.acos, x);
/** The angle in radians in [−π/2, π/2] whose tangent is x. @example atan([0, 1]) // tensor([0.0000, 0.7854]) */
export const atan = (x: TensorLike): Tensor => unary(ops.atan, x);
/** Hyperbolic sine. @example sinh([0, 1]) // tensor([0.0000, 1.1752]) */
export const sinh = (x: TensorLike): Tensor => unary(ops.sinh, x);
/** Hyperbolic cosine. @example cosh([0, 1]) // tensor([1.0000, 1.5431]) */
export const cosh = (x: TensorLike): Tensor => unary(ops.cosh, x);
/** Hyperbolic tangent. @example tanh([0, 1]) // tensor([0.0000, 0.7616]) */
export const tanh = (x: TensorLike): Tensor => unary(ops.tanh, x);
/** Inverse hyperbolic sine. @example asinh([0, 1]) // tensor([0.0000, 0.8814]) */
export const asinh = (x: TensorLike): Tensor => unary(ops.asinh, x);
/** Inverse hyperbolic cosine. @example acosh([1, 2]) // tensor([0.0000, 1.3170]) */
export const acosh = (x: TensorLike): Tensor => unary(ops.acosh, x);
/** Inverse hyperbolic tangent. @example atanh([0, 0.5]) // tensor([0.0000, 0.5493]) */
export const atanh = (x: TensorLike): Tensor => unary(ops.atanh, x);
/** 1 / (1 + e⁻ˣ). @example sigmoid([0, 1]) // tensor([0.5000, 0.7311]) */
export const sigmoid = (x: TensorLike): Tensor => unary(ops.sigmoid, x);
/** The error function. @example erf([0, 1]) // tensor([0.0000, 0.8427]) */
export const erf = (x: TensorLike): Tensor => unary(ops.erf, x);
/** 1 − erf(x), exact for large x. @example erfc([0, 1]) // tensor([1.0000, 0.1573]) */
export const erfc = (x: TensorLike): Tensor => unary(ops.erfc, x);
/** The cube root. @example cbrt([8, -27]).toArray() // [2, -3] */
export const cbrt = (x: TensorLike): Tensor => unary(ops.cbrt, x);
/** x / (1 + e⁻ˣ). @example silu([0, 1]) // tensor([0.0000, 0.7311]) */
export const silu = (x: TensorLike): Tensor => unary(ops.silu, x);

/** Options of gelu. */
export interface GeluOptions {
  /** "tanh" takes the usual approximation; "none", which is what happens unless told, the error function. */
  approximate?: "none" | "tanh";
}

/** x Φ(x), where Φ is the normal distribution's. @example gelu([0, 1]) // tensor([0.0000, 0.8413]) */
export function gelu(x: TensorLike, options?: GeluOptions): Tensor {
  checkOptions(options, ["approximate"], "gelu");
  const approximate = options?.approximate ?? "none";
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ArgumentError(`gelu: approximate is "none" or "tanh", not ${String(approximate)}`);
  }
  return unary(approximate === "tanh" ? ops.geluTanh : ops.gelu, x);
}

/** Options of softplus. */
export interface SoftplusOptions {
  /** What x is multiplied by, and the logarithm divided by; 1 unless told. */
  beta?: number;
  /** Where beta · x is above it, the result is x; 20 unless told. */
  threshold?: number;
}

/** log(1 + e^(beta · x)) / beta. @example softplus([0, 30]) // tensor([ 0.6931, 30.0000]) */
export function softplus(x: TensorLike, options?: SoftplusOptions): Tensor {
  checkOptions(options, ["beta", "threshold"], "softplus");
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
  return apply(ops.softplus, [tensor, beta, threshold]);
}

/** log |Γ(x)|. @example lgamma([1, 5]) // tensor([0.0000, 3.1781]) */
export const lgamma = (x: TensorLike): Tensor => unary(ops.lgamma, x);
/** The derivative of lgamma. @example digamma([1, 2]) // tensor([-0.5772,  0.4228]) */
export const digamma = (x: TensorLike): Tensor => unary(ops.digamma, x);

/** The n-th derivative of digamma. @example polygamma(1, [1, 2]) // tensor([1.6449, 0.6449]) */
export function polygamma(n: number, x: TensorLike): Tensor {
  if (!Number.isInteger(n) || n < 0) {
    throw new ArgumentError(`polygamma: n is a whole number from 0 on, not ${String(n)}`);
  }
  if (n < 2) return unary(n === 0 ? ops.digamma : ops.trigamma, x);
  return apply(ops.polygamma, [n, asTensor(x, "polygamma")]);
}

/** Every bit flipped; of bools, not. @example bitwiseNot([5n]).toArray() // [-6] */
export const bitwiseNot = (x: TensorLike): Tensor => unary(ops.bitwiseNot, x);

/** Whether x is zero. @example logicalNot([0, 2]).toArray() // [true, false] */
export const logicalNot = (x: TensorLike): Tensor<"bool"> =>
  unary(ops.logicalNot, x) as Tensor<"bool">;
/** Whether x is nan. @example isnan([NaN, 1]).toArray() // [true, false] */
export const isnan = (x: TensorLike): Tensor<"bool"> => unary(ops.isnan, x) as Tensor<"bool">;
/** Whether x is ∞ or −∞. @example isinf([1 / 0, 1]).toArray() // [true, false] */
export const isinf = (x: TensorLike): Tensor<"bool"> => unary(ops.isinf, x) as Tensor<"bool">;
/** Whether x is neither infinite nor nan. @example isfinite([NaN, 1]).toArray() // [false, true] */
export const isfinite = (x: TensorLike): Tensor<"bool"> => unary(ops.isfinite, x) as Tensor<"bool">;

/** Options of add and sub. */
export interface AlphaOptions {
  /** What the second operand is multiplied by; 1 unless told. */
  alpha?: number;
}

/** x + alpha · y. @example add([1, 2], 3).toArray() // [4, 5] */
export const add = (x: TensorLike, y: TensorLike, options?: AlphaOptions): Tensor =>
  binary(ops.add, x, options === undefined ? y : scaled(x, y, options.alpha, "add"));
/** x − alpha · y. @example sub([1, 2], 3).toArray() // [-2, -1] */
export const sub = (x: TensorLike, y: TensorLike, options?: AlphaOptions): Tensor =>
  binary(ops.sub, x, options === undefined ? y : scaled(x, y, options.alpha, "sub"));
/** x · y. @example mul([1, 2], [3, 4]).toArray() // [3, 8] */
export const mul = (x: TensorLike, y: TensorLike): Tensor => binary(ops.mul, x, y);

/** Options of div. */
export interface DivOptions {
  /** "floor" rounds the quotient down, "trunc" towards zero; then integers stay integers. */
  roundingMode?: "floor" | "trunc" | null;
}

/** x / y; of integers too a float. @example div([1, 2], 4).toArray() // [0.25, 0.5] */
export function div(x: TensorLike, y: TensorLike, options?: DivOptions): Tensor {
  const mode = options?.roundingMode ?? null;
  if (mode === null) return binary(ops.div, x, y);
  if (mode === "floor") return floorDivide(x, y);
  if (mode !== "trunc") {
    throw new ArgumentError(`div: roundingMode is "floor", "trunc" or null, not ${String(mode)}`);
  }
  const [a, b] = [asTensor(x, "div"), y];
  if (!isFloat(promote([a, mixed(b)]))) {
    checkDivisor(a, b, "div");
    return binary(ops.floorDivide, binary(ops.sub, a, binary(ops.fmod, a, b)), b);
  }
  return trunc(binary(ops.div, a, b));
}

/** The quotient rounded down. @example floorDivide([7, -7], 2).toArray() // [3, -4] */
export function floorDivide(x: TensorLike, y: TensorLike): Tensor {
  checkDivisor(x, y, "floorDivide");
  return binary(ops.floorDivide, x, y);
}

/** What division leaves, with the divisor's sign, as Python's %. @example remainder([7, -7], 3).toArray() // [1, 2] */
export function remainder(x: TensorLike, y: TensorLike): Tensor {
  checkDivisor(x, y, "remainder");
  return binary(ops.remainder, x, y);
}

/** What division leaves, with the dividend's sign, as JavaScript's %. @example fmod([7, -7], 3).toArray() // [1, -1] */
export function fmod(x: TensorLike, y: TensorLike): Tensor {
  checkDivisor(x, y, "fmod");
  return binary(ops.fmod, x, y);
}

/**
 * x to the power y.
 *
 * @throws DTypeError for integers to a negative power.
 * @example
 * pow([1, 2, 3], 2).toArray() // [1, 4, 9]
 */
export function pow(x: TensorLike, y: TensorLike): Tensor {
  const base = asTensor(x, "pow");
  checkExponent(base, y, "pow");
  return power(
    typeof x === "object" ? base : x,
    typeof y === "bigint" && isFloat(base.dtype) ? Number(y) : y,
  );
}

/** The angle in (−π, π] of the point (y, x). @example atan2([1], [1]) // tensor([0.7854]) */
export const atan2 = (y: TensorLike, x: TensorLike): Tensor => binary(ops.atan2, y, x);
/** √(x² + y²) without overflow. @example hypot([3], [4]).toArray() // [5] */
export const hypot = (x: TensorLike, y: TensorLike): Tensor => binary(ops.hypot, x, y);
/** The larger; nan where either is. @example maximum([1, 5], [3, 2]).toArray() // [3, 5] */
export const maximum = (x: TensorLike, y: TensorLike): Tensor => binary(ops.maximum, x, y);
/** The smaller; nan where either is. @example minimum([1, 5], [3, 2]).toArray() // [1, 2] */
export const minimum = (x: TensorLike, y: TensorLike): Tensor => binary(ops.minimum, x, y);
/** Bits in both; of bools, and. @example bitwiseAnd([6n], [3n]).toArray() // [2] */
export const bitwiseAnd = (x: TensorLike, y: TensorLike): Tensor => binary(ops.bitwiseAnd, x, y);
/** Bits in either; of bools, or. @example bitwiseOr([6n], [3n]).toArray() // [7] */
export const bitwiseOr = (x: TensorLike, y: TensorLike): Tensor => binary(ops.bitwiseOr, x, y);
/** Bits in one of both; of bools, unequal. @example bitwiseXor([6n], [3n]).toArray() // [5] */
export const bitwiseXor = (x: TensorLike, y: TensorLike): Tensor => binary(ops.bitwiseXor, x, y);

/** x = y. @example eq([1, 2], 2).toArray() // [false, true] */
export const eq = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.eq, x, y) as Tensor<"bool">;
/** x ≠ y. @example ne([1, 2], 2).toArray() // [true, false] */
export const ne = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.ne, x, y) as Tensor<"bool">;
/** x < y. @example lt([1, 2], 2).toArray() // [true, false] */
export const lt = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.lt, x, y) as Tensor<"bool">;
/** x ≤ y. @example le([1, 2, 3], 2).toArray() // [true, true, false] */
export const le = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.le, x, y) as Tensor<"bool">;
/** x > y. @example gt([1, 3], 2).toArray() // [false, true] */
export const gt = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.gt, x, y) as Tensor<"bool">;
/** x ≥ y. @example ge([1, 2, 3], 2).toArray() // [false, true, true] */
export const ge = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.ge, x, y) as Tensor<"bool">;
/** Whether both are not zero. @example logicalAnd([1, 0], [1, 1]).toArray() // [true, false] */
export const logicalAnd = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.logicalAnd, x, y) as Tensor<"bool">;
/** Whether either is not zero. @example logicalOr([1, 0], [0, 0]).toArray() // [true, false] */
export const logicalOr = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.logicalOr, x, y) as Tensor<"bool">;
/** Whether just one is not zero. @example logicalXor([1, 0], [1, 1]).toArray() // [false, true] */
export const logicalXor = (x: TensorLike, y: TensorLike): Tensor<"bool"> =>
  binary(ops.logicalXor, x, y) as Tensor<"bool">;

/** x where the condition (bool) holds, else y. @example where([true, false], 1, [5, 6]).toArray() // [1, 6] */
export const where = (condition: TensorLike, x: TensorLike, y: TensorLike): Tensor =>
  apply(ops.where, [condition, x, y]);

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
): Tensor {
  const [low, high] = clampBounds(min, max);
  const tensor = asTensor(x, "clamp");
  const open = isFloat(tensor.dtype);
  if (low !== null && high !== null) return apply(ops.clamp, [tensor, low, high]);
  if (low !== null) return open ? apply(ops.clamp, [tensor, low, Infinity]) : maximum(tensor, low);
  if (high !== null)
    return open ? apply(ops.clamp, [tensor, -Infinity, high]) : minimum(tensor, high);
  throw new ArgumentError("clamp: at least one of min and max is needed");
}
