/**
 * The tape: a node for each recorded operation, with edges to the nodes of its operands. Nodes save values, never
 * tensors: a place in memory with its layout, and the edge at the moment of saving.
 */
import { type DType, type DTypeInfo, dtypeInfo } from "../core/dtype.js";
import { GradError } from "../core/errors.js";
import type { Layout, Shape } from "../core/shape.js";
import { type Block, Storage } from "../native/memory.js";
import type { Algebra, Cotangent, TensorAlgebra, Window } from "../ops/algebra.js";
import type { ElementwiseRow } from "../ops/elementwise.js";
import { type StructuralRow, structural } from "../ops/structural.js";
import { dense } from "../tensor/create.js";
import { type GradNode, Tensor } from "../tensor/tensor.js";
import { isGradEnabled } from "./mode.js";

/** Derivative rules are written in operations; the layer that has them lends them here when it loads. */
let algebra: TensorAlgebra<Tensor>;
export function useAlgebra(operations: TensorAlgebra<Tensor>): void {
  algebra = operations;
}

/** A view made while recording was off: it has no edge, and no in-place operation while recording is on. */
const outsideOfTape = -1;

/** A value as it was when it was saved. */
class Saved {
  private readonly storage: Storage;
  private readonly block: Block;
  private readonly byteOffset: number;
  private readonly epoch: number;
  private readonly layout: Layout;
  private readonly offset: number;
  private readonly type: DTypeInfo;
  private readonly node: Node | null;

  constructor(x: Tensor) {
    // Memory that user code writes to cannot be counted and moved.
    const source = x.storage.block.exposed ? dense(x, x.type) : x;
    this.storage = source.storage;
    this.block = source.storage.block;
    this.byteOffset = source.storage.byteOffset;
    this.epoch = source.storage.epoch;
    this.layout = source.layout;
    this.offset = source.offset;
    this.type = source.type;
    this.node = nodeOf(x);
    source.storage.saves++;
  }

  value(): Tensor {
    const { storage } = this;
    const place =
      storage.epoch === this.epoch ? storage : new Storage(this.block, this.byteOffset, storage.byteLength);
    const x = new Tensor(this.type, place, this.layout, this.offset);
    x.node = this.node;
    return x;
  }

  release(): void {
    if (this.storage.epoch === this.epoch) this.storage.saves--;
  }
}

let nodeCount = 0;

/** What backward() walks. */
export abstract class Node implements GradNode {
  abstract readonly name: string;
  abstract readonly leaf: boolean;
  /** The nodes of the operands; null where an operand requires no grad. */
  abstract readonly inputs: readonly (Node | null)[];
  /** The walk that saw the node last, and what that walk has gathered for it. For the engine alone. */
  walk = 0;
  waiting = 0;
  wanted = false;
  gathered: Tensor | null = null;
  gatheredIsFresh = false;
  readonly order: number = nodeCount++;
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
  readonly inputs: readonly (Node | null)[];
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
  /** Whether the saved values were given up by a backward(). */
  protected released = false;

  constructor(operands: readonly (Tensor | number)[]) {
    super();
    this.inputs = operands.map((x) => (typeof x === "number" ? null : nodeOf(x)));
    this.shapes = operands.map((x) => (typeof x === "number" ? [] : x.layout.shape));
    this.dtypes = operands.map((x) => (typeof x === "number" ? "float32" : x.dtype));
  }

  /** The cotangents of the operands, from that of the result; null for one that needs none. */
  abstract pull(g: Tensor): (Tensor | null)[];

  /** Lets go of the saved values; backward() does, where it need not keep the graph. */
  abstract release(): void;

  protected checkKept(): void {
    if (this.released) {
      throw new GradError(
        `backward: the graph was walked a second time, and the values that ${this.name} saved were freed after the first; pass { retainGraph: true } to the first backward()`,
      );
    }
  }
}

type Name = "x" | "y" | "z" | "out";
const operandNames = ["x", "y", "z"] as const;

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

class ElementwiseOperation extends Operation {
  readonly rule: ElementwiseRule;
  private readonly saved: (Saved | number | null)[] = [null, null, null, null];

  constructor(rule: ElementwiseRule, operands: readonly (Tensor | number)[]) {
    super(operands);
    this.rule = rule;
    const needed = this.needed;
    for (let i = 0; i < operands.length; i++) {
      const x = operands[i];
      if (needed & (1 << i)) this.saved[i] = typeof x === "number" ? x : new Saved(x);
    }
  }

  get name(): string {
    return this.rule.row.backward;
  }

  /** The values that the derivatives of the operands that require grad read. */
  private get needed(): number {
    let needed = 0;
    for (let i = 0; i < this.inputs.length; i++) if (this.inputs[i] !== null) needed |= this.rule.reads[i];
    return needed;
  }

  saveResult(out: Tensor): void {
    if (this.needed & 8) this.saved[3] = new Saved(out);
  }

  pull(g: Tensor): (Tensor | null)[] {
    this.checkKept();
    const [x, y, z, out] = this.saved.map((s) => (s instanceof Saved ? s.value() : s));
    const values = { g, x, y, z, out } as Cotangent<Tensor>;
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
    for (let i = 0; i < 4; i++) {
      const saved = this.saved[i];
      if (saved === null) continue;
      if (saved instanceof Saved) saved.release();
      this.saved[i] = null;
      this.released = true;
    }
  }
}

class StructuralOperation<A> extends Operation {
  readonly name: string;
  private readonly row: StructuralRow<A>;
  private readonly attributes: A;
  private readonly saved: { [K in Name]?: Saved } = {};

  constructor(row: StructuralRow<A>, operands: readonly Tensor[], attributes: A, name: string) {
    super(operands);
    this.row = row;
    this.attributes = attributes;
    this.name = name;
    operandNames.forEach((operand, i) => {
      if (operand !== "z" && row.saves.includes(operand)) this.saved[operand] = new Saved(operands[i]);
    });
  }

  saveResult(out: Tensor): void {
    if (this.row.saves.includes("out")) this.saved.out = new Saved(out);
  }

  pull(g: Tensor): (Tensor | null)[] {
    this.checkKept();
    return this.row.vjp<Tensor>(algebra, {
      g,
      x: this.saved.x?.value() as Tensor,
      y: this.saved.y?.value() as Tensor,
      z: g,
      out: this.saved.out?.value() as Tensor,
      shapes: this.shapes,
      dtypes: this.dtypes,
      attributes: this.attributes,
      needs: this.inputs.map((node) => node !== null),
    });
  }

  release(): void {
    for (const name of ["x", "y", "out"] as const) {
      const saved = this.saved[name];
      if (saved === undefined) continue;
      saved.release();
      delete this.saved[name];
      this.released = true;
    }
  }
}

/** What is recorded until the result is there. */
export type Recording = ElementwiseOperation | StructuralOperation<unknown>;

const requiresGrad = (x: Tensor | number): boolean => typeof x !== "number" && nodeOf(x) !== null;

/** A node for an elementwise operation about to run, or null where nothing is to be recorded. */
export function recordElementwise(
  rule: ElementwiseRule,
  operands: readonly (Tensor | number)[],
): Recording | null {
  if (!isGradEnabled() || !rule.differentiable || !operands.some(requiresGrad)) return null;
  return new ElementwiseOperation(rule, operands);
}

/** A node for a structural operation, or null where nothing is to be recorded. */
export function recordStructural<A>(
  row: StructuralRow<A>,
  operands: readonly Tensor[],
  attributes: A,
  name: string = row.backward,
): Recording | null {
  if (!isGradEnabled() || !operands.some(requiresGrad)) return null;
  return new StructuralOperation<unknown>(row as StructuralRow<unknown>, operands, attributes, name);
}

/** Ends a recording: the result is the node's. */
export function finish<T extends Tensor>(recording: Recording | null, out: T): T {
  if (recording !== null) {
    out.node = recording;
    recording.saveResult(out);
  }
  return out;
}

/** Where a view lies among the elements of its dense base. */
function windowOf(view: Tensor, base: Tensor): Window {
  if (!base.layout.contiguous) {
    throw new GradError(
      "an in-place operation on a view cannot be recorded where the tensor that it is a view of is not contiguous; make that one contiguous() first",
    );
  }
  return { layout: view.layout, offset: view.offset - base.offset };
}

/** The tensor's node. A view whose base was rewritten since gets the edge that leads through the base. */
export function nodeOf(x: Tensor): Node | null {
  const { base } = x;
  if (base !== null && x.edgeVersion !== base.edgeVersion && x.edgeVersion !== outsideOfTape) {
    x.edgeVersion = base.edgeVersion;
    x.node =
      base.node === null
        ? null
        : new StructuralOperation<Window>(structural.asStrided, [base], windowOf(x, base), "AsStridedBackward0");
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
export function checkInPlace(x: Tensor, operands: readonly (Tensor | number)[], where: string): void {
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
  if (x.edgeVersion === outsideOfTape && (base.node !== null || operands.some(requiresGrad))) {
    throw new GradError(
      `${where}: this view was made inside noGrad(), so changing it in place now would not reach the gradient; make the view outside of noGrad()`,
    );
  }
}

/** Gives x, just written in place, the edge of what was recorded; through a view, its base and all of its views too. */
export function rewriteEdge(x: Tensor, recording: Recording | null): void {
  if (recording === null) return;
  recording.saveResult(x);
  const { base } = x;
  if (base === null) {
    x.node = recording;
    x.edgeVersion++;
    return;
  }
  const written = new Tensor(x.type, x.storage, x.layout, x.offset);
  written.node = recording;
  base.node = new StructuralOperation<Window>(
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
