// Factorizations and what is made of them, as ops on matrices (abi.h), for the floating-point types.
//
// Work space is scratch block 2; the products inside use blocks 0 and 1. Sizes up to 8 are computed side by side
// (tiny.h), larger ones by recursion down to narrow blocks, so that nearly all the work is in products.
#pragma once
#include "../kernels/kernels.h"

namespace nabla::NABLA_ISA {

// A pivot counts as zero only when it is exactly zero, and a column that holds a nan has no zero pivot: apart from
// matrices that are singular all the same, a nan makes the whole result nan. The inverse of a singular matrix is nan.
extern const MatrixFn inverse_table[kDTypes];

// Past a zero pivot, the factorizations go on with the next column; L is zero there. What is solved with them then, or
// with a triangle whose diagonal has a zero, is divided by zero.
extern const MatrixFn lu_factor_table[kDTypes];
extern const MatrixFn lu_solve_table[kDTypes];
extern const MatrixFn solve_table[kDTypes];
extern const MatrixFn ldl_factor_table[kDTypes];
extern const MatrixFn ldl_solve_table[kDTypes];
extern const MatrixFn solve_triangular_table[kDTypes];

// A leading minor that is nan counts as not positive. Where one is not, the lower triangle of l is nan.
extern const MatrixFn cholesky_table[kDTypes];

// Reflectors, and factors tau, as LAPACK has them. A nan or an infinity spreads as it does in the arithmetic.
// Reflectors beyond the last row do not exist, nor do columns of a product beyond it: those are zero.
extern const MatrixFn qr_table[kDTypes];
extern const MatrixFn householder_product_table[kDTypes];
extern const MatrixFn householder_multiply_table[kDTypes];

// The upper triangle is not read. Where the lower one holds a nan or an infinity, info is 1; where the iterations do
// not converge, which no matrix is known to cause, it is 2. Then w and v are nan. Vectors have length 1, and signs that
// follow from the matrix alone. eigvalsh computes its values in another way than eigh: they differ by rounding.
extern const MatrixFn eigh_table[kDTypes];
extern const MatrixFn eigvalsh_table[kDTypes];

// Signs are those that the algorithm comes to; they are not normalized. A matrix that holds a nan or an infinity has
// nan for all its results, and info 1. Where values have not converged, info is 1 + their count, and the results are
// the last approximations.
extern const MatrixFn svd_table[kDTypes];
extern const MatrixFn svdvals_table[kDTypes];

}  // namespace nabla::NABLA_ISA
