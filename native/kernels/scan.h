// Running sums along one dim. The running value of float32 is kept in double, as PyTorch does.
#pragma once
#include "elementwise.h"

namespace nabla::NABLA_ISA {
namespace {
namespace fn {

template <class T>
struct Running {
  using type = T;
};
template <>
struct Running<float> {
  using type = double;
};

struct cumsum {
  template <class T>
  static void scan(char* dst, int64_t ds, const char* src, int64_t ss, int64_t n) {
    using A = typename Running<T>::type;
    A total = A(0);
    for (int64_t i = 0; i < n; i++) {
      total = static_cast<A>(total + *reinterpret_cast<const T*>(src + i * ss));
      *reinterpret_cast<T*>(dst + i * ds) = static_cast<T>(total);
    }
  }
};

}  // namespace fn
}  // namespace
}  // namespace nabla::NABLA_ISA
