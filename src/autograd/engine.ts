/** Walks the tape backwards. Knows no operation. */
import { GradError } from "../core/errors.js";
import { sameShape, type Shape, showShape } from "../core/shape.js";
import type { DType } from "../core/dtype.js";
import { dense } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { setGradMode } from "./mode.js";
import { type Leaf, type Node, Operation } from "./tape.js";

/** What the engine needs of the operations; lent by the layer that has them. */
export interface EngineOps {
  add(x: Tensor, y: Tensor): Tensor;
  addInPlace(x: Tensor, y: Tensor): Tensor;
  /** Sums what was broadcast from `shape`, and casts to `dtype`. */
  conform(x: Tensor, shape: Shape, dtype: DType): Tensor;
}

let ops: EngineOps;
export function useOps(operations: EngineOps): void {
  ops = operations;
}

export interface WalkOptions {
  retainGraph: boolean;
  createGraph: boolean;
}

let walks = 0;

/** The nodes that lead from the roots to the wanted ones, each after everything it leads to. */
function plan(roots: readonly Node[], targets: ReadonlySet<Node> | null, walk: number): Node[] {
  const order: Node[] = [];
  const stack: Node[] = [];
  const next: number[] = [];
  const enter = (node: Node): void => {
    node.walk = walk;
    node.gathered = null;
    node.wanted = targets === null ? node.leaf : targets.has(node);
    stack.push(node);
    next.push(0);
  };
  for (const root of roots) {
    if (root.walk === walk) continue;
    enter(root);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const i = next[next.length - 1]++;
      if (i < node.inputs.length) {
        const input = node.inputs[i];
        if (input !== null && input.walk !== walk) enter(input);
        continue;
      }
      stack.pop();
      next.pop();
      for (const input of node.inputs) if (input?.wanted) node.wanted = true;
      order.push(node);
    }
  }
  return order;
}

function gather(node: Node, g: Tensor, isFresh: boolean, createGraph: boolean): void {
  const before = node.gathered;
  if (before === null) {
    node.gathered = g;
    node.gatheredIsFresh = isFresh;
  } else if (node.gatheredIsFresh && !createGraph) {
    node.gathered = ops.addInPlace(before, g);
  } else {
    node.gathered = ops.add(before, g);
    node.gatheredIsFresh = true;
  }
}

function accumulate(leaf: Leaf, g: Tensor, isFresh: boolean, createGraph: boolean): void {
  const { tensor } = leaf;
  if (tensor.gradient !== null) {
    tensor.gradient = createGraph
      ? ops.add(tensor.gradient, g)
      : tensor.gradient.node === null
        ? ops.addInPlace(tensor.gradient, g)
        : ops.add(tensor.gradient, g);
  } else if (createGraph || (isFresh && g.layout.contiguous && g.storage.saves === 0)) {
    tensor.gradient = g;
  } else {
    tensor.gradient = dense(g, g.type);
  }
}

/**
 * Pulls the cotangents of the roots back through the tape. Without targets they are gathered in the leaves' grad; with
 * targets, the cotangents that arrive there are returned, and no leaf is touched.
 */
export function walkBack(
  roots: readonly Node[],
  cotangents: readonly Tensor[],
  targets: readonly Node[] | null,
  { retainGraph, createGraph }: WalkOptions,
): (Tensor | null)[] {
  const walk = ++walks;
  const wanted = targets === null ? null : new Set(targets);
  const order = plan(roots, wanted, walk);
  const before = setGradMode(createGraph);
  try {
    roots.forEach((root, i) => {
      gather(root, cotangents[i], false, createGraph);
    });
    const kept = new Map<Node, Tensor>();
    for (let k = order.length - 1; k >= 0; k--) {
      const node = order[k];
      const g = node.gathered;
      node.gathered = null;
      if (g === null || !node.wanted) continue;
      if (wanted?.has(node)) kept.set(node, g);
      if (!(node instanceof Operation)) {
        if (wanted === null) accumulate(node as Leaf, g, node.gatheredIsFresh, createGraph);
        continue;
      }
      if (!node.inputs.some((input) => input?.wanted)) continue;
      const pulled = node.pull(g);
      for (let i = 0; i < pulled.length; i++) {
        const input = node.inputs[i];
        const raw = pulled[i];
        if (input === null || raw === null || !input.wanted) continue;
        const conformed = ops.conform(raw, node.shapes[i], node.dtypes[i]);
        // Only what this rule made, and gave to one operand alone, may be written to.
        let isFresh = conformed !== raw;
        if (!isFresh && raw !== g && raw.base === null && raw.storage !== g.storage) {
          isFresh = true;
          for (let j = 0; j < pulled.length; j++) {
            if (j !== i && pulled[j]?.storage === raw.storage) isFresh = false;
          }
        }
        gather(input, conformed, isFresh, createGraph);
      }
      if (!retainGraph) node.release();
    }
    return (targets ?? []).map((node) => kept.get(node) ?? null);
  } finally {
    setGradMode(before);
    for (const node of order) node.gathered = null;
  }
}

/** The cotangent to start from: the one given, or 1 for a scalar. */
export function startingCotangent(
  output: Tensor,
  given: Tensor | null,
  ones: (shape: Shape, dtype: DType) => Tensor,
  where: string,
): Tensor {
  const { shape } = output.layout;
  if (given === null) {
    if (output.layout.numel !== 1) {
      throw new GradError(
        `${where}: a gradient can be left out for scalars only; this output has shape ${showShape(shape)}, so pass its cotangent, or sum() it first`,
      );
    }
    return ones(shape, output.dtype);
  }
  if (!sameShape(given.layout.shape, shape)) {
    throw new GradError(
      `${where}: the gradient's shape ${showShape(given.layout.shape)} is not the output's ${showShape(shape)}`,
    );
  }
  return given.dtype === output.dtype ? given : ops.conform(given, shape, output.dtype);
}
