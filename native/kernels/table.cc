// The dispatch tables of one instruction set, made from ops.def: an op without a functor in namespace fn fails to
// compile.
#include "../gemm/gemm.h"
#include "../linalg/linalg.h"
#include "copy.h"
#include "elementwise.h"
#include "gather.h"
#include "reduce.h"
#include "scan.h"
#include "select.h"

// Building on a newer glibc must not raise what the addon needs to run: take the versions of these that every glibc
// has.
#if defined(__GLIBC__) && defined(__x86_64__)
#define NABLA_OLDEST(name) __asm__(".symver " #name "," #name "@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
#define NABLA_OLDEST(name) __asm__(".symver " #name "," #name "@GLIBC_2.17");
#else
#define NABLA_OLDEST(name)
#endif
NABLA_OLDEST(exp)
NABLA_OLDEST(log)
NABLA_OLDEST(pow)
NABLA_OLDEST(fmod)

namespace nabla::NABLA_ISA {
namespace {

namespace fn {
struct cast {};  // has a table of its own; the name completes this one

// Ops on matrices are compiled apart.
#define NABLA_MATRIX(name)                                 \
  struct name {                                            \
    static constexpr const MatrixFn* table = name##_table; \
  };
NABLA_MATRIX(matmul)
NABLA_MATRIX(inverse)
NABLA_MATRIX(lu_factor)
NABLA_MATRIX(lu_solve)
NABLA_MATRIX(solve)
NABLA_MATRIX(solve_triangular)
NABLA_MATRIX(cholesky)
NABLA_MATRIX(ldl_factor)
NABLA_MATRIX(ldl_solve)
NABLA_MATRIX(qr)
NABLA_MATRIX(householder_product)
NABLA_MATRIX(householder_multiply)
NABLA_MATRIX(eigh)
NABLA_MATRIX(eigvalsh)
NABLA_MATRIX(svd)
NABLA_MATRIX(svdvals)
#undef NABLA_MATRIX
}  // namespace fn

template <class F, Signature signature, unsigned types, class T>
static constexpr MapFn map_entry() {
  if constexpr ((types & bit(DTypeOf<T>::value)) == 0) {
    return nullptr;
  } else if constexpr (signature == Signature::Unary) {
    return &unary<F, T, T>;
  } else if constexpr (signature == Signature::Test) {
    return &unary<F, T, Bool>;
  } else if constexpr (signature == Signature::Binary) {
    return &binary<F, T, T>;
  } else if constexpr (signature == Signature::Compare) {
    return &binary<F, T, Bool>;
  } else if constexpr (signature == Signature::Ternary) {
    return &ternary<F, T, T>;
  } else if constexpr (signature == Signature::Select) {
    return &ternary<F, Bool, T>;
  } else {
    return nullptr;
  }
}

template <class F, Signature signature, unsigned types, class T>
static constexpr Reduction reduce_entry() {
  if constexpr (reduces(signature) && (types & bit(DTypeOf<T>::value)) != 0) {
    using R = typename F::template Of<T>;
    constexpr int64_t to = signature == Signature::ReduceIndex ? sizeof(int64_t) : sizeof(T);
    return {&R::bytes, &R::start, &R::fold, &R::fold_rows, &R::merge, &R::finish, &whole_rows<R, sizeof(T), to>};
  } else {
    return {};
  }
}

template <class F, Signature signature, unsigned types, class T>
static constexpr RowFn row_entry() {
  constexpr bool along_rows = scans(signature) || signature == Signature::Selection || signature == Signature::Gather;
  if constexpr (along_rows && (types & bit(DTypeOf<T>::value)) != 0) {
    return &F::template row<T>;
  } else {
    return nullptr;
  }
}

template <class F, Signature signature>
static constexpr const MatrixFn* matrix_entry() {
  if constexpr (signature == Signature::Matrix) {
    return F::table;
  } else {
    return nullptr;
  }
}

#define NABLA_ROW(entry, name, signature, types)               \
  {entry<fn::name, Signature::signature, k##types, float>(),   \
   entry<fn::name, Signature::signature, k##types, double>(),  \
   entry<fn::name, Signature::signature, k##types, int64_t>(), \
   entry<fn::name, Signature::signature, k##types, int32_t>(), \
   entry<fn::name, Signature::signature, k##types, int16_t>(), \
   entry<fn::name, Signature::signature, k##types, int8_t>(),  \
   entry<fn::name, Signature::signature, k##types, uint8_t>(), \
   entry<fn::name, Signature::signature, k##types, Bool>()},

#define NABLA_CASTS(From)                                                                 \
  {&cast<From, float>,   &cast<From, double>, &cast<From, int64_t>, &cast<From, int32_t>, \
   &cast<From, int16_t>, &cast<From, int8_t>, &cast<From, uint8_t>, &cast<From, Bool>}

// Adding 1.5 * 2^52 leaves an integer of up to 2^51 in a double's low bits: a conversion that every set has vectors
// for.
static void whole(const double* words, int64_t* integers, int64_t n) {
  constexpr double shift = 6755399441055744.0;
  for (int64_t i = 0; i < n; i++) {
    const double shifted = words[i] + shift;
    const int64_t integer = __builtin_bit_cast(int64_t, shifted) - __builtin_bit_cast(int64_t, shift);
    const bool good = (shifted - shift == words[i]) & (__builtin_fabs(words[i]) <= 2251799813685248.0);
    integers[i] = good ? integer : kNotWhole;
  }
}

}  // namespace

extern constinit const Kernels kernels;
constinit const Kernels kernels = {
    &whole,
    {
#define OP(name, signature, types) NABLA_ROW(map_entry, name, signature, types)
#include "../ops.def"
#undef OP
    },
    {NABLA_CASTS(float), NABLA_CASTS(double), NABLA_CASTS(int64_t), NABLA_CASTS(int32_t), NABLA_CASTS(int16_t),
     NABLA_CASTS(int8_t), NABLA_CASTS(uint8_t), NABLA_CASTS(Bool)},
    {
#define OP(name, signature, types) NABLA_ROW(reduce_entry, name, signature, types)
#include "../ops.def"
#undef OP
    },
    {
#define OP(name, signature, types) NABLA_ROW(row_entry, name, signature, types)
#include "../ops.def"
#undef OP
    },
    {&copy_box<uint8_t>, &copy_box<uint16_t>, &copy_box<uint32_t>, &copy_box<uint64_t>},
    &stream,
    {
#define OP(name, signature, types) matrix_entry<fn::name, Signature::signature>(),
#include "../ops.def"
#undef OP
    },
};

}  // namespace nabla::NABLA_ISA
