/** Terms with the same power of something, put together. */
import { ArgumentError } from "../../core/errors.js";
import { add, exp, mul, pow } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { ExprMap, isAdd, isExp, isMul, isNum, isPow, one } from "../core/expr.js";
import { compareShown } from "../core/order.js";
import { factorsOf, splitCoefficient, termsOf } from "../core/parts.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { expandPowerBase } from "./expand.js";

/** A factor as a base to some number times a symbolic exponent. */
interface Part {
  readonly factor: Expr;
  readonly base: Expr;
  readonly rest: Expr;
}

function partOf(factor: Expr): Part {
  if (isExp(factor)) {
    const [, rest] = splitCoefficient(factor.exponent);
    return { factor, base: rest === one ? factor.base : exp(rest), rest: one };
  }
  if (!isPow(factor)) return { factor, base: factor, rest: one };
  const [, rest] = splitCoefficient(factor.exponent);
  return { factor, base: factor.base, rest };
}

/** The factors that have the bases of a pattern, whatever their numbers in the exponents, and the other factors. */
function match(
  parts: readonly Part[],
  pattern: readonly Part[],
): [found: Part[], others: Part[]] | null {
  const found: Part[] = [];
  let others = parts;
  for (const wanted of pattern) {
    if (isNum(wanted.base) && wanted.factor === wanted.base) continue;
    const part = others.find((p) => p.base.equals(wanted.base) && p.rest.equals(wanted.rest));
    if (part === undefined) return null;
    found.push(part);
    others = others.filter((p) => p !== part);
  }
  return [found, [...others]];
}

const rejoin = (parts: readonly Part[]): Expr =>
  expandPowerBase(mul(...parts.map(({ factor }) => factor)), { deep: false });

class Collection {
  private readonly memo = new ExprMap<Expr>();
  private readonly patterns: readonly (readonly Part[])[];

  constructor(by: readonly Expr[]) {
    this.patterns = by.map((e) => factorsOf(expandPowerBase(e, { deep: false })).map(partOf));
  }

  of(e: Expr): Expr {
    let found = this.memo.get(e);
    if (found === undefined) {
      found = this.top(e, (part) => part);
      this.memo.set(e, found);
    }
    return found;
  }

  /** What the powers of e itself are multiplied by is changed. */
  top(e: Expr, change: (e: Expr) => Expr): Expr {
    return this.gather(this.inside(e), change);
  }

  private inside(e: Expr): Expr {
    if (isAdd(e)) return add(...e.args.map((arg) => this.of(arg)));
    if (isMul(e)) return mul(...e.args.map((arg) => this.of(arg)));
    return isPow(e) ? pow(this.of(e.base), e.exponent) : e;
  }

  private gather(e: Expr, change: (e: Expr) => Expr): Expr {
    const collected = new ExprMap<Expr[]>();
    const others: Expr[] = [];
    for (const given of termsOf(e)) {
      const term = expandPowerBase(given, { deep: false });
      const parts = [...factorsOf(term)].sort(compareShown).map(partOf);
      const found = this.patterns.map((pattern) => match(parts, pattern)).find((m) => m !== null);
      if (!found) {
        others.push(term);
        continue;
      }
      const index = rejoin(found[0]);
      const list = collected.get(index);
      const rest = rejoin(found[1]);
      if (list === undefined) collected.set(index, [rest]);
      else list.push(rest);
    }
    return add(
      ...[...collected].map(([index, rests]) => mul(index, change(add(...rests)))),
      change(add(...others)),
    );
  }
}

/**
 * A sum with the terms that have the same power of x put together; of several x, the first that a term has counts. The
 * sum is not multiplied out before. What the powers are multiplied by goes through `change`, if given.
 *
 * @example
 * const [a, b, x] = sym.symbols("a b x");
 * String(sym.collect(a.mul(x).add(b.mul(x)), x)) // "x*(a + b)"
 */
export function collect(
  e: ExprLike,
  x: ExprLike | readonly ExprLike[],
  change: (e: Expr) => Expr = (part) => part,
): Expr {
  const by = Array.isArray(x) ? (x as readonly ExprLike[]) : [x as ExprLike];
  if (typeof change !== "function")
    throw new ArgumentError(`collect: expected a function of coefficients, got ${typeof change}`);
  if (by.length === 0) throw new ArgumentError("collect: expected something to collect by");
  return new Collection(by.map(sympify)).top(sympify(e), change);
}
