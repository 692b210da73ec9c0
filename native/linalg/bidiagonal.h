// Reduction to upper bidiagonal form, Q^T @ A @ P = B, as LAPACK's gebrd has it: half of the work in products of
// matrices, the other half in products of what is left of A with vectors, which the memory's speed bounds.
#pragma once
#include "../threads.h"
#include "householder.h"

namespace nabla::NABLA_ISA {
namespace {

// Products with a vector are shared among threads from this many elements of the matrix on, in parts of so many.
constexpr int64_t kSharedElements = 1 << 17;
constexpr int64_t kPartElements = 1 << 15;

// y += sum over rows of factor * row, over [from, to), whole vectors. Each element's sum has one order, whatever parts
// the work is cut into.
template <class T>
void add_rows(Block<T> a, int64_t rows, int64_t from, int64_t to, const T* factor, T* y) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>, together = 8;
  int64_t r = 0;
  for (; r + together <= rows; r += together) {
    const T* const first = a.row(r);
    V f[together];
    for (int u = 0; u < together; u++) f[u] = splat(factor[r + u]);
    for (int64_t j = from; j < to; j += lanes) {
      V even = load<V>(y + j), odd = {};
#pragma GCC unroll 8
      for (int u = 0; u < together; u += 2) {
        even = mul_add(f[u], load<V>(first + u * a.stride + j), even);
        odd = mul_add(f[u + 1], load<V>(first + (u + 1) * a.stride + j), odd);
      }
      store<V>(y + j, even + odd);
    }
  }
  for (; r < rows; r++) {
    const V f = splat(factor[r]);
    const T* const row = a.row(r);
    for (int64_t j = from; j < to; j += lanes) store<V>(y + j, mul_add(f, load<V>(row + j), load<V>(y + j)));
  }
}

template <class T, int count>
void dot_few_rows(Block<T> a, int64_t from, int64_t to, const T* u, T* x) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  V even[count] = {}, odd[count] = {};
  int64_t j = from;
  for (; j + 2 * lanes <= to; j += 2 * lanes) {
    const V u0 = load<V>(u + j), u1 = load<V>(u + j + lanes);
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
      even[i] = mul_add(u0, load<V>(a.row(i) + j), even[i]);
      odd[i] = mul_add(u1, load<V>(a.row(i) + j + lanes), odd[i]);
    }
  }
  if (j < to) {
    const V u0 = load<V>(u + j);
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) even[i] = mul_add(u0, load<V>(a.row(i) + j), even[i]);
  }
  for (int i = 0; i < count; i++) x[i] = sum_of_lanes<T>(even[i] + odd[i]);
}

// x(r) = row r @ u over [from, to), whole vectors.
template <class T>
void dot_rows(Block<T> a, int64_t rows, int64_t from, int64_t to, const T* u, T* x) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) dot_few_rows<T, 4>(a.from(r, 0), from, to, u, x + r);
  for (; r < rows; r++) dot_few_rows<T, 1>(a.from(r, 0), from, to, u, x + r);
}

// The same two of a large matrix, shared among threads: by columns, and by rows.
template <class T>
struct SharedProduct {
  Block<T> a;
  int64_t rows, from, to;
  const T* x;
  T* y;
  int64_t width = 0;  // of a part

  void add() {
    if (rows * (to - from) < kSharedElements) return add_rows(a, rows, from, to, x, y);
    width = align_columns(kPartElements / rows + 1);
    share((to - from + width - 1) / width, [](void* p, int64_t i) {
      const auto& s = *static_cast<SharedProduct*>(p);
      const int64_t begin = s.from + i * s.width, end = begin + s.width;
      add_rows(s.a, s.rows, begin, end < s.to ? end : s.to, s.x, s.y);
    });
  }

  void dot() {
    if (rows * (to - from) < kSharedElements) return dot_rows(a, rows, from, to, x, y);
    width = (kPartElements / (to - from) + 4) / 4 * 4;
    share((rows + width - 1) / width, [](void* p, int64_t i) {
      const auto& s = *static_cast<SharedProduct*>(p);
      const int64_t begin = i * s.width, count = s.rows - begin < s.width ? s.rows - begin : s.width;
      dot_rows(s.a.from(begin, 0), count, s.from, s.to, s.x, s.y + begin);
    });
  }

 private:
  void share(int64_t count, void (*task)(void*, int64_t)) { parallel_for(count, task, this); }
};

// The largest multiple of kAlign up to x.
constexpr int64_t align_down(int64_t x) { return x / kAlign * kAlign; }

// Elements of memory that bidiagonalize() needs.
template <class T>
int64_t bidiagonal_elements(int64_t m, int64_t n) {
  return 2 * kPanel * (row_stride<T>(m) + row_stride<T>(n) + 1);
}

// A [m, n], m >= n, in place: below the diagonal the reflectors of Q, right of the superdiagonal those of P, each with
// its tau. Rows of a are padded with zeros to whole kAlign columns.
//
// Within a panel of columns A is not touched: it stands for A - left^T @ right, whose rows are, by turns, the
// reflectors of Q in `left` with y in `right`, and x in `left` with the reflectors of P in `right`.
template <class T>
void bidiagonalize(int64_t m, int64_t n, Block<T> a, double* d, double* e, T* tau_q, T* tau_p, T* memory) {
  const Block<T> left = {memory, row_stride<T>(m)};
  const Block<T> right = {memory + 2 * kPanel * left.stride, row_stride<T>(n)};
  T* const factor = right.data + 2 * kPanel * right.stride;
  const int64_t end_rows = align_columns(m), end_columns = align_columns(n);
  for (int64_t p = 0; p < n; p += kPanel) {
    const int64_t columns = n - p < kPanel ? n - p : kPanel;
    memset(memory, 0, size_t(2 * kPanel * (left.stride + right.stride)) * sizeof(T));
    for (int64_t i = p; i < p + columns; i++) {
      const int64_t s = 2 * (i - p), rows = align_down(i), next = align_down(i + 1);

      T* const v = left.row(s);
      for (int64_t r = i; r < m; r++) v[r] = a.at(r, i);
      for (int64_t t = 0; t < s; t++) factor[t] = -right.at(t, i);
      add_rows(left, s, rows, end_rows, factor, v);
      tau_q[i] = make_reflector(m - i - 1, v[i], v + i + 1);
      d[i] = double(v[i]);
      v[i] = 1;
      for (int64_t r = rows; r < i; r++) v[r] = 0;
      for (int64_t r = i + 1; r < m; r++) a.at(r, i) = v[r];
      if (i + 1 == n) break;

      T* const y = right.row(s);
      SharedProduct<T>{a.from(i, 0), m - i, next, end_columns, v + i, y}.add();
      dot_rows(left, s, rows, end_rows, v, factor);
      for (int64_t t = 0; t < s; t++) factor[t] = -factor[t];
      add_rows(right, s, next, end_columns, factor, y);
      for (int64_t c = next; c < end_columns; c++) y[c] = c > i && c < n ? y[c] * tau_q[i] : T(0);

      T* const u = right.row(s + 1);
      memcpy(u + next, a.row(i) + next, size_t(end_columns - next) * sizeof(T));
      for (int64_t t = 0; t <= s; t++) factor[t] = -left.at(t, i);
      add_rows(right, s + 1, next, end_columns, factor, u);
      tau_p[i] = make_reflector(n - i - 2, u[i + 1], u + i + 2);
      e[i] = double(u[i + 1]);
      u[i + 1] = 1;
      for (int64_t c = next; c <= i; c++) u[c] = 0;
      for (int64_t c = n; c < end_columns; c++) u[c] = 0;
      memcpy(a.row(i) + i + 2, u + i + 2, size_t(n - i - 2) * sizeof(T));

      T* const x = left.row(s + 1);
      SharedProduct<T>{a.from(i + 1, 0), m - i - 1, next, end_columns, u, x + i + 1}.dot();
      dot_rows(right, s + 1, next, end_columns, u, factor);
      for (int64_t t = 0; t <= s; t++) factor[t] = -factor[t];
      add_rows(left, s + 1, next, end_rows, factor, x);
      for (int64_t r = next; r < end_rows; r++) x[r] = r > i && r < m ? x[r] * tau_p[i] : T(0);
    }
    const int64_t q = p + kPanel;
    if (q < n) {
      multiply<T>(m - q, n - q, 2 * kPanel, -1, {left.data + q, 1, left.stride}, view(right.from(0, q)), 1,
                  {a.row(q) + q, a.stride, 1});
    }
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
