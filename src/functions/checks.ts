/** Checks of arguments that several functions share. */
import { dtypeInfo, isFloat, isInteger } from "../core/dtype.js";
import { ArgumentError, DTypeError } from "../core/errors.js";
import { isOptions } from "../core/options.js";
import { scalarLayout } from "../core/shape.js";
import { nativeOp } from "../native/door.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, fresh, toInteger } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import type { OutOptions } from "./dispatch.js";
import { binary, ops, promote } from "./dispatch.js";

/** A scalar as it is, anything else as a tensor. */
export const mixed = (x: TensorLike): Tensor | number | bigint | boolean =>
  typeof x === "object" ? asTensor(x, "operand") : x;

/** Integer division by zero has no result to give. */
export function checkDivisor(x: TensorLike, y: TensorLike, where: string): void {
  const operands = [mixed(x), mixed(y)];
  const dtype = promote(operands);
  if (!isInteger(dtype)) return;
  const divisor = operands[1];
  const zero =
    divisor instanceof Tensor
      ? !allNonzero(divisor)
      : BigInt.asUintN(8 * dtypeInfo[dtype].size, BigInt(divisor)) === 0n; // numbers wrap
  if (zero) throw new ArgumentError(`${where}: integer division by zero`);
}

function allNonzero(x: Tensor): boolean {
  const out = fresh<"bool">(dtypeInfo.bool, scalarLayout);
  const dims = x.layout.shape.map((_, d) => d);
  execute.reduce([allOp.code], dtypeInfo.bool, [out], x, dims);
  return out.item();
}

const allOp = nativeOp("all");

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
export interface ClampBounds extends OutOptions {
  min?: TensorLike | null;
  max?: TensorLike | null;
}

/** The bounds, however they were given; null for one that is missing. */
export function clampBounds(
  min: TensorLike | ClampBounds | null | undefined,
  max: TensorLike | null | undefined,
): [TensorLike | null, TensorLike | null] {
  if (!isOptions(min)) return [(min as TensorLike | null | undefined) ?? null, max ?? null];
  const { min: low, max: high } = min as ClampBounds;
  return [low ?? null, high ?? null];
}

/** y · alpha, for add and sub; alpha is of no higher category than what it scales. */
export function scaled(x: TensorLike, y: TensorLike, alpha: unknown, where: string): TensorLike {
  if (alpha === undefined || alpha === 1) return y;
  if (typeof alpha !== "number" && typeof alpha !== "bigint") {
    throw new ArgumentError(`${where}: alpha is a number, not ${typeof alpha}`);
  }
  const dtype = promote([mixed(x), mixed(y)]);
  if (!isFloat(dtype) && typeof alpha === "number" && !Number.isInteger(alpha)) {
    throw new DTypeError(`${where}: alpha ${alpha} is no integer, and the operands are ${dtype}`);
  }
  return binary(ops.mul, y, alpha);
}
