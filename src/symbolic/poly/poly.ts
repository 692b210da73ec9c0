// Polynomials in several variables over the integers: the terms that are not zero, in decreasing lexicographic order.

import { ArgumentError } from "../../core/errors.js";
import { gcd } from "../core/integers.js";
import type { Dense } from "./dense.js";

export type Exponents = readonly number[];

export interface Term {
  readonly exponents: Exponents;
  readonly coefficient: bigint;
}

/** Lexicographic order: positive if a comes first in a polynomial, the first variable counting most. */
export function compareExponents(a: Exponents, b: Exponents): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/**
 * Monomials of bounded degrees as numbers in mixed radix (Kronecker's substitution): their order is the lexicographic
 * one, and a product of monomials is a sum of numbers.
 */
class Packing {
  readonly size: number;
  readonly #strides: readonly number[];

  constructor(degrees: Exponents) {
    const strides = new Array<number>(degrees.length);
    let size = 1;
    for (let i = degrees.length - 1; i >= 0; i--) {
      strides[i] = size;
      size *= degrees[i] + 1;
    }
    this.#strides = strides;
    this.size = size;
  }

  /** Whether the numbers are exact. */
  get fits(): boolean {
    return this.size <= Number.MAX_SAFE_INTEGER;
  }

  pack(exponents: Exponents): number {
    let key = 0;
    for (let i = 0; i < exponents.length; i++) key += exponents[i] * this.#strides[i];
    return key;
  }

  unpack(key: number): Exponents {
    const strides = this.#strides;
    const exponents = new Array<number>(strides.length);
    for (let i = 0; i < strides.length; i++) {
      const e = Math.floor(key / strides[i]);
      exponents[i] = e;
      key -= e * strides[i];
    }
    return exponents;
  }
}

/** Numbers, the largest first. */
class Heap {
  readonly #keys: number[] = [];

  push(key: number): void {
    const keys = this.#keys;
    let at = keys.length;
    keys.push(key);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (keys[up] >= key) break;
      keys[at] = keys[up];
      at = up;
    }
    keys[at] = key;
  }

  pop(): number | undefined {
    const keys = this.#keys;
    const first = keys[0];
    const key = keys.pop();
    if (key === undefined || keys.length === 0) return key;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= keys.length) break;
      if (down + 1 < keys.length && keys[down + 1] > keys[down]) down++;
      if (keys[down] <= key) break;
      keys[at] = keys[down];
      at = down;
    }
    keys[at] = key;
    return first;
  }
}

export class Poly {
  /** The number of variables. */
  readonly variables: number;
  readonly terms: readonly Term[];
  #degrees: Exponents | undefined;

  /** Of terms without zeros in decreasing order. */
  private constructor(variables: number, terms: readonly Term[]) {
    this.variables = variables;
    this.terms = terms;
  }

  /** The sum of terms in any order. */
  static fromTerms(variables: number, terms: Iterable<Term>): Poly {
    const sorted = [...terms].sort((a, b) => compareExponents(b.exponents, a.exponents));
    const sums: Term[] = [];
    for (let i = 0; i < sorted.length; ) {
      const { exponents } = sorted[i];
      let coefficient = sorted[i++].coefficient;
      while (i < sorted.length && compareExponents(sorted[i].exponents, exponents) === 0) {
        coefficient += sorted[i++].coefficient;
      }
      if (coefficient !== 0n) sums.push({ exponents, coefficient });
    }
    return new Poly(variables, sums);
  }

  static constant(variables: number, c: bigint): Poly {
    return Poly.monomial(new Array<number>(variables).fill(0), c);
  }

  static monomial(exponents: Exponents, coefficient = 1n): Poly {
    return new Poly(exponents.length, coefficient === 0n ? [] : [{ exponents, coefficient }]);
  }

  /** The variable of an index alone. */
  static variable(variables: number, index: number): Poly {
    return Poly.monomial(Array.from({ length: variables }, (_, i) => (i === index ? 1 : 0)));
  }

  /** The polynomial in one of the variables that has these coefficients. */
  static fromDense(f: Dense, variables = 1, index = 0): Poly {
    const terms: Term[] = [];
    for (let e = f.length - 1; e >= 0; e--) {
      if (f[e] === 0n) continue;
      const exponents = new Array<number>(variables).fill(0);
      exponents[index] = e;
      terms.push({ exponents, coefficient: f[e] });
    }
    return new Poly(variables, terms);
  }

  /** The sum of the coefficients times powers of the variable of an index, the constant first. */
  static fromCoefficients(variables: number, index: number, coefficients: readonly Poly[]): Poly {
    const terms: Term[] = [];
    coefficients.forEach((c, e) => {
      for (const { exponents, coefficient } of c.terms) {
        terms.push({ exponents: raised(exponents, index, e), coefficient });
      }
    });
    return Poly.fromTerms(variables, terms);
  }

  get isZero(): boolean {
    return this.terms.length === 0;
  }

  get isConstant(): boolean {
    return (
      this.isZero || (this.terms.length === 1 && this.terms[0].exponents.every((e) => e === 0))
    );
  }

  get isOne(): boolean {
    return this.isConstant && this.leadingCoefficient === 1n;
  }

  /** That of the first term in lexicographic order; zero of zero. */
  get leadingCoefficient(): bigint {
    return this.isZero ? 0n : this.terms[0].coefficient;
  }

  /** The degree in each variable. Those of zero are -1. */
  get degrees(): Exponents {
    if (this.#degrees === undefined) {
      const degrees = new Array<number>(this.variables).fill(-1);
      for (const { exponents } of this.terms) {
        for (let i = 0; i < degrees.length; i++) {
          if (exponents[i] > degrees[i]) degrees[i] = exponents[i];
        }
      }
      this.#degrees = degrees;
    }
    return this.#degrees;
  }

  degree(index = 0): number {
    return this.degrees[index];
  }

  get totalDegree(): number {
    let most = -1;
    for (const { exponents } of this.terms) {
      most = Math.max(
        most,
        exponents.reduce((a, b) => a + b, 0),
      );
    }
    return most;
  }

  /** The indices of the variables that occur. */
  get support(): number[] {
    return this.degrees.flatMap((d, i) => (d > 0 ? [i] : []));
  }

  equals(other: Poly): boolean {
    return (
      this.variables === other.variables &&
      this.terms.length === other.terms.length &&
      this.terms.every(
        (t, i) =>
          t.coefficient === other.terms[i].coefficient &&
          compareExponents(t.exponents, other.terms[i].exponents) === 0,
      )
    );
  }

  /** The coefficients as a polynomial in one variable, which may be the only one that occurs. */
  toDense(index = 0): Dense {
    const f = new Array<bigint>(this.degrees[index] + 1).fill(0n);
    for (const { exponents, coefficient } of this.terms) {
      if (exponents.some((e, i) => i !== index && e !== 0)) {
        throw new ArgumentError("a polynomial has more than one variable");
      }
      f[exponents[index]] = coefficient;
    }
    return f;
  }

  /** The coefficients of the powers of one variable, the constant first. */
  coefficients(index: number): Poly[] {
    const lists = Array.from({ length: this.degrees[index] + 1 }, () => [] as Term[]);
    for (const { exponents, coefficient } of this.terms) {
      const e = exponents[index];
      lists[e].push({ exponents: raised(exponents, index, -e), coefficient });
    }
    return lists.map((terms) => new Poly(this.variables, terms));
  }

  /** The coefficient of the highest power of one variable. */
  leading(index: number): Poly {
    const d = this.degrees[index];
    const terms: Term[] = [];
    for (const { exponents, coefficient } of this.terms) {
      if (exponents[index] === d) {
        terms.push({ exponents: raised(exponents, index, -d), coefficient });
      }
    }
    return new Poly(this.variables, terms);
  }

  negate(): Poly {
    return this.scale(-1n);
  }

  scale(c: bigint): Poly {
    return c === 0n ? new Poly(this.variables, []) : this.#map((a) => a * c);
  }

  /** The polynomial over an integer that divides all coefficients. */
  unscale(c: bigint): Poly {
    return c === 1n ? this : this.#map((a) => a / c);
  }

  #map(change: (c: bigint) => bigint): Poly {
    return new Poly(
      this.variables,
      this.terms.map((t) => ({ exponents: t.exponents, coefficient: change(t.coefficient) })),
    );
  }

  add(other: Poly): Poly {
    const a = this.terms;
    const b = other.terms;
    const sum: Term[] = [];
    let i = 0;
    let j = 0;
    while (i < a.length && j < b.length) {
      const order = compareExponents(a[i].exponents, b[j].exponents);
      if (order > 0) sum.push(a[i++]);
      else if (order < 0) sum.push(b[j++]);
      else {
        const coefficient = a[i].coefficient + b[j].coefficient;
        if (coefficient !== 0n) sum.push({ exponents: a[i].exponents, coefficient });
        i++;
        j++;
      }
    }
    while (i < a.length) sum.push(a[i++]);
    while (j < b.length) sum.push(b[j++]);
    return new Poly(this.variables, sum);
  }

  subtract(other: Poly): Poly {
    return this.add(other.negate());
  }

  multiply(other: Poly): Poly {
    if (this.isZero) return this;
    if (other.isZero) return other;
    if (this.terms.length === 1) return other.#multiplyTerm(this.terms[0]);
    if (other.terms.length === 1) return this.#multiplyTerm(other.terms[0]);
    const packing = new Packing(this.degrees.map((d, i) => d + other.degrees[i]));
    if (!packing.fits) return this.#multiplyNested(other);
    const a = this.terms.map((t) => packing.pack(t.exponents));
    const b = other.terms.map((t) => packing.pack(t.exponents));
    const terms: Term[] = [];
    if (packing.size <= 4 * a.length * b.length) {
      const sums = new Array<bigint>(packing.size).fill(0n);
      for (let i = 0; i < a.length; i++) {
        const c = this.terms[i].coefficient;
        for (let j = 0; j < b.length; j++) sums[a[i] + b[j]] += c * other.terms[j].coefficient;
      }
      for (let key = packing.size - 1; key >= 0; key--) {
        const coefficient = sums[key];
        if (coefficient !== 0n) terms.push({ exponents: packing.unpack(key), coefficient });
      }
    } else {
      const sums = new Map<number, bigint>();
      for (let i = 0; i < a.length; i++) {
        const c = this.terms[i].coefficient;
        for (let j = 0; j < b.length; j++) {
          const key = a[i] + b[j];
          sums.set(key, (sums.get(key) ?? 0n) + c * other.terms[j].coefficient);
        }
      }
      for (const key of Float64Array.from(sums.keys()).sort().reverse()) {
        const coefficient = sums.get(key)!;
        if (coefficient !== 0n) terms.push({ exponents: packing.unpack(key), coefficient });
      }
    }
    return new Poly(this.variables, terms);
  }

  #multiplyTerm(term: Term): Poly {
    return new Poly(
      this.variables,
      this.terms.map((t) => ({
        exponents: t.exponents.map((e, i) => e + term.exponents[i]),
        coefficient: t.coefficient * term.coefficient,
      })),
    );
  }

  /** The product as one of polynomials in the first variable, for more monomials than there are exact numbers. */
  #multiplyNested(other: Poly): Poly {
    const index = this.support.find((i) => other.degrees[i] > 0) ?? this.support[0];
    const a = this.coefficients(index);
    const b = other.coefficients(index);
    const sums = new Array<Poly>(a.length + b.length - 1).fill(Poly.constant(this.variables, 0n));
    a.forEach((f, i) => {
      b.forEach((g, j) => {
        sums[i + j] = sums[i + j].add(f.multiply(g));
      });
    });
    return Poly.fromCoefficients(this.variables, index, sums);
  }

  power(n: number): Poly {
    if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`a polynomial to the power of ${n}`);
    if (n === 0) return Poly.constant(this.variables, 1n);
    if (this.terms.length <= 1) {
      return new Poly(
        this.variables,
        this.terms.map((t) => ({
          exponents: t.exponents.map((e) => e * n),
          coefficient: t.coefficient ** BigInt(n),
        })),
      );
    }
    if (this.terms.length === 2) return this.#binomial(n);
    // Of a sparse polynomial, products with itself one by one take fewer steps than squares.
    let result: Poly = this;
    for (let i = 1; i < n; i++) result = result.multiply(this);
    return result;
  }

  /** The power of two terms, by the binomial theorem. */
  #binomial(n: number): Poly {
    const [a, b] = this.terms;
    const powers = [1n];
    for (let k = 1; k <= n; k++) powers.push(powers[k - 1] * b.coefficient);
    const terms = new Array<Term>(n + 1);
    let binomial = 1n;
    let power = 1n;
    for (let k = n; k >= 0; k--) {
      terms[k] = {
        exponents: a.exponents.map((e, i) => e * (n - k) + b.exponents[i] * k),
        coefficient: binomial * power * powers[k],
      };
      binomial = (binomial * BigInt(k)) / BigInt(n - k + 1);
      power *= a.coefficient;
    }
    return new Poly(this.variables, terms);
  }

  /** The quotient if the other divides this one over the integers. */
  divide(other: Poly): Poly | null {
    if (other.isZero) throw new ArgumentError("division of a polynomial by zero");
    if (this.isZero) return this;
    const room = this.degrees.map((d, i) => d - other.degrees[i]);
    const last = this.terms[this.terms.length - 1];
    const otherLast = other.terms[other.terms.length - 1];
    if (
      room.some((d) => d < 0) ||
      this.leadingCoefficient % other.leadingCoefficient !== 0n ||
      last.coefficient % otherLast.coefficient !== 0n ||
      last.exponents.some((e, i) => e < otherLast.exponents[i])
    ) {
      return null;
    }
    if (other.isConstant) {
      const c = other.leadingCoefficient;
      return this.terms.every((t) => t.coefficient % c === 0n) ? this.unscale(c) : null;
    }
    const packing = new Packing(this.degrees);
    if (!packing.fits) return this.#divideNested(other);
    const [top, ...rest] = other.terms.map((t) => ({
      key: packing.pack(t.exponents),
      coefficient: t.coefficient,
    }));
    const remainder = new Map<number, bigint>();
    const heap = new Heap();
    // Pushed from the largest on, each stays where it is.
    for (const { exponents, coefficient } of this.terms) {
      const key = packing.pack(exponents);
      remainder.set(key, coefficient);
      heap.push(key);
    }
    const quotient: Term[] = [];
    const topExponents = other.terms[0].exponents;
    for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
      const c = remainder.get(key)!;
      remainder.delete(key);
      if (c === 0n) continue;
      const q = c / top.coefficient;
      if (q * top.coefficient !== c) return null;
      const exponents = packing.unpack(key).map((e, i) => e - topExponents[i]);
      if (exponents.some((e, i) => e < 0 || e > room[i])) return null;
      quotient.push({ exponents, coefficient: q });
      const shift = key - top.key;
      for (const t of rest) {
        const at = t.key + shift;
        const old = remainder.get(at);
        if (old === undefined) heap.push(at);
        remainder.set(at, (old ?? 0n) - q * t.coefficient);
      }
    }
    return new Poly(this.variables, quotient);
  }

  /** The quotient as one of polynomials in a variable of the divisor. */
  #divideNested(other: Poly): Poly | null {
    const index = other.support[0];
    const r = this.coefficients(index);
    const g = other.coefficients(index);
    const n = g.length - 1;
    const quotient = new Array<Poly>(r.length - n);
    for (let i = quotient.length - 1; i >= 0; i--) {
      const q = r[i + n].divide(g[n]);
      if (q === null) return null;
      quotient[i] = q;
      for (let j = 0; j < n; j++) r[i + j] = r[i + j].subtract(q.multiply(g[j]));
    }
    if (r.slice(0, n).some((c) => !c.isZero)) return null;
    return Poly.fromCoefficients(this.variables, index, quotient);
  }

  divideExactly(other: Poly): Poly {
    const quotient = this.divide(other);
    if (quotient === null) throw new ArgumentError("a polynomial does not divide another");
    return quotient;
  }

  derivative(index = 0): Poly {
    const terms: Term[] = [];
    for (const { exponents, coefficient } of this.terms) {
      const e = exponents[index];
      if (e > 0) {
        terms.push({
          exponents: raised(exponents, index, -1),
          coefficient: coefficient * BigInt(e),
        });
      }
    }
    return new Poly(this.variables, terms);
  }

  /** The polynomial with an integer for one variable. */
  evaluate(index: number, value: bigint): Poly {
    const powers = [1n];
    for (let e = 1; e <= this.degrees[index]; e++) powers.push(powers[e - 1] * value);
    return Poly.fromTerms(
      this.variables,
      this.terms.map(({ exponents, coefficient }) => ({
        exponents: raised(exponents, index, -exponents[index]),
        coefficient: coefficient * powers[exponents[index]],
      })),
    );
  }

  /** The value at a point of integers. */
  evaluateAt(point: readonly bigint[]): bigint {
    let f: Poly = this;
    for (const index of this.support) f = f.evaluate(index, point[index]);
    return f.leadingCoefficient;
  }

  /** The greatest common divisor of the coefficients, with the sign of the leading one. */
  content(): bigint {
    let c = 0n;
    for (const t of this.terms) {
      c = gcd(c, t.coefficient);
      if (c === 1n) break;
    }
    return this.leadingCoefficient < 0n ? -c : c;
  }

  /** The polynomial over its content: leading coefficient positive, coefficients without a common divisor. */
  primitive(): Poly {
    return this.isZero ? this : this.unscale(this.content());
  }
}

const raised = (exponents: Exponents, index: number, by: number): Exponents => {
  const result = exponents.slice();
  result[index] += by;
  return result;
};

export const product = (variables: number, factors: readonly Poly[]): Poly =>
  factors.reduce((a, b) => a.multiply(b), Poly.constant(variables, 1n));
