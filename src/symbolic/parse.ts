/** Text to expressions, as a person types them. */
import { ArgumentError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { derivative } from "./calculus/diff.js";
import { div, exp, mul, neg, pow, product, sqrt, sum } from "./core/arithmetic.js";
import { catalog } from "./core/catalog.js";
import type { Expr } from "./core/expr.js";
import {
  Catalan,
  E,
  EulerGamma,
  Float,
  fromRatio,
  GoldenRatio,
  I,
  integer,
  isBoolean,
  isCall,
  isInteger,
  isNum,
  isSymbol,
  nan,
  no,
  one,
  oo,
  pi,
  Subs,
  two,
  yes,
  zero,
  zoo,
} from "./core/expr.js";
import { applied, call, logarithm } from "./core/functions.js";
import { and, not, or, piecewise, relate } from "./core/logic.js";
import { decimals, exactly } from "./core/numbers.js";
import { ratio } from "./core/rational.js";
import type { ExprLike } from "./core/symbols.js";
import { symbol, sympify } from "./core/symbols.js";
import { ParseError } from "./errors.js";

export interface ParseOptions {
  /** Whether `2x`, `x y` and `2(x + 1)` are products. */
  implicit?: boolean;
  /** Symbols by name, where they are to be other than those without assumptions. */
  symbols?: Readonly<Record<string, Expr>>;
  /** Whether 0.5 is 1/2; else it is a Float. */
  rational?: boolean;
}

const longest = 1_000_000;
/** Nested deeper, text is refused. */
const deepest = 250;

const constants: Readonly<Record<string, Expr>> = {
  pi,
  E,
  I,
  oo,
  zoo,
  nan,
  EulerGamma,
  Catalan,
  GoldenRatio,
  true: yes,
  True: yes,
  false: no,
  False: no,
};

const compare = (name: "==" | "!=" | "<" | "<=" | ">" | ">=") => (a: Expr, b: Expr) =>
  relate(name, a, b);
const quotient = (a: Expr, b: Expr): Expr =>
  isInteger(a) && isInteger(b) && b.p !== 0n ? fromRatio(ratio(a.p, b.p)) : div(a, b);

/** Names that are not those of the catalog, with the least and the most arguments. */
const others: Readonly<Record<string, readonly [number, number, (...args: Expr[]) => Expr]>> = {
  exp: [1, 1, exp],
  sqrt: [1, 1, sqrt],
  cbrt: [1, 1, (x) => pow(x, fromRatio(ratio(1n, 3n)))],
  root: [2, 2, (x, n) => pow(x, div(one, n))],
  ln: [1, 1, (x) => call("log", x)],
  log: [1, 2, (x, base) => (base === undefined ? call("log", x) : logarithm(x, base))],
  log2: [1, 1, (x) => logarithm(x, two)],
  log10: [1, 1, (x) => logarithm(x, integer(10))],
  abs: [1, 1, (x) => call("Abs", x)],
  ceil: [1, 1, (x) => call("ceiling", x)],
  max: [1, Infinity, (...x) => call("Max", ...x)],
  min: [1, Infinity, (...x) => call("Min", ...x)],
  lgamma: [1, 1, (x) => call("loggamma", x)],
  digamma: [1, 1, (x) => call("polygamma", zero, x)],
  trigamma: [1, 1, (x) => call("polygamma", one, x)],
  arcsin: [1, 1, (x) => call("asin", x)],
  arccos: [1, 1, (x) => call("acos", x)],
  arctan: [1, 1, (x) => call("atan", x)],
  pow: [2, 2, pow],
  Pow: [2, 2, pow],
  Add: [0, Infinity, (...x) => sum(x)],
  Mul: [0, Infinity, (...x) => product(x)],
  Integer: [1, 1, (x) => x],
  Rational: [1, 2, (p, q) => (q === undefined ? p : quotient(p, q))],
  Eq: [2, 2, compare("==")],
  Ne: [2, 2, compare("!=")],
  Lt: [2, 2, compare("<")],
  Le: [2, 2, compare("<=")],
  Gt: [2, 2, compare(">")],
  Ge: [2, 2, compare(">=")],
  And: [0, Infinity, and],
  Or: [0, Infinity, or],
  Not: [1, 1, not],
};

interface Token {
  readonly kind: "number" | "name" | "operator" | "value" | "end";
  readonly text: string;
  readonly at: number;
  readonly value?: Expr;
}

const pattern =
  /\s+|(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*'?)|(\*\*|<=|>=|==|!=|[-+*/^()!,<>=&|~])/uy;

function tokenize(text: string, offset: number, tokens: Token[]): void {
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      const character = String.fromCodePoint(text.codePointAt(at) as number);
      throw new ParseError(
        `parse: the character ${JSON.stringify(character)} has no meaning here`,
        text,
        at,
      );
    }
    const [, number, name, operator] = match;
    const kind =
      number !== undefined
        ? "number"
        : name !== undefined
          ? "name"
          : operator !== undefined
            ? "operator"
            : null;
    if (kind !== null) tokens.push({ kind, text: match[0], at: at + offset });
  }
}

class Parser {
  private next = 0;
  private depth = 0;
  private readonly symbols = new Map<string, Expr>();

  constructor(
    private readonly tokens: readonly Token[],
    private readonly text: string,
    private readonly options: ParseOptions,
  ) {}

  parse(): Expr {
    const value = this.disjunction();
    if (this.token.kind !== "end") this.fail("expected an operator or the end");
    return value;
  }

  private get token(): Token {
    return this.tokens[this.next];
  }

  private fail(message: string, token = this.token): never {
    const found =
      token.kind === "end"
        ? "the end"
        : token.kind === "value"
          ? "an expression"
          : JSON.stringify(token.text);
    throw new ParseError(`parse: ${message}, found ${found}`, this.text, token.at);
  }

  private accepts(...operators: string[]): Token | null {
    const { token } = this;
    if (token.kind !== "operator" || !operators.includes(token.text)) return null;
    this.next++;
    return token;
  }

  private expects(operator: string): void {
    if (this.accepts(operator) === null) this.fail(`expected ${JSON.stringify(operator)}`);
  }

  private nested<T>(run: () => T): T {
    if (++this.depth > deepest) {
      throw new ParseError(`parse: nested deeper than ${deepest} levels`, this.text, this.token.at);
    }
    const value = run();
    this.depth--;
    return value;
  }

  /** Errors of the arithmetic, such as a power too large to compute, are told with the place. */
  private at<T>(token: Token, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof ParseError || !(error instanceof Error)) throw error;
      throw new ParseError(`parse: ${error.message}`, this.text, token.at);
    }
  }

  private condition(value: Expr, token: Token): Expr {
    if (!isBoolean(value)) throw new ParseError("parse: expected a condition", this.text, token.at);
    return value;
  }
  private quantity(value: Expr, token: Token): Expr {
    if (isBoolean(value))
      throw new ParseError("parse: a condition is no number", this.text, token.at);
    return value;
  }

  private disjunction(): Expr {
    const start = this.token;
    let value = this.conjunction();
    for (let token = this.accepts("|"); token !== null; token = this.accepts("|")) {
      value = or(this.condition(value, start), this.condition(this.conjunction(), token));
    }
    return value;
  }

  private conjunction(): Expr {
    const start = this.token;
    let value = this.negation();
    for (let token = this.accepts("&"); token !== null; token = this.accepts("&")) {
      value = and(this.condition(value, start), this.condition(this.negation(), token));
    }
    return value;
  }

  private negation(): Expr {
    const token = this.accepts("~");
    if (token === null) return this.comparison();
    return this.nested(() => not(this.condition(this.negation(), token)));
  }

  private comparison(): Expr {
    const start = this.token;
    let left = this.sum();
    let value: Expr | null = null;
    for (;;) {
      const token = this.accepts("<", "<=", ">", ">=", "==", "!=");
      if (token === null) return value ?? left;
      const right = this.sum();
      const one = relate(
        token.text as "<",
        this.quantity(left, start),
        this.quantity(right, token),
      );
      value = value === null ? one : and(value, one);
      left = right;
    }
  }

  private sum(): Expr {
    const start = this.token;
    const first = this.product();
    const terms = [first];
    for (let token = this.accepts("+", "-"); token !== null; token = this.accepts("+", "-")) {
      const term = this.quantity(this.product(), token);
      terms.push(token.text === "-" ? neg(term) : term);
    }
    if (terms.length === 1) return first;
    this.quantity(first, start);
    return this.at(start, () => sum(terms));
  }

  private product(): Expr {
    const start = this.token;
    const first = this.unary();
    let factors = [first];
    const fold = (): Expr => this.at(start, () => product(factors));
    for (;;) {
      const token = this.accepts("*", "/");
      if (token !== null) {
        const factor = this.quantity(this.unary(), token);
        if (token.text === "/") factors = [this.at(token, () => quotient(fold(), factor))];
        else {
          factors.push(factor);
          // A number times a sum is a sum, in 3*(x + 1)*y too: products are taken from left to right.
          if (factors.length === 2 && factors.some(isNum)) factors = [fold()];
        }
      } else if (this.options.implicit && this.beginsFactor()) factors.push(this.power());
      else break;
    }
    if (factors.length === 1) return factors[0];
    this.quantity(first, start);
    return fold();
  }

  private beginsFactor(): boolean {
    const { kind, text } = this.token;
    return (
      kind === "number" ||
      kind === "name" ||
      kind === "value" ||
      (kind === "operator" && text === "(")
    );
  }

  private unary(): Expr {
    let negative = false;
    const start = this.token;
    for (let token = this.accepts("+", "-"); token !== null; token = this.accepts("+", "-")) {
      if (token.text === "-") negative = !negative;
    }
    const value = this.power();
    return negative ? neg(this.quantity(value, start)) : value;
  }

  private power(): Expr {
    const start = this.token;
    const base = this.postfix();
    const token = this.accepts("**", "^");
    if (token === null) return base;
    const exponent = this.nested(() => this.unary());
    return this.at(token, () => pow(this.quantity(base, start), this.quantity(exponent, token)));
  }

  private postfix(): Expr {
    const start = this.token;
    let value = this.atom();
    while (this.accepts("!") !== null) {
      const of = this.quantity(value, start);
      value = this.at(start, () => call("factorial", of));
    }
    return value;
  }

  private atom(): Expr {
    const { token } = this;
    switch (token.kind) {
      case "number":
        this.next++;
        return this.at(token, () => this.number(token.text));
      case "value":
        this.next++;
        return token.value as Expr;
      case "name":
        this.next++;
        return this.name(token);
      default:
        if (this.accepts("(") === null) this.fail("expected a number, a name or a parenthesis");
        return this.nested(() => {
          const value = this.disjunction();
          this.expects(")");
          return value;
        });
    }
  }

  private number(text: string): Expr {
    if (/^\d+$/.test(text)) return integer(BigInt(text));
    const [mantissa, power = "0"] = text.toLowerCase().split("e");
    if (this.options.rational)
      return mul(exactly(mantissa), pow(integer(10), integer(BigInt(power))));
    const digits = Math.max(15, mantissa.replace(".", "").replace(/^0+/, "").length);
    return new Float(new (decimals(digits + 2))(text.endsWith(".") ? `${text}0` : text), digits);
  }

  private name(token: Token): Expr {
    const { text } = token;
    const given = this.options.symbols;
    const own = given !== undefined && Object.hasOwn(given, text) ? given[text] : undefined;
    const called = this.token.kind === "operator" && this.token.text === "(";
    if (called && own === undefined) {
      if (text === "Piecewise") return this.cases(token);
      if (text === "Derivative") return this.derivative(token);
      if (text === "Subs") return this.substitution();
      const known = Object.hasOwn(others, text) || Object.hasOwn(catalog, text);
      // A symbol before a parenthesis is a factor where products may be implicit.
      if (known || !this.options.implicit || text.length > 1) return this.callOf(token);
    }
    if (own !== undefined) return own;
    if (Object.hasOwn(constants, text)) return constants[text];
    if (Object.hasOwn(others, text) || Object.hasOwn(catalog, text)) {
      this.fail(`expected "(" after the function ${text}`);
    }
    let found = this.symbols.get(text);
    if (found === undefined) {
      found = symbol(text);
      this.symbols.set(text, found);
    }
    return found;
  }

  private callOf(token: Token): Expr {
    this.expects("(");
    const args: Expr[] = [];
    this.nested(() => {
      if (this.accepts(")") !== null) return;
      do args.push(this.disjunction());
      while (this.accepts(",") !== null);
      this.expects(")");
    });
    const { text: name } = token;
    return this.at(token, () => {
      const found = Object.hasOwn(others, name) ? others[name] : undefined;
      if (found === undefined) {
        for (const arg of args) this.quantity(arg, token);
        return Object.hasOwn(catalog, name) ? call(name, ...args) : applied(name, ...args);
      }
      const [least, most, run] = found;
      if (args.length < least || args.length > most) {
        const count = least === most ? least : `${least} to ${most}`;
        throw new ArgumentError(`${name}: expected ${count} arguments, got ${args.length}`);
      }
      const logical = name === "And" || name === "Or" || name === "Not";
      for (const arg of args) logical ? this.condition(arg, token) : this.quantity(arg, token);
      return run(...args);
    });
  }

  private derivative(token: Token): Expr {
    this.expects("(");
    return this.nested(() => {
      const of = this.quantity(this.disjunction(), token);
      const by: [Expr, number][] = [];
      while (this.accepts(",") !== null) {
        const start = this.token;
        const paired = this.accepts("(") !== null;
        const variable = this.disjunction();
        let times = 1;
        if (paired) {
          if (this.accepts(",") !== null) {
            const count = this.disjunction();
            if (!isInteger(count) || count.p < 0n || count.p > 1000n)
              this.fail("expected how often", start);
            times = Number(count.p);
          }
          this.expects(")");
        } else if (
          isInteger(variable) &&
          by.length > 0 &&
          variable.p >= 0n &&
          variable.p <= 1000n
        ) {
          (by.at(-1) as [Expr, number])[1] = Number(variable.p);
          continue;
        }
        const place =
          isSymbol(variable) ||
          (isCall(variable) && !variable.defined) ||
          variable.kind === "derivative";
        if (!place)
          throw new ParseError("parse: expected a symbol to differentiate by", this.text, start.at);
        by.push([variable, times]);
      }
      this.expects(")");
      return derivative(of, by);
    });
  }

  private substitution(): Expr {
    this.expects("(");
    return this.nested(() => {
      const parts = [this.disjunction()];
      while (this.accepts(",") !== null) parts.push(this.disjunction());
      if (parts.length !== 3) this.fail("expected an expression, a symbol and its value");
      this.expects(")");
      return new Subs(parts[0], parts[1], parts[2]);
    });
  }

  private cases(token: Token): Expr {
    const pairs: [Expr, Expr][] = [];
    this.expects("(");
    this.nested(() => {
      do {
        this.expects("(");
        const value = this.quantity(this.disjunction(), token);
        this.expects(",");
        const condition = this.condition(this.disjunction(), token);
        this.expects(")");
        pairs.push([value, condition]);
      } while (this.accepts(",") !== null);
      this.expects(")");
    });
    return piecewise(...pairs);
  }
}

/**
 * The expression that a text is. Powers are `**` or `^`; fractions of integers are exact; unknown names are symbols, or
 * functions where they are called.
 *
 * @throws ParseError that shows the place with a caret.
 * @example
 * String(sym.parse("(x^3 - 2x + 4)^3", { implicit: true })) // "(x**3 - 2*x + 4)**3"
 */
export function parse(text: string, options: ParseOptions = {}): Expr {
  checkOptions(options, ["implicit", "symbols", "rational"], "parse");
  if (typeof text !== "string")
    throw new ArgumentError(`parse: expected a text, got ${typeof text}`);
  if (text.length > longest)
    throw new ParseError(`parse: a text of more than ${longest} characters`, text, longest);
  const tokens: Token[] = [];
  tokenize(text, 0, tokens);
  tokens.push({ kind: "end", text: "", at: text.length });
  return new Parser(tokens, text, options).parse();
}

/**
 * A template as an expression: what is put in are expressions and numbers.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.expr`sin(${x})**2 + 1`) // "sin(x)**2 + 1"
 */
export function expr(texts: TemplateStringsArray, ...values: ExprLike[]): Expr {
  if (!Array.isArray(texts)) throw new ArgumentError("expr: expected a template");
  const tokens: Token[] = [];
  let text = "";
  texts.forEach((part, i) => {
    tokenize(part, text.length, tokens);
    text += part;
    if (i >= values.length) return;
    const value = values[i];
    tokens.push({ kind: "value", text: "", at: text.length, value: sympify(value) });
    text += `\${…}`;
  });
  tokens.push({ kind: "end", text: "", at: text.length });
  return new Parser(tokens, text, {}).parse();
}
