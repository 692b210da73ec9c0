/**
 * The one door to native code: instruction words in a shared Float64Array, and a call without arguments. Nothing here
 * knows an operation; names are resolved once, when the addon loads. The layout of the words is native/abi.h.
 */
import type { DType, DTypeInfo } from "../core/dtype.js";
import { dtypeInfo, dtypes } from "../core/dtype.js";
import type { NablaError } from "../core/errors.js";
import { IndexError, NativeError } from "../core/errors.js";
import type { Addon } from "./load.js";
import { loadAddon } from "./load.js";
import type { Block, Storage } from "./memory.js";

const abiVersion = 3;
const addon: Addon = loadAddon();
const description = addon.describe();

if (description.abi !== abiVersion) {
  throw new NativeError(
    `the native addon speaks version ${description.abi} of the instruction format, this package version ${abiVersion}; reinstall nabla`,
  );
}
if (description.dtypes.join() !== dtypes.join()) {
  throw new NativeError(`the native addon has other element types: ${description.dtypes.join()}`);
}

export interface NativeOp {
  readonly name: string;
  readonly code: number;
  readonly signature: string;
  readonly arity: number;
  /** Bit set over dtype codes. */
  readonly types: number;
}

const ops = new Map<string, NativeOp>(description.ops.map((op) => [op.name, op]));

/** The native op of that name. */
export function nativeOp(name: string): NativeOp {
  const op = ops.get(name);
  if (op === undefined)
    throw new NativeError(`the native addon has no op named ${name}; reinstall nabla`);
  return op;
}

/** The dtypes that a native op computes in. */
export const typesOf = (op: NativeOp): DType[] =>
  dtypes.filter((dtype) => (op.types >> dtypeInfo[dtype].code) & 1);

/** The instruction set that the kernels in use were compiled for, and those that this machine runs. */
export const isa: string = description.isa;
export const isas: readonly string[] = description.isas;

/** The program being encoded. Replaced when it grows: read it after reserve(). */
export let words: Float64Array = new Float64Array(1 << 12);
let at = 1;
let start = 1;
addon.attach(words);

// What a program addresses must outlive it: a caller's last use of an operand may be the reading of its slot.
const held: (Block | null)[] = new Array<Block | null>(16).fill(null);
let holding = 0;

export const form = { pass: 0, scan: 1, matrix: 2, selection: 3, gather: 4 } as const;

/** Room for the next `count` words: where they begin. */
export function reserve(count: number): number {
  const from = at;
  at += count;
  if (at > words.length) grow();
  return from;
}

function grow(): void {
  const larger = new Float64Array(Math.max(words.length * 2, at));
  larger.set(words);
  words = larger;
  addon.attach(words);
}

// Which flat pass has its words still standing at the beginning; 0 where other words were written since.
let standing = 0;

/**
 * Begins, as a program of its own, a pass of one dim and one step that reads its other operands in order into the first:
 * elementwise, or (reduced) into one element. Operand k is to be written at 7 + 4k words after the result (with operandAt
 * or immediateAt, then its stride), op and dtype of the step after the last operand. Most of the words are those of the
 * last such pass, and are left standing.
 */
export function beginFlat(operands: number, reduced: boolean, numel: number): number {
  const count = 13 + 4 * operands;
  const i = reserve(count);
  const kind = reduced ? -operands : operands;
  if (standing !== kind) {
    standing = kind;
    words[i] = form.pass;
    words[i + 1] = count;
    words[i + 2] = reduced ? 0 : 1; // dims kept, reduced; operands; steps
    words[i + 3] = reduced ? 1 : 0;
    words[i + 4] = operands;
    words[i + 5] = 1;
    const step = i + 7 + 4 * operands;
    words[step + 2] = 0; // destination, sources
    for (let s = 1; s <= 3; s++) words[step + 2 + s] = s < operands ? s : -1;
  }
  words[i + 6] = numel;
  return i;
}

/** Begins an instruction. */
export function begin(kind: number): void {
  standing = 0;
  start = reserve(2);
  words[start] = kind;
}

export function word(value: number): void {
  const i = reserve(1);
  words[i] = value;
}

/** Writes dtype, slot and byte offset of an operand at word i; `offset` counts elements of the storage, which has memory. */
export function operandAt(i: number, storage: Storage, type: DTypeInfo, offset: number): void {
  const block = storage.place as Block;
  if (block.exposed) checkAttached(storage);
  if (holding === 0 || held[holding - 1] !== block) held[holding++] = block; // small tensors mostly share a slab
  words[i] = type.code;
  words[i + 1] = block.handle;
  words[i + 2] = storage.start + offset * type.size;
}

/** Dtype, slot and byte offset of an operand; its strides are to follow. */
export function operand(storage: Storage, type: DTypeInfo, offset: number): void {
  operandAt(reserve(3), storage, type, offset);
}

function checkAttached(storage: Storage): void {
  try {
    storage.checkAttached();
  } catch (error) {
    abandon();
    throw error;
  }
}

/** A number as an operand; its strides mean nothing, but are to follow. */
export function immediate(value: number, type: DTypeInfo): void {
  immediateAt(reserve(3), value, type);
}

export function immediateAt(i: number, value: number, type: DTypeInfo): void {
  words[i] = type.code;
  words[i + 1] = -1;
  words[i + 2] = value;
}

/** In the place of a source that an op does not have. */
export const none = -1;

/** One step of a pass. */
export function step(
  op: number,
  type: DTypeInfo,
  destination: number,
  a: number,
  b: number,
  c: number,
): void {
  const i = reserve(6);
  words[i] = op;
  words[i + 1] = type.code;
  words[i + 2] = destination;
  words[i + 3] = a;
  words[i + 4] = b;
  words[i + 5] = c;
}

/** Ends the instruction begun last. */
export function end(): void {
  words[start + 1] = at - start;
}

/** Drops what was encoded. */
export function abandon(): void {
  at = 1;
  while (holding > 0) held[--holding] = null;
}

/** The instructions encoded since the last run, as text. They are dropped. */
export function disassemble(): string {
  words[0] = at;
  const text = addon.disassemble();
  abandon();
  return text;
}

/** Runs the instructions encoded since the last run. */
export function run(): void {
  words[0] = at;
  try {
    addon.run();
  } catch (error) {
    abandon();
    throw refused(error as Error);
  }
  at = 1;
  while (holding > 0) held[--holding] = null;
}

// Indices are data, and native code is the first to look at them.
const refused = (error: Error): NablaError =>
  error.message.startsWith("index")
    ? new IndexError(error.message, { cause: error })
    : new NativeError(`the native core refused a program: ${error.message}`, { cause: error });

export const register = (buffer: ArrayBuffer, exposed: boolean): number =>
  addon.register(buffer, exposed);
export const release = (handle: number): void => addon.release(handle);

/** How many threads of the process share large work: from 1 to 1024. */
export const threadCount = (): number => addon.threadCount();
export const setThreadCount = (count: number): void => addon.setThreadCount(count);

/** Only for tests of the door itself: the addon without the encoder. */
export const rawAddon: Addon = addon;
