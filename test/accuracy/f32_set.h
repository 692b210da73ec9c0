// What f32_set.cc gives for one instruction set: the functions of native/simd/math_f32.h over arrays, in the order of
// f32.def. Lengths are multiples of 16.
#pragma once
#include <stddef.h>

struct FunctionsF32 {
  void (*const* one)(const float* x, float* result, size_t count);
  void (*const* two)(const float* x, const float* y, float* result, size_t count);
};
