/**
 * QR and singular value decompositions of known families of matrices, and how far they are from what they should be:
 * tsx test/decompositions.ts prints the worst errors as JSON, for the instruction set that the environment names.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../src/index.ts";
import { tensor, zeros } from "../src/index.ts";
import * as door from "../src/native/door.ts";
import { matrices } from "../src/tensor/execute.ts";
import { Rng } from "./fuzz/numbers.ts";

export type Float = "float32" | "float64";
export const floats: readonly Float[] = ["float32", "float64"];

/** A matrix in row-major order. */
export interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function dense(rows: number, columns: number, at: (i: number, j: number) => number): Dense {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = at(i, j);
  return { rows, columns, data };
}

function normal(): () => number {
  const rng = new Rng(7);
  const uniform = () => 1 - rng.next();
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Families of matrices by name, each for a size and a type. */
export const families: Record<string, (m: number, n: number, type: Float) => Dense> = {
  random: (m, n) => dense(m, n, normal()),
  hilbert: (m, n) => dense(m, n, (i, j) => 1 / (i + j + 1)),
  kahan: (m, n) =>
    dense(m, n, (i, j) => Math.sin(1.2) ** i * (i === j ? 1 : i < j ? -Math.cos(1.2) : 0)),
  wilkinson: (m, n) =>
    dense(m, n, (i, j) => {
      if (i === j) return Math.abs(i - Math.floor(Math.min(m, n) / 2));
      return Math.abs(i - j) === 1 ? 1 : 0;
    }),
  frank: (m, n) => dense(m, n, (i, j) => (j < i - 1 ? 0 : n - Math.max(i, j))),
  "rows graded": (m, n, type) => {
    const next = normal();
    return dense(m, n, (i) => next() * 10 ** ((type === "float32" ? -30 : -250) * (i / m)));
  },
  "columns graded": (m, n, type) => {
    const next = normal();
    return dense(m, n, (_, j) => next() * 10 ** ((type === "float32" ? -30 : -250) * (j / n)));
  },
  "nearly singular": (m, n, type) => {
    const next = normal();
    const noise = type === "float32" ? 1e-7 : 1e-15;
    return dense(m, n, (i, j) => (i % 3) + j * (i % 2) + noise * next());
  },
  "rank two": (m, n) => dense(m, n, (i, j) => (i % 3) + j * (i % 2)),
  ones: (m, n) => dense(m, n, () => 1),
  zero: (m, n) => dense(m, n, () => 0),
  diagonal: (m, n) => dense(m, n, (i, j) => (i === j ? 1 + ((i * 7) % 5) : 0)),
  huge: (m, n, type) => {
    const next = normal();
    return dense(m, n, () => next() * (type === "float32" ? 1e35 : 1e304));
  },
  tiny: (m, n, type) => {
    const next = normal();
    return dense(m, n, () => next() * (type === "float32" ? 1e-30 : 1e-290));
  },
};

export function fromDense({ rows, columns, data }: Dense, type: Float): Tensor {
  return tensor(data, { dtype: type }).view([rows, columns]);
}

export function toDense(x: Tensor): Dense {
  const [rows, columns = 1] = x.shape;
  return { rows, columns, data: Float64Array.from(x.toTypedArray() as Float64Array) };
}

/** What tells the bits of two tensors apart. */
export const digest = (x: Tensor): string =>
  createHash("sha256")
    .update(x.toTypedArray() as Float64Array)
    .digest("hex");

const code = (name: string): number => door.nativeOp(name).code;
const batchOf = (a: Tensor) => a.shape.slice(0, -2);

export interface Outputs {
  readonly make: (shape: readonly number[], type: Float | "int32") => Tensor;
}
const fresh: Outputs = { make: (shape, type) => zeros([...shape], { dtype: type }) };

/** R and the reflectors, as LAPACK's geqrf. */
export function qr(a: Tensor, { make } = fresh): { h: Tensor; tau: Tensor } {
  const batch = batchOf(a);
  const [m, n] = a.shape.slice(-2);
  const type = a.dtype as Float;
  const h = make([...batch, m, n], type);
  const tau = make([...batch, Math.min(m, n)], type);
  matrices(
    code("qr"),
    batch,
    [m, n],
    [
      [h, 2],
      [tau, 1],
      [a, 2],
    ],
  );
  return { h, tau };
}

/** The columns of h that tau is for. */
const reflectors = (h: Tensor, tau: Tensor): Tensor =>
  h.narrow(h.ndim - 1, 0, tau.shape[tau.ndim - 1]);

/** The first columns of the product of reflectors. */
export function householderProduct(
  h: Tensor,
  tau: Tensor,
  columns: number,
  { make } = fresh,
): Tensor {
  const v = reflectors(h, tau);
  const [m, k] = v.shape.slice(-2);
  const q = make([...batchOf(h), m, columns], h.dtype as Float);
  matrices(
    code("householder_product"),
    batchOf(h),
    [m, columns, k],
    [
      [q, 2],
      [v, 2],
      [tau, 1],
    ],
  );
  return q;
}

export function householderMultiply(
  h: Tensor,
  tau: Tensor,
  c: Tensor,
  transpose: boolean,
  { make } = fresh,
): Tensor {
  const v = reflectors(h, tau);
  const [m, k] = v.shape.slice(-2);
  const n = c.shape[c.shape.length - 1];
  const out = make([...batchOf(c), m, n], h.dtype as Float);
  const operands = [
    [out, 2],
    [v, 2],
    [tau, 1],
    [c, 2],
  ] as const;
  matrices(code("householder_multiply"), batchOf(c), [m, n, k], operands, [transpose ? 1 : 0, 0]);
  return out;
}

export function svd(a: Tensor, { make } = fresh): Record<"u" | "s" | "vh" | "info", Tensor> {
  const batch = batchOf(a);
  const [m, n] = a.shape.slice(-2);
  const least = Math.min(m, n);
  const type = a.dtype as Float;
  const u = make([...batch, m, least], type);
  const s = make([...batch, least], type);
  const vh = make([...batch, least, n], type);
  const info = make(batch, "int32");
  matrices(
    code("svd"),
    batch,
    [m, n],
    [
      [u, 2],
      [s, 1],
      [vh, 2],
      [info, 0],
      [a, 2],
    ],
  );
  return { u, s, vh, info };
}

export function svdvals(a: Tensor, { make } = fresh): { s: Tensor; info: Tensor } {
  const batch = batchOf(a);
  const [m, n] = a.shape.slice(-2);
  const s = make([...batch, Math.min(m, n)], a.dtype as Float);
  const info = make(batch, "int32");
  matrices(
    code("svdvals"),
    batch,
    [m, n],
    [
      [s, 1],
      [info, 0],
      [a, 2],
    ],
  );
  return { s, info };
}

export const transpose = (a: Dense): Dense =>
  dense(a.columns, a.rows, (i, j) => a.data[j * a.columns + i]);

const largest = (a: Dense): number => a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** By which matrices of that size are scaled, so that squares are safe. */
const scaleFor = (a: Dense): number => 1 / (largest(a) || 1);

export const epsilon = (type: Float): number => (type === "float32" ? 2 ** -23 : 2 ** -52);

/** The norm of a - x @ y, in units of max(m, n) * epsilon * the norm of a. */
export function residual(a: Dense, x: Dense, y: Dense, type: Float): number {
  const scale = scaleFor(a);
  let squares = 0;
  let whole = 0;
  const row = new Float64Array(a.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) row[j] = a.data[i * a.columns + j] * scale;
    for (let j = 0; j < a.columns; j++) whole += row[j] ** 2;
    for (let k = 0; k < y.rows; k++) {
      const factor = x.data[i * x.columns + k];
      for (let j = 0; j < a.columns; j++) row[j] -= factor * (y.data[k * y.columns + j] * scale);
    }
    for (let j = 0; j < a.columns; j++) squares += row[j] ** 2;
  }
  return (
    Math.sqrt(squares) / (Math.sqrt(whole) || 1) / (Math.max(a.rows, a.columns, 1) * epsilon(type))
  );
}

/** The largest element of q^T @ q - 1, in units of max(m, n) * epsilon. */
export function skewness(q: Dense, type: Float): number {
  const columns = transpose(q);
  let worst = 0;
  for (let i = 0; i < q.columns; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? -1 : 0;
      const [x, y] = [i * q.rows, j * q.rows];
      for (let k = 0; k < q.rows; k++) sum += columns.data[x + k] * columns.data[y + k];
      if (!(Math.abs(sum) <= worst)) worst = Math.abs(sum);
    }
  }
  return worst / (Math.max(q.rows, q.columns, 1) * epsilon(type));
}

/** Errors of one QR factorization: of the product, of Q, and of Q^T @ a against R. */
export function qrErrors(a: Tensor): Record<string, number> {
  const type = a.dtype as Float;
  const [m, n] = a.shape;
  const { h, tau } = qr(a);
  const q = toDense(householderProduct(h, tau, Math.min(m, n)));
  const stored = toDense(h);
  const triangle = (rows: number) =>
    dense(rows, n, (i, j) => (i <= j ? stored.data[i * n + j] : 0));
  const multiplied = toDense(householderMultiply(h, tau, a, true));
  const identity = dense(m, m, (i, j) => (i === j ? 1 : 0));
  const back = toDense(householderMultiply(h, tau, fromDense(multiplied, type), false));
  return {
    product: residual(toDense(a), q, triangle(Math.min(m, n)), type),
    orthogonality: skewness(q, type),
    multiplied: residual(multiplied, identity, triangle(m), type),
    back: residual(toDense(a), identity, back, type),
  };
}

/** Errors of one singular value decomposition. */
export function svdErrors(a: Tensor): Record<string, number> {
  const type = a.dtype as Float;
  const { u, s, vh, info } = svd(a);
  const only = svdvals(a);
  const [left, values, right, alone] = [u, s, vh, only.s].map(toDense);
  const scaled = dense(
    right.rows,
    right.columns,
    (i, j) => values.data[i] * right.data[i * right.columns + j],
  );
  const first = values.data[0] || 1;
  let order = 0;
  let difference = 0;
  for (let i = 0; i < values.rows; i++) {
    for (const { data } of [values, alone]) {
      if (!(data[i] >= 0 && (i === 0 || data[i] <= data[i - 1]))) order = Infinity;
    }
    difference = Math.max(difference, Math.abs(values.data[i] / first - alone.data[i] / first));
  }
  return {
    product: residual(toDense(a), left, scaled, type),
    left: skewness(left, type),
    right: skewness(transpose(right), type),
    order,
    difference: difference / (Math.max(...a.shape, 1) * epsilon(type)),
    info: info.item() === 0 && only.info.item() === 0 ? 0 : Infinity,
  };
}

/** The sizes that the tests go through; blocks of reflectors, leaves and panels end beside some of them. */
export const sizes: readonly (readonly [number, number])[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((n) => [
    [n, n] as const,
    [n, 1] as const,
    [1, n] as const,
    [n + 3, n] as const,
    [n, n + 3] as const,
  ]),
  ...[31, 32, 33, 64, 65, 100].map((n) => [n, n] as const),
  [31, 17],
  [17, 33],
  [65, 64],
  [32, 65],
  [65, 32],
  [100, 33],
  [40, 100],
];
export const largeSizes: readonly (readonly [number, number])[] = [
  [150, 150],
  [150, 65],
  [100, 150],
];

export function survey(errors: (a: Tensor) => Record<string, number>): Record<string, number> {
  const worst: Record<string, number> = {};
  for (const type of floats) {
    for (const [m, n] of [
      [12, 12],
      [33, 20],
      [70, 65],
      [20, 80],
    ]) {
      for (const make of Object.values(families)) {
        for (const [name, error] of Object.entries(errors(fromDense(make(m, n, type), type)))) {
          const key = `${type} ${name}`;
          if (!(error <= (worst[key] ?? 0))) worst[key] = error;
        }
      }
    }
  }
  return worst;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify({ isa: door.isa, qr: survey(qrErrors), svd: survey(svdErrors) }));
}
