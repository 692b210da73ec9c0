/** Linear algebra, as the namespace that `nabla` exports it under. All functions take batches of matrices. */

export {
  type CholeskyExResult,
  cholesky,
  choleskyEx,
  type LdlFactorExResult,
  type LdlFactorResult,
  ldlFactor,
  ldlFactorEx,
  ldlSolve,
  type TriangleOptions,
} from "./linalg/cholesky.js";
export {
  type LstsqOptions,
  type LstsqResult,
  lstsq,
  matrixRank,
  pinv,
  type RankOptions,
} from "./linalg/leastSquares.js";
export {
  det,
  type ExOptions,
  type InvExResult,
  invEx,
  inverse as inv,
  type LuFactorExResult,
  type LuFactorResult,
  type LuResult,
  type LuSolveOptions,
  lu,
  luFactor,
  luFactorEx,
  luSolve,
  type SlogdetResult,
  type SolveExResult,
  type SolveOptions,
  slogdet,
  solve,
  solveEx,
} from "./linalg/lu.js";
export {
  cond,
  type MatrixOrder,
  matrixNorm,
  type NormOptions,
  norm,
  vectorNorm,
} from "./linalg/norms.js";
export { matrixExp, matrixPower, multiDot } from "./linalg/powers.js";
export { householderProduct, type QrOptions, type QrResult, qr } from "./linalg/qr.js";
export {
  type EighOptions,
  type EighResult,
  eigh,
  eigvalsh,
  type SvdOptions,
  type SvdResult,
  svd,
  svdvals,
} from "./linalg/spectral.js";
export {
  cross,
  type DimOptions,
  diagonal,
  type TensorsolveOptions,
  tensorinv,
  tensorsolve,
  type VanderOptions,
  vander,
  vecdot,
} from "./linalg/tensors.js";
export { type SolveTriangularOptions, solveTriangular } from "./linalg/triangular.js";
export { matmul } from "./products.js";
