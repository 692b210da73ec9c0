// The gradient of every differentiable operation, first and second, against central finite differences.
import { readFileSync } from "node:fs";
import * as nabla from "nabla";
import { autograd, linalg, Tensor, tensor } from "nabla";
import { describe, expect, it } from "vitest";
import { linearRecurrence } from "../../src/functions/scans.js";
import type { ElementwiseRow } from "../../src/ops/elementwise.js";
import { elementwise } from "../../src/ops/elementwise.js";
import { structural } from "../../src/ops/structural.js";
import type { Input } from "../gradcheck.js";
import { gradcheck } from "../gradcheck.js";
import { make, read } from "../layouts.js";
import { linearCases, onceDifferentiable } from "../linalgcases.js";

type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
type Dyadic = (x: Tensor, ...rest: (Tensor | number)[]) => Tensor;

const layouts = ["contiguous", "transposed", "sliced"] as const;

/** Rows of the two tables that were on a tape here. */
const seen = new Set<unknown>();

interface Recorded {
  readonly inputs: readonly (Recorded | null)[];
  readonly row?: unknown;
  readonly rule?: { readonly row: unknown };
}

function see(result: Tensor): void {
  const stack = [result.node as unknown as Recorded | null];
  const visited = new Set<Recorded>();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null || visited.has(node)) continue;
    visited.add(node);
    seen.add(node.rule?.row ?? node.row);
    stack.push(...node.inputs);
  }
}

/** Irregular values in (low, high), none near another or near an end. */
function spread(shape: readonly number[], low = -1.5, high = 1.5, phase = 0): Input {
  const numel = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: numel }, (_, i) => {
    const place = (((i + phase) * 0.6180339887 + 0.37 + phase * 0.11) % 1) * 0.9 + 0.05;
    return low + place * (high - low);
  });
  return { shape, values };
}

function check(fn: Fn, inputs: readonly Input[], order = 2): void {
  for (const layout of layouts) gradcheck(fn, inputs, { order, layout, onResult: see });
  // Each operand alone, the others constants.
  for (let i = 0; i < inputs.length && inputs.length > 1; i++) {
    gradcheck(fn, inputs, { wanted: inputs.map((_, k) => k === i), onResult: see });
  }
}

// ---------------------------------------------------------------------------------- elementwise

/** Where an operation is smooth; (−1.5, 1.5) unless told. */
const domains: Record<string, [number, number]> = {
  abs: [0.2, 1.5],
  sign: [0.2, 1.5],
  relu: [0.2, 1.5],
  floor: [0.1, 0.9],
  ceil: [0.1, 0.9],
  round: [0.55, 1.4],
  trunc: [0.1, 0.9],
  reciprocal: [0.5, 2],
  sqrt: [0.5, 2],
  rsqrt: [0.5, 2],
  log: [0.5, 2],
  log2: [0.5, 2],
  log10: [0.5, 2],
  log1p: [-0.5, 2],
  tan: [-1, 1],
  asin: [-0.8, 0.8],
  acos: [-0.8, 0.8],
  atanh: [-0.8, 0.8],
  acosh: [1.3, 3],
  pow: [0.5, 2],
  cbrt: [0.5, 2],
  lgamma: [0.4, 3],
  digamma: [0.4, 3],
  trigamma: [0.5, 3],
};

const differentiable = (Object.entries(elementwise) as [string, ElementwiseRow][]).filter(
  ([, row]) => row.partials.some((partial) => partial !== null),
);
const functions: Record<string, Dyadic> = {
  ...(nabla as unknown as Record<string, Dyadic>),
  geluTanh: (x) => nabla.gelu(x, { approximate: "tanh" }),
  trigamma: (x) => nabla.polygamma(1, x),
};
const methodOf = (x: Tensor, name: string): Dyadic =>
  ((x as unknown as Record<string, Dyadic>)[name] as Dyadic).bind(x, ...[]) as Dyadic;
const inPlace = (x: Tensor, name: string, ...rest: (Tensor | number)[]): Tensor =>
  (methodOf(x, `${name}_`) as unknown as (...args: (Tensor | number)[]) => Tensor)(...rest);
const hasInPlace = (name: string): boolean => `${name}_` in Tensor.prototype;

/** Second operands that keep away from kinks and poles. */
const divisors: Record<string, [number, number]> = {
  div: [0.6, 2],
  pow: [-1.5, 2.5],
  remainder: [2.1, 3],
  fmod: [2.1, 3],
  atan2: [0.6, 2],
  hypot: [0.6, 2],
  maximum: [-1.9, 1.1],
  minimum: [-1.9, 1.1],
};

describe("elementwise, of one operand", () => {
  it.each(differentiable.filter(([, { arity }]) => arity === 1).map(([name]) => name))(
    "%s",
    (name) => {
      const [low, high] = domains[name] ?? [-1.5, 1.5];
      const x = spread([2, 3], low, high);
      const fn = functions[name];
      check((a) => fn(a), [x]);
      check((a) => fn(a), [spread([], low, high)]);
      if (low > 0 && ["abs", "sign", "relu", "floor", "ceil", "round", "trunc"].includes(name)) {
        check((a) => fn(a), [spread([2, 3], -high, -low)]);
      }
      if (!hasInPlace(name)) return;
      check((a) => inPlace(a.clone(), name), [x]);
      check(
        (a) => {
          const b = a.clone();
          inPlace(b.t().select(0, 1), name);
          return b;
        },
        [x],
      );
    },
  );
});

describe("elementwise, of two operands", () => {
  // The first operand of polygamma is no variable.
  it.each(
    differentiable
      .filter(([name, { arity }]) => arity === 2 && name !== "polygamma")
      .map(([name]) => name),
  )("%s", (name) => {
    const [low, high] = domains[name] ?? [-1.5, 1.5];
    const [least, most] = divisors[name] ?? [-1.5, 1.5];
    const fn = functions[name];
    for (const [a, b] of [
      [
        [2, 3],
        [2, 3],
      ],
      [[2, 3], [3]],
      [[3], [2, 3]],
      [
        [2, 1],
        [1, 3],
      ],
      [[], [2, 2]],
      [[2, 2], []],
      [
        [2, 1, 2],
        [3, 1],
      ],
      [[], []],
    ]) {
      check((x, y) => fn(x, y), [spread(a, low, high), spread(b, least, most, 5)]);
    }
    const x = spread([2, 3], low, high);
    check((a) => fn(a, 2.5), [x]);
    check((a) => fn(tensor(1.25, { dtype: "float64" }), a), [spread([2, 3], least, most, 3)]);
    if (!["remainder", "fmod", "maximum", "minimum"].includes(name)) {
      check((a) => fn(a, a), [spread([4], 0.6, 2)]);
    }
    if (!hasInPlace(name)) return;
    const y = spread([3], least, most, 5);
    check((a, b) => inPlace(a.clone(), name, b), [x, y]);
    check((a) => inPlace(a.clone(), name, 2.5), [x]);
    check(
      (a, b) => {
        const c = a.clone();
        inPlace(c.select(0, 1), name, b);
        return c;
      },
      [x, y],
    );
    check(
      (a, b) => {
        const c = a.clone();
        const d = c.mul(c); // saves c, which is written next
        inPlace(c, name, b);
        return [c, d];
      },
      [x, y],
    );
  });
});

const condition = tensor([
  [true, false, true],
  [false, true, false],
]);

describe("elementwise, with numbers", () => {
  it("polygamma", () => {
    for (const n of [2, 3]) {
      check((x) => nabla.polygamma(n, x), [spread([2, 3], 1, 3)]);
      check((x) => x.polygamma(n), [spread([2, 3], -0.7, -0.3)]);
      check((x) => x.clone().polygamma_(n), [spread([2, 3], 1, 3)]);
    }
    check((x) => x.clone().polygamma_(1), [spread([2, 3], 1, 3)]);
  });

  it("pow by numbers that simpler operations give", () => {
    for (const y of [1, 2, 3, 0.5, -0.5, -1, -2, 0, 1.5]) {
      check((x) => x.mul(x).pow(y), [spread([2, 3], 0.6, 1.4)]);
      check((x) => x.mul(x).pow_(y), [spread([2, 3], 0.6, 1.4)]);
      expect(tensor([1.5], { requiresGrad: true }).pow(y).gradFn?.name).toBe("PowBackward0");
      expect(tensor([1.5], { requiresGrad: true }).clone().pow_(y).gradFn?.name).toBe(
        "PowBackward0",
      );
    }
  });
});

describe("elementwise, of three operands", () => {
  it("softplus", () => {
    check((x) => nabla.softplus(x), [spread([2, 3])]);
    check((x) => x.softplus({ beta: 2.5, threshold: 1 }), [spread([2, 3])]);
    check((x) => x.softplus({ beta: -0.5 }), [spread([2, 3])]);
  });

  it("where", () => {
    for (const [a, b] of [
      [
        [2, 3],
        [2, 3],
      ],
      [[3], [2, 1]],
      [[], [2, 3]],
      [[2, 3], []],
    ]) {
      check((x, y) => condition.where(x, y), [spread(a), spread(b, -1, 1, 4)]);
    }
    check((x) => condition.where(x.mul(x), 2.5), [spread([2, 3])]);
    check((x) => condition.where(-1, x.mul(x)), [spread([2, 3])]);
  });

  it("clamp", () => {
    const x = spread([2, 3], -3, 3);
    check((a) => a.mul(a).clamp(0.7, 3.1), [x]);
    check((a) => a.clamp({ min: 0.11 }), [x]);
    check((a) => a.clamp({ max: 0.11 }), [x]);
    check((a) => a.clone().clamp_(-1.03, 1.07), [x]);
    check((a) => a.clone().clamp_({ min: -1.03 }), [x]);
    check((a, b, c) => a.clamp(b, c), [x, spread([3], -2, -0.5, 2), spread([2, 1], 0.5, 2, 7)]);
    check((a, b, c) => a.clamp(b, c), [x, spread([3], 1, 1.3, 2), spread([2, 1], 0.5, 0.9, 7)]);
    check((a, b) => a.clamp({ min: b }), [x, spread([3], -1, 1, 2)]);
    check(
      (a, b, c) => a.clone().clamp_(b, c),
      [x, spread([3], -2, -0.5, 2), spread([2, 1], 0.5, 2, 7)],
    );
  });
});

// ---------------------------------------------------------------------------------- structural

const cube = spread([2, 3, 2]);
const matrix = spread([2, 3]);
const square: Input = { shape: [3, 3], values: [2.1, 0.3, -0.4, 0.5, 1.7, 0.6, -0.2, 0.8, 2.4] };
const vector = spread([4]);

/** Each by its name: the function, and its inputs. Views are squared, so that a second derivative is left. */
const cases: Record<string, [Fn, Input[]]> = {
  "sum of all": [(x) => x.mul(x).sum(), [cube]],
  "sum over a dim": [(x) => x.mul(x).sum(1), [cube]],
  "sum over dims": [(x) => x.mul(x).sum([0, -1]), [cube]],
  "sum with keepdim": [(x) => x.mul(x).sum([0, 2], { keepdim: true }), [cube]],
  "sum of a scalar": [(x) => x.mul(x).sum(), [spread([])]],
  "mean of all": [(x) => x.mul(x).mean(), [cube]],
  "mean over a dim": [(x) => x.mul(x).mean(-1), [cube]],
  "mean with keepdim": [(x) => x.mul(x).mean([0, 1], { keepdim: true }), [cube]],
  "prod of all": [(x) => x.prod(), [cube]],
  "prod over a dim": [(x) => x.prod(1), [cube]],
  "prod with keepdim": [(x) => x.prod(-1, { keepdim: true }), [cube]],
  "prod over dims": [(x) => x.prod([0, 2]), [cube]],
  "prod, one zero": [(x) => x.prod(), [{ shape: [4], values: [2, 0, -3, 0.5] }]],
  "prod, two zeros": [(x) => x.prod(), [{ shape: [4], values: [2, 0, -3, 0] }]],
  "prod, three zeros": [(x) => x.prod(), [{ shape: [4], values: [0, 0, -3, 0] }]],
  "prod, zeros in some rows": [
    (x) => x.prod(1),
    [{ shape: [3, 3], values: [2, 0, -3, 0, 0, 4, 1, 2, 3] }],
  ],
  "prod of one element": [(x) => x.prod(), [spread([1])]],
  "prod of an odd number": [(x) => x.prod(0), [spread([5])]],
  "prod of a scalar": [(x) => x.mul(x).prod(), [spread([])]],
  "amax of all": [(x) => x.mul(x).amax(), [cube]],
  "amax over a dim": [(x) => x.mul(x).amax(1), [cube]],
  "amax over dims": [(x) => x.mul(x).amax([0, 2], { keepdim: true }), [cube]],
  "amin over a dim": [(x) => x.mul(x).amin(-1), [cube]],
  "amin of all": [(x) => x.exp().amin(), [cube]],
  "max of all": [(x) => x.exp().max(), [cube]],
  "min of all": [(x) => x.exp().min(), [cube]],
  "max over a dim": [(x) => x.exp().max(1).values, [cube]],
  "max with keepdim": [(x) => x.exp().max(0, { keepdim: true }).values, [cube]],
  "min over a dim": [(x) => x.exp().min(2).values, [cube]],
  "max of a scalar": [(x) => x.exp().max(0).values, [spread([])]],
  "max of two": [(x, y) => x.exp().max(y), [matrix, spread([3], 0.3, 3, 2)]],
  "logsumexp over a dim": [(x) => x.logsumexp(1), [cube]],
  "logsumexp over dims": [(x) => x.logsumexp([0, 2]), [cube]],
  "logsumexp with keepdim": [(x) => x.logsumexp(-1, { keepdim: true }), [cube]],
  softmax: [(x) => x.softmax(1), [cube]],
  "softmax of the first dim": [(x) => x.softmax(0), [cube]],
  logSoftmax: [(x) => x.logSoftmax(-1), [cube]],
  "logSoftmax of a middle dim": [(x) => x.logSoftmax(1), [cube]],
  "median of all": [(x) => x.exp().median(), [cube]],
  "median over a dim": [(x) => x.exp().median(1).values, [cube]],
  "median with keepdim": [(x) => x.exp().median(0, { keepdim: true }).values, [cube]],
  "median of a scalar": [(x) => x.exp().median(0).values, [spread([])]],
  "nanmedian of all": [(x) => x.exp().nanmedian(), [cube]],
  "nanmedian over a dim": [(x) => x.exp().nanmedian(-1).values, [cube]],
  kthvalue: [(x) => x.exp().kthvalue(2, 1).values, [cube]],
  "kthvalue with keepdim": [(x) => x.exp().kthvalue(2, { keepdim: true }).values, [cube]],
  mode: [(x) => x.exp().mode(1).values, [cube]],
  "quantile of all": [(x) => x.exp().quantile(0.37), [cube]],
  "quantiles over a dim": [(x) => x.exp().quantile([0.1, 0.55, 0.9], 1), [cube]],
  "quantiles with keepdim": [
    (x) => x.exp().quantile([0.1, 0.55], 0, { keepdim: true, interpolation: "midpoint" }),
    [cube],
  ],
  "quantile by rank": [(x) => x.exp().quantile(0.6, -1, { interpolation: "nearest" }), [cube]],
  "quantile, of a variable level": [
    (x, q) => x.exp().quantile(q.mul(q)),
    [vector, spread([], 0.6, 0.7)],
  ],
  nanquantile: [(x) => x.exp().nanquantile([0.2, 0.8], 2), [cube]],
  gather: [(x) => x.mul(x).gather(1, [[[2n], [0n], [2n], [1n]]]), [cube]],
  "gather with whole rows": [
    (x) =>
      nabla.gather(x.mul(x), 0, [
        [1n, 1n, 0n],
        [1n, 0n, 0n],
      ]),
    [matrix],
  ],
  "gather from a scalar": [(x) => x.mul(x).gather(0, [0n, 0n]), [spread([])]],
  scatterAdd: [
    (x, y) =>
      x.mul(x).scatterAdd(
        1,
        [
          [2n, 0n, 2n],
          [1n, 1n, 1n],
        ],
        y.mul(y),
      ),
    [matrix, spread([2, 3], -1, 1, 4)],
  ],
  "scatterAdd of a part": [
    (x, y) => x.mul(x).scatterAdd(0, [[1n, 1n]], y.mul(y)),
    [matrix, spread([2, 3], -1, 1, 4)],
  ],
  "var of all": [(x) => x.var(), [cube]],
  "var over a dim": [(x) => x.mul(x).var(1, { correction: 0 }), [cube]],
  "var over dims": [(x) => x.var([0, 2], { keepdim: true, correction: 2 }), [cube]],
  "std of all": [(x) => x.std(), [cube]],
  "std over a dim": [(x) => x.mul(x).std(1, { keepdim: true }), [cube]],
  varMean: [(x) => x.varMean(1), [cube]],
  stdMean: [(x) => x.stdMean([0, 1]), [cube]],
  norm: [(x) => x.norm(), [cube]],
  "norm over dims": [(x) => x.norm("fro", [0, 2]), [cube]],
  "norm, 0": [(x) => nabla.cat([x.norm(0, 1), x.norm(2, 1)]), [cube]],
  "norm, 1": [(x) => x.mul(x).norm(1, 1), [cube]],
  "norm, 3": [(x) => x.norm(3, 0, { keepdim: true }), [cube]],
  "norm, 1.5": [(x) => x.norm(1.5, [0, 1]), [cube]],
  "norm, 0.5": [(x) => x.norm(0.5, -1), [cube]],
  "norm, -1": [(x) => x.norm(-1, 1), [cube]],
  "norm, infinite": [(x) => x.exp().norm(Infinity, 1), [cube]],
  "norm, the least": [(x) => x.exp().norm(-Infinity), [cube]],
  "nansum of all": [(x) => x.mul(x).nansum(), [cube]],
  "nansum over dims": [(x) => x.mul(x).nansum([0, 2], { keepdim: true }), [cube]],
  nanmean: [(x) => x.mul(x).nanmean(1), [cube]],
  aminmax: [(x) => Object.values(x.exp().aminmax({ dim: 1 })), [cube]],
  softmin: [(x) => x.softmin(1), [cube]],
  cumprod: [(x) => x.cumprod(1), [cube]],
  "cumprod of zeros": [(x) => x.cumprod(0), [{ shape: [6], values: [2, 0, -3, 0.5, 0, 4] }]],
  "cumprod of many": [(x) => x.cumprod(-1), [spread([2, 7], 0.5, 1.5)]],
  logcumsumexp: [(x) => x.logcumsumexp(1), [cube]],
  "logcumsumexp, far apart": [
    (x) => x.logcumsumexp(0),
    [{ shape: [5], values: [-900, 3, 2.5, 800, 799] }],
  ],
  cummax: [(x) => x.exp().cummax(1).values, [cube]],
  cummin: [(x) => x.exp().cummin(-1).values, [cube]],
  "cummax of a scalar": [(x) => x.exp().cummax(0).values, [spread([])]],
  "linear recurrence": [
    (x, y) => linearRecurrence(x.mul(x), y.exp(), 1),
    [cube, spread([2, 3, 2], -1, 1, 4)],
  ],
  "linear recurrence, reversed": [
    (x, y) => linearRecurrence(x.mul(x), y.exp(), 0, true),
    [spread([5]), spread([5], -1, 1, 4)],
  ],
  cumsum: [(x) => x.mul(x).cumsum(1), [cube]],
  "cumsum of the last dim": [(x) => x.mul(x).cumsum(-1), [cube]],
  "matmul, vector and vector": [(x, y) => x.matmul(y), [vector, spread([4], -1, 1, 3)]],
  "matmul, matrix and vector": [(x, y) => x.matmul(y), [matrix, spread([3], -1, 1, 3)]],
  "matmul, vector and matrix": [(x, y) => x.matmul(y), [spread([2]), spread([2, 3], -1, 1, 3)]],
  "matmul, matrices": [(x, y) => x.matmul(y), [matrix, spread([3, 2], -1, 1, 3)]],
  "matmul, a batch and a vector": [(x, y) => x.matmul(y), [cube, spread([2], -1, 1, 3)]],
  "matmul, a vector and a batch": [(x, y) => x.matmul(y), [spread([3]), cube]],
  "matmul, a batch and a matrix": [(x, y) => x.matmul(y), [cube, spread([2, 2], -1, 1, 3)]],
  "matmul, a matrix and a batch": [(x, y) => x.matmul(y), [spread([2, 3]), cube]],
  "matmul, batches that broadcast": [
    (x, y) => x.matmul(y),
    [spread([2, 1, 1, 2]), spread([3, 2, 1], -1, 1, 3)],
  ],
  "matmul of one with itself": [(x) => x.matmul(x), [square]],
  mm: [(x, y) => x.mm(y), [matrix, spread([3, 2], -1, 1, 3)]],
  "mm of transposes": [(x, y) => x.t().mm(y.t()), [matrix, spread([3, 2], -1, 1, 3)]],
  bmm: [(x, y) => x.bmm(y), [cube, spread([2, 2, 2], -1, 1, 3)]],
  mv: [(x, y) => x.mv(y), [matrix, spread([3], -1, 1, 3)]],
  dot: [(x, y) => x.dot(y), [vector, spread([4], -1, 1, 3)]],
  outer: [(x, y) => x.outer(y), [vector, spread([3], -1, 1, 3)]],
  inverse: [(x) => x.inverse(), [square]],
  "inverse of a batch": [
    (x) => x.inverse(),
    [{ shape: [2, 2, 2], values: [2, 0.3, -0.4, 1.5, 1.7, 0.6, -0.2, 2.8] }],
  ],
  "diag of a vector": [(x) => x.mul(x).diag(1), [vector]],
  "diag of a matrix": [(x) => x.mul(x).diag(-1), [square]],
  trace: [(x) => x.mul(x).trace(), [matrix]],
  diagonal: [(x) => x.mul(x).diagonal({ offset: 1 }), [matrix]],
  "diagonal of other dims": [(x) => x.mul(x).diagonal({ offset: -1, dim1: 1, dim2: -1 }), [cube]],
  cat: [(x, y) => nabla.cat([x.mul(x), y.exp(), x], 1), [matrix, spread([2, 1], -1, 1, 4)]],
  stack: [(x, y) => nabla.stack([x.mul(x), y.exp()], -1), [matrix, spread([2, 3], -1, 1, 4)]],
  flip: [(x) => x.mul(x).flip([0, 2]), [cube]],
  reshape: [(x) => x.mul(x).reshape(3, 4), [cube]],
  "reshape that copies": [(x) => x.mul(x).permute(2, 0, 1).reshape(3, 4), [cube]],
  view: [(x) => x.mul(x).view(4, 3), [cube]],
  permute: [(x) => x.mul(x).permute(2, 0, 1), [cube]],
  transpose: [(x) => x.mul(x).transpose(0, -1), [cube]],
  t: [(x) => x.mul(x).t(), [matrix]],
  T: [(x) => x.mul(x).T, [cube]],
  mT: [(x) => x.mul(x).mT, [cube]],
  squeeze: [(x) => x.mul(x).squeeze(), [spread([1, 3, 1])]],
  "squeeze of a dim": [(x) => x.mul(x).squeeze(2), [spread([1, 3, 1])]],
  unsqueeze: [(x) => x.mul(x).unsqueeze(1), [matrix]],
  expand: [(x) => x.mul(x).expand(2, 3, -1), [spread([3, 1])]],
  "expand to more": [(x) => x.mul(x).expand(4, 3, 2), [spread([3, 1])]],
  expandAs: [(x, y) => x.mul(x).expandAs(y).mul(y), [spread([3]), matrix]],
  narrow: [(x) => x.mul(x).narrow(1, 1, 2), [cube]],
  select: [(x) => x.mul(x).select(1, -1), [cube]],
  slice: [(x) => x.mul(x).slice(0, 1, null, 2), [spread([5, 2])]],
  "slice of a transpose": [(x) => x.mul(x).t().slice(1, 0, null, 2), [spread([5, 2])]],
  "view of a view": [(x) => x.mul(x).t().slice(0, 0, null, 2).select(1, 1), [spread([3, 4])]],
  movedim: [(x) => x.mul(x).movedim([0, 1], [2, 0]), [cube]],
  unbind: [(x) => x.mul(x).unbind(1), [cube]],
  split: [(x) => x.mul(x).split([1, 2], 1), [cube]],
  flatten: [(x) => x.mul(x).flatten(1), [cube]],
  "flatten that copies": [(x) => x.mul(x).transpose(0, 2).flatten(), [cube]],
  clone: [(x) => x.mul(x).clone(), [cube]],
  contiguous: [(x) => x.mul(x).t().contiguous(), [matrix]],
  "to and fro": [(x) => x.mul(x).to("float64"), [matrix]],
  iteration: [(x) => [...x.mul(x)], [matrix]],

  copy_: [(x, y) => x.mul(x).copy_(y.mul(y)), [matrix, spread([3], -1, 1, 4)]],
  "copy_ into a row": [
    (x, y) => {
      const z = x.mul(x);
      z.select(0, 1).copy_(y.mul(y));
      return z;
    },
    [matrix, spread([3], -1, 1, 4)],
  ],
  "copy_ into zeros": [
    (x, y) => {
      const z = nabla.zeros([2, 4], { dtype: "float64" });
      z.select(0, 0).copy_(x.mul(x));
      z.select(0, 1).copy_(y.exp());
      return z.matmul(z.t());
    },
    [vector, spread([4], -1, 1, 4)],
  ],
  "fill_ of a part": [
    (x) => {
      const z = x.mul(x);
      z.narrow(1, 0, 2).fill_(7);
      return z;
    },
    [matrix],
  ],
  "zero_ of a part": [
    (x) => {
      const z = x.mul(x);
      z.diagonal().zero_();
      return z;
    },
    [square],
  ],
  "fill_ and zero_ of all": [(x) => [x.mul(x).fill_(3), x.exp().zero_(), x.exp()], [matrix]],
  "in place on a slice with steps": [
    (x, y) => {
      const z = x.mul(x);
      z.slice(0, 0, null, 2).mul_(y);
      return z;
    },
    [spread([5, 2]), spread([2], -1, 1, 4)],
  ],
  "in place on a view of a view": [
    (x, y) => {
      const z = x.mul(x);
      z.t().narrow(0, 1, 2).select(1, 1).mul_(y).exp_();
      return z;
    },
    [matrix, spread([2], -1, 1, 4)],
  ],
  "in place on the base of a view": [
    (x, y) => {
      const z = x.mul(x);
      const v = z.view(6);
      z.mul_(y).sin_();
      return [v, z];
    },
    [matrix, spread([3], -1, 1, 4)],
  ],
  "in place on a diagonal": [
    (x, y) => {
      const z = x.mul(x);
      z.diagonal({ offset: 1 }).mul_(y);
      z.diagonal().mul_(z.diagonal({ offset: -1 }).sum());
      return z;
    },
    [square, spread([2], -1, 1, 4)],
  ],
  "an operand that is a view of what is written": [
    (x) => {
      const z = x.mul(x);
      z.select(0, 0).mul_(z.select(0, 1));
      z.mul_(z.narrow(0, 1, 1));
      return z;
    },
    [matrix],
  ],
  "reciprocal of a column": [(x) => x.div(x.narrow(1, 0, 1)), [spread([2, 3], 0.5, 2)]],
  alpha: [(x, y) => x.add(y, { alpha: 2.5 }).sub(x.mul(y), { alpha: -0.5 }), [matrix, spread([3])]],
};

describe("structural", () => {
  it.each(Object.keys(cases))("%s", (name) => {
    const [fn, inputs] = cases[name];
    check(fn, inputs);
  });

  it("third derivatives of a deep mixture", () => {
    const fn: Fn = (x, y) => x.matmul(y).tanh().softmax(1).prod(0).mul(x.sum(1).exp().mean());
    gradcheck(fn, [matrix, spread([3, 2], -1, 1, 3)], { order: 3 });
  });

  it("float32 and float64 in one graph", () => {
    const x = tensor([1.5, 2.5], { dtype: "float64", requiresGrad: true });
    const y = tensor([0.5, 3], { requiresGrad: true });
    const single = x.to("float32");
    const out = single.mul(y).to("float64").mul(x);
    see(out);
    out.sum().backward();
    expect(x.grad?.dtype).toBe("float64");
    expect(y.grad?.dtype).toBe("float32");
    expect(x.grad?.toArray()).toEqual([1.5, 15]);
    expect(y.grad?.toArray()).toEqual([2.25, 6.25]);
    const mixed = x.mul(y); // promoted within the operation
    const [gx, gy] = autograd.grad(mixed.sum(), [x, y]);
    expect([gx.dtype, gy.dtype]).toEqual(["float64", "float32"]);
    expect([gx.toArray(), gy.toArray()]).toEqual([
      [0.5, 3],
      [1.5, 2.5],
    ]);
  });

  it("reductions in another dtype", () => {
    const x = tensor([1.5, 2.5], { requiresGrad: true });
    for (const y of [
      x.sum({ dtype: "float64" }),
      x.cumsum(0, { dtype: "float64" }).select(0, 1),
      x.mean({ dtype: "float64" }).mul(2),
      x
        .prod({ dtype: "float64" })
        .div(4)
        .mul(tensor([0, 0]))
        .add(x),
      x.softmax(0, { dtype: "float64" }).sum().add(x.sum()),
    ]) {
      const [g] = autograd.grad(y.sum(), x);
      expect(g.dtype).toBe("float32");
      for (const value of read(g)) expect(value).toBeCloseTo(1, 6);
    }
  });

  it("empty tensors", () => {
    const x = nabla.zeros([0, 3], { requiresGrad: true });
    for (const y of [
      x.mul(2).sum(),
      x.t().matmul(x).sum(),
      x.sum(0).sum(),
      x.prod(),
      nabla.cat([x, x]).sum(),
    ]) {
      const [g] = autograd.grad(y, x);
      expect(g.shape).toEqual([0, 3]);
    }
  });
});

// ---------------------------------------------------------------------------------- linear algebra

describe("linear algebra", () => {
  it.each(Object.keys(linearCases).map((name, i) => [name, layouts[i % 3]] as const))(
    "%s, %s",
    (name, layout) => {
      const [fn, inputs] = linearCases[name];
      gradcheck(fn, inputs, { order: 2, layout, onResult: see });
      for (let i = 0; i < inputs.length && inputs.length > 1; i++) {
        gradcheck(fn, inputs, { wanted: inputs.map((_, k) => k === i), onResult: see });
      }
    },
  );

  it.each(Object.keys(onceDifferentiable))("%s", (name) => {
    gradcheck(...onceDifferentiable[name], { onResult: see });
  });

  it("third derivatives", () => {
    const [fn, inputs] = linearCases.solve;
    gradcheck(fn, inputs, { order: 3 });
    gradcheck(...linearCases["eigh, upper"], { order: 3 });
  });

  it("what has no derivative says so when it is asked for", () => {
    const a = tensor([
      [4, 1],
      [1, 3],
    ]).requiresGrad_();
    const { LD, pivots } = linalg.ldlFactor(a);
    see(LD);
    expect(() => LD.sum().backward()).toThrow("ldlFactor: it has no derivative");
    const x = linalg.ldlSolve(LD, pivots, [[1], [2]]);
    expect(() => x.sum().backward()).toThrow("ldlSolve: it has no derivative");
    expect(() => linalg.qr(nabla.ones(3, 2).requiresGrad_(), { mode: "complete" })).toThrow(
      'qr: with mode "complete" and more rows than columns it has no derivative',
    );
  });

  it("vectors that are not determined have none", () => {
    const a = nabla.eye(2, { dtype: "float64" }).requiresGrad_();
    const { eigenvectors } = linalg.eigh(a);
    const [g] = autograd.grad(eigenvectors.select(0, 0).select(0, 1), a);
    expect(read(g).every((v) => Number.isFinite(v))).toBe(false);
  });
});

// ---------------------------------------------------------------------------------- special values

interface Kink {
  op: string;
  inputs: { shape: number[]; values: (number | string)[] }[];
  rest: (number | string | boolean | object)[];
  gradients: (number | string)[][];
}

const { kinks } = JSON.parse(
  readFileSync(new URL("../reference/programs.json", import.meta.url), "utf8"),
) as { kinks: Kink[] };

describe("as PyTorch, at kinks, poles, ties, infinities and nan", () => {
  const numbers = (values: (number | string)[]) =>
    values.map((v) =>
      v === "nan" ? Number.NaN : v === "inf" ? Infinity : v === "-inf" ? -Infinity : Number(v),
    );

  it.each(kinks.map((kink) => [kink.op, kink] as const))(
    "%s",
    (_, { op, inputs, rest, gradients }) => {
      const leaves = inputs.map(({ shape, values }) => {
        const x = make(numbers(values), shape, "float64", "contiguous");
        x.requiresGrad = true;
        return x;
      });
      const out = (functions[op] as (...args: unknown[]) => Tensor | nabla.ValuesIndices)(
        ...leaves,
        ...rest.map((x) => (typeof x === "string" ? numbers([x])[0] : x)),
      );
      const y = out instanceof Tensor ? out : out.values;
      const found = autograd.grad(y, leaves, { gradOutputs: nabla.onesLike(y) });
      found.forEach((g, i) => {
        const got = read(g).map(Number);
        const wanted = numbers(gradients[i]);
        const differ = got
          .map((v, k) => ({ at: inputs.map(({ values }) => values[k]), got: v, wanted: wanted[k] }))
          .filter(({ got: a, wanted: b }) =>
            // Of results near 1, one may be rounded otherwise.
            Number.isFinite(b)
              ? !(Math.abs(a - b) <= 1e-12 * Math.abs(b) + 3e-16)
              : !Object.is(a, b),
          );
        expect(differ).toEqual([]);
      });
    },
  );
});

describe("slopes that PyTorch has no number for", () => {
  const slope = (fn: (x: Tensor) => Tensor, at: number): number => {
    const x = tensor(at, { dtype: "float64", requiresGrad: true });
    return autograd.grad(fn(x), x)[0].item() as number;
  };

  it("of activations at infinities: their limits", () => {
    for (const fn of [
      nabla.silu,
      nabla.gelu,
      (x: Tensor) => nabla.gelu(x, { approximate: "tanh" }),
    ]) {
      expect(slope(fn, Infinity)).toBe(1);
      expect(slope(fn, -Infinity)).toBeCloseTo(0, 300);
      expect(slope(fn, -800)).toBeCloseTo(0, 300);
      expect(slope(fn, Number.NaN)).toBeNaN();
    }
    // By mpmath: Φ(−30) − 30 φ(30).
    expect(slope(nabla.gelu, -30) / -4.416031690708495e-195).toBeCloseTo(1, 10);
  });

  it("of a quantile that is an infinite element", () => {
    const x = tensor([1, Infinity, 3], { dtype: "float64", requiresGrad: true });
    const y = x.quantile([0, 0.5, 1]);
    expect(y.toArray()).toEqual([1, 3, Infinity]);
    expect(autograd.grad(y.sum(), x)[0].toArray()).toEqual([1, 1, 1]);
  });

  it("of equal elements: each rank has its own", () => {
    const x = tensor([2, 1, 1], { dtype: "float64", requiresGrad: true });
    expect(autograd.grad(x.quantile(0.25), x)[0].toArray()).toEqual([0, 0.5, 0.5]);
  });
});

// ---------------------------------------------------------------------------------- coverage

describe("every derivative that the tables have", () => {
  it("was on a tape here", () => {
    const rows: [string, unknown][] = [...differentiable, ...Object.entries(structural)];
    expect(rows.length).toBeGreaterThan(90);
    expect(rows.filter(([, row]) => !seen.has(row)).map(([name]) => name)).toEqual([]);
  });
});
