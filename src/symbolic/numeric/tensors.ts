/** Programs over tensors: one native pass for all results, or recorded operations where gradients are wanted. */
import { isGradEnabled } from "../../autograd/mode.js";
import { nodeOf } from "../../autograd/tape.js";
import type { DType } from "../../core/dtype.js";
import { dtypeInfo, isFloat } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";
import { broadcastShapes, contiguousLayout, sameShape } from "../../core/shape.js";
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

/** What holds for one choice of which arguments are numbers. */
interface Special {
  /** By value, whether it is a number; what depends on numbers only is computed once, not for every element. */
  readonly uniform: readonly boolean[];
  /** How many steps there are for every element. */
  readonly varying: number;
  plan: Plan | null;
}

function specialize({ values }: Program, isNumber: (i: number) => boolean): Special {
  const uniform: boolean[] = [];
  for (const { kind, index, sources } of values) {
    uniform[index] =
      kind === "argument" ? isNumber(index) : sources.every((source) => uniform[source.index]);
  }
  const varying = values.filter(({ op, index }) => op !== null && !uniform[index]).length;
  return { uniform, varying, plan: null };
}

/** A program for tensors and numbers, of which at least one is a tensor. */
export function overTensors(program: Program): (given: readonly (Tensor | number)[]) => Tensor[] {
  const specials = new Map<string, Special>();
  const numbers = overNumbers(program);

  return (given) => {
    const promoted = promote(given);
    const dtype = isFloat(promoted) ? promoted : defaultDType;
    const shapes: Shape[] = [];
    let key = "";
    let records = false;
    const args = given.map((x) => {
      key += typeof x === "number" ? "n" : "t";
      if (typeof x === "number") return x;
      shapes.push(x.layout.shape);
      if (isGradEnabled() && nodeOf(x) !== null) records = true;
      return x.dtype === dtype ? x : to(x, dtype);
    });
    const shape = broadcastShapes(shapes, "lambdify");
    let special = specials.get(key);
    if (special === undefined) {
      special = specialize(program, (i) => key[i] === "n");
      specials.set(key, special);
    }
    const registers = numbers(args.map((x) => (typeof x === "number" ? x : Number.NaN)));
    const alike = args.every(
      (x) => typeof x === "number" || x.layout.numel === 1 || sameShape(x.layout.shape, shape),
    );
    const waits =
      program.results.length === 1 &&
      special.varying <= mostDeferred &&
      isDeferred(contiguousLayout(shape).numel);
    if (records || !alike || waits) {
      return byOperations(program, special, args, registers, dtype, shape);
    }
    special.plan ??= plan(program, special.uniform);
    return byPasses(special.plan, args, registers, dtype, shape);
  };
}

function byPasses(
  { passes, results }: Plan,
  args: readonly (Tensor | number)[],
  registers: Float64Array,
  dtype: DType,
  shape: Shape,
): Tensor[] {
  const layout = contiguousLayout(shape);
  const type = dtypeInfo[dtype];
  const stored = new Map<number, Tensor>();
  args.forEach((x, i) => {
    if (typeof x !== "number") stored.set(i, x);
  });
  for (const { sequence, outs, inputs, numbers } of passes) {
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
  { uniform }: Special,
  args: readonly (Tensor | number)[],
  registers: Float64Array,
  dtype: DType,
  shape: Shape,
): Tensor[] {
  const known: TensorLike[] = [];
  const operand = ({ index, truth }: Value): TensorLike => {
    if (!uniform[index]) return known[index];
    return truth ? registers[index] !== 0 : registers[index];
  };
  for (const { kind, index, op, sources } of values) {
    if (kind === "argument") known[index] = args[index];
    if (op === null || uniform[index]) continue;
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
    if (uniform[index]) return filled(truth ? "bool" : dtype, shape, registers[index]);
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
