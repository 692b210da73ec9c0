/**
 * The elementwise operations, a row each: the native op, the dtype rule and the derivative. From a row come the function
 * and the method, the in-place form, the vector-Jacobian product of any order and the cases of the table-driven tests.
 *
 * A partial derivative is written in operations, so it serves the tape and symbolic differentiation alike, and higher
 * derivatives need nothing more. Where g · partial would be 0 · ∞, or a rounding worse than need be, the row gives the
 * product itself (vjp) too.
 */
import type { Algebra, Cotangent, ElementwiseName, Values } from "./algebra.js";

export type Partial = <V>(o: Algebra<V>, v: Values<V>) => V | number;
export type Vjp = <V>(o: Algebra<V>, v: Cotangent<V>) => V;

/**
 * same: computes in and gives the promoted dtype. float: integers and bools become float32 first.
 * bool: computes in the promoted dtype and gives bool. whole: as same, and does nothing to integers.
 */
export type ResultRule = "same" | "float" | "bool" | "whole";

export interface ElementwiseRow {
  readonly native: string;
  readonly arity: 1 | 2 | 3;
  readonly result: ResultRule;
  /** PyTorch's name of the gradient function, as grad_fn prints it. */
  readonly backward: string;
  /** By operand; null where the operation has no derivative in it. */
  readonly partials: readonly (Partial | null)[];
  readonly vjps: readonly (Vjp | null)[];
  /** Whether a number that an integer dtype cannot hold wraps, as in PyTorch's arithmetic; else it is an error. */
  readonly wraps: boolean;
}

interface Extra {
  native?: string;
  backward?: string;
  result?: ResultRule;
  vjps?: readonly (Vjp | null)[];
  wraps?: boolean;
}

const zero: Partial = () => 0;
const title = (name: string): string =>
  name.replace(
    /(^|_|\d)([a-z])/g,
    (_, before: string, letter: string) => (before === "_" ? "" : before) + letter.toUpperCase(),
  );

function row(
  arity: 1 | 2 | 3,
  native: string,
  result: ResultRule,
  partials: readonly (Partial | null)[],
  extra: Extra = {},
): ElementwiseRow {
  return {
    native: extra.native ?? native,
    arity,
    result: extra.result ?? result,
    backward: extra.backward ?? `${title(native)}Backward0`,
    partials,
    vjps: extra.vjps ?? [],
    wraps: extra.wraps ?? result !== "bool",
  };
}

const unary = (native: string, partial: Partial | null, extra?: Extra): ElementwiseRow =>
  row(1, native, "float", [partial], extra);
const arithmetic = (native: string, partials: (Partial | null)[], extra?: Extra): ElementwiseRow =>
  row(partials.length as 1 | 2 | 3, native, "same", partials, extra);
const truth = (native: string, arity: 1 | 2): ElementwiseRow =>
  row(arity, native, "bool", Array<null>(arity).fill(null));

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

// Beyond these bounds an activation's slope is constant, and inside of them no factor of it is infinite.
const far = 1000;

export const elementwise: { readonly [K in ElementwiseName]: ElementwiseRow } = {
  neg: arithmetic("neg", [() => -1]),
  abs: arithmetic("abs", [(o, { x }) => o.sign(x)]),
  sign: arithmetic("sign", [zero]),
  floor: row(1, "floor", "whole", [zero]),
  ceil: row(1, "ceil", "whole", [zero]),
  round: row(1, "round", "whole", [zero]),
  trunc: row(1, "trunc", "whole", [zero]),
  relu: arithmetic("relu", [(o, { out }) => o.sign(out)], {
    vjps: [(o, { g, out }) => o.where(o.le(out, 0), 0, g)],
  }),
  bitwiseNot: arithmetic("bitwise_not", [null]),

  reciprocal: unary("reciprocal", (o, { out }) => o.neg(o.mul(out, out))),
  square: unary("square", (o, { x }) => o.mul(x, 2), {
    native: "square",
    backward: "PowBackward0",
    result: "same",
  }),
  sqrt: unary("sqrt", (o, { out }) => o.div(0.5, out), {
    vjps: [(o, { g, out }) => o.div(g, o.mul(out, 2))],
  }),
  rsqrt: unary("rsqrt", (o, { out }) => o.mul(o.mul(o.mul(out, out), out), -0.5)),
  exp: unary("exp", (_, { out }) => out),
  exp2: unary("exp2", (o, { out }) => o.mul(out, Math.LN2)),
  expm1: unary("expm1", (o, { out }) => o.add(out, 1)),
  log: unary("log", (o, { x }) => o.reciprocal(x), { vjps: [(o, { g, x }) => o.div(g, x)] }),
  log2: unary("log2", (o, { x }) => o.reciprocal(o.mul(x, Math.LN2))),
  log10: unary("log10", (o, { x }) => o.reciprocal(o.mul(x, Math.LN10))),
  log1p: unary("log1p", (o, { x }) => o.reciprocal(o.add(x, 1))),
  sin: unary("sin", (o, { x }) => o.cos(x)),
  cos: unary("cos", (o, { x }) => o.neg(o.sin(x))),
  tan: unary("tan", (o, { out }) => o.add(o.mul(out, out), 1)),
  asin: unary("asin", (o, { x }) => o.rsqrt(o.sub(1, o.mul(x, x)))),
  acos: unary("acos", (o, { x }) => o.neg(o.rsqrt(o.sub(1, o.mul(x, x))))),
  atan: unary("atan", (o, { x }) => o.reciprocal(o.add(o.mul(x, x), 1))),
  sinh: unary("sinh", (o, { x }) => o.cosh(x)),
  cosh: unary("cosh", (o, { x }) => o.sinh(x)),
  tanh: unary("tanh", (o, { out }) => o.sub(1, o.mul(out, out))),
  asinh: unary("asinh", (o, { x }) => o.rsqrt(o.add(o.mul(x, x), 1))),
  // As one root where it is multiplied: below −1 PyTorch has the slope of the real part.
  acosh: unary("acosh", (o, { x }) => o.mul(o.rsqrt(o.sub(x, 1)), o.rsqrt(o.add(x, 1))), {
    vjps: [(o, { g, x }) => o.mul(g, o.rsqrt(o.sub(o.mul(x, x), 1)))],
  }),
  atanh: unary("atanh", (o, { x }) => o.reciprocal(o.sub(1, o.mul(x, x)))),
  sigmoid: unary("sigmoid", (o, { out }) => o.mul(out, o.sub(1, out))),
  erf: unary("erf", (o, { x }) => o.mul(o.exp(o.neg(o.mul(x, x))), twoOverRootPi)),
  erfc: unary("erfc", (o, { x }) => o.mul(o.exp(o.neg(o.mul(x, x))), -twoOverRootPi)),
  cbrt: unary("cbrt", (o, { out }) => o.reciprocal(o.mul(o.mul(out, out), 3)), {
    vjps: [(o, { g, out }) => o.div(g, o.mul(o.mul(out, out), 3))],
  }),
  silu: arithmetic("silu", [
    (o, { x }) => {
      const c = o.clamp(x, -far, far);
      return o.mul(o.sigmoid(c), o.add(o.mul(c, o.sigmoid(o.neg(c))), 1));
    },
  ]),
  gelu: arithmetic("gelu", [
    (o, { x }) => {
      const c = o.clamp(x, -far, far);
      const below = o.mul(o.erfc(o.mul(c, -Math.SQRT1_2)), 0.5);
      const density = o.mul(o.exp(o.mul(o.mul(c, c), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return o.add(below, o.mul(c, density));
    },
  ]),
  geluTanh: arithmetic(
    "gelu_tanh",
    [
      (o, { x }) => {
        const c = o.clamp(x, -far, far);
        const square = o.mul(c, c);
        const scale = Math.sqrt(2 / Math.PI);
        const t = o.tanh(o.mul(o.mul(c, o.add(o.mul(square, 0.044715), 1)), scale));
        const inner = o.mul(o.add(o.mul(square, 3 * 0.044715), 1), scale);
        const slope = o.mul(o.mul(c, o.sub(1, o.mul(t, t))), inner);
        return o.mul(o.add(o.add(t, 1), slope), 0.5);
      },
    ],
    { backward: "GeluBackward0" },
  ),
  lgamma: unary("lgamma", (o, { x }) => o.digamma(x)),
  digamma: unary("digamma", (o, { x }) => o.trigamma(x)),
  trigamma: unary("trigamma", (o, { x }) => o.polygamma(2, x), { backward: "PolygammaBackward0" }),

  add: arithmetic("add", [() => 1, () => 1]),
  sub: arithmetic("sub", [() => 1, () => -1]),
  mul: arithmetic("mul", [(_, { y }) => y, (_, { x }) => x]),
  div: row(
    2,
    "div",
    "float",
    [(o, { y }) => o.reciprocal(y), (o, { x, y }) => o.neg(o.div(o.div(x, y), y))],
    {
      vjps: [
        (o, { g, y }) => o.div(g, y),
        (o, { g, x, y }) => o.neg(o.mul(g, o.div(o.div(x, y), y))),
      ],
    },
  ),
  pow: arithmetic(
    "pow",
    [(o, { x, y }) => o.mul(y, o.pow(x, o.sub(y, 1))), (o, { x, out }) => o.mul(out, o.log(x))],
    {
      vjps: [
        // x⁰ = 1 has no slope, at x = 0 either, and 0^y has none in y where y > 0: what multiplies there is infinite.
        (o, { g, x, y }) => {
          if (typeof y === "number" && y !== 0) return o.mul(g, o.mul(o.pow(x, y - 1), y));
          return o.where(o.eq(y, 0), 0, o.mul(g, o.mul(y, o.pow(x, o.sub(y, 1)))));
        },
        (o, { g, x, y, out }) =>
          o.where(o.logicalAnd(o.eq(x, 0), o.ge(y, 0)), 0, o.mul(g, o.mul(out, o.log(x)))),
      ],
    },
  ),
  floorDivide: arithmetic("floor_divide", [null, null]),
  remainder: arithmetic("remainder", [() => 1, (o, { x, y }) => o.neg(o.floorDivide(x, y))]),
  fmod: arithmetic("fmod", [() => 1, (o, { x, y }) => o.neg(o.trunc(o.div(x, y)))]),
  atan2: row(2, "atan2", "float", [
    (o, { x, y }) => o.div(y, o.add(o.mul(x, x), o.mul(y, y))),
    (o, { x, y }) => o.neg(o.div(x, o.add(o.mul(x, x), o.mul(y, y)))),
  ]),
  hypot: row(2, "hypot", "float", [
    (o, { x, out }) => o.div(x, out),
    (o, { y, out }) => o.div(y, out),
  ]),
  /** Operands: which derivative of digamma, and x. */
  polygamma: row(2, "polygamma", "float", [
    null,
    (o, { x, y }) => o.polygamma(typeof x === "number" ? x + 1 : o.add(x, 1), y),
  ]),
  // Equal operands share the cotangent, and both get it beside a nan, as in PyTorch.
  maximum: arithmetic("maximum", [
    (o, { x, y }) => o.where(o.eq(x, y), 0.5, o.where(o.lt(x, y), 0, 1)),
    (o, { x, y }) => o.where(o.eq(x, y), 0.5, o.where(o.gt(x, y), 0, 1)),
  ]),
  minimum: arithmetic("minimum", [
    (o, { x, y }) => o.where(o.eq(x, y), 0.5, o.where(o.gt(x, y), 0, 1)),
    (o, { x, y }) => o.where(o.eq(x, y), 0.5, o.where(o.lt(x, y), 0, 1)),
  ]),
  bitwiseAnd: arithmetic("bitwise_and", [null, null]),
  bitwiseOr: arithmetic("bitwise_or", [null, null]),
  bitwiseXor: arithmetic("bitwise_xor", [null, null]),

  eq: truth("eq", 2),
  ne: truth("ne", 2),
  lt: truth("lt", 2),
  le: truth("le", 2),
  gt: truth("gt", 2),
  ge: truth("ge", 2),
  logicalAnd: truth("logical_and", 2),
  logicalOr: truth("logical_or", 2),
  logicalXor: truth("logical_xor", 2),
  logicalNot: truth("logical_not", 1),
  isnan: truth("isnan", 1),
  isinf: truth("isinf", 1),
  isfinite: truth("isfinite", 1),

  /** Operands: condition, x, y; here v.x is the condition. */
  where: arithmetic(
    "where",
    [null, (o, { x }) => o.where(x, 1, 0), (o, { x }) => o.where(x, 0, 1)],
    {
      vjps: [null, (o, { g, x }) => o.where(x, g, 0), (o, { g, x }) => o.where(x, 0, g)],
    },
  ),
  /** Operands: x, least, greatest. */
  clamp: arithmetic(
    "clamp",
    [
      (o, { x, y, z }) => o.where(o.logicalAnd(o.ge(x, y), o.le(x, z)), 1, 0),
      (o, { x, y, z }) => o.where(o.logicalAnd(o.lt(x, y), o.lt(y, z)), 1, 0),
      (o, { x, y, z }) => o.where(o.logicalOr(o.gt(x, z), o.gt(y, z)), 1, 0),
    ],
    {
      wraps: false,
      vjps: [(o, { g, x, y, z }) => o.where(o.logicalAnd(o.ge(x, y), o.le(x, z)), g, 0)],
    },
  ),
  /** Operands: x, beta, threshold. */
  softplus: arithmetic("softplus", [
    (o, { x, y, z }) => {
      const scaled = o.mul(x, y);
      return o.where(o.gt(scaled, z), 1, o.sigmoid(scaled));
    },
    null,
    null,
  ]),
};
