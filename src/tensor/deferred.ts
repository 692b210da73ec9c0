/**
 * Deferred elementwise work. An elementwise operation on many elements returns a tensor whose storage is pending: it holds
 * an expression over other storages and is computed when its elements are needed. What consumes it elementwise takes the
 * expression in, so that a chain of operations is one pass over memory, with nothing stored in between; so does a
 * reduction of it.
 */
import type { DTypeInfo } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";
import {
  broadcastStrides,
  contiguousLayout,
  contiguousStrides,
  extentOf,
  sameShape,
} from "../core/shape.js";
import * as door from "../native/door.js";
import type { Block, Pending } from "../native/memory.js";
import { allocate, largestInSlab, Storage } from "../native/memory.js";

/** Elements as native code sees them; a tensor is one. */
export interface Elements {
  readonly type: DTypeInfo;
  readonly storage: Storage;
  readonly layout: Layout;
  readonly offset: number;
}

/** Elements, or a number in the dtype that the op computes in. */
export type Operand = Elements | number;

/** An elementwise op: its native code, the dtype computed in and the dtype given. */
export interface Step {
  readonly code: number;
  readonly compute: DTypeInfo;
  readonly gives: DTypeInfo;
  /** Whether the first operand is a bool, whatever is computed in. */
  readonly condition: boolean;
}

/** Fewer elements are computed at once: the work is less than what remembering it costs. */
let deferFrom = 1024;

/** Whether an elementwise result of so many elements is deferred. */
export const isDeferred = (numel: number): boolean => numel >= deferFrom;

/** Only for tests: from how many elements on work is deferred. Gives the number before. */
export function setDeferFrom(numel: number): number {
  const before = deferFrom;
  deferFrom = numel;
  return before;
}

/** Steps in one program; it keeps the registers that are alive together within those that a pass has. */
const mostSteps = 40;
/** An expression is stored rather than keep more bytes alive than these, and than so many for each element. */
const keptBytes = 1 << 24;
const keptBytesEach = 64;
/** How often an expression is computed as a part of others before it is stored. */
const mostUses = 2;

const castCode = door.nativeOp("cast").code;
const none = -1;

/** A value as it is when it is saved: in a place in memory, or an expression. An in-place operation leaves it as it is. */
export class Value implements Elements {
  readonly type: DTypeInfo;
  readonly layout: Layout;
  readonly offset: number;
  private readonly holder: Storage;
  private readonly expression: Expression | null;
  private readonly block: Block | null;
  private readonly start: number;

  constructor(x: Elements) {
    const { storage } = x;
    this.type = x.type;
    this.layout = x.layout;
    this.offset = x.offset;
    this.holder = storage;
    this.expression = storage.pending as Expression | null;
    this.block = storage.place;
    this.start = storage.start;
    storage.saves++;
  }

  /** Whether the storage still holds the value. */
  private get inPlace(): boolean {
    const { holder, expression } = this;
    if (expression === null) return holder.place === this.block && holder.start === this.start;
    if (holder.pending !== null) return true;
    return holder.place === expression.block && holder.start === expression.start;
  }

  /** A storage that holds the value. */
  get storage(): Storage {
    const { holder, expression } = this;
    if (this.inPlace) return holder;
    return expression === null
      ? new Storage(this.block, this.start, holder.byteLength)
      : new Storage(expression.block, expression.start, holder.byteLength);
  }

  /** The value is needed no more. */
  release(): void {
    if (this.inPlace) this.holder.saves--;
  }
}

let marks = 0;

/** An elementwise op on values and numbers, with the storage that its result is for. */
export class Expression implements Pending {
  readonly step: Step;
  /** Of the result, which is dense. */
  readonly layout: Layout;
  inputs: readonly Operand[];
  readonly result: Storage | null;
  /** Where the result was stored; null until then. */
  block: Block | null = null;
  start = 0;
  /** How often it was computed as a part of another program. */
  uses = 0;
  /** Steps and bytes of inputs, at most: what is reached twice counts twice. */
  readonly steps: number;
  readonly bytes: number;
  /** Whether everything read is as long as the result and dense, or one element: then the result may have any shape. */
  readonly flat: boolean;
  /** For the walk that saw it last. */
  mark = 0;
  readers = 0;
  /** In that program, the operand or register that the result is in. */
  place = none;

  constructor(step: Step, layout: Layout, inputs: readonly Operand[], result: Storage | null) {
    this.step = step;
    this.layout = layout;
    this.inputs = inputs;
    this.result = result;
    let steps = 1;
    let bytes = 0;
    let flat = layout.contiguous;
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      if (typeof x === "number") continue;
      const within = pendingOf(x);
      if (within !== null) {
        steps += within.steps;
        bytes += within.bytes;
        if (!within.flat) flat = false;
      } else {
        bytes += x.storage.byteLength;
        if (!isFlatUnder(x.layout, layout.numel)) flat = false;
      }
    }
    this.steps = steps;
    this.bytes = bytes;
    this.flat = flat;
  }

  /** Computes the result into the storage that it is for. */
  store(): void {
    storeTogether([this]);
  }

  /** The result has been stored: what was saved for it is needed no more. */
  settle(): void {
    const storage = this.result as Storage;
    storage.pending = null;
    this.block = storage.place;
    this.start = storage.start;
    for (const x of this.inputs) release(x);
    this.inputs = [];
  }

  /** Whether x, which looks at the pending result, shows all of it in order under a shape that the program can take on. */
  isShownBy(x: Elements, shape: Shape): boolean {
    const { layout } = x;
    return (
      x.offset === 0 &&
      layout.contiguous &&
      layout.numel === this.layout.numel &&
      sameShape(layout.shape, shape) &&
      (this.flat || sameShape(this.layout.shape, shape))
    );
  }
}

/** The expression that waits to be computed for x; null where x is in memory. */
const pendingOf = (x: Elements): Expression | null => x.storage.pending as Expression | null;

const isFlatUnder = ({ contiguous, constant, numel }: Layout, count: number): boolean =>
  (contiguous && numel === count) || constant || numel === 1;

/** Makes sure that the elements are in memory. */
export function computed(x: Elements): void {
  if (x.storage.pending !== null) x.storage.pending.store();
}

// What an expression saves can be large, so it saves storages as wholes: copying one for an in-place operation then costs
// no more than computing the expression did.
function isMostOfItsStorage(x: Elements): boolean {
  const extent = extentOf(x.layout);
  if (extent === null) return false;
  const touched = Math.min(x.layout.numel, extent.high - extent.low + 1);
  return 2 * touched * x.type.size >= x.storage.byteLength;
}

/** Makes sure that x is in memory, or all of something pending that a program over that shape can take in. */
export function takeIn(x: Elements, shape: Shape): void {
  const pending = pendingOf(x);
  if (pending !== null && !pending.isShownBy(x, shape)) pending.store();
}

/** The operand as a value for an expression of that shape; null where what reads it is to be computed at once. */
function save(x: Elements, shape: Shape): Value | null {
  takeIn(x, shape);
  if (x.storage.pending !== null) return new Value(x);
  if (!x.storage.exposed && isMostOfItsStorage(x)) return new Value(x);
  const { numel } = x.layout;
  return numel * x.type.size <= largestInSlab ? new Value(denseCopy(x)) : null;
}

function denseCopy(x: Elements): Elements {
  const layout = contiguousLayout(x.layout.shape);
  const out = { type: x.type, storage: allocate(layout.numel * x.type.size), layout, offset: 0 };
  compute([new Expression(castTo(x.type), layout, [x], null)], [out]);
  return out;
}

const casts: Step[] = [];

/** The step that casts, or copies, to a dtype. */
export function castTo(type: DTypeInfo): Step {
  casts[type.code] ??= { code: castCode, compute: type, gives: type, condition: false };
  return casts[type.code];
}

/** An expression's result in another dtype. */
export function castOf(x: Expression, type: DTypeInfo): Expression {
  const storage = new Storage(null, 0, 0);
  storage.pending = x;
  const whole = {
    type: x.step.gives,
    storage,
    layout: contiguousLayout(x.layout.shape),
    offset: 0,
  };
  return new Expression(castTo(type), x.layout, [whole], null);
}

/**
 * The result of an elementwise op, to be computed when it is needed: a pending storage, whose dense layout is given. Null
 * where it has to be computed at once, since memory that it reads is in the user's hands, or a small part of a large one.
 */
export function defer(step: Step, layout: Layout, operands: readonly Operand[]): Storage | null {
  const inputs = new Array<Value | number>(operands.length);
  for (let i = 0; i < operands.length; i++) {
    const x = operands[i];
    const saved = typeof x === "number" ? x : save(x, layout.shape);
    if (saved === null) {
      for (let j = 0; j < i; j++) release(inputs[j]);
      return null;
    }
    inputs[i] = saved;
  }
  const storage = new Storage(null, 0, layout.numel * step.gives.size);
  let expression = new Expression(step, layout, inputs, storage);
  while (isTooLarge(expression)) {
    largestInput(inputs).store();
    expression = new Expression(step, layout, inputs, storage);
  }
  storage.pending = expression;
  return storage;
}

const release = (x: Operand): void => {
  if (x instanceof Value) x.release();
};

function isTooLarge(expression: Expression): boolean {
  const limit = Math.max(keptBytes, keptBytesEach * expression.layout.numel);
  if (expression.steps <= mostSteps && expression.bytes <= limit) return false;
  walk([expression]);
  return order.length > mostSteps || leaves.bytes > limit;
}

/** Of inputs that are too many together, the one that most is to be computed for. */
function largestInput(inputs: readonly Operand[]): Expression {
  let largest: Expression | null = null;
  for (const x of inputs) {
    const pending = typeof x === "number" ? null : pendingOf(x);
    if (pending !== null && (largest === null || pending.steps > largest.steps)) largest = pending;
  }
  const found = largest as unknown as Expression;
  return found.result === null ? largestInput(found.inputs) : found;
}

// ---- Programs ----

/** The expressions of the program being made, each after all that it reads. */
const order: Expression[] = [];

/** What the program reads in memory: elements and numbers, each once. */
class Leaves {
  readonly list: Operand[] = [];
  readonly types: DTypeInfo[] = [];
  bytes = 0;

  clear(): void {
    this.list.length = 0;
    this.types.length = 0;
    this.bytes = 0;
  }

  /** The position of an operand, which is added where it is not there yet. */
  at(x: Operand, type: DTypeInfo): number {
    const { list, types } = this;
    for (let i = 0; i < list.length; i++) {
      if (types[i] === type && isSame(list[i], x)) return i;
    }
    types.push(type);
    if (typeof x !== "number") this.bytes += x.storage.byteLength;
    return list.push(x) - 1;
  }
}

const isSame = (a: Operand, b: Operand): boolean =>
  typeof a === "number" || typeof b === "number"
    ? Object.is(a, b)
    : a.layout === b.layout &&
      a.offset === b.offset &&
      a.storage.place === b.storage.place &&
      a.storage.start === b.storage.start;

const leaves = new Leaves();

/** The dtype that operand i of a step comes in, where it is a number. */
const numberType = ({ condition, compute }: Step, i: number): DTypeInfo =>
  condition && i === 0 ? dtypeInfo.bool : compute;

/** Finds what the program for some results consists of. */
function walk(roots: readonly Expression[]): void {
  marks++;
  order.length = 0;
  leaves.clear();
  for (const root of roots) visit(root);
}

function visit(expression: Expression): void {
  if (expression.mark === marks) return;
  expression.mark = marks;
  expression.readers = 0;
  expression.place = none;
  const { inputs, step } = expression;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (typeof x === "number") {
      leaves.at(x, numberType(step, i));
      continue;
    }
    const pending = pendingOf(x);
    if (pending === null) {
      leaves.at(x, x.type);
      continue;
    }
    visit(pending);
    pending.readers++;
  }
  order.push(expression);
}

/** Of what the results read, the expressions that were computed as parts of other programs often enough. */
function overused(roots: readonly Expression[]): Expression[] {
  const found: Expression[] = [];
  marks++;
  const look = (expression: Expression): void => {
    for (const x of expression.inputs) {
      const pending = typeof x === "number" ? null : pendingOf(x);
      if (pending === null || pending.mark === marks) continue;
      pending.mark = marks;
      if (pending.uses >= mostUses) found.push(pending);
      else look(pending);
    }
  };
  for (const root of roots) look(root);
  return found;
}

/** The index space of the program being written. */
interface Space {
  readonly shape: Shape;
  readonly numel: number;
  /** Whether everything lies along one dim. */
  readonly flat: boolean;
  /** The dims in the order of the words; null for the first to the last. */
  readonly order: readonly number[] | null;
}

function writeDims({ flat, numel, order: dims }: Space, values: readonly number[]): void {
  if (flat) door.word(numel);
  else if (dims === null) for (let d = 0; d < values.length; d++) door.word(values[d]);
  else for (let i = 0; i < dims.length; i++) door.word(values[dims[i]]);
}

function writeOperand(x: Operand, type: DTypeInfo, space: Space): void {
  const { shape, numel, flat } = space;
  if (typeof x === "number") {
    door.immediate(x, type);
    for (let d = flat ? 1 : shape.length; d > 0; d--) door.word(0);
    return;
  }
  const { layout } = x;
  door.operand(x.storage, x.type, x.offset);
  const whole = layout.contiguous && layout.numel === numel;
  if (flat) door.word(whole ? 1 : 0);
  else if (layout.constant) for (let d = shape.length; d > 0; d--) door.word(0);
  else writeDims(space, whole ? contiguousStrides(shape) : broadcastStrides(layout, shape));
}

// Registers that are free, of those used so far.
const freeRegisters: number[] = [];
let registers = 0;

const takeRegister = (): number => freeRegisters.pop() ?? registers++;

/**
 * Writes the steps of everything in `order`, and gives their number. The leaves are the operands before `operands`, from
 * `firstLeaf` on. A result that is to be stored has its operand as its place; the others get registers.
 */
function writeSteps(firstLeaf: number, operands: number): number {
  freeRegisters.length = 0;
  registers = 0;
  let steps = 0;
  const source = [none, none, none];
  const borrowed: number[] = [];
  for (const expression of order) {
    const { step, inputs } = expression;
    source[0] = source[1] = source[2] = none;
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      if (typeof x === "number") {
        source[i] = firstLeaf + leaves.at(x, numberType(step, i));
        continue;
      }
      const pending = pendingOf(x);
      source[i] = pending === null ? firstLeaf + leaves.at(x, x.type) : pending.place;
      if (x.type === step.compute || step.code === castCode || (step.condition && i === 0))
        continue;
      const register = takeRegister();
      borrowed.push(register);
      door.step(castCode, step.compute, operands + register, source[i], none, none);
      source[i] = operands + register;
      steps++;
    }
    if (expression.place === none) expression.place = operands + takeRegister();
    door.step(step.code, step.compute, expression.place, source[0], source[1], source[2]);
    steps++;
    while (borrowed.length > 0) freeRegisters.push(borrowed.pop() as number);
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      const pending = typeof x === "number" ? null : pendingOf(x);
      if (pending !== null && --pending.readers === 0 && pending.place >= operands) {
        freeRegisters.push(pending.place - operands);
      }
    }
  }
  return steps;
}

/** Writes the program that computes results into memory. */
function writeProgram(roots: readonly Expression[], outs: readonly Elements[]): void {
  walk(roots);
  const { layout } = outs[0];
  let flat = true;
  for (let i = 0; i < roots.length; i++) {
    if (!roots[i].flat || !outs[i].layout.contiguous) flat = false;
    roots[i].place = i;
  }
  const space = { shape: layout.shape, numel: layout.numel, flat, order: null };
  const operands = outs.length + leaves.list.length;
  door.begin(door.form.pass);
  door.word(flat ? 1 : layout.shape.length);
  door.word(0);
  door.word(operands);
  const steps = door.reserve(1);
  writeDims(space, layout.shape);
  for (const out of outs) writeOperand(out, out.type, space);
  writeLeaves(space);
  const written = writeSteps(outs.length, operands);
  door.words[steps] = written;
  door.end();
}

function writeLeaves(space: Space): void {
  const { list, types } = leaves;
  for (let i = 0; i < list.length; i++) writeOperand(list[i], types[i], space);
}

/** Runs what was written. */
function run(): void {
  try {
    door.run();
    for (const expression of order) expression.uses++;
  } finally {
    order.length = 0; // which would keep memory alive
    leaves.clear();
  }
}

/** Computes results into memory, in one program. Each is of the dtype of its elements, and of their shape. */
export function compute(roots: readonly Expression[], outs: readonly Elements[]): void {
  storeTogether(overused(roots), false);
  for (const root of roots) {
    if (root.steps <= mostSteps) continue;
    for (walk([root]); order.length > mostSteps; walk([root])) largestInput(root.inputs).store();
  }
  writeProgram(roots, outs);
  run();
}

/**
 * Computes pending results, in one program where that is possible, and gives their storages memory. What they read, and
 * was computed often enough, is stored first, where that is `thrifty`.
 */
export function storeTogether(expressions: readonly Expression[], thrifty = true): void {
  if (thrifty) storeTogether(overused(expressions), false);
  const roots = expressions.filter(({ block }) => block === null);
  if (roots.length === 0) return;
  for (const group of groupsOf(roots)) {
    const outs = group.map(outOf);
    try {
      writeProgram(group, outs);
      run();
    } catch (error) {
      for (const { storage } of outs) storage.place = null;
      throw error;
    }
    for (const root of group) root.settle();
  }
}

/** Memory for a pending result. */
function outOf({ result, step, layout }: Expression): Elements {
  const storage = result as Storage;
  storage.claim();
  return { type: step.gives, storage, layout, offset: 0 };
}

/** Results of one shape, few enough for one program. */
function groupsOf(roots: readonly Expression[]): Expression[][] {
  if (roots.length === 1) return [[roots[0]]];
  const groups: Expression[][] = [];
  for (const root of roots) {
    const fitting = groups.find((group) => {
      if (!sameShape(group[0].layout.shape, root.layout.shape)) return false;
      walk([...group, root]);
      return order.length <= mostSteps;
    });
    if (fitting === undefined) groups.push([root]);
    else fitting.push(root);
  }
  return groups;
}

/** Reductions of x over dims, each op of its own and all in one pass, with what is pending of x on the way to them. */
export function reduce(
  codes: readonly number[],
  compute: DTypeInfo,
  outs: readonly Elements[],
  x: Elements,
  dims: readonly number[],
): void {
  const { shape, numel } = x.layout;
  const ndim = shape.length;
  let pending = pendingOf(x);
  if (pending !== null) {
    if (pending.uses >= mostUses || !pending.isShownBy(x, shape)) {
      pending.store();
      pending = null;
    } else {
      storeTogether(overused([pending]), false);
    }
  }
  walk(pending === null ? [] : [pending]);
  if (pending === null) leaves.at(x, x.type);
  const flat = dims.length === ndim && (pending === null ? x.layout.contiguous : pending.flat);
  const order = keptThenReduced(ndim, dims);
  const kept = ndim - dims.length;
  const space = { shape, numel, flat, order };
  const operands = outs.length + leaves.list.length;
  door.begin(door.form.pass);
  door.word(kept);
  door.word(flat ? 1 : dims.length);
  door.word(operands);
  const steps = door.reserve(1);
  writeDims(space, shape);
  for (const out of outs) {
    const keepdim = out.layout.shape.length === ndim;
    door.operand(out.storage, out.type, out.offset);
    for (let i = 0; i < kept; i++) door.word(out.layout.strides[keepdim ? order[i] : i]);
    for (let i = flat ? 1 : dims.length; i > 0; i--) door.word(0);
  }
  writeLeaves(space);
  let written = writeSteps(outs.length, operands);
  let source = pending === null ? outs.length : pending.place;
  if (x.type !== compute) {
    const register = operands + takeRegister();
    door.step(castCode, compute, register, source, none, none);
    source = register;
    written++;
  }
  for (let o = 0; o < codes.length; o++) door.step(codes[o], compute, o, source, none, none);
  door.words[steps] = written + codes.length;
  door.end();
  run();
}

/** The dims in the order of a pass: those that are kept, then those that are reduced, each from the first to the last. */
function keptThenReduced(ndim: number, dims: readonly number[]): number[] {
  const order: number[] = [];
  for (let d = 0; d < ndim; d++) if (!dims.includes(d)) order.push(d);
  for (let d = 0; d < ndim; d++) if (dims.includes(d)) order.push(d);
  return order;
}

/** The program that would compute x, as text; null where x is in memory. */
export function explain(x: Elements): string | null {
  const pending = pendingOf(x);
  if (pending === null) return null;
  const storage = allocate(pending.layout.numel * pending.step.gives.size);
  const out = { type: pending.step.gives, storage, layout: pending.layout, offset: 0 };
  writeProgram([pending], [out]);
  order.length = 0;
  leaves.clear();
  return door.disassemble();
}
