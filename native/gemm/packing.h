// Copies a block of a matrix into panels, in the order in which the micro-kernel reads it.
//
// A panel is `width` rows of a (or columns of b) wide and runs along k: for each k its `width` elements lie together.
// Packing is where the operand's strides end: whatever they are, the arithmetic sees the same contiguous panels.
#pragma once
#include "blocking.h"

namespace nabla::NABLA_ISA {
namespace {

// Lines to transpose at a time: as many as there are elements in a vector, and no more than four.
template <class T>
constexpr int kSquare = kVecLanes<T> < 4 ? kVecLanes<T> : 4;

// A square of elements, contiguous along k in the source, across it in the panel.
template <class T>
[[gnu::always_inline]] inline void transpose_square(T* to, int64_t to_stride, const T* from, int64_t from_stride) {
  constexpr int side = kSquare<T>;
  using V = typename VectorType<T, side * sizeof(T)>::type;
  V line[side];
#pragma GCC unroll 4
  for (int i = 0; i < side; i++) memcpy(&line[i], from + i * from_stride, sizeof(V));
  if constexpr (side == 4) {
    V low01 = __builtin_shufflevector(line[0], line[1], 0, 4, 1, 5);
    V high01 = __builtin_shufflevector(line[0], line[1], 2, 6, 3, 7);
    V low23 = __builtin_shufflevector(line[2], line[3], 0, 4, 1, 5);
    V high23 = __builtin_shufflevector(line[2], line[3], 2, 6, 3, 7);
    line[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    line[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    line[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    line[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  } else {
    static_assert(side == 2);
    V first = __builtin_shufflevector(line[0], line[1], 0, 2);
    line[1] = __builtin_shufflevector(line[0], line[1], 1, 3);
    line[0] = first;
  }
#pragma GCC unroll 4
  for (int i = 0; i < side; i++) memcpy(to + i * to_stride, &line[i], sizeof(V));
}

// `across` steps from one line of the panel to the next, `along` steps along k. Lines from `lines` on are not written:
// kernels read no more of them than there are.
template <class Packed, class T, int width>
void pack_panel(Packed* panel, const T* from, int64_t lines, int64_t length, int64_t across, int64_t along) {
  if (across == 1) {
    if (lines == width) {
      for (int64_t p = 0; p < length; p++) {
        for (int i = 0; i < width; i++) panel[p * width + i] = Packed(from[p * along + i]);
      }
    } else {
      for (int64_t p = 0; p < length; p++) {
        for (int64_t i = 0; i < lines; i++) panel[p * width + i] = Packed(from[p * along + i]);
      }
    }
    return;
  }
  int64_t done = 0;
  if constexpr (sizeof(T) == sizeof(Packed) && sizeof(T) >= 4) {
    constexpr int side = kSquare<T>;
    if (along == 1 && lines >= side) {
      while (done < lines) {
        const int64_t first = smaller(done, lines - side);  // the last lines may be copied twice
        const T* source = from + first * across;
        int64_t p = 0;
        for (; p + side <= length; p += side) {
          transpose_square(panel + p * width + first, width, source + p, across);
        }
        for (; p < length; p++) {
          for (int i = 0; i < side; i++) panel[p * width + first + i] = source[i * across + p];
        }
        done = first + side;
      }
    }
  }
  if (__builtin_llabs(across) < __builtin_llabs(along)) {
    for (int64_t p = 0; p < length; p++) {
      for (int64_t i = 0; i < lines; i++) panel[p * width + i] = Packed(from[i * across + p * along]);
    }
    return;
  }
  for (int64_t i = done; i < lines; i++) {
    for (int64_t p = 0; p < length; p++) panel[p * width + i] = Packed(from[i * across + p * along]);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
