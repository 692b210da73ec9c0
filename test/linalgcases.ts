/** What gradients.test.ts differentiates of linear algebra, by name: functions with their inputs. */
import type { Tensor } from "../src/index.js";
import * as nabla from "../src/index.js";
import type { Input } from "./gradcheck.js";

const { linalg } = nabla;
type Case = readonly [fn: (...xs: Tensor[]) => Tensor | readonly Tensor[], inputs: Input[]];

let state = 1;
/** Random values in (−1, 1), the same each time. */
function some(...shape: number[]): Input {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (state * 16807) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
  return { shape, values };
}

const one = (x: Tensor): Tensor => nabla.eye(x.size(-1), { dtype: "float64" });
const symmetric = (x: Tensor): Tensor => x.add(x.mT);
const definite = (x: Tensor): Tensor => x.matmul(x.mT).add(one(x));
const regular = (x: Tensor): Tensor => x.add(one(x).mul(2));
/** Of eigenvectors and singular vectors, what no sign changes. */
const squared = (x: Tensor): Tensor => x.mul(x);
const eigen = ({ eigenvalues, eigenvectors }: nabla.linalg.EighResult): Tensor[] => [
  eigenvalues,
  squared(eigenvectors),
  eigenvectors.select(-1, 0).unsqueeze(-1).mul(eigenvectors.select(-1, 0).unsqueeze(-2)),
];
const singular = ({ U, S, Vh }: nabla.linalg.SvdResult): Tensor[] => [
  squared(U),
  S,
  squared(Vh),
  U.select(-1, 0).unsqueeze(-1).mul(Vh.select(-2, 0).unsqueeze(-2)),
];
const thin = { fullMatrices: false };

export const linearCases: Record<string, Case> = {
  inv: [(x) => linalg.inv(regular(x)), [some(3, 3)]],
  invEx: [(x) => linalg.invEx(regular(x)).inverse, [some(2, 2, 2)]],
  solve: [(a, b) => linalg.solve(regular(a), b), [some(3, 3), some(3, 2)]],
  "solve, vectors": [(a, b) => linalg.solve(regular(a), b), [some(2, 2, 2), some(2, 2)]],
  "solve, one vector": [(a, b) => linalg.solve(regular(a), b), [some(3, 3), some(3)]],
  "solve, batches that broadcast": [
    (a, b) => linalg.solve(regular(a), b),
    [some(2, 1, 2, 2), some(2, 2, 1)],
  ],
  "solve, on the right": [
    (a, b) => linalg.solve(regular(a), b, { left: false }),
    [some(3, 3), some(2, 3)],
  ],
  solveEx: [(a, b) => linalg.solveEx(regular(a), b).result, [some(2, 2), some(2, 2)]],
  "solveTriangular, upper": [
    (a, b) => linalg.solveTriangular(regular(a), b, { upper: true }),
    [some(3, 3), some(3, 2)],
  ],
  "solveTriangular, lower, ones on the diagonal": [
    (a, b) => linalg.solveTriangular(a, b, { upper: false, unitriangular: true }),
    [some(2, 3, 3), some(3, 1)],
  ],
  "solveTriangular, on the right": [
    (a, b) => linalg.solveTriangular(regular(a), b, { upper: false, left: false }),
    [some(2, 2), some(1, 2)],
  ],
  lu: [(x) => Object.values(linalg.lu(x)), [some(2, 3, 3)]],
  "lu, wide": [(x) => Object.values(linalg.lu(x)), [some(2, 4)]],
  "lu, tall": [(x) => Object.values(linalg.lu(x)), [some(4, 2)]],
  luFactor: [(x) => linalg.luFactor(x).LU, [some(3, 3)]],
  luFactorEx: [(x) => linalg.luFactorEx(x).LU, [some(2, 3)]],
  luSolve: [
    (x, b) => {
      const { LU, pivots } = linalg.luFactor(x);
      return linalg.luSolve(LU, pivots, b);
    },
    [some(3, 3), some(3, 2)],
  ],
  "luSolve, adjoint": [
    (x, b) => {
      const { LU, pivots } = linalg.luFactor(x);
      return linalg.luSolve(LU, pivots, b, { adjoint: true });
    },
    [some(2, 2, 2), some(2, 1)],
  ],
  "luSolve, on the right": [
    (x, b) => {
      const { LU, pivots } = linalg.luFactor(x);
      return linalg.luSolve(LU, pivots, b, { left: false });
    },
    [some(2, 2), some(1, 2)],
  ],
  det: [(x) => linalg.det(x), [some(2, 3, 3)]],
  slogdet: [(x) => Object.values(linalg.slogdet(x)), [some(3, 3)]],
  cholesky: [(x) => linalg.cholesky(definite(x)), [some(2, 2, 2)]],
  "cholesky, upper": [(x) => linalg.cholesky(definite(x), { upper: true }), [some(3, 3)]],
  choleskyEx: [(x) => linalg.choleskyEx(definite(x)).L, [some(2, 2)]],
  choleskySolve: [
    (b, x) => nabla.choleskySolve(b, linalg.cholesky(definite(x))),
    [some(3, 1), some(3, 3)],
  ],
  "choleskySolve, upper": [
    (b, x) => {
      const factor = linalg.cholesky(definite(x), { upper: true });
      return nabla.choleskySolve(b, factor, { upper: true });
    },
    [some(2, 2), some(2, 2)],
  ],
  choleskyInverse: [(x) => nabla.choleskyInverse(linalg.cholesky(definite(x))), [some(2, 2)]],
  ldlSolve: [
    (b) => {
      const a = nabla.tensor(new Float64Array([4, 1, 1, 3])).reshape(2, 2);
      const { LD, pivots } = linalg.ldlFactor(a);
      return linalg.ldlSolve(LD, pivots, b.mul(b));
    },
    [some(2, 2)],
  ],
  qr: [(x) => Object.values(linalg.qr(x)), [some(3, 3)]],
  "qr, tall": [(x) => Object.values(linalg.qr(x)), [some(4, 2)]],
  "qr, wide": [(x) => Object.values(linalg.qr(x, { mode: "complete" })), [some(2, 2, 3)]],
  "qr, R alone": [(x) => linalg.qr(x, { mode: "r" }).R, [some(3, 2)]],
  householderProduct: [(h, tau) => linalg.householderProduct(h, tau), [some(3, 3), some(3)]],
  "householderProduct, of fewer": [
    (h, tau) => linalg.householderProduct(h, tau),
    [some(2, 3, 2), some(2, 1)],
  ],
  eigh: [(x) => eigen(linalg.eigh(symmetric(x))), [some(3, 3)]],
  "eigh, upper": [(x) => eigen(linalg.eigh(symmetric(x), { UPLO: "U" })), [some(2, 2, 2)]],
  eigvalsh: [(x) => linalg.eigvalsh(symmetric(x)), [some(3, 3)]],
  svd: [(x) => singular(linalg.svd(x)), [some(3, 3)]],
  "svd, tall": [(x) => singular(linalg.svd(x, thin)), [some(3, 2)]],
  "svd, wide": [(x) => singular(linalg.svd(x, thin)), [some(2, 2, 3)]],
  "svd, square factors": [
    (x) => {
      const { U, S, Vh } = linalg.svd(x);
      return [squared(U.narrow(-1, 0, 2)), S, squared(Vh)];
    },
    [some(3, 2)],
  ],
  svdvals: [(x) => linalg.svdvals(x), [some(2, 3)]],
  pinv: [(x) => linalg.pinv(x), [some(3, 2)]],
  "pinv, wide": [(x) => linalg.pinv(x), [some(2, 1, 3)]],
  "pinv, symmetric": [(x) => linalg.pinv(symmetric(x), { hermitian: true }), [some(2, 2)]],
  lstsq: [(a, b) => linalg.lstsq(a, b).solution, [some(3, 2), some(3, 2)]],
  "lstsq, gels": [(a, b) => linalg.lstsq(a, b, { driver: "gels" }).solution, [some(3, 2), some(3)]],
  "lstsq, gels, wide": [
    (a, b) => linalg.lstsq(a, b, { driver: "gels" }).solution,
    [some(2, 3), some(2, 1)],
  ],
  "lstsq, batches that broadcast": [
    (a, b) => linalg.lstsq(a, b, { driver: "gelsd" }).solution,
    [some(2, 3, 2), some(3, 1)],
  ],
  matrixExp: [(x) => linalg.matrixExp(x), [some(3, 3)]],
  "matrixExp, large": [(x) => linalg.matrixExp(x.mul(7)).mul(1e-2), [some(2, 2, 2)]],
  "matrixNorm, fro": [(x) => linalg.matrixNorm(x), [some(2, 2, 3)]],
  "matrixNorm, nuc": [(x) => linalg.matrixNorm(x, "nuc", [0, 2]), [some(2, 2, 3)]],
  "matrixNorm, 2": [(x) => linalg.matrixNorm(x, 2, [-2, -1], { keepdim: true }), [some(3, 2)]],
  "matrixNorm, -2": [(x) => linalg.matrixNorm(x, -2), [some(3, 2)]],
  "matrixNorm, 1": [(x) => linalg.matrixNorm(x, 1), [some(2, 2, 3)]],
  "matrixNorm, -infinity": [(x) => linalg.matrixNorm(x, -Infinity, [2, 0]), [some(2, 2, 3)]],
  "norm of all": [(x) => linalg.norm(x), [some(2, 3)]],
  "vectorNorm, 3": [(x) => linalg.vectorNorm(x, 3, [0, 1]), [some(2, 2, 2)]],
  cond: [(x) => linalg.cond(x), [some(3, 2)]],
  "cond, 1": [(x) => linalg.cond(x, 1), [some(2, 2)]],
  "cond, nuc": [(x) => linalg.cond(x, "nuc"), [some(2, 2)]],
  "matrixPower, 5": [(x) => linalg.matrixPower(x, 5), [some(2, 2)]],
  "matrixPower, -2": [(x) => linalg.matrixPower(regular(x), -2), [some(2, 2)]],
  "matrixPower, 0": [(x) => linalg.matrixPower(x, 0).mul(x), [some(2, 2)]],
  multiDot: [
    (a, b, c, d) => linalg.multiDot([a, b, c, d]),
    [some(2), some(2, 3), some(3, 2), some(2)],
  ],
  tensorinv: [(x) => linalg.tensorinv(regular(x).reshape(2, 2, 4)), [some(4, 4)]],
  tensorsolve: [
    (a, b) => linalg.tensorsolve(regular(a).reshape(2, 2, 4), b),
    [some(4, 4), some(2, 2)],
  ],
  vander: [(x) => linalg.vander(x, { N: 4 }), [some(2, 2)]],
  cross: [(a, b) => linalg.cross(a, b), [some(2, 3), some(1, 3)]],
  vecdot: [(a, b) => linalg.vecdot(a, b, { dim: 0 }), [some(3, 2), some(3, 1)]],
  "linalg.diagonal": [(x) => linalg.diagonal(x.mul(x), { offset: 1 }), [some(2, 3, 2)]],
  triu: [(x) => x.mul(x).triu(1), [some(2, 3, 2)]],
  tril: [(x) => x.mul(x).tril(-1), [some(3, 2)]],
  "einsum, a chain": [
    (a, b, c) => nabla.einsum("ij,jk,kl->il", a, b, c),
    [some(2, 3), some(3, 2), some(2, 2)],
  ],
  "einsum, diagonals": [
    (a, b) => nabla.einsum("...ii,ij->...j", a, b),
    [some(2, 2, 2), some(2, 3)],
  ],
  "einsum, no sum": [(a, b) => nabla.einsum("bi,bj->bji", a, b), [some(2, 2), some(2, 3)]],
  "einsum, sizes of one": [(a, b) => nabla.einsum("ij,ij->i", a, b), [some(1, 3), some(2, 1)]],
  tensordot: [(a, b) => nabla.tensordot(a, b, [[0], [1]]), [some(2, 3), some(3, 2)]],
  inner: [(a, b) => nabla.inner(a, b), [some(2, 3), some(2, 3)]],
  kron: [(a, b) => nabla.kron(a, b), [some(2, 2), some(3)]],
  addmm: [
    (x, a, b) => nabla.addmm(x, a, b, { beta: 2, alpha: 0.5 }),
    [some(2), some(2, 3), some(3, 2)],
  ],
  addmv: [(x, a, b) => nabla.addmv(x, a, b, { alpha: 3 }), [some(2), some(2, 3), some(3)]],
  addr: [(x, a, b) => nabla.addr(x, a, b, { beta: 3 }), [some(2, 3), some(2), some(3)]],
  baddbmm: [
    (x, a, b) => nabla.baddbmm(x, a, b, { beta: 0 }).add(x),
    [some(2, 2, 2), some(2, 2, 2), some(2, 2, 2)],
  ],
  addbmm: [(x, a, b) => nabla.addbmm(x, a, b), [some(2), some(2, 2, 2), some(2, 2, 2)]],
  cdist: [(a, b) => nabla.cdist(a, b), [some(3, 2), some(2, 2, 2)]],
  "cdist, by a product": [
    (a, b) => nabla.cdist(a, b, { computeMode: "use_mm_for_euclid_dist" }),
    [some(2, 2, 2), some(3, 2)],
  ],
  "cdist, 1": [(a, b) => nabla.cdist(a, b, { p: 1 }), [some(2, 2), some(3, 2)]],
};

/** Where a second derivative is none: zeros among singular values, more than one at a time. */
export const onceDifferentiable: Record<string, Case> = {
  "det of singular matrices": [
    (x) => linalg.det(x),
    [
      {
        shape: [3, 3, 3],
        values: [1, 2, 3, 4, 5, 6, 5, 7, 9, 1, 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 3, 0, 2, 5, 7, 1, 1],
      },
    ],
  ],
  "singular values that are equal": [
    (x) => linalg.svdvals(x).sum(),
    [{ shape: [3, 3], values: [2, 0, 0, 0, 2, 0, 0, 0, 2] }],
  ],
  "eigenvalues that are equal": [
    (x) => linalg.eigvalsh(symmetric(x)).sum(),
    [{ shape: [2, 2], values: [1, 0, 0, 1] }],
  ],
};
