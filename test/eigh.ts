/**
 * Eigenvalues and eigenvectors of symmetric matrices that are hard in one way or another, and how far they are off:
 * tsx test/eigh.ts prints that as JSON, for the instruction set that the environment names.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../src/index.ts";
import * as nabla from "../src/index.ts";
import * as door from "../src/native/door.ts";
import * as execute from "../src/tensor/execute.ts";
import { Rng } from "./fuzz/numbers.ts";

export type Float = "float32" | "float64";
export const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const;

export interface Eigen {
  w: Tensor;
  v: Tensor;
  info: Tensor;
}

/** What eigh writes to; its shape is that of the matrices. */
export function results(shape: readonly number[], dtype: Float): Eigen {
  const batch = shape.slice(0, -2);
  const fill = (dims: readonly number[]) => nabla.full(dims, -7, { dtype });
  return {
    w: fill(shape.slice(0, -1)),
    v: fill(shape),
    info: nabla.full(batch, -7, { dtype: "int32" }),
  };
}

/** a may have size 1 in a batch dim, or lack it. */
export function eigh(a: Tensor, out = results(a.shape, a.dtype as Float)): Eigen {
  const { w, v, info } = out;
  execute.matrices(
    door.nativeOp("eigh").code,
    info.shape,
    [v.shape.at(-1)!],
    [[w, 1] as const, [v, 2] as const, [info, 0] as const, [a, 2] as const],
  );
  return out;
}

export function eigvalsh(a: Tensor, out = results(a.shape, a.dtype as Float)): Eigen {
  const { w, info } = out;
  execute.matrices(
    door.nativeOp("eigvalsh").code,
    info.shape,
    [w.shape.at(-1)!],
    [[w, 1] as const, [info, 0] as const, [a, 2] as const],
  );
  return out;
}

type Entry = (i: number, j: number) => number;

/** Of the lower triangle, row by row, mirrored; rounded to the dtype. */
export function symmetric(n: number, dtype: Float, entry: Entry): Tensor {
  const a = new (dtype === "float32" ? Float32Array : Float64Array)(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = entry(i, j);
  }
  return nabla.tensor(a).reshape(n, n);
}

export function random(n: number, dtype: Float, seed = 1): Tensor {
  const rng = new Rng(seed + n);
  return symmetric(n, dtype, () => rng.next() * 2 - 1);
}

/** With these eigenvalues, up to rounding: reflected twice. */
function withEigenvalues(n: number, value: (i: number) => number): Entry {
  const rng = new Rng(n);
  const a = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? value(i) : 0)),
  );
  for (let times = 0; times < 2; times++) {
    const u = Float64Array.from({ length: n }, () => rng.next() * 2 - 1);
    const norm = Math.hypot(...u);
    const reflect = (at: (i: number) => number, set: (i: number, x: number) => void) => {
      let along = 0;
      for (let i = 0; i < n; i++) along += (u[i] / norm) * at(i);
      for (let i = 0; i < n; i++) set(i, at(i) - ((2 * u[i]) / norm) * along);
    };
    for (let k = 0; k < n; k++) {
      reflect(
        (i) => a[i][k],
        (i, x) => {
          a[i][k] = x;
        },
      );
    }
    for (let k = 0; k < n; k++) {
      reflect(
        (j) => a[k][j],
        (j, x) => {
          a[k][j] = x;
        },
      );
    }
  }
  return (i, j) => a[i][j];
}

const tridiagonal =
  (diagonal: (i: number) => number, beside: (i: number) => number): Entry =>
  (i, j) =>
    i === j ? diagonal(i) : i === j + 1 ? beside(j) : 0;

export const families: Record<string, (n: number) => Entry> = {
  random: () => {
    const rng = new Rng(3);
    return () => rng.next() * 2 - 1;
  },
  Hilbert: () => (i, j) => 1 / (i + j + 1),
  "Frank, symmetric": (n) => (i) => n - i,
  Wilkinson: (n) =>
    tridiagonal(
      (i) => Math.abs(i - (n - 1) / 2),
      () => 1,
    ),
  "Wilkinson, glued": () =>
    tridiagonal(
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 20 ? 1e-8 : 1),
    ),
  "1, 2, 1": () =>
    tridiagonal(
      () => 2,
      () => -1,
    ),
  "0, 1, 0": () =>
    tridiagonal(
      () => 0,
      () => 1,
    ),
  "graded down": (n) => {
    const rng = new Rng(4);
    return (i, j) => (rng.next() * 2 - 1) * 10 ** ((-16 * (i + j)) / n);
  },
  "graded up": (n) => {
    const rng = new Rng(5);
    return (i, j) => (rng.next() * 2 - 1) * 10 ** ((16 * (i + j)) / n - 32);
  },
  geometric: (n) => withEigenvalues(n, (i) => 2 ** ((-50 * i) / n)),
  "nearly singular": (n) => withEigenvalues(n, (i) => (i === 0 ? 1e-17 : i)),
  "clustered at 1": (n) => withEigenvalues(n, (i) => 1 + 1e-14 * i),
  "in two clusters": (n) => withEigenvalues(n, (i) => (i % 2 ? 1 : -1 + 1e-9 * i)),
  "of rank 2": (n) => withEigenvalues(n, (i) => (i < 2 ? 1 : 0)),
  identity: () => (i, j) => (i === j ? 1 : 0),
  "rank 1 and the identity": () => (i, j) => (i === j ? 2 : 1),
  diagonal: () => {
    const rng = new Rng(6);
    return (i, j) => (i === j ? rng.next() - 0.5 : 0);
  },
  zero: () => () => 0,
};

export interface Errors {
  residual: number;
  orthogonality: number;
  values: number;
  trace: number;
  rising: boolean;
}

/**
 * In units of n * eps, times the norm: the largest elements of A @ V - V @ W and of V^T @ V - 1, the difference to the
 * values of eigvalsh, and that of the sum of the eigenvalues to the trace (by the norm of all elements).
 */
export function errors(a: Tensor, { w, v }: Eigen, { w: alone }: Eigen): Errors {
  const n = a.shape[0];
  const [A, W, V, X] = [a, w, v, alone].map((t) =>
    Float64Array.from(t.toTypedArray() as Float64Array),
  );
  const norm = W.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const unit = n * epsilon[a.dtype as Float];
  const worst = { residual: 0, orthogonality: 0, values: 0, trace: 0, rising: true };
  const row = new Float64Array(n);
  const keep = (key: "residual" | "orthogonality" | "values" | "trace", x: number, by: number) => {
    const size = x === 0 ? 0 : Math.abs(x) / by / unit;
    if (!(size <= worst[key])) worst[key] = size;
  };
  for (let i = 0; i < n; i++) {
    for (const gram of [false, true]) {
      // Row i of A @ V, or of V^T @ V.
      row.fill(0);
      for (let k = 0; k < n; k++) {
        const x = gram ? V[k * n + i] : A[i * n + k];
        for (let j = 0; j < n; j++) row[j] += x * V[k * n + j];
      }
      for (let j = 0; j < n; j++) {
        if (gram) keep("orthogonality", row[j] - (i === j ? 1 : 0), 1);
        else keep("residual", row[j] - V[i * n + j] * W[j], norm);
      }
    }
    keep("values", W[i] - X[i], norm);
    if (i > 0 && !(W[i - 1] <= W[i] && X[i - 1] <= X[i])) worst.rising = false;
  }
  const trace = A.reduce((sum, x, i) => sum + (i % (n + 1) === 0 ? x : 0), 0);
  keep(
    "trace",
    W.reduce((sum, x) => sum + x, 0) - trace,
    Math.hypot(...W.map((x) => Math.max(Math.abs(x), norm))),
  );
  return worst;
}

/** A hash of all bits. */
export function digest(t: Tensor): string {
  const { buffer } = nabla.clone(t).contiguous().data;
  return createHash("sha256").update(new Uint8Array(buffer)).digest("hex");
}

/** The errors of matrices of all families, and of large ones of random numbers. */
export function survey(sizes: readonly number[], large: readonly number[]): Record<string, Errors> {
  const found: Record<string, Errors> = {};
  for (const dtype of ["float32", "float64"] as const) {
    const take = (name: string, a: Tensor) => {
      found[`${name}, ${a.shape[0]}, ${dtype}`] = errors(a, eigh(a), eigvalsh(a));
    };
    for (const n of sizes) {
      for (const name in families) take(name, symmetric(n, dtype, families[name](n)));
    }
    for (const n of large) take("random", random(n, dtype));
  }
  return found;
}

/** The matrices whose errors are above the bounds. */
export const beyond = (worst: Record<string, Errors>, most: number) =>
  Object.entries(worst).filter(
    ([, e]) =>
      !(Math.max(e.residual, e.orthogonality, e.values, e.trace) <= most) || e.rising === false,
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(survey([5, 21, 66], [40, 130])));
}
