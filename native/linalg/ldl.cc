#include "linalg.h"
#include "lu.h"

namespace nabla::NABLA_ISA {
namespace {

// P @ A @ P^T = L @ D @ L^T for symmetric A, by diagonal pivoting: Bunch and Kaufman, "Some stable methods for
// calculating inertia and solving symmetric linear systems", 1977. Pivots and results are those of LAPACK's sytrf: a
// step exchanges what is left of the matrix only, so the columns of L found before keep their order.
//
// The work space has the columns of the lower triangle as rows: column(k)[i] is A(i, k).
template <class T>
struct DiagonalPivoting {
  static constexpr int64_t kPanel = 2 * kAlign;
  int64_t n;
  Block<T> columns;
  Block<T> updated;  // kPanel columns: of L @ D
  int32_t* pivots;
  int32_t info;

  T* column(int64_t k) const { return columns.row(k); }

  // to = column k of what is left from row `end` on. The memory lacks the steps of the panel: from `first` to `end`.
  void update_column(int64_t first, int64_t end, int64_t k, T* to) const {
    const T* own = column(k);
    for (int64_t i = end; i < k; i++) to[i] = column(i)[k];
    for (int64_t i = k; i < n; i++) to[i] = own[i];
    for (int64_t p = first; p < end; p++) {
      const T factor = updated.at(p - first, k);
      const T* l = column(p);
      for (int64_t i = end; i < n; i++) to[i] -= l[i] * factor;
    }
  }

  // Where the largest element is from `from` to `to`.
  static int64_t search(const T* x, int64_t from, int64_t to) { return from + search_pivot(x + from, to - from); }

  // Moves line k to p in what is left, where k < p, and exchanges these rows of the columns from `first` to `end`.
  void exchange_lines(int64_t first, int64_t end, int64_t k, int64_t p) const {
    T *a = column(k), *b = column(p);
    // What p had is in `updated` by now.
    b[p] = a[k];
    for (int64_t i = k + 1; i < p; i++) column(i)[p] = a[i];
    for (int64_t i = p + 1; i < n; i++) b[i] = a[i];
    for (int64_t q = first; q < end; q++) exchange(column(q)[k], column(q)[p]);
  }

  // The steps from `first` to at most `limit`; the result is where they end.
  int64_t factor_panel(int64_t first, int64_t limit) {
    const T alpha = T(0.6403882032022076);  // (1 + sqrt(17)) / 8
    int64_t k = first;
    // A step may take two columns.
    while (k < limit && (k + 1 < limit || limit == n)) {
      T* const w = updated.row(k - first);
      update_column(first, k, k, w);
      int64_t pivot = k, step = 1;
      T* const second = k + 1 < n ? updated.row(k + 1 - first) : nullptr;
      if (k + 1 < n) {
        const int64_t other = search(w, k + 1, n);
        const T size = magnitude(w[k]), below = magnitude(w[other]);
        if (size == 0 && below == 0) {
          if (!info) info = int32_t(k + 1);
        } else if (!(size >= alpha * below)) {
          update_column(first, k, other, second);
          T across = magnitude(second[search(second, k, other)]);
          if (other + 1 < n) {
            const T rest = magnitude(second[search(second, other + 1, n)]);
            if (rest > across) across = rest;
          }
          if (!(size >= alpha * below * (below / across))) {
            pivot = other;
            if (magnitude(second[other]) >= alpha * across) {
              memcpy(w + k, second + k, size_t(n - k) * sizeof(T));
            } else {
              step = 2;
            }
          }
        }
      } else if (w[k] == 0 && !info) {
        info = int32_t(k + 1);
      }
      const int64_t last = k + step - 1;
      if (pivot != last) {
        exchange_lines(first, k, last, pivot);
        for (int64_t q = first; q <= last; q++) exchange(updated.at(q - first, last), updated.at(q - first, pivot));
      }
      step == 1 ? store_single(k, w) : store_pair(k, w, second);
      for (int64_t q = k; q <= last; q++) pivots[q] = int32_t(step == 1 ? pivot + 1 : -(pivot + 1));
      k += step;
    }
    return k;
  }

  void store_single(int64_t k, const T* w) const {
    T* l = column(k);
    l[k] = w[k];
    if (w[k] == 0) {
      memset(l + k + 1, 0, size_t(n - k - 1) * sizeof(T));
    } else if (safe_reciprocal(w[k])) {
      const T reciprocal = 1 / w[k];
      for (int64_t i = k + 1; i < n; i++) l[i] = w[i] * reciprocal;
    } else {
      for (int64_t i = k + 1; i < n; i++) l[i] = w[i] / w[k];
    }
  }

  // Two columns times the inverse of their block of D, which is scaled by its element off the diagonal: that is larger
  // than those on it.
  void store_pair(int64_t k, const T* w, const T* v) const {
    T *l = column(k), *r = column(k + 1);
    const T off = w[k + 1], lower = v[k + 1] / off, upper = w[k] / off;
    const T scale = 1 / (lower * upper - 1) / off;
    for (int64_t i = k + 2; i < n; i++) {
      l[i] = scale * (lower * w[i] - v[i]);
      r[i] = scale * (upper * v[i] - w[i]);
    }
    l[k] = w[k];
    l[k + 1] = off;
    r[k + 1] = v[k + 1];
  }

  void factor() {
    info = 0;
    for (int64_t first = 0; first < n;) {
      const int64_t limit = n - first <= kPanel ? n : first + kPanel;
      const int64_t end = factor_panel(first, limit);
      // What is left -= L @ (L @ D)^T, in strips of columns.
      for (int64_t j = end; j < n; j += 2 * kAlign) {
        const int64_t wide = n - j < 2 * kAlign ? n - j : 2 * kAlign;
        subtract_product<T>(wide, n - j, end - first, {&updated.at(0, j), 1, updated.stride}, columns.from(first, j),
                            columns.from(j, j));
      }
      // Each column of L gets back the order it was found in.
      for (int64_t k = end - 1; k > first; k--) {
        int64_t begin = k, pivot = pivots[k] - 1;
        if (pivots[k] < 0) {
          pivot = -pivots[k] - 1;
          begin = k - 1;
        }
        for (int64_t q = first; q < begin; q++) exchange(column(q)[k], column(q)[pivot]);
        k = begin;
      }
      first = end;
    }
  }
};

template <class T>
bool ldl_factor(const MatrixArgs& args) {
  const int64_t n = args.m, stride = row_stride<T>(n);
  using F = DiagonalPivoting<T>;
  const size_t bytes = size_t(n * stride) * sizeof(T), panel_bytes = size_t(F::kPanel * stride) * sizeof(T);
  char* memory = static_cast<char*>(work_space(bytes + panel_bytes + size_t(n) * sizeof(int32_t)));
  if (!memory) return false;
  F f = {n,
         {reinterpret_cast<T*>(memory), stride},
         {reinterpret_cast<T*>(memory + bytes), stride},
         reinterpret_cast<int32_t*>(memory + bytes + panel_bytes),
         0};
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<const T> a = matrix<const T>(args, 3, i);
    const Strided<T> ld = matrix<T>(args, 0, i);
    for (int64_t j = 0; j < n; j += kAlign) {
      const int64_t rows = n - j < kAlign ? n - j : kAlign;
      copy_matrix<T>(rows, n - j, {&a.at(j, j), a.cs, a.rs}, strided(f.columns.from(j, j)));
    }
    f.factor();
    const T zero = 0;
    for (int64_t j = 0; j < n; j += kAlign) {
      const int64_t rows = n - j < kAlign ? n - j : kAlign;
      for (int64_t r = 1; r < rows; r++) memset(f.column(j + r) + j, 0, size_t(r) * sizeof(T));
      copy_matrix<T>(n - j, rows, {&f.columns.at(j, j), 1, stride}, {&ld.at(j, j), ld.rs, ld.cs});
      copy_matrix<T>(j, rows, {&zero, 0, 0}, {&ld.at(0, j), ld.rs, ld.cs});
    }
    const Strided<int32_t> pivots = matrix<int32_t>(args, 1, i);
    for (int64_t j = 0; j < n; j++) pivots.at(j, 0) = f.pivots[j];
    matrix<int32_t>(args, 2, i).at(0, 0) = f.info;
  }
  return true;
}

// Whether step k of a factorization took a block of two.
bool pair_at(Strided<const int32_t> pivots, int64_t n, int64_t k) { return pivots.at(k, 0) < 0 && k + 1 < n; }

// x = inverse(D) @ x; ld has D.
template <class T>
void solve_blocks(int64_t n, int64_t columns, Strided<const T> ld, Strided<const int32_t> pivots, Block<T> x) {
  for (int64_t k = 0; k < n; k++) {
    T* const upper = x.row(k);
    if (!pair_at(pivots, n, k)) {
      for (int64_t c = 0; c < columns; c++) upper[c] /= ld.at(k, k);
      continue;
    }
    T* const lower = x.row(k + 1);
    const T off = ld.at(k + 1, k), a = ld.at(k, k) / off, b = ld.at(k + 1, k + 1) / off, scale = a * b - 1;
    for (int64_t c = 0; c < columns; c++) {
      const T u = upper[c] / off, v = lower[c] / off;
      upper[c] = (b * u - v) / scale;
      lower[c] = (a * v - u) / scale;
    }
    k++;
  }
}

template <class T>
bool ldl_solve(const MatrixArgs& args) {
  const int64_t m = args.m, n = args.n, stride = row_stride<T>(m), x_stride = row_stride<T>(n);
  const size_t bytes = size_t(m * stride) * sizeof(T), x_bytes = size_t(m * x_stride) * sizeof(T);
  char* memory = static_cast<char*>(work_space(bytes + x_bytes + size_t(m) * sizeof(int64_t)));
  if (!memory) return false;
  const Block<T> l = {reinterpret_cast<T*>(memory), stride}, x = {reinterpret_cast<T*>(memory + bytes), x_stride};
  int64_t* const exchanged = reinterpret_cast<int64_t*>(memory + bytes + x_bytes);
  for (int64_t i = 0; i < args.count; i++) {
    const Strided<const T> ld = matrix<const T>(args, 1, i);
    const Strided<const int32_t> pivots = matrix<const int32_t>(args, 2, i);
    // L in the order of P @ A: what each step exchanges is exchanged in the columns before it, too.
    copy_matrix(m, m, ld, strided(l));
    for (int64_t k = 0; k < m; k++) {
      const int32_t pivot = pivots.at(k, 0);
      const int64_t columns = k, other = pivot < 0 ? -int64_t(pivot) - 1 : pivot - 1;
      exchanged[k] = k;
      if (pair_at(pivots, m, k)) l.at(++k, columns) = 0;
      exchanged[k] = other;
      for (int64_t c = 0; c < columns && other != k; c++) exchange(l.at(k, c), l.at(other, c));
    }
    const auto exchange_rows = [&](int64_t k) {
      if (exchanged[k] != k) swap_rows(x.row(k), x.row(exchanged[k]), align_columns(n));
    };
    copy_padded(m, n, matrix<const T>(args, 3, i), x);
    for (int64_t k = 0; k < m; k++) exchange_rows(k);
    solve(m, n, triangle(l, false, true), x);
    solve_blocks(m, n, ld, pivots, x);
    solve(m, n, transposed_triangle(l, true, true), x);
    for (int64_t k = m - 1; k >= 0; k--) exchange_rows(k);
    copy_matrix<T>(m, n, {x.data, x_stride, 1}, matrix<T>(args, 0, i));
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(ldl_factor)
NABLA_FLOAT_TABLE(ldl_solve)

}  // namespace nabla::NABLA_ISA
