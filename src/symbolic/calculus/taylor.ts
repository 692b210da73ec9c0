/** Taylor coefficients of functions about a point where they are analytic, by recurrences. */
import { add, div, exp, mul, neg, pow, sub } from "../core/arithmetic.js";
import type { Call, Expr } from "../core/expr.js";
import {
  Call as CallNode,
  Derivative,
  fromRatio,
  integer,
  isCall,
  isInteger,
  minusHalf,
  minusOne,
  one,
  pi,
  Subs,
  two,
} from "../core/expr.js";
import { call } from "../core/functions.js";
import { ratio } from "../core/rational.js";
import { dummy } from "../core/symbols.js";
import { xreplace } from "../substitute.js";
import { times } from "./coefficients.js";
import { diffOnce } from "./diff.js";

/** The coefficients so far, from which the next one follows. */
type Recurrence = (a0: Expr, value: Expr) => (known: readonly Expr[], k: number) => Expr;

const over = (e: Expr, n: number): Expr => mul(fromRatio(ratio(1n, BigInt(n))), e);
const factorial = (n: number): Expr => call("factorial", integer(n));

/** Derivatives that come round: those of sin are sin, cos, −sin, −cos. */
const cycle =
  (...names: readonly (readonly [name: string, sign: 1 | -1])[]): Recurrence =>
  (a0) => {
    const values = names.map(([name, sign]) => {
      const value = call(name, a0);
      return sign < 0 ? neg(value) : value;
    });
    return (_, k) => div(values[k % values.length], factorial(k));
  };

/** y' = p(a0 + s)^r times a number, for the polynomial p = p0 + p1 s + p2 s²; `first` is where y' begins. */
const derivedPower =
  (
    r: Expr,
    polynomial: (a0: Expr) => readonly [Expr, Expr, Expr],
    first: (a0: Expr, p0: Expr) => Expr,
  ): Recurrence =>
  (a0) => {
    const p = polynomial(a0);
    const inverse = pow(p[0], minusOne);
    // Powers of a polynomial, by J. C. P. Miller's recurrence.
    const q = [first(a0, p[0])];
    return (_, k) => {
      while (q.length < k) {
        const n = q.length;
        const terms = [1, 2]
          .filter((j) => j <= n)
          .map((j) => {
            const weight = add(mul(r, integer(j)), integer(j - n));
            return mul(weight, times(p[j], q[n - j]));
          });
        q.push(over(times(add(...terms), inverse), n));
      }
      return over(q[k - 1], k);
    };
  };
const onePlusSquare = (a0: Expr) => [add(one, pow(a0, two)), mul(two, a0), one] as const;
const oneMinusSquare = (a0: Expr) =>
  [sub(one, pow(a0, two)), mul(integer(-2), a0), minusOne] as const;

/** y' = 1 + sign y² */
const riccati =
  (sign: Expr): Recurrence =>
  () =>
  (known, k) => {
    const terms: Expr[] = k === 1 ? [one] : [];
    for (let i = 0; i < k; i++) terms.push(mul(sign, times(known[i], known[k - 1 - i])));
    return over(add(...terms), k);
  };

/** y' = g'(a0 + s) y, for the derivatives of g by their number. */
const exponential =
  (derivatives: (a0: Expr, n: number) => Expr): Recurrence =>
  (a0) =>
  (known, k) => {
    const terms: Expr[] = [];
    for (let j = 1; j <= k; j++) {
      const slope = div(derivatives(a0, j), factorial(j - 1));
      terms.push(times(slope, known[k - j]));
    }
    return over(add(...terms), k);
  };

/** e^(−(a0 + s)²) 2/√π, and its integral. */
const errorFunction: Recurrence = (a0) => {
  const density = [mul(two, pow(pi, minusHalf), exp(neg(pow(a0, two))))];
  return (_, k) => {
    while (density.length < k) {
      const n = density.length;
      const before = n > 1 ? add(times(a0, density[n - 1]), density[n - 2]) : times(a0, density[0]);
      density.push(mul(fromRatio(ratio(-2n, BigInt(n))), before));
    }
    return over(density[k - 1], k);
  };
};

const recurrences: Readonly<Record<string, Recurrence>> = {
  sin: cycle(["sin", 1], ["cos", 1], ["sin", -1], ["cos", -1]),
  cos: cycle(["cos", 1], ["sin", -1], ["cos", -1], ["sin", 1]),
  sinh: cycle(["sinh", 1], ["cosh", 1]),
  cosh: cycle(["cosh", 1], ["sinh", 1]),
  tan: riccati(one),
  tanh: riccati(minusOne),
  asin: derivedPower(minusHalf, oneMinusSquare, (_, p0) => pow(p0, minusHalf)),
  acos: derivedPower(minusHalf, oneMinusSquare, (_, p0) => neg(pow(p0, minusHalf))),
  atan: derivedPower(minusOne, onePlusSquare, (_, p0) => pow(p0, minusOne)),
  acot: derivedPower(minusOne, onePlusSquare, (_, p0) => neg(pow(p0, minusOne))),
  asinh: derivedPower(minusHalf, onePlusSquare, (_, p0) => pow(p0, minusHalf)),
  acosh: derivedPower(
    minusHalf,
    (a0) => [sub(pow(a0, two), one), mul(two, a0), one],
    (a0) => mul(pow(sub(a0, one), minusHalf), pow(add(a0, one), minusHalf)),
  ),
  atanh: derivedPower(minusOne, oneMinusSquare, (_, p0) => pow(p0, minusOne)),
  acoth: derivedPower(minusOne, oneMinusSquare, (_, p0) => pow(p0, minusOne)),
  erf: errorFunction,
  gamma: exponential((a0, n) => call("polygamma", integer(n - 1), a0)),
  loggamma: (a0) => (_, k) => div(call("polygamma", integer(k - 1), a0), factorial(k)),
};

/** Derivatives of what has no recurrence, at the point. */
function byDerivatives(e: Call, i: number, a0: Expr): (k: number) => Expr {
  const place = dummy(e.defined ? "place" : "xi");
  const args = e.args.map((arg, j) => (j === i ? place : arg));
  if (!e.defined) {
    const inner = new CallNode(e.name, args, false);
    return (k) => new Subs(new Derivative(inner, [place], [k]), place, a0);
  }
  const derivatives: Expr[] = [call(e.name, ...args)];
  return (k) => {
    while (derivatives.length <= k) derivatives.push(diffOnce(derivatives.at(-1) as Expr, place));
    return xreplace(derivatives[k], [[place, a0]]);
  };
}

/** The Taylor coefficients of a function in its i-th argument about a0, by their number. */
export function taylor(e: Call, i: number, a0: Expr): (k: number) => Expr {
  const args = e.args.map((arg, j) => (j === i ? a0 : arg));
  const value = e.defined ? call(e.name, ...args) : new CallNode(e.name, args, false);
  const known: Expr[] = [value];
  let next: (known: readonly Expr[], k: number) => Expr;
  if (e.defined && Object.hasOwn(recurrences, e.name)) next = recurrences[e.name](a0, value);
  else if (isCall(e, "polygamma") && isInteger(e.args[0])) {
    const [n] = e.args as [Expr];
    next = (_, k) => div(call("polygamma", add(n, integer(k)), a0), factorial(k));
  } else {
    const derivative = byDerivatives(e, i, a0);
    next = (_, k) => div(derivative(k), factorial(k));
  }
  return (k) => {
    while (known.length <= k) known.push(next(known, known.length));
    return known[k];
  };
}
