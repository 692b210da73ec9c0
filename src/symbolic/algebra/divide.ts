/** Divisors, remainders, degrees and coefficients of expressions that are polynomials. */
import { ArgumentError } from "../../core/errors.js";
import { div as over } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { dependsOn, fromRatio, isExact, zero } from "../core/expr.js";
import * as integers from "../core/integers.js";
import { ratio } from "../core/rational.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { gcd as gcdPoly, lcm as lcmPoly } from "../poly/gcd.js";
import { Poly } from "../poly/poly.js";
import {
  discriminant as discriminantPoly,
  resultant as resultantPoly,
} from "../poly/subresultants.js";
import { str } from "../print/str.js";
import { expand } from "./expand.js";
import type { QPoly } from "./polynomials.js";
import { fromPoly, multiply, readPolys } from "./polynomials.js";

interface InOne {
  readonly generators: readonly Expr[];
  readonly polys: readonly QPoly[];
  /** The place of the variable; −1 where it does not occur. */
  readonly index: number;
}

/** Expressions as polynomials in x, or in their only generator, with polynomials as coefficients. */
function inOne(list: readonly ExprLike[], x: ExprLike | undefined, where: string): InOne {
  const { reader, polys } = readPolys(list.map((e) => expand(e)));
  const { generators } = reader;
  if (x === undefined) {
    if (generators.length > 1)
      throw new ArgumentError(
        `${where}: the polynomials have the generators ${generators.map(str).join(", ")}; name the variable`,
      );
    return { generators, polys, index: generators.length - 1 };
  }
  const by = sympify(x);
  const index = generators.findIndex((generator) => generator.equals(by));
  const other = generators.find((generator, i) => i !== index && dependsOn(generator, by));
  if (other !== undefined)
    throw new ArgumentError(`${where}: ${str(other)} is no polynomial in ${str(by)}`);
  return { generators, polys, index };
}

/** The same with the variable among the generators. */
function withVariable(list: readonly ExprLike[], x: ExprLike | undefined, where: string): InOne {
  const found = inOne(list, x, where);
  if (found.index < 0)
    throw new ArgumentError(`${where}: expected polynomials that depend on the variable`);
  return found;
}

const toExpr = ({ poly, denominator }: QPoly, generators: readonly Expr[]): Expr =>
  fromPoly(poly, generators, denominator);

function combine(
  list: readonly ExprLike[],
  step: (f: Poly, g: Poly) => Poly,
  numbers: (a: bigint, b: bigint) => bigint,
  otherNumbers: (a: bigint, b: bigint) => bigint,
): Expr {
  const given = list.map(sympify);
  if (given.length === 0) throw new ArgumentError("expected at least one polynomial");
  if (given.every(isExact)) {
    const p = given.map((e) => integers.abs(e.p)).reduce(numbers);
    return fromRatio(ratio(p, given.map((e) => e.q).reduce(otherNumbers)));
  }
  const { reader, polys } = readPolys(given.map((e) => expand(e)));
  const poly = polys.map((f) => f.poly).reduce(step);
  // Over the rationals, contents are units.
  const monic = polys.some(({ denominator }) => denominator !== 1n);
  return fromPoly(poly, reader.generators, monic && !poly.isZero ? poly.leadingCoefficient : 1n);
}

/**
 * The greatest common divisor of polynomials; where they have fractions as coefficients, with leading coefficient 1.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.gcd(x.pow(2).sub(1), x.pow(2).sub(x))) // "x - 1"
 */
export const gcd = (...polynomials: ExprLike[]): Expr =>
  combine(polynomials, gcdPoly, integers.gcd, integers.lcm);

/**
 * The least common multiple of polynomials; where they have fractions as coefficients, with leading coefficient 1.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.lcm(x.pow(2).sub(1), x.pow(2).sub(x))) // "x**3 - x"
 */
export const lcm = (...polynomials: ExprLike[]): Expr =>
  combine(polynomials, lcmPoly, integers.lcm, integers.gcd);

/**
 * The quotient and the remainder of polynomials in x, whose coefficients may be divided by.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.divmod(x.pow(2).add(1), x.mul(2).sub(4), x)) // "x/2 + 1,5"
 */
export function divmod(f: ExprLike, g: ExprLike, x?: ExprLike): [quotient: Expr, remainder: Expr] {
  const { generators, polys, index } = inOne([f, g], x, "divmod");
  const [a, b] = polys;
  if (b.poly.isZero) throw new ArgumentError("divmod: division by zero");
  if (index < 0 || b.poly.degree(index) <= 0)
    return [over(toExpr(a, generators), toExpr(b, generators)), zero];
  const n = generators.length;
  const top = b.poly.leading(index);
  const degree = b.poly.degree(index);
  let scale = Poly.constant(n, 1n);
  let quotient = Poly.constant(n, 0n);
  let rest = a.poly;
  while (!rest.isZero && rest.degree(index) >= degree) {
    const exponents = new Array<number>(n).fill(0);
    exponents[index] = rest.degree(index) - degree;
    const step = multiply(rest.leading(index), Poly.monomial(exponents));
    quotient = multiply(quotient, top).add(step);
    rest = multiply(rest, top).subtract(multiply(step, b.poly));
    scale = multiply(scale, top);
    const content = integers.gcd(
      integers.gcd(scale.content(), quotient.content()),
      rest.isZero ? 0n : rest.content(),
    );
    [scale, quotient, rest] = [scale, quotient, rest].map((h) => h.unscale(content));
  }
  const quotientOf = (h: Poly, up: bigint, down: bigint): Expr => {
    const common = gcdPoly(h, scale);
    const [above, below] = h.isZero
      ? [h, scale]
      : [h.divideExactly(common), scale.divideExactly(common)];
    const number = below.isConstant ? below.leadingCoefficient : 1n;
    const value = fromPoly(above.scale(up), generators, number * down);
    return below.isConstant ? value : over(value, fromPoly(below, generators));
  };
  return [quotientOf(quotient, b.denominator, a.denominator), quotientOf(rest, 1n, a.denominator)];
}

/**
 * The quotient of polynomials in x.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.quo(x.pow(2).add(1), x.sub(2), x)) // "x + 2"
 */
export const quo = (f: ExprLike, g: ExprLike, x?: ExprLike): Expr => divmod(f, g, x)[0];

/**
 * The remainder of polynomials in x.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.rem(x.pow(2).add(1), x.sub(2), x)) // "5"
 */
export const rem = (f: ExprLike, g: ExprLike, x?: ExprLike): Expr => divmod(f, g, x)[1];

/**
 * The resultant of polynomials in x, which is zero where they have a common root.
 *
 * @example
 * const [a, x] = sym.symbols("a x");
 * String(sym.resultant(x.pow(2).sub(a), x.sub(3), x)) // "9 - a"
 */
export function resultant(f: ExprLike, g: ExprLike, x?: ExprLike): Expr {
  const { generators, polys, index } = withVariable([f, g], x, "resultant");
  const [a, b] = polys;
  const [m, n] = [Math.max(0, a.poly.degree(index)), Math.max(0, b.poly.degree(index))];
  const value = resultantPoly(a.poly, b.poly, index);
  return fromPoly(value, generators, a.denominator ** BigInt(n) * b.denominator ** BigInt(m));
}

/**
 * The discriminant of a polynomial in x, which is zero where it has a multiple root.
 *
 * @example
 * const [a, b, c, x] = sym.symbols("a b c x");
 * String(sym.discriminant(a.mul(x.pow(2)).add(b.mul(x)).add(c), x)) // "-4*a*c + b**2"
 */
export function discriminant(f: ExprLike, x?: ExprLike): Expr {
  const { generators, polys, index } = withVariable([f], x, "discriminant");
  const [{ poly, denominator }] = polys;
  const degree = poly.degree(index);
  if (degree < 1)
    throw new ArgumentError("discriminant: the polynomial does not depend on the variable");
  return fromPoly(discriminantPoly(poly, index), generators, denominator ** BigInt(2 * degree - 2));
}

/**
 * The degree of a polynomial in x; that of zero is −Infinity.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * sym.degree(x.pow(3).mul(y).add(x), x) // 3
 */
export function degree(f: ExprLike, x?: ExprLike): number {
  const { polys, index } = inOne([f], x, "degree");
  const [{ poly }] = polys;
  if (poly.isZero) return -Infinity;
  return index < 0 ? 0 : poly.degree(index);
}

/**
 * All coefficients of a polynomial in x, from the highest power to the constant.
 *
 * @example
 * const [a, x] = sym.symbols("a x");
 * String(sym.allCoeffs(a.mul(x.pow(2)).sub(1), x)) // "a,0,-1"
 */
export function allCoeffs(f: ExprLike, x?: ExprLike): Expr[] {
  const { generators, polys, index } = inOne([f], x, "allCoeffs");
  const [{ poly, denominator }] = polys;
  if (poly.isZero) return [zero];
  if (index < 0) return [fromPoly(poly, generators, denominator)];
  if (poly.degree(index) > 100_000)
    throw new ArgumentError(`allCoeffs: the polynomial has degree ${poly.degree(index)}`);
  return poly
    .coefficients(index)
    .map((c) => fromPoly(c, generators, denominator))
    .reverse();
}
