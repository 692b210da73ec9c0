// Polynomials in one variable over the integers modulo a prime below 2^26: products of two remainders are exact numbers.
// The coefficients go from the constant up, the last one not zero.

import { isPrime } from "../core/integers.js";
import type { Dense } from "./dense.js";

export type Residues = readonly number[];

/** Half the largest exact number: a sum below it takes one more product. */
const FULL = 2 ** 52;

/** The remainder of a number below 2^53 that is not negative. */
function reduce(a: number, p: number): number {
  const r = a - Math.floor(a / p) * p;
  return r < 0 ? r + p : r;
}

/** Takes off the leading zeros, in place. */
export function trim(f: number[]): Residues {
  while (f.length > 0 && f[f.length - 1] === 0) f.pop();
  return f;
}

/** The primes from n on. */
export function* primesFrom(n: number): Generator<number, never> {
  for (; ; n++) if (isPrime(n)) yield n;
}

/** The primes below n, the largest first. */
export function* primesBelow(n: number): Generator<number> {
  while (--n > 1) if (isPrime(n)) yield n;
}

export function residue(a: bigint, p: number): number {
  const r = Number(a % BigInt(p));
  return r < 0 ? r + p : r;
}

export const multiplyResidues = (a: number, b: number, p: number): number => reduce(a * b, p);

export const fromDense = (f: Dense, p: number): Residues => trim(f.map((c) => residue(c, p)));

export const toDense = (f: Residues): Dense => f.map(BigInt);

export function inverse(a: number, p: number): number {
  let [r0, r1] = [p, a];
  let [t0, t1] = [0, 1];
  while (r1 !== 0) {
    const q = Math.floor(r0 / r1);
    [r0, r1] = [r1, r0 - q * r1];
    [t0, t1] = [t1, t0 - q * t1];
  }
  return t0 < 0 ? t0 + p : t0;
}

export const scale = (f: Residues, c: number, p: number): Residues =>
  f.map((a) => reduce(a * c, p));

export const monic = (f: Residues, p: number): Residues =>
  f.length === 0 || f[f.length - 1] === 1 ? f : scale(f, inverse(f[f.length - 1], p), p);

export function subtract(f: Residues, g: Residues, p: number): Residues {
  const n = Math.max(f.length, g.length);
  const r = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const d = (f[i] ?? 0) - (g[i] ?? 0);
    r[i] = d < 0 ? d + p : d;
  }
  return trim(r);
}

export function multiply(f: Residues, g: Residues, p: number): Residues {
  if (f.length === 0 || g.length === 0) return [];
  const n = f.length + g.length - 1;
  const r = new Array<number>(n);
  for (let k = 0; k < n; k++) {
    let sum = 0;
    const end = Math.min(k, f.length - 1);
    for (let i = Math.max(0, k - g.length + 1); i <= end; i++) {
      sum += f[i] * g[k - i];
      if (sum >= FULL) sum = reduce(sum, p);
    }
    r[k] = reduce(sum, p);
  }
  return r;
}

export function divide(
  f: Residues,
  g: Residues,
  p: number,
): { quotient: Residues; remainder: Residues } {
  const n = g.length - 1;
  if (f.length <= n) return { quotient: [], remainder: f };
  const r = f.slice();
  const top = inverse(g[n], p);
  const quotient = new Array<number>(f.length - n);
  for (let i = f.length - 1 - n; i >= 0; i--) {
    const q = reduce(r[i + n] * top, p);
    quotient[i] = q;
    if (q === 0) continue;
    for (let j = 0; j < n; j++) r[i + j] = reduce(r[i + j] + (p - q) * g[j], p);
  }
  r.length = n;
  return { quotient, remainder: trim(r) };
}

const remainder = (f: Residues, g: Residues, p: number): Residues => divide(f, g, p).remainder;

/** The monic greatest common divisor. */
export function gcd(f: Residues, g: Residues, p: number): Residues {
  while (g.length > 0) [f, g] = [g, remainder(f, g, p)];
  return monic(f, p);
}

/** s and t of s f + t g = 1, of smallest degrees, where f and g have no common factor. */
export function bezout(f: Residues, g: Residues, p: number): { s: Residues; t: Residues } {
  let [r0, r1] = [f, g];
  let [s0, s1]: [Residues, Residues] = [[1], []];
  let [t0, t1]: [Residues, Residues] = [[], [1]];
  while (r1.length > 0) {
    const { quotient, remainder } = divide(r0, r1, p);
    [r0, r1] = [r1, remainder];
    [s0, s1] = [s1, subtract(s0, multiply(quotient, s1, p), p)];
    [t0, t1] = [t1, subtract(t0, multiply(quotient, t1, p), p)];
  }
  const c = inverse(r0[0], p);
  return { s: scale(s0, c, p), t: scale(t0, c, p) };
}

export const derivative = (f: Residues, p: number): Residues =>
  trim(f.slice(1).map((c, i) => reduce(c * reduce(i + 1, p), p)));

export const isSquareFree = (f: Residues, p: number): boolean =>
  gcd(f, derivative(f, p), p).length === 1;

function powerMod(base: Residues, n: bigint, f: Residues, p: number): Residues {
  let result: Residues = [1];
  for (const bit of n.toString(2)) {
    result = remainder(multiply(result, result, p), f, p);
    if (bit === "1") result = remainder(multiply(result, base, p), f, p);
  }
  return result;
}

/** Products of all the irreducible factors of one degree, of a monic square-free f. */
export function distinctDegrees(
  f: Residues,
  p: number,
): readonly { degree: number; product: Residues }[] {
  const found: { degree: number; product: Residues }[] = [];
  const x = [0, 1];
  let power = remainder(x, f, p);
  for (let degree = 1; 2 * degree <= f.length - 1; degree++) {
    power = powerMod(power, BigInt(p), f, p);
    const product = gcd(f, subtract(power, x, p), p);
    if (product.length > 1) {
      found.push({ degree, product });
      f = divide(f, product, p).quotient;
      power = remainder(power, f, p);
    }
  }
  if (f.length > 1) found.push({ degree: f.length - 1, product: f });
  return found;
}

/** The factors of a product of irreducible ones of one degree, by Cantor and Zassenhaus (1981), p being odd. */
export function equalDegrees(f: Residues, degree: number, p: number): Residues[] {
  const exponent = (BigInt(p) ** BigInt(degree) - 1n) / 2n;
  const factors: Residues[] = [];
  let seed = 1;
  const split = (g: Residues): void => {
    if (g.length - 1 === degree) {
      factors.push(g);
      return;
    }
    for (;;) {
      // A fixed sequence does as well as a random one.
      const trial = Array.from({ length: g.length - 1 }, () => {
        seed = (seed * 16807) % 2147483647;
        return seed % p;
      });
      const power = powerMod(trim(trial), exponent, g, p);
      const part = gcd(g, subtract(power, [1], p), p);
      if (part.length > 1 && part.length < g.length) {
        split(part);
        split(divide(g, part, p).quotient);
        return;
      }
    }
  };
  split(f);
  return factors;
}
