/** Expressions as truncated series in a variable t that goes to zero from above. */
import { add, div, exp, mul, neg, pow, sqrt, sub } from "../core/arithmetic.js";
import { isNegative, isPositive } from "../core/assumptions.js";
import type { Call, Expr, Node, Pow, Sym } from "../core/expr.js";
import {
  dependsOn,
  E,
  ExprMap,
  half,
  integer,
  isCall,
  isExact,
  isInteger,
  isNumeric,
  minusOne,
  no,
  one,
  pi,
  two,
  yes,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { and, casesOf, not, or } from "../core/logic.js";
import { splitCoefficient, termsOf } from "../core/parts.js";
import { UnsupportedError } from "../errors.js";
import { decimalValue } from "../evalf.js";
import { compareReals, vanishes } from "./coefficients.js";
import { taylor } from "./taylor.js";
import type { Truncated } from "./truncated.js";
import { constant, SeriesArithmetic, Undecided } from "./truncated.js";

export interface Surroundings {
  /** What goes to zero from above. */
  readonly variable: Sym;
  /** What log t is called in coefficients. */
  readonly log: Expr;
  /** The sign of a coefficient that is not zero. */
  sign(e: Expr): 1 | -1;
  /** What stands for a function whose argument goes to infinity, where it is bounded. */
  bounded(e: Expr): Expr;
}

/** The sign of a number; of what has symbols, where their assumptions tell. */
export function signOfConstant(e: Expr): 1 | -1 {
  if (isPositive(e)) return 1;
  if (isNegative(e)) return -1;
  const value = isNumeric(e) ? decimalValue(e, 5) : null;
  if (value?.im.isZero() && !value.re.isZero()) return value.re.isNegative() ? -1 : 1;
  throw new UnsupportedError(`the sign of ${e} is not known`);
}

const isPole = (a0: Expr): boolean => isInteger(a0) && a0.p <= 0n;
const isSquareOne = (a0: Expr): boolean => vanishes(sub(pow(a0, two), one));

/** Functions that others are made of, everywhere. */
const definitions: Readonly<Record<string, (x: Expr) => Expr>> = {
  cot: (x) => div(call("cos", x), call("sin", x)),
  sec: (x) => pow(call("cos", x), minusOne),
  csc: (x) => pow(call("sin", x), minusOne),
  coth: (x) => div(call("cosh", x), call("sinh", x)),
  sech: (x) => pow(call("cosh", x), minusOne),
  csch: (x) => pow(call("sinh", x), minusOne),
  erfc: (x) => sub(one, call("erf", x)),
  factorial: (x) => call("gamma", add(x, one)),
};

/** Of functions that are not analytic at a point, an expression that can be expanded there. */
const singular: Readonly<
  Record<
    string,
    readonly [at: (a0: Expr) => boolean, (x: Expr, a0: Expr, sign: () => Expr) => Expr]
  >
> = {
  tan: [(a0) => call("cos", a0) === zero, (x) => div(call("sin", x), call("cos", x))],
  tanh: [(a0) => call("cosh", a0) === zero, (x) => div(call("sinh", x), call("cosh", x))],
  asin: [
    isSquareOne,
    (x, a0) =>
      a0 === one
        ? sub(div(pi, two), mul(two, call("asin", sqrt(div(sub(one, x), two)))))
        : sub(mul(two, call("asin", sqrt(div(add(one, x), two)))), div(pi, two)),
  ],
  acos: [
    isSquareOne,
    (x, a0) =>
      a0 === one
        ? mul(two, call("asin", sqrt(div(sub(one, x), two))))
        : sub(pi, mul(two, call("asin", sqrt(div(add(one, x), two))))),
  ],
  acosh: [(a0) => a0 === one, (x) => mul(two, call("asinh", sqrt(div(sub(x, one), two))))],
  atanh: [isSquareOne, (x) => div(sub(call("log", add(one, x)), call("log", sub(one, x))), two)],
  acoth: [isSquareOne, (x) => div(sub(call("log", add(x, one)), call("log", sub(x, one))), two)],
  acot: [(a0) => a0 === zero, (x, _, sign) => sub(div(mul(sign(), pi), two), call("atan", x))],
  gamma: [isPole, (x, a0) => div(call("gamma", beyond(x, a0)), mul(...onTheWay(x, a0)))],
  loggamma: [
    isPole,
    (x, a0) =>
      sub(
        call("loggamma", beyond(x, a0)),
        add(...onTheWay(x, a0).map((factor) => call("log", factor))),
      ),
  ],
};
const beyond = (x: Expr, a0: Expr): Expr => add(x, sub(one, a0));
const onTheWay = (x: Expr, a0: Expr): Expr[] =>
  Array.from({ length: 1 - Number((a0 as { p?: bigint }).p) }, (_, j) => add(x, integer(j)));

/** Functions of what goes to infinity, by others of what does not. */
const atInfinity: Readonly<Record<string, (x: Expr, sign: () => Expr) => Expr>> = {
  atan: (x, sign) => sub(div(mul(sign(), pi), two), call("atan", pow(x, minusOne))),
  acot: (x) => call("atan", pow(x, minusOne)),
  asinh: (x, sign) => {
    const s = sign();
    return mul(s, call("log", add(mul(s, x), sqrt(add(pow(x, two), one)))));
  },
  acosh: (x) => call("log", add(x, mul(sqrt(sub(x, one)), sqrt(add(x, one))))),
  acoth: (x) => call("atanh", pow(x, minusOne)),
  atanh: (x) => div(sub(call("log", add(one, x)), call("log", sub(one, x))), two),
};

/** Functions that are the same of every coefficient, for a real variable. */
const linear: ReadonlySet<string> = new Set(["re", "im", "conjugate"]);

/** The poles of polygamma are those of its value one to the right, and of a power. */
function polygammaBeyond(n: Expr, x: Expr, a0: Expr): Expr {
  const sign = pow(minusOne, n);
  const power = neg(add(n, one));
  const poles = onTheWay(x, a0).map((factor) => pow(factor, power));
  return sub(call("polygamma", n, beyond(x, a0)), mul(sign, call("factorial", n), add(...poles)));
}

export class Expansion {
  private readonly memo = new ExprMap<Truncated>();
  private readonly dependent = new ExprMap<boolean>();
  private readonly given: Surroundings;
  readonly arithmetic: SeriesArithmetic;

  constructor(given: Surroundings, order: Expr) {
    this.given = given;
    this.arithmetic = new SeriesArithmetic(order, given.log);
  }

  private depends(e: Expr): boolean {
    let found = this.dependent.get(e);
    if (found === undefined) {
      found =
        e.args.length === 0
          ? e.equals(this.given.variable)
          : e.kind === "subs"
            ? dependsOn(e, this.given.variable)
            : e.args.some((arg) => this.depends(arg));
      this.dependent.set(e, found);
    }
    return found;
  }

  of(e: Expr): Truncated {
    let found = this.memo.get(e);
    if (found === undefined) {
      found = this.find(e as Node);
      this.memo.set(e, found);
    }
    return found;
  }

  private find(e: Node): Truncated {
    if (!this.depends(e)) return constant(e);
    const { arithmetic: a } = this;
    switch (e.kind) {
      case "symbol":
        return { terms: [{ power: one, coefficient: one }], end: null, logs: 0 };
      case "add":
        return a.add(...e.args.map((arg) => this.of(arg)));
      case "mul":
        return e.args.map((arg) => this.of(arg)).reduce((x, y) => a.mul(x, y));
      case "pow":
        return this.power(e);
      case "function":
        return this.call(e);
      case "piecewise":
        for (const [value, condition] of casesOf(e)) {
          const holds = this.condition(condition as Node);
          if (holds === yes) return this.of(value);
          if (holds !== no) throw new UnsupportedError(`whether ${condition} is not known`);
        }
        throw new UnsupportedError("series: none of the cases holds");
      default:
        throw new UnsupportedError(`series: no series of ${e}`);
    }
  }

  private power({ base, exponent }: Pow): Truncated {
    const { arithmetic: a } = this;
    if (base === E) return this.exponential(this.of(exponent));
    if (!this.depends(exponent)) {
      const series = this.of(base);
      // A symbolic power of t is the exponential of a logarithm.
      if (isNumeric(exponent) || a.split(series)?.p === zero) return a.pow(series, exponent);
    }
    return this.exponential(a.mul(this.of(exponent), this.of(call("log", base))));
  }

  private exponential(u: Truncated): Truncated {
    const { arithmetic: a, given } = this;
    const { polar, a0, v } = a.parts(u);
    const left = polar.filter(({ coefficient }) => !vanishes(coefficient));
    if (left.length > 0) throw new UnsupportedError("series: there is an essential singularity");
    let power: Expr = zero;
    const rest = termsOf(a0).filter((term) => {
      const [coefficient, other] = splitCoefficient(term);
      if (!isExact(coefficient) || !other.equals(given.log)) return true;
      power = coefficient;
      return false;
    });
    const factorial = (k: number): Expr => div(one, call("factorial", integer(k)));
    return a.shift(a.scale(a.compose(factorial, v), exp(add(...rest))), power);
  }

  /** The sign of what an expression begins with. */
  private signOf(u: Truncated): Expr {
    const lead = this.arithmetic.lead(u);
    return lead === null ? zero : integer(this.given.sign(lead.first.coefficient));
  }

  private call(e: Call): Truncated {
    const { arithmetic: a } = this;
    if (!e.defined) return this.analytic(e);
    const { name, args } = e;
    const [x] = args;
    if (name === "log") return a.logarithm(this.of(x));
    if (Object.hasOwn(definitions, name)) return this.of(definitions[name](x));
    if (linear.has(name)) {
      const u = this.of(x);
      return a.add({
        ...u,
        terms: u.terms.map((term) => ({ ...term, coefficient: call(name, term.coefficient) })),
      });
    }
    switch (name) {
      case "Abs":
        return a.scale(this.of(x), this.signOf(this.of(x)));
      case "sign":
        return constant(this.signOf(this.of(x)));
      case "Heaviside": {
        const sign = this.signOf(this.of(x));
        return sign === zero ? this.of(args[1] ?? half) : constant(sign === one ? one : zero);
      }
      case "DiracDelta":
        if (this.signOf(this.of(x)) !== zero) return constant(zero);
        break;
      case "arg":
        return constant(this.signOf(this.of(x)) === minusOne ? pi : zero);
      case "Max":
      case "Min":
        return this.of(
          args.reduce((best, other) => {
            const sign = this.signOf(this.of(sub(other, best)));
            return sign === (name === "Max" ? one : minusOne) ? other : best;
          }),
        );
      case "atan2":
        return this.of(this.angle(args[0], args[1]));
      case "floor":
      case "ceiling":
        return this.rounded(name, x);
    }
    return this.analytic(e);
  }

  /** atan2 by the arctangent. */
  private angle(y: Expr, x: Expr): Expr {
    const right = this.signOf(this.of(x));
    const up = this.signOf(this.of(y));
    if (right === one) return call("atan", div(y, x));
    if (right === zero) return div(mul(up, pi), two);
    return add(call("atan", div(y, x)), up === minusOne ? neg(pi) : pi);
  }

  private rounded(name: "floor" | "ceiling", x: Expr): Truncated {
    const { arithmetic: a } = this;
    const u = this.of(x);
    const { polar, a0, v } = a.parts(u);
    if (polar.length > 0) return a.add(u, constant(neg(this.given.bounded(sub(x, call(name, x))))));
    const value = call(name, a0);
    if (!isInteger(value)) return constant(value);
    if (!vanishes(sub(value, a0))) return constant(value);
    // From below, the floor of a whole number is the one before.
    const sign = this.signOf(v);
    const step =
      name === "floor" ? (sign === minusOne ? minusOne : zero) : sign === one ? one : zero;
    return constant(add(value, step));
  }

  /** The composition with a Taylor series. */
  private analytic(e: Call): Truncated {
    const { arithmetic: a } = this;
    const places = e.args.map((arg, i) => (this.depends(arg) ? i : -1)).filter((i) => i >= 0);
    if (places.length !== 1)
      throw new UnsupportedError(`series: ${e.name} depends on the variable in several arguments`);
    const [i] = places;
    const x = e.args[i];
    const u = this.of(x);
    const lead = a.lead(u);
    const sign = (): Expr => this.signOf(u);
    if (lead !== null && compareReals(lead.first.power, zero) < 0) {
      if (e.defined && (e.name === "sin" || e.name === "cos"))
        return constant(this.given.bounded(e));
      const rewrite =
        e.defined && Object.hasOwn(atInfinity, e.name) ? atInfinity[e.name] : undefined;
      if (rewrite === undefined)
        throw new UnsupportedError(`series: no series of ${e.name} about infinity`);
      return this.of(rewrite(x, sign));
    }
    const { a0, v } = a.parts(u);
    if (e.defined) {
      const rule = Object.hasOwn(singular, e.name) ? singular[e.name] : undefined;
      if (rule?.[0](a0)) {
        return this.of(rule[1](x, a0, () => integer(Number((this.signOf(v) as { p?: bigint }).p))));
      }
      if (isCall(e, "polygamma") && isPole(a0)) return this.of(polygammaBeyond(e.args[0], x, a0));
    }
    return a.compose(taylor(e, i, a0), v);
  }

  private condition(e: Node): Expr {
    switch (e.kind) {
      case "and":
        return and(...e.args.map((arg) => this.condition(arg as Node)));
      case "or":
        return or(...e.args.map((arg) => this.condition(arg as Node)));
      case "not":
        return not(this.condition(e.args[0] as Node));
      case "relational": {
        if (!this.depends(e)) return e;
        const sign = this.signOf(this.of(sub(e.args[0], e.args[1])));
        const holds = {
          "<": sign === minusOne,
          "<=": sign !== one,
          ">": sign === one,
          ">=": sign !== minusOne,
          "==": sign === zero,
          "!=": sign !== zero,
        }[e.relation];
        return holds ? yes : no;
      }
      default:
        return e;
    }
  }
}

/** More terms than these are not looked at before the first that is not zero. */
const mostTerms = 64;

/** The expansion of e in which all terms below an order are certain. */
export function expandTo(e: Expr, given: Surroundings, order: Expr): Truncated {
  return raising(order, (working) => {
    const series = new Expansion(given, working).of(e);
    return series.end !== null && compareReals(series.end, order) < 0 ? null : series;
  });
}

/** The first term of e that is not zero; null where e is. */
export function leadingTerm(
  e: Expr,
  given: Surroundings,
): { power: Expr; coefficient: Expr } | null {
  return raising(one, (working) => {
    const expansion = new Expansion(given, working);
    const series = expansion.of(e);
    return { found: expansion.arithmetic.lead(series)?.first ?? null };
  }).found;
}

/** Works with a higher and higher order, until there is an answer. */
function raising<T>(order: Expr, run: (working: Expr) => T | null): T {
  let step = 2;
  for (let beyond = 0; beyond <= mostTerms; beyond += step, step *= 2) {
    try {
      const answer = run(add(order, integer(beyond)));
      if (answer !== null) return answer;
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
    }
  }
  throw new UnsupportedError(`series: the first ${mostTerms} terms cancel`);
}
