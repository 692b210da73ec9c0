#include "linalg.h"
#include "tiny.h"

namespace nabla::NABLA_ISA {
namespace {

// The factorization U^T @ U of a symmetric matrix, given and replaced by its upper triangle; U is the transpose of L.
// Rows are what is contiguous, and each step is made of whole rows of U.
template <class T>
struct CholeskyFactorization {
  Block<T> matrix;

  // The results are 0, or 1 + the index of the first leading minor that is not positive.
  int64_t factor_small(int64_t first, int64_t n) const {
    using V = Vec<T>;
    constexpr int64_t lanes = kVecLanes<T>;
    const Block<T> u = matrix.from(first, first);
    for (int64_t j = 0; j < n; j++) {
      const T minor = u.at(j, j);
      if (!(minor > 0)) return first + j + 1;
      const T root = square_root(minor), reciprocal = 1 / root;
      for (int64_t c = j / lanes * lanes; c < n; c += lanes) {
        store<V>(u.row(j) + c, load<V>(u.row(j) + c) * splat(reciprocal));
      }
      u.at(j, j) = root;
      for (int64_t i = j + 1; i < n; i++) {
        const V factor = splat(u.at(j, i));
        for (int64_t c = i / lanes * lanes; c < n; c += lanes) {
          store<V>(u.row(i) + c, minus_product(load<V>(u.row(i) + c), factor, load<V>(u.row(j) + c)));
        }
      }
    }
    return 0;
  }

  int64_t factor(int64_t first, int64_t n) const {
    if (n <= kTriangle) return factor_small(first, n);
    const int64_t top = half(n), middle = first + top, bottom = n - top;
    int64_t failed = factor(first, top);
    if (failed) return failed;
    const Block<T> right = matrix.from(first, middle);
    solve(top, bottom, transposed_triangle(matrix.from(first, first), false, false), right);
    subtract_square(bottom, top, right, matrix.from(middle, middle));
    return factor(middle, bottom);
  }

  // The upper triangle of c -= a^T @ a, in strips of columns. A strip's part below the diagonal is for nothing, and its
  // rows are packed for it alone: so strips are wider where there are more columns.
  static void subtract_square(int64_t n, int64_t k, Block<T> a, Block<T> c) {
    struct Strips {
      int64_t n, k, width;
      Block<T> a, c;

      void subtract(int64_t j) const {
        const int64_t columns = n - j < width ? n - j : width;
        subtract_product<T>(j + columns, columns, k, {a.data, 1, a.stride}, a.from(0, j), c.from(0, j));
      }
    } strips = {n, k, align_columns(n / 8), a, c};
    if (strips.width < kTriangle) strips.width = kTriangle;
    if (strips.width > kStrip) strips.width = kStrip;
    const int64_t count = (n + strips.width - 1) / strips.width;
    if (double(n) * double(n) * double(k) < kSerialWork) {
      for (int64_t i = 0; i < count; i++) strips.subtract(i * strips.width);
    } else {
      const auto task = [](void* context, int64_t index) {
        const Strips& s = *static_cast<const Strips*>(context);
        s.subtract(((s.n - 1) / s.width - index) * s.width);  // the longest first
      };
      parallel_for(count, task, &strips);
    }
  }
};

template <class T>
void cholesky_tiny(const MatrixArgs& args) {
  const int64_t n = args.m;
  each_lanes<T>(args, [&]<class S>(S, int64_t first, int64_t count) {
    using V = typename S::V;
    using M = typename S::M;
    LanesMemory<S> memory;
    const auto l = memory.lanes();
    load_lanes<S, T>(args, 2, first, count, n, n, l);
    M info = {};
    for (int64_t j = 0; j < n; j++) {
      const M positive = l.at(j, j) > V{};
      info = S::choose_index((positive == 0) & (info == 0), S::index(j + 1), info);
      const V root = S::root(l.at(j, j));
      l.at(j, j) = root;
      for (int64_t i = j + 1; i < n; i++) {
        l.at(i, j) /= root;
        for (int64_t q = j + 1; q <= i; q++) l.at(i, q) = S::less_product(l.at(i, q), l.at(i, j), l.at(q, j));
      }
    }
    const V nan = S::constant(T(__builtin_nan("")));
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) l.at(i, j) = j > i ? V{} : S::choose(info != 0, nan, l.at(i, j));
    }
    store_lanes<S, T>(args, 0, first, count, n, n, l);
    store_info<S>(args, 1, first, count, info);
  });
}

template <class T>
bool cholesky(const MatrixArgs& args) {
  const int64_t n = args.m;
  if (tiny(n, n)) {
    cholesky_tiny<T>(args);
    return true;
  }
  const int64_t stride = row_stride<T>(n);
  T* const memory = static_cast<T*>(work_space(size_t(n * stride) * sizeof(T)));
  if (!memory) return false;
  const Block<T> u = {memory, stride};
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<const T> a = matrix<const T>(args, 2, i);
    const Strided<T> l = matrix<T>(args, 0, i);
    // Rows of U from the tile on that has the diagonal.
    for (int64_t j = 0; j < n; j += kAlign) {
      const int64_t rows = n - j < kAlign ? n - j : kAlign;
      copy_padded<T>(rows, n - j, {&a.at(j, j), a.cs, a.rs}, u.from(j, j));
    }
    const int64_t failed = CholeskyFactorization<T>{u}.factor(0, n);
    matrix<int32_t>(args, 1, i).at(0, 0) = int32_t(failed);
    const T zero = 0, nan = T(__builtin_nan(""));
    for (int64_t j = 0; j < n; j += kAlign) {
      const int64_t rows = n - j < kAlign ? n - j : kAlign;
      for (int64_t r = 1; r < rows; r++) memset(u.row(j + r) + j, 0, size_t(r) * sizeof(T));
      copy_matrix<T>(n - j, rows, {&u.at(j, j), 1, stride}, {&l.at(j, j), l.rs, l.cs});
      copy_matrix<T>(j, rows, {&zero, 0, 0}, {&l.at(0, j), l.rs, l.cs});
    }
    if (failed) {
      for (int64_t r = 0; r < n; r++) copy_matrix<T>(1, r + 1, {&nan, 0, 0}, {&l.at(r, 0), l.rs, l.cs});
    }
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(cholesky)

}  // namespace nabla::NABLA_ISA
