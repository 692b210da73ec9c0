/** How long an expression is: the measure by which forms of it are compared. */
import type { Expr, Node } from "../core/expr.js";
import { E, integer, isExact, isNum, minusOne, Pow } from "../core/expr.js";
import { negNum, signOf } from "../core/numbers.js";
import {
  factorsOf,
  hasNegativeCoefficient,
  keepCoefficient,
  splitCoefficient,
  splitPower,
} from "../core/parts.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";

const counts = new WeakMap<Expr, number>();

/**
 * The number of operations that an expression is written with: sums, differences, products, quotients, powers, signs and
 * functions count one each.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * sym.countOps(x.pow(2).div(y).add(1)) // 3
 */
export const countOps = (e: ExprLike): number => count(sympify(e));

function count(e: Expr): number {
  if (e.args.length === 0 && !isNum(e)) return 0;
  let found = counts.get(e);
  if (found === undefined) {
    found = find(e as Node);
    counts.set(e, found);
  }
  return found;
}

const total = (list: readonly Expr[]): number => list.reduce((sum, e) => sum + count(e), 0);
/** What a list of n is joined by. */
const joins = (n: number): number => Math.max(0, n - 1);

function find(e: Node): number {
  switch (e.kind) {
    case "integer":
    case "float":
      return signOf(e) < 0 ? 1 : 0;
    case "rational":
      return signOf(e) < 0 ? 2 : 1;
    case "add": {
      // A minus sign joins terms as a plus sign does, but before the first.
      const allNegative = e.args.every(hasNegativeCoefficient);
      return total(e.args.map(unsigned)) + joins(e.args.length) + (allNegative ? 1 : 0);
    }
    case "mul":
      return hasNegativeCoefficient(e) ? 1 + count(unsigned(e)) : quotient(factorsOf(e));
    case "pow":
      if (e.base === E) return 1 + count(e.exponent);
      return isNum(e.exponent) && signOf(e.exponent) < 0
        ? quotient([e])
        : 1 + count(e.base) + count(e.exponent);
    case "and":
    case "or":
      return total(e.args) + joins(e.args.length);
    default:
      return 1 + total(e.args);
  }
}

/** Without the minus sign. */
function unsigned(e: Expr): Expr {
  const [coefficient, rest] = splitCoefficient(e);
  return signOf(coefficient) < 0 ? keepCoefficient(negNum(coefficient), rest) : e;
}

/** A product as it is written: what has a negative exponent, under the line. */
function quotient(factors: readonly Expr[]): number {
  const above: Expr[] = [];
  const below: Expr[] = [];
  for (const factor of factors) {
    if (isExact(factor)) {
      if (factor.p !== 1n) above.push(integer(factor.p));
      if (factor.q !== 1n) below.push(integer(factor.q));
      continue;
    }
    const [base, exponent] = splitPower(factor);
    if (!hasNegativeCoefficient(exponent)) above.push(factor);
    else below.push(exponent === minusOne ? base : new Pow(base, unsigned(exponent)));
  }
  const line = below.length > 0 ? 1 : 0;
  return total(above) + joins(above.length) + line + total(below) + joins(below.length);
}
