// The innermost loop of the product: one tile of c, held in registers, over one panel of a and one panel of b.
#pragma once
#include "blocking.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
struct Scale {
  T alpha, beta;
};

// c = alpha * a @ b + beta * c; c's columns are contiguous. The array of accumulators lives in registers only if every
// loop over it is unrolled; the factors come by reference so that they take no register from it. `rows` may be less
// than the panel's width, but not the distance between a's steps.
template <class T, int rows, int vectors>
void micro_kernel(int64_t k, const T* __restrict a, const T* __restrict b, int64_t b_step, T* __restrict c,
                  int64_t c_rs, const Scale<T>& scale) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  V sum[rows][vectors];
#pragma GCC unroll 32
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) sum[i][j] = V{};
  }
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < vectors; j++) __builtin_prefetch(c + i * c_rs + j * lanes);
  }
  for (int64_t p = 0; p < k; p++) {
    V line[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) line[j] = load<V>(b + j * lanes);
#pragma GCC unroll 32
    for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
      for (int j = 0; j < vectors; j++) sum[i][j] += a[i] * line[j];
    }
    a += Blocking<T>::mr;
    b += b_step;
  }
  T alpha = scale.alpha, beta = scale.beta;
  if (beta == T(0)) {
#pragma GCC unroll 32
    for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
      for (int j = 0; j < vectors; j++) store<V>(c + i * c_rs + j * lanes, alpha * sum[i][j]);
    }
  } else {
#pragma GCC unroll 32
    for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
      for (int j = 0; j < vectors; j++) {
        T* at = c + i * c_rs + j * lanes;
        store<V>(at, alpha * sum[i][j] + beta * load<V>(at));
      }
    }
  }
}

template <class T>
using MicroKernel = void (*)(int64_t, const T*, const T*, int64_t, T*, int64_t, const Scale<T>&);

// The smallest kernel whose tile covers rows x columns; `tile_rows` and `tile_columns` tell the tile's size.
template <class T>
struct MicroKernels {
  using B = Blocking<T>;
  static constexpr int heights = B::mr / B::row_step;
  MicroKernel<T> kernel[heights][B::vectors];

  constexpr MicroKernels() : kernel{} { fill<0, 0>(); }

  template <int height, int width>
  constexpr void fill() {
    kernel[height][width] = micro_kernel<T, (height + 1) * B::row_step, width + 1>;
    if constexpr (width + 1 < B::vectors) {
      fill<height, width + 1>();
    } else if constexpr (height + 1 < heights) {
      fill<height + 1, 0>();
    }
  }
};

template <class T>
constexpr MicroKernels<T> kMicroKernels;

}  // namespace
}  // namespace nabla::NABLA_ISA
