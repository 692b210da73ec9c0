/**
 * Limits, by the algorithm of D. Gruntz, On Computing Limits in a Symbolic Manipulation System (1996): an expression is
 * expanded in its most rapidly varying part, and the limit is that of the coefficient of the leading term.
 */
import { ArgumentError } from "../../core/errors.js";
import { add, div, exp, mul, neg, pow, sqrt, sub } from "../core/arithmetic.js";
import { ask } from "../core/assumptions.js";
import type { Call, Expr, Sym } from "../core/expr.js";
import {
  dependsOn,
  E,
  ExprMap,
  ExprSet,
  fromRatio,
  half,
  has,
  I,
  integer,
  isCall,
  isExp,
  isInteger,
  isNum,
  isPow,
  minusOne,
  nan,
  negativeInfinity,
  one,
  oo,
  pi,
  some,
  two,
  walk,
  zero,
  zoo,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { signOf } from "../core/numbers.js";
import { ratio } from "../core/rational.js";
import { bottomUp, replace } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { dummy, sympify } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";
import { subs, xreplace } from "../substitute.js";
import { compareReals, spread } from "./coefficients.js";
import { diffOnce } from "./diff.js";
import { leadingTerm, signOfConstant } from "./expansion.js";
import { variableOf } from "./series.js";

/** Leading terms that one limit may take. */
const mostWork = 400;
const mostDepth = 40;
/** Derivatives of the digamma function beyond this are not looked at about infinity. */
const mostDerivatives = 20n;

const isInfinite = (e: Expr): boolean =>
  e === zoo || e === nan || has(e, oo) || has(e, negativeInfinity);

const fraction = (p: number, q: number): Expr => fromRatio(ratio(BigInt(p), BigInt(q)));

/** Hyperbolic functions by exponentials. */
const hyperbolic: Readonly<Record<string, (x: Expr) => Expr>> = {
  sinh: (x) => div(sub(exp(x), exp(neg(x))), two),
  cosh: (x) => div(add(exp(x), exp(neg(x))), two),
  tanh: (x) => div(sub(one, exp(mul(integer(-2), x))), add(one, exp(mul(integer(-2), x)))),
  coth: (x) => div(add(one, exp(mul(integer(-2), x))), sub(one, exp(mul(integer(-2), x)))),
  sech: (x) => div(two, add(exp(x), exp(neg(x)))),
  csch: (x) => div(two, sub(exp(x), exp(neg(x)))),
};

/** Of asymptotic series about infinity, the first terms. */
const asymptotic: Readonly<Record<string, (...args: Expr[]) => Expr>> = {
  loggamma: (x) =>
    add(
      mul(sub(x, half), call("log", x)),
      neg(x),
      div(call("log", mul(two, pi)), two),
      mul(fraction(1, 12), pow(x, minusOne)),
      mul(fraction(-1, 360), pow(x, integer(-3))),
      mul(fraction(1, 1260), pow(x, integer(-5))),
    ),
  gamma: (x) => exp(asymptotic.loggamma(x)),
  factorial: (x) => asymptotic.gamma(add(x, one)),
  erfc: (x) =>
    mul(
      exp(neg(pow(x, two))),
      pow(mul(x, sqrt(pi)), minusOne),
      add(one, mul(fraction(-1, 2), pow(x, integer(-2))), mul(fraction(3, 4), pow(x, integer(-4)))),
    ),
  erf: (x) => sub(one, asymptotic.erfc(x)),
  polygamma: (n, x) => {
    if (!isInteger(n) || n.p > mostDerivatives)
      throw new UnsupportedError(`limit: polygamma(${n}, x) about infinity`);
    const place = dummy("x", { positive: true });
    let value = add(
      call("log", place),
      mul(fraction(-1, 2), pow(place, minusOne)),
      mul(fraction(-1, 12), pow(place, integer(-2))),
      mul(fraction(1, 120), pow(place, integer(-4))),
      mul(fraction(-1, 252), pow(place, integer(-6))),
    );
    for (let k = 0n; k < n.p; k++) value = diffOnce(value, place);
    return xreplace(value, [[place, x]]);
  },
};

/** What varies most rapidly: the variable itself, or exponentials of one class. */
type Rapid = readonly Expr[];

/** The limits of expressions in a variable that goes to infinity. */
class Limits {
  readonly variable = dummy("x", { positive: true });
  private readonly limits = new ExprMap<Expr>();
  private readonly classes = new ExprMap<Rapid>();
  private readonly oscillating = new ExprMap<Expr>();
  private work = 0;
  private depth = 0;

  private depends(e: Expr): boolean {
    return dependsOn(e, this.variable);
  }

  /** Whether what stands for an oscillating value is part of e. */
  oscillates(e: Expr): boolean {
    for (const [, symbol] of this.oscillating) if (has(e, symbol)) return true;
    return false;
  }

  private nested<T>(run: () => T): T {
    if (++this.depth > mostDepth || ++this.work > mostWork)
      throw new UnsupportedError("limit: the expression takes too many steps");
    try {
      return run();
    } finally {
      this.depth--;
    }
  }

  of(e: Expr): Expr {
    if (!this.depends(e)) return e;
    if (e === this.variable) return oo;
    let found = this.limits.get(e);
    if (found === undefined) {
      found = this.nested(() => this.find(e));
      this.limits.set(e, found);
    }
    return found;
  }

  private find(e: Expr): Expr {
    const lead = this.leading(e);
    if (lead === null) return zero;
    const { power, coefficient } = lead;
    const order = compareReals(power, zero);
    if (order === 0) return this.of(coefficient);
    if (order > 0) {
      this.checkBounded(coefficient);
      return zero;
    }
    if (ask(coefficient, "imaginary"))
      return mul(I, integer(signOfConstant(div(coefficient, I))), oo);
    return mul(integer(this.sign(coefficient)), oo);
  }

  /** The sign that e has in the end. */
  sign(e: Expr): 1 | -1 {
    if (!this.depends(e)) return signOfConstant(e);
    return this.nested(() => {
      const lead = this.leading(e);
      if (lead === null) throw new UnsupportedError("limit: the sign of zero");
      return this.sign(lead.coefficient);
    });
  }

  /** What oscillates may multiply what goes to zero, but not divide it. */
  private checkBounded(c: Expr): void {
    const wild = (e: Expr): boolean =>
      some(
        e,
        (part) =>
          ((isCall(part, "sin") || isCall(part, "cos")) && this.depends(part)) ||
          [...this.oscillating].some(([, symbol]) => symbol.equals(part)),
      );
    const bad = some(c, (part) => {
      if (isPow(part)) {
        const { base, exponent } = part;
        return base !== E && wild(base) && !(isNum(exponent) && signOf(exponent) > 0);
      }
      return (isCall(part, "log") || isCall(part, "tan")) && wild(part);
    });
    if (bad) throw new UnsupportedError("limit: something oscillates in a denominator");
  }

  /** What a bounded function of what goes to infinity is called. */
  private bounded(e: Expr): Expr {
    let symbol = this.oscillating.get(e);
    if (symbol === undefined) {
      symbol = dummy("oscillating", { real: true });
      this.oscillating.set(e, symbol);
    }
    return symbol;
  }

  /** The leading term in what varies most rapidly; its coefficient varies less. */
  private leading(e: Expr): { power: Expr; coefficient: Expr } | null {
    const { variable } = this;
    let of = e;
    let rapid = this.mostRapid(of);
    if (rapid.length === 0) return { power: zero, coefficient: of };
    if (rapid.length > 1 && rapid.includes(variable)) {
      // One class up, the variable is an exponential as well.
      of = xreplace(of, [[variable, exp(variable)]]);
      rapid = this.mostRapid(of);
    }
    // t is what goes to zero.
    const t = dummy("t", { positive: true });
    const log = dummy("log", { negative: true });
    const sign = (c: Expr): 1 | -1 => this.sign(c);
    const bounded = (part: Expr): Expr => this.bounded(part);
    if (rapid[0] === variable) {
      // log(1/t) takes the variable's place in the coefficient.
      const shown = (c: Expr): Expr => xreplace(c, [[log, neg(variable)]]);
      const lead = leadingTerm(xreplace(of, [[variable, pow(t, minusOne)]]), {
        variable: t,
        log,
        sign: (c) => sign(shown(c)),
        bounded,
      });
      return lead === null ? null : { power: lead.power, coefficient: shown(lead.coefficient) };
    }
    const { expression, logarithm } = this.rewrite(of, rapid, t);
    const shown = (c: Expr): Expr => xreplace(c, [[log, logarithm]]);
    const lead = leadingTerm(expression, {
      variable: t,
      log,
      sign: (c) => sign(shown(c)),
      bounded,
    });
    return lead === null ? null : { power: lead.power, coefficient: shown(lead.coefficient) };
  }

  /** The exponentials in terms of one of them, which is 1/t where it goes to infinity, else t. */
  private rewrite(e: Expr, rapid: Rapid, t: Sym): { expression: Expr; logarithm: Expr } {
    const size = (of: Expr): number => {
      let nodes = 0;
      walk(of, () => nodes++);
      return nodes;
    };
    const smallest = rapid.reduce((a, b) => (size(b) < size(a) ? b : a));
    const h = exponentOf(smallest);
    const end = this.of(h);
    if (end !== oo && end !== negativeInfinity)
      throw new UnsupportedError(`limit: exp turns where its argument goes to ${end}`);
    const grows = end === oo;
    const members = new ExprSet(rapid);
    const change = (part: Expr): Expr | null => {
      if (!members.has(part)) return null;
      const s = exponentOf(part);
      const c = this.of(div(s, h));
      const rest = spread(sub(s, mul(c, h)));
      const power = grows ? neg(c) : c;
      return mul(exp(replace(rest, change)), pow(t, power));
    };
    return { expression: replace(e, change), logarithm: grows ? neg(h) : h };
  }

  private mostRapid(e: Expr): Rapid {
    if (!this.depends(e)) return [];
    if (e === this.variable) return [e];
    let found = this.classes.get(e);
    if (found === undefined) {
      found = this.nested(() => this.findMostRapid(e));
      this.classes.set(e, found);
    }
    return found;
  }

  private findMostRapid(e: Expr): Rapid {
    if (isExp(e)) {
      const inner = this.mostRapid(e.exponent);
      return isInfinite(this.of(e.exponent)) ? this.more([e], inner) : inner;
    }
    return e.args.map((arg) => this.mostRapid(arg)).reduce((a, b) => this.more(a, b), []);
  }

  /** Of two classes the one that varies more rapidly, or both together. */
  private more(a: Rapid, b: Rapid): Rapid {
    if (a.length === 0) return b;
    if (b.length === 0) return a;
    const [f] = a;
    const [g] = b;
    if (!f.equals(g)) {
      const order = this.of(div(this.logarithm(f), this.logarithm(g)));
      if (order === zero) return b;
      if (isInfinite(order)) return a;
    }
    return new ExprSet([...a, ...b]).list;
  }

  private logarithm(e: Expr): Expr {
    return e === this.variable ? call("log", e) : exponentOf(e);
  }

  /** Powers as exponentials, and functions about infinity by what is known of them there. */
  prepare(e: Expr): Expr {
    return bottomUp(e, (part) => {
      if (!this.depends(part)) return part;
      if (isPow(part) && part.base !== E && this.depends(part.exponent))
        return exp(mul(part.exponent, call("log", part.base)));
      if (part.kind !== "function" || !(part as Call).defined) return part;
      const { name, args } = part as Call;
      const x = args.at(-1) as Expr;
      const far = Object.hasOwn(asymptotic, name) ? asymptotic[name] : undefined;
      const near = Object.hasOwn(hyperbolic, name) ? hyperbolic[name] : undefined;
      if (far === undefined && near === undefined) return part;
      const at = this.of(x);
      if (near !== undefined) return isInfinite(at) ? near(x) : part;
      if (at === oo) return (far as (...x: Expr[]) => Expr)(...args);
      if (at !== negativeInfinity) return part;
      if (name === "erf") return neg(asymptotic.erf(neg(x)));
      return name === "erfc" ? sub(two, asymptotic.erfc(neg(x))) : part;
    });
  }
}

const exponentOf = (e: Expr): Expr => (isPow(e) ? e.exponent : one);

/** The limit of e where t goes to infinity and the place, which depends on t, takes the variable's. */
function limitAt(e: Expr, variable: Sym, place: (t: Sym) => Expr): Expr {
  const limits = new Limits();
  const of = subs(e, variable, place(limits.variable));
  const result = limits.of(limits.prepare(of));
  if (limits.oscillates(result)) throw new UnsupportedError(`limit: ${e} oscillates`);
  return result;
}

export type Direction = "+" | "-" | "+-";

/**
 * The limit of e where x goes to a point: from above, from below, or (`"+-"`) from both sides, which must agree. The
 * point may be oo or -oo.
 *
 * @throws UnsupportedError where there is no limit, or it cannot be told.
 * @example
 * const x = sym.symbol("x");
 * String(sym.limit(sym.parse("(1 + 1/x)**x"), x, sym.oo)) // "E"
 */
export function limit(e: ExprLike, x: ExprLike, point: ExprLike, dir: Direction = "+"): Expr {
  const of = sympify(e);
  const variable = variableOf(x, "limit");
  const at = sympify(point);
  if (dir !== "+" && dir !== "-" && dir !== "+-")
    throw new ArgumentError(`limit: expected the direction "+", "-" or "+-", got ${dir}`);
  if (dependsOn(at, variable)) throw new ArgumentError("limit: the point depends on the variable");
  if (!dependsOn(of, variable)) return of;
  if (at === oo) return limitAt(of, variable, (t) => t);
  if (at === negativeInfinity) return limitAt(of, variable, (t) => neg(t));
  if (isInfinite(at)) throw new ArgumentError(`limit: no direction leads to ${at}`);
  const above = (): Expr => limitAt(of, variable, (t) => add(at, pow(t, minusOne)));
  const below = (): Expr => limitAt(of, variable, (t) => sub(at, pow(t, minusOne)));
  if (dir !== "+-") return dir === "+" ? above() : below();
  const [right, left] = [above(), below()];
  if (!right.equals(left))
    throw new UnsupportedError(`limit: ${right} from above, but ${left} from below`);
  return right;
}
