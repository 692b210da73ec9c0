// Polynomials in one variable over the integers: the coefficients from the constant up, the last one not zero.

import { ArgumentError } from "../../core/errors.js";
import { abs, gcd } from "../core/integers.js";

export type Dense = readonly bigint[];

/** A polynomial over the rationals: integer coefficients over one positive denominator. */
export interface Fraction {
  readonly numerator: Dense;
  readonly denominator: bigint;
}

/** Takes off the leading zeros, in place. */
export function trim(f: bigint[]): Dense {
  while (f.length > 0 && f[f.length - 1] === 0n) f.pop();
  return f;
}

/** The degree; that of zero is -1. */
export const degree = (f: Dense): number => f.length - 1;

export const lead = (f: Dense): bigint => (f.length === 0 ? 0n : f[f.length - 1]);

export function add(f: Dense, g: Dense): Dense {
  if (f.length < g.length) [f, g] = [g, f];
  const sum = f.slice();
  for (let i = 0; i < g.length; i++) sum[i] += g[i];
  return trim(sum);
}

export const negate = (f: Dense): Dense => f.map((c) => -c);

export const subtract = (f: Dense, g: Dense): Dense => add(f, negate(g));

export const scale = (f: Dense, c: bigint): Dense => (c === 0n ? [] : f.map((a) => a * c));

/** The polynomial over an integer that divides all coefficients. */
export const unscale = (f: Dense, c: bigint): Dense => (c === 1n ? f : f.map((a) => a / c));

export function multiply(f: Dense, g: Dense): Dense {
  if (f.length === 0 || g.length === 0) return [];
  const product = new Array<bigint>(f.length + g.length - 1).fill(0n);
  for (let i = 0; i < f.length; i++) {
    const a = f[i];
    if (a === 0n) continue;
    for (let j = 0; j < g.length; j++) product[i + j] += a * g[j];
  }
  return product;
}

export function power(f: Dense, n: number): Dense {
  let result: Dense = [1n];
  for (let square = f; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = multiply(result, square);
    if (n > 1) square = multiply(square, square);
  }
  return result;
}

export const product = (factors: readonly Dense[]): Dense => factors.reduce(multiply, [1n]);

export function evaluate(f: Dense, x: bigint): bigint {
  let value = 0n;
  for (let i = f.length - 1; i >= 0; i--) value = value * x + f[i];
  return value;
}

/** The value at a / b, times b to the degree. */
export function evaluateHomogeneous(f: Dense, a: bigint, b: bigint): bigint {
  let value = 0n;
  let scale = 1n;
  for (let i = f.length - 1; i >= 0; i--) {
    value = value * a + f[i] * scale;
    scale *= b;
  }
  return value;
}

export const derivative = (f: Dense): Dense => f.slice(1).map((c, i) => c * BigInt(i + 1));

/** f(x + a), by repeated synthetic division. */
export function translate(f: Dense, a: bigint): Dense {
  const c = f.slice();
  for (let i = 0; i < c.length - 1; i++) {
    for (let j = c.length - 2; j >= i; j--) c[j] += a === 1n ? c[j + 1] : a * c[j + 1];
  }
  return c;
}

/** The greatest common divisor of the coefficients, with the sign of the leading one. */
export function content(f: Dense): bigint {
  let c = 0n;
  for (let i = f.length - 1; i >= 0 && c !== 1n; i--) c = gcd(c, f[i]);
  return lead(f) < 0n ? -c : c;
}

/** The polynomial over its content: leading coefficient positive, coefficients without a common divisor. */
export const primitive = (f: Dense): Dense => (f.length === 0 ? f : unscale(f, content(f)));

/** The quotient if g divides f over the integers. */
export function divide(f: Dense, g: Dense): Dense | null {
  if (g.length === 0) throw new ArgumentError("division of a polynomial by zero");
  const n = g.length - 1;
  if (f.length <= n) return f.length === 0 ? [] : null;
  const top = g[n];
  if (f[f.length - 1] % top !== 0n) return null;
  const r = f.slice();
  const quotient = new Array<bigint>(f.length - n);
  for (let i = f.length - 1 - n; i >= 0; i--) {
    const c = r[i + n];
    const q = c / top;
    if (q * top !== c) return null;
    quotient[i] = q;
    if (q !== 0n) for (let j = 0; j < n; j++) r[i + j] -= q * g[j];
  }
  for (let j = 0; j < n; j++) if (r[j] !== 0n) return null;
  return quotient;
}

export function divideExactly(f: Dense, g: Dense): Dense {
  const quotient = divide(f, g);
  if (quotient === null) throw new ArgumentError("a polynomial does not divide another");
  return quotient;
}

/** scale * f = quotient * g + remainder, with a positive scale, a power of the leading coefficient of g. */
export function pseudoDivide(
  f: Dense,
  g: Dense,
): { quotient: Dense; remainder: Dense; scale: bigint } {
  if (g.length === 0) throw new ArgumentError("division of a polynomial by zero");
  const n = g.length - 1;
  const top = abs(g[n]);
  const signed = g[n] < 0n ? -1n : 1n;
  const r = f.slice();
  const quotient = new Array<bigint>(Math.max(f.length - n, 0)).fill(0n);
  let scale = 1n;
  for (let i = f.length - 1 - n; i >= 0; i--) {
    const c = r[i + n];
    if (c === 0n) continue;
    const common = gcd(c, top);
    const up = top / common;
    const q = (c / common) * signed;
    if (up !== 1n) {
      scale *= up;
      for (let j = 0; j < i + n; j++) r[j] *= up;
      for (let j = i + 1; j < quotient.length; j++) quotient[j] *= up;
    }
    quotient[i] = q;
    for (let j = 0; j < n; j++) r[i + j] -= q * g[j];
    r[i + n] = 0n;
  }
  return { quotient: trim(quotient), remainder: trim(r), scale };
}

/** The fraction in lowest terms. */
export function fraction(numerator: Dense, denominator: bigint): Fraction {
  let common = gcd(content(numerator), denominator);
  if (denominator < 0n) common = -common;
  return { numerator: unscale(numerator, common), denominator: denominator / common };
}

/** Division with remainder over the rationals: f = quotient * g + remainder. */
export function divideWithRemainder(
  f: Dense,
  g: Dense,
): { quotient: Fraction; remainder: Fraction } {
  const { quotient, remainder, scale } = pseudoDivide(f, g);
  return { quotient: fraction(quotient, scale), remainder: fraction(remainder, scale) };
}
