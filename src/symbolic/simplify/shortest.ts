import type { Expr } from "../core/expr.js";
import { isAdd, isCall, walk } from "../core/expr.js";
import { countOps } from "./countops.js";

/** What decides between expressions with as many operations: terms and functions. */
function parts(e: Expr): number {
  let count = 0;
  walk(e, (node) => {
    if (isAdd(node)) count += node.args.length - 1;
    else if (isCall(node)) count++;
  });
  return count;
}

export function isShorter(a: Expr, b: Expr): boolean {
  const difference = countOps(a) - countOps(b);
  return difference < 0 || (difference === 0 && parts(a) < parts(b));
}

/** The expression with the fewest operations, the first of several. */
export function shortest(list: readonly Expr[]): Expr {
  let best = list[0];
  for (const e of list) if (isShorter(e, best)) best = e;
  return best;
}
