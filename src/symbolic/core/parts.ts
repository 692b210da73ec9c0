/** Expressions taken apart, and put together where nothing needs to be collected. */
import type { Expr, Num } from "./expr.js";
import { Add, isAdd, isMul, isNum, isPow, Mul, one, zero } from "./expr.js";
import { isOne, isZero, mulNums, signOf } from "./numbers.js";

/** e as a number times the rest. */
export function splitCoefficient(e: Expr): readonly [coefficient: Num, rest: Expr] {
  if (isNum(e)) return [e, one];
  if (isMul(e) && isNum(e.args[0])) {
    const { args } = e;
    return [args[0] as Num, args.length === 2 ? args[1] : new Mul(args.slice(1))];
  }
  return [one, e];
}

/** e as a number plus the rest. */
export function splitConstant(e: Expr): readonly [constant: Num, rest: Expr] {
  if (isNum(e)) return [e, zero];
  if (isAdd(e) && isNum(e.args[0])) {
    const { args } = e;
    return [args[0] as Num, args.length === 2 ? args[1] : new Add(args.slice(1))];
  }
  return [zero, e];
}

/** A number times an expression, not distributed over a sum. */
export function keepCoefficient(coefficient: Num, rest: Expr): Expr {
  if (isOne(coefficient)) return rest;
  if (isZero(coefficient)) return zero;
  if (isNum(rest)) return mulNums(coefficient, rest);
  if (!isMul(rest)) return new Mul([coefficient, rest]);
  if (!isNum(rest.args[0])) return new Mul([coefficient, ...rest.args]);
  const product = mulNums(coefficient, rest.args[0]);
  const others = rest.args.slice(1);
  if (isOne(product)) return others.length === 1 ? others[0] : new Mul(others);
  return new Mul([product, ...others]);
}

/** The terms of a sum, or e alone. */
export const termsOf = (e: Expr): readonly Expr[] => (isAdd(e) ? e.args : [e]);
/** The factors of a product, or e alone. */
export const factorsOf = (e: Expr): readonly Expr[] => (isMul(e) ? e.args : [e]);
/** e as a power; what is none has exponent 1. */
export const splitPower = (e: Expr): readonly [base: Expr, exponent: Expr] =>
  isPow(e) ? [e.base, e.exponent] : [e, one];

/** Whether a number, or the coefficient of a product, is negative. */
export const hasNegativeCoefficient = (e: Expr): boolean => signOf(splitCoefficient(e)[0]) < 0;
