import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Tensor } from "nabla";
import { getNumThreads, setNumThreads, tensor } from "nabla";
import { afterEach, describe, expect, it } from "vitest";
import { isas } from "../../src/native/door.js";
import type { Outputs } from "../decompositions.js";
import {
  dense,
  digest,
  families,
  floats,
  fromDense,
  householderMultiply,
  householderProduct,
  largeSizes,
  qr,
  qrErrors,
  sizes,
  survey,
} from "../decompositions.js";
import type { Laid, Value } from "../layouts.js";
import { makeLaid } from "../layouts.js";

const script = fileURLToPath(new URL("../decompositions.ts", import.meta.url));
const path = new URL("../reference/decompositions.json", import.meta.url);
const { factorizations } = JSON.parse(readFileSync(path, "utf8")) as {
  factorizations: Record<"a" | "h" | "tau" | "q" | "c" | "qc" | "qtc", number[][]>[];
};

// Ten times the size and the rounding unit would do; these are far from it.
const limit = 3;
const within = (errors: Record<string, number>) =>
  Object.values(errors).every((error) => error <= limit);

const before = getNumThreads();
afterEach(() => setNumThreads(before));

const close = (x: Tensor, expected: readonly unknown[]) => {
  const got = Array.from(x.toTypedArray() as Float64Array);
  const want = expected.flat() as number[];
  const scale = Math.max(1, ...want.map(Math.abs));
  expect(got.length).toBe(want.length);
  const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - want[i])), 0);
  expect(worst).toBeLessThan(1e-13 * scale);
};

describe("qr", () => {
  it.each(Object.entries(families))("factors: %s", (_, make) => {
    for (const type of floats) {
      for (const [m, n] of [...sizes, ...largeSizes]) {
        const errors = qrErrors(fromDense(make(m, n, type), type));
        if (!within(errors)) expect({ type, m, n, errors }).toBeNull();
      }
    }
  });

  it("has the signs and factors of LAPACK", () => {
    for (const { a, h, tau, q, c, qc, qtc } of factorizations) {
      const got = qr(tensor(a, { dtype: "float64" }));
      close(got.h, h);
      close(got.tau, tau);
      close(householderProduct(got.h, got.tau, Math.min(a.length, a[0].length)), q);
      const other = tensor(c, { dtype: "float64" });
      close(householderMultiply(got.h, got.tau, other, false), qc);
      close(householderMultiply(got.h, got.tau, other, true), qtc);
    }
  });

  it("takes more columns and reflectors than there are rows", () => {
    const a = fromDense(families.random(5, 9, "float64"), "float64");
    const { h, tau } = qr(a);
    const q = householderProduct(h, tau, 5).toArray() as number[][];
    const longer = tensor([...(tau.toArray() as number[]), 7, 7, 7, 7], { dtype: "float64" });
    const wide = householderProduct(h, longer, 8).toArray() as number[][];
    expect(wide).toEqual(q.map((row) => [...row, 0, 0, 0]));
    const identity = fromDense(
      dense(5, 5, (i, j) => (i === j ? 1 : 0)),
      "float64",
    );
    close(householderMultiply(h, longer, identity, false), q);
    const none = householderProduct(h, tau.narrow(0, 0, 0), 3);
    expect(none.toArray()).toEqual([0, 1, 2, 3, 4].map((i) => [0, 1, 2].map((j) => +(i === j))));
  });

  it("reads and writes any layout, and nothing else", () => {
    const all = (a: Tensor, outputs?: Outputs) => {
      const { h, tau } = qr(a, outputs);
      const q = householderProduct(h, tau, Math.min(...a.shape), outputs);
      const qa = householderMultiply(h, tau, a, true, outputs);
      return [h, tau, q, qa].map((x) => x.toArray());
    };
    for (const type of floats) {
      for (const [m, n] of [
        [6, 6],
        [20, 35],
        [35, 20],
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
    const { data } = families.random(6 * 40, 33, "float64");
    const batch = tensor(data, { dtype: "float64" }).view([2, 3, 40, 33]);
    const { h, tau } = qr(batch);
    const q = householderProduct(h, tau, 33);
    for (const i of [0, 1]) {
      for (const j of [0, 1, 2]) {
        const alone = qr(batch.select(0, i).select(0, j));
        expect(h.select(0, i).select(0, j).toArray()).toEqual(alone.h.toArray());
        expect(tau.select(0, i).select(0, j).toArray()).toEqual(alone.tau.toArray());
        const own = householderProduct(alone.h, alone.tau, 33).toArray();
        expect(q.select(0, i).select(0, j).toArray()).toEqual(own);
      }
    }
    const one = batch.select(0, 0).select(0, 0);
    const repeated = qr(one.unsqueeze(0).expand([3, 40, 33])).h;
    for (const i of [0, 1, 2]) expect(repeated.select(0, i).toArray()).toEqual(qr(one).h.toArray());
  });

  it.each([Number.NaN, Infinity, -Infinity])("comes to an end with %s", (value) => {
    for (const type of floats) {
      for (const [m, n] of [
        [1, 1],
        [5, 5],
        [40, 33],
        [33, 70],
      ]) {
        for (const place of [0, m * n - 1]) {
          const a = families.random(m, n, type);
          a.data[place] = value;
          const { h, tau } = qr(fromDense(a, type));
          const r = h.toTypedArray() as Float64Array;
          expect(r.some((x) => !Number.isFinite(x))).toBe(true);
          householderProduct(h, tau, Math.min(m, n));
        }
      }
    }
  });

  it("is the same with any number of threads", () => {
    const a = fromDense(families.random(400, 330, "float64"), "float64");
    const bits = [1, 2, 3].map((threads) => {
      setNumThreads(threads);
      const { h, tau } = qr(a);
      return [h, tau, householderProduct(h, tau, 330)].map(digest);
    });
    expect(bits[1]).toEqual(bits[0]);
    expect(bits[2]).toEqual(bits[0]);
  });

  it.each(isas)("is as good with %s", async (name) => {
    const args = ["--import", "tsx", script];
    const env = { ...process.env, NABLA_ISA: name };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    const { isa, qr: there, svd } = JSON.parse(stdout);
    expect(isa).toBe(name);
    expect(Object.keys(there)).toEqual(Object.keys(survey(qrErrors)));
    expect([there, svd].filter((errors) => !within(errors))).toEqual([]);
  });
});
