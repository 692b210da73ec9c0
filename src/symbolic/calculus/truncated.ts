/**
 * Truncated series: finitely many terms c t^p with real powers p in ascending order, and what is left out, which is of
 * the order of t^end (log t)^logs for t to zero from above. Coefficients are expressions without t.
 */
import { add, div, mul, pow, sub } from "../core/arithmetic.js";
import { isNegative, isReal } from "../core/assumptions.js";
import type { Expr } from "../core/expr.js";
import {
  I,
  integer,
  isExact,
  isInteger,
  isSymbol,
  minusOne,
  one,
  pi,
  two,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { factorsOf, splitPower, termsOf } from "../core/parts.js";
import { UnsupportedError } from "../errors.js";
import { compareReals, times, vanishes } from "./coefficients.js";

export interface Term {
  readonly power: Expr;
  readonly coefficient: Expr;
}

export interface Truncated {
  readonly terms: readonly Term[];
  /** Null where nothing is left out. */
  readonly end: Expr | null;
  readonly logs: number;
}

/** More terms than these decide nothing. */
const mostTerms = 500;
/** Whole powers up to this are taken by multiplication, which keeps polynomials exact. */
const mostMultiplied = 16n;

/** So many terms were left out that the answer is not among those that are there. */
export class Undecided extends UnsupportedError {}

const less = (a: Expr | null, b: Expr | null): boolean =>
  a !== null && (b === null || compareReals(a, b) < 0);

export const constant = (c: Expr): Truncated => ({
  terms: c === zero ? [] : [{ power: zero, coefficient: c }],
  end: null,
  logs: 0,
});

/** How often a symbol for log t is a factor of a term. */
export function logDegree(term: Expr, log: Expr): number {
  if (!isSymbol(log)) return 0;
  let degree = 0;
  for (const factor of factorsOf(term)) {
    const [base, exponent] = splitPower(factor);
    if (base.equals(log) && isInteger(exponent)) degree += Number(exponent.p);
  }
  return degree;
}

/** The arithmetic of series that are cut off at a power of t. `log` is what log t is called. */
export class SeriesArithmetic {
  readonly order: Expr;
  readonly log: Expr;

  constructor(order: Expr, log: Expr) {
    this.order = order;
    this.log = log;
  }

  private degree(c: Expr): number {
    return Math.max(0, ...termsOf(c).map((term) => logDegree(term, this.log)));
  }

  /** Terms collected, and cut off where they are not certain or not wanted. */
  private collect(given: readonly Term[], end: Expr | null, logs: number): Truncated {
    const sorted = [...given].sort((a, b) => compareReals(a.power, b.power));
    const terms: Term[] = [];
    let stop = end;
    let count = logs;
    if (!less(stop, this.order) && sorted.some(({ power }) => !less(power, this.order))) {
      const dropped = sorted.find(({ power }) => !less(power, this.order)) as Term;
      const own = this.degree(dropped.coefficient);
      count = stop !== null && compareReals(stop, this.order) === 0 ? Math.max(count, own) : own;
      stop = this.order;
    }
    for (let i = 0; i < sorted.length; ) {
      const { power } = sorted[i];
      if (stop !== null && !less(power, stop)) break;
      const same: Expr[] = [];
      for (; i < sorted.length && compareReals(sorted[i].power, power) === 0; i++)
        same.push(sorted[i].coefficient);
      const coefficient = same.length === 1 ? same[0] : add(...same);
      if (coefficient !== zero) terms.push({ power, coefficient });
    }
    if (terms.length > mostTerms) throw new UnsupportedError("series: there are too many terms");
    return { terms, end: stop, logs: count };
  }

  add(...all: readonly Truncated[]): Truncated {
    let end: Expr | null = null;
    let logs = 0;
    for (const series of all) {
      if (less(series.end, end)) ({ end, logs } = series);
      else if (series.end !== null && !less(end, series.end)) logs = Math.max(logs, series.logs);
    }
    return this.collect(
      all.flatMap(({ terms }) => terms),
      end,
      logs,
    );
  }

  scale(a: Truncated, c: Expr): Truncated {
    if (c === one) return a;
    if (c === zero) return constant(zero);
    return {
      ...a,
      terms: a.terms.map(({ power, coefficient }) => ({
        power,
        coefficient: times(coefficient, c),
      })),
    };
  }

  /** a t^power */
  shift(a: Truncated, power: Expr): Truncated {
    if (power === zero) return a;
    return {
      terms: a.terms.map((term) => ({ ...term, power: add(term.power, power) })),
      end: a.end === null ? null : add(a.end, power),
      logs: a.logs,
    };
  }

  mul(a: Truncated, b: Truncated): Truncated {
    if ((a.terms.length === 0 && a.end === null) || (b.terms.length === 0 && b.end === null))
      return constant(zero);
    let end: Expr | null = null;
    let logs = 0;
    const leave = (rest: Truncated, other: Truncated): void => {
      if (rest.end === null) return;
      const [first] = other.terms;
      const at = add(rest.end, first?.power ?? (other.end as Expr));
      const count = rest.logs + (first === undefined ? other.logs : this.degree(first.coefficient));
      if (less(at, end)) [end, logs] = [at, count];
      else if (compareReals(at, end as Expr) === 0) logs = Math.max(logs, count);
    };
    leave(a, b);
    leave(b, a);
    const stop = less(end, this.order) ? end : this.order;
    const products: Term[] = [];
    for (const x of a.terms) {
      for (const y of b.terms) {
        const power = add(x.power, y.power);
        products.push({
          power,
          // What is cut off only tells its degree.
          coefficient: less(power, stop)
            ? times(x.coefficient, y.coefficient)
            : mul(x.coefficient, y.coefficient),
        });
        if (!less(power, stop)) break;
      }
    }
    return this.collect(products, end, logs);
  }

  /** The first term whose coefficient is not zero, and the series from there; null for an exact zero. */
  lead(a: Truncated): { first: Term; from: Truncated } | null {
    const at = a.terms.findIndex(({ coefficient }) => !vanishes(coefficient));
    if (at < 0) {
      if (a.end === null) return null;
      throw new Undecided("series: the terms that were computed are all zero");
    }
    return { first: a.terms[at], from: at === 0 ? a : { ...a, terms: a.terms.slice(at) } };
  }

  /** a = c t^p (1 + v): c, p and v. */
  split(a: Truncated): { c: Expr; p: Expr; v: Truncated } | null {
    const lead = this.lead(a);
    if (lead === null) return null;
    const { power: p, coefficient: c } = lead.first;
    const rest = { ...lead.from, terms: lead.from.terms.slice(1) };
    const v = this.scale(this.shift(rest, mul(minusOne, p)), pow(c, minusOne));
    return { c, p, v };
  }

  /** Σ coefficient(k) v^k, for v to zero. */
  compose(coefficient: (k: number) => Expr, v: Truncated): Truncated {
    if (v.terms.length === 0) {
      const start = constant(coefficient(0));
      return v.end === null ? start : { ...start, end: v.end, logs: v.logs };
    }
    const step = v.terms[0].power;
    if (!less(zero, step)) throw new UnsupportedError("series: the argument does not go to zero");
    let count = 0;
    let reach: Expr = zero;
    while (less(reach, this.order)) {
      reach = add(reach, step);
      if (++count > mostTerms) throw new UnsupportedError("series: there are too many terms");
    }
    let sum = constant(zero);
    for (let k = count - 1; k >= 0; k--) sum = this.add(constant(coefficient(k)), this.mul(sum, v));
    const logs = this.degree(v.terms[0].coefficient) * count;
    return this.add(sum, { terms: [], end: reach, logs });
  }

  /** Whether a value goes to a negative number from below the reals, where the principal argument is not that number's. */
  private below(a: Truncated): boolean {
    const [first, ...rest] = a.terms;
    if (isNegative(first.coefficient) !== true) return false;
    const next = rest.find(({ coefficient }) => isReal(coefficient) === false);
    return next !== undefined && isNegative(call("im", next.coefficient)) === true;
  }

  inv(a: Truncated): Truncated {
    return this.pow(a, minusOne);
  }

  pow(a: Truncated, exponent: Expr): Truncated {
    if (exponent === zero) return constant(one);
    if (isInteger(exponent) && exponent.p > 0n && exponent.p <= mostMultiplied) {
      let power = a;
      for (let k = 1n; k < exponent.p; k++) power = this.mul(power, a);
      return power;
    }
    const parts = this.split(a);
    if (parts === null) {
      if (isExact(exponent) && exponent.p > 0n) return constant(zero);
      throw new UnsupportedError("series: a power of zero");
    }
    const { c, p, v } = parts;
    // The binomial coefficients.
    const factors: Expr[] = [one];
    const binomial = (k: number): Expr => {
      while (factors.length <= k) {
        const n = factors.length;
        factors.push(mul(factors[n - 1], sub(exponent, integer(n - 1)), div(one, integer(n))));
      }
      return factors[k];
    };
    const shifted = mul(p, exponent);
    // The terms that are wanted are those below order − shift.
    const inner = new SeriesArithmetic(sub(this.order, shifted), this.log);
    let scale = pow(c, exponent);
    if (this.below(a) && !isInteger(exponent))
      scale = mul(scale, pow(minusOne, mul(integer(-2), exponent)));
    return this.shift(this.scale(inner.compose(binomial, v), scale), shifted);
  }

  logarithm(a: Truncated): Truncated {
    const parts = this.split(a);
    if (parts === null) throw new UnsupportedError("series: the logarithm of zero");
    const { c, p, v } = parts;
    let start = add(call("log", c), mul(p, this.log));
    if (this.below(a)) start = sub(start, mul(two, pi, I));
    const tail = this.compose(
      (k) => (k === 0 ? zero : div(integer(k % 2 === 1 ? 1 : -1), integer(k))),
      v,
    );
    return this.add(constant(start), tail);
  }

  /** The part of negative powers, the constant and the part of positive powers. */
  parts(a: Truncated): { polar: readonly Term[]; a0: Expr; v: Truncated } {
    const end = a.end;
    if (end !== null && !less(zero, end))
      throw new Undecided("series: the constant term is not among those that were computed");
    const polar = a.terms.filter(({ power }) => less(power, zero));
    const a0 = a.terms.find(({ power }) => compareReals(power, zero) === 0)?.coefficient ?? zero;
    return { polar, a0, v: { ...a, terms: a.terms.filter(({ power }) => less(zero, power)) } };
  }
}
