// Triangular systems with many right-hand sides, solved in place. The recursion leaves all but narrow blocks along the
// diagonal to the matrix product.
#pragma once
#include "../threads.h"
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kTriangle = 2 * kAlign;  // systems up to this size are solved directly
constexpr int64_t kStrip = 16 * kAlign;    // columns that one task solves for
constexpr double kSerialWork = 1 << 21;    // multiplications that are not worth sharing

// The first half of a system of n > kAlign equations.
constexpr int64_t half(int64_t n) { return align_columns(n / 2); }

template <class T>
T magnitude(T x) {
  return x < 0 ? -x : x;
}

// Whether multiplying by 1 / x stands for dividing by x: neither x nor 1 / x has lost bits to underflow.
template <class T>
bool safe_reciprocal(T x) {
  constexpr T least = sizeof(T) == 4 ? T(0x1p-126) : T(0x1p-1022);
  const T size = magnitude(x);
  return size >= least && size <= 1 / least;
}

// A triangle of a matrix as the coefficients of a system of equations. The rest of the matrix is not read.
template <class T>
struct Triangle {
  Strided<const T> a;
  bool upper;
  bool unit;  // ones for the diagonal, which is not read

  Strided<const T> from(int64_t i, int64_t j) const { return {&a.at(i, j), a.rs, a.cs}; }
  Triangle corner(int64_t i) const { return {from(i, i), upper, unit}; }
};

template <class T>
Triangle<T> triangle(Block<T> block, bool upper, bool unit) {
  return {{block.data, block.stride, 1}, upper, unit};
}
template <class T>
Triangle<T> transposed_triangle(Block<T> block, bool upper, bool unit) {
  return {{block.data, 1, block.stride}, upper, unit};
}

// Solves `rows` rows from i on, where all rows that they need are known, in registers.
template <class T, bool upper, int rows, int vectors>
void solve_rows(int64_t n, int64_t i, const Triangle<T>& t, Block<T> x) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  const Strided<const T> a = t.a;
  V row[rows][vectors];
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) row[r][v] = load<V>(x.row(i + r) + v * lanes);
  }
  for (int64_t p = upper ? i + rows : 0; p < (upper ? n : i); p++) {
    const T* factors = &a.at(i, p);
    V known[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) known[v] = load<V>(x.row(p) + v * lanes);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
      const V factor = splat(factors[r * a.rs]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) row[r][v] = minus_product(row[r][v], factor, known[v]);
    }
  }
#pragma GCC unroll 4
  for (int step = 0; step < rows; step++) {
    const int r = upper ? rows - 1 - step : step;
#pragma GCC unroll 4
    for (int before = 0; before < step; before++) {
      const int q = upper ? rows - 1 - before : before;
      const V factor = splat(a.at(i + r, i + q));
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) row[r][v] = minus_product(row[r][v], factor, row[q][v]);
    }
    if (!t.unit) {
      const T pivot = a.at(i + r, i + r);
      if (safe_reciprocal(pivot)) {
        const V reciprocal = splat(1 / pivot);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) row[r][v] *= reciprocal;
      } else {
        for (int v = 0; v < vectors; v++) row[r][v] /= splat(pivot);
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) store<V>(x.row(i + r) + v * lanes, row[r][v]);
  }
}

template <class T, bool upper, int vectors>
void solve_strip(int64_t n, const Triangle<T>& t, Block<T> x) {
  int64_t done = 0;
  for (; done + 4 <= n; done += 4) solve_rows<T, upper, 4, vectors>(n, upper ? n - 4 - done : done, t, x);
  for (; done < n; done++) solve_rows<T, upper, 1, vectors>(n, upper ? n - 1 - done : done, t, x);
}

template <class T, bool upper>
void solve_small(int64_t n, int64_t columns, const Triangle<T>& t, Block<T> x) {
  constexpr int lanes = kVecLanes<T>;
  constexpr int vectors = kVectorBytes == 64 ? 4 : 2;  // four rows of them leave registers for what they meet
  int64_t j = 0;
  for (; j + (vectors - 1) * lanes < columns; j += vectors * lanes) {
    solve_strip<T, upper, vectors>(n, t, x.from(0, j));
  }
  for (; j < columns; j += lanes) solve_strip<T, upper, 1>(n, t, x.from(0, j));
}

// x = inverse(t) @ x. What x has up to the next multiple of kAlign columns is changed, too.
template <class T>
void solve_serially(int64_t n, int64_t columns, const Triangle<T>& t, Block<T> x) {
  if (n <= kTriangle) {
    return t.upper ? solve_small<T, true>(n, columns, t, x) : solve_small<T, false>(n, columns, t, x);
  }
  const int64_t top = half(n);
  if (t.upper) {
    solve_serially(n - top, columns, t.corner(top), x.from(top, 0));
    subtract_product(top, columns, n - top, t.from(0, top), x.from(top, 0), x);
    solve_serially(top, columns, t, x);
  } else {
    solve_serially(top, columns, t, x);
    subtract_product(n - top, columns, top, t.from(top, 0), x, x.from(top, 0));
    solve_serially(n - top, columns, t.corner(top), x.from(top, 0));
  }
}

// The same, with threads where there are many columns.
template <class T>
void solve(int64_t n, int64_t columns, const Triangle<T>& t, Block<T> x) {
  if (columns <= kStrip || double(n) * double(n) * double(columns) < kSerialWork) {
    return solve_serially(n, columns, t, x);
  }
  struct Work {
    int64_t n, columns;
    const Triangle<T>& t;
    Block<T> x;
  } work = {n, columns, t, x};
  const auto task = [](void* context, int64_t index) {
    const Work& w = *static_cast<const Work*>(context);
    const int64_t j = index * kStrip, rest = w.columns - j;
    solve_serially(w.n, rest < kStrip ? rest : kStrip, w.t, w.x.from(0, j));
  };
  parallel_for((columns + kStrip - 1) / kStrip, task, &work);
}

}  // namespace
}  // namespace nabla::NABLA_ISA
