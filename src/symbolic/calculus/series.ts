/** Series of expressions about a point. */
import { ArgumentError } from "../../core/errors.js";
import { add, div, mul, pow, sub } from "../core/arithmetic.js";
import type { Expr, Sym } from "../core/expr.js";
import {
  dependsOn,
  integer,
  isSymbol,
  minusOne,
  negativeInfinity,
  Order,
  one,
  oo,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { termsOf } from "../core/parts.js";
import { bottomUp } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { dummy, sympify } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";
import { subs, xreplace } from "../substitute.js";
import { spread } from "./coefficients.js";
import { expandTo, signOfConstant } from "./expansion.js";
import { logDegree, SeriesArithmetic } from "./truncated.js";

/** Series of more terms are refused. */
const mostOrder = 200;

/** A symbol that is the variable of a series or a limit. */
export function variableOf(x: ExprLike, where: string): Sym {
  const variable = sympify(x);
  if (!isSymbol(variable)) throw new ArgumentError(`${where}: expected a symbol as the variable`);
  return variable;
}

/**
 * The series of e about a point, up to the terms of an order, which are O(…); e itself where nothing is left out. The
 * point may be oo or -oo.
 *
 * @throws UnsupportedError where there is no series in powers and logarithms.
 * @example
 * const x = sym.symbol("x");
 * String(sym.series(sym.parse("exp(sin(x))"), x, 0, 5)) // "1 + x + x**2/2 - x**4/8 + O(x**5)"
 */
export function series(e: ExprLike, x: ExprLike, point: ExprLike = 0, order = 6): Expr {
  const of = sympify(e);
  const variable = variableOf(x, "series");
  const at = sympify(point);
  if (!Number.isInteger(order) || order < 0 || order > mostOrder)
    throw new ArgumentError(`series: expected an order of 0 to ${mostOrder}, got ${order}`);
  if (dependsOn(at, variable)) throw new ArgumentError("series: the point depends on the variable");
  if (!dependsOn(of, variable)) return of;
  const infinite = at === oo || at === negativeInfinity;
  // t goes to zero from above.
  const t = dummy("t", { positive: true });
  const log = dummy("log", { negative: true });
  const sign = at === negativeInfinity ? minusOne : one;
  const place = infinite ? div(sign, t) : add(at, t);
  const step = infinite ? mul(sign, variable) : sub(variable, at);
  const direction = infinite ? minusOne : one;
  const limit = integer(order);
  const expanded = expandTo(
    subs(of, variable, place),
    {
      variable: t,
      log,
      sign: (c) => signOfLogs(c, log),
      bounded: (part) => {
        throw new UnsupportedError(`series: ${part} oscillates`);
      },
    },
    limit,
  );
  const logarithm = mul(direction, call("log", step));
  const shown = (c: Expr): Expr => (dependsOn(c, log) ? xreplace(c, [[log, logarithm]]) : c);
  const { terms, end, logs } = new SeriesArithmetic(limit, log).add(expanded);
  const list = terms
    .filter(({ coefficient }) => spread(coefficient) !== zero)
    .map(({ power, coefficient }) => mul(shown(coefficient), pow(step, mul(direction, power))));
  if (end === null) return add(...list);
  const size = mul(pow(step, mul(direction, limit)), pow(call("log", step), integer(logs)));
  return add(...list, new Order(size, variable, at));
}

/** The sign of a polynomial in log t, which goes to −oo, by its highest power. */
function signOfLogs(c: Expr, log: Expr): 1 | -1 {
  if (!dependsOn(c, log)) return signOfConstant(c);
  const degrees = termsOf(c).map((term) => logDegree(term, log));
  const most = Math.max(...degrees);
  const highest = termsOf(c).filter((_, i) => degrees[i] === most);
  const sign = signOfConstant(div(add(...highest), pow(log, integer(most))));
  return most % 2 === 0 ? sign : sign === 1 ? -1 : 1;
}

/**
 * A series without its O(…).
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.removeO(sym.series(sym.parse("cos(x)"), x, 0, 4))) // "1 - x**2/2"
 */
export function removeO(e: ExprLike): Expr {
  return bottomUp(sympify(e), (part) => (part instanceof Order ? zero : part));
}
