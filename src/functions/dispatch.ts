/** From a call to a kernel: converts operands, finds dtypes and shapes, records, runs. */

import { isGradEnabled } from "../autograd/mode.js";
import {
  checkInPlace,
  ElementwiseRule,
  finish,
  nodeOf,
  recordElementwise,
  rewriteEdge,
} from "../autograd/tape.js";
import type { DType, DTypeInfo } from "../core/dtype.js";
import { dtypeInfo, dtypes, isFloat, promoteTypes } from "../core/dtype.js";
import { ArgumentError, DTypeError, GradError, ShapeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import type { Shape } from "../core/shape.js";
import {
  broadcastShapes,
  contiguousLayout,
  extentOf,
  isNonOverlapping,
  Layout,
  sameShape,
  showShape,
} from "../core/shape.js";
import { nativeOp, typesOf } from "../native/door.js";
import { Storage } from "../native/memory.js";
import type { ElementwiseName } from "../ops/algebra.js";
import type { ElementwiseRow } from "../ops/elementwise.js";
import { elementwise } from "../ops/elementwise.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense, filled, fresh, fromData, toInteger } from "../tensor/create.js";
import type { Step } from "../tensor/deferred.js";
import { computed, defer, isDeferred } from "../tensor/deferred.js";
import * as execute from "../tensor/execute.js";
import { standInOf } from "../tensor/standIn.js";
import { Tensor } from "../tensor/tensor.js";
import { unrecorded } from "./internal.js";

/** The dtype of numbers that are not integers. */
export const defaultDType = "float32";

type Scalar = number | bigint | boolean;
type Mixed = Tensor | Scalar;

const isScalar = (x: unknown): x is Scalar =>
  typeof x === "number" || typeof x === "bigint" || typeof x === "boolean";

/** An elementwise row, joined to its native op. */
export class ElementwiseOp {
  readonly name: ElementwiseName;
  readonly row: ElementwiseRow;
  readonly rule: ElementwiseRule;
  readonly code: number;
  readonly arity: number;
  /** By the code of the promoted dtype, the one that the op computes in; null where it takes no such operands. */
  readonly computes: readonly (DTypeInfo | null)[];
  /** By the code of the dtype that is computed in, the result's. */
  readonly gives: readonly DTypeInfo[];
  /** By the code of the dtype that is computed in. */
  readonly steps: readonly Step[];
  /** Whether the first operand is a condition, which no promotion counts. */
  readonly condition: boolean;
  /** Whether a number beyond the integer dtype wraps, instead of being an error. */
  readonly wraps: boolean;
  private readonly types: readonly DType[];

  constructor(name: ElementwiseName, row: ElementwiseRow) {
    const native = nativeOp(row.native);
    this.name = name;
    this.row = row;
    this.rule = new ElementwiseRule(row);
    this.code = native.code;
    this.arity = row.arity;
    this.condition = native.signature === "select";
    this.wraps = row.wraps;
    this.types = typesOf(native);
    this.computes = dtypes.map((dtype) => {
      const compute = row.result === "float" && !isFloat(dtype) ? defaultDType : dtype;
      return this.types.includes(compute) ? dtypeInfo[compute] : null;
    });
    this.gives = dtypes.map((dtype) => dtypeInfo[row.result === "bool" ? "bool" : dtype]);
    const { code, condition } = this;
    this.steps = dtypes.map((dtype, i) => ({
      code,
      compute: dtypeInfo[dtype],
      gives: this.gives[i],
      condition,
    }));
  }

  computeIn(promoted: DType): DTypeInfo {
    const compute = this.computes[dtypeInfo[promoted].code];
    if (compute !== null) return compute;
    throw new DTypeError(`${this.name}: no ${promoted}; it takes ${this.types.join(", ")}`);
  }
}

export const ops = Object.fromEntries(
  (Object.entries(elementwise) as [ElementwiseName, ElementwiseRow][]).map(([name, row]) => [
    name,
    new ElementwiseOp(name, row),
  ]),
) as { [K in ElementwiseName]: ElementwiseOp };

const categoryOf = (dtype: DType): number => dtypeInfo[dtype].category;

/** The lower-ranking operands count only where they are of a higher category. */
const combine = (high: DType | null, low: DType | null): DType | null =>
  high === null
    ? low
    : low === null || categoryOf(low) <= categoryOf(high)
      ? high
      : promoteTypes(high, low);

const join = (a: DType | null, b: DType): DType => (a === null ? b : promoteTypes(a, b));

const scalarType = (x: Scalar): DType =>
  typeof x === "boolean"
    ? "bool"
    : typeof x === "bigint" || Number.isInteger(x)
      ? "int64"
      : defaultDType;

/**
 * PyTorch's type promotion: tensors with dims rank above 0-d tensors, and those above plain numbers.
 *
 * @example
 * resultType(tensor([1n]), 2.5) // "float32"
 */
export function resultType(...operands: readonly TensorLike[]): DType {
  return promote(operands.map((x) => (isScalar(x) ? x : asTensor(x, "resultType"))));
}

export function promote(operands: readonly Mixed[]): DType {
  let dims: DType | null = null;
  let zero: DType | null = null;
  let plain: DType | null = null;
  for (const x of operands) {
    if (!(x instanceof Tensor)) plain = join(plain, scalarType(x));
    else if (x.layout.shape.length === 0) zero = join(zero, x.dtype);
    else dims = join(dims, x.dtype);
  }
  return combine(combine(dims, zero), plain) as DType;
}

/** A scalar as an operand in the dtype that is computed in; arithmetic wraps, as PyTorch's does. */
function toOperand(x: Scalar, compute: DTypeInfo, op: ElementwiseOp): Tensor | number {
  if (compute.category === 0) return Number(x) !== 0 ? 1 : 0;
  if (compute.category === 2) return Number(x);
  let whole = BigInt(typeof x === "boolean" ? Number(x) : x);
  if (op.wraps) {
    const bits = 8 * compute.size;
    whole = compute.low === 0n ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole);
  } else {
    toInteger(whole, compute.name, op.name);
  }
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : fromData(whole, "int64", op.name);
}

const fits = (x: Scalar, dtype: DType): boolean => {
  const { low, high } = dtypeInfo[dtype];
  return isFloat(dtype) || dtype === "bool" || (BigInt(x) >= low && BigInt(x) <= high);
};

interface Prepared {
  readonly operands: (Tensor | number)[];
  readonly compute: DTypeInfo;
}

/** Operands as tensors and immediates, and the dtype to compute in. */
function prepare(op: ElementwiseOp, given: readonly TensorLike[]): Prepared {
  const mixed: Mixed[] = given.map((x) => (isScalar(x) ? x : asTensor(x, op.name)));
  const values = op.condition ? mixed.slice(1) : mixed;
  let promoted = promote(values);
  if (
    op.row.result === "bool" &&
    values.some((x) => isScalar(x) && categoryOf(promoted) === 1 && !fits(x, promoted))
  ) {
    promoted = "int64"; // a comparison with a number out of the dtype's range still means what it says
  }
  const compute = op.computeIn(promoted);
  const operands = mixed.map((x, i) => {
    if (isScalar(x))
      return op.condition && i === 0 ? Number(Boolean(x)) : toOperand(x, compute, op);
    if (op.condition && i === 0 && x.dtype !== "bool") {
      throw new DTypeError(`${op.name}: the condition is ${x.dtype}; it must be bool`);
    }
    return x;
  });
  return { operands, compute };
}

const shapeOf = (x: Tensor | number): Shape => (typeof x === "number" ? [] : x.layout.shape);

function commonLayout(operands: readonly (Tensor | number)[], where: string): Layout {
  let layout: Layout | null = null;
  let same = true;
  for (const x of operands) {
    if (typeof x === "number") continue;
    if (layout === null) layout = x.layout;
    else if (layout !== x.layout && !sameShape(layout.shape, x.layout.shape)) same = false;
  }
  if (layout === null) return contiguousLayout([]);
  if (same) return layout.contiguous ? layout : contiguousLayout(layout.shape);
  return contiguousLayout(broadcastShapes(operands.map(shapeOf), where));
}

/** Runs an elementwise op on whatever the caller gave. */
export function apply(op: ElementwiseOp, given: readonly TensorLike[]): Tensor {
  for (const x of given) {
    const standIn = standInOf(x);
    if (standIn !== null) return standIn.operate(op.name, given);
  }
  const { operands, compute } = prepare(op, given);
  const layout = commonLayout(operands, op.name);
  const recording = recordElementwise(op.rule, operands);
  return finish(recording, evaluate(op.steps[compute.code], layout, operands));
}

/** The result of a step on operands: later, where that may save passes over memory, or at once. */
export function evaluate<D extends DType>(
  step: Step,
  layout: Layout,
  operands: readonly (Tensor | number)[],
): Tensor<D> {
  const pending = isDeferred(layout.numel) ? defer(step, layout, operands) : null;
  if (pending !== null) return new Tensor<D>(step.gives, pending, layout, 0);
  const out = fresh<D>(step.gives, layout);
  execute.map(step, out, operands);
  return out;
}

const offTape = (x: Tensor): boolean => x.node === null && x.base === null;

/** apply for two operands, with short ways for two tensors of one dtype, and for a float tensor and a number. */
export function binary(op: ElementwiseOp, x: TensorLike, y: TensorLike): Tensor {
  if (x instanceof Tensor && op.computes[x.type.code] === x.type) {
    if (y instanceof Tensor) {
      if (y.type === x.type) {
        const { layout } = x;
        const plain = layout === y.layout && layout.contiguous && offTape(x) && offTape(y);
        if (!plain || isDeferred(layout.numel)) return sameType(op, x, y);
        // What small tensors do most, without another call on the way.
        const out = fresh(op.gives[x.type.code], layout);
        execute.mapFlat(op.code, x.type, out, x, y);
        return out;
      }
    } else if (typeof y === "number" && x.type.category === 2 && x.layout.contiguous) {
      return flat(op, x, y, x.layout, offTape(x));
    }
  }
  return apply(op, [x, y]);
}

function sameType(op: ElementwiseOp, x: Tensor, y: Tensor): Tensor {
  const a = x.layout;
  const b = y.layout;
  const off = offTape(x) && offTape(y);
  if (a.contiguous && isFlatUnder(b, a)) return flat(op, x, y, a, off);
  if (b.contiguous && isFlatUnder(a, b)) return flat(op, x, y, b, off);
  const layout = commonLayout([x, y], op.name);
  const recording = off ? null : recordElementwise(op.rule, [x, y]);
  return finish(recording, evaluate(op.steps[x.type.code], layout, [x, y]));
}

/** Whether one loop reads an operand along a contiguous result: element by element, or the same one throughout. */
function isFlatUnder(layout: Layout, result: Layout): boolean {
  if (layout === result) return true;
  if (layout.contiguous || layout.constant)
    return sameShape(layout.shape, result.shape) || isScalarUnder(layout, result);
  return false;
}

const isScalarUnder = ({ shape, numel }: Layout, result: Layout): boolean =>
  numel === 1 && shape.length <= result.shape.length && result.numel > 0;

/** Operands of the dtype computed in, flat under the contiguous layout of the result. */
function flat(
  op: ElementwiseOp,
  x: Tensor,
  y: Tensor | number,
  layout: Layout,
  off: boolean,
): Tensor {
  const recording = off ? null : recordElementwise(op.rule, [x, y]);
  if (isDeferred(layout.numel)) {
    return finish(recording, evaluate(op.steps[x.type.code], layout, [x, y]));
  }
  const out = fresh(op.gives[x.type.code], layout);
  execute.mapFlat(op.code, x.type, out, x, y);
  return recording === null ? out : finish(recording, out);
}

/** apply for one operand. */
export function unary(op: ElementwiseOp, given: TensorLike): Tensor {
  const x = asTensor(given, op.name);
  const { layout, type } = x;
  if (op.row.result === "whole" && type.category === 1) return dense(x, type);
  if (!layout.contiguous || op.computes[type.code] !== type) return apply(op, [x]);
  const recording = offTape(x) ? null : recordElementwise(op.rule, [x]);
  if (isDeferred(layout.numel))
    return finish(recording, evaluate(op.steps[type.code], layout, [x]));
  const out = fresh(op.gives[type.code], layout);
  execute.mapFlat(op.code, type, out, x, null);
  return recording === null ? out : finish(recording, out);
}

/** Powers that simpler operations give; where they differ at special values, as √−∞ does, so do PyTorch's. */
const powers: ReadonlyMap<unknown, (x: Tensor) => Tensor> = new Map([
  [0, (x: Tensor) => filled(x.dtype, x.layout.shape, 1)],
  [1, (x: Tensor) => dense(x, x.type)],
  [2, (x: Tensor) => unary(ops.square, x)],
  [3, (x: Tensor) => binary(ops.mul, unary(ops.square, x), x)],
  [0.5, (x: Tensor) => unary(ops.sqrt, x)],
  [-0.5, (x: Tensor) => unary(ops.rsqrt, x)],
  [-1, (x: Tensor) => unary(ops.reciprocal, x)],
  [-2, (x: Tensor) => unary(ops.reciprocal, unary(ops.square, x))],
]);

/** A power of x that simpler operations give, off the tape; null where there is none. */
export function simplePower(x: Tensor, y: TensorLike): Tensor | null {
  const simple = x.type.category === 0 ? undefined : powers.get(y);
  return simple === undefined ? null : unrecorded(() => simple(x));
}

/** x to the power y, which is checked. */
export function power(x: TensorLike, y: TensorLike): Tensor {
  const out = x instanceof Tensor && standInOf(x) === null ? simplePower(x, y) : null;
  if (out === null) return binary(ops.pow, x, y);
  return finish(recordElementwise(ops.pow.rule, [x as Tensor, y as number]), out);
}

/** Whether tensors lie in one buffer. Storages lie apart, but for those over memory that the caller holds. */
const inOneBuffer = ({ storage: a }: Tensor, { storage: b }: Tensor): boolean =>
  a === b || (a.exposed && b.exposed && a.block.buffer === b.block.buffer);

/** Whether the indices of two layouts reach elements at the same distances from the first. */
const sameSteps = (a: Layout, b: Layout): boolean =>
  a === b ||
  (sameShape(a.shape, b.shape) &&
    a.strides.every((stride, d) => a.shape[d] <= 1 || stride === b.strides[d]));

/** Whether the bytes from the first to the last that tensors in one buffer reach have some in common. */
function rangesMeet(x: Tensor, y: Tensor): boolean {
  const bytes = ({ storage, offset, layout, type }: Tensor): [number, number] => {
    const extent = extentOf(layout);
    if (extent === null) return [0, 0];
    const from = storage.byteOffset + (offset + extent.low) * type.size;
    return [from, from + (extent.high - extent.low + 1) * type.size];
  };
  const [a, b] = [bytes(x), bytes(y)];
  return a[0] < b[1] && b[0] < a[1];
}

/** Whether two tensors share memory in a way that writing one would spoil reading the other. */
export function collides(written: Tensor, read: Tensor): boolean {
  if (!inOneBuffer(written, read)) return false;
  const same =
    written.storage === read.storage &&
    written.offset === read.offset &&
    written.type === read.type &&
    sameSteps(written.layout, read.layout);
  return !same && rangesMeet(written, read);
}

/** Whether tensors share no element; it is enough that one lies between the elements of the other in regular steps. */
function areApart(x: Tensor, y: Tensor): boolean {
  if (!inOneBuffer(x, y) || !rangesMeet(x, y)) return true;
  if (x.storage !== y.storage || x.type !== y.type || !sameSteps(x.layout, y.layout)) return false;
  const { shape, strides } = x.layout;
  return isNonOverlapping(new Layout([2, ...shape], [y.offset - x.offset, ...strides]));
}

/** x as it is in memory now, for reading after its storage has moved. */
function before(x: Tensor): Tensor {
  const { block, byteOffset, byteLength } = x.storage;
  return new Tensor(x.type, new Storage(block, byteOffset, byteLength), x.layout, x.offset);
}

/**
 * Makes x's memory ready to be written. Where values are saved from it, x moves to fresh memory, and what is returned
 * gives the operands with reads of x led to the old one.
 */
export function prepareWrite(
  x: Tensor,
  operands: readonly (Tensor | number)[],
): (Tensor | number)[] {
  const { storage } = x;
  computed(x);
  const coversAll = x.layout.contiguous && x.layout.numel * x.type.size === storage.byteLength;
  if (storage.saves > 0 && !coversAll) {
    // Perhaps it is only the operands that wait to read from it.
    for (const y of operands) if (typeof y !== "number") computed(y);
  }
  if (storage.saves === 0) {
    return operands.map((y) => (typeof y !== "number" && collides(x, y) ? dense(y, y.type) : y));
  }
  const old = operands.map((y) => (typeof y !== "number" && y.storage === storage ? before(y) : y));
  storage.move(!coversAll);
  return old;
}

/** Throws unless an in-place operation may write a result of that shape and dtype to x. */
export function checkTarget(x: Tensor, shape: Shape, dtype: DType, where: string): void {
  if (!sameShape(x.layout.shape, shape)) {
    throw new ShapeError(
      `${where}: the result has shape ${showShape(shape)}, which does not fit in place of ${showShape(x.layout.shape)}`,
    );
  }
  if (categoryOf(dtype) > categoryOf(x.dtype)) {
    throw new DTypeError(`${where}: the result is ${dtype}, which ${x.dtype} cannot hold in place`);
  }
  if (!x.writable) {
    throw new ArgumentError(
      `${where}: several indices of the tensor (an expanded one?) share an element; clone() it before writing`,
    );
  }
}

/** Runs an elementwise op with the result in place of its first operand. */
export function applyInPlace<T extends Tensor>(
  op: ElementwiseOp,
  x: T,
  others: readonly TensorLike[],
): T {
  if (!(x instanceof Tensor)) {
    throw new ArgumentError(`${op.name}_: expected a tensor to write to`);
  }
  if (others.length === 1 && inPlaceFlat(op, x, others[0])) return x;
  const where = `${op.name}_`;
  const { operands, compute } = prepare(op, [x, ...others]);
  const gives = op.gives[compute.code];
  checkTarget(x, commonLayout(operands, where).shape, gives.name, where);
  checkInPlace(x, operands, where);
  const recording = recordElementwise(op.rule, operands);
  const inputs = prepareWrite(x, operands);
  execute.map(op.steps[compute.code], x, inputs);
  rewriteEdge(x, recording);
  return x;
}

/** The short way: nothing to record, nothing saved, two contiguous tensors of one shape and dtype or a number. */
function inPlaceFlat(op: ElementwiseOp, x: Tensor, y: TensorLike): boolean {
  if (!isPlainTarget(op, x) || !isPlainOperand(y, x)) return false;
  execute.mapFlat(op.code, x.type, x, x, y as Tensor | number);
  return true;
}

/** Whether a loop over dense memory may write the op's result there, with nothing to look after. */
const isPlainTarget = (op: ElementwiseOp, out: Tensor): boolean => {
  const { layout, type, storage } = out;
  return (
    layout.contiguous &&
    storage.pending === null &&
    storage.saves === 0 &&
    op.computes[type.code] === type &&
    op.gives[type.code] === type &&
    (!isGradEnabled() || offTape(out))
  );
};

/** Whether that loop may read an operand: element by element, apart from what is written or the same, or a number. */
const isPlainOperand = (x: TensorLike, out: Tensor): boolean =>
  x instanceof Tensor
    ? x.type === out.type &&
      x.layout.contiguous &&
      x.storage.pending === null &&
      sameShape(out.layout.shape, x.layout.shape) &&
      (!isGradEnabled() || offTape(x)) &&
      !collides(out, x)
    : typeof x === "number" && out.type.category === 2;

/** The short way to `out`, for a tensor and another operand, or none. */
function outFlat(op: ElementwiseOp, given: readonly TensorLike[], out: Tensor): boolean {
  const [x, y] = given;
  if (given.length > 2 || !(x instanceof Tensor) || !(out instanceof Tensor)) return false;
  if (!isPlainTarget(op, out) || !isPlainOperand(x, out)) return false;
  if (given.length === 2 && !isPlainOperand(y, out)) return false;
  execute.mapFlat(op.code, out.type, out, x, given.length === 2 ? (y as Tensor | number) : null);
  return true;
}

/** Options of functions that can write their result to memory that there is. */
export interface OutOptions {
  /**
   * What the result is written to, and what is then returned: a tensor of the result's shape, of a dtype that holds it. It
   * may share memory with operands. Not where a gradient is to be recorded.
   */
  out?: Tensor;
}

/** The same of functions that give truths. */
export interface TruthOptions {
  out?: Tensor<"bool">;
}

function checkOut(out: unknown, operands: readonly (Tensor | number)[], where: string): void {
  if (!(out instanceof Tensor)) throw new ArgumentError(`${where}: out is not a tensor`);
  if (!isGradEnabled()) return;
  for (const x of [out, ...operands]) {
    if (typeof x === "number" || nodeOf(x) === null) continue;
    throw new GradError(
      `${where}: ${x === out ? "out" : "an operand"} requires grad, and a result written to out is not recorded; leave out away, or use noGrad()`,
    );
  }
}

/** Runs an elementwise op with the result in the memory of `out`. */
export function applyOut(op: ElementwiseOp, given: readonly TensorLike[], out: Tensor): Tensor {
  if (outFlat(op, given, out)) return out;
  const { operands, compute } = prepare(op, given);
  const step = op.steps[compute.code];
  checkOut(out, operands, op.name);
  checkTarget(out, commonLayout(operands, op.name).shape, step.gives.name, `${op.name}, out`);
  execute.map(step, out, prepareWrite(out, operands));
  return out;
}

const outOption = ["out"];

/** Runs an elementwise op under the options that all of them take. */
export function withOptions(
  op: ElementwiseOp,
  given: readonly TensorLike[],
  options: OutOptions,
): Tensor {
  checkOptions(options, outOption, op.name);
  const { out } = options;
  if (out === undefined) return apply(op, given);
  // Integers that are to be whole are a copy.
  return op.row.result === "whole"
    ? writeOut(unary(op, given[0]), out, op.name)
    : applyOut(op, given, out);
}

/** A result, or what the options name as `out` with the result written to it. */
export const into = (result: Tensor, options: OutOptions | undefined, where: string): Tensor =>
  options?.out === undefined ? result : writeOut(result, options.out, where);

/** Writes results to the tensors given for them. */
export function writeOuts<R extends readonly Tensor[]>(
  results: R,
  outs: R,
  where: string,
  operands: readonly Tensor[],
): R {
  results.forEach((result, i) => {
    checkOut(outs[i], operands, where);
    checkTarget(outs[i], result.layout.shape, result.dtype, `${where}, out`);
    if (!outs.slice(0, i).every((other) => areApart(other, outs[i]))) {
      throw new ArgumentError(`${where}, out: two of the tensors share memory`);
    }
  });
  results.forEach((result, i) => {
    execute.copy(outs[i], prepareWrite(outs[i], [result])[0]);
  });
  return outs;
}

/** Writes a result to `out`. */
export const writeOut = <T extends Tensor>(
  result: T,
  out: T,
  where: string,
  operands: readonly Tensor[] = [result],
): T => writeOuts([result], [out], where, operands)[0];
