/** Symbols, and what else becomes an expression. */
import { ArgumentError } from "../../core/errors.js";
import { closure } from "./assumptions.js";
import type { Assumptions } from "./expr.js";
import { Expr, Sym } from "./expr.js";
import { fromNumber } from "./numbers.js";

/** What stands for an expression: numbers become integers where they are whole, and Floats where they are not. */
export type ExprLike = Expr | number | bigint;

/** What was given instead, in words. */
function describe(x: unknown): string {
  if (typeof x === "string") return `the string ${JSON.stringify(x.slice(0, 40))}: see parse`;
  if (typeof x === "boolean") return `the boolean ${x}: see true and false`;
  return typeof x === "object" && x !== null ? (x.constructor?.name ?? "an object") : typeof x;
}

export function sympify(x: ExprLike): Expr {
  if (x instanceof Expr) return x;
  if (typeof x === "number" || typeof x === "bigint") {
    if (typeof x === "bigint" || Number.isFinite(x)) return fromNumber(x);
    throw new ArgumentError(`${x} is no expression: see oo and nan`);
  }
  throw new ArgumentError(`expected an expression or a number, got ${describe(x)}`);
}

/** The expressions of a list. */
export function sympifyAll(list: readonly ExprLike[], where: string): Expr[] {
  if (!Array.isArray(list))
    throw new ArgumentError(`${where}: expected a list of expressions, got ${typeof list}`);
  return list.map((x: ExprLike) => sympify(x));
}

function checkName(name: string): void {
  if (typeof name !== "string" || name === "") throw new ArgumentError("a symbol needs a name");
}

/** A symbol. Two of one name and the same assumptions are equal. */
export function symbol(name: string, assumptions: Assumptions = {}): Sym {
  checkName(name);
  return new Sym(name, closure(assumptions));
}

let dummies = 0;
/** A symbol that is equal to itself only. */
export function dummy(name: string, assumptions: Assumptions = {}): Sym {
  checkName(name);
  return new Sym(name, closure(assumptions), ++dummies);
}

/**
 * Symbols by their names, which spaces or commas separate; `x0:3` is x0, x1, x2.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * x.add(y).toString() // "x + y"
 */
export function symbols(names: string, assumptions: Assumptions = {}): Sym[] {
  if (typeof names !== "string") throw new ArgumentError("symbols: expected names in a string");
  const list = names.split(/[\s,]+/).filter((name) => name !== "");
  if (list.length === 0) throw new ArgumentError("symbols: no names were given");
  return list.flatMap((name) => {
    const range = /^(.*?)(\d*):(\d+)$/.exec(name);
    if (range === null) return [symbol(name, assumptions)];
    const [, stem, first, end] = range;
    const from = first === "" ? 0 : Number(first);
    const count = Math.max(0, Number(end) - from);
    if (count > 10_000) throw new ArgumentError(`symbols: ${name} names ${count} symbols`);
    return Array.from({ length: count }, (_, i) => symbol(`${stem}${from + i}`, assumptions));
  });
}
