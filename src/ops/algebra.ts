import type { DType } from "../core/dtype.js";
import type { Layout, Shape } from "../core/shape.js";

/** The elementwise operations; the table in elementwise.ts has a row for each. */
export type ElementwiseName =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "relu"
  | "bitwiseNot"
  | "reciprocal"
  | "square"
  | "sqrt"
  | "rsqrt"
  | "exp"
  | "exp2"
  | "expm1"
  | "log"
  | "log2"
  | "log10"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "sigmoid"
  | "erf"
  | "erfc"
  | "cbrt"
  | "silu"
  | "gelu"
  | "geluTanh"
  | "lgamma"
  | "digamma"
  | "trigamma"
  | "polygamma"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "floorDivide"
  | "remainder"
  | "fmod"
  | "atan2"
  | "hypot"
  | "maximum"
  | "minimum"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor"
  | "logicalNot"
  | "isnan"
  | "isinf"
  | "isfinite"
  | "where"
  | "clamp"
  | "softplus";

/** The elementwise operations as a derivative rule sees them. V is a tensor, or an expression. */
export type Algebra<V> = { readonly [K in ElementwiseName]: (...operands: (V | number)[]) => V };

/** A strided window on the elements of a dense tensor. */
export interface Window {
  readonly layout: Layout;
  readonly offset: number;
}

/** What derivative rules of operations that know shapes may use besides. */
export interface TensorAlgebra<V> extends Algebra<V> {
  shape(x: V): Shape;
  dtype(x: V): DType;
  zeros(shape: Shape, dtype: DType): V;
  to(x: V, dtype: DType): V;
  sum(x: V, dim: readonly number[], options: { keepdim: boolean }): V;
  expand(x: V, shape: Shape): V;
  reshape(x: V, shape: Shape): V;
  permute(x: V, dims: readonly number[]): V;
  narrow(x: V, dim: number, start: number, length: number): V;
  stack(xs: readonly V[], dim: number): V;
  flip(x: V, dims: readonly number[]): V;
  cumsum(x: V, dim: number): V;
  matmul(x: V, y: V): V;
  /** The elements of a dense x that a window shows. */
  view(x: V, window: Window): V;
  /** A dense tensor of that shape, x inside of the window and zero elsewhere. */
  embed(x: V, shape: Shape, window: Window): V;
  /** The elements of x that an index names along dim. */
  gather(x: V, dim: number, index: V): V;
  /** x with the elements of a source added where an index names along dim. */
  scatterAdd(x: V, dim: number, index: V, source: V): V;
  /** y[i] = x[i] + factor[i] · y[i − 1] along dim, or (reverse) + factor[i] · y[i + 1]. */
  linearRecurrence(x: V, factor: V, dim: number, reverse: boolean): V;
  /** Along the last dim, for each element the product of all others. */
  productOfOthers(x: V): V;
  cat(xs: readonly V[], dim: number): V;
  eye(rows: number, columns: number, dtype: DType): V;
  /** The elements on and above a diagonal, zeros below it. */
  triu(x: V, diagonal: number): V;
  /** The elements on and below a diagonal, zeros above it. */
  tril(x: V, diagonal: number): V;
  solveTriangular(a: V, b: V, options: { upper: boolean; unitriangular?: boolean }): V;
  /** The solution of a @ x = b, or (adjoint) of aᵀ @ x = b, by the LU decomposition of a. */
  solveFactored(a: V, lu: V, pivots: V, b: V, adjoint: boolean): V;
  /** The same where the decomposition is what is differentiated; rows of a are in that order in L @ U. */
  luSolveOrdered(lu: V, pivots: V, order: V, b: V, adjoint: boolean): V;
  ldlSolve(ld: V, pivots: V, b: V): V;
  svd(x: V, options: { fullMatrices: boolean }): { U: V; S: V; Vh: V };
  det(x: V): V;
  pinv(x: V, options: { rtol: number }): V;
  matrixExp(x: V): V;
}

/** What a rule is given: the values its operation had. Only those that its row saves are there. */
export interface Values<V> {
  readonly x: V;
  readonly y: V;
  readonly z: V;
  readonly out: V;
}

/** The same with the cotangent of the result. */
export interface Cotangent<V> extends Values<V> {
  readonly g: V;
}
