// Matrices of a few rows and columns, several at a time: a vector holds the same element of different matrices, one in
// each lane. What happens in a lane depends on that lane alone.
#pragma once
#include "triangular.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kTiny = 8;

constexpr bool tiny(int64_t m, int64_t n) { return m <= kTiny && n <= kTiny; }

// A matrix of vectors, and room for one.
template <class T>
using Lanes = Block<Vec<T>>;
template <class T, int64_t columns = kTiny>
struct LanesMemory {
  Vec<T> element[kTiny * columns];

  Lanes<T> lanes() { return {element, columns}; }
};

// Runs over the matrices of an instruction: compute(first, count) for `count` of them at a time.
template <class T, class F>
void each_lanes(const MatrixArgs& args, F compute) {
  constexpr int64_t lanes = kVecLanes<T>;
  for (int64_t first = 0; first < args.count; first += lanes) {
    compute(first, args.count - first < lanes ? args.count - first : lanes);
  }
}

// The matrices first.. of an operand; lanes beyond `count` are zero.
template <class E, class V>
void load_lanes(const MatrixArgs& args, int operand, int64_t first, int64_t count, int64_t m, int64_t n, Block<V> to) {
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) to.at(i, j) = V{};
  }
  for (int64_t l = 0; l < count; l++) {
    const Strided<const E> from = matrix<const E>(args, operand, first + l);
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) to.at(i, j)[l] = from.at(i, j);
    }
  }
}

template <class E, class V>
void store_lanes(const MatrixArgs& args, int operand, int64_t first, int64_t count, int64_t m, int64_t n,
                 Block<V> from) {
  for (int64_t l = 0; l < count; l++) {
    const Strided<E> to = matrix<E>(args, operand, first + l);
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) to.at(i, j) = E(from.at(i, j)[l]);
    }
  }
}

template <class T>
void store_info(const MatrixArgs& args, int operand, int64_t first, int64_t count, Mask<T> info) {
  store_lanes<int32_t>(args, operand, first, count, 1, 1, Block<Mask<T>>{&info, 1});
}

template <class T>
Mask<T> splat_mask(int64_t value) {
  using Element = decltype(Mask<T>{}[0] + 0);
  return splat(Element(value));
}

// Exchanges row j with the row that each lane names. Rows below `from` are not named.
template <class T>
void exchange_rows(int64_t m, int64_t n, int64_t j, int64_t from, Mask<T> row, Lanes<T> a) {
  for (int64_t i = from; i < m; i++) {
    const Mask<T> here = row == splat_mask<T>(i);
    if (i == j || !any_lane(here)) continue;
    for (int64_t q = 0; q < n; q++) {
      const Vec<T> upper = a.at(j, q), lower = a.at(i, q);
      a.at(j, q) = select(here, lower, upper);
      a.at(i, q) = select(here, upper, lower);
    }
  }
}

// LU factorization of the first `steps` columns, as Factorization (lu.h) has it. pivots[j] becomes the row that step j
// exchanged with row j. The result is 0 or 1 + the first zero pivot.
template <class T>
Mask<T> factor_lanes(int64_t m, int64_t n, int64_t steps, Lanes<T> a, Mask<T>* pivots) {
  using V = Vec<T>;
  Mask<T> info = {};
  for (int64_t j = 0; j < steps; j++) {
    V best = abs(a.at(j, j));
    Mask<T> row = splat_mask<T>(j);
    for (int64_t i = j + 1; i < m; i++) {
      const V size = abs(a.at(i, j));
      const Mask<T> better = (size > best) | ((size != size) & (best == best));
      best = select(better, size, best);
      row = better ? splat_mask<T>(i) : row;
    }
    pivots[j] = row;
    exchange_rows<T>(m, n, j, j + 1, row, a);
    const Mask<T> zero = best == V{};
    info = (zero & (info == 0)) ? splat_mask<T>(j + 1) : info;
    const V pivot = a.at(j, j);
    for (int64_t i = j + 1; i < m; i++) {
      const V factor = select(zero, V{}, a.at(i, j) / pivot);
      a.at(i, j) = factor;
      for (int64_t q = j + 1; q < n; q++) a.at(i, q) = minus_product(a.at(i, q), factor, a.at(j, q));
    }
  }
  return info;
}

// x = inverse(t) @ x, t being a triangle of a.
template <class T>
void solve_lanes(int64_t n, int64_t columns, Lanes<T> a, bool upper, bool unit, Lanes<T> x) {
  for (int64_t step = 0; step < n; step++) {
    const int64_t i = upper ? n - 1 - step : step;
    for (int64_t p = upper ? i + 1 : 0; p < (upper ? n : i); p++) {
      for (int64_t c = 0; c < columns; c++) x.at(i, c) = minus_product(x.at(i, c), a.at(i, p), x.at(p, c));
    }
    if (unit) continue;
    for (int64_t c = 0; c < columns; c++) x.at(i, c) /= a.at(i, i);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
