/** Derivatives of several functions by several variables. */
import { ArgumentError, ShapeError } from "../../core/errors.js";
import { div, mul, neg, sum } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { ExprMap, ExprSet, freeSymbols, isSymbol, Sym, zero } from "../core/expr.js";
import { applied } from "../core/functions.js";
import { replace } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify, sympifyAll } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";
import { derivative, diffOnce } from "./diff.js";

const byName = (a: Sym, b: Sym): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The variables that were named, or all symbols by name. */
function variablesOf(
  e: readonly Expr[],
  given: readonly ExprLike[] | undefined,
  where: string,
): Expr[] {
  if (given === undefined) {
    const found = new ExprSet();
    for (const f of e) for (const symbol of freeSymbols(f)) found.add(symbol);
    return (found.list as Sym[]).sort(byName);
  }
  return sympifyAll(given, where).map((symbol) => {
    if (!isSymbol(symbol))
      throw new ArgumentError(`${where}: the variables are symbols, not ${symbol}`);
    return symbol;
  });
}

/**
 * The derivatives of f by each variable: by all symbols in the order of their names, where none are given.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.gradient(x.pow(2).mul(y), [x, y])) // "2*x*y,x**2"
 */
export function gradient(f: ExprLike, variables?: readonly ExprLike[]): Expr[] {
  const e = sympify(f);
  return variablesOf([e], variables, "gradient").map((variable) => diffOnce(e, variable));
}

/** The derivatives of each function (rows) by each variable (columns). */
export function jacobian(
  functions: readonly ExprLike[],
  variables?: readonly ExprLike[],
): Expr[][] {
  const list = sympifyAll(functions, "jacobian");
  const by = variablesOf(list, variables, "jacobian");
  return list.map((f) => by.map((variable) => diffOnce(f, variable)));
}

/**
 * The second derivatives of f by each pair of variables.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.hessian(x.pow(2).mul(y), [x, y])) // "2*y,2*x,2*x,0"
 */
export function hessian(f: ExprLike, variables?: readonly ExprLike[]): Expr[][] {
  const e = sympify(f);
  const by = variablesOf([e], variables, "hessian");
  const first = by.map((variable) => diffOnce(e, variable));
  const rows: Expr[][] = by.map(() => []);
  // It is symmetric.
  for (let i = 0; i < by.length; i++) {
    for (let j = i; j < by.length; j++) rows[i][j] = diffOnce(first[i], by[j]);
    for (let j = 0; j < i; j++) rows[i][j] = rows[j][i];
  }
  return rows;
}

/** The derivative of f along a direction, which is taken as it is (not of length one). */
export function directionalDerivative(
  f: ExprLike,
  variables: readonly ExprLike[],
  direction: readonly ExprLike[],
): Expr {
  const by = sympifyAll(variables, "directionalDerivative");
  const along = sympifyAll(direction, "directionalDerivative");
  if (by.length !== along.length) {
    throw new ShapeError(
      `directionalDerivative: ${by.length} variables, and a direction of ${along.length}`,
    );
  }
  return sum(gradient(f, by).map((slope, i) => mul(slope, along[i])));
}

/**
 * The derivative of f by x where other symbols depend on x: they are replaced by functions of it.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.totalDerivative(x.mul(y), x, [y])) // "x*Derivative(y(x), x) + y(x)"
 */
export function totalDerivative(f: ExprLike, by: ExprLike, dependent: readonly ExprLike[]): Expr {
  const variable = sympify(by);
  const table = new ExprMap<Expr>();
  for (const symbol of variablesOf([], dependent, "totalDerivative")) {
    table.set(symbol, applied((symbol as Sym).name, variable));
  }
  return diffOnce(
    replace(sympify(f), (part) => table.get(part) ?? null),
    variable,
  );
}

/**
 * dy/dx, or a higher derivative, of the y that an equation f(x, y) = 0 defines: by differentiating it implicitly. y is a
 * symbol, or a list whose first symbol is meant and whose others depend on x too.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.idiff(x.pow(2).add(y.pow(2)).sub(4), y, x)) // "-x/y"
 */
export function idiff(
  equation: ExprLike,
  y: ExprLike | readonly ExprLike[],
  x: ExprLike,
  times = 1,
): Expr {
  const by = sympify(x);
  const list = variablesOf([], Array.isArray(y) ? y : [y as ExprLike], "idiff");
  if (!isSymbol(by)) throw new ArgumentError(`idiff: x is a symbol, not ${by}`);
  if (!Number.isInteger(times) || times < 1)
    throw new ArgumentError(`idiff: expected 1 or more derivatives, got ${times}`);
  const [first] = list;
  const functions = new ExprMap<Expr>();
  const symbols = new ExprMap<Expr>();
  for (const symbol of list) {
    const of = applied((symbol as Sym).name, by);
    functions.set(symbol, of);
    symbols.set(of, symbol);
  }
  const known = new ExprMap<Expr>();
  const named = derivative(functions.get(first) as Expr, [[by, 1]]);
  const back = (e: Expr): Expr =>
    replace(e, (part) => known.get(part) ?? symbols.get(part) ?? null);
  let e = replace(sympify(equation), (part) => functions.get(part) ?? null);
  let result: Expr = zero;
  for (let i = 0; i < times; i++) {
    e = diffOnce(i === 0 ? e : (known.get(named) as Expr), by);
    if (i === 0) {
      // The derivative is linear in dy/dx.
      const slope = diffOnceBy(e, named);
      if (slope === zero)
        throw new UnsupportedError(`idiff: the equation does not depend on ${first}`);
      const rest = replace(e, (part) => (part.equals(named) ? zero : null));
      known.set(named, div(neg(rest), slope));
      result = back(known.get(named) as Expr);
    } else {
      const inner = replace(e, (part) => (part.equals(named) ? (known.get(named) as Expr) : null));
      known.set(named, inner);
      result = back(inner);
    }
  }
  return result;
}

/** The factor of something that an expression is linear in. */
function diffOnceBy(e: Expr, part: Expr): Expr {
  const place = new Sym("_slope", {}, -1);
  return diffOnce(
    replace(e, (node) => (node.equals(part) ? place : null)),
    place,
  );
}
