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
export { type AffineOptions, addbmm, addmm, addmv, addr, baddbmm } from "./functions/affine.js";
export * as autograd from "./functions/autograd.js";
export { type BackwardOptions, type GradOptions, isGradEnabled } from "./functions/autograd.js";
export type { ClampBounds } from "./functions/checks.js";
export { einsum, inner, kron, tensordot } from "./functions/contract.js";
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
export { type CdistOptions, cdist } from "./functions/distance.js";
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
  cbrt,
  ceil,
  clamp,
  cos,
  cosh,
  type DivOptions,
  digamma,
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
  type GeluOptions,
  ge,
  gelu,
  gt,
  hypot,
  isfinite,
  isinf,
  isnan,
  le,
  lgamma,
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
  polygamma,
  pow,
  reciprocal,
  relu,
  remainder,
  round,
  rsqrt,
  type SoftplusOptions,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  softplus,
  sqrt,
  square,
  sub,
  tan,
  tanh,
  trunc,
  where,
} from "./functions/elementwise.js";
export { gather, scatterAdd } from "./functions/gather.js";
export { explain } from "./functions/inspect.js";
export { choleskyInverse, choleskySolve } from "./functions/linalg/cholesky.js";
export { inverse } from "./functions/linalg/lu.js";
export { vecdot } from "./functions/linalg/tensors.js";
export { tril, triu } from "./functions/linalg/triangular.js";
export * as linalg from "./functions/linalg.js";
export type { Dims, ReduceOptions, SumOptions, ValuesIndices } from "./functions/plan.js";
export {
  getFloat32MatmulPrecision,
  type MatmulPrecision,
  setFloat32MatmulPrecision,
} from "./functions/precision.js";
export { bmm, diag, dot, matmul, mm, mv, outer, trace } from "./functions/products.js";
export {
  type AminmaxOptions,
  all,
  amax,
  amin,
  aminmax,
  any,
  argmax,
  argmin,
  countNonzero,
  logSoftmax,
  logsumexp,
  max,
  mean,
  min,
  nanmean,
  nansum,
  norm,
  prod,
  softmax,
  softmin,
  std,
  stdMean,
  sum,
  type VarMeanOptions,
  type VarOptions,
  var,
  varMean,
} from "./functions/reductions.js";
export {
  cummax,
  cummin,
  cumprod,
  cumsum,
  logcumsumexp,
  type ScanOptions,
} from "./functions/scans.js";
export {
  type Interpolation,
  kthvalue,
  median,
  mode,
  nanmedian,
  nanquantile,
  type QuantileOptions,
  quantile,
} from "./functions/statistics.js";
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
export * as sym from "./symbolic/index.js";
export type { TensorData, TensorLike } from "./tensor/create.js";
export { getPrintoptions, type PrintOptions, setPrintoptions } from "./tensor/format.js";
export { type Item, type Nested, Tensor } from "./tensor/tensor.js";
