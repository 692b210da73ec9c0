/** Code that computes an expression: one printer by the table of a language. The text is that of SymPy's printers. */

import { add, div, pow, sqrt } from "../core/arithmetic.js";
import { isWhole } from "../core/assumptions.js";
import type { Call, ConstantName, Expr, Mul, Piecewise, Pow } from "../core/expr.js";
import {
  Call as CallNode,
  Constant,
  E,
  ExprMap,
  Float,
  fromRatio,
  half,
  integer,
  isAdd,
  isCall,
  isMul,
  isPow,
  minusOne,
  one,
  pi,
  two,
  walk,
  yes,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { casesOf, piecewise, relate } from "../core/logic.js";
import { orderedTerms } from "../core/order.js";
import { ratio } from "../core/rational.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";
import { asFraction, hasNegativeRational, splitSign } from "./fraction.js";
import { inShownOrder } from "./notation.js";
import { parenthesizer, precedence, precedences } from "./precedence.js";
import type { Rules } from "./printer.js";
import { textPrinter } from "./printer.js";
import { floatDigits } from "./srepr.js";
import { showFloat } from "./str.js";

type Print = (e: Expr) => string;

/** What a language has for the parts of an expression. */
interface Language {
  readonly name: string;
  readonly identifier: RegExp;
  readonly reserved: ReadonlySet<string>;
  readonly constants: Readonly<Partial<Record<ConstantName, string>>>;
  /** The beginning of the line that declares a constant that the language has no name for. */
  readonly declares: string;
  /** Expressions that have a name. */
  readonly macros: ExprMap<string>;
  readonly functions: Readonly<Record<string, string | ((args: string[], e: Call) => string)>>;
  readonly power: string;
  readonly roots: readonly [square: string, cube: string];
  readonly integer: (p: bigint) => string;
  readonly rational: (p: bigint, q: bigint) => string;
  readonly one: string;
  /** Whether the quotient of two integers is an integer. */
  readonly dividesIntegers: boolean;
  readonly float: (e: Float) => string;
  /** A Float that is all of the expression, where that is shown in another way. */
  readonly shows?: (e: Float) => string;
}

/** Of two arguments each: f(a, f(b, c)). */
const nested =
  (name: string) =>
  (args: string[]): string =>
    args.reduceRight((rest, arg) => `${name}(${arg}, ${rest})`);

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const same = (prefix: string, names: string): Record<string, string> =>
  Object.fromEntries(names.split(" ").map((name) => [name, prefix + name]));

const elementary = "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh atan2 log floor";

const c: Language = {
  name: "C",
  identifier: /^[A-Za-z_]\w*$/,
  reserved: words(
    "auto break case char const continue default do double else enum extern float for goto if int long register " +
      "return short signed sizeof static struct entry switch typedef union unsigned void volatile while inline restrict",
  ),
  constants: { pi: "M_PI", E: "M_E", oo: "INFINITY", "-oo": "-INFINITY", nan: "NAN" },
  declares: "const double",
  macros: macrosOf([
    [div(one, call("log", two)), "M_LOG2E"],
    [call("log", two), "M_LN2"],
    [call("log", integer(10)), "M_LN10"],
    [div(pi, two), "M_PI_2"],
    [div(pi, integer(4)), "M_PI_4"],
    [div(one, pi), "M_1_PI"],
    [div(two, pi), "M_2_PI"],
    [div(two, sqrt(pi)), "M_2_SQRTPI"],
    [sqrt(two), "M_SQRT2"],
    [div(one, sqrt(two)), "M_SQRT1_2"],
  ]),
  functions: {
    ...same("", `${elementary} exp erf erfc`),
    ceiling: "ceil",
    gamma: "tgamma",
    loggamma: "lgamma",
    Abs: (args, e) => `${isWhole(e.args[0]) ? "abs" : "fabs"}(${args})`,
    sign: ([x]) => `(((${x}) > 0) - ((${x}) < 0))`,
    Max: nested("fmax"),
    Min: nested("fmin"),
  },
  power: "pow",
  roots: ["sqrt", "cbrt"],
  // Larger integers than those of 64 bits are doubles.
  integer: (p) => (BigInt.asIntN(64, p) === p ? String(p) : `${p}.0`),
  rational: (p, q) => `${p}.0/${q}.0`,
  one: "1.0",
  dividesIntegers: true,
  float: (e) => floatDigits(e, 17),
};

const javascript: Language = {
  name: "JavaScript",
  identifier: /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u,
  reserved: words(
    "await break case catch class const continue debugger default delete do else enum export extends false finally " +
      "for function if implements import in instanceof interface let new null package private protected public " +
      "return static super switch this throw true try typeof var void while with yield arguments eval Math Number",
  ),
  constants: {
    pi: "Math.PI",
    E: "Math.E",
    oo: "Number.POSITIVE_INFINITY",
    "-oo": "Number.NEGATIVE_INFINITY",
    nan: "Number.NaN",
  },
  declares: "var",
  macros: new ExprMap(),
  functions: {
    ...same("Math.", `${elementary} exp sign`),
    ceiling: "Math.ceil",
    Abs: "Math.abs",
    Max: "Math.max",
    Min: "Math.min",
  },
  power: "Math.pow",
  roots: ["Math.sqrt", "Math.cbrt"],
  integer: String,
  rational: (p, q) => `${p}/${q}`,
  one: "1",
  dividesIntegers: false,
  float: (e) => showFloat(e, false),
  shows: (e) => showFloat(e, true),
};

function macrosOf(rows: readonly (readonly [Expr, string])[]): ExprMap<string> {
  const macros = new ExprMap<string>();
  for (const [e, name] of rows) macros.set(e, name);
  return macros;
}

/** Constants that no language has a name for. */
const declared: Readonly<Partial<Record<ConstantName, string>>> = {
  Catalan: "0.91596559417721901",
  EulerGamma: "0.57721566490153286",
  GoldenRatio: "1.6180339887498948",
};

const inverse =
  (of: string) =>
  (x: Expr): Expr =>
    pow(call(of, x), minusOne);
const ofInverse =
  (name: string) =>
  (x: Expr): Expr =>
    new CallNode(name, [pow(x, minusOne)], true);
/** Functions that no language has, by others. */
const rewritten: Readonly<Record<string, (...args: Expr[]) => Expr>> = {
  cot: inverse("tan"),
  sec: inverse("cos"),
  csc: inverse("sin"),
  coth: inverse("tanh"),
  sech: inverse("cosh"),
  csch: inverse("sinh"),
  acot: ofInverse("atan"),
  acoth: ofInverse("atanh"),
  factorial: (x) => call("gamma", add(x, one)),
  Heaviside: (x, atZero = half) =>
    piecewise([zero, relate("<", x, zero)], [atZero, relate("==", x, zero)], [one, yes]),
};

const third = fromRatio(ratio(1n, 3n));
/** As precedence; but a power with exponent -1 is a quotient, and so is what is rewritten to one. */
function bindingOf(e: Expr): number {
  if (isPow(e)) return e.exponent === minusOne ? precedences.mul : precedences.call;
  if (!isCall(e) || !e.defined || !Object.hasOwn(rewritten, e.name)) return precedence(e);
  return bindingOf(rewritten[e.name](...e.args));
}
const parenthesized = parenthesizer(bindingOf, (text) => `(${text})`);

function rulesOf(language: Language): Rules<string> {
  const refuse = (what: string): never => {
    throw new UnsupportedError(`there is no ${language.name} code for ${what}`);
  };

  function identifier(name: string): string {
    if (!language.identifier.test(name))
      refuse(`the symbol ${JSON.stringify(name)}, whose name is no identifier`);
    return language.reserved.has(name) ? `${name}_` : name;
  }

  /** A function of the language, of arguments that are code. */
  function applied(name: string, args: string[], e: Expr): string {
    if (!Object.hasOwn(language.functions, name)) return refuse(`the function ${name}`);
    const made = language.functions[name];
    return typeof made === "string" ? `${made}(${args.join(", ")})` : made(args, e as Call);
  }

  function callCode(e: Call, print: Print): string {
    if (!e.defined) return refuse(`the function ${e.name}, which only has a name`);
    return Object.hasOwn(rewritten, e.name) && !Object.hasOwn(language.functions, e.name)
      ? print(rewritten[e.name](...e.args))
      : applied(e.name, e.args.map(print), e);
  }

  function powerCode(e: Pow, print: Print): string {
    const { base, exponent } = e;
    if (base === E) return applied("exp", [print(exponent)], e);
    if (exponent === minusOne)
      return `${language.one}/${parenthesized(base, precedences.pow, print)}`;
    const [square, cube] = language.roots;
    if (exponent.equals(half) || (exponent instanceof Float && exponent.value.eq(0.5)))
      return `${square}(${print(base)})`;
    if (exponent.equals(third)) return `${cube}(${print(base)})`;
    return `${language.power}(${print(base)}, ${print(exponent)})`;
  }

  function casesCode(e: Piecewise, print: Print): string {
    const pairs = casesOf(e);
    const [last, condition] = pairs.pop() as [Expr, Expr];
    if (condition !== yes)
      return refuse("cases without a last one that always holds: add [value, true]");
    const tests = pairs.map(([value, test]) => `((${print(test)}) ? (\n${print(value)}\n)\n: `);
    return `${tests.join("")}(\n${print(last)}\n)${")".repeat(pairs.length)}`;
  }

  const rules: Rules<string> = {
    integer: ({ p }) => language.integer(p),
    rational: ({ p, q }) => language.rational(p, q),
    float: language.float,
    constant: ({ name }) => {
      if (Object.hasOwn(declared, name)) return name;
      return language.constants[name] ?? refuse(name === "I" ? "complex numbers" : name);
    },
    symbol: ({ name }) => identifier(name),
    add: sumCode,
    mul: (e, print) => productCode(e, print, language.dividesIntegers),
    pow: powerCode,
    function: callCode,
    derivative: () => refuse("a derivative that is not computed"),
    subs: () => refuse("a substitution that is not carried out"),
    piecewise: casesCode,
    relational: ({ relation, args: [left, right] }, print) =>
      `${print(left)} ${relation} ${print(right)}`,
    boolean: ({ value }) => String(value),
    and: ({ args }, print) => joined(args, " && ", precedences.and, print),
    or: ({ args }, print) => joined(args, " || ", precedences.or, print),
    not: ({ args: [e] }, print) => `!${parenthesized(e, precedences.not, print, true)}`,
    order: () => refuse("the order of what is left out of a series"),
  };
  const named =
    <E extends Expr>(rule: (e: E, print: Print) => string) =>
    (e: E, print: Print): string =>
      language.macros.get(e) ?? rule(e, print);
  return {
    ...rules,
    mul: named(rules.mul),
    pow: named(rules.pow),
    function: named(rules.function),
  };
}

const joined = (args: readonly Expr[], by: string, level: number, print: Print): string =>
  inShownOrder(args)
    .map((arg) => parenthesized(arg, level, print))
    .join(by);

function sumCode(e: Expr, print: Print): string {
  let code = "";
  for (const term of orderedTerms(e)) {
    const own = print(term);
    const minus = own.startsWith("-");
    const size = minus ? own.slice(1) : own;
    const shown = precedence(term) < precedences.add || isAdd(term) ? `(${size})` : size;
    const sign = code === "" ? (minus ? "-" : "") : minus ? " - " : " + ";
    code += sign + shown;
  }
  return code;
}

/** Whether the code of e may have the type of integers. */
function isIntegerCode(e: Expr): boolean {
  if (isAdd(e) || isMul(e)) return e.args.every(isIntegerCode);
  if (e.kind === "piecewise")
    return casesOf(e as Piecewise).every(([value]) => isIntegerCode(value));
  return isCall(e, "sign") || isWhole(e) === true;
}

function productCode(e: Mul, print: Print, dividesIntegers: boolean): string {
  // Below a minus sign, factors need parentheses only where they are sums.
  const level = precedence(e);
  const [negative, size] = splitSign(e);
  const { above, below } = asFraction(size, hasNegativeRational, false);
  const sign = negative ? "-" : "";
  const alone = negative && above.length === 1 ? precedences.mul + 5 : level;
  const top = above.map((factor) => parenthesized(factor, alone, print)).join("*") || "1";
  if (below.length === 0) return sign + top;
  const bottom = below.map((factor) => parenthesized(factor, precedences.mul, print));
  const real = dividesIntegers && [...above, ...below].every(isIntegerCode) ? "1.0*" : "";
  return `${sign}${real}${top}/${bottom.length === 1 ? bottom[0] : `(${bottom.join("*")})`}`;
}

/** Lines in steps: after an opening parenthesis one further to the right. */
function indented(code: string): string {
  let level = 0;
  return code
    .split("\n")
    .map((line) => {
      if (line.startsWith(")")) level--;
      const text = "   ".repeat(level) + line;
      if (line.endsWith("(")) level++;
      return text;
    })
    .join("\n");
}

function codePrinter(language: Language): (e: ExprLike) => string {
  const print = textPrinter(rulesOf(language));
  return (e) => {
    const expression = sympify(e);
    if (expression instanceof Float && language.shows !== undefined)
      return language.shows(expression);
    const used = new Set<string>();
    walk(expression, (node) => {
      if (node instanceof Constant && Object.hasOwn(declared, node.name)) used.add(node.name);
    });
    const lines = [...used]
      .sort()
      .map((name) => `${language.declares} ${name} = ${declared[name as ConstantName]};\n`);
    return lines.join("") + indented(print(expression));
  };
}

/**
 * C99 code that computes an expression with the functions of math.h. Constants that it has no name for are declared in
 * lines before.
 *
 * @throws UnsupportedError where there is no code, such as for derivatives that are not computed.
 * @example
 * const x = sym.symbol("x");
 * sym.ccode(x.pow(2).div(3)) // "(1.0/3.0)*pow(x, 2)"
 */
export const ccode: (e: ExprLike) => string = codePrinter(c);

/**
 * JavaScript code that computes an expression with the functions of Math. Constants that it has no name for are
 * declared in lines before.
 *
 * @throws UnsupportedError where there is no code, such as for derivatives that are not computed.
 * @example
 * const x = sym.symbol("x");
 * sym.jscode(x.pow(2).div(3)) // "(1/3)*Math.pow(x, 2)"
 */
export const jscode: (e: ExprLike) => string = codePrinter(javascript);
