/**
 * Shorter forms of expressions in sines, cosines and their like. Sums and products of them are quotients of polynomials
 * in the functions of each angle, which are reduced by even² = 1 ± odd² either way, and compared with the sums over
 * multiple angles that products of them are.
 */
import { numerDenom } from "../algebra/fraction.js";
import type { QPoly } from "../algebra/polynomials.js";
import { fromPoly, generatorsOf, Reader, reduced } from "../algebra/polynomials.js";
import { add, div, mul, pow } from "../core/arithmetic.js";
import type { Call, Expr } from "../core/expr.js";
import {
  ExprMap,
  ExprSet,
  integer,
  isAdd,
  isCall,
  isInteger,
  isMul,
  isPow,
  some,
  walk,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { factorsOf, splitPower } from "../core/parts.js";
import { bottomUp, rebuild } from "../core/rebuild.js";
import type { ExprLike } from "../core/symbols.js";
import { sympify } from "../core/symbols.js";
import { cofactors } from "../poly/gcd.js";
import { countOps } from "./countops.js";
import { isShorter, shortest } from "./shortest.js";
import type { Angle } from "./trigforms.js";
import {
  anglesOf,
  commonAngles,
  functions,
  isTrig,
  multipleAngles,
  pairs,
  reduce,
} from "./trigforms.js";

/** Longer expressions are treated in parts only. */
const mostOps = 300;
/** Longer ones are left, but for their parts. */
const mostOpsInParts = 10_000;
/** Passes over an expression, each of which has to make it shorter. */
const mostRounds = 5;

/**
 * The shortest form found by the identities between trigonometric, and between hyperbolic, functions.
 *
 * @example
 * const [x] = sym.symbols("x");
 * String(sym.trigsimp(sym.expr`sin(${x})**2 + cos(${x})**2`)) // "1"
 */
export function trigsimp(e: ExprLike): Expr {
  let best = sympify(e);
  for (let round = 0; round < mostRounds && some(best, isTrig); round++) {
    const next = bottomUp(best, improve);
    if (!isShorter(next, best)) break;
    best = next;
  }
  return best;
}

const isRational = (e: Expr): boolean =>
  isAdd(e) || isMul(e) || (isPow(e) && isInteger(e.exponent));

/** The functions that an expression is a quotient of polynomials in. */
function callsIn(e: Expr): Call[] {
  const found = new ExprSet();
  const seen = new Set<Expr>();
  const visit = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (isTrig(node)) found.add(node);
    else if (isRational(node)) node.args.forEach(visit);
  };
  visit(e);
  return found.list as Call[];
}

/** An expression with other functions in the place of those that it is a quotient of polynomials in. */
function change(e: Expr, by: (node: Call) => Expr | undefined): Expr {
  if (isTrig(e)) return by(e) ?? e;
  return isRational(e)
    ? rebuild(
        e,
        e.args.map((arg) => change(arg, by)),
      )
    : e;
}

const inSines = (e: Expr): Expr =>
  change(e, (node) => {
    const [pair, odd, even] = functions.get(node.name) as readonly [
      (typeof pairs)[0],
      number,
      number,
    ];
    const [angle] = node.args;
    return mul(
      pow(call(pair.odd, angle), integer(odd)),
      pow(call(pair.even, angle), integer(even)),
    );
  });

function improve(e: Expr): Expr {
  if (!isRational(e) || countOps(e) > mostOpsInParts) return e;
  const calls = callsIn(e);
  if (calls.length === 0) return e;
  if (countOps(e) > mostOps) return inParts(e);
  return shortest([e, ...forms(e), inParts(e)]);
}

/** The forms of a quotient of polynomials in sines and cosines. */
function forms(e: Expr): Expr[] {
  const plain = inSines(e);
  const list = [withQuotients(e), withQuotients(plain), ...quotientForms(plain)];
  for (const halved of [false, true]) {
    const replacements = commonAngles(callsIn(plain), halved);
    if (replacements.size > 0)
      list.push(...quotientForms(change(plain, (node) => replacements.get(node))));
  }
  return list;
}

function quotientForms(e: Expr): Expr[] {
  const [above, below] = numerDenom(e);
  const { generators, angles } = anglesOf(generatorsOf([above, below]));
  if (angles.length === 0 || angles.length > 6) return [];
  const reader = new Reader(generators);
  const tops = reductions(reader.read(above), angles);
  const bottoms = reductions(reader.read(below), angles);
  const found: Expr[] = [];
  for (const top of tops) {
    for (const bottom of bottoms) {
      if (bottom.poly.isZero) continue;
      const { left, right } = cofactors(top.poly, bottom.poly);
      const n = reduced(left.scale(bottom.denominator), 1n);
      const d = reduced(right.scale(top.denominator), 1n);
      const short = [n, d].map((f) => shortestForm(f, generators, angles));
      found.push(withQuotients(div(short[0], short[1])));
      found.push(withQuotients(div(write(n, generators), write(d, generators))));
    }
  }
  return found;
}

const write = ({ poly, denominator }: QPoly, generators: readonly Expr[]): Expr =>
  fromPoly(poly, generators, denominator);

function shortestForm(f: QPoly, generators: readonly Expr[], angles: readonly Angle[]): Expr {
  const waves = multipleAngles(f, generators, angles);
  return shortest([write(f, generators), ...(waves === null ? [] : [waves])]);
}

/** A polynomial as it is, and reduced by the identity of each angle one way or the other. */
function reductions(f: QPoly, angles: readonly Angle[]): QPoly[] {
  let list = [f.poly];
  for (const angle of angles) {
    const next = list.flatMap((g) => [reduce(g, angle, "odd"), reduce(g, angle, "even")]);
    next.sort((a, b) => a.terms.length - b.terms.length);
    // The shortest of each stage are followed.
    list = next.filter((g, i) => next.findIndex((h) => h.equals(g)) === i).slice(0, 4);
  }
  const distinct = list.some((g) => g.equals(f.poly)) ? list : [f.poly, ...list];
  return distinct.map((g) => reduced(g, f.denominator));
}

/** Quotients of an odd and an even function of one angle as one function. */
function withQuotients(e: Expr): Expr {
  return isAdd(e) ? add(...e.args.map(quotientsIn)) : quotientsIn(e);
}

function quotientsIn(e: Expr): Expr {
  if (!isMul(e)) return e;
  let factors = factorsOf(e);
  for (const pair of pairs) {
    const exponents = new ExprMap<[odd: number, even: number]>();
    for (const factor of factors) {
      const [base, exponent] = splitPower(factor);
      if (!isInteger(exponent)) continue;
      const odd = isCall(base, pair.odd);
      if (!odd && !isCall(base, pair.even)) continue;
      const found = exponents.get(base.args[0]) ?? [0, 0];
      found[odd ? 0 : 1] = Number(exponent.p);
      exponents.set(base.args[0], found);
    }
    const extra: Expr[] = [];
    for (const [angle, [odd, even]] of exponents) {
      if (odd * even >= 0) continue;
      const n = Math.sign(odd) * Math.min(Math.abs(odd), Math.abs(even));
      extra.push(
        pow(call(pair.odd, angle), integer(-n)),
        pow(call(pair.even, angle), integer(n)),
        pow(call(pair.quotient, angle), integer(n)),
      );
    }
    if (extra.length > 0) factors = factorsOf(mul(...factors, ...extra));
  }
  return mul(...factors);
}

/** A sum by groups of terms: those that share no angle with others, or those with the same other factors. */
function inParts(e: Expr): Expr {
  if (!isAdd(e)) return e;
  const partitions = [byAngles(e.args), byOtherFactors(e.args)];
  return shortest([
    e,
    ...partitions
      .filter((groups) => groups.length > 1 && groups.length < e.args.length)
      .map((groups) =>
        add(
          ...groups.map((group) => {
            const part = add(...group);
            return group.length === 1 || countOps(part) > mostOps || callsIn(part).length === 0
              ? part
              : shortest([part, ...forms(part)]);
          }),
        ),
      ),
  ]);
}

/** The symbols in the angles of a term tell what it can be combined with. */
function byAngles(terms: readonly Expr[]): Expr[][] {
  let groups: { symbols: ExprSet; terms: Expr[] }[] = [];
  for (const term of terms) {
    const symbols = new ExprSet();
    for (const { args } of callsIn(term)) {
      walk(args[0], (node) => {
        if (node.args.length === 0 && node.kind === "symbol") symbols.add(node);
      });
    }
    const joined = { symbols, terms: [term] };
    groups = groups.filter((group) => {
      const apart =
        symbols.list.length === 0
          ? group.symbols.list.length > 0
          : !group.symbols.list.some((s) => symbols.has(s));
      if (!apart) {
        for (const s of group.symbols.list) joined.symbols.add(s);
        joined.terms.push(...group.terms);
      }
      return apart;
    });
    groups.push(joined);
  }
  return groups.map((group) => group.terms);
}

function byOtherFactors(terms: readonly Expr[]): Expr[][] {
  const groups = new ExprMap<Expr[]>();
  for (const term of terms) {
    const others = factorsOf(term).filter(
      (factor) =>
        callsIn(factor).length === 0 && factor.kind !== "integer" && factor.kind !== "rational",
    );
    const key = mul(...others);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [term]);
    else list.push(term);
  }
  return [...groups].map(([, list]) => list);
}
