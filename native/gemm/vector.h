// Vectors as wide as the instruction set's registers.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace nabla::NABLA_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
constexpr int kLanes = kVectorBytes / int(sizeof(T));

template <class T, int bytes>
struct VectorType {
  typedef T type __attribute__((vector_size(bytes)));
};
template <class T>
using Vector = typename VectorType<T, kVectorBytes>::type;

// Elements need no more than their own alignment.
template <class V, class T>
[[gnu::always_inline]] inline V load(const T* from) {
  V value;
  memcpy(&value, from, sizeof value);
  return value;
}

template <class V, class T>
[[gnu::always_inline]] inline void store(T* to, V value) {
  memcpy(to, &value, sizeof value);
}

}  // namespace
}  // namespace nabla::NABLA_ISA
