import { setGradMode } from "../autograd/mode.js";

/** Computes with recording off, where the row of the whole has the derivative. */
export function unrecorded<T>(fn: () => T): T {
  const before = setGradMode(false);
  try {
    return fn();
  } finally {
    setGradMode(before);
  }
}
