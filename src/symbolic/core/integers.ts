// What bigint lacks of integer arithmetic.

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const abs = (a: bigint): bigint => (a < 0n ? -a : a);

export const sign = (a: bigint): number => (a > 0n ? 1 : a < 0n ? -1 : 0);

/** The greatest common divisor, never negative; gcd(0, 0) is 0. */
export function gcd(a: bigint, b: bigint): bigint {
  a = abs(a);
  b = abs(b);
  while (b > SAFE) [a, b] = [b, a % b];
  if (b === 0n) return a;
  let x = Number(b);
  let y = Number(a % b);
  while (y !== 0) [x, y] = [y, x % y];
  return BigInt(x);
}

export const lcm = (a: bigint, b: bigint): bigint =>
  a === 0n || b === 0n ? 0n : abs((a / gcd(a, b)) * b);

/** How often b divides a, and what is left: b is 2 or more, and a is not 0. By squares of b, so in few divisions. */
export function withoutFactor(a: bigint, b: bigint): [times: number, rest: bigint] {
  if (a % b !== 0n) return [0, a];
  const [times, rest] = withoutFactor(a / b, b * b);
  return rest % b === 0n ? [2 * times + 2, rest / b] : [2 * times + 1, rest];
}

/** The remainder in 0 ... m - 1. */
export function mod(a: bigint, m: bigint): bigint {
  const r = a % m;
  return r < 0n ? r + m : r;
}

/** The remainder nearest to zero: above -m/2, and at most m/2. */
export function symmetricMod(a: bigint, m: bigint): bigint {
  const r = mod(a, m);
  return 2n * r > m ? r - m : r;
}

/** The inverse of a modulo m, which has no common factor with it. */
export function inverseMod(a: bigint, m: bigint): bigint {
  let [r0, r1] = [m, mod(a, m)];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1] = [r1, r0 - q * r1];
    [t0, t1] = [t1, t0 - q * t1];
  }
  return mod(t0, m);
}

export const bitLength = (a: bigint): number => {
  const digits = abs(a).toString(16);
  return digits === "0" ? 0 : 4 * (digits.length - 1) + 32 - Math.clz32(parseInt(digits[0], 16));
};

/** The integer part of the square root, by Newton's iteration from above. */
export function isqrt(a: bigint): bigint {
  if (a < 2n) return a;
  let x = 1n << BigInt((bitLength(a) + 1) >> 1);
  for (;;) {
    const y = (x + a / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** The quotient rounded towards minus infinity. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
}

/** The quotient rounded to the nearest integer, halves upwards. */
export const roundDivide = (a: bigint, b: bigint): bigint => floorDivide(2n * a + b, 2n * b);

export function isPrime(n: number): boolean {
  if (n < 4) return n > 1;
  if (n % 2 === 0) return false;
  for (let d = 3; d * d <= n; d += 2) if (n % d === 0) return false;
  return true;
}
