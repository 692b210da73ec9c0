// Householder reflectors H = I - tau * v @ v^T, where v(0) is 1 and not stored, and products of them in compact WY
// form: H(0) @ H(1) @ ... = I - V @ F @ V^T with an upper triangular F (Schreiber and Van Loan, 1989). Signs and
// factors are those of LAPACK: H takes a vector to (beta, 0, ...) with beta of the other sign than its first element.
#pragma once
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {

// c = alpha * a @ b + beta * c
template <class T>
void multiply(int64_t m, int64_t n, int64_t k, double alpha, Strided<const T> a, Strided<const T> b, double beta,
              Strided<T> c) {
  if (m <= 0 || n <= 0) return;
  gemm_table[int(DTypeOf<T>::value)](
      {m, n, k, a.data, a.rs, a.cs, b.data, b.rs, b.cs, c.data, c.rs, c.cs, alpha, beta});
}

template <class T>
Strided<const T> view(Block<T> b) {
  return {b.data, b.stride, 1};
}
template <class T>
Strided<const T> view(Strided<T> a) {
  return {a.data, a.rs, a.cs};
}
template <class T>
Strided<const T> transposed(Block<T> b) {
  return {b.data, 1, b.stride};
}
template <class T>
Strided<const T> transposed(Strided<const T> a) {
  return {a.data, a.cs, a.rs};
}

template <class T>
T absolute(T x) {
  return sizeof(T) == 4 ? T(__builtin_fabsf(float(x))) : T(__builtin_fabs(double(x)));
}
template <class T>
T with_sign(T x, T sign) {
  return sizeof(T) == 4 ? T(__builtin_copysignf(float(x), float(sign)))
                        : T(__builtin_copysign(double(x), double(sign)));
}
template <class T>
T root(T x) {
  return sizeof(T) == 4 ? T(__builtin_sqrtf(float(x))) : T(__builtin_sqrt(double(x)));
}

// A sum of squares within these bounds has lost nothing that counts to underflow, nor overflowed.
template <class T>
constexpr T kLeastSquares = sizeof(T) == 4 ? T(0x1p-80) : T(0x1p-900);
template <class T>
constexpr T kMostSquares = sizeof(T) == 4 ? T(0x1p120) : T(0x1p1000);

// 2^e, within the normal numbers.
template <class T>
T power_of_two(int e) {
  constexpr int most = sizeof(T) == 4 ? 126 : 1022;
  return T(__builtin_ldexp(1, e < -most ? -most : e > most ? most : e));
}

// The power of two that brings numbers up to `largest` to about 1; 1 where they are at ease with their squares.
template <class T>
T scale_for(T largest) {
  constexpr int easy = sizeof(T) == 4 ? 40 : 400;
  if (!(largest > 0) || largest > T(sizeof(T) == 4 ? __FLT_MAX__ : __DBL_MAX__)) return 1;
  int e;
  (void)__builtin_frexp(double(largest), &e);
  return e > easy || e < -easy ? power_of_two<T>(-e) : T(1);
}

template <class T>
T sum_of_lanes(Vec<T> x) {
  T sum = 0;
  for (int l = 0; l < kVecLanes<T>; l++) sum += x[l];
  return sum;
}

// The reflector of (alpha, x): beta, tau, and v = x * scale.
template <class T>
struct Reflector {
  T beta, tau, scale;

  // For squares within the bounds above.
  Reflector(T alpha, T squares) {
    beta = with_sign(root(alpha * alpha + squares), -alpha);
    tau = (beta - alpha) / beta;
    scale = 1 / (alpha - beta);
  }
};

template <class T>
bool easy_squares(T alpha, T squares) {
  return squares >= kLeastSquares<T> && squares + alpha * alpha <= kMostSquares<T>;
}

// Makes x (n elements) into v and alpha into beta; returns tau. Any magnitudes will do.
template <class T>
T careful_reflector(int64_t n, T& alpha, T* x, int64_t stride) {
  T largest = absolute(alpha);
  bool zero = true;
  for (int64_t i = 0; i < n; i++) {
    const T size = absolute(x[i * stride]);
    if (size > largest) largest = size;
    if (!(size == 0)) zero = false;
  }
  if (zero) return 0;
  int e;
  (void)__builtin_frexp(double(largest), &e);
  // Two steps: a subnormal number's reciprocal overflows.
  const T half = power_of_two<T>(-e / 2), rest = power_of_two<T>(-e - -e / 2);
  T squares = 0;
  for (int64_t i = 0; i < n; i++) {
    const T scaled = x[i * stride] * half * rest;
    squares += scaled * scaled;
    x[i * stride] = scaled;
  }
  alpha = alpha * half * rest;
  const Reflector<T> h(alpha, squares);
  for (int64_t i = 0; i < n; i++) x[i * stride] *= h.scale;
  alpha = h.beta / half / rest;
  return h.tau;
}

// The same of contiguous elements.
template <class T>
T make_reflector(int64_t n, T& alpha, T* x) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  V sum[4] = {};
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    for (int u = 0; u < 4; u++) {
      const V part = load<V>(x + i + u * lanes);
      sum[u] = mul_add(part, part, sum[u]);
    }
  }
  T squares = sum_of_lanes<T>((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; i < n; i++) squares += x[i] * x[i];
  if (!easy_squares(alpha, squares)) return careful_reflector(n, alpha, x, 1);
  const Reflector<T> h(alpha, squares);
  for (i = 0; i < n; i++) x[i] *= h.scale;
  alpha = h.beta;
  return h.tau;
}

// Factors kAlign columns from their diagonal down, with `count` reflectors; what is left of the rows is R, and below
// the diagonal are the reflectors. Fills F (kAlign x kAlign, above its diagonal too) and tau. One pass over the columns
// for each reflector: while a row is updated, its products with the next column are summed. As the columns before that
// one hold reflectors, the sums give the next column of F as well.
template <class T>
struct Leaf {
  using V = Vec<T>;
  static constexpr int lanes = kVecLanes<T>, vectors = kAlign / lanes;
  static constexpr int chains = vectors > 4 ? 1 : 8 / vectors;  // sums that do not wait for one another

  int64_t rows;
  Block<T> a;
  T product[kAlign];

  // From row `first` on: with column j made into a reflector by `scale`, takes factor * reflector off each row; then
  // the products of column `next` with all columns.
  template <bool update>
  void pass(int64_t first, int64_t j, T scale, const V* factor, int64_t next) {
    V sum[chains][vectors] = {};
    const auto visit = [&](int64_t i, V* chain) {
      T* const row = a.row(i);
      V part[vectors];
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) part[v] = load<V>(row + v * lanes);
      if (update) {
        const T reflector = row[j] * scale;
        const V broadcast = splat(reflector);
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
          part[v] = mul_add(broadcast, factor[v], part[v]);
          store<V>(row + v * lanes, part[v]);
        }
        row[j] = reflector;
      }
      if (!chain) return;
      const V broadcast = splat(row[next]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; v++) chain[v] = mul_add(broadcast, load<V>(row + v * lanes), chain[v]);
    };
    int64_t i = first;
    if (update && i < rows) visit(i++, nullptr);  // the next pivot
    for (; i + chains <= rows; i += chains) {
#pragma GCC unroll 8
      for (int c = 0; c < chains; c++) visit(i + c, sum[c]);
    }
    for (; i < rows; i++) visit(i, sum[0]);
    for (int c = 1; c < chains; c++) {
      for (int v = 0; v < vectors; v++) sum[0][v] += sum[c][v];
    }
    memcpy(product, sum[0], sizeof product);
  }

  void factor(int64_t count, Block<T> f, T* tau) {
    pass<false>(1, 0, 1, nullptr, 0);
    for (int64_t j = 0; j < count; j++) {
      T* const pivot = a.row(j);
      T scale = 1;
      if (easy_squares(pivot[j], product[j])) {
        const Reflector<T> h(pivot[j], product[j]);
        pivot[j] = h.beta;
        tau[j] = h.tau;
        scale = h.scale;
      } else {
        tau[j] = careful_reflector(rows - j - 1, pivot[j], a.row(j + 1) + j, a.stride);
        pass<false>(j + 1, 0, 1, nullptr, j);
      }
      for (int64_t k = 0; k < kAlign; k++) product[k] = pivot[k] + scale * product[k];

      // F(.., j) = -tau * F @ V^T @ v
      for (int64_t i = 0; i < kAlign; i++) {
        T dot = 0;
        for (int64_t k = i; k < j; k++) dot += f.at(i, k) * product[k];
        f.at(i, j) = i < j ? -tau[j] * dot : i == j ? tau[j] : T(0);
      }

      T factors[kAlign] = {};
      for (int64_t k = j + 1; k < kAlign; k++) {
        factors[k] = -tau[j] * product[k];
        pivot[k] += factors[k];
      }
      V factor[vectors];
      memcpy(factor, factors, sizeof factors);
      pass<true>(j + 1, j, scale, factor, j + 1 < kAlign ? j + 1 : j);
    }
  }
};

// A product of reflectors in compact WY form: V [rows, count] with its ones and zeros, F [count, count].
template <class T>
struct Reflectors {
  int64_t rows, count;
  Block<T> v, f;

  // c = H @ c, or with `inverse` H^T @ c, for `columns` columns; `work` has room for two blocks [count, columns].
  void apply(bool inverse, int64_t columns, Strided<T> c, T* work) const {
    if (columns <= 0 || count <= 0) return;
    const int64_t stride = row_stride<T>(columns);
    const Strided<T> w = {work, stride, 1}, fw = {work + count * stride, stride, 1};
    multiply<T>(count, columns, rows, 1, transposed(v), view(c), 0, w);
    multiply<T>(count, columns, count, 1, inverse ? transposed(f) : view(f), view(w), 0, fw);
    multiply<T>(rows, columns, count, -1, view(v), view(fw), 1, c);
  }

  // Takes V from where the factorization left it.
  void load(Strided<const T> h) const {
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < count; j++) v.at(i, j) = j < i ? h.at(i, j) : T(i == j);
    }
  }

  // Joins the last `more` reflectors, whose F is on the diagonal, to the `first` before them:
  // F(0, 1) = -F(0, 0) @ V(0)^T @ V(1) @ F(1, 1).
  void join(int64_t first, int64_t more, T* work) const {
    const Strided<T> w = {work, more, 1};
    const Strided<T> corner = {&f.at(0, first), f.stride, 1};
    const auto part = Strided<const T>{v.row(first), v.stride, 1};
    multiply<T>(first, more, rows - first, 1, {part.data, 1, part.rs}, {part.data + first, part.rs, 1}, 0, corner);
    multiply<T>(first, more, more, 1, view(corner), view(f.from(first, first)), 0, w);
    multiply<T>(first, more, first, -1, view(f), view(w), 0, corner);
    for (int64_t i = first; i < first + more; i++) {
      for (int64_t j = 0; j < first; j++) f.at(i, j) = 0;
    }
  }

  // Makes F of V and tau.
  void combine(const T* tau, T* work) const {
    const Strided<T> s = {work, count, 1};
    multiply<T>(count, count, rows, 1, transposed(v), view(v), 0, s);
    for (int64_t i = 0; i < count; i++) {
      for (int64_t j = 0; j < count; j++) f.at(i, j) = i == j ? tau[j] : T(0);
    }
    // Row i of F from the rows after it: the columns of F are solved side by side.
    for (int64_t i = count - 1; i >= 0; i--) {
      T* const row = f.row(i);
      for (int64_t k = i + 1; k < count; k++) {
        const T factor = -tau[i] * s.at(i, k);
        const T* const other = f.row(k);
        for (int64_t j = k; j < count; j++) row[j] += factor * other[j];
      }
    }
  }
};

// How many reflectors make a block.
constexpr int64_t kPanel = 32;

constexpr int64_t panel_for(int64_t count) { return count < kPanel ? align_columns(count) : kPanel; }

// Elements of the memory that blocks of reflectors of [rows, panel] need to be applied to `columns` columns.
template <class T>
int64_t reflector_elements(int64_t rows, int64_t columns, int64_t panel) {
  const int64_t wide = row_stride<T>(columns < panel ? panel : columns);
  return rows * row_stride<T>(panel) + panel * row_stride<T>(panel) + 2 * panel * wide;
}

// V, F and what comes after them, in such memory.
template <class T>
Reflectors<T> reflectors_at(T* memory, int64_t rows, int64_t count, int64_t panel, T*& work) {
  const int64_t stride = row_stride<T>(panel);
  work = memory + (rows + panel) * stride;
  return {rows, count, {memory, stride}, {memory + rows * stride, stride}};
}

// QR factorization of a [m, n] in place, as LAPACK's geqrf has it. Rows of a are padded to whole kAlign columns; memory
// is that of reflector_elements(m, n, panel_for(least)).
template <class T>
void factor_qr(int64_t m, int64_t n, Block<T> a, T* tau, T* memory) {
  const int64_t least = m < n ? m : n, panel = panel_for(least);
  T* work;
  for (int64_t p = 0; p < least; p += panel) {
    Reflectors<T> h = reflectors_at(memory, m - p, least - p < panel ? least - p : panel, panel, work);
    for (int64_t c = 0; c < h.count; c += kAlign) {
      const int64_t leaf = h.count - c < kAlign ? h.count - c : kAlign, rows = h.rows - c;
      const Block<T> corner = a.from(p + c, p + c);
      Leaf<T>{rows, corner, {}}.factor(leaf, h.f.from(c, c), tau + p + c);
      for (int64_t i = 0; i < c; i++) {
        for (int64_t j = 0; j < leaf; j++) h.v.at(i, c + j) = 0;
      }
      const Reflectors<T> part = {rows, leaf, h.v.from(c, c), h.f.from(c, c)};
      part.load(view(corner));
      const int64_t after = p + c + kAlign, end = p + panel < n ? p + panel : n;
      part.apply(true, end - after, {a.row(p + c) + after, a.stride, 1}, work);
      if (c > 0) Reflectors<T>{h.rows, c + leaf, h.v, h.f}.join(c, leaf, work);
    }
    h.apply(true, n - p - panel, {a.row(p) + p + panel, a.stride, 1}, work);
  }
}

// out = Q @ out, or with `inverse` Q^T @ out, of `count` reflectors stored in h [m, count], count <= m. With `narrow`,
// the first columns of out, as many as a block's reflectors come after, are left alone, as if out began as an identity.
template <class T>
void apply_reflectors(bool inverse, bool narrow, int64_t m, int64_t n, int64_t count, Strided<const T> h, const T* tau,
                      Strided<T> out, T* memory) {
  if (count <= 0) return;
  const int64_t panel = panel_for(count), blocks = (count + panel - 1) / panel;
  T* work;
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t p = (inverse ? b : blocks - 1 - b) * panel;
    Reflectors<T> block = reflectors_at(memory, m - p, count - p < panel ? count - p : panel, panel, work);
    block.load({&h.at(p, p), h.rs, h.cs});
    block.combine(tau + p, work);
    const int64_t from = narrow ? p : 0;
    block.apply(inverse, n - from, {&out.at(p, from), out.rs, out.cs}, work);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
