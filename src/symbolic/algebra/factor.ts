/** Products of irreducible polynomials, and what else is asked of polynomials. */
import { ArgumentError } from "../../core/errors.js";
import { gaussian, mul, pow } from "../core/arithmetic.js";
import { isPositive, isWhole } from "../core/assumptions.js";
import type { Expr } from "../core/expr.js";
import {
  E,
  fromRatio,
  integer,
  isBoolean,
  isExact,
  isInteger,
  isNum,
  isPow,
  minusOne,
  one,
  some,
} from "../core/expr.js";
import { factorsOf, keepCoefficient } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { factor as factorPoly } from "../poly/factor.js";
import type { Poly } from "../poly/poly.js";
import { squareFree } from "../poly/squarefree.js";
import { str } from "../print/str.js";
import { expand } from "./expand.js";
import { numerDenom } from "./fraction.js";
import { fromPoly, readPolys } from "./polynomials.js";
import { together } from "./together.js";

type Method = "factor" | "squareFree";
type Factors = [base: Expr, exponent: Expr][];

/** A polynomial expression as a number times powers of polynomials. */
function factorsOfPoly(
  e: Expr,
  method: Method,
): { coefficient: Expr; factors: [Poly, number][]; generators: readonly Expr[] } {
  const { reader, polys } = readPolys([expand(e)]);
  const [{ poly, denominator }] = polys;
  const { content, factors } = method === "factor" ? factorPoly(poly) : squareFree(poly);
  return {
    coefficient: fromRatio(ratio(content, denominator)),
    factors: factors.map(([f, k]) => [f, k]),
    generators: reader.generators,
  };
}

/** The factors of a product of powers of polynomials. */
function listFactors(e: Expr, method: Method): { coefficient: Expr; factors: Factors } {
  let coefficient: Expr = one;
  const factors: Factors = [];
  for (const arg of factorsOf(e)) {
    if (isNum(arg) || gaussian(arg) !== null) {
      coefficient = mul(coefficient, arg);
      continue;
    }
    let [base, exponent]: [Expr, Expr] = [arg, one];
    if (isPow(arg) && arg.base !== E) {
      [base, exponent] = [arg.base, arg.exponent];
      if (isNum(base)) {
        if (isNum(exponent)) coefficient = mul(coefficient, arg);
        else factors.push([base, exponent]);
        continue;
      }
    }
    const found = factorsOfPoly(base, method);
    const own = found.factors.map(([f, k]): [Expr, Expr] => [
      fromPoly(f, found.generators),
      integer(k),
    ]);
    if (found.coefficient !== one) {
      if (isInteger(exponent)) coefficient = mul(coefficient, pow(found.coefficient, exponent));
      else if (isPositive(found.coefficient)) factors.push([found.coefficient, exponent]);
      else own.push([found.coefficient, one]);
    }
    if (isWhole(exponent)) for (const [f, k] of own) factors.push([f, mul(k, exponent)]);
    else {
      const other: Expr[] = [];
      for (const [f, k] of own) {
        if (isPositive(f)) factors.push([f, mul(k, exponent)]);
        else other.push(pow(f, k));
      }
      factors.push([mul(...other), exponent]);
    }
  }
  return { coefficient, factors };
}

function productOf(e: Expr, method: Method): Expr {
  if (isBoolean(e) || e.kind === "piecewise")
    return rebuild(
      e,
      e.args.map((arg) => productOf(arg, method)),
    );
  // Decimals have no factors.
  if (e.args.length === 0 || some(e, (node) => node.kind === "float" || node.kind === "order"))
    return e;
  const { coefficient, factors } = listFactors(together(e), method);
  const product = mul(...factors.map(([f, k]) => pow(f, k)));
  return isExact(coefficient) && coefficient !== minusOne
    ? keepCoefficient(coefficient, product)
    : mul(coefficient, product);
}

/**
 * A product of polynomials that are irreducible over the rationals; of a fraction, over one.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.factor(x.pow(4).sub(1))) // "(x - 1)*(x + 1)*(x**2 + 1)"
 */
export const factor = (e: ExprLike): Expr => productOf(sympify(e), "factor");

/**
 * A product of powers of polynomials, one for each exponent, that have no multiple factors.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.sqf(sym.expand(x.sub(1).mul(x.add(1)).pow(2)))) // "(x**2 - 1)**2"
 */
export const sqf = (e: ExprLike): Expr => productOf(sympify(e), "squareFree");

/** An expression's polynomial, which is over no other. */
function onlyPoly(e: Expr, where: string): ReturnType<typeof readPolys> {
  const [n, d] = numerDenom(together(e));
  if (!isExact(d)) throw new ArgumentError(`${where}: ${str(e)} is no polynomial`);
  return readPolys([expand(mul(n, pow(d, integer(-1))))]);
}

const listOf =
  (method: Method, where: string) =>
  (e: ExprLike): [coefficient: Expr, factors: [factor: Expr, multiplicity: number][]] => {
    const { reader, polys } = onlyPoly(sympify(e), where);
    const [{ poly, denominator }] = polys;
    const { content, factors } = method === "factor" ? factorPoly(poly) : squareFree(poly);
    return [
      fromRatio(ratio(content, denominator)),
      factors.map(([f, k]) => [fromPoly(f, reader.generators), k]),
    ];
  };

/**
 * A number, and the irreducible factors of a polynomial with their multiplicities.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.factorList(x.pow(3).sub(x.pow(2)).mul(2))) // "2,x - 1,1,x,2"
 */
export const factorList = listOf("factor", "factorList");

/**
 * A number, and factors of a polynomial without multiple factors of their own, with their multiplicities.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.sqfList(x.pow(3).sub(x.pow(2)).mul(2))) // "2,x - 1,1,x,2"
 */
export const sqfList = listOf("squareFree", "sqfList");
