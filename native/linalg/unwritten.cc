#include "linalg.h"
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {
template <class T>
bool unwritten(const MatrixArgs&) {
  return false;
}
}  // namespace

#define UNWRITTEN(name) const MatrixFn name##_table[kDTypes] = {unwritten<float>, unwritten<double>};
UNWRITTEN(lu_factor)
UNWRITTEN(lu_solve)
UNWRITTEN(solve_triangular)
UNWRITTEN(cholesky)
UNWRITTEN(ldl_factor)
UNWRITTEN(ldl_solve)
UNWRITTEN(qr)
UNWRITTEN(householder_product)
UNWRITTEN(householder_multiply)
UNWRITTEN(svd)
UNWRITTEN(svdvals)

}  // namespace nabla::NABLA_ISA
