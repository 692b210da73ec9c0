/** What printers share: a table of rules by kind, and each distinct subexpression printed once. */
import type { Expr, Kind, Logic, Node } from "../core/expr.js";
import { isNum, one } from "../core/expr.js";
import { UnsupportedError } from "../errors.js";

type NodeOf<K extends Kind> = K extends "and" | "or" | "not" ? Logic : Extract<Node, { kind: K }>;

/** How a node of each kind is printed; the second argument prints its parts. */
export type Rules<T> = {
  readonly [K in Kind]: (e: NodeOf<K>, print: (e: Expr) => T) => T;
};

/**
 * Where the forms of all distinct subexpressions have more characters, the expression is refused: where much is shared,
 * a small expression has a huge text.
 */
const most = 1 << 26;

export function printer<T>(rules: Rules<T>, sizeOf: (form: T) => number): (e: Expr) => T {
  return (whole) => {
    const memo = new Map<Expr, T>();
    let total = 0;
    const print = (e: Expr): T => {
      let form = memo.get(e);
      if (form === undefined) {
        const rule = rules[e.kind] as (e: Expr, print: (e: Expr) => T) => T;
        form = rule(e, print);
        total += sizeOf(form);
        if (total > most) {
          throw new UnsupportedError(
            `the expression is too long to print: its parts have more than ${most} characters`,
          );
        }
        memo.set(e, form);
      }
      return form;
    };
    return print(whole);
  };
}

export const textPrinter = (rules: Rules<string>): ((e: Expr) => string) =>
  printer(rules, (text) => text.length);

/** Whether a product was made without being simplified, with numbers after its first factor or a first factor 1. */
export const isUnevaluated = (e: Expr): boolean => e.args[0] === one || e.args.slice(1).some(isNum);
