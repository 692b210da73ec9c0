// Singular values of an upper bidiagonal matrix by implicit QR sweeps, with a zero shift where a shift would spoil
// small values: each comes out to high relative accuracy (Demmel and Kahan, 1990; the criteria are those of LAPACK's
// bdsqr).
#pragma once
#include "householder.h"

namespace nabla::NABLA_ISA {
namespace {

// c * f + s * g = r >= 0, c * g - s * f = 0
struct Rotation {
  double c, s, r;

  Rotation(double f, double g) {
    const double squares = f * f + g * g;
    if (squares > 0x1p-900 && squares < 0x1p900) {
      r = root(squares);
      c = f / r, s = g / r;
      return;
    }
    const double size = absolute(f) > absolute(g) ? absolute(f) : absolute(g);
    if (size == 0) {
      c = 1, s = 0, r = 0;
      return;
    }
    int exponent;
    (void)__builtin_frexp(size, &exponent);
    const double scale = power_of_two<double>(-exponent);
    f *= scale, g *= scale;
    r = root(f * f + g * g);
    c = f / r, s = g / r, r /= scale;
  }
};

// x = c * x + s * y, y = c * y - s * x over whole vectors.
template <class T>
void rotate_rows(T* x, T* y, int64_t columns, double cosine, double sine) {
  using V = Vec<T>;
  const V c = splat(T(cosine)), s = splat(T(sine));
  for (int64_t j = 0; j < columns; j += kVecLanes<T>) {
    const V old_x = load<V>(x + j), old_y = load<V>(y + j);
    store<V>(x + j, mul_add(c, old_x, s * old_y));
    store<V>(y + j, mul_add(c, old_y, -s * old_x));
  }
}

// Singular vectors as rows, of which a range of whole vectors of columns is not zero.
template <class T>
struct Vectors {
  Block<T> rows;
  int64_t columns;

  void rotate(int64_t i, int64_t j, double c, double s) const {
    if (rows.data) rotate_rows(rows.row(i), rows.row(j), columns, c, s);
  }
};

// An unreduced block of the matrix, seen from either end: the transpose of an upper bidiagonal matrix, flipped along
// its other diagonal, is upper bidiagonal as well, and its left vectors are the right ones.
template <class T>
struct Sweep {
  double *d, *e;  // of the first row; e may be one before its element
  int64_t step;   // 1 or -1
  int64_t last;   // rows in the block - 1
  Vectors<T> left, right;
  int64_t first;

  double& at(int64_t i) const { return d[i * step]; }
  double& above(int64_t i) const { return e[i * step]; }  // right of at(i), above at(i + 1)
  void rotate(const Vectors<T>& vectors, int64_t i, const Rotation& q) const {
    vectors.rotate(first + i * step, first + (i + 1) * step, q.c, q.s);
  }

  // Sets a negligible element to zero, if there is one; else a lower bound of the smallest value is left in `least`.
  bool split(double tolerance, double& least) const {
    if (absolute(above(last - 1)) <= tolerance * absolute(at(last))) {
      above(last - 1) = 0;
      return true;
    }
    double mu = absolute(at(0));
    least = mu;
    for (int64_t i = 0; i < last; i++) {
      const double size = absolute(above(i));
      if (size <= tolerance * mu) {
        above(i) = 0;
        return true;
      }
      mu = absolute(at(i + 1)) * (mu / (mu + size));
      if (mu < least) least = mu;
    }
    return false;
  }

  void without_shift() const {
    double c = 1, old_c = 1, old_s = 0;
    for (int64_t i = 0; i < last; i++) {
      const Rotation p(at(i) * c, above(i));
      if (i > 0) above(i - 1) = old_s * p.r;
      const Rotation q(old_c * p.r, at(i + 1) * p.s);
      at(i) = q.r;
      rotate(right, i, p);
      rotate(left, i, q);
      c = p.c, old_c = q.c, old_s = q.s;
    }
    const double h = at(last) * c;
    at(last) = h * old_c;
    above(last - 1) = h * old_s;
  }

  void with_shift(double shift) const {
    double f = (absolute(at(0)) - shift) * (with_sign(1.0, at(0)) + shift / at(0)), g = above(0);
    for (int64_t i = 0; i < last; i++) {
      const Rotation p(f, g);
      if (i > 0) above(i - 1) = p.r;
      f = p.c * at(i) + p.s * above(i);
      above(i) = p.c * above(i) - p.s * at(i);
      g = p.s * at(i + 1);
      at(i + 1) *= p.c;
      const Rotation q(f, g);
      at(i) = q.r;
      f = q.c * above(i) + q.s * at(i + 1);
      at(i + 1) = q.c * at(i + 1) - q.s * above(i);
      if (i + 1 < last) {
        g = q.s * above(i + 1);
        above(i + 1) *= q.c;
      }
      rotate(right, i, p);
      rotate(left, i, q);
    }
    above(last - 1) = f;
  }
};

// The smaller singular value of [f g; 0 h] (as LAPACK's las2).
inline double smaller_of_two(double f, double g, double h) {
  f = absolute(f), g = absolute(g), h = absolute(h);
  const double least = f < h ? f : h, most = f < h ? h : f;
  if (least == 0) return 0;
  if (g < most) {
    const double a = 1 + least / most, b = (most - least) / most, c = g / most * (g / most);
    return least * (2 / (root(a * a + c) + root(b * b + c)));
  }
  const double ratio = most / g;
  if (ratio == 0) return least * most / g;
  const double a = (1 + least / most) * ratio, b = (most - least) / most * ratio;
  return 2 * (least * (1 / (root(1 + a * a) + root(1 + b * b)))) * ratio;
}

// Makes d the singular values, in any order, and e zero; the rows of left and right (first + i for row i of the matrix)
// take the rotations. With `wide` the matrix has a column more, and right a row more, which becomes the vector that the
// matrix takes to zero. Returns how many values have not converged.
template <class T>
int64_t bidiagonal_qr(int64_t n, bool wide, double* d, double* e, Vectors<T> left, Vectors<T> right, int64_t first) {
  if (wide) {
    // To lower bidiagonal form, and back.
    for (int64_t i = 0; i < n; i++) {
      const Rotation p(d[i], e[i]);
      d[i] = p.r;
      e[i] = i + 1 < n ? p.s * d[i + 1] : 0;
      if (i + 1 < n) d[i + 1] *= p.c;
      right.rotate(first + i, first + i + 1, p.c, p.s);
    }
    for (int64_t i = 0; i + 1 < n; i++) {
      const Rotation q(d[i], e[i]);
      d[i] = q.r;
      e[i] = q.s * d[i + 1];
      d[i + 1] *= q.c;
      left.rotate(first + i, first + i + 1, q.c, q.s);
    }
  }

  constexpr double unit = sizeof(T) == 4 ? 0x1p-24 : 0x1p-53, tolerance = 16 * unit;
  double largest = 0;
  for (int64_t i = 0; i < n; i++) {
    if (absolute(d[i]) > largest) largest = absolute(d[i]);
    if (i + 1 < n && absolute(e[i]) > largest) largest = absolute(e[i]);
  }
  // What is below a lower bound of the smallest value times the tolerance is zero.
  double mu = n > 0 ? absolute(d[0]) : 0, smallest = mu;
  for (int64_t i = 1; i < n && smallest > 0; i++) {
    mu = absolute(d[i]) * (mu / (mu + absolute(e[i - 1])));
    if (mu < smallest) smallest = mu;
  }
  double negligible = tolerance * smallest / root(double(n > 0 ? n : 1));
  if (negligible < 0x1p-1000) negligible = 0x1p-1000;

  constexpr int64_t most_sweeps = 6;
  int64_t work = most_sweeps * n * n;
  int64_t last = n - 1, old_from = -1, old_to = -1, step = 1;
  while (last > 0) {
    if (work < 0) {
      int64_t left_over = 0;
      for (int64_t i = 0; i + 1 < n; i++) left_over += e[i] != 0;
      return left_over;
    }
    if (absolute(d[last]) <= negligible) d[last] = 0;
    int64_t from = last;
    while (from > 0) {
      if (absolute(e[from - 1]) <= negligible) {
        e[from - 1] = 0;
        break;
      }
      from--;
      if (absolute(d[from]) <= negligible) d[from] = 0;
    }
    if (from == last) {
      last--;
      continue;
    }
    // From the larger end to the smaller.
    if (from >= old_to || last <= old_from) step = absolute(d[from]) >= absolute(d[last]) ? 1 : -1;
    old_from = from, old_to = last;
    const bool down = step == 1;
    const Sweep<T> sweep = {
        down ? d + from : d + last, down ? e + from : e + last - 1, step, last - from, down ? left : right,
        down ? right : left,        first + (down ? from : last)};
    double least;
    if (sweep.split(tolerance, least)) continue;

    double most = 0;
    for (int64_t i = from; i <= last; i++) {
      if (absolute(d[i]) > most) most = absolute(d[i]);
      if (i < last && absolute(e[i]) > most) most = absolute(e[i]);
    }
    double shift = 0;
    if (double(n) * tolerance * (least / most) > unit) {
      shift = smaller_of_two(sweep.at(sweep.last - 1), sweep.above(sweep.last - 1), sweep.at(sweep.last));
      const double start = absolute(sweep.at(0));
      if (start > 0 && shift / start * (shift / start) < unit) shift = 0;
    }
    work -= last - from;
    shift == 0 ? sweep.without_shift() : sweep.with_shift(shift);
  }
  return 0;
}

}  // namespace
}  // namespace nabla::NABLA_ISA
