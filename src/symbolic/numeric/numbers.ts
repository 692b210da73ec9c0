/** Elementwise operations on numbers, and programs of them as closures. */
import type { ElementwiseName } from "../../ops/algebra.js";
import { realFunctions } from "../core/approximate.js";
import type { Program, Value } from "./steps.js";

const truth = (x: boolean): number => (x ? 1 : 0);

/** What an operation makes of numbers; truths are 0 and 1. */
const kernels: Readonly<Partial<Record<ElementwiseName, (...x: number[]) => number>>> = {
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
  erf: realFunctions.erf,
  erfc: realFunctions.erfc,
  lgamma: realFunctions.loggamma,
  digamma: (x) => realFunctions.polygamma(0, x),
  trigamma: (x) => realFunctions.polygamma(1, x),
  polygamma: realFunctions.polygamma,
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

const kernel = (op: ElementwiseName): ((...x: number[]) => number) => {
  const found = kernels[op];
  if (found === undefined) throw new TypeError(`${op} has no form for numbers`);
  return found;
};

/** What an operation makes of numbers. */
export const compute = (op: ElementwiseName, ...x: number[]): number => kernel(op)(...x);

type Run = () => void;
/** The commonest steps, from registers to a register: what is written out needs no call. */
const direct: Readonly<
  Partial<Record<ElementwiseName, (r: Float64Array, to: number, a: number, b: number) => Run>>
> = {
  neg: (r, to, a) => () => {
    r[to] = -r[a];
  },
  reciprocal: (r, to, a) => () => {
    r[to] = 1 / r[a];
  },
  square: (r, to, a) => () => {
    r[to] = r[a] * r[a];
  },
  add: (r, to, a, b) => () => {
    r[to] = r[a] + r[b];
  },
  sub: (r, to, a, b) => () => {
    r[to] = r[a] - r[b];
  },
  mul: (r, to, a, b) => () => {
    r[to] = r[a] * r[b];
  },
  div: (r, to, a, b) => () => {
    r[to] = r[a] / r[b];
  },
};

function closure(
  op: ElementwiseName,
  r: Float64Array,
  to: number,
  [a, b, c]: readonly number[],
): Run {
  const made = direct[op];
  if (made !== undefined) return made(r, to, a, b);
  const run = kernel(op);
  if (b === undefined) {
    return () => {
      r[to] = run(r[a]);
    };
  }
  if (c === undefined) {
    return () => {
      r[to] = run(r[a], r[b]);
    };
  }
  return () => {
    r[to] = run(r[a], r[b], r[c]);
  };
}

/**
 * A program over numbers: takes the arguments, and gives every value's number, in a table that the next call reuses. Of
 * values that are not wanted there is none.
 */
export function overNumbers(
  { arity, values }: Program,
  isWanted: (value: Value) => boolean = () => true,
): (args: readonly number[]) => Float64Array {
  const registers = new Float64Array(values.length);
  const steps: Run[] = [];
  for (const value of values) {
    const { kind, index, number, op, sources } = value;
    if (kind === "constant") registers[index] = number;
    if (op !== null && isWanted(value)) {
      const from = sources.map((source) => source.index);
      steps.push(closure(op, registers, index, from));
    }
  }
  return (args) => {
    for (let i = 0; i < arity; i++) registers[i] = args[i];
    for (let i = 0; i < steps.length; i++) steps[i]();
    return registers;
  };
}
