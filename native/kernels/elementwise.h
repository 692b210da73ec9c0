// Elementwise ops: what each does to one element, and the loops that carry it over many.
#pragma once
#include "../simd/math_f32.h"
#include "../simd/math_f64.h"
#include "kernels.h"
#include "polygamma.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
constexpr bool is_vector = false;
template <>
inline constexpr bool is_vector<F32> = true;
template <>
inline constexpr bool is_vector<F64> = true;

// One struct per op, named as in ops.def. `of` is given elements; where kVectors says so, floats come as vectors.
namespace fn {

#define NABLA_VECTOR_UNARY(name, expression) \
  struct name {                              \
    static constexpr bool kVectors = true;   \
    template <class V>                       \
    NABLA_INLINE V of(V x) {                 \
      return expression;                     \
    }                                        \
  };
#define NABLA_VECTOR_BINARY(name, expression) \
  struct name {                               \
    static constexpr bool kVectors = true;    \
    template <class V>                        \
    NABLA_INLINE V of(V x, V y) {             \
      return expression;                      \
    }                                         \
  };

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
NABLA_VECTOR_UNARY(floor, NABLA_ISA::floor(x))
NABLA_VECTOR_UNARY(ceil, NABLA_ISA::ceil(x))
NABLA_VECTOR_UNARY(round, NABLA_ISA::rint(x))
NABLA_VECTOR_UNARY(trunc, NABLA_ISA::trunc(x))
NABLA_UNARY(reciprocal, T(1) / x)
NABLA_UNARY(square, x* x)
NABLA_VECTOR_UNARY(sqrt, NABLA_ISA::sqrt(x))
NABLA_VECTOR_UNARY(rsqrt, simd::rsqrt(x))
NABLA_VECTOR_UNARY(exp, simd::exp(x))
NABLA_VECTOR_UNARY(exp2, simd::exp2(x))
NABLA_VECTOR_UNARY(expm1, simd::expm1(x))
NABLA_VECTOR_UNARY(log, simd::log(x))
NABLA_VECTOR_UNARY(log2, simd::log2(x))
NABLA_VECTOR_UNARY(log10, simd::log10(x))
NABLA_VECTOR_UNARY(log1p, simd::log1p(x))
NABLA_VECTOR_UNARY(sin, simd::sin(x))
NABLA_VECTOR_UNARY(cos, simd::cos(x))
NABLA_VECTOR_UNARY(tan, simd::tan(x))
NABLA_VECTOR_UNARY(asin, simd::asin(x))
NABLA_VECTOR_UNARY(acos, simd::acos(x))
NABLA_VECTOR_UNARY(atan, simd::atan(x))
NABLA_VECTOR_UNARY(sinh, simd::sinh(x))
NABLA_VECTOR_UNARY(cosh, simd::cosh(x))
NABLA_VECTOR_UNARY(tanh, simd::tanh(x))
NABLA_VECTOR_UNARY(asinh, simd::asinh(x))
NABLA_VECTOR_UNARY(acosh, simd::acosh(x))
NABLA_VECTOR_UNARY(atanh, simd::atanh(x))
NABLA_VECTOR_UNARY(sigmoid, simd::sigmoid(x))
NABLA_VECTOR_UNARY(erf, simd::erf(x))
NABLA_VECTOR_UNARY(erfc, simd::erfc(x))
NABLA_VECTOR_UNARY(cbrt, simd::cbrt(x))
NABLA_VECTOR_UNARY(silu, simd::silu(x))
NABLA_VECTOR_UNARY(gelu, simd::gelu(x))
NABLA_VECTOR_UNARY(gelu_tanh, simd::gelu_tanh(x))
NABLA_VECTOR_UNARY(lgamma, simd::lgamma(x))
NABLA_VECTOR_UNARY(digamma, simd::digamma(x))
NABLA_VECTOR_UNARY(trigamma, simd::trigamma(x))
NABLA_UNARY(relu, x < T(0) ? T(0) : x)

struct abs {
  template <class T>
  static T of(T x) {
    if constexpr (is_float<T>) {
      return __builtin_copysign(x, T(1));
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
NABLA_VECTOR_BINARY(atan2, simd::atan2(x, y))
NABLA_VECTOR_BINARY(hypot, simd::hypot(x, y))
NABLA_BINARY(polygamma, special::polygamma(x, y))

// Whole-number division rounds down and the remainder takes the divisor's sign, as in Python. Division by zero is
// refused before it comes here; these results only keep the processor from trapping.
struct floor_divide {
  static constexpr bool kVectors = true;
  template <class T>
  NABLA_INLINE T of(T x, T y) {
    if constexpr (is_vector<T>) {
      const T rest = simd::fmod(x, y);
      T quotient = (x - rest) / y;
      quotient = select((rest != 0) & ((y < 0) != (rest < 0)), quotient - 1, quotient);
      const T floored = NABLA_ISA::floor(quotient);
      T result = select(quotient - floored > 0.5f, floored + 1, floored);
      result = select(quotient == 0, copy_sign(T{}, x / y), result);
      return select(y == 0, x / y, result);
    } else {
      if (y == T(0)) return T(0);
      if (y == static_cast<T>(-1) && y < T(0)) return static_cast<T>(-x);
      const T quotient = static_cast<T>(x / y);
      return static_cast<T>(quotient - (x % y != T(0) && (x < T(0)) != (y < T(0))));
    }
  }
};
struct fmod {
  static constexpr bool kVectors = true;
  template <class T>
  NABLA_INLINE T of(T x, T y) {
    if constexpr (is_vector<T>) {
      return simd::fmod(x, y);
    } else {
      if (y == T(0) || (y < T(0) && y == static_cast<T>(-1))) return T(0);
      return static_cast<T>(x % y);
    }
  }
};
struct remainder {
  static constexpr bool kVectors = true;
  template <class T>
  NABLA_INLINE T of(T x, T y) {
    const T rest = fmod::of(x, y);
    if constexpr (is_vector<T>) {
      return select((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest);
    } else {
      return static_cast<T>(rest != T(0) && (rest < T(0)) != (y < T(0)) ? rest + y : rest);
    }
  }
};
struct pow {
  static constexpr bool kVectors = true;
  template <class T>
  NABLA_INLINE T of(T x, T y) {
    if constexpr (is_vector<T>) {
      return simd::pow(x, y);
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
      return Bool(abs::of(x) == T(__builtin_inf()));
    } else {
      return Bool(false);
    }
  }
};
struct isfinite {
  template <class T>
  static Bool of(T x) {
    if constexpr (is_float<T>) {
      return Bool(abs::of(x) < T(__builtin_inf()));
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
  static constexpr bool kVectors = true;
  template <class V>
  NABLA_INLINE V of(V x, V beta, V threshold) {
    return select(x * beta > threshold, x, simd::softplus(x * beta) / beta);
  }
};

#undef NABLA_VECTOR_UNARY
#undef NABLA_VECTOR_BINARY
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
  [[gnu::always_inline]] auto vector(int64_t i) const { return load<Vec<T>>(at + i); }
  [[gnu::always_inline]] auto part(int64_t i, int64_t count) const { return load_part(at + i, count, splat(T(1))); }
};
template <class T>
struct Constant {
  T value;
  T operator[](int64_t) const { return value; }
  [[gnu::always_inline]] auto vector(int64_t) const { return splat(value); }
  [[gnu::always_inline]] auto part(int64_t, int64_t) const { return splat(value); }
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

// The same for what works on vectors. The last ones are filled up with ones.
template <class T, class F, class... Source>
NABLA_INLINE void vector_loop(char* dst, int64_t n, F f, Source... source) {
  T* const out = reinterpret_cast<T*>(dst);
  constexpr int64_t lanes = kVecLanes<T>;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store(out + i, f(source.vector(i)...));
  if (i < n) store_part(out + i, f(source.part(i, n - i)...), n - i);
}

// Carries F::of, whose sources are all of type T, over n elements.
template <class F, class T, class To, class... Source>
NABLA_INLINE void carry(char* dst, int64_t n, Source... source) {
  if constexpr (requires { F::kVectors; } && is_float<T>) {
    vector_loop<T>(dst, n, [](auto... x) __attribute__((always_inline)) { return F::of(x...); }, source...);
  } else {
    loop<To>(dst, n, [](auto... x) { return F::of(x...); }, source...);
  }
}

template <class F, class T, class To>
static void unary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<T>(src[0], stride[0], [&](auto x) { carry<F, T, To>(dst, n, x); });
}

template <class From, class To>
static void cast(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<From>(src[0], stride[0], [&](auto x) { loop<To>(dst, n, [](From a) { return convert<To>(a); }, x); });
}

template <class F, class T, class To>
static void binary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<T>(src[0], stride[0],
                 [&](auto x) { with_source<T>(src[1], stride[1], [&](auto y) { carry<F, T, To>(dst, n, x, y); }); });
}

template <class F, class First, class T>
static void ternary(char* dst, const char* const* src, const int64_t* stride, int64_t n) {
  with_source<First>(src[0], stride[0], [&](auto x) {
    with_source<T>(src[1], stride[1], [&](auto y) {
      with_source<T>(src[2], stride[2], [&](auto z) { carry<F, T, T>(dst, n, x, y, z); });
    });
  });
}

}  // namespace
}  // namespace nabla::NABLA_ISA
