/** Products as printers show them: a sign, what is above the line and what is below it. */
import type { Expr, Pow as PowNode } from "../core/expr.js";
import { E, integer, isExact, isPow, minusOne, Pow } from "../core/expr.js";
import { negNum, signOf } from "../core/numbers.js";
import { orderedFactors } from "../core/order.js";
import { keepCoefficient, splitCoefficient } from "../core/parts.js";

export interface Fraction {
  readonly above: readonly Expr[];
  readonly below: readonly Expr[];
}

/** The sign of a number or of the coefficient of a product, and e without it. */
export function splitSign(e: Expr): readonly [negative: boolean, size: Expr] {
  const [coefficient, rest] = splitCoefficient(e);
  return signOf(coefficient) < 0 ? [true, keepCoefficient(negNum(coefficient), rest)] : [false, e];
}

/** The negative of an exponent with a coefficient. */
export function negated(e: Expr): Expr {
  const [coefficient, rest] = splitCoefficient(e);
  return keepCoefficient(negNum(coefficient), rest);
}

/** The power that is below the line where `power` is above it. */
export const reciprocal = ({ base, exponent }: PowNode): Expr =>
  exponent === minusOne ? base : new Pow(base, negated(exponent));

/** The factors, parted by which powers go below the line; of a Rational the denominator does too where it is split. */
export function asFraction(
  e: Expr,
  isBelow: (power: PowNode) => boolean,
  splitsRationals = true,
): Fraction {
  const above: Expr[] = [];
  const below: Expr[] = [];
  for (const item of orderedFactors(e)) {
    if (isPow(item) && isBelow(item)) below.push(reciprocal(item));
    else if (isExact(item) && splitsRationals) {
      if (item.p !== 1n) above.push(integer(item.p));
      if (item.q !== 1n) below.push(integer(item.q));
    } else above.push(item);
  }
  return { above, below };
}

/** Whether it is a power with a negative rational exponent, not the exponential function. */
export const hasNegativeRational = ({ base, exponent }: PowNode): boolean =>
  base !== E && isExact(exponent) && signOf(exponent) < 0;
