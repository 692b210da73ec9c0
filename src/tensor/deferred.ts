/**
 * Deferred elementwise work. An elementwise operation on many elements returns a tensor whose storage is pending: it holds
 * an expression over other storages and is computed when its elements are needed. What consumes it elementwise takes the
 * expression in, so that a chain of operations is one pass over memory, with nothing stored in between; so does a
 * reduction of it.
 */
import type { DTypeInfo } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";
import { contiguousLayout, extentOf, sameShape } from "../core/shape.js";
import { none } from "../native/door.js";
import type { Block, Pending } from "../native/memory.js";
import { allocate, largestInSlab, Storage } from "../native/memory.js";
import type { WalkProgram } from "./pass.js";
import { castCode, measure, nextMark, pendingOf, runMaps, runWalks, textOf } from "./pass.js";

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
let deferFrom = 2048;

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
/** Steps that are repeated in each walk of a program rather than stored. */
const mostStepsAgain = 4;
/** An expression is stored rather than keep more bytes alive than these, and than so many for each element. */
const keptBytes = 1 << 24;
const keptBytesEach = 64;
/** How often an expression is computed as a part of others before it is stored. */
const mostUses = 2;

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
  index = 0;
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

/** What is pending of x, for a program over that shape to compute on the way; null where x is in memory, stored just now perhaps. */
export function toInline(x: Elements, shape: Shape): Expression | null {
  takeIn(x, shape);
  const pending = pendingOf(x);
  if (pending === null || pending.uses < mostUses) return pending;
  pending.store();
  return null;
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
  const { steps, bytes } = measure([expression]);
  return steps > mostSteps || bytes > limit;
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

/** Of what expressions read, what was computed as a part of other programs often enough. */
function overused(roots: readonly Expression[]): Expression[] {
  let found: Expression[] = noExpressions;
  const mark = nextMark();
  for (let i = 0; i < roots.length; i++) found = overusedUnder(roots[i], found, mark);
  return found;
}

const noExpressions: Expression[] = [];

function overusedUnder({ inputs }: Expression, found: Expression[], mark: number): Expression[] {
  let all = found;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    const pending = typeof x === "number" ? null : pendingOf(x);
    if (pending === null || pending.mark === mark) continue;
    pending.mark = mark;
    if (pending.uses < mostUses) all = overusedUnder(pending, all, mark);
    else if (all === noExpressions) all = [pending];
    else all.push(pending);
  }
  return all;
}

/** Computes results into memory, in one program. Each is of the dtype of its elements, and of their shape. */
export function compute(roots: readonly Expression[], outs: readonly Elements[]): void {
  storeTogether(overused(roots), false);
  for (const root of roots) {
    if (root.steps <= mostSteps) continue;
    while (measure([root]).steps > mostSteps) largestInput(root.inputs).store();
  }
  runMaps(roots, outs);
}

/**
 * Computes pending results, in one program where that is possible, and gives their storages memory. What they read, and
 * was computed often enough, is stored first, where that is `thrifty`.
 */
export function storeTogether(expressions: readonly Expression[], thrifty = true): void {
  if (thrifty) storeTogether(overused(expressions), false);
  if (expressions.length === 0) return;
  const roots = expressions.filter(isPending);
  if (roots.length === 1) storeGroup(roots);
  else for (const group of groupsOf(roots)) storeGroup(group);
}

const isPending = ({ block }: Expression): boolean => block === null;

function storeGroup(roots: readonly Expression[]): void {
  const outs = roots.map(outOf);
  try {
    runMaps(roots, outs);
  } catch (error) {
    for (const { storage } of outs) storage.place = null;
    throw error;
  }
  for (let i = 0; i < roots.length; i++) roots[i].settle();
}

/** Memory for a pending result. */
function outOf({ result, step, layout }: Expression): Elements {
  const storage = result as Storage;
  storage.claim();
  return { type: step.gives, storage, layout, offset: 0 };
}

/** Results of one shape, few enough for one program. */
function groupsOf(roots: readonly Expression[]): Expression[][] {
  const groups: Expression[][] = [];
  for (const root of roots) {
    const fitting = groups.find((group) => {
      if (!sameShape(group[0].layout.shape, root.layout.shape)) return false;
      return measure([...group, root]).steps <= mostSteps;
    });
    if (fitting === undefined) groups.push([root]);
    else fitting.push(root);
  }
  return groups;
}

/**
 * Runs a program with reductions, with what is pending of x as a part of it: in each of its walks, so that where there are
 * several, a long expression is stored first.
 */
export function reduce(program: WalkProgram, several: boolean): void {
  const { x } = program;
  const pending = toInline(x, x.layout.shape);
  if (pending !== null) {
    if (several && pending.steps > mostStepsAgain) pending.store();
    else storeTogether(overused([pending]), false);
  }
  runWalks(program);
}

/** The program that would compute x, as text; null where x is in memory. */
export function explain(x: Elements): string | null {
  const pending = pendingOf(x);
  return pending === null ? null : textOf(pending);
}
