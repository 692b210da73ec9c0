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

/** One pass: the numbers of what it stores, of what it reads, and of the numbers that it reads. */
export interface Pass {
  readonly sequence: Sequence;
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
}

/** Steps as a pass has them: those that differ between elements, and copies of results that are something else too. */
function itemsOf({ values, results }: Program, uniform: readonly boolean[]): [Item[], number[]] {
  const items: Item[] = [];
  for (const value of values) {
    if (value.op === null || uniform[value.index]) continue;
    const { code, condition } = ops[value.op];
    const { sources, truth, index: id } = value;
    items.push({ id, truth, code, bool: sources[condition ? 1 : 0].truth, sources });
  }
  const stored = new Set<number>();
  const places = results.map((result, i) => {
    const { index, truth } = result;
    if (result.op !== null && !uniform[index] && !stored.has(index)) {
      stored.add(index);
      return index;
    }
    const id = values.length + i;
    items.push({ id, truth, code: copy, bool: truth, sources: [result] });
    return id;
  });
  return [items, places];
}

/** The passes of a program in which the uniform values are numbers. */
export function plan(program: Program, uniform: readonly boolean[]): Plan {
  const [items, results] = itemsOf(program, uniform);
  const isResult = new Set(results);
  const isNumber = (x: Value): boolean => uniform[x.index];
  const at = new Map(items.map(({ id }, i) => [id, i]));
  // By item, the last that reads it.
  const lastUse = items.map((_, i) => i);
  items.forEach(({ sources }, i) => {
    for (const source of sources) {
      const from = at.get(source.index);
      if (from !== undefined) lastUse[from] = i;
    }
  });

  /** How far a pass from an item on can go; the end is not in it. */
  const reach = (start: number): number => {
    const read = new Set<number>();
    let results = 0;
    let live = 0;
    let most = start + 1;
    for (let i = start; i < items.length && i - start < mostSteps; i++) {
      const { id, sources } = items[i];
      for (const source of sources) {
        const from = at.get(source.index);
        if (from === undefined || from < start) read.add(source.index);
      }
      if (isResult.has(id)) results++;
      else live++;
      if (live > mostRegisters) break;
      for (const from of new Set(sources.map(({ index }) => at.get(index)))) {
        const ends = from !== undefined && from >= start && lastUse[from] === i;
        if (ends && !isResult.has(items[from].id)) live--;
      }
      // What is alive at the end is stored.
      if (read.size + results + live <= mostOperands) most = i + 1;
    }
    return most;
  };
  /** How many values a cut before an item would have to store. */
  const crossing = new Array<number>(items.length + 1).fill(0);
  items.forEach((_, i) => {
    for (let end = i + 1; end <= Math.min(lastUse[i], i + mostSteps); end++) crossing[end]++;
  });

  const passes: Pass[] = [];
  for (let start = 0; start < items.length; ) {
    let end = reach(start);
    if (end < items.length) {
      for (let cut = end; cut > start + (end - start) / 2; cut--) {
        if (crossing[cut] < crossing[end]) end = cut;
      }
    }
    passes.push(write(items, start, end));
    start = end;
  }
  return { passes, results };

  function write(items: readonly Item[], start: number, end: number): Pass {
    const outs: Stored[] = [];
    const inputs: number[] = [];
    const numbers: Value[] = [];
    const place = new Map<number, number>();
    const within = (index: number): boolean => {
      const from = at.get(index);
      return from !== undefined && from >= start;
    };
    for (let i = start; i < end; i++) {
      const { id, truth } = items[i];
      if (isResult.has(id) || lastUse[i] >= end) {
        place.set(id, outs.length);
        outs.push({ id, truth });
      }
    }
    const seen = new Set<number>();
    for (let i = start; i < end; i++) {
      for (const source of items[i].sources) {
        if (within(source.index) || seen.has(source.index)) continue;
        seen.add(source.index);
        if (isNumber(source)) numbers.push(source);
        else inputs.push(source.index);
      }
    }
    inputs.forEach((id, i) => {
      place.set(id, outs.length + i);
    });
    numbers.forEach(({ index }, i) => {
      place.set(index, outs.length + inputs.length + i);
    });
    const operands = outs.length + inputs.length + numbers.length;
    const free: number[] = [];
    let registers = 0;
    const steps: SequenceStep[] = [];
    for (let i = start; i < end; i++) {
      const { id, code, bool, sources } = items[i];
      const places = sources.map(({ index }) => place.get(index) as number);
      let to = place.get(id);
      if (to === undefined) {
        to = operands + (free.pop() ?? registers++);
        place.set(id, to);
      }
      const [a, b = none, c = none] = places;
      steps.push({ code, bool, to, a, b, c });
      for (const index of new Set(sources.map((source) => source.index))) {
        const from = at.get(index);
        const register = place.get(index) as number;
        if (from !== undefined && lastUse[from] === i && register >= operands) {
          free.push(register - operands);
        }
      }
    }
    const sequence = { truths: numbers.map(({ truth }) => truth), steps };
    return { sequence, outs, inputs, numbers: numbers.map(({ index }) => index) };
  }
}
