// What set.cc gives for one instruction set: the functions of native/simd over arrays, in the order of functions.def.
// Functions of one argument ignore y. Counts are multiples of 16.
#pragma once
#include <stddef.h>

template <class T>
using Run = void (*)(const T* x, const T* y, T* result, size_t count);

struct Functions {
  const Run<float>* f32;
  const Run<double>* f64;
};
