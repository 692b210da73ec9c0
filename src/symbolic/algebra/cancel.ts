/** Quotients of polynomials in lowest terms, and their arithmetic. */
import { ArgumentError } from "../../core/errors.js";
import { add, div, mul } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { fromRatio, isBoolean, isExact, some } from "../core/expr.js";
import { gcd } from "../core/integers.js";
import { casesOf, piecewise } from "../core/logic.js";
import { ratio } from "../core/rational.js";
import { rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { cofactors } from "../poly/gcd.js";
import type { Poly } from "../poly/poly.js";
import { expand } from "./expand.js";
import { numerDenom } from "./fraction.js";
import { fromPoly, readPolys } from "./polynomials.js";

/** A quotient of polynomials over the integers. */
export interface Quotient {
  readonly numerator: Poly;
  readonly denominator: Poly;
}

/** In lowest terms, the leading coefficient of the denominator positive. */
export function lowestTerms({ numerator, denominator }: Quotient): Quotient {
  const { left, right } = cofactors(numerator, denominator);
  return right.leadingCoefficient < 0n
    ? { numerator: left.negate(), denominator: right.negate() }
    : { numerator: left, denominator: right };
}

/** An expression as a quotient of polynomials in lowest terms. */
export function quotientOf(e: Expr): Quotient & { generators: readonly Expr[] } {
  const [n, d] = numerDenom(e);
  const { reader, polys } = readPolys([expand(n), expand(d)]);
  const [p, q] = polys;
  if (q.poly.isZero) throw new ArgumentError("division by zero");
  const common = gcd(p.denominator, q.denominator);
  return {
    generators: reader.generators,
    ...lowestTerms({
      numerator: p.poly.scale(q.denominator / common),
      denominator: q.poly.scale(p.denominator / common),
    }),
  };
}

/** Conditions, cases and orders hold expressions but are no quotients themselves. */
const isOpaque = (e: Expr): boolean => isBoolean(e) || e.kind === "piecewise" || e.kind === "order";

/**
 * A quotient of polynomials without a common divisor, both multiplied out.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.cancel(x.pow(2).sub(1).div(x.sub(1)))) // "x + 1"
 */
export function cancel(e: ExprLike): Expr {
  const given = sympify(e);
  if (isExact(given)) return given;
  if (given.kind === "piecewise") {
    return piecewise(
      ...casesOf(given as never).map(([value, condition]): [Expr, Expr] => [
        cancel(value),
        condition,
      ]),
    );
  }
  if (isOpaque(given)) return rebuild(given, given.args.map(cancel));
  if (some(given, (node) => node.kind === "float")) return expand(given);
  const { generators, numerator, denominator } = quotientOf(given);
  if (generators.length === 0) return expand(given);
  const n = fromPoly(numerator, generators);
  if (denominator.isConstant)
    return add(mul(fromRatio(ratio(1n, denominator.leadingCoefficient)), n));
  return div(n, fromPoly(denominator, generators));
}
