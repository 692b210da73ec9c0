#include "inverse.h"

#include "lu.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kIdentityColumns = 128;

template <class T>
int64_t inverse(const InverseArgs& args) {
  int64_t n = args.n;
  if (n <= 0) return 0;
  int64_t stride = row_stride<T>(n);
  size_t block_bytes = size_t(n * stride) * sizeof(T);
  char* memory = static_cast<char*>(scratch(2, 2 * block_bytes + size_t(n) * sizeof(int64_t)));
  if (!memory) return -1;
  Block<T> matrix = {reinterpret_cast<T*>(memory), stride};
  Block<T> result = {reinterpret_cast<T*>(memory + block_bytes), stride};
  int64_t* permutation = reinterpret_cast<int64_t*>(memory + 2 * block_bytes);

  memset(memory, 0, 2 * block_bytes);
  const T* in = static_cast<const T*>(args.in);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) matrix.at(i, j) = in[i * args.in_rs + j * args.in_cs];
    result.at(i, i) = 1;
    permutation[i] = i;
  }

  T* out = static_cast<T*>(args.out);
  int64_t zero_pivot = Factorization<T>{n, matrix, permutation}.factor(0, n);
  if (zero_pivot) {
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) out[i * args.out_rs + j * args.out_cs] = T(__builtin_nan(""));
    }
    return zero_pivot;
  }

  // The inverse of P @ A = L @ U is inverse(U) @ inverse(L) @ P. The columns of inverse(L) are zero above the diagonal,
  // so each strip of them is a smaller system.
  for (int64_t j = 0; j < n; j += kIdentityColumns) {
    int64_t columns = n - j < kIdentityColumns ? align_columns(n - j) : kIdentityColumns;
    solve_lower(n - j, columns, matrix.from(j, j), result.from(j, j));
  }
  solve_upper(n, align_columns(n), matrix, result);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) out[i * args.out_rs + permutation[j] * args.out_cs] = result.at(i, j);
  }
  return 0;
}

template <class T>
constexpr InverseFn entry() {
  if constexpr (is_float<T>) {
    return inverse<T>;
  } else {
    return nullptr;
  }
}

}  // namespace

const InverseFn inverse_table[kDTypes] = {
#define X(name, type, text, category) entry<type>(),
    NABLA_DTYPES(X)
#undef X
};

}  // namespace nabla::NABLA_ISA
