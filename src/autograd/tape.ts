/**
 * The tape: a node for each recorded operation, with edges to the nodes of its operands. Nodes save values, never
 * tensors: a place in memory with its layout, and the edge at the moment of saving.
 */
import type { DType, DTypeInfo } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import { GradError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { Layout, scalarLayout } from "../core/shape.js";
import type { Algebra, Cotangent, TensorAlgebra } from "../ops/algebra.js";
import type { ElementwiseRow } from "../ops/elementwise.js";
import type { Context, InMemory, StructuralRow } from "../ops/structural.js";
import { structural } from "../ops/structural.js";
import { dense } from "../tensor/create.js";
import { Value } from "../tensor/deferred.js";
import type { GradNode } from "../tensor/tensor.js";
import { Tensor } from "../tensor/tensor.js";
import { isGradEnabled } from "./mode.js";

/** Derivative rules are written in operations; the layer that has them lends them here when it loads. */
let algebra: TensorAlgebra<Tensor>;
export function useAlgebra(operations: TensorAlgebra<Tensor>): void {
  algebra = operations;
}

/** A view made while recording was off: it has no edge, and no in-place operation while recording is on. */
const outsideOfTape = -1;

/** A value as it was when it was saved, with the edge that it had. */
class Saved extends Value {
  private readonly node: Node | null;

  constructor(x: Tensor) {
    // Memory that user code writes to cannot be counted and moved.
    super(x.storage.exposed ? dense(x, x.type) : x);
    this.node = nodeOf(x);
  }

  value(): Tensor {
    const x = new Tensor(this.type, this.storage, this.layout, this.offset);
    x.node = this.node;
    return x;
  }
}

/** What backward() walks. */
export abstract class Node implements GradNode {
  abstract readonly name: string;
  abstract readonly leaf: boolean;
  /** The nodes of the operands; null where an operand requires no grad. */
  abstract readonly inputs: readonly (Node | null)[];
  /** The walk that saw the node last, and what that walk has gathered for it. For the engine alone. */
  walk = 0;
  visited = 0;
  wanted = false;
  gathered: Tensor | null = null;
  gatheredIsFresh = false;
}

/** Where the gradient of a leaf gathers. */
export class Leaf extends Node {
  readonly name = "AccumulateGrad";
  readonly leaf = true;
  readonly inputs: readonly null[] = [];
  readonly tensor: Tensor;

  constructor(tensor: Tensor) {
    super();
    this.tensor = tensor;
  }
}

/** A recorded operation. */
export abstract class Operation extends Node {
  readonly leaf = false;
  readonly inputs: (Node | null)[];
  /** Shapes and dtypes of the operands; of a number, those of a 0-d float32. */
  readonly layouts: Layout[];
  readonly types: DTypeInfo[];
  /** Whether the saved values were given up by a backward(). */
  protected released = false;

  constructor(operands: readonly (Tensor | number)[]) {
    super();
    const count = operands.length;
    this.inputs = new Array<Node | null>(count);
    this.layouts = new Array<Layout>(count);
    this.types = new Array<DTypeInfo>(count);
    for (let i = 0; i < count; i++) {
      const x = operands[i];
      const number = typeof x === "number";
      this.inputs[i] = number ? null : nodeOf(x);
      this.layouts[i] = number ? scalarLayout : x.layout;
      this.types[i] = number ? dtypeInfo.float32 : x.type;
    }
  }

  /** The cotangents of the operands, from that of the result; null for one that needs none. */
  abstract pull(g: Tensor): (Tensor | null)[];

  /** Lets go of the saved values; backward() does, where it need not keep the graph. */
  abstract release(): void;

  /** Only tensors are worth freeing; a graph that saved nothing but numbers can be walked again. */
  protected free<S extends Saved | number | null>(saved: S): S | null {
    if (!(saved instanceof Saved)) return saved;
    saved.release();
    this.released = true;
    return null;
  }

  protected checkKept(): void {
    if (this.released) {
      throw new GradError(
        `backward: the graph was walked a second time, and the values that ${this.name} saved were freed after the first; pass { retainGraph: true } to the first backward()`,
      );
    }
  }
}

/** Which values each derivative of an elementwise row reads, found by running the rule on dummies. */
function reads(row: ElementwiseRow): number[] {
  return row.partials.map((partial, i) => {
    let seen = 0;
    const dummy = {};
    const values = new Proxy(dummy, {
      get: (_, name) => {
        const at = ["x", "y", "z", "out"].indexOf(name as string);
        if (at >= 0) seen |= 1 << at;
        return dummy;
      },
    });
    const operations = new Proxy(dummy, { get: () => () => dummy });
    const rule = row.vjps[i] ?? partial;
    if (rule !== null) {
      rule(operations as Algebra<unknown>, values as Cotangent<unknown>);
    }
    return seen;
  });
}

/** An elementwise row, with what the tape knows of it. */
export class ElementwiseRule {
  readonly row: ElementwiseRow;
  readonly reads: readonly number[];
  readonly differentiable: boolean;

  constructor(row: ElementwiseRow) {
    this.row = row;
    this.reads = reads(row);
    this.differentiable = row.partials.some((partial) => partial !== null);
  }
}

const unpack = (saved: Saved | number | null): Tensor =>
  (saved instanceof Saved ? saved.value() : saved) as Tensor;

class ElementwiseOperation extends Operation {
  readonly rule: ElementwiseRule;
  /** Bit set of the values that the derivatives read: operands by position, then the result. */
  private readonly needed: number;
  private x: Saved | number | null = null;
  private y: Saved | number | null = null;
  private z: Saved | number | null = null;
  private out: Saved | null = null;

  constructor(rule: ElementwiseRule, operands: readonly (Tensor | number)[]) {
    super(operands);
    this.rule = rule;
    let needed = 0;
    for (let i = 0; i < operands.length; i++) if (this.inputs[i] !== null) needed |= rule.reads[i];
    this.needed = needed;
    if (needed & 1) this.x = save(operands[0]);
    if (needed & 2) this.y = save(operands[1]);
    if (needed & 4) this.z = save(operands[2]);
  }

  get name(): string {
    return this.rule.row.backward;
  }

  saveResult(out: Tensor): void {
    if (this.needed & resultBit) this.out = new Saved(out);
  }

  pull(g: Tensor): (Tensor | null)[] {
    this.checkKept();
    const values: Cotangent<Tensor> = {
      g,
      x: unpack(this.x),
      y: unpack(this.y),
      z: unpack(this.z),
      out: unpack(this.out),
    };
    const { partials, vjps } = this.rule.row;
    const pulled = new Array<Tensor | null>(this.inputs.length);
    for (let i = 0; i < pulled.length; i++) {
      pulled[i] = null;
      const partial = partials[i];
      if (this.inputs[i] === null || partial === null) continue;
      const vjp = vjps[i];
      if (vjp) {
        pulled[i] = vjp(algebra, values);
        continue;
      }
      const slope = partial(algebra, values);
      if (slope === 1) pulled[i] = g;
      else if (slope === -1) pulled[i] = algebra.neg(g);
      else if (slope === 0) pulled[i] = algebra.zeros(g.layout.shape, g.dtype);
      else pulled[i] = algebra.mul(g, slope);
    }
    return pulled;
  }

  release(): void {
    this.x = this.free(this.x);
    this.y = this.free(this.y);
    this.z = this.free(this.z);
    this.out = this.free(this.out);
  }
}

const resultBit = 8;
const save = (x: Tensor | number): Saved | number => (typeof x === "number" ? x : new Saved(x));

class StructuralOperation<A> extends Operation {
  readonly name: string;
  readonly row: StructuralRow<A>;
  readonly attributes: A;
  private x: Saved | null = null;
  private y: Saved | null = null;
  private z: Saved | null = null;
  private out: Saved | null = null;

  constructor(row: StructuralRow<A>, operands: readonly Tensor[], attributes: A, name: string) {
    super(operands);
    this.row = row;
    this.attributes = attributes;
    this.name = name;
    const { saves } = row;
    if (saves.length === 0) return;
    if (saves.includes("x")) this.x = new Saved(operands[0]);
    if (saves.includes("y")) this.y = new Saved(operands[1]);
    if (saves.includes("z")) this.z = new Saved(operands[2]);
  }

  saveResult(out: Tensor): void {
    if (this.row.saves.includes("out")) this.out = new Saved(out);
  }

  pull(g: Tensor): (Tensor | null)[] {
    this.checkKept();
    const { x, y, z, out } = this;
    const context = new PullContext(this, g, unpack(x), unpack(y), unpack(z), unpack(out));
    return this.row.vjp<Tensor>(algebra, context);
  }

  release(): void {
    this.x = this.free(this.x);
    this.y = this.free(this.y);
    this.z = this.free(this.z);
    this.out = this.free(this.out);
  }
}

/** What a structural rule is given; what it does not ask for is not made. */
class PullContext<A> implements Context<Tensor, A> {
  constructor(
    private readonly operation: StructuralOperation<A>,
    readonly g: Tensor,
    readonly x: Tensor,
    readonly y: Tensor,
    readonly z: Tensor,
    readonly out: Tensor,
  ) {}

  get attributes(): A {
    return this.operation.attributes;
  }
  get shapes(): Shape[] {
    return this.operation.layouts.map((layout) => layout.shape);
  }
  get dtypes(): DType[] {
    return this.operation.types.map((type) => type.name);
  }
  get needs(): boolean[] {
    return this.operation.inputs.map((node) => node !== null);
  }
}

/** What is recorded until the result is there. */
export type Recording = ElementwiseOperation | StructuralOperation<unknown>;

const requiresGrad = (x: Tensor | number): boolean => typeof x !== "number" && nodeOf(x) !== null;

function anyRequiresGrad(operands: readonly (Tensor | number)[]): boolean {
  for (let i = 0; i < operands.length; i++) if (requiresGrad(operands[i])) return true;
  return false;
}

/** A node for an elementwise operation about to run, or null where nothing is to be recorded. */
export function recordElementwise(
  rule: ElementwiseRule,
  operands: readonly (Tensor | number)[],
): Recording | null {
  if (!isGradEnabled() || !rule.differentiable || !anyRequiresGrad(operands)) return null;
  return new ElementwiseOperation(rule, operands);
}

/** A node for a structural operation, or null where nothing is to be recorded. */
export function recordStructural<A>(
  row: StructuralRow<A>,
  operands: readonly Tensor[],
  attributes: A,
  name: string = row.backward,
): Recording | null {
  if (!isGradEnabled() || !anyRequiresGrad(operands)) return null;
  return new StructuralOperation<unknown>(
    row as StructuralRow<unknown>,
    operands,
    attributes,
    name,
  );
}

/** Ends a recording: the result is the node's. */
export function finish<T extends Tensor>(recording: Recording | null, out: T): T {
  if (recording !== null) {
    out.node = recording;
    recording.saveResult(out);
  }
  return out;
}

/** Where a view lies among the elements of its base, which is dense in some order of its dims. */
function windowOf(view: Tensor, base: Tensor): InMemory {
  const window = { layout: view.layout, offset: view.offset - base.offset };
  const { shape, strides, contiguous } = base.layout;
  if (contiguous) return { ...window, order: null };
  const order = shape.map((_, d) => d).sort((a, b) => strides[b] - strides[a] || a - b);
  const inMemory = new Layout(
    order.map((d) => shape[d]),
    order.map((d) => strides[d]),
  );
  if (inMemory.contiguous) return { ...window, order };
  throw new GradError(
    "an in-place operation on a view cannot be recorded where the tensor that it is a view of has gaps in memory; take a clone() of that one first",
  );
}

/** The tensor's node. A view whose base was rewritten since gets the edge that leads through the base. */
export function nodeOf(x: Tensor): Node | null {
  const { base } = x;
  if (base !== null && x.edgeVersion !== base.edgeVersion && x.edgeVersion !== outsideOfTape) {
    x.edgeVersion = base.edgeVersion;
    x.node =
      base.node === null
        ? null
        : new StructuralOperation<InMemory>(
            structural.asStrided,
            [base],
            windowOf(x, base),
            "AsStridedBackward0",
          );
  }
  return x.node as Node | null;
}

/** Marks a tensor as a view of another. */
export function linkView(view: Tensor, of: Tensor): void {
  const base = of.base ?? of;
  view.base = base;
  const outside = of.edgeVersion === outsideOfTape || (!isGradEnabled() && base.node !== null);
  view.edgeVersion = outside ? outsideOfTape : base.edgeVersion;
}

/** Throws where the tape forbids writing to x in place. */
export function checkInPlace(
  x: Tensor,
  operands: readonly (Tensor | number)[],
  where: string,
): void {
  if (!isGradEnabled()) return;
  const node = nodeOf(x);
  if (node?.leaf) {
    throw new GradError(
      `${where}: a leaf that requires grad cannot be changed in place while operations are recorded; do it inside noGrad(), or on a clone()`,
    );
  }
  const base = x.base;
  if (base === null) return;
  if ((base.node as Node | null)?.leaf) {
    throw new GradError(
      `${where}: a view of a leaf that requires grad cannot be changed in place while operations are recorded; do it inside noGrad(), or on a clone()`,
    );
  }
  if (!base.layout.contiguous && (base.node !== null || anyRequiresGrad(operands)))
    windowOf(x, base);
  if (x.edgeVersion === outsideOfTape && (base.node !== null || anyRequiresGrad(operands))) {
    throw new GradError(
      `${where}: this view was made inside noGrad(), so changing it in place now would not reach the gradient; make the view outside of noGrad()`,
    );
  }
}

/** Gives x, just written in place, the edge of what was recorded; through a view, its base and all of its views too. */
export function rewriteEdge(x: Tensor, recording: Recording | null): void {
  if (recording === null) return;
  const { base } = x;
  if (base === null) {
    x.edgeVersion++;
    finish(recording, x);
    return;
  }
  const written = finish(recording, new Tensor(x.type, x.storage, x.layout, x.offset));
  base.node = new StructuralOperation<InMemory>(
    structural.copySlices,
    [base, written],
    windowOf(x, base),
    structural.copySlices.backward,
  );
  base.edgeVersion++;
}

/** Makes x a leaf whose gradient is wanted. */
export function makeLeaf(x: Tensor): void {
  x.base = null;
  x.node = new Leaf(x);
}
