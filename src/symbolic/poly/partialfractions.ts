// Bezout's identity and partial fractions in one variable over the rationals.

import { ArgumentError } from "../../core/errors.js";
import { lcm } from "../core/integers.js";
import type { Dense, Fraction } from "./dense.js";
import * as dense from "./dense.js";
import { fraction } from "./dense.js";

export const addFractions = (f: Fraction, g: Fraction): Fraction => {
  const denominator = lcm(f.denominator, g.denominator);
  const widened = (h: Fraction) => dense.scale(h.numerator, denominator / h.denominator);
  return fraction(dense.add(widened(f), widened(g)), denominator);
};

export const multiplyFractions = (f: Fraction, g: Fraction): Fraction =>
  fraction(dense.multiply(f.numerator, g.numerator), f.denominator * g.denominator);

/** Quotient and remainder of a polynomial over the rationals by one over the integers. */
function divideFraction(f: Fraction, g: Dense): { quotient: Fraction; remainder: Fraction } {
  const { quotient, remainder, scale } = dense.pseudoDivide(f.numerator, g);
  return {
    quotient: fraction(quotient, scale * f.denominator),
    remainder: fraction(remainder, scale * f.denominator),
  };
}

/**
 * s and t of the smallest degrees with s f + t g = gcd, which has leading coefficient 1: Euclid's algorithm with primitive
 * remainders.
 */
export function gcdex(f: Dense, g: Dense): { s: Fraction; t: Fraction; gcd: Fraction } {
  // Each row holds r of r = s f + t g, and s and t times a common scale.
  let [r0, r1] = [f, g];
  let [s0, s1]: [Fraction, Fraction] = [fraction([1n], 1n), fraction([], 1n)];
  let [t0, t1]: [Fraction, Fraction] = [fraction([], 1n), fraction([1n], 1n)];
  while (r1.length > 0) {
    const { quotient, remainder, scale } = dense.pseudoDivide(r0, r1);
    const content = dense.content(remainder);
    const over = content === 0n ? 1n : content;
    const next = (a: Fraction, b: Fraction): Fraction => {
      const product = multiplyFractions(fraction(quotient, 1n), b);
      const scaled = fraction(dense.scale(a.numerator, scale), a.denominator);
      const { numerator, denominator } = addFractions(scaled, negateFraction(product));
      return fraction(numerator, denominator * over);
    };
    [s0, s1] = [s1, next(s0, s1)];
    [t0, t1] = [t1, next(t0, t1)];
    [r0, r1] = [r1, dense.unscale(remainder, over)];
  }
  if (r0.length === 0) return { s: s1, t: t1, gcd: fraction([], 1n) };
  const top = dense.lead(r0);
  const over = (a: Fraction): Fraction => fraction(a.numerator, a.denominator * top);
  return { s: over(s0), t: over(t0), gcd: fraction(r0, top) };
}

const negateFraction = (f: Fraction): Fraction => ({
  numerator: dense.negate(f.numerator),
  denominator: f.denominator,
});

export interface PartialFractions {
  readonly polynomial: Fraction;
  /** One for each numerator that is not zero: numerator / base^exponent. */
  readonly terms: readonly {
    readonly numerator: Fraction;
    readonly base: Dense;
    readonly exponent: number;
  }[];
}

/**
 * A polynomial over the product of powers of others, no two of which have a common factor, as a polynomial and fractions
 * whose numerators have smaller degrees than their bases. The terms follow the factors, exponents increasing.
 */
export function partialFractions(
  numerator: Fraction,
  factors: readonly (readonly [base: Dense, exponent: number])[],
): PartialFractions {
  const powers = factors.map(([base, exponent]) => {
    if (base.length < 2)
      throw new ArgumentError("a constant as a denominator of partial fractions");
    return dense.power(base, exponent);
  });
  const { quotient, remainder } = divideFraction(numerator, dense.product(powers));
  const terms = factors.flatMap(([base, exponent], i) => {
    const others = dense.product(powers.filter((_, j) => j !== i));
    const { s, gcd } = gcdex(others, powers[i]);
    if (gcd.numerator.length !== 1) {
      throw new ArgumentError("the denominators of partial fractions have a common factor");
    }
    let rest = divideFraction(multiplyFractions(remainder, s), powers[i]).remainder;
    const found: { numerator: Fraction; base: Dense; exponent: number }[] = [];
    for (let e = exponent; e > 0; e--) {
      const digit = divideFraction(rest, base);
      if (digit.remainder.numerator.length > 0) {
        found.push({ numerator: digit.remainder, base, exponent: e });
      }
      rest = digit.quotient;
    }
    return found.reverse();
  });
  return { polynomial: quotient, terms };
}
