/**
 * Expressions as polynomials over the rationals and back. What is no sum, product or whole power counts as a variable
 * of its own, a generator: sin(x), sqrt(x), exp(x).
 */
import { ArgumentError } from "../../core/errors.js";
import { add, compareNodes, mul, pow } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import {
  Add,
  ExprMap,
  ExprSet,
  fromRatio,
  integer,
  isAdd,
  isCall,
  isExact,
  isInteger,
  isMul,
  isNum,
  isPow,
  isSymbol,
  Mul,
  minusOne,
  one,
  Pow,
  Rational,
  walk,
  zero,
} from "../core/expr.js";
import { bitLength, gcd, lcm } from "../core/integers.js";
import { keepCoefficient, splitCoefficient } from "../core/parts.js";
import { ratio } from "../core/rational.js";
import { Poly } from "../poly/poly.js";
import { str } from "../print/str.js";

/** Results of more terms are refused. */
const mostTerms = 100_000;
/** Products that take more multiplications of so many bits are refused. */
const mostWork = 50_000_000;
const wordBits = 256;
/** Results whose coefficients have more bits together are refused. */
const mostBits = 1 << 28;
/** Whole exponents beyond this do not count as powers of a generator. */
const mostExponent = 1n << 30n;

/** A polynomial over the rationals: one over the integers, over a positive integer. */
export interface QPoly {
  readonly poly: Poly;
  readonly denominator: bigint;
}

export function reduced(poly: Poly, denominator: bigint): QPoly {
  if (denominator === 1n) return { poly, denominator };
  let common = gcd(poly.content(), denominator);
  if (denominator < 0n) common = -common;
  return { poly: poly.unscale(common), denominator: denominator / common };
}

export const tooLarge = (): ArgumentError =>
  new ArgumentError(`the result has too many terms: more than ${mostTerms}, or too many digits`);

/** How many monomials have at most these degrees. */
const box = (degrees: readonly number[]): number => degrees.reduce((a, d) => a * (d + 1), 1);

const bitsOf = (f: Poly): number =>
  f.terms.reduce((most, t) => Math.max(most, bitLength(t.coefficient)), 0);

export function multiply(f: Poly, g: Poly): Poly {
  const pairs = f.terms.length * g.terms.length;
  const count = Math.min(pairs, box(f.degrees.map((d, i) => d + g.degrees[i])));
  if (count > mostTerms) throw tooLarge();
  if (pairs > mostTerms && pairs * (1 + (bitsOf(f) + bitsOf(g)) / wordBits) > mostWork)
    throw tooLarge();
  return f.multiply(g);
}

export function power(f: Poly, n: number): Poly {
  const t = f.terms.length;
  let count = 1;
  for (let k = 1; k < t && count <= mostTerms; k++) count = (count * (n + k)) / k;
  count = Math.min(count, box(f.degrees.map((d) => d * n)));
  const bits = n * (bitsOf(f) + Math.log2(Math.max(1, t)));
  const pairs = t < 3 ? count : (t * count * n) / 2;
  if (count > mostTerms || count * bits > mostBits || pairs * (1 + bits / wordBits) > mostWork)
    throw tooLarge();
  return f.power(n);
}

/** A factor as a base and a whole exponent: x^(−3/2) is (x^(1/2))^−3. */
export function wholePower(factor: Expr): readonly [base: Expr, exponent: number] {
  if (!isPow(factor)) return [factor, 1];
  const { base, exponent } = factor;
  const [coefficient, rest] = splitCoefficient(exponent);
  if (!isExact(coefficient) || coefficient.p > mostExponent || coefficient.p < -mostExponent)
    return [factor, 1];
  const unit = coefficient.q === 1n ? one : new Rational({ p: 1n, q: coefficient.q });
  const root = keepCoefficient(unit, rest);
  return [root === one ? base : new Pow(base, root), Number(coefficient.p)];
}

/** A factor as a generator and a positive whole exponent. */
export function generatorOf(factor: Expr): readonly [generator: Expr, exponent: number] {
  const [base, exponent] = wholePower(factor);
  return exponent < 0 ? [pow(base, minusOne), -exponent] : [base, exponent];
}

/** Whether generators have only the powers that they are written with, so that terms in them are in canonical form. */
const isFree = (generator: Expr): boolean => isSymbol(generator) || isCall(generator);

const namedOrder = (name: string): number => {
  if (!/^[a-z]$/.test(name)) return 1000;
  const place = name.charCodeAt(0) - 96;
  return place + (place > 23 ? 100 : place > 15 ? 200 : 300);
};

/** Generators in SymPy's order: x, y, z before p to w before a to o, then by name. */
export function sortGenerators(generators: readonly Expr[]): Expr[] {
  const keyed = generators.map((generator) => {
    const text = str(generator);
    const [, name, index] = /^(.*?)(\d*)$/s.exec(text) as RegExpExecArray;
    return { generator, name, index: Number(index), order: namedOrder(name) };
  });
  keyed.sort(
    (a, b) =>
      a.order - b.order || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || a.index - b.index,
  );
  return keyed.map(({ generator }) => generator);
}

/** The generators of expressions as they stand. */
export function generatorsOf(list: readonly Expr[]): Expr[] {
  const found = new ExprSet();
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e) || isExact(e)) return;
    seen.add(e);
    if (isAdd(e) || isMul(e)) e.args.forEach(visit);
    else if (isPow(e) && isInteger(e.exponent) && e.exponent.p > 0n && e.exponent.p < mostExponent)
      visit(e.base);
    else found.add(generatorOf(e)[0]);
  };
  list.forEach(visit);
  return sortGenerators(found.list);
}

/** Reads expressions as polynomials in generators. Sums and powers are multiplied out. */
export class Reader {
  readonly generators: readonly Expr[];
  private readonly index = new ExprMap<number>();
  private readonly memo = new ExprMap<QPoly>();

  constructor(generators: readonly Expr[]) {
    this.generators = generators;
    generators.forEach((generator, i) => {
      this.index.set(generator, i);
    });
  }

  constant(value: bigint): Poly {
    return Poly.constant(this.generators.length, value);
  }

  read(e: Expr): QPoly {
    if (isExact(e)) return { poly: this.constant(e.p), denominator: e.q };
    let found = this.memo.get(e);
    if (found === undefined) {
      found = this.find(e);
      this.memo.set(e, found);
    }
    return found;
  }

  private find(e: Expr): QPoly {
    const variable = this.index.get(e);
    if (variable !== undefined)
      return { poly: Poly.variable(this.generators.length, variable), denominator: 1n };
    if (isAdd(e)) {
      const parts = e.args.map((arg) => this.read(arg));
      const denominator = parts.reduce((d, part) => lcm(d, part.denominator), 1n);
      const terms = parts.flatMap((part) => part.poly.scale(denominator / part.denominator).terms);
      if (terms.length > 10 * mostTerms) throw tooLarge();
      return reduced(Poly.fromTerms(this.generators.length, terms), denominator);
    }
    if (isMul(e)) return this.product(e.args);
    if (isPow(e) && isInteger(e.exponent) && e.exponent.p > 0n && e.exponent.p < mostExponent) {
      const { poly, denominator } = this.read(e.base);
      const n = Number(e.exponent.p);
      if (n * bitLength(denominator) > mostBits) throw tooLarge();
      return { poly: power(poly, n), denominator: denominator ** BigInt(n) };
    }
    const [generator, exponent] = generatorOf(e);
    const at = this.index.get(generator);
    if (at === undefined) throw new ArgumentError(`${str(e)} is no polynomial`);
    const exponents = new Array<number>(this.generators.length).fill(0);
    exponents[at] = exponent;
    return { poly: Poly.monomial(exponents), denominator: 1n };
  }

  /** A product, the powers of generators first. */
  private product(factors: readonly Expr[]): QPoly {
    let poly = this.constant(1n);
    let denominator = 1n;
    for (const part of factors
      .map((factor) => this.read(factor))
      .sort((a, b) => a.poly.terms.length - b.poly.terms.length)) {
      poly = multiply(poly, part.poly);
      denominator *= part.denominator;
    }
    return reduced(poly, denominator);
  }
}

/** Expressions as polynomials in their generators. */
export function readPolys(list: readonly Expr[]): { reader: Reader; polys: QPoly[] } {
  const reader = new Reader(generatorsOf(list));
  return { reader, polys: list.map((e) => reader.read(e)) };
}

/** A sum of terms of which no two are alike, and at most one is a number. */
export function sumOfDistinct(terms: Expr[]): Expr {
  if (terms.length === 0) return zero;
  if (terms.length === 1) return terms[0];
  const at = terms.findIndex(isNum);
  const constant = at < 0 ? [] : terms.splice(at, 1);
  terms.sort(compareNodes);
  return new Add([...constant, ...terms]);
}

/** A polynomial over an integer as an expression, in canonical form. */
export function fromPoly(poly: Poly, generators: readonly Expr[], denominator = 1n): Expr {
  if (poly.terms.length > mostTerms) throw tooLarge();
  const powers = generators.map((generator): Expr[] => [one, generator]);
  const raise = (i: number, n: number): Expr => {
    let found = powers[i][n];
    if (found === undefined) {
      found = pow(generators[i], integer(n));
      powers[i][n] = found;
    }
    return found;
  };
  const free = generators.every(isFree);
  const terms = poly.terms.map(({ exponents, coefficient }) => {
    const number = fromRatio(ratio(coefficient, denominator));
    const factors: Expr[] = [];
    exponents.forEach((n, i) => {
      if (n > 0) factors.push(raise(i, n));
    });
    if (!free) return mul(number, ...factors);
    if (factors.length === 0) return number;
    factors.sort(compareNodes);
    if (number !== one) factors.unshift(number);
    return factors.length === 1 ? factors[0] : new Mul(factors);
  });
  return free ? sumOfDistinct(terms) : add(...terms);
}

/** Whether an expression is made of symbols and exact numbers by sums, products and positive whole powers. */
export function isPlainPolynomial(e: Expr): boolean {
  let plain = true;
  walk(e, (node) => {
    if (isAdd(node) || isMul(node) || isSymbol(node) || isExact(node)) return;
    if (isPow(node) && isInteger(node.exponent) && node.exponent.p > 0n) return;
    plain = false;
  });
  return plain;
}
