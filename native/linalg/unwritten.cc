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
UNWRITTEN(qr)
UNWRITTEN(householder_product)
UNWRITTEN(householder_multiply)
UNWRITTEN(eigh)
UNWRITTEN(eigvalsh)
UNWRITTEN(svd)
UNWRITTEN(svdvals)

}  // namespace nabla::NABLA_ISA
