import { readFileSync } from "node:fs";
import type { Tensor } from "nabla";
import { getNumThreads, setNumThreads, tensor } from "nabla";
import { afterEach, describe, expect, it } from "vitest";
import type { Outputs } from "../decompositions.js";
import {
  dense,
  digest,
  families,
  floats,
  fromDense,
  largeSizes,
  sizes,
  svd,
  svdErrors,
  svdvals,
} from "../decompositions.js";
import type { Laid, Value } from "../layouts.js";
import { makeLaid } from "../layouts.js";

const path = new URL("../reference/decompositions.json", import.meta.url);
const reference = JSON.parse(readFileSync(path, "utf8")) as {
  factorizations: { a: number[][]; s: number[] }[];
  graded: Record<"d" | "e" | "s", number[]>[];
};

// Ten times the size and the rounding unit would do; these are far from it.
const limit = 3;

const before = getNumThreads();
afterEach(() => setNumThreads(before));

const array = (x: Tensor) => Array.from(x.toTypedArray() as Float64Array);

describe("svd", () => {
  it.each(Object.entries(families))("decomposes: %s", (_, make) => {
    for (const type of floats) {
      for (const [m, n] of [...sizes, ...largeSizes]) {
        const errors = svdErrors(fromDense(make(m, n, type), type));
        if (!Object.values(errors).every((error) => error <= limit))
          expect({ type, m, n, errors }).toBeNull();
      }
    }
  });

  it("has the values of LAPACK", () => {
    for (const { a, s } of reference.factorizations) {
      const x = tensor(a, { dtype: "float64" });
      for (const got of [svd(x).s, svdvals(x).s]) {
        array(got).forEach((value, i) => {
          expect(Math.abs(value - s[i]) / s[0]).toBeLessThan(1e-14);
        });
      }
    }
  });

  it("has the smallest values of graded bidiagonal matrices to the last digits", () => {
    for (const { d, e, s } of reference.graded) {
      const n = d.length;
      const b = dense(n, n, (i, j) => (i === j ? d[i] : j === i + 1 ? e[i] : 0));
      for (const got of [svd(fromDense(b, "float64")).s, svdvals(fromDense(b, "float64")).s]) {
        const errors = array(got).map((value, i) => Math.abs(value - s[i]) / s[i]);
        expect(Math.max(...errors)).toBeLessThan(1e-14);
      }
    }
  });

  it.each([0, 1, 5])("decomposes nothing: %d of no columns", (m) => {
    const a = fromDense({ rows: m, columns: 0, data: new Float64Array(0) }, "float32");
    expect(svd(a).info.item()).toBe(0);
    expect(svd(a.T).u.shape).toEqual([0, 0]);
    expect(svdvals(a).info.item()).toBe(0);
  });

  it("reads and writes any layout, and nothing else", () => {
    const all = (a: Tensor, outputs?: Outputs) =>
      [...Object.values(svd(a, outputs)), svdvals(a, outputs).s].map((x) => x.toArray());
    for (const type of floats) {
      for (const [m, n] of [
        [6, 6],
        [40, 70],
        [70, 20],
        [40, 36],
      ]) {
        const values = Array.from(families.random(m, n, type).data);
        const expected = all(tensor(values, { dtype: type }).view([m, n]));
        for (const input of ["transposed", "sliced"] as const) {
          const a = (makeLaid(values, [m, n], type, input) as Laid).tensor;
          for (const output of ["contiguous", "transposed", "sliced"] as const) {
            const made: Laid[] = [];
            const make: Outputs["make"] = (shape, dtype) => {
              const blank = new Array<Value>(shape.reduce((x, y) => x * y, 1)).fill(5);
              const laid =
                makeLaid(blank, shape, dtype, output) ??
                (makeLaid(blank, shape, dtype, "contiguous") as Laid);
              made.push(laid);
              return laid.tensor;
            };
            expect(all(a, { make })).toEqual(expected);
            expect(made.every((laid) => laid.surroundingsUnchanged())).toBe(true);
          }
        }
      }
    }
  });

  it("takes batches, and operands that repeat in them", () => {
    const { data } = families.random(6 * 12, 9, "float32");
    const batch = tensor(data, { dtype: "float32" }).view([2, 3, 12, 9]);
    const { u, s, vh, info } = svd(batch);
    expect(array(info)).toEqual([0, 0, 0, 0, 0, 0]);
    for (const i of [0, 1]) {
      for (const j of [0, 1, 2]) {
        const alone = svd(batch.select(0, i).select(0, j));
        expect(u.select(0, i).select(0, j).toArray()).toEqual(alone.u.toArray());
        expect(s.select(0, i).select(0, j).toArray()).toEqual(alone.s.toArray());
        expect(vh.select(0, i).select(0, j).toArray()).toEqual(alone.vh.toArray());
      }
    }
    const one = batch.select(0, 0).select(0, 0);
    const repeated = svd(one.unsqueeze(0).expand([3, 12, 9])).u;
    for (const i of [0, 1, 2])
      expect(repeated.select(0, i).toArray()).toEqual(svd(one).u.toArray());
  });

  it.each([Number.NaN, Infinity, -Infinity])("of a matrix with %s is nan, and says so", (value) => {
    for (const type of floats) {
      for (const [m, n] of [
        [1, 1],
        [5, 5],
        [33, 40],
        [70, 20],
      ]) {
        for (const place of [0, m * n - 1]) {
          const a = families.random(m, n, type);
          a.data[place] = value;
          const { u, s, vh, info } = svd(fromDense(a, type));
          const only = svdvals(fromDense(a, type));
          expect([info.item(), only.info.item()]).toEqual([1, 1]);
          expect([u, s, vh, only.s].flatMap(array).every(Number.isNaN)).toBe(true);
        }
      }
    }
  });

  it("is the same with any number of threads", () => {
    for (const [m, n] of [
      [420, 400],
      [700, 300],
    ]) {
      const a = fromDense(families.random(m, n, "float64"), "float64");
      const bits = [1, 2, 3].map((threads) => {
        setNumThreads(threads);
        return [...Object.values(svd(a)), svdvals(a).s].map(digest);
      });
      expect(bits[1]).toEqual(bits[0]);
      expect(bits[2]).toEqual(bits[0]);
    }
  });
});
