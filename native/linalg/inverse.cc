#include "linalg.h"
#include "lu.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kIdentityColumns = 128;

// 0, or 1 + the index of the first zero pivot; -1 where there is no memory.
template <class T>
int32_t invert(int64_t n, Strided<const T> in, Strided<T> out) {
  if (n <= 0) return 0;
  int64_t stride = row_stride<T>(n);
  size_t block_bytes = size_t(n * stride) * sizeof(T);
  char* memory = static_cast<char*>(scratch(2, 2 * block_bytes + size_t(n) * sizeof(int64_t)));
  if (!memory) return -1;
  Block<T> matrix = {reinterpret_cast<T*>(memory), stride};
  Block<T> result = {reinterpret_cast<T*>(memory + block_bytes), stride};
  int64_t* permutation = reinterpret_cast<int64_t*>(memory + 2 * block_bytes);

  memset(memory, 0, 2 * block_bytes);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) matrix.at(i, j) = in.at(i, j);
    result.at(i, i) = 1;
    permutation[i] = i;
  }

  int64_t zero_pivot = Factorization<T>{n, matrix, permutation}.factor(0, n);
  if (zero_pivot) {
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) out.at(i, j) = T(__builtin_nan(""));
    }
    return int32_t(zero_pivot);
  }

  // The inverse of P @ A = L @ U is inverse(U) @ inverse(L) @ P. The columns of inverse(L) are zero above the diagonal,
  // so each strip of them is a smaller system.
  for (int64_t j = 0; j < n; j += kIdentityColumns) {
    int64_t columns = n - j < kIdentityColumns ? align_columns(n - j) : kIdentityColumns;
    solve_lower(n - j, columns, matrix.from(j, j), result.from(j, j));
  }
  solve_upper(n, align_columns(n), matrix, result);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) out.at(i, permutation[j]) = result.at(i, j);
  }
  return 0;
}

template <class T>
bool inverse(const MatrixArgs& args) {
  for (int64_t i = 0; i < args.count; i++) {
    const int32_t info = invert(args.m, matrix<const T>(args, 2, i), matrix<T>(args, 0, i));
    if (info < 0) return false;
    matrix<int32_t>(args, 1, i).at(0, 0) = info;
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(inverse)

}  // namespace nabla::NABLA_ISA
