/** Random programs, run by native code and by the interpreter, and the two compared byte for byte. */
import * as door from "../../src/native/door.ts";
import type { Op } from "./interpreter.ts";
import {
  dtypeNames,
  execute,
  itemSize,
  mapOps,
  matrixForms,
  ops,
  ownSizes,
  Region,
  verify,
} from "./interpreter.ts";
import { Rng } from "./numbers.ts";

const [f32, f64, i64, i32, , , , b8] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const capacity = 4096;

interface Slot {
  dtype: number;
  handle: number;
  bytes: Uint8Array;
  region: Region;
  pattern: Uint8Array;
  /** Small, ordinary numbers only. */
  tame: boolean;
  /** Small numbers from 0 on. */
  index: boolean;
}

/** Everything a run of programs shares: the words, the buffers and what is known of them. */
export class World {
  readonly words: Float64Array = new Float64Array(capacity);
  readonly slots: Slot[] = [];
  readonly regions: Map<number, Region> = new Map();
  /** Handles that name nothing: released, of a collected buffer, never given. */
  readonly stale: number[] = [];
  private readonly handles: number[] = [];

  constructor(rng: Rng) {
    door.rawAddon.attach(this.words);
    for (let dtype = 0; dtype < dtypeNames.length; dtype++) {
      for (const count of [0, 1, 7, 40, 120, 120, 700, 1500]) {
        this.add(
          rng,
          dtype,
          count * itemSize[dtype] + (count > 1 ? rng.int(0, 1) : 0),
          rng.chance(0.5),
        );
      }
    }
    // Singular matrices.
    for (const dtype of [f32, f64]) this.add(rng, dtype, 40 * itemSize[dtype], true, "zero");
    for (const count of [40, 700, 1500]) this.add(rng, i64, count * itemSize[i64], true, "index");
    this.addStale();
  }

  private add(
    rng: Rng,
    dtype: number,
    length: number,
    tame: boolean,
    kind: "any" | "zero" | "index" = "any",
  ): void {
    const buffer = new ArrayBuffer(length);
    const region = new Region(length);
    const pattern = kind === "any" ? fill(rng, dtype, length, tame) : new Uint8Array(length);
    const index = kind === "index";
    if (index) for (let at = 0; at < length; at += 8) pattern[at] = rng.int(0, 2);
    // Two handles for some: native code has to see that they are one memory.
    for (let i = rng.chance(0.3) ? 2 : 1; i > 0; i--) {
      const handle = door.rawAddon.register(buffer, rng.chance(0.5));
      this.handles.push(handle);
      this.regions.set(handle, region);
      this.slots.push({
        dtype,
        handle,
        bytes: new Uint8Array(buffer),
        region,
        pattern,
        tame,
        index,
      });
    }
  }

  private addStale(): void {
    const released = door.rawAddon.register(new ArrayBuffer(64), false);
    door.rawAddon.release(released);
    const reused = door.rawAddon.register(new ArrayBuffer(64), false);
    door.rawAddon.release(reused);
    const detached = new ArrayBuffer(64);
    const handle = door.rawAddon.register(detached, true);
    structuredClone(detached, { transfer: [detached] });
    this.handles.push(handle);
    this.regions.set(handle, new Region(0));
    this.slots.push({
      dtype: f32,
      handle,
      bytes: new Uint8Array(0),
      region: this.regions.get(handle) as Region,
      pattern: new Uint8Array(0),
      tame: true,
      index: false,
    });
    this.stale.push(released, reused, 2 ** 22 - 1, 2 ** 53, -1, -2, 0.5, Number.NaN);
  }

  reset(): void {
    for (const { bytes, region, pattern } of this.slots) {
      bytes.set(pattern);
      region.reset(pattern);
    }
  }

  /** Gives the door back to the package. */
  close(): void {
    for (const handle of this.handles) door.rawAddon.release(handle);
    door.rawAddon.attach(door.words);
  }
}

const odd = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  255,
  256,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  2 ** 63,
];
const extremes = [
  ...odd,
  Number.NaN,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  3.4028234663852886e38,
  1e-45,
  1e-40,
  -(2 ** 63),
  2 ** 64,
  2 ** 62,
  -3 * 2 ** 61,
  1e20,
  -1e20,
];

function fill(rng: Rng, dtype: number, length: number, tame: boolean): Uint8Array {
  const bytes = new Uint8Array(length);
  const cells = new DataView(bytes.buffer);
  for (let at = 0; at + itemSize[dtype] <= length; at += itemSize[dtype]) {
    if (dtype === f32 || dtype === f64) {
      const x = tame || rng.chance(0.7) ? (rng.next() - 0.5) * 8 : rng.pick(extremes);
      if (dtype === f32) cells.setFloat32(at, x, true);
      else cells.setFloat64(at, x, true);
      continue;
    }
    const bits = BigInt(8 * itemSize[dtype]);
    const small = BigInt(rng.int(-9, 9));
    const edge = 1n << BigInt(rng.int(0, Number(bits) - 1));
    // Halfway between two float32, and a little more: where rounding twice would show.
    const halfway = (1n << (bits - 2n)) + (1n << (bits > 26n ? bits - 26n : 0n)) + 1n;
    const wild = rng.pick([
      edge,
      -edge,
      edge - 1n,
      ~edge,
      halfway,
      -halfway,
      BigInt(Math.floor(rng.next() * 2 ** 53)),
    ]);
    const value = BigInt.asUintN(64, tame || rng.chance(0.5) ? small : wild);
    for (let i = 0; i < itemSize[dtype]; i++) {
      bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n);
    }
    // A live view may hold any byte in a bool.
    if (dtype === b8 && rng.chance(0.8)) bytes[at] = bytes[at] & 1;
  }
  return bytes;
}

// ---- programs that should be valid ----

interface Placed {
  dtype: number;
  handle: number; // −1: an immediate
  offset: number; // in bytes; of an immediate, its value
  strides: number[];
}

const flatten = (x: Placed): number[] => [x.dtype, x.handle, x.offset, ...x.strides];

/** What a step may read; the number of its place is known when all operands are. */
interface Value {
  readonly place: () => number;
  readonly dtype: number;
}

interface Planned {
  readonly op: number;
  readonly dtype: number;
  readonly to: () => number;
  readonly from: (() => number)[];
  /** The register that a reduction writes. */
  readonly reducedTo?: number;
}

/** Registers from here on are for reductions. */
const firstReduced = 24;

class Maker {
  private readonly world: World;
  private readonly rng: Rng;
  /** Bytes of each region that this instruction's operands take, so that written ones are put elsewhere. */
  private readonly taken = new Map<Region, [number, number][]>();

  constructor(world: World, rng: Rng) {
    this.world = world;
    this.rng = rng;
  }

  sizes(count: number): number[] {
    const { rng } = this;
    const out: number[] = [];
    for (let d = 0; d < count; d++) {
      out.push(rng.chance(0.03) ? 0 : rng.chance(0.2) ? 1 : rng.int(2, 5));
    }
    const draw = rng.next();
    if (count > 0 && draw < 0.06) {
      // Longer than a tile, and alone so.
      out.fill(1);
      out[rng.int(0, count - 1)] = rng.int(100, 1400);
    } else if (count > 1 && draw < 0.14) {
      // Two dims that are long enough to be transposed in registers.
      out.fill(1);
      const [d, e] = rng.shuffled(out.map((_, i) => i));
      [out[d], out[e]] = [rng.int(8, 40), rng.int(8, 35)];
    } else if (count > 1 && draw < 0.2) {
      // A few long rows: of a reduction, enough for several parts.
      out.fill(1);
      const [d, e] = rng.shuffled(out.map((_, i) => i));
      [out[d], out[e]] = [rng.int(2, 6), rng.int(130, 240)];
    }
    return out;
  }

  /** Puts an operand of those sizes into some buffer; null where none has room. */
  place(
    dtype: number,
    sizes: readonly number[],
    written: boolean,
    tame = false,
    index = false,
  ): Placed | null {
    const { rng } = this;
    const fitting = this.world.slots.filter(
      (slot) =>
        slot.dtype === dtype &&
        (!tame || slot.tame) &&
        (!index || slot.index) &&
        slot.bytes.length > 0,
    );
    for (let attempt = 0; attempt < 12 && fitting.length > 0; attempt++) {
      const slot = rng.pick(fitting);
      const strides = this.strides(sizes, written, attempt > 6);
      let low = 0;
      let high: number = itemSize[dtype];
      sizes.forEach((size, d) => {
        const reach = (size - 1) * strides[d] * itemSize[dtype];
        if (reach < 0) low += reach;
        else high += reach;
      });
      const empty = sizes.includes(0);
      if (empty) low = high = 0;
      const room = slot.region.bytes.length - (high - low);
      if (room < 0) continue;
      const places = Math.floor(room / itemSize[dtype]);
      const offset = -low + rng.int(rng.chance(0.2) ? places : 0, places) * itemSize[dtype];
      const [from, to] = [offset + low, offset + high];
      const taken = this.taken.get(slot.region) ?? [];
      if (written && !empty && taken.some(([a, b]) => from < b && a < to) && !rng.chance(0.01))
        continue;
      if (!written && !empty && this.writtenIn(slot.region, from, to) && !rng.chance(0.01))
        continue;
      taken.push([from, to]);
      this.taken.set(slot.region, taken);
      if (written && !empty) this.writes.push([slot.region, from, to]);
      return { dtype, handle: slot.handle, offset, strides };
    }
    return null;
  }

  /** The operand that a reduction may write although it was read. */
  private readFirst = -1;
  private readonly writes: [Region, number, number][] = [];
  private writtenIn(region: Region, from: number, to: number): boolean {
    return this.writes.some(([r, a, b]) => r === region && from < b && a < to);
  }

  private strides(sizes: readonly number[], written: boolean, dense: boolean): number[] {
    const { rng } = this;
    if (sizes.includes(0) && rng.chance(0.5)) return sizes.map(() => rng.int(-(2 ** 40), 2 ** 40));
    const out = new Array<number>(sizes.length).fill(0);
    const order = sizes.map((_, d) => d).reverse();
    let step = 1;
    for (const d of dense || rng.chance(0.6) ? order : rng.shuffled(order)) {
      if (!dense && rng.chance(0.1)) step += rng.int(0, 2);
      const zero = !written && rng.chance(0.15);
      out[d] = zero ? 0 : (rng.chance(dense ? 0 : 0.15) ? -1 : 1) * step;
      if (!zero) step *= Math.max(sizes[d], 1);
      if (!written && !dense && rng.chance(0.05)) out[d] = rng.int(-3, 3);
      if (sizes[d] === 1 && rng.chance(0.1)) out[d] = rng.int(-(2 ** 50), 2 ** 50);
    }
    return out;
  }

  /** Its strides mean nothing. */
  immediate(dtype: number, dims: number): Placed {
    const { rng } = this;
    const value =
      dtype === b8
        ? rng.int(0, 1)
        : dtype === f32 || dtype === f64
          ? rng.pick([...extremes, 3.25, -7, 0.1])
          : dtype === i64 && rng.chance(0.2)
            ? rng.pick([-(2 ** 63), 2 ** 62, 2 ** 53 - 1])
            : rng.int(0, 127);
    const strides = Array.from({ length: dims }, () =>
      rng.pick([0, 1, -1, 0.5, Number.NaN, 1e300]),
    );
    return { dtype, handle: -1, offset: value, strides };
  }

  pass(): number[] | null {
    const { rng } = this;
    const reducing = rng.chance(0.35);
    const kept = rng.chance(0.1) ? 0 : rng.int(0, reducing ? 2 : 4);
    const reduced = reducing && !rng.chance(0.05) ? rng.int(1, 2) : 0;
    const sizes = this.sizes(kept + reduced);
    const operands: Placed[] = [];
    const steps: number[][] = [];
    const main = rng.int(0, 7);
    // Outputs are found room for first; inputs may lie anywhere else.
    const inputs = rng.int(1, 3);
    for (let i = 0; i < inputs; i++) {
      const dtype = rng.chance(0.7) ? main : rng.int(0, 7);
      const x = rng.chance(0.15)
        ? this.immediate(dtype, sizes.length)
        : this.place(dtype, sizes, false);
      if (x === null) return null;
      operands.push(x);
    }
    // Values that a step may read, and their dtypes: operands now, registers as they come.
    const values: Value[] = [];
    operands.forEach((x, i) => {
      values.push({ place: () => i, dtype: x.dtype });
    });
    // Read before it is reduced into.
    if (reducing && rng.chance(0.2)) {
      const x = this.place(rng.chance(0.7) ? main : i64, sizes.slice(0, kept), true);
      if (x === null) return null;
      x.strides.push(...sizes.slice(kept).map(() => 0));
      const index = operands.push(x) - 1;
      values.push({ place: () => index, dtype: x.dtype });
      this.readFirst = index;
    }
    const planned: Planned[] = [];
    const registerType: number[] = [];
    const written: Placed[] = [];
    // Walks over the reduced dims: maps, then folds; the last may do without folds.
    const walks = reducing ? rng.pick([1, 1, 1, 2, 2, 3]) : 1;
    const mapsOf = (walk: number): number =>
      reducing ? rng.int(walk > 0 ? 1 : 0, 3) : rng.int(1, 6);
    for (let walk = 0; walk < walks; walk++) {
      if (walk > 0) this.forget(values, operands.length);
      const folds = reducing && (walk === 0 || walk < walks - 1 || rng.chance(0.5));
      if (!this.maps(mapsOf(walk), !folds, sizes, operands, values, planned, registerType, written))
        return null;
      if (folds && !this.folds(kept, sizes, operands, values, planned)) return null;
    }
    for (const { op, dtype, to, from } of planned) {
      steps.push([op, dtype, to(), ...[0, 1, 2].map((s) => from[s]?.() ?? -1)]);
    }
    const body = [
      kept,
      reduced,
      operands.length,
      steps.length,
      ...sizes,
      ...operands.flatMap(flatten),
      ...steps.flat(),
    ];
    return [0, body.length + 2, ...body];
  }

  /** Registers of maps hold nothing when the reduced dims are walked once more. */
  private forget(values: Value[], operands: number): void {
    for (let i = values.length - 1; i >= 0; i--) {
      const place = values[i].place();
      if (place >= operands && place < operands + firstReduced) values.splice(i, 1);
    }
  }

  private maps(
    count: number,
    ends: boolean,
    sizes: readonly number[],
    operands: Placed[],
    values: Value[],
    planned: Planned[],
    registerType: number[],
    written: Placed[],
  ): boolean {
    const { rng } = this;
    for (let s = 0; s < count; s++) {
      const chosen = this.chooseOp(values);
      if (chosen === null) return false;
      const { op, dtype, from } = chosen;
      const result = op.signature === "Compare" || op.signature === "Test" ? b8 : dtype;
      let to: () => number;
      const lastMap = s === count - 1 && ends;
      if (!lastMap && rng.chance(0.7)) {
        const register = rng.chance(0.3)
          ? rng.int(0, firstReduced - 1)
          : registerType.length % firstReduced;
        const own = registerType[register];
        const read = from.some((place) => place() === operands.length + register);
        if (read && itemSize[own] !== itemSize[result]) {
          s--;
          continue;
        }
        registerType[register] = result;
        to = () => operands.length + register;
        for (let i = values.length - 1; i >= 0; i--) {
          const { place } = values[i];
          if (place() === to()) values.splice(i, 1);
        }
      } else {
        const own = operands.findIndex(
          (x) => x.handle !== -1 && x.dtype === result && written.includes(x),
        );
        if (own >= 0 && rng.chance(0.3)) to = () => own;
        else {
          const out = this.place(result, sizes, true);
          if (out === null) return false;
          const index = operands.push(out) - 1;
          written.push(out);
          // An operand that is the very same elements: read by later steps.
          if (rng.chance(0.2)) {
            const alias = operands.push({ ...out, strides: [...out.strides] }) - 1;
            values.push({ place: () => alias, dtype: result });
          }
          to = () => index;
        }
      }
      planned.push({ op: ops.indexOf(op), dtype, to, from });
      values.push({ place: to, dtype: result });
    }
    return true;
  }

  private folds(
    kept: number,
    sizes: readonly number[],
    operands: Placed[],
    values: Value[],
    planned: Planned[],
  ): boolean {
    const { rng } = this;
    const made: Value[] = []; // read by later walks only
    for (let i = rng.int(1, 3); i > 0; i--) {
      const source = rng.pick(values);
      const possible = ops.filter(
        (op) =>
          (op.signature === "Reduce" || op.signature === "ReduceIndex") &&
          op.types.includes(source.dtype) &&
          (!sizes.slice(kept).includes(0) || !/^a(rg|m)/.test(op.name)),
      );
      const op = rng.pick(possible);
      const result = op.signature === "ReduceIndex" ? i64 : source.dtype;
      const reducedSoFar = planned.filter(({ reducedTo }) => reducedTo !== undefined).length;
      let to: () => number;
      let reducedTo: number | undefined;
      if (rng.chance(0.4) && firstReduced + reducedSoFar < 32) {
        reducedTo = firstReduced + reducedSoFar;
        const register = reducedTo;
        to = () => operands.length + register;
      } else if (operands[this.readFirst]?.dtype === result && rng.chance(0.7)) {
        const index = this.readFirst;
        this.readFirst = -1;
        for (let i = values.length - 1; i >= 0; i--) {
          if (values[i].place() === index) values.splice(i, 1);
        }
        to = () => index;
      } else {
        const out = this.place(result, sizes.slice(0, kept), true);
        if (out === null) return false;
        out.strides = [...out.strides, ...new Array<number>(sizes.length - kept).fill(0)];
        const index = operands.push(out) - 1;
        to = () => index;
      }
      planned.push({
        op: ops.indexOf(op),
        dtype: source.dtype,
        to,
        from: [source.place],
        reducedTo,
      });
      made.push({ place: to, dtype: result });
    }
    values.push(...made);
    return true;
  }

  private chooseOp(values: readonly Value[]) {
    const { rng } = this;
    for (let attempt = 0; attempt < 30; attempt++) {
      const op = rng.chance(0.1) ? ops[0] : rng.pick(ops);
      if (!mapOps.has(op.name)) continue;
      const first = rng.pick(values);
      const dtype = op.signature === "Cast" ? rng.pick(op.types) : first.dtype;
      if (!op.types.includes(dtype)) continue;
      const from: (() => number)[] = [];
      for (let s = 0; s < op.arity; s++) {
        const needed = op.signature === "Select" && s === 0 ? b8 : dtype;
        const possible =
          op.signature === "Cast" ? values : values.filter((v) => v.dtype === needed);
        if (possible.length === 0) break;
        from.push(rng.pick(possible).place);
      }
      if (from.length === op.arity) return { op, dtype, from };
    }
    return null;
  }

  scan(): number[] | null {
    const { rng } = this;
    const op = rng.pick(ops.filter(({ signature }) => signature.startsWith("Scan")));
    const sizes = this.sizes(rng.int(1, 3));
    const dtype = rng.pick(op.types);
    const to = this.place(dtype, sizes, true);
    if (to === null) return null;
    const from = rng.chance(0.3) ? to : this.place(dtype, sizes, false);
    if (from === null) return null;
    const body = [ops.indexOf(op), sizes.length, ...sizes, ...flatten(to), ...flatten(from)];
    if (op.signature !== "Scan") {
      const found = op.signature === "ScanIndex";
      const third = this.place(found ? i64 : dtype, sizes, found);
      if (third === null) return null;
      body.push(...flatten(third));
    }
    return [1, body.length + 2, ...body];
  }

  selection(): number[] | null {
    const { rng } = this;
    const op = rng.pick(ops.filter(({ signature }) => signature === "Selection"));
    const sizes = this.sizes(rng.int(1, 3));
    const rows = sizes.slice(0, -1);
    const dtype = rng.pick(op.types);
    const placed = [
      this.place(dtype, rows, true),
      this.place(i64, rows, true),
      this.place(dtype, sizes, false, rng.chance(0.5)),
    ];
    if (op.name === "kthvalue") placed.push(this.place(i64, rows, false, true, rng.chance(0.97)));
    return this.alongRows(3, [ops.indexOf(op), sizes.length, ...sizes], placed);
  }

  gather(): number[] | null {
    const { rng } = this;
    const op = rng.pick(ops.filter(({ signature }) => signature === "Gather"));
    const sizes = this.sizes(rng.int(1, 3));
    const length = rng.chance(0.05) ? rng.int(0, 2) : rng.int(3, 6);
    const longer = [...sizes.slice(0, -1), length];
    const dtype = rng.pick(op.types);
    const tame = rng.chance(0.5);
    const placed = [
      this.place(dtype, op.name === "gather" ? sizes : longer, true, tame),
      this.place(dtype, op.name === "gather" ? longer : sizes, false, tame),
      this.place(i64, sizes, false, true, rng.chance(0.97)),
    ];
    return this.alongRows(4, [ops.indexOf(op), sizes.length, length, ...sizes], placed);
  }

  private alongRows(form: number, head: number[], placed: (Placed | null)[]): number[] | null {
    const body = [...head];
    for (const x of placed) {
      if (x === null) return null;
      body.push(...flatten(x));
    }
    return [form, body.length + 2, ...body];
  }

  matrices(): number[] | null {
    const { rng } = this;
    const product = rng.chance(0.6);
    const name = product ? "matmul" : rng.pick(Object.keys(matrixForms));
    const form = matrixForms[name];
    const code = ops.findIndex((op) => op.name === name);
    const batch = this.sizes(rng.int(0, 2)).map((size) => Math.min(size, product ? 5 : 3));
    const size = (): number =>
      rng.chance(0.03) ? 0 : rng.chance(0.1) ? rng.int(8, 36) : rng.int(1, product ? 7 : 5);
    const core = Array.from({ length: form.sizes }, size);
    const dtype = rng.pick(ops[code].types);
    const tame = rng.chance(0.7);
    const scale = dtype === f32 || dtype === f64 ? [1, 1, 0, 0.5, -2] : [1, 1, 0, 3, -2, 300];
    const parameters =
      name === "matmul" ? [rng.pick(scale), rng.pick(scale)] : [rng.int(0, 1), rng.int(0, 1)];
    const body = [code, batch.length, ...parameters, ...batch, ...core];
    for (const role of form.operands) {
      const shape = [...batch, ...ownSizes(role, core)];
      const x = this.place(role.index ? i32 : dtype, shape, role.written ?? false, tame);
      if (x === null) return null;
      body.push(...flatten(x));
    }
    return [2, body.length + 2, ...body];
  }
}

/** Where the elements that a reduction folds come from. */
const foldSources = ["operand", "immediate", "register", "reduced register"] as const;

/** One reduction of such a source, into an operand or by way of a register. */
function reduction(
  world: World,
  rng: Rng,
  op: Op,
  dtype: number,
  source: (typeof foldSources)[number],
  byRegister: boolean,
  kept: readonly number[],
  reduced: readonly number[],
): number[] | null {
  const maker = new Maker(world, rng);
  const sizes = [...kept, ...reduced];
  const result = op.signature === "ReduceIndex" ? i64 : dtype;
  const from =
    source === "immediate" || (source === "register" && rng.chance(0.5))
      ? maker.immediate(dtype, sizes.length)
      : maker.place(dtype, sizes, false);
  const to = maker.place(result, byRegister ? sizes : kept, true);
  if (from === null || to === null) return null;
  if (!byRegister) to.strides.push(...reduced.map(() => 0));
  const [cast, amax] = ["cast", "amax"].map((name) =>
    ops.findIndex((other) => other.name === name),
  );
  const [register, extreme, value] = [2, 3, 4];
  const steps: number[][] = [];
  if (source === "register") steps.push([cast, dtype, register, 0, -1, -1]);
  if (source === "reduced register") {
    steps.push([amax, dtype, extreme, 0, -1, -1], [cast, dtype, register, extreme, -1, -1]);
  }
  const place = source === "register" ? register : source === "reduced register" ? extreme : 0;
  steps.push([ops.indexOf(op), dtype, byRegister ? value : 1, place, -1, -1]);
  if (byRegister) steps.push([cast, result, 1, value, -1, -1]);
  const body = [
    ...[kept.length, reduced.length, 2, steps.length],
    ...sizes,
    ...flatten(from),
    ...flatten(to),
    ...steps.flat(),
  ];
  return [0, body.length + 2, ...body];
}

function structured(world: World, rng: Rng): number[] {
  const program = [0];
  for (let count = rng.int(1, 4); count > 0; ) {
    const maker = new Maker(world, rng);
    const draw = rng.next();
    const made =
      draw < 0.6
        ? maker.pass()
        : draw < 0.7
          ? maker.scan()
          : draw < 0.78
            ? maker.selection()
            : draw < 0.86
              ? maker.gather()
              : maker.matrices();
    if (made === null) continue;
    program.push(...made);
    count--;
  }
  program[0] = program.length;
  return program;
}

// ---- and programs that should not be ----

function mutate(program: number[], world: World, rng: Rng): void {
  const at = rng.int(0, program.length - 1);
  const old = program[at];
  const draw = rng.next();
  if (draw < 0.35) program[at] = old + rng.pick([1, -1, 2, -2, 4, -4, 8]);
  else if (draw < 0.55) {
    program[at] = rng.pick([
      ...[Number.NaN, Infinity, -Infinity, 1e300, -1e300, 0.5, -0, 5e-324, 2 ** 63, -(2 ** 63)],
      ...[
        2 ** 53,
        2 ** 53 - 1,
        -(2 ** 53),
        2 ** 31,
        -(2 ** 31),
        2 ** 32,
        2 ** 50,
        -(2 ** 50),
        2 ** 22,
      ],
      ...[2 ** 51, 2 ** 51 + 1, 2 ** 52, 2 ** 61, 2 ** 62, 2 ** 64, 2 ** 24, 65, 64, 63, 257, 256],
    ]);
  } else if (draw < 0.63) program[at] = old * rng.pick([2, -1, 0, 0.5, 4, 1e15]);
  else if (draw < 0.73) program[at] = rng.int(-2, 9);
  else if (draw < 0.8) program[at] = rng.pick(world.stale);
  else if (draw < 0.86) program[at] = rng.pick(world.slots).handle;
  else if (draw < 0.9) program[at] = rng.pick(program);
  else if (draw < 0.93) program.splice(at, 1);
  else if (draw < 0.96) program.splice(at, 0, rng.int(-1, 4));
  else if (draw < 0.98) program.length = Math.max(1, at);
  else program[0] = rng.pick([0, -1, program.length - 1, program.length + 1, capacity + 1, 1.5]);
  // Most changed lengths should not end the reading at the first word.
  if (rng.chance(0.5) && draw >= 0.9 && draw < 0.98) program[0] = program.length;
}

export interface Tally {
  lists: number;
  valid: number;
  invalid: number;
  /** Refused by the simpler rules for overlap and distinctness alone. */
  stricter: number;
  /** Ended by an index out of range. */
  outOfRange: number;
  /** Not run: billions of indices. */
  huge: number;
}

/** Runs `count` lists; throws at the first disagreement, with all that is needed to see it again. */
export function fuzz(seed: number, count: number): Tally {
  const tally: Tally = { lists: 0, valid: 0, invalid: 0, stricter: 0, outOfRange: 0, huge: 0 };
  const world = new World(new Rng(seed));
  try {
    for (let i = 0; i < count; i++) {
      // Each list has a seed of its own: one can be looked at without the others.
      const rng = new Rng((seed + Math.imul(i + 1, 0x9e3779b1)) >>> 0);
      const program = structured(world, rng);
      if (rng.chance(0.42)) for (let m = rng.int(1, 2); m > 0; m--) mutate(program, world, rng);
      const problem = runBoth(world, program, tally);
      if (problem !== null) {
        throw new Error(
          `seed ${seed}, list ${i}: ${problem}\nwords: [${program.join(", ")}]\nNABLA_FUZZ_SEED=${seed} shows it again`,
        );
      }
    }
  } finally {
    world.close();
  }
  return tally;
}

/** Runs every reduction of every dtype over no, one or few elements of every source; throws at a disagreement. */
export function fuzzReductions(seed: number): Tally {
  const tally: Tally = { lists: 0, valid: 0, invalid: 0, stricter: 0, outOfRange: 0, huge: 0 };
  const rng = new Rng(seed);
  const world = new World(rng);
  const shapes: number[][] = [[], [0], [1], [2], [3, 5]];
  try {
    for (const op of ops.filter(({ signature }) => signature.startsWith("Reduce"))) {
      for (const dtype of op.types) {
        for (const source of foldSources) {
          for (const byRegister of [false, true]) {
            for (const kept of shapes) {
              for (const reduced of shapes) {
                const made = reduction(world, rng, op, dtype, source, byRegister, kept, reduced);
                if (made === null) continue;
                const program = [made.length + 1, ...made];
                const problem = runBoth(world, program, tally);
                if (problem === null) continue;
                const what = `${op.name} of ${dtypeNames[dtype]}, ${source}, [${kept}], [${reduced}]`;
                throw new Error(`${what}: ${problem}\nwords: [${program.join(", ")}]`);
              }
            }
          }
        }
      }
    }
  } finally {
    world.close();
  }
  return tally;
}

function runBoth(world: World, program: readonly number[], tally: Tally): string | null {
  if (program.length > capacity) return null;
  world.words.set(program);
  world.reset();
  tally.lists++;
  const verdict = verify(world.words, world.regions);
  if (verdict.status === "huge") {
    tally.huge++;
    return null;
  }
  let refusal: Error | null = null;
  try {
    door.rawAddon.run();
  } catch (error) {
    refusal = error as Error;
  }
  if (refusal === null) {
    if (verdict.status === "invalid") return `native code ran what is invalid (${verdict.why})`;
    tally.valid++;
    if (verdict.open) return null;
    const outcome = execute(verdict.instructions);
    if (outcome === "open") return null;
    if (outcome === "index") return "native code took an index that is out of range";
  } else if (refusal.message.startsWith("index")) {
    if (verdict.status === "invalid") return `native code ran what is invalid (${verdict.why})`;
    tally.valid++;
    if (verdict.open) return null;
    const outcome = execute(verdict.instructions);
    if (outcome === "open") return null;
    if (outcome === "done") return `native code refused what is valid: ${refusal.message}`;
    tally.outOfRange++;
  } else {
    const { message } = refusal;
    const total = program[0];
    const shown =
      message.includes("in instruction") || !(total >= 1 && total <= capacity) || total % 1 !== 0;
    if (!(refusal instanceof Error) || !shown) return `a refusal without a disassembly: ${message}`;
    if (verdict.status === "invalid") tally.invalid++;
    else if (
      verdict.strict &&
      /overlaps operand|several indices on one element|register/.test(message)
    ) {
      tally.stricter++;
    } else return `native code refused what is valid: ${message}`;
  }
  for (const { handle, dtype, bytes, region, pattern } of world.slots) {
    const name = `slot ${handle} (${dtypeNames[dtype]}, ${bytes.length} bytes)`;
    // An index out of range is found when what stands before it was run.
    if (refusal !== null && !refusal.message.startsWith("index")) {
      if (Buffer.compare(bytes, pattern) !== 0)
        return `${name} changed though the list was refused`;
      continue;
    }
    const difference = region.disagreement(bytes);
    if (difference !== null) return `${name}: ${difference}`;
  }
  return null;
}
