#include "householder.h"
#include "linalg.h"

namespace nabla::NABLA_ISA {
namespace {

int64_t least_of(int64_t m, int64_t n) { return m < n ? m : n; }

template <class T>
bool factor(int64_t m, int64_t n, Strided<const T> in, Strided<T> out, Strided<T> tau_out) {
  const int64_t least = least_of(m, n), stride = row_stride<T>(n), panel = panel_for(least);
  const int64_t elements = m * stride + align_columns(least) + reflector_elements<T>(m, n, panel);
  T* const memory = static_cast<T*>(scratch(2, size_t(elements) * sizeof(T)));
  if (!memory) return false;
  const Block<T> a = {memory, stride};
  T* const tau = memory + m * stride;

  T largest = 0;
  for (int64_t i = 0; i < m; i++) {
    T* const row = a.row(i);
    for (int64_t j = 0; j < n; j++) {
      const T x = in.at(i, j), size = absolute(x);
      row[j] = x;
      largest = size > largest ? size : largest;
    }
    for (int64_t j = n; j < stride; j++) row[j] = 0;
  }
  // R takes the scale with it; the reflectors have none.
  const T scale = scale_for(largest);
  if (scale != 1) {
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) a.at(i, j) *= scale;
    }
  }
  factor_qr(m, n, a, tau, tau + align_columns(least));
  for (int64_t i = 0; i < m; i++) {
    const T* const row = a.row(i);
    for (int64_t j = 0; j < n; j++) out.at(i, j) = scale != 1 && j >= i ? row[j] / scale : row[j];
  }
  for (int64_t i = 0; i < least; i++) tau_out.at(i, 0) = tau[i];
  return true;
}

// The reflectors in h are `count`; where out is to be the product's first columns, it is made an identity first.
template <class T>
bool apply(bool inverse, bool narrow, int64_t m, int64_t n, int64_t count, Strided<const T> h, Strided<const T> tau,
           Strided<T> out) {
  const int64_t panel = panel_for(count);
  const int64_t elements = align_columns(count) + reflector_elements<T>(m, n, panel);
  T* const memory = static_cast<T*>(scratch(2, size_t(elements) * sizeof(T)));
  if (!memory) return false;
  for (int64_t i = 0; i < count; i++) memory[i] = tau.at(i, 0);
  apply_reflectors(inverse, narrow, m, n, count, h, memory, out, memory + align_columns(count));
  return true;
}

template <class T>
bool qr(const MatrixArgs& args) {
  if (args.m <= 0 || args.n <= 0) return true;
  for (int64_t i = 0; i < args.count; i++) {
    if (!factor(args.m, args.n, matrix<const T>(args, 2, i), matrix<T>(args, 0, i), matrix<T>(args, 1, i)))
      return false;
  }
  return true;
}

template <class T>
bool householder_product(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  if (m <= 0 || n <= 0) return true;
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<T> q = matrix<T>(args, 0, i);
    for (int64_t r = 0; r < m; r++) {
      for (int64_t c = 0; c < n; c++) q.at(r, c) = T(r == c);
    }
    // Reflectors after the n-th do nothing to the first n columns.
    const int64_t columns = least_of(m, n), count = least_of(columns, args.k);
    if (!apply(false, true, m, columns, count, matrix<const T>(args, 1, i), matrix<const T>(args, 2, i), q))
      return false;
  }
  return true;
}

template <class T>
bool householder_multiply(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n;
  if (m <= 0 || n <= 0) return true;
  const bool inverse = args.parameter[0] != 0;
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<T> out = matrix<T>(args, 0, i);
    const Strided<const T> c = matrix<const T>(args, 3, i);
    for (int64_t r = 0; r < m; r++) {
      for (int64_t j = 0; j < n; j++) out.at(r, j) = c.at(r, j);
    }
    const int64_t count = least_of(m, args.k);
    if (!apply(inverse, false, m, n, count, matrix<const T>(args, 1, i), matrix<const T>(args, 2, i), out))
      return false;
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(qr)
NABLA_FLOAT_TABLE(householder_product)
NABLA_FLOAT_TABLE(householder_multiply)

}  // namespace nabla::NABLA_ISA
