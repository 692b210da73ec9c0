/** Equations, solved exactly. */
import { ArgumentError } from "../../core/errors.js";
import { approximate } from "../core/approximate.js";
import { add, div, exp, mul, neg, pow, sub } from "../core/arithmetic.js";
import type { Call, Expr, Pow } from "../core/expr.js";
import {
  dependsOn,
  E,
  ExprSet,
  Float,
  freeSymbols,
  fromRatio,
  has,
  isExact,
  isNumeric,
  isPow,
  isSymbol,
  minusOne,
  nan,
  one,
  pi,
  Relational,
  some,
  two,
  zero,
  zoo,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { gcd, lcm } from "../core/integers.js";
import { toDecimal } from "../core/numbers.js";
import { compareShown } from "../core/order.js";
import { splitCoefficient } from "../core/parts.js";
import type { Ratio } from "../core/rational.js";
import { ratio } from "../core/rational.js";
import type { ExprLike } from "../core/symbols.js";
import { dummy, sympify, sympifyAll } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";
import { factor as factorPoly } from "../poly/factor.js";
import { str } from "../print/str.js";
import { xreplace } from "../substitute.js";
import { cancel, quotientOf } from "./cancel.js";
import { expand, expandLog } from "./expand.js";
import { solveLinear } from "./linear.js";
import { withFractions } from "./nroots.js";
import { fromPoly, readPolys } from "./polynomials.js";
import { radicals } from "./radicals.js";

/** Values of the unknowns. */
export type Solution = Map<Expr, Expr>;

/** What u may be where f(u) = v, for the functions that can be undone: principal values. */
const inverses: Readonly<Record<string, (v: Expr) => Expr[]>> = {
  log: (v) => [exp(v)],
  sin: (v) => [call("asin", v), sub(pi, call("asin", v))],
  cos: (v) => [call("acos", v), sub(mul(two, pi), call("acos", v))],
  tan: (v) => [call("atan", v)],
  asin: (v) => [call("sin", v)],
  acos: (v) => [call("cos", v)],
  atan: (v) => [call("tan", v)],
  sinh: (v) => [call("asinh", v)],
  cosh: (v) => [neg(call("acosh", v)), call("acosh", v)],
  tanh: (v) => [call("atanh", v)],
  asinh: (v) => [call("sinh", v)],
  acosh: (v) => [call("cosh", v)],
  atanh: (v) => [call("tanh", v)],
};

const unsolved = (e: Expr, x: Expr): UnsupportedError =>
  new UnsupportedError(`solve: no method for ${str(e)} = 0 in ${str(x)}`);

const isProper = (e: Expr): boolean => !some(e, (node) => node === zoo || node === nan);

/** Whether a number is not zero, as far as its digits show. */
function isSurelyNonzero(e: Expr): boolean {
  if (!isNumeric(e)) return false;
  const value = approximate(e);
  return value !== null && Math.hypot(value.re, value.im) > 1e-6;
}

/** Whether e is not zero at a value of x. */
function isSurelyWrong(e: Expr, x: Expr, value: Expr): boolean {
  const at = xreplace(e, new Map([[x, value]]));
  return !isProper(at) || isSurelyNonzero(at);
}

/** The expression without denominators: where it is zero, e is. */
function numeratorOf(e: Expr): { factors: Expr[]; denominator: Expr } {
  const { generators, numerator, denominator } = quotientOf(e);
  return {
    factors: numerator.isZero
      ? [zero]
      : factorPoly(numerator).factors.map(([f]) => fromPoly(f, generators)),
    denominator: fromPoly(denominator, generators),
  };
}

/** base^(fraction · rest). */
interface Root {
  readonly base: Expr;
  readonly rest: Expr;
  readonly fraction: Ratio;
}

/** A generator as a root of something: a power with a fraction, or of a constant with a multiple of x. */
function asRoot(e: Expr, x: Expr): Root {
  const whole = { base: e, rest: one, fraction: one };
  if (!isPow(e)) return whole;
  const { base, exponent } = e;
  const [fraction, rest] = splitCoefficient(exponent);
  if (!isExact(fraction)) return whole;
  return rest === one || !dependsOn(base, x) ? { base, rest, fraction } : whole;
}

/** All generators as whole powers of a single one; null where they are not. */
function commonGenerator(generators: readonly Expr[], x: Expr): Root | null {
  const roots = generators.map((generator) => asRoot(generator, x));
  const [{ base, rest }] = roots;
  if (roots.some((root) => !root.base.equals(base) || !root.rest.equals(rest))) return null;
  const fraction = roots
    .map((root) => root.fraction)
    .reduce((a, b) => ({ p: gcd(a.p, b.p), q: lcm(a.q, b.q) }));
  return { base, rest, fraction };
}

/** The values of x where a factor is zero. */
function solveFactor(e: Expr, x: Expr): Expr[] {
  const { reader, polys } = readPolys([e]);
  const own = reader.generators.filter((generator) => dependsOn(generator, x));
  if (own.length === 0) return [];
  const [main] = own;
  if (own.length > 1) {
    const common = commonGenerator(own, x);
    if (common === null) return solveRadical(e, own, x);
    const { base, rest, fraction } = common;
    const t = dummy("t");
    const replacements = new Map<Expr, Expr>();
    for (const generator of own) {
      const { p, q } = asRoot(generator, x).fraction;
      replacements.set(generator, pow(t, fromRatio(ratio(p * fraction.q, q * fraction.p))));
    }
    const root = pow(base, mul(fromRatio(ratio(fraction.p, fraction.q)), rest));
    return solveOne(xreplace(e, replacements), t).flatMap((value) => invert(root, value, x));
  }
  const index = reader.generators.indexOf(main);
  const [{ poly }] = polys;
  const coefficients = poly.coefficients(index).map((c) => fromPoly(c, reader.generators));
  return radicals(coefficients).flatMap((value) => invert(main, value, x));
}

/** With t for a root of a linear expression in x, and for x what it is by t. */
function solveRadical(e: Expr, generators: readonly Expr[], x: Expr): Expr[] {
  for (const generator of generators) {
    if (!isPow(generator) || !isExact(generator.exponent)) continue;
    const { base, exponent } = generator;
    const t = dummy("t");
    const values = linear([sub(base, pow(t, pow(exponent, minusOne)))], [x]);
    const [value] = values ?? [];
    if (!value) continue;
    const others = generators.filter((other) => other !== generator && !other.equals(x));
    const replaced = xreplace(xreplace(e, new Map([[generator, t]])), new Map([[x, value]]));
    if (others.some((other) => has(replaced, other))) continue;
    return solveOne(replaced, t)
      .map((root) => expand(xreplace(value, new Map([[t, root]]))))
      .filter((candidate) => !isSurelyWrong(e, x, candidate));
  }
  throw unsolved(e, x);
}

/** The values of x where a generator has a value. */
function invert(e: Expr, value: Expr, x: Expr): Expr[] {
  if (e.equals(x)) return [value];
  const again = (u: Expr, v: Expr): Expr[] => solveOne(sub(u, v), x);
  if (e.kind === "function" && e.args.length === 1) {
    const undo = inverses[(e as Call).name];
    if (undo === undefined || !(e as Call).defined) throw unsolved(sub(e, value), x);
    return undo(value)
      .filter(isProper)
      .flatMap((v) => again(e.args[0], v));
  }
  if (!isPow(e)) throw unsolved(sub(e, value), x);
  const { base, exponent } = e as Pow;
  if (!dependsOn(base, x)) {
    if (value === zero) return [];
    const power =
      base === E
        ? call("log", value)
        : div(expandLog(call("log", value)), expandLog(call("log", base)));
    return again(exponent, power);
  }
  if (dependsOn(exponent, x)) throw unsolved(sub(e, value), x);
  const candidates = again(base, pow(value, pow(exponent, minusOne)));
  return candidates.filter((v) => !isSurelyWrong(sub(e, value), x, v));
}

/** The values of x where e is zero, each once. */
function solveOne(e: Expr, x: Expr): Expr[] {
  if (!dependsOn(e, x)) return [];
  const { factors, denominator } = numeratorOf(e);
  const found = new ExprSet();
  for (const f of factors) {
    if (!dependsOn(f, x)) continue;
    for (const value of solveFactor(f, x)) {
      if (!isProper(value)) continue;
      if (xreplace(denominator, new Map([[x, value]])) === zero) continue;
      found.add(value);
    }
  }
  return [...found.list].sort(compareShown);
}

/** An equation as what is to be zero. */
function toZero(e: ExprLike): Expr {
  const given = sympify(e);
  if (!(given instanceof Relational)) return given;
  if (given.relation !== "==")
    throw new UnsupportedError(`solve: expected an equation, got ${str(given)}`);
  return sub(given.args[0], given.args[1]);
}

function unknownsOf(
  x: ExprLike | readonly ExprLike[] | undefined,
  equations: readonly Expr[],
): Expr[] {
  const list =
    x === undefined
      ? freeSymbols(add(...equations.map((e, i) => mul(dummy(`e${i}`), e)))).filter((s) =>
          equations.some((e) => dependsOn(e, s)),
        )
      : (Array.isArray(x) ? (x as readonly ExprLike[]) : [x as ExprLike]).map(sympify);
  if (list.length === 0) throw new ArgumentError("solve: there is no unknown");
  for (const unknown of list)
    if (!isSymbol(unknown)) throw new ArgumentError(`solve: ${str(unknown)} is no symbol`);
  if (x === undefined) list.sort(compareShown);
  return list;
}

/** The solution of equations that are linear in the unknowns; null if they are not, undefined if there is none. */
function linear(
  equations: readonly Expr[],
  unknowns: readonly Expr[],
): readonly (Expr | null)[] | null | undefined {
  const numerators = equations.map((e) => {
    const { generators, numerator, denominator } = quotientOf(e);
    const below = fromPoly(denominator, generators);
    return unknowns.some((x) => dependsOn(below, x)) ? null : fromPoly(numerator, generators);
  });
  if (numerators.some((n) => n === null)) return null;
  const { reader, polys } = readPolys(numerators as Expr[]);
  const { generators } = reader;
  const places = unknowns.map((x) => generators.findIndex((generator) => generator.equals(x)));
  const other = generators.filter((_, i) => !places.includes(i));
  if (other.some((generator) => unknowns.some((x) => dependsOn(generator, x)))) return null;
  const rows: ReturnType<typeof reader.constant>[][] = [];
  for (const { poly } of polys) {
    const degree = (exponents: readonly number[]): number =>
      places.reduce((a, i) => a + (i < 0 ? 0 : exponents[i]), 0);
    if (poly.terms.some(({ exponents }) => degree(exponents) > 1)) return null;
    const row = places.map((i) =>
      i < 0 ? reader.constant(0n) : (poly.coefficients(i)[1] ?? reader.constant(0n)),
    );
    let rest = poly;
    for (const i of places) if (i >= 0) rest = rest.coefficients(i)[0] ?? reader.constant(0n);
    rows.push([...row, rest.negate()]);
  }
  const solution = solveLinear(rows, unknowns.length);
  if (solution === null) return undefined;
  return solution.values.map((parts) => {
    if (parts === null) return null;
    const terms = parts.map(({ numerator, denominator }, i) =>
      mul(
        div(fromPoly(numerator, generators), fromPoly(denominator, generators)),
        i === 0 ? one : unknowns[solution.free[i - 1]],
      ),
    );
    const value = add(...terms);
    if (!isProper(value))
      throw new UnsupportedError("solve: the coefficients depend on each other");
    return value;
  });
}
/** More solutions of a system are refused. */
const mostSolutions = 1000;

/** Systems that are not linear: an equation is solved for an unknown, and the rest with what that is. */
function system(equations: readonly Expr[], unknowns: readonly Expr[]): Solution[] {
  const open = equations.map((e) => cancel(e)).filter((e) => e !== zero);
  if (open.length === 0) return [new Map()];
  if (open.some((e) => !unknowns.some((x) => dependsOn(e, x)))) return [];
  const values = linear(open, unknowns);
  if (values === undefined) return [];
  if (values !== null)
    return [new Map(unknowns.flatMap((x, i) => (values[i] === null ? [] : [[x, values[i]]])))];
  // One of the factors of an equation is zero.
  for (const [i, e] of open.entries()) {
    const factors = numeratorOf(e).factors.filter((f) => unknowns.some((x) => dependsOn(f, x)));
    if (factors.length === 0) return [];
    if (factors.length > 1) return factors.flatMap((f) => system(open.with(i, f), unknowns));
    open[i] = factors[0];
  }
  const { equation, unknown } = simplest(open, unknowns);
  const others = unknowns.filter((x) => x !== unknown);
  const found: Solution[] = [];
  for (const value of solveOne(open[equation], unknown)) {
    const rest = open
      .filter((_, i) => i !== equation)
      .map((e) => xreplace(e, new Map([[unknown, value]])));
    if (!rest.every(isProper)) continue;
    for (const inner of system(rest, others)) {
      const own = expand(xreplace(value, inner));
      if (!isProper(own)) continue;
      found.push(new Map([[unknown, own], ...inner]));
      if (found.length > mostSolutions)
        throw new ArgumentError(`solve: more than ${mostSolutions} solutions`);
    }
  }
  return found;
}

/** The equation and the unknown of the least degree, with the fewest other unknowns. */
function simplest(
  equations: readonly Expr[],
  unknowns: readonly Expr[],
): { equation: number; unknown: Expr } {
  let best: { cost: number; equation: number; unknown: Expr } | null = null;
  equations.forEach((e, equation) => {
    const { generators, numerator } = quotientOf(e);
    const own = unknowns.filter((x) => dependsOn(e, x));
    for (const unknown of own) {
      const i = generators.findIndex((generator) => generator.equals(unknown));
      const degree = i < 0 ? 100 : numerator.degree(i);
      const cost = own.length === 1 ? degree : degree * 10 + own.length;
      if (best === null || cost < best.cost) best = { cost, equation, unknown };
    }
  });
  if (best === null) throw new ArgumentError("solve: there is no unknown");
  return best;
}

/** Solutions that equations hold for as far as their digits show, each once and in order. */
function distinct(
  solutions: readonly Solution[],
  equations: readonly Expr[],
  unknowns: readonly Expr[],
): Solution[] {
  const found = new Map<string, Solution>();
  for (const solution of solutions) {
    const holds = equations.every((e) => {
      const value = xreplace(e, solution);
      return isProper(value) && !isSurelyNonzero(value);
    });
    if (!holds) continue;
    // In the order of the unknowns.
    const ordered: Solution = new Map();
    for (const x of unknowns) {
      const value = solution.get(x);
      if (value !== undefined) ordered.set(x, value);
    }
    const key = unknowns.map((x) => str(ordered.get(x) ?? x)).join();
    if (!found.has(key)) found.set(key, ordered);
  }
  return [...found.values()].sort((a, b) => {
    for (const x of unknowns) {
      const order = compareShown(a.get(x) ?? x, b.get(x) ?? x);
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** Rational values of equations with decimals are decimals. */
const asDecimals = (e: Expr): Expr => (isExact(e) ? new Float(toDecimal(e, 20)) : e);

/**
 * The values of an unknown where an expression is zero or an equation holds: polynomials up to degree 4 and what factors
 * into such, fractions of them, and such of one function that can be undone, with its principal values. Of several
 * equations, the values of all unknowns: one Map for each solution, without the unknowns that stay free. Without
 * unknowns, for all symbols.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.solve(x.pow(2).sub(x).sub(6), x)) // "-2,3"
 */
export function solve(equation: ExprLike, unknown?: ExprLike): Expr[];
export function solve(
  equations: readonly ExprLike[],
  unknowns?: ExprLike | readonly ExprLike[],
): Solution[];
export function solve(
  given: ExprLike | readonly ExprLike[],
  x?: ExprLike | readonly ExprLike[],
): Expr[] | Solution[] {
  const list = (Array.isArray(given) ? (given as readonly ExprLike[]) : [given as ExprLike]).map(
    toZero,
  );
  const inexact = list.some((e) => some(e, (node) => node.kind === "float"));
  const exact = list.map(withFractions);
  const back = (e: Expr): Expr => (inexact ? asDecimals(e) : e);
  if (!Array.isArray(given)) {
    if (x === undefined && freeSymbols(exact[0]).length > 1)
      throw new ArgumentError("solve: the equation has several symbols; name the unknown");
    if (x === undefined && isNumeric(exact[0])) return [];
    const unknowns = unknownsOf(x, exact);
    if (unknowns.length > 1)
      throw new ArgumentError("solve: several unknowns need a list of equations");
    return solveOne(exact[0], unknowns[0]).map(back);
  }
  const unknowns = unknownsOf(x, exact);
  const found = distinct(system(exact, unknowns), exact, unknowns);
  return found.map((solution) => new Map([...solution].map(([u, value]) => [u, back(value)])));
}

/**
 * The solution of equations that are linear in the unknowns: their values in that order, where free unknowns stand for
 * themselves; null if there is none.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * String(sym.linsolve([x.add(y).sub(3), x.sub(y).sub(1)], [x, y])) // "2,1"
 */
export function linsolve(
  equations: readonly ExprLike[],
  unknowns: readonly ExprLike[],
): Expr[] | null {
  const list = sympifyAll(equations, "linsolve").map((e) => withFractions(toZero(e)));
  const symbols = unknownsOf(unknowns, list);
  const values = linear(list, symbols);
  if (values === null)
    throw new ArgumentError("linsolve: the equations are not linear in the unknowns");
  return values === undefined ? null : values.map((value, i) => value ?? symbols[i]);
}
