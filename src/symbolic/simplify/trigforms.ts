/** Sums and products of sines and cosines as polynomials: reduced by their identities, or as sums over multiple angles. */

import type { QPoly } from "../algebra/polynomials.js";
import { fromPoly, multiply, power } from "../algebra/polynomials.js";
import { add, mul } from "../core/arithmetic.js";
import type { Call, Exact, Expr } from "../core/expr.js";
import { ExprMap, fromRatio, integer, isCall, isExact, minusOne, one, zero } from "../core/expr.js";
import { call } from "../core/functions.js";
import { gcd } from "../core/integers.js";
import { splitCoefficient } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { Poly } from "../poly/poly.js";

/** An odd and an even function with even² = 1 + sign · odd², and their quotient. */
export interface Pair {
  readonly odd: string;
  readonly even: string;
  readonly quotient: string;
  readonly sign: 1 | -1;
}
const circular: Pair = { odd: "sin", even: "cos", quotient: "tan", sign: -1 };
const hyperbolic: Pair = { odd: "sinh", even: "cosh", quotient: "tanh", sign: 1 };
export const pairs: readonly Pair[] = [circular, hyperbolic];

/** The pair of each function, and its powers of the odd and the even one. */
export const functions: ReadonlyMap<string, readonly [pair: Pair, odd: number, even: number]> =
  new Map([
    ["sin", [circular, 1, 0]],
    ["cos", [circular, 0, 1]],
    ["tan", [circular, 1, -1]],
    ["cot", [circular, -1, 1]],
    ["sec", [circular, 0, -1]],
    ["csc", [circular, -1, 0]],
    ["sinh", [hyperbolic, 1, 0]],
    ["cosh", [hyperbolic, 0, 1]],
    ["tanh", [hyperbolic, 1, -1]],
    ["coth", [hyperbolic, -1, 1]],
    ["sech", [hyperbolic, 0, -1]],
    ["csch", [hyperbolic, -1, 0]],
  ] as const);

export const isTrig = (e: Expr): e is Call => isCall(e) && e.defined && functions.has(e.name);

/** Where an angle's odd and even function are among the generators. */
export interface Angle {
  readonly pair: Pair;
  readonly angle: Expr;
  readonly odd: number;
  readonly even: number;
}

/** The angles of sines and cosines among generators, which are completed by those that are missing. */
export function anglesOf(given: readonly Expr[]): { generators: Expr[]; angles: Angle[] } {
  const generators = [...given];
  const angles: Angle[] = [];
  for (const pair of pairs) {
    const places = new ExprMap<{ odd: number; even: number }>();
    given.forEach((e, i) => {
      if (!isCall(e, pair.odd) && !isCall(e, pair.even)) return;
      const found = places.get(e.args[0]) ?? { odd: -1, even: -1 };
      if (isCall(e, pair.odd)) found.odd = i;
      else found.even = i;
      places.set(e.args[0], found);
    });
    for (const [angle, found] of places) {
      const place = (at: number, name: string): number =>
        at >= 0 ? at : generators.push(call(name, angle)) - 1;
      const odd = place(found.odd, pair.odd);
      angles.push({ pair, angle, odd, even: place(found.even, pair.even) });
    }
  }
  return { generators, angles };
}

/** A polynomial whose degree in the odd (or the even) function of an angle is at most one. */
export function reduce(f: Poly, { pair, odd, even }: Angle, which: "odd" | "even"): Poly {
  const [index, other] = which === "odd" ? [odd, even] : [even, odd];
  if (f.degree(index) < 2) return f;
  const n = f.variables;
  const square = Poly.monomial(new Array<number>(n).fill(0).with(other, 2), BigInt(pair.sign));
  const unit = Poly.constant(n, 1n);
  // odd² is sign (even² − 1), and even² is 1 + sign odd².
  const replacement =
    which === "odd" ? square.subtract(unit.scale(BigInt(pair.sign))) : square.add(unit);
  let result = Poly.constant(n, 0n);
  f.coefficients(index).forEach((coefficient, degree) => {
    if (coefficient.isZero) return;
    const rest = Poly.monomial(new Array<number>(n).fill(0).with(index, degree % 2));
    const squares = power(replacement, Math.floor(degree / 2));
    result = result.add(multiply(coefficient.multiply(rest), squares));
  });
  return result;
}

/** Of one angle, odd^a even^b times 2^(a + b) as a sum of powers e^(k · angle), of i · angle for sines: by k. */
function waves(a: number, b: number): Map<number, bigint> {
  let list = new Map([[0, 1n]]);
  const times = (sign: bigint): void => {
    const next = new Map<number, bigint>();
    for (const [k, c] of list) {
      next.set(k + 1, (next.get(k + 1) ?? 0n) + c);
      next.set(k - 1, (next.get(k - 1) ?? 0n) + sign * c);
    }
    list = next;
  };
  for (let i = 0; i < a; i++) times(-1n);
  for (let i = 0; i < b; i++) times(1n);
  return list;
}

/** Beyond so many terms, sums over multiple angles are no simplification. */
const mostWaves = 400;

/** A polynomial as a sum of functions of sums of angles, each to the first power; null where that would be long. */
export function multipleAngles(
  { poly, denominator }: QPoly,
  generators: readonly Expr[],
  angles: readonly Angle[],
): Expr | null {
  const byWave = new ExprMap<Expr[]>();
  let count = 0;
  for (const { exponents, coefficient } of poly.terms) {
    const others = exponents.slice();
    let product: Expr[] = [one];
    let scale: Exact = fromRatio(ratio(coefficient, denominator));
    for (const pair of pairs) {
      let sums: [angle: Expr, coefficient: bigint][] = [[zero, 1n]];
      let odd = 0;
      let degree = 0;
      for (const angle of angles) {
        if (angle.pair !== pair) continue;
        const [a, b] = [exponents[angle.odd], exponents[angle.even]];
        others[angle.odd] = 0;
        others[angle.even] = 0;
        if (a + b === 0) continue;
        odd += a;
        degree += a + b;
        if (degree > 12) return null;
        const list = [...waves(a, b)].filter(([, c]) => c !== 0n);
        sums = sums.flatMap(([sum, c]) =>
          list.map(([k, d]): [Expr, bigint] => [add(sum, mul(integer(k), angle.angle)), c * d]),
        );
        count += sums.length;
        if (count > mostWaves) return null;
      }
      if (degree === 0) continue;
      // i^(−odd), and i more for a sine.
      const turned = pair.sign < 0 && Math.floor(odd / 2) % 2 === 1 ? -1n : 1n;
      scale = fromRatio(ratio(scale.p * turned, scale.q * 2n ** BigInt(degree)));
      const name = odd % 2 === 0 ? pair.even : pair.odd;
      const value = add(...sums.map(([sum, c]) => mul(integer(c), call(name, sum))));
      product = product.flatMap((p) =>
        (value.kind === "add" ? value.args : [value]).map((term) => mul(p, term)),
      );
    }
    const rest = fromPoly(Poly.monomial(others), generators);
    for (const term of product) {
      const [number, wave] = splitCoefficient(term);
      const list = byWave.get(wave);
      const amplitude = mul(number, scale, rest);
      if (list === undefined) byWave.set(wave, [amplitude]);
      else list.push(amplitude);
    }
  }
  return add(...[...byWave].map(([wave, list]) => mul(add(...list), wave)));
}

/** Functions of multiples of one angle by those of the angle that all are multiples of, or of half of it. */
export function commonAngles(calls: readonly Call[], halved: boolean): ExprMap<Expr> {
  const classes = new ExprMap<{ unit: Exact; calls: [Call, Exact][] }>();
  for (const e of calls) {
    const [coefficient, rest] = splitCoefficient(e.args[0]);
    if (!isExact(coefficient)) continue;
    const { p, q } = coefficient;
    const size = fromRatio(ratio(p < 0n ? -p : p, q));
    const found = classes.get(rest);
    if (found === undefined) classes.set(rest, { unit: size, calls: [[e, coefficient]] });
    else {
      const { unit } = found;
      found.unit = fromRatio(ratio(gcd(unit.p * size.q, size.p * unit.q), unit.q * size.q));
      found.calls.push([e, coefficient]);
    }
  }
  const replacements = new ExprMap<Expr>();
  for (const [rest, found] of classes) {
    const { calls } = found;
    let { unit } = found;
    if (halved && unit.p % 2n === 0n) unit = fromRatio(ratio(unit.p, 2n * unit.q));
    for (const [e, { p, q }] of calls) {
      const k = (p * unit.q) / (q * unit.p);
      const times = Number(k < 0n ? -k : k);
      if (times < 2 || times > 8) continue;
      const [pair] = functions.get(e.name) as readonly [Pair, number, number];
      const value = multiple(e.name, times, pair, mul(unit, rest));
      if (value !== null)
        replacements.set(e, k < 0n && e.name === pair.odd ? mul(minusOne, value) : value);
    }
  }
  return replacements;
}

/** The odd or even function of n times an angle: the parts of (even + odd)^n, with i for sines. */
function multiple(name: string, n: number, { odd, even, sign }: Pair, angle: Expr): Expr | null {
  if (name !== odd && name !== even) return null;
  const terms: Expr[] = [];
  let binomial = 1n;
  for (let k = 0; k <= n; k++) {
    if ((k % 2 === 1) === (name === odd)) {
      const turned = sign < 0 && Math.floor(k / 2) % 2 === 1 ? -binomial : binomial;
      const s = new Array<Expr>(k).fill(call(odd, angle));
      const c = new Array<Expr>(n - k).fill(call(even, angle));
      terms.push(mul(integer(turned), ...s, ...c));
    }
    binomial = (binomial * BigInt(n - k)) / BigInt(k + 1);
  }
  return add(...terms);
}
