/** Random calls of the public functions, right ones and wrong ones. */

import { dtypeInfo } from "../../src/core/dtype.ts";
import { extentOf } from "../../src/core/shape.ts";
import type { DType } from "../../src/index.ts";
import * as nabla from "../../src/index.ts";
import { NablaError, NativeError, Tensor } from "../../src/index.ts";
import { rawAddon } from "../../src/native/door.ts";
import { Rng } from "./numbers.ts";

const dtypes: readonly DType[] = [
  "float32",
  "float64",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];
const collect = globalThis.gc as () => void;

/** Collects garbage at some of the moments between the encoding of a program and its run. */
export function withCollections<T>(rng: Rng, often: number, body: () => T): T {
  const { run } = rawAddon;
  rawAddon.run = () => {
    if (rng.chance(often)) collect();
    run.call(rawAddon);
  };
  try {
    return body();
  } finally {
    rawAddon.run = run;
  }
}

// ---- right calls, against a model ----

/** A tensor as the list of places that its indices have in plain memory. */
interface Model {
  memory: number[];
  places: number[];
  shape: number[];
  dtype: DType;
}

const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const values = (m: Model): number[] => m.places.map((p) => m.memory[p]);

function made(dtype: DType, shape: readonly number[], content: readonly number[]): Model {
  return { memory: [...content], places: content.map((_, i) => i), shape: [...shape], dtype };
}

/** The places under another shape, each new index leading to an old one. */
function viewed(m: Model, shape: number[], from: (index: number[]) => number[]): Model {
  const places: number[] = [];
  const index = new Array<number>(shape.length).fill(0);
  const visit = (d: number): void => {
    if (d === shape.length) {
      const old = from(index);
      let flat = 0;
      for (let i = 0; i < m.shape.length; i++) flat = flat * m.shape[i] + old[i];
      places.push(m.places[flat]);
      return;
    }
    for (index[d] = 0; index[d] < shape[d]; index[d]++) visit(d + 1);
  };
  visit(0);
  return { memory: m.memory, places, shape, dtype: m.dtype };
}

function broadcast(m: Model, shape: number[]): Model {
  const lead = shape.length - m.shape.length;
  return viewed(m, shape, (index) => m.shape.map((size, d) => (size === 1 ? 0 : index[lead + d])));
}

function commonShape(a: readonly number[], b: readonly number[]): number[] | null {
  const out: number[] = [];
  for (let d = 1; d <= Math.max(a.length, b.length); d++) {
    const [x, y] = [a[a.length - d] ?? 1, b[b.length - d] ?? 1];
    if (x !== y && x !== 1 && y !== 1) return null;
    out.unshift(x === 1 ? y : x);
  }
  return out;
}

const wrap = (dtype: DType, x: number): number => {
  if (dtype === "bool") return x !== 0 ? 1 : 0;
  if (dtype.startsWith("float")) return x;
  return Number(
    BigInt.asIntN(8 * dtypeInfo[dtype].size, BigInt(x)) & (dtype === "uint8" ? 255n : -1n),
  );
};

interface Pair {
  tensor: Tensor;
  model: Model;
}

function draw(rng: Rng, dtype: DType = rng.pick(dtypes)): Pair {
  const shape = Array.from({ length: rng.int(0, 4) }, () => (rng.chance(0.05) ? 0 : rng.int(1, 4)));
  const low = dtype === "uint8" || dtype === "bool" ? 0 : -8;
  const content = Array.from({ length: volume(shape) }, () =>
    rng.int(low, dtype === "bool" ? 1 : 8),
  );
  const flat = nabla.tensor(content.length === 0 ? [] : content, { dtype });
  return { tensor: flat.reshape(shape), model: made(dtype, shape, content) };
}

type View = (x: Pair, rng: Rng) => Pair | null;

const viewsOf: readonly View[] = [
  ({ tensor, model }, rng) => {
    const order = rng.shuffled(model.shape.map((_, d) => d));
    const back = order.map((_, d) => order.indexOf(d));
    const shape = order.map((d) => model.shape[d]);
    return {
      tensor: tensor.permute(order),
      model: viewed(model, shape, (index) => back.map((d) => index[d])),
    };
  },
  ({ tensor, model }, rng) => {
    if (model.shape.length === 0) return null;
    const d = rng.int(0, model.shape.length - 1);
    const size = model.shape[d];
    const [from, to, step] = [rng.int(0, size), rng.int(0, size), rng.int(1, 3)];
    const shape = [...model.shape];
    shape[d] = Math.max(0, Math.ceil((Math.max(from, to) - from) / step));
    return {
      tensor: tensor.slice(d, from, to, step),
      model: viewed(model, shape, (index) => index.map((i, e) => (e === d ? from + i * step : i))),
    };
  },
  ({ tensor, model }, rng) => {
    const d = model.shape.findIndex((size) => size > 0);
    if (d < 0) return null;
    const at = rng.int(0, model.shape[d] - 1);
    const shape = model.shape.filter((_, e) => e !== d);
    return {
      tensor: tensor.select(d, at),
      model: viewed(model, shape, (index) => [...index.slice(0, d), at, ...index.slice(d)]),
    };
  },
  ({ tensor, model }, rng) => {
    const d = rng.int(0, model.shape.length);
    const shape = [...model.shape.slice(0, d), 1, ...model.shape.slice(d)];
    return {
      tensor: tensor.unsqueeze(d),
      model: viewed(model, shape, (index) => index.filter((_, e) => e !== d)),
    };
  },
  ({ tensor, model }, rng) => {
    const shape = model.shape.map((size) => (size === 1 ? rng.int(1, 3) : size));
    if (rng.chance(0.3)) shape.unshift(rng.int(1, 3));
    if (shape.length > 6) return null;
    return { tensor: tensor.expand(shape), model: broadcast(model, shape) };
  },
];

type Binary = (x: number, y: number) => number;
const arithmetic: Record<string, Binary> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  maximum: Math.max,
  minimum: Math.min,
};
const comparisons: Record<string, Binary> = {
  eq: (x, y) => Number(x === y),
  ne: (x, y) => Number(x !== y),
  lt: (x, y) => Number(x < y),
  ge: (x, y) => Number(x >= y),
};
type Named = Record<string, (...args: unknown[]) => unknown>;
const call = (x: Tensor, name: string, ...args: unknown[]): Tensor =>
  (x as unknown as Named)[name](...args) as Tensor;

/** Null, or how the tensor differs from what the model says. */
export function difference({ tensor, model }: Pair): string | null {
  const { dtype } = tensor;
  if (dtype !== model.dtype) return `dtype ${dtype}, expected ${model.dtype}`;
  if (tensor.shape.join() !== model.shape.join()) {
    return `shape [${tensor.shape}], expected [${model.shape}]`;
  }
  const outside = escapes(tensor);
  if (outside !== null) return outside;
  const got = Array.from(tensor.toTypedArray() as Float64Array, Number);
  const expected = values(model);
  const at = expected.findIndex(
    (x, i) => x !== got[i] && !(Number.isNaN(x) && Number.isNaN(got[i])),
  );
  return at < 0 ? null : `element ${at} is ${got[at]}, expected ${expected[at]}`;
}

/** Whether the tensor's elements lie within its storage, and that within its buffer. */
function escapes({ storage, layout, offset, dtype }: Tensor): string | null {
  const { size } = dtypeInfo[dtype];
  const extent = extentOf(layout);
  if (extent !== null) {
    const [low, high] = [(offset + extent.low) * size, (offset + extent.high + 1) * size];
    if (low < 0 || high > storage.byteLength)
      return `elements at bytes ${low} to ${high} of ${storage.byteLength}`;
  }
  const { block, byteOffset, byteLength } = storage;
  const end = byteOffset + byteLength;
  return block.exposed || end <= block.buffer.byteLength
    ? null
    : `a storage up to ${end} of ${block.buffer.byteLength}`;
}

/** One right call on tensors drawn at random; throws where the result is not the model's. */
function rightCall(rng: Rng): string {
  let x = draw(rng);
  for (let i = rng.int(0, 3); i > 0; i--) x = rng.pick(viewsOf)(x, rng) ?? x;
  const trace = `${x.model.dtype}[${x.model.shape}]`;
  const check = (name: string, pair: Pair): string => {
    const wrong = difference(pair);
    if (wrong !== null) throw new Error(`${trace}.${name}: ${wrong}`);
    return name;
  };
  check("(view)", x);
  const { tensor, model } = x;
  const kind = rng.int(0, 6);
  if (kind === 0) {
    const names = Object.keys(arithmetic).filter((n) => model.dtype !== "bool" || n !== "sub");
    const name = rng.pick(names);
    return check(name, pairwise(rng, x, name, arithmetic[name], null));
  }
  if (kind === 1) {
    const name = rng.pick(Object.keys(comparisons));
    return check(name, pairwise(rng, x, name, comparisons[name], "bool"));
  }
  if (kind === 2 && model.dtype !== "bool") {
    const name = rng.pick(["neg", "abs", "square"]);
    const f = { neg: (v: number) => 0 - v, abs: Math.abs, square: (v: number) => v * v }[name];
    const out = values(model).map((v) => wrap(model.dtype, (f as (v: number) => number)(v)));
    return check(name, { tensor: call(tensor, name), model: made(model.dtype, model.shape, out) });
  }
  if (kind === 3) return check("sum", summed(rng, x));
  if (kind === 4) {
    const to = rng.pick(dtypes);
    const out = values(model).map((v) => wrap(to, v));
    return check(`to(${to})`, { tensor: tensor.to(to), model: made(to, model.shape, out) });
  }
  if (kind === 5) return check("add_", inPlace(rng, x));
  return check("matmul", product(rng, model.dtype));
}

function pairwise(rng: Rng, x: Pair, name: string, f: Binary, gives: DType | null): Pair {
  let y = draw(rng, x.model.dtype);
  for (let attempt = 0; attempt < 20; attempt++) {
    if (commonShape(x.model.shape, y.model.shape) !== null) break;
    y = draw(rng, x.model.dtype);
  }
  // Of the same memory as x at times.
  if (rng.chance(0.2)) y = rng.pick(viewsOf)(x, rng) ?? x;
  let shape = commonShape(x.model.shape, y.model.shape);
  if (shape === null) [y, shape] = [x, x.model.shape];
  const [a, b] = [values(broadcast(x.model, shape)), values(broadcast(y.model, shape))];
  const dtype = gives ?? x.model.dtype;
  const out = a.map((v, i) => wrap(dtype, f(v, b[i])));
  return { tensor: call(x.tensor, name, y.tensor), model: made(dtype, shape, out) };
}

function summed(rng: Rng, { tensor, model }: Pair): Pair {
  const dims = rng.shuffled(model.shape.map((_, d) => d)).slice(0, rng.int(0, model.shape.length));
  const keepdim = rng.chance(0.5);
  const all = dims.length === 0;
  const gone = (d: number): boolean => all || dims.includes(d);
  const shape = model.shape.map((size, d) => (gone(d) ? 1 : size));
  const totals = new Array<number>(volume(shape)).fill(0);
  let flat = 0;
  viewed(model, model.shape, (index) => {
    let at = 0;
    index.forEach((i, d) => {
      at = at * shape[d] + (gone(d) ? 0 : i);
    });
    totals[at] += model.memory[model.places[flat++]];
    return index;
  });
  const dtype = model.dtype.startsWith("float") ? model.dtype : "int64";
  const out = keepdim && !all ? shape : shape.filter((_, d) => !gone(d));
  return {
    tensor: all ? tensor.sum() : tensor.sum(dims, { keepdim }),
    model: made(dtype, out, totals),
  };
}

/** Through a view into the memory of another, checked there. */
function inPlace(rng: Rng, { tensor, model }: Pair): Pair {
  const alone = new Set(model.places).size === model.places.length;
  const amount = rng.int(0, 3);
  // At times what is added lies in the memory that is written.
  const other = rng.chance(0.4) ? (rng.pick(viewsOf)({ tensor, model }, rng) ?? null) : null;
  const fitting =
    other !== null && commonShape(model.shape, other.model.shape)?.join() === model.shape.join();
  const added = fitting && other !== null ? values(broadcast(other.model, model.shape)) : null;
  const before = values(model);
  try {
    tensor.add_(
      added === null || other === null
        ? model.dtype === "bool"
          ? amount > 0
          : amount
        : other.tensor,
    );
  } catch (error) {
    // Shapes with no element at all may pass or not; all else is refused only where elements are shared.
    if (!alone && error instanceof NablaError) return { tensor, model };
    throw error;
  }
  if (alone) {
    before.forEach((v, i) => {
      model.memory[model.places[i]] = wrap(model.dtype, v + (added?.[i] ?? amount));
    });
  }
  return { tensor, model };
}

function product(rng: Rng, wanted: DType): Pair {
  const dtype = wanted === "bool" ? "float32" : wanted;
  const batch = rng.chance(0.5) ? [] : [rng.int(0, 3)];
  const size = (): number =>
    rng.chance(0.05) ? 0 : rng.chance(0.1) ? rng.int(9, 40) : rng.int(1, 6);
  const [m, n, k] = [size(), size(), size()];
  const low = dtype === "uint8" ? 0 : -4;
  const matrix = (rows: number, columns: number): Pair => {
    const flip = rng.chance(0.5);
    const shape = flip ? [...batch, columns, rows] : [...batch, rows, columns];
    const content = Array.from({ length: volume(shape) }, () => rng.int(low, 4));
    const x: Pair = {
      tensor: nabla.tensor(content.length === 0 ? [] : content, { dtype }).reshape(shape),
      model: made(dtype, shape, content),
    };
    if (!flip) return x;
    const swap = (index: number[]): number[] => [
      ...index.slice(0, -2),
      index[index.length - 1],
      index[index.length - 2],
    ];
    return { tensor: x.tensor.mT, model: viewed(x.model, [...batch, rows, columns], swap) };
  };
  const [a, b] = [matrix(m, k), matrix(k, n)];
  const [x, y] = [values(a.model), values(b.model)];
  const out: number[] = [];
  for (let l = 0; l < volume(batch); l++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += x[l * m * k + i * k + p] * y[l * k * n + p * n + j];
        out.push(wrap(dtype, sum));
      }
    }
  }
  return { tensor: a.tensor.matmul(b.tensor), model: made(dtype, [...batch, m, n], out) };
}

/** Calls that have one right answer; gives every distinct complaint. */
export function rightCalls(seed: number, count: number): string[] {
  const complaints = new Map<string, string>();
  withCollections(new Rng(seed ^ 0x5bd1e995), 0.002, () => {
    for (let i = 0; i < count; i++) {
      const rng = new Rng((seed + Math.imul(i + 1, 0x9e3779b1)) >>> 0);
      try {
        rightCall(rng);
      } catch (error) {
        const { message } = error as Error;
        const key = message.slice(0, 100).replace(/[-\d]+/g, "N");
        if (!complaints.has(key)) complaints.set(key, `seed ${seed}, call ${i}: ${message}`);
      }
    }
  });
  return [...complaints.values()];
}

// ---- any calls ----

// What these do to the process or the other tests is not the point here.
const left = new Set(["setPrintoptions", "Tensor", "Generator"]);
const functions = Object.entries(nabla as unknown as Record<string, unknown>).filter(
  (entry): entry is [string, (...args: unknown[]) => unknown] =>
    typeof entry[1] === "function" && /^[a-z]/.test(entry[0]) && !left.has(entry[0]),
);
const methods = Object.getOwnPropertyNames(Tensor.prototype).filter((name) => {
  const { value } = Object.getOwnPropertyDescriptor(Tensor.prototype, name) as PropertyDescriptor;
  return typeof value === "function" && name !== "constructor";
});

function someTensor(rng: Rng): Tensor {
  let x = draw(rng);
  for (let i = rng.int(0, 3); i > 0; i--) x = rng.pick(viewsOf)(x, rng) ?? x;
  let { tensor } = x;
  if (rng.chance(0.15) && tensor.dtype.startsWith("float"))
    tensor = tensor.detach().requiresGrad_();
  const plain = tensor.isContiguous() && tensor.numel() > 0;
  if (rng.chance(0.03) && plain) void tensor.data;
  if (rng.chance(0.03) && plain) takeAway(tensor);
  if (rng.chance(0.03)) tensor = nabla.frombuffer(new Float32Array(rng.int(0, 9)));
  return tensor;
}

/** As a caller does who posts .data to another thread. */
function takeAway(x: Tensor): void {
  const { buffer } = x.data;
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

// Anything between a million and these is slow, or fits into memory and is slow.
const numbers = [
  0,
  1,
  2,
  3,
  -1,
  -2,
  5,
  0.5,
  -0.5,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  64,
  65,
  1e300,
];
const huge = [2 ** 45, 2 ** 50, 2 ** 52, 2 ** 53, -(2 ** 53), 2 ** 63, 1e21];

interface ResizableConstructor {
  new (length: number, options: { maxByteLength: number }): ArrayBuffer;
}

function someArgument(rng: Rng, depth = 0): unknown {
  const draw = rng.int(0, 24);
  if (draw < 7) return someTensor(rng);
  if (draw < 12) return rng.pick(numbers);
  if (draw === 12) return rng.pick(huge);
  if (draw === 13) return rng.pick([true, false, null, undefined]);
  if (draw === 14) return rng.pick(["", "float32", "x", "1", "int64", "sum", "floor"]);
  if (draw === 15) return rng.pick([0n, 5n, -3n, 2n ** 63n, 2n ** 70n]);
  if (draw < 19 && depth < 3) {
    return Array.from({ length: rng.int(0, 3) }, () =>
      rng.chance(0.7) ? rng.int(-1, 4) : someArgument(rng, depth + 1),
    );
  }
  if (draw === 19) {
    return rng.pick([
      new Float32Array(3),
      new BigInt64Array(2),
      new Uint8ClampedArray(2),
      new BigUint64Array(2),
      new Uint16Array(2),
      new DataView(new ArrayBuffer(8)),
      new ArrayBuffer(16),
      new SharedArrayBuffer(16),
      new Float64Array(new SharedArrayBuffer(16)),
    ]);
  }
  if (draw === 20) {
    const buffer = new (ArrayBuffer as unknown as ResizableConstructor)(32, { maxByteLength: 64 });
    const array = new Int32Array(buffer);
    const { resize } = buffer as ArrayBuffer & { resize?: (length: number) => void };
    if (rng.chance(0.5)) resize?.call(buffer, 4);
    return rng.chance(0.5) ? buffer : array;
  }
  if (draw === 21) {
    const array = new Float64Array(4);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return rng.chance(0.5) ? array : array.buffer;
  }
  if (draw === 22) {
    const names = [
      "dtype",
      "dim",
      "keepdim",
      "alpha",
      "min",
      "max",
      "requiresGrad",
      "offset",
      "count",
    ];
    return Object.fromEntries(
      Array.from({ length: rng.int(0, 2) }, () => [
        rng.pick(names),
        rng.chance(0.5) ? rng.pick(dtypes) : someArgument(rng, depth + 1),
      ]),
    );
  }
  if (draw === 23)
    return rng.pick([() => 1, Symbol("s"), new Date(0), /x/, new Map(), Object.create(null)]);
  return rng.pick<unknown>([
    { length: 3 },
    { valueOf: () => 2 },
    new Proxy([], {}),
    [[1, 2], [3]],
    [1n, 2],
    [[[[]]]],
  ]);
}

const show = (x: unknown): string => {
  if (x instanceof Tensor) return `${x.dtype}[${x.shape}] strides [${x.stride()}]`;
  if (Array.isArray(x)) return `[${x.map(show).join(", ")}]`;
  if (typeof x === "bigint") return `${x}n`;
  if (typeof x === "object" && x !== null) {
    return `${x.constructor?.name ?? "Object"} {${Object.entries(x)
      .slice(0, 4)
      .map(([k, v]) => `${k}: ${show(v)}`)}}`;
  }
  return typeof x === "string" ? JSON.stringify(x) : String(x);
};

/** What a call may throw: it says what was wrong, and native code was not asked. */
const expected = (error: unknown): boolean =>
  !(error instanceof NativeError) &&
  (error instanceof NablaError || error instanceof RangeError || error instanceof TypeError);

/** Throws where a result is no sound tensor. */
function checkResult(result: unknown, depth = 0): void {
  if (depth > 2 || result === null || typeof result !== "object") return;
  if (!(result instanceof Tensor)) {
    for (const part of Object.values(result).slice(0, 20)) checkResult(part, depth + 1);
    return;
  }
  const outside = escapes(result);
  if (outside !== null) throw new Error(outside);
  const { layout } = result;
  if (layout.shape.some((size) => !Number.isInteger(size) || size < 0))
    throw new Error(`shape [${layout.shape}]`);
  if (layout.strides.some((step) => !Number.isInteger(step)))
    throw new Error(`strides [${layout.strides}]`);
  if (volume(layout.shape) !== layout.numel)
    throw new Error(`${layout.numel} elements of [${layout.shape}]`);
  if (layout.numel > 1e6) return;
  try {
    const array = result.toTypedArray();
    if (array.length !== layout.numel)
      throw new Error(`toTypedArray() has ${array.length} elements`);
  } catch (error) {
    if (!expected(error)) throw error;
  }
}

export interface CallTally {
  calls: number;
  returned: number;
  threw: number;
}

/** Every distinct complaint, with the first call that gave it. */
export function anyCalls(seed: number, count: number): { tally: CallTally; complaints: string[] } {
  const tally: CallTally = { calls: 0, returned: 0, threw: 0 };
  const complaints = new Map<string, string>();
  withCollections(new Rng(seed ^ 0x1234567), 0.002, () => {
    for (let i = 0; i < count; i++) {
      const rng = new Rng((seed + Math.imul(i + 1, 0x85ebca6b)) >>> 0);
      const asMethod = rng.chance(0.5);
      const args = Array.from({ length: rng.int(0, 4) }, () => someArgument(rng));
      const [name, f] = rng.pick(functions);
      const method = rng.pick(methods);
      const self = asMethod ? someTensor(rng) : null;
      const text =
        self === null
          ? `${name}(${args.map(show)})`
          : `${show(self)} .${method}(${args.map(show)})`;
      tally.calls++;
      if (rng.chance(0.001)) collect();
      try {
        const result = self === null ? f(...args) : call(self, method, ...args);
        tally.returned++;
        checkResult(result);
      } catch (error) {
        tally.threw++;
        if (expected(error)) continue;
        const { name: kind = "?", message = String(error) } = error as Error;
        const gist = message.slice(0, 64).replace(/[-\d]+/g, "N");
        const key = `${self === null ? name : method} ${kind} ${kind === "NativeError" ? gist : ""}`;
        const shown = `seed ${seed}, call ${i}: ${text}\n  ${kind}: ${message.slice(0, 600)}`;
        if (!complaints.has(key)) complaints.set(key, shown);
      }
    }
  });
  return { tally, complaints: [...complaints.values()] };
}
