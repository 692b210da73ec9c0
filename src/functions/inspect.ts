/** What there is to see of how tensors are computed. */
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import { explain as programOf } from "../tensor/deferred.js";

/**
 * The program that would compute x, as text: the pass with its operands, and a line for each step. Operands are %0, %1 …,
 * the result first; registers are r0, r1 …
 *
 * @returns A line that says so where x is in memory and nothing is left to compute.
 * @example
 * const x = ones(5000);
 * explain(x.mul(2).exp()).includes("%0 = exp float32 r0") // true
 */
export const explain = (x: TensorLike): string =>
  programOf(asTensor(x, "explain")) ?? "in memory: nothing is left to compute";
