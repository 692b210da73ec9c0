/** Roots of polynomials in radicals. */
import { ArgumentError } from "../../core/errors.js";
import { add, div, mul, neg, pow, sqrt, sub } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import {
  fromRatio,
  half,
  I,
  integer,
  isAdd,
  isExact,
  isInteger,
  isNumeric,
  minusHalf,
  one,
  pi,
  two,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { absNum, signOf } from "../core/numbers.js";
import { factorsOf, keepCoefficient, splitPower } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { UnsupportedError } from "../errors.js";
import { cancel } from "./cancel.js";
import { expand } from "./expand.js";
import { factor } from "./factor.js";
import { primitive } from "./fraction.js";

/** Roots of unity of higher orders are not written out. */
const mostRoots = 100;

const rational = (p: number, q: number): Expr => fromRatio(ratio(BigInt(p), BigInt(q)));

const tidy = (e: Expr): Expr => (isNumeric(e) ? expand(e) : cancel(e));

/** One of the two square roots of e, with squares taken out. */
function rootOf(e: Expr): Expr {
  if (isNumeric(e)) return isAdd(e) ? pow(keepCoefficient(...primitive(e)), half) : sqrt(e);
  const outside: Expr[] = [];
  const inside: Expr[] = [];
  for (const part of factorsOf(factor(e))) {
    const [base, exponent] = splitPower(part);
    if (isInteger(exponent) && exponent.p % 2n === 0n)
      outside.push(pow(base, integer(exponent.p / 2n)));
    else inside.push(part);
  }
  const [content, rest] = primitive(cancel(mul(...inside)));
  return mul(...outside, pow(keepCoefficient(content, rest), half));
}

function quadratic([c, b, a]: readonly Expr[]): Expr[] {
  if (b === zero) {
    const r = rootOf(neg(div(c, a)));
    return [neg(r), r];
  }
  const d = expand(sub(mul(b, b), mul(integer(4), a, c)));
  const twice = mul(two, a);
  const root = rootOf(d);
  if (isExact(a)) {
    const middle = expand(div(neg(b), twice));
    const step = expand(div(root, twice), { mul: true, multinomial: false });
    return [sub(middle, step), add(middle, step)];
  }
  return [div(sub(neg(b), root), twice), div(add(neg(b), root), twice)];
}

/** Cardano's formulas. */
function cubic(coefficients: readonly Expr[]): Expr[] {
  const [d, c, b] = coefficients.map((e) => div(e, coefficients[3]));
  const d0 = tidy(sub(mul(b, b), mul(integer(3), c)));
  const d1 = tidy(add(mul(two, pow(b, integer(3))), mul(integer(-9), b, c), mul(integer(27), d)));
  const third = rational(1, 3);
  if (d0 === zero) {
    const shift = mul(third, b);
    return rootsOf(tidy(mul(rational(-1, 27), d1)), 3).map((root) => sub(root, shift));
  }
  const square = tidy(sub(mul(d1, d1), mul(integer(4), pow(d0, integer(3)))));
  const inner = mul(half, add(d1, rootOf(square)));
  const u = pow(expand(inner), third);
  const turn = mul(half, I, sqrt(integer(3)));
  return [one, add(minusHalf, turn), sub(minusHalf, turn)].map((unit) => {
    const v = mul(unit, u);
    return mul(rational(-1, 3), add(b, v, div(d0, v)));
  });
}

/** Ferrari's formulas. */
function quartic(coefficients: readonly Expr[]): Expr[] {
  const [d, c, b, a] = coefficients.map((e) => div(e, coefficients[4]));
  const square = mul(a, a);
  const shift = mul(rational(1, 4), a);
  const e = tidy(sub(b, mul(rational(3, 8), square)));
  const f = tidy(add(c, mul(a, sub(mul(rational(1, 8), square), mul(half, b)))));
  const g = tidy(
    sub(d, mul(shift, add(mul(a, sub(mul(rational(3, 64), square), mul(rational(1, 4), b))), c))),
  );
  if (f === zero) return [...viaPower([g, zero, e, zero, one], 2)].map((y) => sub(y, shift));
  const p = tidy(sub(mul(rational(-1, 12), e, e), g));
  const q = tidy(
    add(
      mul(rational(-1, 108), pow(e, integer(3))),
      mul(rational(1, 3), e, g),
      mul(rational(-1, 8), f, f),
    ),
  );
  const third = rational(1, 3);
  const start = mul(rational(-5, 6), e);
  let y: Expr;
  if (p === zero) y = sub(start, pow(q, third));
  else {
    const inner = tidy(add(mul(rational(1, 4), q, q), mul(rational(1, 27), pow(p, integer(3)))));
    const u = pow(sub(rootOf(inner), mul(half, q)), third);
    y = add(start, u, mul(rational(-1, 3), div(p, u)));
  }
  const w = sqrt(add(e, mul(two, y)));
  const first = add(mul(integer(3), e), mul(two, y));
  const second = div(mul(two, f), w);
  return [-1, 1].flatMap((s) => {
    const root = sqrt(neg(add(first, mul(integer(s), second))));
    return [-1, 1].map((t) =>
      sub(mul(half, sub(mul(integer(s), w), mul(integer(t), root))), shift),
    );
  });
}

/** The n-th roots of e. */
function rootsOf(e: Expr, n: number): Expr[] {
  if (n > mostRoots) throw new UnsupportedError(`solve: ${n} roots of an equation of that degree`);
  if (e === zero) return [zero];
  const exponent = rational(1, n);
  const negative = isExact(e) && signOf(e) < 0;
  const size = pow(isExact(e) ? absNum(e) : e, exponent);
  if (n === 2) {
    const root = negative ? mul(size, I) : size;
    return [neg(root), root];
  }
  return Array.from({ length: n }, (_, k) => {
    const angle = mul(rational(2 * k + (negative ? 1 : 0), n), pi);
    return expand(mul(size, add(call("cos", angle), mul(I, call("sin", angle)))), {
      powerBase: false,
    });
  });
}

/** Of a polynomial in x^k. */
function viaPower(coefficients: readonly Expr[], k: number): Expr[] {
  const inner = coefficients.filter((_, i) => i % k === 0);
  return radicals(inner).flatMap((y) => rootsOf(tidy(y), k));
}

/**
 * The roots of a polynomial by its coefficients, the constant first: up to degree 4, and what powers of the variable
 * reduce to that.
 */
export function radicals(coefficients: readonly Expr[]): Expr[] {
  const n = coefficients.length - 1;
  if (n < 1) throw new ArgumentError("the roots of a constant");
  if (coefficients[0] === zero) {
    const rest = coefficients.slice(1);
    return n === 1 ? [zero] : [zero, ...radicals(rest)];
  }
  if (n === 1) return [tidy(neg(div(coefficients[0], coefficients[1])))];
  if (n === 2) return quadratic(coefficients);
  const powers = coefficients.flatMap((c, i) => (i > 0 && c !== zero ? [i] : []));
  const common = powers.reduce((a, b) => {
    let [x, y] = [a, b];
    while (y !== 0) [x, y] = [y, x % y];
    return x;
  });
  if (common === n) return rootsOf(tidy(neg(div(coefficients[0], coefficients[n]))), n);
  if (common > 1) return viaPower(coefficients, common);
  if (n === 3) return cubic(coefficients);
  if (n === 4) return quartic(coefficients);
  throw new UnsupportedError(
    `solve: an irreducible polynomial of degree ${n} has no roots in radicals in general; see nroots`,
  );
}
