// The innermost loop of the product: one tile of c, held in registers.
#pragma once
#include "../dtype.h"
#include "blocking.h"

namespace nabla::NABLA_ISA {
namespace {

// What all tiles of a block have in common. Rows of a are a_rs apart and its steps along k a_cs, packed or not; b's and
// c's columns are contiguous.
template <class T>
struct Steps {
  int64_t k, a_rs, a_cs, b_rs, c_rs;
  T alpha, beta;
};

// c = alpha * a @ b + beta * c for `rows` rows and for columns that are so many whole vectors and then a part, the
// first `last` lanes, of a vector of `tail` lanes. What is beyond them is neither read nor written. The arrays of sums
// live in registers only if every loop over them is unrolled.
template <class T, int rows, int whole, int tail>
void micro_kernel(const Steps<T>& steps, const T* __restrict a, const T* __restrict b, T* __restrict c, int64_t last) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  using Tail = typename VectorType<T, (tail ? tail : lanes) * int(sizeof(T))>::type;
  using Factor = typename VectorType<T, (whole ? lanes : tail) * int(sizeof(T))>::type;
  const int64_t a_rs = steps.a_rs, a_cs = steps.a_cs, b_rs = steps.b_rs, c_rs = steps.c_rs;
  V sum[rows][whole ? whole : 1];
  Tail rest[rows];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < whole; j++) sum[i][j] = V{};
    if constexpr (tail) rest[i] = Tail{};
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < whole + (tail > 0); j++) __builtin_prefetch(c + i * c_rs + j * lanes, 1);
  }
  for (int64_t p = steps.k; p > 0; p--) {
    V line[whole ? whole : 1];
    Tail line_rest;
#pragma GCC unroll 8
    for (int j = 0; j < whole; j++) line[j] = load<V>(b + j * lanes);
    if constexpr (tail) line_rest = load_part<Tail>(b + whole * lanes, last, Tail{});
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      // One broadcast: that of the tail is its beginning.
      const Factor factor = a[i * a_rs] - Factor{};
      Tail factor_rest;
      memcpy(&factor_rest, &factor, sizeof factor_rest);
      if constexpr (whole > 0) {
#pragma GCC unroll 8
        for (int j = 0; j < whole; j++) sum[i][j] += factor * line[j];
      }
      if constexpr (tail) rest[i] += factor_rest * line_rest;
    }
    a += a_cs;
    b += b_rs;
  }
  if (steps.alpha != T(1)) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
      for (int j = 0; j < whole; j++) sum[i][j] *= steps.alpha;
      if constexpr (tail) rest[i] *= steps.alpha;
    }
  }
  if (steps.beta != T(0)) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const T* const at = c + i * c_rs;
#pragma GCC unroll 8
      for (int j = 0; j < whole; j++) sum[i][j] += steps.beta * load<V>(at + j * lanes);
      if constexpr (tail) rest[i] += steps.beta * load_part<Tail>(at + whole * lanes, last, Tail{});
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    T* const at = c + i * c_rs;
#pragma GCC unroll 8
    for (int j = 0; j < whole; j++) store<V>(at + j * lanes, sum[i][j]);
    if constexpr (tail) store_part<Tail>(at + whole * lanes, rest[i], last);
  }
}

template <class T>
using MicroKernel = void (*)(const Steps<T>&, const T*, const T*, T*, int64_t);

// A kernel for each size of tile. Where 64-byte vectors are executed in two halves, a half costs half as much.
template <class T>
struct MicroKernels {
  using B = Blocking<T>;
  static constexpr int lanes = kVecLanes<T>;
  static constexpr bool halves = kVectorBytes == 64 && sizeof(T) >= 4;
  struct Choice {
    MicroKernel<T> kernel;
    int64_t last;
  };

  // By the whole vectors, and by what follows them: nothing, part of a half, or part of a whole.
  MicroKernel<T> kernel[B::mr][B::vectors + 1][3];

  constexpr MicroKernels() : kernel{} { fill<1, 0>(); }

  Choice choose(int64_t rows, int64_t columns) const {
    const int64_t whole = columns / lanes, last = columns % lanes;
    return {kernel[rows - 1][whole][last == 0 ? 0 : halves && last <= lanes / 2 ? 1 : 2], last};
  }

  template <int rows, int whole>
  constexpr void fill() {
    if constexpr (whole > 0) kernel[rows - 1][whole][0] = micro_kernel<T, rows, whole, 0>;
    if constexpr (whole < B::vectors || B::wider) {
      if constexpr (halves) kernel[rows - 1][whole][1] = micro_kernel<T, rows, whole, lanes / 2>;
      kernel[rows - 1][whole][2] = micro_kernel<T, rows, whole, lanes>;
    }
    if constexpr (whole < B::vectors) {
      fill<rows, whole + 1>();
    } else if constexpr (rows < B::mr) {
      fill<rows + 1, 0>();
    }
  }
};

template <class T>
constexpr MicroKernels<T> kMicroKernels;

}  // namespace
}  // namespace nabla::NABLA_ISA
