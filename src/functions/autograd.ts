/** Gradients. */

import { startingCotangent, walkBack } from "../autograd/engine.js";
import { isGradEnabled } from "../autograd/mode.js";
import { nodeOf } from "../autograd/tape.js";
import { ArgumentError, GradError } from "../core/errors.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, filled } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";

/** Options of backward. */
export interface BackwardOptions {
  /** Whether what the graph saved is kept, so that it can be walked again; createGraph's value unless told. */
  retainGraph?: boolean;
  /** Whether the gradients are recorded too, for derivatives of higher order. */
  createGraph?: boolean;
  /** The only leaves to gather gradients for. */
  inputs?: readonly Tensor[];
}

/** Options of autograd.grad. */
export interface GradOptions extends Omit<BackwardOptions, "inputs"> {
  /** The cotangents of the outputs; ones for scalars that have none. */
  gradOutputs?: TensorLike | readonly (TensorLike | null)[];
  /** Whether an input that the outputs do not depend on gives null instead of an error. */
  allowUnused?: boolean;
}

const walkOptions = ({
  retainGraph,
  createGraph = false,
}: BackwardOptions): { retainGraph: boolean; createGraph: boolean } => ({
  retainGraph: retainGraph ?? createGraph,
  createGraph,
});

function rootOf(x: Tensor, where: string): NonNullable<ReturnType<typeof nodeOf>> {
  const node = nodeOf(x);
  if (node !== null) return node;
  throw new GradError(
    `${where}: the output does not require grad: nothing that it was computed from does, or it was computed inside noGrad()`,
  );
}

const ones = (shape: readonly number[], dtype: Tensor["dtype"]): Tensor => filled(dtype, shape, 1);

/**
 * Adds the gradient of a tensor to the grad of every leaf that it depends on.
 *
 * @param gradient The cotangent to start from, of the tensor's shape; may be left out for a scalar.
 * @throws GradError when the tensor does not require grad, when a gradient is needed, and when the graph was walked
 * before without retainGraph.
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * x.grad // tensor([2., 4., 6.])
 */
export function backward(
  x: Tensor,
  gradient: TensorLike | null = null,
  options: BackwardOptions = {},
): void {
  const root = rootOf(x, "backward");
  const given = gradient === null || gradient === undefined ? null : asTensor(gradient, "backward");
  const start = startingCotangent(x, given, ones, "backward");
  const { inputs } = options;
  if (inputs === undefined) {
    walkBack([root], [start], null, walkOptions(options));
    return;
  }
  const targets = inputs.map((input) => {
    const node = nodeOf(input);
    if (node?.leaf) return node;
    throw new GradError(
      "backward: the inputs are leaves that require grad; see autograd.grad for others",
    );
  });
  walkBack([root], [start], targets, { ...walkOptions(options), accumulates: true });
}

/**
 * The gradients of outputs in inputs, without touching any grad.
 *
 * @returns One tensor for each input; null for an unused one where allowUnused says so.
 * @throws GradError as backward does, and when an input is not used.
 * @example
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = autograd.grad(x.mul(x).mul(x), x, { createGraph: true });
 * const [ddx] = autograd.grad(dx, x);
 * [dx.item(), ddx.item()] // [27, 18]
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const outs = outputs instanceof Tensor ? [outputs] : outputs;
  const ins = inputs instanceof Tensor ? [inputs] : inputs;
  const { gradOutputs } = options;
  const given: readonly (TensorLike | null)[] =
    gradOutputs === undefined
      ? outs.map(() => null)
      : outputs instanceof Tensor &&
          !(
            Array.isArray(gradOutputs) &&
            gradOutputs.length === 1 &&
            gradOutputs[0] instanceof Tensor
          )
        ? [gradOutputs as TensorLike]
        : (gradOutputs as readonly (TensorLike | null)[]);
  if (given.length !== outs.length) {
    throw new ArgumentError(`grad: ${outs.length} outputs, but ${given.length} gradOutputs`);
  }
  const roots = outs.map((out) => rootOf(out, "grad"));
  const starts = outs.map((out, i) => {
    const cotangent = given[i];
    return startingCotangent(
      out,
      cotangent === null ? null : asTensor(cotangent, "grad"),
      ones,
      "grad",
    );
  });
  const targets = ins.map((input, i) => {
    const node = nodeOf(input);
    if (node === null) throw new GradError(`grad: input ${i} does not require grad`);
    return node;
  });
  const found = walkBack(roots, starts, targets, walkOptions(options));
  found.forEach((g, i) => {
    if (g === null && options.allowUnused !== true) {
      throw new GradError(
        `grad: the outputs do not depend on input ${i}; pass { allowUnused: true } to get null for it`,
      );
    }
  });
  return found;
}

export { isGradEnabled };
