// Copies of strided boxes, by the size of the elements alone, and copies past the caches.
#pragma once
#include "../simd/vec.h"
#include "kernels.h"

namespace nabla::NABLA_ISA {
namespace {

// Elements of a row of the square that is transposed in registers.
template <class T>
constexpr int kSquare =
    (sizeof(T) <= 2 ? (kVectorBytes < 16 * int(sizeof(T)) ? kVectorBytes : 16 * int(sizeof(T))) : kVectorBytes) /
    int(sizeof(T));

// The first (or second) halves of two vectors, taken from each in turn.
template <int n, bool second, class V>
NABLA_INLINE V interleave(V x, V y) {
  constexpr int h = second ? n / 2 : 0;
#define NABLA_PAIR(i) h + i, h + i + n
  if constexpr (n == 2) {
    return __builtin_shufflevector(x, y, NABLA_PAIR(0));
  } else if constexpr (n == 4) {
    return __builtin_shufflevector(x, y, NABLA_PAIR(0), NABLA_PAIR(1));
  } else if constexpr (n == 8) {
    return __builtin_shufflevector(x, y, NABLA_PAIR(0), NABLA_PAIR(1), NABLA_PAIR(2), NABLA_PAIR(3));
  } else {
    static_assert(n == 16);
    return __builtin_shufflevector(x, y, NABLA_PAIR(0), NABLA_PAIR(1), NABLA_PAIR(2), NABLA_PAIR(3), NABLA_PAIR(4),
                                   NABLA_PAIR(5), NABLA_PAIR(6), NABLA_PAIR(7));
  }
#undef NABLA_PAIR
}

// Transposes a square. Each round is a perfect shuffle of all its elements, which turns the bits of an element's index
// by one place; after log2(n) rounds row and column have changed places.
template <class T>
NABLA_INLINE void transpose_square(char* dst, int64_t dst_pitch, const char* src, int64_t src_pitch) {
  constexpr int n = kSquare<T>;
  using V = typename VectorType<T, n* int(sizeof(T))>::type;
  V row[n], next[n];
  for (int i = 0; i < n; i++) row[i] = load<V>(src + i * src_pitch);
  for (int round = 1; round < n; round *= 2) {
    for (int i = 0; i < n / 2; i++) {
      next[2 * i] = interleave<n, false>(row[i], row[i + n / 2]);
      next[2 * i + 1] = interleave<n, true>(row[i], row[i + n / 2]);
    }
    for (int i = 0; i < n; i++) row[i] = next[i];
  }
  for (int i = 0; i < n; i++) store<V>(dst + i * dst_pitch, row[i]);
}

template <class T>
NABLA_INLINE T& element(char* at) {
  return *reinterpret_cast<T*>(at);
}
template <class T>
NABLA_INLINE T element(const char* at) {
  return *reinterpret_cast<const T*>(at);
}

// dst [rows, columns] with contiguous rows, from src with contiguous columns.
template <class T>
static void transpose(char* dst, int64_t dst_pitch, const char* src, int64_t src_pitch, int64_t rows, int64_t columns) {
  constexpr int64_t n = kSquare<T>, item = sizeof(T);
  const int64_t full_rows = rows / n * n, full_columns = columns / n * n;
  for (int64_t r = 0; r < full_rows; r += n) {
    for (int64_t c = 0; c < full_columns; c += n) {
      transpose_square<T>(dst + r * dst_pitch + c * item, dst_pitch, src + c * src_pitch + r * item, src_pitch);
    }
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = r < full_rows ? full_columns : 0; c < columns; c++) {
      element<T>(dst + r * dst_pitch + c * item) = element<T>(src + c * src_pitch + r * item);
    }
  }
}

template <class T>
NABLA_INLINE void copy_line(char* dst, int64_t ds, const char* src, int64_t ss, int64_t n) {
  constexpr int64_t item = sizeof(T);
  if (ds == item && ss == item) {
    T* const out = reinterpret_cast<T*>(dst);
    const T* const in = reinterpret_cast<const T*>(src);
#pragma GCC ivdep
    for (int64_t i = 0; i < n; i++) out[i] = in[i];
  } else if (ds == item && ss == 0) {
    T* const out = reinterpret_cast<T*>(dst);
    const T value = element<T>(src);
    for (int64_t i = 0; i < n; i++) out[i] = value;
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; i++) element<T>(dst + i * ds) = element<T>(src + i * ss);
  }
}

template <class T>
static void copy_box(char* dst, const int64_t* dst_stride, const char* src, const int64_t* src_stride,
                     const int64_t* size, int dims) {
  constexpr int64_t item = sizeof(T);
  const auto least = [&](const int64_t* stride) {
    int best = dims - 1;
    for (int d = dims - 1; d-- > 0;) {
      const int64_t a = stride[d] < 0 ? -stride[d] : stride[d], b = stride[best] < 0 ? -stride[best] : stride[best];
      if (a != 0 && size[d] > 1 && (b == 0 || size[best] == 1 || a < b)) best = d;
    }
    return best;
  };
  if (dims == 0) {
    element<T>(dst) = element<T>(src);
    return;
  }
  // The dims along which each side is dense, as far as one is. Lines run along the longer one.
  const int along_dst = least(dst_stride), along_src = least(src_stride);
  const bool transposed = along_dst != along_src && dst_stride[along_dst] == item && src_stride[along_src] == item &&
                          size[along_dst] >= kSquare<T> && size[along_src] >= kSquare<T>;
  const int line = size[along_src] > size[along_dst] ? along_src : along_dst;
  int64_t index[kMaxDims] = {};
  for (;;) {
    if (transposed) {
      transpose<T>(dst, dst_stride[along_src], src, src_stride[along_dst], size[along_src], size[along_dst]);
    } else {
      copy_line<T>(dst, dst_stride[line], src, src_stride[line], size[line]);
    }
    int d = dims - 1;
    for (; d >= 0; d--) {
      if (d == line || (transposed && (d == along_dst || d == along_src))) continue;
      if (++index[d] < size[d]) {
        dst += dst_stride[d];
        src += src_stride[d];
        break;
      }
      dst -= dst_stride[d] * (size[d] - 1);
      src -= src_stride[d] * (size[d] - 1);
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

static void stream(char* dst, const char* src, int64_t bytes) {
#if defined(__x86_64__)
  int64_t i = -int64_t(uintptr_t(dst)) & 63;
  if (i > bytes) i = bytes;
  memcpy(dst, src, size_t(i));
  for (; i + 64 <= bytes; i += 64) {
#if defined(__AVX512F__)
    _mm512_stream_si512(reinterpret_cast<__m512i*>(dst + i), _mm512_loadu_si512(src + i));
#else
    for (int j = 0; j < 64; j += 16) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(dst + i + j),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + i + j)));
    }
#endif
  }
  memcpy(dst + i, src + i, size_t(bytes - i));
#else
  memcpy(dst, src, size_t(bytes));
#endif
}

}  // namespace
}  // namespace nabla::NABLA_ISA
