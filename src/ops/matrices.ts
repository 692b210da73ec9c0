/**
 * The operations of linear algebra. All take batches of matrices: the last two dims are the matrix, those before them
 * broadcast. Superscript T is the transpose, gX the cotangent of X.
 */
import { GradError } from "../core/errors.js";
import { contiguousStrides, Layout } from "../core/shape.js";
import type { TensorAlgebra, Window } from "./algebra.js";
import { row, transposed } from "./row.js";

/** Results that lie side by side in one tensor. */
export interface Parts {
  readonly windows: readonly Window[];
}

const sizeOf = <V>(o: TensorAlgebra<V>, x: V, dim: -1 | -2): number => o.shape(x).at(dim) as number;

/** Vectors as the rows or columns that scale matrices. */
const asRow = <V>(o: TensorAlgebra<V>, x: V): V => {
  const shape = o.shape(x);
  return o.reshape(x, [...shape.slice(0, -1), 1, ...shape.slice(-1)]);
};
const asColumn = <V>(o: TensorAlgebra<V>, x: V): V => o.reshape(x, [...o.shape(x), 1]);
/** Numbers as matrices of one element. */
const asMatrix = <V>(o: TensorAlgebra<V>, x: V): V => o.reshape(x, [...o.shape(x), 1, 1]);

/** Square matrices with those diagonals, and zeros beside them. */
function diagonalMatrix<V>(o: TensorAlgebra<V>, x: V): V {
  const own = o.shape(x);
  const n = own[own.length - 1];
  const shape = [...own, n];
  const strides = contiguousStrides(shape);
  const steps = [...strides.slice(0, -2), strides[own.length - 1] + 1];
  return o.embed(x, shape, { layout: new Layout(own, steps), offset: 0 });
}

const identityTimes = <V>(o: TensorAlgebra<V>, x: V, n: number): V =>
  diagonalMatrix(o, o.expand(o.reshape(x, [...o.shape(x), 1]), [...o.shape(x), n]));

/** The rows of matrices in another order. */
const reordered = <V>(o: TensorAlgebra<V>, x: V, order: V): V => {
  const shape = o.shape(x);
  return o.gather(x, shape.length - 2, o.expand(asColumn(o, order), shape));
};

/** x / y, and 0 where both are zero: an angle that nothing depends on, between vectors that are not determined. */
function ratio<V>(o: TensorAlgebra<V>, x: V, y: V): V {
  const open = o.logicalAnd(o.eq(x, 0), o.eq(y, 0));
  return o.div(x, o.where(open, 1, y));
}

const skew = <V>(o: TensorAlgebra<V>, x: V): V => o.sub(x, transposed(o, x));

const views = <V>(o: TensorAlgebra<V>, x: V, { windows }: Parts): V[] =>
  windows.map((window) => o.view(x, window));

/** The cotangent of A from that of its pseudoinverse P: Golub and Pereyra (1973), equation 4.12. */
function pinvVjp<V>(o: TensorAlgebra<V>, a: V, p: V, g: V): V {
  const t = (x: V): V => transposed(o, x);
  const pT = t(p);
  if (sizeOf(o, a, -2) <= sizeOf(o, a, -1)) {
    const k = o.matmul(t(g), p);
    const kpT = o.matmul(k, pT);
    const first = o.sub(kpT, t(o.matmul(p, k)));
    const second = o.sub(first, o.matmul(o.matmul(a, p), kpT));
    return o.add(second, o.matmul(o.matmul(pT, p), o.sub(t(g), o.matmul(k, a))));
  }
  const k = o.matmul(p, t(g));
  const pTk = o.matmul(pT, k);
  const first = o.sub(pTk, t(o.matmul(k, p)));
  const second = o.sub(first, o.matmul(o.matmul(pTk, p), a));
  return o.add(second, o.matmul(o.matmul(o.sub(t(g), o.matmul(a, k)), p), pT));
}

/** For A = Q @ R with at least as many rows as columns: Walter and Lehmann (2010). */
function tallQrVjp<V>(o: TensorAlgebra<V>, q: V, r: V, gq: V, gr: V): V {
  const t = (x: V): V => transposed(o, x);
  const m = o.sub(o.matmul(r, t(gr)), o.matmul(t(gq), q));
  const symmetric = o.add(o.tril(m, 0), t(o.tril(m, -1)));
  const right = o.add(gq, o.matmul(q, symmetric));
  return t(o.solveTriangular(r, t(right), { upper: true }));
}

export const matrices = {
  /** One of several results; the operand has them all. */
  part: row<Window>("AsStridedBackward0", [], (o, { g, shapes: [shape], attributes }) => [
    o.embed(g, shape, attributes),
  ]),
  triu: row<{ readonly diagonal: number }>(
    "TriuBackward0",
    [],
    (o, { g, attributes: { diagonal } }) => [o.triu(g, diagonal)],
  ),
  tril: row<{ readonly diagonal: number }>(
    "TrilBackward0",
    [],
    (o, { g, attributes: { diagonal } }) => [o.tril(g, diagonal)],
  ),
  inverse: row<null>("LinalgInvExBackward0", ["out"], (o, { g, out }) => {
    const outT = transposed(o, out);
    return [o.neg(o.matmul(o.matmul(outT, g), outT))];
  }),
  /** Operands: A, its LU decomposition, the pivots, B. */
  solve: row<{ readonly adjoint: boolean }>(
    "LinalgSolveExBackward0",
    ["x", "y", "z", "out"],
    (o, { g, x, y, z, out, attributes: { adjoint }, needs }) => {
      const gb = o.solveFactored(x, y, z, g, !adjoint);
      if (!needs[0]) return [null, null, null, gb];
      const [left, right] = adjoint ? [out, gb] : [gb, out];
      return [o.neg(o.matmul(left, transposed(o, right))), null, null, gb];
    },
  ),
  /** Operands: A, B. */
  solveTriangular: row<{ readonly upper: boolean; readonly unitriangular: boolean }>(
    "LinalgSolveTriangularBackward0",
    ["x", "out"],
    (o, { g, x, out, attributes: { upper, unitriangular }, needs }) => {
      const gb = o.solveTriangular(transposed(o, x), g, { upper: !upper, unitriangular });
      if (!needs[0]) return [null, gb];
      const ga = o.neg(o.matmul(gb, transposed(o, out)));
      const beside = unitriangular ? 1 : 0;
      return [upper ? o.triu(ga, beside) : o.tril(ga, -beside), gb];
    },
  ),
  /** Of A = P @ L @ U, the matrix that has L below its diagonal and U. Operands: A, and where rows of A went. */
  luFactor: row<null>("LinalgLuFactorExBackward0", ["y", "out"], (o, { g, y, out }) => {
    const t = (x: V0): V0 => transposed(o, x);
    type V0 = typeof g;
    const m = sizeOf(o, out, -2);
    const n = sizeOf(o, out, -1);
    const k = Math.min(m, n);
    const square = o.narrow(o.narrow(out, -2, 0, k), -1, 0, k);
    const gSquare = o.narrow(o.narrow(g, -2, 0, k), -1, 0, k);
    const l = o.add(o.tril(square, -1), o.eye(k, k, o.dtype(out)));
    const u = o.triu(square, 0);
    let lower = o.matmul(t(l), o.tril(gSquare, -1));
    let upper = o.matmul(o.triu(gSquare, 0), t(u));
    const beside = (x: V0): V0 => o.narrow(o.narrow(x, -2, 0, k), -1, k, n - k);
    const below = (x: V0): V0 => o.narrow(o.narrow(x, -2, k, m - k), -1, 0, k);
    if (m < n) lower = o.sub(lower, o.matmul(beside(g), t(beside(out))));
    if (m > n) upper = o.sub(upper, o.matmul(t(below(out)), below(g)));
    const inner = o.add(o.tril(lower, -1), o.triu(upper, 0));
    const timesInverseU = (x: V0): V0 => t(o.solveTriangular(u, t(x), { upper: true }));
    const underL = (x: V0): V0 => o.solveTriangular(t(l), x, { upper: true, unitriangular: true });
    let ga = timesInverseU(underL(inner));
    if (m < n) ga = o.cat([ga, underL(beside(g))], -1);
    if (m > n) ga = o.cat([ga, timesInverseU(below(g))], -2);
    return [reordered(o, ga, y), null];
  }),
  /** Operands: the LU decomposition, the pivots, the order in which L @ U has the rows of the matrix, B. */
  luSolve: row<{ readonly adjoint: boolean }>(
    "LinalgLuSolveBackward0",
    ["x", "y", "z", "out"],
    (o, { g, x, y, z, out, attributes: { adjoint }, needs }) => {
      const t = (v: typeof g): typeof g => transposed(o, v);
      const gb = o.luSolveOrdered(x, y, z, g, !adjoint);
      if (!needs[0]) return [null, null, null, gb];
      const ga = o.neg(adjoint ? o.matmul(out, t(gb)) : o.matmul(gb, t(out)));
      const inOrder = reordered(o, ga, z);
      const l = o.add(o.tril(x, -1), o.eye(sizeOf(o, x, -1), sizeOf(o, x, -1), o.dtype(x)));
      const gl = o.tril(o.matmul(inOrder, t(o.triu(x, 0))), -1);
      return [o.add(gl, o.triu(o.matmul(t(l), inOrder), 0)), null, null, gb];
    },
  ),
  /** Operands: A, its LU decomposition, the pivots. The derivative is the matrix of cofactors. */
  det: row<{ readonly singular: boolean }>(
    "LinalgDetBackward0",
    ["x", "y", "z", "out"],
    (o, { g, x, y, z, out, attributes: { singular } }) => {
      if (!singular) {
        const scaled = identityTimes(o, o.mul(g, out), sizeOf(o, x, -1));
        return [o.solveFactored(x, y, z, scaled, true), null, null];
      }
      const { U, S, Vh } = o.svd(x, { fullMatrices: false });
      const scale = o.mul(g, o.det(o.matmul(U, Vh)));
      const cofactors = o.matmul(o.mul(U, asRow(o, o.productOfOthers(S))), Vh);
      return [o.mul(asMatrix(o, scale), cofactors), null, null];
    },
  ),
  /** The logarithm of a determinant's magnitude. Operands: A, its LU decomposition, the pivots. */
  logabsdet: row<null>("LinalgSlogdetBackward0", ["x", "y", "z"], (o, { g, x, y, z }) => [
    o.solveFactored(x, y, z, identityTimes(o, g, sizeOf(o, x, -1)), true),
    null,
    null,
  ]),
  /** The lower factor: Murray (2016), Differentiation of the Cholesky decomposition, equation 10. */
  cholesky: row<null>("LinalgCholeskyExBackward0", ["out"], (o, { g, out }) => {
    const lT = transposed(o, out);
    const inner = o.matmul(lT, g);
    const half = o.mul(o.add(o.tril(inner, 0), o.tril(inner, -1)), 0.5);
    const left = o.solveTriangular(lT, half, { upper: true });
    const both = o.solveTriangular(lT, transposed(o, left), { upper: true });
    return [o.mul(o.add(both, transposed(o, both)), 0.5)];
  }),
  ldlFactor: row<null>("LinalgLdlFactorExBackward0", [], () => {
    throw new GradError("ldlFactor: it has no derivative; see cholesky, lu and solve");
  }),
  /** Operands: the LDL decomposition, the pivots, B. */
  ldlSolve: row<null>("LinalgLdlSolveBackward0", ["x", "y"], (o, { g, x, y, needs }) => {
    if (needs[0])
      throw new GradError("ldlSolve: it has no derivative by the decomposition; see solve");
    return [null, null, o.ldlSolve(x, y, g)];
  }),
  /** Q with as many columns as A has rows or columns, and R. */
  qr: row<Parts>("LinalgQrBackward0", ["out"], (o, { g, out, attributes }) => {
    const [q, r] = views(o, out, attributes);
    const [gq, gr] = views(o, g, attributes);
    const m = sizeOf(o, q, -2);
    const n = sizeOf(o, r, -1);
    if (m >= n) return [tallQrVjp(o, q, r, gq, gr)];
    // A is [X | Y]: X = Q @ (the square part of R), and Y = Q @ (the rest of R) takes Q from X.
    const rest = o.narrow(r, -1, m, n - m);
    const gRest = o.narrow(gr, -1, m, n - m);
    const gqOfX = o.add(gq, o.matmul(o.matmul(q, rest), transposed(o, gRest)));
    const gx = tallQrVjp(o, q, o.narrow(r, -1, 0, m), gqOfX, o.narrow(gr, -1, 0, m));
    return [o.cat([gx, o.matmul(q, gRest)], -1)];
  }),
  /**
   * Operands: the reflectors H, tau. With V the reflectors' vectors, S the part of VᵀV above its diagonal and D the
   * diagonal matrix of tau, the product is I − V @ W, (I + D @ S) @ W = D @ Vᵀ: Joffrain et al. (2006), Accumulating
   * Householder transformations, revisited.
   */
  householderProduct: row<null>("LinalgHouseholderProductBackward0", ["x", "y"], (o, c) => {
    const { g, x, y } = c;
    const t = (v: typeof g): typeof g => transposed(o, v);
    const m = sizeOf(o, x, -2);
    const n = sizeOf(o, x, -1);
    const k = o.shape(y).at(-1) as number;
    const dtype = o.dtype(x);
    const v = o.add(o.tril(o.narrow(x, -1, 0, k), -1), o.eye(m, k, dtype));
    const head = t(o.narrow(v, -2, 0, n));
    const d = asColumn(o, y);
    const s = o.triu(o.matmul(t(v), v), 1);
    const matrix = o.add(o.mul(d, s), o.eye(k, k, dtype));
    const unit = { unitriangular: true };
    const w = o.solveTriangular(matrix, o.mul(d, head), { upper: true, ...unit });
    const gw = o.neg(o.matmul(t(v), g));
    const gRight = o.solveTriangular(t(matrix), gw, { upper: false, ...unit });
    const gMatrix = o.neg(o.triu(o.matmul(gRight, t(w)), 1));
    const gs = o.mul(d, gMatrix);
    const sumRows = (z: typeof g): typeof g => o.sum(z, [-1], { keepdim: false });
    const gtau = o.add(sumRows(o.mul(gRight, head)), sumRows(o.mul(gMatrix, s)));
    const gHead = t(o.mul(d, gRight));
    const rows = [...o.shape(gHead).slice(0, -2), m - n, k];
    const gv = o.add(
      o.sub(o.matmul(v, o.add(gs, t(gs))), o.matmul(g, t(w))),
      o.cat([gHead, o.zeros(rows, dtype)], -2),
    );
    const beside = [...o.shape(gv).slice(0, -2), m, n - k];
    return [o.cat([o.tril(gv, -1), o.zeros(beside, dtype)], -1), gtau];
  }),
  /** Eigenvalues and eigenvectors of symmetric matrices. */
  eigh: row<Parts>("LinalgEighBackward0", ["out"], (o, { g, out, attributes }) => {
    const [w, v] = views(o, out, attributes);
    const [gw, gv] = views(o, g, attributes);
    const vT = transposed(o, v);
    const gaps = o.sub(asRow(o, w), asColumn(o, w));
    const turn = ratio(o, o.mul(skew(o, o.matmul(vT, gv)), 0.5), gaps);
    return [o.matmul(o.matmul(v, o.add(turn, diagonalMatrix(o, gw))), vT)];
  }),
  /** U, S and Vᵀ, with as many singular vectors as values: Townsend (2016), Differentiating the singular value decomposition. */
  svd: row<Parts>("LinalgSvdBackward0", ["out"], (o, { g, out, attributes }) => {
    const t = (x: typeof g): typeof g => transposed(o, x);
    const [u, s, vT] = views(o, out, attributes);
    const [gu, gs, gvT] = views(o, g, attributes);
    const m = sizeOf(o, u, -2);
    const n = sizeOf(o, vT, -1);
    const row = asRow(o, s);
    const column = asColumn(o, s);
    const gaps = o.mul(o.sub(row, column), o.add(row, column));
    const turnU = o.mul(ratio(o, skew(o, o.matmul(t(u), gu)), gaps), row);
    const turnV = o.mul(column, ratio(o, skew(o, o.matmul(vT, t(gvT))), gaps));
    const inner = o.add(o.add(turnU, turnV), diagonalMatrix(o, gs));
    if (m >= n) {
      let left = o.matmul(u, inner);
      if (m > n) {
        const scaled = ratio(o, gu, row);
        left = o.add(left, o.sub(scaled, o.matmul(u, o.matmul(t(u), scaled))));
      }
      return [o.matmul(left, vT)];
    }
    const scaled = ratio(o, gvT, column);
    const beside = o.sub(scaled, o.matmul(o.matmul(scaled, t(vT)), vT));
    return [o.matmul(u, o.add(o.matmul(inner, vT), beside))];
  }),
  pinv: row<null>("LinalgPinvBackward0", ["x", "out"], (o, { g, x, out }) => [
    pinvVjp(o, x, out, g),
  ]),
  /** Operands: A, B. */
  lstsq: row<{ readonly rtol: number }>(
    "LinalgLstsqBackward0",
    ["x", "y"],
    (o, { g, x, y, attributes, needs }) => {
      const p = o.pinv(x, attributes);
      const gb = needs[1] ? o.matmul(transposed(o, p), g) : null;
      return [needs[0] ? pinvVjp(o, x, p, o.matmul(g, transposed(o, y))) : null, gb];
    },
  ),
  /** The exponential of [Aᵀ gX; 0 Aᵀ] has the cotangent in its corner: Mathias (1996), theorem 4.1. */
  matrixExp: row<null>("LinalgMatrixExpBackward0", ["x"], (o, { g, x }) => {
    const aT = transposed(o, x);
    const n = sizeOf(o, x, -1);
    const top = o.cat([aT, g], -1);
    const bottom = o.cat([o.zeros(o.shape(x), o.dtype(x)), aT], -1);
    const both = o.matrixExp(o.cat([top, bottom], -2));
    return [o.narrow(o.narrow(both, -2, 0, n), -1, n, n)];
  }),
  /** Euclidean distances between the rows of two matrices; 0 stands for the slope of a distance that is 0. */
  euclidean: row<null>(
    "EuclideanDistBackward0",
    ["x", "y", "out"],
    (o, { g, x, y, out, needs }) => {
      const weight = o.where(o.eq(out, 0), 0, o.div(g, o.where(o.eq(out, 0), 1, out)));
      const pull = (from: typeof g, to: typeof g, w: typeof g): typeof g =>
        o.sub(o.mul(from, o.sum(w, [-1], { keepdim: true })), o.matmul(w, to));
      return [
        needs[0] ? pull(x, y, weight) : null,
        needs[1] ? pull(y, x, transposed(o, weight)) : null,
      ];
    },
  ),
};
