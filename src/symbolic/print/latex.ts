/** The LaTeX of an expression, as SymPy's latex has it. */
import type { Call, Derivative, Expr, Mul, Pow } from "../core/expr.js";
import { E, isExact, isExp, isMul, isSymbol, one, yes, zero } from "../core/expr.js";
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
  termNeedsParens,
} from "./notation.js";
import { parenthesizer, precedences, traditionalPrecedence } from "./precedence.js";
import type { Rules } from "./printer.js";
import { isUnevaluated, textPrinter } from "./printer.js";
import { beginsWithDigit, showFloat } from "./str.js";

type Print = (e: Expr) => string;

const inParens = (text: string): string => `\\left(${text}\\right)`;
const raised = (text: string, exponent: string | null): string =>
  exponent === null ? text : `${text}^{${exponent}}`;

const parenthesized = parenthesizer(traditionalPrecedence, inParens);

/** What LaTeX has no letter of its own for: capitals that look like Latin ones. */
const capitals: Readonly<Record<string, string>> = {
  Alpha: "A",
  Beta: "B",
  Epsilon: "E",
  Zeta: "Z",
  Eta: "H",
  Iota: "I",
  Kappa: "K",
  Mu: "M",
  Nu: "N",
  Omicron: "O",
  Rho: "P",
  Tau: "T",
  Chi: "X",
  Khi: "X",
};
const spelled: Readonly<Record<string, string>> = {
  omicron: "o",
  lamda: "\\lambda",
  Lamda: "\\Lambda",
  khi: "\\chi",
};
const commands = new Set(
  (
    "varepsilon varkappa varphi varpi varrho varsigma vartheta aleph beth daleth gimel ell eth hbar hslash mho wp " +
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
  ).split(" "),
);

function letter(name: string): string | null {
  if (Object.hasOwn(spelled, name)) return spelled[name];
  if (Object.hasOwn(capitals, name)) return `\\mathrm{${capitals[name]}}`;
  if (commands.has(name)) return `\\${name}`;
  return greekLetter(name.toLowerCase()) === null ? null : `\\${name.toLowerCase()}`;
}

const command =
  (name: string) =>
  (inner: string): string =>
    `\\${name}{${inner}}`;
const prime = (inner: string): string => `{${inner}}'`;
const bars = (inner: string): string => `\\left|{${inner}}\\right|`;
const modifiers: Readonly<Record<string, (inner: string) => string>> = {
  ...Object.fromEntries(
    "mathring ddddot dddot ddot dot check breve acute grave tilde hat bar vec"
      .split(" ")
      .map((name) => [name, command(name)]),
  ),
  prime,
  prm: prime,
  bold: command("boldsymbol"),
  bm: command("boldsymbol"),
  cal: command("mathcal"),
  scr: command("mathscr"),
  frak: command("mathfrak"),
  norm: (inner) => `\\left\\|{${inner}}\\right\\|`,
  avg: (inner) => `\\left\\langle{${inner}}\\right\\rangle`,
  abs: bars,
  mag: bars,
};

/** A name with its accents, superscripts and subscripts. A name with braces is LaTeX already. */
function nameTex(text: string): string {
  if (text.includes("{")) return text;
  const { name, above, below } = splitName(text);
  const tex = (part: string): string => modified(part, letter, modifiers);
  const top = above.length === 0 ? "" : `^{${above.map(tex).join(" ")}}`;
  const bottom = below.length === 0 ? "" : `_{${below.map(tex).join(" ")}}`;
  return tex(name) + top + bottom;
}

const knownFunctions = new Set(
  (
    "arcsin arccos arctan sin cos tan sinh cosh tanh sqrt ln log sec csc cot coth re im frac root " +
    "arg"
  ).split(" "),
);

function functionName(name: string): string {
  const tex = nameTex(name);
  if (knownFunctions.has(tex)) return `\\${tex}`;
  const script = tex.search(/[_^]/);
  if (tex.length === 1 || tex.startsWith("\\") || script === 1) return tex;
  return script < 0
    ? `\\operatorname{${tex}}`
    : `\\operatorname{${tex.slice(0, script)}}${tex.slice(script)}`;
}

/** The function with its exponent, if it has one. */
type CallRule = (e: Call, print: Print, exponent: string | null) => string;

const around =
  (left: string, right: string): CallRule =>
  ({ args: [x] }, print, exponent) =>
    raised(left + print(x) + right, exponent);
const extreme: CallRule = ({ name, args }, print, exponent) => {
  const list = inShownOrder(args).map(print);
  return raised(`\\${name.toLowerCase()}\\left(${list.join(", ")}\\right)`, exponent);
};
const part: CallRule = ({ name, args: [x] }, print, exponent) => {
  const tex = `\\operatorname{${name}}{${inParens(print(x))}}`;
  return exponent === null ? tex : raised(inParens(tex), exponent);
};
/** A letter that stands for the function: the power of all of it takes parentheses. */
const lettered =
  (tex: string): CallRule =>
  ({ args }, print, exponent) => {
    const text = `${tex}\\left(${args.map(print).join(", ")}\\right)`;
    return exponent === null ? text : raised(inParens(text), exponent);
  };

const functions: Readonly<Record<string, CallRule>> = {
  log: around("\\log{\\left(", " \\right)}"),
  Abs: around("\\left|{", "}\\right|"),
  floor: around("\\left\\lfloor{", "}\\right\\rfloor"),
  ceiling: around("\\left\\lceil{", "}\\right\\rceil"),
  conjugate: around("\\overline{", "}"),
  Max: extreme,
  Min: extreme,
  re: part,
  im: part,
  gamma: ({ args: [x] }, print, exponent) =>
    `${raised("\\Gamma", exponent)}\\left(${print(x)}\\right)`,
  factorial: ({ args: [x] }, print, exponent) =>
    raised(`${parenthesized(x, precedences.call, print)}!`, exponent),
  Heaviside: lettered("\\theta"),
  DiracDelta: (e, print, exponent) => {
    const [x, order = zero] = e.args;
    if (order === zero) return lettered("\\delta")(e, print, exponent);
    const tex = `\\delta^{\\left( ${print(order)} \\right)}\\left( ${print(x)} \\right)`;
    return exponent === null ? tex : raised(inParens(tex), exponent);
  },
};

function callTex(e: Call, print: Print, exponent: string | null): string {
  if (e.defined && Object.hasOwn(functions, e.name)) return functions[e.name](e, print, exponent);
  const name = functionName(e.name);
  const base = exponent !== null && name.includes("^") ? inParens(name) : name;
  return `${raised(base, exponent)}{\\left(${e.args.map(print).join(",")} \\right)}`;
}

function sumTex(e: Expr, print: Print): string {
  return orderedTerms(e)
    .map((term, i) => {
      const minus = i > 0 && hasLeadingMinus(term);
      const shown = minus ? negated(term) : term;
      const tex = termNeedsParens(shown) ? inParens(print(shown)) : print(shown);
      return i === 0 ? tex : (minus ? " - " : " + ") + tex;
    })
    .join("");
}

/** Factors next to each other, with a dot between two numbers. */
function factorsTex(factors: readonly Expr[], print: Print): string {
  let tex = "";
  let last = "";
  factors.forEach((factor, i) => {
    const own = factorNeedsParens(factor, i === 0) ? inParens(print(factor)) : print(factor);
    if (i > 0) tex += /[0-9][} ]*$/.test(last) && beginsWithDigit(factor) ? " \\cdot " : " ";
    tex += own;
    last = own;
  });
  return tex;
}

const productTex = (factors: readonly Expr[], print: Print): string => {
  if (factors.length > 1) return factorsTex(inShownOrder(factors), print);
  const [factor = one] = factors;
  return isMul(factor) ? factorsTex(orderedFactors(factor), print) : print(factor);
};

function fractionTex(e: Expr, print: Print): string {
  const { above, below } = asFraction(e, isBelowLine);
  if (below.length === 0) return factorsTex(orderedFactors(e), print);
  return `\\frac{${productTex(above, print)}}{${productTex(below, print)}}`;
}

function mulTex(e: Mul, print: Print): string {
  if (isUnevaluated(e)) return factorsTex(e.args, print);
  const [negative, size] = splitSign(e);
  return negative ? `- ${fractionTex(size, print)}` : fractionTex(size, print);
}

function powTex(e: Pow, print: Print): string {
  const { base, exponent } = e;
  if (base === E) return `e^{${print(exponent)}}`;
  if (isExact(exponent)) {
    const { p, q } = exponent;
    if (q !== 1n && (p === 1n || p === -1n)) {
      const root = `\\sqrt${q === 2n ? "" : `[${q}]`}{${print(base)}}`;
      return p < 0n ? `\\frac{1}{${root}}` : root;
    }
    if (p < 0n) return fractionTex(e, print);
  }
  if (base.kind === "function") return callTex(base as Call, print, print(exponent));
  if (isExp(base) || base.kind === "piecewise")
    return raised(inParens(print(base)), print(exponent));
  const tex = parenthesized(base, precedences.pow, print);
  return raised(isSymbol(base) && tex.includes("^") ? inParens(tex) : tex, print(exponent));
}

function derivativeTex(e: Derivative, print: Print): string {
  const { of } = e;
  const d = isPartial(of) ? "\\partial" : "d";
  const { by, total } = derivativeParts(e);
  const below = by.map(([variable, count]) => {
    const tex = print(variable);
    if (count === 1) return `${d} ${tex}`;
    return `${d} ${raised(tex.includes("^") ? inParens(tex) : tex, String(count))}`;
  });
  const operator = `\\frac{${total === 1 ? d : raised(d, String(total))}}{${below.join("")}}`;
  const body = hasLeadingMinus(of)
    ? inParens(print(of))
    : parenthesized(of, precedences.mul, print, true);
  return `${operator} ${body}`;
}

const constants = {
  pi: "\\pi",
  E: "e",
  I: "i",
  oo: "\\infty",
  "-oo": "-\\infty",
  zoo: "\\tilde{\\infty}",
  nan: "\\text{NaN}",
  EulerGamma: "\\gamma",
  Catalan: "G",
  GoldenRatio: "\\phi",
} as const;
const relations = {
  "==": "=",
  "!=": "\\neq",
  "<": "<",
  "<=": "\\leq",
  ">": ">",
  ">=": "\\geq",
} as const;

const operand = (e: Expr, print: Print): string =>
  operandNeedsParens(e) ? inParens(print(e)) : print(e);
const joined = (args: readonly Expr[], operator: string, print: Print): string =>
  inShownOrder(args)
    .map((arg) => operand(arg, print))
    .join(` ${operator} `);

const rules: Rules<string> = {
  integer: ({ p }) => String(p),
  rational: ({ p, q }) => (p < 0n ? `- \\frac{${-p}}{${q}}` : `\\frac{${p}}{${q}}`),
  float: (e) => {
    const [mantissa, power] = showFloat(e, false).split("e");
    return power === undefined ? mantissa : `${mantissa} \\cdot 10^{${power.replace("+", "")}}`;
  },
  constant: ({ name }) => constants[name],
  symbol: ({ name }) => nameTex(name),
  add: sumTex,
  mul: mulTex,
  pow: powTex,
  function: (e, print) => callTex(e, print, null),
  derivative: derivativeTex,
  subs: ({ args: [of, variable, point] }, print) =>
    `\\left. ${print(of)} \\right|_{\\substack{ ${print(variable)}=${print(point)} }}`,
  piecewise: (e, print) => {
    const pairs = casesOf(e);
    const rows = pairs.map(([value, condition], i) =>
      condition === yes && i === pairs.length - 1
        ? `${print(value)} & \\text{otherwise}`
        : `${print(value)} & \\text{for}\\: ${print(condition)}`,
    );
    return `\\begin{cases} ${rows.join(" \\\\")} \\end{cases}`;
  },
  relational: ({ relation, args: [left, right] }, print) =>
    `${print(left)} ${relations[relation]} ${print(right)}`,
  boolean: ({ value }) => `\\text{${value ? "True" : "False"}}`,
  and: ({ args }, print) => joined(args, "\\wedge", print),
  or: ({ args }, print) => joined(args, "\\vee", print),
  not: ({ args: [e] }, print) => `\\neg ${operand(e, print)}`,
  order: ({ args: [of, variable, point] }, print) =>
    point === zero
      ? `O\\left(${print(of)}\\right)`
      : `O\\left(${print(of)}; ${print(variable)}\\rightarrow ${print(point)}\\right)`,
};

const print = textPrinter(rules);

/**
 * The LaTeX of an expression, for math mode.
 *
 * @example
 * const x = sym.symbol("x_1");
 * sym.latex(x.pow(2).div(3)) // "\\frac{x_{1}^{2}}{3}"
 */
export const latex = (e: ExprLike): string => print(sympify(e));
