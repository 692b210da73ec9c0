// The kernels of factorizations by elimination, and of what is solved with them.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { getNumThreads, isa, isas, setNumThreads } from "nabla";
import { afterEach, describe, expect, it } from "vitest";
import type { Factors, Float, Layouts, Matrices, Summary } from "../factorizations.js";
import {
  backwardErrors,
  cholesky,
  epsilon,
  excessive,
  floats,
  fromLdl,
  fromLu,
  identity,
  inverse,
  lastInputs,
  lastResults,
  ldlFactor,
  ldlSolve,
  luFactor,
  luSolve,
  matrices,
  norm,
  one,
  poisoned,
  solveTriangular,
  symmetric,
  uniform,
} from "../factorizations.js";

const difference = (a: Matrices, b: Matrices): Matrices => ({
  ...a,
  values: a.values.map((x, i) => x - b.values[i]),
});

describe(`backward errors below 10 n eps (${isa})`, () => {
  it.each(floats)("%s", (dtype) => {
    const errors = backwardErrors(dtype);
    expect(errors.cases).toBeGreaterThan(1900);
    expect(excessive(errors)).toEqual([]);
  });
});

describe("backward errors on the other instruction sets of this machine", () => {
  const script = fileURLToPath(new URL("../factorizations.ts", import.meta.url));
  const others = isas.filter((name) => name !== isa);

  it.skipIf(others.length === 0).each(others)("%s", async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
      env: { ...process.env, NABLA_ISA: name },
    });
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toEqual({ isa: name, cases: summary.cases, excessive: [] });
    expect(summary.cases).toBeGreaterThan(3500);
  });
});

describe("as LAPACK", () => {
  interface Case {
    op: "lu_factor" | "ldl_factor" | "cholesky";
    seed: number;
    m: number;
    n: number;
    pivots: number[];
    diagonal: number[];
    last: number[];
  }
  const cases = JSON.parse(
    readFileSync(new URL("../reference/factorizations.json", import.meta.url), "utf8"),
  ) as Case[];

  it.each(cases.map((c) => [`${c.op} ${c.m}x${c.n}`, c] as const))("%s", (_, c) => {
    const { m, n } = c;
    const a = uniform(c.seed, m, n);
    let found: Factors;
    if (c.op === "lu_factor") found = luFactor(a, "float64");
    else if (c.op === "ldl_factor") found = ldlFactor(symmetric(a), "float64");
    else {
      const s = symmetric(a);
      for (let i = 0; i < n; i++) s.values[i * (n + 1)] += n;
      const { result, info } = cholesky(s, "float64");
      found = { factors: result, pivots: [], info };
    }
    const { values } = found.factors;
    expect(found.info).toEqual([0]);
    expect(found.pivots).toEqual(c.pivots);
    c.diagonal.forEach((x, i) => {
      expect(values[i * (n + 1)]).toBeCloseTo(x, 10);
    });
    c.last.forEach((x, j) => {
      expect(values[(m - 1) * n + j]).toBeCloseTo(x, 10);
    });
  });
});

describe("other than square", () => {
  const shapes = [0, 1, 3, 7, 8, 9, 16, 17, 40, 100].flatMap((m) =>
    [0, 1, 2, 8, 15, 16, 33, 130].map((n) => [m, n] as const),
  );
  it.each(floats)("lu_factor of %s", (dtype) => {
    for (const [m, n] of shapes) {
      const a = uniform(m * 200 + n + 1, m, n);
      const lu = luFactor(a, dtype);
      expect(lu.info).toEqual([0]);
      expect(lu.pivots.length).toBe(Math.min(m, n));
      const error = norm(difference(fromLu(lu), a));
      expect(error, `${m} x ${n}`).toBeLessThanOrEqual(
        10 * Math.max(m, n) * epsilon[dtype] * norm(a),
      );
    }
  });

  it.each(floats)("many right-hand sides, of %s", (dtype) => {
    for (const [m, n] of [
      [1, 700],
      [3, 9],
      [9, 1],
      [20, 300],
      [100, 600],
      [33, 0],
    ] as const) {
      const a = matrices(m, m, (i, j) => (i === j ? 2 : 1 / (1 + i + j)));
      const b = uniform(m + n + 1, m, n);
      const x = luSolve(luFactor(a, dtype), b, dtype);
      const y = ldlSolve(ldlFactor(a, dtype), b, dtype);
      for (let j = 0; j < n; j += 37) {
        const part = matrices(m, 1, (i) => b.values[i * n + j]);
        const single = luSolve(luFactor(a, dtype), part, dtype);
        for (let i = 0; i < m; i++) {
          expect(x.values[i * n + j]).toBeCloseTo(single.values[i], dtype === "float64" ? 12 : 5);
          expect(y.values[i * n + j]).toBeCloseTo(single.values[i], dtype === "float64" ? 12 : 5);
        }
      }
    }
  });
});

/** Everything that the ops make of well-conditioned matrices and right-hand sides, as one list. */
function everything(a: Matrices, b: Matrices, dtype: Float, layout?: Layouts): Matrices[] {
  const definite = matrices(
    a.rows,
    a.rows,
    (i, j, k) => {
      const [p, q] = [Math.max(i, j), Math.min(i, j)];
      return a.values[(k * a.rows + p) * a.rows + q] + (i === j ? a.rows : 0);
    },
    a.batch,
  );
  const asColumn = (x: readonly number[]): Matrices => matrices(x.length, 1, (i) => x[i]);
  const lu = luFactor(a, dtype, layout);
  const ldl = ldlFactor(poisoned(a, true), dtype, layout);
  const { result: inverted } = inverse(a, dtype, layout);
  const { result: l, info } = cholesky(poisoned(definite, true), dtype, layout);
  return [
    ...[lu.factors, asColumn(lu.pivots), asColumn(lu.info), inverted, l, asColumn(info)],
    ...[ldl.factors, asColumn(ldl.pivots), ldlSolve(ldl, b, dtype, layout)],
    ...[luSolve(lu, b, dtype, false, layout), luSolve(lu, b, dtype, true, layout)],
    solveTriangular(poisoned(definite, true), b, dtype, false, false, layout),
    solveTriangular(poisoned(definite, false, true), b, dtype, true, true, layout),
  ];
}

/** Bits of the values: nan equals nan, and 0 is not -0. */
const same = (x: Matrices, y: Matrices): boolean =>
  x.values.length === y.values.length && x.values.every((v, i) => Object.is(v, y.values[i]));

describe("batches", () => {
  it.each(floats)("are their matrices one by one: %s", (dtype) => {
    for (const [batch, n] of [
      [2, 1],
      [2, 40],
      [17, 2],
      [17, 3],
      [17, 8],
      [17, 9],
      [1000, 3],
    ]) {
      const a = uniform(n + batch, n, n, batch);
      const b = uniform(n + batch + 1, n, 2, batch);
      const whole = everything(a, b, dtype);
      for (let k = 0; k < batch; k += batch > 100 ? 37 : 1) {
        const single = everything(one(a, k), one(b, k), dtype);
        single.forEach((x, i) => {
          const size = x.values.length;
          const part = whole[i].values.slice(k * size, (k + 1) * size);
          expect(same({ ...x, values: part }, x), `${batch} of ${n}: result ${i}`).toBe(true);
        });
      }
    }
  });

  it("of no matrices do nothing", () => {
    const none = matrices(3, 3, () => 1, 0);
    expect(inverse(none, "float64").info).toEqual([]);
    expect(luFactor(none, "float32").pivots).toEqual([]);
  });

  it("say which matrix is singular", () => {
    for (const n of [3, 12]) {
      const a = uniform(5, n, n, 40);
      for (const [b, j] of [
        [7, 2],
        [33, 0],
      ]) {
        for (let i = 0; i < n; i++) a.values[(b * n + i) * n + j] = 0;
      }
      const expected = Array.from({ length: 40 }, (_, b) => (b === 7 ? 3 : b === 33 ? 1 : 0));
      expect(luFactor(a, "float32").info).toEqual(expected);
      const { result, info } = inverse(a, "float64");
      expect(info).toEqual(expected);
      result.values.forEach((x, i) => {
        expect(Number.isNaN(x)).toBe(expected[Math.floor(i / (n * n))] !== 0);
      });
    }
  });
});

describe("layouts in memory", () => {
  const layouts: Layouts[] = [
    { in: "transposed", out: "contiguous" },
    { in: "sliced", out: "sliced" },
    { in: "contiguous", out: "transposed" },
    { in: "broadcast", out: "sliced" },
  ];
  it.each(layouts)("$in to $out", (layout) => {
    for (const dtype of floats) {
      for (const [n, columns, batch] of [
        [1, 1, 3],
        [3, 2, 5],
        [8, 1, 1],
        [9, 12, 2],
        [33, 1, 2],
        [50, 20, 1],
      ]) {
        const broadcast = layout.in === "broadcast";
        const a = uniform(n + columns, n, n, broadcast ? 1 : batch);
        const b = broadcast
          ? matrices(n, columns, (i) => i + 1, batch)
          : uniform(n + columns + 1, n, columns, batch);
        const expected = everything(a, b, dtype);
        const found = everything(a, b, dtype, layout);
        found.forEach((x, i) => {
          // Of other strides, products add in another order.
          const error = norm({ ...difference(x, expected[i]), rows: x.batch * x.rows });
          const scale = norm({ ...x, rows: x.batch * x.rows });
          expect(error, `result ${i} of ${n}`).toBeLessThanOrEqual(
            scale * 1000 * n * epsilon[dtype],
          );
        });
        for (const { factors } of [luFactor(a, dtype, layout), ldlFactor(a, dtype, layout)]) {
          expect(factors.values.length).toBe(n * n * a.batch);
          expect(lastResults.every((x) => x.surroundingsUnchanged())).toBe(true);
          expect(lastInputs.every((x) => x.unchanged())).toBe(true);
        }
        for (const op of [inverse, cholesky]) {
          op(a, dtype, layout);
          expect(lastResults.every((x) => x.surroundingsUnchanged())).toBe(true);
          expect(lastInputs.every((x) => x.unchanged())).toBe(true);
        }
        const lu = luFactor(a, dtype);
        for (const solve of [
          () => luSolve(lu, b, dtype, false, layout),
          () => luSolve(lu, b, dtype, true, layout),
          () => ldlSolve(ldlFactor(a, dtype), b, dtype, layout),
          () => solveTriangular(a, b, dtype, true, false, layout),
        ]) {
          solve();
          expect(lastResults.every((x) => x.surroundingsUnchanged())).toBe(true);
          expect(lastInputs.every((x) => x.unchanged())).toBe(true);
        }
      }
    }
  });
});

describe("singular matrices", () => {
  const holed = (n: number, hole: number): Matrices =>
    matrices(n, n, (i, j) => (j === hole ? 0 : i === j ? 3 : 1 / (1 + i + 2 * j)));

  it.each([2, 5, 8, 9, 20, 40, 90])("lu_factor of %d columns goes on", (n) => {
    for (const hole of [0, 1, n >> 1, n - 1]) {
      const a = holed(n, hole);
      const lu = luFactor(a, "float64");
      expect(lu.info).toEqual([hole + 1]);
      expect(norm(difference(fromLu(lu), a))).toBeLessThanOrEqual(
        10 * n * epsilon.float64 * norm(a),
      );
      expect(inverse(a, "float64").info).toEqual([hole + 1]);
    }
    const twice = matrices(n, n, (i, j) => (i === j && i !== 0 && i !== n >> 1 ? 1 : 0));
    expect(luFactor(twice, "float32").info).toEqual([1]);
  });

  it.each([1, 4, 8, 9, 33, 70])("cholesky says which minor of %d is not positive", (n) => {
    for (const at of [0, n >> 1, n - 1]) {
      for (const bad of [0, -1, Number.NaN]) {
        const a = matrices(n, n, (i, j) => (i !== j ? 0.1 / n : i === at ? bad : 2));
        // What is below the diagonal turns 0 into less.
        const { result, info } = cholesky(a, "float64");
        expect(info).toEqual([at + 1]);
        result.values.forEach((x, i) => {
          const above = i % n > Math.floor(i / n);
          expect(Object.is(x, above ? 0 : Number.NaN)).toBe(true);
        });
      }
    }
  });

  it.each([1, 3, 9, 33, 70])("ldl_factor of %d", (n) => {
    for (const hole of [0, n >> 1, n - 1]) {
      const a = matrices(n, n, (i, j) => (i === hole || j === hole ? 0 : i === j ? 3 : 0.1));
      const ldl = ldlFactor(a, "float64");
      expect(ldl.info).toEqual([hole + 1]);
      expect(norm(difference(fromLdl(ldl), a))).toBeLessThanOrEqual(
        10 * n * epsilon.float64 * norm(a),
      );
    }
  });

  it("nothing else than an exact zero is one", () => {
    for (const tiny of [5e-324, 1e-310]) {
      for (const n of [2, 20]) {
        const a = matrices(n, n, (i, j) => (i === j ? tiny : 0));
        expect(luFactor(a, "float64").info).toEqual([0]);
        expect(ldlFactor(a, "float64").info).toEqual([0]);
        expect(cholesky(a, "float64").info).toEqual([0]);
        expect(fromLu(luFactor(a, "float64")).values).toEqual(a.values);
      }
    }
  });
});

describe("nan and infinities", () => {
  it.each([1, 3, 8, 9, 20, 70])("come through in matrices of %d", (n) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const place of [0, (n * n) >> 1, n * n - 1]) {
        const a = uniform(n, n);
        a.values[place] = bad;
        const b = uniform(n + 1, n, 2);
        for (const dtype of floats) {
          const lu = luFactor(a, dtype);
          expect(lu.info).toEqual([0]);
          lu.pivots.forEach((pivot, j) => {
            expect(pivot > j && pivot <= n).toBe(true);
          });
          if (Number.isNaN(bad)) {
            expect(inverse(a, dtype).result.values.some(Number.isNaN)).toBe(true);
            expect(luSolve(lu, b, dtype).values.some(Number.isNaN)).toBe(true);
          }
          const ldl = ldlFactor(a, dtype);
          ldl.pivots.forEach((pivot) => {
            expect(Math.abs(pivot) >= 1 && Math.abs(pivot) <= n).toBe(true);
          });
          ldlSolve(ldl, b, dtype);
          solveTriangular(a, b, dtype, false, false);
        }
      }
    }
  });
});

describe("threads change no bit", () => {
  const before = getNumThreads();
  afterEach(() => setNumThreads(before));

  it.each(floats)("%s", (dtype) => {
    const cases = [
      [uniform(3, 3, 3, 1000), uniform(4, 3, 1, 1000)],
      [uniform(5, 20, 20, 60), uniform(6, 20, 3, 60)],
      [uniform(7, 290), uniform(8, 290, 600)],
    ];
    for (const [a, b] of cases) {
      setNumThreads(1);
      const expected = everything(a, b, dtype);
      for (const threads of [2, 3]) {
        setNumThreads(threads);
        everything(a, b, dtype).forEach((x, i) => {
          expect(same(x, expected[i]), `result ${i} with ${threads}`).toBe(true);
        });
      }
    }
  });
});

describe("known values", () => {
  it("of small matrices", () => {
    expect([
      ...inverse(
        matrices(
          2,
          2,
          (i, j) =>
            [
              [0, 2],
              [4, 0],
            ][i][j],
        ),
        "float64",
      ).result.values,
    ]).toEqual([0, 0.25, 0.5, 0]);
    expect([
      ...cholesky(
        matrices(
          2,
          2,
          (i, j) =>
            [
              [4, 2],
              [2, 5],
            ][i][j],
        ),
        "float32",
      ).result.values,
    ]).toEqual([2, 0, 1, 2]);
    const { factors, pivots } = ldlFactor(
      matrices(
        2,
        2,
        (i, j) =>
          [
            [0, 1],
            [1, 0],
          ][i][j],
      ),
      "float64",
    );
    expect([[...factors.values], pivots]).toEqual([
      [0, 0, 1, 0],
      [-2, -2],
    ]);
    expect([...inverse(identity(30), "float32").result.values]).toEqual([...identity(30).values]);
  });
});
