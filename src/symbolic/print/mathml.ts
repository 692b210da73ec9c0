/** Expressions as presentation MathML, which browsers show. */
import type { Call, Derivative, Expr, Mul, Pow } from "../core/expr.js";
import { E, isExact, isSymbol, one, yes, zero } from "../core/expr.js";
import { casesOf } from "../core/logic.js";
import { hasLeadingMinus, orderedFactors, orderedTerms } from "../core/order.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { asFraction, negated, splitSign } from "./fraction.js";
import { greekLetter, modified, splitName } from "./names.js";
import {
  derivativeParts,
  factorNeedsParens,
  inShownOrder,
  isBelowLine,
  isPartial,
  operandNeedsParens,
  relationSigns,
  termNeedsParens,
} from "./notation.js";
import { parenthesizer, precedences, traditionalPrecedence } from "./precedence.js";
import type { Rules } from "./printer.js";
import { isUnevaluated, textPrinter } from "./printer.js";
import { showFloat } from "./str.js";

type Print = (e: Expr) => string;

/** Text as the content of an element; characters that XML does not allow are left out. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");

const element = (name: string, ...children: readonly string[]): string =>
  `<${name}>${children.join("")}</${name}>`;
const mi = (text: string): string => element("mi", escaped(text));
const mn = (text: string): string => element("mn", escaped(text));
const mo = (text: string): string => element("mo", escaped(text));
const mrow = (...children: readonly string[]): string =>
  children.length === 1 ? children[0] : element("mrow", ...children);
const msup = (base: string, exponent: string): string => element("msup", base, exponent);

const times = mo("\u2062"); // invisible times
const minus = mo("−");
const apply = mo("\u2061"); // function application

const fenced = (left: string, inner: string, right: string): string =>
  element("mrow", mo(left), inner, mo(right));
const inParens = (inner: string): string => fenced("(", inner, ")");
const separated = (list: readonly string[], by: string): string =>
  mrow(...list.flatMap((item, i) => (i === 0 ? [item] : [by, item])));

const parenthesized = parenthesizer(traditionalPrecedence, inParens);

const accents: Readonly<Record<string, string>> = {
  dot: "\u0307",
  ddot: "\u0308",
  hat: "\u0302",
  bar: "\u0305",
  vec: "\u20d7",
  tilde: "\u0303",
};
const modifiers: Readonly<Record<string, (inner: string) => string>> = {
  ...Object.fromEntries(Object.entries(accents).map(([name, mark]) => [name, (x) => x + mark])),
  prime: (x) => `${x}′`,
};

/** A name with its superscripts and subscripts. */
function nameMath(text: string): string {
  const { name, above, below } = splitName(text);
  const identifier = (part: string): string => {
    const shown = modified(part, greekLetter, modifiers);
    return /^\d+$/.test(shown) ? mn(shown) : mi(shown);
  };
  const top = separated(above.map(identifier), mo(","));
  const bottom = separated(below.map(identifier), mo(","));
  const base = identifier(name);
  if (above.length === 0) return below.length === 0 ? base : element("msub", base, bottom);
  return below.length === 0 ? msup(base, top) : element("msubsup", base, bottom, top);
}

const constants = {
  pi: mi("π"),
  E: mi("e"),
  I: mi("i"),
  oo: mi("∞"),
  "-oo": mrow(minus, mi("∞")),
  zoo: element("mover", mi("∞"), mo("~")),
  nan: mi("NaN"),
  EulerGamma: mi("γ"),
  Catalan: mi("G"),
  GoldenRatio: mi("φ"),
} as const;

type CallRule = (e: Call, print: Print) => string;
const between =
  (left: string, right: string): CallRule =>
  ({ args: [x] }, print) =>
    fenced(left, print(x), right);
/** Functions that are shown by other signs than a name before parentheses. */
const functions: Readonly<Record<string, CallRule>> = {
  Abs: between("|", "|"),
  floor: between("⌊", "⌋"),
  ceiling: between("⌈", "⌉"),
  conjugate: ({ args: [x] }, print) => element("mover", print(x), mo("¯")),
  factorial: ({ args: [x] }, print) => mrow(parenthesized(x, precedences.call, print), mo("!")),
};
const functionNames: Readonly<Record<string, string>> = {
  gamma: "Γ",
  Heaviside: "θ",
  DiracDelta: "δ",
  polygamma: "ψ",
  Max: "max",
  Min: "min",
};

/** A function with its arguments, and its exponent between them if it has one. */
function callMath(e: Call, print: Print, exponent: string | null): string {
  if (e.defined && Object.hasOwn(functions, e.name)) {
    const shown = functions[e.name](e, print);
    return exponent === null ? shown : msup(shown, exponent);
  }
  const own = e.defined && Object.hasOwn(functionNames, e.name) ? functionNames[e.name] : null;
  const name = own === null ? (e.defined ? mi(e.name) : nameMath(e.name)) : mi(own);
  const args = inParens(separated(e.args.map(print), mo(",")));
  return mrow(exponent === null ? name : msup(name, exponent), apply, args);
}

function sumMath(e: Expr, print: Print): string {
  const parts = orderedTerms(e).flatMap((term, i) => {
    const negative = i > 0 && hasLeadingMinus(term) && term.kind !== "add";
    const size = negative ? negated(term) : term;
    const shown = termNeedsParens(size) ? inParens(print(size)) : print(size);
    return i === 0 ? [shown] : [negative ? minus : mo("+"), shown];
  });
  return mrow(...parts);
}

/** Factors next to each other; between what begins with a number and what is before it stands a dot. */
function factorsMath(factors: readonly Expr[], print: Print): string {
  return mrow(
    ...factors.flatMap((factor, i) => {
      const open = factorNeedsParens(factor, i === 0);
      const shown = open ? inParens(print(factor)) : print(factor);
      if (i === 0) return [shown];
      return [/^(<m(?!o)\w+>)*<mn>/.test(shown) ? mo("⋅") : times, shown];
    }),
  );
}

function fractionMath(e: Expr, print: Print): string {
  const { above, below } = asFraction(e, isBelowLine);
  if (below.length === 0) return factorsMath(orderedFactors(e), print);
  const side = (factors: readonly Expr[]): string => {
    if (factors.length > 1) return factorsMath(inShownOrder(factors), print);
    return print(factors[0] ?? one);
  };
  return element("mfrac", side(above), side(below));
}

function productMath(e: Mul, print: Print): string {
  if (isUnevaluated(e)) return factorsMath(e.args, print);
  const [negative, size] = splitSign(e);
  const shown = fractionMath(size, print);
  return negative ? mrow(minus, shown) : shown;
}

function powerMath(e: Pow, print: Print): string {
  const { base, exponent } = e;
  if (base === E) return msup(constants.E, print(exponent));
  if (isExact(exponent)) {
    const { p, q } = exponent;
    if (q !== 1n && (p === 1n || p === -1n)) {
      const root =
        q === 2n ? element("msqrt", print(base)) : element("mroot", print(base), mn(String(q)));
      return p < 0n ? element("mfrac", mn("1"), root) : root;
    }
    if (p < 0n) return fractionMath(e, print);
  }
  if (base.kind === "function") return callMath(base as Call, print, print(exponent));
  const open =
    base.kind === "piecewise" || (isSymbol(base) && splitName(base.name).above.length > 0);
  const inner = open ? inParens(print(base)) : parenthesized(base, precedences.pow, print);
  return msup(inner, print(exponent));
}

function derivativeMath(e: Derivative, print: Print): string {
  const { of } = e;
  const d = mo(isPartial(of) ? "∂" : "d");
  const { by, total } = derivativeParts(e);
  const below = by.flatMap(([variable, count]) => [
    d,
    count === 1 ? print(variable) : msup(print(variable), mn(String(count))),
  ]);
  const above = total === 1 ? d : msup(d, mn(String(total)));
  const body = hasLeadingMinus(of)
    ? inParens(print(of))
    : parenthesized(of, precedences.mul, print, true);
  return mrow(element("mfrac", above, mrow(...below)), body);
}

const operand = (e: Expr, print: Print): string =>
  operandNeedsParens(e) ? inParens(print(e)) : print(e);
const joined = (args: readonly Expr[], operator: string, print: Print): string =>
  separated(
    inShownOrder(args).map((arg) => operand(arg, print)),
    mo(operator),
  );
const cell = (...children: readonly string[]): string => element("mtd", ...children);
const words = (text: string): string => element("mtext", text);

const rules: Rules<string> = {
  integer: ({ p }) => (p < 0n ? mrow(minus, mn(String(-p))) : mn(String(p))),
  rational: ({ p, q }) => {
    const size = element("mfrac", mn(String(p < 0n ? -p : p)), mn(String(q)));
    return p < 0n ? mrow(minus, size) : size;
  },
  float: (e) => {
    const text = showFloat(e, false);
    const negative = text.startsWith("-");
    const [mantissa, power] = (negative ? text.slice(1) : text).split("e");
    const exponent = power === undefined ? null : power.replace("+", "").replace("-", "−");
    const size =
      exponent === null ? mn(mantissa) : mrow(mn(mantissa), mo("⋅"), msup(mn("10"), mn(exponent)));
    return negative ? mrow(minus, size) : size;
  },
  constant: ({ name }) => constants[name],
  symbol: ({ name }) => nameMath(name),
  add: sumMath,
  mul: productMath,
  pow: powerMath,
  function: (e, print) => callMath(e, print, null),
  derivative: derivativeMath,
  subs: ({ args: [of, variable, point] }, print) =>
    element("msub", mrow(print(of), mo("|")), mrow(print(variable), mo("="), print(point))),
  piecewise: (e, print) => {
    const rows = casesOf(e).map(([value, condition]) =>
      element(
        "mtr",
        cell(print(value)),
        condition === yes ? cell(words("otherwise")) : cell(words("for "), print(condition)),
      ),
    );
    return mrow(mo("{"), element("mtable", ...rows));
  },
  relational: ({ relation, args: [left, right] }, print) =>
    mrow(print(left), mo(relationSigns[relation]), print(right)),
  boolean: ({ value }) => words(value ? "True" : "False"),
  and: ({ args }, print) => joined(args, "∧", print),
  or: ({ args }, print) => joined(args, "∨", print),
  not: ({ args: [e] }, print) => mrow(mo("¬"), operand(e, print)),
  order: ({ args: [of, variable, point] }, print) => {
    const at = mrow(print(variable), mo("→"), print(point));
    return mrow(mi("O"), inParens(point === zero ? print(of) : mrow(print(of), mo(";"), at)));
  },
};

const print = textPrinter(rules);

/**
 * An expression as presentation MathML, a `math` element that browsers show.
 *
 * @example
 * const x = sym.symbol("x");
 * sym.toMathML(x.div(2)).includes("<mfrac><mi>x</mi><mn>2</mn></mfrac>") // true
 */
export const toMathML = (e: ExprLike): string =>
  `<math xmlns="http://www.w3.org/1998/Math/MathML">${print(sympify(e))}</math>`;
