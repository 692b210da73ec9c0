/** How many threads share large work. */
import { ArgumentError } from "../core/errors.js";
import { setThreadCount, threadCount } from "../native/door.js";

/**
 * How many threads share the work on large tensors, the calling one included. Unless told by setNumThreads or by the
 * environment variable NABLA_NUM_THREADS, it is the number of physical cores that the process may use. Results do not
 * depend on it.
 *
 * @example
 * getNumThreads() >= 1 // true
 */
export const getNumThreads = (): number => threadCount();

/**
 * Sets how many threads share the work on large tensors, the calling one included: from 1 to 1024, for the whole
 * process, worker threads too.
 *
 * @example
 * const before = getNumThreads();
 * setNumThreads(2);
 * const now = getNumThreads();
 * setNumThreads(before);
 * now // 2
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > 1024)
    throw new ArgumentError(
      `setNumThreads: expected a whole number from 1 to 1024, got ${typeof n === "number" ? n : typeof n}`,
    );
  setThreadCount(n);
}
