/** How exactly products of float32 matrices are computed. */
import { ArgumentError } from "../core/errors.js";

/** "highest": all 24 bits of float32. The others allow fewer, where a processor is faster with them. */
export type MatmulPrecision = "highest" | "high" | "medium";

const precisions: readonly string[] = ["highest", "high", "medium"];
let precision: MatmulPrecision = "highest";

/**
 * Allows products of float32 matrices to be less exact than float32 is, where the processor then computes faster. The
 * kernels that there are compute all of them as "highest".
 */
export function setFloat32MatmulPrecision(wanted: MatmulPrecision): void {
  if (!precisions.includes(wanted)) {
    throw new ArgumentError(
      `setFloat32MatmulPrecision: the precisions are ${precisions.join(", ")}, not ${String(wanted)}`,
    );
  }
  precision = wanted;
}

/** What setFloat32MatmulPrecision was told last. @example getFloat32MatmulPrecision() // "highest" */
export const getFloat32MatmulPrecision = (): MatmulPrecision => precision;
