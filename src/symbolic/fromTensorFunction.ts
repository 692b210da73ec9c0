/** Expressions of what functions of tensors compute. */
import { ArgumentError } from "../core/errors.js";
import type { ElementwiseName } from "../ops/algebra.js";
import { elementwise } from "../ops/elementwise.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor } from "../tensor/create.js";
import { StandIn, standInOf } from "../tensor/standIn.js";
import { Tensor } from "../tensor/tensor.js";
import { algebra, fromTable } from "./core/algebra.js";
import type { Expr } from "./core/expr.js";
import { integer, isBoolean, no, one, yes, zero } from "./core/expr.js";
import { piecewise } from "./core/logic.js";
import type { ExprLike } from "./core/symbols.js";
import { sympify } from "./core/symbols.js";

/** An expression in the place of a tensor. */
class ExprStandIn extends StandIn {
  readonly expr: Expr;

  constructor(expr: Expr) {
    super();
    this.expr = expr;
  }

  operate(op: ElementwiseName, operands: readonly TensorLike[]): Tensor {
    const run = algebra[op] as (...x: Expr[]) => Expr;
    return new ExprStandIn(run(...operands.map((x, i) => operandOf(x, op, i)))).tensor();
  }
}

const truths: ReadonlySet<ElementwiseName> = new Set<ElementwiseName>([
  "logicalAnd",
  "logicalOr",
  "logicalXor",
  "logicalNot",
]);

/** An operand of an operation; where numbers are wanted, truths count as 0 and 1. */
function operandOf(x: TensorLike, op: ElementwiseName, place: number): Expr {
  const e = expressionOf(x, op);
  if (!isBoolean(e) || truths.has(op)) return e;
  if (elementwise[op].arity === 3 && place === 0) return e;
  return piecewise([one, e], [zero, yes]);
}

function expressionOf(x: unknown, where: string): Expr {
  const standIn = standInOf(x);
  if (standIn !== null) return (standIn as ExprStandIn).expr;
  if (x instanceof Tensor) {
    if (x.numel() === 1) return expressionOf(x.item(), where);
    throw new ArgumentError(
      `${where}: a tensor of ${x.numel()} elements has no expression beside a symbol`,
    );
  }
  if (typeof x === "boolean") return x ? yes : no;
  if (typeof x === "bigint") return integer(x);
  if (typeof x === "number") return fromTable(x);
  return expressionOf(asTensor(x as TensorLike, where), where);
}

/**
 * The expression of what a function of tensors computes: it is run once, on 0-d tensors that stand for symbols. It may
 * use the elementwise functions and methods (not `out` and what works in place), and branches of its own are taken
 * once. Numbers that are fractions with a power of two below are exact.
 *
 * @example
 * const [x, y] = sym.symbols("x y");
 * sym.fromTensorFunction((a, b) => sin(a.mul(b)).add(1), x, y).diff(x).toString() // "y*cos(x*y)"
 */
export function fromTensorFunction(
  fn: (...tensors: Tensor[]) => TensorLike,
  ...symbols: readonly ExprLike[]
): Expr {
  if (typeof fn !== "function") {
    throw new ArgumentError(`fromTensorFunction: expected a function, got ${typeof fn}`);
  }
  const operands = symbols.map((x) => new ExprStandIn(sympify(x)).tensor());
  return expressionOf(fn(...operands), "fromTensorFunction");
}
