/** Sums of logarithms as one. */

import { checkOptions } from "../../core/options.js";
import { add, div, mul, neg, pow } from "../core/arithmetic.js";
import { isPositive, isReal } from "../core/assumptions.js";
import type { Call, Exact, Expr } from "../core/expr.js";
import { isAdd, isCall, isExact, isInteger, isMul, isNum, one } from "../core/expr.js";
import { call } from "../core/functions.js";
import { abs } from "../core/integers.js";
import { negNum, signOf } from "../core/numbers.js";
import { compareShown } from "../core/order.js";
import { factorsOf, splitCoefficient, termsOf } from "../core/parts.js";
import { bottomUp } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";

export interface LogcombineOptions {
  /** Whether symbols are taken to be positive, and factors of logarithms to be real. */
  force?: boolean;
}

/**
 * Logarithms that are added as the logarithm of a product, and their real factors as exponents, where the arguments are
 * positive.
 *
 * @example
 * const [x, y] = sym.symbols("x y", { positive: true });
 * String(sym.logcombine(sym.parse("2*log(x) - log(y)", { symbols: { x, y } }))) // "log(x**2/y)"
 */
export function logcombine(e: ExprLike, options: LogcombineOptions = {}): Expr {
  checkOptions(options, ["force"], "logcombine");
  const { force = false } = options;
  return bottomUp(sympify(e), (node) => (isAdd(node) || isMul(node) ? combine(node, force) : node));
}

/** Numbers are not raised to powers of more bits, nor multiplied where all together have more. */
const mostBits = 64n;

const bitsOf = ({ p, q }: Exact): bigint =>
  BigInt(p.toString(16).length + q.toString(16).length) * 4n;

interface Term {
  /** What stands in the logarithm. */
  readonly argument: Expr;
  readonly negative: boolean;
}

function combine(e: Expr, force: boolean): Expr {
  const above: Expr[] = [];
  const below: Expr[] = [];
  const rest: Expr[] = [];
  const open: Expr[] = [];
  let bits = 0n;
  for (const term of termsOf(e)) {
    const found = inLogarithm(term, force);
    if (found !== null && isExact(found.argument)) bits += bitsOf(found.argument);
    if (bits > mostBits) rest.push(term);
    else if (found !== null) (found.negative ? below : above).push(found.argument);
    else if (isCall(term, "log")) open.push(term);
    else rest.push(term);
  }
  if (above.length + below.length === 0) return e;
  // log(x) + log(z) is log(x z) for a positive x and any z.
  if (open.length === 1) above.push(open[0].args[0]);
  else rest.push(...open);
  const combined =
    above.length === 0
      ? neg(call("log", mul(...below)))
      : call("log", div(mul(...above), mul(...below)));
  return add(combined, ...rest);
}

/** A product of a logarithm and real factors as the logarithm of a power. */
function inLogarithm(term: Expr, force: boolean): Term | null {
  const [coefficient, product] = splitCoefficient(term);
  const factors = [...factorsOf(product)].sort(compareShown);
  const logs = factors.filter((factor) => isCall(factor, "log")) as Call[];
  if (logs.length === 0) return null;
  if (!logs.every(({ args: [x] }) => force || isPositive(x))) return null;
  const others = factors.filter((factor) => !isCall(factor, "log"));
  if (!others.every((factor) => force || isReal(factor))) return null;
  const negative = signOf(coefficient) < 0;
  let exponent: Expr = mul(negative ? negNum(coefficient) : coefficient, ...others);
  for (const [i, { args }] of logs.entries()) {
    if (isInteger(args[0]) && isNum(exponent)) {
      const times = isInteger(exponent) ? abs(exponent.p) : mostBits;
      if (exponent !== one && bitsOf(args[0]) * times > mostBits) return null;
    }
    const power = pow(args[0], exponent);
    if (i === logs.length - 1) return { argument: power, negative };
    exponent = call("log", power);
  }
  return null;
}
