// Products with a vector: one pass over the matrix, so memory speed is all there is to gain and nothing is packed.
#pragma once
#include "../dtype.h"
#include "blocking.h"

namespace nabla::NABLA_ISA {
namespace {

// Dot products of x with `columns` contiguous columns at a time: each load of x serves all of them.
template <class T, class Sum, int columns, int unroll>
[[gnu::always_inline]] inline void dot(int64_t k, const T* x, const T* b, int64_t b_cs, Sum* result) {
  int64_t p = 0;
  for (int j = 0; j < columns; j++) result[j] = 0;
  if constexpr (is_float<T>) {  // integer loops need no help: reordering their sums changes nothing
    using V = Vec<T>;
    constexpr int lanes = kVecLanes<T>;
    V sum[columns][unroll];
    for (int j = 0; j < columns; j++) {
      for (int u = 0; u < unroll; u++) sum[j][u] = V{};
    }
    for (; p + unroll * lanes <= k; p += unroll * lanes) {
#pragma GCC unroll 8
      for (int u = 0; u < unroll; u++) {
        V part = load<V>(x + p + u * lanes);
#pragma GCC unroll 8
        for (int j = 0; j < columns; j++) sum[j][u] += part * load<V>(b + j * b_cs + p + u * lanes);
      }
    }
    for (int j = 0; j < columns; j++) {
      for (int u = 1; u < unroll; u++) sum[j][0] += sum[j][u];
      for (int lane = 0; lane < lanes; lane++) result[j] += sum[j][0][lane];
    }
  }
  for (int j = 0; j < columns; j++) {
    Sum rest = 0;
    for (int64_t q = p; q < k; q++) rest += Sum(x[q]) * Sum(b[j * b_cs + q]);
    result[j] += rest;
  }
}

template <class T, class Sum>
void finish(T* y, Sum sum, Sum alpha, Sum beta) {
  Sum value = alpha * sum;
  if (beta != Sum(0)) value += beta * Sum(*y);
  *y = T(value);
}

// y = alpha * x @ b + beta * y with contiguous columns of b and contiguous x.
template <class T, class Sum>
void gemv_by_columns(int64_t n, int64_t k, const T* x, const T* b, int64_t b_cs, T* y, int64_t y_stride, Sum alpha,
                     Sum beta) {
  Sum sum[4];
  int64_t j = 0;
  for (; j + 4 <= n; j += 4) {
    dot<T, Sum, 4, 2>(k, x, b + j * b_cs, b_cs, sum);
    for (int i = 0; i < 4; i++) finish(y + (j + i) * y_stride, sum[i], alpha, beta);
  }
  for (; j < n; j++) {
    dot<T, Sum, 1, 8>(k, x, b + j * b_cs, b_cs, sum);
    finish(y + j * y_stride, sum[0], alpha, beta);
  }
}

// The same row by row of b: sums for a chunk of columns stay in the first-level cache while four rows at a time go by.
template <class T, class Sum>
void gemv_by_rows(int64_t n, int64_t k, const T* x, int64_t x_stride, const T* b, int64_t b_rs, int64_t b_cs, T* y,
                  int64_t y_stride, Sum alpha, Sum beta) {
  constexpr int64_t chunk = 1024;
  Sum sum[chunk];
  for (int64_t first = 0; first < n; first += chunk) {
    int64_t columns = smaller(chunk, n - first);
    memset(sum, 0, size_t(columns) * sizeof(Sum));
    int64_t p = 0;
    for (; p + 4 <= k; p += 4) {
      const T* row = b + p * b_rs + first * b_cs;
      Sum x0 = x[p * x_stride], x1 = x[(p + 1) * x_stride], x2 = x[(p + 2) * x_stride], x3 = x[(p + 3) * x_stride];
      auto add = [&](int64_t step) {
        for (int64_t j = 0; j < columns; j++) {
          const T* at = row + j * step;
          Sum s = sum[j];
          s += x0 * Sum(at[0]);
          s += x1 * Sum(at[b_rs]);
          s += x2 * Sum(at[2 * b_rs]);
          s += x3 * Sum(at[3 * b_rs]);
          sum[j] = s;
        }
      };
      b_cs == 1 ? add(1) : add(b_cs);
    }
    for (; p < k; p++) {
      const T* row = b + p * b_rs + first * b_cs;
      Sum x0 = x[p * x_stride];
      for (int64_t j = 0; j < columns; j++) sum[j] += x0 * Sum(row[j * b_cs]);
    }
    for (int64_t j = 0; j < columns; j++) finish(y + (first + j) * y_stride, sum[j], alpha, beta);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
