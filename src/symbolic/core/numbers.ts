/** Arithmetic of number nodes. */

import { Decimal } from "decimal.js";
import { ArgumentError } from "../../core/errors.js";
import type { Exact, Num } from "./expr.js";
import { Float, fromRatio, integer, isExact, isInteger, one } from "./expr.js";
import { abs } from "./integers.js";
import {
  addRatios,
  compareRatios,
  divRatios,
  mulRatios,
  ratio,
  ratioToNumber,
} from "./rational.js";

/** Exact powers of more bits than this are refused. */
const mostBits = 1 << 22;

const context = new Map<number, typeof Decimal>();
/** Decimal arithmetic with so many significant digits. */
export function decimals(digits: number): typeof Decimal {
  let found = context.get(digits);
  if (found === undefined) {
    found = Decimal.clone({
      precision: digits,
      defaults: true,
      minE: -9e15,
      maxE: 9e15,
      toExpNeg: -7,
      toExpPos: digits,
    });
    context.set(digits, found);
  }
  return found;
}

/** The guard digits that a Float carries beyond those it shows. */
const guard = 2;

export function toDecimal(x: Num, digits: number): Decimal {
  const D = decimals(digits);
  if (x.kind === "float") return new D(x.value);
  return x.q === 1n ? new D(x.p.toString()) : new D(x.p.toString()).div(x.q.toString());
}

export const toNumber = (x: Num): number =>
  x.kind === "float" ? x.value.toNumber() : ratioToNumber(x);

/** The digits of a result: those of the less exact operand. */
function digitsOf(a: Num, b: Num): number {
  if (a.kind === "float") return b.kind === "float" ? Math.min(a.digits, b.digits) : a.digits;
  return (b as Float).digits;
}

function inDecimals(a: Num, b: Num, run: (x: Decimal, y: Decimal) => Decimal): Float {
  const digits = digitsOf(a, b);
  return new Float(run(toDecimal(a, digits + guard), toDecimal(b, digits + guard)), digits);
}

export const addNums = (a: Num, b: Num): Num =>
  isExact(a) && isExact(b) ? fromRatio(addRatios(a, b)) : inDecimals(a, b, (x, y) => x.plus(y));

export function mulNums(a: Num, b: Num): Num {
  if (isExact(a) && isExact(b)) return fromRatio(mulRatios(a, b));
  // An exact zero is exact.
  if (isZero(a) && isExact(a)) return a;
  if (isZero(b) && isExact(b)) return b;
  return inDecimals(a, b, (x, y) => x.times(y));
}

export const divNums = (a: Num, b: Num): Num =>
  isExact(a) && isExact(b) ? fromRatio(divRatios(a, b)) : inDecimals(a, b, (x, y) => x.div(y));

export const negNum = (a: Num): Num =>
  a.kind === "float" ? new Float(a.value.neg(), a.digits) : fromRatio({ p: -a.p, q: a.q });

export const absNum = (a: Num): Num => (signOf(a) < 0 ? negNum(a) : a);

export const signOf = (a: Num): -1 | 0 | 1 => {
  if (a.kind === "float") return a.value.isZero() ? 0 : a.value.isNegative() ? -1 : 1;
  return a.p === 0n ? 0 : a.p < 0n ? -1 : 1;
};

export const isZero = (a: Num): boolean => signOf(a) === 0;
export const isOne = (a: Num): boolean => a === one || (isInteger(a) && a.p === 1n);

export const compareNums = (a: Num, b: Num): number =>
  isExact(a) && isExact(b) ? compareRatios(a, b) : toDecimal(a, 40).cmp(toDecimal(b, 40));

const bitsOf = (x: bigint): number => x.toString(16).length * 4;

/** base to an integer power. */
export function powNum(base: Num, exponent: bigint): Num {
  if (base.kind === "float") {
    const D = decimals(base.digits + guard);
    return new Float(D.pow(base.value, exponent.toString()), base.digits);
  }
  const n = abs(exponent);
  if (abs(base.p) > 1n || base.q > 1n) {
    if (BigInt(Math.max(bitsOf(base.p), bitsOf(base.q))) * n > mostBits * 4) {
      throw new ArgumentError(`a number to the power ${exponent} has too many digits`);
    }
  }
  const power: Exact = fromRatio(
    ratio(base.p ** smallPower(base.p, n), base.q ** smallPower(base.q, n)),
  );
  return exponent < 0n ? fromRatio(ratio(power.q, power.p)) : power;
}

/** Powers of −1, 0 and 1 repeat, however large the exponent. */
const smallPower = (x: bigint, n: bigint): bigint =>
  abs(x) > 1n || n < 2n ? n : x === -1n ? n % 2n : 1n;

/** A JavaScript number or bigint: an integer where it is whole, else a Float. */
export function fromNumber(x: number | bigint): Num {
  if (typeof x === "bigint" || Number.isSafeInteger(x)) return integer(x);
  return new Float(new (decimals(17))(x), 15);
}

/** A decimal fraction as it is written, or a quotient, exactly. */
export function exactly(text: string): Exact {
  const [whole, fraction = ""] = text.split(".");
  return fromRatio(ratio(BigInt(whole + fraction), 10n ** BigInt(fraction.length)));
}
