/** What is known of an expression's value: yes, no, or (null) unknown. */
import { ArgumentError } from "../../core/errors.js";
import { approximate } from "./approximate.js";
import { catalog } from "./catalog.js";
import type { Assumptions, Expr, Fact, Node } from "./expr.js";
import { E, isExact, isInteger, isNum, isNumeric, Sym } from "./expr.js";
import { signOf } from "./numbers.js";

type Answer = boolean | null;

/** What follows from each fact. */
const implications: Readonly<Record<Fact, Assumptions>> = {
  positive: {
    real: true,
    nonnegative: true,
    nonzero: true,
    negative: false,
    nonpositive: false,
    zero: false,
  },
  negative: {
    real: true,
    nonpositive: true,
    nonzero: true,
    positive: false,
    nonnegative: false,
    zero: false,
  },
  nonnegative: { real: true, negative: false },
  nonpositive: { real: true, positive: false },
  zero: {
    integer: true,
    even: true,
    nonnegative: true,
    nonpositive: true,
    nonzero: false,
    positive: false,
    negative: false,
  },
  nonzero: { zero: false, real: true },
  even: { integer: true, odd: false },
  odd: { integer: true, even: false, nonzero: true },
  integer: { rational: true },
  rational: { real: true },
  real: { complex: true, finite: true, imaginary: false },
  imaginary: { complex: true, real: false, zero: false },
  complex: { finite: true },
  finite: {},
};
/** What does not hold either where a fact does not. */
const refutations: Readonly<Partial<Record<Fact, readonly Fact[]>>> = {
  real: [
    "rational",
    "integer",
    "even",
    "odd",
    "positive",
    "negative",
    "nonnegative",
    "nonpositive",
    "zero",
  ],
  rational: ["integer", "even", "odd", "zero"],
  integer: ["even", "odd", "zero"],
  complex: ["real", "imaginary"],
  finite: ["complex", "real"],
};
/** Two facts that give a third. */
const combinations: readonly (readonly [Fact, boolean, Fact, boolean, Fact])[] = [
  ["nonnegative", true, "nonpositive", true, "zero"],
  ["nonnegative", true, "zero", false, "positive"],
  ["nonpositive", true, "zero", false, "negative"],
  ["real", true, "negative", false, "nonnegative"],
  ["real", true, "positive", false, "nonpositive"],
  ["integer", true, "even", false, "odd"],
  ["integer", true, "odd", false, "even"],
];

export const factNames = Object.keys(implications) as Fact[];

/** All that follows from assumptions. @throws ArgumentError where they contradict each other. */
export function closure(given: Assumptions): Assumptions {
  const known: Partial<Record<Fact, boolean>> = {};
  const todo = Object.entries(given) as [Fact, boolean | undefined][];
  const learn = (fact: Fact, value: boolean): void => {
    if (known[fact] === value) return;
    if (known[fact] !== undefined)
      throw new ArgumentError(`the assumptions contradict each other about ${fact}`);
    known[fact] = value;
    todo.push([fact, value]);
    if (value) for (const [next, v] of Object.entries(implications[fact])) learn(next as Fact, v);
    else for (const next of refutations[fact] ?? []) learn(next, false);
    if (fact === "nonzero") learn("zero", !value);
    for (const [a, x, b, y, c] of combinations)
      if (known[a] === x && known[b] === y) learn(c, true);
  };
  for (const [fact, value] of [...todo]) {
    if (!factNames.includes(fact)) {
      throw new ArgumentError(`no assumption ${fact}: they are ${factNames.join(", ")}`);
    }
    if (value !== undefined) learn(fact, value);
  }
  return known;
}

/** From the strongest to the weakest, so that few of them say all. */
const strongestFirst: readonly Fact[] = [
  "zero",
  "positive",
  "negative",
  "even",
  "odd",
  "nonnegative",
  "nonpositive",
  "integer",
  "rational",
  "imaginary",
  "real",
  "nonzero",
  "complex",
  "finite",
];

/** A few assumptions from which all of `known`, a closure, follow. */
export function generators(known: Assumptions): Assumptions {
  const count = Object.keys(known).length;
  const weakestFirst = [...strongestFirst].reverse();
  let given = known;
  for (const [facts, value] of [
    [strongestFirst, false],
    [weakestFirst, true],
  ] as const) {
    for (const fact of facts) {
      if (given[fact] !== value) continue;
      const { [fact]: _, ...others } = given;
      if (Object.keys(closure(others)).length === count) given = others;
    }
  }
  return given;
}

const not = (x: Answer): Answer => (x === null ? null : !x);

function all(answers: Iterable<Answer>): Answer {
  let unknown = false;
  for (const answer of answers) {
    if (answer === false) return false;
    if (answer === null) unknown = true;
  }
  return unknown ? null : true;
}
/** True if all are true, otherwise unknown. */
const surely = (answers: Iterable<Answer>): Answer => (all(answers) === true ? true : null);

/** Whether a fact holds for an expression's value. */
export function ask(e: Expr, fact: Fact): Answer {
  const cached = e.facts.get(fact);
  if (cached !== undefined) return cached;
  e.facts.set(fact, null); // while it is being found out
  const answer = find(e as Node, fact);
  e.facts.set(fact, answer);
  return answer;
}

export const isReal = (e: Expr): Answer => ask(e, "real");
export const isPositive = (e: Expr): Answer => ask(e, "positive");
export const isNegative = (e: Expr): Answer => ask(e, "negative");
export const isNonnegative = (e: Expr): Answer => ask(e, "nonnegative");
export const isNonpositive = (e: Expr): Answer => ask(e, "nonpositive");
export const isWhole = (e: Expr): Answer => ask(e, "integer");
export const isEven = (e: Expr): Answer => ask(e, "even");
export const isOdd = (e: Expr): Answer => ask(e, "odd");
export const isNull = (e: Expr): Answer => ask(e, "zero");

function ofNumber(e: Node, fact: Fact): Answer {
  if (!isNum(e)) return null;
  const sign = signOf(e);
  switch (fact) {
    case "positive":
      return sign > 0;
    case "negative":
      return sign < 0;
    case "nonnegative":
      return sign >= 0;
    case "nonpositive":
      return sign <= 0;
    case "zero":
      return sign === 0;
    case "nonzero":
      return sign !== 0;
    case "integer":
      return isInteger(e) ? true : isExact(e) ? false : null;
    case "rational":
      return isExact(e) ? true : null;
    case "even":
      return isInteger(e) ? e.p % 2n === 0n : isExact(e) ? false : null;
    case "odd":
      return isInteger(e) ? e.p % 2n !== 0n : isExact(e) ? false : null;
    case "imaginary":
      return false;
    default:
      return true;
  }
}

function ofConstant(name: string, fact: Fact): Answer {
  if (name === "nan") return null;
  if (name === "I")
    return fact === "imaginary" || fact === "complex" || fact === "finite" || fact === "nonzero";
  const infinite = name === "oo" || name === "-oo" || name === "zoo";
  switch (fact) {
    case "finite":
    case "complex":
    case "real":
      return !infinite;
    case "positive":
    case "nonnegative":
      return name === "zoo" ? false : name !== "-oo";
    case "negative":
    case "nonpositive":
      return name === "-oo";
    case "nonzero":
      return true;
    case "rational":
      // Whether these two are rational is not known.
      return name === "EulerGamma" || name === "Catalan" ? null : false;
    default:
      return false;
  }
}

function find(e: Node, fact: Fact): Answer {
  if (isNum(e)) return ofNumber(e, fact);
  if (e.kind === "constant") return ofConstant(e.name, fact);
  if (fact === "nonzero") return not(ask(e, "zero"));
  if (e instanceof Sym) return e.assumed[fact] ?? null;
  const answer = structural(e, fact);
  if (answer !== null) return answer;
  const sign =
    fact === "positive" ||
    fact === "negative" ||
    fact === "nonnegative" ||
    fact === "nonpositive" ||
    fact === "zero";
  if (sign || fact === "real") {
    // A number's sign shows in its digits, except where there are none.
    if (isNumeric(e)) {
      const value = approximate(e);
      if (value === null || !Number.isFinite(value.re) || !Number.isFinite(value.im)) return null;
      const size = Math.hypot(value.re, value.im);
      if (Math.abs(value.im) > 1e-8 * size && size > 1e-8) return false;
      if (fact === "real" || Math.abs(value.im) > 0 || Math.abs(value.re) < 1e-8) return null;
      return fact === "positive" || fact === "nonnegative"
        ? value.re > 0
        : fact === "zero"
          ? false
          : value.re < 0;
    }
  }
  if (fact === "nonnegative" || fact === "nonpositive") {
    const strict = ask(e, fact === "nonnegative" ? "positive" : "negative");
    if (strict) return true;
    if (ask(e, fact === "nonnegative" ? "negative" : "positive")) return false;
  }
  if (fact === "zero" && (ask(e, "positive") || ask(e, "negative"))) return false;
  if (fact === "rational" && ask(e, "integer")) return true;
  if (fact === "real" && ask(e, "imaginary")) return false;
  if (fact === "finite" || fact === "complex") return ask(e, "real") ? true : null;
  return null;
}

function structural(e: Node, fact: Fact): Answer {
  switch (e.kind) {
    case "add":
      return ofSum(e.args, fact);
    case "mul":
      return ofProduct(e.args, fact);
    case "pow":
      return ofPower(e.base, e.exponent, fact);
    case "function": {
      if (!e.defined) return null;
      const row = catalog[e.name];
      const real = surely(e.args.map(isReal));
      const answer = row?.facts?.(fact, e.args, ask) ?? null;
      if (answer !== null) return answer;
      if (real && row?.real === true) {
        if (fact === "real" || fact === "complex" || fact === "finite") return true;
        if (fact === "imaginary") return false;
      }
      return null;
    }
    case "piecewise":
      return surely(e.args.filter((_, i) => i % 2 === 0).map((value) => ask(value, fact)));
    default:
      return null;
  }
}

function ofSum(args: readonly Expr[], fact: Fact): Answer {
  switch (fact) {
    case "real":
    case "integer":
    case "rational":
    case "finite":
    case "complex": {
      const not = args.filter((arg) => ask(arg, fact) !== true);
      if (not.length === 0) return true;
      return not.length === 1 &&
        (fact === "real" || fact === "integer") &&
        ask(not[0], fact) === false
        ? false
        : null;
    }
    case "even":
    case "odd": {
      let odd = 0;
      for (const arg of args) {
        const parity = ask(arg, "odd");
        if (parity === null || ask(arg, "integer") !== true) return null;
        if (parity) odd++;
      }
      return (odd % 2 === 1) === (fact === "odd");
    }
    case "positive":
    case "nonnegative":
    case "negative":
    case "nonpositive": {
      const up = fact === "positive" || fact === "nonnegative";
      const weak = args.map((arg) => ask(arg, up ? "nonnegative" : "nonpositive"));
      if (all(weak) === true) {
        if (fact === "nonnegative" || fact === "nonpositive") return true;
        if (args.some((arg) => ask(arg, up ? "positive" : "negative"))) return true;
        return null;
      }
      const other = args.map((arg) => ask(arg, up ? "nonpositive" : "nonnegative"));
      if (all(other) !== true) return null;
      if (fact === "positive" || fact === "negative") return false;
      return args.some((arg) => ask(arg, up ? "negative" : "positive")) ? false : null;
    }
    case "imaginary":
      return surely(args.map((arg) => ask(arg, "imaginary")));
    default:
      return null;
  }
}

function ofProduct(args: readonly Expr[], fact: Fact): Answer {
  switch (fact) {
    case "real":
    case "imaginary": {
      let turns = 0;
      for (const arg of args) {
        if (ask(arg, "real")) continue;
        if (ask(arg, "imaginary") !== true) return null;
        turns++;
      }
      return (turns % 2 === 0) === (fact === "real");
    }
    case "integer":
    case "rational":
    case "finite":
    case "complex": {
      if (surely(args.map((arg) => ask(arg, fact)))) return true;
      if (fact !== "integer") return null;
      // A fraction of a number whose parity is known.
      const [first, ...rest] = args;
      if (isExact(first) && first.q === 2n && all(rest.map(isOdd)) === true) return false;
      if (
        isExact(first) &&
        first.q === 2n &&
        all(rest.map(isWhole)) === true &&
        rest.some((arg) => isEven(arg))
      )
        return true;
      return null;
    }
    case "even": {
      if (all(args.map(isWhole)) !== true) return null;
      if (args.some((arg) => isEven(arg))) return true;
      return all(args.map(isOdd)) === true ? false : null;
    }
    case "odd":
      return all(args.map(isWhole)) === true ? all(args.map(isOdd)) : null;
    case "zero":
      if (args.some((arg) => isNull(arg))) return true;
      return all(args.map((arg) => not(isNull(arg)))) === true ? false : null;
    case "positive":
    case "negative":
    case "nonnegative":
    case "nonpositive": {
      let negative = false;
      let strict = true;
      for (const arg of args) {
        if (isPositive(arg)) continue;
        if (isNegative(arg)) negative = !negative;
        else if (isNonnegative(arg)) strict = false;
        else if (isNonpositive(arg)) {
          strict = false;
          negative = !negative;
        } else return null;
      }
      const weak = fact === "nonnegative" || fact === "nonpositive";
      const wanted = fact === "negative" || fact === "nonpositive";
      if (strict) return negative === wanted;
      return weak ? (negative === wanted ? true : null) : negative === wanted ? null : false;
    }
    default:
      return null;
  }
}

function ofPower(base: Expr, exponent: Expr, fact: Fact): Answer {
  const whole = isWhole(exponent);
  switch (fact) {
    case "real":
      if (base === E) return ask(exponent, "real") ? true : null;
      if (isReal(base) && whole) return isNonnegative(exponent) || not(isNull(base)) ? true : null;
      if (isPositive(base) && isReal(exponent)) return true;
      if (isNonnegative(base) && isPositive(exponent)) return true;
      if (isNegative(base) && isExact(exponent) && exponent.q === 2n) return false;
      return null;
    case "positive":
      if (base === E) return isReal(exponent) ? true : null;
      if (isPositive(base) && isReal(exponent)) return true;
      if (isReal(base) && isEven(exponent)) return not(isNull(base)) ? true : null;
      if (isNegative(base) && isOdd(exponent)) return false;
      return null;
    case "negative":
      if (isNegative(base) && isOdd(exponent)) return true;
      if (isNonnegative(base) && isReal(exponent)) return false;
      if (isReal(base) && isEven(exponent)) return false;
      return null;
    case "nonnegative":
      if (isNonnegative(base) && isReal(exponent)) return true;
      if (isReal(base) && isEven(exponent)) return true;
      return null;
    case "nonpositive":
      return isNonpositive(base) && isOdd(exponent) ? true : null;
    case "integer":
      if (isWhole(base) && whole && isNonnegative(exponent)) return true;
      if (isInteger(base) && isInteger(exponent) && exponent.p < 0n) return false;
      return null;
    case "rational":
      if (ask(base, "rational") && whole)
        return isNonnegative(exponent) || not(isNull(base)) ? true : null;
      if (isExact(base) && isExact(exponent)) return false; // a root that is not exact
      return null;
    case "even":
      return whole && isPositive(exponent) ? isEven(base) : null;
    case "odd":
      return whole && isNonnegative(exponent) ? isOdd(base) : null;
    case "zero":
      if (isNull(base) === false && ask(exponent, "finite") !== false) return false;
      return isNull(base) && isPositive(exponent) ? true : null;
    case "imaginary":
      if (isNegative(base) && isExact(exponent) && exponent.q === 2n) return true;
      if (ask(base, "imaginary") && isOdd(exponent)) return true;
      if (ask(base, "imaginary") && isEven(exponent)) return false;
      return null;
    default:
      return null;
  }
}
