#include "lu.h"

#include "linalg.h"
#include "tiny.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
void lu_factor_tiny(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n, least = m < n ? m : n;
  each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
    LanesMemory<S> memory;
    const auto a = memory.lanes();
    typename S::M pivots[kTiny];
    load_lanes<S, T>(args, 3, first, count, m, n, a);
    const typename S::M info = factor_lanes<S>(m, n, least, a, pivots);
    for (int64_t j = 0; j < least; j++) pivots[j] += 1;
    store_lanes<S, T>(args, 0, first, count, m, n, a);
    store_lanes<S, int32_t>(args, 1, first, count, least, 1, Block<typename S::M>{pivots, 1});
    store_info<S>(args, 2, first, count, info);
  });
}

template <class T>
bool lu_factor(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n, least = m < n ? m : n;
  if (least == 0) {
    for (int64_t i = 0; i < args.count; i++) matrix<int32_t>(args, 2, i).at(0, 0) = 0;
    return true;
  }
  if (tiny(m, n)) {
    lu_factor_tiny<T>(args);
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  using F = Factorization<T>;
  const size_t bytes = size_t(m * stride) * sizeof(T), panel_bytes = F::panel_bytes(m);
  char* memory = static_cast<char*>(work_space(bytes + panel_bytes + size_t(least) * sizeof(int64_t)));
  if (!memory) return false;
  F f = {m,
         n,
         {reinterpret_cast<T*>(memory), stride},
         reinterpret_cast<int64_t*>(memory + bytes + panel_bytes),
         {reinterpret_cast<T*>(memory + bytes), F::panel_stride(m)},
         0};
  for (int64_t i = 0; i < args.count; i++) {
    copy_padded(m, n, matrix<const T>(args, 3, i), f.matrix);
    f.run();
    copy_matrix<T>(m, n, {f.matrix.data, stride, 1}, matrix<T>(args, 0, i));
    const Strided<int32_t> pivots = matrix<int32_t>(args, 1, i);
    for (int64_t j = 0; j < least; j++) pivots.at(j, 0) = int32_t(f.exchanged[j] + 1);
    matrix<int32_t>(args, 2, i).at(0, 0) = f.info;
  }
  return true;
}

template <class T>
void lu_solve_tiny(const MatrixArgs& args, bool transposed) {
  const int64_t m = args.m, n = args.n;
  MatrixArgs seen = args;  // as the transpose
  seen.operand[1].rs = args.operand[1].cs;
  seen.operand[1].cs = args.operand[1].rs;
  each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
    LanesMemory<S> factors, solution;
    const auto lu = factors.lanes(), x = solution.lanes();
    typename S::M pivots[kTiny];
    load_lanes<S, T>(transposed ? seen : args, 1, first, count, m, m, lu);
    load_lanes<S, int32_t>(args, 2, first, count, m, 1, Block<typename S::M>{pivots, 1});
    load_lanes<S, T>(args, 3, first, count, m, n, x);
    if (transposed) {
      solve_lanes<S>(m, n, lu, false, false, x);
      solve_lanes<S>(m, n, lu, true, true, x);
      for (int64_t j = m - 1; j >= 0; j--) exchange_rows<S>(m, n, j, 0, pivots[j] - 1, x);
    } else {
      for (int64_t j = 0; j < m; j++) exchange_rows<S>(m, n, j, 0, pivots[j] - 1, x);
      solve_lanes<S>(m, n, lu, false, true, x);
      solve_lanes<S>(m, n, lu, true, false, x);
    }
    store_lanes<S, T>(args, 0, first, count, m, n, x);
  });
}

template <class T>
bool lu_solve(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  const bool transposed = args.parameter[0] != 0;
  if (tiny(m, n)) {
    lu_solve_tiny<T>(args, transposed);
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  T* const memory = static_cast<T*>(work_space(size_t(m * stride) * sizeof(T)));
  if (!memory) return false;
  const Block<T> x = {memory, stride};
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<const T> lu = matrix<const T>(args, 1, i);
    const Strided<const int32_t> pivots = matrix<const int32_t>(args, 2, i);
    const auto exchange = [&](int64_t j) {
      const int64_t other = pivots.at(j, 0) - 1;
      if (other != j) swap_rows(x.row(j), x.row(other), align_columns(n));
    };
    copy_padded(m, n, matrix<const T>(args, 3, i), x);
    if (transposed) {
      const Strided<const T> seen = {lu.data, lu.cs, lu.rs};
      solve(m, n, {seen, false, false}, x);
      solve(m, n, {seen, true, true}, x);
      for (int64_t j = m - 1; j >= 0; j--) exchange(j);
    } else {
      for (int64_t j = 0; j < m; j++) exchange(j);
      solve(m, n, {lu, false, true}, x);
      solve(m, n, {lu, true, false}, x);
    }
    copy_matrix<T>(m, n, {x.data, stride, 1}, matrix<T>(args, 0, i));
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(lu_factor)
NABLA_FLOAT_TABLE(lu_solve)

}  // namespace nabla::NABLA_ISA
