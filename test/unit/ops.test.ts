// Every operation against PyTorch: test/reference/ops.json, written by ops.py, holds its results.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as nabla from "nabla";
import { describe, expect, it } from "vitest";
import { dtypes } from "../../src/core/dtype.js";
import { elementwise } from "../../src/ops/elementwise.js";
import { makeLaid, read } from "../layouts.js";
import type { Summary } from "../opcases.js";
import { opNames, poisonFreshMemory, runCases } from "../opcases.js";

poisonFreshMemory();

const { Tensor, arange, isa, isas, tensor } = nabla;

describe(`as PyTorch, in every memory layout (${isa})`, () => {
  it.each(opNames)("%s", (op) => {
    const { failures, runs } = runCases([op]);
    expect(runs).toBeGreaterThan(0);
    expect(failures.slice(0, 10)).toEqual([]);
  });
});

const others = isas.filter((name) => name !== isa);

describe.skipIf(others.length === 0)("as PyTorch, on the machine's other instruction sets", () => {
  const script = fileURLToPath(new URL("../opcases.ts", import.meta.url));
  // In-place forms run the same kernels.
  const names = opNames.filter((name) => !name.endsWith("_"));

  it.each(others)("%s", async (name) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", script, ...names],
      {
        env: { ...process.env, NABLA_ISA: name },
        maxBuffer: 2 ** 28,
      },
    );
    const { isa: used, cases, failures } = JSON.parse(stdout) as Summary;
    expect(used).toBe(name);
    expect(cases).toBeGreaterThan(15_000);
    expect(failures.slice(0, 10)).toEqual([]);
  });
});

describe("the table", () => {
  const inTable = new Set(opNames);

  it("has every elementwise operation", () => {
    // Called by gelu and polygamma.
    const inside = new Set(["geluTanh", "trigamma"]);
    const missing = Object.keys(elementwise).filter((name) => !inTable.has(name));
    expect(missing.filter((name) => !inside.has(name))).toEqual([]);
  });

  it("has every exported function", () => {
    const elsewhere = new Set([
      // What neither takes nor makes a tensor.
      "promoteTypes",
      "enableGrad",
      "noGrad",
      "isGradEnabled",
      "explain",
      "getPrintoptions",
      "setPrintoptions",
      "getNumThreads",
      "setNumThreads",
      "getFloat32MatmulPrecision",
      "setFloat32MatmulPrecision",
      // Random numbers, which random.test.ts compares.
      "manualSeed",
      "rand",
      "randint",
      "randn",
      "randperm",
      // Not for values: arbitrary ones, and memory that the caller keeps.
      "empty",
      "emptyLike",
      "frombuffer",
    ]);
    const isClass = (f: unknown) => /^class\b/.test(Function.prototype.toString.call(f));
    const functions = Object.entries(nabla)
      .filter(([, value]) => typeof value === "function" && !isClass(value))
      .map(([name]) => name);
    expect(functions.length).toBeGreaterThan(120);
    expect(functions.filter((name) => !inTable.has(name) && !elsewhere.has(name))).toEqual([]);
  });

  it("has every function of linear algebra", () => {
    // Whose results are one of many; linalg.test.ts has them.
    const elsewhere = new Set(
      "lu luFactorEx luSolve ldlFactor ldlFactorEx ldlSolve qr eigh svd matmul".split(" "),
    );
    const names = Object.keys(nabla.linalg);
    expect(names.length).toBeGreaterThan(35);
    expect(names.filter((name) => !inTable.has(`linalg.${name}`) && !elsewhere.has(name))).toEqual(
      [],
    );
  });

  it("has every method and in-place form", () => {
    const elsewhere = new Set([
      // Of the class itself, not operations.
      ..."constructor dim numel size stride isContiguous isFloatingPoint elementSize item".split(
        " ",
      ),
      ..."toArray toBigInt toTypedArray realize toString toJSON dtype shape ndim data writable".split(
        " ",
      ),
      // The tape's; autograd.test.ts has them.
      ..."backward requiresGrad_ requiresGrad grad isLeaf gradFn".split(" "),
    ]);
    const methods = Object.getOwnPropertyNames(Tensor.prototype);
    expect(methods.filter((name) => name.endsWith("_")).length).toBeGreaterThan(50);
    expect(methods.filter((name) => !inTable.has(name) && !elsewhere.has(name))).toEqual([]);
  });

  it("has an in-place form for every elementwise operation that PyTorch has one for", () => {
    const none = new Set(
      "isnan isinf isfinite where maximum minimum cbrt silu gelu geluTanh softplus trigamma".split(
        " ",
      ),
    );
    const names = Object.keys(elementwise).filter(
      (name) => elementwise[name as keyof typeof elementwise].result !== "bool" && !none.has(name),
    );
    expect(names.filter((name) => !inTable.has(`${name}_`))).toEqual([]);
  });
});

// PyTorch's own process ends, or its result depends on the processor.
describe("what PyTorch leaves undefined", () => {
  it.each(["int8", "int16", "int32", "int64"] as const)("the least %s divided by -1", (dtype) => {
    const size = { int8: 8n, int16: 16n, int32: 32n, int64: 64n }[dtype];
    const least = tensor([-(2n ** (size - 1n))], { dtype });
    const minus = tensor([-1n], { dtype });
    expect(nabla.floorDivide(least, minus).toBigInt()).toEqual(least.toBigInt());
    expect(nabla.div(least, minus, { roundingMode: "trunc" }).toBigInt()).toEqual(least.toBigInt());
    expect(nabla.remainder(least, minus).toBigInt()).toEqual([0n]);
    expect(nabla.fmod(least, minus).toBigInt()).toEqual([0n]);
    expect(nabla.abs(least).toBigInt()).toEqual(least.toBigInt());
    expect(nabla.pow(least, minus).toBigInt()).toEqual([0n]);
  });

  it.each(dtypes)("%s of floats that it does not hold: the same everywhere", (dtype) => {
    const values = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 300, -300, 2 ** 63, -(2 ** 63)];
    const x = tensor(Array.from({ length: 8 }, () => values).flat(), { dtype: "float64" });
    const all = read(x.to(dtype));
    // In the vector loop and in what is left over; with strides and without.
    const strided = makeLaid(read(x), [72], "float64", "sliced")?.tensor;
    expect(strided && read(strided.to(dtype))).toEqual(all);
    expect(values.map((v) => read(tensor(v, { dtype: "float64" }).to(dtype))[0])).toEqual(
      all.slice(0, 9),
    );
    for (let i = 0; i < all.length; i++) expect(all[i]).toEqual(all[i % 9]);
  });
});

describe("selection from a long row", () => {
  const n = 200_000;
  const rows: Record<string, (i: number) => number> = {
    rising: (i) => i,
    falling: (i) => -i,
    "rising and falling": (i) => Math.min(i, n - i),
    equal: () => 7,
    "of two values": (i) => (i * 7919) % 2,
    "of teeth": (i) => i % 1000,
    shuffled: (i) => (i * 104729) % n,
    "with nan": (i) => (i % 3 === 0 ? Number.NaN : (i * 104729) % n),
  };

  it.each(Object.entries(rows))("%s", (_, of) => {
    const data = Float64Array.from({ length: n }, (_, i) => of(i));
    const sorted = data.slice().sort(); // nan last
    const x = tensor(data);
    for (const k of [1, n >> 2, n >> 1, n]) {
      const { values, indices } = x.kthvalue(k);
      expect(values.item()).toBe(sorted[k - 1]);
      expect(data[Number(indices.item())]).toBe(sorted[k - 1]);
    }
    const counts = new Map<number, number>();
    for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
    const most = Math.max(...new Set(counts.values()));
    const { values, indices } = x.mode();
    expect(values.item()).toBe([...counts].find(([, count]) => count === most)?.[0]);
    expect(indices.item()).toBe(data.findLastIndex((v) => Object.is(v, values.item())));
  });
});

describe("results in memory that was used before", () => {
  it("show nothing of it", () => {
    for (let i = 0; i < 400; i++) nabla.full([2000], Number.NaN).add(i);
    (globalThis as { gc?: () => void }).gc?.();
    const x = arange(2000);
    for (let i = 0; i < 50; i++) {
      expect(x.reshape(20, 100).sum(0).sum().item()).toBe(1999000);
      expect(nabla.eye(4).matmul(nabla.eye(4)).sum().item()).toBe(4);
      expect(nabla.diag(nabla.ones(5)).sum().item()).toBe(5);
      expect(nabla.cat([x, x]).cumsum(0).isnan().any().item()).toBe(false);
      expect(nabla.zeros(0).sum().item()).toBe(0);
      expect(nabla.matmul(nabla.ones(3, 0), nabla.ones(0, 2)).toArray()).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
    }
  });
});
