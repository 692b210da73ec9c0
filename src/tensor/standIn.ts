/** Tensors without elements, which elementwise functions take as any other, to find out what a function computes. */
import type { DTypeInfo } from "../core/dtype.js";
import { dtypeInfo } from "../core/dtype.js";
import { ArgumentError } from "../core/errors.js";
import { scalarLayout } from "../core/shape.js";
import type { Pending } from "../native/memory.js";
import { Storage } from "../native/memory.js";
import type { ElementwiseName } from "../ops/algebra.js";
import type { TensorLike } from "./create.js";
import { Tensor } from "./tensor.js";

/** A float64 of its own: no short way of the elementwise functions knows it. */
const standInType: DTypeInfo = { ...dtypeInfo.float64 };

/** What stands in the place of elements. */
export abstract class StandIn implements Pending {
  /** The result of an elementwise operation, of whose operands one is a stand-in at least. */
  abstract operate(op: ElementwiseName, operands: readonly TensorLike[]): Tensor;

  store(): never {
    throw new ArgumentError(
      "a tensor that stands for a symbol has no elements: only elementwise functions take it",
    );
  }

  // What looks at pending work asks for these first.
  isShownBy(): never {
    return this.store();
  }
  get layout(): never {
    return this.store();
  }

  /** As a 0-d tensor. */
  tensor(): Tensor {
    const storage = new Storage(null, 0, 0);
    storage.pending = this;
    return new Tensor(standInType, storage, scalarLayout, 0);
  }
}

/** What x stands for; null of everything else. */
export const standInOf = (x: unknown): StandIn | null =>
  x instanceof Tensor && x.type === standInType ? (x.storage.pending as StandIn) : null;
