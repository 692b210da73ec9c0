/** Checks of arguments that several functions share. */
import { isFloat, isInteger } from "../core/dtype.js";
import { ArgumentError, DTypeError } from "../core/errors.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, toInteger } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";
import { promote } from "./dispatch.js";

/** A scalar as it is, anything else as a tensor. */
export const mixed = (x: TensorLike): Tensor | number | bigint | boolean =>
  typeof x === "object" ? asTensor(x, "operand") : x;

/** Integer division by zero has no result to give. */
export function checkDivisor(x: TensorLike, y: TensorLike, where: string): void {
  const operands = [mixed(x), mixed(y)];
  if (!isInteger(promote(operands))) return;
  const divisor = operands[1];
  const bad =
    divisor instanceof Tensor
      ? divisor.numel() > 0 && !(divisor.toTypedArray() as Int8Array).every(Boolean)
      : !divisor;
  if (bad) throw new ArgumentError(`${where}: integer division by zero`);
}

/** Throws for an exponent under which integers are no integers, or that their dtype cannot hold. */
export function checkExponent(x: Tensor, y: TensorLike, where: string): void {
  if (typeof y !== "number" && typeof y !== "bigint") return;
  const dtype = promote([x, y]);
  if (isFloat(dtype)) return;
  if (y < 0) {
    throw new DTypeError(
      `${where}: integers to a negative power are no integers; cast the base to a float first`,
    );
  }
  toInteger(y, dtype, where);
}

/** Bounds of clamp: numbers or tensors; one of them may be left out. */
export interface ClampBounds {
  min?: TensorLike | null;
  max?: TensorLike | null;
}

/** The bounds, however they were given; null for one that is missing. */
export function clampBounds(
  min: TensorLike | ClampBounds | null | undefined,
  max: TensorLike | null | undefined,
): [TensorLike | null, TensorLike | null] {
  const bounds =
    typeof min === "object" && min !== null && Object.getPrototypeOf(min) === Object.prototype;
  if (!bounds) return [(min as TensorLike | null | undefined) ?? null, max ?? null];
  const { min: low, max: high } = min as ClampBounds;
  return [low ?? null, high ?? null];
}
