/** Partial fractions. */
import { ArgumentError } from "../../core/errors.js";
import { add, div, mul, pow } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { dependsOn, freeSymbols, fromRatio, integer, isNum, zero } from "../core/expr.js";
import { abs } from "../core/integers.js";
import { ratio } from "../core/rational.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { factor as factorPoly } from "../poly/factor.js";
import { partialFractions } from "../poly/partialfractions.js";
import { Poly } from "../poly/poly.js";
import { str } from "../print/str.js";
import type { Quotient } from "./cancel.js";
import { quotientOf } from "./cancel.js";
import { factor } from "./factor.js";
import { solveLinear } from "./linear.js";
import { fromPoly, multiply, power } from "./polynomials.js";

/** A fraction in a single generator. */
function univariate({ numerator, denominator }: Quotient, generators: readonly Expr[]): Expr {
  const { content, factors } = factorPoly(denominator);
  const sign = numerator.leadingCoefficient < 0n ? -1n : 1n;
  const scale = numerator.isZero ? 1n : sign * abs(numerator.content());
  const { polynomial, terms } = partialFractions(
    { numerator: numerator.unscale(scale).toDense(), denominator: 1n },
    factors.map(([f, k]) => [f.toDense(), k]),
  );
  const read = (f: Poly, d = 1n): Expr => fromPoly(f, generators, d);
  const parts = terms.map((term) => {
    const top = read(Poly.fromDense(term.numerator.numerator), term.numerator.denominator);
    return factor(div(top, pow(read(Poly.fromDense(term.base)), integer(term.exponent))));
  });
  const whole = read(Poly.fromDense(polynomial.numerator), polynomial.denominator);
  return mul(fromRatio(ratio(scale, content)), add(whole, ...parts));
}

/** The same with parameters: the coefficients are the unknowns of a linear system. */
function withParameters(
  { numerator, denominator }: Quotient,
  generators: readonly Expr[],
  index: number,
): Expr {
  const n = generators.length;
  const all = factorPoly(denominator);
  const factors = all.factors.filter(([f]) => f.degree(index) > 0);
  const outside = all.factors
    .filter(([f]) => f.degree(index) <= 0)
    .reduce((a, [f, k]) => multiply(a, power(f, k)), Poly.constant(n, all.content));
  const below = factors.reduce((a, [f, k]) => multiply(a, power(f, k)), Poly.constant(n, 1n));
  /** What an unknown is multiplied by, and where it stands: x^j over base^exponent. */
  const columns: { by: Poly; j: number; part: number }[] = [];
  const x = (j: number): Poly => Poly.variable(n, index).power(j);
  const parts: { base: Poly; exponent: number }[] = [];
  for (let j = 0; j <= numerator.degree(index) - below.degree(index); j++)
    columns.push({ by: multiply(x(j), below), j, part: -1 });
  for (const [base, k] of factors) {
    let rest = below;
    for (let exponent = 1; exponent <= k; exponent++) {
      rest = rest.divideExactly(base);
      parts.push({ base, exponent });
      for (let j = 0; j < base.degree(index); j++)
        columns.push({ by: multiply(x(j), rest), j, part: parts.length - 1 });
    }
  }
  const coefficient = (f: Poly, e: number): Poly =>
    f.coefficients(index)[e] ?? Poly.constant(n, 0n);
  const height = Math.max(numerator.degree(index), ...columns.map(({ by }) => by.degree(index)));
  const rows = Array.from({ length: height + 1 }, (_, e) => [
    ...columns.map(({ by }) => coefficient(by, e)),
    coefficient(numerator, e),
  ]);
  const solution = solveLinear(rows, columns.length);
  if (solution === null) throw new ArgumentError("apart: the denominators have a common factor");
  const entry = (i: number): Expr => {
    const [value] = solution.values[i] ?? [];
    if (value === undefined) return zero;
    return div(fromPoly(value.numerator, generators), fromPoly(value.denominator, generators));
  };
  const sumOf = (part: number): Expr =>
    add(
      ...columns.flatMap((column, i) =>
        column.part === part ? [mul(entry(i), fromPoly(x(column.j), generators))] : [],
      ),
    );
  const scale = pow(fromPoly(outside, generators), integer(-1));
  const terms = parts.map(({ base, exponent }, i) =>
    factor(mul(scale, div(sumOf(i), pow(fromPoly(base, generators), integer(exponent))))),
  );
  return add(mul(scale, sumOf(-1)), ...terms);
}

/**
 * The partial fractions of a quotient of polynomials in x, over the rationals; without x, in its only generator.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.apart(x.pow(2).sub(1).pow(-1))) // "-1/(2*(x + 1)) + 1/(2*(x - 1))"
 */
export function apart(e: ExprLike, x?: ExprLike): Expr {
  const given = sympify(e);
  if (isNum(given)) return given;
  const found = quotientOf(given);
  const { generators } = found;
  if (x === undefined) {
    if (generators.length === 0) return given;
    if (generators.length === 1) return univariate(found, generators);
    const names = freeSymbols(given).map((s) => s.name);
    throw new ArgumentError(
      `apart: the expression has the generators ${generators.map(str).join(", ")}; name one of ${names.join(", ")}`,
    );
  }
  const by = sympify(x);
  const index = generators.findIndex((generator) => generator.equals(by));
  if (generators.some((generator, i) => i !== index && dependsOn(generator, by)))
    throw new ArgumentError(`apart: ${str(given)} is no quotient of polynomials in ${str(by)}`);
  if (index < 0) return given;
  return generators.length === 1
    ? univariate(found, generators)
    : withParameters(found, generators, index);
}
