// Eigenvalues of small tridiagonal matrices by implicit QL steps, and of any without vectors. Numbers are double here
// whatever the matrix has: there are few of them, and the rows that follow the rotations are rounded anyway.
//
// d[0..n - 1] is the diagonal and e[0..n - 2] what lies beside it; both are overwritten, and e[n - 1] is work space.
// `unit` is the rounding error of the matrix's type: what is smaller beside its neighbours on the diagonal is taken for
// zero.
#pragma once
#include "workspace.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kMostSteps = 50;  // for each eigenvalue; two or three are usual
// Squares below this are taken for zero, where the largest number is about 1.
constexpr double kNegligibleSquare = 0x1p-200;

NABLA_INLINE double size_of(double x) { return __builtin_fabs(x); }
NABLA_INLINE double root(double x) { return __builtin_sqrt(x); }

// Where the block that begins at `first` ends: the index of its last row. e may hold squares.
template <bool squares>
int64_t end_of_block(int64_t n, int64_t first, const double* d, double* e, double unit) {
  for (int64_t i = first; i + 1 < n; i++) {
    const double square = squares ? e[i] : e[i] * e[i], least = unit * (size_of(d[i]) + size_of(d[i + 1]));
    if (square <= least * least || square < kNegligibleSquare) {
      e[i] = 0;
      return i;
    }
  }
  return n - 1;
}

// Wilkinson's shift: the eigenvalue of the leading square of two that is nearer to its first element.
inline double shift_of(double first, double beside, double second) {
  const double half = (second - first) / (2 * beside);
  const double length = root(half * half + 1);
  return first - beside / (half + (half < 0 ? -length : length));
}

// Rotates two rows of `columns` elements, a multiple of kAlign: x, y = c * x - s * y, s * x + c * y.
template <class T>
void rotate_rows(int64_t columns, T* x, T* y, T c, T s) {
  using V = Vec<T>;
  for (int64_t j = 0; j < columns; j += kVecLanes<T>) {
    const V first = load<V>(x + j), second = load<V>(y + j);
    store<V>(x + j, c * first - s * second);
    store<V>(y + j, s * first + c * second);
  }
}

// The rows of z are rotated as the eigenvectors are; the eigenvalues are in no order. Returns false where they do not
// converge. The method is that of Dubrulle, Martin and Wilkinson (The implicit QL algorithm, 1968).
template <class T>
bool ql_with_vectors(int64_t n, double* d, double* e, double unit, Block<T> z, int64_t columns) {
  int64_t steps = kMostSteps * n;
  for (int64_t first = 0; first < n; first++) {
    while (true) {
      const int64_t last = end_of_block<false>(n, first, d, e, unit);
      if (last == first) break;
      if (steps-- == 0) return false;
      double g = d[last] - shift_of(d[first], e[first], d[first + 1]), c = 1, s = 1, p = 0;
      int64_t i = last - 1;
      for (; i >= first; i--) {
        const double f = s * e[i], b = c * e[i], square = f * f + g * g;
        if (square < kNegligibleSquare) {  // the matrix falls apart here
          d[i + 1] -= p;
          e[i + 1] = 0;
          e[i] = b;
          break;
        }
        const double length = root(square);
        e[i + 1] = length;
        s = f / length;
        c = g / length;
        g = d[i + 1] - p;
        const double t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        rotate_rows(columns, z.row(i), z.row(i + 1), T(c), T(s));
      }
      e[last] = 0;
      if (i >= first) continue;
      d[first] -= p;
      e[first] = g;
    }
  }
  return true;
}

// Eigenvalues alone, in no order, by QL steps on squares (Pal, Walker, Kahan; Parlett: The symmetric eigenvalue
// problem, 8.15).
inline bool ql_values(int64_t n, double* d, double* e, double unit) {
  for (int64_t i = 0; i + 1 < n; i++) e[i] *= e[i];
  int64_t steps = kMostSteps * n;
  for (int64_t first = 0; first < n; first++) {
    while (true) {
      const int64_t last = end_of_block<true>(n, first, d, e, unit);
      if (last == first) break;
      if (steps-- == 0) return false;
      const double shift = shift_of(d[first], root(e[first]), d[first + 1]);
      double s = 0, gamma = d[last] - shift, p = gamma * gamma, last_p = 1, last_r = 1;
      for (int64_t i = last - 1; i >= first; i--) {
        const double square = e[i], r = p + square, product = r * p, before = gamma;
        if (i + 1 < last) e[i + 1] = s * r;
        s = square / r;
        // With c = p / r, gamma is c * (d[i] - shift) - s * before, and the next p is gamma^2 / c. Written so that no
        // division waits for another.
        const double numerator = p * (d[i] - shift) - square * before;
        gamma = numerator / r;
        d[i + 1] = before + (d[i] - gamma);
        // As c vanishes, that goes to the last c times the square; before p is so small that it loses bits.
        const double next = p < 0x1p-700 ? last_p / last_r * square : numerator * numerator / product;
        last_p = p;
        last_r = r;
        p = next;
      }
      e[first] = s * p;
      d[first] = shift + gamma;
      e[last] = 0;
    }
  }
  return true;
}

}  // namespace
}  // namespace nabla::NABLA_ISA
