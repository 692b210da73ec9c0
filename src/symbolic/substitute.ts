/** Parts of expressions for others. */

import { ArgumentError } from "../core/errors.js";
import { diffOnce } from "./calculus/diff.js";
import { add, div, mul, pow, sub } from "./core/arithmetic.js";
import type { Expr, Num } from "./core/expr.js";
import {
  Derivative,
  dependsOn,
  ExprMap,
  integer,
  isAdd,
  isExact,
  isMul,
  isNum,
  isPow,
  minusOne,
  one,
  Subs,
  walk,
  zero,
} from "./core/expr.js";
import { floorDivide } from "./core/integers.js";
import { absNum, compareNums, divNums, signOf } from "./core/numbers.js";
import { splitCoefficient, splitPower, termsOf } from "./core/parts.js";
import { replace } from "./core/rebuild.js";
import type { ExprLike } from "./core/symbols.js";
import { dummy, sympify } from "./core/symbols.js";

/** Old and new expressions, as pairs. An object by names is not taken: a name does not say which symbol it is. */
export type Replacements =
  | ReadonlyMap<Expr, ExprLike>
  | readonly (readonly [old: ExprLike, replacement: ExprLike])[];

function pairsOf(replacements: Replacements, where: string): [Expr, Expr][] {
  const listed = Array.isArray(replacements) || replacements instanceof Map;
  return [...(listed ? replacements : [null])].map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ArgumentError(`${where}: expected pairs of what to replace and what to put in`);
    return [sympify(pair[0]), sympify(pair[1])];
  });
}

/**
 * Equal subexpressions replaced, all at once and nothing more.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.xreplace(x.add(y.mul(2)), [[x, y], [y, x]])) // "2*x + y"
 */
export function xreplace(e: ExprLike, replacements: Replacements): Expr {
  const table = new ExprMap<Expr>();
  for (const [old, replacement] of pairsOf(replacements, "xreplace")) table.set(old, replacement);
  return replace(sympify(e), (part) => table.get(part) ?? null);
}

/** e with one expression for another, in powers, products and sums that hold it too. */
function substitute(e: Expr, old: Expr, replacement: Expr): Expr {
  return replace(e, (part) => {
    if (part.equals(old)) return replacement;
    if (part instanceof Derivative) return inDerivative(part, old, replacement);
    if (isPow(old) && isPow(part)) return inPower(part, old, replacement);
    if (isMul(old) && isMul(part)) return inProduct(part, old, replacement);
    if (isAdd(old) && isAdd(part)) return inSum(part, old, replacement);
    return null;
  });
}

/** (x⁴ for x² = y) y²: a power whose exponent is a multiple of another's. */
function inPower(part: Expr, old: Expr, replacement: Expr): Expr | null {
  const [base, exponent] = splitPower(part);
  const [oldBase, oldExponent] = splitPower(old);
  if (!base.equals(oldBase)) return null;
  const [count, rest] = splitCoefficient(exponent);
  const [oldCount, oldRest] = splitCoefficient(oldExponent);
  if (!rest.equals(oldRest) || !isExact(count) || !isExact(oldCount)) {
    if (!isAdd(exponent)) return null;
    // x^(a + 2) for x^a
    const difference = sub(exponent, oldExponent);
    return termsOf(difference).length < exponent.args.length
      ? mul(replacement, substitute(pow(base, difference), old, replacement))
      : null;
  }
  const times = divNums(count, oldCount);
  const plain = isExact(times) && times.q === 1n;
  return plain ? pow(replacement, times) : null;
}

/** (2xyz for xy = a) 2az: the powers of a product, as often as they go into another. */
function inProduct(part: Expr, old: Expr, replacement: Expr): Expr | null {
  const [coefficient, rest] = splitCoefficient(part);
  const [oldCoefficient, oldRest] = splitCoefficient(old);
  const own = powersOf(rest);
  let times: bigint | null = null;
  for (const [base, exponent] of powersOf(oldRest)) {
    const found = own.get(base);
    if (found === undefined || !isNum(exponent)) {
      if (found === undefined || !found.equals(exponent)) return null;
      times = times === null || times > 1n ? 1n : times;
      continue;
    }
    if (!isExact(found as Num) || !isExact(exponent) || signOf(found as Num) !== signOf(exponent))
      return null;
    const ratio = divNums(absNum(found as Num), absNum(exponent));
    if (!isExact(ratio) || compareNums(ratio, one) < 0) return null;
    const whole = floorDivide(ratio.p, ratio.q);
    if (times === null || whole < times) times = whole;
  }
  if (times === null) return null;
  const count = integer(times);
  const scale = div(coefficient, pow(oldCoefficient, count));
  if (oldCoefficient !== one && (!isNum(scale) || !isExact(scale) || scale.q !== 1n)) return null;
  const left = mul(rest, pow(oldRest, mul(minusOne, count)));
  return mul(scale, pow(replacement, count), left);
}

function powersOf(e: Expr): ExprMap<Expr> {
  const powers = new ExprMap<Expr>();
  for (const factor of isMul(e) ? e.args : [e]) {
    const [base, exponent] = splitPower(factor);
    powers.set(base, add(powers.get(base) ?? zero, exponent));
  }
  return powers;
}

/** How many terms of a sum are no numbers. */
const symbolicTerms = (e: Expr): number => termsOf(e).filter((term) => !isNum(term)).length;

/**
 * (x + y + z for x + y = a) a + z: a sum whose terms are among another's, or all of them negated. Exact numbers need
 * not be the same: x + 3 for x + 1 = a is a + 2.
 */
function inSum(part: Expr, old: Expr, replacement: Expr): Expr | null {
  const left = symbolicTerms(part) - symbolicTerms(old);
  for (const sign of [one, minusOne]) {
    const rest = sub(part, mul(sign, old));
    const exact = termsOf(rest).every((term) => !isNum(term) || isExact(term));
    if (exact && symbolicTerms(rest) === left) return add(rest, mul(sign, replacement));
  }
  return null;
}

/**
 * A derivative is taken where its function is replaced; what it is taken by becomes a place of its own, and so does what
 * does not depend on that but would.
 */
function inDerivative(part: Derivative, old: Expr, replacement: Expr): Expr | null {
  const by = part.variables.findIndex((variable) => variable.equals(old));
  const captured = part.variables.some(
    (variable) => dependsOn(replacement, variable) && !dependsOn(old, variable),
  );
  if (by < 0 && !(captured && dependsOn(part.of, old))) {
    const of = substitute(part.of, old, replacement);
    if (of.equals(part.of)) return null;
    let result = of;
    part.variables.forEach((variable, i) => {
      for (let k = 0; k < part.counts[i]; k++) result = diffOnce(result, variable);
    });
    return result;
  }
  if (by >= 0 && replacement.kind === "symbol" && !dependsOn(part.of, replacement)) return null;
  return new Subs(part, old, replacement);
}

/** How much there is of an expression, so that larger ones are replaced before their parts. */
function count(e: Expr): number {
  let nodes = 0;
  walk(e, () => nodes++);
  return nodes;
}

/**
 * Parts replaced, one pair after the other (larger ones first), or `simultaneous`. Powers, products and sums are looked
 * into: x⁴ with y for x² is y².
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.subs(x.pow(4).add(y), x.pow(2), y)) // "y**2 + y"
 */
export function subs(e: ExprLike, old: ExprLike, replacement: ExprLike): Expr;
export function subs(
  e: ExprLike,
  replacements: Replacements,
  options?: { simultaneous?: boolean },
): Expr;
export function subs(
  e: ExprLike,
  first: ExprLike | Replacements,
  second?: ExprLike | { simultaneous?: boolean },
): Expr {
  let result = sympify(e);
  const listed = Array.isArray(first) || first instanceof Map;
  if (!listed && second === undefined)
    throw new ArgumentError(
      "subs: expected an expression and what to put in, or a list of such pairs or a Map",
    );
  const pairs = listed
    ? pairsOf(first as Replacements, "subs")
    : ([[sympify(first as ExprLike), sympify(second as ExprLike)]] as [Expr, Expr][]);
  if (first instanceof Map) pairs.sort(([a], [b]) => count(b) - count(a));
  const simultaneous =
    listed && (second as { simultaneous?: boolean } | undefined)?.simultaneous === true;
  if (!simultaneous) {
    for (const [old, replacement] of pairs) result = substitute(result, old, replacement);
    return result;
  }
  const places = pairs.map(() => dummy("place"));
  pairs.forEach(([old], i) => {
    result = substitute(result, old, places[i]);
  });
  return xreplace(
    result,
    pairs.map(([, replacement], i) => [places[i], replacement] as const),
  );
}
