/** Roots of polynomials as decimal numbers. */
import type { Decimal as BigDecimal } from "decimal.js";
import { ArgumentError } from "../../core/errors.js";
import { add, mul } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { Float, I, isExact } from "../core/expr.js";
import { decimals, exactly } from "../core/numbers.js";
import { replace } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import type { Dense } from "../poly/dense.js";
import type { ComplexDecimal, Decimal } from "../poly/nroots.js";
import { nroots as denseRoots } from "../poly/nroots.js";
import { str } from "../print/str.js";
import { quotientOf } from "./cancel.js";

/** More digits are refused. */
const mostDigits = 10_000;
/** Higher degrees are refused. */
const mostDegree = 1000;

/** Decimals as the fractions that they are. */
export const withFractions = (e: Expr): Expr =>
  replace(e, (node) => (node instanceof Float ? fractionOf(node.value) : null));

function fractionOf(x: BigDecimal): Expr {
  if (Math.abs(x.e) > 5000) throw new ArgumentError(`the number ${x} is too large or too small`);
  return exactly(x.toFixed());
}

/** The coefficients of an expression that is a polynomial in one generator with rational coefficients. */
function dense(e: ExprLike, where: string): Dense {
  const given = sympify(e);
  const { generators, numerator, denominator } = quotientOf(withFractions(given));
  if (generators.length !== 1 || !denominator.isConstant || isExact(given))
    throw new ArgumentError(
      `${where}: ${str(given)} is no polynomial in one variable with rational coefficients`,
    );
  if (numerator.degree() > mostDegree)
    throw new ArgumentError(`${where}: the degree ${numerator.degree()} is above ${mostDegree}`);
  return numerator.toDense();
}

function toFloat({ mantissa, exponent }: Decimal, digits: number): Expr {
  const D = decimals(digits + 5);
  return new Float(new D(`${mantissa}e${exponent}`), digits);
}

function toExpr({ re, im }: ComplexDecimal, digits: number): Expr {
  if (im.mantissa === 0n) return toFloat(re, digits);
  const imaginary = mul(toFloat(im, digits), I);
  return re.mantissa === 0n ? imaginary : add(toFloat(re, digits), imaginary);
}

function checkDigits(digits: number, where: string): void {
  if (!Number.isInteger(digits) || digits < 1 || digits > mostDigits)
    throw new ArgumentError(`${where}: expected 1 to ${mostDigits} digits, got ${digits}`);
}

/**
 * The roots of a polynomial in one variable with rational coefficients, each as often as it is one, with so many correct
 * digits: the real ones first.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.nroots(x.pow(2).sub(2), 5)) // "-1.4142,1.4142"
 */
export function nroots(e: ExprLike, digits = 15): Expr[] {
  checkDigits(digits, "nroots");
  return denseRoots(dense(e, "nroots"), digits + 3).map((root) => toExpr(root, digits));
}

/**
 * The real roots of a polynomial in one variable with rational coefficients, in increasing order, as `nroots` has them.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.realRoots(x.pow(4).sub(4), 5)) // "-1.4142,1.4142"
 */
export function realRoots(e: ExprLike, digits = 15): Expr[] {
  checkDigits(digits, "realRoots");
  return denseRoots(dense(e, "realRoots"), digits + 3)
    .filter(({ im }) => im.mantissa === 0n)
    .map((root) => toExpr(root, digits));
}
