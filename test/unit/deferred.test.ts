// Deferred elementwise work: what is computed when, in how many programs, and that the values are those of the moment of
// the call. The other tests run a second time with everything deferred (npm test).
import type { Tensor } from "nabla";
import {
  arange,
  autograd,
  explain,
  frombuffer,
  full,
  noGrad,
  ones,
  rand,
  tensor,
  zeros,
} from "nabla";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawAddon } from "../../src/native/door.js";
import { setDeferFrom } from "../../src/tensor/deferred.js";

let before = 0;
beforeEach(() => {
  before = setDeferFrom(0);
});
afterEach(() => {
  setDeferFrom(before);
});

/** How many programs fn runs. */
function programs(fn: () => unknown): number {
  const { run } = rawAddon;
  let count = 0;
  rawAddon.run = () => {
    count++;
    run();
  };
  try {
    fn();
  } finally {
    rawAddon.run = run;
  }
  return count;
}

const pending = (x: Tensor): boolean => x.storage.pending !== null;
const stepsOf = (x: Tensor): string[] =>
  explain(x)
    .split("\n")
    .filter((line) => /^ {4}\S+ = /.test(line) && !/ slot | = float32 [\d.-]+$/.test(line))
    .map((line) => line.trim());

describe("a chain", () => {
  it("is one pass, run when it is read", () => {
    const a = tensor([1, 2, 3]);
    const b = tensor([4, 5, 6]);
    let y: Tensor = a;
    expect(
      programs(() => {
        y = a.mul(b).add(a).sigmoid().mul(b).tanh();
      }),
    ).toBe(0);
    expect(pending(y)).toBe(true);
    expect(stepsOf(y)).toEqual([
      "r0 = mul float32 %1 %2",
      "r1 = add float32 r0 %1",
      "r0 = sigmoid float32 r1",
      "r1 = mul float32 r0 %2",
      "%0 = tanh float32 r1",
    ]);
    const expected = [1, 2, 3].map((v, i) => {
      const w = i + 4;
      return Math.tanh(w / (1 + Math.exp(-(v * w + v))));
    });
    expect(programs(() => y.realize())).toBe(1);
    expect(programs(() => y.realize())).toBe(0);
    y.toArray<number[]>().forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i], 6);
    });
    expect(explain(y)).toBe("in memory: nothing is left to compute");
  });

  it("ends in a reduction within the same pass", () => {
    const x = rand(7, 5);
    const y = rand(7, 5);
    let value = 0;
    expect(
      programs(() => {
        value = x.sub(y).square().mean().item();
      }),
    ).toBe(1);
    const d = x.sub(y).toTypedArray() as Float32Array;
    expect(value).toBeCloseTo(d.reduce((s, v) => s + v * v, 0) / 35, 6);
    expect(programs(() => x.t().mul(y.t()).sum(0).toArray())).toBe(1);
  });

  it("is a part of what walks over dims several times", () => {
    const x = rand(7, 5);
    const y = x.mul(3);
    let probabilities = y;
    expect(
      programs(() => {
        probabilities = y.softmax(1);
      }),
    ).toBe(1);
    expect(pending(y)).toBe(true);
    for (const sum of probabilities.sum(1).toArray<number[]>()) expect(sum).toBeCloseTo(1, 6);
    expect(probabilities.toTypedArray()).toEqual(y.realize().softmax(1).toTypedArray());
    // What is long is not computed again in each walk.
    const long = x.sin().add(1).mul(x).sigmoid().sub(x);
    long.varMean(0);
    expect(pending(long)).toBe(false);
  });

  it("casts, compares and selects on the way", () => {
    const i = tensor([1n, -2n, 3n]);
    const y = i.add(0.5).gt(0).logicalNot().to("int32").mul(3n);
    expect(pending(y)).toBe(true);
    expect(y.dtype).toBe("int32");
    expect(y.toArray()).toEqual([0, 3, 0]);
  });

  it("goes through shapes that show all of it in order, and is stored before others", () => {
    const x = arange(6);
    const y = x.mul(2).view(2, 3).add(1);
    expect(stepsOf(y)).toHaveLength(2);
    expect(y.toArray()).toEqual([
      [1, 3, 5],
      [7, 9, 11],
    ]);
    const rows = x
      .mul(2)
      .view(2, 3)
      .add(tensor([10, 20, 30]));
    expect(stepsOf(rows)).toHaveLength(2);
    expect(rows.toArray()).toEqual([
      [10, 22, 34],
      [16, 28, 40],
    ]);
    const z = x.mul(2).view(2, 3).t().add(1);
    expect(stepsOf(z)).toHaveLength(1);
    expect(z.toArray()).toEqual([
      [1, 7],
      [3, 9],
      [5, 11],
    ]);
    expect(x.mul(2).view(2, 3).select(1, 1).toArray()).toEqual([2, 8]);
    // Broadcasting would compute the smaller one again and again.
    expect(stepsOf(x.add(1).view(6, 1).add(zeros(6, 4)))).toHaveLength(1);
  });

  it("takes a value that is read twice in once", () => {
    const x = tensor([1, 2, 3]);
    const s = x.exp();
    const y = s.mul(s).add(s);
    expect(stepsOf(y)).toHaveLength(3);
    y.toArray<number[]>().forEach((v, i) => {
      expect(v).toBeCloseTo(Math.exp(2 * i + 2) + Math.exp(i + 1), 3);
    });
  });

  it("is stored when a third program wants it", () => {
    const h = tensor([1, 2, 3]).mul(2);
    expect(h.sum().item()).toBe(12);
    expect(pending(h)).toBe(true);
    expect(h.add(1).toArray()).toEqual([3, 5, 7]);
    expect(pending(h)).toBe(true);
    const y = h.add(2);
    expect(y.toArray()).toEqual([4, 6, 8]);
    expect(pending(h)).toBe(false);
  });

  it("may be as long as one likes", () => {
    let x: Tensor = zeros(3);
    for (let i = 0; i < 1000; i++) x = x.add(1);
    expect(programs(() => x.realize())).toBe(1);
    expect(x.toArray()).toEqual([1000, 1000, 1000]);
    // Sharing makes 2^30 paths of 30 steps.
    let y: Tensor = ones(2);
    for (let i = 0; i < 30; i++) y = y.add(y);
    expect(y.toArray()).toEqual([2 ** 30, 2 ** 30]);
    // Many values alive at once.
    const leaves = Array.from({ length: 64 }, (_, i) => tensor([i, 1]).exp());
    let level: Tensor[] = leaves;
    while (level.length > 1) {
      level = Array.from({ length: level.length / 2 }, (_, i) =>
        level[2 * i].add(level[2 * i + 1]),
      );
    }
    let sum = 0;
    for (let i = 0; i < 64; i++) sum += Math.exp(i);
    expect(level[0].toArray<number[]>()[0] / sum).toBeCloseTo(1, 5);
    expect(level[0].toArray<number[]>()[1]).toBeCloseTo(64 * Math.E, 3);
  });
});

describe("values are those of the call", () => {
  it("whatever is written in place later", () => {
    const a = tensor([1, 2, 3]);
    const b = a.add(1);
    a.mul_(10);
    expect(b.toArray()).toEqual([2, 3, 4]);
    expect(a.toArray()).toEqual([10, 20, 30]);
    const c = a.add(b);
    const d = c.mul(2);
    b.zero_();
    a.narrow(0, 0, 1).fill_(-1);
    expect(d.toArray()).toEqual([24, 46, 68]);
    expect(c.toArray()).toEqual([12, 23, 34]);
    expect(a.toArray()).toEqual([-1, 20, 30]);
  });

  it("of pending values too", () => {
    const h = tensor([1, 2, 3]).mul(2);
    const y = h.add(1);
    h.add_(100);
    expect(y.toArray()).toEqual([3, 5, 7]);
    expect(h.toArray()).toEqual([102, 104, 106]);
    const v = tensor([1, 2, 3, 4]).mul(2);
    const w = v.view(2, 2);
    const z = w.mul(10);
    w.select(0, 0).zero_();
    expect(v.toArray()).toEqual([0, 0, 6, 8]);
    expect(z.toArray()).toEqual([
      [20, 40],
      [60, 80],
    ]);
  });

  it("of memory in the user's hands", () => {
    const a = tensor([1, 2, 3]);
    const d = a.data;
    const b = a.add(1);
    d[0] = 9;
    expect(b.toArray()).toEqual([2, 3, 4]);
    const shared = new Float32Array(5000).fill(1);
    const c = frombuffer(shared).add(1);
    shared.fill(7);
    expect(c.sum().item()).toBe(10000);
    const e = tensor([1, 2, 3]);
    const f = e.mul(2);
    e.data[1] = 50;
    expect(f.toArray()).toEqual([2, 4, 6]);
    const w = tensor([1, 2, 3]);
    const live = w.data;
    w.add(1);
    w.mul_(3);
    expect([...live]).toEqual([3, 6, 9]);
  });

  it("of a row that a row is computed from", () => {
    const x = zeros(4, 3000);
    x.select(0, 0).fill_(1);
    const { block } = x.storage;
    for (let i = 1; i < 4; i++)
      x.select(0, i).copy_(
        x
          .select(0, i - 1)
          .mul(0.5)
          .add(1),
      );
    expect(x.storage.block).toBe(block);
    expect(x.select(1, 0).toArray()).toEqual([1, 1.5, 1.75, 1.875]);
  });

  it("of a slice of something large, which is not kept for it", () => {
    const large = rand(200_000);
    const y = large.narrow(0, 10, 5).add(1);
    const { block } = large.storage;
    large.narrow(0, 0, 20).zero_();
    expect(large.storage.block).toBe(block);
    expect(y.min().item()).toBeGreaterThanOrEqual(1);
    expect(pending(y)).toBe(true);
    expect(pending(large.narrow(0, 0, 50_000).add(1))).toBe(false);
  });
});

describe("in place", () => {
  it("takes a pending operand in", () => {
    const w = tensor([1, 2, 3]);
    const g = tensor([10, 20, 30]);
    expect(programs(() => w.sub_(g.mul(0.1).add(1)))).toBe(1);
    expect(w.toArray()).toEqual([-1, -1, -1]);
    const v = tensor([1, 2, 3]);
    v.mul_(v.add(1).mul(v));
    expect(v.toArray()).toEqual([2, 12, 36]);
  });

  it("computes what is pending of the tensor itself", () => {
    const h = tensor([1, 2]).mul(2);
    h.mul_(h);
    expect(h.toArray()).toEqual([4, 16]);
    const i = tensor([1.5, 2.5]).mul(2).to("int32");
    i.add_(1n);
    expect(i.toArray()).toEqual([4, 6]);
  });
});

describe("gradients", () => {
  it("of a chain are one more pass, together", () => {
    const a = rand(50);
    const b = rand(50);
    a.requiresGrad = true;
    b.requiresGrad = true;
    const count = programs(() => a.mul(b).add(a).sigmoid().mul(b).tanh().sum().backward());
    expect(count).toBe(2);
    const [x, y] = [a.toTypedArray(), b.toTypedArray()];
    const [dx, dy] = [a.grad?.toTypedArray(), b.grad?.toTypedArray()] as Float32Array[];
    for (let i = 0; i < 50; i++) {
      const s = 1 / (1 + Math.exp(-(x[i] * y[i] + x[i])));
      const slope = 1 - Math.tanh(s * y[i]) ** 2;
      expect(dx[i]).toBeCloseTo(slope * y[i] * s * (1 - s) * (y[i] + 1), 5);
      expect(dy[i]).toBeCloseTo(slope * (s + y[i] * s * (1 - s) * x[i]), 5);
    }
  });

  it("are 8x through an in-place square of a pending value", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const h = x.mul(2);
    h.mul_(h);
    h.sum().backward();
    expect(x.grad?.toArray()).toEqual([8, 16, 24]);
  });

  it("add up in the tensor that grad is", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(3).sum().backward();
    const { grad } = x;
    x.mul(x).sum().backward();
    expect(x.grad).toBe(grad);
    expect(grad?.toArray()).toEqual([5, 7]);
  });

  it("share no memory", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4], { requiresGrad: true });
    x.add(y).sum().backward();
    x.grad?.mul_(5);
    expect(y.grad?.toArray()).toEqual([1, 1]);
    const z = tensor([1, 2], { requiresGrad: true });
    const e = z.exp();
    e.sum().backward();
    z.grad?.zero_();
    expect(e.toArray<number[]>()[0]).toBeCloseTo(Math.E, 6);
  });

  it("of gradients, and of values that were pending when saved", () => {
    const x = tensor([0.5, 1.5], { dtype: "float64", requiresGrad: true });
    const [g] = autograd.grad(x.sin().mul(x).sum(), x, { createGraph: true });
    const [h] = autograd.grad(g.sum(), x);
    const exact = (v: number) => 2 * Math.cos(v) - v * Math.sin(v);
    h.toArray<number[]>().forEach((v, i) => {
      expect(v).toBeCloseTo(exact([0.5, 1.5][i]), 12);
    });
  });

  it("of training in place are those of training", () => {
    const w = full([2000], 3, { requiresGrad: true });
    for (let i = 0; i < 20; i++) {
      w.grad = null;
      w.sub(1).square().sum().backward();
      noGrad(() => w.sub_((w.grad as Tensor).mul(0.1)));
    }
    expect(w.max().item()).toBeCloseTo(1 + 2 * 0.8 ** 20, 5);
  });
});

describe("memory", () => {
  it("is not held by what was computed", () => {
    const a = rand(1000);
    const y = a.mul(2).add(1);
    expect(a.storage.saves).toBe(1);
    y.realize();
    const z = a.add(1);
    z.realize();
    // What the interior of y's chain saved stays, since it may be asked for.
    expect(a.storage.saves).toBe(1);
  });
});

it("an error of shapes is thrown by the call that makes it", () => {
  expect(() => zeros(2, 3).add(zeros(2)).sum()).toThrow("do not broadcast");
  const gone = tensor([1, 2, 3]);
  const buffer = gone.data.buffer as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  expect(() => gone.add(1)).toThrow("gone");
});
