#include "set.h"

#include "../../native/simd/math_f32.h"
#include "../../native/simd/math_f64.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T, Vec<T> (*function)(Vec<T>)>
void one(const T* x, const T*, T* result, size_t count) {
  for (size_t i = 0; i < count; i += kVecLanes<T>) store(result + i, function(load<Vec<T>>(x + i)));
}
template <class T, Vec<T> (*function)(Vec<T>, Vec<T>)>
void two(const T* x, const T* y, T* result, size_t count) {
  for (size_t i = 0; i < count; i += kVecLanes<T>) {
    store(result + i, function(load<Vec<T>>(x + i), load<Vec<T>>(y + i)));
  }
}

template <class T>
const Run<T> kRuns[] = {
#define ONE(name, ...) one<T, simd::name>,
#define TWO(name, ...) two<T, simd::name>,
#include "functions.def"
};

}  // namespace

extern const Functions functions;
const Functions functions = {kRuns<float>, kRuns<double>};

}  // namespace nabla::NABLA_ISA
