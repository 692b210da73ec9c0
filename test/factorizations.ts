/**
 * Factorizations and solutions of systems, run as single instructions, and their backward errors. As a script it prints
 * those of all families of matrices as JSON, for the instruction set that NABLA_ISA names: tsx test/factorizations.ts
 */
import { pathToFileURL } from "node:url";
import type { DType } from "../src/core/dtype.js";
import type { Tensor } from "../src/index.js";
import { isa } from "../src/index.js";
import { nativeOp } from "../src/native/door.js";
import * as execute from "../src/tensor/execute.js";
import type { Laid, LayoutName } from "./layouts.js";
import { makeLaid } from "./layouts.js";

export type Float = "float32" | "float64";
export const floats = ["float32", "float64"] as const;
export const epsilon = { float32: 2 ** -23, float64: 2 ** -52 };

/** Matrices by row; batches of them one after the other. */
export interface Matrices {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export const matrices = (
  rows: number,
  columns: number,
  at: (i: number, j: number, b: number) => number,
  batch = 1,
): Matrices => {
  const values = new Float64Array(batch * rows * columns);
  for (let b = 0, p = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) values[p++] = at(i, j, b);
  }
  return { batch, rows, columns, values };
};

/** As it is in that precision. */
const rounded = (x: Matrices, dtype: Float): Matrices =>
  dtype === "float64" ? x : { ...x, values: Float64Array.from(x.values, Math.fround) };

export const one = (x: Matrices, b: number): Matrices => {
  const size = x.rows * x.columns;
  return { ...x, batch: 1, values: x.values.slice(b * size, (b + 1) * size) };
};

/** Numbers from -1/2 to 1/2 by Park and Miller's generator, as test/reference/factorizations.py has it. */
export function uniform(seed: number, rows: number, columns = rows, batch = 1): Matrices {
  let state = seed;
  return matrices(
    rows,
    columns,
    () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    },
    batch,
  );
}

// What operands are in memory, where a test does not say it.
const plain = { in: "contiguous", out: "contiguous" } as const;
export interface Layouts {
  readonly in: LayoutName;
  readonly out: LayoutName;
}

/** The memory of the results of the last instruction that is theirs alone, and that of its inputs. */
export let lastResults: Laid[] = [];
export let lastInputs: Laid[] = [];

type Result = readonly [dtype: DType, shape: readonly number[]];

/** Runs an op, whose results are the first of its operands. */
function run(
  name: string,
  dtype: Float,
  sizes: readonly number[],
  results: readonly Result[],
  inputs: readonly (readonly [x: Matrices, own: readonly number[], dtype?: DType])[],
  layout: Layouts,
  parameters: readonly [number, number] = [0, 0],
): Tensor[] {
  const batch = inputs.reduce((count, [x]) => (x.batch === 1 ? count : x.batch), 1);
  const laid = (values: ArrayLike<number>, shape: readonly number[], type: DType, as: LayoutName) =>
    makeLaid(values, shape, type, as) ?? (makeLaid(values, shape, type, "contiguous") as Laid);
  lastResults = results.map(([type, own]) => {
    const shape = [batch, ...own];
    return laid(
      new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(77),
      shape,
      type,
      layout.out,
    );
  });
  lastInputs = inputs.map(([x, own, type]) =>
    laid(x.values, [x.batch, ...own], type ?? dtype, layout.in),
  );
  const operands = [...lastResults, ...lastInputs].map(
    ({ tensor }) => [tensor, tensor.ndim - 1] as [Tensor, 0 | 1 | 2],
  );
  execute.matrices(nativeOp(name).code, [batch], sizes, operands, parameters);
  return operands.slice(0, results.length).map(([x]) => x);
}

const numbers = (x: Tensor): Float64Array => Float64Array.from(x.toTypedArray() as Float64Array);
const asMatrices = (x: Tensor): Matrices => ({
  batch: x.shape[0],
  rows: x.shape[1],
  columns: x.shape[2],
  values: numbers(x),
});
const column = (x: ArrayLike<number>, batch: number): Matrices => ({
  batch,
  rows: x.length / Math.max(batch, 1),
  columns: 1,
  values: Float64Array.from(x),
});

export interface Factors {
  readonly factors: Matrices;
  readonly pivots: number[];
  readonly info: number[];
}

export function luFactor(a: Matrices, dtype: Float, layout: Layouts = plain): Factors {
  const { rows: m, columns: n } = a;
  const results: Result[] = [
    [dtype, [m, n]],
    ["int32", [Math.min(m, n)]],
    ["int32", []],
  ];
  const [lu, pivots, info] = run("lu_factor", dtype, [m, n], results, [[a, [m, n]]], layout);
  return { factors: asMatrices(lu), pivots: [...numbers(pivots)], info: [...numbers(info)] };
}

function solveFactored(
  name: string,
  { factors, pivots }: Factors,
  b: Matrices,
  dtype: Float,
  layout: Layouts,
  transposed = false,
): Matrices {
  const { rows: m, columns: n } = b;
  const [x] = run(
    name,
    dtype,
    [m, n],
    [[dtype, [m, n]]],
    [
      [factors, [m, m]],
      [column(pivots, factors.batch), [m], "int32"],
      [b, [m, n]],
    ],
    layout,
    [transposed ? 1 : 0, 0],
  );
  return asMatrices(x);
}

export const luSolve = (
  factors: Factors,
  b: Matrices,
  dtype: Float,
  transposed = false,
  layout: Layouts = plain,
): Matrices => solveFactored("lu_solve", factors, b, dtype, layout, transposed);

export const ldlSolve = (
  factors: Factors,
  b: Matrices,
  dtype: Float,
  layout: Layouts = plain,
): Matrices => solveFactored("ldl_solve", factors, b, dtype, layout);

export function ldlFactor(a: Matrices, dtype: Float, layout: Layouts = plain): Factors {
  const n = a.rows;
  const results: Result[] = [
    [dtype, [n, n]],
    ["int32", [n]],
    ["int32", []],
  ];
  const [ld, pivots, info] = run("ldl_factor", dtype, [n], results, [[a, [n, n]]], layout);
  return { factors: asMatrices(ld), pivots: [...numbers(pivots)], info: [...numbers(info)] };
}

export function solveTriangular(
  a: Matrices,
  b: Matrices,
  dtype: Float,
  upper: boolean,
  unit: boolean,
  layout: Layouts = plain,
): Matrices {
  const { rows: m, columns: n } = b;
  const inputs = [[a, [m, m]] as const, [b, [m, n]] as const];
  const parameters = [upper ? 1 : 0, unit ? 1 : 0] as const;
  const results: Result[] = [[dtype, [m, n]]];
  const [x] = run("solve_triangular", dtype, [m, n], results, inputs, layout, parameters);
  return asMatrices(x);
}

export interface Square {
  readonly result: Matrices;
  readonly info: number[];
}

function square(name: string, a: Matrices, dtype: Float, layout: Layouts): Square {
  const n = a.rows;
  const results: Result[] = [
    [dtype, [n, n]],
    ["int32", []],
  ];
  const [result, info] = run(name, dtype, [n], results, [[a, [n, n]]], layout);
  return { result: asMatrices(result), info: [...numbers(info)] };
}
export const inverse = (a: Matrices, dtype: Float, layout: Layouts = plain): Square =>
  square("inverse", a, dtype, layout);
export const cholesky = (a: Matrices, dtype: Float, layout: Layouts = plain): Square =>
  square("cholesky", a, dtype, layout);

// Arithmetic in double precision, of single matrices.

const at = (x: Matrices, i: number, j: number): number => x.values[i * x.columns + j];

export function multiply(a: Matrices, b: Matrices): Matrices {
  const n = b.columns;
  const values = new Float64Array(a.rows * n);
  for (let i = 0; i < a.rows; i++) {
    for (let p = 0; p < a.columns; p++) {
      const factor = at(a, i, p);
      if (factor === 0) continue;
      const [to, from] = [i * n, p * n];
      for (let j = 0; j < n; j++) values[to + j] += factor * b.values[from + j];
    }
  }
  return { batch: 1, rows: a.rows, columns: n, values };
}

export const transpose = (a: Matrices): Matrices =>
  matrices(a.columns, a.rows, (i, j) => at(a, j, i));
const minus = (a: Matrices, b: Matrices): Matrices => ({
  ...a,
  values: a.values.map((x, i) => x - b.values[i]),
});
export const identity = (n: number): Matrices => matrices(n, n, (i, j) => (i === j ? 1 : 0));
/** The largest sum of sizes in a row; nan where there is one. */
export function norm(a: Matrices): number {
  let most = 0;
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let j = 0; j < a.columns; j++) sum += Math.abs(at(a, i, j));
    most = sum <= most ? most : sum;
  }
  return most;
}
const largest = (a: Matrices): number => a.values.reduce((x, y) => Math.max(x, Math.abs(y)), 0);

export const triangle = (a: Matrices, upper: boolean, unit = false): Matrices =>
  matrices(a.rows, a.columns, (i, j) => {
    if (i === j) return unit ? 1 : at(a, i, j);
    return i < j === upper ? at(a, i, j) : 0;
  });
/** The symmetric matrix of a lower triangle. */
export const symmetric = (a: Matrices): Matrices =>
  matrices(a.rows, a.rows, (i, j) => at(a, Math.max(i, j), Math.min(i, j)));
/** With nan in the triangle that nobody should read. */
export const poisoned = (a: Matrices, upper: boolean, diagonal = false): Matrices =>
  matrices(
    a.rows,
    a.columns,
    (i, j, b) =>
      (i === j ? diagonal : i < j === upper)
        ? Number.NaN
        : a.values[(b * a.rows + i) * a.columns + j],
    a.batch,
  );

function exchangeRows(a: Matrices, i: number, j: number): void {
  if (i === j) return;
  const { columns: n, values } = a;
  const saved = values.slice(i * n, (i + 1) * n);
  values.copyWithin(i * n, j * n, (j + 1) * n);
  values.set(saved, j * n);
}

/** What an LU factorization is one of. */
export function fromLu({ factors, pivots }: Factors): Matrices {
  const { rows: m, columns: n } = factors;
  const least = Math.min(m, n);
  const l = matrices(m, least, (i, j) => (i === j ? 1 : i > j ? at(factors, i, j) : 0));
  const u = matrices(least, n, (i, j) => (i <= j ? at(factors, i, j) : 0));
  const product = multiply(l, u);
  for (let j = least - 1; j >= 0; j--) exchangeRows(product, j, pivots[j] - 1);
  return product;
}

/** What an LDL factorization is one of. */
export function fromLdl({ factors, pivots }: Factors): Matrices {
  const n = factors.rows;
  const l = triangle(factors, false, true);
  const d = matrices(n, n, (i, j) => (i === j ? at(factors, i, i) : 0));
  const exchanged: [number, number][] = [];
  for (let k = 0; k < n; k++) {
    const columns = k;
    const other = Math.abs(pivots[k]) - 1;
    if (pivots[k] < 0) {
      d.values[k * n + k + 1] = at(factors, k + 1, k);
      d.values[(k + 1) * n + k] = at(factors, k + 1, k);
      l.values[(k + 1) * n + k] = 0;
      k++;
    }
    exchanged.push([k, other]);
    // The columns before are in the order in which they were found.
    for (let j = 0; j < columns; j++) {
      const saved = at(l, k, j);
      l.values[k * n + j] = at(l, other, j);
      l.values[other * n + j] = saved;
    }
  }
  const back = (x: Matrices): Matrices => {
    for (const [i, j] of exchanged.toReversed()) exchangeRows(x, i, j);
    return x;
  };
  return back(transpose(back(multiply(l, multiply(d, transpose(l))))));
}

// Families of matrices.

const hilbert = (n: number): Matrices => matrices(n, n, (i, j) => 1 / (i + j + 1));
const nearlySingular = (n: number): Matrices => {
  const x = uniform(n + 5, n);
  // The last row is the sum of the others, but for the last bits.
  for (let j = 0; j < n && n > 1; j++) {
    let sum = 0;
    for (let i = 0; i < n - 1; i++) sum += at(x, i, j);
    x.values[(n - 1) * n + j] = sum * (1 + 2 ** -20 * at(x, 0, j));
  }
  return x;
};
const kahan = (n: number): Matrices => {
  const [s, c] = [Math.sin(1.2), Math.cos(1.2)];
  return matrices(n, n, (i, j) => (i > j ? 0 : s ** i * (i === j ? 1 : -c)));
};

export const families: Record<string, (n: number) => Matrices> = {
  random: (n) => uniform(n + 1, n),
  hilbert,
  kahan,
  // Growth of 2^(n - 1), which float32 has no room for above 100.
  wilkinson: (n) =>
    matrices(n, n, (i, j) => (i === j || j === n - 1 ? 1 : i > j && n <= 100 ? -1 : 0)),
  frank: (n) => matrices(n, n, (i, j) => (j < i - 1 ? 0 : n - Math.max(i, j))),
  graded: (n) => {
    const x = uniform(n + 3, n);
    return matrices(n, n, (i, j) => at(x, i, j) * 10 ** ((-20 * (i + j)) / Math.max(2 * n, 1)));
  },
  nearlySingular,
};

/** Symmetric and positive definite, also once they are rounded. */
export const definiteFamilies: Record<string, (n: number) => Matrices> = {
  gram: (n) => {
    const x = uniform(n + 7, n);
    const product = multiply(x, transpose(x));
    for (let i = 0; i < n; i++) product.values[i * (n + 1)] += 0.01;
    return symmetric(product);
  },
  secondDifferences: (n) => matrices(n, n, (i, j) => [2, -1][Math.abs(i - j)] ?? 0),
  least: (n) => matrices(n, n, (i, j) => Math.min(i, j) + 1),
  graded: (n) => {
    const x = symmetric(uniform(n + 9, n));
    const scale = (i: number): number => 2 ** Math.round((-30 * i) / Math.max(n, 1));
    return matrices(n, n, (i, j) => (i === j ? n + 1 : at(x, i, j)) * scale(i) * scale(j));
  },
  shiftedHilbert: (n) => {
    const x = hilbert(n);
    for (let i = 0; i < n; i++) x.values[i * (n + 1)] += 1e-3;
    return x;
  },
};

export const sizes = [...Array(21).keys(), 31, 32, 33, 64, 65, 100, 200];

export interface Errors {
  readonly cases: number;
  /** Of every check, the largest backward error, in units of n * epsilon (and the pivots' growth), with its case. */
  readonly worst: Record<string, [error: number, where: string]>;
}

/** The backward errors of all ops over all families. */
export function backwardErrors(dtype: Float, from: readonly number[] = sizes): Errors {
  const worst: Errors["worst"] = {};
  let cases = 0;
  const note = (check: string, where: string, n: number, error: number, scale: number): void => {
    cases++;
    const relative = error === 0 ? 0 : error / (scale * Math.max(n, 1) * epsilon[dtype]);
    if (!(relative <= (worst[check]?.[0] ?? -1))) worst[check] = [relative, where];
  };
  const finite = (x: Matrices): boolean => x.values.every(Number.isFinite);

  for (const n of from) {
    const b = rounded(uniform(99, n, 1 + (n % 20)), dtype);
    const solved = (
      check: string,
      where: string,
      a: Matrices,
      x: Matrices,
      growth: number,
    ): void => {
      // Too large a solution says nothing; that it may be, only a nearly singular matrix excuses.
      if (!finite(x) && /hilbert|nearly|graded|kahan/.test(where)) return;
      note(check, where, n, norm(minus(multiply(a, x), b)), growth * (norm(a) * norm(x) + norm(b)));
    };
    for (const [family, make] of Object.entries(families)) {
      const where = `${family} ${n}`;
      const a = rounded(make(n), dtype);
      const lu = luFactor(a, dtype);
      const growth = Math.max(1, largest(triangle(lu.factors, true)) / largest(a)) || 1;
      note("lu_factor", where, n, norm(minus(fromLu(lu), a)), growth * norm(a));
      if (lu.info[0] === 0) {
        solved("lu_solve", where, a, luSolve(lu, b, dtype), growth);
        solved("lu_solve transposed", where, transpose(a), luSolve(lu, b, dtype, true), growth);
        const { result, info } = inverse(a, dtype);
        if (info[0] === 0 && (finite(result) || !/hilbert|nearly/.test(where))) {
          const error = norm(minus(multiply(a, result), identity(n)));
          note("inverse", where, n, error, growth * Math.max(1, norm(a) * norm(result)));
        }
      }
      const s = symmetric(a);
      const ldl = ldlFactor(poisoned(a, true), dtype);
      const ldlGrowth = Math.max(1, largest(triangle(ldl.factors, false)) / largest(s)) || 1;
      note("ldl_factor", where, n, norm(minus(fromLdl(ldl), s)), ldlGrowth * norm(s));
      if (ldl.info[0] === 0) solved("ldl_solve", where, s, ldlSolve(ldl, b, dtype), ldlGrowth);
      for (const upper of [false, true]) {
        for (const unit of [false, true]) {
          // Kahan's and Wilkinson's are triangles worth solving; the others become tame ones.
          const wild = family === "kahan" || family === "wilkinson";
          const t = wild
            ? a
            : rounded(
                matrices(n, n, (i, j) => (i === j ? 1.5 : at(a, i, j) / n)),
                dtype,
              );
          if (family === "frank" || (wild && !upper && !unit && family === "kahan")) continue;
          const x = solveTriangular(poisoned(t, !upper, unit), b, dtype, upper, unit);
          solved("solve_triangular", `${where} ${upper} ${unit}`, triangle(t, upper, unit), x, 1);
        }
      }
    }
    for (const [family, make] of Object.entries(definiteFamilies)) {
      const a = rounded(make(n), dtype);
      const { result: l, info } = cholesky(poisoned(a, true), dtype);
      const good = info[0] === 0 && triangle(l, false).values.every((x, i) => x === l.values[i]);
      const error = good ? norm(minus(multiply(l, transpose(l)), a)) : Number.NaN;
      note("cholesky", `${family} ${n}`, n, error, norm(a));
    }
  }
  return { cases, worst };
}

/** Where the larger of those errors are. */
export const excessive = ({ worst }: Errors): string[] =>
  Object.entries(worst)
    .filter(([, [error]]) => !(error < 10))
    .map(([check, [error, where]]) => `${check} of ${where}: ${error} n eps`);

export interface Summary {
  readonly isa: string;
  readonly cases: number;
  readonly excessive: string[];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const errors = floats.map((dtype) => backwardErrors(dtype, sizes.slice(0, -2)));
  const summary: Summary = {
    isa,
    cases: errors.reduce((sum, { cases }) => sum + cases, 0),
    excessive: errors.flatMap(excessive),
  };
  process.stdout.write(JSON.stringify(summary));
}
