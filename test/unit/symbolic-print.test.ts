import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  Call,
  Derivative,
  I,
  integer,
  Mul,
  minusOne,
  Order,
  one,
  Pow,
  Subs,
  walk,
  zero,
} from "../../src/symbolic/core/expr.js";
import * as sym from "../../src/symbolic/index.js";
import { beginsWithDigit } from "../../src/symbolic/print/str.js";

type Form = keyof typeof printers;
interface Row {
  readonly kind?: string;
  readonly input: string;
  readonly unevaluated?: true;
  readonly str: string;
  readonly latex: string;
  readonly pretty?: string;
  readonly srepr?: string;
  readonly ccode?: string | null;
  readonly jscode?: string | null;
  readonly points?: readonly { f: number | [number, number]; x: number; y?: number; z?: number }[];
}
const table = (name: string): Row[] =>
  JSON.parse(
    readFileSync(new URL(`../reference/symbolic/${name}.json`, import.meta.url), "utf8"),
  ) as Row[];
const calculus = table("calculus");
const printing = table("printing");

const [x, y, a, b, gamma] = sym.symbols("x y a b gamma");
const f = (...args: sym.Expr[]): sym.Expr => new Call("f", args, false);
const g = (...args: sym.Expr[]): sym.Expr => new Call("g", args, false);
const d = (of: sym.Expr, ...by: (readonly [sym.Expr, number])[]): Derivative =>
  new Derivative(
    of,
    by.map(([variable]) => variable),
    by.map(([, count]) => count),
  );
const fxy = f(x, y);

/** Input that the parser does not read as SymPy does. */
const built: Readonly<Record<string, sym.Expr>> = {
  gamma,
  "Derivative(f(x), x)": d(f(x), [x, 1]),
  "Derivative(f(x), x, 2)": d(f(x), [x, 2]),
  "Derivative(f(x), x)**2": d(f(x), [x, 1]).pow(2),
  "-Derivative(f(x), x)": d(f(x), [x, 1]).neg(),
  "x*Derivative(f(x), x)": x.mul(d(f(x), [x, 1])),
  "Derivative(f(x), x) + f(x)": d(f(x), [x, 1]).add(f(x)),
  "Derivative(f(x, y), x)": d(fxy, [x, 1]),
  "Derivative(f(x, y), x, y)": d(fxy, [x, 1], [y, 1]),
  "Derivative(f(x, y), x, 2, y, 3)": d(fxy, [x, 2], [y, 3]),
  "Derivative(x**2 + 1, x)": d(x.pow(2).add(1), [x, 1]),
  "Derivative(sin(x)*f(x), x)": d(f(x).mul(sym.parse("sin(x)")), [x, 1]),
  "Derivative(f(g(x)), g(x))": d(f(g(x)), [g(x), 1]),
  "Subs(Derivative(f(x), x), x, 0)": new Subs(d(f(x), [x, 1]), x, zero),
  "Subs(f(x), x, y + 1)": new Subs(f(x), x, y.add(1)),
  "O(x**3)": new Order(x.pow(3), x, zero),
  "1 + x + O(x**2)": sym.add(one, x, new Order(x.pow(2), x, zero)),
  "And(a, b)": sym.and(a, b),
  "Or(a, Not(b))": sym.or(a, sym.not(b)),
};

/** As written: nothing is simplified. */
const unevaluated: Readonly<Record<string, sym.Expr>> = {
  "2*3": new Mul([integer(2), integer(3)]),
  "x*1": new Mul([x, one]),
  "2*(x + 1)": new Mul([integer(2), x.add(1)]),
  "x*(-1)": new Mul([x, minusOne]),
  "(x + 1)*2": new Mul([x.add(1), integer(2)]),
  "2*x*3*y": new Mul([integer(2), x, integer(3), y]),
  "x**2*x**3": new Mul([x.pow(2), x.pow(3)]),
  "(x**2)**3": new Pow(x.pow(2), integer(3)),
  "sqrt(4)": new Pow(integer(4), sym.parse("1/2")),
  "log(1)": new Call("log", [one], true),
  "x**(-1)": new Pow(x, minusOne),
};

/** What there are no expressions for: matrices, sets, lists, integrals, sums, products and limits. */
const isOther = ({ input }: Row): boolean =>
  /^(Matrix|Integral|Sum|Product|Limit|FiniteSet|Interval|EmptySet)|^\(x,|^[[{]/.test(input);

function expressionOf({ input, unevaluated: raw }: Row): sym.Expr | null {
  if (raw) return unevaluated[input] ?? null;
  return built[input] ?? sym.parse(input);
}
const printed = printing.filter((row) => !isOther(row) && expressionOf(row) !== null);

function formOf(print: (e: sym.Expr) => string, e: sym.Expr): string | null {
  try {
    return print(e);
  } catch (error) {
    if (error instanceof sym.UnsupportedError) return null;
    throw error;
  }
}
const printers = {
  str: sym.str,
  latex: sym.latex,
  pretty: sym.pretty,
  srepr: sym.srepr,
  ccode: sym.ccode,
  jscode: sym.jscode,
};
const differences = (rows: readonly Row[], form: Form): string[] =>
  rows
    .filter((row) => row[form] !== undefined)
    .filter((row) => formOf(printers[form], expressionOf(row) as sym.Expr) !== row[form])
    .map(({ input }) => input);

// In SymPy powers go into the cases, atan2(x, 1) is kept, and a sine of atan2 is computed.
const evaluatedOtherwise = [
  "Piecewise((x, x > 1), (1, True))**2",
  "atan2(x, 1)",
  "sin(atan2(y, x))",
  "(Piecewise((z, x > 2), (x*y, True)))**(1/3)",
];
// SymPy takes 1e100 for a number of 100 digits.
const common = ["1e100"];
/** Functions that are not in the catalog have only a name. */
const namesOnly = ["binomial(x, y)", "beta(x, y)", "zeta(x)", "LambertW(x)"];

describe("printed as SymPy prints", () => {
  it("has the tables' expressions", () => {
    expect(calculus).toHaveLength(1290);
    expect(printed).toHaveLength(350);
    const kept = new Set([...Object.keys(built), ...Object.keys(unevaluated)]);
    expect(printing.filter(({ input }) => kept.has(input))).toHaveLength(kept.size);
  });

  it.each([
    ["str", evaluatedOtherwise, common],
    ["latex", evaluatedOtherwise, [...common, ...namesOnly]],
    ["srepr", [], ["1e100", "asec(x)", ...namesOnly]],
  ] as const)("%s", (form, ofCalculus, ofPrinting) => {
    expect(differences(calculus, form)).toEqual(ofCalculus);
    expect(differences(printed, form).sort()).toEqual([...ofPrinting].sort());
  });

  it("pretty", () => {
    // zeta is a Greek letter by its name.
    const known = [...common, "binomial(x, y)", "beta(x, y)", "LambertW(x)"];
    expect(differences(printed, "pretty").sort()).toEqual(known.sort());
  });

  it("code", () => {
    const both = ["asec(x)", "true", "false"];
    expect(differences(printed, "ccode").sort()).toEqual(
      // An integer of more than 64 bits is a double.
      [...both, "binomial(x, y)", "beta(x, y)", "123456789012345678901234567890"].sort(),
    );
    expect(differences(printed, "jscode").sort()).toEqual([...both, "1e100", "nan"].sort());
  });

  it("more than the tables have", () => {
    // Each as SymPy 1.11.1 prints it.
    const texts: readonly (readonly [input: string, text: string, tex: string])[] = [
      ["exp(1/2)", "exp(1/2)", "e^{\\frac{1}{2}}"],
      ["exp(-2)*x", "x*exp(-2)", "\\frac{x}{e^{2}}"],
      ["Heaviside(x)**2", "Heaviside(x)**2", "\\left(\\theta\\left(x\\right)\\right)^{2}"],
      ["Heaviside(x, 1)", "Heaviside(x, 1)", "\\theta\\left(x, 1\\right)"],
      [
        "DiracDelta(x, 1)**2",
        "DiracDelta(x, 1)**2",
        "\\left(\\delta^{\\left( 1 \\right)}\\left( x \\right)\\right)^{2}",
      ],
      [
        "(x<y)&(y<1)|(x>3)",
        "(x > 3) | ((x < y) & (y < 1))",
        "\\left(x < y \\wedge y < 1\\right) \\vee x > 3",
      ],
    ];
    for (const [input, text, tex] of texts) {
      expect(sym.str(sym.parse(input))).toBe(text);
      expect(sym.latex(sym.parse(input))).toBe(tex);
    }
    const boxes = ["exp(-2)*x", "Max(x, y)**2", "DiracDelta(x, 1)", "-12*x/35 - 12/35"];
    expect(boxes.map((input) => sym.pretty(sym.parse(input)))).toEqual([
      "   -2\nx⋅ℯ  ",
      "         2\nMax(x, y) ",
      " (1)    \nδ    (x)",
      "  12⋅x   12\n- ──── - ──\n   35    35",
    ]);
  });

  it("names of symbols", () => {
    const names: readonly (readonly [name: string, tex: string, text: string])[] = [
      ["alphahat_3", "\\hat{\\alpha}_{3}", "α\u0302₃"],
      ["xdotprime", "{\\dot{x}}'", "x\u0307′"],
      ["Alpha", "\\mathrm{A}", "Α"],
      ["x_a_b^2", "x^{2}_{a b}", "x_a_b__2"],
      ["Psi1", "\\Psi_{1}", "Ψ₁"],
      ["v_i__n", "v^{n}_{i}", "vⁿᵢ"],
      ["{\\bf x}", "{\\bf x}", "{\\bf x}"],
      ["_", "_", "_"],
    ];
    for (const [name, tex, text] of names) {
      expect(sym.latex(sym.symbol(name))).toBe(tex);
      expect(sym.pretty(sym.symbol(name))).toBe(text);
    }
  });

  it("shows assumptions in srepr by few words", () => {
    const show = (assumptions: sym.Assumptions): string => sym.srepr(sym.symbol("n", assumptions));
    expect(show({ positive: true })).toBe("Symbol('n', positive=True)");
    expect(show({ integer: true, nonnegative: true })).toBe(
      "Symbol('n', integer=True, nonnegative=True)",
    );
    expect(show({ real: false })).toBe("Symbol('n', real=False)");
    expect(sym.srepr(sym.dummy("n"))).toMatch(/^Dummy\('n', dummy_index=\d+\)$/);
  });
});

describe("text", () => {
  it("is read back as an equal expression", () => {
    // A number times a sum is a sum where it is read: SymPy's parser has 2*x + 2 here too.
    const known = [
      "sqrt(sin((x/2)/(1 - x)))",
      "sin((x/2)/(x + 1))",
      "(cosh(atan(y) + ((x/2)/(3*x + 2))))*(acos(tan(x*y)) - (sinh((2*x)/z)))",
      "((x/2)/(x + 1))*erf(x**2)",
    ];
    const rows = [...calculus, ...printed].filter(
      ({ input, unevaluated: raw }) => !raw && built[input] === undefined,
    );
    expect(rows).toHaveLength(1610);
    const changed = rows.filter((row) => {
      const e = expressionOf(row) as sym.Expr;
      return !sym.parse(sym.str(e)).equals(e);
    });
    expect(changed.map(({ input }) => input)).toEqual(known);
  });

  it("is known to begin with a digit", () => {
    for (const row of printed) {
      walk(expressionOf(row) as sym.Expr, (part) => {
        expect(beginsWithDigit(part), row.input).toBe(/^\d/.test(sym.str(part)));
      });
    }
  });

  it("is refused where it would be too long", () => {
    let e: sym.Expr = x;
    for (let i = 0; i < 60; i++) e = sym.func("f")(e, e.add(1));
    for (const print of [sym.str, sym.latex, sym.pretty, sym.srepr, sym.toMathML]) {
      expect(() => print(e)).toThrow(
        /too long to print: its parts have more than 67108864 characters/,
      );
    }
    expect(inspect(x.add(1))).toBe("x + 1");
    expect(inspect(e)).toMatch(/^\[the expression is too long to print/);
  });

  it("is made of deep expressions", () => {
    let e: sym.Expr = x;
    for (let i = 0; i < 900; i++) e = sym.parse("sin(x)").subs(x, e);
    for (const print of [sym.str, sym.latex, sym.pretty, sym.srepr, sym.toMathML, sym.ccode]) {
      expect(print(e).split("sin")).toHaveLength(901);
    }
    expect(sym.fromJSON(sym.toJSON(e)).equals(e)).toBe(true);
  });

  it("in two dimensions has lines of one width", () => {
    for (const row of calculus) {
      const widths = sym
        .pretty(expressionOf(row) as sym.Expr)
        .split("\n")
        .map((line) => line.length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});

describe("code", () => {
  it("in JavaScript computes the values of the table", () => {
    let compared = 0;
    let complex = 0;
    let refused = 0;
    for (const row of calculus) {
      const code = formOf(sym.jscode, expressionOf(row) as sym.Expr);
      if (code === null) {
        refused++;
        continue;
      }
      const run = new Function("x", "y", "z", `return ${code};`) as (
        ...at: (number | undefined)[]
      ) => number;
      for (const { f: value, ...at } of row.points ?? []) {
        if (typeof value !== "number") continue;
        const got = run(at.x, at.y, at.z);
        // Real values by way of complex numbers are none in JavaScript.
        if (Number.isNaN(got)) {
          complex++;
          continue;
        }
        compared++;
        expect(Math.abs(got - value), row.input).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(value)),
        );
      }
    }
    expect({ compared, complex, refused }).toEqual({ compared: 3642, complex: 6, refused: 72 });
  });

  it("is refused with a clear error", () => {
    const refusals: readonly (readonly [sym.Expr, RegExp])[] = [
      [x.add(I), /^there is no C code for complex numbers$/],
      [sym.parse("f(x)"), /^there is no C code for the function f, which only has a name$/],
      [sym.parse("polygamma(2, x)"), /^there is no C code for the function polygamma$/],
      [d(f(x), [x, 1]), /derivative that is not computed/],
      [new Subs(f(x), x, zero), /substitution that is not carried out/],
      [new Order(x, x, zero), /left out of a series/],
      [sym.parse("Piecewise((x, x > 0))"), /cases without a last one/],
      [sym.symbol("x); abort("), /the symbol "x\); abort\(", whose name is no identifier/],
    ];
    for (const [e, message] of refusals) {
      expect(() => sym.ccode(e)).toThrow(sym.UnsupportedError);
      expect(() => sym.ccode(e)).toThrow(message);
    }
    expect(() => sym.jscode(sym.parse("erf(x)"))).toThrow(
      "there is no JavaScript code for the function erf",
    );
  });

  it("divides what it rewrites, and integers, as numbers", () => {
    const codes: readonly (readonly [input: string, c: string, javascript: string])[] = [
      ["x/coth(y)", "x/(1.0/tanh(y))", "x/(1/Math.tanh(y))"],
      ["-1/sec(x)", "-1/(1.0/cos(x))", "-1/(1/Math.cos(x))"],
      ["x*csch(y)", "x*(1.0/sinh(y))", "x*(1/Math.sinh(y))"],
      ["exp(-2)*x", "x*exp(-2)", "x*Math.exp(-2)"],
      [
        "sign(x)/sign(y)",
        "1.0*(((x) > 0) - ((x) < 0))/(((y) > 0) - ((y) < 0))",
        "Math.sign(x)/Math.sign(y)",
      ],
    ];
    for (const [input, inC, inJavaScript] of codes) {
      expect(sym.ccode(sym.parse(input))).toBe(inC);
      expect(sym.jscode(sym.parse(input))).toBe(inJavaScript);
    }
    const [n, m] = sym.symbols("n m", { integer: true });
    expect(sym.ccode(n.div(m))).toBe("1.0*n/m");
  });

  it("keeps clear of reserved words", () => {
    expect(sym.ccode(sym.symbol("register"))).toBe("register_");
    expect(sym.jscode(sym.symbol("function"))).toBe("function_");
    expect(sym.jscode(sym.symbol("α"))).toBe("α");
    expect(() => sym.ccode(sym.symbol("α"))).toThrow(sym.UnsupportedError);
  });
});

/** The elements of MathML with their number of children, or null where that is free. */
const arities: Readonly<Record<string, number | null>> = {
  math: 1,
  mrow: null,
  mfrac: 2,
  msqrt: 1,
  mroot: 2,
  msup: 2,
  msub: 2,
  msubsup: 3,
  mover: 2,
  mtable: null,
  mtr: 2,
  mtd: null,
};
const tokens = new Set(["mi", "mn", "mo", "mtext"]);

/** Throws unless the text is one well-formed element whose parts have their children. */
function checkMathML(text: string): void {
  const stack: { name: string; children: number }[] = [{ name: "", children: 0 }];
  let at = 0;
  for (const [tag, close, name, rest, content] of text.matchAll(
    /<(\/?)(\w+)((?: xmlns="[^"<>]*")?)>([^<>]*)/g,
  )) {
    expect(rest === "" || name === "math").toBe(true);
    at += tag.length;
    if (close === "") {
      const parent = stack[stack.length - 1];
      expect(tokens.has(parent.name)).toBe(false);
      parent.children++;
      stack.push({ name, children: 0 });
      if (tokens.has(name)) expect(content).toMatch(/^([^&]|&(amp|lt|gt);)+$/);
      else expect(content).toBe("");
    } else {
      const { name: opened, children } = stack.pop() as { name: string; children: number };
      expect(name).toBe(opened);
      expect(content).toBe("");
      const arity = tokens.has(name) ? 0 : arities[name];
      expect(arity).toBeDefined();
      if (arity !== null) expect(children, `${name} in ${text}`).toBe(arity);
    }
  }
  expect(at).toBe(text.length);
  expect(stack).toEqual([{ name: "", children: 1 }]);
}

describe("MathML", () => {
  it("is well-formed for every expression of the tables", () => {
    for (const row of [...calculus, ...printed])
      checkMathML(sym.toMathML(expressionOf(row) as sym.Expr));
    checkMathML(sym.toMathML(sym.symbol("<script>&\u0000")));
    checkMathML(sym.toMathML(sym.symbol("xhat_1__2")));
    expect(() => checkMathML("<math><mfrac><mi>x</mi></mfrac></math>")).toThrow();
    expect(() => checkMathML("<math><mi>x</mn></math>")).toThrow();
  });

  it("has the notation of formulas", () => {
    const shown = (text: string): string =>
      sym
        .toMathML(sym.parse(text))
        .replace(/^<math [^>]*>|<\/math>$/g, "")
        .replaceAll("<mo>\u2062</mo>", "<mo>*</mo>")
        .replaceAll("<mo>\u2061</mo>", "<mo>@</mo>");
    expect(shown("x**2/3 - 1")).toBe(
      "<mrow><mfrac><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></mfrac><mo>−</mo><mn>1</mn></mrow>",
    );
    expect(shown("sin(x)**2")).toBe(
      "<mrow><msup><mi>sin</mi><mn>2</mn></msup><mo>@</mo>" +
        "<mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>",
    );
    expect(shown("-2*x*(y + 1)")).toBe(
      "<mrow><mo>−</mo><mrow><mn>2</mn><mo>*</mo><mi>x</mi><mo>*</mo>" +
        "<mrow><mo>(</mo><mrow><mi>y</mi><mo>+</mo><mn>1</mn></mrow><mo>)</mo></mrow></mrow></mrow>",
    );
    expect(shown("3*2**(1/3)")).toBe(
      "<mrow><mn>3</mn><mo>⋅</mo><mroot><mn>2</mn><mn>3</mn></mroot></mrow>",
    );
    expect(shown("alpha_1 < 2")).toBe(
      "<mrow><msub><mi>α</mi><mn>1</mn></msub><mo>&lt;</mo><mn>2</mn></mrow>",
    );
  });
});

describe("what is no expression", () => {
  it("is not printed", () => {
    const { toMathML, toJSON } = sym;
    for (const print of [...Object.values(printers), toMathML, toJSON]) {
      expect(() => print("x" as unknown as sym.Expr)).toThrow(
        'expected an expression or a number, got the string "x": see parse',
      );
    }
    expect(sym.latex(0.5)).toBe("0.5");
  });
});

describe("notebooks", () => {
  it("find what to show", () => {
    const display = Symbol.for("Jupyter.display");
    const e = x.pow(2).div(y) as unknown as Record<symbol, () => Record<string, string>>;
    expect(e[display]()).toEqual({
      "text/plain": "x**2/y",
      "text/latex": "$\\displaystyle \\frac{x^{2}}{y}$",
      "text/html": sym.toMathML(x.pow(2).div(y)),
    });
  });
});

describe("JSON", () => {
  const again = (e: sym.Expr): sym.Expr => sym.fromJSON(JSON.parse(JSON.stringify(e)));

  it("gives equal expressions for all of the tables", () => {
    for (const row of [...calculus, ...printed]) {
      const e = expressionOf(row) as sym.Expr;
      if (row.unevaluated) continue;
      expect(again(e).equals(e), row.input).toBe(true);
      expect(sym.str(again(e))).toBe(sym.str(e));
    }
  });

  it("keeps assumptions and makes new dummies", () => {
    const n = sym.symbol("n", { integer: true, positive: true });
    const back = again(n) as sym.SymbolExpr;
    expect(back.equals(n)).toBe(true);
    expect(back.equals(sym.symbol("n"))).toBe(false);
    expect(sym.toJSON(n).nodes).toEqual([
      { kind: "symbol", name: "n", assumptions: { positive: true, integer: true } },
    ]);
    const t = sym.dummy("t");
    const e = again(t.mul(sym.func("sin")(t)));
    expect(sym.str(e)).toBe("t*sin(t)");
    expect(e.freeSymbols).toHaveLength(1);
    expect(e.has(t)).toBe(false);
  });

  it("shares subexpressions", () => {
    let e: sym.Expr = x;
    for (let i = 0; i < 60; i++) e = sym.func("f")(e, e.add(1));
    const data = sym.toJSON(e);
    expect(data.nodes).toHaveLength(2 + 60 * 2);
    expect(again(e).equals(e)).toBe(true);
  });

  it("orders arguments anew", () => {
    const e = sym.parse("x + y + 2*z + 3");
    const data = sym.toJSON(e);
    const last = data.nodes[data.nodes.length - 1];
    const nodes = [...data.nodes.slice(0, -1), { ...last, args: [...(last.args ?? [])].reverse() }];
    expect(sym.fromJSON({ ...data, nodes }).equals(e)).toBe(true);
  });

  it("refuses what is no expression", () => {
    const X = { kind: "symbol", name: "x" };
    const two = { kind: "integer", value: "2" };
    const truth = { kind: "boolean", value: true };
    const hostile: readonly (readonly [nodes: unknown, message: RegExp])[] = [
      [[], /nodes is no list/],
      [{ length: 1 }, /nodes is no list/],
      [[null], /nodes\[0\] is no object/],
      [[{ kind: "toString" }], /no kind "toString"/],
      [[{ kind: "__proto__" }], /no kind "__proto__"/],
      [[X, { kind: "add", args: [0, 1] }], /nodes\[1\]: an argument is 1, not the place/],
      [[X, { kind: "add", args: [0, -1] }], /an argument is -1/],
      [[X, { kind: "add", args: [0, 0.5] }], /an argument is 0.5/],
      [[X, { kind: "add", args: [0, "length"] }], /an argument is "length"/],
      [[X, { kind: "add", args: [0] }], /1 arguments, where there must be 2 or more/],
      [[X, { kind: "add", args: { 0: 0, 1: 0 } }], /args is no list/],
      [[X, truth, { kind: "mul", args: [0, 1] }], /an argument is a condition/],
      [[two, { kind: "not", args: [0] }], /an argument is no condition/],
      [[X, two, { kind: "piecewise", args: [0, 1] }], /an argument is no condition/],
      [[X, truth, { kind: "piecewise", args: [0, 1, 0] }], /a value has no condition/],
      [[X, { kind: "function", name: "constructor", args: [0] }], /no function "constructor"/],
      [[X, { kind: "function", name: "sin", args: [0, 0] }], /2 arguments, where there must be 1/],
      [[X, { kind: "function", name: 7, args: [0] }], /name is 7, no text/],
      [[X, { kind: "derivative", args: [0, 0], counts: [0] }], /a count is 0/],
      [[X, { kind: "derivative", args: [0, 0], counts: [1, 2] }], /must be 3/],
      [
        [X, two, { kind: "derivative", args: [0, 1], counts: [1] }],
        /a variable is of the kind int/,
      ],
      [[X, two, { kind: "subs", args: [0, 1, 0] }], /a variable is of the kind integer/],
      [[X, two, { kind: "order", args: [0, 1, 0] }], /a variable is of the kind integer/],
      [[X, { kind: "relational", relation: "=", args: [0, 0] }], /relation is "="/],
      [[{ kind: "integer", value: 2 }], /value is 2, no text/],
      [[{ kind: "integer", value: "0x10" }], /value is "0x10", no integer/],
      [[{ kind: "integer", value: "9".repeat(1_000_001) }], /more than 1000000 digits/],
      [[{ kind: "rational", p: "1", q: "0" }], /q is not greater than 1/],
      [[{ kind: "rational", p: "2", q: "4" }], /not in lowest terms/],
      [[{ kind: "float", value: "NaN", digits: 15 }], /no decimal number of 15 digits/],
      [[{ kind: "float", value: "1e99999999999999999", digits: 15 }], /no decimal number/],
      [[{ kind: "float", value: "1.5", digits: 1e9 }], /digits is 1000000000/],
      [[{ kind: "constant", name: "tau" }], /name is "tau"/],
      [[{ kind: "symbol", name: "" }], /name is "", no text/],
      [[{ ...X, assumptions: { purple: true } }], /no assumption "purple": true/],
      [[{ ...X, assumptions: { positive: true, real: false } }], /contradict each other/],
      [[{ ...X, unique: 1 }], /unique is 1, neither true nor false/],
    ];
    for (const [nodes, message] of hostile) {
      expect(() => sym.fromJSON({ version: 1, nodes })).toThrow(message);
    }
    expect(() => sym.fromJSON(null)).toThrow(/expected an object/);
    expect(() => sym.fromJSON({ version: 2, nodes: [X] })).toThrow(/version 2 is not known/);
    const chain: unknown[] = [X];
    for (let i = 0; i < 2000; i++) chain.push({ kind: "function", name: "sin", args: [i] });
    expect(() => sym.fromJSON({ version: 1, nodes: chain })).toThrow(/deeper than 1000 levels/);
  });
});
