/** Symbolic calculus: expressions, their derivatives and forms, as SymPy has them; and down to kernels. */
import "./methods.js";

export { apart } from "./algebra/apart.js";
export { cancel } from "./algebra/cancel.js";
export { collect } from "./algebra/collect.js";
export {
  allCoeffs,
  degree,
  discriminant,
  divmod,
  gcd,
  lcm,
  quo,
  rem,
  resultant,
} from "./algebra/divide.js";
export type { ExpandHints } from "./algebra/expand.js";
export {
  expand,
  expandLog,
  expandMul,
  expandMultinomial,
  expandPowerBase,
  expandPowerExp,
  expandTrig,
} from "./algebra/expand.js";
export { factor, factorList, sqf, sqfList } from "./algebra/factor.js";
export { asNumerDenom, denom, numer } from "./algebra/fraction.js";
export { nroots, realRoots } from "./algebra/nroots.js";
export type { Solution } from "./algebra/solve.js";
export { linsolve, solve } from "./algebra/solve.js";
export { together } from "./algebra/together.js";
export { diff } from "./calculus/diff.js";
export { Derivative, doit } from "./calculus/doit.js";
export type { Direction } from "./calculus/limit.js";
export { limit } from "./calculus/limit.js";
export { removeO, series } from "./calculus/series.js";
export {
  directionalDerivative,
  gradient,
  hessian,
  idiff,
  jacobian,
  totalDerivative,
} from "./calculus/vector.js";
export type { Assumptions, Fact } from "./core/expr.js";
export {
  Catalan,
  E,
  EulerGamma,
  Expr,
  ExprMap,
  GoldenRatio,
  I,
  nan,
  no as false,
  oo,
  pi,
  Sym as SymbolExpr,
  yes as true,
  zoo,
} from "./core/expr.js";
export type { ExprLike } from "./core/symbols.js";
export { dummy, symbol, symbols, sympify } from "./core/symbols.js";
export type { CommonSubexpressions, CseOptions } from "./cse.js";
export { cse } from "./cse.js";
export { ParseError, UnsupportedError } from "./errors.js";
export type { EvalfOptions } from "./evalf.js";
export { evalf } from "./evalf.js";
export { fromTensorFunction } from "./fromTensorFunction.js";
export * from "./functions.js";
export type { ExprJSON, ExprNodeJSON } from "./json.js";
export { fromJSON, toJSON } from "./json.js";
export type { Computed, Expressions, Lambdified, Results } from "./lambdify.js";
export { lambdify } from "./lambdify.js";
export { Matrix } from "./matrix.js";
export type { ParseOptions } from "./parse.js";
export { expr, parse } from "./parse.js";
export { ccode, jscode } from "./print/code.js";
export { latex } from "./print/latex.js";
export { toMathML } from "./print/mathml.js";
export { pretty } from "./print/pretty.js";
export { srepr } from "./print/srepr.js";
export { str } from "./print/str.js";
export { countOps } from "./simplify/countops.js";
export type { LogcombineOptions } from "./simplify/logcombine.js";
export { logcombine } from "./simplify/logcombine.js";
export type { PowsimpOptions } from "./simplify/powsimp.js";
export { powsimp } from "./simplify/powsimp.js";
export { simplify } from "./simplify/simplify.js";
export { trigsimp } from "./simplify/trigsimp.js";
export type { Replacements } from "./substitute.js";
export { subs, xreplace } from "./substitute.js";
