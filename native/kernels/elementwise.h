// Elementwise ops: what each does to one element, and the loops that carry it over many.
#pragma once
#include "../simd/vec.h"
#include "kernels.h"
#include "special.h"

namespace nabla::NABLA_ISA {
namespace {

// libm under one name for both precisions.
namespace m {
#define NABLA_LIBM_1(name)                                             \
  static inline float name(float x) { return __builtin_##name##f(x); } \
  static inline double name(double x) { return __builtin_##name(x); }
#define NABLA_LIBM_2(name)                                                         \
  static inline float name(float x, float y) { return __builtin_##name##f(x, y); } \
  static inline double name(double x, double y) { return __builtin_##name(x, y); }
NABLA_LIBM_1(floor)
NABLA_LIBM_1(ceil)
NABLA_LIBM_1(rint)
NABLA_LIBM_1(trunc)
NABLA_LIBM_1(sqrt)
NABLA_LIBM_1(fabs)
NABLA_LIBM_1(exp)
NABLA_LIBM_1(exp2)
NABLA_LIBM_1(expm1)
NABLA_LIBM_1(log)
NABLA_LIBM_1(log2)
NABLA_LIBM_1(log10)
NABLA_LIBM_1(log1p)
NABLA_LIBM_1(sin)
NABLA_LIBM_1(cos)
NABLA_LIBM_1(tan)
NABLA_LIBM_1(asin)
NABLA_LIBM_1(acos)
NABLA_LIBM_1(atan)
NABLA_LIBM_1(sinh)
NABLA_LIBM_1(cosh)
NABLA_LIBM_1(tanh)
NABLA_LIBM_1(asinh)
NABLA_LIBM_1(acosh)
NABLA_LIBM_1(atanh)
NABLA_LIBM_1(erf)
NABLA_LIBM_1(erfc)
NABLA_LIBM_1(cbrt)
NABLA_LIBM_2(fmod)
NABLA_LIBM_2(pow)
NABLA_LIBM_2(atan2)
NABLA_LIBM_2(hypot)
#undef NABLA_LIBM_1
#undef NABLA_LIBM_2
}  // namespace m

// One struct per op, named as in ops.def.
namespace fn {

#define NABLA_UNARY(name, expression)    \
  struct name {                          \
    template <class T>                   \
    static T of(T x) {                   \
      return static_cast<T>(expression); \
    }                                    \
  };
#define NABLA_BINARY(name, expression)   \
  struct name {                          \
    template <class T>                   \
    static T of(T x, T y) {              \
      return static_cast<T>(expression); \
    }                                    \
  };
#define NABLA_COMPARE(name, expression) \
  struct name {                         \
    template <class T>                  \
    static Bool of(T x, T y) {          \
      return Bool(expression);          \
    }                                   \
  };

NABLA_UNARY(neg, -x)
NABLA_UNARY(sign, (x > T(0)) - (x < T(0)))
NABLA_UNARY(floor, m::floor(x))
NABLA_UNARY(ceil, m::ceil(x))
NABLA_UNARY(round, m::rint(x))
NABLA_UNARY(trunc, m::trunc(x))
NABLA_UNARY(reciprocal, T(1) / x)
NABLA_UNARY(square, x* x)
NABLA_UNARY(sqrt, m::sqrt(x))
NABLA_UNARY(rsqrt, T(1) / m::sqrt(x))
NABLA_UNARY(exp, m::exp(x))
NABLA_UNARY(exp2, m::exp2(x))
NABLA_UNARY(expm1, m::expm1(x))
NABLA_UNARY(log, m::log(x))
NABLA_UNARY(log2, m::log2(x))
NABLA_UNARY(log10, m::log10(x))
NABLA_UNARY(log1p, m::log1p(x))
NABLA_UNARY(sin, m::sin(x))
NABLA_UNARY(cos, m::cos(x))
NABLA_UNARY(tan, m::tan(x))
NABLA_UNARY(asin, m::asin(x))
NABLA_UNARY(acos, m::acos(x))
NABLA_UNARY(atan, m::atan(x))
NABLA_UNARY(sinh, m::sinh(x))
NABLA_UNARY(cosh, m::cosh(x))
NABLA_UNARY(tanh, m::tanh(x))
NABLA_UNARY(asinh, m::asinh(x))
NABLA_UNARY(acosh, m::acosh(x))
NABLA_UNARY(atanh, m::atanh(x))
NABLA_UNARY(sigmoid, T(1) / (T(1) + m::exp(-x)))
NABLA_UNARY(erf, m::erf(x))
NABLA_UNARY(erfc, m::erfc(x))
NABLA_UNARY(cbrt, m::cbrt(x))
NABLA_UNARY(silu, x / (T(1) + m::exp(-x)))
NABLA_UNARY(gelu, T(0.5) * x * m::erfc(x * T(-0.70710678118654752440)))
NABLA_UNARY(gelu_tanh, T(0.5) * x * (T(1) + m::tanh(T(0.79788456080286535588) * (x + T(0.044715) * x * x * x))))
NABLA_UNARY(lgamma, special::lgamma(x))
NABLA_UNARY(digamma, special::digamma(x))
NABLA_UNARY(trigamma, special::trigamma(x))
NABLA_UNARY(relu, x < T(0) ? T(0) : x)

struct abs {
  template <class T>
  static T of(T x) {
    if constexpr (is_float<T>) {
      return m::fabs(x);
    } else {
      return static_cast<T>(x < T(0) ? -x : x);
    }
  }
};

struct bitwise_not {
  template <class T>
  static T of(T x) {
    if constexpr (is_bool<T>) {
      return !x;
    } else {
      return static_cast<T>(~x);
    }
  }
};

struct add {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x || y;
    } else {
      return static_cast<T>(x + y);
    }
  }
};
struct mul {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x && y;
    } else {
      return static_cast<T>(x * y);
    }
  }
};
NABLA_BINARY(sub, x - y)
NABLA_BINARY(div, x / y)
NABLA_BINARY(atan2, m::atan2(x, y))
NABLA_BINARY(hypot, m::hypot(x, y))
NABLA_BINARY(polygamma, special::polygamma(x, y))

// Whole-number division rounds down and the remainder takes the divisor's sign, as in Python. Division by zero is
// refused before it comes here; these results only keep the processor from trapping.
struct floor_divide {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_float<T>) {
      if (y == T(0)) return x / y;
      const T remainder = m::fmod(x, y);
      T quotient = (x - remainder) / y;
      if (remainder != T(0) && (y < T(0)) != (remainder < T(0))) quotient -= T(1);
      if (quotient == T(0)) return __builtin_copysign(T(0), x / y);
      const T floored = m::floor(quotient);
      return quotient - floored > T(0.5) ? floored + T(1) : floored;
    } else {
      if (y == T(0)) return T(0);
      if (y == static_cast<T>(-1) && y < T(0)) return static_cast<T>(-x);
      const T quotient = static_cast<T>(x / y);
      return static_cast<T>(quotient - (x % y != T(0) && (x < T(0)) != (y < T(0))));
    }
  }
};
struct fmod {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_float<T>) {
      return m::fmod(x, y);
    } else {
      if (y == T(0) || (y < T(0) && y == static_cast<T>(-1))) return T(0);
      return static_cast<T>(x % y);
    }
  }
};
struct remainder {
  template <class T>
  static T of(T x, T y) {
    const T rest = fmod::of(x, y);
    return static_cast<T>(rest != T(0) && (rest < T(0)) != (y < T(0)) ? rest + y : rest);
  }
};
struct pow {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_float<T>) {
      return m::pow(x, y);
    } else {
      if (y < T(0)) {
        if (x == T(1)) return T(1);
        if (x == static_cast<T>(-1)) return static_cast<T>(y % 2 != 0 ? -1 : 1);
        return T(0);
      }
      T result = T(1), power = x;
      for (uint64_t left = uint64_t(y); left != 0; left >>= 1) {
        if (left & 1) result = static_cast<T>(result * power);
        power = static_cast<T>(power * power);
      }
      return result;
    }
  }
};

// nan wins, as in PyTorch and IEEE 754-2019's maximum.
struct maximum {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x || y;
    } else {
      return x > y || x != x ? x : y;
    }
  }
};
struct minimum {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x && y;
    } else {
      return x < y || x != x ? x : y;
    }
  }
};

struct bitwise_and {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x && y;
    } else {
      return static_cast<T>(x & y);
    }
  }
};
struct bitwise_or {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return x || y;
    } else {
      return static_cast<T>(x | y);
    }
  }
};
struct bitwise_xor {
  template <class T>
  static T of(T x, T y) {
    if constexpr (is_bool<T>) {
      return bool(x) != bool(y);
    } else {
      return static_cast<T>(x ^ y);
    }
  }
};

NABLA_COMPARE(eq, x == y)
NABLA_COMPARE(ne, x != y)
NABLA_COMPARE(lt, x < y)
NABLA_COMPARE(le, x <= y)
NABLA_COMPARE(gt, x > y)
NABLA_COMPARE(ge, x >= y)
NABLA_COMPARE(logical_and, x != T(0) && y != T(0))
NABLA_COMPARE(logical_or, x != T(0) || y != T(0))
NABLA_COMPARE(logical_xor, (x != T(0)) != (y != T(0)))

#define NABLA_TEST(name, expression) \
  struct name {                      \
    template <class T>               \
    static Bool of(T x) {            \
      return Bool(expression);       \
    }                                \
  };
NABLA_TEST(logical_not, x == T(0))
NABLA_TEST(isnan, x != x)
struct isinf {
  template <class T>
  static Bool of(T x) {
    if constexpr (is_float<T>) {
      return Bool(m::fabs(x) == T(__builtin_inf()));
    } else {
      return Bool(false);
    }
  }
};
struct isfinite {
  template <class T>
  static Bool of(T x) {
    if constexpr (is_float<T>) {
      return Bool(m::fabs(x) < T(__builtin_inf()));
    } else {
      return Bool(true);
    }
  }
};

struct where {
  template <class T>
  static T of(Bool condition, T x, T y) {
    return condition ? x : y;
  }
};
struct clamp {
  template <class T>
  static T of(T x, T low, T high) {
    return minimum::of(maximum::of(x, low), high);
  }
};
struct softplus {
  template <class T>
  static T of(T x, T beta, T threshold) {
    return x * beta > threshold ? x : m::log1p(m::exp(x * beta)) / beta;
  }
};

#undef NABLA_UNARY
#undef NABLA_BINARY
#undef NABLA_COMPARE
#undef NABLA_TEST
}  // namespace fn

// C's conversions, made total: what does not fit an integer wraps modulo its size, and a float beyond int64 gives its
// lowest value.
template <class To, class From>
static inline To convert(From x) {
  if constexpr (is_bool<To>) {
    return Bool(x != From(0));
  } else if constexpr (is_bool<From>) {
    return static_cast<To>(x ? 1 : 0);
  } else if constexpr (is_float<From> && !is_float<To>) {
    const bool fits = x >= From(-9223372036854775808.0) && x < From(9223372036854775808.0);
    return static_cast<To>(fits ? static_cast<int64_t>(x) : INT64_MIN);
  } else {
    return static_cast<To>(x);
  }
}

// The sources of a loop: elements that follow one another, or one value for all of them.
template <class T>
struct Elements {
  const T* at;
  T operator[](int64_t i) const { return at[i]; }
};
template <class T>
struct Constant {
  T value;
  T operator[](int64_t) const { return value; }
};

// Calls `next` with the source in the form that its stride says.
template <class T, class Next>
NABLA_INLINE void with_source(const char* src, int64_t stride, Next next) {
  const T* const at = reinterpret_cast<const T*>(src);
  if (stride != 0) {
    next(Elements<T>{at});
  } else {
    next(Constant<T>{*at});
  }
}

// ivdep holds because a destination is either the source itself or apart from it.
template <class To, class F, class... Source>
NABLA_INLINE void loop(char* dst, int64_t n, F f, Source... source) {
  To* const out = reinterpret_cast<To*>(dst);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) out[i] = f(source[i]...);
}

template <class F, class T, class To>
static void unary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<T>(src[0], stride[0], [&](auto x) { loop<To>(dst, n, [](T a) { return F::of(a); }, x); });
}

template <class From, class To>
static void cast(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<From>(src[0], stride[0], [&](auto x) { loop<To>(dst, n, [](From a) { return convert<To>(a); }, x); });
}

template <class F, class T, class To>
static void binary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<T>(src[0], stride[0], [&](auto x) {
    with_source<T>(src[1], stride[1], [&](auto y) { loop<To>(dst, n, [](T a, T b) { return F::of(a, b); }, x, y); });
  });
}

template <class F, class First, class T>
static void ternary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<First>(src[0], stride[0], [&](auto x) {
    with_source<T>(src[1], stride[1], [&](auto y) {
      with_source<T>(src[2], stride[2],
                     [&](auto z) { loop<T>(dst, n, [](First a, T b, T c) { return F::of(a, b, c); }, x, y, z); });
    });
  });
}

}  // namespace
}  // namespace nabla::NABLA_ISA
