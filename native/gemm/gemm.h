// Matrix products for every numeric element type: c = alpha * a @ b + beta * c, as GemmArgs in kernels.h says it.
//
// Integers wrap around; their alpha and beta are truncated to a 64-bit integer first. alpha = 0 still multiplies, so
// a nan in a or b comes through. The packed path needs scratch blocks 0 and 1; without memory for them the product is
// computed unpacked, slowly.
#pragma once
#include "../kernels/kernels.h"

namespace nabla::NABLA_ISA {

// Null for bool.
extern const GemmFn gemm_table[kDTypes];
extern const MatrixFn matmul_table[kDTypes];

}  // namespace nabla::NABLA_ISA
