/** Walks the tape backwards. Knows no operation. */

import type { DType, DTypeInfo } from "../core/dtype.js";
import { GradError } from "../core/errors.js";
import type { Layout, Shape } from "../core/shape.js";
import { sameShape, showShape } from "../core/shape.js";
import type { Expression } from "../tensor/deferred.js";
import { storeTogether } from "../tensor/deferred.js";
import type { Tensor } from "../tensor/tensor.js";
import { setGradMode } from "./mode.js";
import type { Leaf, Node } from "./tape.js";
import { Operation } from "./tape.js";

/** What the engine needs of the operations; lent by the layer that has them. */
export interface EngineOps {
  add(x: Tensor, y: Tensor): Tensor;
  addInPlace(x: Tensor, y: Tensor): Tensor;
  clone(x: Tensor): Tensor;
  /** Sums what was broadcast from the layout's shape, and casts. */
  conform(x: Tensor, layout: Layout, type: DTypeInfo): Tensor;
}

let ops: EngineOps;
export function useOps(operations: EngineOps): void {
  ops = operations;
}

export interface WalkOptions {
  /** Whether what arrives at the targets, all leaves, is added to their grad. */
  accumulates?: boolean;
  retainGraph: boolean;
  createGraph: boolean;
}

let walks = 0;

const stack: Node[] = [];

function enter(node: Node, targets: ReadonlySet<Node> | null, walk: number): void {
  node.walk = walk;
  node.visited = 0;
  node.gathered = null;
  node.wanted = targets === null ? node.leaf : targets.has(node);
  stack.push(node);
}

/** The nodes that the roots lead to, each after everything that it leads to itself; wanted says which lead to a target. */
function plan(roots: readonly Node[], targets: ReadonlySet<Node> | null, walk: number): Node[] {
  const order: Node[] = [];
  for (let r = 0; r < roots.length; r++) {
    if (roots[r].walk === walk) continue;
    enter(roots[r], targets, walk);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const { inputs } = node;
      if (node.visited < inputs.length) {
        const input = inputs[node.visited++];
        if (input !== null && input.walk !== walk) enter(input, targets, walk);
        continue;
      }
      stack.pop();
      for (let i = 0; i < inputs.length; i++) if (inputs[i]?.wanted) node.wanted = true;
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
  } else if (node.gatheredIsFresh && !createGraph && isStored(before) && isStored(g)) {
    node.gathered = ops.addInPlace(before, g);
  } else {
    node.gathered = ops.add(before, g);
    node.gatheredIsFresh = true;
  }
}

const isStored = (x: Tensor): boolean => x.storage.pending === null;

/** Computes gradients, which mostly are pending and have much in common, in as few programs as may be. */
function storeAll(gradients: Iterable<Tensor>): void {
  const pending: Expression[] = [];
  for (const { storage } of gradients) {
    if (storage.pending !== null) pending.push(storage.pending as Expression);
  }
  if (pending.length > 0) storeTogether([...new Set(pending)]);
}

/** What arrived at a leaf. */
interface Arrival {
  readonly leaf: Leaf;
  readonly g: Tensor;
  readonly isFresh: boolean;
}

function accumulate({ leaf, g, isFresh }: Arrival, createGraph: boolean): void {
  const { tensor } = leaf;
  const before = tensor.gradient;
  if (before !== null) {
    const recorded = createGraph || before.node !== null;
    tensor.gradient = recorded ? ops.add(before, g) : ops.addInPlace(before, g);
  } else {
    // The caller may write to a grad, so it shares memory with nothing else.
    const own = isFresh && g.layout.contiguous && g.storage.saves === 0;
    tensor.gradient = own ? g : ops.clone(g);
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
  { retainGraph, createGraph, accumulates = targets === null }: WalkOptions,
): (Tensor | null)[] {
  const walk = ++walks;
  const wanted = targets === null ? null : new Set(targets);
  const kept = targets === null ? null : new Map<Node, Tensor>();
  const order = plan(roots, wanted, walk);
  const arrivals: Arrival[] = [];
  const before = setGradMode(createGraph);
  try {
    for (let i = 0; i < roots.length; i++) gather(roots[i], cotangents[i], false, createGraph);
    for (let k = order.length - 1; k >= 0; k--) {
      const node = order[k];
      const g = node.gathered;
      node.gathered = null;
      if (g === null || !node.wanted) continue;
      if (kept !== null && wanted?.has(node)) kept.set(node, g);
      if (node instanceof Operation) {
        pullBack(node, g, createGraph);
        if (!retainGraph) node.release();
      } else if (accumulates) {
        arrivals.push({ leaf: node as Leaf, g, isFresh: node.gatheredIsFresh });
      }
    }
    if (arrivals.length > 0) storeAll(arrivals.map(({ g }) => g));
    for (const arrival of arrivals) accumulate(arrival, createGraph);
    if (kept === null || targets === null) return [];
    storeAll(kept.values());
    return targets.map((node) => kept.get(node) ?? null);
  } finally {
    setGradMode(before);
    for (let k = 0; k < order.length; k++) order[k].gathered = null;
  }
}

/** Hands the cotangents of an operation's operands on. */
function pullBack(node: Operation, g: Tensor, createGraph: boolean): void {
  const { inputs } = node;
  let leadsOn = false;
  for (let i = 0; i < inputs.length; i++) if (inputs[i]?.wanted) leadsOn = true;
  if (!leadsOn) return;
  const pulled = node.pull(g);
  for (let i = 0; i < pulled.length; i++) {
    const input = inputs[i];
    const raw = pulled[i];
    if (input === null || raw === null || !input.wanted) continue;
    const conformed = ops.conform(raw, node.layouts[i], node.types[i]);
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
  return ops.conform(given, output.layout, output.type);
}
