// LU factorization with partial pivoting: row-permuted, the matrix is L @ U. L (ones on its diagonal, not stored) and U
// take the matrix's place.
#pragma once
#include "triangular.h"

namespace nabla::NABLA_ISA {
namespace {

// The next pivot among n elements: where the largest is, the first among equals, a nan before any number.
template <class T>
int64_t search_pivot(const T* x, int64_t n) {
  using V = Vec<T>;
  constexpr int64_t lanes = kVecLanes<T>;
  V largest = {};
  Mask<T> nan = {};
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V size = abs(load<V>(x + i));
    largest = larger_or(size, largest);
    nan |= size != size;
  }
  T best = 0;
  bool any_nan = any_lane(nan);
  for (int l = 0; l < lanes; l++) best = largest[l] > best ? largest[l] : best;
  for (; i < n; i++) {
    const T size = magnitude(x[i]);
    if (size > best) best = size;
    any_nan |= size != size;
  }
  int64_t at = 0;
  if (any_nan) {
    while (x[at] == x[at]) at++;
  } else {
    while (at + lanes <= n && !any_lane(abs(load<V>(x + at)) == splat(best))) at += lanes;
    while (magnitude(x[at]) != best) at++;
  }
  return at;
}

template <class E>
void exchange(E& a, E& b) {
  const E saved = a;
  a = b;
  b = saved;
}

template <class T>
void swap_rows(T* a, T* b, int64_t columns) {
  using V = Vec<T>;
  for (int64_t j = 0; j < columns; j += kVecLanes<T>) {
    V saved = load<V>(a + j);
    store<V>(a + j, load<V>(b + j));
    store<V>(b + j, saved);
  }
}

// The state of one factorization: the whole matrix, and for each step the row that was exchanged for the pivot's.
//
// Narrow panels of columns are copied to where each column is contiguous, since a step looks for its pivot along one.
template <class T>
struct Factorization {
  using V = Vec<T>;
  static constexpr int64_t kLanes = kVecLanes<T>;
  int64_t m, n;
  Block<T> matrix;
  int64_t* exchanged;
  Block<T> panel;  // its columns as rows; vectors may begin anywhere, and end beyond the last element
  int32_t info;    // 0 or 1 + the first zero pivot

  static int64_t panel_stride(int64_t m) { return row_stride<T>(m + kAlign); }
  static size_t panel_bytes(int64_t m) { return size_t(kAlign * panel_stride(m)) * sizeof(T); }

  void factor_narrow(int64_t first, int64_t columns) {
    const int64_t rows = m - first;
    const Strided<T> here = strided(matrix.from(first, first)), there = {panel.data, 1, panel.stride};
    for (int64_t c = 0; c < columns; c++) memset(panel.row(c) + rows, 0, size_t(kAlign) * sizeof(T));
    copy_matrix<T>(rows, columns, {here.data, here.rs, 1}, there);
    factor_columns(first, 0, columns, columns);
    copy_matrix<T>(rows, columns, {there.data, 1, there.cs}, here);
  }

  // Factors `count` columns of the panel of `columns`, from column c on.
  void factor_columns(int64_t first, int64_t c, int64_t count, int64_t columns) {
    if (first + c >= m) return;
    if (count == 1) return factor_column(first, c, columns);
    const int64_t left = count > 8 ? 8 : count > 4 ? 4 : count > 2 ? 2 : 1;
    factor_columns(first, c, left, columns);
    const int64_t right = count - left;
    switch (left) {
      case 8: eliminate<8>(m - first, c, right); break;
      case 4: eliminate<4>(m - first, c, right); break;
      case 2: eliminate<2>(m - first, c, right); break;
      default: eliminate<1>(m - first, c, right);
    }
    factor_columns(first, c + left, right, columns);
  }

  void factor_column(int64_t first, int64_t c, int64_t columns) {
    const int64_t rows = m - first;
    T* const x = panel.row(c);
    const int64_t pivot_row = c + search_pivot(x + c, rows - c);
    exchanged[first + c] = first + pivot_row;
    if (pivot_row != c) {
      swap_rows(matrix.row(first + c), matrix.row(first + pivot_row), align_columns(n));
      for (int64_t q = 0; q < columns; q++) exchange(panel.at(q, c), panel.at(q, pivot_row));
    }
    const T pivot = x[c];
    if (pivot == 0) {
      if (!info) info = int32_t(first + c + 1);
    } else if (safe_reciprocal(pivot)) {
      const V reciprocal = splat(1 / pivot);
      for (int64_t i = c + 1; i < rows; i += kLanes) store<V>(x + i, load<V>(x + i) * reciprocal);
    } else {
      for (int64_t i = c + 1; i < rows; i += kLanes) store<V>(x + i, load<V>(x + i) / splat(pivot));
    }
  }

  // Takes `left` factored columns, from c on, out of the `right` columns that follow.
  template <int left>
  void eliminate(int64_t rows, int64_t c, int64_t right) {
    T upper[left][kAlign];
    for (int64_t q = 0; q < right; q++) {
      T* const x = panel.row(c + left + q) + c;
      for (int p = 0; p < left; p++) {
        upper[p][q] = x[p];
        for (int r = p + 1; r < left; r++) x[r] -= panel.at(c + p, c + r) * x[p];
      }
    }
    for (int64_t i = c + left; i < rows; i += kLanes) {
      V factor[left];
#pragma GCC unroll 8
      for (int p = 0; p < left; p++) factor[p] = load<V>(panel.row(c + p) + i);
      for (int64_t q = 0; q < right; q++) {
        T* const x = panel.row(c + left + q) + i;
        V value = load<V>(x);
#pragma GCC unroll 8
        for (int p = 0; p < left; p++) value = minus_product(value, factor[p], splat(upper[p][q]));
        store<V>(x, value);
      }
    }
  }

  void factor(int64_t first, int64_t columns) {
    if (first >= m || columns == 0) return;
    if (columns <= kAlign) return factor_narrow(first, columns);
    const int64_t left = half(columns), middle = first + left, right = columns - left;
    factor(first, left);
    const Block<T> upper = matrix.from(first, middle);
    solve(left < m - first ? left : m - first, right, triangle(matrix.from(first, first), false, true), upper);
    if (middle >= m) return;
    subtract_product(m - middle, right, left, matrix.from(middle, first), upper, matrix.from(middle, middle));
    factor(middle, right);
  }

  void run() {
    info = 0;
    factor(0, n);
  }
};

// Where a factorization of m x n matrices lies in a work space.
template <class T>
struct FactorizationMemory {
  int64_t m, n, stride, least;
  size_t matrix_bytes, panel_bytes, bytes;

  FactorizationMemory(int64_t m, int64_t n) : m(m), n(n), stride(row_stride<T>(n)), least(m < n ? m : n) {
    matrix_bytes = size_t(m * stride) * sizeof(T);
    panel_bytes = Factorization<T>::panel_bytes(m);
    bytes = (matrix_bytes + panel_bytes + size_t(least) * sizeof(int64_t) + 63) & ~size_t(63);
  }

  Factorization<T> place(char* memory) const {
    return {m,
            n,
            {reinterpret_cast<T*>(memory), stride},
            reinterpret_cast<int64_t*>(memory + matrix_bytes + panel_bytes),
            {reinterpret_cast<T*>(memory + matrix_bytes), Factorization<T>::panel_stride(m)},
            0};
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
