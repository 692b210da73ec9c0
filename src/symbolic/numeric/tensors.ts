/** Programs over tensors: one native pass for all results, or recorded operations where gradients are wanted. */
import { isGradEnabled } from "../../autograd/mode.js";
import { nodeOf } from "../../autograd/tape.js";
import type { DType } from "../../core/dtype.js";
import { dtypeInfo, isFloat } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";
import { broadcastShapes, contiguousLayout, numelOf, sameShape } from "../../core/shape.js";
import { clone, to } from "../../functions/convert.js";
import {
  apply,
  binary,
  defaultDType,
  ops,
  power,
  promote,
  unary,
} from "../../functions/dispatch.js";
import { expandTo } from "../../functions/views.js";
import type { TensorLike } from "../../tensor/create.js";
import { filled, fresh } from "../../tensor/create.js";
import type { Expression } from "../../tensor/deferred.js";
import { isDeferred, storeTogether } from "../../tensor/deferred.js";
import * as execute from "../../tensor/execute.js";
import type { Tensor } from "../../tensor/tensor.js";
import { overNumbers } from "./numbers.js";
import type { Plan } from "./schedule.js";
import { plan } from "./schedule.js";
import type { Program, Value } from "./steps.js";

/** Longer programs are computed at once: what waits is bounded. */
const mostDeferred = 40;

/** What holds for one choice of which arguments are numbers, and which tensors have the same shape. */
interface Special {
  /** By value, the arguments that it depends on, as the place of a set in `kinds`; below zero for numbers. */
  readonly kindOf: readonly number[];
  /** Sets of kinds of shapes. */
  readonly kinds: readonly (readonly number[])[];
  /** How many steps there are for every element. */
  readonly varying: number;
  /** Computes the values that are numbers. */
  readonly numbers: (args: readonly number[]) => Float64Array;
  readonly plans: Map<string, Plan>;
}

/** `given` has the kind of each argument's shape, below zero for numbers. What depends on numbers only is computed once. */
function specialize(program: Program, given: readonly number[]): Special {
  const kindOf: number[] = [];
  const kinds: number[][] = [];
  const known = new Map<string, number>();
  const numberOf = (kind: readonly number[]): number => {
    const key = kind.join();
    let number = known.get(key);
    if (number === undefined) {
      number = kinds.push([...kind]) - 1;
      known.set(key, number);
    }
    return number;
  };
  let varying = 0;
  const { values } = program;
  for (const { kind, index, op, sources } of values) {
    const own =
      kind === "argument" ? [given[index]] : sources.flatMap((x) => kinds[kindOf[x.index]] ?? []);
    const sorted = [...new Set(own)].filter((k) => k >= 0).sort((a, b) => a - b);
    kindOf[index] = sorted.length === 0 ? -1 : numberOf(sorted);
    if (op !== null && kindOf[index] >= 0) varying++;
  }
  const numbers = overNumbers(program, ({ index }) => kindOf[index] < 0);
  return { kindOf, kinds, varying, numbers, plans: new Map() };
}

/** The plan for the shapes that the kinds have now, with the shapes of its passes. */
function planFor(
  program: Program,
  special: Special,
  given: readonly Shape[],
  whole: Shape,
): [Plan, Shape[]] {
  const shapes: Shape[] = [whole];
  const own = special.kinds.map((kind) => {
    if (numelOf(whole) === 0) return whole;
    const shape = broadcastShapes(
      kind.map((k) => given[k]),
      "lambdify",
    );
    const found = shapes.find((other) => sameShape(other, shape));
    if (found === undefined) shapes.push(shape);
    return found ?? shape;
  });
  // From the smallest on: a shape comes after those that broadcast to it, and the whole comes last.
  shapes.sort((a, b) => numelOf(a) - numelOf(b) || a.length - b.length);
  shapes.splice(shapes.indexOf(whole), 1);
  shapes.push(whole);
  const ranks = own.map((shape) => shapes.indexOf(shape));
  const key = `${ranks.join()} of ${shapes.length}`;
  let found = special.plans.get(key);
  if (found === undefined) {
    const byValue = special.kindOf.map((kind) => (kind < 0 ? -1 : ranks[kind]));
    found = plan(program, byValue, shapes.length - 1);
    special.plans.set(key, found);
  }
  return [found, shapes];
}

/** A program for tensors and numbers, of which at least one is a tensor. */
export function overTensors(program: Program): (given: readonly (Tensor | number)[]) => Tensor[] {
  const specials = new Map<string, Special>();
  return (given) => {
    const promoted = promote(given);
    const dtype = isFloat(promoted) ? promoted : defaultDType;
    const shapes: Shape[] = [];
    let records = false;
    const kinds = given.map((x) => {
      if (typeof x === "number") return -1;
      if (isGradEnabled() && nodeOf(x) !== null) records = true;
      const { shape } = x.layout;
      const found = shapes.findIndex((other) => sameShape(other, shape));
      return found < 0 ? shapes.push(shape) - 1 : found;
    });
    const args = given.map((x) => (typeof x === "number" || x.dtype === dtype ? x : to(x, dtype)));
    const whole = broadcastShapes(shapes, "lambdify");
    const key = kinds.join();
    let special = specials.get(key);
    if (special === undefined) {
      special = specialize(program, kinds);
      specials.set(key, special);
    }
    const registers = special.numbers(args.map((x) => (typeof x === "number" ? x : Number.NaN)));
    const waits =
      program.results.length === 1 && special.varying <= mostDeferred && isDeferred(numelOf(whole));
    if (records || waits) return byOperations(program, special, args, registers, dtype, whole);
    const [found, shapesOfPasses] = planFor(program, special, shapes, whole);
    return byPasses(found, args, registers, dtype, shapesOfPasses);
  };
}

function byPasses(
  { passes, results }: Plan,
  args: readonly (Tensor | number)[],
  registers: Float64Array,
  dtype: DType,
  shapes: readonly Shape[],
): Tensor[] {
  const type = dtypeInfo[dtype];
  const stored = new Map<number, Tensor>();
  args.forEach((x, i) => {
    if (typeof x !== "number") stored.set(i, x);
  });
  for (const { sequence, shape, outs, inputs, numbers } of passes) {
    const layout = contiguousLayout(shapes[shape]);
    const made = outs.map(({ truth }) => fresh(truth ? dtypeInfo.bool : type, layout));
    const read = inputs.map((id) => stored.get(id) as Tensor);
    const constants = numbers.map((index) => registers[index]);
    execute.sequence(sequence, type, made, read, constants);
    outs.forEach(({ id }, i) => {
      stored.set(id, made[i]);
    });
  }
  return results.map((id) => stored.get(id) as Tensor);
}

/** By the package's operations, which record and are deferred. */
function byOperations(
  { values, results }: Program,
  { kindOf }: Special,
  args: readonly (Tensor | number)[],
  registers: Float64Array,
  dtype: DType,
  shape: Shape,
): Tensor[] {
  const known: TensorLike[] = [];
  const operand = ({ index, truth }: Value): TensorLike => {
    if (kindOf[index] >= 0) return known[index];
    return truth ? registers[index] !== 0 : registers[index];
  };
  for (const { kind, index, op, sources } of values) {
    if (kind === "argument") known[index] = args[index];
    if (op === null || kindOf[index] < 0) continue;
    const [x, y, z] = sources.map(operand);
    if (op === "pow") known[index] = power(x, y);
    else if (z !== undefined) {
      // Two numbers would have a dtype of their own.
      const second = typeof y === "number" ? filled(dtype, [], y) : y;
      known[index] = apply(ops[op], [x, second, z]);
    } else known[index] = y === undefined ? unary(ops[op], x) : binary(ops[op], x, y);
  }
  const found = new Set<TensorLike>(args);
  const tensors = results.map((result) => {
    const { index, truth } = result;
    if (kindOf[index] < 0) return filled(truth ? "bool" : dtype, shape, registers[index]);
    const x = known[index] as Tensor;
    const whole = sameShape(x.layout.shape, shape);
    if (whole && !found.has(x)) {
      found.add(x);
      return x;
    }
    return clone(whole ? x : expandTo(x, shape));
  });
  if (tensors.length > 1) {
    // What the results have in common is computed once.
    const pending = tensors.flatMap(({ storage }) =>
      storage.pending === null ? [] : [storage.pending as Expression],
    );
    storeTogether(pending);
  }
  return tensors;
}
