// Vectors as wide as the instruction set's registers, on the compiler's vector extensions: + - * / and comparisons are
// the language's own, lane by lane. A comparison gives integers of the lanes' width, -1 for true and 0 for false.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace nabla::NABLA_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

// Whether mul_add rounds once. Without it (x86-64-v2) it is a product and a sum, each rounded.
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool kFused = true;
#else
constexpr bool kFused = false;
#endif

template <class T, int bytes = kVectorBytes>
struct VectorType {
  typedef T type __attribute__((vector_size(bytes)));
};
template <class T>
using Vec = typename VectorType<T>::type;

using F32 = Vec<float>;
using I32 = Vec<int32_t>;
using U32 = Vec<uint32_t>;
using F64 = Vec<double>;
using I64 = Vec<int64_t>;
using U64 = Vec<uint64_t>;

template <class T>
constexpr int kVecLanes = kVectorBytes / int(sizeof(T));

#define NABLA_INLINE [[gnu::always_inline]] static inline

// Elements need no more than their own alignment.
template <class V, class T>
NABLA_INLINE V load(const T* from) {
  V value;
  memcpy(&value, from, sizeof(value));
  return value;
}

template <class V, class T>
NABLA_INLINE void store(T* to, V value) {
  memcpy(to, &value, sizeof(value));
}

// The bits of a vector as lanes of another type of the same width, or of any other vector of the same size.
template <class To, class From>
NABLA_INLINE To bits(From x) {
  static_assert(sizeof(To) == sizeof(From));
  return reinterpret_cast<To>(x);
}

// The first `count` elements (fewer than 64, and no more than a vector's) with `rest` in the other lanes, and their way
// back to memory. What follows the elements is not touched.
template <class V, class T>
NABLA_INLINE V load_part(const T* from, int64_t count, V rest) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  const uint64_t mask = (uint64_t(1) << count) - 1;
  if constexpr (sizeof(V) == 32 && sizeof(T) == 4) {
    return bits<V>(_mm256_mask_loadu_epi32(bits<__m256i>(rest), __mmask8(mask), from));
  } else if constexpr (sizeof(V) == 32 && sizeof(T) == 8) {
    return bits<V>(_mm256_mask_loadu_epi64(bits<__m256i>(rest), __mmask8(mask), from));
  } else if constexpr (sizeof(T) == 1) {
    return bits<V>(_mm512_mask_loadu_epi8(bits<__m512i>(rest), mask, from));
  } else if constexpr (sizeof(T) == 2) {
    return bits<V>(_mm512_mask_loadu_epi16(bits<__m512i>(rest), __mmask32(mask), from));
  } else if constexpr (sizeof(T) == 4) {
    return bits<V>(_mm512_mask_loadu_epi32(bits<__m512i>(rest), __mmask16(mask), from));
  } else {
    return bits<V>(_mm512_mask_loadu_epi64(bits<__m512i>(rest), __mmask8(mask), from));
  }
#else
#if defined(__AVX2__)
  if constexpr (sizeof(T) == 4) {
    const I32 lane = {0, 1, 2, 3, 4, 5, 6, 7}, mask = lane < int32_t(count);
    const I32 part = bits<I32>(_mm256_maskload_epi32(reinterpret_cast<const int*>(from), bits<__m256i>(mask)));
    return bits<V>(mask ? part : bits<I32>(rest));
  } else if constexpr (sizeof(T) == 8) {
    const I64 lane = {0, 1, 2, 3}, mask = lane < count;
    const I64 part = bits<I64>(_mm256_maskload_epi64(reinterpret_cast<const long long*>(from), bits<__m256i>(mask)));
    return bits<V>(mask ? part : bits<I64>(rest));
  }
#endif
  for (int64_t l = 0; l < count; l++) rest[l] = from[l];
  return rest;
#endif
}

template <class V, class T>
NABLA_INLINE void store_part(T* to, V value, int64_t count) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  const uint64_t mask = (uint64_t(1) << count) - 1;
  if constexpr (sizeof(V) == 32 && sizeof(T) == 4) {
    _mm256_mask_storeu_epi32(to, __mmask8(mask), bits<__m256i>(value));
  } else if constexpr (sizeof(V) == 32 && sizeof(T) == 8) {
    _mm256_mask_storeu_epi64(to, __mmask8(mask), bits<__m256i>(value));
  } else if constexpr (sizeof(T) == 1) {
    _mm512_mask_storeu_epi8(to, mask, bits<__m512i>(value));
  } else if constexpr (sizeof(T) == 2) {
    _mm512_mask_storeu_epi16(to, __mmask32(mask), bits<__m512i>(value));
  } else if constexpr (sizeof(T) == 4) {
    _mm512_mask_storeu_epi32(to, __mmask16(mask), bits<__m512i>(value));
  } else {
    _mm512_mask_storeu_epi64(to, __mmask8(mask), bits<__m512i>(value));
  }
#else
  for (int64_t l = 0; l < count; l++) to[l] = value[l];
#endif
}

// The same value in every lane. (0 + x would lose the sign of -0.)
NABLA_INLINE F32 splat(float x) { return x - F32{}; }
NABLA_INLINE F64 splat(double x) { return x - F64{}; }
NABLA_INLINE I32 splat(int32_t x) { return x - I32{}; }
NABLA_INLINE I64 splat(int64_t x) { return x - I64{}; }

// mask ? x : y by lane; a mask is what a comparison gives.
NABLA_INLINE F32 select(I32 mask, F32 x, F32 y) { return mask ? x : y; }
NABLA_INLINE F64 select(I64 mask, F64 x, F64 y) { return mask ? x : y; }

// Whether any lane of a mask is true.
template <class M>
NABLA_INLINE bool any_lane(M mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask(bits<__m512i>(mask), bits<__m512i>(mask)) != 0;
#elif defined(__AVX2__)
  return !_mm256_testz_si256(bits<__m256i>(mask), bits<__m256i>(mask));
#elif defined(__SSE4_1__)
  return !_mm_testz_si128(bits<__m128i>(mask), bits<__m128i>(mask));
#else
  const I64 halves = bits<I64>(mask);
  int64_t all = 0;
  for (int l = 0; l < kVecLanes<int64_t>; l++) all |= halves[l];
  return all != 0;
#endif
}

// One instruction each: name(x) for both precisions. The rounding of `rint` is to the nearest, halves to even.
// (The forms with a mask of all lanes: GCC 12 warns of the plain ones' undefined vectors.)
#if defined(__AVX512F__)
#define NABLA_NATIVE_1(name, f32, f64)         \
  NABLA_INLINE F32 name(F32 x) { return f32; } \
  NABLA_INLINE F64 name(F64 x) { return f64; }
NABLA_NATIVE_1(sqrt, _mm512_maskz_sqrt_ps(0xffff, x), _mm512_maskz_sqrt_pd(0xff, x))
NABLA_NATIVE_1(rint, _mm512_maskz_roundscale_ps(0xffff, x, 8), _mm512_maskz_roundscale_pd(0xff, x, 8))
NABLA_NATIVE_1(floor, _mm512_maskz_roundscale_ps(0xffff, x, 9), _mm512_maskz_roundscale_pd(0xff, x, 9))
NABLA_NATIVE_1(ceil, _mm512_maskz_roundscale_ps(0xffff, x, 10), _mm512_maskz_roundscale_pd(0xff, x, 10))
NABLA_NATIVE_1(trunc, _mm512_maskz_roundscale_ps(0xffff, x, 11), _mm512_maskz_roundscale_pd(0xff, x, 11))
#undef NABLA_NATIVE_1
NABLA_INLINE F32 mul_add(F32 x, F32 y, F32 z) { return _mm512_fmadd_ps(x, y, z); }
NABLA_INLINE F64 mul_add(F64 x, F64 y, F64 z) { return _mm512_fmadd_pd(x, y, z); }
#elif defined(__AVX2__)
#define NABLA_NATIVE_1(name, f32, f64)         \
  NABLA_INLINE F32 name(F32 x) { return f32; } \
  NABLA_INLINE F64 name(F64 x) { return f64; }
NABLA_NATIVE_1(sqrt, _mm256_sqrt_ps(x), _mm256_sqrt_pd(x))
NABLA_NATIVE_1(rint, _mm256_round_ps(x, 8), _mm256_round_pd(x, 8))
NABLA_NATIVE_1(floor, _mm256_round_ps(x, 9), _mm256_round_pd(x, 9))
NABLA_NATIVE_1(ceil, _mm256_round_ps(x, 10), _mm256_round_pd(x, 10))
NABLA_NATIVE_1(trunc, _mm256_round_ps(x, 11), _mm256_round_pd(x, 11))
#undef NABLA_NATIVE_1
NABLA_INLINE F32 mul_add(F32 x, F32 y, F32 z) { return _mm256_fmadd_ps(x, y, z); }
NABLA_INLINE F64 mul_add(F64 x, F64 y, F64 z) { return _mm256_fmadd_pd(x, y, z); }
#elif defined(__SSE4_1__)
#define NABLA_NATIVE_1(name, f32, f64)         \
  NABLA_INLINE F32 name(F32 x) { return f32; } \
  NABLA_INLINE F64 name(F64 x) { return f64; }
NABLA_NATIVE_1(sqrt, _mm_sqrt_ps(x), _mm_sqrt_pd(x))
NABLA_NATIVE_1(rint, _mm_round_ps(x, 8), _mm_round_pd(x, 8))
NABLA_NATIVE_1(floor, _mm_round_ps(x, 9), _mm_round_pd(x, 9))
NABLA_NATIVE_1(ceil, _mm_round_ps(x, 10), _mm_round_pd(x, 10))
NABLA_NATIVE_1(trunc, _mm_round_ps(x, 11), _mm_round_pd(x, 11))
#undef NABLA_NATIVE_1
NABLA_INLINE F32 mul_add(F32 x, F32 y, F32 z) { return x * y + z; }
NABLA_INLINE F64 mul_add(F64 x, F64 y, F64 z) { return x * y + z; }
#elif defined(__aarch64__)
#define NABLA_NATIVE_1(name, f32, f64)                                          \
  NABLA_INLINE F32 name(F32 x) { return bits<F32>(f32(bits<float32x4_t>(x))); } \
  NABLA_INLINE F64 name(F64 x) { return bits<F64>(f64(bits<float64x2_t>(x))); }
NABLA_NATIVE_1(sqrt, vsqrtq_f32, vsqrtq_f64)
NABLA_NATIVE_1(rint, vrndnq_f32, vrndnq_f64)
NABLA_NATIVE_1(floor, vrndmq_f32, vrndmq_f64)
NABLA_NATIVE_1(ceil, vrndpq_f32, vrndpq_f64)
NABLA_NATIVE_1(trunc, vrndq_f32, vrndq_f64)
#undef NABLA_NATIVE_1
NABLA_INLINE F32 mul_add(F32 x, F32 y, F32 z) {
  return bits<F32>(vfmaq_f32(bits<float32x4_t>(z), bits<float32x4_t>(x), bits<float32x4_t>(y)));
}
NABLA_INLINE F64 mul_add(F64 x, F64 y, F64 z) {
  return bits<F64>(vfmaq_f64(bits<float64x2_t>(z), bits<float64x2_t>(x), bits<float64x2_t>(y)));
}
#else
// Any other machine: a lane at a time.
#define NABLA_NATIVE_1(name, builtin)                                               \
  NABLA_INLINE F32 name(F32 x) {                                                    \
    for (int l = 0; l < kVecLanes<float>; l++) x[l] = __builtin_##builtin##f(x[l]); \
    return x;                                                                       \
  }                                                                                 \
  NABLA_INLINE F64 name(F64 x) {                                                    \
    for (int l = 0; l < kVecLanes<double>; l++) x[l] = __builtin_##builtin(x[l]);   \
    return x;                                                                       \
  }
NABLA_NATIVE_1(sqrt, sqrt)
NABLA_NATIVE_1(rint, rint)
NABLA_NATIVE_1(floor, floor)
NABLA_NATIVE_1(ceil, ceil)
NABLA_NATIVE_1(trunc, trunc)
#undef NABLA_NATIVE_1
NABLA_INLINE F32 mul_add(F32 x, F32 y, F32 z) { return x * y + z; }
NABLA_INLINE F64 mul_add(F64 x, F64 y, F64 z) { return x * y + z; }
#endif

// x > y ? x : y and x < y ? x : y, so y where one is nan.
#if defined(__AVX512F__)
NABLA_INLINE F32 larger_or(F32 x, F32 y) { return _mm512_maskz_max_ps(0xffff, x, y); }
NABLA_INLINE F64 larger_or(F64 x, F64 y) { return _mm512_maskz_max_pd(0xff, x, y); }
NABLA_INLINE F32 smaller_or(F32 x, F32 y) { return _mm512_maskz_min_ps(0xffff, x, y); }
NABLA_INLINE F64 smaller_or(F64 x, F64 y) { return _mm512_maskz_min_pd(0xff, x, y); }
#elif defined(__AVX2__)
NABLA_INLINE F32 larger_or(F32 x, F32 y) { return _mm256_max_ps(x, y); }
NABLA_INLINE F64 larger_or(F64 x, F64 y) { return _mm256_max_pd(x, y); }
NABLA_INLINE F32 smaller_or(F32 x, F32 y) { return _mm256_min_ps(x, y); }
NABLA_INLINE F64 smaller_or(F64 x, F64 y) { return _mm256_min_pd(x, y); }
#elif defined(__SSE4_1__)
NABLA_INLINE F32 larger_or(F32 x, F32 y) { return _mm_max_ps(x, y); }
NABLA_INLINE F64 larger_or(F64 x, F64 y) { return _mm_max_pd(x, y); }
NABLA_INLINE F32 smaller_or(F32 x, F32 y) { return _mm_min_ps(x, y); }
NABLA_INLINE F64 smaller_or(F64 x, F64 y) { return _mm_min_pd(x, y); }
#endif
template <class V>
NABLA_INLINE V larger_or(V x, V y) {
  return x > y ? x : y;
}
template <class V>
NABLA_INLINE V smaller_or(V x, V y) {
  return x < y ? x : y;
}

NABLA_INLINE F32 abs(F32 x) { return bits<F32>(bits<I32>(x) & 0x7fffffff); }
NABLA_INLINE F64 abs(F64 x) { return bits<F64>(bits<I64>(x) & 0x7fffffffffffffff); }
// The size of x with the sign of y.
NABLA_INLINE F32 copy_sign(F32 x, F32 y) {
  return bits<F32>((bits<I32>(x) & 0x7fffffff) | (bits<U32>(y) & 0x80000000u));
}
NABLA_INLINE F64 copy_sign(F64 x, F64 y) {
  return bits<F64>((bits<I64>(x) & 0x7fffffffffffffff) | (bits<I64>(y) & INT64_MIN));
}

}  // namespace
}  // namespace nabla::NABLA_ISA
