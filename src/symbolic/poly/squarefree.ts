import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import { contentIn, denseGcd, gcd } from "./gcd.js";
import { Poly } from "./poly.js";

/** The content times the product of the factors to the powers of their multiplicities. */
export interface Factorization<T> {
  readonly content: bigint;
  readonly factors: readonly (readonly [factor: T, multiplicity: number])[];
}

/** Factors without multiple factors, one for each multiplicity, in increasing order; by Yun (1976). */
export function denseSquareFree(f: Dense): Factorization<Dense> {
  const content = dense.content(f);
  const factors: [Dense, number][] = [];
  if (f.length < 2) return { content, factors };
  f = dense.unscale(f, content);
  const slope = dense.derivative(f);
  const common = denseGcd(f, slope);
  let w = dense.divideExactly(f, common);
  let y = dense.divideExactly(slope, common);
  for (let multiplicity = 1; w.length > 1; multiplicity++) {
    const z = dense.subtract(y, dense.derivative(w));
    const factor = denseGcd(w, z);
    if (factor.length > 1) factors.push([factor, multiplicity]);
    w = dense.divideExactly(w, factor);
    y = dense.divideExactly(z, factor);
  }
  return { content, factors };
}

/** Factors without multiple factors, one for each multiplicity, in increasing order. */
export function squareFree(f: Poly): Factorization<Poly> {
  const content = f.content();
  const found = new Map<number, Poly>();
  collect(f.primitive(), found);
  const factors = [...found].sort(([a], [b]) => a - b);
  return { content, factors: factors.map(([multiplicity, factor]) => [factor, multiplicity]) };
}

function collect(f: Poly, found: Map<number, Poly>): void {
  const put = (factor: Poly, multiplicity: number): void => {
    const other = found.get(multiplicity);
    found.set(multiplicity, other === undefined ? factor : other.multiply(factor));
  };
  const { support } = f;
  if (support.length === 0) return;
  const [index] = support;
  if (support.length === 1) {
    for (const [factor, multiplicity] of denseSquareFree(f.toDense(index)).factors) {
      put(Poly.fromDense(factor, f.variables, index), multiplicity);
    }
    return;
  }
  const rest = contentIn(f, index);
  collect(rest, found);
  f = f.divideExactly(rest);
  const slope = f.derivative(index);
  const common = gcd(f, slope);
  let w = f.divideExactly(common);
  let y = slope.divideExactly(common);
  for (let multiplicity = 1; !w.isConstant; multiplicity++) {
    const z = y.subtract(w.derivative(index));
    const factor = gcd(w, z);
    if (!factor.isConstant) put(factor, multiplicity);
    w = w.divideExactly(factor);
    y = z.divideExactly(factor);
  }
}

/** The product of the different irreducible factors. */
export const squareFreePart = (f: Poly): Poly =>
  squareFree(f).factors.reduce((a, [factor]) => a.multiply(factor), Poly.constant(f.variables, 1n));
