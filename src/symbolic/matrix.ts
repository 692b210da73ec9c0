/** Matrices of expressions. */
import { ArgumentError, IndexError, LinAlgError, ShapeError } from "../core/errors.js";
import { cancel } from "./algebra/cancel.js";
import { expand } from "./algebra/expand.js";
import { factorList } from "./algebra/factor.js";
import { numerDenom } from "./algebra/fraction.js";
import { radicals } from "./algebra/radicals.js";
import { diff } from "./calculus/diff.js";
import { add, div, mul, neg, pow, sub, sum } from "./core/arithmetic.js";
import type { Expr, Sym } from "./core/expr.js";
import {
  ExprMap,
  ExprSet,
  freeSymbols,
  integer,
  isExact,
  isNum,
  isPow,
  one,
  some,
  zero,
} from "./core/expr.js";
import { signOf } from "./core/numbers.js";
import { compareShown } from "./core/order.js";
import type { ExprLike } from "./core/symbols.js";
import { dummy, sympify, sympifyAll } from "./core/symbols.js";
import { str } from "./print/str.js";
import { rationalizeDenominators } from "./simplify/radsimp.js";
import { shortest } from "./simplify/shortest.js";
import { simplify } from "./simplify/simplify.js";
import type { Replacements } from "./substitute.js";
import { subs } from "./substitute.js";

/** Whether an expression is zero wherever it has a value: as a quotient of polynomials, else by all identities. */
function isZero(e: Expr): boolean {
  if (isNum(e)) return signOf(e) === 0;
  if (e.args.length === 0) return false;
  const above = expand(numerDenom(e)[0]);
  if (isNum(above)) return signOf(above) === 0;
  // Functions and roots have identities that polynomials do not show.
  const opaque = some(
    above,
    (node) => node.kind === "function" || (isPow(node) && !isExact(node.exponent)),
  );
  return opaque && simplify(above) === zero;
}

/** The shortest form of a quotient: as it is, in lowest terms, or without roots below the line. */
function reducedQuotient(n: Expr, d: Expr): Expr {
  const quotient = div(n, d);
  if (isNum(quotient)) return quotient;
  return shortest([quotient, cancel(quotient), rationalizeDenominators(quotient)]);
}

/** The roots of a polynomial and their multiplicities, by its factors: those of linear ones first, in order. */
function rootsIn(polynomial: Expr, x: Expr): ExprMap<number> {
  const found: [root: Expr, multiplicity: number, degree: number][] = [];
  for (const [factor, multiplicity] of factorList(polynomial)[1]) {
    const coefficients: Expr[] = [];
    // Taylor's formula at zero.
    for (let [rest, k, unit] = [factor, 0, 1n]; rest !== zero; k++, unit *= BigInt(k)) {
      coefficients.push(expand(div(subs(rest, x, 0), integer(unit))));
      rest = diff(rest, x);
    }
    const degree = coefficients.length - 1;
    for (const root of radicals(coefficients)) found.push([root, multiplicity, degree]);
  }
  found.sort(([a, , n], [b, , m]) => n - m || (n === 1 ? compareShown(a, b) : 0));
  const result = new ExprMap<number>();
  for (const [root, multiplicity] of found)
    result.set(root, (result.get(root) ?? 0) + multiplicity);
  return result;
}

const checkSize = (n: number, name: string): void => {
  if (!Number.isInteger(n) || n < 1)
    throw new ArgumentError(`Matrix.${name}: expected a size of 1 or more, got ${n}`);
};

/**
 * A matrix of expressions, which does not change: every method makes a new one.
 *
 * @example
 * const [a, b, c, d] = sym.symbols("a b c d");
 * new sym.Matrix([[a, b], [c, d]]).det().toString() // "a*d - b*c"
 */
export class Matrix {
  readonly rows: number;
  readonly cols: number;
  private readonly entries: readonly (readonly Expr[])[];

  constructor(rows: readonly (readonly ExprLike[])[]) {
    if (!Array.isArray(rows) || rows.length === 0 || !rows.every(Array.isArray))
      throw new ArgumentError("Matrix: expected rows of expressions");
    this.rows = rows.length;
    this.cols = rows[0].length;
    if (this.cols === 0 || rows.some((row) => row.length !== this.cols))
      throw new ShapeError("Matrix: rows need one length, of 1 or more");
    this.entries = rows.map((row) => row.map(sympify));
  }

  private static of(rows: number, cols: number, entry: (i: number, j: number) => ExprLike): Matrix {
    return new Matrix(
      Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => entry(i, j))),
    );
  }

  /** The identity matrix. */
  static eye(n: number): Matrix {
    checkSize(n, "eye");
    return Matrix.of(n, n, (i, j) => (i === j ? one : zero));
  }

  static zeros(rows: number, cols = rows): Matrix {
    checkSize(rows, "zeros");
    checkSize(cols, "zeros");
    return Matrix.of(rows, cols, () => zero);
  }

  /** The diagonal matrix of some values. */
  static diag(...values: readonly ExprLike[]): Matrix {
    checkSize(values.length, "diag");
    return Matrix.of(values.length, values.length, (i, j) => (i === j ? values[i] : zero));
  }

  get shape(): readonly [rows: number, cols: number] {
    return [this.rows, this.cols];
  }

  get freeSymbols(): Sym[] {
    const found = new ExprSet();
    for (const row of this.entries)
      for (const e of row) for (const symbol of freeSymbols(e)) found.add(symbol);
    return found.list as Sym[];
  }

  /** An entry; negative places count from the end. */
  at(i: number, j: number): Expr {
    const place = (at: number, n: number, what: string): number => {
      if (!Number.isInteger(at) || at < -n || at >= n)
        throw new IndexError(`Matrix.at: ${what} ${at} is out of range of ${n}`);
      return at < 0 ? at + n : at;
    };
    return this.entries[place(i, this.rows, "row")][place(j, this.cols, "column")];
  }

  toArray(): Expr[][] {
    return this.entries.map((row) => [...row]);
  }

  /** Each entry through a function. */
  map(f: (e: Expr, i: number, j: number) => ExprLike): Matrix {
    if (typeof f !== "function")
      throw new ArgumentError(`Matrix.map: expected a function, got ${typeof f}`);
    return Matrix.of(this.rows, this.cols, (i, j) => f(this.entries[i][j], i, j));
  }

  add(other: Matrix): Matrix {
    this.checkShape(other, "add");
    return this.map((e, i, j) => add(e, other.entries[i][j]));
  }

  sub(other: Matrix): Matrix {
    this.checkShape(other, "sub");
    return this.map((e, i, j) => sub(e, other.entries[i][j]));
  }

  private checkShape(other: Matrix, name: string): void {
    if (!(other instanceof Matrix)) throw new ArgumentError(`Matrix.${name}: expected a matrix`);
    if (other.rows !== this.rows || other.cols !== this.cols)
      throw new ShapeError(
        `Matrix.${name}: shapes ${this.rows}x${this.cols} and ${other.rows}x${other.cols} differ`,
      );
  }

  neg(): Matrix {
    return this.map(neg);
  }

  /** The product with a matrix, or with an expression. */
  mul(other: Matrix | ExprLike): Matrix {
    if (!(other instanceof Matrix)) {
      const factor = sympify(other);
      return this.map((e) => mul(e, factor));
    }
    if (other.rows !== this.cols)
      throw new ShapeError(
        `Matrix.mul: shapes ${this.rows}x${this.cols} and ${other.rows}x${other.cols} do not fit`,
      );
    return Matrix.of(this.rows, other.cols, (i, j) =>
      sum(this.entries[i].map((e, k) => mul(e, other.entries[k][j]))),
    );
  }

  /** A whole power; a negative one is that of the inverse. */
  pow(n: number): Matrix {
    this.checkSquare("pow");
    if (!Number.isSafeInteger(n))
      throw new ArgumentError(`Matrix.pow: expected a whole exponent, got ${n}`);
    let base: Matrix = n < 0 ? this.inv() : this;
    let result = Matrix.eye(this.rows);
    for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
      if (k % 2 === 1) result = result.mul(base);
      if (k > 1) base = base.mul(base);
    }
    return result;
  }

  private checkSquare(name: string): void {
    if (this.rows !== this.cols)
      throw new ShapeError(
        `Matrix.${name}: expected a square matrix, got one of ${this.rows}x${this.cols}`,
      );
  }

  transpose(): Matrix {
    return Matrix.of(this.cols, this.rows, (i, j) => this.entries[j][i]);
  }

  /** The sum of the diagonal. */
  trace(): Expr {
    this.checkSquare("trace");
    return sum(this.entries.map((row, i) => row[i]));
  }

  private get isNumeric(): boolean {
    return this.entries.every((row) => row.every(isNum));
  }

  /**
   * The coefficients of the characteristic polynomial, from the highest power: by the products of Berkowitz (1984), which
   * divide nothing.
   */
  private characteristic(): Expr[] {
    let coefficients: Expr[] = [one];
    for (let k = this.rows - 1; k >= 0; k--) {
      const size = this.rows - k - 1;
      const row = this.entries[k].slice(k + 1);
      let column: readonly Expr[] = Array.from(
        { length: size },
        (_, i) => this.entries[k + 1 + i][k],
      );
      const inner = this.entries.slice(k + 1).map((r) => r.slice(k + 1));
      const dot = (a: readonly Expr[], b: readonly Expr[]): Expr =>
        expand(sum(a.map((x, i) => mul(x, b[i]))));
      const items: Expr[] = [one, neg(this.entries[k][k])];
      for (let i = 0; i < size; i++) {
        items.push(neg(dot(row, column)));
        if (i < size - 1) {
          const last = column;
          column = inner.map((r) => dot(r, last));
        }
      }
      const previous = coefficients;
      coefficients = items.map((_, i) =>
        expand(sum(previous.slice(0, i + 1).map((c, j) => mul(items[i - j], c)))),
      );
    }
    return coefficients;
  }

  /** The determinant, multiplied out. */
  det(): Expr {
    this.checkSquare("det");
    if (this.isNumeric && this.rows > 3) {
      const { product, pivots } = this.eliminate();
      return pivots.length < this.rows ? zero : product;
    }
    const constant = this.characteristic()[this.rows];
    return this.rows % 2 === 0 ? constant : expand(neg(constant));
  }

  /** det(variable · 1 − this), by the powers of the variable. */
  charpoly(variable: ExprLike): Expr {
    this.checkSquare("charpoly");
    const x = sympify(variable);
    const terms = this.characteristic().map((c, i) => mul(c, pow(x, integer(this.rows - i))));
    return sum(terms);
  }

  /** The matrix whose product with this one is the determinant, by Cayley and Hamilton. */
  adjugate(): Matrix {
    this.checkSquare("adjugate");
    const coefficients = this.characteristic();
    let result = Matrix.eye(this.rows);
    for (let k = 1; k < this.rows; k++) {
      const product = result.mul(this);
      result = product.map((e, i, j) => expand(i === j ? add(e, coefficients[k]) : e));
    }
    return this.rows % 2 === 0 ? result.neg().map((e) => expand(e)) : result;
  }

  /** The inverse. @throws LinAlgError where there is none. */
  inv(): Matrix {
    this.checkSquare("inv");
    const n = this.rows;
    const singular = (): never => {
      throw new LinAlgError("Matrix.inv: the matrix is singular");
    };
    if (this.isNumeric) {
      const both = Matrix.of(n, 2 * n, (i, j) =>
        j < n ? this.entries[i][j] : j - n === i ? one : zero,
      );
      const { matrix, pivots } = both.rref();
      if (pivots[n - 1] !== n - 1) singular();
      return Matrix.of(n, n, (i, j) => matrix.entries[i][n + j]);
    }
    const det = this.det();
    if (isZero(det)) singular();
    return this.adjugate().map((e) => reducedQuotient(e, det));
  }

  /** Elimination after Gauss and Jordan: the reduced rows, the columns of pivots, and the product of the pivots. */
  private eliminate(): { rows: Expr[][]; pivots: number[]; product: Expr } {
    const rows = this.toArray();
    const pivots: number[] = [];
    let product: Expr = one;
    for (let j = 0; j < this.cols && pivots.length < this.rows; j++) {
      const top = pivots.length;
      let at = top;
      while (at < this.rows && isZero(rows[at][j])) {
        rows[at][j] = zero;
        at++;
      }
      if (at === this.rows) continue;
      if (at !== top) {
        [rows[at], rows[top]] = [rows[top], rows[at]];
        product = neg(product);
      }
      const pivot = rows[top][j];
      product = mul(product, pivot);
      rows[top] = rows[top].map((e, k) => (k < j ? e : k === j ? one : reducedQuotient(e, pivot)));
      for (let i = 0; i < this.rows; i++) {
        const factor = rows[i][j];
        if (i === top || factor === zero) continue;
        rows[i] = rows[i].map((e, k) =>
          k < j ? e : k === j ? zero : reducedQuotient(sub(e, mul(factor, rows[top][k])), one),
        );
      }
      pivots.push(j);
    }
    return { rows, pivots, product };
  }

  /** The reduced row echelon form, and the columns of its pivots. */
  rref(): { matrix: Matrix; pivots: number[] } {
    const { rows, pivots } = this.eliminate();
    return { matrix: new Matrix(rows), pivots };
  }

  rank(): number {
    return this.eliminate().pivots.length;
  }

  /** Columns that span what the matrix maps to zero. */
  nullspace(): Matrix[] {
    const { rows, pivots } = this.eliminate();
    const free = Array.from({ length: this.cols }, (_, j) => j).filter((j) => !pivots.includes(j));
    return free.map((j) =>
      Matrix.of(this.cols, 1, (i) => {
        const row = pivots.indexOf(i);
        return row >= 0 ? neg(rows[row][j]) : i === j ? one : zero;
      }),
    );
  }

  /** Columns of the matrix that span all of them. */
  columnspace(): Matrix[] {
    return this.eliminate().pivots.map((j) => Matrix.of(this.rows, 1, (i) => this.entries[i][j]));
  }

  /**
   * The eigenvalues and how often each is a root of the characteristic polynomial.
   *
   * @throws UnsupportedError where a factor of the polynomial has a degree above 4 and no roots in radicals.
   */
  eigenvals(): ExprMap<number> {
    this.checkSquare("eigenvals");
    const triangular = this.entries.every((row, i) => row.every((e, j) => j >= i || e === zero));
    if (triangular) {
      const values = new ExprMap<number>();
      this.entries.forEach((row, i) => {
        values.set(row[i], (values.get(row[i]) ?? 0) + 1);
      });
      return values;
    }
    const variable = dummy("lambda");
    return rootsIn(this.charpoly(variable), variable);
  }

  /** The eigenvalues with their multiplicities, and columns that span each one's eigenvectors. */
  eigenvects(): { value: Expr; multiplicity: number; vectors: Matrix[] }[] {
    return [...this.eigenvals()].map(([value, multiplicity]) => ({
      value,
      multiplicity,
      vectors: this.sub(Matrix.eye(this.rows).mul(value)).nullspace(),
    }));
  }

  /** Each entry's derivative, as sym.diff. */
  diff(...by: ExprLike[]): Matrix {
    return this.map((e) => diff(e, ...by));
  }

  /** As sym.subs, in each entry. */
  subs(old: ExprLike, replacement: ExprLike): Matrix;
  subs(replacements: Replacements, options?: { simultaneous?: boolean }): Matrix;
  subs(first: never, second: never): Matrix {
    return this.map((e) => subs(e, first, second));
  }

  /** As sym.simplify, each entry. */
  simplify(): Matrix {
    return this.map((e) => simplify(e));
  }

  /** As sym.expand, each entry. */
  expand(): Matrix {
    return this.map((e) => expand(e));
  }

  /** The derivatives of the entries of a row or column, each by each variable. */
  jacobian(variables: readonly ExprLike[]): Matrix {
    if (this.rows !== 1 && this.cols !== 1)
      throw new ShapeError(
        `Matrix.jacobian: expected a row or a column, got ${this.rows}x${this.cols}`,
      );
    const by = sympifyAll(variables, "Matrix.jacobian");
    const list = this.entries.flat();
    return Matrix.of(list.length, by.length, (i, j) => diff(list[i], by[j]));
  }

  /** Whether both have the same entries, structurally. */
  equals(other: Matrix): boolean {
    return (
      other instanceof Matrix &&
      this.rows === other.rows &&
      this.cols === other.cols &&
      this.entries.every((row, i) => row.every((e, j) => e.equals(other.entries[i][j])))
    );
  }

  toString(): string {
    return `Matrix([${this.entries.map((row) => `[${row.map(str).join(", ")}]`).join(", ")}])`;
  }
}

Object.defineProperty(Matrix.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Matrix) {
    return this.toString();
  },
});
