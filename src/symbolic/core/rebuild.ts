/** A node with other arguments, in canonical form; and what is made of an expression by changing parts of it. */
import { pow, product, sum } from "./arithmetic.js";
import type { Expr, Node } from "./expr.js";
import { Call, Derivative, ExprMap, Order, Subs } from "./expr.js";
import { call } from "./functions.js";
import { and, not, or, piecewise, relate } from "./logic.js";

export function rebuild(e: Expr, args: readonly Expr[]): Expr {
  if (args.length === e.args.length && args.every((arg, i) => arg === e.args[i])) return e;
  const node = e as Node;
  switch (node.kind) {
    case "add":
      return sum(args);
    case "mul":
      return product(args);
    case "pow":
      return pow(args[0], args[1]);
    case "function":
      return node.defined ? call(node.name, ...args) : new Call(node.name, args, false);
    case "derivative":
      return new Derivative(args[0], args.slice(1), node.counts);
    case "subs":
      return new Subs(args[0], args[1], args[2]);
    case "piecewise":
      return piecewise(
        ...args.flatMap((arg, i): [Expr, Expr][] => (i % 2 === 0 ? [[arg, args[i + 1]]] : [])),
      );
    case "relational":
      return relate(node.relation, args[0], args[1]);
    case "and":
      return and(...args);
    case "or":
      return or(...args);
    case "not":
      return not(args[0]);
    case "order":
      return new Order(args[0], args[1], args[2]);
    default:
      return e;
  }
}

/** Each distinct subexpression through a function, arguments first. */
export function bottomUp(e: Expr, change: (e: Expr) => Expr): Expr {
  const memo = new ExprMap<Expr>();
  const visit = (e: Expr): Expr => {
    if (e.args.length === 0) return change(e);
    let found = memo.get(e);
    if (found === undefined) {
      found = change(rebuild(e, e.args.map(visit)));
      memo.set(e, found);
    }
    return found;
  };
  return visit(e);
}

/** Subexpressions for which `change` has an answer are replaced by it, from the top down; others are rebuilt. */
export function replace(e: Expr, change: (e: Expr) => Expr | null): Expr {
  const memo = new ExprMap<Expr>();
  const visit = (e: Expr): Expr => {
    let found = memo.get(e);
    if (found === undefined) {
      found = change(e) ?? (e.args.length === 0 ? e : rebuild(e, e.args.map(visit)));
      memo.set(e, found);
    }
    return found;
  };
  return visit(e);
}
