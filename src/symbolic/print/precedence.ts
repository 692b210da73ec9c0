/** How tightly the outermost operation of an expression's text binds. */
import type { Expr, Node } from "../core/expr.js";
import { E, isNum } from "../core/expr.js";
import { signOf } from "../core/numbers.js";
import { hasLeadingMinus } from "../core/order.js";

export const precedences = {
  or: 20,
  and: 30,
  relational: 35,
  /** Operands of & and |, which bind tighter than relations. */
  logic: 38,
  add: 40,
  mul: 50,
  pow: 60,
  call: 70,
  not: 100,
  atom: 1000,
} as const;

export function precedence(e: Expr): number {
  const node = e as Node;
  if (isNum(node)) {
    if (signOf(node) < 0) return precedences.add;
    return node.kind === "rational" ? precedences.mul : precedences.atom;
  }
  switch (node.kind) {
    case "constant":
      return node.name === "-oo" ? precedences.add : precedences.atom;
    case "add":
      return precedences.add;
    case "mul":
      return hasLeadingMinus(node) ? precedences.add : precedences.mul;
    case "pow":
      return node.base === E ? precedences.call : precedences.pow;
    case "function":
      return precedences.call;
    case "relational":
      return node.relation === "==" || node.relation === "!="
        ? precedences.mul
        : precedences.relational;
    case "and":
      return precedences.and;
    case "or":
      return precedences.or;
    case "not":
      return precedences.not;
    default:
      return precedences.atom;
  }
}

/** As precedence, for notation in which derivatives bind as products do and a leading minus does not count. */
export const traditionalPrecedence = (e: Expr): number =>
  e.kind === "derivative" || e.kind === "mul" ? precedences.mul : precedence(e);

/** How a printer parenthesizes: what binds looser than a level, or (not strictly) as tightly. */
export const parenthesizer =
  (bindingOf: (e: Expr) => number, inParens: (text: string) => string) =>
  (e: Expr, level: number, print: (e: Expr) => string, strict = false): string => {
    const own = bindingOf(e);
    return own < level || (!strict && own === level) ? inParens(print(e)) : print(e);
  };
