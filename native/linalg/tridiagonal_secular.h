// The eigenvalues of diag(d) + rho * z @ z^T, rho > 0: the roots of the secular equation
//   f(x) = 1 / rho + sum of z[j]^2 / (d[j] - x) = 0.
// One lies behind each d[j]. Roots are found as offsets from the nearest d (the origin), and what is kept of each is
// its row of differences d[j] - x, which have hardly any error even where the root is close to a pole. Steps are those
// of Li (Solving secular equations stably and efficiently, LAPACK working note 89), between bounds that halving keeps
// up.
#pragma once
#include "tridiagonal_ql.h"

namespace nabla::NABLA_ISA {
namespace {

// d rises strictly, and no z is 0. Both are padded to kAlign, z with zeros and d with infinities.
struct SecularEquation {
  int64_t n;
  const double *d, *z;
  double rho;
  double unit;  // the rounding error to aim for
};

// f and its derivative at one place, in the terms before `split` and from there on.
struct SecularValue {
  double before, after, before_slope, after_slope;
};

// Writes the differences from the place that is `offset` behind d[origin] too.
inline SecularValue evaluate(const SecularEquation& q, int64_t split, int64_t origin, double offset,
                             double* differences) {
  constexpr int64_t lanes = kVecLanes<double>;
  const F64 from = splat(q.d[origin]), beyond = splat(offset);
  F64 value[2] = {}, slope[2] = {};
  const auto term = [&](int64_t j, F64& ratio) {
    const F64 difference = (load<F64>(q.d + j) - from) - beyond, z = load<F64>(q.z + j);
    store<F64>(differences + j, difference);
    ratio = z / difference;
    return z * ratio;
  };
  const int64_t whole = split / lanes * lanes;
  int64_t j = 0;
  F64 ratio;
  for (; j < whole; j += lanes) {
    value[0] += term(j, ratio);
    slope[0] = mul_add(ratio, ratio, slope[0]);
  }
  if (whole < split) {
    I64 lane;
    for (int l = 0; l < lanes; l++) lane[l] = j + l;
    const I64 first = lane < splat(split);
    const F64 here = term(j, ratio), zero = {};
    value[0] += select(first, here, zero);
    value[1] += select(first, zero, here);
    slope[0] += select(first, ratio * ratio, zero);
    slope[1] += select(first, zero, ratio * ratio);
    j += lanes;
  }
  for (; j < q.n; j += lanes) {
    value[1] += term(j, ratio);
    slope[1] = mul_add(ratio, ratio, slope[1]);
  }
  return {sum_lanes<double>(value[0]), sum_lanes<double>(value[1]), sum_lanes<double>(slope[0]),
          sum_lanes<double>(slope[1])};
}

// A root of c * x^2 - a * x + b = 0 (b = 0 at x = 0): the one of less size, or (far) that on the side of a / c.
inline double quadratic_root(double a, double b, double c, bool far) {
  const double length = root(size_of(a * a - 4 * b * c));
  if (far ? a >= 0 : a <= 0) return (far ? a + length : a - length) / (2 * c);
  return 2 * b / (far ? a - length : a + length);
}

// Finds root i. Returns false where it does not converge.
inline bool secular_root(const SecularEquation& q, int64_t i, double* differences, double* result) {
  constexpr int most_steps = 100;
  const int64_t n = q.n;
  const double* const d = q.d;
  const double* const z = q.z;
  const double one = 1 / q.rho;
  if (n == 1) {
    const double offset = q.rho * z[0] * z[0];
    differences[0] = -offset;
    *result = d[0] + offset;
    return true;
  }

  // The poles that steps reckon with are those on either side of the root; of the last root, the two before it.
  const bool last = i == n - 1;
  const int64_t left = last ? n - 2 : i, right = left + 1;
  const double gap = d[right] - d[left], left2 = z[left] * z[left], right2 = z[right] * z[right];
  double norm2 = 0;
  if (last) {
    for (int64_t j = 0; j < n; j++) norm2 += z[j] * z[j];
  }
  const double width = last ? q.rho * norm2 * (1 + 0x1p-48) : gap;

  // In the middle of where the root can be, f tells the half that it is in.
  int64_t origin = last ? right : left;
  double offset = width / 2;
  SecularValue f = evaluate(q, right, origin, offset, differences);
  const double middle = one + f.before + f.after;
  double low = 0, high = width / 2;
  {
    // The other terms as they are in the middle; those of the two poles exactly.
    const double c = middle - left2 / differences[left] - right2 / differences[right];
    if (last) {
      if (middle < 0) low = offset, high = width;
      const double a = -c * gap + left2 + right2, b = right2 * gap, length = root(size_of(a * a + 4 * b * c));
      offset = a < 0 ? 2 * b / (length - a) : (a + length) / (2 * c);
    } else if (middle > 0) {
      offset = quadratic_root(c * gap + left2 + right2, left2 * gap, c, false);
    } else {
      origin = right;
      low = -width / 2;
      high = 0;
      offset = quadratic_root(-c * gap + left2 + right2, -right2 * gap, c, false);
    }
  }
  const auto within = [&](double x) { return x > low && x < high; };
  if (!within(offset)) offset = (low + high) / 2;

  double previous = 0;
  bool weighted = !last;  // how the step's curve is fitted: by one pole's true weight, or to both sides' slopes
  for (int step = 0; step < most_steps; step++) {
    f = evaluate(q, right, origin, offset, differences);
    const double value = one + f.before + f.after, slope = f.before_slope + f.after_slope;
    const double error = 8 * (size_of(f.before) + size_of(f.after)) + one + size_of(offset) * slope;
    if (size_of(value) <= q.unit * error) {
      *result = d[origin] + offset;
      return true;
    }
    value < 0 ? low = offset : high = offset;
    if (value * previous > 0 && size_of(value) > size_of(previous) / 10) weighted = !weighted && !last;
    previous = value;

    const double before = differences[left], after = differences[right];
    double c;
    if (!weighted) {
      c = value - before * f.before_slope - after * f.after_slope;
    } else if (origin == left) {
      c = value - after * slope + gap * left2 / (before * before);
    } else {
      c = value - before * slope - gap * right2 / (after * after);
    }
    if (last && c < 0) c = -c;
    const double a = (before + after) * value - before * after * slope, b = before * after * value;
    double change = c != 0 ? quadratic_root(a, b, c, last) : b / a;
    if (!(value * change < 0)) change = -value / slope;
    double next = offset + change;
    // Where steps fail to converge, halving does.
    if (!within(next) || step % 16 == 15) next = (low + high) / 2;
    if (next == offset || !within(next)) {
      *result = d[origin] + offset;
      return true;
    }
    offset = next;
  }
  return false;
}

}  // namespace
}  // namespace nabla::NABLA_ISA
