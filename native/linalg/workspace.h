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
void subtract_product(int64_t m, int64_t n, int64_t k, Block<T> a, Block<T> b, Block<T> c) {
  if (m == 0 || n == 0 || k == 0) return;
  gemm_table[int(DTypeOf<T>::value)]({m, n, k, a.data, a.stride, 1, b.data, b.stride, 1, c.data, c.stride, 1, -1, 1});
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
