// Matrices of a few rows and columns, several at a time: a vector holds the same element of different matrices, one in
// each lane. What happens in a lane depends on that lane alone.
#pragma once
#include "triangular.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kTiny = 8;

constexpr bool tiny(int64_t m, int64_t n) { return m <= kTiny && n <= kTiny; }

// As many matrices as a vector has lanes. A mask also holds integers that belong to the lanes.
template <class T>
struct SideBySide {
  using Value = T;
  using V = Vec<T>;
  using M = Mask<T>;
  static constexpr int64_t lanes = kVecLanes<T>;

  static V constant(T x) { return splat(x); }
  static M index(int64_t i) {
    using Element = decltype(M{}[0] + 0);
    return splat(Element(i));
  }
  static V choose(M mask, V x, V y) { return select(mask, x, y); }
  static M choose_index(M mask, M x, M y) { return mask ? x : y; }
  static bool any(M mask) { return any_lane(mask); }
  static V absolute(V x) { return abs(x); }
  static V root(V x) { return sqrt(x); }
  static V less_product(V c, V a, V b) { return minus_product(c, a, b); }
  template <class X>
  static auto& lane(X& x, int64_t l) {
    return reinterpret_cast<decltype(x[0] + 0)*>(&x)[l];
  }
};

// The same arithmetic for a single matrix.
template <class T>
struct OneByOne {
  using Value = T;
  using V = T;
  using M = int64_t;
  static constexpr int64_t lanes = 1;

  static V constant(T x) { return x; }
  static M index(int64_t i) { return i; }
  static V choose(M mask, V x, V y) { return mask ? x : y; }
  static M choose_index(M mask, M x, M y) { return mask ? x : y; }
  static bool any(M mask) { return mask != 0; }
  static V absolute(V x) { return magnitude(x); }
  static V root(V x) { return square_root(x); }
  static V less_product(V c, V a, V b) { return scalar_minus_product(c, a, b); }
  template <class X>
  static X& lane(X& x, int64_t) {
    return x;
  }
};

// Runs over the matrices of an instruction: compute(S{}, first, count) for `count` of them at a time, side by side
// where there are enough.
template <class T, class F>
void each_lanes(const MatrixArgs& args, F compute) {
  constexpr int64_t lanes = kVecLanes<T>, enough = lanes < 4 ? lanes : lanes / 4;
  int64_t first = 0;
  for (; args.count - first >= enough; first += lanes) {
    compute(SideBySide<T>{}, first, args.count - first < lanes ? args.count - first : lanes);
  }
  for (; first < args.count; first++) compute(OneByOne<T>{}, first, 1);
}

// A matrix of vectors, and room for one.
template <class S, int64_t columns = kTiny>
struct LanesMemory {
  typename S::V element[kTiny * columns];

  Block<typename S::V> lanes() { return {element, columns}; }
};

// Calls element(i, j, l, at) for each lane's elements of the matrices first.. of an operand.
template <class S, class E, class F>
void each_element(const MatrixArgs& args, int operand, int64_t first, int64_t count, int64_t m, int64_t n, F element) {
  const Strided<E> from = matrix<E>(args, operand, first);
  const int64_t next = args.operand[operand].next;
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      E* at = &from.at(i, j);
      if (count == S::lanes) {  // a loop of fixed length
#pragma GCC unroll 16
        for (int64_t l = 0; l < S::lanes; l++) element(i, j, l, at[l * next]);
      } else {
        for (int64_t l = 0; l < count; l++) element(i, j, l, at[l * next]);
      }
    }
  }
}

// The matrices first.. of an operand; lanes beyond `count` are zero.
template <class S, class E, class V>
void load_lanes(const MatrixArgs& args, int operand, int64_t first, int64_t count, int64_t m, int64_t n, Block<V> to) {
  for (int64_t i = 0; i < m && count < S::lanes; i++) {
    for (int64_t j = 0; j < n; j++) to.at(i, j) = V{};
  }
  each_element<S, const E>(args, operand, first, count, m, n,
                           [&](int64_t i, int64_t j, int64_t l, const E& at) { S::lane(to.at(i, j), l) = at; });
}

template <class S, class E, class V>
void store_lanes(const MatrixArgs& args, int operand, int64_t first, int64_t count, int64_t m, int64_t n,
                 Block<V> from) {
  each_element<S, E>(args, operand, first, count, m, n,
                     [&](int64_t i, int64_t j, int64_t l, E& at) { at = E(S::lane(from.at(i, j), l)); });
}

template <class S, class V>
void store_info(const MatrixArgs& args, int operand, int64_t first, int64_t count, V info) {
  store_lanes<S, int32_t>(args, operand, first, count, 1, 1, Block<V>{&info, 1});
}

// Exchanges row j with the row that each lane names, none of them above `from`.
template <class S, class V, class M>
void exchange_rows(int64_t m, int64_t n, int64_t j, int64_t from, M row, Block<V> a) {
  if constexpr (S::lanes == 1) {
    if (row == j) return;
    for (int64_t q = 0; q < n; q++) {
      const V upper = a.at(j, q);
      a.at(j, q) = a.at(row, q);
      a.at(row, q) = upper;
    }
  } else {
    for (int64_t i = from; i < m; i++) {
      const M here = row == S::index(i);
      if (i == j || !S::any(here)) continue;
      for (int64_t q = 0; q < n; q++) {
        const V upper = a.at(j, q), lower = a.at(i, q);
        a.at(j, q) = S::choose(here, lower, upper);
        a.at(i, q) = S::choose(here, upper, lower);
      }
    }
  }
}

// LU factorization of the first `steps` columns, as Factorization (lu.h) has it. pivots[j] becomes the row that step j
// exchanged with row j. The result is 0 or 1 + the first zero pivot.
template <class S>
typename S::M factor_lanes(int64_t m, int64_t n, int64_t steps, Block<typename S::V> a, typename S::M* pivots) {
  using V = typename S::V;
  using M = typename S::M;
  M info = {};
  for (int64_t j = 0; j < steps; j++) {
    V best = S::absolute(a.at(j, j));
    M row = S::index(j);
    for (int64_t i = j + 1; i < m; i++) {
      const V size = S::absolute(a.at(i, j));
      const M better = (size > best) | ((size != size) & (best == best));
      best = S::choose(better, size, best);
      row = S::choose_index(better, S::index(i), row);
    }
    pivots[j] = row;
    exchange_rows<S>(m, n, j, j + 1, row, a);
    const M zero = best == V{};
    info = S::choose_index(zero & (info == 0), S::index(j + 1), info);
    const V pivot = a.at(j, j);
    for (int64_t i = j + 1; i < m; i++) {
      const V factor = S::choose(zero, V{}, a.at(i, j) / pivot);
      a.at(i, j) = factor;
      for (int64_t q = j + 1; q < n; q++) a.at(i, q) = S::less_product(a.at(i, q), factor, a.at(j, q));
    }
  }
  return info;
}

// x = inverse(t) @ x, t being a triangle of a.
template <class S, class V>
void solve_lanes(int64_t n, int64_t columns, Block<V> a, bool upper, bool unit, Block<V> x) {
  for (int64_t step = 0; step < n; step++) {
    const int64_t i = upper ? n - 1 - step : step;
    for (int64_t p = upper ? i + 1 : 0; p < (upper ? n : i); p++) {
      for (int64_t c = 0; c < columns; c++) x.at(i, c) = S::less_product(x.at(i, c), a.at(i, p), x.at(p, c));
    }
    if (unit) continue;
    for (int64_t c = 0; c < columns; c++) x.at(i, c) /= a.at(i, i);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
