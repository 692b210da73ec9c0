// Factors of a polynomial in one variable over the integers, by Zassenhaus (1969).

import { ArgumentError } from "../../core/errors.js";
import { abs, bitLength, gcd, isqrt, mod, symmetricMod } from "../core/integers.js";
import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import { lift } from "./hensel.js";
import * as field from "./primefield.js";

/** How many products of factors modulo a prime are tried before factoring gives up, where no other limit is given. */
export const defaultWorkLimit = 20_000_000;

/** A factorization that takes more work than was allowed. */
export class WorkLimitError extends ArgumentError {}

/** How many primes are looked at. */
const PRIMES = 5;

/** The irreducible factors of a primitive square-free polynomial of positive degree. */
export function factorSquareFree(f: Dense, workLimit = defaultWorkLimit): Dense[] {
  if (f.length === 2) return [f];
  if (f[0] === 0n) return [[0n, 1n], ...factorRest(dense.primitive(f.slice(1)), workLimit)];
  return factorRest(f, workLimit);
}

function factorRest(f: Dense, workLimit: number): Dense[] {
  if (f.length < 2) return [];
  if (f.length === 2) return [f];
  if (f.length === 3) return factorQuadratic(f);
  const cyclotomic = factorUnitBinomial(f);
  if (cyclotomic !== null) return cyclotomic;
  const step = exponentStep(f);
  if (step > 1) {
    // Factors in a power of x are factors still; each of them may split further.
    const short = f.filter((_, i) => i % step === 0);
    return factorRest(short, workLimit).flatMap((g) => zassenhaus(widen(g, step), workLimit));
  }
  return zassenhaus(f, workLimit);
}

/** The least prime that divides all exponents, or 1. */
function exponentStep(f: Dense): number {
  let common = 0n;
  f.forEach((c, i) => {
    if (c !== 0n) common = gcd(common, BigInt(i));
  });
  const step = Number(common);
  for (let p = 2; p <= step; p++) if (step % p === 0) return p;
  return 1;
}

/** f with x to the power of `by` for x. */
function widen(f: Dense, by: number): Dense {
  const wide = new Array<bigint>((f.length - 1) * by + 1).fill(0n);
  f.forEach((c, i) => {
    wide[i * by] = c;
  });
  return wide;
}

function factorQuadratic(f: Dense): Dense[] {
  const [c, b, a] = f;
  const square = b * b - 4n * a * c;
  const root = square < 0n ? -1n : isqrt(square);
  if (root * root !== square) return [f];
  return [dense.primitive([b - root, 2n * a]), dense.primitive([b + root, 2n * a])];
}

/** Those of x^n - 1 and x^n + 1, which are cyclotomic polynomials; null of any other. */
function factorUnitBinomial(f: Dense): Dense[] | null {
  const n = f.length - 1;
  if (f[n] !== 1n || abs(f[0]) !== 1n || f.some((c, i) => i > 0 && i < n && c !== 0n)) return null;
  const whole = f[0] === -1n ? n : 2 * n;
  const factors: Dense[] = [];
  for (let d = 1; d <= whole; d++) {
    if (whole % d === 0 && (whole === n || n % d !== 0)) factors.push(cyclotomic(d));
  }
  return factors;
}

/** The n-th cyclotomic polynomial, one prime divisor of n after the other. */
function cyclotomic(n: number): Dense {
  let f: Dense = [-1n, 1n];
  let rest = n;
  for (let p = 2; rest > 1; p++) {
    if (rest % p !== 0) continue;
    f = dense.divideExactly(widen(f, p), f);
    for (rest /= p; rest % p === 0; rest /= p) f = widen(f, p);
  }
  return f;
}

/** The degrees that products of some factors have, as the bits of a number. */
const degreeSet = (degrees: readonly number[]): bigint =>
  degrees.reduce((set, d) => set | (set << BigInt(d)), 1n);

function zassenhaus(f: Dense, workLimit: number): Dense[] {
  const n = f.length - 1;
  if (n === 1) return [f];
  if (n === 2) return factorQuadratic(f);
  let possible = (1n << BigInt(n + 1)) - 1n;
  let best: { p: number; parts: ReturnType<typeof field.distinctDegrees>; count: number } | null =
    null;
  let looked = 0;
  for (const p of field.primesFrom(11)) {
    if (field.residue(dense.lead(f), p) === 0) continue;
    const image = field.monic(field.fromDense(f, p), p);
    if (!field.isSquareFree(image, p)) continue;
    const parts = field.distinctDegrees(image, p);
    const degrees = parts.flatMap(({ degree, product }) =>
      new Array<number>((product.length - 1) / degree).fill(degree),
    );
    possible &= degreeSet(degrees);
    if (possible === ((1n << BigInt(n)) | 1n)) return [f];
    if (best === null || degrees.length < best.count) best = { p, parts, count: degrees.length };
    if (++looked >= PRIMES) break;
  }
  const { p, parts } = best!;
  const factors = parts.flatMap(({ degree, product }) => field.equalDegrees(product, degree, p));
  const lifted = lift(f, factors, p, 2n * coefficientBound(f));
  return recombine(f, lifted.factors, lifted.modulus, possible, workLimit);
}

/** No coefficient of the leading one times a divisor is larger (Mignotte 1974). */
function coefficientBound(f: Dense): bigint {
  const square = f.reduce((sum, c) => sum + c * c, 0n);
  return ((isqrt(square) + 1n) << BigInt(f.length - 1)) * abs(dense.lead(f));
}

/** The true factors, which are products of those modulo a prime power. */
function recombine(
  f: Dense,
  modular: readonly Dense[],
  modulus: bigint,
  possible: bigint,
  workLimit: number,
): Dense[] {
  const found: Dense[] = [];
  let left = modular.slice();
  let work = 0;
  let size = 1;
  let top = dense.lead(f);
  let limit = traceBound(f, modulus);
  let traces = left.map((g) => trace(g, top, modulus));
  search: while (2 * size <= left.length) {
    for (const chosen of subsets(left.length, size)) {
      // Of complements, both of the size, one is enough.
      if (2 * size === left.length && chosen[0] !== 0) break;
      if (++work > workLimit) {
        throw new WorkLimitError(
          `factoring a polynomial of degree ${f.length - 1} takes more than ${workLimit} trials`,
        );
      }
      let sum = 0;
      let degree = 0;
      for (const i of chosen) {
        sum += traces[i];
        degree += left[i].length - 1;
      }
      // The roots of a factor add up to little, which is seldom so by chance (Abbott, Shoup and Zimmermann 2000).
      if (Math.abs(sum - Math.round(sum)) > limit + ROUNDING * size) continue;
      if (((possible >> BigInt(degree)) & 1n) === 0n) continue;
      const last = chosen.reduce((value, i) => mod(value * left[i][0], modulus), top);
      const constant = symmetricMod(last, modulus);
      if (constant === 0n || (top * f[0]) % constant !== 0n) continue;
      const image = chosen.reduce(
        (g, i) => dense.multiply(g, left[i]).map((c) => mod(c, modulus)),
        [top] as Dense,
      );
      const candidate = dense.primitive(image.map((c) => symmetricMod(c, modulus)));
      const quotient = dense.divide(f, candidate);
      if (quotient === null) continue;
      found.push(candidate);
      f = quotient;
      left = left.filter((_, i) => !chosen.includes(i));
      top = dense.lead(f);
      limit = traceBound(f, modulus);
      traces = left.map((g) => trace(g, top, modulus));
      continue search;
    }
    size++;
  }
  if (f.length > 1) found.push(f);
  return found;
}

const ROUNDING = 2 ** -50;

/** The quotient of an integer by a larger one, to within 2^-53. */
const proportion = (a: bigint, modulus: bigint): number => Number((a << 53n) / modulus) / 2 ** 53;

/** The second coefficient of a factor modulo m, times the leading one of the whole, as a part of m. */
const trace = (g: Dense, top: bigint, modulus: bigint): number =>
  proportion(mod(g[g.length - 2] * top, modulus), modulus);

/** No sum of roots, times the leading coefficient, is a larger part of the modulus (Fujiwara 1916). */
function traceBound(f: Dense, modulus: bigint): number {
  const n = f.length - 1;
  const top = bitLength(f[n]);
  const log = f.reduce((most, c, i) => {
    return i === n || c === 0n ? most : Math.max(most, (bitLength(c) - top + 1) / (n - i));
  }, -top);
  const bound = (BigInt(n) * abs(f[n])) << BigInt(Math.max(0, Math.ceil(log) + 1));
  return bound >= modulus ? 1 : proportion(bound, modulus);
}

/** All choices of some of the first n numbers, in lexicographic order. */
export function* subsets(n: number, size: number): Generator<readonly number[]> {
  const chosen = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    yield chosen;
    let at = size - 1;
    while (at >= 0 && chosen[at] === n - size + at) at--;
    if (at < 0) return;
    chosen[at]++;
    for (let i = at + 1; i < size; i++) chosen[i] = chosen[i - 1] + 1;
  }
}
