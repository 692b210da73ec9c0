// Results written to memory that there is: { out }.
import * as nabla from "nabla";
import { empty, full, noGrad, Tensor, tensor, zeros } from "nabla";
import { describe, expect, it } from "vitest";
import { elementwise } from "../../src/ops/elementwise.js";
import { setDeferFrom } from "../../src/tensor/deferred.js";

type Results = Tensor | Tensor[] | { [name: string]: Tensor };
type Fn = (...args: unknown[]) => Results;
const functions = nabla as unknown as Record<string, Fn>;

const x = tensor([
  [0.5, 0.25, 0.75],
  [0.125, 0.375, 0.625],
]);
const y = tensor([2, 0.5, 1]);
const i = tensor([[5n, -3n, 7n]]);
const j = tensor([[2n], [3n]]);
const at = tensor([
  [2n, 0n, 1n],
  [1n, 1n, 0n],
]);

/** Calls of every function that takes { out }, with a tensor for each operand. */
const calls: [string, unknown[]][] = [
  ...Object.entries(elementwise)
    .filter(([name]) => name in functions && name !== "where" && name !== "clamp")
    .filter(([name]) => !["polygamma", "softplus", "gelu", "acosh"].includes(name))
    .map(([name, { arity }]): [string, unknown[]] =>
      /^bitwise/.test(name)
        ? [name, arity === 1 ? [i] : [i, j]]
        : [name, arity === 1 ? [x] : [x, y]],
    ),
  ["acosh", [x.add(1)]],
  ["where", [x.gt(0.3), x, y]],
  ["clamp", [x, 0.2, 0.6]],
  ["clamp", [x, 0.2, y]],
  ["softplus", [x]],
  ["gelu", [x]],
  ["polygamma", [2, x]],
  ["add", [i, j]],
  ["floorDivide", [i, j]],
  ["pow", [x, 3]],
  ["pow", [x, y]],
  ["div", [x, y]],
  ["max", [x, y]],
  ["min", [x, y]],
  ...[
    "sum",
    "mean",
    "prod",
    "amax",
    "amin",
    "nansum",
    "nanmean",
    "norm",
    "argmax",
    "argmin",
  ].flatMap((name): [string, unknown[]][] => [
    [name, name === "norm" ? [x, 2] : [x]],
    [name, name === "norm" ? [x, 3, 1] : [x, 1]],
  ]),
  ["any", [x.gt(0.7), 1]],
  ["all", [x.gt(0.2), 0]],
  ["logsumexp", [x, 1]],
  ["cumsum", [x, 1]],
  ["cumprod", [x, 0]],
  ["logcumsumexp", [x, 1]],
  ["quantile", [x, 0.3, 1]],
  ["nanquantile", [x, [0.3, 0.6], 1]],
  ["var", [x, 1]],
  ["std", [x]],
  ["softmax", [x, 1]],
  ["logSoftmax", [x, 0]],
  ["softmin", [x, 0]],
  ["countNonzero", [x.round()]],
  ["countNonzero", [x.round(), 0]],
  ["gather", [x, 1, at]],
  ["gather", [x, 1, j.sub(2)]],
  ["scatterAdd", [x, 1, at, x]],
  ["max", [x, 1]],
  ["max", [i, 1]],
  ["min", [x, 0]],
  ["median", [x, 1]],
  ["nanmedian", [x, 1]],
  ["kthvalue", [x, 2, 1]],
  ["kthvalue", [j, 1, 0]],
  ["mode", [x, 1]],
  ["mode", [j, 1]],
  ["cummax", [x, 1]],
  ["cummin", [i, 0]],
  ["cummax", [tensor(3), 0]],
  ["aminmax", [x]],
  ["aminmax", [x, { dim: 1 }]],
  ["aminmax", [i, { dim: 0, keepdim: true }]],
  ["varMean", [x]],
  ["varMean", [x, 1]],
  ["varMean", [x, [0, 1], { keepdim: true, correction: 0 }]],
  ["stdMean", [x]],
  ["stdMean", [x, 0]],
];

const listed = (results: Results): Tensor[] =>
  results instanceof Tensor ? [results] : Object.values(results);

/** Calls a function with tensors for its results, in the way that it takes them; options may be its last argument. */
function callInto(outs: readonly Tensor[], f: Fn, args: readonly unknown[]): Results {
  const results = f(...args);
  const asList = Array.isArray(results) || (!(results instanceof Tensor) && "min" in results);
  const out =
    results instanceof Tensor ? outs[0] : asList ? outs : { values: outs[0], indices: outs[1] };
  const last = args.at(-1);
  const options =
    last !== null && typeof last === "object" && Object.getPrototypeOf(last) === Object.prototype;
  return options ? f(...args.slice(0, -1), { ...last, out }) : f(...args, { out });
}

/** Memory in which nothing is right yet: dense, or with other elements between. */
const poisoned = (like: Tensor): Tensor => full(like.shape, 99, { dtype: like.dtype });
const targets: [string, (like: Tensor) => Tensor][] = [
  ["dense", poisoned],
  [
    "transposed",
    (like) => {
      const block = full([...like.shape].reverse(), 99, { dtype: like.dtype });
      return block.permute([...like.shape.keys()].reverse());
    },
  ],
  [
    "spread",
    (like) => {
      const block = full([...like.shape, 3], 99, { dtype: like.dtype });
      return block.select(like.ndim, 1);
    },
  ],
];

/** x in a block of memory, and a tensor like another in the elements of that block before it. */
function overlapping(x: Tensor, like: Tensor): [x: Tensor, out: Tensor] {
  const [n, m] = [x.numel(), like.numel()];
  const block = full([Math.max(n, m) + 1], 99, { dtype: x.dtype });
  const own = block.narrow(0, 1, n).view(x.shape);
  own.copy_(x);
  return [own, block.narrow(0, 0, m).view(like.shape)];
}

describe.each([
  ["computed at once", 1 << 30],
  ["deferred", 0],
])("with elementwise work %s", (_, from) => {
  it.each(calls)("%s writes what it returns without", (name, args) => {
    const before = setDeferFrom(from);
    try {
      const wanted = listed(functions[name](...args));
      const values = wanted.map((result) => result.toArray());
      const check = (f: Fn, rest: readonly unknown[], outs: Tensor[], kind: string) => {
        const got = listed(callInto(outs, f, rest));
        expect(got.length, kind).toBe(outs.length);
        got.forEach((result, k) => {
          expect(result, kind).toBe(outs[k]);
          expect(result.dtype, kind).toBe(wanted[k].dtype);
        });
        expect(
          got.map((result) => result.toArray()),
          kind,
        ).toEqual(values);
      };
      for (const [kind, target] of targets) {
        check(functions[name], args, wanted.map(target), kind);
      }
      const [first, ...rest] = args;
      if (!(first instanceof Tensor) || name === "where") return;
      const method: Fn = (self, ...others) =>
        (self as unknown as Record<string, Fn>)[name](...others);
      wanted.forEach((result, k) => {
        if (result.dtype !== first.dtype) return;
        const [own, out] = overlapping(first, result);
        const outs = wanted.map((like, l) => (l === k ? out : poisoned(like)));
        check(method, [own, ...rest], outs, "over an operand");
        if (result.shape.join() !== first.shape.join()) return;
        const same = first.clone();
        const others = wanted.map((like, l) => (l === k ? same : poisoned(like)));
        check(method, [same, ...rest], others, "in place of an operand");
      });
    } finally {
      setDeferFrom(before);
    }
  });
});

describe("what is refused leaves all as it was", () => {
  it.each(calls)("%s", (name, args) => {
    const wanted = listed(functions[name](...args));
    const refuse = (outs: Tensor[], what: RegExp, given = args) => {
      const before = outs.map((out) => out.toArray());
      expect(() => callInto(outs, functions[name], given)).toThrow(what);
      expect(outs.map((out) => out.toArray())).toEqual(before);
    };
    wanted.forEach((result, k) => {
      const instead = (out: Tensor) => wanted.map((like, l) => (l === k ? out : poisoned(like)));
      const { dtype, shape } = result;
      refuse(instead(full([...shape, 2], 99, { dtype })), /does not fit/);
      if (result.numel() > 1) {
        refuse(instead(full([], 99, { dtype }).expand(shape)), /share an element/);
      }
      if (dtype === "float32") {
        refuse(instead(full(shape, 99, { dtype: "int64" })), /cannot hold/);
      }
      if (dtype === "int64") {
        refuse(instead(full(shape, true, { dtype: "bool" })), /cannot hold|are int64/);
      }
      if (dtype === "float32")
        refuse(instead(poisoned(result).requiresGrad_()), /out requires grad/);
    });
    args.forEach((arg, k) => {
      if (!(arg instanceof Tensor) || arg.dtype !== "float32") return;
      const given = args.map((other, l) => (l === k ? arg.clone().requiresGrad_() : other));
      refuse(wanted.map(poisoned), /operand requires grad/, given);
      noGrad(() => callInto(wanted.map(poisoned), functions[name], given));
    });
    if (wanted.length < 2 || wanted[0].dtype !== wanted[1].dtype) return;
    const [like] = wanted;
    const [out, moved] = overlapping(like, like);
    refuse([out, out], /share memory/);
    if (like.numel() > 1) refuse([out, moved], /share memory/);
    const block = full([...like.shape, 2], 99, { dtype: like.dtype });
    const outs = [0, 1].map((k) => block.select(like.ndim, k));
    callInto(outs, functions[name], args);
    expect(outs.map((each) => each.toArray())).toEqual(wanted.map((each) => each.toArray()));
  });
});

describe("out", () => {
  it("may hold a wider dtype, and none that cannot hold the result", () => {
    const out = zeros(3, { dtype: "float64" });
    nabla.add(y, 1, { out });
    expect(out.toArray()).toEqual([3, 1.5, 2]);
    expect(() => nabla.add(y, 1, { out: zeros(3, { dtype: "int64" }) as Tensor })).toThrow(
      "cannot hold",
    );
    expect(() => nabla.sum(y, { out: zeros([], { dtype: "int32" }) })).toThrow("cannot hold");
  });

  it("has the result's shape", () => {
    expect(() => nabla.add(y, 1, { out: zeros(4) })).toThrow("does not fit");
    expect(() => nabla.exp(y, { out: zeros(1, 3) })).toThrow("does not fit");
    expect(() => nabla.sum(x, 1, { out: zeros(3) })).toThrow("does not fit");
    expect(() => nabla.exp(y, { out: zeros(1).expand(3) })).toThrow("share an element");
  });

  it("is refused where a gradient is recorded", () => {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const out = zeros(3);
    expect(() => nabla.exp(a, { out })).toThrow("requires grad");
    expect(() => nabla.add(y, a, { out })).toThrow("requires grad");
    expect(() => nabla.sum(a, { out: zeros([]) })).toThrow("requires grad");
    expect(() => nabla.exp(y, { out: a })).toThrow("requires grad");
    expect(out.toArray()).toEqual([0, 0, 0]);
    noGrad(() => nabla.exp(a, { out }));
    expect(out.toArray<number[]>()[1]).toBeCloseTo(Math.exp(2), 5);
  });

  it("may overlap operands in any way", () => {
    const block = tensor([1, 2, 3, 4, 5]);
    nabla.add(block.narrow(0, 0, 4), 10, { out: block.narrow(0, 1, 4) });
    expect(block.toArray()).toEqual([1, 11, 12, 13, 14]);
    const square = tensor([
      [1, 2],
      [3, 4],
    ]);
    nabla.mul(square, square.t(), { out: square });
    expect(square.toArray()).toEqual([
      [1, 6],
      [6, 16],
    ]);
    const row = tensor([1, 2, 3]);
    nabla.cumsum(row, 0, { out: row });
    expect(row.toArray()).toEqual([1, 3, 6]);
  });

  it("leaves values that were saved or are pending as they were", () => {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const b = tensor([4, 5, 6]);
    const product = a.mul(b);
    nabla.add(b, 100, { out: b });
    product.sum().backward();
    expect(a.grad?.toArray()).toEqual([4, 5, 6]);
    expect(b.toArray()).toEqual([104, 105, 106]);
  });

  it("is a list of two, or values and indices, where there are two results", () => {
    const [a, b] = [zeros([]), zeros([])];
    const wrong = (out: unknown) => out as never;
    expect(() => nabla.varMean(y, { out: wrong(a) })).toThrow("list of two");
    expect(() => nabla.stdMean(y, { out: wrong([a]) })).toThrow("list of two");
    expect(() => nabla.aminmax(y, { out: wrong({ min: a, max: b }) })).toThrow("list of two");
    expect(() => nabla.aminmax(y, { out: wrong([a, 1]) })).toThrow("not a tensor");
    expect(() => nabla.max(y, 0, { out: wrong([a, b]) })).toThrow("expected options");
    expect(() => nabla.var(y, { out: wrong([a, b]) })).toThrow("not a tensor");
    const mean = y.mean();
    expect(y.varMean({ out: [a, b] })[1]).toBe(b);
    expect(b.item()).toBe(mean.item());
  });

  it("is a tensor, and the only option of most", () => {
    expect(() => nabla.exp(y, { out: [1, 2, 3] as unknown as Tensor })).toThrow("not a tensor");
    expect(() => nabla.exp(y, { into: empty(3) } as never)).toThrow('no option "into"');
    expect(nabla.exp(y, {}).shape).toEqual([3]);
  });
});
