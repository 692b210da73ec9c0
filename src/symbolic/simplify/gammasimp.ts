/** Recurrences and complements of special functions. */
import { add, mul, neg, pow, sub } from "../core/arithmetic.js";
import type { Call, Expr, Integer } from "../core/expr.js";
import { ExprMap, integer, isCall, isInteger, minusOne, one, walk } from "../core/expr.js";
import { call } from "../core/functions.js";
import { bottomUp } from "../core/rebuild.js";

/** Arguments that are further apart are left. */
const mostSteps = 30;

/** What a function of x + 1 is, by that of x. */
interface Recurrence {
  /** The argument by which values are counted. */
  readonly argument: (e: Call) => Expr;
  /** Calls whose values are counted together. */
  readonly family: (e: Call) => Expr;
  /** The value n steps beyond the one at x. */
  readonly step: (e: Call, x: Expr, n: number) => Expr;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k);

const recurrences: Readonly<Record<string, Recurrence>> = {
  gamma: {
    argument: ({ args: [x] }) => x,
    family: () => one,
    step: (_, x, n) => mul(call("gamma", x), ...range(n).map((k) => add(x, integer(k)))),
  },
  factorial: {
    argument: ({ args: [x] }) => x,
    family: () => minusOne,
    step: (_, x, n) => mul(call("factorial", x), ...range(n).map((k) => add(x, integer(k + 1)))),
  },
  // polygamma(m, x + 1) = polygamma(m, x) + (−1)^m m! / x^(m + 1)
  polygamma: {
    argument: ({ args: [, x] }) => x,
    family: ({ args: [m] }) => m,
    step: ({ args: [m] }, x, n) =>
      add(
        call("polygamma", m, x),
        ...range(n).map((k) =>
          mul(pow(minusOne, m), call("factorial", m), pow(add(x, integer(k)), sub(minusOne, m))),
        ),
      ),
  },
};

/** Functions whose arguments are whole numbers apart by the one of the least argument. */
export function applyRecurrences(e: Expr): Expr {
  const lists = new Map<string, ExprMap<Call[]>>();
  walk(e, (node) => {
    if (!isCall(node) || !node.defined || !Object.hasOwn(recurrences, node.name)) return;
    const families = lists.get(node.name) ?? new ExprMap<Call[]>();
    lists.set(node.name, families);
    const family = recurrences[node.name].family(node);
    const list = families.get(family);
    if (list === undefined) families.set(family, [node]);
    else list.push(node);
  });
  const replacements = new ExprMap<Expr>();
  for (const [name, families] of lists) {
    const { argument, step } = recurrences[name];
    for (const [, calls] of families) {
      if (calls.length > mostSteps) continue;
      for (const node of calls) {
        const steps = calls.map((other) => sub(argument(node), argument(other)));
        const whole = steps.filter(isInteger) as Integer[];
        const most = whole.reduce((a, { p }) => (p > a ? p : a), 0n);
        if (most === 0n || most > mostSteps) continue;
        const x = sub(argument(node), integer(most));
        replacements.set(node, step(node, x, Number(most)));
      }
    }
  }
  return replacements.size === 0 ? e : bottomUp(e, (node) => replacements.get(node) ?? node);
}

const complements: Readonly<Record<string, string>> = { erf: "erfc", erfc: "erf" };

/** One of the functions that add up to 1 by the other. */
export const applyComplement = (e: Expr, name: "erf" | "erfc"): Expr =>
  bottomUp(e, (node) =>
    isCall(node, name) ? add(one, neg(call(complements[name], ...node.args))) : node,
  );
