/** Arithmetic of the coefficients of series: expressions, multiplied out so that what cancels does. */
import { add, mul, sub } from "../core/arithmetic.js";
import { isNegative } from "../core/assumptions.js";
import type { Call, Expr, Integer, Pow } from "../core/expr.js";
import {
  freeSymbols,
  fromRatio,
  isAdd,
  isExact,
  isInteger,
  isMul,
  isNum,
  isNumeric,
  isPow,
  one,
  some,
  zero,
} from "../core/expr.js";
import { compareNums, negNum } from "../core/numbers.js";
import { factorsOf, termsOf } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { decimalValue } from "../evalf.js";
import { xreplace } from "../substitute.js";

/** Sums of more terms are not multiplied out. */
const mostTerms = 2000;
/** Whole powers of sums up to this are multiplied out. */
const mostPower = 32n;

/** a b, with sums multiplied term by term. */
export function times(a: Expr, b: Expr): Expr {
  if (a === one) return b;
  if (b === one) return a;
  if (isNum(a) || isNum(b)) return mul(a, b);
  const left = termsOf(a);
  const right = termsOf(b);
  if (left.length * right.length === 1 || left.length * right.length > mostTerms) return mul(a, b);
  return add(...left.flatMap((x) => right.map((y) => mul(x, y))));
}

const isSumPower = (e: Expr): e is Pow =>
  isPow(e) &&
  isAdd(e.base) &&
  isInteger(e.exponent) &&
  e.exponent.p > 0n &&
  e.exponent.p <= mostPower;

/** Products and whole powers of sums multiplied out, at the top only. */
export function spread(e: Expr): Expr {
  if (isAdd(e)) return add(...e.args.map(spread));
  if (isSumPower(e)) {
    let power: Expr = one;
    for (let k = 0n; k < (e.exponent as Integer).p; k++) power = times(power, spread(e.base));
    return power;
  }
  if (!isMul(e) || !e.args.some((arg) => isAdd(arg) || isSumPower(arg))) return e;
  return factorsOf(e).reduce((product, factor) => times(product, spread(factor)), one as Expr);
}

/** Digits to which what vanishes is zero. */
const probeDigits = 12;
/** Where symbols are put to find out whether an expression vanishes: no special values. */
const probes = [ratio(1_414_213_562n, 999_999_937n), ratio(2_236_067_977n, 999_999_929n)];

/** Whether an expression is zero, by its form or else at two points. */
export function vanishes(e: Expr): boolean {
  if (e === zero) return true;
  if (isMul(e)) return e.args.some(vanishes);
  if (
    isNum(e) ||
    !isAdd(e) ||
    some(e, (part) => part.kind === "function" && !(part as Call).defined)
  )
    return false;
  if (spread(e) === zero) return true;
  const symbols = isNumeric(e) ? [] : freeSymbols(e);
  return (symbols.length === 0 ? probes.slice(0, 1) : probes).every(({ p, q }) => {
    const values = symbols.map((symbol, i) => {
      const value = fromRatio(ratio(p + BigInt(i) * 31n, q));
      return [symbol, isNegative(symbol) ? negNum(value) : value] as const;
    });
    try {
      const value = decimalValue(xreplace(e, values), probeDigits);
      return value?.re.isZero() && value.im.isZero();
    } catch {
      return false;
    }
  });
}

/** The order of two real numbers. */
export function compareReals(a: Expr, b: Expr): number {
  if (isExact(a) && isExact(b)) return compareNums(a, b);
  if (a.equals(b)) return 0;
  const value = decimalValue(sub(a, b), probeDigits);
  return value === null ? 0 : value.re.isZero() ? 0 : value.re.isNegative() ? -1 : 1;
}
