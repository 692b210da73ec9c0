/** Elementwise work, reductions and broadcasting, by size, element type and number of threads. */
import type { DType, Tensor } from "nabla";
import * as nabla from "nabla";
import { amax, argmax, max, randn, softmax } from "nabla";
import type { Case, Suite } from "./case.js";
import { showCount, torchWork } from "./case.js";
import { connectNative, connectTorch } from "./peer.js";

/** One kind of work, at some sizes. A goal may depend on the number of elements. */
interface Kind {
  readonly work: string;
  readonly sizes: readonly Size[];
  readonly prepare: (a: Tensor, b: Tensor) => () => Tensor;
  /** In Python, over `a` and `b`; what comes before `statement` runs once. */
  readonly torch?: { readonly setup?: string; readonly statement: string };
  readonly goal: (n: number, dtype: DType) => number | undefined;
}

/** The shapes of the operands `a` and `b`. */
interface Size {
  readonly shown: string;
  readonly n: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
}

const vector = (n: number): Size => ({ shown: showCount(n), n, a: [n], b: [n] });
const vectors = [4, 1e3, 1e5, 1e6, 1e7].map(vector);
const square = (a: readonly number[], b: readonly number[]): Size => ({
  shown: "1000×1000",
  n: 1e6,
  a,
  b,
});
const squares = [square([1000, 1000], [1000, 1000])];
const always = (goal: number) => () => goal;

interface Operation {
  readonly name: string;
  /** Its operands in torch. */
  readonly operands: string;
  readonly fresh: (a: Tensor, b: Tensor) => () => Tensor;
  readonly into: (a: Tensor, b: Tensor, out: Tensor) => () => Tensor;
}

const two = (name: string, run: typeof nabla.mul): Operation => ({
  name,
  operands: "a, b",
  fresh: (a, b) => () => run(a, b),
  into: (a, b, out) => () => run(a, b, { out }),
});
const one = (name: string, run: typeof nabla.exp): Operation => ({
  name,
  operands: "a",
  fresh: (a) => () => run(a),
  into: (a, _, out) => () => run(a, { out }),
});
const add = two("add", nabla.add);
const operations = [add, two("mul", nabla.mul), one("exp", nabla.exp), one("tanh", nabla.tanh)];

const fresh: Kind[] = operations.map(({ name, operands, fresh: prepare }) => ({
  work: name,
  sizes: vectors,
  prepare,
  torch: { statement: `torch.${name}(${operands})` },
  goal: (n, dtype) => {
    if (n < 1e3) return 8;
    if (name === "tanh") return 4;
    if (n < 1e5) return dtype === "float64" ? 1 : 1.8;
    return n < 1e6 ? 0.5 : 1;
  },
}));

/** The operation with its result in memory that is there. */
const intoNew =
  ({ into }: Operation): Kind["prepare"] =>
  (a, b) =>
    into(a, b, nabla.emptyLike(a));

const existing: Kind[] = operations.map((operation) => ({
  work: `${operation.name} into out`,
  sizes: vectors,
  prepare: intoNew(operation),
  torch: {
    setup: "out = torch.empty_like(a)",
    statement: `torch.${operation.name}(${operation.operands}, out=out)`,
  },
  goal: always(1),
}));

const chain = (a: Tensor, b: Tensor): Tensor => a.mul(b).add(a).sigmoid().mul(b).tanh();
const chainInTorch = "((a * b + a).sigmoid() * b).tanh()";

const kinds: readonly Kind[] = [
  ...fresh,
  ...existing,
  {
    work: "chain ((a*b+a).sigmoid()*b).tanh()",
    sizes: vectors,
    prepare: (a, b) => () => chain(a, b),
    torch: { statement: chainInTorch },
    goal: (n) => (n < 1e3 ? undefined : 5),
  },
  {
    work: "chain, its sum and backward",
    sizes: vectors,
    prepare: (a, b) => {
      a.requiresGrad = true;
      b.requiresGrad = true;
      return () => {
        a.grad = null;
        b.grad = null;
        chain(a, b).sum().backward();
        b.grad!.realize();
        return a.grad!;
      };
    },
    torch: {
      setup: [
        "a.requires_grad = True; b.requires_grad = True",
        "def step():",
        "  a.grad = None; b.grad = None",
        `  ${chainInTorch}.sum().backward()`,
        "  return a.grad",
      ].join("\n"),
      statement: "step()",
    },
    goal: always(4),
  },
  {
    work: "sum",
    sizes: vectors,
    prepare: (a) => () => a.sum(),
    torch: { statement: "a.sum()" },
    goal: always(1),
  },
  {
    work: "amax",
    sizes: vectors,
    prepare: (a) => () => amax(a),
    torch: { statement: "a.amax()" },
    goal: always(1),
  },
  {
    work: "max with indices",
    sizes: vectors,
    prepare: (a) => () => {
      const { values, indices } = max(a, 0);
      values.realize();
      return indices;
    },
    torch: { statement: "a.max(0).indices" },
    goal: always(1),
  },
  {
    work: "argmax",
    sizes: vectors,
    prepare: (a) => () => argmax(a),
    torch: { statement: "a.argmax()" },
    goal: always(1),
  },
  ...["last", "first"].flatMap((which): Kind[] => {
    const dim = which === "last" ? 1 : 0;
    return [
      {
        work: `softmax over the ${which} dim`,
        sizes: squares,
        prepare: (a) => () => softmax(a, dim),
        torch: { statement: `a.softmax(${dim})` },
        goal: always(1),
      },
      {
        work: `softmax over the ${which} dim of a transpose`,
        sizes: squares,
        prepare: (a) => {
          const turned = a.t();
          return () => softmax(turned, dim);
        },
        torch: { setup: "a = a.t()", statement: `a.softmax(${dim})` },
        goal: always(1),
      },
    ];
  }),
  {
    work: "((x - y) ** 2).mean()",
    sizes: vectors,
    prepare: (a, b) => () => a.sub(b).pow(2).mean(),
    torch: { statement: "((a - b) ** 2).mean()" },
    goal: always(2),
  },
  {
    work: "row + column",
    sizes: [square([1, 1000], [1000, 1])],
    prepare: (a, b) => () => a.add(b),
    torch: { statement: "a + b" },
    goal: always(1),
  },
  {
    work: "transposed + contiguous",
    sizes: squares,
    prepare: (a, b) => {
      const turned = a.t();
      return () => turned.add(b);
    },
    torch: { setup: "a = a.t()", statement: "a + b" },
    goal: always(1),
  },
  {
    work: "contiguous() of a transpose",
    sizes: squares,
    prepare: (a) => {
      const turned = a.t();
      return () => turned.contiguous();
    },
    torch: { setup: "a = a.t()", statement: "a.contiguous()" },
    goal: always(1),
  },
];

/** How near an add comes to what memory allows. The smaller size stays in a core's second cache: 768 KB. */
const streams = (dtype: DType): Kind[] => {
  const within = dtype === "float64" ? 32_768 : 65_536;
  return [
    { work: "stream from memory: add into out", sizes: [vector(1e7)], goal: always(0.85) },
    { work: "stream from L2: add into out", sizes: [vector(within)], goal: always(0.75) },
  ].map((kind) => ({ ...kind, prepare: intoNew(add) }));
};

let drawn: { readonly key: string; readonly pair: readonly [Tensor, Tensor] } | null = null;

/** Random operands; those of the last call are used again where the same are wanted, since ten million take a while. */
function operands({ a, b }: Size, dtype: DType): readonly [Tensor, Tensor] {
  const key = `${dtype} ${a} ${b}`;
  if (drawn?.key !== key) {
    drawn = { key, pair: [randn([...a], { dtype }), randn([...b], { dtype })] };
  }
  const [x, y] = drawn.pair;
  return [x.detach(), y.detach()];
}

function* cases(): Generator<Case> {
  for (const dtype of ["float32", "float64"] as const) {
    const width = dtype === "float64" ? 8 : 4;
    for (const { work, sizes, prepare, torch, goal } of [...kinds, ...streams(dtype)]) {
      for (const size of sizes) {
        const { shown, n, a, b } = size;
        const setup = [a, b].map((s, i) => `${"ab"[i]} = torch.randn(${s}, dtype=torch.${dtype})`);
        for (const threads of [1, 2]) {
          yield {
            work,
            dtype,
            size: shown,
            n,
            threads,
            prepare: () => prepare(...operands(size, dtype)),
            goal: goal(n, dtype),
            ...(torch === undefined
              ? {
                  peer: "native loop",
                  question: { dtype, n, threads },
                  amount: { count: 3 * n * width, unit: "B" },
                }
              : {
                  peer: "torch",
                  question: torchWork([...setup, torch.setup ?? ""].join("\n"), torch.statement),
                }),
          };
        }
      }
    }
  }
}

export const elementwise = (): Suite => ({
  cases: [...cases()],
  connect: { torch: connectTorch, "native loop": () => connectNative("stream") },
});
