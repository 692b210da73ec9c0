/** What expressions have in common: a graph in which each part is there once, and the replacements that are read off it. */
import { ArgumentError } from "../core/errors.js";
import { neg, pow, product, sum } from "./core/arithmetic.js";
import type { Expr } from "./core/expr.js";
import {
  E,
  ExprMap,
  freeSymbols,
  isAdd,
  isBoolean,
  isExp,
  isMul,
  isPow,
  minusOne,
  Sym,
} from "./core/expr.js";
import { compareShown, hasLeadingMinus } from "./core/order.js";
import { rebuild } from "./core/rebuild.js";
import type { ExprLike } from "./core/symbols.js";
import { symbol, sympify } from "./core/symbols.js";

/** A node of the graph. Sums and products may have been cut in ways that no canonical expression is. */
export interface Part {
  readonly kind: "leaf" | "sum" | "product" | "power" | "other";
  /** What it was made of; null of a part of a sum or a product that was found to be common. */
  readonly expr: Expr | null;
  args: Part[];
  /** How many parts and results it is an operand of. */
  uses: number;
}

/** Kinds whose arguments are looked at as a whole: variables are bound in there. */
const opaque: ReadonlySet<string> = new Set(["derivative", "subs", "order"]);

/** The parts of expressions, equal ones once. */
class Graph {
  private readonly parts = new ExprMap<Part>();
  readonly sums: Part[] = [];
  readonly products: Part[] = [];

  part(e: Expr): Part {
    const known = this.parts.get(e);
    if (known !== undefined) return known;
    const part = this.make(e);
    this.parts.set(e, part);
    return part;
  }

  private make(e: Expr): Part {
    if (e.args.length === 0 || opaque.has(e.kind)) return newPart("leaf", e, []);
    if ((isMul(e) || isAdd(e)) && hasLeadingMinus(e)) {
      const turned = neg(e);
      if (turned.args.length > 0 && !hasLeadingMinus(turned)) {
        return newPart("product", e, [this.part(minusOne), this.part(turned)]);
      }
    }
    if (isExp(e)) return newPart("power", e, [this.part(E), this.part(e.exponent)]);
    if (isPow(e)) {
      const [base, exponent] = hasLeadingMinus(e.exponent)
        ? [pow(e.base, neg(e.exponent)), minusOne]
        : e.args;
      return newPart("power", e, [this.part(base), this.part(exponent)]);
    }
    if (!isAdd(e) && !isMul(e)) {
      return newPart(
        "other",
        e,
        e.args.map((arg) => this.part(arg)),
      );
    }
    const ordered = [...e.args].sort(compareShown);
    const part = newPart(
      isAdd(e) ? "sum" : "product",
      e,
      ordered.map((arg) => this.part(arg)),
    );
    (isAdd(e) ? this.sums : this.products).push(part);
    return part;
  }
}

const newPart = (kind: Part["kind"], expr: Expr | null, args: Part[]): Part => ({
  kind,
  expr,
  args,
  uses: 0,
});

/** How many of the parts that share an operand are looked at from each: so the cost stays linear. */
const mostNeighbours = 64;

/**
 * Where several sums (or products) have two operands or more in common, those become a part of their own. From the
 * shortest on, so that one that is contained in another as a whole is found as such.
 */
function shareOperands(kind: "sum" | "product", given: readonly Part[]): void {
  const parts = [...given].sort((a, b) => a.args.length - b.args.length);
  const rank = new Map(parts.map((part, i) => [part, i]));
  // The order of operands in what is found: as they were met.
  const met = new Map<Part, number>();
  const users = new Map<Part, Set<Part>>();
  const operands = new Map<Part, Set<Part>>();
  const use = (part: Part, operand: Part): void => {
    if (!met.has(operand)) met.set(operand, met.size);
    const of = users.get(operand);
    if (of === undefined) users.set(operand, new Set([part]));
    else of.add(part);
  };
  for (const part of parts) {
    operands.set(part, new Set(part.args));
    for (const arg of part.args) use(part, arg);
  }
  const own = (part: Part): Set<Part> => operands.get(part) as Set<Part>;
  const exchange = (part: Part, old: readonly Part[], replacement: Part): void => {
    for (const operand of old) {
      own(part).delete(operand);
      users.get(operand)?.delete(part);
    }
    own(part).add(replacement);
    use(part, replacement);
  };
  const changed = new Set<Part>();
  for (const part of parts) {
    const counts = new Map<Part, number>();
    for (const operand of own(part)) {
      let looked = 0;
      for (const other of users.get(operand) as Set<Part>) {
        if (looked++ > mostNeighbours) break;
        if (other !== part) counts.set(other, (counts.get(other) ?? 0) + 1);
      }
    }
    const place = (other: Part): number => rank.get(other) as number;
    const candidates = [...counts]
      .filter(([, count]) => count > 1)
      .sort(([a, m], [b, n]) => m - n || place(a) - place(b))
      .map(([other]) => other);
    for (const [at, other] of candidates.entries()) {
      const common = [...own(part)].filter((operand) => own(other).has(operand));
      if (common.length < 2) continue;
      let found = part;
      if (common.length < own(part).size) {
        common.sort((a, b) => (met.get(a) as number) - (met.get(b) as number));
        found = newPart(kind, null, common);
        exchange(part, common, found);
        changed.add(part);
      }
      for (const third of candidates.slice(at)) {
        if (!common.every((operand) => own(third).has(operand))) continue;
        exchange(third, common, found);
        changed.add(third);
      }
    }
    for (const operand of own(part)) users.get(operand)?.delete(part);
  }
  for (const part of changed) {
    part.args = [...own(part)].sort((a, b) => (met.get(a) as number) - (met.get(b) as number));
  }
}

/** The graph of expressions: their parts, with the numbers of uses. */
export function shared(exprs: readonly Expr[]): Part[] {
  const graph = new Graph();
  const roots = exprs.map((e) => graph.part(e));
  shareOperands("sum", graph.sums);
  shareOperands("product", graph.products);
  const count = (part: Part): void => {
    if (part.uses++ === 0) part.args.forEach(count);
  };
  roots.forEach(count);
  return roots;
}

/** Options of cse. */
export interface CseOptions {
  /** The symbols to take for common subexpressions; x0, x1, … unless told. Those that occur are left out. */
  symbols?: Iterable<Sym>;
}

function* numbered(): Generator<Sym> {
  for (let i = 0; ; i++) yield symbol(`x${i}`);
}

/** Replacements, in the order in which they can be computed, and the expressions with them carried out. */
export interface CommonSubexpressions {
  readonly replacements: readonly (readonly [symbol: Sym, value: Expr])[];
  readonly exprs: readonly Expr[];
}

/**
 * Common subexpressions, each computed once: as SymPy's cse. Sums and products are searched for common operands too.
 *
 * @example
 * const { replacements, exprs } = sym.cse(sym.parse("sin(x + y) + cos(x + y)"));
 * `${replacements[0].join(" = ")}; ${exprs[0]}` // "x0 = x + y; sin(x0) + cos(x0)"
 */
export function cse(
  exprs: ExprLike | readonly ExprLike[],
  { symbols = numbered() }: CseOptions = {},
): CommonSubexpressions {
  const given = (Array.isArray(exprs) ? exprs : [exprs as ExprLike]).map(sympify);
  const taken = new Set(given.flatMap((e) => freeSymbols(e).map(({ name }) => name)));
  if (typeof symbols?.[Symbol.iterator] !== "function")
    throw new ArgumentError("cse: expected a list of symbols");
  const supply = symbols[Symbol.iterator]();
  const nextSymbol = (): Sym => {
    for (;;) {
      const { value, done } = supply.next();
      if (done) throw new ArgumentError("cse: the symbols are used up");
      if (!(value instanceof Sym)) throw new ArgumentError(`cse: ${value} is no symbol`);
      if (!taken.has(value.name)) {
        taken.add(value.name);
        return value;
      }
    }
  };
  const replacements: (readonly [Sym, Expr])[] = [];
  const values = new Map<Part, Expr>();
  const read = (part: Part): Expr => {
    const known = values.get(part);
    if (known !== undefined) return known;
    let value = expressionOf(part, part.args.map(read));
    const stays = part.kind === "leaf" && value.args.length === 0;
    if (part.uses > 1 && !stays && !isBoolean(value)) {
      const name = nextSymbol();
      replacements.push([name, value]);
      value = name;
    }
    values.set(part, value);
    return value;
  };
  const results = shared(given).map(read);
  return { replacements, exprs: results };
}

/** A part with its operands as expressions. */
function expressionOf({ kind, expr }: Part, args: readonly Expr[]): Expr {
  switch (kind) {
    case "leaf":
      return expr as Expr;
    case "sum":
      return sum(args);
    case "product":
      return product(args);
    case "power":
      return pow(args[0], args[1]);
    default:
      return rebuild(expr as Expr, args);
  }
}
