// Greatest common divisors. They have a positive leading coefficient.

import * as integers from "../core/integers.js";
import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import { Poly } from "./poly.js";
import * as field from "./primefield.js";
import { commonFactor } from "./subresultants.js";

/** Where a value at integers would have more bits, it is no longer the short way. */
const MOST_BITS = 100_000;

/** Of polynomials in one variable, from remainders modulo primes (Brown 1971). */
export function denseGcd(f: Dense, g: Dense): Dense {
  if (f.length === 0) return dense.lead(g) < 0n ? dense.negate(g) : g;
  if (g.length === 0) return denseGcd(g, f);
  const common = integers.gcd(dense.content(f), dense.content(g));
  f = dense.primitive(f);
  g = dense.primitive(g);
  const top = integers.gcd(dense.lead(f), dense.lead(g));
  let image: bigint[] = [];
  let modulus = 1n;
  for (const p of field.primesBelow(2 ** 26)) {
    if (field.residue(dense.lead(f), p) === 0 || field.residue(dense.lead(g), p) === 0) continue;
    const h = field.gcd(field.fromDense(f, p), field.fromDense(g, p), p);
    if (h.length === 1) break;
    const scaled = field.scale(h, field.residue(top, p), p);
    if (modulus === 1n || h.length < image.length) {
      // All primes before were bad ones, if any.
      image = scaled.map((c) => integers.symmetricMod(BigInt(c), BigInt(p)));
      modulus = BigInt(p);
    } else if (h.length > image.length) {
      continue;
    } else {
      const { values, changed } = combine(image, modulus, scaled, p);
      image = values;
      modulus *= BigInt(p);
      if (changed) continue;
    }
    const candidate = dense.primitive(image);
    if (dense.divide(f, candidate) !== null && dense.divide(g, candidate) !== null) {
      return dense.scale(candidate, common);
    }
  }
  return [common];
}

/** The numbers that have the remainders of both, by the Chinese remainder theorem. */
function combine(image: readonly bigint[], modulus: bigint, residues: field.Residues, p: number) {
  const inverse = field.inverse(field.residue(modulus, p), p);
  const both = modulus * BigInt(p);
  let changed = false;
  const values = image.map((c, i) => {
    const difference = residues[i] - field.residue(c, p);
    if (difference === 0) return c;
    changed = true;
    const step = BigInt(difference) * BigInt(inverse);
    return integers.symmetricMod(c + modulus * integers.mod(step, BigInt(p)), both);
  });
  return { values, changed };
}

export function gcd(f: Poly, g: Poly): Poly {
  if (f.isZero) return g.leadingCoefficient < 0n ? g.negate() : g;
  if (g.isZero) return gcd(g, f);
  const common = integers.gcd(f.content(), g.content());
  const powers = lowestExponents(f).map((e, i) => Math.min(e, lowestExponents(g)[i]));
  const part = primitiveGcd(withoutMonomial(f.primitive()), withoutMonomial(g.primitive()));
  return part.multiply(Poly.monomial(powers, common));
}

export function lcm(f: Poly, g: Poly): Poly {
  if (f.isZero) return f;
  if (g.isZero) return g;
  const product = f.multiply(g.divideExactly(gcd(f, g)));
  return product.leadingCoefficient < 0n ? product.negate() : product;
}

/** The greatest common divisor and the quotients by it. */
export function cofactors(f: Poly, g: Poly): { gcd: Poly; left: Poly; right: Poly } {
  const common = gcd(f, g);
  if (common.isZero) return { gcd: common, left: f, right: g };
  return { gcd: common, left: f.divideExactly(common), right: g.divideExactly(common) };
}

/** The greatest common divisor of the coefficients of the powers of a variable. */
export function contentIn(f: Poly, index: number): Poly {
  let common = Poly.constant(f.variables, 0n);
  const coefficients = f.coefficients(index).filter((c) => !c.isZero);
  // The shortest first: the rest are often divisible by what is left.
  coefficients.sort((a, b) => a.terms.length - b.terms.length);
  for (const c of coefficients) {
    common = gcd(common, c);
    if (common.isOne) break;
  }
  return common;
}

/** The exponents of the monomial that divides all terms. */
export function lowestExponents(f: Poly): number[] {
  const lowest = f.degrees.slice();
  for (const { exponents } of f.terms) {
    for (let i = 0; i < lowest.length; i++) lowest[i] = Math.min(lowest[i], exponents[i]);
  }
  return lowest;
}

/** The polynomial over the monomial that divides all terms. */
export function withoutMonomial(f: Poly): Poly {
  const lowest = lowestExponents(f);
  return lowest.some((e) => e > 0) ? f.divideExactly(Poly.monomial(lowest)) : f;
}

/** Of polynomials without common integer factors among their coefficients. */
function primitiveGcd(f: Poly, g: Poly): Poly {
  const one = Poly.constant(f.variables, 1n);
  if (f.isConstant || g.isConstant) return one;
  if (f.equals(g)) return f;
  // A variable that only one of them has is none of the divisor's.
  for (let i = 0; i < f.variables; i++) {
    if (f.degree(i) > 0 && g.degree(i) === 0) return gcd(contentIn(f, i), g);
    if (g.degree(i) > 0 && f.degree(i) === 0) return gcd(f, contentIn(g, i));
  }
  const support = f.support;
  if (support.length === 1) {
    const [index] = support;
    return Poly.fromDense(denseGcd(f.toDense(index), g.toDense(index)), f.variables, index);
  }
  const bounds = support.map((index) => degreeBound(f, g, index));
  if (bounds.every((d) => d === 0)) return one;
  const absent = support.find((_, i) => bounds[i] === 0);
  if (absent !== undefined) return gcd(contentIn(f, absent), contentIn(g, absent));
  for (const [a, b] of [
    [f, g],
    [g, f],
  ]) {
    if (support.every((index, i) => a.degree(index) === bounds[i]) && b.divide(a) !== null)
      return a;
  }
  return heuristicGcd(f, g) ?? sequenceGcd(f, g, support[0]);
}

/** A bound, nearly always met, of the degree of common divisors in a variable: that of values modulo a prime. */
function degreeBound(f: Poly, g: Poly, index: number): number {
  const p = 67108859;
  let seed = 1;
  for (let attempt = 0; attempt < 3; attempt++) {
    const powers = f.degrees.map((d, i) => {
      seed = (seed * 16807) % 2147483647;
      const list = [1];
      const most = Math.max(d, g.degree(i));
      for (let e = 1; e <= most; e++) list.push(field.multiplyResidues(list[e - 1], seed % p, p));
      return list;
    });
    const [a, b] = [f, g].map((h) => residues(h, index, powers, p));
    // Where a leading coefficient vanishes, a divisor may have lost its degree.
    if (a.length - 1 === f.degree(index) && b.length - 1 === g.degree(index)) {
      return field.gcd(a, b, p).length - 1;
    }
  }
  return Math.min(f.degree(index), g.degree(index));
}

/** The polynomial in one variable that is left modulo p with values, whose powers are given, for the others. */
function residues(
  f: Poly,
  index: number,
  powers: readonly (readonly number[])[],
  p: number,
): field.Residues {
  const sums = new Array<number>(f.degree(index) + 1).fill(0);
  for (const { exponents, coefficient } of f.terms) {
    let value = field.residue(coefficient, p);
    for (let i = 0; i < exponents.length; i++) {
      if (i !== index && exponents[i] > 0) {
        value = field.multiplyResidues(value, powers[i][exponents[i]], p);
      }
    }
    sums[exponents[index]] = (sums[exponents[index]] + value) % p;
  }
  return field.trim(sums);
}

export const maxNorm = (f: Poly): bigint =>
  f.terms.reduce((most, t) => {
    const a = integers.abs(t.coefficient);
    return a > most ? a : most;
  }, 0n);

/**
 * From that of the values at an integer, which is large enough to read the coefficients off (Char, Geddes and Gonnet
 * 1989). A common divisor found so is the greatest. Null if none was found.
 */
function heuristicGcd(f: Poly, g: Poly): Poly | null {
  const index = f.support.reduce((a, b) => (f.degree(b) < f.degree(a) ? b : a));
  const [a, b] = [maxNorm(f), maxNorm(g)];
  let point = 2n * (a < b ? a : b) + 29n;
  const sizes = f.degrees.map((d, i) => Math.max(d, g.degree(i)) + 1);
  // All variables but one are to be replaced, one after the other.
  const values = sizes.reduce((x, y) => x * y, 1) / Math.max(...sizes);
  for (let attempt = 0; attempt < 6; attempt++) {
    if (integers.bitLength(point) * values > MOST_BITS) return null;
    const common = gcd(f.evaluate(index, point), g.evaluate(index, point));
    const candidate = interpolate(common, index, point).primitive();
    if (f.divide(candidate) !== null && g.divide(candidate) !== null) return candidate;
    // The growth is that of the authors: no point has to do with the one before.
    point = (point * 73794n * integers.isqrt(integers.isqrt(point))) / 27011n;
  }
  return null;
}

/** The polynomial with the smallest coefficients that has a value at an integer for a variable. */
export function interpolate(value: Poly, index: number, point: bigint): Poly {
  const coefficients: Poly[] = [];
  while (!value.isZero) {
    const digit = Poly.fromTerms(
      value.variables,
      value.terms.map((t) => ({
        exponents: t.exponents,
        coefficient: integers.symmetricMod(t.coefficient, point),
      })),
    );
    coefficients.push(digit);
    value = value.subtract(digit).unscale(point);
  }
  return Poly.fromCoefficients(coefficients[0]?.variables ?? value.variables, index, coefficients);
}

/** From a remainder sequence in a variable: of primitive polynomials, whatever their size. */
export function sequenceGcd(f: Poly, g: Poly, index: number): Poly {
  const left = contentIn(f, index);
  const right = contentIn(g, index);
  const common = gcd(left, right);
  const factor = commonFactor(f.divideExactly(left), g.divideExactly(right), index);
  if (factor === null) return common;
  return common.multiply(factor.divideExactly(contentIn(factor, index))).primitive();
}
