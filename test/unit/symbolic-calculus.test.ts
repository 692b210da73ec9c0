/** evalf, series and limits against the tables of SymPy, and against each other in decimals. */
import { readFileSync } from "node:fs";
import { ArgumentError } from "nabla";
import { describe, expect, it } from "vitest";
import { decimals } from "../../src/symbolic/core/numbers.js";
import { decimalValue } from "../../src/symbolic/evalf.js";
import * as sym from "../../src/symbolic/index.js";

interface Case {
  readonly kind: string;
  readonly input: string;
  readonly output: string;
  readonly args?: readonly string[];
}

const path = new URL("../reference/symbolic/algebra.json", import.meta.url);
const table = JSON.parse(readFileSync(path, "utf8")) as Case[];
const casesOf = (kind: string): Case[] => table.filter((row) => row.kind === kind);
const { parse } = sym;
const x = sym.symbol("x");
const text = (e: sym.Expr): string => String(e);
const D = decimals(80);

describe("evalf", () => {
  const rows = casesOf("evalf");

  it("has the digits of the table", () => {
    const different: string[] = [];
    for (const { input, args, output } of rows) {
      const [digits] = args as [string];
      if (text(sym.evalf(parse(input), Number(digits))) !== output)
        different.push(`${input} to ${digits}`);
    }
    expect(rows.length).toBe(232);
    // SymPy rounds these to a last digit that is one too low: the digits go on with 5254 and 996.
    expect(different).toEqual(["log(2) to 50", "atan(1/239) to 50"]);
  });

  it("rounds to the nearest where SymPy does not", () => {
    for (const input of ["log(2)", "atan(1/239)"]) {
      const value = decimalValue(parse(input), 70)?.re;
      const found = text(sym.evalf(parse(input), 50));
      expect(value?.toSignificantDigits(50).eq(found)).toBe(true);
    }
  });

  it.each([
    ["asin(2)", 15, "1.5707963267949 - 1.31695789692482*I"],
    ["acos(-2)", 15, "3.14159265358979 - 1.31695789692482*I"],
    ["acosh(1/2)", 15, "1.0471975511966*I"],
    ["atanh(2)", 15, "0.549306144334055 - 1.5707963267949*I"],
    ["acoth(1/2)", 15, "0.549306144334055 - 1.5707963267949*I"],
    ["(-2)**(1/3)", 15, "0.629960524947437 + 1.09112363597172*I"],
    ["loggamma(-5/2)", 15, "-0.0562437164976741 - 9.42477796076938*I"],
    ["gamma(1 + I)", 15, "0.498015668118356 - 0.154949828301811*I"],
    ["erf(1 + I)", 15, "1.31615128169795 + 0.190453469237835*I"],
    ["polygamma(2, -1/2)", 15, "-0.828796644234320"],
    ["erfc(20)", 15, "5.39586561160790e-176"],
    ["exp(I)", 15, "0.54030230586814 + 0.841470984807897*I"],
    ["sqrt(2) + I*pi", 15, "1.4142135623731 + 3.14159265358979*I"],
    ["erf(12*I)", 15, "1.62993579952435e+61*I"],
    ["gamma(-10**4 - 1/2)", 10, "-1.103720392e-35661"],
    ["log(-2)", 15, "0.693147180559945 + 3.14159265358979*I"],
  ])("%s to %i digits is %s", (input, digits, expected) => {
    expect(text(sym.evalf(parse(input), digits))).toBe(expected);
  });

  it("raises the precision where terms cancel", () => {
    const near = parse("exp(pi*sqrt(163)) - 262537412640768744");
    expect(text(sym.evalf(near, 20))).toBe("-7.4992740280181431112e-13");
    expect(text(sym.evalf(parse("sin(10**50*pi + 1/10**40)")))).toBe("1.00000000000000e-40");
    expect(text(sym.evalf(parse("sin(1)**2 + cos(1)**2 - 1")))).toBe("0");
    expect(() => sym.evalf(parse("sin(exp(exp(10)))"))).toThrow(sym.UnsupportedError);
    // What failed leaves nothing behind.
    expect(text(sym.evalf(parse("sin(10**400)"), 20))).toBe("-0.99853823198309772292");
    expect(text(sym.evalf(parse("sinh(10**6) + asinh(10**400)"), 5))).toBe("1.5166e+434294");
  });

  it("keeps symbols, with coefficients in decimals", () => {
    const cases = {
      "pi*x": "3.14159265358979*x",
      "x + 1": "x + 1.0",
      "-x": "-x",
      "x**2/3": "0.333333333333333*x**2",
      "sqrt(x)": "x**0.5",
      "sin(2*x)": "sin(2*x)",
      "x/3 + I*pi": "0.333333333333333*x + 3.14159265358979*I",
      "Max(x, pi)": "Max(3.14159265358979, x)",
      zoo: "zoo",
    };
    for (const [input, output] of Object.entries(cases))
      expect(text(parse(input).evalf())).toBe(output);
    expect(text(parse("x**2 + y").n(20, { subs: [[x, sym.pi]] }))).toBe(
      "y + 9.8696044010893586188",
    );
  });

  it("checks its arguments", () => {
    for (const digits of [0, -1, 1.5, 301, Number.NaN])
      expect(() => sym.evalf(sym.pi, digits)).toThrow(ArgumentError);
    expect(() => sym.evalf(sym.pi, 15, { sub: [] } as object)).toThrow(ArgumentError);
  });
});

const others = ["x", "y", "a", "b", "c"].map(
  (name, i) => [sym.symbol(name), parse(`${7 + 2 * i}/13`)] as const,
);
/** The value of e with t for a variable and some numbers for the others, to 60 digits. */
const valueAt = (e: sym.Expr, variable: sym.Expr, t: sym.Expr) =>
  decimalValue(e.xreplace([[variable, t.xreplace(others)]]).xreplace(others), 60);

describe("series", () => {
  const rows = casesOf("series");
  const make = ({ input, args }: Case): sym.Expr => {
    const [variable, point, order] = args ?? ["x", "0", "6"];
    return sym.series(parse(input), parse(variable), parse(point), Number(order));
  };

  it("has the text of the table", () => {
    const different = rows.filter((row) => text(make(row)) !== row.output).map((row) => row.input);
    expect(rows.length).toBe(121);
    expect(different).toEqual([]);
  });

  it("leaves out what is small near the point", () => {
    let checked = 0;
    for (const row of rows) {
      if (row.input === "f(x)") continue;
      const [name, point, order] = row.args ?? ["x", "0", "6"];
      const near = sym.add(parse(point), parse("1/10**8"));
      const truth = valueAt(parse(row.input), parse(name), near);
      const found = valueAt(make(row).removeO(), parse(name), near);
      if (truth === null || found === null) throw new Error(`${row.input} has no value`);
      const error = truth.re.minus(found.re).abs().toNumber();
      // Room for the coefficient and for powers of a logarithm.
      expect(error, row.input).toBeLessThan(1e9 * 10 ** (-8 * Number(order)));
      checked++;
    }
    expect(checked).toBe(120);
  });

  it.each([
    ["1/(1 + x)", "oo", 4, "x**(-3) - 1/x**2 + 1/x + O(x**(-4), (x, oo))"],
    ["atan(x)", "oo", 4, "1/(3*x**3) - 1/x + pi/2 + O(x**(-4), (x, oo))"],
    ["exp(1/x)", "oo", 3, "1/(2*x**2) + 1/x + 1 + O(x**(-3), (x, oo))"],
    ["polygamma(1, x)", "0", 2, "x**(-2) + pi**2/6 + x*polygamma(2, 1) + O(x**2)"],
    ["loggamma(x)", "0", 3, "-log(x) - EulerGamma*x + pi**2*x**2/12 + O(x**3)"],
    ["acosh(x)", "0", 4, "I*pi/2 - I*x - I*x**3/6 + O(x**4)"],
    ["x**(1/3)/(1 + sqrt(x))", "0", 1, "x**(1/3) - x**(5/6) + O(x)"],
    ["floor(x + 1/2)*sin(x)", "0", 3, "0"],
    ["Piecewise((1, x < 0), (cos(x), True))", "0", 3, "1 - x**2/2 + O(x**3)"],
  ])("of %s at %s to order %i is %s", (input, point, order, expected) => {
    expect(text(sym.series(parse(input), x, parse(point), order))).toBe(expected);
  });

  it("is exact to a high order", () => {
    // The coefficients of tan are the tangent numbers over factorials.
    const tangent = parse("tan(x)").series(x, 0, 40).removeO();
    const tail = tangent.sub(parse("tan(x)"));
    const value = valueAt(tail, x, parse("1/10"));
    expect(value?.re.abs().lt("1e-48")).toBe(true);
    expect(value?.re.isZero()).toBe(false);
  });

  it("absorbs what it leaves out", () => {
    const sine = parse("sin(x)").series(x, 0, 4);
    expect(text(sine.add(x.pow(5)).add(x.pow(2)))).toBe("x + x**2 - x**3/6 + O(x**4)");
    expect(text(sine.removeO())).toBe("-x**3/6 + x");
  });

  it("refuses what has none", () => {
    for (const input of ["exp(1/x)", "sin(1/x)", "gamma(1/x)", "1/(sin(x)**2 + cos(x)**2 - 1)"])
      expect(() => sym.series(parse(input), x), input).toThrow(sym.UnsupportedError);
    expect(() => sym.series(x, x, 0, -1)).toThrow(ArgumentError);
    expect(() => sym.series(x, x, 0, 1e9)).toThrow(ArgumentError);
    expect(() => sym.series(x, x, x)).toThrow(ArgumentError);
    expect(() => sym.series(x, 2)).toThrow(ArgumentError);
  });
});

describe("limit", () => {
  const rows = casesOf("limit");
  const make = ({ input, args }: Case): sym.Expr => {
    const [variable, point, direction] = args as [string, string, sym.Direction?];
    return sym.limit(parse(input), parse(variable), parse(point), direction);
  };

  it("has the text of the table", () => {
    const different: string[] = [];
    for (const row of rows) {
      // SymPy gives bounds for this; here it is refused.
      if (row.output.startsWith("AccumBounds"))
        expect(() => make(row)).toThrow(sym.UnsupportedError);
      else if (text(make(row)) !== row.output) different.push(row.input);
    }
    expect(rows.length).toBe(150);
    expect(rows.filter(({ output }) => output.startsWith("AccumBounds")).length).toBe(1);
    expect(different).toEqual([]);
  });

  // The examples of Gruntz's thesis, chapter 8, and others of its kind.
  it.each([
    ["exp(x)*(exp(1/x - exp(-x)) - exp(1/x))", "-1"],
    ["exp(x)*(exp(1/x + exp(-x) + exp(-x**2)) - exp(1/x - exp(-exp(x))))", "1"],
    ["exp(exp(x - exp(-x))/(1 - 1/x)) - exp(exp(x))", "oo"],
    ["exp(exp(exp(x)/(1 - 1/x))) - exp(exp(exp(x)/(1 - 1/x - log(x)**(-log(x)))))", "-oo"],
    ["exp(exp(exp(x)))/exp(exp(exp(x - exp(-exp(exp(x))))))", "1"],
    ["x*log(x)*log(x*exp(x) - x**2)**2/log(log(x**2 + 2*exp(exp(3*x**3*log(x)))))", "1/3"],
    ["(exp(x*exp(-x)/(exp(-x) + exp(-2*x**2/(x + 1)))) - exp(x))/x", "-exp(2)"],
    ["(3**x + 5**x)**(1/x)", "5"],
    ["log(x)*(log(log(x) + log(log(x))) - log(log(x)))/log(log(x) + log(log(log(x))))", "1"],
    ["exp(log(log(x + exp(log(x)*log(log(x)))))/log(log(log(exp(x) + x + log(x)))))", "E"],
    ["exp(x)*(sin(1/x + exp(-x)) - sin(1/x + exp(-x**2)))", "1"],
    ["(erf(x - exp(-exp(x))) - erf(x))*exp(exp(x))*exp(x**2)", "-2/sqrt(pi)"],
    ["x*(gamma(x - 1/gamma(x)) - gamma(x) + log(x))", "1/2"],
    ["(polygamma(0, x + 1/polygamma(0, x)) - polygamma(0, x))*x*log(x)", "1"],
    ["factorial(x)*exp(x)/x**x/sqrt(x)", "sqrt(2)*sqrt(pi)"],
    ["x + sin(x)", "oo"],
    ["(x - sin(x))/(x + cos(x))", "1"],
    ["sin(log(x))/x", "0"],
    ["floor(x)/x", "1"],
    ["I*x", "oo*I"],
    ["(x + a)/(x + b)", "1"],
  ])("of %s at oo is %s", (input, expected) => {
    expect(text(parse(input).limit(x, sym.oo))).toBe(expected);
  });

  it("is the value nearby", () => {
    const cases = {
      "(tan(sin(x)) - sin(tan(x)))/x**7": "1/30",
      "(asin(x) - atan(x))/x**3": "1/2",
      "(cosh(x) - cos(x))/x**2": "1",
      "gamma(x)*sin(2*x)": "2",
      "(1 + sin(x))**cot(x)": "E",
    };
    for (const [input, output] of Object.entries(cases)) {
      const limit = sym.limit(parse(input), x, 0, "+");
      expect(text(limit)).toBe(output);
      const near = valueAt(parse(input), x, parse("1/10**9"))?.re.minus(
        decimalValue(limit, 60)?.re ?? 0,
      );
      expect(near?.abs().lt("1e-7")).toBe(true);
    }
  });

  it("looks from the side that is asked for", () => {
    expect(text(sym.limit(parse("1/x"), x, 0, "-"))).toBe("-oo");
    expect(text(sym.limit(parse("1/x**2"), x, 0, "+-"))).toBe("oo");
    expect(() => sym.limit(parse("1/x"), x, 0, "+-")).toThrow(sym.UnsupportedError);
  });

  it("refuses what has none, or what it cannot tell", () => {
    const refused = ["cos(x)", "exp(sin(x))", "tan(x)", "sin(x)/cos(x)", "a*x", "exp(I*x)", "f(x)"];
    for (const input of refused)
      expect(() => sym.limit(parse(input), x, sym.oo), input).toThrow(sym.UnsupportedError);
    expect(() => sym.limit(x, x, 0, "?" as "+")).toThrow(ArgumentError);
    expect(() => sym.limit(x, x, sym.zoo)).toThrow(ArgumentError);
    expect(() => sym.limit(x, x, x)).toThrow(ArgumentError);
  });

  it("ends on what is nested deeply", () => {
    let tower: sym.Expr = x;
    for (let k = 0; k < 60; k++) tower = sym.exp(tower.add(sym.exp(tower.neg())));
    const begun = performance.now();
    expect(() => sym.limit(tower, x, sym.oo)).toThrow(sym.UnsupportedError);
    expect(performance.now() - begun).toBeLessThan(30_000);
  });
});

describe("decimals", () => {
  it("are those of the other way round", () => {
    // f(g(z)) = z about complex points, where g is an inverse of f.
    const pairs = ["sin asin", "cos acos", "tan atan", "sinh asinh", "cosh acosh", "tanh atanh"];
    for (const pair of pairs) {
      const [f, g] = pair.split(" ");
      for (const z of ["1/3 + 2*I/7", "-5/2 + I/9", "3 - 4*I", "-2 - 3*I"]) {
        const value = decimalValue(parse(`${f}(${g}(${z})) - (${z})`), 40);
        expect(value?.re.isZero() && value.im.isZero(), `${f}(${g}(${z}))`).toBe(true);
      }
    }
  });

  it("satisfy the functional equations", () => {
    const equations = [
      "gamma(7/3 + I) - (4/3 + I)*gamma(4/3 + I)",
      "gamma(1/5)*gamma(4/5)*sin(pi/5) - pi",
      "loggamma(9/4) - loggamma(5/4) - log(5/4)",
      "polygamma(3, 11/7) - polygamma(3, 4/7) + 6*(7/4)**4",
      "erf(5/2 + I) + erfc(5/2 + I) - 1",
      "GoldenRatio**2 - GoldenRatio - 1",
      "polygamma(0, 1/3) - polygamma(0, 2/3) + pi/sqrt(3)",
    ];
    for (const equation of equations) {
      const value = decimalValue(parse(equation), 40);
      expect(value?.re.isZero() && value.im.isZero(), equation).toBe(true);
    }
  });

  it("have known constants", () => {
    const known = {
      EulerGamma: "0.57721566490153286060651209008240243104215933593992359880576723488486",
      Catalan: "0.91596559417721901505460351493238411077414937428167213426649811962176",
    };
    for (const [name, digits] of Object.entries(known)) {
      const value = decimalValue(parse(name), 60)?.re;
      expect(value?.minus(new D(digits)).abs().lt("1e-59")).toBe(true);
    }
  });
});
