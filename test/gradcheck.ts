/** Compares gradients with central finite differences. */
import { autograd, Tensor, tensor } from "../src/index.js";
import type { LayoutName } from "./layouts.js";
import { make, read } from "./layouts.js";

/** A float64 input: its elements in row-major order, or a function of their place. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface GradcheckOptions {
  /** 1 checks gradients, 2 the gradients of gradients too, and so on. */
  order?: number;
  /** How the inputs lie in memory. */
  layout?: LayoutName;
  /** Which inputs require grad; all unless told. */
  wanted?: readonly boolean[];
  /** Sees each result, with its graph, before the graph is walked. */
  onResult?: (result: Tensor) => void;
}

type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** The step: rounding errors grow with its inverse, the neglected third derivative with its square. */
const step = 1e-5;
const tolerance = 2e-6;

/** Fixed weights that make one number of several results, so that every element of a gradient counts. */
function weight(i: number): number {
  return Math.sin(1.3 * i + 0.7) + 0.1;
}

const numelOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function weightsLike(x: Tensor, from: number): Tensor {
  const values = Float64Array.from({ length: x.numel() }, (_, i) => weight(from + i));
  return tensor(values).reshape(x.shape).to(x.dtype);
}

/** The weighted sum of all results. */
function total(results: Tensor | readonly Tensor[], onResult?: (x: Tensor) => void): Tensor {
  const list = results instanceof Tensor ? [results] : results;
  let sum: Tensor = tensor(0, { dtype: "float64" });
  let from = 0;
  for (const x of list) {
    onResult?.(x);
    if (x.isFloatingPoint()) sum = sum.add(x.mul(weightsLike(x, from)).sum().to("float64"));
    from += x.numel();
  }
  return sum;
}

/**
 * Throws where a gradient of fn differs from what central differences give.
 *
 * fn gets fresh leaves at every call. It must be smooth where it is evaluated.
 */
export function gradcheck(fn: Fn, inputs: readonly Input[], options: GradcheckOptions = {}): void {
  const { order = 1, layout = "contiguous", onResult } = options;
  const wanted = options.wanted ?? inputs.map(() => true);
  const leaves = (changed = -1, at = 0, by = 0): Tensor[] =>
    inputs.map(({ shape, values }, i) => {
      const own = Float64Array.from(values);
      if (i === changed) own[at] += by;
      const x = make(own, shape, "float64", layout);
      x.requiresGrad = wanted[i];
      return x;
    });
  const value = (changed: number, at: number, by: number): number =>
    total(fn(...leaves(changed, at, by))).item();

  const xs = leaves();
  const chosen = xs.filter((_, i) => wanted[i]);
  const sum = total(fn(...xs), onResult);
  if (!sum.requiresGrad) throw new Error("no result depends on an input");
  const gradients = autograd.grad(sum, chosen, { allowUnused: true });
  let next = 0;
  inputs.forEach(({ shape, values }, i) => {
    if (!wanted[i]) return;
    const g = gradients[next++];
    if (g !== null && (g.shape.join() !== shape.join() || g.dtype !== "float64")) {
      throw new Error(
        `the gradient of input ${i} is ${g.dtype} [${g.shape}], not float64 [${shape}]`,
      );
    }
    const got = g === null ? new Array<number>(values.length).fill(0) : read(g);
    for (let at = 0; at < numelOf(shape); at++) {
      const expected = (value(i, at, step) - value(i, at, -step)) / (2 * step);
      const error = Math.abs(Number(got[at]) - expected);
      if (!(error <= tolerance * (1 + Math.abs(expected)))) {
        throw new Error(
          `order ${options.order ?? 1}: the gradient of input ${i} at ${at} is ${got[at]}, not ${expected}`,
        );
      }
    }
  });
  if (order === 1) return;

  // The same for the gradients, as functions of the inputs.
  const gradient: Fn = (...ys) => {
    const targets = ys.filter((_, i) => wanted[i]);
    const sumHere = total(fn(...ys));
    const found = autograd.grad(sumHere, targets, { createGraph: true, allowUnused: true });
    const used = found.filter((g): g is Tensor => g?.requiresGrad === true);
    // A constant gradient has no derivative; this keeps the sum on the tape.
    return [...used, ...targets.map((x) => x.mul(0))];
  };
  gradcheck(gradient, inputs, { ...options, order: order - 1 });
}
