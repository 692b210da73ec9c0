/**
 * The order in which expressions are shown: SymPy's, where terms go by the powers of their generators and factors by
 * their kind. Arguments are kept in another, cheaper order (compareNodes in arithmetic.ts).
 */
import { approximate } from "./approximate.js";
import type { Constant, Expr, Node, Num } from "./expr.js";
import {
  Add,
  Call as CallNode,
  ExprMap,
  ExprSet,
  integer,
  isAdd,
  isExact,
  isExp,
  isMul,
  isNum,
  isNumeric,
  isPow,
  one,
  Pow,
  Rational,
} from "./expr.js";
import { compareNums, isOne, negNum, signOf, toNumber } from "./numbers.js";
import { factorsOf, keepCoefficient, splitCoefficient } from "./parts.js";

/** Numbers, texts and lists are compared element by element; a shorter list comes before what it begins. */
export type SortKey = number | string | bigint | Num | readonly SortKey[];

const isList = (key: SortKey): key is readonly SortKey[] => Array.isArray(key);
const isNode = (key: SortKey): key is Num => typeof key === "object" && !Array.isArray(key);

export function compareKeys(a: SortKey, b: SortKey): number {
  if (a === b) return 0;
  if (isList(a) && isList(b)) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const order = compareKeys(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (isNode(a) && isNode(b)) return compareNums(a, b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return typeof a < typeof b ? -1 : 1;
}

const functionKeys: Readonly<Record<string, number>> = {
  exp: 10,
  log: 11,
  sin: 20,
  cos: 21,
  tan: 22,
  cot: 23,
  sinh: 30,
  cosh: 31,
  tanh: 32,
  coth: 33,
  conjugate: 40,
  re: 41,
  im: 42,
  arg: 43,
};

/** The name of a node's class in SymPy, by which classes of one rank are sorted. */
function classKey(e: Node): SortKey {
  switch (e.kind) {
    case "integer":
    case "rational":
    case "float":
      return [1, 0, "Number"];
    case "symbol":
      return [2, 0, "Symbol"];
    case "constant":
      return constantKey(e);
    case "mul":
      return [3, 0, "Mul"];
    case "add":
      return [3, 1, "Add"];
    case "pow":
      return [3, 2, "Pow"];
    case "function":
      if (e.defined && (e.name === "Max" || e.name === "Min")) return [5, 0, e.name];
      return [4, functionKeys[e.name] ?? (e.defined ? 10000 : 0), e.name];
    case "derivative":
      return [5, 0, "Derivative"];
    case "subs":
      return [5, 0, "Subs"];
    case "piecewise":
      return [4, 0, "Piecewise"];
    case "relational":
      return [5, 0, relationNames[e.relation]];
    case "boolean":
      return [5, 0, e.value ? "BooleanTrue" : "BooleanFalse"];
    case "order":
      return [5, 0, "Order"];
    default:
      return [5, 0, { and: "And", or: "Or", not: "Not" }[e.kind]];
  }
}
const relationNames = {
  "==": "Equality",
  "!=": "Unequality",
  "<": "StrictLessThan",
  "<=": "LessThan",
  ">": "StrictGreaterThan",
  ">=": "GreaterThan",
};
const constantKey = ({ name }: Constant): SortKey => {
  if (name === "oo" || name === "-oo" || name === "nan") return [1, 0, "Number"];
  const names: Record<string, string> = {
    pi: "Pi",
    E: "Exp1",
    I: "ImaginaryUnit",
    zoo: "ComplexInfinity",
  };
  return [2, 0, names[name] ?? name];
};

const keys = new WeakMap<Expr, SortKey>();
const oneKey: SortKey = [[1, 0, "Number"], [0, []], [], one];

/** The text of an expression without arguments. */
const atomText = (e: Node): string => (e.kind === "symbol" || e.kind === "constant" ? e.name : "");

export function sortKey(e: Expr): SortKey {
  let key = keys.get(e);
  if (key === undefined) {
    key = findKey(e);
    keys.set(e, key);
  }
  return key;
}

function findKey(e: Expr): SortKey {
  if (isNum(e)) return [[1, 0, "Number"], [0, []], [], e];
  let [coefficient, rest] = splitCoefficient(e) as [Num, Expr];
  let exponent: SortKey = oneKey;
  if (isExp(rest)) rest = new CallNode("exp", [rest.exponent], true);
  else if (isPow(rest)) {
    exponent = sortKey(rest.exponent);
    rest = rest.base;
    if (isNum(rest)) {
      // A number as a base counts by its digits.
      return [classKey(rest), [1, [numberText(rest)]], exponent, coefficient];
    }
  }
  const node = rest as Node;
  let args: SortKey;
  if (node.args.length === 0) args = [1, [atomText(node)]];
  else if (node.kind === "derivative") {
    const pairs = node.variables.map((variable, i): SortKey => {
      const pair = [2, [sortKey(variable), sortKey(integer(node.counts[i]))]];
      return [[5, 0, "Tuple"], pair, oneKey, one];
    });
    args = [node.args.length, [sortKey(node.of), ...pairs]];
  } else {
    const list = isAdd(node) ? orderedTerms(node) : isMul(node) ? orderedFactors(node) : node.args;
    args = [list.length, list.map(sortKey)];
  }
  return [classKey(node), args, exponent, coefficient];
}

const numberText = (x: Num): string =>
  isExact(x) ? (x.q === 1n ? String(x.p) : `${x.p}/${x.q}`) : x.value.toString();

export const compareShown = (a: Expr, b: Expr): number => compareKeys(sortKey(a), sortKey(b));

/** The factors of a product as they are shown. */
export const orderedFactors = (e: Expr): readonly Expr[] => [...factorsOf(e)].sort(compareShown);

/** A factor as a generator with a whole exponent. */
function generator(factor: Expr): readonly [base: Expr, exponent: number] {
  if (!isPow(factor)) return [factor, 1];
  const { base, exponent } = factor;
  if (isNum(exponent)) {
    if (!isExact(exponent)) return [factor, 1];
    const root = exponent.q === 1n ? base : new Pow(base, new Rational({ p: 1n, q: exponent.q }));
    return [root, Number(exponent.p)];
  }
  const [coefficient, rest] = splitCoefficient(exponent);
  if (!isExact(coefficient)) {
    if (signOf(coefficient) > 0) return [factor, 1];
    return [new Pow(base, keepCoefficient(negNum(coefficient), rest)), -1];
  }
  if (isOne(coefficient)) return [factor, 1];
  const unit = coefficient.q === 1n ? one : new Rational({ p: 1n, q: coefficient.q });
  return [new Pow(base, keepCoefficient(unit, rest)), Number(coefficient.p)];
}

/**
 * The terms of a sum as they are shown: by the powers of their generators, from the highest; in a series, which ends
 * with an order term, from the lowest.
 */
export function orderedTerms(e: Expr): readonly Expr[] {
  if (!isAdd(e)) return [e];
  const first = constantBeforeNegative(e);
  if (first !== null) return first;
  const generators = new ExprSet();
  const terms = e.args.map((term) => {
    const [coefficient, rest] = splitCoefficient(term);
    let re = toNumber(coefficient);
    let im = 0;
    const powers = new ExprMap<number>();
    if (rest !== one) {
      for (const factor of factorsOf(rest)) {
        const value = isNumeric(factor) ? approximate(factor) : null;
        if (value !== null) {
          [re, im] = [re * value.re - im * value.im, re * value.im + im * value.re];
          continue;
        }
        const [base, exponent] = generator(factor);
        powers.set(base, exponent);
        generators.add(base);
      }
    }
    return { term, powers, re, im };
  });
  const columns = generators.list.sort(compareShown);
  const rows = terms.map(({ term, powers, re, im }) => ({
    term,
    order: term.kind === "order" ? 1 : 0,
    powers: columns.map((base) => powers.get(base) ?? 0),
    re,
    im,
  }));
  const direction = rows.some(({ order }) => order === 1) ? -1 : 1;
  const byPowers = (a: (typeof rows)[number], b: (typeof rows)[number]): number => {
    for (let i = 0; i < columns.length; i++)
      if (a.powers[i] !== b.powers[i]) return b.powers[i] - a.powers[i];
    if ((a.im !== 0) !== (b.im !== 0)) return a.im !== 0 ? 1 : -1;
    return a.im - b.im || a.re - b.re;
  };
  rows.sort((a, b) => a.order - b.order || direction * byPowers(a, b));
  return rows.map(({ term }) => term);
}

/** 1 − x, not −x + 1: a positive number and a product of a negative number and one factor. */
function constantBeforeNegative({ args }: Add): readonly Expr[] | null {
  if (args.length !== 2) return null;
  const constant = args.find((arg) => isNum(arg) || arg.kind === "constant");
  const other = args.find((arg) => arg !== constant);
  if (constant === undefined || other === undefined || !isMul(other) || other.args.length !== 2)
    return null;
  if (
    isNum(constant)
      ? signOf(constant) <= 0
      : (constant as Constant).name === "I" || (constant as Constant).name === "-oo"
  )
    return null;
  const [coefficient] = splitCoefficient(other);
  return signOf(coefficient) < 0 ? [constant, other] : null;
}

/** Whether e begins with a minus sign, or has more terms that do than terms that do not. */
export function hasLeadingMinus(e: Expr): boolean {
  if (isNum(e)) return signOf(e) < 0;
  if (isMul(e)) return isNum(e.args[0]) && signOf(e.args[0]) < 0;
  if (e.kind === "constant") return (e as Constant).name === "-oo";
  if (!isAdd(e)) return false;
  let negative = 0;
  for (const arg of e.args) if (hasLeadingMinus(arg)) negative++;
  const positive = e.args.length - negative;
  if (positive !== negative) return positive < negative;
  const turned = new Add(
    e.args.map((term) => {
      const [coefficient, rest] = splitCoefficient(term);
      return keepCoefficient(negNum(coefficient), rest);
    }),
  );
  return compareKeys(findKey(e), findKey(turned)) < 0;
}
