import { ArgumentError } from "../core/errors.js";

let enabled = true;

/** Whether operations are recorded for backward(). */
export const isGradEnabled = (): boolean => enabled;

/** Sets the mode and returns the one before. For the engine; users have noGrad and enableGrad. */
export function setGradMode(on: boolean): boolean {
  const before = enabled;
  enabled = on;
  return before;
}

function within<T>(on: boolean, fn: () => T, where: string): T {
  if (typeof fn !== "function")
    throw new ArgumentError(`${where}: expected a function, got ${typeof fn}`);
  const before = setGradMode(on);
  let result: T;
  try {
    result = fn();
  } finally {
    enabled = before;
  }
  if (result instanceof Promise) {
    result.catch(() => {}); // this error is the one to hear of
    throw new ArgumentError(
      `${where}: the function is asynchronous, and what it does after its first await would run in the caller's mode; pass a synchronous one`,
    );
  }
  if (/Generator\]$/.test(Object.prototype.toString.call(result))) {
    throw new ArgumentError(
      `${where}: the function is a generator, and its body would run in the mode of whoever asks it for values; pass another`,
    );
  }
  return result;
}

/**
 * Calls fn with recording off: what it computes requires no grad.
 *
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => x.mul(2)).requiresGrad // false
 */
export const noGrad = <T>(fn: () => T): T => within(false, fn, "noGrad");

/**
 * Calls fn with recording on, inside of noGrad too.
 *
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => enableGrad(() => x.mul(2))).requiresGrad // true
 */
export const enableGrad = <T>(fn: () => T): T => within(true, fn, "enableGrad");
