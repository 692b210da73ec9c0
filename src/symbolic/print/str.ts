/** The text of an expression, as SymPy's str has it. */
import type { Expr, Float, Mul, Node } from "../core/expr.js";
import {
  E,
  half,
  integer,
  isAdd,
  isExact,
  isInteger,
  isMul,
  isNum,
  isPow,
  minusHalf,
  minusOne,
  one,
  Pow,
  zero,
} from "../core/expr.js";
import { casesOf } from "../core/logic.js";
import { negNum, signOf } from "../core/numbers.js";
import { compareKeys, orderedFactors, orderedTerms, sortKey } from "../core/order.js";
import {
  factorsOf,
  hasNegativeCoefficient,
  keepCoefficient,
  splitCoefficient,
} from "../core/parts.js";
import { precedence, precedences } from "./precedence.js";

const relationText = {
  "==": "Eq",
  "!=": "Ne",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
} as const;

/** The digits of a Float; those at the end that are zero only where it stands alone. */
export function showFloat({ value, digits }: Float, alone: boolean): string {
  const rounded = value.toSignificantDigits(digits);
  if (rounded.isZero()) return "0";
  const exponent = rounded.e;
  if (exponent < -5 || exponent >= digits) {
    const [mantissa, power] = rounded.toExponential(digits - 1).split("e");
    const short = alone ? mantissa : mantissa.replace(/0+$/, "").replace(/\.$/, ".0");
    return `${short}e${power}`;
  }
  const text = rounded.toFixed(Math.max(0, digits - 1 - exponent));
  const pointed = text.includes(".") ? text : `${text}.`;
  if (alone) return pointed;
  const short = pointed.replace(/0+$/, "");
  return short.endsWith(".") ? `${short}0` : short;
}

/** A product as the sign, the factors above the line and those below it. */
export interface Fraction {
  readonly negative: boolean;
  readonly above: readonly Expr[];
  readonly below: readonly Expr[];
  /** Bases below the line that are products or powers, and take parentheses for it. */
  readonly grouped: ReadonlySet<Expr>;
}

export function asFraction(e: Expr): Fraction {
  const [coefficient, rest] = splitCoefficient(e);
  const negative = signOf(coefficient) < 0;
  const product = negative ? keepCoefficient(negNum(coefficient), rest) : e;
  const above: Expr[] = [];
  const below: Expr[] = [];
  const grouped = new Set<Expr>();
  for (const item of orderedFactors(product)) {
    if (isPow(item) && item.base !== E && hasNegativeCoefficient(item.exponent)) {
      if (item.exponent === minusOne) {
        if (isMul(item.base) || isPow(item.base)) grouped.add(item.base);
        below.push(item.base);
      } else below.push(new Pow(item.base, turned(item.exponent)));
    } else if (isExact(item)) {
      if (item.p !== 1n) above.push(integer(item.p));
      if (item.q !== 1n) below.push(integer(item.q));
    } else above.push(item);
  }
  return { negative, above: above.length === 0 ? [one] : above, below, grouped };
}

/** The negative of an exponent with a coefficient. */
function turned(e: Expr): Expr {
  const [coefficient, rest] = splitCoefficient(e);
  return keepCoefficient(negNum(coefficient), rest);
}

export function str(e: Expr): string {
  return print(e as Node, true);
}

const inside = (e: Expr): string => print(e as Node, false);

/** The text in parentheses where its outermost operation binds no tighter than `level`. */
const parenthesized = (e: Expr, level: number, strict = false): string => {
  const own = precedence(e);
  return own < level || (!strict && own <= level) ? `(${inside(e)})` : inside(e);
};

function print(e: Node, alone: boolean): string {
  switch (e.kind) {
    case "integer":
      return String(e.p);
    case "rational":
      return `${e.p}/${e.q}`;
    case "float":
      return showFloat(e, alone);
    case "constant":
    case "symbol":
      return e.name;
    case "add":
      return printSum(e);
    case "mul":
      return printProduct(e);
    case "pow":
      return printPower(e);
    case "function":
      return `${e.name}(${e.args.map(inside).join(", ")})`;
    case "derivative": {
      const parts = e.variables.map((variable, i) =>
        e.counts[i] === 1 ? inside(variable) : `(${inside(variable)}, ${e.counts[i]})`,
      );
      return `Derivative(${[inside(e.of), ...parts].join(", ")})`;
    }
    case "subs":
      return `Subs(${e.args.map(inside).join(", ")})`;
    case "piecewise": {
      const cases = casesOf(e).map(
        ([value, condition]) => `(${inside(value)}, ${inside(condition)})`,
      );
      return `Piecewise(${cases.join(", ")})`;
    }
    case "relational": {
      const [left, right] = e.args;
      const name = relationText[e.relation];
      if (name === "Eq" || name === "Ne") return `${name}(${inside(left)}, ${inside(right)})`;
      return `${parenthesized(left, precedences.relational)} ${name} ${parenthesized(right, precedences.relational)}`;
    }
    case "boolean":
      return e.value ? "True" : "False";
    case "and":
    case "or": {
      const level = precedences.relational;
      const list = [...e.args].sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
      return list.map((arg) => parenthesized(arg, level)).join(e.kind === "and" ? " & " : " | ");
    }
    case "not":
      return `~(${inside(e.args[0])})`;
    case "order": {
      const [of, variable, point] = e.args;
      return point === zero
        ? `O(${inside(of)})`
        : `O(${inside(of)}, (${inside(variable)}, ${inside(point)}))`;
    }
  }
}

function printSum(e: Expr): string {
  let text = "";
  for (const term of orderedTerms(e)) {
    let own = inside(term);
    let sign = "+";
    if (own.startsWith("-")) {
      sign = "-";
      own = own.slice(1);
    }
    if (precedence(term) < precedences.add || isAdd(term)) own = `(${own})`;
    if (text === "") text = sign === "-" ? `-${own}` : own;
    else text += ` ${sign} ${own}`;
  }
  return text;
}

function printProduct(e: Mul): string {
  const level = precedence(e);
  const numbers = e.args
    .slice(1)
    .some((arg) => isNum(arg) || (isPow(arg) && arg.args.every(isInteger)));
  if (e.args[0] === one || numbers)
    return factorsOf(e)
      .map((arg) => parenthesized(arg, precedences.mul, false))
      .join("*");
  const { negative, above, below, grouped } = asFraction(e);
  const top = above.map((factor) => parenthesized(factor, level)).join("*");
  const sign = negative ? "-" : "";
  if (below.length === 0) return sign + top;
  const bottom = below.map((factor) =>
    grouped.has(factor) ? `(${inside(factor)})` : parenthesized(factor, level),
  );
  return `${sign}${top}/${bottom.length === 1 ? bottom[0] : `(${bottom.join("*")})`}`;
}

function printPower(e: Pow): string {
  const { base, exponent } = e;
  if (base === E) return `exp(${inside(exponent)})`;
  if (exponent.equals(half)) return `sqrt(${inside(base)})`;
  if (exponent.equals(minusHalf)) return `1/sqrt(${inside(base)})`;
  if (exponent === minusOne) return `1/${parenthesized(base, precedences.pow)}`;
  return `${parenthesized(base, precedences.pow)}**${parenthesized(exponent, precedences.pow)}`;
}
