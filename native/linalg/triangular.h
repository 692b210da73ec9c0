// Triangular systems with many right-hand sides, solved in place. The recursion leaves all but narrow blocks along the
// diagonal to the matrix product.
#pragma once
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kTriangle = 2 * kAlign;  // systems up to this size are solved directly

// The first half of a system of n > kAlign equations.
constexpr int64_t half(int64_t n) { return align_columns(n / 2); }

// Solves for `vectors` vectors' worth of columns: row by row, with the row in registers.
template <class T, bool lower, int vectors>
void solve_strip(int64_t n, Block<T> triangle, Block<T> x) {
  using V = Vec<T>;
  for (int64_t step = 0; step < n; step++) {
    int64_t i = lower ? step : n - 1 - step;
    const T* factors = triangle.row(i);
    V row[vectors];
    for (int v = 0; v < vectors; v++) row[v] = load<V>(x.row(i) + v * kVecLanes<T>);
    for (int64_t p = lower ? 0 : i + 1; p < (lower ? i : n); p++) {
      const T* known = x.row(p);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) row[v] -= factors[p] * load<V>(known + v * kVecLanes<T>);
    }
    for (int v = 0; v < vectors; v++) {
      if (!lower) row[v] /= factors[i];
      store<V>(x.row(i) + v * kVecLanes<T>, row[v]);
    }
  }
}

template <class T, bool lower>
void solve_small(int64_t n, int64_t columns, Block<T> triangle, Block<T> x) {
  constexpr int64_t lanes = kVecLanes<T>;
  int64_t j = 0;
  for (; j + 8 * lanes <= columns; j += 8 * lanes) solve_strip<T, lower, 8>(n, triangle, x.from(0, j));
  for (; j + 2 * lanes <= columns; j += 2 * lanes) solve_strip<T, lower, 2>(n, triangle, x.from(0, j));
  for (; j < columns; j += lanes) solve_strip<T, lower, 1>(n, triangle, x.from(0, j));
}

// x = inverse(L) @ x, L being the lower triangle with ones for its diagonal.
template <class T>
void solve_lower(int64_t n, int64_t columns, Block<T> triangle, Block<T> x) {
  if (n <= kTriangle) return solve_small<T, true>(n, columns, triangle, x);
  int64_t top = half(n);
  solve_lower(top, columns, triangle, x);
  subtract_product(n - top, columns, top, triangle.from(top, 0), x, x.from(top, 0));
  solve_lower(n - top, columns, triangle.from(top, top), x.from(top, 0));
}

// x = inverse(U) @ x, U being the upper triangle with its diagonal.
template <class T>
void solve_upper(int64_t n, int64_t columns, Block<T> triangle, Block<T> x) {
  if (n <= kTriangle) return solve_small<T, false>(n, columns, triangle, x);
  int64_t top = half(n);
  solve_upper(n - top, columns, triangle.from(top, top), x.from(top, 0));
  subtract_product(top, columns, n - top, triangle.from(0, top), x.from(top, 0), x);
  solve_upper(top, columns, triangle, x);
}

}  // namespace
}  // namespace nabla::NABLA_ISA
