// Reductions: each folds runs of elements into an accumulator.
//
// Floating-point sums are taken over a tree whose shape depends on the number of elements alone: blocks of kBlock
// elements in kLanes lanes, and the blocks' sums in pairs. So the error grows with the logarithm of the length, and
// neither the instruction set nor the layout changes a bit.
#pragma once
#include "elementwise.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int kLanes = 16;
constexpr int64_t kBlock = 128;

template <class T>
static inline T infinity_or_limit(bool lowest) {
  if constexpr (is_float<T>) {
    return lowest ? T(-__builtin_inf()) : T(__builtin_inf());
  } else if constexpr (is_bool<T>) {
    return Bool(!lowest);
  } else {
    constexpr bool is_signed = static_cast<T>(-1) < T(0);
    constexpr int bits = 8 * sizeof(T);
    constexpr T high = is_signed ? static_cast<T>((uint64_t(1) << (bits - 1)) - 1) : static_cast<T>(-1);
    return lowest ? (is_signed ? static_cast<T>(-high - 1) : T(0)) : high;
  }
}

namespace fn {

// Partial sums in pairs, as the bits of a binary counter: level i holds the sum of 2^i blocks where that bit is set.
struct PairwiseTotal {
  static constexpr int kLevels = 48;
  int64_t blocks;
  double level[kLevels];

  void clear() { blocks = 0; }
  void push(double sum) {
    int i = 0;
    for (int64_t carry = blocks; carry & 1; carry >>= 1) sum += level[i++];
    level[i] = sum;
    blocks++;
  }
  double total() const {
    double sum = 0;
    int i = 0;
    for (int64_t left = blocks; left != 0; left >>= 1, i++) {
      if (left & 1) sum += level[i];
    }
    return sum;
  }
};
static_assert(sizeof(PairwiseTotal) <= kAccumulatorBytes);

template <class T>
struct FloatSum {
  static void start(void* acc) { static_cast<PairwiseTotal*>(acc)->clear(); }

  static double block(const char* src, int64_t stride, int64_t n) {
    T lane[kLanes] = {};
    int64_t i = 0;
    if (stride == sizeof(T)) {
      const T* x = reinterpret_cast<const T*>(src);
      for (; i + kLanes <= n; i += kLanes) {
        for (int l = 0; l < kLanes; l++) lane[l] += x[i + l];
      }
    } else {
      for (; i + kLanes <= n; i += kLanes) {
        for (int l = 0; l < kLanes; l++) lane[l] += load<T>(src + (i + l) * stride);
      }
    }
    for (int l = 0; i < n; i++, l++) lane[l] += load<T>(src + i * stride);
    for (int half = kLanes / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    }
    return lane[0];
  }

  static void fold(void* acc, const char* src, int64_t stride, int64_t n, int64_t) {
    PairwiseTotal& total = *static_cast<PairwiseTotal*>(acc);
    for (int64_t i = 0; i < n; i += kBlock) {
      total.push(block(src + i * stride, stride, n - i < kBlock ? n - i : kBlock));
    }
  }
};

// For reductions that carry one value of type A over elements of type T.
template <class T, class A, class F>
struct Carry {
  static void start(void* acc) { *static_cast<A*>(acc) = F::template identity<A>(); }
  static void fold(void* acc, const char* src, int64_t stride, int64_t n, int64_t) {
    A value = *static_cast<A*>(acc);
    for (int64_t i = 0; i < n; i++) value = F::of(value, static_cast<A>(load<T>(src + i * stride)));
    *static_cast<A*>(acc) = value;
  }
  static void finish(void* acc, char* dst, int64_t) { store<T>(dst, static_cast<T>(*static_cast<A*>(acc))); }
};

// Maximum and minimum are the same in any order, so the lanes only serve speed.
template <class T, class F>
struct Extreme {
  static void start(void* acc) { *static_cast<T*>(acc) = F::template identity<T>(); }
  static void fold(void* acc, const char* src, int64_t stride, int64_t n, int64_t) {
    T value = *static_cast<T*>(acc);
    int64_t i = 0;
    if (stride == sizeof(T) && n >= 2 * kLanes) {
      const T* x = reinterpret_cast<const T*>(src);
      T lane[kLanes];
      for (int l = 0; l < kLanes; l++) lane[l] = value;
      for (; i + kLanes <= n; i += kLanes) {
        for (int l = 0; l < kLanes; l++) lane[l] = F::of(lane[l], x[i + l]);
      }
      for (int l = 0; l < kLanes; l++) value = F::of(value, lane[l]);
    }
    for (; i < n; i++) value = F::of(value, load<T>(src + i * stride));
    *static_cast<T*>(acc) = value;
  }
  static void finish(void* acc, char* dst, int64_t) { store<T>(dst, *static_cast<T*>(acc)); }
};

// The position of the first extreme element; nan counts as more extreme than any number.
template <class T, bool largest>
struct ArgExtreme {
  struct State {
    T best;
    int64_t position;
  };
  static void start(void* acc) { static_cast<State*>(acc)->position = -1; }
  static void fold(void* acc, const char* src, int64_t stride, int64_t n, int64_t first) {
    State& state = *static_cast<State*>(acc);
    for (int64_t i = 0; i < n; i++) {
      const T x = load<T>(src + i * stride);
      const bool better = largest ? x > state.best : x < state.best;
      if (state.position < 0 || better || (x != x && state.best == state.best)) state = {x, first + i};
      if (x != x) return;
    }
  }
  static void finish(void* acc, char* dst, int64_t) { store<int64_t>(dst, static_cast<State*>(acc)->position); }
};

struct sum {
  struct Add {
    template <class A>
    static A identity() {
      return A(0);
    }
    template <class A>
    static A of(A x, A y) {
      return static_cast<A>(x + y);
    }
  };
  template <class T>
  struct Float : FloatSum<T> {
    static void finish(void* acc, char* dst, int64_t) {
      store<T>(dst, static_cast<T>(static_cast<PairwiseTotal*>(acc)->total()));
    }
  };
  template <class T, bool floating>
  struct Choose {
    using type = Carry<T, T, Add>;
  };
  template <class T>
  struct Choose<T, true> {
    using type = Float<T>;
  };
  template <class T>
  using Of = typename Choose<T, is_float<T>>::type;
};
struct mean {
  template <class T>
  struct Of : FloatSum<T> {
    static void finish(void* acc, char* dst, int64_t count) {
      store<T>(dst, static_cast<T>(static_cast<PairwiseTotal*>(acc)->total() / static_cast<double>(count)));
    }
  };
};
struct prod {
  struct Multiply {
    template <class A>
    static A identity() {
      return A(1);
    }
    template <class A>
    static A of(A x, A y) {
      return static_cast<A>(x * y);
    }
  };
  template <class T>
  using Of = Carry<T, T, Multiply>;
};
struct amax {
  struct Larger : maximum {
    template <class T>
    static T identity() {
      return infinity_or_limit<T>(true);
    }
  };
  template <class T>
  using Of = Extreme<T, Larger>;
};
struct amin {
  struct Smaller : minimum {
    template <class T>
    static T identity() {
      return infinity_or_limit<T>(false);
    }
  };
  template <class T>
  using Of = Extreme<T, Smaller>;
};
struct any {
  struct Or : maximum {
    template <class T>
    static T identity() {
      return Bool(false);
    }
  };
  template <class T>
  using Of = Extreme<T, Or>;
};
struct all {
  struct And : minimum {
    template <class T>
    static T identity() {
      return Bool(true);
    }
  };
  template <class T>
  using Of = Extreme<T, And>;
};
struct argmax {
  template <class T>
  using Of = ArgExtreme<T, true>;
};
struct argmin {
  template <class T>
  using Of = ArgExtreme<T, false>;
};

}  // namespace fn
}  // namespace
}  // namespace nabla::NABLA_ISA
