// One instruction set's functions of native/simd/math_f64.h, for f64.cc.
#include "../../native/simd/math_f64.h"

#define NABLA_PASTE(x, y) x##y
#define NABLA_TABLE(isa) NABLA_PASTE(accuracy_f64_, isa)

namespace {

struct Entry {
  const char* name;
  void (*run)(const double* x, const double* y, double* to, size_t count);
};

namespace isa = nabla::NABLA_ISA;

}  // namespace

#define NABLA_UNARY(name)                                                \
  {#name, [](const double* x, const double*, double* to, size_t count) { \
     for (size_t i = 0; i < count; i += isa::kVecLanes<double>) {        \
       isa::store(to + i, isa::simd::name(isa::load<isa::F64>(x + i)));  \
     }                                                                   \
   }},
#define NABLA_BINARY(name)                                                                          \
  {#name, [](const double* x, const double* y, double* to, size_t count) {                          \
     for (size_t i = 0; i < count; i += isa::kVecLanes<double>) {                                   \
       isa::store(to + i, isa::simd::name(isa::load<isa::F64>(x + i), isa::load<isa::F64>(y + i))); \
     }                                                                                              \
   }},

// Ends with a row without a name. The count is a multiple of 8.
extern "C" {
extern const Entry NABLA_TABLE(NABLA_ISA)[];
const Entry NABLA_TABLE(NABLA_ISA)[] = {
    NABLA_UNARY(exp) NABLA_UNARY(exp2) NABLA_UNARY(expm1) NABLA_UNARY(log) NABLA_UNARY(log2) NABLA_UNARY(log10)
        NABLA_UNARY(log1p) NABLA_UNARY(sin) NABLA_UNARY(cos) NABLA_UNARY(tan) NABLA_UNARY(asin) NABLA_UNARY(acos)
            NABLA_UNARY(atan) NABLA_UNARY(sinh) NABLA_UNARY(cosh) NABLA_UNARY(tanh) NABLA_UNARY(asinh)
                NABLA_UNARY(acosh) NABLA_UNARY(atanh) NABLA_UNARY(sigmoid) NABLA_UNARY(softplus) NABLA_UNARY(silu)
                    NABLA_UNARY(gelu) NABLA_UNARY(gelu_tanh) NABLA_UNARY(erf) NABLA_UNARY(erfc) NABLA_UNARY(lgamma)
                        NABLA_UNARY(digamma) NABLA_UNARY(trigamma) NABLA_UNARY(rsqrt) NABLA_UNARY(cbrt)
                            NABLA_BINARY(pow) NABLA_BINARY(atan2) NABLA_BINARY(hypot)
                                NABLA_BINARY(fmod){nullptr, nullptr}};
}  // extern "C"
