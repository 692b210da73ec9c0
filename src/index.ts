/**
 * nabla: tensors and automatic differentiation over C++ SIMD kernels.
 *
 * @packageDocumentation
 */
import "./methods.js";

export { enableGrad, noGrad } from "./autograd/mode.js";
export type { DType, TypedArray } from "./core/dtype.js";
export { promoteTypes } from "./core/dtype.js";
export * from "./core/errors.js";
export * as autograd from "./functions/autograd.js";
export { type BackwardOptions, type GradOptions, isGradEnabled } from "./functions/autograd.js";
export type { ClampBounds } from "./functions/checks.js";
export { cat, clone, contiguous, detach, flip, stack, to } from "./functions/convert.js";
export {
  arange,
  empty,
  emptyLike,
  eye,
  frombuffer,
  full,
  fullLike,
  linspace,
  manualSeed,
  oneHot,
  ones,
  onesLike,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
  type ShapeArguments,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./functions/creation.js";
export { resultType } from "./functions/dispatch.js";
export {
  type AlphaOptions,
  abs,
  acos,
  acosh,
  add,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  ceil,
  clamp,
  cos,
  cosh,
  type DivOptions,
  div,
  eq,
  erf,
  erfc,
  exp,
  exp2,
  expm1,
  floor,
  floorDivide,
  fmod,
  ge,
  gt,
  hypot,
  isfinite,
  isinf,
  isnan,
  le,
  log,
  log1p,
  log2,
  log10,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  pow,
  reciprocal,
  relu,
  remainder,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  sub,
  tan,
  tanh,
  trunc,
  where,
} from "./functions/elementwise.js";
export { bmm, diag, dot, inverse, matmul, mm, mv, outer, trace } from "./functions/products.js";
export {
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  cumsum,
  type Dims,
  logSoftmax,
  logsumexp,
  max,
  mean,
  min,
  prod,
  type ReduceOptions,
  type SumOptions,
  softmax,
  sum,
  type ValuesIndices,
} from "./functions/reductions.js";
export { getNumThreads, setNumThreads } from "./functions/threads.js";
export {
  type DiagonalOptions,
  diagonal,
  expand,
  expandAs,
  flatten,
  movedim,
  narrow,
  permute,
  reshape,
  type Sizes,
  select,
  slice,
  split,
  squeeze,
  t,
  transpose,
  unbind,
  unsqueeze,
  view,
} from "./functions/views.js";
export { isa, isas } from "./native/door.js";
export { Generator } from "./random/generator.js";
export type { TensorData, TensorLike } from "./tensor/create.js";
export { getPrintoptions, type PrintOptions, setPrintoptions } from "./tensor/format.js";
export { type Item, type Nested, Tensor } from "./tensor/tensor.js";
