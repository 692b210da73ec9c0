#include "gemm.h"

#include "blocked.h"
#include "gemv.h"

namespace nabla::NABLA_ISA {
namespace {

template <class Compute>
Compute to_scalar(double value) {
  if constexpr (is_float<Compute>) {
    return Compute(value);
  } else {
    constexpr double limit = 9223372036854775808.0;
    return value >= -limit && value < limit ? Compute(int64_t(value)) : Compute(0);
  }
}

// Any size, without memory of its own: the products that packing cannot serve.
template <class T>
void unpacked_product(const Product<T>& product) {
  for (int64_t i = 0; i < product.m; i++) {
    gemv_by_rows(product.n, product.k, product.a.at(i, 0), product.a.cs, product.b.data, product.b.rs, product.b.cs,
                 product.c.at(i, 0), product.c.cs, product.alpha, product.beta);
  }
}

// A vector times a matrix, column by column where those are contiguous. Threads share the columns.
template <class T>
class VectorProduct {
 public:
  explicit VectorProduct(const Product<T>& product) : product_(product), x_(product.a.data) {
    const auto &a = product.a, &b = product.b;
    by_columns_ = b.rs == 1 && (b.cs != 1 || product.n == 1) && product.k >= kVecLanes<T>;
    if (!by_columns_ || a.cs == 1 || product.k == 1) return;
    T* const copy = static_cast<T*>(scratch(0, size_t(product.k) * sizeof(T)));
    by_columns_ = copy != nullptr;
    if (!copy) return;
    for (int64_t p = 0; p < product.k; p++) copy[p] = *a.at(0, p);
    x_ = copy;
  }

  void run() {
    if (double(product_.n) * double(product_.k) < kSharedWork) return columns(0, product_.n);
    const auto task = [](void* self, int64_t i) {
      auto* const product = static_cast<VectorProduct*>(self);
      product->columns(i * kColumns, smaller((i + 1) * kColumns, product->product_.n));
    };
    parallel_for(ceil_div(product_.n, kColumns), task, this);
  }

 private:
  static constexpr int64_t kColumns = 256;

  void columns(int64_t from, int64_t end) const {
    const auto &a = product_.a, &b = product_.b;
    T* const y = product_.c.at(0, from);
    if (by_columns_) {
      gemv_by_columns(end - from, product_.k, x_, b.at(0, from), b.cs, y, product_.c.cs, product_.alpha, product_.beta);
    } else {
      gemv_by_rows(end - from, product_.k, x_, a.cs, b.at(0, from), b.rs, b.cs, y, product_.c.cs, product_.alpha,
                   product_.beta);
    }
  }

  const Product<T>& product_;
  const T* x_;
  bool by_columns_;
};

// Whether to compute the transpose of c instead, by a rough count of vector operations: vectors waste less of a narrow
// c that lies across them, c is written by vectors and b read in place where their columns are contiguous.
template <class T>
bool better_transposed(const Product<T>& product) {
  constexpr double lanes = kVecLanes<typename Product<T>::Compute>;
  const double k = double(product.k);
  const auto cost = [k](int64_t rows, int64_t columns, int64_t b_cs, int64_t c_cs) {
    const double m = double(rows), n = double(columns), vectors = double(int64_t((n + lanes - 1) / lanes));
    return m * vectors * (k + 1) + (b_cs == 1 ? 0 : n * k / 2) + (c_cs == 1 ? 0 : m * n * 2);
  };
  return cost(product.n, product.m, product.a.rs, product.c.rs) <
         cost(product.m, product.n, product.b.cs, product.c.cs);
}

// c = beta * c: what is left of the product where k is 0.
template <class T>
void scale_only(const Product<T>& product) {
  using Compute = typename Product<T>::Compute;
  for (int64_t i = 0; i < product.m; i++) {
    for (int64_t j = 0; j < product.n; j++) {
      T* at = product.c.at(i, j);
      *at = product.beta == Compute(0) ? T(0) : T(product.beta * Compute(*at));
    }
  }
}

template <class T>
void gemm(const GemmArgs& args) {
  using Compute = typename Product<T>::Compute;
  Product<T> product = {args.m,
                        args.n,
                        args.k,
                        {static_cast<const T*>(args.a), args.a_rs, args.a_cs},
                        {static_cast<const T*>(args.b), args.b_rs, args.b_cs},
                        {static_cast<T*>(args.c), args.c_rs, args.c_cs},
                        to_scalar<Compute>(args.alpha),
                        to_scalar<Compute>(args.beta),
                        args.epilogue,
                        args.context,
                        false};
  if (args.m <= 0 || args.n <= 0) return;
  if (args.k > 0) {
    if (args.n == 1 && (args.m > 1 || args.b_rs != 1)) product.transpose();
    if (product.m > 1) {
      if (better_transposed(product)) product.transpose();
      if (Blocked<T>(product).run()) return;
      unpacked_product(product);
    } else {
      VectorProduct<T>(product).run();
    }
  } else {
    scale_only(product);
  }
  product.finished(0, 0, product.m, product.n);
}

constexpr int64_t kTileDepth = 64;

// Products of one tile each. What a product costs besides its arithmetic is paid once for all of them.
template <class T>
void tile_products(const MatrixArgs& args) {
  constexpr int width = Blocking<T>::widest;
  const auto &c = args.operand[0], &a = args.operand[1], &b = args.operand[2];
  const bool packs = b.cs != 1;
  alignas(64) T panel[kTileDepth * width];
  const Steps<T> steps = {args.k, a.rs, a.cs, packs ? width : b.rs, c.rs, T(args.parameter[0]), T(args.parameter[1])};
  const auto [kernel, last] = kMicroKernels<T>.choose(args.m, args.n);
  const T *x = reinterpret_cast<T*>(a.at), *y = reinterpret_cast<T*>(b.at);
  T* out = reinterpret_cast<T*>(c.at);
  for (int64_t i = 0; i < args.count; i++, x += a.next, y += b.next, out += c.next) {
    if (packs && (i == 0 || b.next != 0)) pack_panel<T, T, width>(panel, y, args.n, args.k, b.cs, b.rs);
    kernel(steps, x, packs ? panel : y, out, last);
  }
}

template <class T>
bool matmul(const MatrixArgs& args) {
  const auto &c = args.operand[0], &a = args.operand[1], &b = args.operand[2];
  if constexpr (is_float<T>) {
    const bool one_tile = args.m > 0 && args.m <= Blocking<T>::mr && args.n > 0 && panels_of<T>(args.n) == 1;
    if (one_tile && args.k > 0 && args.k <= kTileDepth && c.cs == 1) {
      tile_products<T>(args);
      return true;
    }
  }
  GemmArgs product = {
      args.m,           args.n, args.k, a.at, a.rs, a.cs, b.at, b.rs, b.cs, c.at, c.rs, c.cs, args.parameter[0],
      args.parameter[1]};
  int64_t count = args.count;
  // Products that share an operand, and whose others follow one another, are one product.
  if (args.m > 1 && b.next == 0 && a.next == args.m * a.rs && c.next == args.m * c.rs) {
    product.m *= count;
    count = 1;
  } else if (args.n > 1 && a.next == 0 && b.next == args.n * b.cs && c.next == args.n * c.cs) {
    product.n *= count;
    count = 1;
  }
  for (int64_t i = 0; i < count; i++) {
    product.a = reinterpret_cast<T*>(a.at) + i * a.next;
    product.b = reinterpret_cast<T*>(b.at) + i * b.next;
    product.c = reinterpret_cast<T*>(c.at) + i * c.next;
    gemm<T>(product);
  }
  return true;
}

template <class T>
constexpr GemmFn gemm_entry() {
  if constexpr (is_bool<T>) {
    return nullptr;
  } else {
    return gemm<T>;
  }
}
template <class T>
constexpr MatrixFn matmul_entry() {
  if constexpr (is_bool<T>) {
    return nullptr;
  } else {
    return matmul<T>;
  }
}

}  // namespace

const GemmFn gemm_table[kDTypes] = {
#define X(name, type, text, category) gemm_entry<type>(),
    NABLA_DTYPES(X)
#undef X
};
const MatrixFn matmul_table[kDTypes] = {
#define X(name, type, text, category) matmul_entry<type>(),
    NABLA_DTYPES(X)
#undef X
};

}  // namespace nabla::NABLA_ISA
