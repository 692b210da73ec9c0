/** The functions of expressions, as users call them: with expressions or numbers. */
import { ArgumentError } from "../core/errors.js";
import * as arithmetic from "./core/arithmetic.js";
import { ask } from "./core/assumptions.js";
import type { Expr, Fact } from "./core/expr.js";
import { fromRatio, isBoolean, isInteger, isSymbol, no, one, yes, zero } from "./core/expr.js";
import { applied, call, logarithm } from "./core/functions.js";
import * as logic from "./core/logic.js";
import { ratio } from "./core/rational.js";
import type { ExprLike } from "./core/symbols.js";
import { sympify } from "./core/symbols.js";

const list = (given: readonly ExprLike[]): Expr[] => given.map(sympify);
const unary =
  (name: string) =>
  (x: ExprLike): Expr =>
    call(name, sympify(x));
const relation =
  (name: Parameters<typeof logic.relate>[0]) =>
  (a: ExprLike, b: ExprLike): Expr =>
    logic.relate(name, sympify(a), sympify(b));

/** The sum of expressions. @example String(sym.add(1, sym.symbol("x"), 2)) // "x + 3" */
export const add = (...terms: ExprLike[]): Expr => arithmetic.sum(list(terms));
/** The product of expressions. @example String(sym.mul(2, sym.symbol("x"), sym.symbol("x"))) // "2*x**2" */
export const mul = (...factors: ExprLike[]): Expr => arithmetic.product(list(factors));
export const sub = (a: ExprLike, b: ExprLike): Expr => arithmetic.sub(sympify(a), sympify(b));
export const div = (a: ExprLike, b: ExprLike): Expr => arithmetic.div(sympify(a), sympify(b));
export const neg = (x: ExprLike): Expr => arithmetic.neg(sympify(x));
/** A power. @example String(sym.pow(12, sym.rational(1, 2))) // "2*sqrt(3)" */
export const pow = (base: ExprLike, exponent: ExprLike): Expr =>
  arithmetic.pow(sympify(base), sympify(exponent));
export const sqrt = (x: ExprLike): Expr => arithmetic.sqrt(sympify(x));
export const cbrt = (x: ExprLike): Expr => arithmetic.pow(sympify(x), fromRatio(ratio(1n, 3n)));
export const exp = (x: ExprLike): Expr => arithmetic.exp(sympify(x));

/** An exact fraction of integers. @example String(sym.rational(6, 4)) // "3/2" */
export function rational(p: number | bigint, q: number | bigint = 1): Expr {
  const [above, below] = [sympify(p), sympify(q)];
  return isInteger(above) && isInteger(below) && below.p !== 0n
    ? fromRatio(ratio(above.p, below.p))
    : arithmetic.div(above, below);
}

/** The natural logarithm, or that to a base. @example String(sym.log(8, 2)) // "3" */
export const log = (x: ExprLike, base?: ExprLike): Expr =>
  base === undefined ? call("log", sympify(x)) : logarithm(sympify(x), sympify(base));
export const sin = unary("sin");
export const cos = unary("cos");
export const tan = unary("tan");
export const cot = unary("cot");
export const sec = unary("sec");
export const csc = unary("csc");
export const asin = unary("asin");
export const acos = unary("acos");
export const atan = unary("atan");
export const acot = unary("acot");
export const sinh = unary("sinh");
export const cosh = unary("cosh");
export const tanh = unary("tanh");
export const coth = unary("coth");
export const sech = unary("sech");
export const csch = unary("csch");
export const asinh = unary("asinh");
export const acosh = unary("acosh");
export const atanh = unary("atanh");
export const acoth = unary("acoth");
export const erf = unary("erf");
export const erfc = unary("erfc");
export const gamma = unary("gamma");
/** The logarithm of gamma. */
export const loggamma = unary("loggamma");
/** The n-th derivative of digamma. */
export const polygamma = (n: ExprLike, x: ExprLike): Expr =>
  call("polygamma", sympify(n), sympify(x));
export const digamma = (x: ExprLike): Expr => call("polygamma", zero, sympify(x));
export const trigamma = (x: ExprLike): Expr => call("polygamma", one, sympify(x));
export const factorial = unary("factorial");
export const Abs = unary("Abs");
export const sign = unary("sign");
export const floor = unary("floor");
export const ceiling = unary("ceiling");
export const re = unary("re");
export const im = unary("im");
export const arg = unary("arg");
export const conjugate = unary("conjugate");
/** The angle of the point (x, y), by y first. */
export const atan2 = (y: ExprLike, x: ExprLike): Expr => call("atan2", sympify(y), sympify(x));
export const Max = (...x: ExprLike[]): Expr => call("Max", ...list(x));
export const Min = (...x: ExprLike[]): Expr => call("Min", ...list(x));
/** 0 below zero and 1 above it; at zero 1/2, or another value. */
export const Heaviside = (x: ExprLike, atZero?: ExprLike): Expr =>
  atZero === undefined
    ? call("Heaviside", sympify(x))
    : call("Heaviside", sympify(x), sympify(atZero));
export const DiracDelta = unary("DiracDelta");

export const Eq = relation("==");
export const Ne = relation("!=");
export const Lt = relation("<");
export const Le = relation("<=");
export const Gt = relation(">");
export const Ge = relation(">=");

/** What stands for a condition: a relation, logic of relations, a truth, or a symbol for one. */
export type ConditionLike = Expr | boolean;

function condition(x: ConditionLike, where: string): Expr {
  if (typeof x === "boolean") return x ? yes : no;
  const e = sympify(x);
  if (!isBoolean(e) && !isSymbol(e))
    throw new ArgumentError(`${where}: expected a condition, got ${e}`);
  return e;
}

/** Whether all conditions hold. @example String(sym.and(sym.Gt(sym.symbol("x"), 0), true)) // "x > 0" */
export const and = (...conditions: ConditionLike[]): Expr =>
  logic.and(...conditions.map((x) => condition(x, "and")));
/** Whether one of the conditions holds. @example String(sym.or(sym.Gt(sym.symbol("x"), 0), true)) // "True" */
export const or = (...conditions: ConditionLike[]): Expr =>
  logic.or(...conditions.map((x) => condition(x, "or")));
/** Whether a condition does not hold. @example String(sym.not(sym.Gt(sym.symbol("x"), 0))) // "x <= 0" */
export const not = (x: ConditionLike): Expr => logic.not(condition(x, "not"));

const predicate =
  (fact: Fact) =>
  (x: ExprLike): boolean | null =>
    ask(sympify(x), fact);
export const isReal = predicate("real");
export const isPositive = predicate("positive");
export const isNegative = predicate("negative");
export const isNonnegative = predicate("nonnegative");
export const isNonpositive = predicate("nonpositive");

/**
 * An expression by cases: the first pair whose condition holds; true as a condition always does.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.Piecewise([x, sym.Gt(x, 0)], [0, true])) // "Piecewise((x, x > 0), (0, True))"
 */
export const Piecewise = (
  ...pairs: (readonly [value: ExprLike, condition: ConditionLike])[]
): Expr =>
  logic.piecewise(
    ...pairs.map((pair): [Expr, Expr] => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new ArgumentError("Piecewise: expected pairs of a value and its condition");
      return [sympify(pair[0]), condition(pair[1], "Piecewise")];
    }),
  );

/**
 * A function that has only a name.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.func("f")(x).diff(x)) // "Derivative(f(x), x)"
 */
export function func(name: string): (...args: ExprLike[]) => Expr {
  if (typeof name !== "string" || name === "") throw new ArgumentError("a function needs a name");
  return (...args) => applied(name, ...list(args));
}
