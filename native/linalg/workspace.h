// How the routines of this folder lay out the matrices that they work on.
#pragma once
#include "../gemm/gemm.h"
#include "../simd/vec.h"
#include "../threads.h"

namespace nabla::NABLA_ISA {
namespace {

// Blocks begin at multiples of kAlign columns, and rows are padded to one: a whole number of vectors, so that no loop
// over columns needs a remainder. What the padding holds never reaches the matrix.
constexpr int64_t kAlign = 16;

constexpr int64_t align_columns(int64_t n) { return (n + kAlign - 1) / kAlign * kAlign; }

// An odd number of cache lines per row: with a power of two, a column's elements would compete for a few cache sets.
template <class T>
constexpr int64_t row_stride(int64_t n) {
  constexpr int64_t line = 64 / int64_t(sizeof(T));
  int64_t stride = align_columns(n);
  return stride / line % 2 ? stride : stride + line;
}

// A row-major block of a work space.
template <class T>
struct Block {
  T* data;
  int64_t stride;

  T* row(int64_t i) const { return data + i * stride; }
  T& at(int64_t i, int64_t j) const { return data[i * stride + j]; }
  Block from(int64_t i, int64_t j) const { return {row(i) + j, stride}; }
};

// A matrix of an instruction, or a vector as one column.
template <class T>
struct Strided {
  T* data;
  int64_t rs, cs;

  T& at(int64_t i, int64_t j) const { return data[i * rs + j * cs]; }
};

// The i-th matrix of an operand.
template <class T>
Strided<T> matrix(const MatrixArgs& args, int operand, int64_t i) {
  const auto& o = args.operand[operand];
  return {reinterpret_cast<T*>(o.at) + i * o.next, o.rs, o.cs};
}

// The dispatch table of an op on matrices of floats.
#define NABLA_FLOAT_TABLE(name) const MatrixFn name##_table[kDTypes] = {name<float>, name<double>};

// c -= a @ b
template <class T>
void subtract_product(int64_t m, int64_t n, int64_t k, Strided<const T> a, Block<T> b, Block<T> c) {
  if (m == 0 || n == 0 || k == 0) return;
  gemm_table[int(DTypeOf<T>::value)]({m, n, k, a.data, a.rs, a.cs, b.data, b.stride, 1, c.data, c.stride, 1, -1, 1});
}
template <class T>
void subtract_product(int64_t m, int64_t n, int64_t k, Block<T> a, Block<T> b, Block<T> c) {
  subtract_product<T>(m, n, k, Strided<const T>{a.data, a.stride, 1}, b, c);
}

// What a comparison of vectors gives.
template <class T>
using Mask = decltype(Vec<T>{} < Vec<T>{});

// c - a * b
template <class V>
NABLA_INLINE V minus_product(V c, V a, V b) {
  return mul_add(-a, b, c);
}

template <class T>
NABLA_INLINE T scalar_minus_product(T c, T a, T b) {
  if constexpr (!kFused) return c - a * b;
  if constexpr (sizeof(T) == 4) return __builtin_fmaf(-a, b, c);
  return __builtin_fma(-a, b, c);
}

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

template <class T>
Strided<T> strided(Block<T> block) {
  return {block.data, block.stride, 1};
}

// Scratch block 2, also where nothing is asked for; null when there is no more memory.
inline void* work_space(size_t bytes) { return scratch(2, bytes == 0 ? 1 : bytes); }

// to = from^T for a square of elements, in registers; each is contiguous along one of its dims.
template <class T>
constexpr int kSide = kVecLanes<T> < 4 ? kVecLanes<T> : 4;
template <class T>
NABLA_INLINE void transpose_side(const T* from, int64_t from_stride, T* to, int64_t to_stride) {
  constexpr int side = kSide<T>;
  using V = typename VectorType<T, side * sizeof(T)>::type;
  V line[side];
#pragma GCC unroll 4
  for (int i = 0; i < side; i++) line[i] = load<V>(from + i * from_stride);
  if constexpr (side == 4) {
    const V a = __builtin_shufflevector(line[0], line[2], 0, 4, 1, 5);
    const V b = __builtin_shufflevector(line[1], line[3], 0, 4, 1, 5);
    const V c = __builtin_shufflevector(line[0], line[2], 2, 6, 3, 7);
    const V d = __builtin_shufflevector(line[1], line[3], 2, 6, 3, 7);
    line[0] = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    line[1] = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    line[2] = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    line[3] = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  } else {
    const V a = __builtin_shufflevector(line[0], line[1], 0, 2);
    line[1] = __builtin_shufflevector(line[0], line[1], 1, 3);
    line[0] = a;
  }
#pragma GCC unroll 4
  for (int i = 0; i < side; i++) store<V>(to + i * to_stride, line[i]);
}

// Copies a matrix. Where the elements that lie together differ, it goes by tiles, so that cache lines are used whole.
template <class T>
void copy_matrix(int64_t m, int64_t n, Strided<const T> from, Strided<T> to) {
  if (m == 0 || n == 0) return;
  if (to.cs != 1 && to.rs == 1) return copy_matrix<T>(n, m, {from.data, from.cs, from.rs}, {to.data, to.cs, to.rs});
  if (from.cs == 1 && to.cs == 1) {
    for (int64_t i = 0; i < m; i++) memcpy(&to.at(i, 0), &from.at(i, 0), size_t(n) * sizeof(T));
    return;
  }
  for (int64_t top = 0; top < m; top += kAlign) {
    const int64_t bottom = m - top < kAlign ? m : top + kAlign;
    for (int64_t left = 0; left < n; left += kAlign) {
      const int64_t right = n - left < kAlign ? n : left + kAlign;
      int64_t squares = top;  // the rows that squares have done
      if (from.rs == 1 && to.cs == 1 && (right - left) % kSide<T> == 0) {
        for (; squares + kSide<T> <= bottom; squares += kSide<T>) {
          for (int64_t j = left; j < right; j += kSide<T>) {
            transpose_side(&from.at(squares, j), from.cs, &to.at(squares, j), to.rs);
          }
        }
      }
      for (int64_t i = squares; i < bottom; i++) {
        const T* source = &from.at(i, left);
        T* target = &to.at(i, left);
        for (int64_t j = left; j < right; j++, source += from.cs, target += to.cs) *target = *source;
      }
    }
  }
}

// The same into a work space, whose padding is zero.
template <class T>
void copy_padded(int64_t m, int64_t n, Strided<const T> from, Block<T> to) {
  copy_matrix(m, n, from, strided(to));
  const size_t padding = size_t(align_columns(n) - n) * sizeof(T);
  if (padding == 0) return;
  for (int64_t i = 0; i < m; i++) memset(to.row(i) + n, 0, padding);
}

// Runs task(0) to task(count - 1); where the work is large, the threads share it.
template <class Task>
void share(int64_t count, bool large, const Task& task) {
  if (large) {
    parallel_for(
        count, [](void* context, int64_t i) { (*static_cast<const Task*>(context))(i); }, const_cast<Task*>(&task));
  } else {
    for (int64_t i = 0; i < count; i++) task(i);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
