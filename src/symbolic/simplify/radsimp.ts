/** Numbers without roots below the line. */
import { expand } from "../algebra/expand.js";
import { mul, neg, pow } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { half, isAdd, isInteger, isNum, isNumeric, isPow, minusOne } from "../core/expr.js";
import { signOf } from "../core/numbers.js";
import { bottomUp, replace } from "../core/rebuild.js";

/** Denominators with more different roots are left. */
const mostRoots = 4;

/** Fractions whose denominators are sums of square roots, with the roots above the line. */
export const rationalizeDenominators = (e: Expr): Expr =>
  bottomUp(e, (node) => {
    if (!isPow(node) || !isAdd(node.base) || !isNumeric(node.base)) return node;
    const { base, exponent } = node;
    if (!isInteger(exponent) || exponent.p >= 0n || exponent.p < -4n) return node;
    const inverse = rationalInverse(base);
    return inverse === null ? node : expand(pow(inverse, neg(exponent)));
  });

/** 1 over a sum of square roots, by multiplying with what each root's other sign gives. */
function rationalInverse(e: Expr): Expr | null {
  let above: Expr = mul(minusOne, minusOne);
  let below = e;
  for (let i = 0; i < mostRoots && !isNum(below); i++) {
    const root = rootIn(below);
    if (root === null) return null;
    const turned = expand(replace(below, (part) => (part.equals(root) ? neg(root) : null)));
    above = expand(mul(above, turned));
    below = expand(mul(below, turned));
  }
  return isNum(below) && signOf(below) !== 0 ? expand(mul(above, pow(below, minusOne))) : null;
}

function rootIn(e: Expr): Expr | null {
  if (isPow(e)) return e.exponent === half && isInteger(e.base) ? e : null;
  for (const arg of e.args) {
    const found = rootIn(arg);
    if (found !== null) return found;
  }
  return null;
}
