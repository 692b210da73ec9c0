// Eigenvalues and eigenvectors of a tridiagonal matrix by divide and conquer (Cuppen 1981): but for one element beside
// the diagonal, the matrix is two smaller ones and a change of rank one. In the basis of their eigenvectors that is
// diag(d) + rho * z @ z^T, with z made of the last row of the first basis and the first row of the second.
//
// Most of z may be negligible (deflation); the secular equation gives the eigenvalues of the rest. The vectors are
// those of the z for which the roots found are exact (Gu, Eisenstat: A stable and efficient algorithm for the rank-one
// modification of the symmetric eigenproblem, 1994): orthogonal however close the roots are.
#pragma once
#include "tridiagonal_secular.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
constexpr double kUnit = sizeof(T) == 4 ? 0x1p-24 : 0x1p-53;

// Puts a list of indices in the order of rising values.
inline void sort_indices(int64_t count, const double* values, int64_t* list) {
  for (int64_t i = 1; i < count; i++) {
    const int64_t moved = list[i];
    int64_t j = i;
    for (; j > 0 && values[list[j - 1]] > values[moved]; j--) list[j] = list[j - 1];
    list[j] = moved;
  }
}

// Eigenvectors are rows here: to rotate two of them or to leave some out goes along memory.
template <class T>
struct DivideAndConquer {
  int64_t n;
  double *d, *e;              // the matrix; on return d holds the eigenvalues, in the order of z's rows
  int64_t* order;             // on return, z's rows in the order of rising eigenvalues
  Block<T> z;                 // zero at first
  Block<T> kept, basis;       // work space [n, n]
  Block<double> differences;  // work space [n, n]
  double* numbers;            // work space, kNumbers rows of align_columns(n)
  int64_t* indices;           // kIndices rows of align_columns(n)

  static constexpr int64_t kNumbers = 4, kIndices = 6;
  static constexpr int64_t kLeaf = 32;  // rows up to which a matrix is not divided

  int64_t parts = 0;  // of the level at hand
  bool converged = true;

  bool solve() {
    for (int64_t level = tear(0, n); level >= 0; level--) {
      parts = 0;
      collect(0, n, level);
      const auto part = [&](int64_t i) {
        const int64_t first = parts_at()[2 * i], size = parts_at()[2 * i + 1];
        if (!(size > kLeaf ? merge(first, size) : solve_leaf(first, size)))
          __atomic_store_n(&converged, false, __ATOMIC_RELAXED);
      };
      share(parts, n >= 4 * kLeaf, part);
    }
    return converged;
  }

 private:
  static constexpr int64_t kShared = 128;   // roots from which on threads share them
  static constexpr int64_t kTogether = 32;  // roots of one task

  // Parts begin at multiples of kAlign.
  static int64_t half(int64_t size) { return align_columns(size / 2); }

  // Takes the element that joins two parts, and what the change of rank one adds to the diagonal, out of it, until the
  // parts are leaves. Returns how many levels there are above those.
  int64_t tear(int64_t first, int64_t size) {
    if (size <= kLeaf) return 0;
    const int64_t middle = first + half(size);
    const double joint = size_of(e[middle - 1]);
    d[middle - 1] -= joint;
    d[middle] -= joint;
    const int64_t levels = tear(first, middle - first), more = tear(middle, first + size - middle);
    return 1 + (levels > more ? levels : more);
  }

  // Where the parts of a level begin, and their sizes.
  int64_t* parts_at() const { return indices_at(4, 0); }
  void collect(int64_t first, int64_t size, int64_t level) {
    if (level == 0) {
      parts_at()[2 * parts] = first;
      parts_at()[2 * parts + 1] = size;
      parts++;
    } else if (size > kLeaf) {
      collect(first, half(size), level - 1);
      collect(first + half(size), size - half(size), level - 1);
    }
  }

  // Row i of the work space, from a part's first number on.
  double* numbers_at(int64_t i, int64_t first) const { return numbers + i * align_columns(n) + first; }
  int64_t* indices_at(int64_t i, int64_t first) const { return indices + i * align_columns(n) + first; }

  // Merges two lists of indices, each in the order of rising values; those of the second are `offset` more.
  static void merge_lists(const double* values, int64_t count, const int64_t* list, int64_t more, const int64_t* other,
                          int64_t offset, int64_t* merged) {
    int64_t i = 0, j = 0;
    while (i < count || j < more) {
      const bool second = i == count || (j < more && values[other[j] + offset] < values[list[i]]);
      *merged++ = second ? other[j++] + offset : list[i++];
    }
  }

  bool solve_leaf(int64_t first, int64_t size) {
    double beside[kLeaf];
    for (int64_t i = 0; i + 1 < size; i++) beside[i] = e[first + i];
    const Block<T> vectors = z.from(first, first);
    for (int64_t i = 0; i < size; i++) {
      vectors.at(i, i) = 1;
      order[first + i] = i;
    }
    const bool found = ql_with_vectors(size, d + first, beside, kUnit<T>, vectors, align_columns(size));
    sort_indices(size, d + first, order + first);
    return found;
  }

  // Which columns a row of z has elements in: the first part's, both, or the second's.
  enum Kind : int64_t { first_part, both_parts, second_part, kinds };

  // The rank-one change of one part, in the basis of its halves' eigenvectors.
  struct Change {
    int64_t size, half;
    Block<T> z, kept, basis;
    Block<double> differences;
    double* d;
    double rho;
    int64_t left = 0;  // of the change, after deflation
    int64_t deflated = 0;
    double* weights;                 // z of the rank-one matrix
    double *poles, *values, *exact;  // of what is left: d, z, and the z for which the roots are exact
    int64_t* list;                   // rows of z: those left from the front, those deflated from the back
    int64_t *kind, *place;           // of each row its columns; of each that is left its place among those of its kind
    int64_t count[kinds] = {};
  };

  bool merge(int64_t first, int64_t size) {
    Change c;
    c.size = size;
    c.half = half(size);
    c.z = z.from(first, first);
    c.kept = kept.from(first, first);
    c.basis = basis.from(first, first);
    c.differences = differences.from(first, first);
    c.d = d + first;
    c.rho = e[first + c.half - 1];
    c.weights = numbers_at(0, first);
    c.poles = numbers_at(1, first);
    c.values = numbers_at(2, first);
    c.exact = numbers_at(3, first);
    c.list = indices_at(0, first);
    c.kind = indices_at(1, first);
    c.place = indices_at(2, first);
    int64_t *sorted = indices_at(3, first), *rows = order + first;

    // Both halves of z are rows of orthogonal matrices: together it has length sqrt(2).
    for (int64_t i = 0; i < size; i++) {
      const double weight = c.z.at(i, i < c.half ? c.half - 1 : c.half) * root(0.5);
      c.weights[i] = c.rho < 0 && i >= c.half ? -weight : weight;
      c.kind[i] = i < c.half ? first_part : second_part;
    }
    c.rho = 2 * size_of(c.rho);
    merge_lists(c.d, c.half, rows, size - c.half, rows + c.half, c.half, sorted);
    deflate(c, sorted);
    if (c.left == 0) {
      memcpy(rows, sorted, size_t(size) * sizeof(int64_t));
      sort_indices(size, c.d, rows);
      return true;
    }

    // What is left is gathered by kind, and what is deflated after it.
    int64_t next[kinds] = {0, c.count[first_part], c.count[first_part] + c.count[both_parts]};
    const size_t row_bytes = size_t(size) * sizeof(T);
    for (int64_t i = 0; i < c.left; i++) {
      const int64_t row = c.list[i];
      c.poles[i] = c.d[row];
      c.values[i] = c.weights[row];
      c.place[i] = next[c.kind[row]]++;
      memcpy(c.kept.row(c.place[i]), c.z.row(row), row_bytes);
    }
    for (int64_t i = c.left; i < size; i++) {
      c.weights[i] = c.d[c.list[i]];
      memcpy(c.kept.row(i), c.z.row(c.list[i]), row_bytes);
    }
    for (int64_t i = c.left; i < align_columns(c.left); i++) {
      c.poles[i] = __builtin_inf();
      c.values[i] = 0;
    }
    if (!solve_change(c)) return false;
    update_vectors(c);

    for (int64_t i = c.left; i < size; i++) {
      c.d[i] = c.weights[i];
      memcpy(c.z.row(i), c.kept.row(i), row_bytes);
    }
    for (int64_t i = 0; i < size; i++) sorted[i] = i;
    sort_indices(size - c.left, c.d, sorted + c.left);
    merge_lists(c.d, c.left, sorted, size - c.left, sorted + c.left, 0, rows);
    return true;
  }

  // A row is deflated where its weight is negligible, or that of its neighbour becomes so when both are rotated.
  static void deflate(Change& c, const int64_t* sorted) {
    double largest = c.rho;
    for (int64_t i = 0; i < c.size; i++) largest = size_of(c.d[i]) > largest ? size_of(c.d[i]) : largest;
    const double negligible = 8 * kUnit<T> * largest;
    int64_t pending = -1;
    const auto drop = [&](int64_t row) { c.list[c.size - ++c.deflated] = row; };
    const auto keep = [&](int64_t row) {
      c.list[c.left++] = row;
      c.count[c.kind[row]]++;
    };
    for (int64_t i = 0; i < c.size; i++) {
      const int64_t row = sorted[i];
      if (c.rho * size_of(c.weights[row]) <= negligible) {
        drop(row);
        continue;
      }
      if (pending >= 0) {
        const double length = root(c.weights[row] * c.weights[row] + c.weights[pending] * c.weights[pending]);
        const double cosine = c.weights[row] / length, sine = c.weights[pending] / length;
        const double apart = c.d[row] - c.d[pending];
        if (size_of(apart * cosine * sine) <= negligible) {
          c.weights[row] = length;
          if (c.kind[row] != c.kind[pending]) c.kind[row] = c.kind[pending] = both_parts;
          rotate_rows(align_columns(c.size), c.z.row(pending), c.z.row(row), T(cosine), T(sine));
          const double low = c.d[pending], high = c.d[row], c2 = cosine * cosine, s2 = sine * sine;
          c.d[pending] = low * c2 + high * s2;
          c.d[row] = low * s2 + high * c2;
          drop(pending);
        } else {
          keep(pending);
        }
      }
      pending = row;
    }
    if (pending >= 0) keep(pending);
  }

  template <class Task>
  static void share_roots(int64_t count, const Task& task) {
    const int64_t tasks = (count + kTogether - 1) / kTogether;
    const auto range = [&](int64_t i) {
      const int64_t from = i * kTogether, to = from + kTogether;
      task(from, to < count ? to : count);
    };
    share(tasks, count >= kShared, range);
  }

  // The roots, and their vectors as the rows of c.basis, with columns in the order of c.kept's rows.
  static bool solve_change(const Change& c) {
    const SecularEquation equation = {c.left, c.poles, c.values, c.rho, kUnit<T> / 2};
    bool found = true;
    share_roots(c.left, [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) {
        if (!secular_root(equation, i, c.differences.row(i), &c.d[i]))
          __atomic_store_n(&found, false, __ATOMIC_RELAXED);
      }
    });
    if (!found) return false;

    // z[i]^2 = the product over all j of (x[j] - d[i]), over that of (d[j] - d[i]) for j other than i (and over rho,
    // which scales all vectors alike).
    share_roots(c.left, [&](int64_t from, int64_t to) {
      constexpr int64_t lanes = kVecLanes<double>;
      for (int64_t i = from; i < to; i += lanes) {
        I64 lane;
        for (int l = 0; l < lanes; l++) lane[l] = i + l;
        const F64 pole = load<F64>(c.poles + i), one = splat(1.0);
        F64 product = one;
        for (int64_t j = 0; j < c.left; j++) {
          const F64 apart = pole - splat(c.poles[j]);
          product *= load<F64>(c.differences.row(j) + i) / select(lane == splat(j), one, apart);
        }
        store<F64>(c.exact + i, copy_sign(sqrt(abs(product)), load<F64>(c.values + i)));
      }
    });

    share_roots(c.left, [&](int64_t from, int64_t to) {
      constexpr int64_t lanes = kVecLanes<double>;
      for (int64_t i = from; i < to; i++) {
        double* const row = c.differences.row(i);
        double squares = 0;
        for (int64_t j = 0; j < c.left; j += lanes) store<F64>(row + j, load<F64>(c.exact + j) / load<F64>(row + j));
        for (int64_t j = 0; j < c.left; j++) squares += row[j] * row[j];
        const double scale = 1 / root(squares);
        T* const vector = c.basis.row(i);
        for (int64_t j = 0; j < c.left; j++) vector[c.place[j]] = T(row[j] * scale);
      }
    });
    return true;
  }

  // z = basis @ kept, without what is known to be zero.
  static void update_vectors(const Change& c) {
    const auto product = [&](int64_t from, int64_t count, int64_t column, int64_t columns) {
      const Block<T> b = c.kept.from(from, column), to = c.z.from(0, column);
      gemm_table[int(DTypeOf<T>::value)]({c.left, columns, count, c.basis.data + from, c.basis.stride, 1, b.data,
                                          b.stride, 1, to.data, to.stride, 1, 1, 0});
    };
    const int64_t alone = c.count[first_part], both = c.count[both_parts];
    product(0, alone + both, 0, c.half);
    product(alone, c.left - alone, c.half, c.size - c.half);
  }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
