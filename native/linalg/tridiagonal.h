// A symmetric matrix is brought to tridiagonal form by reflectors: A = Q @ T @ Q^T. Only the lower triangle takes part.
//
// Rows are taken from the last up: with row r's elements in front of the diagonal as the vector to be reflected, all
// that is read and written lies along rows and begins at column 0. Reflectors are gathered in panels as in LAPACK's
// latrd (Dongarra, Sorensen, Hammarling: Block reduction of matrices to condensed forms, 1989): within a panel the
// matrix stays as it is, and its product with a vector is corrected by the reflectors that it has not seen yet.
#pragma once
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kPanel = 32;   // reflectors of one panel
constexpr int64_t kUpdate = 64;  // rows of one product when the matrix sees a panel

// The sum of a vector's lanes, by halves.
template <class T, int bytes>
NABLA_INLINE T sum_lanes(typename VectorType<T, bytes>::type x) {
  if constexpr (bytes == sizeof(T)) {
    return x[0];
  } else {
    using Half = typename VectorType<T, bytes / 2>::type;
    Half half[2];
    memcpy(half, &x, sizeof x);
    return sum_lanes<T, bytes / 2>(half[0] + half[1]);
  }
}
template <class T>
NABLA_INLINE T sum_lanes(Vec<T> x) {
  return sum_lanes<T, kVectorBytes>(x);
}

// The dot product of x and y; n is a multiple of kAlign.
template <class T>
T dot(int64_t n, const T* x, const T* y) {
  using V = Vec<T>;
  constexpr int64_t lanes = kVecLanes<T>;
  constexpr int vectors = kAlign / lanes < 4 ? kAlign / lanes : 4;
  V sum[vectors] = {};
  for (int64_t j = 0; j < n; j += vectors * lanes) {
    for (int v = 0; v < vectors; v++) {
      sum[v] = mul_add(load<V>(x + j + v * lanes), load<V>(y + j + v * lanes), sum[v]);
    }
  }
  for (int v = 1; v < vectors; v++) sum[0] += sum[v];
  return sum_lanes<T>(sum[0]);
}

// The dot products of x with `rows` rows.
template <int rows, class T>
void dot_group(int64_t n, const T* row, int64_t stride, const T* x, T* result) {
  using V = Vec<T>;
  V sum[rows] = {};
  for (int64_t j = 0; j < n; j += kVecLanes<T>) {
    const V factor = load<V>(x + j);
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) sum[i] = mul_add(load<V>(row + i * stride + j), factor, sum[i]);
  }
  for (int i = 0; i < rows; i++) result[i] = sum_lanes<T>(sum[i]);
}

// y -= the sum of `rows` rows, each times its factor.
template <int rows, class T>
void subtract_group(int64_t n, const T* row, int64_t stride, const T* factor, T* y) {
  using V = Vec<T>;
  V factors[rows];
  for (int i = 0; i < rows; i++) factors[i] = splat(-factor[i]);
  for (int64_t j = 0; j < n; j += kVecLanes<T>) {
    V sum = load<V>(y + j);
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) sum = mul_add(load<V>(row + i * stride + j), factors[i], sum);
    store<V>(y + j, sum);
  }
}

// The same of any even number of rows.
template <class T>
void dot_rows(int64_t count, int64_t n, Block<T> rows, const T* x, T* result) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) dot_group<8>(n, rows.row(i), rows.stride, x, result + i);
  for (; i < count; i += 2) dot_group<2>(n, rows.row(i), rows.stride, x, result + i);
}
template <class T>
void subtract_rows(int64_t count, int64_t n, Block<T> rows, const T* factor, T* y) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) subtract_group<8>(n, rows.row(i), rows.stride, factor + i, y);
  for (; i < count; i += 2) subtract_group<2>(n, rows.row(i), rows.stride, factor + i, y);
}

// y += A @ x over rows first..last - 1 of the lower triangle and what mirrors them. Both are multiples of kAlign, and
// the squares of kAlign along the diagonal are there in full. One pass: an element is used for its own place and for
// its mirror image.
template <class T>
void multiply_symmetric(int64_t first, int64_t last, Block<T> a, const T* x, T* y) {
  using V = Vec<T>;
  constexpr int64_t lanes = kVecLanes<T>;
  constexpr int together = kVectorBytes == 64 ? 8 : 4, vectors = kAlign / lanes;
  for (int64_t i = first; i < last; i += kAlign) {
    V square[vectors] = {};
    for (int64_t r = 0; r < kAlign; r++) {
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) {
        square[v] = mul_add(load<V>(a.row(i + r) + i + v * lanes), splat(x[i + r]), square[v]);
      }
    }
    for (int64_t r = i; r < i + kAlign; r += together) {
      V sum[together] = {}, factor[together];
      for (int q = 0; q < together; q++) factor[q] = splat(x[r + q]);
      const T* row = a.row(r);
      for (int64_t j = 0; j < i; j += lanes) {
        const V across = load<V>(x + j);
        V down = load<V>(y + j);
#pragma GCC unroll 8
        for (int q = 0; q < together; q++) {
          const V element = load<V>(row + q * a.stride + j);
          down = mul_add(element, factor[q], down);
          sum[q] = mul_add(element, across, sum[q]);
        }
        store<V>(y + j, down);
      }
      for (int q = 0; q < together; q++) y[r + q] += sum_lanes<T>(sum[q]);
    }
    for (int v = 0; v < vectors; v++) {
      T* at = y + i + v * lanes;
      store<V>(at, load<V>(at) + square[v]);
    }
  }
}

// The reflector H = 1 - tau * v @ v^T that takes a vector to a multiple of its last element.
template <class T>
struct Reflector {
  T tau, image;
};

// Makes the reflector of x[0..n - 1] (n > 0), which becomes v; v's last element is 1, and it ends in zeros up to a
// multiple of kAlign. A vector that is negligible beside a matrix scaled as kScaledTo says is taken for zero, since the
// squares of its elements may underflow.
template <class T>
Reflector<T> make_reflector(int64_t n, T* x) {
  constexpr T negligible = sizeof(T) == 4 ? T(0x1p-100) : T(0x1p-900);
  const int64_t padded = align_columns(n);
  const T last = x[n - 1];
  for (int64_t j = n - 1; j < padded; j++) x[j] = 0;
  const T rest = dot(padded, x, x);
  if (!(rest > negligible)) {
    for (int64_t j = 0; j < n; j++) x[j] = 0;
    x[n - 1] = 1;
    return {0, last};
  }
  const T norm = T(__builtin_sqrt(double(last * last + rest)));
  const T image = last > 0 ? -norm : norm;
  const T factor = 1 / (last - image);
  for (int64_t j = 0; j < padded; j++) x[j] *= factor;
  x[n - 1] = 1;
  return {(image - last) / image, image};
}

// The largest element is scaled to about this: sums of squares neither overflow, nor underflow where they matter.
template <class T>
constexpr int kScaledTo = sizeof(T) == 4 ? 40 : 300;

// The reduction of one matrix of n rows. a has n rows and columns, rounded up to kAlign; `panel` is a work space of
// work_rows(n) such rows.
template <class T>
struct Tridiagonalization {
  int64_t n;
  Block<T> a, panel;
  T *d, *e, *tau;

  // Products with large matrices are cut into parts, each of which adds up its own vector: by the size alone.
  static constexpr int64_t kMostParts = 16;
  static constexpr int64_t kPartElements = int64_t(1) << 16;
  static int64_t parts_of(int64_t size) {
    const int64_t parts = size * size / 2 / kPartElements;
    return parts < 2 ? 1 : parts < kMostParts ? parts : kMostParts;
  }
  static int64_t work_rows(int64_t n) { return 4 * kPanel + parts_of(align_columns(n)); }

  // On return a's row r > 0 holds reflector r, of length r, and zeros up to the end of its panel.
  void reduce() {
    int64_t size = n;
    while (size > 0) {
      const int64_t rest = (size - 1) / kPanel * kPanel;
      reduce_panel(size, rest);
      update(rest, 2 * (size - rest));
      for (int64_t r = size - 1; r >= rest; r--) {
        if (r > 0) memcpy(a.row(r), vectors().row(2 * (size - 1 - r)), size_t(align_columns(size)) * sizeof(T));
      }
      size = rest;
    }
  }

 private:
  // The rows v, w of each reflector, in this order and in the other.
  Block<T> vectors() const { return panel; }
  Block<T> swapped() const { return panel.from(2 * kPanel, 0); }

  // a -= v @ w^T + w @ v^T in its lower triangle, for `count` rows v and w.
  void update(int64_t size, int64_t count) {
    const int64_t blocks = (size + kUpdate - 1) / kUpdate;
    const auto block = [&](int64_t i) {
      const int64_t first = (blocks - 1 - i) * kUpdate, end = first + kUpdate < size ? first + kUpdate : size;
      const Block<T> v = vectors(), w = swapped();
      gemm_table[int(DTypeOf<T>::value)]({end - first, end, count, v.data + first, 1, v.stride, w.data, w.stride, 1,
                                          a.row(first), a.stride, 1, -1, 1});
    };
    share(blocks, blocks > 2, block);
  }

  void reduce_panel(int64_t size, int64_t rest) {
    const int64_t padded = align_columns(size);
    T factor[2 * kPanel];
    for (int64_t r = size - 1; r >= rest; r--) {
      const int64_t done = 2 * (size - 1 - r);
      T* row = a.row(r);
      for (int64_t q = 0; q < done; q++) factor[q] = swapped().at(q, r);
      subtract_rows(done, align_columns(r + 1), vectors(), factor, row);
      d[r] = row[r];
      T *v = vectors().row(done), *w = vectors().row(done + 1);
      memset(v, 0, size_t(padded) * sizeof(T));
      memset(w, 0, size_t(padded) * sizeof(T));
      if (r > 0) {
        memcpy(v, row, size_t(r) * sizeof(T));
        const Reflector<T> reflector = make_reflector(r, v);
        e[r - 1] = reflector.image;
        tau[r] = reflector.tau;
        if (reflector.tau != 0) correct(r, done, reflector.tau, v, w);
      }
      memcpy(swapped().row(done), w, size_t(padded) * sizeof(T));
      memcpy(swapped().row(done + 1), v, size_t(padded) * sizeof(T));
    }
  }

  // w = tau * (A @ v), with A as the first `done` rows of the panel leave it, made such that H @ A @ H = A - v @ w^T -
  // w @ v^T.
  void correct(int64_t r, int64_t done, T scale, const T* v, T* w) {
    const int64_t padded = align_columns(r);
    T factor[2 * kPanel];
    multiply(padded, v, w);
    dot_rows(done, padded, swapped(), v, factor);
    subtract_rows(done, padded, vectors(), factor, w);
    for (int64_t j = 0; j < r; j++) w[j] *= scale;
    for (int64_t j = r; j < padded; j++) w[j] = 0;
    const T along = -scale * dot(padded, w, v) / 2;
    for (int64_t j = 0; j < r; j++) w[j] += along * v[j];
  }

  void multiply(int64_t size, const T* x, T* y) {
    const int64_t parts = parts_of(size);
    if (parts == 1) return multiply_symmetric(0, size, a, x, y);
    const Block<T> sums = panel.from(4 * kPanel, 0);
    // Parts of about one number of elements: the rows above a boundary are a triangle.
    const auto boundary = [&](int64_t part) {
      return part == parts ? size : align_columns(int64_t(double(size) * __builtin_sqrt(double(part) / double(parts))));
    };
    share(parts, true, [&](int64_t part) {
      const int64_t end = boundary(part + 1);
      memset(sums.row(part), 0, size_t(end) * sizeof(T));
      multiply_symmetric(boundary(part), end, a, x, sums.row(part));
    });
    for (int64_t part = 0; part < parts; part++) {
      const T* sum = sums.row(part);
      const int64_t end = boundary(part + 1);
      for (int64_t j = 0; j < end; j++) y[j] += sum[j];
    }
  }
};

// z = z @ H_1 @ H_2 .. for the rows of z, each a vector in T's basis: it becomes one in A's. Blocks of reflectors are
// 1 - V^T @ T @ V with an upper triangular T (Schreiber, Van Loan: A storage-efficient WY representation, 1989).
template <class T>
struct BackTransformation {
  int64_t n;
  Block<T> reflectors;  // as reduce() leaves them
  const T* tau;
  Block<T> products;  // work space as large as the reflectors
  Block<T> work;      // n rows of kPanel

  void apply(Block<T> z) {
    const int64_t blocks = (n + kPanel - 1) / kPanel;
    const auto prepare = [&](int64_t i) { multiply_out(i); };
    const int64_t rows = n < 8 * kRows ? kRows : (n + 7) / 8;
    const int64_t parts = (n + rows - 1) / rows;
    const auto part = [&](int64_t i) {
      const int64_t first = i * rows, count = n - first < rows ? n - first : rows;
      for (int64_t b = 0; b < blocks; b++) apply_block(b, count, z.from(first, 0), work.from(first, 0));
    };
    memset(reflectors.row(0), 0, size_t(align_columns(n)) * sizeof(T));
    share(blocks, parts > 1, prepare);
    share(parts, parts > 1, part);
  }

 private:
  static constexpr int64_t kRows = 128;  // of z, at least, in one part

  int64_t width(int64_t block) const { return n - block * kPanel < kPanel ? n - block * kPanel : kPanel; }

  static void product(const GemmArgs& args) { gemm_table[int(DTypeOf<T>::value)](args); }

  // products = T @ V of a block of reflectors.
  void multiply_out(int64_t block) {
    const int64_t first = block * kPanel, count = width(block), length = first + count - 1;
    const Block<T> v = reflectors.from(first, 0);
    T gram[kPanel * kPanel], t[kPanel * kPanel] = {};
    product({count, count, length, v.data, v.stride, 1, v.data, 1, v.stride, gram, kPanel, 1, 1, 0});
    // T^-1 has the upper triangle of V @ V^T, and on its diagonal 1 / tau: rows are found from the last up.
    for (int64_t i = count - 1; i >= 0; i--) {
      T* const row = t + i * kPanel;
      const T scale = first + i > 0 ? tau[first + i] : T(0);
      for (int64_t k = i + 1; k < count; k++) {
        const T factor = scale * gram[i * kPanel + k];
        for (int64_t j = 0; j < kPanel; j++) row[j] -= factor * t[k * kPanel + j];
      }
      row[i] = scale;
    }
    const Block<T> to = products.from(first, 0);
    product({count, length, count, t, kPanel, 1, v.data, v.stride, 1, to.data, to.stride, 1, 1, 0});
  }

  // z -= (z @ V^T) @ (T @ V)
  void apply_block(int64_t block, int64_t rows, Block<T> z, Block<T> along) {
    const int64_t first = block * kPanel, count = width(block), length = first + count - 1;
    const Block<T> v = reflectors.from(first, 0), tv = products.from(first, 0);
    product({rows, count, length, z.data, z.stride, 1, v.data, 1, v.stride, along.data, along.stride, 1, 1, 0});
    product({rows, length, count, along.data, along.stride, 1, tv.data, tv.stride, 1, z.data, z.stride, 1, -1, 1});
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
