/**
 * Expressions as JSON values: a table of nodes, each of which names its arguments by their places in the table, before
 * its own. Equal subexpressions have one entry.
 */
import { ArgumentError } from "../core/errors.js";
import { compareNodes } from "./core/arithmetic.js";
import { closure, factNames, generators } from "./core/assumptions.js";
import { catalog } from "./core/catalog.js";
import type { Assumptions, ConstantName, Expr, Kind, Node, Relation } from "./core/expr.js";
import {
  Add,
  Call,
  Catalan,
  Derivative,
  E,
  EulerGamma,
  ExprMap,
  Float,
  fromRatio,
  GoldenRatio,
  I,
  integer,
  isBoolean,
  isNum,
  isSymbol,
  Logic,
  Mul,
  nan,
  negativeInfinity,
  no,
  Order,
  oo,
  Piecewise,
  Pow,
  pi,
  Relational,
  Subs,
  Sym,
  walk,
  yes,
  zoo,
} from "./core/expr.js";
import { decimals } from "./core/numbers.js";
import { ratio } from "./core/rational.js";
import type { ExprLike } from "./core/symbols.js";
import { dummy, sympify } from "./core/symbols.js";

const version = 1;
/** What is read has no more nodes, and numbers of no more digits. */
const mostNodes = 1_000_000;
const mostDigits = 1_000_000;

/** A node: its kind, the places of its arguments, and what else its kind has. */
export interface ExprNodeJSON {
  readonly kind: string;
  readonly args?: readonly number[];
  readonly [content: string]: unknown;
}

/** An expression as a JSON value: the last node is the expression. */
export interface ExprJSON {
  readonly version: number;
  readonly nodes: readonly ExprNodeJSON[];
}

/** The content of a node beside its arguments. */
function contentOf(e: Node): Record<string, unknown> {
  switch (e.kind) {
    case "integer":
      return { value: String(e.p) };
    case "rational":
      return { p: String(e.p), q: String(e.q) };
    case "float":
      return { value: e.value.toString(), digits: e.digits };
    case "constant":
      return { name: e.name };
    case "symbol": {
      const assumptions = generators(e.assumed);
      return {
        name: e.name,
        ...(Object.keys(assumptions).length === 0 ? {} : { assumptions }),
        ...(e.unique === 0 ? {} : { unique: true }),
      };
    }
    case "function":
      return e.defined ? { name: e.name } : { name: e.name, defined: false };
    case "derivative":
      return { counts: e.counts };
    case "relational":
      return { relation: e.relation };
    case "boolean":
      return { value: e.value };
    default:
      return {};
  }
}

/**
 * An expression as a JSON value, which sym.fromJSON reads. Its size is that of the distinct subexpressions.
 *
 * @example
 * const x = sym.symbol("x");
 * sym.toJSON(x.pow(2)).nodes.map(({ kind }) => kind) // ["symbol", "integer", "pow"]
 */
export function toJSON(e: ExprLike): ExprJSON {
  const nodes: ExprNodeJSON[] = [];
  const places = new ExprMap<number>();
  walk(sympify(e), (part) => {
    if (places.has(part)) return;
    places.set(part, nodes.length);
    const args = part.args.map((arg) => places.get(arg) as number);
    const content = contentOf(part as Node);
    nodes.push({ kind: part.kind, ...content, ...(args.length === 0 ? {} : { args }) });
  });
  return { version, nodes };
}

const constants: Readonly<Record<ConstantName, Expr>> = {
  pi,
  E,
  I,
  oo,
  "-oo": negativeInfinity,
  zoo,
  nan,
  EulerGamma,
  Catalan,
  GoldenRatio,
};
const relations: readonly Relation[] = ["==", "!=", "<", "<=", ">", ">="];

type Data = Readonly<Record<string, unknown>>;
const isRecord = (x: unknown): x is Data =>
  typeof x === "object" && x !== null && !Array.isArray(x);

/** One node of the table that is read: its content is checked when it is asked for. */
class Entry {
  readonly args: readonly Expr[];

  constructor(
    private readonly data: Data,
    private readonly at: number,
    before: readonly Expr[],
  ) {
    const { args = [] } = data;
    if (!Array.isArray(args)) this.fail("args is no list");
    this.args = (args as readonly unknown[]).map((place) => {
      if (typeof place !== "number" || !Number.isInteger(place) || place < 0 || place >= at)
        this.fail(`an argument is ${show(place)}, not the place of a node before it`);
      return before[place as number];
    });
  }

  fail(message: string): never {
    throw new ArgumentError(`fromJSON: nodes[${this.at}]: ${message}`);
  }

  /** The arguments: from `least` to `most`, each a number (or where `logical`, a condition). */
  operands(least: number, most: number, logical: boolean | null = false): readonly Expr[] {
    const { args } = this;
    if (args.length < least || args.length > most) {
      const wanted =
        least === most ? least : most === Infinity ? `${least} or more` : `${least} to ${most}`;
      this.fail(`${args.length} arguments, where there must be ${wanted}`);
    }
    if (logical !== null) for (const arg of args) this.check(arg, logical);
    return args;
  }

  /** A symbol can be a condition as well. */
  check(arg: Expr, logical: boolean): void {
    if (logical ? !isBoolean(arg) && !isSymbol(arg) : isBoolean(arg))
      this.fail(logical ? "an argument is no condition" : "an argument is a condition, no number");
  }

  /** An argument that stands for a variable: a symbol, or (where a derivative is by it) a function or a derivative. */
  variable(arg: Expr, kinds: readonly Kind[] = ["symbol"]): void {
    if (!kinds.includes(arg.kind)) this.fail(`a variable is of the kind ${arg.kind}`);
  }

  text(key: string): string {
    const value = this.data[key];
    if (typeof value !== "string" || value === "") this.fail(`${key} is ${show(value)}, no text`);
    return value as string;
  }

  oneOf<T extends string>(key: string, names: readonly T[]): T {
    const value = this.text(key);
    return names.find((name) => name === value) ?? this.fail(`${key} is ${show(value)}`);
  }

  flag(key: string, otherwise?: boolean): boolean {
    const value = this.data[key] ?? otherwise;
    if (typeof value !== "boolean") this.fail(`${key} is ${show(value)}, neither true nor false`);
    return value as boolean;
  }

  whole(key: string): bigint {
    const text = this.text(key);
    if (text.length > mostDigits) this.fail(`${key} has more than ${mostDigits} digits`);
    if (!/^-?\d+$/.test(text)) this.fail(`${key} is ${show(text)}, no integer`);
    return BigInt(text);
  }

  count(key: string, value: unknown = this.data[key], most = 1_000_000): number {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > most)
      this.fail(`${key} is ${show(value)}, no integer from 1 to ${most}`);
    return value as number;
  }

  counts(): number[] {
    const { counts } = this.data;
    if (!Array.isArray(counts) || counts.length === 0) this.fail("counts is no list of integers");
    return (counts as readonly unknown[]).map((count) => this.count("a count", count));
  }

  assumptions(): Assumptions {
    const { assumptions = {} } = this.data;
    if (!isRecord(assumptions)) this.fail("assumptions is no object");
    for (const [fact, value] of Object.entries(assumptions as Data)) {
      if (!(factNames as readonly string[]).includes(fact) || typeof value !== "boolean")
        this.fail(`no assumption ${show(fact)}: ${show(value)}`);
    }
    return closure(assumptions as Assumptions);
  }
}

/** A value in an error's text. */
const show = (x: unknown): string => {
  const text = JSON.stringify(x) ?? String(x);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

/**
 * The arguments in the order in which sums and products are kept: numbers, what the hashes sort, an order term. The
 * data may be of a version whose hashes are others.
 */
function inOrder(args: readonly Expr[], first: (e: Expr) => boolean = isNum): Expr[] {
  const rank = (e: Expr): number => (first(e) ? 0 : e.kind === "order" ? 2 : 1);
  return [...args].sort((a, b) => {
    const difference = rank(a) - rank(b);
    return difference !== 0 || rank(a) === 0 ? difference : compareNodes(a, b);
  });
}
const isInfinite = (e: Expr): boolean => e === oo || e === negativeInfinity || e === zoo;

const readers: { readonly [K in Kind]: (entry: Entry) => Expr } = {
  integer: (entry) => integer(entry.whole("value")),
  rational: (entry) => {
    const [p, q] = [entry.whole("p"), entry.whole("q")];
    if (q <= 1n) entry.fail("q is not greater than 1");
    const value = fromRatio(ratio(p, q));
    return value.q === q ? value : entry.fail("the fraction is not in lowest terms");
  },
  float: (entry) => {
    const text = entry.text("value");
    const digits = entry.count("digits", undefined, 100_000);
    if (text.length > digits + 40 || !/^-?\d+(\.\d+)?(e[+-]?\d{1,15})?$/.test(text))
      entry.fail(`value is ${show(text)}, no decimal number of ${digits} digits`);
    return new Float(new (decimals(digits + 2))(text), digits);
  },
  constant: (entry) => constants[entry.oneOf("name", Object.keys(constants) as ConstantName[])],
  symbol: (entry) => {
    const name = entry.text("name");
    const assumed = entry.assumptions();
    return entry.flag("unique", false) ? dummy(name, assumed) : new Sym(name, assumed);
  },
  add: (entry) => new Add(inOrder(entry.operands(2, Infinity), (e) => isNum(e) || isInfinite(e))),
  mul: (entry) => new Mul(inOrder(entry.operands(2, Infinity))),
  pow: (entry) => {
    const [base, exponent] = entry.operands(2, 2);
    return new Pow(base, exponent);
  },
  function: (entry) => {
    const name = entry.text("name");
    if (!entry.flag("defined", true)) return new Call(name, entry.operands(0, Infinity), false);
    if (!Object.hasOwn(catalog, name)) entry.fail(`no function ${show(name)}`);
    const [least, most] = catalog[name].arity;
    return new Call(name, entry.operands(least, most), true);
  },
  derivative: (entry) => {
    const counts = entry.counts();
    const [of, ...variables] = entry.operands(counts.length + 1, counts.length + 1);
    for (const arg of variables) entry.variable(arg, ["symbol", "function", "derivative"]);
    return new Derivative(of, variables, counts);
  },
  subs: (entry) => {
    const [of, variable, point] = entry.operands(3, 3);
    entry.variable(variable);
    return new Subs(of, variable, point);
  },
  piecewise: (entry) => {
    const args = entry.operands(2, Infinity, null);
    if (args.length % 2 === 1) entry.fail("a value has no condition");
    args.forEach((arg, i) => {
      entry.check(arg, i % 2 === 1);
    });
    return new Piecewise(args);
  },
  relational: (entry) => {
    const relation = entry.oneOf("relation", relations);
    const [left, right] = entry.operands(2, 2);
    return new Relational(relation, left, right);
  },
  and: (entry) => new Logic("and", inOrder(entry.operands(2, Infinity, true))),
  or: (entry) => new Logic("or", inOrder(entry.operands(2, Infinity, true))),
  not: (entry) => new Logic("not", entry.operands(1, 1, true)),
  boolean: (entry) => (entry.flag("value") ? yes : no),
  order: (entry) => {
    const [of, variable, point] = entry.operands(3, 3);
    entry.variable(variable);
    return new Order(of, variable, point);
  },
};

/**
 * The expression that sym.toJSON made a JSON value of; it is equal to the first, but for symbols that are equal to
 * themselves only (sym.dummy), which are new ones.
 *
 * @throws ArgumentError that names the place where the data is not such a value.
 * @example
 * const x = sym.symbol("x");
 * const text = JSON.stringify(x.pow(2).add(1));
 * String(sym.fromJSON(JSON.parse(text))) // "x**2 + 1"
 */
export function fromJSON(data: unknown): Expr {
  if (!isRecord(data)) throw new ArgumentError("fromJSON: expected an object");
  if (data.version !== version)
    throw new ArgumentError(
      `fromJSON: version ${show(data.version)} is not known: it must be ${version}`,
    );
  const { nodes } = data;
  if (!Array.isArray(nodes) || nodes.length === 0 || nodes.length > mostNodes)
    throw new ArgumentError(`fromJSON: nodes is no list of 1 to ${mostNodes} nodes`);
  const read: Expr[] = [];
  nodes.forEach((node: unknown, i) => {
    if (!isRecord(node)) throw new ArgumentError(`fromJSON: nodes[${i}] is no object`);
    const { kind } = node;
    if (typeof kind !== "string" || !Object.hasOwn(readers, kind))
      throw new ArgumentError(`fromJSON: nodes[${i}]: no kind ${show(kind)}`);
    read.push(readers[kind as Kind](new Entry(node, i, read)));
  });
  return read[read.length - 1];
}
