// Polynomials over the integers: beside what SymPy makes of them, and by the identities that define the results.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/core/errors.js";
import * as integers from "../../src/symbolic/core/integers.js";
import type { Dense, Fraction } from "../../src/symbolic/poly/dense.js";
import * as dense from "../../src/symbolic/poly/dense.js";
import { denseFactor, factor } from "../../src/symbolic/poly/factor.js";
import { cofactors, denseGcd, gcd, lcm, sequenceGcd } from "../../src/symbolic/poly/gcd.js";
import type { Decimal } from "../../src/symbolic/poly/nroots.js";
import { fromNumbers, nroots } from "../../src/symbolic/poly/nroots.js";
import {
  addFractions,
  gcdex,
  multiplyFractions,
  partialFractions,
} from "../../src/symbolic/poly/partialfractions.js";
import { Poly, product } from "../../src/symbolic/poly/poly.js";
import * as field from "../../src/symbolic/poly/primefield.js";
import type { Ratio } from "../../src/symbolic/poly/realroots.js";
import { countRealRoots, isolateRealRoots, refineRoot } from "../../src/symbolic/poly/realroots.js";
import type { Factorization } from "../../src/symbolic/poly/squarefree.js";
import { squareFree, squareFreePart } from "../../src/symbolic/poly/squarefree.js";
import { commonFactor, discriminant, resultant } from "../../src/symbolic/poly/subresultants.js";
import { factorSquareFree, WorkLimitError } from "../../src/symbolic/poly/zassenhaus.js";
import { Rng } from "../fuzz/numbers.js";

type Terms = [number[], string][];
interface Ratios {
  numerator: string[];
  denominator: string;
}

type Case =
  | {
      op: "factor" | "squareFree";
      variables: number;
      f: Terms;
      content: string;
      factors: [Terms, number][];
    }
  | {
      op: "gcd";
      variables: number;
      f: Terms;
      g: Terms;
      gcd: Terms;
      left: Terms;
      right: Terms;
      lcm: Terms;
    }
  | { op: "power"; variables: number; f: Terms; n: number; power: Terms }
  | { op: "resultant"; variables: number; f: Terms; g: Terms; result: Terms }
  | { op: "discriminant"; variables: number; f: Terms; result: Terms }
  | { op: "gcdex"; f: string[]; g: string[]; s: Ratios; t: Ratios; gcd: Ratios }
  | {
      op: "partialFractions";
      f: string[];
      factors: [string[], number][];
      polynomial: Ratios;
      terms: { factor: number; exponent: number; numerator: Ratios }[];
    }
  | {
      op: "roots";
      f: string[];
      digits: number;
      roots: [string, string][];
      real: number;
      counts: [number, number, number][];
      multiplicities: number[];
    };

const table: Case[] = JSON.parse(
  readFileSync(new URL("../reference/polynomials.json", import.meta.url), "utf8"),
);

type CaseOf<Op> = Case extends infer C
  ? C extends { op: infer All }
    ? Op extends All
      ? C
      : never
    : never
  : never;

const cases = <Op extends Case["op"]>(op: Op) => table.filter((c) => c.op === op) as CaseOf<Op>[];

const poly = (variables: number, terms: Terms): Poly =>
  Poly.fromTerms(
    variables,
    terms.map(([exponents, c]) => ({ exponents, coefficient: BigInt(c) })),
  );
const termsOf = (f: Poly): Terms => f.terms.map((t) => [[...t.exponents], String(t.coefficient)]);
const coefficients = (list: readonly string[]): Dense => list.map(BigInt);
const fractionOf = (r: Ratios): Fraction => ({
  numerator: coefficients(r.numerator),
  denominator: BigInt(r.denominator),
});
const ints = (...list: (number | bigint)[]): Dense => list.map(BigInt);
const ratio = (a: number | bigint): Ratio => ({ numerator: BigInt(a), denominator: 1n });
const whole = (f: Dense): Fraction => dense.fraction(f, 1n);

/** A polynomial of up to `count` random terms. */
function random(rng: Rng, variables: number, degree: number, count: number, size = 9): Poly {
  const terms = Array.from({ length: count }, () => ({
    exponents: Array.from({ length: variables }, () => rng.int(0, degree)),
    coefficient: BigInt(rng.int(-size, size)),
  }));
  return Poly.fromTerms(variables, terms);
}

/** The same, but never a constant. */
function randomFactor(rng: Rng, variables: number, degree: number, count: number): Poly {
  for (;;) {
    const f = random(rng, variables, degree, count);
    if (!f.isConstant) return f;
  }
}

const randomDense = (rng: Rng, degree: number, size = 9): Dense => [
  ...Array.from({ length: degree }, () => BigInt(rng.int(-size, size))),
  BigInt(rng.int(1, size)),
];

const expanded = (variables: number, { content, factors }: Factorization<Poly>): Poly =>
  product(
    variables,
    factors.map(([g, multiplicity]) => g.power(multiplicity)),
  ).scale(content);

/** The terms as they are multiplied by hand. */
function schoolProduct(f: Poly, g: Poly): Poly {
  const terms = f.terms.flatMap((a) =>
    g.terms.map((b) => ({
      exponents: a.exponents.map((e, i) => e + b.exponents[i]),
      coefficient: a.coefficient * b.coefficient,
    })),
  );
  return Poly.fromTerms(f.variables, terms);
}

describe("integers", () => {
  it("have greatest common divisors and inverses", () => {
    expect(integers.gcd(-12n, 18n)).toBe(6n);
    expect(integers.gcd(0n, -5n)).toBe(5n);
    expect(integers.gcd(0n, 0n)).toBe(0n);
    const [a, b] = [2n ** 200n * 3n ** 50n, 2n ** 100n * 3n ** 90n];
    expect(integers.gcd(a, b)).toBe(2n ** 100n * 3n ** 50n);
    expect(integers.lcm(a, b)).toBe(2n ** 200n * 3n ** 90n);
    const m = 10n ** 40n + 7n;
    expect(integers.mod(integers.inverseMod(-12345n, m) * -12345n, m)).toBe(1n);
  });

  it("have roots, lengths and quotients", () => {
    for (const n of [0n, 1n, 2n, 3n, 4n, 8n, 9n, 10n ** 40n, 10n ** 40n - 1n, 2n ** 127n]) {
      const r = integers.isqrt(n);
      expect(r * r <= n && n < (r + 1n) ** 2n).toBe(true);
      expect(integers.bitLength(-n)).toBe(n === 0n ? 0 : n.toString(2).length);
    }
    expect([-7n, -1n, 1n, 7n].map((a) => integers.floorDivide(a, 2n))).toEqual([-4n, -1n, 0n, 3n]);
    expect([-7n, -1n, 1n, 7n].map((a) => integers.roundDivide(a, 3n))).toEqual([-2n, 0n, 0n, 2n]);
    expect([-5n, -4n, 4n, 5n].map((a) => integers.symmetricMod(a, 8n))).toEqual([3n, 4n, 4n, -3n]);
    expect([0, 1, 2, 3, 4, 25, 97, 7919].filter(integers.isPrime)).toEqual([2, 3, 97, 7919]);
  });
});

describe("arithmetic", () => {
  it("is that of values", () => {
    const rng = new Rng(1);
    for (let i = 0; i < 60; i++) {
      const variables = rng.int(1, 4);
      const f = random(rng, variables, 5, rng.int(0, 9));
      const g = random(rng, variables, 5, rng.int(0, 9));
      const point = Array.from({ length: variables }, () => BigInt(rng.int(-9, 9)));
      const [a, b] = [f.evaluateAt(point), g.evaluateAt(point)];
      expect(f.add(g).evaluateAt(point)).toBe(a + b);
      expect(f.subtract(g).evaluateAt(point)).toBe(a - b);
      expect(f.multiply(g).evaluateAt(point)).toBe(a * b);
      expect(f.power(3).evaluateAt(point)).toBe(a ** 3n);
      expect(f.multiply(g).equals(schoolProduct(f, g))).toBe(true);
      expect(f.multiply(g).equals(g.multiply(f))).toBe(true);
      const slope = f.derivative().multiply(g).add(f.multiply(g.derivative()));
      expect(f.multiply(g).derivative().equals(slope)).toBe(true);
    }
  });

  it.each(cases("power"))("raises to the power of $n as SymPy does", (c) => {
    expect(termsOf(poly(c.variables, c.f).power(c.n))).toEqual(c.power);
  });

  it("keeps terms in lexicographic order", () => {
    const [x, y] = [Poly.variable(2, 0), Poly.variable(2, 1)];
    const f = y.power(3).add(x).add(x.multiply(y)).add(Poly.constant(2, 4n));
    expect(termsOf(f)).toEqual([
      [[1, 1], "1"],
      [[1, 0], "1"],
      [[0, 3], "1"],
      [[0, 0], "4"],
    ]);
    expect(f.degrees).toEqual([1, 3]);
    expect(f.totalDegree).toBe(3);
    expect(f.leading(1).isOne).toBe(true);
    expect(Poly.fromCoefficients(2, 1, f.coefficients(1)).equals(f)).toBe(true);
    expect(f.subtract(f).isZero).toBe(true);
    expect(() => f.toDense()).toThrow(ArgumentError);
    expect(f.evaluate(0, 2n).toDense(1)).toEqual([6n, 2n, 0n, 1n]);
  });

  it("divides exactly or not at all", () => {
    const rng = new Rng(2);
    for (let i = 0; i < 60; i++) {
      const variables = rng.int(1, 4);
      const f = randomFactor(rng, variables, 4, 5);
      const g = randomFactor(rng, variables, 4, 5);
      const fg = f.multiply(g);
      expect(fg.divide(g)?.equals(f)).toBe(true);
      expect(fg.add(Poly.constant(variables, 1n)).divide(g)).toBeNull();
      expect(fg.scale(2n).divide(g.scale(4n))?.equals(f) ?? null).not.toBe(true);
    }
    const x = Poly.variable(1, 0);
    expect(x.scale(3n).divide(Poly.constant(1, 2n))).toBeNull();
    expect(() => x.divide(x.subtract(x))).toThrow(ArgumentError);
    expect(() => x.power(-1)).toThrow(ArgumentError);
  });

  it("holds for more monomials than there are exact numbers", () => {
    const rng = new Rng(3);
    const f = random(rng, 40, 3, 12);
    const g = random(rng, 40, 3, 12);
    const fg = f.multiply(g);
    expect(fg.equals(schoolProduct(f, g))).toBe(true);
    expect(fg.divide(g)?.equals(f)).toBe(true);
    expect(fg.add(f).divide(g)).toBeNull();
  });

  it("takes out the content with the sign", () => {
    const f = Poly.fromDense(ints(6, 0, -4));
    expect(f.content()).toBe(-2n);
    expect(f.primitive().toDense()).toEqual([-3n, 0n, 2n]);
    expect(dense.primitive(ints(6, 0, -4))).toEqual([-3n, 0n, 2n]);
  });
});

describe("dense polynomials", () => {
  it("divide with remainder", () => {
    const rng = new Rng(4);
    for (let i = 0; i < 40; i++) {
      const f = randomDense(rng, rng.int(0, 9));
      const g = dense.scale(randomDense(rng, rng.int(0, 5)), rng.chance(0.5) ? 1n : -1n);
      const { quotient, remainder } = dense.divideWithRemainder(f, g);
      const sum = addFractions(multiplyFractions(quotient, whole(g)), remainder);
      expect(sum).toEqual(whole(f));
      expect(remainder.numerator.length).toBeLessThan(g.length);
      const exact = dense.multiply(f, g);
      expect(dense.divideExactly(exact, g)).toEqual(f);
      expect(dense.power(g, 3)).toEqual(dense.product([g, g, g]));
    }
    expect(dense.divide(ints(1, 1), ints(0, 2))).toBeNull();
    expect(dense.divide(ints(1, 2, 2), ints(0, 2))).toBeNull();
    expect(() => dense.divideExactly(ints(1, 1), ints(2, 1))).toThrow(ArgumentError);
  });

  it("multiply modulo a large prime", () => {
    const rng = new Rng(14);
    const p = 2 ** 26 - 5;
    const [f, g] = [60, 80].map((n) => Array.from({ length: n }, () => rng.int(p - 9, p - 1)));
    const exact = dense.multiply(field.toDense(f), field.toDense(g));
    expect(field.multiply(f, g, p)).toEqual(field.fromDense(exact, p));
    expect(field.divide(field.multiply(f, g, p), g, p)).toEqual({ quotient: f, remainder: [] });
    expect(integers.isPrime(p)).toBe(true);
  });

  it("move along the axis", () => {
    const f = ints(5, -3, 0, 2);
    for (const a of [-2n, 1n, 3n]) {
      const moved = dense.translate(f, a);
      for (const x of [-1n, 0n, 4n])
        expect(dense.evaluate(moved, x)).toBe(dense.evaluate(f, x + a));
    }
    expect(dense.evaluateHomogeneous(f, 3n, 2n)).toBe(5n * 8n - 3n * 3n * 4n + 2n * 27n);
  });
});

describe("greatest common divisors", () => {
  it.each(cases("gcd"))("are SymPy's, in $variables variables: $f", (c) => {
    const [f, g] = [poly(c.variables, c.f), poly(c.variables, c.g)];
    const { gcd: common, left, right } = cofactors(f, g);
    expect(termsOf(common)).toEqual(c.gcd);
    expect(termsOf(left)).toEqual(c.left);
    expect(termsOf(right)).toEqual(c.right);
    expect(termsOf(lcm(f, g).primitive())).toEqual(termsOf(poly(c.variables, c.lcm).primitive()));
  });

  it("divide both and leave nothing in common", () => {
    const rng = new Rng(5);
    for (let i = 0; i < 60; i++) {
      const variables = rng.int(1, 4);
      const common = randomFactor(rng, variables, 3, 4);
      const f = randomFactor(rng, variables, 3, 4).multiply(common);
      const g = randomFactor(rng, variables, 3, 4).multiply(common);
      const { gcd: h, left, right } = cofactors(f, g);
      expect(h.divide(common)).not.toBeNull();
      expect(h.leadingCoefficient > 0n).toBe(true);
      expect(left.multiply(h).equals(f) && right.multiply(h).equals(g)).toBe(true);
      expect(gcd(left, right).isOne).toBe(true);
    }
  });

  it("are those of the remainder sequence", () => {
    const rng = new Rng(6);
    for (let i = 0; i < 25; i++) {
      const parts = [3, 3, 3].map((count) => randomFactor(rng, 3, 2, count).primitive());
      const [common, f, g] = parts.map((part) => part.multiply(Poly.variable(3, 0)));
      const [left, right] = [f.multiply(common), g.multiply(common)];
      expect(sequenceGcd(left, right, 0).equals(gcd(left, right))).toBe(true);
    }
    const x = Poly.variable(2, 0);
    expect(commonFactor(x, x.add(Poly.variable(2, 1)), 0)).toBeNull();
  });

  it("take numbers and zero", () => {
    const x = Poly.variable(1, 0);
    const zero = x.subtract(x);
    expect(gcd(x.scale(-6n), Poly.constant(1, 4n)).toDense()).toEqual([2n]);
    expect(gcd(x.scale(-6n), zero).toDense()).toEqual([0n, 6n]);
    expect(gcd(zero, zero).isZero).toBe(true);
    expect(lcm(x.scale(4n), x.scale(6n)).toDense()).toEqual([0n, 12n]);
  });

  it("are found among many variables", () => {
    const rng = new Rng(13);
    const [common, f, g] = [4, 4, 4].map((count) => randomFactor(rng, 7, 2, count));
    expect(gcd(f, g).isOne).toBe(true);
    const found = gcd(f.multiply(common), g.multiply(common));
    expect(found.equals(common.leadingCoefficient < 0n ? common.negate() : common)).toBe(true);
  });

  it("have coefficients of many primes", () => {
    const big = ints(10n ** 60n + 7n, -(3n ** 100n), 5n ** 70n);
    const f = dense.multiply(big, ints(1, 2, 3));
    const g = dense.multiply(big, ints(-7, 0, 0, 1));
    expect(denseGcd(f, g)).toEqual(big);
  });
});

describe("square-free factors", () => {
  it.each(cases("squareFree"))("are SymPy's: $f", (c) => {
    const { content, factors } = squareFree(poly(c.variables, c.f));
    expect(String(content)).toBe(c.content);
    expect(factors.map(([g, multiplicity]) => [termsOf(g), multiplicity])).toEqual(c.factors);
  });

  it("multiply to the polynomial, and have no multiple or common factors", () => {
    const rng = new Rng(7);
    for (let i = 0; i < 25; i++) {
      const variables = rng.int(1, 3);
      const [a, b, c] = Array.from({ length: 3 }, () => randomFactor(rng, variables, 2, 3));
      const f = a.multiply(b.power(2)).multiply(c.power(3)).scale(-6n);
      const result = squareFree(f);
      expect(expanded(variables, result).equals(f)).toBe(true);
      const part = squareFreePart(f);
      for (const index of part.support) {
        expect(gcd(part, part.derivative(index)).degree(index)).toBe(0);
      }
    }
  });
});

describe("factors", () => {
  it.each(cases("factor"))("are SymPy's, in $variables variables: $f", (c) => {
    const { content, factors } = factor(poly(c.variables, c.f));
    expect(String(content)).toBe(c.content);
    expect(factors.map(([g, multiplicity]) => [termsOf(g), multiplicity])).toEqual(c.factors);
  });

  it("multiply to the polynomial, and there are as many as were multiplied", () => {
    const rng = new Rng(8);
    for (let i = 0; i < 40; i++) {
      const variables = rng.int(1, 3);
      const parts = Array.from({ length: 3 }, () => randomFactor(rng, variables, 2, 3));
      const f = product(variables, parts);
      const result = factor(f);
      expect(expanded(variables, result).equals(f)).toBe(true);
      const count = result.factors.reduce((sum, [, multiplicity]) => sum + multiplicity, 0);
      expect(count).toBeGreaterThanOrEqual(3);
      for (const [g] of result.factors) {
        expect(g.leadingCoefficient > 0n && g.content() === 1n).toBe(true);
        expect(factor(g).factors).toHaveLength(1);
      }
    }
  });

  it("are cyclotomic polynomials of x^n - 1 and x^n + 1", () => {
    for (const n of [1, 2, 7, 12, 30, 64, 105]) {
      const divisors = (m: number) =>
        Array.from({ length: m }, (_, i) => i + 1).filter((d) => m % d === 0).length;
      for (const sign of [-1n, 1n]) {
        const f = [sign, ...new Array<bigint>(n - 1).fill(0n), 1n];
        const { factors } = denseFactor(f);
        expect(factors).toHaveLength(sign < 0n ? divisors(n) : divisors(2 * n) - divisors(n));
        expect(dense.product(factors.map(([g]) => g))).toEqual(f);
      }
    }
  });

  it("are found among many modulo every prime", () => {
    // Swinnerton-Dyer's polynomials of 2, 3, 5, 7 and of 2, 3, 5, 7, 11.
    const next = (f: Dense, p: number): Dense => {
      // The resultant over y of f(x - y) and y^2 - p.
      const shifted = Poly.fromCoefficients(
        2,
        0,
        f.map((c) => Poly.constant(2, c)),
      );
      const difference = Poly.variable(2, 0).subtract(Poly.variable(2, 1));
      const moved = shifted
        .coefficients(0)
        .reduce((sum, c, i) => sum.add(c.multiply(difference.power(i))), Poly.constant(2, 0n));
      const square = Poly.variable(2, 1)
        .power(2)
        .subtract(Poly.constant(2, BigInt(p)));
      return resultant(square, moved, 1).toDense(0);
    };
    const sixteen = [2, 3, 5, 7].reduce(next, ints(0, 1));
    expect(sixteen).toHaveLength(17);
    expect(denseFactor(sixteen).factors).toHaveLength(1);
    const thirtyTwo = next(sixteen, 11);
    expect(denseFactor(thirtyTwo).factors).toHaveLength(1);
    expect(() => denseFactor(thirtyTwo, { workLimit: 100 })).toThrow(WorkLimitError);
    expect(factorSquareFree(dense.multiply(sixteen, ints(-2, 0, 1)))).toHaveLength(2);
  });
});

describe("resultants", () => {
  it.each(cases("resultant"))("are SymPy's: $f and $g", (c) => {
    const r = resultant(poly(c.variables, c.f), poly(c.variables, c.g));
    expect(termsOf(r)).toEqual(c.result);
  });

  it.each(cases("discriminant"))("make SymPy's discriminants: $f", (c) => {
    expect(termsOf(discriminant(poly(c.variables, c.f)))).toEqual(c.result);
  });

  it("are multiplicative, and zero with a common factor", () => {
    const rng = new Rng(9);
    for (let i = 0; i < 25; i++) {
      const [f, g, h] = [3, 2, 4].map((d) => Poly.fromDense(randomDense(rng, d)));
      const left = resultant(f, g.multiply(h));
      expect(left.equals(resultant(f, g).multiply(resultant(f, h)))).toBe(true);
      expect(resultant(f.multiply(g), h.multiply(g)).isZero).toBe(true);
    }
    expect(() => discriminant(Poly.constant(1, 3n))).toThrow(ArgumentError);
  });
});

describe("fractions", () => {
  it.each(cases("gcdex"))("satisfy SymPy's identity of Bezout: $f and $g", (c) => {
    const { s, t, gcd: common } = gcdex(coefficients(c.f), coefficients(c.g));
    expect(s).toEqual(fractionOf(c.s));
    expect(t).toEqual(fractionOf(c.t));
    expect(common).toEqual(fractionOf(c.gcd));
  });

  it("satisfy Bezout's identity", () => {
    const rng = new Rng(10);
    for (let i = 0; i < 40; i++) {
      const common = randomDense(rng, rng.int(0, 2));
      const f = dense.multiply(common, randomDense(rng, rng.int(1, 5)));
      const g = dense.multiply(common, randomDense(rng, rng.int(1, 5)));
      const { s, t, gcd: h } = gcdex(f, g);
      const sum = addFractions(multiplyFractions(s, whole(f)), multiplyFractions(t, whole(g)));
      expect(sum).toEqual(h);
      expect(dense.primitive(h.numerator)).toEqual(dense.primitive(denseGcd(f, g)));
      expect(dense.lead(h.numerator)).toBe(h.denominator);
    }
    expect(gcdex([], ints(4, 2)).t).toEqual({ numerator: [1n], denominator: 2n });
    expect(gcdex([], []).gcd.numerator).toEqual([]);
  });

  it.each(cases("partialFractions"))("are the partial ones over $factors", (c) => {
    const factors = c.factors.map(([base, exponent]) => [coefficients(base), exponent] as const);
    const { polynomial, terms } = partialFractions(whole(coefficients(c.f)), factors);
    expect(polynomial).toEqual(fractionOf(c.polynomial));
    expect(terms).toEqual(
      c.terms.map((term) => ({
        numerator: fractionOf(term.numerator),
        base: factors[term.factor][0],
        exponent: term.exponent,
      })),
    );
  });

  it("add up to the whole one", () => {
    const rng = new Rng(11);
    for (let i = 0; i < 25; i++) {
      const { factors } = denseFactor(
        dense.product([
          randomDense(rng, 1),
          randomDense(rng, 2),
          dense.power(randomDense(rng, 1), 2),
        ]),
      );
      const f = dense.fraction(randomDense(rng, rng.int(0, 7)), 6n);
      const { polynomial, terms } = partialFractions(f, factors);
      const denominator = dense.product(factors.map(([g, e]) => dense.power(g, e)));
      const sum = terms.reduce(
        (all, { numerator, base, exponent }) => {
          expect(numerator.numerator.length).toBeLessThan(base.length);
          const others = dense.divideExactly(denominator, dense.power(base, exponent));
          return addFractions(all, multiplyFractions(numerator, whole(others)));
        },
        multiplyFractions(polynomial, whole(denominator)),
      );
      expect(sum).toEqual(f);
    }
    const common = [ints(-1, 0, 1), ints(-1, 1)].map((base) => [base, 1] as const);
    expect(() => partialFractions(whole([1n]), common)).toThrow(ArgumentError);
    expect(() => partialFractions(whole([1n]), [[[2n], 1]])).toThrow(ArgumentError);
  });
});

describe("real roots", () => {
  it.each(cases("roots"))("are counted and isolated as by SymPy: $f", (c) => {
    const f = coefficients(c.f);
    expect(countRealRoots(f)).toBe(c.real);
    for (const [low, high, count] of c.counts) {
      expect(countRealRoots(f, ratio(low), ratio(high))).toBe(count);
    }
    const intervals = isolateRealRoots(f);
    expect(intervals.map(({ multiplicity }) => multiplicity)).toEqual(c.multiplicities);
    const real = c.roots
      .filter(([, im]) => Number(im) === 0)
      .map(([re]) => re)
      .filter((re, i, all) => i === 0 || re !== all[i - 1])
      .map(Number)
      .sort((a, b) => a - b);
    const value = (r: Ratio): number => Number(r.numerator) / Number(r.denominator);
    intervals.forEach(({ low, high }, i) => {
      expect(value(low)).toBeLessThanOrEqual(real[i] + 1e-15);
      expect(value(high)).toBeGreaterThanOrEqual(real[i] - 1e-15);
      expect(countRealRoots(f, low, high)).toBe(1);
      const width = { numerator: 1n, denominator: 2n ** 60n };
      const part = squareFreePart(Poly.fromDense(f)).toDense();
      const refined = refineRoot(part, { low, high }, width);
      expect(value(refined.low)).toBeCloseTo(real[i], 12);
      expect(countRealRoots(f, refined.low, refined.high)).toBe(1);
    });
  });

  it("may be ends of the range", () => {
    const f = ints(-1, 0, 1);
    expect(countRealRoots(f, ratio(-1), ratio(1))).toBe(2);
    expect(countRealRoots(dense.power(f, 3), ratio(-1), ratio(0))).toBe(1);
    expect(countRealRoots(f, ratio(2))).toBe(0);
    expect(countRealRoots([5n])).toBe(0);
    expect(isolateRealRoots([5n])).toEqual([]);
    expect(() => countRealRoots([])).toThrow(ArgumentError);
    expect(() => isolateRealRoots([])).toThrow(ArgumentError);
  });
});

describe("numeric roots", () => {
  /** In units of 10^-80. */
  const fixed = (text: string): bigint => {
    const [mantissa, exponent = "0"] = text.toLowerCase().split("e");
    const [head, tail = ""] = mantissa.split(".");
    const shift = 80 + Number(exponent) - tail.length;
    const value = BigInt(head + tail);
    return shift < 0 ? value / 10n ** BigInt(-shift) : value * 10n ** BigInt(shift);
  };

  it.each(cases("roots"))("are SymPy's with $digits digits: $f", (c) => {
    const roots = nroots(coefficients(c.f), c.digits);
    expect(roots).toHaveLength(c.roots.length);
    const check = (part: Decimal, text: string): void => {
      if (fixed(text) === 0n) {
        expect(part.mantissa).toBe(0n);
        return;
      }
      expect(String(integers.abs(part.mantissa))).toHaveLength(c.digits);
      const unit = 10n ** BigInt(80 + part.exponent);
      const error = integers.abs(part.mantissa * unit - fixed(text));
      expect(100n * error <= 51n * unit).toBe(true);
    };
    // SymPy's order of the roots, of the whole polynomial.
    const key = ([re, im]: [string, string]) => [
      Number(fixed(im) !== 0n),
      Number(re),
      Math.abs(Number(im)),
      Number(im),
    ];
    const wanted = c.roots.toSorted((a, b) => {
      const [p, q] = [key(a), key(b)];
      const first = p.findIndex((v, i) => v !== q[i]);
      return first < 0 ? 0 : p[first] - q[first];
    });
    roots.forEach((root, i) => {
      check(root.re, wanted[i][0]);
      check(root.im, wanted[i][1]);
    });
  });

  it("are those of floats", () => {
    expect(fromNumbers([0.5, -3, 0.125])).toEqual([4n, -24n, 1n]);
    const roots = nroots(fromNumbers([0.1, -0.7, 1]), 12);
    expect(roots.map(({ re }) => Number(`${re.mantissa}e${re.exponent}`))).toEqual([0.2, 0.5]);
    expect(() => fromNumbers([1, Number.NaN])).toThrow(ArgumentError);
    expect(() => nroots([])).toThrow(ArgumentError);
    expect(() => nroots([1n, 1n], 0)).toThrow(ArgumentError);
    expect(nroots([3n])).toEqual([]);
  });

  it("have the sums of Vieta at a high degree", () => {
    const rng = new Rng(12);
    const f = randomDense(rng, 40, 99);
    const roots = nroots(f, 20);
    expect(roots).toHaveLength(40);
    const value = (d: Decimal): number => Number(`${d.mantissa}e${d.exponent}`);
    const sum = roots.reduce((all, { re }) => all + value(re), 0);
    expect(sum).toBeCloseTo(-Number(f[39]) / Number(f[40]), 10);
    expect(roots.reduce((all, { im }) => all + value(im), 0)).toBeCloseTo(0, 10);
  });
});
