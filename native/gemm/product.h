// A product as the paths of this folder take it.
#pragma once
#include "../kernels/kernels.h"
#include "blocking.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
struct Matrix {
  T* data;
  int64_t rs, cs;

  T* at(int64_t i, int64_t j) const { return data + i * rs + j * cs; }
  Matrix transposed() const { return {data, cs, rs}; }
};

// The type that packed panels, tiles and sums have. One- and two-byte integers share 16 bits: processors multiply no
// bytes, and a product's low bits do not depend on its operands' high ones.
template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<int8_t> {
  using type = int16_t;
};
template <>
struct ComputeType<uint8_t> {
  using type = int16_t;
};

template <class T>
struct Product {
  using Compute = typename ComputeType<T>::type;
  // Whether kernels may read a and b and write c where they are.
  static constexpr bool in_place = sizeof(T) == sizeof(Compute);

  int64_t m, n, k;
  Matrix<const T> a, b;
  Matrix<T> c;
  Compute alpha, beta;
  EpilogueFn epilogue;
  void* context;
  bool turned;  // it is the transpose of what the caller asked for

  void transpose() {
    Matrix<const T> left = b.transposed();
    b = a.transposed();
    a = left;
    c = c.transposed();
    int64_t columns = m;
    m = n;
    n = columns;
    turned = !turned;
  }

  // Tells that a block of c is finished.
  void finished(int64_t row, int64_t column, int64_t rows, int64_t columns) const {
    if (!epilogue) return;
    turned ? epilogue(context, column, row, columns, rows) : epilogue(context, row, column, rows, columns);
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
