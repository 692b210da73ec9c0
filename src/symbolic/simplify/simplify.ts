/** The shortest form of an expression that the other functions find. */
import { NablaError } from "../../core/errors.js";
import { cancel } from "../algebra/cancel.js";
import { expand, expandLog } from "../algebra/expand.js";
import { factor } from "../algebra/factor.js";
import { fraction } from "../algebra/fraction.js";
import { together } from "../algebra/together.js";
import { div } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import {
  ExprMap,
  ExprSet,
  isAdd,
  isCall,
  isExp,
  isMul,
  isPow,
  nan,
  negativeInfinity,
  oo,
  some,
  walk,
  yes,
  zoo,
} from "../core/expr.js";
import { piecewise } from "../core/logic.js";
import { rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { countOps } from "./countops.js";
import {
  exponentialsToHyperbolic,
  hyperbolicToExponentials,
  isHyperbolic,
} from "./exponentials.js";
import { applyComplement, applyRecurrences } from "./gammasimp.js";
import { logcombine } from "./logcombine.js";
import { powsimp } from "./powsimp.js";
import { rationalizeDenominators } from "./radsimp.js";
import { isShorter, shortest } from "./shortest.js";
import type { Size } from "./size.js";
import { expandedSize } from "./size.js";
import { isTrig } from "./trigforms.js";
import { trigsimp } from "./trigsimp.js";

/** Passes over one expression, each of which has to make it shorter. */
const mostRounds = 6;
/** Nodes and terms that are gone through for all forms of all parts; what is met after that stays as it is. */
const mostWork = 10_000;
/** Beyond this, nothing is multiplied out. */
const mostExpanded: Size = { terms: 1000, degree: 120 };
/** Beyond this, nothing is factored. */
const mostFactored: Size = { terms: 64, degree: 24 };
/** Longer expressions are left, but for their parts. */
const mostOps = 5_000;
/** Longer expressions are not taken through two forms at once. */
const mostCombined = 60;

interface Form {
  /** What an expression has to hold. */
  readonly needs?: (node: Expr) => boolean;
  /** The largest size. */
  readonly most?: Size;
  readonly apply: (e: Expr) => Expr;
}

const isNamed =
  (...names: readonly string[]) =>
  (e: Expr): boolean =>
    isCall(e) && e.defined && names.includes(e.name);

const expandedFraction = (e: Expr): Expr => {
  const [n, d] = fraction(together(e));
  return div(expand(n), expand(d));
};

const algebraic: readonly Form[] = [
  { most: mostExpanded, apply: cancel },
  { most: mostExpanded, apply: (e) => together(e) },
  { most: mostExpanded, apply: (e) => expand(e) },
  { most: mostExpanded, apply: expandedFraction },
  { most: mostFactored, apply: factor },
];
const transcendental: readonly Form[] = [
  { needs: isPow, apply: (e) => powsimp(e, { deep: true }) },
  { needs: isNamed("log"), apply: (e) => logcombine(e) },
  { needs: isNamed("log"), apply: (e) => expandLog(e) },
  { needs: isTrig, apply: trigsimp },
  { needs: isExp, apply: exponentialsToHyperbolic },
  { needs: isHyperbolic, most: mostExpanded, apply: (e) => expand(hyperbolicToExponentials(e)) },
  { needs: isNamed("gamma", "factorial", "polygamma"), apply: applyRecurrences },
  { needs: isNamed("erf", "erfc"), apply: (e) => applyComplement(e, "erf") },
  { needs: isNamed("erf", "erfc"), apply: (e) => applyComplement(e, "erfc") },
  { needs: isPow, apply: rationalizeDenominators },
];

const fits = (size: Size, most: Size | undefined): boolean =>
  most === undefined || (size.terms <= most.terms && size.degree <= most.degree);

class Search {
  private work = 0;
  /** What was taken through other forms once more. */
  private readonly seen = new ExprSet();

  /** The forms of an expression that are not too large to be found. */
  private formsOf(e: Expr, list: readonly Form[]): Expr[] {
    if (countOps(e) > mostOps) return [];
    const size = expandedSize(e);
    walk(e, () => {
      this.work++;
    });
    if (fits(size, mostExpanded)) this.work += (size.terms * (size.degree + 8)) / 8;
    if (this.work > mostWork) return [];
    const found: Expr[] = [];
    for (const { needs, most, apply } of list) {
      if (!fits(size, most) || (needs !== undefined && !some(e, needs))) continue;
      try {
        const form = apply(e);
        if (!form.equals(e)) found.push(form);
      } catch (error) {
        // What is too large, or no polynomial, has no such form.
        if (!(error instanceof NablaError)) throw error;
      }
    }
    return found;
  }

  shorten(given: Expr): Expr {
    let best = given;
    for (let round = 0; round < mostRounds && this.work <= mostWork; round++) {
      const forms = this.formsOf(best, [...algebraic, ...transcendental]);
      const length = countOps(best);
      const combined: Expr[] = [];
      if (length <= mostCombined) {
        for (const form of forms) {
          if (countOps(form) > 2 * length + 10 || this.seen.has(form)) continue;
          this.seen.add(form);
          combined.push(...this.formsOf(form, afterwards));
        }
      }
      const next = shortest([best, ...forms, ...combined]);
      if (!isShorter(next, best)) break;
      best = next;
    }
    return best;
  }
}
/** What the other forms are taken through once more. */
const afterwards: readonly Form[] = [
  ...algebraic,
  { needs: isPow, apply: (e) => powsimp(e, { deep: true }) },
  { needs: isTrig, apply: trigsimp },
];

const isInfinite = (e: Expr): boolean =>
  e === oo || e === negativeInfinity || e === zoo || e === nan;

/** Cases that hold one after the other with the same value are one. */
function simplifyCases(e: Expr): Expr {
  const cases: [value: Expr, condition: Expr][] = [];
  for (let i = 0; i < e.args.length; i += 2) cases.push([e.args[i], e.args[i + 1]]);
  while (cases.length > 1 && cases[cases.length - 1][1] === yes) {
    const [last, before] = [cases[cases.length - 1], cases[cases.length - 2]];
    if (!last[0].equals(before[0])) break;
    cases.splice(cases.length - 2, 1);
  }
  return cases.length * 2 === e.args.length ? e : piecewise(...cases);
}

/**
 * The form of an expression with the fewest operations (see countOps) among those that cancel, factor, expand, powsimp,
 * logcombine, trigsimp and identities of special functions lead to, of the parts and of the whole. It is never longer
 * than the expression, and large ones are treated in part only, so that it takes little time.
 *
 * @example
 * const [x] = sym.symbols("x");
 * String(sym.simplify(sym.expr`(${x}**2 - 1)/(${x} - 1) + sin(${x})**2 + cos(${x})**2`)) // "x + 2"
 */
export function simplify(e: ExprLike): Expr {
  const given = sympify(e);
  const search = new Search();
  const memo = new ExprMap<Expr>();
  const visit = (node: Expr): Expr => {
    if (node.args.length === 0) return node;
    if (node.kind === "derivative" || node.kind === "subs" || node.kind === "order") return node;
    let found = memo.get(node);
    if (found === undefined) {
      found = simplifyNode(shortest([node, rebuild(node, node.args.map(visit))]));
      memo.set(node, found);
    }
    return found;
  };
  const simplifyNode = (node: Expr): Expr => {
    if (node.kind === "piecewise") return simplifyCases(node);
    if (!isAdd(node) && !isMul(node) && !isPow(node)) return node;
    if (some(node, isInfinite)) return node;
    return search.shorten(node);
  };
  return visit(given);
}
