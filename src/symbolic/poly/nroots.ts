// Numbers that are close to the roots of a polynomial in one variable.

import { ArgumentError } from "../../core/errors.js";
import { abs, bitLength, floorDivide, roundDivide } from "../core/integers.js";
import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import { denseGcd } from "./gcd.js";
import { countRealRoots } from "./realroots.js";
import { denseSquareFree } from "./squarefree.js";

/** mantissa * 10^exponent; zero has neither. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export interface ComplexDecimal {
  readonly re: Decimal;
  readonly im: Decimal;
}

/** A complex number in units of a negative power of two. */
interface Complex {
  readonly re: bigint;
  readonly im: bigint;
}

/** Corrections of so many units are rounding. */
const NOISE = 16n;

const MOST_BITS = 1 << 18;

/**
 * The roots, each as often as it is one, with `digits` correct digits in both parts. Parts that are zero are zero. First
 * come the real roots, then the others by their real parts, conjugates together, the negative imaginary part first.
 */
export function nroots(f: Dense, digits = 15): ComplexDecimal[] {
  if (f.length === 0) throw new ArgumentError("the roots of zero");
  if (!Number.isInteger(digits) || digits < 1) {
    throw new ArgumentError(`roots with ${digits} digits`);
  }
  const roots = denseSquareFree(f).factors.flatMap(([factor, multiplicity]) =>
    rootsOf(factor, digits).flatMap((root) => new Array<ComplexDecimal>(multiplicity).fill(root)),
  );
  return roots.sort(
    (a, b) =>
      Number(a.im.mantissa !== 0n) - Number(b.im.mantissa !== 0n) ||
      compareDecimals(a.re, b.re) ||
      compareDecimals(magnitude(a.im), magnitude(b.im)) ||
      compareDecimals(a.im, b.im),
  );
}

const magnitude = (a: Decimal): Decimal => ({ mantissa: abs(a.mantissa), exponent: a.exponent });

function compareDecimals(a: Decimal, b: Decimal): number {
  const least = Math.min(a.exponent, b.exponent);
  const left = a.mantissa * 10n ** BigInt(a.exponent - least);
  const right = b.mantissa * 10n ** BigInt(b.exponent - least);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The integer coefficients that are in the same proportions as numbers, which are exact fractions of powers of two. */
export function fromNumbers(coefficients: readonly number[]): Dense {
  const parts = coefficients.map((c) => {
    if (!Number.isFinite(c)) throw new ArgumentError(`a coefficient is ${c}`);
    let shift = 0;
    for (; !Number.isInteger(c); shift++) c *= 2;
    return { mantissa: BigInt(c), shift };
  });
  const most = parts.reduce((a, { shift }) => Math.max(a, shift), 0);
  return dense.trim(parts.map(({ mantissa, shift }) => mantissa << BigInt(most - shift)));
}

/** The roots of a polynomial without multiple ones, in no order. */
function rootsOf(f: Dense, digits: number): ComplexDecimal[] {
  const zero = { mantissa: 0n, exponent: 0 };
  if (f[0] === 0n) return [{ re: zero, im: zero }, ...rootsOf(f.slice(1), digits)];
  const n = f.length - 1;
  if (n === 0) return [];
  if (n === 1) return [{ re: decimal(-f[0], f[1], digits), im: zero }];
  const real = countRealRoots(f);
  const imaginary = countImaginaryRoots(f);
  const radii = polygonRadii(f);
  const below = Math.max(0, Math.ceil(1 - Math.min(...radii)));
  let bits = below + Math.ceil(digits * Math.log2(10)) + 2 * n + 32;
  let roots = startingPoints(radii, below + 64);
  roots = iterate(f, roots, below + 64);
  let at = below + 64;
  for (; bits <= MOST_BITS; bits *= 2) {
    const shift = BigInt(Math.max(bits - at, 0));
    at += Number(shift);
    roots = roots.map(({ re, im }) => ({ re: re << shift, im: im << shift }));
    roots = iterate(f, roots, at);
    const exact = settle(f, roots, at, real, imaginary, digits);
    if (exact === null) continue;
    const unit = 1n << BigInt(at);
    return exact.map(({ re, im }) => ({
      re: decimal(re, unit, digits),
      im: decimal(im, unit, digits),
    }));
  }
  throw new ArgumentError("the roots lie too close together");
}

/** The number of roots with real part zero: those that the parts of even and of odd powers have in common. */
function countImaginaryRoots(f: Dense): number {
  const part = (parity: number): Dense => dense.trim(f.filter((_, i) => i % 2 === parity));
  const common = denseGcd(part(0), part(1));
  return 2 * countRealRoots(common, undefined, { numerator: 0n, denominator: 1n });
}

/** A quotient rounded to a number of digits. */
function decimal(a: bigint, b: bigint, digits: number): Decimal {
  if (a === 0n) return { mantissa: 0n, exponent: 0 };
  const estimate = (bitLength(a) - bitLength(b)) * Math.log10(2);
  for (let exponent = Math.floor(estimate) - digits; ; exponent++) {
    const power = 10n ** BigInt(Math.abs(exponent));
    const mantissa =
      exponent < 0 ? roundDivide(abs(a) * power, abs(b)) : roundDivide(abs(a), abs(b) * power);
    if (mantissa < 10n ** BigInt(digits)) {
      return { mantissa: a < 0n !== b < 0n ? -mantissa : mantissa, exponent };
    }
  }
}

function log2(a: bigint): number {
  const shift = Math.max(bitLength(a) - 53, 0);
  return Math.log2(Number(abs(a) >> BigInt(shift))) + shift;
}

/** Logarithms of radii that roots are near to, from the upper hull of those of the coefficients (Bini 1996). */
function polygonRadii(f: Dense): number[] {
  const logs = f.map((c) => (c === 0n ? -Infinity : log2(c)));
  const slope = (i: number, j: number): number => (logs[j] - logs[i]) / (j - i);
  const hull: number[] = [];
  for (let k = 0; k < f.length; k++) {
    if (f[k] === 0n) continue;
    while (
      hull.length > 1 &&
      slope(hull[hull.length - 2], hull[hull.length - 1]) <= slope(hull[hull.length - 1], k)
    ) {
      hull.pop();
    }
    hull.push(k);
  }
  return hull.slice(1).flatMap((k, i) => new Array<number>(k - hull[i]).fill(-slope(hull[i], k)));
}

function startingPoints(radii: readonly number[], bits: number): Complex[] {
  // Away from the axes, as roots come in conjugates.
  const angle = (i: number): number => (2 * Math.PI * i) / radii.length + 0.7;
  const fixed = (part: number, log: number): bigint => {
    const whole = Math.floor(log);
    const mantissa = BigInt(Math.round(part * 2 ** (log - whole + 50)));
    const shift = BigInt(whole + bits - 50);
    return shift < 0n ? mantissa >> -shift : mantissa << shift;
  };
  return radii.map((log, i) => ({
    re: fixed(Math.cos(angle(i)), log),
    im: fixed(Math.sin(angle(i)), log),
  }));
}

/** Moves all towards the roots (Aberth 1973; Ehrlich 1967) as far as the bits allow. */
function iterate(f: Dense, start: readonly Complex[], bits: number): Complex[] {
  const w = BigInt(bits);
  const n = f.length - 1;
  const roots = start.slice();
  const moving = new Set(roots.keys());
  const quotient = (a: Complex, b: Complex): Complex => {
    const norm = b.re * b.re + b.im * b.im;
    return {
      re: ((a.re * b.re + a.im * b.im) << w) / norm,
      im: ((a.im * b.re - a.re * b.im) << w) / norm,
    };
  };
  const unit = { re: 1n << w, im: 0n };
  for (let step = 0; step < 40 + 4 * n && moving.size > 0; step++) {
    for (const i of moving) {
      const z = roots[i];
      let [a, b] = [f[n] << w, 0n];
      let [c, d] = [0n, 0n];
      for (let k = n - 1; k >= 0; k--) {
        [c, d] = [((c * z.re - d * z.im) >> w) + a, ((c * z.im + d * z.re) >> w) + b];
        [a, b] = [((a * z.re - b * z.im) >> w) + (f[k] << w), (a * z.im + b * z.re) >> w];
      }
      if (c === 0n && d === 0n) {
        roots[i] = { re: z.re + NOISE * 2n, im: z.im + NOISE };
        continue;
      }
      const newton = quotient({ re: a, im: b }, { re: c, im: d });
      let [sumRe, sumIm] = [0n, 0n];
      roots.forEach((other, j) => {
        const gap = { re: z.re - other.re, im: z.im - other.im };
        if (j === i || (gap.re === 0n && gap.im === 0n)) return;
        const inverse = quotient(unit, gap);
        sumRe += inverse.re;
        sumIm += inverse.im;
      });
      const divisor = {
        re: unit.re - ((newton.re * sumRe - newton.im * sumIm) >> w),
        im: -((newton.re * sumIm + newton.im * sumRe) >> w),
      };
      const vanishes = divisor.re === 0n && divisor.im === 0n;
      const move = vanishes ? newton : quotient(newton, divisor);
      roots[i] = { re: z.re - move.re, im: z.im - move.im };
      if (abs(move.re) + abs(move.im) < NOISE) moving.delete(i);
    }
  }
  return roots;
}

/**
 * The roots with their zero parts set to zero and with exact conjugates, if the digits are surely correct. A disc around z
 * of n |f(z) / f'(z)| has a root in it: where the discs are apart, each has one.
 */
function settle(
  f: Dense,
  roots: readonly Complex[],
  bits: number,
  real: number,
  imaginary: number,
  digits: number,
): Complex[] | null {
  const discs: { z: Complex; radius: bigint }[] = [];
  for (const z of roots) {
    const radius = discRadius(f, z, bits);
    if (radius === null) return null;
    for (const other of discs) {
      const [x, y] = [z.re - other.z.re, z.im - other.z.im];
      if (x * x + y * y <= (radius + other.radius) ** 2n) return null;
    }
    discs.push({ z, radius });
  }
  const enough = 10n ** BigInt(digits + 2);
  const isClose = (part: bigint, radius: bigint): boolean => radius * enough <= abs(part);
  const by = (part: "re" | "im") => (a: { z: Complex }, b: { z: Complex }) =>
    abs(a.z[part]) < abs(b.z[part]) ? -1 : 1;
  discs.sort(by("im"));
  const onLine = discs.slice(0, real);
  const upper = discs.slice(real).filter(({ z }) => z.im > 0n);
  if (2 * upper.length !== roots.length - real) return null;
  upper.sort(by("re"));
  const settled: Complex[] = [];
  for (const { z, radius } of onLine) {
    if (!isClose(z.re, radius)) return null;
    settled.push({ re: z.re, im: 0n });
  }
  for (const [i, { z, radius }] of upper.entries()) {
    const re = 2 * i < imaginary ? 0n : z.re;
    if (!isClose(z.im, radius) || (re !== 0n && !isClose(re, radius))) return null;
    if (re === 0n && 2 * i >= imaginary) return null;
    settled.push({ re, im: z.im }, { re, im: -z.im });
  }
  return settled;
}

/** At least n |f(z) / f'(z)|, from exact values; null where the derivative vanishes. */
function discRadius(f: Dense, z: Complex, bits: number): bigint | null {
  const n = f.length - 1;
  const w = BigInt(bits);
  let [a, b] = [f[n], 0n];
  let [c, d] = [0n, 0n];
  for (let k = n - 1; k >= 0; k--) {
    [c, d] = [c * z.re - d * z.im + a, c * z.im + d * z.re + b];
    [a, b] = [a * z.re - b * z.im + (f[k] << (w * BigInt(n - k))), a * z.im + b * z.re];
  }
  const [x, y] = [abs(c), abs(d)];
  const slope = x > y ? x : y;
  return slope === 0n ? null : floorDivide(BigInt(n) * (abs(a) + abs(b)), slope) + 1n;
}
