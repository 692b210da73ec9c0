/** The value of an expression without symbols, in doubles: for questions of sign and order. */

import type { Expr, Node } from "./expr.js";
import { isNum } from "./expr.js";
import { toNumber } from "./numbers.js";
import { realFunctions } from "./realFunctions.js";

export interface Complex {
  readonly re: number;
  readonly im: number;
}

const real = (re: number): Complex => ({ re, im: 0 });

const constants: Readonly<Record<string, Complex>> = {
  pi: real(Math.PI),
  E: real(Math.E),
  I: { re: 0, im: 1 },
  oo: real(Infinity),
  "-oo": real(-Infinity),
  zoo: { re: Infinity, im: NaN },
  nan: real(NaN),
  EulerGamma: real(0.5772156649015329),
  Catalan: real(0.915965594177219),
  GoldenRatio: real((1 + Math.sqrt(5)) / 2),
};

const mul = (a: Complex, b: Complex): Complex =>
  a.im === 0 && b.im === 0
    ? real(a.re * b.re)
    : { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };

function pow(base: Complex, exponent: Complex): Complex {
  if (exponent.im === 0 && base.im === 0 && (base.re >= 0 || Number.isInteger(exponent.re))) {
    return real(base.re ** exponent.re);
  }
  const size = Math.hypot(base.re, base.im);
  if (size === 0) return real(exponent.re > 0 ? 0 : NaN);
  const log = { re: Math.log(size), im: Math.atan2(base.im, base.re) };
  const { re, im } = mul(log, exponent);
  const scale = Math.exp(re);
  return { re: scale * Math.cos(im), im: scale * Math.sin(im) };
}

/** Functions of a complex argument. */
const complexFunctions: Readonly<Record<string, (z: Complex) => Complex>> = {
  log: ({ re, im }) => ({ re: Math.log(Math.hypot(re, im)), im: Math.atan2(im, re) }),
  sin: ({ re, im }) => ({ re: Math.sin(re) * Math.cosh(im), im: Math.cos(re) * Math.sinh(im) }),
  cos: ({ re, im }) => ({ re: Math.cos(re) * Math.cosh(im), im: -Math.sin(re) * Math.sinh(im) }),
  sinh: ({ re, im }) => ({ re: Math.sinh(re) * Math.cos(im), im: Math.cosh(re) * Math.sin(im) }),
  cosh: ({ re, im }) => ({ re: Math.cosh(re) * Math.cos(im), im: Math.sinh(re) * Math.sin(im) }),
  Abs: ({ re, im }) => real(Math.hypot(re, im)),
  re: ({ re }) => real(re),
  im: ({ im }) => real(im),
  arg: ({ re, im }) => real(Math.atan2(im, re)),
  conjugate: ({ re, im }) => ({ re, im: -im }),
};

/** Null where something has no value that is known here, such as a symbol. */
export function approximate(
  e: Expr,
  values?: (symbol: Expr) => number | undefined,
): Complex | null {
  const memo = new Map<Expr, Complex | null>();
  const visit = (e: Expr): Complex | null => {
    const known = memo.get(e);
    if (known !== undefined) return known;
    const value = find(e as Node);
    memo.set(e, value);
    return value;
  };
  const find = (e: Node): Complex | null => {
    if (isNum(e)) return real(toNumber(e));
    switch (e.kind) {
      case "symbol": {
        const value = values?.(e);
        return value === undefined ? null : real(value);
      }
      case "constant":
        return constants[e.name];
      case "add": {
        let re = 0;
        let im = 0;
        for (const arg of e.args) {
          const value = visit(arg);
          if (value === null) return null;
          re += value.re;
          im += value.im;
        }
        return { re, im };
      }
      case "mul": {
        let product = real(1);
        for (const arg of e.args) {
          const value = visit(arg);
          if (value === null) return null;
          product = mul(product, value);
        }
        return product;
      }
      case "pow": {
        const base = visit(e.base);
        const exponent = visit(e.exponent);
        return base === null || exponent === null ? null : pow(base, exponent);
      }
      case "function": {
        if (!e.defined) return null;
        const args = e.args.map(visit);
        if (args.some((arg) => arg === null)) return null;
        const given = args as Complex[];
        if (given.every(({ im }) => im === 0)) {
          const value = realFunctions[e.name]?.(...given.map(({ re }) => re));
          if (value !== undefined && !Number.isNaN(value)) return real(value);
        }
        return given.length === 1 ? (complexFunctions[e.name]?.(given[0]) ?? null) : null;
      }
      case "piecewise":
        for (let i = 0; i < e.args.length; i += 2) {
          const holds = decide(e.args[i + 1] as Node);
          if (holds === null) return null;
          if (holds) return visit(e.args[i]);
        }
        return real(NaN);
      default:
        return null;
    }
  };
  const decide = (e: Node): boolean | null => {
    switch (e.kind) {
      case "boolean":
        return e.value;
      case "not": {
        const inner = decide(e.args[0] as Node);
        return inner === null ? null : !inner;
      }
      case "and":
      case "or": {
        const parts = e.args.map((arg) => decide(arg as Node));
        const settles = e.kind === "or";
        if (parts.includes(settles)) return settles;
        return parts.includes(null) ? null : !settles;
      }
      case "relational": {
        const [a, b] = e.args.map(visit);
        if (a === null || b === null) return null;
        switch (e.relation) {
          case "==":
            return a.re === b.re && a.im === b.im;
          case "!=":
            return a.re !== b.re || a.im !== b.im;
          case "<":
            return a.re < b.re;
          case "<=":
            return a.re <= b.re;
          case ">":
            return a.re > b.re;
          default:
            return a.re >= b.re;
        }
      }
      default:
        return null;
    }
  };
  return visit(e);
}
