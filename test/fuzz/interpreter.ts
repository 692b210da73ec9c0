/**
 * A plain interpreter of instruction words, written from native/abi.h and native/ops.def alone: one element at a time, in
 * the order that the indices say. What native code does is compared with it.
 *
 * Where C and JavaScript may round differently, the result is known up to a tolerance only, and what is computed from
 * such a result is not known at all. Each byte of a region says what is known of it.
 */
import { readFileSync } from "node:fs";
import { erf, erfc, pow, rint } from "./numbers.ts";

const known = { exact: 0, unknown: 1, nan32: 2, nan64: 3, near32: 4, near64: 5 } as const;

const dtypes = ["float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool"] as const;
export type DType = (typeof dtypes)[number];
export const dtypeNames: readonly DType[] = dtypes;
export const itemSize = [4, 8, 8, 4, 2, 1, 1, 1] as const;
const [f32, f64, i64, i32, , , u8, b8] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const isFloat = (dtype: number): boolean => dtype === f32 || dtype === f64;

const maxDims = 64;
const maxOperands = 64;
const maxSteps = 256;
const maxRegisters = 32;
const none = -1;
const exact = 2 ** 53;
const mostWhole = 2 ** 51; // of sizes, of offsets, and of the elements that the sizes hold
/** More elements than this are too many to visit one by one here. */
const mostElements = 60_000;

export interface Op {
  readonly name: string;
  readonly signature: string;
  readonly arity: number;
  readonly types: readonly number[];
}

const typeSets: Record<string, readonly number[]> = {
  All: [0, 1, 2, 3, 4, 5, 6, 7],
  Numeric: [0, 1, 2, 3, 4, 5, 6],
  Float: [0, 1],
  Integer: [2, 3, 4, 5, 6],
  Integral: [2, 3, 4, 5, 6, 7],
  BoolOnly: [7],
};
const arities: Record<string, number> = {
  Binary: 2,
  Compare: 2,
  ScanBinary: 2,
  Gather: 2,
  Ternary: 3,
  Select: 3,
};
const definitions = readFileSync(new URL("../../native/ops.def", import.meta.url), "utf8");
export const ops: readonly Op[] = [...definitions.matchAll(/^OP\((\w+), (\w+), (\w+)\)/gm)].map(
  ([, name, signature, types]) => ({
    name,
    signature,
    arity: arities[signature] ?? 1,
    types: typeSets[types],
  }),
);
/** What the operands of the forms that go along rows are. */
interface Role {
  readonly index?: boolean;
  readonly written?: boolean;
  /** Without a stride along the last dim. */
  readonly noRow?: boolean;
  /** Pointed into by the indices: of another length along the last dim. */
  readonly target?: boolean;
}

const written = { written: true };
const found = { index: true, written: true };
const perRow = { written: true, noRow: true };
/** By signature, or by name where ops of one signature differ. */
const rolesOf: Record<string, readonly Role[]> = {
  Scan: [written, {}],
  ScanIndex: [written, {}, found],
  ScanBinary: [written, {}, {}],
  kthvalue: [perRow, { ...perRow, index: true }, {}, { index: true, noRow: true }],
  mode: [perRow, { ...perRow, index: true }, {}],
  gather: [written, { target: true }, { index: true }],
  scatter_add: [{ written: true, target: true }, {}, { index: true }],
};
const rowForms: Record<string, number> = {
  Scan: 1,
  ScanIndex: 1,
  ScanBinary: 1,
  Selection: 3,
  Gather: 4,
};
/** An operand of an op on matrices: which of the sizes m, n, k its own dims have. */
interface MatrixRole {
  readonly own: readonly ("m" | "n" | "k" | "least")[];
  readonly index?: boolean;
  readonly written?: boolean;
}
interface MatrixForm {
  readonly sizes: number;
  readonly operands: readonly MatrixRole[];
}

const info: MatrixRole = { own: [], index: true, written: true };
const input = (...own: MatrixRole["own"]): MatrixRole => ({ own });
const output = (...own: MatrixRole["own"]): MatrixRole => ({ own, written: true });
export const matrixForms: Readonly<Record<string, MatrixForm>> = {
  matmul: { sizes: 3, operands: [output("m", "n"), input("m", "k"), input("k", "n")] },
  inverse: { sizes: 1, operands: [output("m", "m"), info, input("m", "m")] },
  lu_factor: {
    sizes: 2,
    operands: [output("m", "n"), { ...output("least"), index: true }, info, input("m", "n")],
  },
  lu_solve: {
    sizes: 2,
    operands: [output("m", "n"), input("m", "m"), { ...input("m"), index: true }, input("m", "n")],
  },
  solve: { sizes: 2, operands: [output("m", "n"), info, input("m", "m"), input("m", "n")] },
  solve_triangular: { sizes: 2, operands: [output("m", "n"), input("m", "m"), input("m", "n")] },
  cholesky: { sizes: 1, operands: [output("m", "m"), info, input("m", "m")] },
  ldl_factor: {
    sizes: 1,
    operands: [output("m", "m"), { ...output("m"), index: true }, info, input("m", "m")],
  },
  ldl_solve: {
    sizes: 2,
    operands: [output("m", "n"), input("m", "m"), { ...input("m"), index: true }, input("m", "n")],
  },
  qr: { sizes: 2, operands: [output("m", "n"), output("least"), input("m", "n")] },
  householder_product: { sizes: 3, operands: [output("m", "n"), input("m", "k"), input("k")] },
  householder_multiply: {
    sizes: 3,
    operands: [output("m", "n"), input("m", "k"), input("k"), input("m", "n")],
  },
  eigh: { sizes: 1, operands: [output("m"), output("m", "m"), info, input("m", "m")] },
  eigvalsh: { sizes: 1, operands: [output("m"), info, input("m", "m")] },
  svd: {
    sizes: 2,
    operands: [output("m", "least"), output("least"), output("least", "n"), info, input("m", "n")],
  },
  svdvals: { sizes: 2, operands: [output("least"), info, input("m", "n")] },
};
/** The sizes of a matrix operand's own dims. */
export function ownSizes({ own }: MatrixRole, [m, n, k]: readonly number[]): number[] {
  return own.map((size) => ({ m, n, k, least: Math.min(m, n) })[size]);
}

const separate = [...Object.keys(rowForms), "Matrix"];
const additionOp = ops.find(({ name }) => name === "add") as Op;
const reduces = (op: Op): boolean => op.signature === "Reduce" || op.signature === "ReduceIndex";

/** The memory behind one ArrayBuffer. Several handles may name one region. */
export class Region {
  readonly bytes: Uint8Array;
  readonly cells: DataView;
  readonly known: Uint8Array;
  /** Of an element that is known nearly, at its first byte. */
  readonly tolerance: Float64Array;
  readonly mark: Int32Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.cells = new DataView(this.bytes.buffer);
    this.known = new Uint8Array(length);
    this.tolerance = new Float64Array(length);
    this.mark = new Int32Array(length);
  }

  reset(contents: Uint8Array): void {
    this.bytes.set(contents);
    this.known.fill(known.exact);
  }

  /** Null, or where native code's bytes contradict what is known. */
  disagreement(native: Uint8Array): string | null {
    if (Buffer.compare(native, this.bytes) === 0) return null;
    const cells = new DataView(native.buffer, native.byteOffset, native.byteLength);
    for (let i = 0; i < native.length; i++) {
      const what = this.known[i];
      if (what === known.unknown) continue;
      if (what === known.exact) {
        if (native[i] !== this.bytes[i]) {
          return `byte ${i} is ${native[i]}, expected ${this.bytes[i]}`;
        }
        continue;
      }
      const dtype = what === known.nan32 || what === known.near32 ? f32 : f64;
      const size = itemSize[dtype];
      if (i % size !== 0) continue;
      // Another element may have been written over a part of this one.
      if (this.known.subarray(i, i + size).some((k) => k !== what)) continue;
      const got = read(cells, dtype, i) as number;
      const expected = read(this.cells, dtype, i) as number;
      if (!near(got, expected, this.tolerance[i], dtype)) {
        return `${dtypes[dtype]} at byte ${i} is ${got}, expected ${expected} ± ${this.tolerance[i]}`;
      }
    }
    return null;
  }
}

const largest = [3.4028234663852886e38, Number.MAX_VALUE];

function near(got: number, expected: number, tolerance: number, dtype: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(got))
    return Number.isNaN(got) && Number.isNaN(expected);
  if (got === expected || Math.abs(got - expected) <= tolerance) return true;
  // Rounding may fall on either side of overflow.
  const edge = largest[dtype] * 0.999;
  return (
    Math.sign(got) === Math.sign(expected) && Math.abs(got) > edge && Math.abs(expected) > edge
  );
}

type Value = number | bigint;

function read(cells: DataView, dtype: number, at: number): Value {
  switch (dtype) {
    case 0:
      return cells.getFloat32(at, true);
    case 1:
      return cells.getFloat64(at, true);
    case 2:
      return cells.getBigInt64(at, true);
    case 3:
      return BigInt(cells.getInt32(at, true));
    case 4:
      return BigInt(cells.getInt16(at, true));
    case 5:
      return BigInt(cells.getInt8(at));
    case 6:
      return BigInt(cells.getUint8(at));
    default:
      return cells.getUint8(at);
  }
}

function write(cells: DataView, dtype: number, at: number, value: Value): void {
  switch (dtype) {
    case 0:
      return cells.setFloat32(at, value as number, true);
    case 1:
      return cells.setFloat64(at, value as number, true);
    case 2:
      return cells.setBigInt64(at, value as bigint, true);
    case 3:
      return cells.setInt32(at, Number(value), true);
    case 4:
      return cells.setInt16(at, Number(value), true);
    case 5:
      return cells.setInt8(at, Number(value));
    default:
      return cells.setUint8(at, Number(value));
  }
}

// ---- verification ----

interface Operand {
  dtype: number;
  region: Region | null; // of an immediate, null
  value: Value;
  offset: number;
  strides: number[]; // in bytes
  written: boolean;
  reducedInto: boolean;
}

interface Step {
  op: Op;
  dtype: number;
  destination: number;
  sources: number[];
}

interface Instruction {
  form: number;
  kept: number;
  sizes: number[];
  operands: Operand[];
  steps: Step[];
  op: Op | null;
  length: number;
  /** Of an op on matrices: the sizes m, n, k; `sizes` are those of the batch. */
  core: number[];
  parameters: number[];
}

export type Verdict =
  | { status: "invalid"; why: string }
  /** Valid as far as can be seen, but with too many indices to visit. */
  | { status: "huge" }
  /**
   * `strict`: native code's simpler rules for overlap and distinctness may refuse it. `open`: what it computes is not
   * laid down.
   */
  | { status: "valid"; strict: boolean; open: boolean; instructions: Instruction[] };

class Refusal extends Error {}
const refuse = (why: string): never => {
  throw new Refusal(why);
};

class Reader {
  at = 0;
  readonly words: Float64Array;
  readonly end: number;

  constructor(words: Float64Array, from: number, end: number) {
    this.words = words;
    this.at = from;
    this.end = end;
  }

  number(what: string): number {
    if (this.at >= this.end) refuse(`ends before ${what}`);
    return this.words[this.at++];
  }

  integer(what: string, low: number, high: number): number {
    const word = this.number(what);
    if (!Number.isInteger(word) || word < low || word > high) refuse(`${what} is ${word}`);
    return word;
  }
}

/** What the words mean; nothing is touched. */
export function verify(words: Float64Array, slots: ReadonlyMap<number, Region>): Verdict {
  const state = { strict: false, reshaped: false, huge: false };
  const instructions: Instruction[] = [];
  try {
    const total = words.length > 0 ? words[0] : 0;
    if (!Number.isInteger(total) || total < 1 || total > words.length)
      refuse("words in the program");
    let at = 1;
    while (at < total) {
      const header = new Reader(words, at, total);
      const form = header.integer("form", 0, 4);
      const length = header.integer("length", 2, total - at);
      const reader = new Reader(words, at + 2, at + length);
      instructions.push(instruction(reader, form, slots, state));
      if (reader.at !== reader.end) refuse("words are left over");
      at += length;
    }
  } catch (error) {
    if (error instanceof Refusal) return { status: "invalid", why: error.message };
    throw error;
  }
  if (state.huge) return { status: "huge" };
  return { status: "valid", strict: state.strict, open: state.reshaped, instructions };
}

interface State {
  strict: boolean;
  reshaped: boolean;
  huge: boolean;
}

function instruction(
  reader: Reader,
  form: number,
  slots: ReadonlyMap<number, Region>,
  state: State,
): Instruction {
  const out: Instruction = {
    form,
    kept: 0,
    sizes: [],
    operands: [],
    steps: [],
    op: null,
    length: 0,
    core: [],
    parameters: [],
  };
  if (form === 0) pass(reader, out, slots, state);
  else if (form === 2) matrices(reader, out, slots, state);
  else alongRows(reader, out, slots, state);
  return out;
}

function readSizes(reader: Reader, count: number, state: State): number[] {
  const sizes: number[] = [];
  for (let d = 0; d < count; d++) sizes.push(reader.integer("size", 0, mostWhole));
  checkVolume(sizes, state);
  return sizes;
}

function checkVolume(sizes: readonly number[], state: State): void {
  const volume = sizes.reduce((a, b) => a * Math.max(b, 1), 1);
  if (!sizes.includes(0) && volume > mostWhole) refuse("more than 2^51 elements");
  if (volume > mostElements) state.huge = true;
}

function readOperand(reader: Reader, dims: number, slots: ReadonlyMap<number, Region>): Operand {
  const dtype = reader.integer("dtype", 0, 7);
  const handle = reader.number("handle");
  const operand: Operand = {
    dtype,
    region: null,
    value: 0,
    offset: 0,
    strides: [],
    written: false,
    reducedInto: false,
  };
  if (handle === none) {
    const value = reader.number("immediate");
    if (isFloat(dtype)) operand.value = round(dtype, value);
    else {
      if (!Number.isInteger(value)) refuse("an immediate is not whole");
      const [low, high] = dtype === b8 ? [0n, 1n] : limits(dtype);
      if (BigInt(value) < low || BigInt(value) > high) refuse("an immediate does not fit");
      operand.value = dtype === b8 ? value : BigInt(value);
    }
    for (let d = 0; d < dims; d++) reader.number("stride");
    operand.strides = new Array<number>(dims).fill(0);
    return operand;
  }
  operand.offset = reader.integer("offset", 0, mostWhole);
  for (let d = 0; d < dims; d++) {
    operand.strides.push(reader.integer("stride", -(2 ** 50), 2 ** 50) * itemSize[dtype]);
  }
  const region = slots.get(handle) ?? refuse("no such slot");
  if (operand.offset > region.bytes.length) refuse("offset outside of the buffer");
  if (operand.offset % itemSize[dtype] !== 0) refuse("not aligned");
  operand.region = region;
  return operand;
}

/** First and last byte (exclusive) of an operand's elements; null where there are none. */
function span(operand: Operand, sizes: readonly number[]): [number, number] | null {
  if (operand.region === null || sizes.includes(0)) return null;
  let low = operand.offset;
  let high = operand.offset + itemSize[operand.dtype];
  for (let d = 0; d < sizes.length; d++) {
    const reach = (sizes[d] - 1) * operand.strides[d];
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

function checkBounds(operand: Operand, sizes: readonly number[]): void {
  const bytes = span(operand, sizes);
  if (bytes === null || operand.region === null) return;
  if (bytes[0] < 0 || bytes[1] > operand.region.bytes.length) refuse("out of bounds");
}

/** The byte offset of every element, indices in row-major order. */
function positions(operand: Operand, sizes: readonly number[]): number[] {
  let out = [operand.offset];
  for (let d = 0; d < sizes.length; d++) {
    const next: number[] = [];
    for (const at of out) {
      for (let i = 0; i < sizes[d]; i++) next.push(at + i * operand.strides[d]);
    }
    out = next;
  }
  return out;
}

let marker = 0;

/** A written operand has no two indices on one element. */
function checkDistinct(operand: Operand, sizes: readonly number[], state: State): void {
  if (operand.region === null || state.huge) return;
  marker++;
  for (const at of positions(operand, sizes)) {
    if (operand.region.mark[at] === marker) refuse("several indices on one element");
    operand.region.mark[at] = marker;
  }
  const dims = sizes
    .map((size, d) => ({ size, stride: Math.abs(operand.strides[d]) }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { size, stride } of dims) {
    if (stride <= reach) state.strict = true;
    reach += stride * (size - 1);
  }
}

/** `a`, which is written, shares no byte with `b`, or (where allowed) is the very same elements. */
function checkApart(
  a: Operand,
  aSizes: readonly number[],
  b: Operand,
  bSizes: readonly number[],
  sameAllowed: boolean,
  state: State,
): void {
  if (a.region === null || a.region !== b.region || state.huge) return;
  const [x, y] = [span(a, aSizes), span(b, bSizes)];
  if (x === null || y === null) {
    state.strict = true; // an empty operand within the other's bytes
    return;
  }
  if (x[0] >= y[1] || y[0] >= x[1]) return;
  const [xs, ys] = [positions(a, aSizes), positions(b, bSizes)];
  if (a.dtype === b.dtype && xs.length === ys.length && xs.every((at, i) => at === ys[i])) {
    if (sameAllowed) return;
  }
  marker++;
  for (const at of xs) a.region.mark.fill(marker, at, at + itemSize[a.dtype]);
  for (const at of ys) {
    for (let i = 0; i < itemSize[b.dtype]; i++) {
      if (a.region.mark[at + i] === marker) refuse("overlaps another operand");
    }
  }
  state.strict = true;
}

function pass(
  reader: Reader,
  out: Instruction,
  slots: ReadonlyMap<number, Region>,
  state: State,
): void {
  const kept = reader.integer("kept dims", 0, maxDims);
  const reduced = reader.integer("reduced dims", 0, maxDims - kept);
  const operands = reader.integer("operands", 1, maxOperands);
  const steps = reader.integer("steps", 1, maxSteps);
  const dims = kept + reduced;
  out.kept = kept;
  out.sizes = readSizes(reader, dims, state);
  for (let i = 0; i < operands; i++) out.operands.push(readOperand(reader, dims, slots));
  const registers: Registers = {
    types: new Map(),
    reduced: new Map(),
    mapped: new Set(),
    into: new Set(),
  };
  for (let i = 0; i < steps; i++) out.steps.push(readStep(reader, out, registers, state));

  const folds = out.steps.filter(({ op }) => reduces(op));
  const intoOperands = folds.filter(({ destination }) => destination < operands);
  if (reduced > 0 && folds.length === 0) refuse("reduced dims without a reduction");
  const keptSizes = out.sizes.slice(0, kept);
  const empty = out.sizes.slice(kept).includes(0) && !keptSizes.includes(0);
  for (const { destination } of intoOperands) {
    const target = out.operands[destination];
    target.reducedInto = true;
    if (target.strides.slice(kept).some((s) => s !== 0)) refuse("moves along a reduced dim");
  }
  for (const { op } of folds) {
    if (empty && !["sum", "mean", "prod", "any", "all"].includes(op.name)) {
      refuse(`${op.name} of no elements`);
    }
  }
  const sizesOf = (x: Operand): number[] => (x.reducedInto ? keptSizes : out.sizes);
  for (const x of out.operands) checkBounds(x, sizesOf(x));
  for (const a of out.operands) {
    if (!a.written) continue;
    checkDistinct(a, sizesOf(a), state);
    for (const b of out.operands) {
      if (a !== b) checkApart(a, sizesOf(a), b, sizesOf(b), !a.reducedInto, state);
    }
  }
}

/** The dtypes of the registers that can be read, and of those that reductions wrote. */
interface Registers {
  types: Map<number, number>;
  readonly reduced: Map<number, number>;
  /** Registers that any other step wrote, in this walk or before. */
  readonly mapped: Set<number>;
  /** Operands that reductions of this walk write. */
  readonly into: Set<number>;
}

function readStep(reader: Reader, out: Instruction, registers: Registers, state: State): Step {
  const op = ops[reader.integer("op", 0, ops.length - 1)];
  const before = out.steps.at(-1);
  // Another walk: all that is left of the registers is what was reduced.
  if (before !== undefined && reduces(before.op) && !reduces(op)) {
    registers.types = new Map(registers.reduced);
    registers.into.clear();
  }
  const dtype = reader.integer("step's dtype", 0, 7);
  if (separate.includes(op.signature)) refuse(`${op.name} is not an op of a pass`);
  if (!op.types.includes(dtype)) refuse(`${op.name} has no ${dtypes[dtype]}`);
  const operands = out.operands.length;
  const places = operands + maxRegisters;
  const destination = reader.integer("destination", 0, places - 1);
  const sources: number[] = [];
  for (let s = 0; s < 3; s++) {
    if (s >= op.arity) {
      reader.integer("absent source", none, none);
      continue;
    }
    const place = reader.integer("source", 0, places - 1);
    const type = place < operands ? out.operands[place].dtype : registers.types.get(place);
    if (type === undefined) refuse("a register is read before it is written");
    if (registers.into.has(place)) refuse("an operand is read in the walk that reduces into it");
    const needed = op.signature === "Select" && s === 0 ? b8 : dtype;
    if (op.signature !== "Cast" && type !== needed) refuse("a source of another dtype");
    sources.push(place);
  }
  const result =
    op.signature === "Compare" || op.signature === "Test"
      ? b8
      : op.signature === "ReduceIndex"
        ? i64
        : dtype;
  const last = reduces(op);
  if (destination >= operands) {
    const taken = registers.reduced.has(destination) || (last && registers.mapped.has(destination));
    if (taken) refuse("the register is written already");
    // Of another size than what it held: abi.h leaves open whether a step may read and write one register so.
    if (sources.includes(destination)) {
      const held = registers.types.get(destination) as number;
      if (itemSize[held] !== itemSize[result]) state.strict = state.reshaped = true;
    }
    (last ? registers.reduced : registers.types).set(destination, result);
    if (!last) registers.mapped.add(destination);
  } else {
    const target = out.operands[destination];
    if (target.region === null) refuse("an immediate is written");
    if (target.dtype !== result) refuse("a destination of another dtype");
    const reducedInto = out.steps.some(
      (step) => reduces(step.op) && step.destination === destination,
    );
    if (reducedInto || (last && target.written)) refuse("is written already");
    target.written = true;
    if (last) registers.into.add(destination);
  }
  return { op, dtype, destination, sources };
}

function alongRows(
  reader: Reader,
  out: Instruction,
  slots: ReadonlyMap<number, Region>,
  state: State,
): void {
  const op = ops[reader.integer("op", 0, ops.length - 1)];
  if (rowForms[op.signature] !== out.form) refuse("an op of another form");
  out.op = op;
  const dims = reader.integer("dims", 1, maxDims);
  if (out.form === 4) out.length = reader.integer("length", 0, mostWhole);
  out.sizes = readSizes(reader, dims, state);
  const rows = out.sizes.slice(0, -1);
  if (out.form === 3) {
    out.length = out.sizes[dims - 1];
    if (out.length === 0 && !rows.includes(0)) refuse("of no elements");
  }
  const roles = rolesOf[op.signature] ?? rolesOf[op.name];
  const sizesOf = ({ noRow, target }: Role): number[] =>
    noRow ? rows : target ? [...rows, out.length] : out.sizes;
  for (const role of roles) {
    const sizes = sizesOf(role);
    if (sizes.reduce((a, b) => a * Math.max(b, 1), 1) > mostElements) state.huge = true;
    const x = readOperand(reader, sizes.length, slots);
    if (x.region === null) refuse("an immediate");
    checkBounds(x, sizes);
    if (x.dtype !== (role.index ? i64 : (out.operands[0] ?? x).dtype)) refuse("dtypes");
    x.written = role.written ?? false;
    out.operands.push(x);
  }
  if (!op.types.includes(out.operands[0].dtype)) refuse(`${op.name} has no such dtype`);
  roles.forEach((role, i) => {
    if (!role.written) return;
    checkDistinct(out.operands[i], sizesOf(role), state);
    roles.forEach((other, k) => {
      if (i === k) return;
      const same = out.form === 1 && !role.index && !other.index;
      checkApart(out.operands[i], sizesOf(role), out.operands[k], sizesOf(other), same, state);
    });
  });
}

function matrices(
  reader: Reader,
  out: Instruction,
  slots: ReadonlyMap<number, Region>,
  state: State,
): void {
  const op = ops[reader.integer("op", 0, ops.length - 1)];
  const form = matrixForms[op.name];
  if (form === undefined) refuse("not an op on matrices");
  out.op = op;
  const batch = reader.integer("batch dims", 0, maxDims - 2);
  out.parameters = [reader.number("parameter"), reader.number("parameter")];
  out.sizes = readSizes(reader, batch, state);
  for (let i = 0; i < form.sizes; i++) out.core.push(reader.integer("size", 0, mostWhole));
  const shapes = form.operands.map((role) => [...out.sizes, ...ownSizes(role, out.core)]);
  form.operands.forEach((role, i) => {
    const x = readOperand(reader, shapes[i].length, slots);
    if (x.region === null) refuse("an immediate");
    if (x.dtype !== (role.index ? i32 : (out.operands[0] ?? x).dtype)) refuse("dtypes");
    checkVolume(shapes[i], state);
    checkBounds(x, shapes[i]);
    x.written = role.written ?? false;
    out.operands.push(x);
  });
  const { dtype } = out.operands[0];
  if (!op.types.includes(dtype)) refuse(`${op.name} has no such dtype`);
  const product = op.name === "matmul";
  const [least, most] = product ? [-exact, exact] : [0, 1];
  for (const x of out.parameters) {
    if (product && isFloat(dtype)) continue;
    if (!(Number.isInteger(x) && x >= least && x <= most)) refuse("a parameter");
  }
  form.operands.forEach((role, i) => {
    if (!role.written) return;
    checkDistinct(out.operands[i], shapes[i], state);
    for (let k = 0; k < shapes.length; k++) {
      if (k !== i) {
        checkApart(out.operands[i], shapes[i], out.operands[k], shapes[k], false, state);
      }
    }
  });
}

// ---- arithmetic ----

const bitsOf = (dtype: number): number => 8 * itemSize[dtype];

function limits(dtype: number): [bigint, bigint] {
  const high = (1n << BigInt(bitsOf(dtype) - (dtype === u8 ? 0 : 1))) - 1n;
  return [dtype === u8 ? 0n : -high - 1n, high];
}

const wrap = (dtype: number, x: bigint): bigint =>
  dtype === u8 ? BigInt.asUintN(8, x) : BigInt.asIntN(bitsOf(dtype), x);
const round = (dtype: number, x: number): number => (dtype === f32 ? Math.fround(x) : x);
const truth = (x: Value): boolean => (typeof x === "bigint" ? x !== 0n : x !== 0);

/** An integer rounded once: beyond 2^53 with the bits that a double lacks folded into its last one. */
function toFloat(dtype: number, x: bigint): number {
  const size = x < 0n ? -x : x;
  if (dtype === f64 || size < 1n << 53n) return round(dtype, Number(x));
  const folded = (size >> 11n) | (size & 2047n ? 1n : 0n);
  return Math.fround(Number(folded) * 2048) * (x < 0n ? -1 : 1);
}

function convert(from: number, to: number, x: Value): Value {
  if (to === b8) return truth(x) ? 1 : 0;
  if (from === b8) return isFloat(to) ? Number(truth(x)) : BigInt(truth(x));
  if (isFloat(to)) return typeof x === "bigint" ? toFloat(to, x) : round(to, x);
  if (typeof x === "bigint") return wrap(to, x);
  const fits = x >= -(2 ** 63) && x < 2 ** 63;
  return wrap(to, fits ? BigInt(Math.trunc(x)) : -(1n << 63n));
}

/** Float functions that every machine rounds alike. */
const exactFloat: Record<string, (x: number, y: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: rint,
  trunc: Math.trunc,
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  fmod: (x, y) => x % y,
};

/** Those whose zeros may have either sign. */
const eitherZero: Record<string, (x: number, y: number, z: number) => number> = {
  relu: (x) => (x < 0 ? 0 : x),
  maximum: (x, y) => Math.max(x, y),
  minimum: (x, y) => Math.min(x, y),
  clamp: (x, y, z) => Math.min(Math.max(x, y), z),
  remainder: (x, y) => {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  },
};

const nearFloat: Record<string, (x: number, y: number) => number> = {
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  erfc,
  pow,
  cbrt: Math.cbrt,
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  atan2: Math.atan2,
  hypot: Math.hypot,
};

/** Those that are not computed here. */
const open = new Set(["lgamma", "digamma", "trigamma", "polygamma"]);

const divide = (x: bigint, y: bigint): bigint => {
  const rest = x % y;
  return x / y - (rest !== 0n && rest < 0n !== y < 0n ? 1n : 0n);
};

function integerPower(x: bigint, y: bigint, dtype: number): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let power = x; y > 0n; y >>= 1n) {
    if (y & 1n) result = wrap(dtype, result * power);
    power = wrap(dtype, power * power);
  }
  return result;
}

const integerOps: Record<string, (x: bigint, y: bigint, z: bigint, dtype: number) => bigint> = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  bitwise_not: (x) => ~x,
  square: (x) => x * x,
  relu: (x) => (x < 0n ? 0n : x),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  floor_divide: (x, y) => (y === 0n ? 0n : divide(x, y)),
  remainder: (x, y) => (y === 0n ? 0n : x - y * divide(x, y)),
  fmod: (x, y) => (y === 0n ? 0n : x % y),
  pow: (x, y, _, dtype) => integerPower(x, y, dtype),
  maximum: (x, y) => (x > y ? x : y),
  minimum: (x, y) => (x < y ? x : y),
  clamp: (x, y, z) => {
    const raised = x > y ? x : y;
    return raised < z ? raised : z;
  },
  bitwise_and: (x, y) => x & y,
  bitwise_or: (x, y) => x | y,
  bitwise_xor: (x, y) => x ^ y,
};

const boolOps: Record<string, (x: boolean, y: boolean) => boolean> = {
  sign: (x) => x,
  bitwise_not: (x) => !x,
  add: (x, y) => x || y,
  mul: (x, y) => x && y,
  maximum: (x, y) => x || y,
  minimum: (x, y) => x && y,
  bitwise_and: (x, y) => x && y,
  bitwise_or: (x, y) => x || y,
  bitwise_xor: (x, y) => x !== y,
};

const tests: Record<string, (x: Value, y: Value) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
  logical_and: (x, y) => truth(x) && truth(y),
  logical_or: (x, y) => truth(x) || truth(y),
  logical_xor: (x, y) => truth(x) !== truth(y),
  logical_not: (x) => !truth(x),
  isnan: (x) => typeof x === "number" && Number.isNaN(x),
  isinf: (x) => x === Infinity || x === -Infinity,
  isfinite: (x) => typeof x === "bigint" || Number.isFinite(x),
};

/** The ops of maps that this file knows. */
export const mapOps: ReadonlySet<string> = new Set([
  "cast",
  "where",
  "floor_divide",
  "softplus",
  ...open,
  ...[exactFloat, eitherZero, nearFloat, integerOps, boolOps, tests].flatMap(Object.keys),
]);

interface Cell {
  value: Value;
  known: number;
  tolerance: number;
}

const cell = (value: Value, what: number = known.exact, tolerance = 0): Cell => ({
  value,
  known: what,
  tolerance,
});
const close = (dtype: number, value: number, tolerance: number): Cell =>
  cell(round(dtype, value), dtype === f32 ? known.near32 : known.near64, tolerance);
const lost = (dtype: number): Cell => cell(isFloat(dtype) || dtype === b8 ? 0 : 0n, known.unknown);

const relative = [1e-5, 1e-11];
const absolute = [1e-37, 1e-300];
const epsilon = [2 ** -23, 2 ** -52];

/** Python's float //, in the arithmetic of the dtype. */
function floorDivide(x: number, y: number, dtype: number): Cell {
  if (y === 0) return cell(round(dtype, x / y));
  const rest = x % y;
  let quotient = round(dtype, round(dtype, x - rest) / y);
  if (rest !== 0 && y < 0 !== rest < 0) quotient = round(dtype, quotient - 1);
  const floor = Math.floor(quotient);
  return close(dtype, quotient - floor > 0.5 ? floor + 1 : floor, 0);
}

function compute(step: Step, from: number, x: Cell, y: Cell, z: Cell): Cell {
  const { op, dtype } = step;
  const given = op.arity === 1 ? [x] : op.arity === 2 ? [x, y] : [x, y, z];
  const test = tests[op.name];
  if (given.some((c) => c.known === known.unknown)) return lost(test === undefined ? dtype : b8);
  if (op.name === "cast") return cell(convert(from, dtype, x.value));
  if (op.name === "where") return cell(truth(x.value) ? y.value : z.value);
  if (test !== undefined) {
    const plain = (c: Cell): Value => (dtype === b8 ? Number(truth(c.value)) : c.value);
    return cell(test(plain(x), plain(y)) ? 1 : 0);
  }
  if (dtype === b8) return cell(boolOps[op.name](truth(x.value), truth(y.value)) ? 1 : 0);
  if (!isFloat(dtype)) {
    const f = integerOps[op.name];
    return cell(wrap(dtype, f(x.value as bigint, y.value as bigint, z.value as bigint, dtype)));
  }
  const [a, b, c] = [x.value as number, y.value as number, z.value as number];
  if (op.name === "floor_divide") return floorDivide(a, b, dtype);
  if (open.has(op.name)) return lost(dtype);
  if (op.name === "softplus") {
    if (round(dtype, a * b) > c) return cell(a);
    return Number.isNaN(a) || Number.isNaN(b) ? cell(Number.NaN) : lost(dtype);
  }
  if (op.name in exactFloat) return cell(round(dtype, exactFloat[op.name](a, b)));
  if (op.name in eitherZero) {
    const value = round(dtype, eitherZero[op.name](a, b, c));
    return value === 0 ? close(dtype, value, 0) : cell(value);
  }
  const value = nearFloat[op.name](a, b);
  // Where two terms cancel, the error is that of the greater.
  const size = op.name.startsWith("gelu") ? 20 * Math.abs(value) + Math.abs(a) : Math.abs(value);
  const least = op.name === "silu" ? 100 * absolute[dtype] : absolute[dtype];
  return close(dtype, value, relative[dtype] * size + least);
}

// ---- execution ----

function load(operand: Operand, at: number): Cell {
  const { region, dtype } = operand;
  if (region === null) return cell(operand.value);
  const value = read(region.cells, dtype, at);
  const nan = dtype === f32 ? known.nan32 : dtype === f64 ? known.nan64 : known.exact;
  const bytes = region.known.subarray(at, at + itemSize[dtype]);
  const sure = bytes.every((k) => k === known.exact) || bytes.every((k) => k === nan);
  return sure ? cell(value) : lost(dtype);
}

function save(operand: Operand, at: number, value: Cell): void {
  const { region, dtype } = operand;
  if (region === null) return;
  write(region.cells, dtype, at, value.value);
  const nan = typeof value.value === "number" && Number.isNaN(value.value) && isFloat(dtype);
  const what =
    value.known === known.unknown
      ? known.unknown
      : nan
        ? dtype === f32
          ? known.nan32
          : known.nan64
        : value.known;
  region.known.fill(what, at, at + itemSize[dtype]);
  region.tolerance[at] = value.tolerance;
}

/** Whether all was run, or an index out of range ended the program, or whether it did depends on what is not known. */
export type Outcome = "done" | "index" | "open";

/** Runs what verify() accepted. */
export function execute(instructions: readonly Instruction[]): Outcome {
  for (const instruction of instructions) {
    if (instruction.form === 0) executePass(instruction);
    else {
      const outcome =
        instruction.form === 2 ? executeMatrices(instruction) : executeRows(instruction);
      if (outcome !== "done") return outcome;
    }
  }
  return "done";
}

/** Calls f with every index of the sizes, in row-major order. */
function eachIndex(sizes: readonly number[], f: (index: number[]) => void): void {
  const index = new Array<number>(sizes.length).fill(0);
  const visit = (d: number): void => {
    if (d === sizes.length) return f(index);
    for (index[d] = 0; index[d] < sizes[d]; index[d]++) visit(d + 1);
  };
  visit(0);
}

function locate(operand: Operand, index: readonly number[], from = 0): number {
  let at = operand.offset;
  for (let d = 0; d < index.length; d++) at += index[d] * operand.strides[from + d];
  return at;
}

function executePass({ kept, sizes, operands, steps }: Instruction): void {
  // Maps, then folds: each such group walks the reduced dims once.
  const walks: { maps: Step[]; folds: Step[] }[] = [];
  steps.forEach((step, i) => {
    const begins = i === 0 || (reduces(steps[i - 1].op) && !reduces(step.op));
    if (begins) walks.push({ maps: [], folds: [] });
    const { maps, folds } = walks[walks.length - 1];
    (reduces(step.op) ? folds : maps).push(step);
  });
  const absent = cell(0);
  const registers: Cell[] = [];
  const types: number[] = operands.map((x) => x.dtype);
  const fetch = (place: number | undefined, index: number[]): Cell => {
    if (place === undefined) return absent;
    if (place >= operands.length) return registers[place];
    return load(operands[place], locate(operands[place], index));
  };
  const set = (place: number, type: number, value: Cell): void => {
    const near = value.known === known.near32 || value.known === known.near64;
    registers[place] = near ? lost(type) : value;
    types[place] = type;
  };
  eachIndex(sizes.slice(0, kept), (outer) => {
    for (const { maps, folds } of walks) {
      const folded: Cell[][] = folds.map(() => []);
      eachIndex(sizes.slice(kept), (inner) => {
        const index = [...outer, ...inner];
        for (const step of maps) {
          const { op, dtype, destination, sources } = step;
          const [x, y, z] = [0, 1, 2].map((s) => fetch(sources[s], index));
          const result = compute(step, types[sources[0]], x, y, z);
          if (destination < operands.length) {
            save(operands[destination], locate(operands[destination], index), result);
          } else {
            set(destination, op.name in tests ? b8 : dtype, result);
          }
        }
        folds.forEach(({ sources }, i) => {
          folded[i].push(fetch(sources[0], index));
        });
      });
      folds.forEach((step, i) => {
        const { op, dtype, destination } = step;
        const result = fold(step, folded[i]);
        if (destination >= operands.length) {
          set(destination, op.signature === "ReduceIndex" ? i64 : dtype, result);
        } else {
          save(operands[destination], locate(operands[destination], outer), result);
        }
      });
    }
  });
}

interface Total {
  sum: number;
  size: number;
  count: number;
  nan: boolean;
}

function include(into: Total, x: number): void {
  into.sum += x;
  into.size += Number.isFinite(x) ? Math.abs(x) : 0;
  into.count++;
  into.nan ||= Number.isNaN(x);
}

/** A float total of which the order of its additions is not known. */
function total(dtype: number, { sum, size, count, nan }: Total, divisor: number): Cell {
  if (nan) return cell(Number.NaN);
  if (size > largest[dtype] / 2) return lost(dtype);
  const slack = (count + 8) * epsilon[dtype] * size;
  return close(dtype, sum / divisor, slack / divisor + absolute[dtype]);
}

function fold({ op, dtype }: Step, cells: readonly Cell[]): Cell {
  const indexed = op.signature === "ReduceIndex";
  if (cells.some((c) => c.known === known.unknown)) return lost(indexed ? i64 : dtype);
  const plain = cells.map(({ value }) => (dtype === b8 ? Number(truth(value)) : value));
  if (op.name === "any") return cell(plain.some(truth) ? 1 : 0);
  if (op.name === "all") return cell(plain.every(truth) ? 1 : 0);
  if (op.name === "amax" || op.name === "amin" || indexed) {
    const largestWins = op.name.endsWith("max");
    let best = 0;
    for (let i = 0; i < plain.length; i++) {
      if (Number.isNaN(plain[best])) break;
      const better = largestWins ? plain[i] > plain[best] : plain[i] < plain[best];
      if (better || (typeof plain[i] === "number" && Number.isNaN(plain[i]))) best = i;
    }
    if (indexed) return cell(BigInt(best));
    const value = plain[best];
    return value === 0 && isFloat(dtype) ? close(dtype, 0, 0) : cell(value);
  }
  if (!isFloat(dtype)) {
    const values = plain as bigint[];
    return cell(
      op.name === "sum"
        ? wrap(
            dtype,
            values.reduce((a, b) => a + b, 0n),
          )
        : values.reduce((a, b) => wrap(dtype, a * b), 1n),
    );
  }
  const values = plain as number[];
  if (op.name === "sum" || op.name === "mean") {
    const all: Total = { sum: 0, size: 0, count: 0, nan: false };
    for (const x of values) include(all, x);
    return total(dtype, all, op.name === "sum" ? 1 : values.length);
  }
  // Whatever the order, no partial product may leave the dtype's range, or the order shows.
  const logs = values
    .filter((x) => x !== 0 && Number.isFinite(x))
    .map((x) => Math.log2(Math.abs(x)));
  const room = dtype === f32 ? 120 : 1000;
  const up = logs.reduce((a, b) => a + Math.max(b, 0), 0);
  const down = logs.reduce((a, b) => a + Math.min(b, 0), 0);
  if (values.some(Number.isNaN)) return cell(Number.NaN);
  if (up > room || down < -room) return lost(dtype);
  const product = values.reduce((a, b) => a * b, 1);
  return close(dtype, product, (values.length + 4) * epsilon[dtype] * Math.abs(product));
}

function executeRows(instruction: Instruction): Outcome {
  const { sizes, operands, length, form } = instruction;
  const op = instruction.op as Op;
  const outer = sizes.slice(0, -1);
  const n = sizes[sizes.length - 1];
  if (sizes.includes(0) && (form !== 3 || outer.includes(0))) return "done";
  // All indices and ranks are looked at before anything is written.
  const looked = op.name === "kthvalue" ? operands[3] : form === 4 ? operands[2] : null;
  if (looked !== null) {
    let outcome: Outcome = "done";
    eachIndex(form === 3 ? outer : sizes, (index) => {
      if (outcome !== "done") return;
      const { value, known: what } = load(looked, locate(looked, index));
      if (what === known.unknown) outcome = "open";
      else if ((value as bigint) < 0n || (value as bigint) >= BigInt(length)) outcome = "index";
    });
    if (outcome !== "done") return outcome;
  }
  eachIndex(outer, (row) => {
    if (form === 1) scanRow(op, operands, row, n);
    else if (form === 3) selectRow(op, operands, row, n);
    else gatherRow(op, operands, row, n);
  });
  return "done";
}

const above = (dtype: number, x: Value, y: Value): boolean =>
  dtype === b8 ? truth(x) && !truth(y) : x > y;

function scanRow(op: Op, [to, from, third]: Operand[], row: number[], n: number): void {
  const { dtype } = to;
  const seen: Total = { sum: 0, size: 0, count: 0, nan: false };
  let unknown = false;
  let value: Value = isFloat(dtype) ? (op.name === "logcumsumexp" ? -Infinity : 0) : 0n;
  let best = 0;
  for (let i = 0; i < n; i++) {
    const index = [...row, i];
    const x = load(from, locate(from, index));
    let result: Cell;
    if (op.signature === "ScanIndex") {
      const beats =
        op.name === "cummax" ? !above(dtype, value, x.value) : !above(dtype, x.value, value);
      if (i === 0 || Number.isNaN(x.value) || (!Number.isNaN(value) && beats)) {
        value = x.value;
        best = i;
      }
      unknown ||= x.known === known.unknown;
      save(third, locate(third, index), unknown ? lost(i64) : cell(BigInt(best)));
      result = cell(value);
    } else if (op.signature === "ScanBinary") {
      const factor = load(third, locate(third, index));
      if (x.known === known.unknown || (i > 0 && factor.known === known.unknown)) unknown = true;
      const before = i > 0 ? (factor.value as number) * (value as number) : 0;
      value = i === 0 ? x.value : (x.value as number) + before;
      result = cell(round(dtype, value as number));
    } else {
      unknown ||= x.known === known.unknown;
      if (op.name === "logcumsumexp") {
        const [a, b] = [value as number, x.value as number];
        const [high, low] = a > b || Number.isNaN(a) ? [a, b] : [b, a];
        value =
          low === high && !Number.isFinite(high) ? high : high + Math.log1p(Math.exp(low - high));
        result = close(dtype, value, relative[dtype] * (Math.abs(value) + 1));
      } else if (isFloat(dtype) && op.name === "cumsum") {
        include(seen, x.value as number);
        result = total(dtype, seen, 1);
      } else if (isFloat(dtype)) {
        value = i === 0 ? x.value : (value as number) * (x.value as number);
        result = cell(round(dtype, value as number));
      } else {
        const [a, b] = [value as bigint, x.value as bigint];
        value = wrap(dtype, i === 0 ? b : op.name === "cumsum" ? a + b : a * b);
        result = cell(value);
      }
    }
    save(to, locate(to, index), unknown ? lost(dtype) : result);
  }
}

function selectRow(
  op: Op,
  [values, indices, from, rank]: Operand[],
  row: number[],
  n: number,
): void {
  const { dtype } = values;
  const cells = Array.from({ length: n }, (_, i) => load(from, locate(from, [...row, i])));
  if (cells.some((c) => c.known === known.unknown)) {
    save(values, locate(values, row), lost(dtype));
    save(indices, locate(indices, row), lost(i64));
    return;
  }
  const order = cells.map((_, i) => i);
  const key = (i: number): Value => {
    const { value } = cells[i];
    return dtype === b8 ? Number(truth(value)) : value;
  };
  const nan = (x: Value): boolean => typeof x === "number" && Number.isNaN(x);
  const less = (x: Value, y: Value): boolean => x < y || (!nan(x) && nan(y));
  order.sort((i, k) => (less(key(i), key(k)) ? -1 : less(key(k), key(i)) ? 1 : i - k));
  let at: number;
  if (op.name === "kthvalue") at = order[Number(load(rank, locate(rank, row)).value)];
  else {
    let most = 0;
    at = 0;
    for (let start = 0; start < n; ) {
      let end = start + 1;
      while (end < n && !less(key(order[start]), key(order[end]))) end++;
      if (end - start > most) {
        most = end - start;
        at = order[end - 1];
      }
      start = end;
    }
  }
  save(values, locate(values, row), cell(cells[at].value));
  save(indices, locate(indices, row), cell(BigInt(at)));
}

function gatherRow(op: Op, [to, from, indices]: Operand[], row: number[], n: number): void {
  const { dtype } = to;
  for (let i = 0; i < n; i++) {
    const index = [...row, i];
    const target = [...row, Number(load(indices, locate(indices, index)).value)];
    if (op.name === "gather") {
      save(to, locate(to, index), load(from, locate(from, target)));
      continue;
    }
    const [x, y] = [load(to, locate(to, target)), load(from, locate(from, index))];
    const step: Step = { op: additionOp, dtype, destination: 0, sources: [] };
    save(to, locate(to, target), compute(step, dtype, x, y, y));
  }
}

/** Of all but the two simplest ops, only where results go is known here. */
function executeMatrices(instruction: Instruction): Outcome {
  const { op, sizes, core, operands } = instruction;
  const { name } = op as Op;
  const { operands: roles } = matrixForms[name];
  const pivots = operands.find((_, i) => roles[i].index && !roles[i].written);
  let outcome: Outcome = "done";
  if (pivots !== undefined) {
    eachIndex([...sizes, core[0]], (index) => {
      const { value, known: what } = load(pivots, locate(pivots, index));
      const pivot = name === "ldl_solve" && (value as bigint) < 0n ? -(value as bigint) : value;
      if (outcome !== "done") return;
      if (what === known.unknown) outcome = "open";
      else if (pivot < 1n || pivot > BigInt(core[0])) outcome = "index";
    });
    if (outcome !== "done" && roles.some((role) => role.written && hasElements(role, instruction)))
      return outcome;
  }
  if (name === "matmul") executeMatmul(instruction);
  else if (name === "inverse") executeInverse(instruction);
  else {
    roles.forEach((role, i) => {
      if (!role.written) return;
      eachIndex([...sizes, ...ownSizes(role, core)], (index) => {
        save(operands[i], locate(operands[i], index), lost(operands[i].dtype));
      });
    });
  }
  return "done";
}

const hasElements = (role: MatrixRole, { sizes, core }: Instruction): boolean =>
  ![...sizes, ...ownSizes(role, core)].includes(0);

function executeMatmul({ sizes, core, operands: [to, a, b], parameters }: Instruction): void {
  const [m, n, k] = core;
  const [alpha, beta] = parameters;
  const { dtype } = to;
  eachIndex([...sizes, m, n], (index) => {
    const outer = index.slice(0, -2);
    const [i, j] = index.slice(-2);
    const xs: Cell[] = [];
    const ys: Cell[] = [];
    for (let p = 0; p < k; p++) {
      xs.push(load(a, locate(a, [...outer, i, p])));
      ys.push(load(b, locate(b, [...outer, p, j])));
    }
    const at = locate(to, index);
    const before = beta === 0 ? cell(isFloat(dtype) ? 0 : 0n) : load(to, at);
    save(to, at, dotProduct(dtype, xs, ys, before, alpha, beta));
  });
}

function dotProduct(
  dtype: number,
  xs: readonly Cell[],
  ys: readonly Cell[],
  before: Cell,
  alpha: number,
  beta: number,
): Cell {
  if ([...xs, ...ys, before].some((c) => c.known === known.unknown)) return lost(dtype);
  if (!isFloat(dtype)) {
    const sum = xs.reduce((s, x, p) => s + (x.value as bigint) * (ys[p].value as bigint), 0n);
    return cell(wrap(dtype, BigInt(alpha) * sum + BigInt(beta) * (before.value as bigint)));
  }
  const [scale, keep] = [round(dtype, alpha), round(dtype, beta)];
  const products = xs.map((x, p) => (x.value as number) * (ys[p].value as number));
  const old = beta === 0 ? 0 : keep * (before.value as number);
  const finite = [...products, old].every(Number.isFinite);
  // Where something is infinite, or alpha is not an ordinary number, what is nan depends on the order.
  if (!finite || !Number.isFinite(scale) || !Number.isFinite(keep) || (beta !== 0 && keep === 0)) {
    return lost(dtype);
  }
  const size = products.reduce((s, x) => s + Math.abs(x), 0);
  const most = largest[dtype] / 4;
  if (size > most || size * Math.abs(scale) > most || Math.abs(old) > most) return lost(dtype);
  const value = scale * products.reduce((s, x) => s + x, 0) + old;
  const slack = (products.length + 8) * epsilon[dtype] * (size * Math.abs(scale) + Math.abs(old));
  // Products that underflow lose up to the least number each, and alpha may enlarge that.
  const least = (dtype === f32 ? 1.5e-45 : 5e-324) * (products.length + 1) * (Math.abs(scale) + 1);
  return close(dtype, value, slack + least);
}

function executeInverse({ sizes, core: [n], operands: [to, info, from] }: Instruction): void {
  const { dtype } = to;
  eachIndex(sizes, (outer) => {
    const cells: Cell[][] = [];
    for (let i = 0; i < n; i++) {
      cells.push([]);
      for (let j = 0; j < n; j++) cells[i].push(load(from, locate(from, [...outer, i, j])));
    }
    const sure = cells.flat().every((c) => c.known !== known.unknown);
    const inverted = sure
      ? invert(
          cells.map((row) => row.map((c) => c.value as number)),
          dtype,
        )
      : null;
    const zero = sure && n > 0 && cells.flat().every((c) => c.value === 0);
    eachIndex([n, n], ([i, j]) => {
      const result = zero
        ? cell(Number.NaN)
        : inverted === null
          ? lost(dtype)
          : close(dtype, inverted.out[i][j], inverted.tolerance);
      save(to, locate(to, [...outer, i, j]), result);
    });
    save(info, locate(info, outer), zero ? cell(1n) : inverted === null ? lost(i32) : cell(0n));
  });
}

/** By Gauss and Jordan; null where rounding decides too much. */
function invert(matrix: number[][], dtype: number): { out: number[][]; tolerance: number } | null {
  const n = matrix.length;
  const norm = (rows: number[][]): number =>
    Math.max(0, ...rows.map((row) => row.reduce((s, x) => s + Math.abs(x), 0)));
  const size = norm(matrix);
  if (!(size < 1e15)) return null;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let j = 0; j < n; j++) {
    let pivot = j;
    for (let i = j + 1; i < n; i++) {
      if (Math.abs(rows[i][j]) > Math.abs(rows[pivot][j])) pivot = i;
    }
    [rows[j], rows[pivot]] = [rows[pivot], rows[j]];
    const head = rows[j][j];
    if (head === 0) return null;
    rows[j] = rows[j].map((x) => x / head);
    for (let i = 0; i < n; i++) {
      const factor = rows[i][j];
      if (i !== j) rows[i] = rows[i].map((x, c) => x - factor * rows[j][c]);
    }
  }
  const out = rows.map((row) => row.slice(n));
  const reach = norm(out);
  const error = 30 * n * n * epsilon[dtype] * size * reach;
  if (!(error < 0.01) || !(reach < 1e15)) return null;
  return { out, tolerance: error * reach };
}
