/** The operations of the table in src/ops on expressions: how a derivative that is written there reads here. */
import type { Algebra, ElementwiseName } from "../../ops/algebra.js";
import { UnsupportedError } from "../errors.js";
import { add, div, exp, mul, neg, pow, sqrt, sub } from "./arithmetic.js";
import type { Expr } from "./expr.js";
import {
  E,
  fromRatio,
  half,
  integer,
  isBoolean,
  minusHalf,
  minusOne,
  nan,
  one,
  oo,
  pi,
  two,
  yes,
  zero,
} from "./expr.js";
import { call } from "./functions.js";
import { and, not, or, piecewise, relate } from "./logic.js";
import { fromNumber } from "./numbers.js";
import { ratio } from "./rational.js";

/** Numbers of the table that stand for others, which expressions keep exact. */
const exactForms: readonly (readonly [number, () => Expr])[] = [
  [2 / Math.sqrt(Math.PI), () => mul(two, pow(pi, minusHalf))],
  [1 / Math.sqrt(2 * Math.PI), () => pow(mul(two, pi), minusHalf)],
  [Math.SQRT1_2, () => pow(two, minusHalf)],
  [Math.sqrt(2 / Math.PI), () => sqrt(div(two, pi))],
  [Math.LN2, () => call("log", two)],
  [Math.LN10, () => call("log", integer(10))],
  [0.044715, () => fromRatio(ratio(44715n, 1_000_000n))],
  [3 * 0.044715, () => fromRatio(ratio(3n * 44715n, 1_000_000n))],
];

/** A number of the table: dyadic fractions of few digits are exact, too. */
export function fromTable(x: number): Expr {
  if (Number.isInteger(x)) return integer(x);
  const size = Math.abs(x);
  const found = exactForms.find(([value]) => value === size);
  if (found !== undefined) return x < 0 ? neg(found[1]()) : found[1]();
  if (Number.isInteger(x * 1024)) return fromRatio(ratio(BigInt(x * 1024), 1024n));
  if (!Number.isFinite(x)) return Number.isNaN(x) ? nan : mul(integer(Math.sign(x)), oo);
  return fromNumber(x);
}

const trunc = (x: Expr): Expr =>
  piecewise([call("floor", x), relate(">=", x, zero)], [call("ceiling", x), yes]);
const unsupported = (name: string) => (): never => {
  throw new UnsupportedError(
    `${name} has no expression: it is an operation on bits or on special floats`,
  );
};
/** A truth as an expression is taken for a condition; a number, for whether it is not zero. */
const truth = (x: Expr): Expr => (isBoolean(x) ? x : relate("!=", x, zero));
const sigmoid = (x: Expr): Expr => pow(add(one, exp(neg(x))), minusOne);

const operations: { readonly [K in ElementwiseName]: (...x: Expr[]) => Expr } = {
  neg,
  abs: (x) => call("Abs", x),
  sign: (x) => call("sign", x),
  floor: (x) => call("floor", x),
  ceil: (x) => call("ceiling", x),
  // Half to even.
  round: (x) => {
    const up = call("floor", add(x, half));
    const even = mul(two, call("floor", div(up, two)));
    return piecewise([even, relate("==", up, add(x, half))], [up, yes]);
  },
  trunc,
  relu: (x) => call("Max", zero, x),
  bitwiseNot: unsupported("bitwiseNot"),
  reciprocal: (x) => pow(x, minusOne),
  square: (x) => pow(x, two),
  sqrt,
  rsqrt: (x) => pow(x, minusHalf),
  exp,
  exp2: (x) => pow(two, x),
  expm1: (x) => sub(exp(x), one),
  log: (x) => call("log", x),
  log2: (x) => div(call("log", x), call("log", two)),
  log10: (x) => div(call("log", x), call("log", integer(10))),
  log1p: (x) => call("log", add(one, x)),
  sin: (x) => call("sin", x),
  cos: (x) => call("cos", x),
  tan: (x) => call("tan", x),
  asin: (x) => call("asin", x),
  acos: (x) => call("acos", x),
  atan: (x) => call("atan", x),
  sinh: (x) => call("sinh", x),
  cosh: (x) => call("cosh", x),
  tanh: (x) => call("tanh", x),
  asinh: (x) => call("asinh", x),
  acosh: (x) => call("acosh", x),
  atanh: (x) => call("atanh", x),
  sigmoid,
  erf: (x) => call("erf", x),
  erfc: (x) => call("erfc", x),
  cbrt: (x) => mul(call("sign", x), pow(call("Abs", x), fromRatio(ratio(1n, 3n)))),
  silu: (x) => mul(x, sigmoid(x)),
  gelu: (x) => mul(half, x, add(one, call("erf", div(x, sqrt(two))))),
  geluTanh: (x) => {
    const inner = add(x, mul(fromTable(0.044715), pow(x, integer(3))));
    return mul(half, x, add(one, call("tanh", mul(sqrt(div(two, pi)), inner))));
  },
  lgamma: (x) => call("loggamma", x),
  digamma: (x) => call("polygamma", zero, x),
  trigamma: (x) => call("polygamma", one, x),
  polygamma: (n, x) => call("polygamma", n, x),
  add,
  sub,
  mul,
  div,
  pow,
  floorDivide: (x, y) => call("floor", div(x, y)),
  remainder: (x, y) => sub(x, mul(y, call("floor", div(x, y)))),
  fmod: (x, y) => sub(x, mul(y, trunc(div(x, y)))),
  atan2: (x, y) => call("atan2", x, y),
  hypot: (x, y) => sqrt(add(pow(x, two), pow(y, two))),
  maximum: (x, y) => call("Max", x, y),
  minimum: (x, y) => call("Min", x, y),
  bitwiseAnd: unsupported("bitwiseAnd"),
  bitwiseOr: unsupported("bitwiseOr"),
  bitwiseXor: unsupported("bitwiseXor"),
  eq: (x, y) => relate("==", x, y),
  ne: (x, y) => relate("!=", x, y),
  lt: (x, y) => relate("<", x, y),
  le: (x, y) => relate("<=", x, y),
  gt: (x, y) => relate(">", x, y),
  ge: (x, y) => relate(">=", x, y),
  logicalAnd: (x, y) => and(truth(x), truth(y)),
  logicalOr: (x, y) => or(truth(x), truth(y)),
  logicalXor: (x, y) => or(and(truth(x), not(truth(y))), and(not(truth(x)), truth(y))),
  logicalNot: (x) => not(truth(x)),
  isnan: unsupported("isnan"),
  isinf: unsupported("isinf"),
  isfinite: unsupported("isfinite"),
  where: (condition, x, y) => piecewise([x, truth(condition)], [y, yes]),
  clamp: (x, least, greatest) => call("Min", call("Max", x, least), greatest),
  softplus: (x, beta, threshold) => {
    const scaled = mul(x, beta);
    return piecewise(
      [x, relate(">", scaled, threshold)],
      [div(call("log", add(one, exp(scaled))), beta), yes],
    );
  },
};

/** The operations as the rules of the table call them: with expressions, or numbers. */
export const algebra = Object.fromEntries(
  Object.entries(operations).map(([name, run]) => [
    name,
    (...operands: (Expr | number)[]) =>
      run(...operands.map((x) => (typeof x === "number" ? fromTable(x) : x))),
  ]),
) as unknown as Algebra<Expr>;

export { E };
