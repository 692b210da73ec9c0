#include "linalg.h"
#include "lu.h"
#include "tiny.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
void invert_tiny(const MatrixArgs& args) {
  const int64_t n = args.m;
  each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
    // To the right of the matrix, what becomes inverse(L) @ P and then the inverse.
    LanesMemory<S, 2 * kTiny> memory;
    const auto a = memory.lanes(), x = a.from(0, n);
    typename S::M pivots[kTiny];
    load_lanes<S, T>(args, 2, first, count, n, n, a);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) x.at(i, j) = S::constant(T(i == j));
    }
    const typename S::M info = factor_lanes<S>(n, 2 * n, n, a, pivots);
    solve_lanes<S>(n, n, a, true, false, x);
    const typename S::V nan = S::constant(T(__builtin_nan("")));
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) x.at(i, j) = S::choose(info != 0, nan, x.at(i, j));
    }
    store_lanes<S, T>(args, 0, first, count, n, n, x);
    store_info<S>(args, 1, first, count, info);
  });
}

// The inverse of P @ A = L @ U is inverse(U) @ inverse(L) @ P, strip by strip of its columns.
template <class T>
struct Inversion {
  static constexpr int64_t kColumns = 128;
  int64_t n;
  Block<T> factors, result;
  const int64_t* origin;  // of each row of P @ A
  Strided<T> out;

  void strip(int64_t j) const {
    const int64_t columns = n - j < kColumns ? n - j : kColumns;
    for (int64_t i = 0; i < n; i++) memset(result.row(i) + j, 0, size_t(align_columns(columns)) * sizeof(T));
    for (int64_t i = j; i < j + columns; i++) result.at(i, i) = 1;
    // The columns of inverse(L) are zero above the diagonal, so each strip of them is a smaller system.
    solve(n - j, columns, triangle(factors.from(j, j), false, true), result.from(j, j));
    solve(n, columns, triangle(factors, true, false), result.from(0, j));
    for (int64_t top = 0; top < n; top += kAlign) {
      const int64_t bottom = n - top < kAlign ? n : top + kAlign;
      for (int64_t c = j; c < j + columns; c++) {
        for (int64_t i = top; i < bottom; i++) out.at(i, origin[c]) = result.at(i, c);
      }
    }
  }

  void run() {
    const auto task = [](void* context, int64_t index) { static_cast<Inversion*>(context)->strip(index * kColumns); };
    parallel_for((n + kColumns - 1) / kColumns, task, this);
  }
};

template <class T>
bool inverse(const MatrixArgs& args) {
  const int64_t n = args.m;
  if (tiny(n, n)) {
    invert_tiny<T>(args);
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  const size_t own = size_t(n * stride) * sizeof(T), panel_bytes = Factorization<T>::panel_bytes(n);
  const size_t bytes = own > panel_bytes ? own : panel_bytes;
  char* memory = static_cast<char*>(work_space(2 * bytes + 2 * size_t(n) * sizeof(int64_t)));
  if (!memory) return false;
  const Block<T> factors = {reinterpret_cast<T*>(memory), stride},
                 result = {reinterpret_cast<T*>(memory + bytes), stride};
  int64_t* const exchanged = reinterpret_cast<int64_t*>(memory + 2 * bytes);
  int64_t* const origin = exchanged + n;
  for (int64_t i = 0; i < args.count; i++) {
    copy_padded(n, n, matrix<const T>(args, 2, i), factors);
    // Panels are factored where the result will be.
    Factorization<T> f = {n, n, factors, exchanged, {result.data, Factorization<T>::panel_stride(n)}, 0};
    f.run();
    const Strided<T> out = matrix<T>(args, 0, i);
    matrix<int32_t>(args, 1, i).at(0, 0) = f.info;
    if (f.info) {
      const T nan = T(__builtin_nan(""));
      copy_matrix<T>(n, n, {&nan, 0, 0}, out);
      continue;
    }
    for (int64_t j = 0; j < n; j++) origin[j] = j;
    for (int64_t j = 0; j < n; j++) exchange(origin[j], origin[exchanged[j]]);
    Inversion<T>{n, factors, result, origin, out}.run();
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(inverse)

}  // namespace nabla::NABLA_ISA
