/** What expressions can do by a dot. */
import { apart } from "./algebra/apart.js";
import { cancel } from "./algebra/cancel.js";
import { collect } from "./algebra/collect.js";
import type { ExpandHints } from "./algebra/expand.js";
import { expand } from "./algebra/expand.js";
import { factor } from "./algebra/factor.js";
import { together } from "./algebra/together.js";
import { diff } from "./calculus/diff.js";
import { doit } from "./calculus/doit.js";
import type { Direction } from "./calculus/limit.js";
import { limit } from "./calculus/limit.js";
import { removeO, series } from "./calculus/series.js";
import { approximate } from "./core/approximate.js";
import { add, div, mul, neg, pow, sub } from "./core/arithmetic.js";
import type { Sym } from "./core/expr.js";
import { Expr, freeSymbols, has } from "./core/expr.js";
import type { ExprLike } from "./core/symbols.js";
import { sympify } from "./core/symbols.js";
import { UnsupportedError } from "./errors.js";
import type { EvalfOptions } from "./evalf.js";
import { evalf } from "./evalf.js";
import type { ExprJSON } from "./json.js";
import { toJSON } from "./json.js";
import { latex } from "./print/latex.js";
import { toMathML } from "./print/mathml.js";
import { str } from "./print/str.js";
import { simplify } from "./simplify/simplify.js";
import type { Replacements } from "./substitute.js";
import { subs, xreplace } from "./substitute.js";

interface ExprMethods {
  add(other: ExprLike): Expr;
  sub(other: ExprLike): Expr;
  mul(other: ExprLike): Expr;
  div(other: ExprLike): Expr;
  pow(exponent: ExprLike): Expr;
  neg(): Expr;
  /** As sym.expand. */
  expand(hints?: ExpandHints): Expr;
  /** As sym.factor. */
  factor(): Expr;
  /** As sym.cancel. */
  cancel(): Expr;
  /** As sym.together. */
  together(options?: { deep?: boolean }): Expr;
  /** As sym.apart. */
  apart(x?: ExprLike): Expr;
  /** As sym.collect. */
  collect(x: ExprLike | readonly ExprLike[], change?: (e: Expr) => Expr): Expr;
  /** As sym.diff. */
  diff(...by: ExprLike[]): Expr;
  /** As sym.doit. */
  doit(): Expr;
  /** As sym.subs. */
  subs(old: ExprLike, replacement: ExprLike): Expr;
  subs(replacements: Replacements, options?: { simultaneous?: boolean }): Expr;
  xreplace(replacements: Replacements): Expr;
  /** As sym.series. */
  series(x: ExprLike, point?: ExprLike, order?: number): Expr;
  /** As sym.removeO. */
  removeO(): Expr;
  /** As sym.limit. */
  limit(x: ExprLike, point: ExprLike, dir?: Direction): Expr;
  /** As sym.evalf. */
  evalf(digits?: number, options?: EvalfOptions): Expr;
  /** As sym.evalf. */
  n(digits?: number, options?: EvalfOptions): Expr;
  /** As sym.simplify. */
  simplify(): Expr;
  /** Whether another expression is part of this one. */
  has(part: ExprLike): boolean;
  readonly freeSymbols: Sym[];
  toString(): string;
  /** As sym.latex. */
  latex(): string;
  /** For JSON.stringify: as sym.toJSON. */
  toJSON(): ExprJSON;
}

declare module "./core/expr.js" {
  interface Expr extends ExprMethods {}
}

const methods: ThisType<Expr> & Record<keyof Omit<ExprMethods, "freeSymbols">, unknown> = {
  add(other: ExprLike): Expr {
    return add(this, sympify(other));
  },
  sub(other: ExprLike): Expr {
    return sub(this, sympify(other));
  },
  mul(other: ExprLike): Expr {
    return mul(this, sympify(other));
  },
  div(other: ExprLike): Expr {
    return div(this, sympify(other));
  },
  pow(exponent: ExprLike): Expr {
    return pow(this, sympify(exponent));
  },
  neg(): Expr {
    return neg(this);
  },
  expand(hints?: ExpandHints): Expr {
    return expand(this, hints);
  },
  factor(): Expr {
    return factor(this);
  },
  cancel(): Expr {
    return cancel(this);
  },
  together(options?: { deep?: boolean }): Expr {
    return together(this, options);
  },
  apart(x?: ExprLike): Expr {
    return apart(this, x);
  },
  collect(x: ExprLike | readonly ExprLike[], change?: (e: Expr) => Expr): Expr {
    return collect(this, x, change);
  },
  diff(...by: ExprLike[]): Expr {
    return diff(this, ...by);
  },
  doit(): Expr {
    return doit(this);
  },
  subs(first: never, second: never): Expr {
    return subs(this, first, second);
  },
  xreplace(replacements: Replacements): Expr {
    return xreplace(this, replacements);
  },
  series(x: ExprLike, point?: ExprLike, order?: number): Expr {
    return series(this, x, point, order);
  },
  removeO(): Expr {
    return removeO(this);
  },
  limit(x: ExprLike, point: ExprLike, dir?: Direction): Expr {
    return limit(this, x, point, dir);
  },
  evalf(digits?: number, options?: EvalfOptions): Expr {
    return evalf(this, digits, options);
  },
  n(digits?: number, options?: EvalfOptions): Expr {
    return evalf(this, digits, options);
  },
  simplify(): Expr {
    return simplify(this);
  },
  has(part: ExprLike): boolean {
    return has(this, sympify(part));
  },
  toString(): string {
    return str(this);
  },
  latex(): string {
    return latex(this);
  },
  toJSON(): ExprJSON {
    return toJSON(this);
  },
};

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Expr.prototype, name, { value, writable: true, configurable: true });
}
Object.defineProperty(Expr.prototype, "freeSymbols", {
  get(this: Expr) {
    return freeSymbols(this);
  },
  configurable: true,
});
Object.defineProperty(Expr.prototype, Symbol.toPrimitive, {
  value(this: Expr, hint: string) {
    if (hint !== "number") return str(this);
    const value = approximate(this);
    return value === null || value.im !== 0 ? Number.NaN : value.re;
  },
});
Object.defineProperty(Expr.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Expr) {
    try {
      return str(this);
    } catch (error) {
      // What is logged to look for an error must not throw another.
      if (!(error instanceof UnsupportedError)) throw error;
      return `[${error.message}]`;
    }
  },
});
// Kernels of notebooks show what is under this name by its MIME types.
Object.defineProperty(Expr.prototype, Symbol.for("Jupyter.display"), {
  value(this: Expr) {
    return {
      "text/plain": str(this),
      "text/latex": `$\\displaystyle ${latex(this)}$`,
      "text/html": toMathML(this),
    };
  },
});
