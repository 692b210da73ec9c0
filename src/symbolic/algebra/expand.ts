/**
 * Expressions multiplied out. Each hint is a rule for one node; where several are on, they go over the whole expression
 * one after the other, in SymPy's order.
 */

import { ArgumentError } from "../../core/errors.js";
import { add, div, mul, pow, splitBase } from "../core/arithmetic.js";
import { ask, isNegative, isPositive, isReal, isWhole } from "../core/assumptions.js";
import type { Expr } from "../core/expr.js";
import {
  fromRatio,
  integer,
  isAdd,
  isCall,
  isExact,
  isInteger,
  isMul,
  isPow,
  minusOne,
  one,
  Pow,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { floorDivide, mod } from "../core/integers.js";
import { negNum } from "../core/numbers.js";
import { factorsOf, splitCoefficient, splitConstant, splitPower, termsOf } from "../core/parts.js";
import { perfectPower, ratio } from "../core/rational.js";
import { bottomUp } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { expandTrigNode } from "./expandtrig.js";
import { fraction } from "./fraction.js";
import { gaussianPower } from "./gaussian.js";
import { fromPoly, generatorsOf, isPlainPolynomial, Reader, readPolys } from "./polynomials.js";

/** What `expand` does, each on or off. */
export interface ExpandHints {
  /** Products of sums. On. */
  mul?: boolean;
  /** Whole powers of sums. On. */
  multinomial?: boolean;
  /** (x y)^n as x^n y^n, where they are the same. On. */
  powerBase?: boolean;
  /** x^(a + b) as x^a x^b. On. */
  powerExp?: boolean;
  /** Logarithms of products and powers, where they are the same. On. */
  log?: boolean;
  /** Sines and the like of sums and multiples. Off. */
  trig?: boolean;
  /** gamma(x + n). Off. */
  func?: boolean;
  /** The numerator and the denominator each alone. Off. */
  frac?: boolean;
  /** The numerator alone. Off. */
  numer?: boolean;
  /** The denominator alone. Off. */
  denom?: boolean;
  /** A positive integer that coefficients are reduced by. */
  modulus?: number | bigint;
  /** Inside of functions too. On. */
  deep?: boolean;
  /** Powers and logarithms as though all symbols were positive. Off. */
  force?: boolean;
}

type Rule = (e: Expr, force: boolean) => Expr;

/** A sum's whole power, multiplied out. */
function multinomial(e: Expr): Expr {
  if (!isPow(e)) return e;
  const { base, exponent } = e;
  if (isAdd(base) && isExact(exponent) && exponent.p > 0n) {
    const whole = floorDivide(exponent.p, exponent.q);
    if (exponent.q === 1n) return powerOfSum(base, exponent.p);
    if (whole === 0n) return e;
    const radical = pow(base, fromRatio(ratio(exponent.p - whole * exponent.q, exponent.q)));
    const power = whole === 1n ? base : powerOfSum(base, whole);
    return add(...termsOf(power).map((term) => mul(term, radical)));
  }
  if (isAdd(base) && isExact(exponent) && -exponent.p > exponent.q)
    return pow(multinomial(pow(base, negNum(exponent))), minusOne);
  if (isExact(base) && isAdd(exponent)) {
    const [constant, rest] = splitConstant(exponent);
    if (constant !== zero) return mul(pow(base, constant), pow(base, rest));
  }
  return e;
}

function powerOfSum(base: Expr, n: bigint): Expr {
  if (base.args.some((term) => term.kind === "order")) return powerOfSeries(base, n);
  const complex = gaussianPower(base, n);
  if (complex !== null) return complex;
  const reader = new Reader(generatorsOf([base]));
  const { poly, denominator } = reader.read(new Pow(base, integer(n)));
  return fromPoly(poly, reader.generators, denominator);
}

/** (f + O(g))^n, a product after the other so that the order takes in what it covers. */
function powerOfSeries(base: Expr, n: bigint): Expr {
  if (n > 1000n) throw new ArgumentError(`expand: a series to the power ${n}`);
  let result: Expr = one;
  for (let k = 0n; k < n; k++) result = distributed(termsOf(result), termsOf(base));
  return result;
}

const distributed = (a: readonly Expr[], b: readonly Expr[]): Expr => {
  if (a.length * b.length > 100_000)
    throw new ArgumentError("the result has too many terms: more than 100000");
  return add(...a.flatMap((x) => b.map((y) => mul(x, y))));
};

/** A product of sums, multiplied out; the denominator's factors become one. */
function expandProduct(e: Expr, deep: boolean): Expr {
  if (!isMul(e) || !e.args.some((arg) => isAdd(splitPower(arg)[0]))) return e;
  let [n, d] = fraction(e);
  if (isMul(d)) {
    n = expandProduct(n, deep);
    d = expandProduct(d, deep);
  }
  const whole = d === one ? n : div(n, d);
  if (!isMul(whole)) return whole;
  const sums = factorsOf(whole).filter(isAdd);
  if (sums.length === 0) return whole;
  const plain = mul(...factorsOf(whole).filter((factor) => !isAdd(factor)));
  const terms = termsOf(productOfSums(sums)).map((term) => {
    const product = mul(plain, term);
    return deep && isMul(product) && product.args.some(isAdd)
      ? expandProduct(product, deep)
      : product;
  });
  return add(...terms);
}

function productOfSums(sums: readonly Expr[]): Expr {
  if (sums.length === 1) return sums[0];
  const kept = (factor: Expr): boolean => factor.kind === "order" || isPowerOfSum(factor);
  if (sums.some((sum) => sum.args.some((term) => factorsOf(term).some(kept)))) {
    return sums.reduce((a, b) => distributed(termsOf(a), termsOf(b)));
  }
  const { reader, polys } = readPolys([mul(...sums)]);
  return fromPoly(polys[0].poly, reader.generators, polys[0].denominator);
}

/** Powers of sums and sums in products stay as they are where only products are multiplied out. */
const isPowerOfSum = (e: Expr): boolean =>
  isAdd(e) || (isPow(e) && isInteger(e.exponent) && isAdd(e.base));

function powerExp(e: Expr): Expr {
  if (!isPow(e) || !isAdd(e.exponent)) return e;
  return mul(...e.exponent.args.map((term) => pow(e.base, term)));
}

/** Factors that may be taken out of a base whatever the exponent: those that are not negative. */
function powerBase(e: Expr, force: boolean): Expr {
  if (!isPow(e) || !isMul(e.base)) return e;
  const { base, exponent } = e;
  if (force || isWhole(exponent)) return mul(...base.args.map((arg) => raised(arg, exponent)));
  const [out, rest] = splitBase(base);
  if (out.length === 0) return e;
  const inner = rest === one ? one : raised(rest, exponent);
  return mul(...out.map((arg) => raised(arg, exponent)), inner);
}
/** A power whose base is not taken apart once more. */
const raised = (base: Expr, exponent: Expr): Expr =>
  isMul(base) ? new Pow(base, exponent) : pow(base, exponent);

function expandLogarithm(e: Expr, force: boolean): Expr {
  if (!isCall(e, "log")) return e;
  const [x] = e.args;
  const again = (arg: Expr): Expr => expandLogarithm(call("log", arg), force);
  if (isExact(x)) {
    if (x.q !== 1n) return add(call("log", integer(x.p)), mul(minusOne, call("log", integer(x.q))));
    const perfect = x.p > 1n ? perfectPower(x.p) : null;
    if (perfect === null) return e;
    return mul(integer(perfect.exponent), call("log", integer(perfect.base)));
  }
  if (isMul(x)) {
    const terms: Expr[] = [];
    const rest: Expr[] = [];
    for (const factor of x.args) {
      if (force || isPositive(factor)) terms.push(again(factor));
      else if (isNegative(factor)) {
        terms.push(call("log", mul(minusOne, factor)));
        rest.push(minusOne);
      } else rest.push(factor);
    }
    return add(...terms, call("log", mul(...rest)));
  }
  if (isPow(x)) {
    const { base, exponent } = x;
    const same =
      force ||
      (isReal(exponent) &&
        (isPositive(base) ||
          (isPositive(add(exponent, one)) && ask(add(exponent, minusOne), "nonpositive"))));
    if (same) return mul(exponent, again(base));
  }
  return e;
}

/** gamma(x + n) as x (x + 1) ... gamma(x). */
function expandFunction(e: Expr): Expr {
  if (!isCall(e, "gamma")) return e;
  const [shift, rest] = splitConstant(e.args[0]);
  if (!isInteger(shift) || rest === zero || shift.p <= 0n || shift.p > 1000n) return e;
  const factors = Array.from({ length: Number(shift.p) }, (_, i) => add(rest, integer(i)));
  return mul(...factors, call("gamma", rest));
}

const rules: Readonly<Record<string, Rule>> = {
  func: expandFunction,
  log: expandLogarithm,
  multinomial,
  mul: (e) => expandProduct(e, true),
  powerBase,
  powerExp: (e) => powerExp(e),
  trig: expandTrigNode,
};
/** As SymPy applies them. */
const order = ["func", "log", "multinomial", "mul", "powerBase", "powerExp", "trig"] as const;
const repeated = ["multinomial", "mul", "log"] as const;

const usual: ExpandHints = {
  mul: true,
  multinomial: true,
  powerBase: true,
  powerExp: true,
  log: true,
};

function apply(e: Expr, name: string, { deep = true, force = false }: ExpandHints): Expr {
  if (!deep && name === "mul") return expandProduct(e, false);
  const rule = rules[name];
  return deep ? bottomUp(e, (node) => rule(node, force)) : rule(e, force);
}

function run(e: Expr, hints: ExpandHints): Expr {
  let result = e;
  for (const name of order) if (hints[name]) result = apply(result, name, hints);
  // Terminates: every round but the last multiplies something out.
  for (let round = 0; round < 100; round++) {
    const before = result;
    for (const name of repeated) if (hints[name]) result = apply(result, name, hints);
    if (result.equals(before)) break;
  }
  return result;
}

/**
 * An expression multiplied out: products and powers of sums, powers of products and of sums in exponents, logarithms;
 * the hints turn each on or off. More than 100 000 terms are refused.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expand(x.add(y).pow(2))) // "x**2 + 2*x*y + y**2"
 */
export function expand(e: ExprLike, hints: ExpandHints = {}): Expr {
  const given = sympify(e);
  const { frac, numer, denom, modulus, ...rest } = { ...usual, ...hints };
  if (modulus !== undefined)
    return reduceModulo(expand(given, { ...hints, modulus: undefined }), modulus);
  if (frac || numer || denom) {
    const [n, d] = fraction(given);
    return div(frac || numer ? expand(n, rest) : n, frac || denom ? expand(d, rest) : d);
  }
  if (rest.mul && rest.multinomial && rest.deep !== false && isPlainPolynomial(given)) {
    return polynomialForm(given);
  }
  return run(given, rest);
}

function reduceModulo(e: Expr, modulus: number | bigint): Expr {
  if (!(modulus > 0) || (typeof modulus === "number" && !Number.isSafeInteger(modulus)))
    throw new ArgumentError(`expand: a modulus is a positive integer, not ${modulus}`);
  const m = BigInt(modulus);
  const terms = termsOf(e).map((term) => {
    const [coefficient, rest] = splitCoefficient(term);
    return isInteger(coefficient) ? mul(integer(mod(coefficient.p, m)), rest) : term;
  });
  return add(...terms);
}

function polynomialForm(e: Expr): Expr {
  const { reader, polys } = readPolys([e]);
  return fromPoly(polys[0].poly, reader.generators, polys[0].denominator);
}

const only =
  (hints: ExpandHints) =>
  (e: ExprLike, options: Pick<ExpandHints, "deep" | "force"> = {}): Expr =>
    run(sympify(e), { ...hints, ...options });

/**
 * Products of sums multiplied out, and nothing else.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expandMul(x.mul(y.add(1)))) // "x*y + x"
 */
export const expandMul = only({ mul: true });

/**
 * Powers of sums multiplied out, and nothing else.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expandMultinomial(x.add(y).pow(2))) // "x**2 + 2*x*y + y**2"
 */
export const expandMultinomial = only({ multinomial: true });

/**
 * Logarithms of products and powers as sums and products, where the assumptions allow that.
 *
 * @example
 * const [x, y] = sym.symbols("x y", { positive: true });
 * String(sym.expandLog(sym.expr`log(${x}**2*${y})`)) // "2*log(x) + log(y)"
 */
export const expandLog = only({ log: true });

/**
 * Powers of products as products of powers, where the assumptions allow that.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expandPowerBase(x.mul(2).pow(y))) // "2**y*x**y"
 */
export const expandPowerBase = only({ powerBase: true });

/**
 * Powers with sums as exponents as products of powers.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expandPowerExp(x.pow(y.add(2)))) // "x**2*x**y"
 */
export const expandPowerExp = only({ powerExp: true });

/**
 * Functions of sums and of multiples of angles as polynomials in functions of the single angles.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.expandTrig(sym.expr`sin(${x} + ${y})`)) // "sin(x)*cos(y) + sin(y)*cos(x)"
 */
export const expandTrig = only({ trig: true });
