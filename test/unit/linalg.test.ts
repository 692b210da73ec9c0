// What no table of values has: decompositions, which are one of many, by what they must satisfy; and errors.

import type { Tensor } from "nabla";
import * as nabla from "nabla";
import { LinAlgError, linalg, tensor } from "nabla";
import { describe, expect, it } from "vitest";
import { makeLaid } from "../layouts.js";

const dtypes = ["float32", "float64"] as const;
type Float = (typeof dtypes)[number];
const unit = { float32: 2 ** -23, float64: 2 ** -52 };

function random(shape: readonly number[], dtype: Float = "float64", seed = 1): Tensor {
  nabla.manualSeed(seed);
  return nabla.randn(shape, { dtype });
}

const eye = (n: number, dtype: Float): Tensor => nabla.eye(n, { dtype });

/** Fails unless x is y, but for rounding of so many units of the largest element. */
function close(x: Tensor, y: Tensor, units: number): void {
  expect(x.shape).toEqual(y.shape);
  expect(x.dtype).toBe(y.dtype);
  if (x.numel() === 0) return;
  const largest = Math.max(1, y.abs().amax().item() as number);
  const error = x.sub(y).abs().amax().item() as number;
  expect(error).toBeLessThanOrEqual(units * unit[y.dtype as Float] * largest);
}

const orthonormal = (q: Tensor, units = 200): void => {
  const n = q.size(-1);
  const wanted = eye(n, q.dtype as Float).expand([...q.shape.slice(0, -2), n, n]);
  close(q.mT.matmul(q), wanted, units);
};

const shapes = [
  [0, 0],
  [0, 3],
  [3, 0],
  [1, 1],
  [1, 4],
  [4, 1],
  [3, 3],
  [5, 3],
  [3, 5],
  [2, 4, 4],
  [2, 3, 2, 4],
  [0, 3, 2],
  [2, 0, 3],
  [40, 40],
  [70, 33],
  [33, 70],
];
const squares = shapes.filter((shape) => shape.at(-1) === shape.at(-2));
const cases = dtypes.flatMap((dtype) => shapes.map((shape) => [dtype, shape] as const));
const squareCases = dtypes.flatMap((dtype) => squares.map((shape) => [dtype, shape] as const));

/** The same values in memory in other ways. */
function laid(x: Tensor): Tensor[] {
  const values = x.toTypedArray() as Float64Array;
  return (["contiguous", "transposed", "sliced"] as const).flatMap((layout) => {
    const found = makeLaid(values, x.shape, x.dtype, layout);
    return found === null ? [] : [found.tensor];
  });
}

describe("lu", () => {
  it.each(cases)("%s %j", (dtype, shape) => {
    for (const a of laid(random(shape, dtype))) {
      const { P, L, U } = linalg.lu(a);
      const [m, n] = shape.slice(-2);
      expect(L.shape).toEqual([...shape.slice(0, -1), Math.min(m, n)]);
      expect(U.shape).toEqual([...shape.slice(0, -2), Math.min(m, n), n]);
      close(P.matmul(L).matmul(U), a, 50);
      close(L.tril(), L, 0);
      close(U.triu(), U, 0);
      expect(L.abs().le(1).all().item()).toBe(true);
      const { LU, pivots, info } = linalg.luFactorEx(a);
      close(LU.narrow(-1, 0, Math.min(m, n)).tril(-1), L.tril(-1), 0);
      close(LU.narrow(-2, 0, Math.min(m, n)).triu(), U, 0);
      expect(pivots.dtype).toBe("int32");
      expect(info.toTypedArray().every((v) => v === 0)).toBe(true);
    }
  });

  it.each(squareCases)("solves, %s %j", (dtype, shape) => {
    const n = shape.at(-1) as number;
    const a = random(shape, dtype).add(eye(n, dtype).mul(3 + Math.sqrt(n)));
    const b = random([...shape.slice(0, -1), 2], dtype, 2);
    const { LU, pivots } = linalg.luFactor(a);
    const x = linalg.luSolve(LU, pivots, b);
    close(a.matmul(x), b, 300);
    close(x, linalg.solve(a, b), 0);
    close(a.mT.matmul(linalg.luSolve(LU, pivots, b, { adjoint: true })), b, 300);
    const left = b.mT;
    close(linalg.luSolve(LU, pivots, left, { left: false }).matmul(a), left, 300);
    const both = { left: false, adjoint: true };
    close(linalg.luSolve(LU, pivots, left, both).matmul(a.mT), left, 300);
    close(linalg.solve(a, left, { left: false }).matmul(a), left, 300);
    close(linalg.inv(a).matmul(a), eye(n, dtype).expand(shape), 300);
  });

  it("refuses pivots that are none", () => {
    const { LU, pivots } = linalg.luFactor([
      [2, 0],
      [0, 4],
    ]);
    const b = [[1], [1]];
    expect(() => linalg.luSolve(LU, pivots.long(), b)).toThrow(
      "luSolve: the pivots are int32, not int64",
    );
    expect(() => linalg.luSolve(LU, tensor([1, 3], { dtype: "int32" }), b)).toThrow(
      "luSolve: a pivot is 3, and there are 2 rows",
    );
    expect(() => linalg.luSolve(LU, tensor([1], { dtype: "int32" }), b)).toThrow(
      "luSolve: expected pivots of shape [2], got [1]",
    );
  });
});

describe("ldl", () => {
  it.each(squareCases)("solves, %s %j", (dtype, shape) => {
    const a = random(shape, dtype);
    const both = a.add(a.mT);
    const b = random([...shape.slice(0, -1), 3], dtype, 2);
    const { LD, pivots, info } = linalg.ldlFactorEx(a.tril().add(a.mT.tril()));
    expect(info.toTypedArray().every((v) => v === 0)).toBe(true);
    const x = linalg.ldlSolve(LD, pivots, b);
    close(both.matmul(x), b, 3000);
  });
});

describe("qr", () => {
  it.each(cases)("%s %j", (dtype, shape) => {
    const [m, n] = shape.slice(-2);
    for (const a of laid(random(shape, dtype))) {
      for (const mode of ["reduced", "complete"] as const) {
        const { Q, R } = linalg.qr(a, { mode });
        expect(Q.size(-1)).toBe(mode === "complete" ? m : Math.min(m, n));
        close(Q.matmul(R), a, 200);
        orthonormal(Q);
        close(R.triu(), R, 0);
      }
      const { Q, R } = linalg.qr(a, { mode: "r" });
      expect(Q.shape).toEqual([0]);
      close(R, linalg.qr(a).R, 0);
      const recorded = linalg.qr(a.clone().requiresGrad_());
      close(recorded.Q, linalg.qr(a).Q, 0);
      expect([recorded.Q.gradFn?.name, recorded.R.gradFn?.name]).toEqual([
        "LinalgQrBackward0",
        "LinalgQrBackward0",
      ]);
    }
  });
});

describe("eigh", () => {
  it.each(squareCases)("%s %j", (dtype, shape) => {
    for (const a of laid(random(shape, dtype))) {
      for (const UPLO of ["L", "U"] as const) {
        const full = UPLO === "L" ? a.tril().add(a.tril(-1).mT) : a.triu().add(a.triu(1).mT);
        const { eigenvalues: w, eigenvectors: v } = linalg.eigh(a, { UPLO });
        close(v.mul(w.unsqueeze(-2)).matmul(v.mT), full, 200);
        orthonormal(v);
        close(linalg.eigvalsh(a, { UPLO }), w, 200);
        if (w.size(-1) > 1) {
          const steps = w.narrow(-1, 1, w.size(-1) - 1).sub(w.narrow(-1, 0, w.size(-1) - 1));
          expect(steps.ge(0).all().item()).toBe(true);
        }
      }
    }
  });
});

describe("svd", () => {
  it.each(cases)("%s %j", (dtype, shape) => {
    const [m, n] = shape.slice(-2);
    const k = Math.min(m, n);
    for (const a of laid(random(shape, dtype))) {
      const { U, S, Vh } = linalg.svd(a);
      expect([U.size(-1), S.size(-1), Vh.size(-2)]).toEqual([m, k, n]);
      orthonormal(U);
      orthonormal(Vh.mT);
      const u = U.narrow(-1, 0, k);
      const vh = Vh.narrow(-2, 0, k);
      close(u.mul(S.unsqueeze(-2)).matmul(vh), a, 300);
      close(linalg.svdvals(a), S, 200);
      const thin = linalg.svd(a, { fullMatrices: false });
      close(thin.U, u, 0);
      close(thin.S, S, 0);
      close(thin.Vh, vh, 0);
      expect(S.ge(0).all().item()).toBe(true);
    }
  });

  it("of zeros, and of ranks below full", () => {
    for (const dtype of dtypes) {
      const low = random([6, 2], dtype).matmul(random([2, 4], dtype, 2));
      for (const a of [nabla.zeros([3, 5], { dtype }), low, low.mT]) {
        const { U, S, Vh } = linalg.svd(a);
        orthonormal(U);
        orthonormal(Vh.mT);
        const k = S.size(0);
        close(
          U.narrow(1, 0, k)
            .mul(S)
            .matmul(Vh.narrow(0, 0, k)),
          a,
          200,
        );
      }
      expect(linalg.matrixRank(low).item()).toBe(2);
    }
  });
});

describe("pinv and lstsq", () => {
  it.each(cases)("the four equations of Penrose, %s %j", (dtype, shape) => {
    const a = random(shape, dtype);
    const p = linalg.pinv(a);
    const [ap, pa] = [a.matmul(p), p.matmul(a)];
    close(ap.matmul(a), a, 3000);
    close(pa.matmul(p), p, 3000);
    close(ap.mT, ap, 3000);
    close(pa.mT, pa, 3000);
  });

  it.each(["gels", "gelsy", "gelsd", "gelss"] as const)("%s", (driver) => {
    for (const [m, n] of [
      [60, 20],
      [20, 60],
      [7, 7],
    ]) {
      const a = random([2, m, n]);
      const b = random([2, m, 3], "float64", 2);
      const { solution, residuals, rank, singularValues } = linalg.lstsq(a, b, { driver });
      close(solution, linalg.pinv(a).matmul(b), 1e5);
      expect(rank.toArray()).toEqual(driver === "gels" ? [] : [Math.min(m, n), Math.min(m, n)]);
      expect(residuals.shape).toEqual(m > n ? [2, 3] : [0]);
      const wanted = driver === "gelsd" || driver === "gelss" ? [2, Math.min(m, n)] : [0];
      expect(singularValues.shape).toEqual(wanted);
    }
  });

  it("takes what is nearly of lower rank for that, by rcond", () => {
    const a = [
      [1, 1],
      [1, 1.001],
      [1, 1],
    ];
    const b = [1, 2, 3];
    expect(linalg.lstsq(a, b).rank.item()).toBe(2);
    const { rank, solution, residuals } = linalg.lstsq(a, b, { rcond: 0.01 });
    expect(rank.item()).toBe(1);
    expect(residuals.shape).toEqual([0]);
    close(solution, tensor([1, 1]), 1e4);
    expect(() => linalg.lstsq(a, b, { driver: "qr" as "gels" })).toThrow(
      "lstsq: the drivers are gels, gelsy, gelsd, gelss, not qr",
    );
  });
});

describe("errors say which matrix, and where", () => {
  const good = [
    [2, 0],
    [0, 4],
  ];
  const bad = [
    [1, 2],
    [2, 4],
  ];
  const zero = [
    [0, 0],
    [0, 1],
  ];
  const batch = tensor([good, good, good, bad]);
  const message = (fn: () => unknown): string => {
    try {
      fn();
    } catch (error) {
      expect(error).toBeInstanceOf(LinAlgError);
      return (error as Error).message;
    }
    return "nothing was thrown";
  };

  it.each([
    [
      "solve",
      () => linalg.solve(batch, nabla.ones(2, 1)),
      "solve: matrix 3 of the batch is singular: pivot 1 is zero",
    ],
    ["solve", () => linalg.solve(zero, [1, 1]), "solve: the matrix is singular: pivot 0 is zero"],
    ["inv", () => linalg.inv(batch), "inverse: matrix 3 of the batch is singular: pivot 1 is zero"],
    [
      "invEx",
      () => linalg.invEx(bad, { checkErrors: true }),
      "invEx: the matrix is singular: pivot 1 is zero",
    ],
    [
      "solveEx",
      () => linalg.solveEx(bad, [1, 1], { checkErrors: true }),
      "solveEx: the matrix is singular: pivot 1 is zero",
    ],
    ["luFactor", () => linalg.luFactor(bad), "luFactor: the matrix is singular: pivot 1 is zero"],
    [
      "luFactorEx",
      () => linalg.luFactorEx(bad, { checkErrors: true }),
      "luFactorEx: the matrix is singular: pivot 1 is zero",
    ],
    [
      "cholesky",
      () =>
        linalg.cholesky(
          tensor([
            good,
            [
              [1, 2],
              [2, 1],
            ],
          ]),
        ),
      "cholesky: matrix 1 of the batch is not positive definite: pivot 1 is not positive",
    ],
    [
      "choleskyEx",
      () => linalg.choleskyEx([[-1]], { checkErrors: true }),
      "choleskyEx: the matrix is not positive definite: pivot 0 is not positive",
    ],
    [
      "ldlFactor",
      () => linalg.ldlFactor(zero),
      "ldlFactor: the matrix is singular: pivot 0 is zero",
    ],
    [
      "ldlFactorEx",
      () => linalg.ldlFactorEx(zero, { checkErrors: true }),
      "ldlFactorEx: the matrix is singular: pivot 0 is zero",
    ],
    [
      "eigh",
      () => linalg.eigh([[Number.NaN]]),
      "eigh: the matrix made the algorithm fail to converge: does it hold nan or infinity?",
    ],
    [
      "svd",
      () =>
        linalg.svd(
          tensor([
            good,
            [
              [1, Infinity],
              [0, 1],
            ],
          ]),
        ),
      "svd: matrix 1 of the batch made the algorithm fail to converge: does it hold nan or infinity?",
    ],
    ["det", () => linalg.det(nabla.ones(2, 3)), "det: expected square matrices, got shape [2, 3]"],
    [
      "tensorinv",
      () => linalg.tensorinv(nabla.ones(2, 2, 4)),
      "inverse: the matrix is singular: pivot 1 is zero",
    ],
  ])("%s", (_, fn, expected) => {
    expect(message(fn)).toBe(expected);
  });

  it.each([
    [() => linalg.solve(good, [1, 2, 3]), "solve: [2, 2] and [3, 1] have 2 and 3 rows"],
    [
      () => linalg.solve(good, [1, 2], { left: false }),
      "solve: with { left: false }, b is no vector; it has 1 dims",
    ],
    [() => linalg.solve(tensor([[1n]]), [1n]), "solve: expected a floating-point dtype, got int64"],
    [() => linalg.qr([1, 2]), "qr: expected matrices, got shape [2]"],
    [
      () => linalg.qr(good, { mode: "full" as "r" }),
      'qr: the mode is "reduced", "complete" or "r", not full',
    ],
    [
      () => linalg.solveTriangular(good, [[1], [2]], {} as { upper: boolean }),
      "solveTriangular: say { upper: true } or { upper: false }",
    ],
    [() => linalg.eigh(good, { UPLO: "l" as "L" }), 'eigh: UPLO is "L" or "U", not l'],
    [() => linalg.matrixPower(good, 0.5), "matrixPower: the power is a whole number, not 0.5"],
    [
      () => linalg.multiDot([good, [1, 2], good]),
      "multiDot: tensor 1 has shape [2]; expected a matrix",
    ],
    [
      () => linalg.multiDot([good, nabla.ones(3, 1)]),
      "multiDot: tensors 0 and 1 do not fit: [2, 2] @ [3, 1] (2 vs 3)",
    ],
    [
      () => nabla.einsum("ij,jk", good, nabla.ones(3, 1)),
      'einsum: the sizes of "j" differ: 2 and 3, in [2, 2] and [3, 1]',
    ],
    [() => nabla.einsum("ij->x", good), 'einsum: "x" of the output is in no operand'],
    [() => nabla.einsum("ij->ii", good), 'einsum: "i" appears twice in the output'],
    [() => nabla.einsum("i?", good), 'einsum: "?" in "i?" is no letter'],
    [() => nabla.einsum("i", good), 'einsum: "i" names 1 dims, and its operand has shape [2, 2]'],
    [() => nabla.einsum("ij,jk", good), 'einsum: "ij,jk" has 2 terms, and there are 1 operands'],
    [() => nabla.cdist(good, nabla.ones(2, 3)), "cdist: expected matrices with rows of one length"],
    [() => linalg.cross([1, 2], [3, 4]), "cross: expected vectors of 3 elements along dim 0"],
    [() => linalg.svd(good, { full: true } as object), 'svd: no option "full"'],
  ])("%#", (fn, expected) => {
    expect(fn).toThrow(nabla.NablaError);
    expect(fn).toThrow(expected);
  });
});

describe("results that lie side by side", () => {
  it("are tensors of their own to in-place operations, and no gradient is spoiled", () => {
    const x = random([4, 3]);
    const gradient = (spoil: boolean): Tensor => {
      const leaf = x.clone().requiresGrad_();
      const { U, S, Vh } = linalg.svd(leaf, { fullMatrices: false });
      const out = S.sum().add(U.mul(U).select(0, 0).sum()).add(Vh.mul(Vh).select(0, 0).sum());
      if (spoil) {
        U.mul_(7);
        Vh.zero_();
        expect(S.gt(0).all().item()).toBe(true);
      }
      out.backward();
      return leaf.grad as Tensor;
    };
    close(gradient(true), gradient(false), 0);
  });

  it("in place on a result is on the tape", () => {
    const leaf = tensor([
      [2, 0],
      [0, 3],
    ]).requiresGrad_();
    const { eigenvalues } = linalg.eigh(leaf);
    eigenvalues.mul_(5);
    eigenvalues.sum().backward();
    expect((leaf.grad as Tensor).toArray()).toEqual([
      [5, 0],
      [0, 5],
    ]);
  });
});

describe("products of many tensors", () => {
  it("multiDot takes the cheapest order, and the sum is that of any", () => {
    const parts = [
      [30, 35],
      [35, 15],
      [15, 5],
      [5, 10],
      [10, 20],
      [20, 25],
    ].map((shape, i) => random(shape, "float64", i));
    close(
      linalg.multiDot(parts),
      parts.reduce((a, b) => a.matmul(b)),
      1000,
    );
  });

  it("einsum of seven operands", () => {
    const parts = Array.from({ length: 7 }, (_, i) => random([6, 6], "float64", i));
    const chain = parts.reduce((a, b) => a.matmul(b));
    close(nabla.einsum("ab,bc,cd,de,ef,fg,gh->ah", ...parts), chain, 1000);
    close(nabla.einsum("ab,bc,cd,de,ef,fg,ga->", ...parts), chain.trace(), 1000);
  });

  it("einsum does not make what nothing needs: an outer product of large vectors is summed first", () => {
    const x = nabla.ones(300_000);
    expect(nabla.einsum("i,j->", x, x).item()).toBeCloseTo(9e10, -4);
    expect(nabla.einsum("i,j,j->i", x, x, x).amax().item()).toBe(300_000);
  });
});

describe("matrixExp", () => {
  it("of matrices of very different norms", () => {
    for (const dtype of dtypes) {
      const a = tensor(
        [1e-9, 1e-3, 0.2, 1, 3, 9, 30].map((s) => [
          [0, s],
          [-s, 0],
        ]),
        { dtype },
      );
      const angles = a.select(-1, 1).select(-1, 0);
      const exp = linalg.matrixExp(a);
      close(exp.select(-1, 0).select(-1, 0), angles.cos(), 100);
      close(exp.select(-1, 1).select(-1, 0), angles.sin(), 100);
    }
  });

  it("of nan and infinity", () => {
    const a = tensor([[[Number.NaN]], [[Infinity]], [[1]]]);
    const [x, , z] = linalg.matrixExp(a).flatten().toArray() as number[];
    expect(x).toBeNaN();
    expect(z).toBeCloseTo(Math.E, 6);
  });
});

describe("cdist", () => {
  it("by a product and directly", () => {
    const x = random([40, 5]);
    const y = random([30, 5], "float64", 2);
    const direct = nabla.cdist(x, y, { computeMode: "donot_use_mm_for_euclid_dist" });
    close(nabla.cdist(x, y), direct, 1000);
    close(x.unsqueeze(1).sub(y).norm(2, -1), direct, 0);
  });

  it("is exact between few vectors that are near", () => {
    const x = tensor([
      [1e4, 1],
      [1e4, 1.5],
    ]);
    expect(nabla.cdist(x, x).toArray()).toEqual([
      [0, 0.5],
      [0.5, 0],
    ]);
  });
});

describe("precision of products", () => {
  it("is what it was set to, and nothing else can be set", () => {
    expect(nabla.getFloat32MatmulPrecision()).toBe("highest");
    const x = random([9, 9], "float32");
    const before = x.matmul(x);
    nabla.setFloat32MatmulPrecision("medium");
    expect(nabla.getFloat32MatmulPrecision()).toBe("medium");
    close(x.matmul(x), before, 0);
    nabla.setFloat32MatmulPrecision("highest");
    expect(() => nabla.setFloat32MatmulPrecision("low" as "high")).toThrow(
      "setFloat32MatmulPrecision: the precisions are highest, high, medium, not low",
    );
  });
});
