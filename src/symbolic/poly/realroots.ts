// Real roots of polynomials in one variable over the integers.

import { ArgumentError } from "../../core/errors.js";
import { abs, bitLength, sign } from "../core/integers.js";
import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import { denseGcd } from "./gcd.js";
import { denseSquareFree } from "./squarefree.js";

/** A rational number, whose denominator is positive. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The root alone between the ends, or the root itself where the ends are equal. */
export interface RootInterval {
  readonly low: Ratio;
  readonly high: Ratio;
  readonly multiplicity: number;
}

const signAt = (f: Dense, { numerator, denominator }: Ratio): number =>
  sign(dense.evaluateHomogeneous(f, numerator, denominator));

const isLess = (a: Ratio, b: Ratio): boolean =>
  a.numerator * b.denominator < b.numerator * a.denominator;

/** How often the sign changes along numbers, zeros left out. */
function signChanges(values: readonly number[]): number {
  const signs = values.filter((v) => v !== 0);
  return signs.filter((v, i) => i > 0 && v !== signs[i - 1]).length;
}

/** The number of different real roots r with low <= r <= high, each end at infinity if not given, by Sturm (1829). */
export function countRealRoots(f: Dense, low?: Ratio, high?: Ratio): number {
  if (f.length === 0) throw new ArgumentError("the roots of zero");
  const sequence: Dense[] = [dense.divideExactly(f, denseGcd(f, dense.derivative(f)))];
  for (let next = positivePart(dense.derivative(sequence[0])); next.length > 0; ) {
    sequence.push(next);
    const { remainder } = dense.pseudoDivide(sequence[sequence.length - 2], next);
    next = positivePart(dense.negate(remainder));
  }
  const changes = (x: Ratio | undefined, infinity: number): number =>
    signChanges(
      sequence.map((g) =>
        x !== undefined
          ? signAt(g, x)
          : sign(dense.lead(g)) * (infinity < 0 && g.length % 2 === 0 ? -1 : 1),
      ),
    );
  // The theorem leaves out the lower end.
  const atLow = low !== undefined && signAt(sequence[0], low) === 0 ? 1 : 0;
  return changes(low, -1) - changes(high, 1) + atLow;
}

/** The polynomial over the positive common divisor of its coefficients. */
const positivePart = (f: Dense): Dense =>
  f.length === 0 ? f : dense.unscale(f, abs(dense.content(f)));

/**
 * Intervals in increasing order, disjoint but for common ends that are no roots, with one real root each: bisection until
 * Descartes' rule of signs says that there is at most one (Collins and Akritas 1976).
 */
export function isolateRealRoots(f: Dense): RootInterval[] {
  if (f.length === 0) throw new ArgumentError("the roots of zero");
  const { factors } = denseSquareFree(f);
  const whole = dense.product(factors.map(([g]) => g));
  return isolateSquareFree(whole).map(({ low, high }) => {
    const own = factors.find(([g]) => signAt(g, low) * signAt(g, high) < 0 || isRoot(g, low, high));
    return { low, high, multiplicity: own![1] };
  });
}

const isRoot = (f: Dense, low: Ratio, high: Ratio): boolean =>
  low.numerator === high.numerator && signAt(f, low) === 0;

function isolateSquareFree(f: Dense): { low: Ratio; high: Ratio }[] {
  if (f.length < 2) return [];
  const zero = { numerator: 0n, denominator: 1n };
  const here = f[0] === 0n ? [{ low: zero, high: zero }] : [];
  const g = f[0] === 0n ? f.slice(1) : f;
  const mirrored = g.map((c, i) => (i % 2 === 1 ? -c : c));
  const flip = ({ numerator, denominator }: Ratio): Ratio => ({
    numerator: -numerator,
    denominator,
  });
  const negative = isolatePositive(mirrored, f[0] === 0n).map(({ low, high }) => ({
    low: flip(high),
    high: flip(low),
  }));
  return [...negative.reverse(), ...here, ...isolatePositive(g, f[0] === 0n)];
}

/**
 * The intervals of the positive roots. None ends in a root but by being one point, nor in zero where they are to be apart
 * from it.
 */
function isolatePositive(f: Dense, apart: boolean): { low: Ratio; high: Ratio }[] {
  if (f.length < 2) return [];
  // All roots are below 2^size (Cauchy): f(2^size x) has its roots between 0 and 1.
  const top = abs(dense.lead(f));
  const largest = f.slice(0, -1).reduce((most, c) => (abs(c) > most ? abs(c) : most), 0n);
  const size = Math.max(1, bitLength(largest) - bitLength(top) + 2);
  const unit = f.map((c, i) => c << BigInt(i * size));
  /** 2^size at / 2^depth. */
  const point = (at: bigint, depth: number): Ratio =>
    depth < size
      ? { numerator: at << BigInt(size - depth), denominator: 1n }
      : { numerator: at, denominator: 1n << BigInt(depth - size) };
  const found: { low: Ratio; high: Ratio }[] = [];
  // The roots of g in (0, 1) are those of f between the points `at` and `at` + 1 of the depth.
  const visit = (g: Dense, at: bigint, depth: number): void => {
    const bound = descartes(g);
    if (bound === 0) return;
    const isFree = g[0] !== 0n && dense.evaluate(g, 1n) !== 0n && !(apart && at === 0n);
    if (bound === 1 && isFree) {
      found.push({ low: point(at, depth), high: point(at + 1n, depth) });
      return;
    }
    const n = g.length - 1;
    const left = g.map((c, i) => c << BigInt(n - i));
    const right = dense.translate(left, 1n);
    visit(left, 2n * at, depth + 1);
    if (right[0] === 0n) {
      const middle = point(2n * at + 1n, depth + 1);
      found.push({ low: middle, high: middle });
    }
    visit(right, 2n * at + 1n, depth + 1);
  };
  visit(unit, 0n, 0);
  return found;
}

/** An upper bound, of the same parity, for the number of roots in (0, 1): the sign changes of (x + 1)^n f(1 / (x + 1)). */
const descartes = (f: Dense): number =>
  signChanges(dense.translate(f.slice().reverse(), 1n).map(sign));

/** Halves an isolating interval of a root of a square-free polynomial until it is no wider than a given width. */
export function refineRoot(
  f: Dense,
  { low, high }: { low: Ratio; high: Ratio },
  width: Ratio,
): { low: Ratio; high: Ratio } {
  const before = signAt(f, low);
  const tooWide = (): boolean => {
    const gap = high.numerator * low.denominator - low.numerator * high.denominator;
    return isLess(width, { numerator: gap, denominator: low.denominator * high.denominator });
  };
  while (tooWide()) {
    let numerator = low.numerator * high.denominator + high.numerator * low.denominator;
    let denominator = 2n * low.denominator * high.denominator;
    while (numerator % 2n === 0n && denominator % 2n === 0n) {
      numerator /= 2n;
      denominator /= 2n;
    }
    const middle = { numerator, denominator };
    const at = signAt(f, middle);
    if (at === 0) return { low: middle, high: middle };
    if (at === before) low = middle;
    else high = middle;
  }
  return { low, high };
}
