/** Products of tensors summed over dims: Einstein's notation, and what it has names for. */
import { ArgumentError, ShapeError } from "../core/errors.js";
import { numelOf, showShape, wrapDims } from "../core/shape.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { to } from "./convert.js";
import { promote } from "./dispatch.js";
import { mul } from "./elementwise.js";
import { matmul } from "./products.js";
import { sum } from "./reductions.js";
import { diagonal, permute, reshape, select } from "./views.js";

/** A tensor with a label for each dim. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

const sizeIn = ({ x, labels }: Labelled, label: string): number =>
  x.layout.shape[labels.indexOf(label)];

/** Equal labels of one tensor are its diagonal. */
function withoutRepeats({ x, labels }: Labelled, where: string): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]);
  const { shape } = x.layout;
  if (shape[first] !== shape[second]) {
    throw new ShapeError(
      `${where}: "${labels[second]}" is a diagonal of dims ${first} and ${second} of ${showShape(shape)}, whose sizes differ`,
    );
  }
  const shown = diagonal(x, { dim1: first, dim2: second });
  const rest = labels.filter((_, d) => d !== first && d !== second);
  return withoutRepeats({ x: shown, labels: [...rest, labels[second]] }, where);
}

function summedOver(operand: Labelled, drop: (label: string) => boolean): Labelled {
  const { x, labels } = operand;
  const dims = labels.flatMap((label, d) => (drop(label) ? [d] : []));
  if (dims.length === 0) return operand;
  return { x: sum(x, dims, { dtype: x.dtype }), labels: labels.filter((label) => !drop(label)) };
}

/** Without dims of size one that the other operand has with another size: they are repeated there. */
function withoutBroadcast(operand: Labelled, other: Labelled): Labelled {
  const d = operand.labels.findIndex(
    (label, i) =>
      operand.x.layout.shape[i] === 1 && other.labels.includes(label) && sizeIn(other, label) !== 1,
  );
  if (d < 0) return operand;
  const labels = operand.labels.filter((_, i) => i !== d);
  return withoutBroadcast({ x: select(operand.x, d, 0), labels }, other);
}

/** Dims in an order of labels, those of each group as one. */
function grouped(
  operand: Labelled,
  single: readonly string[],
  groups: readonly string[][],
): Tensor {
  const { x, labels } = operand;
  const order = [...single, ...groups.flat()].map((label) => labels.indexOf(label));
  const sizes = groups.map((group) => numelOf(group.map((label) => sizeIn(operand, label))));
  return reshape(permute(x, order), [...single.map((label) => sizeIn(operand, label)), ...sizes]);
}

/** The product of two tensors, summed over the labels that are not kept: one product of batches of matrices. */
function multiply(p: Labelled, q: Labelled, keep: ReadonlySet<string>): Labelled {
  const [x, y] = [withoutBroadcast(p, q), withoutBroadcast(q, p)];
  const a = summedOver(x, (label) => !keep.has(label) && !y.labels.includes(label));
  const b = summedOver(y, (label) => !keep.has(label) && !x.labels.includes(label));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => keep.has(label));
  const inner = shared.filter((label) => !keep.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const [left, right] = [grouped(a, batch, [rows, inner]), grouped(b, batch, [inner, columns])];
  const product = inner.length === 0 ? mul(left, right) : matmul(left, right);
  const labels = [...batch, ...rows, ...columns];
  const shape = labels.map((label) =>
    sizeIn(rows.includes(label) ? a : batch.includes(label) ? a : b, label),
  );
  return { x: reshape(product, shape), labels };
}

/** Which operands are multiplied with which: an operand, or two products. */
type Plan = number | readonly [Plan, Plan];

const most = 6;

/** A plan that takes few multiplications: the fewest where there are few operands, else the next fewest each time. */
function planFor(
  operands: readonly Labelled[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Plan {
  const n = operands.length;
  if (n > 30) throw new ArgumentError(`einsum: ${n} operands are more than 30`);
  const all = 2 ** n - 1;
  /** The labels in a set of operands that something outside of it needs. */
  const needed = (set: number): Set<string> => {
    const outside = new Set(output);
    operands.forEach(({ labels }, i) => {
      if (!((set >> i) & 1)) for (const label of labels) outside.add(label);
    });
    const inside = operands.flatMap(({ labels }, i) => ((set >> i) & 1 ? labels : []));
    return new Set(inside.filter((label) => outside.has(label)));
  };
  const labelsOf = new Map<number, Set<string>>();
  const labels = (set: number): Set<string> => {
    let found = labelsOf.get(set);
    if (found === undefined) {
      found = needed(set);
      labelsOf.set(set, found);
    }
    return found;
  };
  const costOf = (a: number, b: number): number => {
    let cost = 1;
    for (const label of new Set([...labels(a), ...labels(b)])) cost *= sizes.get(label) as number;
    return cost;
  };
  if (n > most) return greedyPlan(n, costOf);
  const best = new Map<number, { cost: number; plan: Plan }>();
  for (let set = 1; set <= all; set++) {
    const one = Math.log2(set);
    if (Number.isInteger(one)) {
      best.set(set, { cost: 0, plan: one });
      continue;
    }
    let found: { cost: number; plan: Plan } | null = null;
    // Each way to cut the set in two, once: the first part has the lowest member.
    const lowest = set & -set;
    for (let a = set & (set - 1); a > 0; a = (a - 1) & set) {
      if (!(a & lowest)) continue;
      const [x, y] = [best.get(a), best.get(set ^ a)];
      if (x === undefined || y === undefined) continue;
      const cost = x.cost + y.cost + costOf(a, set ^ a);
      if (found === null || cost < found.cost) found = { cost, plan: [x.plan, y.plan] };
    }
    if (found !== null) best.set(set, found);
  }
  return best.get(all)?.plan ?? 0;
}

function greedyPlan(n: number, costOf: (a: number, b: number) => number): Plan {
  const parts = Array.from({ length: n }, (_, i) => ({ set: 2 ** i, plan: i as Plan }));
  while (parts.length > 1) {
    let pick = [0, 1];
    let least = Infinity;
    for (let i = 0; i < parts.length; i++) {
      for (let j = i + 1; j < parts.length; j++) {
        const cost = costOf(parts[i].set, parts[j].set);
        if (cost < least) [least, pick] = [cost, [i, j]];
      }
    }
    const [[y], [x]] = [parts.splice(pick[1], 1), parts.splice(pick[0], 1)];
    parts.push({ set: x.set | y.set, plan: [x.plan, y.plan] });
  }
  return parts[0].plan;
}

/** The product of labelled tensors, summed over the labels that the output lacks. */
function contract(given: readonly Labelled[], output: readonly string[], where: string): Tensor {
  const sizes = new Map<string, number>();
  given.forEach(({ x, labels }) => {
    labels.forEach((label, d) => {
      const size = x.layout.shape[d];
      const before = sizes.get(label) ?? 1;
      if (before !== 1 && size !== 1 && before !== size) {
        throw new ShapeError(
          `${where}: the sizes of "${label}" differ: ${before} and ${size}, in ${given.map((one) => showShape(one.x.layout.shape)).join(" and ")}`,
        );
      }
      sizes.set(label, before === 1 ? size : before);
    });
  });
  const dtype = promote(given.map(({ x }) => x));
  const operands = given.map(({ x, labels }) => withoutRepeats({ x: to(x, dtype), labels }, where));
  const evaluate = (plan: Plan, keep: ReadonlySet<string>): Labelled => {
    if (typeof plan === "number") return operands[plan];
    const [p, q] = plan;
    const [inP, inQ] = [labelsIn(p), labelsIn(q)];
    return multiply(
      evaluate(p, new Set([...keep, ...inQ])),
      evaluate(q, new Set([...keep, ...inP])),
      keep,
    );
  };
  const labelsIn = (plan: Plan): readonly string[] =>
    typeof plan === "number" ? operands[plan].labels : plan.flatMap(labelsIn);
  const plan = planFor(operands, output, sizes);
  const kept = new Set(output);
  const { x, labels } = summedOver(evaluate(plan, kept), (label) => !kept.has(label));
  return permute(
    x,
    output.map((label) => labels.indexOf(label)),
  );
}

const letter = /^[A-Za-z]$/;

/** The labels of the dims that a term names; those of "..." are counted from the back. */
function labelsOf(term: string, x: Tensor | null, dots: number): string[] {
  const parts = term.split("...");
  if (parts.length > 2) throw new ArgumentError(`einsum: "${term}" has more than one "..."`);
  const [before, after] = parts.map((part) => [...part]);
  for (const label of [...before, ...(after ?? [])]) {
    if (!letter.test(label)) {
      throw new ArgumentError(`einsum: "${label}" in "${term}" is no letter`);
    }
  }
  const named = before.length + (after?.length ?? 0);
  const rest = x === null ? dots : x.ndim - named;
  if (rest < 0 || (after === undefined && rest > 0 && x !== null)) {
    throw new ShapeError(
      `einsum: "${term}" names ${named} dims, and its operand has shape ${showShape(x?.layout.shape ?? [])}`,
    );
  }
  if (after === undefined) return before;
  const hidden = Array.from({ length: rest }, (_, i) => `...${rest - i}`);
  return [...before, ...hidden, ...after];
}

/**
 * A product of tensors in Einstein's notation: each operand's dims have letters, equal letters are the same index, and
 * what is right of "->" stays; all else is summed over. Without "->" what stays is each letter that appears once, in
 * alphabetical order. "..." stands for any dims, which broadcast. A letter twice in one operand is its diagonal.
 *
 * Several operands are multiplied two by two, in an order that takes few multiplications, each time as one product of
 * batches of matrices.
 *
 * @example
 * einsum("ij,jk->ik", [[1, 2], [3, 4]], [[1], [1]]).toArray() // [[3], [7]]
 * @example
 * einsum("ii->i", [[1, 2], [3, 4]]).toArray() // [1, 4]
 */
export function einsum(equation: string, ...operands: readonly TensorLike[]): Tensor {
  if (typeof equation !== "string") {
    throw new ArgumentError(`einsum: the equation is a string, not ${typeof equation}`);
  }
  const [left, right, ...more] = equation.replace(/\s/g, "").split("->");
  if (more.length > 0) throw new ArgumentError(`einsum: "${equation}" has "->" twice`);
  const terms = left.split(",");
  if (operands.length === 0 || terms.length !== operands.length) {
    throw new ArgumentError(
      `einsum: "${equation}" has ${terms.length} terms, and there are ${operands.length} operands`,
    );
  }
  const given = operands.map((operand, i): Labelled => {
    const x = asTensor(operand, "einsum");
    return { x, labels: labelsOf(terms[i], x, 0) };
  });
  const all = given.flatMap(({ labels }) => labels);
  const dots = Math.max(0, ...all.map((label) => (label[0] === "." ? Number(label.slice(3)) : 0)));
  const output =
    right === undefined
      ? [
          ...Array.from({ length: dots }, (_, i) => `...${dots - i}`),
          ...all
            .filter((label) => letter.test(label) && all.indexOf(label) === all.lastIndexOf(label))
            .sort(),
        ]
      : labelsOf(right, null, dots);
  output.forEach((label, i) => {
    if (output.indexOf(label) < i)
      throw new ArgumentError(`einsum: "${label}" appears twice in the output`);
    if (!all.includes(label))
      throw new ArgumentError(`einsum: "${label}" of the output is in no operand`);
  });
  return contract(given, output, "einsum");
}

/**
 * The products of two tensors' elements, summed over dims: a number says how many of the first one's last and the second
 * one's first dims, two lists say which.
 *
 * @example
 * tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).item() // 5
 * @example
 * tensordot([[1, 2], [3, 4]], [[1, 0], [0, 2]], [[0], [1]]).toArray() // [[1, 6], [2, 8]]
 */
export function tensordot(
  x: TensorLike,
  y: TensorLike,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const a = asTensor(x, "tensordot");
  const b = asTensor(y, "tensordot");
  let [first, second]: (readonly number[])[] = [[], []];
  if (typeof dims === "number") {
    if (!Number.isInteger(dims) || dims < 0 || dims > Math.min(a.ndim, b.ndim)) {
      throw new ArgumentError(
        `tensordot: ${dims} dims of ${showShape(a.layout.shape)} and ${showShape(b.layout.shape)}`,
      );
    }
    first = Array.from({ length: dims }, (_, i) => a.ndim - dims + i);
    second = Array.from({ length: dims }, (_, i) => i);
  } else {
    if (!Array.isArray(dims) || dims.length !== 2 || dims[0].length !== dims[1].length) {
      throw new ArgumentError("tensordot: dims are a number, or two lists of one length");
    }
    first = wrapDims(dims[0], a.ndim, "tensordot");
    second = wrapDims(dims[1], b.ndim, "tensordot");
  }
  const left = a.layout.shape.map((_, d) => `x${d}`);
  const right = b.layout.shape.map((_, d) =>
    second.includes(d) ? `x${first[second.indexOf(d)]}` : `y${d}`,
  );
  const output = [
    ...left.filter((_, d) => !first.includes(d)),
    ...right.filter((_, d) => !second.includes(d)),
  ];
  return contract(
    [
      { x: a, labels: left },
      { x: b, labels: right },
    ],
    output,
    "tensordot",
  );
}

/** The products of last dims, summed; with a 0-d tensor the product. @example inner([[1, 2], [3, 4]], [1, 1]).toArray() // [3, 7] */
export function inner(x: TensorLike, y: TensorLike): Tensor {
  const a = asTensor(x, "inner");
  const b = asTensor(y, "inner");
  return a.ndim === 0 || b.ndim === 0 ? mul(a, b) : tensordot(a, b, [[-1], [-1]]);
}

/** The Kronecker product: each element of x times all of y. @example kron([1, 10], [1, 2]).toArray() // [1, 2, 10, 20] */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  const a = asTensor(x, "kron");
  const b = asTensor(y, "kron");
  const ndim = Math.max(a.ndim, b.ndim);
  const sizes = (t: Tensor): number[] => [
    ...new Array<number>(ndim - t.ndim).fill(1),
    ...t.layout.shape,
  ];
  const [p, q] = [sizes(a), sizes(b)];
  const outer = reshape(
    a,
    p.flatMap((size) => [size, 1]),
  );
  const inside = reshape(
    b,
    q.flatMap((size) => [1, size]),
  );
  return reshape(
    mul(outer, inside),
    p.map((size, d) => size * q[d]),
  );
}
