/** Expressions in two dimensions, as SymPy's pretty has them with Unicode and without wrapped lines. */
import type { Call, Derivative, Exact, Expr, Mul, Piecewise } from "../core/expr.js";
import {
  E,
  Float,
  integer,
  isExact,
  isInteger,
  isMul,
  isNum,
  isSymbol,
  minusOne,
  one,
  Pow,
  two,
  yes,
  zero,
} from "../core/expr.js";
import { casesOf } from "../core/logic.js";
import { negNum, signOf } from "../core/numbers.js";
import { orderedTerms } from "../core/order.js";
import { splitPower } from "../core/parts.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import type { Box, Delimiter } from "./box.js";
import {
  added,
  beside,
  bindings,
  bound,
  box,
  delimiter,
  divided,
  dotted,
  enclosed,
  heightOf,
  inParens,
  multiplied,
  over,
  powered,
  rooted,
  ruled,
  separated,
  under,
} from "./box.js";
import { asFraction, hasNegativeRational, negated, reciprocal, splitSign } from "./fraction.js";
import { greekLetter, modified, splitName } from "./names.js";
import {
  derivativeParts,
  inShownOrder,
  isPartial,
  operandNeedsParens,
  relationSigns,
} from "./notation.js";
import type { Rules } from "./printer.js";
import { isUnevaluated, printer } from "./printer.js";
import { showFloat } from "./str.js";

type Print = (e: Expr) => Box;

const small: Readonly<Record<string, string>> = {
  ...Object.fromEntries([..."aeioruvxhklmnpst"].map((c, i) => [c, [..."ₐₑᵢₒᵣᵤᵥₓₕₖₗₘₙₚₛₜ"][i]])),
  ...Object.fromEntries([..."0123456789+-=()"].map((c, i) => [c, [..."₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"][i]])),
  beta: "ᵦ",
  gamma: "ᵧ",
  rho: "ᵨ",
  phi: "ᵩ",
  chi: "ᵪ",
};
const raised: Readonly<Record<string, string>> = Object.fromEntries(
  [..."in0123456789+-=()"].map((c, i) => [c, [..."ⁱⁿ⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"][i]]),
);

/** An accent over the letter in the middle. */
const accent =
  (mark: string) =>
  (inner: string): string => {
    const letters = [...inner];
    letters.splice(Math.floor(letters.length / 2) + 1, 0, mark);
    return letters.join("");
  };
const enclosing =
  (left: string, right: string) =>
  (inner: string): string =>
    left + inner + right;
const modifiers: Readonly<Record<string, (inner: string) => string>> = {
  mathring: accent("\u030a"),
  ddddot: accent("\u20dc"),
  dddot: accent("\u20db"),
  ddot: accent("\u0308"),
  dot: accent("\u0307"),
  check: accent("\u030c"),
  breve: accent("\u0306"),
  acute: accent("\u0301"),
  grave: accent("\u0300"),
  tilde: accent("\u0303"),
  hat: accent("\u0302"),
  bar: accent("\u0305"),
  vec: accent("\u20d7"),
  prime: enclosing("", "′"),
  prm: enclosing("", "′"),
  norm: enclosing("‖", "‖"),
  avg: enclosing("⟨", "⟩"),
  abs: enclosing("∣", "∣"),
  mag: enclosing("∣", "∣"),
};

/** The parts in small letters, or null where a character has none. */
function scripts(
  parts: readonly string[],
  letters: Readonly<Record<string, string>>,
): string | null {
  const shown = parts.map((part) => {
    if (Object.hasOwn(letters, part)) return letters[part];
    const each = [...part].map((c) => (Object.hasOwn(letters, c) ? letters[c] : null));
    return each.includes(null) ? null : each.join("");
  });
  return shown.includes(null) ? null : shown.join(" ");
}

/** A name with Greek letters, accents and scripts where Unicode has them. */
export function prettyName(text: string): string {
  const { name, above, below } = splitName(text);
  const shown = (part: string): string => modified(part, greekLetter, modifiers);
  const top = scripts(above, raised);
  const bottom = scripts(below, small);
  if (top !== null && bottom !== null) return shown(name) + top + bottom;
  return [
    shown(name),
    ...below.map((part) => `_${shown(part)}`),
    ...above.map((part) => `__${shown(part)}`),
  ].join("");
}

const constants = {
  pi: "π",
  E: "ℯ",
  I: "ⅈ",
  oo: "∞",
  "-oo": "-∞",
  zoo: "zoo",
  nan: "nan",
  EulerGamma: "γ",
  Catalan: "G",
  GoldenRatio: "φ",
} as const;

/** Fractions of long numbers are stacked, short ones are written with a slash. */
function exactBox(e: Exact): Box {
  const { p, q } = e;
  const binding = p < 0n ? bindings.negative : bindings.atom;
  if (q === 1n) return box(String(p), 0, binding);
  return (p >= 10n || p <= -10n) && q >= 10n
    ? divided(box(String(p), 0, binding), box(String(q)))
    : box(`${p}/${q}`);
}

/** A minus sign before a box: at the beginning of a sum, or between two terms. */
function withMinus(of: Box, first: boolean): Box {
  const inner = of.binding > bindings.negative || of.binding === bindings.sum ? inParens(of) : of;
  const sign = first ? (heightOf(of) > 1 ? "- " : "-") : " - ";
  return bound(beside(sign, inner), bindings.negative);
}

function sumBox(e: Expr, print: Print): Box {
  const terms = orderedTerms(e);
  const isFraction = (term: Expr): term is Exact => isExact(term) && term.q !== 1n;
  const boxes = terms.map((term, i): Box | null => {
    if (isFraction(term)) return null;
    const [negative, size] = splitSign(term);
    if (negative && (isNum(term) || isMul(term)))
      return withMinus(print(isNum(term) ? negNum(term) : size), i === 0);
    return term.kind === "relational" ? inParens(print(term)) : print(term);
  });
  // Beside what is higher than a line, fractions are stacked.
  const high = boxes.some((b) => b !== null && heightOf(b) > 1);
  return added(
    boxes.map((b, i) => {
      const term = terms[i];
      if (b !== null || !isFraction(term)) return b as Box;
      const size = negNum(term) as Exact;
      const shown = signOf(term) < 0 ? size : term;
      const own = high ? divided(box(String(shown.p)), box(String(shown.q))) : print(shown);
      return shown === size ? withMinus(own, i === 0) : own;
    }),
  );
}

function productBox(e: Mul, print: Print): Box {
  if (isUnevaluated(e)) return dotted(e.args.map(print));
  const [negative, size] = splitSign(e);
  const { above, below } = asFraction(size, hasNegativeRational);
  const signed = negative ? [minusOne, ...above] : above;
  const top = multiplied((signed.length === 0 ? [one] : signed).map(print));
  return below.length === 0 ? top : divided(top, multiplied(below.map(print)));
}

/** n of an exponent 1/n that is shown by a root. */
function rootIndex(exponent: Expr): Expr | null {
  if (isExact(exponent)) return exponent.p === 1n && exponent.q !== 1n ? integer(exponent.q) : null;
  const [base, power] = splitPower(exponent);
  return isSymbol(base) && power === minusOne ? base : null;
}

function powerBox(e: Pow, print: Print): Box {
  const { base, exponent } = e;
  if (base === E) return powered(box(constants.E), print(exponent));
  // (1/2)**x is 2**(-x).
  if (base.kind === "rational" && (base as Exact).p === 1n)
    return print(new Pow(integer((base as Exact).q), negated(exponent)));
  if (hasNegativeRational(e)) return divided(box("1"), print(reciprocal(e)));
  const index = rootIndex(exponent);
  if (index !== null) {
    const inner = print(base);
    if (index !== two) return rooted(inner, print(index).lines[0]);
    const short = inner.width === 1 || (isInteger(base) && base.p >= 0n);
    return heightOf(inner) === 1 && short ? beside("√", inner) : rooted(inner, null);
  }
  const inner = print(base);
  return powered(base.kind === "relational" ? inParens(inner) : inner, print(exponent));
}

/** A function's name and its arguments in parentheses. */
function applied(name: string, args: readonly Expr[], print: Print): Box {
  const parts = [box(name), inParens(separated(args.map(print), ", "))] as const;
  return { ...beside(...parts), binding: bindings.call, parts };
}

type CallRule = (e: Call, print: Print) => Box;
const between =
  (left: Delimiter, right: Delimiter): CallRule =>
  ({ args: [x] }, print) =>
    enclosed(print(x), left, right);
/** Its exponent stands after the arguments. */
const atomic =
  (name: string): CallRule =>
  ({ args }, print) =>
    bound(applied(name, args, print), bindings.atom);

const functions: Readonly<Record<string, CallRule>> = {
  Abs: between("|", "|"),
  floor: between("lfloor", "rfloor"),
  ceiling: between("lceil", "rceil"),
  conjugate: ({ args: [x] }, print) => {
    const inner = print(x);
    return over(box("_".repeat(inner.width)), inner);
  },
  factorial: ({ args: [x] }, print) => {
    const inner = print(x);
    const short = isSymbol(x) || (isInteger(x) && x.p >= 0n);
    return beside(short ? inner : inParens(inner), "!");
  },
  atan2: atomic("atan2"),
  Max: atomic("Max"),
  Min: atomic("Min"),
  gamma: ({ args }, print) => applied("Γ", args, print),
  Heaviside: ({ args }, print) =>
    args.length === 1 ? bound(applied("θ", args, print), bindings.atom) : applied("θ", args, print),
  DiracDelta: ({ args: [x, order = zero] }, print) =>
    order === zero
      ? bound(applied("δ", [x], print), bindings.atom)
      : beside(powered(box("δ"), inParens(print(order))), " ", inParens(print(x))),
};

function callBox(e: Call, print: Print): Box {
  if (e.defined && Object.hasOwn(functions, e.name)) return functions[e.name](e, print);
  return applied(prettyName(e.name), e.args, print);
}

function derivativeBox(e: Derivative, print: Print): Box {
  const { of } = e;
  const d = isPartial(of) ? "∂" : "d";
  const { by, total } = derivativeParts(e);
  const below = by.map(([variable, count]) => {
    const one = beside(d, print(variable));
    return count === 1 ? one : powered(one, box(String(count)));
  });
  const above = total === 1 ? box(d) : powered(box(d), box(String(total)));
  return bound(beside(ruled(above, separated(below, " ")), inParens(print(of))), bindings.product);
}

function substitutedBox(of: Expr, variable: Expr, point: Expr, print: Print): Box {
  const inner = inParens(print(of));
  const bar = delimiter("|", Math.max(2, heightOf(inner)), inner.baseline);
  const barred = beside(inner, bar);
  const bottom = bound(barred, bindings.atom, heightOf(barred) - 1);
  const whole = beside(bottom, print(variable), "=", print(point));
  return bound(whole, bindings.atom, inner.baseline);
}

function casesBox(e: Piecewise, print: Print): Box {
  const rows = casesOf(e).map(([value, condition]) => [
    print(value),
    condition === yes ? box("otherwise") : beside("for ", print(condition)),
  ]);
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i].width)));
  const lines = rows.map((row) => {
    const [value, condition] = row.map((b, i) => {
      const margin = widths[i] - b.width;
      const left = margin >> 1;
      return beside(" ".repeat(left), b, " ".repeat(margin - left));
    });
    return beside(value, "  ", condition);
  });
  const [first, ...others] = lines;
  const table = under(first, ...others.flatMap((line) => [box(" "), line]));
  const cases = enclosed(table, "{", null);
  return bound(cases, bindings.open, Math.floor(heightOf(cases) / 2));
}

const operand = (e: Expr, print: Print): Box =>
  operandNeedsParens(e) ? inParens(print(e)) : print(e);
const joined = (args: readonly Expr[], operator: string, print: Print): Box =>
  separated(
    inShownOrder(args).map((arg) => operand(arg, print)),
    operator,
  );

const rules: Rules<Box> = {
  integer: exactBox,
  rational: exactBox,
  float: (e) => box(showFloat(e, false)),
  constant: ({ name }) => box(constants[name]),
  symbol: ({ name }) => box(prettyName(name)),
  add: sumBox,
  mul: productBox,
  pow: powerBox,
  function: callBox,
  derivative: derivativeBox,
  subs: ({ args: [of, variable, point] }, print) => substitutedBox(of, variable, point, print),
  piecewise: casesBox,
  relational: ({ relation, args: [left, right] }, print) =>
    bound(beside(print(left), ` ${relationSigns[relation]} `, print(right)), bindings.open),
  boolean: ({ value }) => box(value ? "True" : "False"),
  and: ({ args }, print) => joined(args, " ∧ ", print),
  or: ({ args }, print) => joined(args, " ∨ ", print),
  not: ({ args: [e] }, print) => beside("¬", operand(e, print)),
  order: ({ args: [of, variable, point] }, print) =>
    beside(
      "O",
      inParens(
        point === zero ? print(of) : beside(print(of), "; ", print(variable), " → ", print(point)),
      ),
    ),
};

const print = printer(rules, (b) => b.lines.length * b.width);

/**
 * An expression in two dimensions, in lines of text.
 *
 * @example
 * const x = sym.symbol("x");
 * sym.pretty(x.pow(2).div(3)) // " 2\nx \n──\n3 "
 */
export function pretty(e: ExprLike): string {
  const expression = sympify(e);
  return expression instanceof Float
    ? showFloat(expression, true)
    : print(expression).lines.join("\n");
}
