/** The functions' values where they are simpler than the function: special points, symmetries, inverses. */

import { ArgumentError } from "../../core/errors.js";
import { approximate } from "./approximate.js";
import { add, div, exp, mul, neg, pow, sqrt, sub } from "./arithmetic.js";
import {
  ask,
  isNegative,
  isNonnegative,
  isNull,
  isPositive,
  isReal,
  isWhole,
} from "./assumptions.js";
import { catalog } from "./catalog.js";
import type { Constant, Exact, Expr, Num } from "./expr.js";
import {
  Call,
  E,
  EulerGamma,
  ExprSet,
  Float,
  fromRatio,
  half,
  I,
  integer,
  isAdd,
  isCall,
  isExact,
  isExp,
  isInteger,
  isMul,
  isNum,
  isNumeric,
  isPow,
  minusOne,
  nan,
  negativeInfinity,
  one,
  oo,
  pi,
  two,
  zero,
  zoo,
} from "./expr.js";
import { abs, floorDivide, mod, withoutFactor } from "./integers.js";
import { addNums, compareNums, decimals, isZero, signOf } from "./numbers.js";
import { compareShown, hasLeadingMinus } from "./order.js";
import { factorsOf, splitCoefficient, termsOf } from "./parts.js";
import { bernoulli, ratio } from "./rational.js";

type Rule = (...args: Expr[]) => Expr | null;

const rational = (p: number | bigint, q: number | bigint): Exact =>
  fromRatio(ratio(BigInt(p), BigInt(q)));

/** The rational multiple of pi that e is. */
function ofPi(e: Expr): Exact | null {
  if (e === zero) return zero;
  const [coefficient, rest] = splitCoefficient(e);
  return rest === pi && isExact(coefficient) ? coefficient : null;
}

/** e as a multiple of pi and the rest, where e is a sum with such a term. */
function splitPi(e: Expr): [turns: Exact, rest: Expr] | null {
  if (!isAdd(e)) return null;
  for (const term of e.args) {
    const turns = ofPi(term);
    if (turns !== null) return [turns, sub(e, term)];
  }
  return null;
}

const root = (n: number): Expr => sqrt(integer(n));
const over = (e: Expr, n: number): Expr => mul(rational(1, n), e);

/** sin(pi r) for 0 ≤ r ≤ 1/2 where it has a short form in square roots, by the denominator and numerator of r. */
const sines: Readonly<Record<string, () => Expr>> = {
  "0/1": () => zero,
  "1/2": () => one,
  "1/6": () => half,
  "1/4": () => over(root(2), 2),
  "1/3": () => over(root(3), 2),
  "1/10": () => add(rational(-1, 4), over(root(5), 4)),
  "3/10": () => add(rational(1, 4), over(root(5), 4)),
  "1/5": () => sqrt(add(rational(5, 8), mul(rational(-1, 8), root(5)))),
  "2/5": () => sqrt(add(rational(5, 8), mul(rational(1, 8), root(5)))),
  "1/12": () => add(mul(rational(-1, 4), root(2)), over(root(6), 4)),
  "5/12": () => add(over(root(2), 4), over(root(6), 4)),
  "1/8": () => sqrt(add(half, mul(rational(-1, 4), root(2)))),
  "3/8": () => sqrt(add(half, mul(rational(1, 4), root(2)))),
};

/** sin(pi r), or null where it stays as it is: then for 0 < r < 1/2 only. */
function sinOfPi(r: Exact): Expr | null {
  let { p } = r;
  const { q } = r;
  p = mod(p, 2n * q);
  let sign = 1;
  if (p >= q) {
    p -= q;
    sign = -1;
  }
  if (2n * p > q) p = q - p;
  const found = sines[`${p}/${p === 0n ? 1n : q}`];
  const value =
    found !== undefined
      ? found()
      : rational(p, q).equals(r)
        ? null
        : call("sin", mul(rational(p, q), pi));
  return value === null ? null : sign < 0 ? neg(value) : value;
}

function cosOfPi(r: Exact): Expr | null {
  const { q } = r;
  let p = mod(r.p, 2n * q);
  if (p > q) p = 2n * q - p; // cos is even about pi
  const negative = 2n * p > q;
  if (negative) p = q - p;
  // sin(pi (1/2 - p/q))
  const complement = rational(q - 2n * p, 2n * q);
  const found = sines[`${complement.p}/${complement.p === 0n ? 1n : complement.q}`];
  const value =
    found !== undefined
      ? found()
      : rational(p, q).equals(r)
        ? null
        : call("cos", mul(rational(p, q), pi));
  return value === null ? null : negative ? neg(value) : value;
}

const tangents: Readonly<Record<string, () => Expr>> = {
  "0/1": () => zero,
  "1/4": () => one,
  "1/6": () => over(root(3), 3),
  "1/3": () => root(3),
  "1/2": () => zoo,
  "1/12": () => sub(two, root(3)),
  "5/12": () => add(two, root(3)),
  "1/8": () => add(minusOne, root(2)),
  "3/8": () => add(one, root(2)),
};
function tanOfPi(r: Exact): Expr | null {
  const { q } = r;
  let p = mod(r.p, q);
  const negative = 2n * p > q;
  if (negative) p = q - p;
  const found = tangents[`${p}/${p === 0n ? 1n : q}`];
  const value =
    found !== undefined
      ? found()
      : rational(p, q).equals(r)
        ? null
        : call("tan", mul(rational(p, q), pi));
  return value === null ? null : negative ? neg(value) : value;
}

/** Symmetry about zero: the sign of the argument comes out. */
const symmetric =
  (name: string, rule: Rule): Rule =>
  (...args) => {
    const found = rule(...args);
    if (found !== null) return found;
    const [x] = args;
    if (!hasLeadingMinus(x)) return null;
    const value = call(name, neg(x));
    return catalog[name].parity === "odd" ? neg(value) : value;
  };

const one1 = (x: Expr): Expr => add(one, pow(x, two));
/** Of the inverse functions, what another function makes of them. */
const inverses: Readonly<Record<string, Readonly<Record<string, (x: Expr) => Expr>>>> = {
  sin: {
    asin: (x) => x,
    acos: (x) => sqrt(sub(one, pow(x, two))),
    atan: (x) => div(x, sqrt(one1(x))),
  },
  cos: {
    acos: (x) => x,
    asin: (x) => sqrt(sub(one, pow(x, two))),
    atan: (x) => pow(one1(x), rational(-1, 2)),
  },
  tan: {
    atan: (x) => x,
    asin: (x) => div(x, sqrt(sub(one, pow(x, two)))),
    acos: (x) => div(sqrt(sub(one, pow(x, two))), x),
  },
  sinh: {
    asinh: (x) => x,
    acosh: (x) => mul(sqrt(sub(x, one)), sqrt(add(x, one))),
    atanh: (x) => div(x, sqrt(sub(one, pow(x, two)))),
  },
  cosh: {
    acosh: (x) => x,
    asinh: (x) => sqrt(one1(x)),
    atanh: (x) => pow(sub(one, pow(x, two)), rational(-1, 2)),
  },
  tanh: {
    atanh: (x) => x,
    asinh: (x) => div(x, sqrt(one1(x))),
    acosh: (x) => div(mul(sqrt(sub(x, one)), sqrt(add(x, one))), x),
  },
  asin: {},
};
const ofInverse = (name: string, x: Expr): Expr | null =>
  x.kind === "function" ? (inverses[name]?.[(x as Call).name]?.(x.args[0]) ?? null) : null;

/** The angles whose sine is such a number. */
function angleOf(x: Expr, table: Readonly<Record<string, () => Expr>>): Exact | null {
  if (!isNumeric(x)) return null;
  const value = approximate(x);
  if (value === null || value.im !== 0) return null;
  for (const [key, make] of Object.entries(table)) {
    const [p, q] = key.split("/").map(Number);
    const candidate = make();
    if (candidate === zoo) continue;
    const number = approximate(candidate) as { re: number };
    if (Math.abs(number.re - value.re) < 1e-12 && candidate.equals(x)) return rational(p, q);
  }
  return null;
}

const log: Rule = (x) => {
  if (isNum(x)) {
    if (isZero(x)) return zoo;
    if (x === one) return zero;
    if (signOf(x) < 0) return add(mul(I, pi), call("log", neg(x)));
    if (isExact(x) && x.p === 1n) return neg(call("log", integer(x.q)));
    return null;
  }
  if (x === E) return one;
  if (x === oo || x === negativeInfinity) return oo;
  if (x === zoo) return zoo;
  if (x === I) return mul(half, I, pi);
  if (isExp(x) && isReal(x.exponent)) return x.exponent;
  const [coefficient, rest] = splitCoefficient(x);
  if (rest === I && isExact(coefficient)) {
    return add(
      mul(rational(signOf(coefficient), 2), I, pi),
      call(
        "log",
        fromRatio(ratio(signOf(coefficient) < 0 ? -coefficient.p : coefficient.p, coefficient.q)),
      ),
    );
  }
  if (isNumeric(x) && isNegative(x)) return add(mul(I, pi), call("log", neg(x)));
  return null;
};

const sin: Rule = symmetric("sin", (x) => {
  if (x === oo || x === negativeInfinity || x === zoo) return null;
  const turns = ofPi(x);
  if (turns !== null) {
    return signOf(turns) < 0 ? neg(call("sin", neg(x))) : sinOfPi(turns);
  }
  const wholeTurns = multipleOfPi(x);
  if (wholeTurns !== null) return zero;
  const imaginary = imaginaryFactor(x);
  if (imaginary !== null) return mul(I, call("sinh", imaginary));
  const split = splitPi(x);
  if (split !== null) {
    const [r, rest] = split;
    if (r.q <= 2n) {
      const sign = mod(floorDivide(r.p, r.q), 2n) === 0n ? one : minusOne;
      return mul(sign, call(r.q === 1n ? "sin" : "cos", rest));
    }
  }
  return ofInverse("sin", x);
});
const cos: Rule = symmetric("cos", (x) => {
  if (x === oo || x === negativeInfinity || x === zoo) return null;
  const turns = ofPi(x);
  if (turns !== null) return signOf(turns) < 0 ? call("cos", neg(x)) : cosOfPi(turns);
  const whole = multipleOfPi(x);
  if (whole !== null) return pow(minusOne, whole);
  const imaginary = imaginaryFactor(x);
  if (imaginary !== null) return call("cosh", imaginary);
  const split = splitPi(x);
  if (split !== null) {
    const [r, rest] = split;
    if (r.q === 1n) return mul(mod(r.p, 2n) === 0n ? one : minusOne, call("cos", rest));
    if (r.q === 2n) {
      const sign = mod(floorDivide(r.p, 2n), 2n) === 0n ? minusOne : one;
      return mul(sign, call("sin", rest));
    }
  }
  return ofInverse("cos", x);
});
const tan: Rule = symmetric("tan", (x) => {
  if (x === oo || x === negativeInfinity || x === zoo) return null;
  const turns = ofPi(x);
  if (turns !== null) return signOf(turns) < 0 ? neg(call("tan", neg(x))) : tanOfPi(turns);
  if (multipleOfPi(x) !== null) return zero;
  const imaginary = imaginaryFactor(x);
  if (imaginary !== null) return mul(I, call("tanh", imaginary));
  const split = splitPi(x);
  if (split !== null) {
    const [r, rest] = split;
    if (r.q === 1n) return call("tan", rest);
    if (r.q === 2n) return neg(call("cot", rest));
  }
  return ofInverse("tan", x);
});

/** The integer n of n · pi, for a symbol that is one. */
function multipleOfPi(x: Expr): Expr | null {
  if (!isMul(x) || !x.args.includes(pi)) return null;
  const rest = div(x, pi);
  return isWhole(rest) ? rest : null;
}
/** What I is multiplied by. */
function imaginaryFactor(x: Expr): Expr | null {
  if (x === I) return one;
  return isMul(x) && x.args.includes(I) ? mul(...x.args.filter((arg) => arg !== I)) : null;
}

const reciprocalOf =
  (name: string, of: string): Rule =>
  (x) => {
    const value = call(of, x);
    const base = isCall(value, of) ? null : value;
    if (base !== null && !isCall(splitCoefficient(base)[1])) return div(one, value);
    if (hasLeadingMinus(x))
      return catalog[name].parity === "odd" ? neg(call(name, neg(x))) : call(name, neg(x));
    return null;
  };

const asin: Rule = symmetric("asin", (x) => {
  const r = angleOf(x, sines);
  return r === null ? null : mul(r, pi);
});
const acos: Rule = (x) => {
  const r = angleOf(x, sines);
  if (r !== null) return mul(sub(half, r), pi);
  const negative = hasLeadingMinus(x) ? angleOf(neg(x), sines) : null;
  return negative === null ? null : mul(add(half, negative), pi);
};
const atan: Rule = symmetric("atan", (x) => {
  if (x === oo) return mul(half, pi);
  if (x === negativeInfinity) return mul(rational(-1, 2), pi);
  const r = angleOf(x, tangents);
  return r === null ? null : mul(r, pi);
});

/** A hyperbolic function at zero, at infinity, at an imaginary argument and at its inverse. */
const hyperbolic = (
  name: string,
  atZero: Expr,
  atInfinity: Expr,
  turned: (x: Expr) => Expr,
): Rule =>
  symmetric(name, (x) => {
    if (x === zero) return atZero;
    if (x === oo) return atInfinity;
    if (x === negativeInfinity)
      return catalog[name].parity === "odd" ? neg(atInfinity) : atInfinity;
    const imaginary = imaginaryFactor(x);
    if (imaginary !== null) return turned(imaginary);
    return ofInverse(name, x);
  });

/** Factors of known sign and magnitude come out of |x|. */
const Abs: Rule = (x) => {
  if (isNum(x)) return signOf(x) < 0 ? neg(x) : x;
  if (x === I) return one;
  if (x === oo || x === negativeInfinity || x === zoo) return oo;
  if (x === nan) return nan;
  if (isNonnegative(x)) return x;
  if (isNegative(x) || ask(x, "nonpositive")) return neg(x);
  if (isMul(x)) {
    const known: Expr[] = [];
    const open: Expr[] = [];
    for (const arg of x.args) {
      const value = call("Abs", arg);
      if (isCall(value, "Abs") && value.args[0].equals(arg)) open.push(arg);
      else known.push(value);
    }
    if (known.length > 0) return mul(...known, open.length === 0 ? one : call("Abs", mul(...open)));
    return null;
  }
  if (isCall(x, "Abs")) return x;
  if (isAdd(x) && x.args.every((term) => isReal(term) || ask(term, "imaginary"))) {
    const imaginary = x.args.filter((term) => !isReal(term));
    if (imaginary.length > 0) {
      const re = add(...x.args.filter((term) => isReal(term)));
      return sqrt(add(pow(re, two), pow(mul(I, add(...imaginary)), two)));
    }
  }
  if (isPow(x)) {
    if (isReal(x.base) && isWhole(x.exponent)) {
      return ask(x.exponent, "even") ? x : pow(call("Abs", x.base), x.exponent);
    }
    if (isNonnegative(x.base) && isReal(x.exponent)) return x;
    if (x.base === E) return exp(call("re", x.exponent));
    if (isReal(x.exponent)) return pow(call("Abs", x.base), x.exponent);
  }
  return hasLeadingMinus(x) ? call("Abs", neg(x)) : null;
};

const sign: Rule = (x) => {
  if (isNull(x)) return zero;
  if (isPositive(x)) return one;
  if (isNegative(x)) return minusOne;
  if (x === I) return I;
  if (isCall(x, "sign")) return x;
  if (isMul(x)) {
    let known: Expr = one;
    const open = x.args.filter((arg) => {
      const value = isPositive(arg) ? one : isNegative(arg) ? minusOne : arg === I ? I : null;
      if (value !== null) known = mul(known, value);
      return value === null;
    });
    if (open.length < x.args.length) return mul(known, call("sign", mul(...open)));
  }
  return null;
};

/** floor, or (up) ceiling. */
const rounding =
  (name: string, up: boolean): Rule =>
  (x) => {
    if (isExact(x)) return integer(up ? -floorDivide(-x.p, x.q) : floorDivide(x.p, x.q));
    if (x instanceof Float)
      return integer(BigInt((up ? x.value.ceil() : x.value.floor()).toFixed()));
    if (x === oo || x === negativeInfinity || x === zoo) return x;
    if (isWhole(x)) return x;
    if (isCall(x, "floor") || isCall(x, "ceiling")) return x;
    if (isNumeric(x)) {
      const value = approximate(x);
      const near = value === null ? Number.NaN : Math.abs(value.re - Math.round(value.re));
      if (
        value !== null &&
        value.im === 0 &&
        near > 1e-9 * Math.max(1, Math.abs(value.re)) &&
        Math.abs(value.re) < 2 ** 52
      ) {
        return integer(up ? Math.ceil(value.re) : Math.floor(value.re));
      }
      return null;
    }
    const whole = termsOf(x).filter((term) => isWhole(term));
    if (whole.length === 0) return null;
    const rest = sub(x, add(...whole));
    return add(call(name, rest), ...whole);
  };

/** Max, or (least) Min: numbers are compared, and what is certainly not the answer goes. */
const extreme =
  (name: string, least: boolean): Rule =>
  (...given) => {
    const parts = new ExprSet();
    let number: Num | null = null;
    const collect = (e: Expr): void => {
      if (isCall(e, name)) e.args.forEach(collect);
      else if (isNum(e)) {
        if (number === null || compareNums(e, number) > 0 !== least) number = e;
      } else parts.add(e);
    };
    given.forEach(collect);
    const [top, bottom] = least ? [negativeInfinity, oo] : [oo, negativeInfinity];
    if (parts.has(top)) return top;
    const list = parts.list.filter((part) => part !== bottom);
    if (number !== null) list.push(number);
    const kept = list.filter(
      (part, i) =>
        !list.some((other, j) => {
          if (i === j) return false;
          const difference = least ? sub(part, other) : sub(other, part);
          return (
            isPositive(difference) ||
            (isNonnegative(difference) && (j < i || !isNonnegative(neg(difference))))
          );
        }),
    );
    if (kept.length === 0) return bottom;
    if (kept.length === 1) return kept[0];
    const sorted = kept.sort(compareShown);
    if (sorted.length === given.length && sorted.every((part, i) => part === given[i])) return null;
    return new Call(name, sorted, true);
  };

const gamma: Rule = (x) => {
  if (isInteger(x)) return x.p <= 0n ? zoo : factorialOf(x.p - 1n);
  if (x === oo) return oo;
  if (isExact(x) && x.q === 2n) {
    // gamma(n + 1/2) by doubling: (2n − 1)!! √π / 2^n.
    const n = (x.p - 1n) / 2n;
    if (n > 500n || n < -500n) return null;
    let value: Expr = sqrt(pi);
    if (x.p > 0n) for (let i = 1n; i < x.p; i += 2n) value = mul(value, rational(i, 2n));
    else for (let i = -1n; i >= x.p; i -= 2n) value = mul(value, rational(2n, i));
    return value;
  }
  return null;
};
function factorialOf(n: bigint): Expr {
  if (n > 10_000n) throw new ArgumentError(`the factorial of ${n} has too many digits`);
  let product = 1n;
  for (let i = 2n; i <= n; i++) product *= i;
  return integer(product);
}

/** n! ζ(n + 1), a multiple of π^(n + 1) for odd n. */
function oddPolygammaAtOne(n: bigint): Expr {
  const { p, q } = bernoulli(Number((n + 1n) / 2n));
  return mul(rational(abs(p) * 2n ** n, q * (n + 1n)), pow(pi, integer(n + 1n)));
}

const polygamma: Rule = (n, x) => {
  if (!isInteger(n)) return null;
  if (x === oo) return n === zero ? oo : zero;
  if (isInteger(x)) {
    if (x.p <= 0n) return zoo;
    if (n === zero && x.p <= 200n) {
      let sum: Expr = neg(EulerGamma);
      for (let i = 1n; i < x.p; i++) sum = add(sum, rational(1n, i));
      return sum;
    }
    if (n.p % 2n === 1n && n.p < 200n && x.p <= 200n) {
      let sum = zero as Exact;
      for (let i = 1n; i < x.p; i++) sum = addNums(sum, rational(1n, i ** (n.p + 1n))) as Exact;
      return sub(oddPolygammaAtOne(n.p), mul(sum, factorialOf(n.p)));
    }
  }
  if (n.p % 2n === 1n && n.p < 200n && x === half)
    return mul(integer(2n ** (n.p + 1n) - 1n), oddPolygammaAtOne(n.p));
  if (n === zero && x === half) return sub(neg(EulerGamma), mul(two, call("log", two)));
  return null;
};

const loggamma: Rule = (x) => {
  if (isInteger(x)) return x.p <= 0n ? oo : call("log", gamma(x) as Expr);
  return x === oo ? oo : null;
};

/** re or im of what is known to be real, imaginary, or a sum or product of such. */
const part =
  (name: "re" | "im"): Rule =>
  (x) => {
    const real = name === "re";
    if (isReal(x)) return real ? x : zero;
    if (ask(x, "imaginary")) return real ? zero : mul(minusOne, I, x);
    if (isAdd(x)) {
      const known: Expr[] = [];
      const open: Expr[] = [];
      for (const term of x.args) {
        if (isReal(term) || ask(term, "imaginary")) known.push(call(name, term));
        else open.push(term);
      }
      if (known.length > 0)
        return add(...known, open.length === 0 ? zero : call(name, add(...open)));
    }
    if (isMul(x)) {
      const reals = x.args.filter((arg) => isReal(arg));
      if (reals.length > 0)
        return mul(...reals, call(name, mul(...x.args.filter((arg) => !isReal(arg)))));
      if (x.args.includes(I)) {
        const rest = mul(...x.args.filter((arg) => arg !== I));
        return real ? neg(call("im", rest)) : call("re", rest);
      }
    }
    return null;
  };

const rules: Readonly<Record<string, Rule>> = {
  log,
  sin,
  cos,
  tan,
  cot: (x) => {
    const turns = ofPi(x);
    const value = turns === null ? null : call("tan", x);
    if (value !== null && !isCall(splitCoefficient(value)[1], "tan"))
      return value === zoo ? zero : div(one, value);
    return hasLeadingMinus(x) ? neg(call("cot", neg(x))) : null;
  },
  sec: reciprocalOf("sec", "cos"),
  csc: reciprocalOf("csc", "sin"),
  asin,
  acos,
  atan,
  acot: (x) =>
    x === zero
      ? mul(half, pi)
      : isNumeric(x) && !isCall(call("atan", x))
        ? call("atan", div(one, x))
        : null,
  sinh: hyperbolic("sinh", zero, oo, (x) => mul(I, call("sin", x))),
  cosh: hyperbolic("cosh", one, oo, (x) => call("cos", x)),
  tanh: hyperbolic("tanh", zero, one, (x) => mul(I, call("tan", x))),
  coth: hyperbolic("coth", zoo, one, (x) => mul(minusOne, I, call("cot", x))),
  sech: hyperbolic("sech", one, zero, (x) => call("sec", x)),
  csch: hyperbolic("csch", zoo, zero, (x) => mul(minusOne, I, call("csc", x))),
  asinh: symmetric("asinh", (x) =>
    x === zero ? zero : x === oo ? oo : x === one ? call("log", add(one, root(2))) : null,
  ),
  acosh: (x) =>
    x === one
      ? zero
      : x === zero
        ? mul(half, I, pi)
        : x === oo
          ? oo
          : x === minusOne
            ? mul(I, pi)
            : null,
  atanh: symmetric("atanh", (x) =>
    x === zero ? zero : x === one ? oo : x === minusOne ? negativeInfinity : null,
  ),
  acoth: symmetric("acoth", (x) =>
    x === zero ? mul(half, I, pi) : x === one ? oo : x === oo ? zero : null,
  ),
  erf: symmetric("erf", (x) =>
    x === zero ? zero : x === oo ? one : x === negativeInfinity ? minusOne : null,
  ),
  erfc: (x) => {
    if (x === zero) return one;
    if (x === oo) return zero;
    if (x === negativeInfinity) return two;
    return hasLeadingMinus(x) ? sub(two, call("erfc", neg(x))) : null;
  },
  gamma,
  loggamma,
  polygamma,
  factorial: (x) => (isInteger(x) ? (x.p < 0n ? zoo : factorialOf(x.p)) : x === oo ? oo : null),
  Abs,
  sign,
  floor: rounding("floor", false),
  ceiling: rounding("ceiling", true),
  Max: extreme("Max", false),
  Min: extreme("Min", true),
  Heaviside: (x, atZero = half) => {
    if (isNegative(x)) return zero;
    if (isNull(x)) return atZero;
    return isPositive(x) ? one : null;
  },
  DiracDelta: (x) => (x !== zero && ask(x, "zero") === false ? zero : null),
  atan2: (y, x) => {
    if (isPositive(x)) return call("atan", div(y, x));
    if (isNegative(x)) {
      if (isNegative(y)) return sub(call("atan", div(y, x)), pi);
      if (isNonnegative(y)) return add(call("atan", div(y, x)), pi);
      return null;
    }
    if (!isNull(x)) return isNull(y) && isReal(x) ? mul(pi, sub(one, call("Heaviside", x))) : null;
    if (isPositive(y)) return mul(half, pi);
    if (isNegative(y)) return mul(rational(-1, 2), pi);
    return isNull(y) ? nan : null;
  },
  re: part("re"),
  im: part("im"),
  conjugate: (x) =>
    isReal(x) ? x : ask(x, "imaginary") ? neg(x) : isCall(x, "conjugate") ? x.args[0] : null,
  arg: (x) => {
    if (isPositive(x)) return zero;
    if (isNegative(x)) return pi;
    return x === I ? mul(half, pi) : null;
  },
};

/** Decimal functions, for a Float as the argument. */
const decimalFunctions: Readonly<Record<string, string>> = {
  log: "ln",
  sin: "sin",
  cos: "cos",
  tan: "tan",
  asin: "asin",
  acos: "acos",
  atan: "atan",
  sinh: "sinh",
  cosh: "cosh",
  tanh: "tanh",
  asinh: "asinh",
  acosh: "acosh",
  atanh: "atanh",
};

function ofFloat(name: string, x: Float): Expr | null {
  const D = decimals(x.digits + 5);
  const method = decimalFunctions[name] as "ln" | undefined;
  if (method !== undefined) {
    const value = D[method](x.value);
    return value.isNaN() ? null : new Float(value, x.digits);
  }
  const value = approximate(new Call(name, [x], true));
  return value === null || value.im !== 0 || Number.isNaN(value.re)
    ? null
    : new Float(new D(value.re), x.digits);
}

/** A function of the catalog, applied. @throws ArgumentError on another name or a wrong number of arguments. */
export function call(name: string, ...args: readonly Expr[]): Expr {
  const row = Object.hasOwn(catalog, name) ? catalog[name] : undefined;
  if (row === undefined) throw new ArgumentError(`${name}: no function of that name`);
  const [least, most] = row.arity;
  if (args.length < least || args.length > most) {
    throw new ArgumentError(
      `${name}: expected ${least === most ? least : `${least} to ${most}`} arguments, got ${args.length}`,
    );
  }
  if (args.includes(nan)) return nan;
  if (
    args.length === 1 &&
    args[0] instanceof Float &&
    name !== "floor" &&
    name !== "ceiling" &&
    name !== "Abs" &&
    name !== "sign"
  ) {
    const value = ofFloat(name, args[0]);
    if (value !== null) return value;
  }
  return rules[name]?.(...args) ?? new Call(name, args, true);
}

/** The logarithm to a base: of a number, powers of an integer base are taken out. */
export function logarithm(x: Expr, base: Expr): Expr {
  const quotient = (of: Expr): Expr => div(call("log", of), call("log", base));
  if (!isExact(x) || x.p <= 0n || !isInteger(base) || base.p < 2n) return quotient(x);
  const [above, p] = withoutFactor(x.p, base.p);
  const [below, q] = withoutFactor(x.q, base.p);
  return add(integer(above - below), quotient(fromRatio({ p, q })));
}

/** A function that has only a name, applied. */
export const applied = (name: string, ...args: readonly Expr[]): Call =>
  new Call(name, args, false);

/** The constants and factors of a product that are numbers without symbols, and the others. */
export function splitNumeric(e: Expr): [numeric: Expr[], symbolic: Expr[]] {
  const numeric: Expr[] = [];
  const symbolic: Expr[] = [];
  for (const factor of factorsOf(e)) (isNumeric(factor) ? numeric : symbolic).push(factor);
  return [numeric, symbolic];
}

export type { Constant };
