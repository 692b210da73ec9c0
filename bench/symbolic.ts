/** Expressions as functions of tensors, beside NumPy functions (on one thread) that SymPy makes of the same text. */
import type { DType, Tensor } from "nabla";
import { linspace, sym } from "nabla";
import type { Case, Suite } from "./case.js";
import { showCount } from "./case.js";
import { connectSympy } from "./peer.js";

const names = ["x", "y", "z"] as const;

/** Some 20 operations in three variables. */
const text =
  "exp(-(x**2 + y**2)/2)*sin(x*y + z) + log(1 + x**2 + z**2)/(1 + y**2) + sqrt(x**2 + y**2 + z**2)*cos(z)";

/** Ends of the interval along which a variable goes. */
const ranges = [
  [0.1, 1.1],
  [-0.7, 2.3],
  [0.2, 3.1],
] as const;

interface Work {
  readonly name: string;
  readonly exprs: (f: sym.Expr) => sym.Expr[];
  readonly goal?: number;
}

const works: readonly Work[] = [
  { name: "20 operations", exprs: (f) => [f] },
  {
    name: "20 operations and their gradient",
    exprs: (f) => [f, ...names.map((name) => f.diff(sym.symbol(name)))],
    goal: 5,
  },
];

function prepare({ exprs }: Work, n: number, dtype: DType): () => Tensor {
  const f = sym.parse(text);
  const run = sym.lambdify(
    names.map((name) => sym.symbol(name)),
    exprs(f),
  );
  const points = ranges.map(([from, to]) => linspace(from, to, n, { dtype }).realize());
  return () => {
    // The harness realizes the last; the others are computed in the same pass, or here.
    const results = run(...points) as Tensor[];
    for (const result of results) result.realize();
    return results[0];
  };
}

function* cases(): Generator<Case> {
  for (const work of works) {
    for (const dtype of ["float64", "float32"] as const) {
      for (const n of [1e3, 1e6]) {
        for (const threads of n < 1e6 ? [1] : [1, 2]) {
          yield {
            work: work.name,
            dtype,
            size: showCount(n),
            n,
            threads,
            prepare: () => prepare(work, n, dtype),
            peer: "sympy",
            question: { text, names, ranges, gradient: work !== works[0], n, dtype },
            ...(n < 1e6 || work.goal === undefined ? {} : { goal: work.goal }),
          };
        }
      }
    }
  }
}

export const symbolic = (): Suite => ({
  cases: [...cases()],
  connect: { sympy: connectSympy },
});
