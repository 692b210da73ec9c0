// Results written to memory that there is: { out }.
import * as nabla from "nabla";
import { empty, full, noGrad, Tensor, tensor, zeros } from "nabla";
import { describe, expect, it } from "vitest";
import { elementwise } from "../../src/ops/elementwise.js";
import { setDeferFrom } from "../../src/tensor/deferred.js";

type Fn = (...args: unknown[]) => Tensor;
const functions = nabla as unknown as Record<string, Fn>;

const x = tensor([
  [0.5, 0.25, 0.75],
  [0.125, 0.375, 0.625],
]);
const y = tensor([2, 0.5, 1]);
const i = tensor([[5n, -3n, 7n]]);
const j = tensor([[2n], [3n]]);

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
];

/** Memory in which nothing is right yet: dense, or with other elements between. */
const targets: [string, (like: Tensor) => Tensor][] = [
  ["dense", (like) => full(like.shape, 99, { dtype: like.dtype })],
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

describe.each([
  ["computed at once", 1 << 30],
  ["deferred", 0],
])("with elementwise work %s", (_, from) => {
  it.each(calls)("%s writes what it returns without", (name, args) => {
    const before = setDeferFrom(from);
    try {
      const wanted = functions[name](...args);
      for (const [kind, target] of targets) {
        const out = target(wanted);
        expect(functions[name](...args, { out }), kind).toBe(out);
        expect(out.toArray(), kind).toEqual(wanted.toArray());
        expect(out.dtype).toBe(wanted.dtype);
      }
      // Another operand's memory, and the method.
      const [first, ...rest] = args;
      if (!(first instanceof Tensor) || name === "where") return;
      const fits = first.shape.join() === wanted.shape.join() && first.dtype === wanted.dtype;
      const own = first.clone();
      const method = (own as unknown as Record<string, Fn>)[name];
      const out = fits ? own : target(wanted);
      expect(method.call(own, ...rest, { out })).toBe(out);
      expect(out.toArray()).toEqual(wanted.toArray());
      function target(like: Tensor): Tensor {
        return full(like.shape, 99, { dtype: like.dtype });
      }
    } finally {
      setDeferFrom(before);
    }
  });
});

describe("values and indices", () => {
  const pairs: [string, unknown[]][] = [
    ["max", [x, 1]],
    ["min", [x, 0]],
    ["median", [x, 1]],
    ["nanmedian", [x, 1]],
    ["kthvalue", [x, 2, 1]],
    ["mode", [x, 1]],
    ["cummax", [x, 1]],
    ["cummin", [x, 0]],
  ];
  it.each(pairs)("of %s", (name, args) => {
    const f = nabla as unknown as Record<string, (...args: unknown[]) => nabla.ValuesIndices>;
    const wanted = f[name](...args);
    const out = {
      values: full(wanted.values.shape, 99),
      indices: full(wanted.values.shape, 99, { dtype: "int64" }),
    };
    const got = f[name](...args, { out });
    expect(got.values).toBe(out.values);
    expect(got.indices).toBe(out.indices);
    expect(out.values.toArray()).toEqual(wanted.values.toArray());
    expect(out.indices.toArray()).toEqual(wanted.indices.toArray());
    expect(() => f[name](...args, { out: { ...out, indices: out.values } })).toThrow();
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

  it("is a tensor, and the only option of most", () => {
    expect(() => nabla.exp(y, { out: [1, 2, 3] as unknown as Tensor })).toThrow("not a tensor");
    expect(() => nabla.exp(y, { into: empty(3) } as never)).toThrow('no option "into"');
    expect(nabla.exp(y, {}).shape).toEqual([3]);
  });
});
