/** Powers of one base, and powers with one exponent, as one power. */

import { ArgumentError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { add, mul, pow } from "../core/arithmetic.js";
import { isNonnegative, isReal, isWhole } from "../core/assumptions.js";
import type { Exact, Expr, Integer, Num } from "../core/expr.js";
import {
  ExprMap,
  fromRatio,
  isAdd,
  isExact,
  isExp,
  isInteger,
  isMul,
  isNum,
  isPow,
  one,
} from "../core/expr.js";
import { abs } from "../core/integers.js";
import { signOf } from "../core/numbers.js";
import { factorsOf, splitCoefficient, splitPower } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { bottomUp, rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";

export interface PowsimpOptions {
  /** What is combined: exponents of one base, bases of one exponent, or both. */
  combine?: "all" | "exp" | "base";
  /** Whether symbols are taken to be positive. */
  force?: boolean;
  /** Whether arguments of functions and powers are treated too. */
  deep?: boolean;
}

/**
 * Products of powers with fewer powers: x^a x^b is x^(a + b), and a^x b^x is (a b)^x where neither can be negative.
 *
 * @example
 * const [x, y, z] = sym.symbols("x y z");
 * String(sym.powsimp(x.pow(y).mul(x.pow(z)))) // "x**(y + z)"
 */
export function powsimp(e: ExprLike, options: PowsimpOptions = {}): Expr {
  checkOptions(options, ["combine", "force", "deep"], "powsimp");
  const { combine = "all", force = false, deep = false } = options;
  if (combine !== "all" && combine !== "exp" && combine !== "base")
    throw new ArgumentError(`powsimp: combine is "all", "exp" or "base", not ${combine}`);
  const change = (node: Expr): Expr => {
    if (!isMul(node) && !isPow(node)) return node;
    let factors = factorsOf(node);
    if (combine !== "base") factors = factorsOf(combineExponents(factors) ?? node);
    return combine === "exp" ? mul(...factors) : combineBases(factors, force);
  };
  const tree = sympify(e);
  if (deep) return bottomUp(tree, change);
  const memo = new ExprMap<Expr>();
  const visit = (node: Expr): Expr => {
    let found = memo.get(node);
    if (found === undefined) {
      found = change(isAdd(node) || isMul(node) ? rebuild(node, node.args.map(visit)) : node);
      memo.set(node, found);
    }
    return found;
  };
  return visit(tree);
}

const isSymbolic = (e: Expr): boolean => !isNum(splitPower(e)[1]);

/** The factors with one exponent for each base, or null where that changes nothing. */
function combineExponents(factors: readonly Expr[]): Expr | null {
  const byBase = new ExprMap<Expr[]>();
  for (const factor of factors) {
    const [base, exponent] = splitPower(factor);
    if (isNum(factor)) continue;
    const list = byBase.get(base);
    if (list === undefined) byBase.set(base, [exponent]);
    else list.push(exponent);
  }
  let coefficient = factors.find(isNum) ?? one;
  let changed = false;
  const powers: Expr[] = [];
  for (const [base, exponents] of byBase) {
    // 2 · 2^x is 2^(x + 1).
    if (
      isInteger(base) &&
      base.p > 1n &&
      isExact(coefficient) &&
      exponents.some((e) => !isNum(e))
    ) {
      const [count, rest] = withoutPowers(coefficient, base);
      if (count !== 0n) {
        exponents.push(fromRatio(ratio(count, 1n)));
        coefficient = rest;
      }
    }
    if (exponents.length > 1) changed = true;
    powers.push(pow(base, add(...exponents)));
  }
  return changed ? mul(coefficient, ...powers) : null;
}

/** How often a base divides a fraction, and the fraction without. */
function withoutPowers(x: Exact, { p: base }: Integer): [count: bigint, rest: Exact] {
  let { p, q } = x;
  let count = 0n;
  for (; p !== 0n && p % base === 0n; p /= base) count++;
  for (; q % base === 0n; q /= base) count--;
  return [count, fromRatio(ratio(p, q))];
}

/** Beyond so many bits, no power of a number is carried out to have a single exponent. */
const mostBits = 64n;

/** Bases with one exponent are multiplied, where that is the same. */
function combineBases(factors: readonly Expr[], force: boolean): Expr {
  const out: Expr[] = [];
  const byExponent = new ExprMap<Expr[]>();
  for (const factor of factors) {
    const [base, exponent] = splitPower(factor);
    if (!isSymbolic(factor) || isExp(factor)) out.push(factor);
    else {
      const list = byExponent.get(exponent);
      if (list === undefined) byExponent.set(exponent, [base]);
      else list.push(base);
    }
  }
  // First those with equal exponents, then those with exponents that differ by a number.
  const groups = new ExprMap<[base: Expr, coefficient: Num][]>();
  for (const [exponent, bases] of byExponent) {
    const [joined, others] = join(bases, exponent, force);
    out.push(...others.map((base) => pow(base, exponent)));
    if (joined === null) continue;
    const [coefficient, rest] = splitCoefficient(exponent);
    const list = groups.get(rest);
    if (list === undefined) groups.set(rest, [[joined, coefficient]]);
    else list.push([joined, coefficient]);
  }
  for (const [rest, members] of groups) {
    const scaled: Expr[] = [];
    for (const [base, coefficient] of members) {
      const whole = coefficient !== one && isInteger(coefficient) && isInteger(base) && base.p > 0n;
      const few = whole && BigInt(base.p.toString(2).length) * abs(coefficient.p) <= mostBits;
      const alone = members.length === 1;
      // (b^c)^r is b^(c r) for a b that is not negative.
      if (alone ? few && signOf(coefficient) > 0 : few || force || mayScale(base, rest)) {
        scaled.push(pow(base, coefficient));
      } else if (coefficient === one) scaled.push(base);
      else out.push(pow(base, mul(coefficient, rest)));
    }
    const [joined, others] = join(scaled, rest, force);
    out.push(...others.map((base) => pow(base, rest)));
    if (joined !== null) out.push(pow(joined, rest));
  }
  return mul(...out);
}

const mayScale = (base: Expr, exponent: Expr): boolean =>
  (isNonnegative(base) === true && isReal(exponent) === true) || isWhole(exponent) === true;

/** The product of those bases whose powers may be multiplied, and the other bases. */
function join(
  bases: readonly Expr[],
  exponent: Expr,
  force: boolean,
): [joined: Expr | null, others: readonly Expr[]] {
  if (bases.length <= 1) return [bases[0] ?? null, []];
  if (force || isWhole(exponent)) return [mul(...bases), []];
  const safe = bases.filter((base) => isNonnegative(base) === true);
  const others = bases.filter((base) => isNonnegative(base) !== true);
  // One that may be anything can join those that are not negative.
  if (others.length === 1) return [mul(...bases), []];
  return [safe.length === 0 ? null : mul(...safe), others];
}
