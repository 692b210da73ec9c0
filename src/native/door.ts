/**
 * The one door to native code: instruction words in a shared Float64Array, and a call without arguments. Nothing here
 * knows an operation; names are resolved once, when the addon loads. The layout of the words is native/abi.h.
 */
import { BufferError, NativeError } from "../core/errors.js";
import { dtypeInfo, dtypes, type DType } from "../core/dtype.js";
import { type Addon, loadAddon } from "./load.js";
import type { Block, Storage } from "./memory.js";

const abiVersion = 1;
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
  if (op === undefined) throw new NativeError(`the native addon has no op named ${name}; reinstall nabla`);
  return op;
}

/** The dtypes that a native op computes in. */
export const typesOf = (op: NativeOp): DType[] =>
  dtypes.filter((dtype) => (op.types >> dtypeInfo[dtype].code) & 1);

/** The instruction set that the kernels in use were compiled for, and those that this machine runs. */
export const isa: string = description.isa;
export const isas: readonly string[] = description.isas;

let words = new Float64Array(1 << 12);
let at = 1;
let start = 1;
addon.attach(words);

// What a program addresses must outlive it: a caller's last use of an operand may be the reading of its slot.
const held: (Block | null)[] = [];
let holding = 0;

export const form = { pass: 0, scan: 1, matmul: 2, inverse: 3 } as const;

/** Begins an instruction. */
export function begin(kind: number): void {
  if (at + 2 > words.length) grow();
  start = at;
  words[at] = kind;
  at += 2;
}

export function word(value: number): void {
  if (at === words.length) grow();
  words[at++] = value;
}

function grow(): void {
  const larger = new Float64Array(words.length * 2);
  larger.set(words);
  words = larger;
  addon.attach(words);
}

/** Dtype, slot and byte offset of an operand; its strides are to follow. `offset` counts elements of the storage. */
export function operand(storage: Storage, dtype: DType, offset: number): void {
  const { code, size } = dtypeInfo[dtype];
  const block = storage.block;
  if (block.exposed && block.buffer.byteLength < storage.byteOffset + storage.byteLength) {
    abandon();
    throw new BufferError(
      "the tensor's buffer is gone: it was transferred or detached after .data gave it out",
    );
  }
  held[holding++] = block;
  word(code);
  word(block.handle);
  word(storage.byteOffset + offset * size);
}

/** A number as an operand; it has no strides. */
export function immediate(value: number, dtype: DType): void {
  word(dtypeInfo[dtype].code);
  word(-1);
  word(value);
}

export function step(op: number, dtype: DType, destination: number, a: number, b: number, c: number): void {
  word(op);
  word(dtypeInfo[dtype].code);
  word(destination);
  word(a);
  word(b);
  word(c);
}

/** Ends the instruction begun last. */
export function end(): void {
  words[start + 1] = at - start;
}

/** Drops what was encoded. */
export function abandon(): void {
  at = start = 1;
  for (let i = 0; i < holding; i++) held[i] = null;
  holding = 0;
}

/** Runs the instructions encoded since the last run. */
export function run(): void {
  words[0] = at;
  try {
    addon.run();
  } catch (error) {
    throw new NativeError(`the native core refused a program: ${(error as Error).message}`, { cause: error });
  } finally {
    abandon();
  }
}

export const register = (buffer: ArrayBuffer, exposed: boolean): number => addon.register(buffer, exposed);
export const release = (handle: number): void => addon.release(handle);

/** Only for tests of the door itself: the addon without the encoder. */
export const rawAddon: Addon = addon;
