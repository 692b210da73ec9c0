/** Gamma and error functions and constants with decimals of so many digits. */
import type { Decimal } from "decimal.js";
import { decimals } from "../core/numbers.js";
import { bernoulli } from "../core/rational.js";
import type { Complex } from "./complex.js";
import { ComplexDecimals, isRealValue, isZeroValue } from "./complex.js";

/** Arguments of gamma functions farther to the left than this are not moved to the right. */
const farthestShift = 100_000;

/** Where the asymptotic series about infinity reaches so many digits. */
const farEnough = (digits: number): number => Math.ceil(0.5 * digits) + 8;

/** Steps to the right after which an asymptotic series holds, or null where there would be too many. */
function stepsTo(z: Complex, digits: number): number | null {
  const far = farEnough(digits);
  if (
    z.re.gt(0) &&
    z.re
      .abs()
      .plus(z.im.abs())
      .gt(2 * far)
  )
    return 0;
  const steps = Math.max(0, Math.ceil(far - z.re.toNumber()));
  return steps > farthestShift ? null : steps;
}

const isPole = (z: Complex): boolean =>
  isRealValue(z) && z.re.isInteger() && (z.re.isNegative() || z.re.isZero());

/** log Γ, continuous but for a cut along the negative reals. */
export function loggamma(f: ComplexDecimals, z: Complex): Complex | null {
  if (isPole(z)) return null;
  const steps = stepsTo(z, f.digits);
  if (steps === null) return null;
  // The logarithms of the steps are that of their product, but for whole turns.
  let product = f.one;
  let angle = 0;
  let x = z;
  for (let k = 0; k < steps; k++) {
    product = f.mul(product, x);
    angle +=
      x.im.isZero() && x.re.isNegative() ? Math.PI : Math.atan2(x.im.toNumber(), x.re.toNumber());
    x = f.add(x, f.one);
  }
  const { re, im } = f.log(product);
  const turns = Math.round((angle - im.toNumber()) / (2 * Math.PI));
  const sum = { re, im: im.plus(f.pi.times(2 * turns)) };
  // Stirling's series.
  const half = f.real(0.5);
  let value = f.sub(f.mul(f.sub(x, half), f.log(x)), x);
  value = f.add(value, f.real(f.D.ln(f.pi.times(2)).div(2)));
  const square = f.inv(f.mul(x, x));
  let power = f.inv(x);
  for (let k = 1; k <= 2 * f.digits; k++) {
    const { p, q } = bernoulli(k);
    const factor = new f.D(p.toString()).div(q.toString()).div(2 * k * (2 * k - 1));
    const term = f.scale(power, factor);
    value = f.add(value, term);
    if (f.abs(term).lt(f.abs(value).times(`1e-${f.digits + 2}`))) break;
    power = f.mul(power, square);
  }
  return f.sub(value, sum);
}

export function gamma(f: ComplexDecimals, z: Complex): Complex | null {
  if (isPole(z)) return null;
  if (z.re.lt(0.5)) {
    // Γ(z) Γ(1 − z) = π / sin πz
    const other = gamma(f, f.sub(f.one, z));
    if (other === null) return null;
    return f.div(f.real(f.pi), f.mul(f.sin(f.scale(z, f.pi)), other));
  }
  const log = loggamma(f, z);
  return log === null ? null : f.exp(log);
}

/** The n-th derivative of the digamma function. */
export function polygamma(f: ComplexDecimals, n: number, z: Complex): Complex | null {
  if (isPole(z)) return null;
  const steps = stepsTo(z, f.digits + n);
  if (steps === null) return null;
  const power = (x: Complex, k: number): Complex => f.pow(x, f.real(k));
  let sum = f.zero;
  let x = z;
  for (let k = 0; k < steps; k++) {
    sum = f.add(sum, power(x, -n - 1));
    x = f.add(x, f.one);
  }
  let factorial = f.one.re;
  for (let k = 2; k < n; k++) factorial = factorial.times(k);
  const full = n === 0 ? f.one.re : factorial.times(n);
  // The asymptotic series, for (−1)^(n+1) times the value.
  let value = n === 0 ? f.neg(f.log(x)) : f.scale(power(x, -n), factorial);
  value = f.add(value, f.scale(power(x, -n - 1), full.div(2)));
  const square = f.inv(f.mul(x, x));
  let over = power(x, -n - 2);
  // (2k + n − 1)! / (2k)!
  let quotient = full.times(n + 1).div(2);
  for (let k = 1; k <= 2 * (f.digits + n); k++) {
    const { p, q } = bernoulli(k);
    const term = f.scale(over, new f.D(p.toString()).div(q.toString()).times(quotient));
    value = f.add(value, term);
    if (f.abs(term).lt(f.abs(value).times(`1e-${f.digits + 2}`))) break;
    over = f.mul(over, square);
    quotient = quotient
      .times(2 * k + n)
      .times(2 * k + n + 1)
      .div((2 * k + 1) * (2 * k + 2));
  }
  value = f.add(value, f.scale(sum, full));
  return n % 2 === 0 ? f.neg(value) : value;
}

/** erf by its series with terms of one sign; for small |z|. */
function erfSeries(f: ComplexDecimals, z: Complex): Complex {
  const doubled = f.scale(f.mul(z, z), 2);
  let term = z;
  let sum = z;
  for (let k = 1; ; k++) {
    term = f.scale(f.mul(term, doubled), f.one.re.div(2 * k + 1));
    sum = f.add(sum, term);
    if (f.abs(term).lte(f.abs(sum).times(`1e-${f.digits + 2}`))) break;
  }
  const outer = f.scale(f.exp(f.neg(f.mul(z, z))), f.D.sqrt(f.pi).pow(-1).times(2));
  return f.mul(sum, outer);
}

/** Whether the asymptotic series reaches the digits, by |z²|. */
const isFar = (f: ComplexDecimals, size: number): boolean => size >= 2.4 * (f.digits + 4) + 8;

/** erfc by its asymptotic series; for a real part that is not negative. */
function erfcFar(f: ComplexDecimals, z: Complex): Complex {
  const square = f.mul(z, z);
  const step = f.scale(f.inv(square), -0.5);
  const most = f.abs(square).toNumber();
  let term = f.one;
  let sum = f.one;
  for (let k = 1; k <= most; k++) {
    term = f.scale(f.mul(term, step), 2 * k - 1);
    sum = f.add(sum, term);
    if (f.abs(term).lt(`1e-${f.digits + 2}`)) break;
  }
  return f.div(f.mul(f.exp(f.neg(square)), sum), f.scale(z, f.D.sqrt(f.pi)));
}

/** erfc for a positive real part. */
function erfcRight(f: ComplexDecimals, z: Complex): Complex {
  const size = f.abs(f.mul(z, z)).toNumber();
  if (isFar(f, size)) return erfcFar(f, z);
  // What cancels in 1 − erf is made up for.
  const wide = new ComplexDecimals(f.digits + Math.ceil(size / 2) + 5);
  return wide.sub(wide.one, erfSeries(wide, z));
}

export function erfc(f: ComplexDecimals, z: Complex): Complex {
  if (isZeroValue(z)) return f.one;
  return z.re.isNegative() ? f.sub(f.real(2), erfcRight(f, f.neg(z))) : erfcRight(f, z);
}

export function erf(f: ComplexDecimals, z: Complex): Complex {
  if (isZeroValue(z)) return f.zero;
  if (z.re.isZero() && isFar(f, f.abs(f.mul(z, z)).toNumber())) return f.neg(erfcFar(f, z));
  if (z.re.isZero() || f.abs(z).lt(1)) return erfSeries(f, z);
  return z.re.isNegative() ? f.neg(erf(f, f.neg(z))) : f.sub(f.one, erfcRight(f, z));
}

/** A constant of a name, computed once for each number of digits. */
function remembered(compute: (digits: number) => Decimal): (digits: number) => Decimal {
  const values = new Map<number, Decimal>();
  return (digits) => {
    let value = values.get(digits);
    if (value === undefined) {
      value = compute(digits);
      values.set(digits, value);
    }
    return value;
  };
}

export const eulerGamma = remembered((digits) => {
  const f = new ComplexDecimals(digits + 5);
  return (polygamma(f, 0, f.one) as Complex).re.neg();
});

/** π/8 log(2 + √3) + 3/8 Σ 1/((2k + 1)² binomial(2k, k)), by S. Ramanujan. */
export const catalan = remembered((digits) => {
  const D = decimals(digits + 5);
  const unit = 10n ** BigInt(digits + 10);
  let sum = 0n;
  let binomial = 1n;
  for (let k = 0n; ; k++) {
    const odd = 2n * k + 1n;
    const term = unit / (odd * odd * binomial);
    if (term === 0n) break;
    sum += term;
    binomial = (binomial * 2n * odd) / (k + 1n);
  }
  const series = new D(sum.toString()).div(unit.toString());
  const head = D.acos(-1).times(D.ln(D.sqrt(3).plus(2)));
  return head.plus(series.times(3)).div(8);
});
