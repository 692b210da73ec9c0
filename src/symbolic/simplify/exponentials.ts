/** Sums of exponentials as hyperbolic functions, and these as exponentials. */
import { expand } from "../algebra/expand.js";
import { add, div, exp, mul, neg, sub } from "../core/arithmetic.js";
import type { Call, Expr } from "../core/expr.js";
import { half, isAdd, isCall, isExp, one, two, zero } from "../core/expr.js";
import { call } from "../core/functions.js";
import { factorsOf } from "../core/parts.js";
import { bottomUp } from "../core/rebuild.js";

/** Sums of more terms are left. */
const mostTerms = 24;

/** A term as a factor times a power of e. */
function splitExponential(term: Expr): [factor: Expr, exponent: Expr] {
  const powers = factorsOf(term).filter(isExp);
  if (powers.length === 0) return [term, zero];
  const others = factorsOf(term).filter((factor) => !isExp(factor));
  return [mul(...others), add(...powers.map(({ exponent }) => exponent))];
}

/** a e^u + a e^v is 2 a e^((u + v)/2) cosh((u − v)/2), and a difference the same with sinh. */
export const exponentialsToHyperbolic = (e: Expr): Expr =>
  bottomUp(e, (node) => {
    if (!isAdd(node) || node.args.length > mostTerms) return node;
    const open = node.args.map((term) => [...splitExponential(term), term] as const);
    if (!open.some(([, exponent]) => exponent !== zero)) return node;
    const result: Expr[] = [];
    while (open.length > 0) {
      const [factor, exponent, term] = open.shift() as (typeof open)[0];
      const negative = neg(factor);
      const at = open.findIndex(
        ([other, v]) =>
          (v !== zero || exponent !== zero) && (other.equals(factor) || other.equals(negative)),
      );
      if (at < 0) {
        result.push(term);
        continue;
      }
      const [[other, v]] = open.splice(at, 1);
      const name = other.equals(factor) ? "cosh" : "sinh";
      const mean = expand(mul(half, add(exponent, v)));
      const difference = expand(mul(half, sub(exponent, v)));
      result.push(mul(two, factor, exp(mean), call(name, difference)));
    }
    return add(...result);
  });

const inExponentials: Readonly<Record<string, (x: Expr) => Expr>> = {
  sinh: (x) => mul(half, sub(exp(x), exp(neg(x)))),
  cosh: (x) => mul(half, add(exp(x), exp(neg(x)))),
  tanh: (x) => div(sub(exp(mul(two, x)), one), add(exp(mul(two, x)), one)),
};

/** Hyperbolic functions by their definitions. */
export const hyperbolicToExponentials = (e: Expr): Expr =>
  bottomUp(e, (node) =>
    isCall(node) && node.defined
      ? (inExponentials[(node as Call).name]?.(node.args[0]) ?? node)
      : node,
  );

export const isHyperbolic = (e: Expr): boolean =>
  isCall(e) && e.defined && Object.hasOwn(inExponentials, e.name);
