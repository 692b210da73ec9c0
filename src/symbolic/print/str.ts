/** The text of an expression, as SymPy's str has it. */
import type { Expr, Mul, Node, Pow } from "../core/expr.js";
import {
  E,
  Float,
  half,
  isAdd,
  isInteger,
  isMul,
  isPow,
  minusHalf,
  minusOne,
  one,
  zero,
} from "../core/expr.js";
import { casesOf } from "../core/logic.js";
import { signOf } from "../core/numbers.js";
import { orderedTerms } from "../core/order.js";
import { factorsOf, hasNegativeCoefficient } from "../core/parts.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { asFraction, splitSign } from "./fraction.js";
import { inOperandOrder } from "./notation.js";
import { parenthesizer, precedence, precedences } from "./precedence.js";
import type { Rules } from "./printer.js";
import { isUnevaluated, textPrinter } from "./printer.js";

type Print = (e: Expr) => string;

/** The digits of a Float; those at the end that are zero only where it stands alone. */
export function showFloat(
  { value, digits }: Pick<Float, "value" | "digits">,
  alone: boolean,
): string {
  const rounded = value.toSignificantDigits(digits);
  if (rounded.isZero()) return "0";
  const exponent = rounded.e;
  if (exponent <= -Math.max(5, Math.floor(digits / 3)) || exponent >= digits) {
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

/** The text in parentheses where its outermost operation binds no tighter than `level`. */
const parenthesized = parenthesizer(precedence, (text) => `(${text})`);

const list = (args: readonly Expr[], print: Print): string => args.map(print).join(", ");

const rules: Rules<string> = {
  integer: ({ p }) => String(p),
  rational: ({ p, q }) => `${p}/${q}`,
  float: (e) => showFloat(e, false),
  constant: ({ name }) => name,
  symbol: ({ name }) => name,
  add: printSum,
  mul: printProduct,
  pow: printPower,
  function: ({ name, args }, print) => `${name}(${list(args, print)})`,
  derivative: ({ of, variables, counts }, print) => {
    const by = variables.map((variable, i) =>
      counts[i] === 1 ? print(variable) : `(${print(variable)}, ${counts[i]})`,
    );
    return `Derivative(${[print(of), ...by].join(", ")})`;
  },
  subs: ({ args }, print) => `Subs(${list(args, print)})`,
  piecewise: (e, print) => {
    const cases = casesOf(e).map((pair) => `(${list(pair, print)})`);
    return `Piecewise(${cases.join(", ")})`;
  },
  relational: ({ relation, args }, print) => {
    if (relation === "==") return `Eq(${list(args, print)})`;
    if (relation === "!=") return `Ne(${list(args, print)})`;
    const [left, right] = args.map((arg) => parenthesized(arg, precedences.relational, print));
    return `${left} ${relation} ${right}`;
  },
  boolean: ({ value }) => (value ? "True" : "False"),
  and: ({ args }, print) => joined(args, " & ", print),
  or: ({ args }, print) => joined(args, " | ", print),
  not: ({ args }, print) => `~${parenthesized(args[0], precedences.not, print)}`,
  order: ({ args: [of, variable, point] }, print) =>
    point === zero ? `O(${print(of)})` : `O(${print(of)}, (${print(variable)}, ${print(point)}))`,
};

/** Relations take parentheses here: in Python & and | bind tighter than they do. */
const joined = (args: readonly Expr[], operator: string, print: Print): string =>
  inOperandOrder(args)
    .map((arg) => parenthesized(arg, precedences.logic, print))
    .join(operator);

const print = textPrinter(rules);

/**
 * The text of an expression, which sym.parse reads.
 *
 * @example
 * const x = sym.symbol("x");
 * sym.str(x.pow(2).sub(1).div(2)) // "x**2/2 - 1/2"
 */
export function str(e: ExprLike): string {
  const expression = sympify(e);
  return expression instanceof Float ? showFloat(expression, true) : print(expression);
}

function printSum(e: Expr, print: Print): string {
  let text = "";
  for (const term of orderedTerms(e)) {
    let own = print(term);
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

function printProduct(e: Mul, print: Print): string {
  const level = precedence(e);
  if (isUnevaluated(e) || e.args.slice(1).some((arg) => isPow(arg) && arg.args.every(isInteger)))
    return e.args.map((arg) => parenthesized(arg, precedences.mul, print)).join("*");
  const [negative, size] = splitSign(e);
  const { above, below } = asFraction(size, isBelow);
  const top = above.map((factor) => parenthesized(factor, level, print)).join("*") || "1";
  const sign = negative ? "-" : "";
  if (below.length === 0) return sign + top;
  // (x*y)**(-1) is 1/((x*y)): what is one base stays one.
  const bottom = below.map((factor) =>
    (isMul(factor) || isPow(factor)) && grouped(size, factor)
      ? `(${print(factor)})`
      : parenthesized(factor, level, print),
  );
  return `${sign}${top}/${bottom.length === 1 ? bottom[0] : `(${bottom.join("*")})`}`;
}

const isBelow = ({ base, exponent }: Pow): boolean =>
  base !== E && hasNegativeCoefficient(exponent);

/** Whether the text begins with a digit. */
export function beginsWithDigit(e: Expr): boolean {
  const node = e as Node;
  const unlessParenthesized = (first: Expr, level: number): boolean =>
    precedence(first) > level && beginsWithDigit(first);
  switch (node.kind) {
    case "integer":
    case "rational":
    case "float":
      return signOf(node) >= 0;
    case "symbol":
      return /^\d/.test(node.name);
    case "add": {
      const [first] = orderedTerms(node);
      return precedence(first) >= precedences.add && beginsWithDigit(first);
    }
    case "mul": {
      if (isUnevaluated(node)) return unlessParenthesized(node.args[0], precedences.mul);
      const [negative, size] = splitSign(node);
      const [first = one] = asFraction(size, isBelow).above;
      return !negative && (first === one || unlessParenthesized(first, precedences.mul));
    }
    case "pow":
      if (node.base === E || node.exponent.equals(half)) return false;
      if (node.exponent === minusOne || node.exponent.equals(minusHalf)) return true;
      return unlessParenthesized(node.base, precedences.pow);
    default:
      return false;
  }
}

/** Whether a factor below the line is the base of a power with exponent -1. */
const grouped = (product: Expr, factor: Expr): boolean =>
  factorsOf(product).some((arg) => isPow(arg) && arg.base === factor && arg.exponent === minusOne);

function printPower({ base, exponent }: Pow, print: Print): string {
  if (base === E) return `exp(${print(exponent)})`;
  if (exponent.equals(half)) return `sqrt(${print(base)})`;
  if (exponent.equals(minusHalf)) return `1/sqrt(${print(base)})`;
  const [below, above] = [base, exponent].map((part) =>
    parenthesized(part, precedences.pow, print),
  );
  return exponent === minusOne ? `1/${below}` : `${below}**${above}`;
}
