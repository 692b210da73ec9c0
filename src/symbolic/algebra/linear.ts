/** Systems of linear equations with polynomials as coefficients. */
import { ArgumentError } from "../../core/errors.js";
import { Poly } from "../poly/poly.js";
import type { Quotient } from "./cancel.js";
import { lowestTerms } from "./cancel.js";
import { multiply } from "./polynomials.js";

/** More entries of a system are refused. */
const mostEntries = 250_000;

/** A solution: for each unknown the constant and the multiples of the free unknowns; null for a free one. */
export interface LinearSolution {
  readonly free: readonly number[];
  readonly values: readonly (readonly Quotient[] | null)[];
}

/**
 * The solution of Σ row[i] x_i = row[n] for all rows, by Gauss and Jordan's elimination with exact divisions only
 * (Bareiss 1968); null where there is none.
 */
export function solveLinear(
  given: readonly (readonly Poly[])[],
  unknowns: number,
): LinearSolution | null {
  const rows = given.map((row) => row.slice());
  if (rows.length * (unknowns + 1) > mostEntries)
    throw new ArgumentError(
      `a system of ${rows.length} equations for ${unknowns} unknowns is too large`,
    );
  const pivots: number[] = [];
  let previous: Poly | null = null;
  for (let column = 0; column < unknowns && pivots.length < rows.length; column++) {
    const at = pivots.length;
    let best = -1;
    for (let i = at; i < rows.length; i++) {
      const { terms } = rows[i][column];
      if (terms.length > 0 && (best < 0 || terms.length < rows[best][column].terms.length))
        best = i;
    }
    if (best < 0) continue;
    [rows[at], rows[best]] = [rows[best], rows[at]];
    const pivotRow = rows[at];
    const pivot = pivotRow[column];
    for (let i = 0; i < rows.length; i++) {
      if (i === at) continue;
      const row = rows[i];
      const factor = row[column];
      rows[i] = row.map((entry, j) => {
        if (j < column && i > at) return entry;
        const up = multiply(entry, pivot).subtract(multiply(factor, pivotRow[j]));
        return previous === null ? up : up.divideExactly(previous);
      });
    }
    previous = pivot;
    pivots.push(column);
  }
  if (rows.slice(pivots.length).some((row) => !row[unknowns].isZero)) return null;
  const free = Array.from({ length: unknowns }, (_, j) => j).filter((j) => !pivots.includes(j));
  const values = Array.from({ length: unknowns }, (_, j) => {
    const i = pivots.indexOf(j);
    if (i < 0) return null;
    const row = rows[i];
    const denominator = row[j];
    return [row[unknowns], ...free.map((k) => row[k].negate())].map((numerator) =>
      numerator.isZero
        ? { numerator, denominator: Poly.constant(numerator.variables, 1n) }
        : lowestTerms({ numerator, denominator }),
    );
  });
  return { free, values };
}
