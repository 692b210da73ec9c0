/** Derivatives and substitutions that stay as they are, and how they are carried out. */
import type { Derivative as DerivativeNode, Expr, Node } from "../core/expr.js";
import { bottomUp } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { subs } from "../substitute.js";
import { derivative, diffOnce, variablesOf } from "./diff.js";

/**
 * The derivative of f by variables, as diff takes them, not computed: see doit.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.Derivative(sym.sin(x), x, 2)) // "Derivative(sin(x), (x, 2))"
 */
export const Derivative = (f: ExprLike, ...by: ExprLike[]): Expr =>
  derivative(sympify(f), variablesOf(by, "Derivative"));

const canVary = ({ kind }: Expr): boolean =>
  kind === "symbol" || kind === "function" || kind === "derivative";

function computed(e: DerivativeNode): Expr {
  if (!e.variables.every(canVary)) return e;
  let result = e.of;
  e.variables.forEach((variable, i) => {
    for (let k = 0; k < e.counts[i]; k++) result = diffOnce(result, variable);
  });
  return result;
}

/**
 * Derivatives and substitutions that stayed as they are, carried out where they can be.
 *
 * @example
 * String(sym.doit(sym.parse("Derivative(sin(x), x) + 1"))) // "cos(x) + 1"
 */
export const doit = (e: ExprLike): Expr =>
  bottomUp(sympify(e), (part) => {
    const node = part as Node;
    if (node.kind === "derivative") return computed(node);
    return node.kind === "subs" ? subs(node.args[0], node.args[1], node.args[2]) : node;
  });
