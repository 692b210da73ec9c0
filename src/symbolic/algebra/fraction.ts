/** Expressions over denominators. */
import { add, mul, pow } from "../core/arithmetic.js";
import { isNegative, isPositive, isReal, isWhole } from "../core/assumptions.js";
import type { Exact, Expr } from "../core/expr.js";
import {
  ExprMap,
  fromRatio,
  integer,
  isAdd,
  isExact,
  isMul,
  isPow,
  minusOne,
  one,
} from "../core/expr.js";
import { gcd, lcm } from "../core/integers.js";
import { hasLeadingMinus } from "../core/order.js";
import { factorsOf, keepCoefficient, splitCoefficient } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";

/** The factors of a product above and below the line. */
export function fraction(e: Expr): [numerator: Expr, denominator: Expr] {
  const above: Expr[] = [];
  const below: Expr[] = [];
  for (const factor of factorsOf(e)) {
    if (isPow(factor)) {
      const { base, exponent } = factor;
      if (isNegative(exponent)) below.push(pow(base, mul(minusOne, exponent)));
      else if (isPositive(exponent) !== true && isMul(exponent)) {
        const [n, d] = overOne(factor);
        above.push(n);
        below.push(d);
      } else above.push(factor);
    } else if (isExact(factor)) {
      above.push(integer(factor.p));
      below.push(integer(factor.q));
    } else above.push(factor);
  }
  return [mul(...above), mul(...below)];
}

/** The rational content of a sum: what all its coefficients are multiples of, decimals aside; and the sum over it. */
export function primitive(e: Expr): [content: Exact, rest: Expr] {
  if (!isAdd(e)) {
    const [coefficient, rest] = splitCoefficient(e);
    return isExact(coefficient) ? [coefficient, rest] : [one, e];
  }
  let p = 0n;
  let q = 1n;
  for (const term of e.args) {
    const [coefficient] = splitCoefficient(term);
    const exact = isExact(coefficient) ? coefficient : one;
    p = gcd(p, exact.p);
    q = lcm(q, exact.q);
  }
  if (p === 1n && q === 1n) return [one, e];
  return [fromRatio(ratio(p, q)), mul(fromRatio(ratio(q, p)), e)];
}

/** A power over one. */
function overOne(e: Expr): [Expr, Expr] {
  const [base, given] = isPow(e) ? [e.base, e.exponent] : [e, one];
  let [n, d] = numerDenom(base);
  let exponent = given;
  const whole = isWhole(exponent) === true;
  let negative = isNegative(exponent) === true;
  if (isMul(exponent) && !negative && isPositive(exponent) !== true)
    negative = hasLeadingMinus(exponent);
  if (!whole && d !== one) {
    if (isReal(d) && isNegative(d)) [n, d] = [mul(minusOne, n), mul(minusOne, d)];
    else if (!(isReal(d) && isPositive(d))) [n, d] = [base, one];
  }
  if (negative) {
    [n, d] = [d, n];
    exponent = mul(minusOne, exponent);
  }
  return [pow(n, exponent), pow(d, exponent)];
}

/** A numerator and a denominator, of which neither has a denominator of its own outside of functions. */
export function numerDenom(e: Expr): [numerator: Expr, denominator: Expr] {
  if (isExact(e)) return [integer(e.p), integer(e.q)];
  if (isMul(e)) {
    const parts = e.args.map(numerDenom);
    return [mul(...parts.map(([n]) => n)), mul(...parts.map(([, d]) => d))];
  }
  if (isPow(e)) return overOne(e);
  if (!isAdd(e)) return [e, one];
  const [content, rest] = primitive(e);
  if (!isAdd(rest)) return numerDenom(mul(content, rest));
  const byDenominator = new ExprMap<Expr[]>();
  for (const term of rest.args) {
    const [n, d] = numerDenom(term);
    const list = byDenominator.get(d);
    if (list === undefined) byDenominator.set(d, [n]);
    else list.push(n);
  }
  const list = [...byDenominator];
  const above = integer(content.p);
  const below = integer(content.q);
  if (list.length === 1) {
    const [[d, ns]] = list;
    return [add(...ns.map((n) => keepCoefficient(above, n))), keepCoefficient(below, d)];
  }
  const n = add(
    ...list.map(([, ns], i) => mul(add(...ns), ...list.filter((_, j) => j !== i).map(([d]) => d))),
  );
  return [keepCoefficient(above, n), keepCoefficient(below, mul(...list.map(([d]) => d)))];
}

/**
 * The numerator and the denominator of an expression over one line.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.asNumerDenom(x.pow(-1).add(y))) // "x*y + 1,x"
 */
export const asNumerDenom = (e: ExprLike): [numerator: Expr, denominator: Expr] =>
  numerDenom(sympify(e));

/**
 * What is above the line of a product.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.numer(x.div(y))) // "x"
 */
export const numer = (e: ExprLike): Expr => fraction(sympify(e))[0];

/**
 * What is below the line of a product.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.denom(x.div(y))) // "y"
 */
export const denom = (e: ExprLike): Expr => fraction(sympify(e))[1];
