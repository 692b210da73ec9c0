// Matrix inverses for the floating-point types, as InverseArgs in kernels.h says it.
//
// Returns -1, with out untouched, where there is no memory for the work space (scratch block 2, about twice the matrix;
// the products inside use blocks 0 and 1). A pivot counts as zero only when it is exactly zero, and a column that holds
// a nan has no zero pivot: apart from matrices that are singular all the same, a nan in makes the whole result nan.
#pragma once
#include "../kernels/kernels.h"

namespace nabla::NABLA_ISA {

extern const InverseFn inverse_table[kDTypes];  // null for integers and bool

}  // namespace nabla::NABLA_ISA
