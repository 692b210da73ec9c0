#include "gemm.h"

#include "gemv.h"
#include "micro_kernel.h"
#include "packing.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
struct Matrix {
  T* data;
  int64_t rs, cs;

  T* at(int64_t i, int64_t j) const { return data + i * rs + j * cs; }
  Matrix transposed() const { return {data, cs, rs}; }
};

// The type that packed panels, tiles and sums have. One- and two-byte integers share 16 bits: processors multiply no
// bytes, and a product's low bits do not depend on its operands' high ones.
template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<int8_t> {
  using type = int16_t;
};
template <>
struct ComputeType<uint8_t> {
  using type = int16_t;
};

template <class T>
struct Product {
  using Compute = typename ComputeType<T>::type;
  int64_t m, n, k;
  Matrix<const T> a, b;
  Matrix<T> c;
  Compute alpha, beta;

  void transpose() {
    Matrix<const T> left = b.transposed();
    b = a.transposed();
    a = left;
    c = c.transposed();
    int64_t columns = m;
    m = n;
    n = columns;
  }
};

template <class Compute>
Compute to_scalar(double value) {
  if constexpr (is_float<Compute>) {
    return Compute(value);
  } else {
    constexpr double limit = 9223372036854775808.0;
    return value >= -limit && value < limit ? Compute(int64_t(value)) : Compute(0);
  }
}

// c = tile + beta * c for the part of a tile that lies within c.
template <class T, class Compute>
void store_tile(const Compute* tile, int64_t tile_rs, Matrix<T> c, int64_t rows, int64_t columns, Compute beta) {
  auto blend = [&](int64_t cs) {
    for (int64_t i = 0; i < rows; i++) {
      const Compute* from = tile + i * tile_rs;
      T* to = c.data + i * c.rs;
      if (beta == Compute(0)) {
        for (int64_t j = 0; j < columns; j++) to[j * cs] = T(from[j]);
      } else {
        for (int64_t j = 0; j < columns; j++) to[j * cs] = T(from[j] + beta * Compute(to[j * cs]));
      }
    }
  };
  c.cs == 1 ? blend(1) : blend(c.cs);
}

// Panels of b: packed, or full panels read where they are in a row-major b.
template <class T>
struct Panels {
  const T* data;
  int64_t step;      // from one k to the next
  int64_t distance;  // from one panel to the next
};

// The product of a packed block of a (m x k) and panels of b (k x n).
template <class T, class Compute>
void macro_kernel(int64_t m, int64_t n, int64_t k, const Compute* a, Panels<Compute> b, Matrix<T> c,
                  const Scale<Compute>& scale) {
  using Sizes = Blocking<Compute>;
  constexpr int mr = Sizes::mr, nr = Sizes::nr, row_step = Sizes::row_step, lanes = kVecLanes<Compute>;
  alignas(64) Compute tile[mr * nr];
  Scale<Compute> unblended = {scale.alpha, Compute(0)};
  for (int64_t j = 0; j < n; j += nr, b.data += b.distance) {
    int64_t columns = smaller(nr, n - j);
    int64_t width = ceil_div(columns, lanes);
    for (int64_t i = 0; i < m; i += mr) {
      int64_t rows = smaller(mr, m - i);
      int64_t height = ceil_div(rows, row_step);
      MicroKernel<Compute> kernel = kMicroKernels<Compute>.kernel[height - 1][width - 1];
      if constexpr (sizeof(T) == sizeof(Compute)) {
        if (c.cs == 1 && rows == height * row_step && columns == width * lanes) {
          kernel(k, a + i * k, b.data, b.step, c.at(i, j), c.rs, scale);
          continue;
        }
      }
      kernel(k, a + i * k, b.data, b.step, tile, nr, unblended);
      store_tile(tile, nr, Matrix<T>{c.at(i, j), c.rs, c.cs}, rows, columns, scale.beta);
    }
  }
}

// Returns false where there is no memory to pack into.
template <class T>
bool packed_product(const Product<T>& product) {
  using Compute = typename Product<T>::Compute;
  using Sizes = Blocking<Compute>;
  int64_t mc = even_block(product.m, Sizes::mc, Sizes::mr);
  int64_t kc = even_block(product.k, Sizes::kc, 1);
  int64_t nc = even_block(product.n, Sizes::nc, Sizes::nr);
  Compute* packed_a = static_cast<Compute*>(scratch(0, size_t(mc * kc) * sizeof(Compute)));
  Compute* packed_b = static_cast<Compute*>(scratch(1, size_t(kc * nc) * sizeof(Compute)));
  if (!packed_a || !packed_b) return false;

  const Matrix<const T>&a = product.a, &b = product.b;
  const Matrix<T>& c = product.c;
  // Where a is a single panel, each panel of b is used once: copying it first would cost more than reading it does.
  constexpr int nr = Sizes::nr;
  bool in_place = sizeof(T) == sizeof(Compute) && product.m <= Sizes::mr && b.cs == 1;
  for (int64_t j = 0; j < product.n; j += nc) {
    int64_t n = smaller(nc, product.n - j);
    for (int64_t p = 0; p < product.k; p += kc) {
      int64_t k = smaller(kc, product.k - p);
      Compute beta = p == 0 ? product.beta : Compute(1);
      int64_t ready = in_place ? n / nr * nr : 0;
      pack<Compute, T, nr, kVecLanes<Compute>>(packed_b, b.at(p, j + ready), n - ready, k, b.cs, b.rs);
      for (int64_t i = 0; i < product.m; i += mc) {
        int64_t m = smaller(mc, product.m - i);
        pack<Compute, T, Sizes::mr, Sizes::row_step>(packed_a, a.at(i, p), m, k, a.rs, a.cs);
        if constexpr (sizeof(T) == sizeof(Compute)) {
          Panels<T> panels = {b.at(p, j), b.rs, nr};
          macro_kernel<T, T>(m, ready, k, packed_a, panels, {c.at(i, j), c.rs, c.cs}, {product.alpha, beta});
        }
        Panels<Compute> panels = {packed_b, nr, nr * k};
        Matrix<T> part = {c.at(i, j + ready), c.rs, c.cs};
        macro_kernel<T, Compute>(m, n - ready, k, packed_a, panels, part, {product.alpha, beta});
      }
    }
  }
  return true;
}

constexpr int64_t kTiny = 8;

// No dimension above kTiny: packing and its blocking would cost more than the product.
template <class T>
void tiny_product(const Product<T>& product) {
  using Compute = typename Product<T>::Compute;
  constexpr int lanes = smaller(kTiny, kVecLanes<Compute>), parts = kTiny / lanes;
  using V = typename VectorType<Compute, lanes * sizeof(Compute)>::type;
  alignas(64) Compute b[kTiny][kTiny] = {};
  for (int64_t p = 0; p < product.k; p++) {
    for (int64_t j = 0; j < product.n; j++) b[p][j] = Compute(*product.b.at(p, j));
  }
  for (int64_t i = 0; i < product.m; i++) {
    V sum[parts] = {};
    for (int64_t p = 0; p < product.k; p++) {
      Compute x = Compute(*product.a.at(i, p));
#pragma GCC unroll 8
      for (int part = 0; part < parts; part++) {
        V line;
        memcpy(&line, b[p] + part * lanes, sizeof line);
        sum[part] += x * line;
      }
    }
    Compute row[kTiny];
    for (int part = 0; part < parts; part++) sum[part] *= product.alpha;
    memcpy(row, sum, sizeof row);
    store_tile(row, 0, Matrix<T>{product.c.at(i, 0), 0, product.c.cs}, 1, product.n, product.beta);
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

template <class T>
void vector_product(const Product<T>& product) {
  const T* x = product.a.data;
  bool by_columns = product.b.rs == 1 && (product.b.cs != 1 || product.n == 1) && product.k >= kVecLanes<T>;
  if (by_columns && product.a.cs != 1 && product.k > 1) {
    T* copy = static_cast<T*>(scratch(0, size_t(product.k) * sizeof(T)));
    if (copy) {
      for (int64_t p = 0; p < product.k; p++) copy[p] = *product.a.at(0, p);
      x = copy;
    } else {
      by_columns = false;
    }
  }
  if (by_columns) {
    gemv_by_columns(product.n, product.k, x, product.b.data, product.b.cs, product.c.data, product.c.cs, product.alpha,
                    product.beta);
  } else {
    unpacked_product(product);
  }
}

// Whether to compute the transpose of c instead: tiles waste less of a narrow c when it lies across them, and go
// straight to memory where c's columns are contiguous.
template <class T>
bool better_transposed(const Product<T>& product) {
  using Compute = typename Product<T>::Compute;
  auto cost = [](int64_t m, int64_t n, int64_t stride) {
    return round_up(m, Blocking<Compute>::row_step) * ceil_div(n, kVecLanes<Compute>) * (stride == 1 ? 2 : 3);
  };
  return cost(product.n, product.m, product.c.rs) < cost(product.m, product.n, product.c.cs);
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
                        to_scalar<Compute>(args.beta)};
  if (args.m <= 0 || args.n <= 0) return;
  if (args.k <= 0) return scale_only(product);
  if (args.m <= kTiny && args.n <= kTiny && args.k <= kTiny) return tiny_product(product);
  if (args.n == 1 && (args.m > 1 || args.b_rs != 1)) product.transpose();
  if (product.m == 1) return vector_product(product);
  if (better_transposed(product)) product.transpose();
  if (!packed_product(product)) unpacked_product(product);
}

template <class T>
bool matmul(const MatrixArgs& args) {
  const auto &c = args.operand[0], &a = args.operand[1], &b = args.operand[2];
  const auto element = [](const auto& operand, int64_t i) {
    return reinterpret_cast<T*>(operand.at) + i * operand.next;
  };
  for (int64_t i = 0; i < args.count; i++) {
    gemm<T>({args.m, args.n, args.k, element(a, i), a.rs, a.cs, element(b, i), b.rs, b.cs, element(c, i), c.rs, c.cs,
             args.parameter[0], args.parameter[1]});
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
