/** Circular and hyperbolic functions of sums and of whole multiples. */
import { ArgumentError } from "../../core/errors.js";
import { add, div, mul, pow } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { integer, isAdd, isCall, isInteger, isMul, minusOne, one } from "../core/expr.js";
import { call } from "../core/functions.js";
import { compareShown } from "../core/order.js";
import { splitCoefficient } from "../core/parts.js";

/** Multiples beyond this stay as they are. */
const mostMultiple = 1000n;

/** Sums of more terms are refused: each term doubles the result. */
const mostTerms = 12;

/** Coefficients of Chebyshev's polynomials, of the first or second kind, the constant first. */
function chebyshev(n: number, kind: 1 | 2): bigint[] {
  let [a, b]: [bigint[], bigint[]] = [[1n], [0n, BigInt(kind)]];
  for (let k = 0; k < n; k++) {
    const next = [0n, ...b.map((c) => 2n * c)];
    a.forEach((c, i) => {
      next[i] -= c;
    });
    [a, b] = [b, next];
  }
  return a;
}

const polynomial = (coefficients: readonly bigint[], x: Expr): Expr =>
  add(...coefficients.map((c, i) => mul(integer(c), pow(x, integer(i)))));

/** Elementary symmetric polynomials of all degrees. */
function symmetric(list: readonly Expr[]): Expr[] {
  let sums: Expr[] = [one];
  for (const x of list) {
    sums = Array.from({ length: sums.length + 1 }, (_, i) =>
      add(...(i < sums.length ? [sums[i]] : []), ...(i > 0 ? [mul(x, sums[i - 1])] : [])),
    );
  }
  return sums;
}

function binomials(n: number): bigint[] {
  const list = [1n];
  for (let k = 1; k <= n; k++) list.push((list[k - 1] * BigInt(n - k + 1)) / BigInt(k));
  return list;
}

/** A function of a sum by the functions of its terms. */
function ofSum(name: string, args: readonly Expr[]): Expr {
  if (args.length > mostTerms)
    throw new ArgumentError(`expandTrig: ${name} of a sum of more than ${mostTerms} terms`);
  const of = (f: string, x: Expr): Expr => expandTrigNode(call(f, x));
  if (name === "tan" || name === "tanh") {
    const sums = symmetric(args.map((x) => of(name, x)));
    // The tangent's signs alternate: they are those of powers of I.
    const part = (odd: number): Expr =>
      add(
        ...sums.flatMap((s, i) =>
          i % 2 !== odd ? [] : [name === "tan" && i % 4 > 1 ? mul(minusOne, s) : s],
        ),
      );
    return div(part(1), part(0));
  }
  const [x, ...others] = args;
  const y = add(...others);
  const [s, c] = name.endsWith("h") ? ["sinh", "cosh"] : ["sin", "cos"];
  const [sx, sy, cx, cy] = [of(s, x), of(s, y), of(c, x), of(c, y)];
  if (name === s) return add(mul(sx, cy), mul(sy, cx));
  const product = mul(sx, sy);
  return add(mul(cx, cy), name === "cosh" ? product : mul(minusOne, product));
}

/** A function of n x by functions of x. */
function ofMultiple(name: string, n: number, x: Expr): Expr {
  const f = call(name, x);
  switch (name) {
    case "cos":
      return polynomial(chebyshev(n, 1), f);
    case "sin": {
      const coefficients = n % 2 === 1 ? chebyshev(n, 1) : chebyshev(n - 1, 2);
      const outside = n % 2 === 1 ? one : call("cos", x);
      // Signs alternate: + for n = 1 and 2, − for n = 3 and 4.
      const turned = ((n - 1) >> 1) % 2 === 1;
      return add(
        ...coefficients.map((c, i) => mul(integer(turned ? -c : c), pow(f, integer(i)), outside)),
      );
    }
    case "tan":
    case "tanh": {
      const list = binomials(n);
      const part = (odd: number): Expr =>
        polynomial(
          list.map((c, i) => (i % 2 !== odd ? 0n : name === "tan" && i % 4 > 1 ? -c : c)),
          f,
        );
      return div(part(1), part(0));
    }
    default: {
      const [s, c] = [call("sinh", x), call("cosh", x)];
      return add(
        ...binomials(n).flatMap((b, k) =>
          (k % 2 === 1) === (name === "sinh")
            ? [mul(integer(b), pow(s, integer(k)), pow(c, integer(n - k)))]
            : [],
        ),
      );
    }
  }
}

/** One function of a sum or of a multiple. */
export function expandTrigNode(e: Expr): Expr {
  if (!["sin", "cos", "tan", "sinh", "cosh", "tanh"].some((name) => isCall(e, name))) return e;
  const { name } = e as Expr & { name: string };
  const [arg] = e.args;
  if (isAdd(arg)) return ofSum(name, [...arg.args].sort(compareShown));
  if (!isMul(arg)) return e;
  const [n, x] = splitCoefficient(arg);
  if (!isInteger(n) || n.p < 2n || n.p > mostMultiple) return e;
  return ofMultiple(name, Number(n.p), x);
}
