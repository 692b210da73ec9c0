/**
 * Passes over memory, made of elementwise expressions: finds what the program for some results consists of, and writes its
 * words (native/abi.h).
 */
import type { DTypeInfo } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";
import { broadcastStrides, contiguousStrides } from "../core/shape.js";
import * as door from "../native/door.js";
import type { Storage } from "../native/memory.js";
import { allocate } from "../native/memory.js";
import type { Elements, Expression } from "./deferred.js";

export const castCode = door.nativeOp("cast").code;
const { none } = door;

/** The expression that is still to be computed for x; null where x is in memory. */
export const pendingOf = (x: Elements): Expression | null => x.storage.pending as Expression | null;

let marks = 0;

/** What a walk over expressions marks them with: nothing that one before has left. */
export const nextMark = (): number => ++marks;

// What a program consists of is gathered in lists that keep their length from one program to the next: emptying and
// filling them would cost as much as all else.

/** Expressions, each after all that it reads; their inputs, three to an expression: leaves, or (below zero) expressions. */
const order: (Expression | null)[] = [];
const inputOf: number[] = [];
let stepCount = 0;

/** What is read in memory, each once: a number, or a place in a storage. */
const leafNumber: number[] = [];
const leafStorage: (Storage | null)[] = [];
const leafLayout: (Layout | null)[] = [];
const leafOffset: number[] = [];
const leafType: DTypeInfo[] = [];
let leafCount = 0;
let leafBytes = 0;

function leafOf(
  number: number,
  type: DTypeInfo,
  x: Elements | null,
  storage: Storage | null,
): number {
  const layout = x === null ? null : x.layout;
  const offset = x === null ? 0 : x.offset;
  for (let i = 0; i < leafCount; i++) {
    if (leafType[i] !== type || leafLayout[i] !== layout || leafOffset[i] !== offset) continue;
    const other = leafStorage[i];
    if (storage === null || other === null) {
      if (storage === other && Object.is(leafNumber[i], number)) return i;
    } else if (other.place === storage.place && other.start === storage.start) {
      return i;
    }
  }
  leafNumber[leafCount] = number;
  leafType[leafCount] = type;
  leafStorage[leafCount] = storage;
  leafLayout[leafCount] = layout;
  leafOffset[leafCount] = offset;
  if (storage !== null) leafBytes += storage.byteLength;
  return leafCount++;
}

/** Finds what the program for some results consists of. */
function walk(roots: readonly Expression[]): void {
  nextMark();
  stepCount = 0;
  leafCount = 0;
  leafBytes = 0;
  for (let i = 0; i < roots.length; i++) visit(roots[i]);
}

function visit(expression: Expression): void {
  if (expression.mark === marks) return;
  expression.mark = marks;
  expression.readers = 0;
  expression.place = none;
  const { inputs, step } = expression;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    const pending = typeof x === "number" ? null : pendingOf(x);
    if (pending !== null) visit(pending);
  }
  const at = 3 * stepCount;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (typeof x === "number") {
      const type = step.condition && i === 0 ? dtypeInfo.bool : step.compute;
      inputOf[at + i] = leafOf(x, type, null, null);
      continue;
    }
    const { storage } = x;
    const pending = storage.pending as Expression | null;
    if (pending === null) {
      inputOf[at + i] = leafOf(0, x.type, x, storage);
    } else {
      inputOf[at + i] = ~pending.index;
      pending.readers++;
    }
  }
  expression.index = stepCount;
  order[stepCount++] = expression;
}

/** Lets go of what was gathered, which would keep memory alive. */
function forget(): void {
  for (let i = 0; i < stepCount; i++) order[i] = null;
  for (let i = 0; i < leafCount; i++) leafStorage[i] = leafLayout[i] = null;
  stepCount = 0;
  leafCount = 0;
}

/** How many steps the program for some results has, and how many bytes are in the storages that it reads. */
export function measure(roots: readonly Expression[]): { steps: number; bytes: number } {
  walk(roots);
  const size = { steps: stepCount, bytes: leafBytes };
  forget();
  return size;
}

/** The index space of the program being written. */
interface Space {
  readonly shape: Shape;
  readonly numel: number;
  /** Whether everything lies along one dim. */
  readonly flat: boolean;
  /** The dims in the order of the words; null for the first to the last. */
  readonly dims: readonly number[] | null;
}

function writeDims({ flat, numel, dims }: Space, values: readonly number[]): void {
  if (flat) door.word(numel);
  else if (dims === null) for (let d = 0; d < values.length; d++) door.word(values[d]);
  else for (let i = 0; i < dims.length; i++) door.word(values[dims[i]]);
}

function writePlace(
  storage: Storage,
  layout: Layout,
  offset: number,
  type: DTypeInfo,
  space: Space,
): void {
  const { shape, numel, flat } = space;
  door.operand(storage, type, offset);
  const whole = layout.contiguous && layout.numel === numel;
  if (flat) door.word(whole ? 1 : 0);
  else if (layout.constant) for (let d = shape.length; d > 0; d--) door.word(0);
  else writeDims(space, whole ? contiguousStrides(shape) : broadcastStrides(layout, shape));
}

function writeLeaves(space: Space): void {
  for (let i = 0; i < leafCount; i++) {
    const storage = leafStorage[i];
    if (storage !== null) {
      writePlace(storage, leafLayout[i] as Layout, leafOffset[i], leafType[i], space);
      continue;
    }
    door.immediate(leafNumber[i], leafType[i]);
    for (let d = space.flat ? 1 : space.shape.length; d > 0; d--) door.word(0);
  }
}

// Registers that are free, of those used so far; and those that hold casts for the step being written.
const freeRegisters: number[] = [];
let freeCount = 0;
let registers = 0;
const borrowed: number[] = [];
const source = [none, none, none];

const takeRegister = (): number => (freeCount > 0 ? freeRegisters[--freeCount] : registers++);

function freeAllRegisters(): void {
  freeCount = 0;
  registers = 0;
}

/**
 * Writes the steps of all expressions, and gives their number. The leaves are the operands before `operands`, from
 * `firstLeaf` on. A result that is to be stored has its operand as its place; the others get registers.
 */
function writeSteps(firstLeaf: number, operands: number): number {
  let steps = stepCount;
  for (let k = 0; k < stepCount; k++) {
    const expression = order[k] as Expression;
    const { step, inputs } = expression;
    let casts = 0;
    source[1] = source[2] = none;
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      const input = inputOf[3 * k + i];
      const place = input >= 0 ? firstLeaf + input : (order[~input] as Expression).place;
      source[i] = place;
      if (typeof x === "number" || x.type === step.compute || step.code === castCode) continue;
      if (step.condition && i === 0) continue;
      const register = takeRegister();
      borrowed[casts++] = register;
      source[i] = operands + register;
      door.step(castCode, step.compute, operands + register, place, none, none);
    }
    if (expression.place === none) expression.place = operands + takeRegister();
    door.step(step.code, step.compute, expression.place, source[0], source[1], source[2]);
    steps += casts;
    while (casts > 0) freeRegisters[freeCount++] = borrowed[--casts];
    for (let i = 0; i < inputs.length; i++) {
      const input = inputOf[3 * k + i];
      if (input >= 0) continue;
      const read = order[~input] as Expression;
      if (--read.readers === 0 && read.place >= operands) {
        freeRegisters[freeCount++] = read.place - operands;
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
  const space = { shape: layout.shape, numel: layout.numel, flat, dims: null };
  const operands = outs.length + leafCount;
  door.begin(door.form.pass);
  door.word(flat ? 1 : layout.shape.length);
  door.word(0);
  door.word(operands);
  const steps = door.reserve(1);
  writeDims(space, layout.shape);
  for (let i = 0; i < outs.length; i++) {
    const out = outs[i];
    writePlace(out.storage, out.layout, out.offset, out.type, space);
  }
  writeLeaves(space);
  freeAllRegisters();
  const written = writeSteps(outs.length, operands);
  door.words[steps] = written;
  door.end();
}

/** Computes results into memory, in one program. Each is of the dtype of its elements, and of their shape. */
export function runMaps(roots: readonly Expression[], outs: readonly Elements[]): void {
  writeProgram(roots, outs);
  run();
}

/** Runs what was written. */
function run(): void {
  try {
    door.run();
    for (let i = 0; i < stepCount; i++) (order[i] as Expression).uses++;
  } finally {
    forget();
  }
}

/** A program with reductions of x over dims. */
export interface WalkProgram {
  /** The dtype computed in. */
  readonly type: DTypeInfo;
  /** What is reduced into, numbered from 0; and after it, results of the shape of x. */
  readonly folds: readonly Elements[];
  readonly maps: readonly Elements[];
  readonly x: Elements;
  readonly dims: readonly number[];
  /** Tells the steps. */
  readonly write: (walks: Walks) => void;
}

/**
 * Writes the steps of a program with reductions, in order: walks over the reduced dims, each of maps and then folds. A map
 * after a fold begins the next walk, in which registers of the one before are lost; what was written to results is there,
 * folds as one value for each index of the kept dims. A value is the place that a step reads: of a result its number.
 */
export class Walks {
  private readonly type: DTypeInfo;
  private readonly folds: readonly Elements[];
  private readonly maps: readonly Elements[];
  private readonly given: Elements;
  private readonly pending: Expression | null;
  private readonly space: Space;
  private readonly kept: number;
  private readonly reduced: number;
  private readonly operands: number;
  /** Whether each walk is an instruction of its own. */
  private readonly apart: boolean;
  private head = none;
  private steps = 0;
  /** Whether there are folds in this walk, and in this instruction. */
  private folded = false;
  private reduces = false;
  private source = none;

  constructor({ type, folds, maps, x, dims }: WalkProgram) {
    const { shape, numel, contiguous } = x.layout;
    const pending = pendingOf(x);
    const flat = dims.length === shape.length && (pending === null ? contiguous : pending.flat);
    this.type = type;
    this.folds = folds;
    this.maps = maps;
    this.given = x;
    this.pending = pending;
    this.gather();
    this.space = { shape, numel, flat, dims: keptThenReduced(shape.length, dims) };
    this.kept = shape.length - dims.length;
    this.reduced = flat ? 1 : dims.length;
    this.operands = folds.length + maps.length + leafCount;
    // Threads share several walks by rows, and a single one by parts of rows too.
    this.apart = numel >= manyElements && folds[0].layout.numel < fewRows;
    this.begin();
  }

  /** Finds what x consists of, the same each time. */
  private gather(): void {
    const { given, pending } = this;
    walk(pending === null ? [] : [pending]);
    if (pending === null) leafOf(0, given.type, given, given.storage);
  }

  private begin(): void {
    const { folds, space, kept, reduced } = this;
    door.begin(door.form.pass);
    this.head = door.reserve(4);
    writeDims(space, space.shape);
    const order = space.dims as readonly number[];
    for (const { storage, type, layout, offset } of folds) {
      const keepdim = layout.shape.length === space.shape.length;
      door.operand(storage, type, offset);
      for (let i = 0; i < kept; i++) door.word(layout.strides[keepdim ? order[i] : i]);
      for (let i = reduced; i > 0; i--) door.word(0);
    }
    for (const { storage, type, layout, offset } of this.maps) {
      writePlace(storage, layout, offset, type, space);
    }
    writeLeaves(space);
    this.steps = 0;
    this.reduces = false;
    this.nextWalk();
  }

  private nextWalk(): void {
    freeAllRegisters();
    this.folded = false;
    this.source = none;
  }

  /** Ends the instruction, if one is begun. */
  end(): void {
    if (this.head === none) return;
    const { words } = door;
    const { head, kept, reduced, reduces } = this;
    words[head] = reduces ? kept : kept + reduced;
    words[head + 1] = reduces ? reduced : 0;
    words[head + 2] = this.operands;
    words[head + 3] = this.steps;
    door.end();
    this.head = none;
  }

  /** Before a map: what was folded is done. */
  private beforeMap(): void {
    if (!this.folded) return;
    this.gather();
    if (this.apart) this.end();
    if (this.head === none) this.begin();
    else this.nextWalk();
  }

  /** The elements of x, in the dtype computed in. What is pending of x is computed in each walk that reads it. */
  x(): number {
    this.beforeMap();
    if (this.source !== none) return this.source;
    const firstLeaf = this.folds.length + this.maps.length;
    this.steps += writeSteps(firstLeaf, this.operands);
    const place = this.pending === null ? firstLeaf : this.pending.place;
    this.source = this.given.type === this.type ? place : this.map(castCode, place);
    return this.source;
  }

  /** An elementwise op of values, into a register. */
  map(code: number, a: number, b = none, c = none): number {
    this.beforeMap();
    return this.write(code, this.operands + takeRegister(), a, b, c);
  }

  /** An elementwise op of values, into a result. */
  mapInto(result: number, code: number, a: number, b = none, c = none): number {
    this.beforeMap();
    return this.write(code, result, a, b, c);
  }

  /** A reduction of a value of this walk, into a result. */
  fold(result: number, code: number, a: number): number {
    this.folded = this.reduces = true;
    return this.write(code, result, a, none, none);
  }

  /** An elementwise op of folds, which are dense, into one: an instruction of its own. */
  mapFolds(result: number, code: number, a: number, b = none): number {
    this.end();
    const { folds, type } = this;
    door.begin(door.form.pass);
    for (const word of [1, 0, folds.length, 1, folds[0].layout.numel]) door.word(word);
    for (const fold of folds) {
      door.operand(fold.storage, fold.type, fold.offset);
      door.word(1);
    }
    door.step(code, type, result, a, b, none);
    door.end();
    return result;
  }

  private write(code: number, result: number, a: number, b: number, c: number): number {
    door.step(code, this.type, result, a, b, c);
    this.steps++;
    return result;
  }
}

/** From how many elements, in fewer than how many rows, each walk is an instruction of its own. */
const manyElements = 1 << 17;
const fewRows = 16;

/** Runs a program with reductions. */
export function runWalks(program: WalkProgram): void {
  const walks = new Walks(program);
  program.write(walks);
  walks.end();
  run();
}

/** The dims in the order of a pass: those that are kept, then those that are reduced, each from the first to the last. */
function keptThenReduced(ndim: number, dims: readonly number[]): number[] {
  const order: number[] = [];
  for (let d = 0; d < ndim; d++) if (!dims.includes(d)) order.push(d);
  for (let d = 0; d < ndim; d++) if (dims.includes(d)) order.push(d);
  return order;
}

/**
 * A pass whose steps are known: results, then what is read, then numbers are its operands; places from there on are
 * registers.
 */
export interface Sequence {
  /** Of each number that is read, whether it is a truth. */
  readonly truths: readonly boolean[];
  readonly steps: readonly SequenceStep[];
}

export interface SequenceStep {
  readonly code: number;
  /** Whether it computes in bool; otherwise in the one dtype that all others do. */
  readonly bool: boolean;
  readonly to: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Runs a sequence in one pass. Results are dense, and what is read is in memory and broadcasts to their shape. */
export function runSequence(
  { truths, steps }: Sequence,
  type: DTypeInfo,
  outs: readonly Elements[],
  inputs: readonly Elements[],
  numbers: readonly number[],
): void {
  const { shape, numel } = outs[0].layout;
  const flat = inputs.every(
    ({ layout }) => (layout.contiguous && layout.numel === numel) || layout.numel === 1,
  );
  const space = { shape, numel, flat, dims: null };
  door.begin(door.form.pass);
  door.word(flat ? 1 : shape.length);
  door.word(0);
  door.word(outs.length + inputs.length + numbers.length);
  door.word(steps.length);
  writeDims(space, shape);
  for (const out of outs) writePlace(out.storage, out.layout, out.offset, out.type, space);
  for (const x of inputs) writePlace(x.storage, x.layout, x.offset, x.type, space);
  for (let i = 0; i < numbers.length; i++) {
    door.immediate(numbers[i], truths[i] ? dtypeInfo.bool : type);
    for (let d = flat ? 1 : shape.length; d > 0; d--) door.word(0);
  }
  for (const { code, bool, to, a, b, c } of steps) {
    door.step(code, bool ? dtypeInfo.bool : type, to, a, b, c);
  }
  door.end();
  door.run();
}

/** The program that would compute a pending result, as text. */
export function textOf(pending: Expression): string {
  const storage = allocate(pending.layout.numel * pending.step.gives.size);
  const out = { type: pending.step.gives, storage, layout: pending.layout, offset: 0 };
  writeProgram([pending], [out]);
  forget();
  return door.disassemble();
}
