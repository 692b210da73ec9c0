// Derivatives of digamma, in double for every type.
#pragma once
#include "kernels.h"

namespace nabla::NABLA_ISA {
namespace {
namespace special {

// Hurwitz's zeta function for s >= 2 and a > 0: the first terms, and the Euler-Maclaurin formula for the rest.
static inline double hurwitz_zeta(double s, double a) {
  // B(2j) / (2j)!
  constexpr int kTerms = 10;
  constexpr double coefficient[] = {1.0 / 12,
                                    -1.0 / 720,
                                    1.0 / 30240,
                                    -1.0 / 1209600,
                                    1.0 / 47900160,
                                    -691.0 / 1307674368000,
                                    1.0 / 74724249600,
                                    -3617.0 / 10670622842880000,
                                    43867.0 / 5109094217170944000,
                                    -174611.0 / 802857662698291200000.0};
  if (a == __builtin_inf()) return 0;
  double sum = 0;
  for (; a < 10 + s; a += 1) {
    const double term = __builtin_pow(a, -s);
    sum += term;
    if (term <= sum * 1e-18) return sum;
  }
  const double power = __builtin_pow(a, -s);
  sum += power * a / (s - 1) + power / 2;
  double factor = power * s / a;
  for (int j = 0; j < kTerms; j++) {
    sum += coefficient[j] * factor;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (a * a);
  }
  return sum;
}

// The n-th derivative of digamma, n >= 1: (-1)^(n + 1) n! zeta(n + 1, x) (Abramowitz and Stegun 6.4.10). The sum over
// 1 / (x + k)^(n + 1) that zeta is, is parted for x < 0 where x + k changes its sign.
static inline double polygamma(double n, double x) {
  if (!(n >= 1 && n == __builtin_trunc(n))) return __builtin_nan("");
  const double s = n + 1, half = n / 2;
  const bool odd = half != __builtin_trunc(half);
  const double sign = odd ? 1 : -1;
  double value;
  if (x > 0 || x != x) {
    value = hurwitz_zeta(s, x);
  } else {
    const double whole = __builtin_floor(x), rest = x - whole;
    if (rest == 0 || x == whole) return sign * __builtin_inf();
    value = hurwitz_zeta(s, rest) + sign * hurwitz_zeta(s, 1 - rest) - sign * hurwitz_zeta(s, 1 - x);
  }
  for (double k = 2; k <= n && value != 0 && __builtin_fabs(value) < __builtin_inf(); k++) value *= k;
  return sign * value;
}

}  // namespace special
}  // namespace
}  // namespace nabla::NABLA_ISA
