import type { Expr } from "../core/expr.js";
import { E, isAdd, isCall, isMul, isPow, walk } from "../core/expr.js";
import { hasNegativeCoefficient } from "../core/parts.js";
import { countOps } from "./countops.js";

/** What decides between expressions with as many operations: terms and functions, then quotients. */
function parts(e: Expr): number {
  let count = 0;
  walk(e, (node) => {
    if (isAdd(node)) count += 2 * (node.args.length - 1) + node.args.filter(isBelow).length;
    else if (isCall(node)) count += 2 + node.args.filter(isBelow).length;
    else if (isMul(node) && node.args.some(isBelow)) count++;
  });
  return count + (isBelow(e) ? 1 : 0);
}
const isBelow = (e: Expr): boolean =>
  isPow(e) && e.base !== E && hasNegativeCoefficient(e.exponent);

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
