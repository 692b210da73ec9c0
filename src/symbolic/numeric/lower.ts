/** From expressions to steps. */
import { ArgumentError } from "../../core/errors.js";
import { approximate } from "../core/approximate.js";
import { catalog } from "../core/catalog.js";
import type { Expr, Node, Relation, Sym } from "../core/expr.js";
import { E, ExprMap, I, isNum, minusOne, two, zoo } from "../core/expr.js";
import { toNumber } from "../core/numbers.js";
import type { Part } from "../cse.js";
import { shared } from "../cse.js";
import { UnsupportedError } from "../errors.js";
import type { Program, Value } from "./steps.js";
import { Builder } from "./steps.js";

/** Larger whole powers are left to pow, which rounds once. */
const mostFactors = 16;

type Formula = (b: Builder, ...x: Value[]) => Value;

const reciprocalOf =
  (op: "tan" | "cos" | "sin" | "tanh" | "cosh" | "sinh"): Formula =>
  (b, x) =>
    b.step("reciprocal", b.step(op, x));
const ofReciprocal =
  (op: "atan" | "atanh"): Formula =>
  (b, x) =>
    b.step(op, b.step("reciprocal", x));

/** Γ(x) from log |Γ(x)|. Below zero its sign changes at each integer. */
const gamma: Formula = (b, x) => {
  const size = b.step("exp", b.step("lgamma", x));
  const odd = b.step("remainder", b.step("floor", x), 2);
  const sign = b.step("sub", 1, b.step("mul", odd, 2));
  return b.step("where", b.step("lt", x, 0), b.step("mul", size, sign), size);
};

/** Functions that are no operation, by operations. Arguments are real. */
const formulas: Readonly<Record<string, Formula>> = {
  cot: reciprocalOf("tan"),
  sec: reciprocalOf("cos"),
  csc: reciprocalOf("sin"),
  coth: reciprocalOf("tanh"),
  sech: reciprocalOf("cosh"),
  csch: reciprocalOf("sinh"),
  acot: ofReciprocal("atan"),
  acoth: ofReciprocal("atanh"),
  gamma,
  factorial: (b, x) => gamma(b, b.step("add", x, 1)),
  Heaviside: (b, x, atZero = b.constant(0.5)) => {
    // What is not a number stays that.
    const below = b.step("where", b.step("lt", x, 0), 0, x);
    const sides = b.step("where", b.step("gt", x, 0), 1, below);
    return b.step("where", b.step("eq", x, 0), atZero, sides);
  },
  DiracDelta: (b, x) => b.step("where", b.step("eq", x, 0), Number.NaN, 0),
  Max: (b, ...x) => x.reduce((a, y) => b.step("maximum", a, y)),
  Min: (b, ...x) => x.reduce((a, y) => b.step("minimum", a, y)),
  re: (_, x) => x,
  im: (b) => b.constant(0),
  conjugate: (_, x) => x,
  arg: (b, x) => b.step("where", b.step("lt", x, 0), Math.PI, 0),
  polygamma: (b, n, x) => {
    if (n.kind === "constant" && n.number === 0) return b.step("digamma", x);
    if (n.kind === "constant" && n.number === 1) return b.step("trigamma", x);
    return b.step("polygamma", n, x);
  },
};

const relations = {
  "==": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
} as const satisfies Record<Relation, string>;

const isNumberPart = ({ kind, expr }: Part): boolean => kind === "leaf" && isNum(expr as Expr);
const isLeafOf = ({ kind, expr }: Part, e: Expr): boolean =>
  kind === "leaf" && (expr as Expr).equals(e);

class Lowering {
  private readonly b: Builder;
  private readonly symbols: ExprMap<Value>;
  private readonly values = new Map<Part, Value>();

  constructor(b: Builder, symbols: ExprMap<Value>) {
    this.b = b;
    this.symbols = symbols;
  }

  /** Operands come before what reads them. */
  lower(part: Part): Value {
    const known = this.values.get(part);
    if (known !== undefined) return known;
    for (const arg of part.args) this.lower(arg);
    const value = this.make(part);
    this.values.set(part, value);
    return value;
  }

  private of(part: Part): Value {
    return this.values.get(part) as Value;
  }

  private make(part: Part): Value {
    switch (part.kind) {
      case "leaf":
        return this.leaf(part.expr as Expr);
      case "sum":
        return this.sum(part);
      case "product":
        return this.product(part);
      case "power":
        return this.power(part);
      default:
        return this.other(part);
    }
  }

  private leaf(e: Expr): Value {
    const { b } = this;
    const node = e as Node;
    if (isNum(e)) return b.constant(toNumber(e));
    if (node.kind === "boolean") return b.constant(node.value ? 1 : 0, true);
    if (node.kind === "constant") {
      if (e === I || e === zoo) {
        throw new UnsupportedError(
          `lambdify computes with real numbers, and ${node.name} is none; take re and im apart`,
        );
      }
      return b.constant((approximate(e) as { re: number }).re);
    }
    if (node.kind === "symbol") {
      const value = this.symbols.get(e);
      if (value === undefined) {
        throw new ArgumentError(`lambdify: ${node.name} is not among the arguments`);
      }
      return value;
    }
    throw new UnsupportedError(`lambdify: ${e.kind} has no numbers`);
  }

  /** Of a product that nothing else reads, the number in front and the rest; of anything else 1 and all of it. */
  private split(part: Part): [coefficient: number, value: Value] {
    if (part.kind === "product" && part.uses === 1 && isNumberPart(part.args[0])) {
      const [first, ...rest] = part.args;
      const [inner, value] = rest.length === 1 ? this.split(rest[0]) : [1, this.productOf(rest, 1)];
      return [this.of(first).number * inner, value];
    }
    return [1, this.of(part)];
  }

  private scaled(x: Value, coefficient: number): Value {
    const { b } = this;
    if (coefficient === 1) return x;
    return coefficient === -1 ? b.step("neg", x) : b.step("mul", x, coefficient);
  }

  private sum(part: Part): Value {
    const { b } = this;
    let constant = 0;
    const terms: [coefficient: number, value: Value][] = [];
    const others = part.args.filter((arg) => !isNumberPart(arg));
    for (const arg of part.args) if (isNumberPart(arg)) constant += this.of(arg).number;
    for (const arg of others) {
      // eᵘ − 1 is exact near 0 as one operation.
      if (constant === -1 && isExpPart(arg) && arg.uses === 1) {
        terms.push([1, b.step("expm1", this.of(arg.args[1]))]);
        constant = 0;
      } else terms.push(this.split(arg));
    }
    const [total, factor] = this.total(terms);
    const scaled = this.scaled(total, factor);
    return constant === 0 ? scaled : b.step("add", scaled, constant);
  }

  /** The sum of terms: what is added first, then what is subtracted. A factor that all of them have is left over. */
  private total(terms: readonly (readonly [number, Value])[]): [total: Value, factor: number] {
    const { b } = this;
    const common = Math.abs(terms[0][0]);
    const all = terms.every(([coefficient]) => Math.abs(coefficient) === common);
    const sign = terms.every(([coefficient]) => coefficient < 0) ? -1 : 1;
    const factor = sign * (all ? common : 1);
    let total: Value | null = null;
    for (const wanted of [1, -1]) {
      for (const [coefficient, value] of terms) {
        const own = coefficient / factor;
        if (Math.sign(own) !== wanted) continue;
        const x = this.scaled(value, Math.abs(own));
        total = total === null ? x : b.step(wanted > 0 ? "add" : "sub", total, x);
      }
    }
    return [total as Value, factor];
  }

  private product(part: Part): Value {
    return this.productOf(part.args, 1);
  }

  /** The product of factors and a number; powers below zero that nothing else reads divide. */
  private productOf(factors: readonly Part[], factor: number): Value {
    const { b } = this;
    let coefficient = factor;
    let above: Value | null = null;
    let below: Value | null = null;
    const times = (a: Value | null, x: Value): Value => (a === null ? x : b.step("mul", a, x));
    const take = (arg: Part): void => {
      if (isNumberPart(arg)) coefficient *= this.of(arg).number;
      else if (arg.kind === "product" && arg.uses === 1) arg.args.forEach(take);
      else if (this.divides(arg)) below = times(below, this.of(arg.args[0]));
      else above = times(above, this.of(arg));
    };
    factors.forEach(take);
    const numerator = above as Value | null;
    const denominator = below as Value | null;
    if (denominator === null) {
      return numerator === null ? b.constant(coefficient) : this.scaled(numerator, coefficient);
    }
    if (numerator === null) {
      return coefficient === 1
        ? b.step("reciprocal", denominator)
        : b.step("div", coefficient, denominator);
    }
    return this.scaled(b.step("div", numerator, denominator), coefficient);
  }

  /** Whether a factor is 1/x that nothing else reads, and no better operation gives it. */
  private divides(part: Part): boolean {
    if (part.kind !== "power" || part.uses > 1 || !isLeafOf(part.args[1], minusOne)) return false;
    return !this.isRoot(part.args[0]) && this.sigmoidOf(part.args[0]) === null;
  }

  /** Whether it is a square root that nothing else reads. */
  private isRoot({ kind, args, uses }: Part): boolean {
    return (
      kind === "power" && uses === 1 && isNumberPart(args[1]) && this.of(args[1]).number === 0.5
    );
  }

  /** u, of 1 + e⁻ᵘ that nothing else reads. */
  private sigmoidOf({ kind, args, uses }: Part): Value | null {
    if (kind !== "sum" || uses > 1 || args.length !== 2) return null;
    const one = args.find(isNumberPart);
    const power = args.find((arg) => arg !== one);
    if (one === undefined || power === undefined || this.of(one).number !== 1) return null;
    if (!isExpPart(power) || power.uses > 1) return null;
    const [coefficient, value] = this.split(power.args[1]);
    return this.scaled(value, -coefficient);
  }

  private power({ args: [base, exponent] }: Part): Value {
    const { b } = this;
    const x = this.of(base);
    const y = this.of(exponent);
    if (isLeafOf(base, E)) return b.step("exp", y);
    if (isLeafOf(base, two)) return b.step("exp2", y);
    if (!isNumberPart(exponent)) return b.step("pow", x, y);
    if (y.number === -1) {
      const u = this.sigmoidOf(base);
      if (u !== null) return b.step("sigmoid", u);
      return this.isRoot(base) ? b.step("rsqrt", this.of(base.args[0])) : b.step("reciprocal", x);
    }
    const twice = 2 * y.number;
    if (!Number.isInteger(twice) || Math.abs(twice) > 2 * mostFactors) {
      return b.step("pow", x, y);
    }
    const size = Math.abs(twice);
    const whole = size >> 1;
    let value = whole === 0 ? null : this.wholePower(x, whole);
    if (size % 2 === 1) {
      const root = b.step("sqrt", x);
      value = value === null ? root : b.step("mul", value, root);
    }
    return y.number < 0 ? b.step("reciprocal", value as Value) : (value as Value);
  }

  /** By squaring. */
  private wholePower(x: Value, n: number): Value {
    const { b } = this;
    if (n === 1) return x;
    const half = b.step("square", this.wholePower(x, n >> 1));
    return n % 2 === 0 ? half : b.step("mul", half, x);
  }

  private other(part: Part): Value {
    const { b } = this;
    const e = part.expr as Node;
    const args = part.args.map((arg) => this.of(arg));
    switch (e.kind) {
      case "relational":
        return b.step(relations[e.relation], args[0], args[1]);
      case "and":
        return args.reduce((x, y) => b.step("logicalAnd", x, y));
      case "or":
        return args.reduce((x, y) => b.step("logicalOr", x, y));
      case "not":
        return b.step("logicalNot", args[0]);
      case "piecewise": {
        let value = b.constant(Number.NaN);
        for (let i = args.length - 2; i >= 0; i -= 2) {
          const [x, condition] = [args[i], args[i + 1]];
          if (condition.kind !== "constant") value = b.step("where", condition, x, value);
          else if (condition.number !== 0) value = x;
        }
        return value;
      }
      case "function":
        return this.call(part, args);
      default:
        throw new UnsupportedError(`lambdify: ${e.kind} has no numbers`);
    }
  }

  private call(part: Part, args: readonly Value[]): Value {
    const { b } = this;
    const { name, defined } = part.expr as Node & { kind: "function" };
    if (!defined || !Object.hasOwn(catalog, name)) {
      throw new UnsupportedError(`lambdify: nothing is known of the function ${name}`);
    }
    if (name === "log") {
      const inner = this.withoutOne(part.args[0]);
      if (inner !== null) return b.step("log1p", inner);
    }
    if (Object.hasOwn(formulas, name)) return formulas[name](b, ...args);
    const { op } = catalog[name];
    if (op === undefined) throw new UnsupportedError(`lambdify: ${name} has no numbers`);
    return b.step(op, ...args);
  }

  /** u, of a sum 1 + u that nothing else reads. */
  private withoutOne(part: Part): Value | null {
    if (part.kind !== "sum" || part.uses > 1 || part.args.length !== 2) return null;
    const one = part.args.find((arg) => isNumberPart(arg) && this.of(arg).number === 1);
    const other = part.args.find((arg) => arg !== one);
    return one === undefined || other === undefined ? null : this.of(other);
  }
}

const isExpPart = ({ kind, args }: Part): boolean => kind === "power" && isLeafOf(args[0], E);

/** The steps that compute expressions of some symbols. */
export function lower(symbols: readonly Sym[], exprs: readonly Expr[]): Program {
  const b = new Builder(symbols.length);
  const bySymbol = new ExprMap<Value>();
  symbols.forEach((symbol, i) => {
    bySymbol.set(symbol, b.arguments[i]);
  });
  const lowering = new Lowering(b, bySymbol);
  return b.program(shared(exprs).map((part) => lowering.lower(part)));
}
