#include "triangular.h"

#include "linalg.h"
#include "tiny.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
bool solve_triangular(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  const bool upper = args.parameter[0] != 0, unit = args.parameter[1] != 0;
  if (tiny(m, n)) {
    each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
      LanesMemory<S> factors, solution;
      load_lanes<S, T>(args, 1, first, count, m, m, factors.lanes());
      load_lanes<S, T>(args, 2, first, count, m, n, solution.lanes());
      solve_lanes<S>(m, n, factors.lanes(), upper, unit, solution.lanes());
      store_lanes<S, T>(args, 0, first, count, m, n, solution.lanes());
    });
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  T* const memory = static_cast<T*>(work_space(size_t(m * stride) * sizeof(T)));
  if (!memory) return false;
  const Block<T> x = {memory, stride};
  for (int64_t i = 0; i < args.count; i++) {
    copy_padded(m, n, matrix<const T>(args, 2, i), x);
    solve(m, n, {matrix<const T>(args, 1, i), upper, unit}, x);
    copy_matrix<T>(m, n, {x.data, stride, 1}, matrix<T>(args, 0, i));
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(solve_triangular)

}  // namespace nabla::NABLA_ISA
