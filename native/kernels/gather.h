// Elements taken from, and added to, the places along a dim that indices name. The indices were looked at before.
#pragma once
#include "elementwise.h"

namespace nabla::NABLA_ISA {
namespace {
namespace fn {

struct gather {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
      const int64_t index = load<int64_t>(at[2] + i * stride[2]);
      store<T>(at[0] + i * stride[0], load<T>(at[1] + index * stride[1]));
    }
    return true;
  }
};

struct scatter_add {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
      char* const place = at[0] + load<int64_t>(at[2] + i * stride[2]) * stride[0];
      store<T>(place, add::of(load<T>(place), load<T>(at[1] + i * stride[1])));
    }
    return true;
  }
};

}  // namespace fn
}  // namespace
}  // namespace nabla::NABLA_ISA
