/** How large an expression gets when it is brought over one denominator and multiplied out. */

import { fraction } from "../algebra/fraction.js";
import type { Expr } from "../core/expr.js";
import { ExprMap, isAdd, isInteger, isMul, isNum, isPow } from "../core/expr.js";
import { splitPower } from "../core/parts.js";

export interface Size {
  /** At most so many terms. */
  readonly terms: number;
  readonly degree: number;
}

const unit: Size = { terms: 1, degree: 0 };
const times = (a: Size, b: Size): Size => ({
  terms: a.terms * b.terms,
  degree: a.degree + b.degree,
});

/** A power of a sum of so many terms has at most so many. */
function raise({ terms, degree }: Size, n: number): Size {
  let count = 1;
  for (let k = 1; k < terms && count < 1e12; k++) count = (count * (n + k)) / k;
  return { terms: count, degree: degree * n };
}

export function expandedSize(e: Expr): Size {
  const memo = new ExprMap<Size>();
  const visit = (e: Expr): Size => {
    if (isNum(e)) return unit;
    let found = memo.get(e);
    if (found === undefined) {
      found = find(e);
      memo.set(e, found);
    }
    return found;
  };
  const find = (e: Expr): Size => {
    if (isMul(e)) return e.args.map(visit).reduce(times);
    if (isPow(e) && isInteger(e.exponent)) {
      const { p } = e.exponent;
      return raise(visit(e.base), Number(p < 0n ? -p : p));
    }
    if (!isAdd(e)) return { terms: 1, degree: 1 };
    const parts = e.args.map(fraction);
    // The common denominator has each base with its largest exponent.
    const bases = new ExprMap<number>();
    for (const [, below] of parts) {
      for (const factor of isMul(below) ? below.args : [below]) {
        const [base, exponent] = splitPower(factor);
        const n = isInteger(exponent) ? Number(exponent.p) : 1;
        if (!isNum(base)) bases.set(base, Math.max(bases.get(base) ?? 0, n));
      }
    }
    let common = unit;
    for (const [base, n] of bases) common = times(common, raise(visit(base), n));
    let terms = 0;
    let degree = 0;
    for (const [above] of parts) {
      const size = visit(above);
      terms += size.terms;
      degree = Math.max(degree, size.degree);
    }
    return times({ terms, degree }, common);
  };
  return visit(e);
}
