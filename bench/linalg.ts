/** Products, factorizations and solutions of matrices, by size, element type and number of threads. */
import type { DType, Tensor } from "nabla";
import * as nabla from "nabla";
import { bmm, eye, linalg, matmul, tensor } from "nabla";
import type { Case, Suite } from "./case.js";
import { torchWork } from "./case.js";
import { wave } from "./libraries/wave.js";
import { connectLibrary, connectNative, connectTorch, installLibraries } from "./peer.js";
import { connectSelf } from "./self.js";

/** Operands by name, each of random normal elements, as torch draws them from the same seed. */
type Shapes = Readonly<Record<string, readonly number[]>>;

interface Work {
  readonly work: string;
  readonly size: string;
  readonly n: number;
  readonly operands: Shapes;
  /** Runs once. */
  readonly set?: (x: Tensors) => Tensors;
  readonly run: (x: Tensors) => Tensor;
  readonly torch: { readonly set?: string; readonly statement: string };
  readonly goal?: number;
  /** Of one call, where products are all that counts. */
  readonly flops?: number;
  readonly dtypes?: readonly DType[];
}
type Tensors = Readonly<Record<string, Tensor>>;

const both = ["float32", "float64"] as const;
const powers = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

function product(m: number, k: number, n: number, work = "matmul"): Work {
  return {
    work,
    size: m === n && m === k ? `${m}` : `${m}×${k} @ ${k}×${n}`,
    n: Math.max(m, n, k),
    operands: { a: [m, k], b: [k, n] },
    run: ({ a, b }) => matmul(a, b),
    torch: { statement: "a @ b" },
    goal: 1,
    flops: 2 * m * n * k,
  };
}

/** As product, with operands that lie in memory otherwise. */
const turned: Work[] = [512, 1024].flatMap((n) => [
  {
    ...product(n, n, n, "matmul of transposes"),
    set: ({ a, b }) => ({ a: a.t(), b: b.t() }),
    torch: { set: "a, b = a.t(), b.t()", statement: "a @ b" },
  },
  {
    ...product(n, n, n, "matmul of slices"),
    operands: { a: [2 * n, n + 8], b: [n, 2 * n] },
    set: ({ a, b }) => ({
      a: a.slice(0, 0, 2 * n, 2).narrow(1, 4, n),
      b: b.slice(1, 0, 2 * n, 2),
    }),
    torch: { set: `a, b = a[::2, 4:${n + 4}], b[:, ::2]`, statement: "a @ b" },
  },
]);

const batches = (count: number, n: number, goal: number): Work => ({
  work: "bmm",
  size: `${count} of ${n}×${n}`,
  n: count,
  operands: { a: [count, n, n], b: [count, n, n] },
  run: ({ a, b }) => bmm(a, b),
  torch: { statement: "torch.bmm(a, b)" },
  goal,
  flops: 2 * count * n ** 3,
});

/** Of one matrix, or of a batch of them, whose condition is moderate. */
interface OfMatrix {
  readonly work: string;
  readonly right?: boolean;
  readonly positive?: boolean;
  readonly run: (x: Tensors) => Tensor;
  readonly statement: string;
}
const inverse: OfMatrix = {
  work: "inv",
  run: ({ a }) => linalg.inv(a),
  statement: "torch.linalg.inv(a)",
};
const solve: OfMatrix = {
  work: "solve",
  right: true,
  run: ({ a, b }) => linalg.solve(a, b),
  statement: "torch.linalg.solve(a, b)",
};
const factorizations: readonly OfMatrix[] = [
  {
    work: "cholesky",
    positive: true,
    run: ({ a }) => linalg.cholesky(a),
    statement: "torch.linalg.cholesky(a)",
  },
  { work: "qr", run: ({ a }) => linalg.qr(a).R, statement: "torch.linalg.qr(a).R" },
  {
    work: "eigh",
    positive: true,
    run: ({ a }) => linalg.eigh(a).eigenvalues,
    statement: "torch.linalg.eigh(a).eigenvalues",
  },
  {
    work: "svd",
    run: ({ a }) => linalg.svd(a, { fullMatrices: false }).S,
    statement: "torch.linalg.svd(a, full_matrices=False).S",
  },
];

function ofMatrix(
  { work, right = false, positive = false, run, statement }: OfMatrix,
  n: number,
  goal: number,
  batch: readonly number[] = [],
): Work {
  const shift = `torch.eye(${n}, dtype=a.dtype) * ${n + 10}`;
  return {
    work,
    size: batch.length === 0 ? `${n}` : `${batch.join("×")} of ${n}×${n}`,
    n: batch[0] ?? n,
    operands: { a: [...batch, n, n], ...(right ? { b: [...batch, n, 1] } : {}) },
    set: ({ a, ...rest }) => ({
      a: (positive ? a.matmul(a.mT) : a).add(eye(n, { dtype: a.dtype }).mul(n + 10)).realize(),
      ...rest,
    }),
    run,
    torch: { set: `a = ${positive ? "a @ a.mT" : "a"} + ${shift}`, statement },
    goal,
  };
}

const works: readonly Work[] = [
  ...powers.map((n) => product(n, n, n)),
  ...turned,
  product(10_000, 64, 64, "skinny matmul"),
  product(64, 10_000, 64, "skinny matmul"),
  product(64, 64, 10_000, "skinny matmul"),
  product(1024, 1024, 1, "matrix and vector"),
  product(1, 1024, 1024, "vector and matrix"),
  batches(10_000, 4, 5),
  batches(1000, 32, 1.5),
  ...[inverse, solve].flatMap((kind) => [
    ...[3, 16, 64, 256, 1024].map((n) => ofMatrix(kind, n, n <= 16 ? 8 : 1)),
    ofMatrix(kind, 3, 5, [100_000]),
  ]),
  ...factorizations.flatMap((kind) => [64, 256, 512].map((n) => ofMatrix(kind, n, 1))),
];

const prepare =
  ({ operands, set, run }: Work, dtype: DType) =>
  (): (() => Tensor) => {
    const drawn = Object.entries(operands).map(
      ([name, shape]) => [name, nabla.randn(shape, { dtype })] as const,
    );
    const x = set === undefined ? Object.fromEntries(drawn) : set(Object.fromEntries(drawn));
    return () => run(x);
  };

function* cases(): Generator<Case> {
  for (const dtype of both) {
    for (const w of works) {
      const { work, size, n, operands, torch, flops, goal } = w;
      const setup = Object.entries(operands).map(
        ([name, shape]) => `${name} = torch.randn(${JSON.stringify(shape)}, dtype=torch.${dtype})`,
      );
      const common = { work, dtype, size, n, prepare: prepare(w, dtype) };
      const rate = flops === undefined ? {} : { amount: { count: flops, unit: "FLOP" as const } };
      for (const threads of [1, 2]) {
        yield {
          ...common,
          ...rate,
          threads,
          peer: "torch",
          question: torchWork([...setup, torch.set ?? ""].join("\n"), torch.statement),
          goal,
        };
      }
    }
    for (const n of powers.filter((size) => size >= 256)) {
      const w = product(n, n, n);
      const common = { dtype, size: w.size, n, prepare: prepare(w, dtype) };
      yield {
        ...common,
        work: "matmul, of the peak of multiply-adds",
        threads: 1,
        peer: "native loop",
        question: { dtype, flops: w.flops },
        goal: 0.85,
      };
      if (n < 512) continue;
      yield {
        ...common,
        work: "matmul on two threads, of one",
        threads: 2,
        peer: "nabla",
        question: { prepare: prepare(w, dtype), threads: 1 },
        goal: 1.85,
      };
    }
    for (const w of turned) {
      yield {
        work: `${w.work}, of contiguous`,
        dtype,
        size: w.size,
        n: w.n,
        threads: 1,
        prepare: prepare(w, dtype),
        peer: "nabla",
        question: { prepare: prepare(product(w.n, w.n, w.n), dtype), threads: 1 },
        goal: 0.95,
      };
    }
  }
  for (const n of powers) {
    const w = product(n, n, n);
    yield {
      work: "matmul",
      dtype: "float32",
      size: w.size,
      n,
      threads: 1,
      prepare: () => {
        const [a, b] = [0.7, 1.3].map((frequency) => tensor(wave(n * n, frequency)).view(n, n));
        return () => matmul(a, b);
      },
      peer: "onnxruntime",
      question: { work: "matmul", n },
      goal: 1,
    };
  }
}

export const linear = (): Suite => {
  installLibraries();
  return {
    cases: [...cases()],
    connect: {
      torch: connectTorch,
      "native loop": () => connectNative("fma"),
      nabla: connectSelf,
      onnxruntime: () => connectLibrary("onnxruntime"),
    },
  };
};
