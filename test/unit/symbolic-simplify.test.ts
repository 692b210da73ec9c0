// Shorter forms of expressions, and matrices of them: beside what SymPy makes of them, and by their values.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentError, LinAlgError, ShapeError } from "../../src/core/errors.js";
import { approximate } from "../../src/symbolic/core/approximate.js";
import type { Expr } from "../../src/symbolic/core/expr.js";
import { ExprMap, isSymbol } from "../../src/symbolic/core/expr.js";
import * as sym from "../../src/symbolic/index.js";
import { Matrix } from "../../src/symbolic/matrix.js";

interface Case {
  kind: string;
  input: string;
  output: string;
  args?: string[];
  symbols?: Record<string, string[]>;
}
const table = (name: string) =>
  JSON.parse(readFileSync(new URL(`../reference/symbolic/${name}.json`, import.meta.url), "utf8"));
const algebra: Case[] = table("algebra");
const calculus: { str: string }[] = table("calculus");

const symbolsOf = ({ symbols = {} }: Case) =>
  Object.fromEntries(
    Object.entries(symbols).map(([name, facts]) => [
      name,
      sym.symbol(name, Object.fromEntries(facts.map((fact) => [fact, true]))),
    ]),
  );

/** Coordinates by the name of a symbol, negative ones too where nothing is assumed. */
const coordinates = [0.37, 1.21, 2.6, 0.83, 1.73];
function valueAt(e: Expr, k: number) {
  return approximate(e, (symbol) => {
    if (!isSymbol(symbol)) return undefined;
    const code = [...symbol.name].reduce((a, c) => a + c.charCodeAt(0), 0);
    const x = coordinates[(code * 7 + k * 3) % coordinates.length] + 0.1 * k;
    return k < 2 || symbol.assumed.positive ? x : -x;
  });
}
/** How many points both have a value at; a difference is an error. */
function compare(a: Expr, b: Expr): number {
  let points = 0;
  for (let k = 0; k < 4; k++) {
    const left = valueAt(a, k);
    if (left === null || !Number.isFinite(left.re) || !Number.isFinite(left.im)) continue;
    const right = valueAt(b, k);
    if (right === null) continue;
    const size = Math.max(1, Math.hypot(left.re, left.im));
    const distance = Math.hypot(left.re - right.re, left.im - right.im);
    if (!(distance <= 1e-8 * size))
      throw new Error(`${a} and ${b} differ: ${JSON.stringify([left, right])}`);
    points++;
  }
  return points;
}

/** What is not as SymPy prints it, and why. */
const known: Record<string, Record<string, string>> = {
  powsimp: {},
  logcombine: {},
  trigsimp: {
    "(sin(x) + cos(x))**2": "sin(2*x) + 1", // shorter
    "sin(x)**4 - 2*cos(x)**2*sin(x)**2 + cos(x)**4": "cos(2*x)**2", // shorter
  },
  simplify: {
    "x**2 + 2*x + 1": "(x + 1)**2", // shorter
    "1/(1 + exp(-x))": "1/(1 + exp(-x))", // as long
    "exp(-x)/(1 + exp(-x))**2": "1/(2*cosh(x) + 2)", // shorter
    "erf(x) + erfc(x)": "1", // shorter
    "sqrt(x**2 + 2*x + 1)": "sqrt((x + 1)**2)", // shorter
    "log(x**2)": "log(x**2)", // as long
    "sqrt(x**2 + 2*x*y + y**2)": "x + y", // shorter
    "sqrt(x/y)*sqrt(y)": "sqrt(x)*sqrt(y)*sqrt(1/y)", // SymPy's is another value for y < 0
  },
};

const functions: Record<string, (e: Expr) => Expr> = {
  powsimp: (e) => sym.powsimp(e),
  logcombine: (e) => sym.logcombine(e),
  trigsimp: sym.trigsimp,
  simplify: sym.simplify,
};

describe.each([
  ["powsimp", 49],
  ["logcombine", 24],
  ["trigsimp", 46],
  ["simplify", 88],
])("%s", (kind, count) => {
  const cases = algebra.filter((row) => row.kind === kind);
  it(`is as SymPy's, but for ${Object.keys(known[kind]).length} of ${count}`, () => {
    expect(cases.length).toBe(count);
    const differences: Record<string, string> = {};
    for (const row of cases) {
      const output = String(functions[kind](sym.parse(row.input, { symbols: symbolsOf(row) })));
      if (output !== row.output) differences[row.input] = output;
    }
    expect(differences).toEqual(known[kind]);
  });

  it("keeps values", () => {
    let points = 0;
    for (const row of cases) {
      const given = sym.parse(row.input, { symbols: symbolsOf(row) });
      points += compare(given, functions[kind](given));
    }
    expect(points).toBeGreaterThan(2 * count);
  });
});

describe("simplify", () => {
  it("keeps values and makes nothing longer, in the table of calculus", () => {
    let points = 0;
    for (const { str } of calculus) {
      const given = sym.parse(str);
      const found = sym.simplify(given);
      expect(sym.countOps(found), str).toBeLessThanOrEqual(sym.countOps(given));
      points += compare(given, found);
    }
    expect(points).toBeGreaterThan(2 * calculus.length);
  }, 60_000);

  it.each([
    ["polygamma(0, x + 1) - polygamma(0, x)", "1/x"],
    ["factorial(x + 2)/factorial(x)", "(x + 1)*(x + 2)"],
    ["cosh(x) + sinh(x)", "exp(x)"],
    ["1/(sqrt(2) + sqrt(3))", "-sqrt(2) + sqrt(3)"],
    ["Piecewise((x + x, x > 0), (2*x, True))", "2*x"],
    ["(x + 1)**2 > x**2 + 2*x + 1", "False"],
    ["x + oo", "x + oo"],
    ["(-2)**(2*x)*3", "3*(-2)**(2*x)"],
  ])("%s is %s", (input, output) => {
    expect(String(sym.parse(input).simplify())).toBe(output);
  });

  it("is limited to what the assumptions allow", () => {
    expect(String(sym.simplify(sym.parse("sqrt(x**2)")))).toBe("sqrt(x**2)");
    expect(String(sym.simplify(sym.parse("log(x) + log(y)")))).toBe("log(x) + log(y)");
    expect(String(sym.powsimp(sym.parse("x**a*y**a"), { force: true }))).toBe("(x*y)**a");
    expect(String(sym.logcombine(sym.parse("log(x) + log(y)"), { force: true }))).toBe("log(x*y)");
  });

  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  const nested = (n: number, step: (e: Expr) => Expr): Expr =>
    range(n).reduce(step, sym.symbol("x"));
  it.each<[string, () => Expr]>([
    ["nested fractions", () => nested(300, (e) => e.add(1).pow(-1))],
    ["nested roots", () => nested(300, (e) => sym.sqrt(e.add(1)))],
    ["what doubles with each level", () => nested(60, (e) => e.add(1).mul(e.add(2)))],
    [
      "sines of what doubles with each level",
      () => nested(60, (e) => sym.parse("sin(q)*cos(q) + q", { symbols: { q: e } })),
    ],
    [
      "200 fractions",
      () =>
        sym.parse(
          range(200)
            .map((i) => `1/(x + ${i})`)
            .join(" + "),
        ),
    ],
    [
      "200 squares of sines",
      () =>
        sym.parse(
          range(200)
            .map((i) => `sin(x${i})**2`)
            .join(" + "),
        ),
    ],
    [
      "200 logarithms",
      () =>
        sym.parse(
          range(200)
            .map((i) => `${i + 2}*log(${i + 2})`)
            .join("+"),
        ),
    ],
    ["a huge power", () => sym.parse("(x + 1)**1000000/(x + 1)")],
    ["huge powers of numbers", () => sym.parse("2**(1000000000*x)*3**(1000000*x)")],
    ["many variables", () => sym.parse("(x + y + z + a + b + c)**40 - 1")],
    ["a far step of gamma", () => sym.parse("gamma(x + 1000000)/gamma(x)")],
  ])(
    "ends soon: %s",
    (_, make) => {
      const given = make();
      expect(sym.countOps(sym.simplify(given))).toBeLessThanOrEqual(sym.countOps(given));
    },
    20_000,
  );

  it("refuses what is no expression or option", () => {
    expect(() => sym.simplify("x" as never)).toThrow(ArgumentError);
    expect(() => sym.powsimp(1, { combine: "none" as never })).toThrow(ArgumentError);
    expect(() => sym.powsimp(1, { forced: true } as never)).toThrow(ArgumentError);
  });
});

describe("countOps", () => {
  it.each([
    ["x", 0],
    ["-x", 1],
    ["x - y", 1],
    ["-x - y", 2],
    ["1/x", 1],
    ["2*x/(3*y)", 3],
    ["sqrt(x)", 2],
    ["exp(-x)", 2],
    ["-2/3", 2],
    ["x**2*y", 2],
    ["sin(x)**2", 2],
  ])("%s has %i", (input, count) => {
    expect(sym.countOps(sym.parse(input))).toBe(count);
  });
});

const matrixKinds = {
  det: 27,
  inv: 17,
  eigenvals: 17,
  charpoly: 15,
  rref: 11,
  nullspace: 9,
  rank: 7,
  trace: 4,
  adjugate: 3,
  transpose: 2,
  columnspace: 1,
};

function readMatrix(text: string): Matrix {
  const parts = /^(Matrix\(.*\]\))(?:\*\*(\d+)|\*(Matrix.*)| \+ (Matrix.*))$/.exec(text);
  if (parts !== null) {
    const [, first, exponent, factor, term] = parts;
    const matrix = readMatrix(first);
    if (exponent !== undefined) return matrix.pow(Number(exponent));
    return factor !== undefined ? matrix.mul(readMatrix(factor)) : matrix.add(readMatrix(term));
  }
  const rows = text.slice("Matrix([[".length, -"]])".length).split("], [");
  return new Matrix(rows.map((row) => row.split(", ").map((entry) => sym.parse(entry))));
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  if (value instanceof ExprMap)
    return `{${[...value].map(([key, count]) => `${key}: ${count}`).join(", ")}}`;
  if (value !== null && typeof value === "object" && "pivots" in value) {
    const { matrix, pivots } = value as ReturnType<Matrix["rref"]>;
    return `(${matrix}, (${pivots.join(", ")}${pivots.length === 1 ? "," : ""}))`;
  }
  return String(value);
}

describe("Matrix", () => {
  it.each(Object.entries(matrixKinds))("%s is as SymPy's", (kind, count) => {
    const cases = algebra.filter((row) => row.kind === kind);
    expect(cases.length).toBe(count);
    const differences: string[] = [];
    for (const { input, output, args = [] } of cases) {
      const matrix = readMatrix(input) as unknown as Record<string, (...args: Expr[]) => unknown>;
      if (show(matrix[kind](...args.map((arg) => sym.parse(arg)))) !== output)
        differences.push(input);
    }
    // Quotients with a shorter sign.
    const shorter = [
      "Matrix([[1, x], [x, 1]])",
      "Matrix([[1, 2], [3, 4]]) + Matrix([[x, 0], [0, y]])",
    ];
    expect(differences).toEqual(kind === "inv" ? shorter : []);
  });

  it("has inverses and adjugates with the products that define them", () => {
    for (const { input } of algebra.filter(({ kind }) => kind === "inv")) {
      const matrix = readMatrix(input);
      const eye = Matrix.eye(matrix.rows);
      expect(matrix.mul(matrix.inv()).simplify().equals(eye), input).toBe(true);
      const product = matrix.mul(matrix.adjugate()).expand();
      expect(product.equals(eye.mul(matrix.det()).expand()), input).toBe(true);
    }
  });

  it("has eigenvectors that it only scales", () => {
    for (const { input } of algebra.filter(({ kind }) => kind === "eigenvals")) {
      const matrix = readMatrix(input);
      for (const { value, vectors } of matrix.eigenvects()) {
        expect(vectors.length, input).toBeGreaterThan(0);
        for (const vector of vectors) {
          const rest = matrix.mul(vector).sub(vector.mul(value)).simplify();
          expect(rest.equals(Matrix.zeros(matrix.rows, 1)), `${input}: ${rest}`).toBe(true);
        }
      }
    }
  }, 30_000);

  it("has eigenvalues that add up to the trace: of cubic polynomials, and of Floats", () => {
    for (const rows of [
      [
        [1, 2, 3],
        [0, 1, 4],
        [5, 6, 0],
      ],
      [
        [0.5, 1],
        [2, 3.25],
      ],
    ]) {
      const matrix = new Matrix(rows);
      let sum = { re: 0, im: 0 };
      for (const [value, count] of matrix.eigenvals()) {
        const { re, im } = approximate(value) as { re: number; im: number };
        const rest = approximate(matrix.charpoly(sym.symbol("t")).subs(sym.symbol("t"), value));
        expect(Math.hypot(rest?.re ?? NaN, rest?.im ?? NaN), String(value)).toBeLessThan(1e-9);
        sum = { re: sum.re + count * re, im: sum.im + count * im };
      }
      expect(sum.re).toBeCloseTo(Number(approximate(matrix.trace())?.re), 10);
      expect(sum.im).toBeCloseTo(0, 10);
    }
    const quintic = new Matrix([
      [0, 0, 0, 0, 1],
      [1, 0, 0, 0, 1],
      [0, 1, 0, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 0, 1, 0],
    ]);
    expect(() => quintic.eigenvals()).toThrow(sym.UnsupportedError);
  });

  it("has the determinant of Vandermonde's matrix", () => {
    const x = sym.symbols("x0:4");
    const matrix = new Matrix(x.map((xi) => x.map((_, j) => xi.pow(j))));
    let product: Expr = sym.sympify(1);
    for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) product = product.mul(x[i].sub(x[j]));
    expect(sym.simplify(matrix.det().sub(product)).equals(sym.sympify(0))).toBe(true);
  });

  it("differentiates, substitutes and compares", () => {
    const [x, y] = sym.symbols("x y");
    const row = new Matrix([[x.mul(y), x.add(y)]]);
    expect(String(row.jacobian([x, y]))).toBe("Matrix([[y, x], [1, 1]])");
    expect(String(row.diff(x))).toBe("Matrix([[y, 1]])");
    expect(String(row.subs(x, 2))).toBe("Matrix([[2*y, y + 2]])");
    expect(row.equals(row.mul(1))).toBe(true);
    expect(row.equals(row.neg())).toBe(false);
    expect(String(row.at(0, -1))).toBe("x + y");
    expect(row.shape).toEqual([1, 2]);
    expect(String(Matrix.diag(1, x).pow(-2))).toBe("Matrix([[1, 0], [0, x**(-2)]])");
  });

  it("refuses what has no meaning", () => {
    const singular = readMatrix("Matrix([[cos(x)**2, 1 - sin(x)**2], [1, 1]])");
    expect(() => singular.inv()).toThrow(LinAlgError);
    expect(() => readMatrix("Matrix([[1, 2], [2, 4]])").inv()).toThrow(LinAlgError);
    expect(() => new Matrix([[1, 2]]).det()).toThrow(ShapeError);
    expect(() => new Matrix([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => new Matrix([[1, 2]]).mul(new Matrix([[1, 2]]))).toThrow(ShapeError);
    expect(() => Matrix.eye(0)).toThrow(ArgumentError);
    expect(() => new Matrix([[1]]).at(1, 0)).toThrow("out of range");
  });
});
