#include "f32_set.h"

#include "../../native/simd/math_f32.h"

namespace nabla::NABLA_ISA {
namespace {

#define ONE(name, ...)                                           \
  void one_##name(const float* x, float* result, size_t count) { \
    for (size_t i = 0; i < count; i += kVecLanes<float>) {       \
      store(result + i, simd::name(load<F32>(x + i)));           \
    }                                                            \
  }
#define TWO(name, ...)                                                           \
  void two_##name(const float* x, const float* y, float* result, size_t count) { \
    for (size_t i = 0; i < count; i += kVecLanes<float>) {                       \
      store(result + i, simd::name(load<F32>(x + i), load<F32>(y + i)));         \
    }                                                                            \
  }
#include "f32.def"
#undef ONE
#undef TWO

#define ONE(name, ...) one_##name,
#define TWO(name, ...)
void (*const one[])(const float*, float*, size_t) = {
#include "f32.def"
};
#undef ONE
#undef TWO
#define ONE(name, ...)
#define TWO(name, ...) two_##name,
void (*const two[])(const float*, const float*, float*, size_t) = {
#include "f32.def"
};

}  // namespace

extern const FunctionsF32 functions_f32;
const FunctionsF32 functions_f32 = {one, two};

}  // namespace nabla::NABLA_ISA
