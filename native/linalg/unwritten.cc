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
UNWRITTEN(eigh)
UNWRITTEN(eigvalsh)

}  // namespace nabla::NABLA_ISA
