// The matrix product: what native code computes for every size and layout. ops.test.ts has the functions beside PyTorch.
import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as nabla from "nabla";
import { bmm, getNumThreads, isa, isas, manualSeed, mm, randn, setNumThreads, tensor } from "nabla";
import { afterEach, describe, expect, it } from "vitest";
import type { Summary } from "../products.js";
import { checkAll, Memory, multiply } from "../products.js";

describe("the native product, exactly, in every layout", () => {
  it(`on ${isa}`, () => {
    const { cases, failures } = checkAll();
    expect(cases).toBeGreaterThan(150_000);
    expect(failures.slice(0, 10)).toEqual([]);
  });

  const others = isas.filter((name) => name !== isa);
  it.skipIf(others.length === 0).each(others)("on %s", async (name) => {
    const script = fileURLToPath(new URL("../products.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
      env: { ...process.env, NABLA_ISA: name },
      maxBuffer: 2 ** 28,
    });
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.isa).toBe(name);
    expect(summary.cases).toBeGreaterThan(60_000);
    expect(summary.failures.slice(0, 10)).toEqual([]);
  });
});

const valuesOf = (x: nabla.Tensor): Float64Array => x.data as Float64Array;

function bytesOf(x: nabla.Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = x.toTypedArray();
  return Buffer.from(buffer, byteOffset, byteLength);
}

const floats = ["float32", "float64"] as const;

describe.each(floats)("of %s", (dtype) => {
  it("rounds as little as its sums can", () => {
    const half = dtype === "float32" ? 2 ** -24 : 2 ** -53;
    manualSeed(1);
    for (const [m, n, k] of [
      [5, 7, 1000],
      [1, 50, 3000],
      [40, 1, 3000],
      [33, 65, 800],
      [130, 131, 132],
    ]) {
      const a = randn(m, k, { dtype });
      const b = randn(k, n, { dtype });
      const found = valuesOf(mm(a, b));
      const [x, y] = [valuesOf(a), valuesOf(b)];
      let wrong = 0;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          let size = 0;
          for (let p = 0; p < k; p++) {
            const term = x[i * k + p] * y[p * n + j];
            sum += term;
            size += Math.abs(term);
          }
          if (!(Math.abs(found[i * n + j] - sum) <= 2 * k * half * size)) wrong++;
        }
      }
      expect(wrong).toBe(0);
    }
  });

  it.each([
    [3, 4, 5],
    [20, 70, 90],
    [1, 40, 60],
    [40, 1, 60],
    [70, 300, 4],
  ])("passes nan and infinity on: %d x %d x %d", (m, n, k) => {
    const [rows, columns] = [m >> 1, n >> 1];
    const expectAll = (
      a: nabla.Tensor,
      b: nabla.Tensor,
      inRow: number,
      elsewhere: number,
    ): void => {
      const found = valuesOf(mm(a, b));
      for (let i = 0; i < m; i++) {
        const row = Array.from(found.subarray(i * n, (i + 1) * n));
        expect(new Set(row)).toEqual(new Set([i === rows ? inRow : elsewhere]));
      }
    };
    const a = nabla.ones(m, k, { dtype });
    const b = nabla.ones(k, n, { dtype });
    const at = rows * k + (k >> 1);
    a.data[at] = Number.NaN;
    expectAll(a, b, Number.NaN, k);
    a.data[at] = -Infinity;
    expectAll(a, b, -Infinity, k);
    expectAll(a, b.mul(0), Number.NaN, 0);
    const x = nabla.ones(m, k, { dtype });
    const y = nabla.ones(k, n, { dtype });
    y.data[(k >> 1) * n + columns] = Number.NaN;
    const found = valuesOf(mm(x, y));
    for (let i = 0; i < m; i++) {
      const row = new Array(n).fill(k);
      row[columns] = Number.NaN;
      expect(Array.from(found.subarray(i * n, (i + 1) * n))).toEqual(row);
    }
    // alpha = 0 multiplies all the same.
    const memory = new Memory(dtype, m * n + m * k + k * n);
    memory.data.fill(Number.NaN);
    const out = memory.view([m, n], [n, 1], 0);
    const [p, q] = [memory.view([m, k], [k, 1], m * n), memory.view([k, n], [n, 1], m * n + m * k)];
    multiply([m, n, k], out, p, q, [0, 0]);
    expect(memory.data.subarray(0, m * n).every(Number.isNaN)).toBe(true);
  });

  const before = getNumThreads();
  afterEach(() => setNumThreads(before));

  it.each([
    [300, 300, 300],
    [1000, 64, 64],
    [64, 1000, 64],
    [64, 64, 1000],
    [130, 90, 1100],
    [1, 1100, 1100],
    [1100, 1, 1100],
    [3, 700, 700],
  ])("does not depend on the number of threads: %d x %d x %d", (m, n, k) => {
    manualSeed(2);
    const a = randn(m, k, { dtype });
    const b = randn(k, n, { dtype });
    const lain = [
      [a, b],
      [a.t().contiguous().t(), b],
      [a, b.t().contiguous().t()],
    ] as const;
    for (const [x, y] of lain) {
      setNumThreads(1);
      const alone = bytesOf(mm(x, y));
      for (const threads of [2, 3]) {
        setNumThreads(threads);
        expect(Buffer.compare(bytesOf(mm(x, y)), alone)).toBe(0);
      }
    }
  });

  it("batches are their products one by one, whatever is shared", () => {
    manualSeed(3);
    // The numbers are whole, so that the order of the sums does not matter.
    const products = (a: nabla.Tensor, b: nabla.Tensor): void => {
      const found = bmm(a, b);
      for (let i = 0; i < a.shape[0]; i += i < 5 ? 1 : 173) {
        const one = mm(a.select(0, i), b.select(0, i));
        expect(Buffer.compare(bytesOf(found.select(0, i)), bytesOf(one))).toBe(0);
      }
    };
    const whole = (...shape: number[]) => nabla.randint(-9, 10, shape, { dtype });
    for (const count of [1, 3, 700]) {
      for (const [m, n, k] of [
        [1, 1, 1],
        [2, 3, 4],
        [4, 4, 4],
        [8, 8, 8],
        [7, 31, 5],
        [5, 41, 3],
        [8, 24, 64],
        [3, 2, 65],
        [9, 16, 16],
        [1, 9, 7],
        [9, 1, 7],
        [17, 15, 12],
      ]) {
        const [a, b] = [whole(count, m, k), whole(count, k, n)];
        products(a, b);
        products(a, whole(count, n, k).transpose(1, 2));
        products(whole(count, k, m).transpose(1, 2), b);
        products(a, whole(1, k, n).expand(count, k, n));
        products(whole(1, m, k).expand(count, m, k), b);
        products(a, whole(k, count, n).transpose(0, 1));
        products(whole(m, count, k).transpose(0, 1), whole(1, k, n).expand(count, k, n));
      }
    }
  });
});

describe("of integers", () => {
  it.each(["int64", "int32", "int16", "int8", "uint8"] as const)("wraps around: %s", (dtype) => {
    const size = { int64: 64, int32: 32, int16: 16, int8: 8, uint8: 8 }[dtype];
    const wrap = dtype === "uint8" ? BigInt.asUintN : BigInt.asIntN;
    let state = 1n;
    const draw = (): bigint => {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      return wrap(size, state >> 5n);
    };
    for (const [m, n, k] of [
      [2, 3, 4],
      [1, 9, 20],
      [9, 1, 20],
      [17, 33, 41],
      [70, 20, 300],
    ]) {
      const x = Array.from({ length: m }, () => Array.from({ length: k }, draw));
      const y = Array.from({ length: k }, () => Array.from({ length: n }, draw));
      const expected = x.map((row) =>
        y[0].map((_, j) =>
          wrap(
            size,
            row.reduce((sum, value, p) => sum + value * y[p][j], 0n),
          ),
        ),
      );
      const [a, b] = [tensor(x, { dtype }), tensor(y, { dtype })];
      expect(mm(a, b).toBigInt()).toEqual(expected);
      expect(mm(a, b.t().contiguous().t()).toBigInt()).toEqual(expected);
    }
  });
});
