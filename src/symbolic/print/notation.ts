/** What the notation of formulas has in common in LaTeX, in two dimensions and in MathML. */
import { isNegative, isWhole } from "../core/assumptions.js";
import type { Derivative, Expr, Pow } from "../core/expr.js";
import { freeSymbols, isMul, isNumeric } from "../core/expr.js";
import { compareShown, hasLeadingMinus } from "../core/order.js";
import { precedences, traditionalPrecedence } from "./precedence.js";

export const relationSigns = {
  "==": "=",
  "!=": "≠",
  "<": "<",
  "<=": "≤",
  ">": ">",
  ">=": "≥",
} as const;

/** Whether a power stands below the line of a fraction. */
export const isBelowLine = ({ exponent }: Pow): boolean =>
  isNumeric(exponent) && isNegative(exponent) === true;

/** Whether a factor of a product takes parentheses. */
export function factorNeedsParens(e: Expr, first: boolean): boolean {
  if (isMul(e)) return !first && hasLeadingMinus(e);
  return (
    traditionalPrecedence(e) < precedences.mul || e.kind === "relational" || e.kind === "piecewise"
  );
}

/** Whether a term of a sum takes parentheses. */
export const termNeedsParens = (e: Expr): boolean => e.kind === "relational" || e.kind === "add";

/** Whether an operand of a logical operation takes parentheses. */
export const operandNeedsParens = (e: Expr): boolean => e.kind === "and" || e.kind === "or";

export const inShownOrder = (args: readonly Expr[]): Expr[] => [...args].sort(compareShown);

const counts = new WeakMap<Expr, number>();
/** How many nodes there are in e as a tree. */
function nodeCount(e: Expr): number {
  let count = counts.get(e);
  if (count === undefined) {
    count = e.args.reduce((sum, arg) => sum + nodeCount(arg), 1);
    counts.set(e, count);
  }
  return count;
}

/** As SymPy keeps the operands of & and |: those of fewer nodes first. */
export const inOperandOrder = (args: readonly Expr[]): Expr[] =>
  [...args].sort((a, b) => nodeCount(a) - nodeCount(b) || compareShown(a, b));

/** Whether a derivative of e is a partial one: it has more than one variable that is no integer. */
export const isPartial = (e: Expr): boolean =>
  e.kind === "derivative"
    ? isPartial((e as Derivative).of)
    : freeSymbols(e).filter((symbol) => !isWhole(symbol)).length > 1;

/** The variables of a derivative with their counts, the last first, and the number of all. */
export function derivativeParts({ variables, counts }: Derivative): {
  readonly by: readonly (readonly [variable: Expr, count: number])[];
  readonly total: number;
} {
  const by = variables.map((variable, i) => [variable, counts[i]] as const).reverse();
  return { by, total: counts.reduce((sum, count) => sum + count, 0) };
}
