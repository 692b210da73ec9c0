/** Relations, their logic, and expressions by cases. */
import { approximate } from "./approximate.js";
import { compareNodes, sub } from "./arithmetic.js";
import { ask, isNegative, isPositive } from "./assumptions.js";
import type { Expr, Relation } from "./expr.js";
import {
  ExprSet,
  isNum,
  isNumeric,
  Logic,
  nan,
  no,
  Piecewise,
  Relational,
  Truth,
  yes,
} from "./expr.js";

const opposite: Readonly<Record<Relation, Relation>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

/** Whether a relation holds, by the sign of the difference; null where that is not known. */
function decide(relation: Relation, left: Expr, right: Expr): boolean | null {
  if (left.equals(right)) return relation === "==" || relation === "<=" || relation === ">=";
  const difference = sub(left, right);
  if (relation === "==" || relation === "!=") {
    const zero = ask(difference, "zero");
    return zero === null ? null : zero === (relation === "==");
  }
  if (isNumeric(difference) && !isNum(difference)) {
    const value = approximate(difference);
    if (value !== null && value.im === 0 && Math.abs(value.re) > 1e-10) {
      return relation.startsWith("<") ? value.re < 0 : value.re > 0;
    }
  }
  const [up, down] = relation.startsWith("<") ? [isNegative, isPositive] : [isPositive, isNegative];
  if (up(difference)) return true;
  if (down(difference)) return false;
  if (relation.length === 2) {
    return ask(difference, relation === "<=" ? "nonpositive" : "nonnegative") ? true : null;
  }
  return ask(difference, relation === "<" ? "nonnegative" : "nonpositive") ? false : null;
}

/** A relation, or its truth where that is known. */
export function relate(relation: Relation, left: Expr, right: Expr): Expr {
  const truth = decide(relation, left, right);
  return truth === null ? new Relational(relation, left, right) : truth ? yes : no;
}

export function not(e: Expr): Expr {
  if (e instanceof Truth) return e.value ? no : yes;
  if (e instanceof Relational) return relate(opposite[e.relation], e.args[0], e.args[1]);
  if (e.kind === "not") return e.args[0];
  if (e.kind === "and") return or(...e.args.map(not));
  if (e.kind === "or") return and(...e.args.map(not));
  return new Logic("not", [e]);
}

function join(kind: "and" | "or", given: readonly Expr[]): Expr {
  const settles = kind === "or" ? yes : no;
  const parts = new ExprSet();
  const collect = (e: Expr): void => {
    if (e.kind === kind) e.args.forEach(collect);
    else if (!(e instanceof Truth && e.value === (kind === "and"))) parts.add(e);
  };
  given.forEach(collect);
  const list = parts.list;
  if (list.some((part) => part === settles || parts.has(not(part)))) return settles;
  if (list.length === 0) return kind === "and" ? yes : no;
  return list.length === 1 ? list[0] : new Logic(kind, [...list].sort(compareNodes));
}
export const and = (...parts: readonly Expr[]): Expr => join("and", parts);
export const or = (...parts: readonly Expr[]): Expr => join("or", parts);

/**
 * An expression by cases: the value of the first pair whose condition holds; nan where none does. Where a case is
 * reached, the conditions before it do not hold: of its own condition, what follows from that is left out.
 */
export function piecewise(...pairs: readonly (readonly [value: Expr, condition: Expr])[]): Expr {
  const kept: [Expr, Expr][] = [];
  const earlier = new ExprSet();
  for (const [value, given] of pairs) {
    const parts = given.kind === "and" ? given.args : [given];
    if (given === no || earlier.has(given) || parts.some((part) => earlier.has(part))) continue;
    const condition = and(
      ...parts.filter((part) => !(part instanceof Relational && earlier.has(not(part)))),
    );
    earlier.add(condition);
    const last = kept.at(-1);
    if (last?.[0].equals(value)) last[1] = or(last[1], condition);
    else kept.push([value, condition]);
    if (kept.at(-1)?.[1] === yes) break;
  }
  if (kept.length === 0) return nan;
  return kept[0][1] === yes ? kept[0][0] : new Piecewise(kept.flat());
}

/** The pairs of an expression by cases. */
export function casesOf(e: Piecewise): [value: Expr, condition: Expr][] {
  const pairs: [Expr, Expr][] = [];
  for (let i = 0; i < e.args.length; i += 2) pairs.push([e.args[i], e.args[i + 1]]);
  return pairs;
}
