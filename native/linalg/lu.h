// LU factorization with partial pivoting: row-permuted, the matrix is L @ U. L (ones on its diagonal, not stored) and U
// take the matrix's place.
#pragma once
#include "triangular.h"

namespace nabla::NABLA_ISA {
namespace {

// The next pivot among the candidates offered so far: the largest, the first among equals, a nan before any number.
template <class T>
struct PivotSearch {
  T best;
  int64_t row;

  PivotSearch(int64_t row, T value) : best(magnitude(value)), row(row) {}
  void offer(int64_t candidate, T value) {
    T size = magnitude(value);
    if (size > best || (size != size && best == best)) {
      best = size;
      row = candidate;
    }
  }
};

template <class T>
void swap_rows(T* a, T* b, int64_t columns) {
  using V = Vec<T>;
  for (int64_t j = 0; j < columns; j += kVecLanes<T>) {
    V saved = load<V>(a + j);
    store<V>(a + j, load<V>(b + j));
    store<V>(b + j, saved);
  }
}

// The row that each row comes from when, one after the other, rows j and exchanged(j) change places.
template <class F>
void permutation(int64_t n, F exchanged, int64_t* origin) {
  for (int64_t j = 0; j < n; j++) origin[j] = j;
  for (int64_t j = 0; j < n; j++) {
    const int64_t other = exchanged(j), saved = origin[j];
    origin[j] = origin[other];
    origin[other] = saved;
  }
}

// The state of one factorization: the whole matrix, and for each step the row that was exchanged for the pivot's.
template <class T>
struct Factorization {
  int64_t m, n;
  Block<T> matrix;
  int64_t* exchanged;
  int32_t info;  // 0 or 1 + the first zero pivot

  PivotSearch<T> search_column(int64_t j) const {
    PivotSearch<T> search(j, matrix.at(j, j));
    for (int64_t i = j + 1; i < m; i++) search.offer(i, matrix.at(i, j));
    return search;
  }

  // Factors columns first.. (up to kAlign of them) from their diagonal down.
  void factor_narrow(int64_t first, int64_t columns) {
    using V = Vec<T>;
    using M = decltype(V{} < V{});
    constexpr int lanes = kVecLanes<T>, vectors = kAlign / lanes;
    const int64_t end = first + columns < m ? first + columns : m;
    PivotSearch<T> search = search_column(first);
    for (int64_t j = first; j < end; j++) {
      exchanged[j] = search.row;
      if (search.row != j) swap_rows(matrix.row(search.row), matrix.row(j), align_columns(n));
      const bool more = j + 1 < end;
      if (search.best == 0) {
        if (!info) info = int32_t(j + 1);
        if (more) search = search_column(j + 1);
        continue;
      }
      // Up to the pivot, the rows below hold L.
      V pivot_row[vectors];
      M behind[vectors] = {};
      for (int v = 0; v < vectors; v++) {
        pivot_row[v] = load<V>(matrix.row(j) + first + v * lanes);
        for (int l = 0; l < lanes; l++) behind[v][l] = v * lanes + l > j - first ? -1 : 0;
      }
      const T pivot = matrix.at(j, j), reciprocal = 1 / pivot;
      const bool multiply = safe_reciprocal(pivot);
      for (int64_t i = j + 1; i < m; i++) {
        T* row = matrix.row(i) + first;
        const T factor = multiply ? row[j - first] * reciprocal : row[j - first] / pivot;
        for (int v = 0; v < vectors; v++) {
          const V before = load<V>(row + v * lanes);
          store<V>(row + v * lanes, select(behind[v], minus_product(before, splat(factor), pivot_row[v]), before));
        }
        row[j - first] = factor;
        if (!more) continue;
        const T next = row[j + 1 - first];
        i == j + 1 ? void(search = PivotSearch<T>(i, next)) : search.offer(i, next);
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

}  // namespace
}  // namespace nabla::NABLA_ISA
