/** Elementwise operations on numbers, and programs of them as closures. */
import type { ElementwiseName } from "../../ops/algebra.js";
import { operations } from "../core/realFunctions.js";
import type { Program, Value } from "./steps.js";

const kernel = (op: ElementwiseName): ((...x: number[]) => number) => {
  const found = operations[op];
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
