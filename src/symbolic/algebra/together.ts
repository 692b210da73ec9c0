/** Sums over a common denominator, without multiplying out. */
import { add, mul, pow, product } from "../core/arithmetic.js";
import type { Expr, Num } from "../core/expr.js";
import {
  E,
  ExprMap,
  fromRatio,
  integer,
  isAdd,
  isExact,
  isMul,
  isNum,
  isPow,
  isSymbol,
  one,
  zero,
} from "../core/expr.js";
import { gcd, lcm } from "../core/integers.js";
import { divNums, isZero, mulNums, powNum } from "../core/numbers.js";
import { factorsOf, keepCoefficient } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { primitive } from "./fraction.js";
import { wholePower } from "./polynomials.js";

type Powers = ExprMap<number>;

/** A term as a number and whole powers of bases, negative ones below the line. */
interface Term {
  readonly coefficient: Num;
  readonly powers: Powers;
}

function readTerm(e: Expr): Term {
  let coefficient: Num = one;
  const powers: Powers = new ExprMap();
  for (const factor of factorsOf(e)) {
    if (isNum(factor)) {
      coefficient = mulNums(coefficient, factor);
      continue;
    }
    let [base, exponent] = wholePower(factor);
    if (isAdd(base)) {
      const [content, rest] = primitive(base);
      coefficient = mulNums(coefficient, powNum(content, BigInt(exponent)));
      base = rest;
    }
    powers.set(base, (powers.get(base) ?? 0) + exponent);
  }
  return { coefficient, powers };
}

const toProduct = (powers: Iterable<[Expr, number]>): Expr =>
  product([...powers].map(([base, exponent]) => pow(base, integer(exponent))));

function commonNumber(a: Num, b: Num): Num {
  if (!isExact(a) || !isExact(b)) return one;
  return fromRatio(ratio(gcd(a.p, b.p), lcm(a.q, b.q)));
}

/** The least exponent that all terms have of each base; a base that a term lacks has exponent 0 there. */
function leastPowers(terms: readonly Term[], sign: 1 | -1): Powers {
  const least: Powers = new ExprMap();
  for (const [base, exponent] of terms[0].powers) {
    let value = Math.max(0, sign * exponent);
    for (const term of terms)
      value = Math.min(value, Math.max(0, sign * (term.powers.get(base) ?? 0)));
    if (value > 0) least.set(base, value);
  }
  return least;
}

/** The sum of terms: what they have in common, times a sum, over a denominator. */
export function commonFactor(
  list: readonly Expr[],
): [common: Expr, numerator: Expr, denominator: Expr] {
  const given = list.filter((e) => e !== zero);
  if (given.length === 0) return [zero, one, one];
  const terms = given.map(readTerm);
  let number = terms.map((t) => t.coefficient).reduce(commonNumber);
  if (terms.length === 1) number = terms[0].coefficient;
  if (isZero(number)) number = one;
  const above = leastPowers(terms, 1);
  const below = leastPowers(terms, -1);
  const common: Powers = new ExprMap();
  for (const [base, exponent] of above) common.set(base, exponent);
  for (const [base, exponent] of below) common.set(base, -exponent);
  const rests = terms.map(({ coefficient, powers }) => {
    const rest: Powers = new ExprMap();
    for (const [base, exponent] of powers) rest.set(base, exponent - (common.get(base) ?? 0));
    return { coefficient: divNums(coefficient, number), powers: rest };
  });
  const denominator: Powers = new ExprMap();
  for (const { powers } of rests) {
    for (const [base, exponent] of powers) {
      if (exponent < 0) denominator.set(base, Math.max(denominator.get(base) ?? 0, -exponent));
    }
  }
  const sum = add(
    ...rests.map(({ coefficient, powers }) => {
      const up: Powers = new ExprMap();
      for (const [base, exponent] of denominator) up.set(base, exponent);
      for (const [base, exponent] of powers) up.set(base, (up.get(base) ?? 0) + exponent);
      return mul(coefficient, toProduct(up));
    }),
  );
  const [content, rest] = isAdd(sum) ? primitive(sum) : [one, sum];
  const whole = mul(mulNums(number, content), toProduct(common));
  return [whole, rest, toProduct(denominator)];
}

function combined(list: readonly Expr[]): Expr {
  const [common, n, d] = commonFactor(list);
  const [first, ...others] = factorsOf(common);
  const [number, factors] = isNum(first) ? [first, others] : [one, [first, ...others]];
  return keepCoefficient(number, mul(...factors, n, pow(d, integer(-1))));
}

/** Each distinct subexpression once. Functions are left alone unless `deep`. */
function visit(e: Expr, deep: boolean, memo: ExprMap<Expr>): Expr {
  if (e.args.length === 0 || isSymbol(e)) return e;
  let found = memo.get(e);
  if (found === undefined) {
    found = find(e, deep, memo);
    memo.set(e, found);
  }
  return found;
}

function find(e: Expr, deep: boolean, memo: ExprMap<Expr>): Expr {
  const inner = (arg: Expr): Expr => visit(arg, deep, memo);
  if (isAdd(e)) return combined(e.args.map(inner));
  if (isMul(e)) return product(e.args.map(inner));
  if (isPow(e)) {
    if (e.base === E && !deep) return e;
    return pow(inner(e.base), deep ? inner(e.exponent) : e.exponent);
  }
  if (e.kind === "function" && !deep) return e;
  return rebuild(e, e.args.map(inner));
}

/**
 * A sum as one fraction over a common denominator. Nothing is multiplied out more than that takes; with `deep`, the
 * arguments of functions too.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.together(x.pow(-1).add(y.pow(-1)))) // "(x + y)/(x*y)"
 */
export function together(e: ExprLike, options: { deep?: boolean } = {}): Expr {
  return visit(sympify(e), options.deep === true, new ExprMap());
}
