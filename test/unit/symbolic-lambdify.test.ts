/** Expressions as functions of numbers and tensors; common subexpressions; expressions of tensor functions. */
import { readFileSync } from "node:fs";
import * as nabla from "nabla";
import { describe, expect, it, vi } from "vitest";
import * as door from "../../src/native/door.js";
import { catalog } from "../../src/symbolic/core/catalog.js";
import { call } from "../../src/symbolic/core/functions.js";
import * as sym from "../../src/symbolic/index.js";

const table = (name: string): Record<string, unknown>[] =>
  JSON.parse(
    readFileSync(new URL(`../reference/symbolic/${name}.json`, import.meta.url), "utf8"),
  ) as Record<string, unknown>[];

const [x, y, z] = sym.symbols("x y z");
const double = (...values: number[]): nabla.Tensor => nabla.tensor(values, { dtype: "float64" });
const numbersOf = (t: nabla.Tensor): number[] => [...(t.toArray() as number[])].map(Number);
const near = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

/** Whether two tensors have the same shape, and elements that differ by so much at most. */
function alike(a: nabla.Tensor, b: nabla.Tensor, tolerance = 0): boolean {
  const [m, n] = [a, b].map((t) => numbersOf(t.detach().contiguous().view(-1)));
  return a.shape.join() === b.shape.join() && m.every((value, i) => near(value, n[i], tolerance));
}

/** What a function gives, and how many native programs it runs. */
function counted<T>(run: () => T): [result: T, programs: number] {
  const spy = vi.spyOn(door.rawAddon, "run");
  try {
    const result = run();
    return [result, spy.mock.calls.length];
  } finally {
    spy.mockRestore();
  }
}

describe("cse", () => {
  const parts = (text: string): string[] =>
    text.startsWith("[") ? text.slice(1, -1).split(", ") : [text];

  it("gives what SymPy gives", () => {
    const cases = table("algebra").filter(({ kind }) => kind === "cse");
    expect(cases.length).toBe(33);
    for (const { input, output } of cases) {
      const { replacements, exprs } = sym.cse(parts(input as string).map((e) => sym.parse(e)));
      const pairs = replacements.map(([symbol, value]) => `(${symbol}, ${value})`);
      expect(`([${pairs.join(", ")}], [${exprs.join(", ")}])`, input as string).toBe(output);
    }
  });

  it("loses nothing: replaced backwards, expressions are what they were", () => {
    for (const { input } of table("algebra").filter(({ kind }) => kind === "cse")) {
      const given = parts(input as string).map((e) => sym.parse(e));
      const { replacements, exprs } = sym.cse(given);
      exprs.forEach((reduced, i) => {
        const whole = [...replacements]
          .reverse()
          .reduce<sym.Expr>((e, [symbol, value]) => e.subs(symbol, value), reduced);
        const at = (e: sym.Expr): number =>
          sym.lambdify(e.freeSymbols, e)(...e.freeSymbols.map((_, k) => 0.3 + 0.2 * k));
        if (!(input as string).includes("f("))
          expect(near(at(whole), at(given[i]), 1e-12)).toBe(true);
      });
    }
  });

  it("takes the symbols that are given, and says when they are used up", () => {
    const e = sym.parse("sin(x + y)*cos(x*y) + x + y + x*y");
    const { replacements } = sym.cse(e, { symbols: sym.symbols("x t u v") });
    expect(replacements.map(([symbol]) => symbol.name)).toEqual(["t", "u"]);
    expect(() => sym.cse(e, { symbols: [] })).toThrow(/used up/);
    const [a, b] = sym.symbols("a b");
    const twice = sym.cse(e, { symbols: [a, a, b] }).replacements;
    expect(twice.map(([symbol]) => symbol.name)).toEqual(["a", "b"]);
    expect(() => sym.cse(e, { symbols: ["a"] as never })).toThrow(/a is no symbol/);
    expect(() => sym.cse(e, { symbols: 5 as never })).toThrow(nabla.ArgumentError);
  });

  it("costs as much as the graph is large, not the tree", () => {
    let e: sym.Expr = x;
    for (let i = 0; i < 200; i++) e = sym.parse("sin(t) + t*y").subs(sym.symbol("t"), e);
    const { replacements } = sym.cse(e);
    expect(replacements.length).toBe(199);
    const many = Array.from({ length: 3000 }, (_, i) => x.add(y).mul(z.add(i)));
    expect(sym.cse(many).replacements.length).toBe(1);
  });
});

describe("lambdify", () => {
  it("gives the reference's values and derivatives, of numbers and of tensors", () => {
    let values = 0;
    let throughComplex = 0;
    for (const { input, points } of table("calculus")) {
      const f = sym.parse(input as string);
      const exprs = [f, f.diff(x), f.diff(x, 2)];
      const run = sym.lambdify([x, y, z], exprs);
      for (const point of points as Record<string, unknown>[]) {
        const at = ["x", "y", "z"].map((name) => (point[name] as number | undefined) ?? NaN);
        const numbers = run(...at);
        const tensors = run(...at.map((value) => double(value))).map((t) => numbersOf(t)[0]);
        ["f", "f1", "f2"].forEach((name, i) => {
          const wanted = point[name];
          if (typeof wanted !== "number") return;
          for (const value of [numbers[i], tensors[i]]) {
            if (Number.isNaN(value)) throughComplex++;
            else if (near(value, wanted, 1e-10)) values++;
            else expect.fail(`${input}, ${name} at ${at}: ${value}, not ${wanted}`);
          }
        });
      }
    }
    // At 6 points a real value comes of values that are not.
    expect({ values, throughComplex }).toEqual({ values: 23154, throughComplex: 36 });
  });

  /** Where a function of the catalog is looked at; the place is inside of its domain. */
  const places: Readonly<Record<string, number>> = {
    acosh: 1.7,
    acoth: 1.6,
    asin: 0.3,
    acos: 0.3,
    atanh: 0.3,
    gamma: -1.4,
    loggamma: 2.3,
    log: 0.6,
  };

  it("differentiates every function of the catalog as the tape does, and as differences do", () => {
    const seen: string[] = [];
    for (const [name, { arity }] of Object.entries(catalog)) {
      const at = places[name] ?? 0.7;
      const given =
        name === "polygamma"
          ? [sym.sympify(1), x]
          : Number.isFinite(arity[1]) && arity[0] === 1
            ? [x]
            : [x, y];
      let derivative: sym.Expr;
      let value: sym.Expr;
      try {
        value = call(name, ...given);
        derivative = value.diff(x);
        sym.lambdify([x, y], derivative);
      } catch (error) {
        expect(error, name).toBeInstanceOf(sym.UnsupportedError);
        continue;
      }
      seen.push(name);
      const run = sym.lambdify([x, y], [value, derivative]);
      const [, slope] = run(at, 1.3);
      const h = 1e-5;
      const difference = (run(at + h, 1.3)[0] - run(at - h, 1.3)[0]) / (2 * h);
      expect(near(slope, difference, 1e-6), `${name}: ${slope} and ${difference}`).toBe(true);
      const leaf = double(at).requiresGrad_();
      const [f, f1] = run(leaf, double(1.3));
      expect(near(numbersOf(f1.detach())[0], slope, 1e-11), name).toBe(true);
      if (!f.requiresGrad) continue; // constant between its steps
      f.sum().backward();
      const gradient = numbersOf(leaf.grad as nabla.Tensor)[0];
      expect(near(gradient, slope, 1e-10), `${name}: ${gradient} and ${slope}`).toBe(true);
    }
    const without = Object.keys(catalog).filter((name) => !seen.includes(name));
    expect(without).toEqual(["re", "im", "arg", "conjugate"]);
  });

  it("broadcasts tensors and numbers; every result has the common shape", () => {
    const run = sym.lambdify([x, y, z], [x.add(y).mul(z), x, sym.sympify(2), [y.pow(2)]]);
    const a = nabla.arange(3, { dtype: "float64" }).reshape(3, 1);
    const b = nabla.arange(4, { dtype: "float64" });
    const [f, same, two, [square]] = run(a, b, 0.5);
    expect(alike(f, a.add(b).mul(0.5))).toBe(true);
    expect(alike(square, b.square().expand(3, 4))).toBe(true);
    expect(alike(same, a.expand(3, 4))).toBe(true);
    expect(alike(two, nabla.full([3, 4], 2, { dtype: "float64" }))).toBe(true);
    expect(() => run(nabla.zeros([2]), nabla.zeros([3]), 1)).toThrow(nabla.ShapeError);
    const empty = run(nabla.zeros([0]), nabla.zeros([1]), nabla.ones([2, 1]));
    expect(empty.flat().map((t) => t.shape.join())).toEqual(["2,0", "2,0", "2,0", "2,0"]);
  });

  it("has types of results for expressions however they are nested", () => {
    const grad: number[] = sym.lambdify([x, y], sym.gradient(x.mul(y), [x, y]))(2, 3);
    expect(grad).toEqual([3, 2]);
    const [value, [[deep]]]: [number, [[number]]] = sym.lambdify(x, [x, [[x.add(1)]]])(1);
    expect([value, deep]).toEqual([1, 2]);
    const whole: nabla.Tensor[][] = sym.lambdify(x, sym.hessian(x.pow(2), [x]))(double(1));
    expect(numbersOf(whole[0][0])).toEqual([2]);
    const given: sym.Expressions = [x, [x.mul(2)]] as sym.Expressions;
    const results: sym.Results<number> = sym.lambdify(x, given)(4);
    expect(results).toEqual([4, [8]]);
  });

  it("takes other shapes at every call", () => {
    const run = sym.lambdify([x, y], [x.mul(2), sym.parse("sin(x)"), y]);
    for (const [a, b] of [
      [[3], [4, 3]],
      [
        [3, 1],
        [1, 4],
      ],
      [
        [3, 4],
        [3, 4],
      ],
      [[], [2]],
      [[2], []],
      [
        [5, 1, 1],
        [1, 5, 1],
      ],
    ]) {
      const s = nabla.rand(a, { dtype: "float64" });
      const t = nabla.rand(b, { dtype: "float64" });
      const whole = nabla.add(s, t).shape as number[];
      const [twice, sine, same] = run(s, t);
      expect(alike(twice, s.mul(2).expand(...whole))).toBe(true);
      expect(alike(sine, s.sin().expand(...whole))).toBe(true);
      expect(alike(same, t.expand(...whole))).toBe(true);
    }
  });

  it("computes over a grid what depends on one coordinate along that coordinate only", () => {
    const f = sym.parse("exp(sin(x))*cos(y)*z + log(y)*x");
    const run = sym.lambdify([x, y, z], [f, f.diff(x), f.diff(y), f.diff(z)]);
    const a = nabla.linspace(0.1, 1, 30, { dtype: "float64" });
    const b = nabla.linspace(0.5, 2, 40, { dtype: "float64" }).unsqueeze(1);
    const c = double(1.5).squeeze();
    const [results, passes] = counted(() => run(a, b, c) as nabla.Tensor[]);
    expect(passes).toBe(3);
    const whole = run(...([a, b, c].map((t) => t.expand(40, 30)) as nabla.Tensor[]));
    results.forEach((result, i) => {
      expect(alike(result, whole[i] as nabla.Tensor, 1e-15)).toBe(true);
      const at = [a.select(0, 7).item(), b.select(0, 11).item(), 1.5] as number[];
      expect(near(Number(result.select(0, 11).select(0, 7).item()), run(...at)[i], 1e-13)).toBe(
        true,
      );
    });
  });

  it("reads tensors of any layout, and results share no memory", () => {
    const t = nabla.arange(12, { dtype: "float64" }).reshape(3, 4);
    const run = sym.lambdify([x, y], [x.mul(y), x, x, x.mul(y)]);
    const given = [t.transpose(0, 1), t.reshape(4, 3)] as const;
    const results = run(...given);
    expect(alike(results[0], given[0].mul(given[1]))).toBe(true);
    results[1].add_(1);
    results[0].add_(1);
    expect(alike(results[2], t.transpose(0, 1))).toBe(true);
    expect(alike(results[3], given[0].mul(given[1]))).toBe(true);
    expect(numbersOf(t.flatten())).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it("computes in the arguments' common dtype, of integers in float32", () => {
    const run = sym.lambdify([x, y], [sym.parse("sin(x)*y"), sym.parse("x > y")]);
    const dtypes = (...given: nabla.TensorLike[]): string[] => run(...given).map((t) => t.dtype);
    const f32 = nabla.tensor([1, 2]);
    const f64 = double(1, 2);
    const i64 = nabla.tensor([1n, 2n]);
    expect(dtypes(f32, f32)).toEqual(["float32", "bool"]);
    expect(dtypes(f32, f64)).toEqual(["float64", "bool"]);
    expect(dtypes(i64, 2)).toEqual(["float32", "bool"]);
    expect(dtypes(i64, f64)).toEqual(["float64", "bool"]);
    expect(dtypes(f32, 0.5)).toEqual(["float32", "bool"]);
    expect(dtypes(f32, nabla.tensor(0.5, { dtype: "float64" }))).toEqual(["float32", "bool"]);
    expect(numbersOf(run(i64, f64)[0])).toEqual(numbersOf(f64.sin().mul(f64)));
    expect(run(2, 1)[1]).toBe(1);
  });

  it("has gradients of any order where an argument requires grad", () => {
    const f = sym.parse("exp(x*y)*sin(x) + x**3/y");
    const run = sym.lambdify([x, y], [f, f.diff(x), f.diff(x, 2), f.diff(x).diff(y)]);
    const a = double(0.4, 1.2).requiresGrad_();
    const b = double(0.9, 0.5).requiresGrad_();
    const [value, fx, fxx, fxy] = run(a, b);
    const [gx] = nabla.autograd.grad(value.sum(), [a], { createGraph: true });
    const [gxx, gxy] = nabla.autograd.grad(gx.sum(), [a, b], { retainGraph: true });
    for (const [mine, theirs] of [
      [fx, gx],
      [fxx, gxx],
      [fxy, gxy],
    ]) {
      expect(alike(mine.detach(), theirs.detach(), 1e-12)).toBe(true);
    }
    const [again] = nabla.autograd.grad(fx.sum(), [a]);
    expect(alike(again, fxx.detach(), 1e-12)).toBe(true);
    expect(nabla.noGrad(() => run(a, b))[0].requiresGrad).toBe(false);
    expect(numbersOf(nabla.noGrad(() => run(a, b))[0])).toEqual(numbersOf(value.detach()));
  });

  it("computes several results, with what they share, in one native pass", () => {
    const f = sym.parse(
      "exp(-x**2 - y**2)*sin(x*y*z)/(1 + exp(-x*z)) + log(1 + x**2 + y**2)*sqrt(z**2 + 1)",
    );
    const run = sym.lambdify([x, y, z], [f, f.diff(x), f.diff(y), f.diff(z)]);
    for (const n of [5, 5000]) {
      const given = [0.3, 0.7, 1.1].map((value) => nabla.full([n], value, { dtype: "float64" }));
      const [results, passes] = counted(() => run(...given) as nabla.Tensor[]);
      expect(passes).toBe(1);
      expect(counted(() => results.map((t) => t.realize()))[1]).toBe(0);
      run(0.3, 0.7, 1.1).forEach((value, i) => {
        expect(near(numbersOf(results[i])[n - 1], value, 1e-13)).toBe(true);
      });
    }
  });

  it("defers a single result, so that what follows is a part of the same pass", () => {
    const t = nabla.full([5000], 0.25);
    const run = sym.lambdify(x, sym.parse("exp(-x**2)*cos(3*x)"));
    const [result, passes] = counted(() => run(t));
    expect(passes).toBe(0);
    expect(nabla.explain(result).match(/ {4}(r\d|%0) = [a-z]/g)?.length).toBe(7);
    expect(counted(() => result.sum().item())[1]).toBe(1);
  });

  it("computes what depends on numbers alone once, and not for every element", () => {
    const run = sym.lambdify([x, y], sym.parse("exp(sin(y))*x"));
    const text = nabla.explain(run(nabla.ones([5000]), 0.5));
    expect(text).toContain("mul");
    expect(text).not.toContain("exp float");
  });

  it("cuts programs that are longer than a pass can be", () => {
    const terms = Array.from({ length: 120 }, (_, i) =>
      sym.parse(`sin(${i + 1}*x)*cos(y*${i + 1})`),
    );
    const f = terms.reduce<sym.Expr>((a, b) => a.add(b), sym.sympify(0));
    // All terms are results too, and more values are alive at once than there are registers and operands.
    const run = sym.lambdify([x, y], [f, ...terms]);
    const given = [double(0.3, 1.2, -0.7), double(0.2, -0.4, 2)] as const;
    const [results, count] = counted(() => run(...given) as nabla.Tensor[]);
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(12);
    for (const k of [0, 1, 2]) {
      const at = given.map((t) => numbersOf(t)[k]);
      run(...at).forEach((value, i) => {
        expect(near(numbersOf(results[i])[k], value, 1e-12)).toBe(true);
      });
    }
    const horner = Array.from({ length: 400 }).reduce<sym.Expr>(
      (e) => sym.parse("sin(t) + x").subs(sym.symbol("t"), e),
      y,
    );
    const deep = sym.lambdify([x, y], horner);
    expect(near(numbersOf(deep(double(0.5), double(0.1)))[0], deep(0.5, 0.1), 1e-12)).toBe(true);
  });

  it("takes short ways: powers, roots, quotients, sigmoid, log1p and expm1", () => {
    const steps = (text: string): string[] => {
      const t = sym.lambdify([x, y], sym.parse(text))(nabla.ones([4096]), nabla.ones([4096]));
      return [...nabla.explain(t).matchAll(/= ([a-z0-9_]+) float32 [%r]/g)].map((m) => m[1]);
    };
    expect(steps("x**2")).toEqual(["square"]);
    expect(steps("x**3")).toEqual(["square", "mul"]);
    expect(steps("sqrt(x)")).toEqual(["sqrt"]);
    expect(steps("1/sqrt(x)")).toEqual(["rsqrt"]);
    expect(steps("1/x")).toEqual(["reciprocal"]);
    expect(steps("x/y")).toEqual(["div"]);
    expect(steps("-2*x/y")).toEqual(["div", "mul"]);
    expect(steps("x - y")).toEqual(["sub"]);
    expect(steps("x**1.5")).toEqual(["sqrt", "mul"]);
    expect(steps("x**y")).toEqual(["pow"]);
    expect(steps("2**x")).toEqual(["exp2"]);
    expect(steps("1/(1 + exp(-x))")).toEqual(["sigmoid"]);
    expect(steps("log(1 + x)")).toEqual(["log1p"]);
    expect(steps("exp(x) - 1")).toEqual(["expm1"]);
  });

  it("has truths, cases and extremes", () => {
    const f = sym.Piecewise(
      [x, sym.parse("(x > 0) & (x < 1)")],
      [y, sym.parse("Ne(x, 2)")],
      [x.neg(), sym.true],
    );
    const run = sym.lambdify([x, y], [f, sym.parse("Max(x, y, 1)"), sym.parse("Min(x, y)")]);
    for (const at of [
      [0.5, 7],
      [2, 3],
      [-1, 4],
    ] as const) {
      const numbers = run(...at);
      const tensors = run(double(at[0]), double(at[1])).map((t) => numbersOf(t)[0]);
      expect(tensors).toEqual(numbers);
    }
    expect(run(0.5, 7)).toEqual([0.5, 7, 0.5]);
    expect(run(2, 3)).toEqual([-2, 3, 2]);
    const open = sym.lambdify(x, sym.Piecewise([x, sym.parse("x > 0")]));
    expect(open(-1)).toBeNaN();
    expect(numbersOf(open(double(-1, 2)))).toEqual([NaN, 2]);
  });

  it("is not moved by hostile names", () => {
    const names = ["__proto__", "constructor", "a; throw 1", "'\"`\\", "toString", "0", "\u2028"];
    const symbols = names.map((name) => sym.symbol(name));
    const sum = symbols.reduce<sym.Expr>((a, b, i) => a.add(b.mul(i + 1)), sym.sympify(0));
    const run = sym.lambdify(symbols, sum);
    expect(run(1, 2, 3, 4, 5, 6, 7)).toBe(140);
    expect(numbersOf(run(double(1), 2, 3, 4, 5, 6, 7))).toEqual([140]);
    expect(() => sym.lambdify(x, sym.func("__proto__")(x))).toThrow(sym.UnsupportedError);
    expect(() => sym.lambdify(x, sym.func("constructor")(x))).toThrow(sym.UnsupportedError);
  });

  it("refuses what it cannot compute", () => {
    expect(() => sym.lambdify(x, y)).toThrow(/y is not among the arguments/);
    expect(() => sym.lambdify([x, x], x)).toThrow(/twice/);
    expect(() => sym.lambdify(x.add(1), x)).toThrow(/no symbol/);
    expect(() => sym.lambdify(x, x.mul(sym.I))).toThrow(sym.UnsupportedError);
    expect(() => sym.lambdify(x, sym.func("f")(x))).toThrow(sym.UnsupportedError);
    expect(() => sym.lambdify(x, sym.func("f")(x).diff(x))).toThrow(sym.UnsupportedError);
    expect(() => sym.lambdify([x, y], x.add(y))(1)).toThrow(/takes 2 arguments/);
    expect(() => [1, 2].map(sym.lambdify(x, x) as () => number)).toThrow(/1 argument, .* 3/);
    expect(sym.lambdify([], sym.pi)()).toBe(Math.PI);
    const product: number = sym.lambdify([x, y], x.mul(y))(3n, 0.5);
    expect(product).toBe(1.5);
    expect(() => sym.lambdify(x, "x + 1" as never)).toThrow(/the string "x \+ 1": see parse/);
  });
});

describe("fromTensorFunction", () => {
  const of = (fn: (...t: nabla.Tensor[]) => nabla.TensorLike): string =>
    sym.fromTensorFunction(fn, x, y).toString();

  it("reads functions and methods", () => {
    expect(of((a, b) => nabla.sin(a.mul(b)).add(1))).toBe("sin(x*y) + 1");
    expect(of((a, b) => a.pow(3).add(b.pow(0)).sub(a.pow(1)))).toBe("x**3 - x + 1");
    expect(of((a, b) => nabla.pow(2, b).div(nabla.sub(1, a)))).toBe("2**y/(1 - x)");
    expect(of((a, b) => nabla.where(a.gt(b), a, nabla.tensor(2)))).toBe(
      "Piecewise((x, x > y), (2, True))",
    );
    expect(of((a) => a.mul(a.lt(0)))).toBe("x*Piecewise((1, x < 0), (0, True))");
    expect(of((a) => nabla.clamp(a, 0, 1))).toBe("Min(1, Max(0, x))");
    expect(of((a, b) => nabla.add(a, b, { alpha: 3 }))).toBe("x + 3*y");
    expect(of(() => 5)).toBe("5");
  });

  it("has no elements to show", () => {
    for (const fn of [
      (a: nabla.Tensor) => a.sum(),
      (a: nabla.Tensor) => a.item() as number,
      (a: nabla.Tensor) => a.add_(1),
      (a: nabla.Tensor) => a.mul(nabla.tensor([1, 2])),
      (a: nabla.Tensor) => nabla.explain(a) as unknown as number,
    ]) {
      expect(() => of(fn)).toThrow(nabla.ArgumentError);
    }
    expect(() => of((a) => a.isnan())).toThrow(sym.UnsupportedError);
  });

  it("comes back through lambdify to the same values and gradients", () => {
    const fn = (a: nabla.Tensor, b: nabla.Tensor): nabla.Tensor =>
      a.mul(b).sigmoid().add(a.square().add(1).log()).mul(b.tanh()).add(nabla.gelu(a));
    const e = sym.fromTensorFunction(fn, x, y);
    const run = sym.lambdify([x, y], [e, e.diff(x), e.diff(y)]);
    const a = double(0.3, -1.2, 2.5).requiresGrad_();
    const b = double(1.1, 0.4, -0.8).requiresGrad_();
    const wanted = fn(a, b);
    wanted.sum().backward();
    const [value, da, db] = nabla.noGrad(() => run(a, b));
    expect(alike(value, wanted.detach(), 1e-13)).toBe(true);
    expect(alike(da, a.grad as nabla.Tensor, 1e-12)).toBe(true);
    expect(alike(db, b.grad as nabla.Tensor, 1e-12)).toBe(true);
  });
});
