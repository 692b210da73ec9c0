/** Operations and functions on JavaScript's numbers. */
import { tensor } from "../../functions/creation.js";
import { erf, erfc, lgamma, polygamma } from "../../functions/elementwise.js";
import type { ElementwiseName } from "../../ops/algebra.js";
import { catalog } from "./catalog.js";

const scalar = (x: number) => tensor(x, { dtype: "float64" });
const polygammaOf = (n: number, x: number): number => Number(polygamma(n, scalar(x)).item());

const truth = (x: boolean): number => (x ? 1 : 0);

/** What an operation makes of numbers; truths are 0 and 1. */
export const operations: Readonly<Partial<Record<ElementwiseName, (...x: number[]) => number>>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (Number.isNaN(x) ? 0 : Math.sign(x)),
  floor: Math.floor,
  ceil: Math.ceil,
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf: (x) => Number(erf(scalar(x)).item()),
  erfc: (x) => Number(erfc(scalar(x)).item()),
  lgamma: (x) => Number(lgamma(scalar(x)).item()),
  digamma: (x) => polygammaOf(0, x),
  trigamma: (x) => polygammaOf(1, x),
  polygamma: polygammaOf,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  remainder: (x, y) => x - y * Math.floor(x / y),
  atan2: Math.atan2,
  maximum: Math.max,
  minimum: Math.min,
  eq: (x, y) => truth(x === y),
  ne: (x, y) => truth(x !== y),
  lt: (x, y) => truth(x < y),
  le: (x, y) => truth(x <= y),
  gt: (x, y) => truth(x > y),
  ge: (x, y) => truth(x >= y),
  logicalAnd: (x, y) => truth(x !== 0 && y !== 0),
  logicalOr: (x, y) => truth(x !== 0 || y !== 0),
  logicalNot: (x) => truth(x === 0),
  where: (condition, x, y) => (condition !== 0 ? x : y),
};

/** gamma(x) of a real x. */
function gammaOf(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return NaN;
  const size = Math.exp(Number(lgamma(scalar(x)).item()));
  const value = x < 0 && Math.floor(x) % 2 !== 0 ? -size : size;
  return Number.isInteger(x) && value < 2 ** 50 ? Math.round(value) : value;
}

type RealFunction = (...x: number[]) => number;

/** Functions that no operation computes. */
const others: Readonly<Record<string, RealFunction>> = {
  cot: (x) => 1 / Math.tan(x),
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  acot: (x) => Math.atan(1 / x),
  coth: (x) => 1 / Math.tanh(x),
  sech: (x) => 1 / Math.cosh(x),
  csch: (x) => 1 / Math.sinh(x),
  acoth: (x) => Math.atanh(1 / x),
  gamma: gammaOf,
  Heaviside: (x, atZero = 0.5) => (x > 0 ? 1 : x < 0 ? 0 : atZero),
  DiracDelta: (x) => (x === 0 ? NaN : 0),
  re: (x) => x,
  im: () => 0,
  arg: (x) => (x < 0 ? Math.PI : 0),
  conjugate: (x) => x,
  factorial: (x) => gammaOf(x + 1),
};

/** The functions of the catalog, by name, for real arguments. */
export const realFunctions: Readonly<Record<string, RealFunction>> = Object.fromEntries(
  Object.entries(catalog).map(([name, { op }]) => [
    name,
    (op === undefined ? others[name] : operations[op]) as RealFunction,
  ]),
);
