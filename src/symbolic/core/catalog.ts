/**
 * The functions that expressions know, a row each: what holds for their values, and the operation on tensors that
 * computes them. functions.ts has their special values; the derivative is that of the operation.
 */
import type { ElementwiseName } from "../../ops/algebra.js";
import type { Expr, Fact } from "./expr.js";

type Ask = (e: Expr, fact: Fact) => boolean | null;

export interface CatalogRow {
  readonly arity: readonly [least: number, most: number];
  /** Whether it is real and finite for every real argument. */
  readonly real: boolean;
  /** The operation of the same value. */
  readonly op?: ElementwiseName;
  /** Whether f(−x) is −f(x), or f(x). */
  readonly parity?: "odd" | "even";
  readonly facts?: (fact: Fact, args: readonly Expr[], ask: Ask) => boolean | null;
}

type Facts = NonNullable<CatalogRow["facts"]>;

const row = (real: boolean, op?: ElementwiseName, extra: Partial<CatalogRow> = {}): CatalogRow => ({
  arity: [1, 1],
  real,
  ...(op === undefined ? {} : { op }),
  ...extra,
});
const odd = { parity: "odd" } as const;
const even = { parity: "even" } as const;

/** The sign of the argument is that of the value. */
const signOfArgument: Facts = (fact, [x], ask) => {
  switch (fact) {
    case "positive":
    case "negative":
    case "nonnegative":
    case "nonpositive":
    case "zero":
      return ask(x, "real") ? ask(x, fact) : null;
    default:
      return null;
  }
};
const never: (...facts: Fact[]) => Facts =
  (...facts) =>
  (fact) =>
    facts.includes(fact) ? false : null;
const positiveForReal: Facts = (fact, [x], ask) => {
  if (!ask(x, "real")) return null;
  if (fact === "positive" || fact === "nonnegative" || fact === "real") return true;
  return fact === "negative" || fact === "nonpositive" || fact === "zero" ? false : null;
};
const wholeForReal: Facts = (fact, [x], ask) =>
  (fact === "integer" || fact === "rational") && ask(x, "real") ? true : null;

export const catalog: Readonly<Record<string, CatalogRow>> = {
  log: row(false, "log", {
    facts: (fact, [x], ask) =>
      fact === "real" || fact === "complex" || fact === "finite"
        ? ask(x, "positive")
          ? true
          : null
        : null,
  }),
  sin: row(true, "sin", odd),
  cos: row(true, "cos", even),
  tan: row(false, "tan", {
    ...odd,
    facts: (fact, [x], ask) => (fact === "real" && ask(x, "real") ? true : null),
  }),
  cot: row(false, undefined, odd),
  sec: row(false, undefined, even),
  csc: row(false, undefined, odd),
  asin: row(false, "asin", odd),
  acos: row(false, "acos"),
  atan: row(true, "atan", { ...odd, facts: signOfArgument }),
  acot: row(true, undefined, odd),
  sinh: row(true, "sinh", { ...odd, facts: signOfArgument }),
  cosh: row(true, "cosh", { ...even, facts: positiveForReal }),
  tanh: row(true, "tanh", { ...odd, facts: signOfArgument }),
  coth: row(false, undefined, odd),
  sech: row(true, undefined, { ...even, facts: positiveForReal }),
  csch: row(false, undefined, odd),
  asinh: row(true, "asinh", { ...odd, facts: signOfArgument }),
  acosh: row(false, "acosh"),
  atanh: row(false, "atanh", odd),
  acoth: row(false, undefined, odd),
  erf: row(true, "erf", { ...odd, facts: signOfArgument }),
  erfc: row(true, "erfc", { facts: positiveForReal }),
  gamma: row(false, undefined, {
    facts: (fact, [x], ask) =>
      (fact === "positive" || fact === "real") && ask(x, "positive")
        ? true
        : fact === "zero"
          ? false
          : null,
  }),
  loggamma: row(false, "lgamma", {
    facts: (fact, [x], ask) => (fact === "real" && ask(x, "positive") ? true : null),
  }),
  polygamma: row(false, "polygamma", {
    arity: [2, 2],
    facts: (fact, [, x], ask) => (fact === "real" && ask(x, "positive") ? true : null),
  }),
  Abs: row(true, "abs", {
    ...even,
    facts: (fact, [x], ask) => {
      switch (fact) {
        case "real":
        case "nonnegative":
          return ask(x, "finite") === false ? null : true;
        case "negative":
          return false;
        case "positive":
          return ask(x, "zero") === false ? true : ask(x, "zero") ? false : null;
        case "zero":
          return ask(x, "zero");
        case "integer":
        case "even":
        case "odd":
          return ask(x, "real") ? ask(x, fact) : null;
        default:
          return null;
      }
    },
  }),
  sign: row(true, "sign", {
    ...odd,
    facts: (fact, args, ask) =>
      fact === "integer" || fact === "rational"
        ? ask(args[0], "real")
          ? true
          : null
        : signOfArgument(fact, args, ask),
  }),
  floor: row(true, "floor", { facts: wholeForReal }),
  ceiling: row(true, "ceil", { facts: wholeForReal }),
  Max: row(true, "maximum", { arity: [0, Infinity] }),
  Min: row(true, "minimum", { arity: [0, Infinity] }),
  Heaviside: row(true, undefined, { arity: [1, 2], facts: never("negative") }),
  DiracDelta: row(false, undefined, { arity: [1, 2] }),
  atan2: row(false, "atan2", { arity: [2, 2] }),
  re: row(true, undefined, { facts: (fact) => (fact === "real" ? true : null) }),
  im: row(true, undefined, { facts: (fact) => (fact === "real" ? true : null) }),
  arg: row(true, undefined, { facts: (fact) => (fact === "real" ? true : null) }),
  conjugate: row(true),
  factorial: row(false, undefined, {
    facts: (fact, [x], ask) =>
      (fact === "positive" || fact === "integer") && ask(x, "integer") && ask(x, "nonnegative")
        ? true
        : null,
  }),
};
