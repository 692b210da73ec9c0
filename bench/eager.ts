/** What one call costs: small tensors, the tape, and a first look at the kernels. */
import type { Tensor } from "nabla";
import { matmul, noGrad, rand, softmax } from "nabla";

export interface Case {
  readonly name: string;
  readonly run: () => void;
  /** The same work in Python; `setup` runs once. */
  readonly torch: { readonly setup: string; readonly statement: string };
  readonly flops?: number;
  /** The ratio that is wanted. */
  readonly least?: number;
}

const small = [rand(4), rand(4)];
const leaf = rand([4], { requiresGrad: true });
const large = [rand(1_000_000), rand(1_000_000)];
const square = (n: number): Tensor[] => [rand(n, n), rand(n, n)];

const product = (n: number): Case => {
  const [a, b] = square(n);
  return {
    name: `matmul ${n}×${n} float32`,
    run: () => matmul(a, b),
    torch: { setup: `a = torch.rand(${n}, ${n}); b = torch.rand(${n}, ${n})`, statement: "a @ b" },
    flops: 2 * n ** 3,
  };
};

export const eager: readonly Case[] = [
  {
    name: "add, 4 floats",
    run: () => small[0].add(small[1]),
    torch: { setup: "a = torch.rand(4); b = torch.rand(4)", statement: "a + b" },
    least: 8,
  },
  {
    name: "add a number, 4 floats",
    run: () => small[0].add(1.5),
    torch: { setup: "a = torch.rand(4)", statement: "a + 1.5" },
  },
  {
    name: "(x*x).sum().backward(), 4 floats",
    run: () => leaf.mul(leaf).sum().backward(),
    torch: {
      setup: "x = torch.rand(4, requires_grad=True)",
      statement: "(x * x).sum().backward()",
    },
    least: 8,
  },
  {
    name: "mul with a tape node, 4 floats",
    run: () => leaf.mul(small[0]),
    torch: {
      setup: "x = torch.rand(4, requires_grad=True); a = torch.rand(4)",
      statement: "x * a",
    },
  },
  {
    name: "a view: select, 4 floats",
    run: () => small[0].select(0, 1),
    torch: { setup: "a = torch.rand(4)", statement: "a.select(0, 1)" },
  },
  {
    name: "add in place without recording, 4 floats",
    run: () => noGrad(() => leaf.add_(small[0])),
    torch: {
      setup:
        "x = torch.rand(4, requires_grad=True); a = torch.rand(4)\ndef step():\n  with torch.no_grad(): x.add_(a)",
      statement: "step()",
    },
  },
  {
    name: "softmax 32×10",
    run: (() => {
      const x = rand(32, 10);
      return () => softmax(x, 1);
    })(),
    torch: { setup: "x = torch.rand(32, 10)", statement: "x.softmax(1)" },
  },
  {
    name: "add, 1 M floats",
    run: () => large[0].add(large[1]),
    torch: { setup: "a = torch.rand(1000000); b = torch.rand(1000000)", statement: "a + b" },
  },
  {
    name: "sum, 1 M floats",
    run: () => large[0].sum(),
    torch: { setup: "a = torch.rand(1000000)", statement: "a.sum()" },
  },
  product(4),
  product(64),
  product(512),
  product(1024),
];
