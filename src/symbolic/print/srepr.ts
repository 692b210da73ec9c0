/** The constructor calls that make an expression, as SymPy's srepr has them. */
import { generators } from "../core/assumptions.js";
import type { Expr, Float } from "../core/expr.js";
import { E } from "../core/expr.js";
import { casesOf } from "../core/logic.js";
import { decimals } from "../core/numbers.js";
import { orderedFactors, orderedTerms } from "../core/order.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { splitSign } from "./fraction.js";
import { inOperandOrder } from "./notation.js";
import type { Rules } from "./printer.js";
import { textPrinter } from "./printer.js";
import { showFloat } from "./str.js";

/** A text in quotes, as Python writes it. */
const quoted = (text: string): string => {
  const escaped = text.replace(/[\\\n\r\t]/g, (c) => JSON.stringify(c).slice(1, -1));
  return text.includes("'") && !text.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
};

/** At most so many digits of a Float. One of 15 digits stands for the nearest double, whose digits they are. */
export function floatDigits({ value, digits }: Float, most: number): string {
  const text = digits === 15 ? value.toNumber().toPrecision(17) : value.toString();
  return showFloat({ value: new (decimals(most))(text), digits: most }, false);
}

const relations = {
  "==": "Equality",
  "!=": "Unequality",
  "<": "StrictLessThan",
  "<=": "LessThan",
  ">": "StrictGreaterThan",
  ">=": "GreaterThan",
} as const;

const called = (name: string, args: readonly string[]): string => `${name}(${args.join(", ")})`;
type Print = (e: Expr) => string;

const node =
  (name: string) =>
  ({ args }: Expr, print: Print): string =>
    called(name, args.map(print));
const sorted =
  (name: string) =>
  ({ args }: Expr, print: Print): string =>
    called(name, inOperandOrder(args).map(print));

const rules: Rules<string> = {
  integer: ({ p }) => `Integer(${p})`,
  rational: ({ p, q }) => `Rational(${p}, ${q})`,
  float: (e) => {
    const bits = Math.max(1, Math.round((e.digits + 1) * Math.log2(10)));
    return `Float('${floatDigits(e, e.digits + 2)}', precision=${bits})`;
  },
  constant: ({ name }) => name,
  symbol: ({ name, assumed, unique }) => {
    const facts = Object.entries(generators(assumed)).map(
      ([fact, value]) => `${fact}=${value ? "True" : "False"}`,
    );
    return unique === 0
      ? called("Symbol", [quoted(name), ...facts])
      : called("Dummy", [quoted(name), ...facts, `dummy_index=${unique}`]);
  },
  add: (e, print) => called("Add", orderedTerms(e).map(print)),
  mul: (e, print) => {
    const [negative, size] = splitSign(e);
    const factors = orderedFactors(size).map(print);
    return called("Mul", negative ? ["Integer(-1)", ...factors] : factors);
  },
  pow: (e, print) =>
    e.base === E ? called("exp", [print(e.exponent)]) : called("Pow", e.args.map(print)),
  function: (e, print) =>
    called(e.defined ? e.name : `Function(${quoted(e.name)})`, e.args.map(print)),
  derivative: ({ of, variables, counts }, print) =>
    called("Derivative", [
      print(of),
      ...variables.map((variable, i) => `Tuple(${print(variable)}, Integer(${counts[i]}))`),
    ]),
  subs: ({ args: [of, variable, point] }, print) =>
    called("Subs", [print(of), `Tuple(${print(variable)})`, `Tuple(${print(point)})`]),
  piecewise: (e, print) =>
    called(
      "Piecewise",
      casesOf(e).map((pair) => called("ExprCondPair", pair.map(print))),
    ),
  relational: (e, print) => node(relations[e.relation])(e, print),
  boolean: ({ value }) => String(value),
  and: sorted("And"),
  or: sorted("Or"),
  not: node("Not"),
  order: ({ args: [of, variable, point] }, print) =>
    called("Order", [print(of), `Tuple(${print(variable)}, ${print(point)})`]),
};

const print = textPrinter(rules);

/**
 * The calls of constructors that make an expression, in SymPy's notation: what it is made of, without shorthands.
 *
 * @example
 * const x = sym.symbol("x", { positive: true });
 * sym.srepr(x.pow(2).add(1)) // "Add(Pow(Symbol('x', positive=True), Integer(2)), Integer(1))"
 */
export const srepr = (e: ExprLike): string => print(sympify(e));
