// LU factorization with partial pivoting: row-permuted, the matrix is L @ U. L (ones on its diagonal, not stored) and U
// take the matrix's place.
#pragma once
#include "triangular.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
T magnitude(T x) {
  return x < 0 ? -x : x;
}

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

// Whether multiplying by 1 / x stands for dividing by x: neither x nor 1 / x has lost bits to underflow.
template <class T>
bool safe_reciprocal(T x) {
  constexpr T least = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-1022);
  T size = magnitude(x);
  return size >= least && size <= 1 / least;
}

// The state of one factorization: the whole matrix, and the row of the input that each of its rows is now.
template <class T>
struct Factorization {
  int64_t n;
  Block<T> matrix;
  int64_t* permutation;

  // Factors columns first.. (up to kAlign of them) from their diagonal down. Returns 0 or 1 + the first zero pivot.
  int64_t factor_narrow(int64_t first, int64_t columns) {
    using V = Vec<T>;
    constexpr int lanes = kVecLanes<T>, vectors = kAlign / lanes;
    PivotSearch<T> search(first, matrix.at(first, first));
    for (int64_t i = first + 1; i < n; i++) search.offer(i, matrix.at(i, first));
    for (int64_t j = first; j < first + columns; j++) {
      if (search.best == 0) return j + 1;
      if (search.row != j) {
        swap_rows(matrix.row(search.row), matrix.row(j), align_columns(n));
        int64_t origin = permutation[j];
        permutation[j] = permutation[search.row];
        permutation[search.row] = origin;
      }
      // Zeros up to the pivot keep what the rows below hold of L as it is.
      T tail[kAlign] = {};
      for (int64_t q = j + 1; q < first + kAlign; q++) tail[q - first] = matrix.at(j, q);
      V pivot_row[vectors];
      memcpy(pivot_row, tail, sizeof tail);
      T pivot = matrix.at(j, j), reciprocal = 1 / pivot;
      bool multiply = safe_reciprocal(pivot);
      bool more = j + 1 < first + columns;
      for (int64_t i = j + 1; i < n; i++) {
        T* row = matrix.row(i) + first;
        T factor = multiply ? row[j - first] * reciprocal : row[j - first] / pivot;
        for (int v = 0; v < vectors; v++) {
          store<V>(row + v * lanes, load<V>(row + v * lanes) - factor * pivot_row[v]);
        }
        row[j - first] = factor;
        if (!more) continue;
        T next = row[j + 1 - first];
        i == j + 1 ? void(search = PivotSearch<T>(i, next)) : search.offer(i, next);
      }
    }
    return 0;
  }

  int64_t factor(int64_t first, int64_t columns) {
    if (columns <= kAlign) return factor_narrow(first, columns);
    int64_t left = half(columns), middle = first + left, right = align_columns(columns - left);
    int64_t zero_pivot = factor(first, left);
    if (zero_pivot) return zero_pivot;
    Block<T> upper = matrix.from(first, middle);
    solve_lower(left, right, matrix.from(first, first), upper);
    subtract_product(n - middle, columns - left, left, matrix.from(middle, first), upper, matrix.from(middle, middle));
    return factor(middle, columns - left);
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
