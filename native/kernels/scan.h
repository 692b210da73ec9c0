// Running sums, products and extremes along one dim. The running value of float32 is kept in double, as PyTorch does.
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

template <class T, class F>
static bool running(char* const* at, const int64_t* stride, int64_t n, typename Running<T>::type value, F f) {
  using A = typename Running<T>::type;
  for (int64_t i = 0; i < n; i++) {
    value = static_cast<A>(f(value, static_cast<A>(load<T>(at[1] + i * stride[1]))));
    store<T>(at[0] + i * stride[0], static_cast<T>(value));
  }
  return true;
}

struct cumsum {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    return running<T>(at, stride, n, 0, [](auto total, auto x) { return total + x; });
  }
};
struct cumprod {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    return running<T>(at, stride, n, 1, [](auto total, auto x) { return total * x; });
  }
};
struct logcumsumexp {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    return running<T>(at, stride, n, -__builtin_inf(), [](double total, double x) {
      const double high = total > x || total != total ? total : x, low = total > x ? x : total;
      // Equal infinities have no difference.
      if (low == high && __builtin_fabs(high) == __builtin_inf()) return high;
      return high + __builtin_log1p(__builtin_exp(low - high));
    });
  }
};

// The last of equal extremes; nan counts as more extreme than any number.
template <bool largest>
struct RunningExtreme {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    T best = T();
    int64_t position = 0;
    for (int64_t i = 0; i < n; i++) {
      const T x = load<T>(at[1] + i * stride[1]);
      if (i == 0 || x != x || (best == best && (largest ? x >= best : x <= best))) {
        best = x;
        position = i;
      }
      store<T>(at[0] + i * stride[0], best);
      store<int64_t>(at[2] + i * stride[2], position);
    }
    return true;
  }
};
struct cummax : RunningExtreme<true> {};
struct cummin : RunningExtreme<false> {};

struct linear_recurrence {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    using A = typename Running<T>::type;
    A value = A(0);
    for (int64_t i = 0; i < n; i++) {
      const A x = load<T>(at[1] + i * stride[1]);
      value = i == 0 ? x : x + load<T>(at[2] + i * stride[2]) * value;
      store<T>(at[0] + i * stride[0], static_cast<T>(value));
    }
    return true;
  }
};

}  // namespace fn
}  // namespace
}  // namespace nabla::NABLA_ISA
