/** Straight-line programs of elementwise steps: what expressions are computed by, over numbers and over tensors. */
import type { ElementwiseName } from "../../ops/algebra.js";
import { elementwise } from "../../ops/elementwise.js";
import { compute } from "./numbers.js";

/** An argument, a constant, or what a step gives. */
export interface Value {
  readonly kind: "argument" | "constant" | "step";
  /** Its place among the values: a step comes after what it reads. */
  readonly index: number;
  /** Whether it is a truth: over numbers 0 or 1. */
  readonly truth: boolean;
  /** Of a constant. */
  readonly number: number;
  /** Of a step. */
  readonly op: ElementwiseName | null;
  readonly sources: readonly Value[];
}

/** Values in the order in which they can be computed, arguments first, and those that are asked for. */
export interface Program {
  readonly arity: number;
  readonly values: readonly Value[];
  readonly results: readonly Value[];
}

const commutative: ReadonlySet<ElementwiseName> = new Set<ElementwiseName>([
  "add",
  "mul",
  "maximum",
  "minimum",
  "eq",
  "ne",
  "logicalAnd",
  "logicalOr",
]);

/** Makes values, equal ones once; what only constants enter is a constant. */
export class Builder {
  readonly arguments: readonly Value[];
  private count = 0;
  private readonly known = new Map<string, Value>();

  constructor(arity: number) {
    this.arguments = Array.from({ length: arity }, () =>
      this.make({ kind: "argument", truth: false, number: 0, op: null, sources: [] }),
    );
  }

  private make(value: Omit<Value, "index">): Value {
    return { ...value, index: this.count++ };
  }

  private once(key: string, make: () => Omit<Value, "index">): Value {
    let value = this.known.get(key);
    if (value === undefined) {
      value = this.make(make());
      this.known.set(key, value);
    }
    return value;
  }

  constant(number: number, truth = false): Value {
    const key = `${truth} ${Object.is(number, -0) ? "-0" : number}`;
    return this.once(key, () => ({ kind: "constant", truth, number, op: null, sources: [] }));
  }

  step(op: ElementwiseName, ...given: readonly (Value | number)[]): Value {
    const sources = given.map((x) => (typeof x === "number" ? this.constant(x) : x));
    const truth = elementwise[op].result === "bool";
    if (sources.every(({ kind }) => kind === "constant")) {
      return this.constant(compute(op, ...sources.map(({ number }) => number)), truth);
    }
    if (commutative.has(op)) sources.sort((a, b) => a.index - b.index);
    const key = `${op} ${sources.map(({ index }) => index).join(" ")}`;
    return this.once(key, () => ({ kind: "step", truth, number: 0, op, sources }));
  }

  /** The program for some results, without what they do not need. What is deepest is computed first, for few values at once. */
  program(results: readonly Value[]): Program {
    const depth: number[] = [];
    const values: Value[] = [...this.arguments];
    const placed = new Map<Value, Value>(this.arguments.map((x) => [x, x]));
    const depthOf = (x: Value): number => depth[x.index] ?? 0;
    // Values were made after what they read, so their order is one of computation.
    const needed = new Set<Value>(results);
    const all = [...this.known.values()].sort((a, b) => a.index - b.index);
    for (const value of [...all].reverse()) {
      if (needed.has(value)) for (const source of value.sources) needed.add(source);
    }
    for (const value of all) {
      depth[value.index] = value.kind === "step" ? 1 + Math.max(...value.sources.map(depthOf)) : 0;
    }
    const stack: Value[] = [...results].reverse();
    while (stack.length > 0) {
      const value = stack[stack.length - 1];
      const open = value.sources.filter((source) => !placed.has(source));
      if (open.length > 0) {
        open.sort((a, b) => depthOf(a) - depthOf(b));
        stack.push(...open);
        continue;
      }
      stack.pop();
      if (placed.has(value)) continue;
      const sources = value.sources.map((source) => placed.get(source) as Value);
      const copy = { ...value, sources, index: values.length };
      values.push(copy);
      placed.set(value, copy);
    }
    return {
      arity: this.arguments.length,
      values,
      results: results.map((x) => placed.get(x) as Value),
    };
  }
}
