/**
 * From a program to passes over tensors: which steps one pass has, and which registers. Native code has limits
 * (native/abi.h); a program beyond them is cut where few values are needed afterwards.
 */
import { ops } from "../../functions/dispatch.js";
import { nativeOp } from "../../native/door.js";
import type { Sequence, SequenceStep } from "../../tensor/execute.js";
import type { Program, Value } from "./steps.js";

const mostSteps = 256;
const mostRegisters = 32;
const mostOperands = 64;
const none = -1;
const copy = nativeOp("cast").code;

/** One pass: what it stores, and the numbers of the values that it reads: elements, and numbers. */
export interface Pass {
  readonly sequence: Sequence;
  readonly shape: number;
  readonly outs: readonly Stored[];
  readonly inputs: readonly number[];
  readonly numbers: readonly number[];
}

/** What a pass stores: a result, or what a later pass reads. */
export interface Stored {
  readonly id: number;
  readonly truth: boolean;
}

/** Passes, in order, and the numbers under which the results are stored. */
export interface Plan {
  readonly passes: readonly Pass[];
  readonly results: readonly number[];
}

interface Item extends Stored {
  readonly code: number;
  readonly bool: boolean;
  readonly sources: readonly Value[];
  readonly shape: number;
}

/**
 * The passes of a program. `shapes` has the number of each value's shape, in which a shape comes after those that
 * broadcast to it and results have the last; none is below zero but those of values that are numbers.
 */
export function plan(program: Program, shapes: readonly number[], last: number): Plan {
  const [items, results] = itemsOf(program, shapes, last);
  const shapeOf = new Map(items.map(({ id, shape }) => [id, shape]));
  // What is read under another shape is stored, as results are.
  const stored = new Set(results);
  for (const { sources, shape } of items) {
    for (const { index } of sources) if (shapeOf.get(index) !== shape) stored.add(index);
  }
  const passes: Pass[] = [];
  for (let shape = 0; shape <= last; shape++) {
    const alike = items.filter((item) => item.shape === shape);
    passes.push(...new Cutter(alike, shape, shapes, stored).passes());
  }
  return { passes, results };
}

/** Steps as a pass has them: those that differ between elements, and copies of results that are something else too. */
function itemsOf(
  { values, results }: Program,
  shapes: readonly number[],
  last: number,
): [Item[], number[]] {
  const items: Item[] = [];
  for (const { op, sources, truth, index } of values) {
    const shape = shapes[index];
    if (op === null || shape < 0) continue;
    const { code, condition } = ops[op];
    const bool = sources[condition ? 1 : 0].truth;
    items.push({ id: index, truth, code, bool, sources, shape });
  }
  const taken = new Set<number>();
  const places = results.map((result, i) => {
    const { index, truth, op } = result;
    if (op !== null && shapes[index] === last && !taken.has(index)) {
      taken.add(index);
      return index;
    }
    const id = values.length + i;
    items.push({ id, truth, code: copy, bool: truth, sources: [result], shape: last });
    return id;
  });
  return [items, places];
}

/** Cuts the steps of one shape into passes. */
class Cutter {
  private readonly items: readonly Item[];
  private readonly shape: number;
  private readonly shapes: readonly number[];
  private readonly stored: ReadonlySet<number>;
  /** By number, the place among the items. */
  private readonly at: ReadonlyMap<number, number>;
  /** By item, the last that reads it. */
  private readonly lastUse: readonly number[];

  constructor(
    items: readonly Item[],
    shape: number,
    shapes: readonly number[],
    stored: ReadonlySet<number>,
  ) {
    this.items = items;
    this.shape = shape;
    this.shapes = shapes;
    this.stored = stored;
    const at = new Map(items.map(({ id }, i) => [id, i]));
    const lastUse = items.map((_, i) => i);
    items.forEach(({ sources }, i) => {
      for (const { index } of sources) {
        const from = at.get(index);
        if (from !== undefined) lastUse[from] = i;
      }
    });
    this.at = at;
    this.lastUse = lastUse;
  }

  passes(): Pass[] {
    const { items } = this;
    const crossing = this.crossing();
    const passes: Pass[] = [];
    for (let start = 0; start < items.length; ) {
      let end = this.reach(start);
      if (end < items.length) {
        for (let cut = end; cut > start + (end - start) / 2; cut--) {
          if (crossing[cut] < crossing[end]) end = cut;
        }
      }
      passes.push(this.pass(start, end));
      start = end;
    }
    return passes;
  }

  /** How many values a cut before each item would have to store. */
  private crossing(): number[] {
    const change = new Array<number>(this.items.length + 2).fill(0);
    this.lastUse.forEach((last, i) => {
      change[i + 1]++;
      change[last + 1]--;
    });
    let count = 0;
    return change.map((by) => {
      count += by;
      return count;
    });
  }

  /** Whether a value is computed by an item from `start` on. */
  private isWithin(index: number, start: number): boolean {
    const from = this.at.get(index);
    return from !== undefined && from >= start;
  }

  /** How far a pass from an item on can go; the end is not in it. */
  private reach(start: number): number {
    const { items, stored, lastUse, at } = this;
    const read = new Set<number>();
    let outs = 0;
    let live = 0;
    let end = start + 1;
    for (let i = start; i < items.length && i - start < mostSteps; i++) {
      const { id, sources } = items[i];
      const indices = new Set(sources.map(({ index }) => index));
      for (const index of indices) if (!this.isWithin(index, start)) read.add(index);
      if (stored.has(id)) outs++;
      else live++;
      if (live > mostRegisters) break;
      for (const index of indices) {
        if (!this.isWithin(index, start) || stored.has(index)) continue;
        if (lastUse[at.get(index) as number] === i) live--;
      }
      // What is alive at the end is stored.
      if (read.size + outs + live <= mostOperands) end = i + 1;
    }
    return end;
  }

  private pass(start: number, end: number): Pass {
    const { items, stored, lastUse, at, shape } = this;
    const mine = items.slice(start, end);
    const outs = mine.filter(({ id }, i) => stored.has(id) || lastUse[start + i] >= end);
    const read = new Set<number>();
    const numbers = new Map<number, Value>();
    for (const { sources } of mine) {
      for (const source of sources) {
        const { index } = source;
        if (this.shapes[index] < 0) numbers.set(index, source);
        else if (!this.isWithin(index, start)) read.add(index);
      }
    }
    const operands = [...outs.map(({ id }) => id), ...read, ...numbers.keys()];
    const place = new Map(operands.map((id, i) => [id, i]));
    const free: number[] = [];
    let registers = operands.length;
    const steps = mine.map(({ id, code, bool, sources }, i): SequenceStep => {
      const [a, b = none, c = none] = sources.map(({ index }) => place.get(index) as number);
      // A step does not write the register that it reads.
      const to = place.get(id) ?? free.pop() ?? registers++;
      place.set(id, to);
      for (const index of new Set(sources.map((source) => source.index))) {
        const register = place.get(index) as number;
        if (register < operands.length) continue;
        if (lastUse[at.get(index) as number] === start + i) free.push(register);
      }
      return { code, bool, to, a, b, c };
    });
    const truths = [...numbers.values()].map(({ truth }) => truth);
    return {
      sequence: { truths, steps },
      shape,
      outs: outs.map(({ id, truth }) => ({ id, truth })),
      inputs: [...read],
      numbers: [...numbers.keys()],
    };
  }
}
