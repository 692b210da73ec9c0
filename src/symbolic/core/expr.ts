/** The nodes that expressions are made of. They are immutable, know their hash, and know no algebra: see arithmetic.ts. */
import type { Decimal } from "decimal.js";
import { ArgumentError } from "../../core/errors.js";
import type { Ratio } from "./rational.js";

/** Deeper expressions are refused, so that recursion over an expression cannot exhaust the stack. */
export const maxDepth = 1000;

/** Two 32-bit lanes in one: mixing is FNV-1a's with a final avalanche. */
function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 12);
}

const hashes = new Map<string, number>();
function hashText(text: string): number {
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
    if (text.length < 32 && hashes.size < 4096) hashes.set(text, hash);
  }
  return hash;
}

export type Kind =
  | "integer"
  | "rational"
  | "float"
  | "constant"
  | "symbol"
  | "add"
  | "mul"
  | "pow"
  | "function"
  | "derivative"
  | "subs"
  | "piecewise"
  | "relational"
  | "and"
  | "or"
  | "not"
  | "boolean"
  | "order";

const noArgs: readonly Expr[] = [];

/** An expression. Its arguments are expressions too; it is equal to another where kind, content and arguments are. */
export abstract class Expr {
  abstract readonly kind: Kind;
  readonly args: readonly Expr[];
  readonly hash: number;
  readonly depth: number;
  /** An equal node that was met before: comparing with it again takes no walk. */
  private same: Expr | null = null;
  /** What assumptions.ts has found out. */
  private known: Map<string, boolean | null> | null = null;
  get facts(): Map<string, boolean | null> {
    this.known ??= new Map();
    return this.known;
  }

  protected constructor(kind: Kind, content: string, args: readonly Expr[]) {
    let hash = content === "" ? hashText(kind) : mix(hashText(kind), hashText(content));
    let depth = 0;
    for (const arg of args) {
      hash = mix(hash, arg.hash);
      if (arg.depth > depth) depth = arg.depth;
    }
    if (depth >= maxDepth) {
      throw new ArgumentError(`an expression is nested deeper than ${maxDepth} levels`);
    }
    this.args = args;
    this.hash = hash | 0;
    this.depth = args.length === 0 ? 0 : depth + 1;
  }

  /** Whether two nodes of one kind have the same content beside their arguments. */
  protected sameContent(_other: Expr): boolean {
    return true;
  }

  /** Whether both are the same expression, structurally. */
  equals(other: Expr): boolean {
    if (this === other) return true;
    if (this.hash !== other.hash || this.kind !== other.kind) return false;
    const a = this.representative();
    const b = other.representative();
    if (a === b) return true;
    if (a.args.length !== b.args.length || !a.sameContent(b)) return false;
    for (let i = 0; i < a.args.length; i++) if (!a.args[i].equals(b.args[i])) return false;
    if (a.args.length > 0) b.same = a;
    return true;
  }

  private representative(): Expr {
    let node: Expr = this;
    while (node.same !== null) node = node.same;
    if (this !== node) this.same = node;
    return node;
  }
}

export class Integer extends Expr {
  readonly kind = "integer";
  readonly p: bigint;
  get q(): bigint {
    return 1n;
  }
  constructor(p: bigint) {
    super("integer", p.toString(36), noArgs);
    this.p = p;
  }
  protected override sameContent(other: Integer): boolean {
    return this.p === other.p;
  }
}

/** A fraction in lowest terms, not an integer. */
export class Rational extends Expr {
  readonly kind = "rational";
  readonly p: bigint;
  readonly q: bigint;
  constructor({ p, q }: Ratio) {
    super("rational", `${p.toString(36)}/${q.toString(36)}`, noArgs);
    this.p = p;
    this.q = q;
  }
  protected override sameContent(other: Rational): boolean {
    return this.p === other.p && this.q === other.q;
  }
}

/** A decimal number of so many significant digits. */
export class Float extends Expr {
  readonly kind = "float";
  readonly value: Decimal;
  readonly digits: number;
  constructor(value: Decimal, digits = 15) {
    const rounded = value.toSignificantDigits(digits + 2);
    super("float", `${rounded} ${digits}`, noArgs);
    this.value = rounded;
    this.digits = digits;
  }
  protected override sameContent(other: Float): boolean {
    return this.value.eq(other.value) && this.digits === other.digits;
  }
}

export type ConstantName =
  | "pi"
  | "E"
  | "I"
  | "oo"
  | "-oo"
  | "zoo"
  | "nan"
  | "EulerGamma"
  | "Catalan"
  | "GoldenRatio";

export class Constant extends Expr {
  readonly kind = "constant";
  readonly name: ConstantName;
  constructor(name: ConstantName) {
    super("constant", name, noArgs);
    this.name = name;
  }
  protected override sameContent(other: Constant): boolean {
    return this.name === other.name;
  }
}

/** What may be assumed of a symbol. */
export type Fact =
  | "real"
  | "positive"
  | "negative"
  | "nonnegative"
  | "nonpositive"
  | "nonzero"
  | "zero"
  | "integer"
  | "rational"
  | "even"
  | "odd"
  | "finite"
  | "complex"
  | "imaginary";
export type Assumptions = Readonly<Partial<Record<Fact, boolean>>>;

export class Sym extends Expr {
  readonly kind = "symbol";
  readonly name: string;
  /** All that follows from what was assumed. */
  readonly assumed: Assumptions;
  /** Of a symbol that is equal to itself only, its number; else 0. */
  readonly unique: number;
  private readonly key: string;
  constructor(name: string, assumed: Assumptions, unique = 0) {
    const key = `${name}|${Object.entries(assumed)
      .map(([fact, value]) => (value ? fact : `!${fact}`))
      .sort()
      .join()}|${unique}`;
    super("symbol", key, noArgs);
    this.name = name;
    this.assumed = assumed;
    this.unique = unique;
    this.key = key;
  }
  protected override sameContent(other: Sym): boolean {
    return this.key === other.key;
  }
}

export class Add extends Expr {
  readonly kind = "add";
  constructor(args: readonly Expr[]) {
    super("add", "", args);
  }
}

export class Mul extends Expr {
  readonly kind = "mul";
  constructor(args: readonly Expr[]) {
    super("mul", "", args);
  }
}

export class Pow extends Expr {
  readonly kind = "pow";
  constructor(base: Expr, exponent: Expr) {
    super("pow", "", [base, exponent]);
  }
  get base(): Expr {
    return this.args[0];
  }
  get exponent(): Expr {
    return this.args[1];
  }
}

/** A function of the table in functions.ts, applied; or one that has only a name. */
export class Call extends Expr {
  readonly kind = "function";
  readonly name: string;
  readonly defined: boolean;
  constructor(name: string, args: readonly Expr[], defined: boolean) {
    super("function", defined ? name : `${name}()`, args);
    this.name = name;
    this.defined = defined;
  }
  protected override sameContent(other: Call): boolean {
    return this.name === other.name && this.defined === other.defined;
  }
}

/** A derivative that is not computed: args[0] by each pair of a variable and a count. */
export class Derivative extends Expr {
  readonly kind = "derivative";
  readonly counts: readonly number[];
  constructor(of: Expr, variables: readonly Expr[], counts: readonly number[]) {
    super("derivative", counts.join(), [of, ...variables]);
    this.counts = counts;
  }
  get of(): Expr {
    return this.args[0];
  }
  get variables(): readonly Expr[] {
    return this.args.slice(1);
  }
  protected override sameContent(other: Derivative): boolean {
    return this.counts.join() === other.counts.join();
  }
}

/** args[0] with args[1] replaced by args[2], not carried out. */
export class Subs extends Expr {
  readonly kind = "subs";
  constructor(of: Expr, variable: Expr, point: Expr) {
    super("subs", "", [of, variable, point]);
  }
}

/** Pairs of a value and its condition; the first that holds counts. */
export class Piecewise extends Expr {
  readonly kind = "piecewise";
  constructor(args: readonly Expr[]) {
    super("piecewise", "", args);
  }
}

export type Relation = "==" | "!=" | "<" | "<=" | ">" | ">=";

export class Relational extends Expr {
  readonly kind = "relational";
  readonly relation: Relation;
  constructor(relation: Relation, left: Expr, right: Expr) {
    super("relational", relation, [left, right]);
    this.relation = relation;
  }
  protected override sameContent(other: Relational): boolean {
    return this.relation === other.relation;
  }
}

export class Logic extends Expr {
  readonly kind: "and" | "or" | "not";
  constructor(kind: "and" | "or" | "not", args: readonly Expr[]) {
    super(kind, "", args);
    this.kind = kind;
  }
}

export class Truth extends Expr {
  readonly kind = "boolean";
  readonly value: boolean;
  constructor(value: boolean) {
    super("boolean", String(value), noArgs);
    this.value = value;
  }
  protected override sameContent(other: Truth): boolean {
    return this.value === other.value;
  }
}

/** What is left out of a series: terms that are at most of the order of args[0] where args[1] goes to args[2]. */
export class Order extends Expr {
  readonly kind = "order";
  constructor(of: Expr, variable: Expr, point: Expr) {
    super("order", "", [of, variable, point]);
  }
}

export type Num = Integer | Rational | Float;
export type Exact = Integer | Rational;
/** Any node, for a switch over its kind. */
export type Node =
  | Num
  | Constant
  | Sym
  | Add
  | Mul
  | Pow
  | Call
  | Derivative
  | Subs
  | Piecewise
  | Relational
  | Logic
  | Truth
  | Order;

const small = Array.from({ length: 257 }, (_, i) => new Integer(BigInt(i - 128)));

export function integer(value: bigint | number): Integer {
  const index = Number(value) + 128;
  return index >= 0 && index <= 256 ? small[index] : new Integer(BigInt(value));
}

export const fromRatio = (value: Ratio): Exact =>
  value.q === 1n ? integer(value.p) : new Rational(value);

export const zero = integer(0);
export const one = integer(1);
export const two = integer(2);
export const minusOne = integer(-1);
export const half = new Rational({ p: 1n, q: 2n });
export const minusHalf = new Rational({ p: -1n, q: 2n });
export const pi = new Constant("pi");
export const E = new Constant("E");
export const I = new Constant("I");
export const oo = new Constant("oo");
export const negativeInfinity = new Constant("-oo");
export const zoo = new Constant("zoo");
export const nan = new Constant("nan");
export const EulerGamma = new Constant("EulerGamma");
export const Catalan = new Constant("Catalan");
export const GoldenRatio = new Constant("GoldenRatio");
export const yes = new Truth(true);
export const no = new Truth(false);

export const isNum = (e: Expr): e is Num =>
  e.kind === "integer" || e.kind === "rational" || e.kind === "float";
export const isExact = (e: Expr): e is Exact => e.kind === "integer" || e.kind === "rational";
export const isInteger = (e: Expr): e is Integer => e.kind === "integer";
export const isAdd = (e: Expr): e is Add => e.kind === "add";
export const isMul = (e: Expr): e is Mul => e.kind === "mul";
export const isPow = (e: Expr): e is Pow => e.kind === "pow";
export const isSymbol = (e: Expr): e is Sym => e.kind === "symbol";
export const isCall = (e: Expr, name?: string): e is Call =>
  e.kind === "function" &&
  (name === undefined || ((e as Call).name === name && (e as Call).defined));
export const isBoolean = (e: Expr): boolean =>
  e.kind === "relational" ||
  e.kind === "boolean" ||
  e.kind === "and" ||
  e.kind === "or" ||
  e.kind === "not";
/** exp(x), which is the power of E. */
export const isExp = (e: Expr): e is Pow => isPow(e) && e.base === E;

/** Entries up to which a table is searched from one end to the other. */
const fewEntries = 8;

/** A table by expression: equal expressions share an entry. Entries come in the order they were added. */
export class ExprMap<V> {
  private keys: (Expr | null)[] = [];
  private values: V[] = [];
  /** By hash, the places of the keys; null while they are few. */
  private index: Map<number, number[]> | null = null;
  private count = 0;

  get size(): number {
    return this.count;
  }

  private find(key: Expr): number {
    const { keys } = this;
    if (this.index === null) {
      for (let i = 0; i < keys.length; i++) {
        const k = keys[i];
        if (k !== null && k.hash === key.hash && k.equals(key)) return i;
      }
      return -1;
    }
    for (const i of this.index.get(key.hash) ?? []) if (keys[i]?.equals(key)) return i;
    return -1;
  }

  get(key: Expr): V | undefined {
    const at = this.find(key);
    return at < 0 ? undefined : this.values[at];
  }

  has(key: Expr): boolean {
    return this.find(key) >= 0;
  }

  set(key: Expr, value: V): this {
    const at = this.find(key);
    if (at >= 0) {
      this.values[at] = value;
      return this;
    }
    this.keys.push(key);
    this.values.push(value);
    this.count++;
    if (this.index !== null) this.enter(key.hash, this.keys.length - 1);
    else if (this.keys.length > fewEntries) {
      this.index = new Map();
      this.keys.forEach((k, i) => {
        if (k !== null) this.enter(k.hash, i);
      });
    }
    return this;
  }

  private enter(hash: number, at: number): void {
    const places = this.index?.get(hash);
    if (places === undefined) this.index?.set(hash, [at]);
    else places.push(at);
  }

  delete(key: Expr): boolean {
    const at = this.find(key);
    if (at < 0) return false;
    this.keys[at] = null;
    this.count--;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<[Expr, V]> {
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[i];
      if (key !== null) yield [key, this.values[i]];
    }
  }
}

/** Expressions in the order they were added, each once. */
export class ExprSet {
  private readonly entries = new ExprMap<true>();
  readonly list: Expr[] = [];

  constructor(items: Iterable<Expr> = []) {
    for (const item of items) this.add(item);
  }
  has(item: Expr): boolean {
    return this.entries.has(item);
  }
  add(item: Expr): this {
    if (!this.entries.has(item)) {
      this.entries.set(item, true);
      this.list.push(item);
    }
    return this;
  }
}

/** Calls visit on each distinct subexpression, arguments first. */
export function walk(e: Expr, visit: (node: Expr) => void, seen = new Set<Expr>()): void {
  if (seen.has(e)) return;
  seen.add(e);
  for (const arg of e.args) walk(arg, visit, seen);
  visit(e);
}

/** Whether a subexpression has a property. */
export function some(e: Expr, test: (node: Expr) => boolean): boolean {
  const seen = new Set<Expr>();
  const look = (node: Expr): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    return test(node) || node.args.some(look);
  };
  return look(e);
}

/** Whether an expression occurs in another. */
export const has = (e: Expr, part: Expr): boolean => some(e, (node) => node.equals(part));

/** The symbols that an expression depends on; those that stand for a place of their own (in Subs) do not count. */
export function freeSymbols(e: Expr): Sym[] {
  const found = new ExprSet();
  const bound = (node: Expr): void => {
    if (isSymbol(node)) found.add(node);
    else if (node.kind === "subs") {
      for (const symbol of freeSymbols(node.args[0])) {
        if (!symbol.equals(node.args[1])) found.add(symbol);
      }
      bound(node.args[2]);
    } else if (!seen.has(node)) {
      seen.add(node);
      for (const arg of node.args) bound(arg);
    }
  };
  const seen = new Set<Expr>();
  bound(e);
  return found.list as Sym[];
}

/** Whether an expression depends on a symbol. */
export const dependsOn = (e: Expr, symbol: Expr): boolean =>
  isSymbol(symbol) ? freeSymbols(e).some((s) => s.equals(symbol)) : has(e, symbol);

/** Whether an expression holds no symbols. */
export const isNumeric = (e: Expr): boolean => {
  if (isNum(e)) return true;
  let known = e.facts.get("number");
  if (known === undefined || known === null) {
    known =
      e.kind === "constant"
        ? true
        : e.args.length > 0 &&
          !isBoolean(e) &&
          !(e.kind === "function" && !(e as Call).defined) &&
          e.kind !== "order" &&
          e.args.every(isNumeric);
    e.facts.set("number", known);
  }
  return known;
};
