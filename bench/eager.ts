/** What one call costs: small tensors, the tape, and a first look at the kernels. */
import type { Tensor } from "nabla";
import { matmul, noGrad, rand, softmax } from "nabla";
import type { Case, Suite } from "./case.js";
import { torchWork } from "./case.js";
import { connectTorch } from "./peer.js";

type Entry = Omit<Case, "dtype" | "threads" | "peer">;

const pair = (...shape: number[]): [Tensor, Tensor] => [rand(shape), rand(shape)];
const leaf = (): Tensor => rand([4], { requiresGrad: true });
const four = { size: "4", n: 4 };
const million = { size: "1 M", n: 1_000_000 };

const product = (n: number): Entry => ({
  work: "matmul",
  size: `${n}×${n}`,
  n: n * n,
  prepare: () => {
    const [a, b] = pair(n, n);
    return () => matmul(a, b);
  },
  question: torchWork(`a = torch.rand(${n}, ${n}); b = torch.rand(${n}, ${n})`, "a @ b"),
  amount: { count: 2 * n ** 3, unit: "FLOP" },
});

const entries: readonly Entry[] = [
  {
    work: "add",
    ...four,
    prepare: () => {
      const [a, b] = pair(4);
      return () => a.add(b);
    },
    question: torchWork("a = torch.rand(4); b = torch.rand(4)", "a + b"),
    goal: 8,
  },
  {
    work: "add a number",
    ...four,
    prepare: () => {
      const [a] = pair(4);
      return () => a.add(1.5);
    },
    question: torchWork("a = torch.rand(4)", "a + 1.5"),
  },
  {
    work: "(x*x).sum().backward()",
    ...four,
    prepare: () => {
      const x = leaf();
      return () => {
        x.mul(x).sum().backward();
        return x.grad!;
      };
    },
    question: torchWork(
      [
        "x = torch.rand(4, requires_grad=True)",
        "def step():",
        "  (x * x).sum().backward()",
        "  return x.grad",
      ].join("\n"),
      "step()",
    ),
    goal: 8,
  },
  {
    work: "mul with a tape node",
    ...four,
    prepare: () => {
      const [a] = pair(4);
      const x = leaf();
      return () => x.mul(a);
    },
    question: torchWork(
      "a = torch.rand(4); torch.rand(4); x = torch.rand(4, requires_grad=True)",
      "x * a",
    ),
  },
  {
    work: "a view: select",
    ...four,
    prepare: () => {
      const [a] = pair(4);
      return () => a.select(0, 1);
    },
    question: torchWork("a = torch.rand(4)", "a.select(0, 1)"),
  },
  {
    work: "add in place without recording",
    ...four,
    prepare: () => {
      const [a] = pair(4);
      const x = leaf();
      return () => noGrad(() => x.add_(a));
    },
    question: torchWork(
      [
        "a = torch.rand(4); torch.rand(4); x = torch.rand(4, requires_grad=True)",
        "def step():",
        "  with torch.no_grad(): return x.add_(a)",
      ].join("\n"),
      "step()",
    ),
  },
  {
    work: "softmax",
    size: "32×10",
    n: 320,
    prepare: () => {
      const x = rand(32, 10);
      return () => softmax(x, 1);
    },
    question: torchWork("x = torch.rand(32, 10)", "x.softmax(1)"),
  },
  {
    work: "add",
    ...million,
    prepare: () => {
      const [a, b] = pair(1_000_000);
      return () => a.add(b);
    },
    question: torchWork("a = torch.rand(1000000); b = torch.rand(1000000)", "a + b"),
  },
  {
    work: "sum",
    ...million,
    prepare: () => {
      const [a] = pair(1_000_000);
      return () => a.sum();
    },
    question: torchWork("a = torch.rand(1000000)", "a.sum()"),
  },
  product(4),
  product(64),
  product(512),
  product(1024),
];

export const eager = (): Suite => ({
  cases: entries.map((entry) => ({ ...entry, dtype: "float32", threads: 1, peer: "torch" })),
  connect: { torch: connectTorch },
});
