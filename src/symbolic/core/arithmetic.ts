/**
 * Sums, products and powers in canonical form: flat, sorted, with like terms and like powers collected and numbers
 * folded, as SymPy's constructors leave them. Nothing here expands or factors, but for a number times a sum.
 */

import {
  ask,
  isEven,
  isNegative,
  isNonnegative,
  isNull,
  isOdd,
  isPositive,
  isReal,
  isWhole,
} from "./assumptions.js";
import type { Exact, Expr, Integer, Num } from "./expr.js";
import {
  Add,
  Call,
  Constant,
  dependsOn,
  E,
  ExprMap,
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
  isSymbol,
  Mul,
  minusOne,
  nan,
  negativeInfinity,
  Order,
  one,
  oo,
  Pow,
  zero,
  zoo,
} from "./expr.js";
import { abs, floorDivide, gcd, mod } from "./integers.js";
import {
  absNum,
  addNums,
  compareNums,
  decimals,
  divNums,
  isOne,
  isZero,
  mulNums,
  negNum,
  powNum,
  signOf,
  toDecimal,
} from "./numbers.js";
import { factorsOf, keepCoefficient, splitCoefficient, splitPower, termsOf } from "./parts.js";
import { integerRoot, perfectPower, ratio, smallFactors } from "./rational.js";

/** A total order of nodes: by hash, and where those collide by structure. */
export function compareNodes(a: Expr, b: Expr): number {
  if (a === b) return 0;
  if (a.hash !== b.hash) return a.hash - b.hash;
  if (a.equals(b)) return 0;
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.args.length !== b.args.length) return a.args.length - b.args.length;
  for (let i = 0; i < a.args.length; i++) {
    const order = compareNodes(a.args[i], b.args[i]);
    if (order !== 0) return order;
  }
  return 0;
}

const isInfinite = (e: Expr): e is Constant => e === oo || e === negativeInfinity || e === zoo;

export const add = (...terms: readonly Expr[]): Expr => sum(terms);
export const mul = (...factors: readonly Expr[]): Expr => product(factors);

export function sum(given: readonly Expr[]): Expr {
  if (given.length === 2) {
    const [a, b] = given;
    if (isNum(a) && isNum(b)) return addNums(a, b);
    if (a === zero) return b;
    if (b === zero) return a;
  }
  let constant: Num = zero;
  let infinity: Constant | null = null;
  const orders: Order[] = [];
  const terms = new ExprMap<Num>();
  const collect = (e: Expr): boolean => {
    if (isAdd(e)) return e.args.every(collect);
    if (isNum(e)) constant = addNums(constant, e);
    else if (e === nan) return false;
    else if (isInfinite(e)) {
      if (infinity !== null && (infinity !== e || e === zoo)) return false;
      infinity = e;
    } else if (e instanceof Order) orders.push(e);
    else {
      const [coefficient, rest] = splitCoefficient(e);
      const before = terms.get(rest);
      if (before === undefined) terms.set(rest, coefficient);
      else {
        const sum = addNums(before, coefficient);
        if (isZero(sum)) terms.delete(rest);
        else terms.set(rest, sum);
      }
    }
    return true;
  };
  if (!given.every(collect)) return nan;
  const args: Expr[] = [];
  for (const [rest, coefficient] of terms) {
    // What is finite does not count beside infinity.
    if (infinity !== null && (ask(rest, "finite") || (infinity !== zoo && isReal(rest)))) continue;
    args.push(keepCoefficient(coefficient, rest));
  }
  args.sort(compareNodes);
  if (infinity !== null) args.unshift(infinity);
  else if (!isZero(constant) || ((constant as Num).kind === "float" && args.length === 0))
    args.unshift(constant);
  if (orders.length > 0) return withOrders(args, orders);
  if (args.length === 0) return zero;
  return args.length === 1 ? args[0] : new Add(args);
}

/** The exponent that a variable has in a term, where nothing else depends on it. */
function degreeIn(term: Expr, variable: Expr): Exact | null {
  let degree: Exact = zero;
  for (const factor of factorsOf(term)) {
    const [base, exponent] = splitPower(factor);
    if (base.equals(variable) && isExact(exponent)) degree = addNums(degree, exponent) as Exact;
    else if (dependsOn(factor, variable)) return null;
  }
  return degree;
}

/** The exponent in a term of what goes to zero where the variable of an order goes to its point: x − a, or 1/x. */
function degreeAt(term: Expr, { args: [, variable, point] }: Order): Exact | null {
  if (!isInfinite(point)) {
    return degreeIn(term, point === zero ? variable : sub(variable, point));
  }
  const degree = degreeIn(term, variable);
  return degree === null ? null : (negNum(degree) as Exact);
}

/** Drops the terms that an order covers. */
function withOrders(args: readonly Expr[], orders: readonly Order[]): Expr {
  const least = orders.reduce((a, b) => {
    const da = degreeAt(a.args[0], a);
    const db = degreeAt(b.args[0], b);
    return da !== null && db !== null && compareNums(db, da) < 0 ? b : a;
  });
  const limit = degreeAt(least.args[0], least);
  const kept = args.filter((term) => {
    const degree = degreeAt(term, least);
    return degree === null || limit === null || compareNums(degree, limit) < 0;
  });
  return kept.length === 0 ? least : new Add([...kept, least]);
}

export const neg = (e: Expr): Expr => mul(minusOne, e);
export const sub = (a: Expr, b: Expr): Expr => add(a, neg(b));
export const div = (a: Expr, b: Expr): Expr => mul(a, pow(b, minusOne));
export const sqrt = (e: Expr): Expr => pow(e, half);
export const exp = (e: Expr): Expr => pow(E, e);

/** Powers of one base: exponents with the same symbolic part are added. */
class Powers {
  private readonly bases: Expr[] = [];
  private readonly rests: Expr[] = [];
  private readonly coefficients: Num[] = [];
  private readonly index = new ExprMap<number[]>();

  get size(): number {
    return this.bases.length;
  }

  add(base: Expr, exponent: Expr): void {
    const [coefficient, rest] = splitCoefficient(exponent);
    const places = this.index.get(base);
    const at = places?.find((i) => this.rests[i].equals(rest));
    if (at !== undefined) {
      this.coefficients[at] = addNums(this.coefficients[at], coefficient);
      return;
    }
    if (places === undefined) this.index.set(base, [this.bases.length]);
    else places.push(this.bases.length);
    this.bases.push(base);
    this.rests.push(rest);
    this.coefficients.push(coefficient);
  }

  *[Symbol.iterator](): IterableIterator<[base: Expr, exponent: Expr]> {
    for (let i = 0; i < this.bases.length; i++) {
      const rest = this.rests[i];
      const coefficient = this.coefficients[i];
      yield [this.bases[i], rest === one ? coefficient : mul(coefficient, rest)];
    }
  }
}

export function product(given: readonly Expr[]): Expr {
  if (given.length === 2) {
    let [a, b] = given;
    if (isNum(b)) [a, b] = [b, a];
    if (a === one) return b;
    if (isNum(a)) {
      if (isNum(b)) return mulNums(a, b);
      if (isExact(a) && !isZero(a)) {
        const [coefficient, rest] = splitCoefficient(b);
        if (isAdd(rest)) {
          if (!isOne(coefficient)) {
            const product = mulNums(a, coefficient);
            return isOne(product) ? rest : keepCoefficient(product, rest);
          }
          return distribute(a, rest);
        }
        // A number and what has no numbers beside a coefficient need no collecting.
        if (rest !== b && !isNumeric(rest)) return keepCoefficient(a, b);
        if (isSymbol(b) || isCall(b)) return new Mul([a, b]);
      }
    }
  }
  let coefficient: Num = one;
  let infinity: Constant | null = null;
  /** The exponent of −1, of which I is a half. */
  let turns: Exact = zero;
  const powers = new Powers();
  /** Numbers to symbolic powers. */
  const numbers = new Powers();
  /** Positive integers and fractions, to fractional powers. */
  const roots: [base: Exact, exponent: Exact][] = [];
  const orders: Order[] = [];
  const collect = (e: Expr): boolean => {
    if (isMul(e)) return e.args.every(collect);
    if (isNum(e)) coefficient = mulNums(coefficient, e);
    else if (e === nan) return false;
    else if (e === I) turns = addNums(turns, half) as Exact;
    else if (isInfinite(e)) {
      if (infinity === null) infinity = e;
      else if (infinity === zoo || e === zoo) infinity = zoo;
      else infinity = infinity === e ? oo : negativeInfinity;
    } else if (e instanceof Order) orders.push(e);
    else if (isPow(e) && isNum(e.base)) {
      const { base, exponent } = e;
      if (isExact(base) && isExact(exponent)) {
        if (signOf(base) < 0) turns = addNums(turns, exponent) as Exact;
        const size = absNum(base) as Exact;
        if (!isOne(size)) roots.push([size, exponent]);
      } else if (isExact(base) && base.p === 1n) numbers.add(integer(base.q), neg(exponent));
      else if (signOf(base) > 0 || isWhole(exponent)) numbers.add(base, exponent);
      else powers.add(base, exponent);
    } else powers.add(...splitPower(e));
    return true;
  };
  if (!given.every(collect)) return nan;

  const factors: Expr[] = [];
  let list: Iterable<[Expr, Expr]> = powers;
  // Raising a base to the sum of its exponents may change the base: then powers are collected once more.
  for (let round = 0; round < 2; round++) {
    factors.length = 0;
    const next = new Powers();
    let changed = false;
    for (const [base, exponent] of list) {
      if (exponent === zero) continue;
      const power = pow(base, exponent);
      let found = splitPower(power);
      if (!isPow(power) || isPow(base)) found = [base, exponent];
      else if (!found[0].equals(base)) changed = true;
      factors.push(power);
      next.add(...found);
    }
    if (!changed || next.size === factors.length) break;
    list = next;
  }
  // Bases with the same symbolic exponent are multiplied.
  const byExponent = new ExprMap<Num>();
  for (const [base, exponent] of numbers) {
    byExponent.set(exponent, mulNums(byExponent.get(exponent) ?? one, base as Num));
  }
  for (const [exponent, base] of byExponent)
    if (exponent !== zero) factors.push(pow(base, exponent));
  if (roots.length > 0 || turns !== zero) {
    const [scale, radicals, rest] = combineRoots(roots, turns);
    coefficient = mulNums(coefficient, scale);
    factors.push(...radicals, ...rest);
  }

  // Powers may have turned out as numbers or products.
  const parts: Expr[] = [];
  let nested = false;
  for (const factor of factors) {
    if (isNum(factor)) coefficient = mulNums(coefficient, factor);
    else if (factor === nan) return nan;
    else {
      if (isMul(factor) || isInfinite(factor) || (factor === I && turns === zero)) nested = true;
      parts.push(factor);
    }
  }
  if (nested)
    return mul(coefficient, ...parts, ...(infinity === null ? [] : [infinity]), ...orders);
  if (infinity !== null) return timesInfinity(infinity, coefficient, parts);
  if (isZero(coefficient)) return parts.some((part) => ask(part, "finite") === false) ? nan : zero;
  parts.sort(compareNodes);
  if (orders.length > 0) return timesOrder(parts, orders);
  if (parts.length === 0) return coefficient;
  if (isOne(coefficient) && isExact(coefficient))
    return parts.length === 1 ? parts[0] : new Mul(parts);
  if (parts.length === 1 && isAdd(parts[0])) return distribute(coefficient, parts[0]);
  return new Mul([coefficient, ...parts]);
}

/** A product with an order: numbers do not count. */
function timesOrder(parts: readonly Expr[], [order, ...others]: readonly Order[]): Expr {
  const [of, variable, point] = order.args;
  const all = [of, ...parts, ...others.map((other) => other.args[0])].filter((part) =>
    dependsOn(part, variable),
  );
  return new Order(mul(...all), variable, point);
}

function distribute(coefficient: Num, sum: Add): Expr {
  const terms = sum.args.map((term) => {
    const [own, rest] = splitCoefficient(term);
    return keepCoefficient(mulNums(coefficient, own), rest);
  });
  // Coefficients change, terms do not; only a number may meet another.
  const numbers = terms.filter(isNum);
  if (numbers.length > 1 || terms.some((term) => term === zero) || coefficient.kind === "float")
    return add(...terms);
  const others = terms.filter((term) => !isNum(term)).sort(compareNodes);
  return new Add([...numbers, ...others]);
}

function timesInfinity(infinity: Constant, coefficient: Num, parts: readonly Expr[]): Expr {
  if (isZero(coefficient)) return nan;
  let sign = signOf(coefficient) < 0 ? -1 : 1;
  const open = parts.filter((part) => {
    if (infinity === zoo) return !(isNull(part) === false && isReal(part) !== null);
    if (isPositive(part)) return false;
    if (!isNegative(part)) return true;
    sign = -sign;
    return false;
  });
  let result = infinity;
  if (infinity !== zoo && sign < 0) result = infinity === oo ? negativeInfinity : oo;
  return open.length === 0 ? result : new Mul([result, ...open].sort(compareNodes));
}

/** A product of roots of numbers, and of a power of −1: √2 · ∛6 has one radical for each exponent, in lowest terms. */
function combineRoots(
  given: readonly (readonly [base: Exact, exponent: Exact])[],
  turns: Exact,
): [scale: Num, radicals: Expr[], rest: Expr[]] {
  let scale: Num = one;
  // Bases are multiplied by exponent; whole parts of exponents go to the scale.
  const byBase = new ExprMap<Exact>();
  for (const [base, exponent] of given) {
    byBase.set(base, addNums(byBase.get(base) ?? zero, exponent) as Exact);
  }
  const byExponent = new ExprMap<Exact>();
  const put = (base: Exact, exponent: Exact): void => {
    const whole = floorDivide(exponent.p, exponent.q);
    if (whole !== 0n) scale = mulNums(scale, powNum(base, whole));
    const part = fromRatio(ratio(exponent.p - whole * exponent.q, exponent.q));
    if (part === zero) return;
    byExponent.set(part, mulNums(byExponent.get(part) ?? one, base) as Exact);
  };
  for (const [base, exponent] of byBase) put(base as Exact, exponent);
  const list = [...byExponent].map(([exponent, base]): [Exact, Exact] => [base, exponent as Exact]);
  const collected = new ExprMap<Exact>();
  for (let i = 0; i < list.length; i++) {
    let [base, exponent] = list[i];
    for (let j = i + 1; j < list.length && !isOne(base); j++) {
      const [other, otherExponent] = list[j];
      if (!isInteger(base) || !isInteger(other)) continue;
      const common = gcd(base.p, other.p);
      if (common === 1n) continue;
      const sum = addNums(exponent, otherExponent) as Exact;
      const whole = floorDivide(sum.p, sum.q);
      scale = mulNums(scale, powNum(integer(common), whole));
      const part = fromRatio(ratio(sum.p - whole * sum.q, sum.q));
      if (part !== zero) list.push([integer(common), part]);
      list[j] = [integer(other.p / common), otherExponent];
      base = integer(base.p / common);
    }
    if (isOne(base)) continue;
    for (const factor of factorsOf(pow(base, exponent))) {
      if (isNum(factor)) scale = mulNums(scale, factor);
      else {
        const [b, e] = splitPower(factor) as [Exact, Exact];
        collected.set(e, mulNums(collected.get(e) ?? one, b) as Exact);
      }
    }
  }
  const rest: Expr[] = [];
  const whole = floorDivide(turns.p, turns.q);
  if (mod(whole, 2n) === 1n) scale = negNum(scale);
  const part = fromRatio(ratio(turns.p - whole * turns.q, turns.q));
  if (part !== zero) {
    if (part.q === 2n) rest.push(I);
    else {
      const partner = collected.get(part);
      if (partner !== undefined && signOf(partner) > 0)
        collected.set(part, negNum(partner) as Exact);
      else rest.push(new Pow(minusOne, part));
    }
  }
  const radicals: Expr[] = [];
  for (const [exponent, base] of collected) {
    const radical = signOf(base) < 0 ? new Pow(base, exponent) : pow(base, exponent);
    for (const factor of factorsOf(radical)) {
      if (isNum(factor)) scale = mulNums(scale, factor);
      else radicals.push(factor);
    }
  }
  return [scale, radicals, rest];
}

export function pow(base: Expr, exponent: Expr): Expr {
  if (exponent === zero) return one;
  if (exponent === one) return base;
  if (base === nan || exponent === nan || exponent === zoo) return nan;
  if (isInteger(exponent) && isNum(base)) {
    if (isZero(base)) return exponent.p > 0n ? zero : zoo;
    return powNum(base, exponent.p);
  }
  if (exponent === oo || exponent === negativeInfinity) return toInfinity(base, exponent);
  if (base === one) return one;
  if (base === zero) {
    if (isPositive(exponent)) return zero;
    if (isNegative(exponent)) return zoo;
    return new Pow(base, exponent);
  }
  if (isWhole(exponent) && isNum(base) && signOf(base) < 0) {
    if (isEven(exponent)) return pow(negNum(base), exponent);
    if (isOdd(exponent)) return neg(pow(negNum(base), exponent));
  }
  if (isNum(base)) return numberPower(base, exponent);
  if (base === E) return expPower(exponent);
  if (base === I && isExact(exponent)) return imaginaryPower(exponent);
  if (isInfinite(base)) return infinityPower(base, exponent);
  if (isMul(base)) return productPower(base, exponent);
  if (isPow(base)) return powerPower(base, exponent) ?? new Pow(base, exponent);
  if (isAdd(base)) return sumPower(base, exponent);
  if (isCall(base, "Abs") && isEven(exponent) && isReal(base.args[0]))
    return pow(base.args[0], exponent);
  return new Pow(base, exponent);
}

function toInfinity(base: Expr, exponent: Expr): Expr {
  if (base === E) return exponent === oo ? oo : zero;
  const size = isNum(base) ? compareNums(absNum(base), one) : null;
  if (exponent === negativeInfinity) return pow(pow(base, minusOne), oo);
  if (size !== null) {
    if (isOne(base as Num)) return nan;
    if (size < 0) return zero;
    return size === 0 ? nan : signOf(base as Num) > 0 ? oo : zoo;
  }
  return base === oo ? oo : new Pow(base, exponent);
}

function infinityPower(base: Constant, exponent: Expr): Expr {
  if (base === negativeInfinity) {
    if (isInteger(exponent))
      return exponent.p < 0n ? zero : exponent.p % 2n === 0n ? oo : negativeInfinity;
    if (!isExact(exponent)) return new Pow(base, exponent);
    return exponent.p < 0n ? zero : mul(oo, new Pow(minusOne, exponent));
  }
  if (isPositive(exponent)) return base;
  if (isNegative(exponent)) return zero;
  return new Pow(base, exponent);
}

function imaginaryPower({ p, q }: Exact): Expr {
  if (q !== 1n) return pow(minusOne, fromRatio(ratio(p, 2n * q)));
  return [one, I, minusOne, mul(minusOne, I)][Number(mod(p, 4n))];
}

function numberPower(base: Num, exponent: Expr): Expr {
  if (base.kind === "float" || exponent.kind === "float") {
    if (isNum(exponent)) return floatPower(base, exponent);
    return new Pow(base, exponent);
  }
  if (isExact(exponent))
    return base.q === 1n ? integerPower(base.p, exponent) : fractionPower(base, exponent);
  return new Pow(base, exponent);
}

function floatPower(base: Num, exponent: Num): Expr {
  const digits = Math.min(
    base.kind === "float" ? base.digits : 99,
    exponent.kind === "float" ? exponent.digits : 99,
  );
  const D = decimals(digits + 5);
  if (isZero(base)) return signOf(exponent) > 0 ? zero : zoo;
  const power = toDecimal(exponent, digits + 5);
  const size = D.pow(toDecimal(base, digits + 5).abs(), power);
  if (signOf(base) > 0 || power.isInteger()) {
    const odd = signOf(base) < 0 && !power.mod(2).isZero();
    return new Float(odd ? size.neg() : size, digits);
  }
  const angle = D.acos(-1).times(power);
  const re = new Float(size.times(D.cos(angle)), digits);
  const im = new Float(size.times(D.sin(angle)), digits);
  return power.times(2).isInteger() ? mul(im, I) : add(re, mul(im, I));
}

/** An integer to a fraction: what comes out of the root comes out. */
function integerPower(base: bigint, exponent: Exact): Expr {
  const { p, q } = exponent;
  if (base === -1n) {
    const whole = floorDivide(p, q);
    if (whole === 0n) return q === 2n ? I : new Pow(minusOne, exponent);
    const rest = pow(minusOne, fromRatio(ratio(p - whole * q, q)));
    return mod(whole, 2n) === 0n ? rest : neg(rest);
  }
  if (p < 0n) {
    const positive = fromRatio(ratio(-p, q));
    if (base >= 0n) return fractionPower(fromRatio(ratio(1n, base)), positive);
    return mul(pow(minusOne, exponent), fractionPower(fromRatio(ratio(1n, -base)), positive));
  }
  const size = abs(base);
  const { root, exact } =
    q < 1_000_000n ? integerRoot(size, Number(q)) : { root: 1n, exact: false };
  if (exact) {
    const value = powNum(integer(root), p);
    return base < 0n ? mul(value, pow(minusOne, exponent)) : value;
  }
  const perfect = size.toString(16).length <= 64 ? perfectPower(size) : null;
  const primes =
    perfect === null ? smallFactors(size) : new Map([[perfect.base, perfect.exponent]]);
  let outside: bigint = 1n;
  const radicals: Expr[] = [];
  const remaining = new Map<bigint, bigint>();
  for (const [prime, count] of primes) {
    const total = BigInt(count) * p;
    const whole = total / q;
    const part = total % q;
    if (whole > 0n) outside *= (powNum(integer(prime), whole) as Integer).p;
    if (part === 0n) continue;
    const common = gcd(part, q);
    if (common !== 1n)
      radicals.push(pow(integer(prime), fromRatio(ratio(part / common, q / common))));
    else remaining.set(prime, part);
  }
  let common = 0n;
  for (const count of remaining.values()) common = gcd(common, count);
  let inside = 1n;
  for (const [prime, count] of remaining) inside *= prime ** (count / common);
  if (inside === size && outside === 1n && radicals.length === 0) {
    if (base < 0n) return mul(pow(minusOne, exponent), new Pow(integer(size), exponent));
    return p > q
      ? mul(powNum(integer(size), p / q), new Pow(integer(size), fromRatio(ratio(p % q, q))))
      : new Pow(integer(size), exponent);
  }
  const factors: Expr[] = [integer(outside), ...radicals];
  if (inside > 1n) factors.push(pow(integer(inside), fromRatio(ratio(common, q))));
  if (base < 0n) factors.push(pow(minusOne, exponent));
  return mul(...factors);
}

/** A fraction to a fraction: the root in the denominator goes into the numerator. */
function fractionPower({ p, q }: Exact, exponent: Exact): Expr {
  if (q === 1n) return integerPower(p, exponent);
  if (p < 0n) return mul(pow(minusOne, exponent), fractionPower(fromRatio(ratio(-p, q)), exponent));
  if (exponent.p < 0n) {
    const inverse = fromRatio(ratio(q, p));
    return pow(inverse, fromRatio(ratio(-exponent.p, exponent.q)));
  }
  const whole = floorDivide(exponent.p, exponent.q) + 1n;
  const rest = fromRatio(ratio(whole * exponent.q - exponent.p, exponent.q));
  const scale = fromRatio(ratio(1n, q ** whole));
  return mul(p === 1n ? one : integerPower(p, exponent), integerPower(q, rest), scale);
}

/** e^x, with logarithms in x taken out. */
function expPower(exponent: Expr): Expr {
  if (exponent instanceof Float) {
    return new Float(decimals(exponent.digits + 5).exp(exponent.value), exponent.digits);
  }
  if (isCall(exponent, "log")) return exponent.args[0];
  if (isMul(exponent)) {
    const quarter = quarterTurns(exponent);
    if (quarter !== null) return quarter;
    const logs = exponent.args.filter((arg) => isCall(arg, "log"));
    const others = exponent.args.filter((arg) => !isCall(arg, "log"));
    if (logs.length === 1 && others.every((arg) => isNumeric(arg) && isReal(arg))) {
      return pow(logs[0].args[0], mul(...others));
    }
  }
  if (isAdd(exponent)) {
    const out: Expr[] = [];
    const kept = exponent.args.filter((term) => {
      if (term === one) return true;
      const power = expPower(term);
      if (isExp(power)) return true;
      out.push(power);
      return false;
    });
    if (out.length > 0) return mul(...out, pow(E, add(...kept)));
  }
  return new Pow(E, exponent);
}

/** e^(iπ r) for a rational r whose value is a root of unity of degree four; other r are reduced to −1 < r ≤ 1. */
function quarterTurns(exponent: Mul): Expr | null {
  const rest = exponent.args.filter((arg) => !isExact(arg));
  const ofPi =
    rest.length === 2 &&
    rest.includes(I) &&
    rest.some((arg) => arg instanceof Constant && arg.name === "pi");
  if (!ofPi) return null;
  const [coefficient] = splitCoefficient(exponent);
  if (!isExact(coefficient)) return null;
  const doubled = fromRatio(ratio(2n * coefficient.p, coefficient.q));
  if (doubled.q === 1n) return [one, I, minusOne, neg(I)][Number(mod(doubled.p, 4n))];
  const turn = mod(coefficient.p, 2n * coefficient.q);
  const reduced = turn > coefficient.q ? turn - 2n * coefficient.q : turn;
  if (reduced === coefficient.p) return null;
  return new Pow(E, mul(fromRatio(ratio(reduced, coefficient.q)), ...rest));
}

/**
 * The factors of a base that may be taken out of any power, since they are not negative, and the product of the others:
 * of two negative ones each is its negative, and of one the sign stays.
 */
export function splitBase(base: Mul): [out: Expr[], rest: Expr] {
  const out: Expr[] = [];
  const negative: Expr[] = [];
  const other: Expr[] = [];
  for (const arg of base.args) {
    if (isNonnegative(arg)) out.push(arg);
    else if (isNegative(arg)) negative.push(arg);
    else other.push(arg);
  }
  if (negative.length > 1) {
    let sign: Expr = one;
    if (other.length === 0 && isNum(negative[0])) sign = negative.shift() as Expr;
    if (negative.length % 2 === 1) sign = neg(sign);
    for (const arg of negative) out.push(neg(arg));
    other.push(sign);
  } else if (negative.length === 1) {
    const [arg] = negative;
    if (other.length > 0 && isNum(arg) && arg !== minusOne) {
      other.push(minusOne);
      out.push(neg(arg));
    } else other.push(arg);
  }
  return [out, mul(...other)];
}

/** Factors are taken out of a power: all for an integer exponent, else those known not to be negative. */
function productPower(base: Mul, exponent: Expr): Expr {
  if (isInteger(exponent)) return mul(...base.args.map((arg) => pow(arg, exponent)));
  if (!isNum(exponent)) return new Pow(base, exponent);
  const [out, rest] = splitBase(base);
  // Of a symbol x that is negative, −x is a factor already.
  if (out.length === 0 || (out.length === 1 && out[0].equals(base))) return new Pow(base, exponent);
  const inner = isMul(rest) ? new Pow(rest, exponent) : pow(rest, exponent);
  return mul(...out.map((arg) => pow(arg, exponent)), inner);
}

/** (b^e)^other as one power of b, where that is the same; null where it may not be. */
function powerPower({ base, exponent }: Pow, other: Expr): Expr | null {
  if (isWhole(other)) return pow(base, mul(exponent, other));
  if (!isReal(exponent)) return null;
  const halves = isExact(other) && other.q === 2n;
  let b = base;
  if (exponent === minusOne) {
    if (halves && isNegative(b) === true) return mul(pow(minusOne, other), pow(neg(b), neg(other)));
    if (halves && isNegative(b) === false) return pow(b, neg(other));
  } else if (isEven(exponent) && isReal(b)) b = absolute(b);
  const size = isNum(exponent) ? absNum(exponent) : null;
  if (size !== null && compareNums(size, one) < 0) return pow(b, mul(exponent, other));
  if (isNonnegative(b)) return pow(b, mul(exponent, other));
  return null;
}
const absolute = (x: Expr): Expr =>
  isNonnegative(x) ? x : isNegative(x) ? neg(x) : new Call("Abs", [x], true);

function sumPower(base: Add, exponent: Expr): Expr {
  if (isNumeric(base) && isExact(exponent)) {
    const parts = gaussian(base);
    if (parts !== null) {
      const [re, im] = parts;
      if (exponent === minusOne) {
        const square = addNums(mulNums(re, re), mulNums(im, im));
        return mul(
          divNums(one, square),
          new Add([re, mul(negNum(im), I)].sort((a, b) => (isNum(a) ? -1 : isNum(b) ? 1 : 0))),
        );
      }
    }
  }
  return new Pow(base, exponent);
}

/** a and b of a + b I. */
export function gaussian(e: Expr): [re: Exact, im: Exact] | null {
  let re: Exact = zero;
  let im: Exact = zero;
  for (const term of termsOf(e)) {
    if (isExact(term)) re = term;
    else {
      const [coefficient, rest] = splitCoefficient(term);
      if (rest !== I || !isExact(coefficient)) return null;
      im = coefficient;
    }
  }
  return im === zero ? null : [re, im];
}
