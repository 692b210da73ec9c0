/** Values in decimals, to as many digits as are asked for. */
import type { Decimal } from "decimal.js";
import { ArgumentError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { add, mul } from "./core/arithmetic.js";
import type { Call, ConstantName, Expr, Node, Relation } from "./core/expr.js";
import {
  E,
  ExprMap,
  Float,
  I,
  isBoolean,
  isInteger,
  isMul,
  isNum,
  isNumeric,
  isPow,
  minusOne,
} from "./core/expr.js";
import { splitNumeric } from "./core/functions.js";
import { casesOf } from "./core/logic.js";
import { toDecimal } from "./core/numbers.js";
import { rebuild } from "./core/rebuild.js";
import type { ExprLike } from "./core/symbols.js";
import { sympify } from "./core/symbols.js";
import { UnsupportedError } from "./errors.js";
import type { Complex } from "./numeric/complex.js";
import { ComplexDecimals, isRealValue, isZeroValue } from "./numeric/complex.js";
import { catalan, erf, erfc, eulerGamma, gamma, loggamma, polygamma } from "./numeric/special.js";
import type { Replacements } from "./substitute.js";
import { xreplace } from "./substitute.js";

/** More digits are refused: decimal.js knows π to 1025, of which an angle takes twice as many. */
const mostDigits = 300;
/** The working precision is raised up to this. */
const mostWorking = 480;
/** What is smaller than this many digits beyond those asked for, and not settled, counts as zero. */
const zeroBeyond = 100;

type F = ComplexDecimals;
type Rule = (f: F, args: readonly Complex[]) => Complex | null;

const constants: Readonly<Record<ConstantName, ((f: F) => Decimal) | null>> = {
  pi: (f) => f.pi,
  E: (f) => f.D.exp(1),
  GoldenRatio: (f) => f.D.sqrt(5).plus(1).div(2),
  EulerGamma: (f) => eulerGamma(f.digits),
  Catalan: (f) => catalan(f.digits),
  I: null,
  oo: null,
  "-oo": null,
  zoo: null,
  nan: null,
};

const elementary =
  (run: (f: F, z: Complex) => Complex | null): Rule =>
  (f, [z]) =>
    run(f, z);
const reciprocal =
  (run: (f: F, z: Complex) => Complex): Rule =>
  (f, [z]) =>
    f.inv(run(f, z));
const realPart =
  (run: (f: F, z: Complex) => Decimal): Rule =>
  (f, [z]) =>
    f.real(run(f, z));
/** A rule for real arguments only. */
const ofReals =
  (run: (f: F, x: readonly Decimal[]) => Decimal | null): Rule =>
  (f, args) => {
    if (!args.every(isRealValue)) return null;
    const value = run(
      f,
      args.map(({ re }) => re),
    );
    return value === null ? null : f.real(value);
  };

const rules: Readonly<Record<string, Rule>> = {
  log: elementary((f, z) => (isZeroValue(z) ? null : f.log(z))),
  sin: elementary((f, z) => f.sin(z)),
  cos: elementary((f, z) => f.cos(z)),
  tan: elementary((f, z) => f.tan(z)),
  cot: elementary((f, z) => f.div(f.cos(z), f.sin(z))),
  sec: reciprocal((f, z) => f.cos(z)),
  csc: reciprocal((f, z) => f.sin(z)),
  asin: elementary((f, z) => f.asin(z)),
  acos: elementary((f, z) => f.acos(z)),
  atan: elementary((f, z) => f.atan(z)),
  acot: elementary((f, z) => (isZeroValue(z) ? f.real(f.pi.div(2)) : f.atan(f.inv(z)))),
  sinh: elementary((f, z) => f.sinh(z)),
  cosh: elementary((f, z) => f.cosh(z)),
  tanh: elementary((f, z) => f.tanh(z)),
  coth: reciprocal((f, z) => f.tanh(z)),
  sech: reciprocal((f, z) => f.cosh(z)),
  csch: reciprocal((f, z) => f.sinh(z)),
  asinh: elementary((f, z) => f.asinh(z)),
  acosh: elementary((f, z) => f.acosh(z)),
  atanh: elementary((f, z) => f.atanh(z)),
  acoth: elementary((f, z) =>
    isZeroValue(z) ? { re: f.zero.re, im: f.pi.div(2) } : f.atanh(f.inv(z)),
  ),
  erf: elementary(erf),
  erfc: elementary(erfc),
  gamma: elementary(gamma),
  loggamma: elementary(loggamma),
  factorial: elementary((f, z) => gamma(f, f.add(z, f.one))),
  polygamma: (f, [n, z]) =>
    isRealValue(n) && n.re.isInteger() && !n.re.isNegative() && n.re.lte(1000)
      ? polygamma(f, n.re.toNumber(), z)
      : null,
  Abs: realPart((f, z) => f.abs(z)),
  arg: realPart((f, z) => f.arg(z)),
  re: realPart((_, z) => z.re),
  im: realPart((_, z) => z.im),
  conjugate: elementary((_, z) => ({ re: z.re, im: z.im.neg() })),
  sign: elementary((f, z) => (isZeroValue(z) ? f.zero : f.div(z, f.real(f.abs(z))))),
  floor: elementary((_, z) => ({ re: z.re.floor(), im: z.im.floor() })),
  ceiling: elementary((_, z) => ({ re: z.re.ceil(), im: z.im.ceil() })),
  Max: ofReals((f, x) => f.D.max(...x)),
  Min: ofReals((f, x) => f.D.min(...x)),
  Heaviside: ofReals((f, [x, atZero]) => {
    if (x.isZero()) return atZero ?? f.one.re.div(2);
    return x.isNegative() ? f.zero.re : f.one.re;
  }),
  atan2: ofReals((f, [y, x]) => f.arg({ re: x, im: y })),
};

const comparisons: Readonly<Record<Relation, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** Values of subexpressions with one working precision; null where there is none. */
class Evaluation {
  private readonly memo = new ExprMap<Complex | null>();
  private readonly f: F;

  constructor(digits: number) {
    this.f = new ComplexDecimals(digits);
  }

  of(e: Expr): Complex | null {
    let value = this.memo.get(e);
    if (value === undefined) {
      value = this.find(e as Node);
      if (value !== null && !(value.re.isFinite() && value.im.isFinite())) value = null;
      this.memo.set(e, value);
    }
    return value;
  }

  private all(args: readonly Expr[]): Complex[] | null {
    const values: Complex[] = [];
    for (const arg of args) {
      const value = this.of(arg);
      if (value === null) return null;
      values.push(value);
    }
    return values;
  }

  private find(e: Node): Complex | null {
    const { f } = this;
    if (isNum(e)) return f.real(toDecimal(e, f.digits));
    switch (e.kind) {
      case "constant": {
        if (e === I) return f.i;
        const compute = constants[e.name];
        return compute === null ? null : f.real(compute(f));
      }
      case "add":
        return this.all(e.args)?.reduce((a, b) => f.add(a, b)) ?? null;
      case "mul":
        return this.all(e.args)?.reduce((a, b) => f.mul(a, b)) ?? null;
      case "pow": {
        const exponent = this.of(e.exponent);
        if (exponent === null) return null;
        if (e.base === E) return f.exp(exponent);
        const base = this.of(e.base);
        return base === null ? null : f.pow(base, exponent);
      }
      case "function":
        return this.call(e);
      case "piecewise":
        for (const [value, condition] of casesOf(e)) {
          const holds = this.decide(condition as Node);
          if (holds === null) return null;
          if (holds) return this.of(value);
        }
        return null;
      default:
        return null;
    }
  }

  private call(e: Call): Complex | null {
    const rule = e.defined && Object.hasOwn(rules, e.name) ? rules[e.name] : undefined;
    if (rule === undefined) return null;
    const args = this.all(e.args);
    return args === null ? null : rule(this.f, args);
  }

  private decide(e: Node): boolean | null {
    switch (e.kind) {
      case "boolean":
        return e.value;
      case "not": {
        const inner = this.decide(e.args[0] as Node);
        return inner === null ? null : !inner;
      }
      case "and":
      case "or": {
        const parts = e.args.map((arg) => this.decide(arg as Node));
        const settles = e.kind === "or";
        if (parts.includes(settles)) return settles;
        return parts.includes(null) ? null : !settles;
      }
      case "relational": {
        const values = this.all(e.args);
        if (values === null) return null;
        const [a, b] = values;
        if (isRealValue(a) && isRealValue(b)) return comparisons[e.relation](a.re.cmp(b.re));
        if (e.relation !== "==" && e.relation !== "!=") return null;
        return (a.re.eq(b.re) && a.im.eq(b.im)) === (e.relation === "==");
      }
      default:
        return null;
    }
  }
}

/**
 * A part of a value as two working precisions have it: settled, zero beside the whole (`size`), or (null) not certain.
 */
function settle(
  coarse: Decimal,
  fine: Decimal,
  size: Decimal,
  digits: number,
  working: number,
): Decimal | null {
  if (fine.isZero() && coarse.isZero()) return fine;
  const error = coarse.minus(fine).abs();
  if (error.lte(fine.abs().times(`1e-${digits + 2}`))) return fine;
  // Noise shrinks with the working precision.
  const noise = size.times(`1e-${working - 8}`);
  if (coarse.abs().lt(noise) && fine.abs().lt(noise.times(1e-10))) return fine.times(0);
  return null;
}

/**
 * The value of an expression without symbols, each of its parts to so many significant digits; null where there is
 * none. Cancellation is met by a higher working precision: two of them must agree.
 */
export function decimalValue(e: Expr, digits: number): Complex | null {
  let working = digits + 8;
  let before = new Evaluation(working).of(e);
  if (before === null) return null;
  for (;;) {
    if (working === mostWorking) break;
    const next = Math.min(mostWorking, Math.ceil(working * 1.4) + 12);
    const value = new Evaluation(next).of(e);
    if (value === null) return null;
    const size = value.re.abs().plus(value.im.abs());
    if (size.isZero()) return value;
    const re = settle(before.re, value.re, size, digits, working);
    const im = settle(before.im, value.im, size, digits, working);
    if (re !== null && im !== null) return { re, im };
    // What is left of terms that cancel shrinks with the working precision.
    const shrinks = size.lt(before.re.abs().plus(before.im.abs()).times(1e-8));
    if (shrinks && size.lt(`1e-${digits + zeroBeyond}`))
      return { re: size.times(0), im: size.times(0) };
    before = value;
    working = next;
  }
  throw new UnsupportedError(
    `evalf: ${digits} digits of the value are not certain with ${mostWorking} digits`,
  );
}

/** The node of a value. */
function fromValue({ re, im }: Complex, digits: number): Expr {
  const real = new Float(re, digits);
  if (im.isZero()) return real;
  const imaginary = mul(new Float(im, digits), I);
  return re.isZero() ? imaginary : add(real, imaginary);
}

/** Numbers and constants in decimals, where symbols stay. Whole exponents and arguments of functions stay too. */
class Approximation {
  private readonly memo = new ExprMap<Expr>();
  private readonly digits: number;

  constructor(digits: number) {
    this.digits = digits;
  }

  of(e: Expr): Expr {
    let found = this.memo.get(e);
    if (found === undefined) {
      found = this.find(e as Node);
      this.memo.set(e, found);
    }
    return found;
  }

  private find(e: Node): Expr {
    if (isNumeric(e)) {
      const value = decimalValue(e, this.digits);
      return value === null ? e : fromValue(value, this.digits);
    }
    if (isMul(e)) {
      const [numeric, symbolic] = splitNumeric(e);
      const factors = symbolic.map((factor) => this.of(factor));
      const number = mul(...numeric);
      return mul(number === minusOne ? number : this.of(number), ...factors);
    }
    if (isPow(e)) {
      const exponent = isInteger(e.exponent) ? e.exponent : this.of(e.exponent);
      return e.base === E ? e : rebuild(e, [this.of(e.base), exponent]);
    }
    const inside =
      e.kind === "add" ||
      e.kind === "piecewise" ||
      isBoolean(e) ||
      (e.kind === "function" && e.defined && (e.name === "Max" || e.name === "Min"));
    return inside
      ? rebuild(
          e,
          e.args.map((arg) => this.of(arg)),
        )
      : e;
  }
}

export interface EvalfOptions {
  /** Values of symbols. */
  subs?: Replacements;
}

/**
 * The value in decimals to so many significant digits. Symbols stay, with their coefficients in decimals.
 *
 * @throws UnsupportedError where so many digits cannot be told.
 * @example
 * String(sym.evalf(sym.parse("exp(pi*sqrt(163))"), 30)) // "262537412640768743.999999999999"
 */
export function evalf(e: ExprLike, digits = 15, options: EvalfOptions = {}): Expr {
  checkOptions(options, ["subs"], "evalf");
  if (!Number.isInteger(digits) || digits < 1 || digits > mostDigits) {
    throw new ArgumentError(`evalf: expected 1 to ${mostDigits} digits, got ${digits}`);
  }
  let given = sympify(e);
  if (options.subs !== undefined) given = xreplace(given, options.subs);
  return new Approximation(digits).of(given);
}
