/** Derivatives. Each distinct subexpression is differentiated once. */
import { ArgumentError } from "../../core/errors.js";
import type { Values } from "../../ops/algebra.js";
import { elementwise } from "../../ops/elementwise.js";
import { algebra, fromTable } from "../core/algebra.js";
import { add, mul, neg, pow, sub } from "../core/arithmetic.js";
import { catalog } from "../core/catalog.js";
import type { Call, Node, Pow, Sym } from "../core/expr.js";
import {
  Derivative,
  dependsOn,
  E,
  Expr,
  ExprMap,
  freeSymbols,
  integer,
  isBoolean,
  isCall,
  isInteger,
  isNum,
  isSymbol,
  minusOne,
  one,
  Subs,
  two,
  zero,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { casesOf, piecewise } from "../core/logic.js";
import { replace } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { dummy, sympify } from "../core/symbols.js";
import { UnsupportedError } from "../errors.js";

type LocalRule = (args: readonly Expr[], i: number, out: Expr) => Expr;

/** Derivatives by an argument of the functions that no operation on tensors computes. */
const own: Readonly<Record<string, LocalRule>> = {
  cot: (_, __, out) => sub(minusOne, pow(out, two)),
  sec: ([x], _, out) => mul(call("tan", x), out),
  csc: ([x], _, out) => neg(mul(call("cot", x), out)),
  acot: ([x]) => neg(pow(add(pow(x, two), one), minusOne)),
  coth: ([x]) => neg(pow(call("sinh", x), integer(-2))),
  sech: ([x], _, out) => neg(mul(call("tanh", x), out)),
  csch: ([x], _, out) => neg(mul(call("coth", x), out)),
  acoth: ([x]) => pow(sub(one, pow(x, two)), minusOne),
  gamma: ([x], _, out) => mul(out, call("polygamma", zero, x)),
  factorial: ([x]) => mul(call("gamma", add(x, one)), call("polygamma", zero, add(x, one))),
  Heaviside: ([x]) => call("DiracDelta", x),
  DiracDelta: ([x, order = zero]) => call("DiracDelta", x, add(order, one)),
  // The derivative of where one of several is the largest: a step.
  Max: (args, i) => steps(args, i, 1),
  Min: (args, i) => steps(args, i, -1),
};

function steps(args: readonly Expr[], i: number, direction: 1 | -1): Expr {
  const others = args.filter((_, j) => j !== i);
  const rest = call(direction > 0 ? "Max" : "Min", ...others);
  const difference = sub(args[i], rest);
  return call("Heaviside", direction > 0 ? difference : neg(difference));
}

/** The derivative of a function by its i-th argument. */
function local(e: Call, i: number): Expr {
  const rule = own[e.name];
  if (rule !== undefined) return rule(e.args, i, e);
  const { op } = catalog[e.name];
  const partial = op === undefined ? null : elementwise[op].partials[i];
  if (!partial)
    throw new UnsupportedError(`diff: ${e.name} has no derivative in its argument ${i + 1}`);
  const [x, y, z] = e.args;
  const value = partial(algebra, { x, y, z, out: e } as Values<Expr>);
  return typeof value === "number" ? fromTable(value) : value;
}

class Differentiation {
  private readonly memo = new ExprMap<Expr>();
  private readonly by: Expr;

  constructor(by: Expr) {
    this.by = by;
  }

  of(e: Expr): Expr {
    if (e.args.length === 0) return e.equals(this.by) ? one : zero;
    let found = this.memo.get(e);
    if (found === undefined) {
      found = this.find(e as Node);
      this.memo.set(e, found);
    }
    return found;
  }

  private find(e: Node): Expr {
    if (e.equals(this.by)) return one;
    switch (e.kind) {
      case "add":
        return add(...e.args.map((arg) => this.of(arg)));
      case "mul":
        return this.product(e.args);
      case "pow":
        return this.power(e);
      case "function":
        return this.call(e);
      case "piecewise":
        return piecewise(
          ...casesOf(e).map(([value, condition]): [Expr, Expr] => [this.of(value), condition]),
        );
      case "derivative": {
        if (!isSymbol(this.by) || !dependsOn(e.of, this.by)) return zero;
        return this.chain(e) ?? derivative(e, [[this.by, 1]]);
      }
      case "subs": {
        const [of, variable, point] = e.args;
        const inner = this.of(point);
        const direct =
          dependsOn(of, this.by) && !variable.equals(this.by)
            ? new Subs(diffOnce(of, this.by), variable, point)
            : zero;
        if (inner === zero) return direct;
        return add(direct, mul(inner, new Subs(diffOnce(of, variable), variable, point)));
      }
      case "order":
        throw new UnsupportedError(
          "diff: a series is differentiated without its order; see removeO",
        );
      default:
        if (isBoolean(e)) throw new UnsupportedError("diff: a condition has no derivative");
        return zero;
    }
  }

  /** Of a derivative by functions of the variable, where nothing else in it depends on that: by the chain rule. */
  private chain(e: Derivative): Expr | null {
    if (e.variables.some(isSymbol)) return null;
    const rest = replaceAll(e.of, e.variables);
    if (dependsOn(rest, this.by)) return null;
    return add(
      ...e.variables.map((variable) => mul(this.of(variable), derivative(e, [[variable, 1]]))),
    );
  }

  private product(args: readonly Expr[]): Expr {
    const terms: Expr[] = [];
    args.forEach((arg, i) => {
      const d = this.of(arg);
      if (d !== zero) terms.push(mul(d, ...args.slice(0, i), ...args.slice(i + 1)));
    });
    return add(...terms);
  }

  /** f^g has the derivative f^g (g' log f + f' g / f). */
  private power(e: Pow): Expr {
    const { base, exponent } = e;
    const inBase = this.of(base);
    const inExponent = this.of(exponent);
    if (inExponent === zero) {
      if (inBase === zero) return zero;
      return mul(e, mul(mul(inBase, exponent), pow(base, minusOne)));
    }
    const growth = base === E ? inExponent : mul(inExponent, call("log", base));
    if (inBase === zero) return mul(e, growth);
    return mul(e, add(growth, mul(mul(inBase, exponent), pow(base, minusOne))));
  }

  private call(e: Call): Expr {
    const terms: Expr[] = [];
    e.args.forEach((arg, i) => {
      const inner = this.of(arg);
      if (inner === zero) return;
      terms.push(mul(inner, e.defined ? local(e, i) : unknown(e, i)));
    });
    return add(...terms);
  }
}

/** e with places of their own for some of its parts. */
function replaceAll(e: Expr, parts: readonly Expr[]): Expr {
  return replace(e, (node) => (parts.some((part) => part.equals(node)) ? dummy("place") : null));
}

/** The derivative of a function that has only a name, by its i-th argument. */
function unknown(e: Call, i: number): Expr {
  const arg = e.args[i];
  const place = isSymbol(arg) || (isCall(arg) && !arg.defined) || arg.kind === "derivative";
  if (place && !e.args.some((other, j) => j !== i && dependsOn(other, arg)))
    return derivative(e, [[arg, 1]]);
  const variable = dummy(`_xi_${i + 1}`);
  const args = e.args.map((other, j) => (j === i ? variable : other));
  const outer = derivative(new (e.constructor as typeof Call)(e.name, args, false), [
    [variable, 1],
  ]);
  return new Subs(outer, variable, arg);
}

/** A derivative that stays as it is; those of a derivative are counted together. */
export function derivative(of: Expr, by: readonly (readonly [Expr, number])[]): Expr {
  const counts = new ExprMap<number>();
  const order: Expr[] = [];
  const count = (variable: Expr, times: number): void => {
    if (!counts.has(variable)) order.push(variable);
    counts.set(variable, (counts.get(variable) ?? 0) + times);
  };
  let inner = of;
  if (of instanceof Derivative) {
    of.variables.forEach((variable, i) => {
      count(variable, of.counts[i]);
    });
    inner = of.of;
  }
  for (const [variable, times] of by) count(variable, times);
  const variables = order.filter((variable) => (counts.get(variable) as number) > 0);
  if (variables.length === 0) return inner;
  variables.sort((a, b) => ((a as Sym).name < (b as Sym).name ? -1 : 1));
  return new Derivative(
    inner,
    variables,
    variables.map((variable) => counts.get(variable) as number),
  );
}

/** The derivative of e by a symbol (or an applied function), once. */
export const diffOnce = (e: Expr, by: Expr): Expr => new Differentiation(by).of(e);

/** The only symbol of an expression, where none was named. */
function onlySymbol(e: Expr): Expr {
  const symbols = freeSymbols(e);
  if (symbols.length === 1) return symbols[0];
  throw new ArgumentError(
    symbols.length === 0
      ? "diff: the expression has no symbol; name the variable"
      : `diff: the expression has the symbols ${symbols.map((s) => s.name).join(", ")}; name the variable`,
  );
}

/** Variables, each with a number after it that says how often. */
export function variablesOf(
  by: readonly ExprLike[],
  where: string,
): [variable: Expr, times: number][] {
  const list: [Expr, number][] = [];
  for (const item of by) {
    const counted = typeof item === "number" || typeof item === "bigint";
    if (!counted && !(item instanceof Expr))
      throw new ArgumentError(`${where}: expected a symbol to differentiate by`);
    if (counted || isInteger(item)) {
      const times = Number(typeof item === "object" ? item.p : item);
      const last = list.at(-1);
      if (last === undefined || !Number.isInteger(times) || times < 0) {
        throw new ArgumentError(
          `${where}: expected a variable before the count ${times}, and a count of 0 or more`,
        );
      }
      last[1] = times;
    } else if (isSymbol(item) || item.kind === "function" || item.kind === "derivative")
      list.push([item, 1]);
    else throw new ArgumentError(`${where}: expected a symbol to differentiate by`);
  }
  return list;
}

/**
 * The derivative of f by variables, one after the other; a number behind a variable says how often. Without a variable,
 * by the only symbol that f has.
 *
 * @example
 * const x = sym.symbol("x");
 * String(sym.diff(x.pow(3).sub(x.mul(2)).add(4).pow(3), x)) // "(9*x**2 - 6)*(x**3 - 2*x + 4)**2"
 */
export function diff(f: ExprLike, ...by: ExprLike[]): Expr {
  let e = sympify(f);
  if (isNum(e) && by.length === 0) return zero;
  const list = by.length === 0 ? [[onlySymbol(e), 1] as const] : variablesOf(by, "diff");
  for (const [variable, times] of list) {
    for (let i = 0; i < times && e !== zero; i++) e = diffOnce(e, variable);
  }
  return e;
}
