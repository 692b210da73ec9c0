/** What one call costs: small tensors, the tape, and a first look at the kernels. */
import type { Tensor } from "nabla";
import { matmul, noGrad, rand, softmax } from "nabla";

export interface Case {
  readonly name: string;
  /** Makes what is needed, and gives the work. */
  readonly prepare: () => () => void;
  /** The same work in Python; `setup` runs once. */
  readonly torch: { readonly setup: string; readonly statement: string };
  readonly flops?: number;
  /** The ratio that is wanted. */
  readonly least?: number;
}

const pair = (...shape: number[]): [Tensor, Tensor] => [rand(shape), rand(shape)];
const leaf = (): Tensor => rand([4], { requiresGrad: true });

const product = (n: number): Case => ({
  name: `matmul ${n}×${n} float32`,
  prepare: () => {
    const [a, b] = pair(n, n);
    return () => matmul(a, b);
  },
  torch: { setup: `a = torch.rand(${n}, ${n}); b = torch.rand(${n}, ${n})`, statement: "a @ b" },
  flops: 2 * n ** 3,
});

export const eager: readonly Case[] = [
  {
    name: "add, 4 floats",
    prepare: () => {
      const [a, b] = pair(4);
      return () => a.add(b);
    },
    torch: { setup: "a = torch.rand(4); b = torch.rand(4)", statement: "a + b" },
    least: 8,
  },
  {
    name: "add a number, 4 floats",
    prepare: () => {
      const [a] = pair(4);
      return () => a.add(1.5);
    },
    torch: { setup: "a = torch.rand(4)", statement: "a + 1.5" },
  },
  {
    name: "(x*x).sum().backward(), 4 floats",
    prepare: () => {
      const x = leaf();
      return () => x.mul(x).sum().backward();
    },
    torch: {
      setup: "x = torch.rand(4, requires_grad=True)",
      statement: "(x * x).sum().backward()",
    },
    least: 8,
  },
  {
    name: "mul with a tape node, 4 floats",
    prepare: () => {
      const [a] = pair(4);
      const x = leaf();
      return () => x.mul(a);
    },
    torch: {
      setup: "x = torch.rand(4, requires_grad=True); a = torch.rand(4)",
      statement: "x * a",
    },
  },
  {
    name: "a view: select, 4 floats",
    prepare: () => {
      const [a] = pair(4);
      return () => a.select(0, 1);
    },
    torch: { setup: "a = torch.rand(4)", statement: "a.select(0, 1)" },
  },
  {
    name: "add in place without recording, 4 floats",
    prepare: () => {
      const [a] = pair(4);
      const x = leaf();
      return () => noGrad(() => x.add_(a));
    },
    torch: {
      setup:
        "x = torch.rand(4, requires_grad=True); a = torch.rand(4)\ndef step():\n  with torch.no_grad(): x.add_(a)",
      statement: "step()",
    },
  },
  {
    name: "softmax 32×10",
    prepare: () => {
      const x = rand(32, 10);
      return () => softmax(x, 1);
    },
    torch: { setup: "x = torch.rand(32, 10)", statement: "x.softmax(1)" },
  },
  {
    name: "add, 1 M floats",
    prepare: () => {
      const [a, b] = pair(1_000_000);
      return () => a.add(b);
    },
    torch: { setup: "a = torch.rand(1000000); b = torch.rand(1000000)", statement: "a + b" },
  },
  {
    name: "sum, 1 M floats",
    prepare: () => {
      const [a] = pair(1_000_000);
      return () => a.sum();
    },
    torch: { setup: "a = torch.rand(1000000)", statement: "a.sum()" },
  },
  product(4),
  product(64),
  product(512),
  product(1024),
];
