/** What a row of the table of structural operations is. */
import type { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Cotangent, TensorAlgebra } from "./algebra.js";

/** A value that the tape keeps for a rule: the first three operands, and the result. */
export type Saved = "x" | "y" | "z" | "out";

/** What a vjp of a structural operation is given. */
export interface Context<V, A> extends Cotangent<V> {
  /** The shapes and dtypes of the operands. */
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
  readonly attributes: A;
  /** Whether operand i needs a gradient. */
  readonly needs: readonly boolean[];
}

export interface StructuralRow<A> {
  readonly backward: string;
  /** The values that the rule reads. */
  readonly saves: readonly Saved[];
  /** One cotangent for each operand; null for one that gets none. */
  readonly vjp: <V>(o: TensorAlgebra<V>, c: Context<V, A>) => (V | null)[];
}

/** A row of the table. */
export const row = <A>(
  backward: string,
  saves: readonly Saved[],
  vjp: StructuralRow<A>["vjp"],
): StructuralRow<A> => ({ backward, saves, vjp });

/** The last two dims swapped. */
export const transposed = <V>(o: TensorAlgebra<V>, x: V): V => {
  const ndim = o.shape(x).length;
  const dims = Array.from({ length: ndim }, (_, d) => d);
  [dims[ndim - 2], dims[ndim - 1]] = [ndim - 1, ndim - 2];
  return o.permute(x, dims);
};
