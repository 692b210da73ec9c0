// Factors of polynomials over the integers.

import { abs, bitLength } from "../core/integers.js";
import type { Dense } from "./dense.js";
import { contentIn, interpolate, lowestExponents, maxNorm } from "./gcd.js";
import { Poly, product } from "./poly.js";
import type { Factorization } from "./squarefree.js";
import { denseSquareFree, squareFree } from "./squarefree.js";
import { defaultWorkLimit, factorSquareFree, subsets, WorkLimitError } from "./zassenhaus.js";

export interface FactorOptions {
  /** How many products of factors of an image are tried before a WorkLimitError. */
  readonly workLimit?: number;
}

/** The factors are irreducible over the rationals and primitive, with positive leading coefficients, in SymPy's order. */
export function factor(f: Poly, options: FactorOptions = {}): Factorization<Poly> {
  const workLimit = options.workLimit ?? defaultWorkLimit;
  const content = f.content();
  const factors: [Poly, number][] = [];
  if (f.isZero) return { content, factors };
  const lowest = lowestExponents(f);
  lowest.forEach((e, i) => {
    if (e > 0) factors.push([Poly.variable(f.variables, i), e]);
  });
  const rest = f.primitive().divideExactly(Poly.monomial(lowest));
  for (const [part, multiplicity] of squareFree(rest).factors) {
    for (const g of factorPart(part, workLimit)) factors.push([g, multiplicity]);
  }
  return { content, factors: sortFactors(factors) };
}

/** The same of polynomials in one variable. */
export function denseFactor(f: Dense, options: FactorOptions = {}): Factorization<Dense> {
  const { content, factors } = factor(Poly.fromDense(f), options);
  return { content, factors: factors.map(([g, multiplicity]) => [g.toDense(), multiplicity]) };
}

/** Sorts by the degree in the first variable, the multiplicity, and the coefficients, as SymPy does. */
export const sortFactors = (factors: readonly [Poly, number][]): [Poly, number][] =>
  factors.slice().sort(([f, m], [g, n]) => f.degree(0) - g.degree(0) || m - n || compare(f, g, 0));

/** The order of the nested lists of coefficients, the highest power first, in each variable after the other. */
function compare(f: Poly, g: Poly, index: number): number {
  const last = index === f.variables - 1;
  const list = (h: Poly): Poly[] => {
    const coefficients = h.coefficients(index).reverse();
    // Zero is an empty list only of numbers.
    return h.isZero && !last ? [h] : coefficients;
  };
  const a = list(f);
  const b = list(g);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = last
      ? Number(a[i].leadingCoefficient > b[i].leadingCoefficient) -
        Number(a[i].leadingCoefficient < b[i].leadingCoefficient)
      : compare(a[i], b[i], index + 1);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The irreducible factors of a primitive square-free polynomial that no variable divides. */
function factorPart(f: Poly, workLimit: number): Poly[] {
  const { support } = f;
  if (support.length === 0) return [];
  const [index] = support;
  if (support.length === 1) {
    return factorSquareFree(f.toDense(index), workLimit).map((g) =>
      Poly.fromDense(g, f.variables, index),
    );
  }
  for (const i of support) {
    const content = contentIn(f, i);
    if (content.isConstant) continue;
    return [...factorPart(content, workLimit), ...factorPart(f.divideExactly(content), workLimit)];
  }
  // Without contents, a product would show in every variable.
  if (support.some((i) => f.degree(i) === 1)) return [f];
  const total = f.terms[0].exponents.reduce((a, b) => a + b, 0);
  if (f.terms.every((t) => t.exponents.reduce((a, b) => a + b, 0) === total)) {
    return factorHomogeneous(f, workLimit);
  }
  return factorByValue(f, workLimit);
}

/** With 1 for one of the variables, no factor is lost. */
function factorHomogeneous(f: Poly, workLimit: number): Poly[] {
  const index = f.support[f.support.length - 1];
  return factorPart(f.evaluate(index, 1n), workLimit).map((g) => {
    const total = g.totalDegree;
    const terms = g.terms.map(({ exponents, coefficient }) => {
      const own = exponents.reduce((a, b) => a + b, 0);
      return { exponents: exponents.with(index, total - own), coefficient };
    });
    return Poly.fromTerms(f.variables, terms).primitive();
  });
}

/** Beyond so many bits in a coefficient of an image, it is not factored. */
const MOST_BITS = 1_000_000;

/** The integers by size: 0, 1, -1, 2, -2 and so on. */
const small = (n: number): bigint => BigInt(n % 2 === 1 ? (n + 1) / 2 : -n / 2);

/** Values at a few small points, which mostly show it of a polynomial that no product has the degree of. */
function isSurelyIrreducible(f: Poly, main: number, workLimit: number): boolean {
  for (let attempt = 0; attempt < 4; attempt++) {
    let image = f;
    f.support.forEach((index, i) => {
      if (index !== main) image = image.evaluate(index, small(attempt + 2 * i));
    });
    if (image.degree(main) < f.degree(main)) continue;
    const { factors } = denseSquareFree(image.toDense(main));
    if (factors.length > 1 || factors[0][1] > 1) continue;
    if (factorSquareFree(factors[0][0], workLimit).length === 1) return true;
  }
  return false;
}

/**
 * Factors the value at an integer for one variable, an integer so large that coefficients of factors can be read off
 * their values. For all but a few integers, no factor splits further there (Hilbert's irreducibility theorem); products
 * of factors are tried all the same, which makes the result certain.
 */
function factorByValue(f: Poly, workLimit: number): Poly[] {
  const byDegree = f.support.sort((a, b) => f.degree(a) - f.degree(b));
  const index = byDegree[0];
  const main = byDegree[byDegree.length - 1];
  if (isSurelyIrreducible(f, main, workLimit)) return [f];
  // No factor has a coefficient above e to the sum of the degrees, times the largest of f (Gelfond 1960).
  const bound = maxNorm(f) * 3n ** BigInt(f.degrees.reduce((a, b) => a + b, 0));
  // A smaller one will mostly do, which shows when the factors found make up the whole.
  let point = 4n * maxNorm(f) + 3n;
  for (;;) {
    if (bitLength(point) * f.degree(index) > MOST_BITS) {
      throw new WorkLimitError("factoring a polynomial of that many variables and degrees");
    }
    const image = f.evaluate(index, point);
    const content = abs(image.content());
    const enough = 2n * content * bound + 1n;
    const { factors } = factor(image, { workLimit });
    const isFaithful =
      image.degree(main) === f.degree(main) &&
      factors.every(([g, multiplicity]) => multiplicity === 1 && g.degree(main) > 0);
    if (isFaithful) {
      const images = factors.map(([g]) => g);
      const preimage = (value: Poly): Poly =>
        interpolate(value.scale(content), index, point).primitive();
      const candidates = images.map(preimage);
      if (product(f.variables, candidates).equals(f)) return candidates;
      if (point >= enough) return recombine(f, images, workLimit, preimage);
    }
    point = point < enough ? enough : point + bound;
  }
}

/** The factors of f, which are those that products of some of the images are values of. */
function recombine(
  f: Poly,
  images: readonly Poly[],
  workLimit: number,
  preimage: (value: Poly) => Poly,
): Poly[] {
  const found: Poly[] = [];
  let left = images;
  let work = 0;
  let size = 1;
  search: while (2 * size <= left.length) {
    for (const chosen of subsets(left.length, size)) {
      if (++work > workLimit)
        throw new WorkLimitError(`more than ${workLimit} products of factors`);
      const candidate = preimage(
        product(
          f.variables,
          chosen.map((i) => left[i]),
        ),
      );
      const quotient = f.divide(candidate);
      if (quotient === null) continue;
      found.push(candidate);
      f = quotient;
      left = left.filter((_, i) => !chosen.includes(i));
      continue search;
    }
    size++;
  }
  return f.isConstant ? found : [...found, f];
}
