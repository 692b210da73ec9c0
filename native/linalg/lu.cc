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
  const FactorizationMemory<T> own(m, n);
  char* const memory = static_cast<char*>(work_space(own.bytes));
  if (!memory) return false;
  Factorization<T> f = own.place(memory);
  for (int64_t i = 0; i < args.count; i++) {
    copy_padded(m, n, matrix<const T>(args, 3, i), f.matrix);
    f.run();
    copy_matrix<T>(m, n, {f.matrix.data, f.matrix.stride, 1}, matrix<T>(args, 0, i));
    const Strided<int32_t> pivots = matrix<int32_t>(args, 1, i);
    for (int64_t j = 0; j < least; j++) pivots.at(j, 0) = int32_t(f.exchanged[j] + 1);
    matrix<int32_t>(args, 2, i).at(0, 0) = f.info;
  }
  return true;
}

// x = inverse(A) @ x by the factors of A, or of its transpose. The factors may be overwritten.
template <class S>
void solve_factored_lanes(int64_t m, int64_t n, Block<typename S::V> lu, const typename S::M* pivots, bool transposed,
                          Block<typename S::V> x) {
  if (transposed) {
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < i; j++) exchange(lu.at(i, j), lu.at(j, i));
    }
    solve_lanes<S>(m, n, lu, false, false, x);
    solve_lanes<S>(m, n, lu, true, true, x);
    for (int64_t j = m - 1; j >= 0; j--) exchange_rows<S>(m, n, j, 0, pivots[j], x);
  } else {
    for (int64_t j = 0; j < m; j++) exchange_rows<S>(m, n, j, 0, pivots[j], x);
    solve_lanes<S>(m, n, lu, false, true, x);
    solve_lanes<S>(m, n, lu, true, false, x);
  }
}

// The same; pivot(j) is the row that step j exchanged with row j.
template <class T, class P>
void solve_factored(int64_t m, int64_t n, Strided<const T> lu, P pivot, bool transposed, Block<T> x) {
  const auto exchange = [&](int64_t j) {
    if (pivot(j) != j) swap_rows(x.row(j), x.row(pivot(j)), align_columns(n));
  };
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
}

template <class T>
bool lu_solve(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  const bool transposed = args.parameter[0] != 0;
  if (tiny(m, n)) {
    each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
      LanesMemory<S> factors, solution;
      const auto lu = factors.lanes(), x = solution.lanes();
      typename S::M pivots[kTiny];
      load_lanes<S, T>(args, 1, first, count, m, m, lu);
      load_lanes<S, int32_t>(args, 2, first, count, m, 1, Block<typename S::M>{pivots, 1});
      for (int64_t j = 0; j < m; j++) pivots[j] -= 1;
      load_lanes<S, T>(args, 3, first, count, m, n, x);
      solve_factored_lanes<S>(m, n, lu, pivots, transposed, x);
      store_lanes<S, T>(args, 0, first, count, m, n, x);
    });
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  T* const memory = static_cast<T*>(work_space(size_t(m * stride) * sizeof(T)));
  if (!memory) return false;
  const Block<T> x = {memory, stride};
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<const int32_t> pivots = matrix<const int32_t>(args, 2, i);
    copy_padded(m, n, matrix<const T>(args, 3, i), x);
    solve_factored(
        m, n, matrix<const T>(args, 1, i), [&](int64_t j) { return int64_t(pivots.at(j, 0) - 1); }, transposed, x);
    copy_matrix<T>(m, n, {x.data, stride, 1}, matrix<T>(args, 0, i));
  }
  return true;
}

// Factors and solves, without a place for the factors.
template <class T>
bool solve(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  const bool transposed = args.parameter[0] != 0;
  if (tiny(m, n)) {
    each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
      LanesMemory<S> factors, solution;
      const auto lu = factors.lanes(), x = solution.lanes();
      typename S::M pivots[kTiny];
      load_lanes<S, T>(args, 2, first, count, m, m, lu);
      load_lanes<S, T>(args, 3, first, count, m, n, x);
      store_info<S>(args, 1, first, count, factor_lanes<S>(m, m, m, lu, pivots));
      solve_factored_lanes<S>(m, n, lu, pivots, transposed, x);
      store_lanes<S, T>(args, 0, first, count, m, n, x);
    });
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  const FactorizationMemory<T> own(m, m);
  const size_t bytes = size_t(m * stride) * sizeof(T);
  char* const memory = static_cast<char*>(work_space(own.bytes + bytes));
  if (!memory) return false;
  Factorization<T> f = own.place(memory);
  const Block<T> x = {reinterpret_cast<T*>(memory + own.bytes), stride};
  for (int64_t i = 0; i < args.count; i++) {
    copy_padded(m, m, matrix<const T>(args, 2, i), f.matrix);
    f.run();
    matrix<int32_t>(args, 1, i).at(0, 0) = f.info;
    copy_padded(m, n, matrix<const T>(args, 3, i), x);
    solve_factored(m, n, {f.matrix.data, f.matrix.stride, 1}, [&](int64_t j) { return f.exchanged[j]; }, transposed, x);
    copy_matrix<T>(m, n, {x.data, stride, 1}, matrix<T>(args, 0, i));
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(lu_factor)
NABLA_FLOAT_TABLE(lu_solve)
NABLA_FLOAT_TABLE(solve)

}  // namespace nabla::NABLA_ISA
