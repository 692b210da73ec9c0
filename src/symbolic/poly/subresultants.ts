// Remainder sequences in one variable with polynomials in the others as coefficients.

import { ArgumentError } from "../../core/errors.js";
import { Poly } from "./poly.js";

/** The coefficients of powers of one variable, the constant first. */
type Coefficients = readonly Poly[];

/** The remainder of lead(g)^(deg f - deg g + 1) f over g. */
function pseudoRemainder(f: Coefficients, g: Coefficients): Coefficients {
  const n = g.length - 1;
  const top = g[n];
  let r = f.slice();
  let steps = f.length - g.length + 1;
  while (r.length > n) {
    const c = r.pop()!;
    const shift = r.length - n;
    r = r.map((a, i) => {
      const up = a.multiply(top);
      return i < shift ? up : up.subtract(c.multiply(g[i - shift]));
    });
    while (r.length > 0 && r[r.length - 1].isZero) r.pop();
    steps--;
  }
  if (steps > 0) {
    const rest = top.power(steps);
    r = r.map((a) => a.multiply(rest));
  }
  return r;
}

/**
 * The last two of the subresultant remainder sequence, whose coefficients grow the least that exact division allows
 * (Brown and Traub 1971), with the factors that the resultant is made of.
 */
function reduceSequence(f: Coefficients, g: Coefficients) {
  let [a, b] = [f, g];
  let negative = false;
  let scale = Poly.constant(f[0].variables, 1n);
  let height = scale;
  while (b.length > 1) {
    const drop = a.length - b.length;
    if (a.length % 2 === 0 && b.length % 2 === 0) negative = !negative;
    const r = pseudoRemainder(a, b);
    const divisor = scale.multiply(height.power(drop));
    a = b;
    b = r.map((c) => c.divideExactly(divisor));
    scale = a[a.length - 1];
    height = nextHeight(height, scale, drop);
  }
  return { a, b, height, negative };
}

/** lead^drop / height^(drop - 1). */
const nextHeight = (height: Poly, lead: Poly, drop: number): Poly =>
  drop === 0 ? height : lead.power(drop).divideExactly(height.power(drop - 1));

/** Whether two polynomials in the variable have a common factor in it, and if so, one up to its content. */
export function commonFactor(f: Poly, g: Poly, index: number): Poly | null {
  if (f.degree(index) < g.degree(index)) [f, g] = [g, f];
  const { a, b } = reduceSequence(f.coefficients(index), g.coefficients(index));
  return b.length === 0 ? Poly.fromCoefficients(f.variables, index, a) : null;
}

/** The resultant, the determinant of Sylvester's matrix: zero where there is a common factor in the variable. */
export function resultant(f: Poly, g: Poly, index = 0): Poly {
  const m = f.degree(index);
  const n = g.degree(index);
  if (m < 0 || n < 0) return Poly.constant(f.variables, 0n);
  if (m < n) {
    const swapped = resultant(g, f, index);
    return m % 2 === 1 && n % 2 === 1 ? swapped.negate() : swapped;
  }
  const { a, b, height, negative } = reduceSequence(f.coefficients(index), g.coefficients(index));
  if (b.length === 0) return Poly.constant(f.variables, 0n);
  const value = nextHeight(height, b[0], a.length - 1);
  return negative ? value.negate() : value;
}

/** The discriminant, which is zero where a root is a double one. */
export function discriminant(f: Poly, index = 0): Poly {
  const n = f.degree(index);
  if (n < 1) throw new ArgumentError("the discriminant of a constant");
  const value = resultant(f, f.derivative(index), index).divideExactly(f.leading(index));
  return n % 4 === 2 || n % 4 === 3 ? value.negate() : value;
}
