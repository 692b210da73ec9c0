import { abs, gcd } from "./integers.js";

/** Exact rational numbers: a numerator and a positive denominator without a common divisor. */
export interface Ratio {
  readonly p: bigint;
  readonly q: bigint;
}

export function ratio(p: bigint, q = 1n): Ratio {
  if (q === 0n) throw new RangeError("a fraction with denominator 0");
  const divisor = gcd(p, q);
  const sign = q < 0n ? -1n : 1n;
  return divisor === 1n && sign === 1n
    ? { p, q }
    : { p: (sign * p) / divisor, q: (sign * q) / divisor };
}

export const addRatios = (a: Ratio, b: Ratio): Ratio =>
  a.q === 1n && b.q === 1n ? { p: a.p + b.p, q: 1n } : ratio(a.p * b.q + b.p * a.q, a.q * b.q);

export const mulRatios = (a: Ratio, b: Ratio): Ratio =>
  a.q === 1n && b.q === 1n ? { p: a.p * b.p, q: 1n } : ratio(a.p * b.p, a.q * b.q);

export const divRatios = (a: Ratio, b: Ratio): Ratio => ratio(a.p * b.q, a.q * b.p);

export const compareRatios = (a: Ratio, b: Ratio): number => {
  const left = a.p * b.q;
  const right = b.p * a.q;
  return left < right ? -1 : left > right ? 1 : 0;
};

/** The nearest double. */
export function ratioToNumber({ p, q }: Ratio): number {
  if (q === 1n) return Number(p);
  const a = Number(p);
  const b = Number(q);
  if (Math.abs(a) < 2 ** 53 && b < 2 ** 53) return a / b;
  // 64 bits of the quotient hold more than a double does.
  const shift = BigInt(Math.max(0, 64 - (abs(p).toString(2).length - q.toString(2).length)));
  const scaled = (p << shift) / q;
  const halves = Number(shift >> 1n);
  return Number(scaled) / 2 ** halves / 2 ** (Number(shift) - halves);
}

/** The largest integer whose n-th power is at most x ≥ 0, and whether it is x. */
export function integerRoot(x: bigint, n: number): { root: bigint; exact: boolean } {
  if (x < 2n || n === 1) return { root: x, exact: true };
  const degree = BigInt(n);
  const bits = x.toString(2).length;
  if (n >= bits) return { root: 1n, exact: false };
  // Newton's method from above.
  let root = 1n << BigInt(Math.ceil(bits / n));
  for (;;) {
    const next = ((degree - 1n) * root + x / root ** (degree - 1n)) / degree;
    if (next >= root) break;
    root = next;
  }
  return { root, exact: root ** degree === x };
}

/** Primes up to this are divided out when roots of integers are taken. */
const trialLimit = 32768;

/** Prime factors up to a limit, and what is left, which may be composite. */
export function smallFactors(x: bigint): Map<bigint, number> {
  const factors = new Map<bigint, number>();
  let rest = abs(x);
  const take = (prime: bigint): void => {
    while (rest % prime === 0n) {
      factors.set(prime, (factors.get(prime) ?? 0) + 1);
      rest /= prime;
    }
  };
  take(2n);
  take(3n);
  for (let d = 5n, step = 2n; d < trialLimit && d * d <= rest; d += step, step = 6n - step) take(d);
  if (rest > 1n) factors.set(rest, (factors.get(rest) ?? 0) + 1);
  return factors;
}

/** x as a power of the smallest base, for x > 1. */
export function perfectPower(x: bigint): { base: bigint; exponent: number } | null {
  const bits = x.toString(2).length;
  let base = x;
  let exponent = 1;
  for (let n = 2; n <= bits; n++) {
    for (;;) {
      const { root, exact } = integerRoot(base, n);
      if (!exact || root < 2n) break;
      base = root;
      exponent *= n;
    }
  }
  return exponent === 1 ? null : { base, exponent };
}

let bernoulliNumbers: Ratio[] = [ratio(1n)];
/** B(2k), from the tangent numbers by R. P. Brent and D. Harvey's algorithm. */
export function bernoulli(k: number): Ratio {
  if (k >= bernoulliNumbers.length) {
    const count = Math.max(32, 2 * k);
    const tangent: bigint[] = [0n, 1n];
    for (let n = 2; n <= count; n++) tangent.push(BigInt(n - 1) * tangent[n - 1]);
    for (let n = 2; n <= count; n++) {
      for (let j = n; j <= count; j++)
        tangent[j] = BigInt(j - n) * tangent[j - 1] + BigInt(j - n + 2) * tangent[j];
    }
    bernoulliNumbers = tangent.map((t, n) => {
      const power = 4n ** BigInt(n);
      const p = BigInt(2 * n) * t;
      return n === 0 ? ratio(1n) : ratio(n % 2 === 1 ? p : -p, power * (power - 1n));
    });
  }
  return bernoulliNumbers[k];
}
