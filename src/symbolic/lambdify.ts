/** Functions of numbers and tensors, made of expressions. */
import { ArgumentError } from "../core/errors.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Expr, Sym } from "./core/expr.js";
import { isSymbol } from "./core/expr.js";
import type { ExprLike } from "./core/symbols.js";
import { sympify } from "./core/symbols.js";
import { lower } from "./numeric/lower.js";
import { overNumbers } from "./numeric/numbers.js";
import { overTensors } from "./numeric/tensors.js";

/** An expression, or arrays of them, as deep as one likes. */
export type Expressions = ExprLike | readonly Expressions[];

/** Results, nested in a way that types do not know. */
export type Results<T> = T | readonly Results<T>[];

/** What is computed of expressions: as they are nested, with results in their places. */
export type Computed<S, T> = [Expressions] extends [S] ? Results<T> : ComputedOf<S, T>;
type ComputedOf<S, T> = S extends ExprLike
  ? T
  : S extends readonly unknown[]
    ? { -readonly [K in keyof S]: Computed<S[K], T> }
    : never;

/** A function of as many numbers and tensors as there were symbols. */
export interface Lambdified<S> {
  (...args: (number | bigint)[]): Computed<S, number>;
  (...args: TensorLike[]): Computed<S, Tensor>;
}

/** Numbers of expressions in a list, nested as the expressions are. */
type Template = number | readonly Template[];

function templateOf(x: Expressions, list: Expr[]): Template {
  if (Array.isArray(x)) return (x as readonly Expressions[]).map((part) => templateOf(part, list));
  return list.push(sympify(x as ExprLike)) - 1;
}

const fill = (template: Template, result: (i: number) => unknown): unknown =>
  typeof template === "number" ? result(template) : template.map((part) => fill(part, result));

/**
 * A function that computes expressions of some symbols. Of numbers it gives numbers, in float64; where an argument is a
 * tensor it gives tensors, in the arguments' common dtype (float32 where that is no float) and shape. Several results
 * are computed by one pass of native code, and one for each smaller shape that is broadcast; what they have in common is
 * computed once. A single large result waits, as that of any elementwise function, to be a part of what reads it. Where
 * an argument requires grad, so do results. Truths are 1 and 0 among numbers, and bool tensors. A value that is not real,
 * or that comes of one that is not, is nan.
 *
 * @throws ArgumentError where an expression has another symbol.
 * @throws UnsupportedError where a part of an expression has no numbers, such as I.
 * @example
 * const [x, y] = sym.symbols("x y");
 * sym.lambdify([x, y], [x.mul(y), x.div(y)])(6, 3) // [18, 2]
 * @example
 * const u = sym.symbol("u");
 * sym.lambdify([u], u.pow(2).add(1))(tensor([1, 2, 3])).toArray() // [2, 5, 10]
 */
export function lambdify<const S extends Expressions>(
  args: ExprLike | readonly ExprLike[],
  exprs: S,
): Lambdified<S> {
  const symbols = (Array.isArray(args) ? args : [args as ExprLike]).map((x: ExprLike) => {
    const symbol = sympify(x);
    if (!isSymbol(symbol)) throw new ArgumentError(`lambdify: ${symbol} is no symbol`);
    return symbol;
  });
  symbols.forEach((symbol, i) => {
    if (symbols.slice(0, i).some((other) => other.equals(symbol))) {
      throw new ArgumentError(`lambdify: ${symbol.name} is an argument twice`);
    }
  });
  return compile(symbols, exprs) as Lambdified<S>;
}

function compile(symbols: readonly Sym[], exprs: Expressions): (...args: TensorLike[]) => unknown {
  const list: Expr[] = [];
  const template = templateOf(exprs, list);
  const program = lower(symbols, list);
  const { arity, results } = program;
  const numbers = overNumbers(program);
  let tensors: ReturnType<typeof overTensors> | null = null;
  return (...given) => {
    if (given.length !== arity) {
      throw new ArgumentError(
        `a lambdified function takes ${arity} argument${arity === 1 ? "" : "s"}, and was given ${given.length}`,
      );
    }
    const operands = given.map((x) =>
      typeof x === "number" ? x : typeof x === "bigint" ? Number(x) : asTensor(x, "lambdify"),
    );
    if (operands.every(isNumber)) {
      const registers = numbers(operands);
      return fill(template, (i) => registers[results[i].index]);
    }
    tensors ??= overTensors(program);
    const computed = tensors(operands);
    return fill(template, (i) => computed[i]);
  };
}

const isNumber = (x: Tensor | number): x is number => typeof x === "number";
