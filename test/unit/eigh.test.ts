import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Tensor } from "nabla";
import { flip, full, getNumThreads, isa, setNumThreads, stack, tensor, zeros } from "nabla";
import { describe, expect, it } from "vitest";
import { isas } from "../../src/native/door.js";
import type { Eigen } from "../eigh.js";
import {
  beyond,
  digest,
  eigh,
  eigvalsh,
  epsilon,
  errors,
  families,
  random,
  results,
  survey,
  symmetric,
} from "../eigh.js";

const floats = ["float32", "float64"] as const;
const most = 10; // times n * eps

const numbers = (t: Tensor): number[] => [...(t.toTypedArray() as Float64Array)];
const contents = ({ w, v, info }: Eigen) => [w, v, info].map(numbers);

/** What eigh and eigvalsh find, the second without vectors. */
const both = (a: Tensor) => [contents(eigh(a)), contents(eigvalsh(a))];

/** The matrix with nan above its diagonal. */
function poisoned(a: Tensor): Tensor {
  const n = a.shape[0];
  const x = new (a.dtype === "float32" ? Float32Array : Float64Array)(numbers(a));
  for (let i = 0; i < n; i++) x.fill(NaN, i * n + i + 1, (i + 1) * n);
  return tensor(x).reshape(n, n) as Tensor;
}

describe("eigh", () => {
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 31, 32, 33, 34, 64, 65, 100];

  it.each(sizes)("decomposes hard matrices with %d rows", (n) => {
    expect(beyond(survey([n], []), most)).toEqual([]);
  });

  it("decomposes large matrices", () => {
    expect(beyond(survey([150], [257, 300]), most)).toEqual([]);
  });

  interface Case {
    name: string;
    matrix: number[][];
    eigenvalues: number[];
  }
  const file = new URL("../reference/eigh.json", import.meta.url);
  const cases: Case[] = JSON.parse(readFileSync(file, "utf8"));
  describe.each(floats)("%s", (dtype) => {
    it.each(cases)("has LAPACK's eigenvalues: $name", ({ matrix, eigenvalues }) => {
      const a = tensor(matrix, { dtype }) as Tensor;
      const norm = Math.max(...eigenvalues.map(Math.abs));
      for (const { w } of [eigh(a), eigvalsh(a)]) {
        numbers(w).forEach((x, i) => {
          expect(Math.abs(x - eigenvalues[i])).toBeLessThanOrEqual(
            2 * matrix.length * epsilon[dtype] * norm,
          );
        });
      }
    });

    it.each([3, 8, 17, 40, 100])("reads the lower triangle alone, with any strides: %d", (n) => {
      const a = random(n, dtype);
      const expected = both(a);
      const dirty = poisoned(a);
      expect(both(dirty)).toEqual(expected);
      const turned = dirty.transpose(0, 1).contiguous().transpose(0, 1);
      expect(turned.layout.strides).toEqual([1, n]);
      expect(both(turned)).toEqual(expected);
      const wide = stack([zeros([n, n], { dtype }), dirty], 2).select(2, 1);
      expect(wide.layout.strides).toEqual([2 * n, 2]);
      expect(both(wide)).toEqual(expected);
    });

    it.each([1, 2, 9, 35, 70])("writes through any strides, and nothing else: %d", (n) => {
      const a = random(n, dtype);
      const { w, v, info } = eigh(a);
      const around = { w: full([n, 3], 5, { dtype }), v: full([n + 2, n + 3, 2], 5, { dtype }) };
      const inner = around.v.select(2, 1).narrow(0, 1, n).narrow(1, 2, n).transpose(0, 1);
      const out = { w: around.w.select(1, 1), v: inner, info: full([], 5, { dtype: "int32" }) };
      eigh(a, out);
      expect(contents(out)).toEqual(contents({ w, v, info }));
      const untouched = (t: Tensor, written: number) =>
        expect(numbers(t).filter((x) => x === 5).length).toBe(t.numel() - written);
      untouched(around.w, n);
      untouched(around.v, n * n);
      out.w.add_(100);
      eigvalsh(a, out);
      expect(numbers(out.w)).toEqual(numbers(eigvalsh(a).w));
      untouched(around.w, n);
    });

    it.each([1, 3, 8, 33])("decomposes batches as it does each matrix: %d", (n) => {
      const each = Array.from({ length: 6 }, (_, i) => random(n, dtype, 10 * i));
      const batch = stack(each, 0).reshape(2, 3, n, n);
      for (const of of [eigh, eigvalsh]) {
        const alone = each.map((a) => of(a));
        const { w, v, info } = of(batch);
        expect(numbers(w)).toEqual(alone.flatMap((r) => numbers(r.w)));
        expect(numbers(v)).toEqual(alone.flatMap((r) => numbers(r.v)));
        expect(numbers(info)).toEqual([0, 0, 0, 0, 0, 0]);
        // Backwards, and one matrix many times.
        const back = of(flip(batch, 0).transpose(0, 1), results([3, 2, n, n], dtype));
        const order = [3, 0, 4, 1, 5, 2];
        expect(numbers(back.w)).toEqual(order.flatMap((i) => numbers(alone[i].w)));
        const same = of(each[0], results([4, n, n], dtype));
        expect(numbers(same.w)).toEqual(Array(4).fill(numbers(alone[0].w)).flat());
      }
    });

    it.each([1, 2, 5, 8, 33, 70])("gives nan where a matrix is not finite: %d", (n) => {
      const good = random(n, dtype);
      for (const bad of [NaN, Infinity, -Infinity]) {
        for (const [i, j] of [
          [0, 0],
          [n - 1, 0],
          [n - 1, n - 1],
          [n >> 1, n >> 2],
        ]) {
          const broken = good.clone();
          broken.select(0, i).select(0, j).fill_(bad);
          for (const of of [eigh, eigvalsh]) {
            const { w, v, info } = of(stack([good, broken, good], 0));
            expect(numbers(info)).toEqual([0, 1, 0]);
            expect(numbers(w.select(0, 1))).toEqual(Array(n).fill(NaN));
            const alone = of(good);
            for (const k of [0, 2]) expect(numbers(w.select(0, k))).toEqual(numbers(alone.w));
            if (of === eigh) {
              expect(numbers(v.select(0, 1))).toEqual(Array(n * n).fill(NaN));
              for (const k of [0, 2]) expect(numbers(v.select(0, k))).toEqual(numbers(alone.v));
            }
          }
        }
      }
    });

    it.each([4, 40, 90])("is the same at any power of two: %d", (n) => {
      const a = random(n, dtype);
      const { w, v } = eigh(a);
      const far = dtype === "float32" ? [-90, 60, 122] : [-900, 600, 1015];
      for (const exponent of far) {
        const there = eigh(a.mul(2 ** exponent));
        expect(numbers(there.v)).toEqual(numbers(v));
        expect(numbers(there.w)).toEqual(numbers(w).map((x) => x * 2 ** exponent));
        const alone = eigvalsh(a.mul(2 ** exponent)).w;
        expect(numbers(alone)).toEqual(numbers(eigvalsh(a).w).map((x) => x * 2 ** exponent));
      }
    });

    it("holds at the ends of the range", () => {
      const [least, large] = dtype === "float32" ? [2 ** -149, 2 ** 127] : [5e-324, 2 ** 1023];
      const two = (x: number) =>
        eigh(
          tensor(
            [
              [x, x],
              [x, x],
            ],
            { dtype },
          ) as Tensor,
        );
      const tiny = numbers(two(least).w);
      expect(Math.abs(tiny[0])).toBe(0);
      expect(tiny[1]).toBe(2 * least);
      const half = numbers(two(large / 2).w);
      expect(Math.abs(half[0]) / large).toBeLessThan(2 * epsilon[dtype]);
      expect(Math.abs(half[1] / large - 1)).toBeLessThan(2 * epsilon[dtype]);
      expect(numbers(two(large).w)[1]).toBeGreaterThan(large);
      const apart = eigh(
        tensor(
          [
            [large, 0],
            [0, least],
          ],
          { dtype },
        ) as Tensor,
      );
      expect(numbers(apart.w)[1]).toBe(large);
    });

    it("has nothing to do for matrices without rows", () => {
      for (const of of [eigh, eigvalsh]) {
        const { info, w } = of(zeros([2, 0, 0], { dtype }) as Tensor);
        expect(numbers(info)).toEqual([0, 0]);
        expect(w.shape).toEqual([2, 0]);
      }
    });
  });

  it.each([
    { diagonal: [1e-120, 1e-160, 1], beside: [1, 1] },
    { diagonal: [1e-40, 0, -1e-10, -1e-80, 1e-160, 1e-120], beside: [1e-20, 1e-20, 1e-20, 0.1, 1] },
    { diagonal: [1, 1e-300, 1e-250, 1e-290], beside: [1e-200, 1e-220, 1e-180] },
  ])("holds where squares underflow: $diagonal", ({ diagonal, beside }) => {
    const a = symmetric(diagonal.length, "float64", (i, j) =>
      i === j ? diagonal[i] : i === j + 1 ? beside[j] : 0,
    );
    expect(beyond({ a: errors(a, eigh(a), eigvalsh(a)) }, most)).toEqual([]);
  });

  it("finds eigenvalues of 1, 2, 1 that are known", () => {
    const n = 257;
    const { w } = eigh(symmetric(n, "float64", families["1, 2, 1"](n)));
    numbers(w).forEach((x, i) => {
      const exact = 4 * Math.sin(((i + 1) * Math.PI) / (2 * n + 2)) ** 2;
      expect(Math.abs(x - exact)).toBeLessThan(1e-14);
    });
  });

  it.each(isas.filter((name) => name !== isa))("is as accurate on %s", async (name) => {
    const script = fileURLToPath(new URL("../eigh.ts", import.meta.url));
    const args = ["--import", "tsx", script];
    const env = { ...process.env, NABLA_ISA: name };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(beyond(JSON.parse(stdout), most)).toEqual([]);
  });

  it.each(floats)("gives the same bits with any number of threads: %s", (dtype) => {
    const before = getNumThreads();
    const found = [1, 2, 3].map((threads) => {
      setNumThreads(threads);
      const large = [40, 129, 257, 600].map((n) => random(n, dtype));
      const batch = stack(
        Array.from({ length: 50 }, (_, i) => random(20, dtype, i)),
        0,
      );
      return [...large, batch].flatMap((a) => [eigh(a).w, eigh(a).v, eigvalsh(a).w].map(digest));
    });
    setNumThreads(before);
    expect(found[0].length).toBe(15);
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });
});
