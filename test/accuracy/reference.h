// The functions in higher precision than that of what is measured: double for float32, Quad for everything.
#pragma once
#include <math.h>

#include <cmath>
#include <limits>

// 113 bits: libquadmath's on x86-64, and long double on arm64.
#ifdef __x86_64__
#include <quadmath.h>
using Quad = __float128;
#define NABLA_LIBM(name) \
  inline Quad name(Quad x) { return name##q(x); }
#define NABLA_LIBM_2(name) \
  inline Quad name(Quad x, Quad y) { return name##q(x, y); }
#else
using Quad = long double;
#define NABLA_LIBM(name)
#define NABLA_LIBM_2(name)
#endif

namespace libm {
#define ONE(name)  \
  using std::name; \
  NABLA_LIBM(name)
#define TWO(name)  \
  using std::name; \
  NABLA_LIBM_2(name)
ONE(exp)
ONE(exp2)
ONE(expm1)
ONE(log)
ONE(log2)
ONE(log10)
ONE(log1p)
ONE(sin)
ONE(cos)
ONE(tan)
ONE(asin)
ONE(acos)
ONE(atan)
ONE(sinh)
ONE(cosh)
ONE(tanh)
ONE(asinh)
ONE(acosh)
ONE(atanh)
ONE(erf)
ONE(erfc)
ONE(cbrt)
ONE(sqrt)
ONE(rint)
ONE(fabs)
ONE(lgamma)
TWO(atan2)
TWO(pow)
TWO(hypot)
TWO(fmod)
#undef ONE
#undef TWO
#ifdef __x86_64__
inline int ilogb(Quad x) { return ilogbq(x); }
inline Quad ldexp(Quad x, int exponent) { return ldexpq(x, exponent); }
#endif
using std::ilogb;
using std::ldexp;
}  // namespace libm

namespace reference {
using namespace libm;

template <class Real>
const Real kPi = 4 * atan(Real(1));

template <class Real>
Real sigmoid(Real x) {
  return 1 / (1 + exp(-x));
}
template <class Real>
Real softplus(Real x) {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}
template <class Real>
Real silu(Real x) {
  return x / (1 + exp(-x));
}
template <class Real>
Real gelu(Real x) {
  return x / 2 * erfc(-x / sqrt(Real(2)));
}
template <class Real>
Real gelu_tanh(Real x) {
  return x / (1 + exp(-2 * sqrt(2 / kPi<Real>) * (x + Real(44715) / 1000000 * x * x * x)));
}
template <class Real>
Real rsqrt(Real x) {
  return 1 / sqrt(x);
}

// The derivatives of log(gamma) by the asymptotic series with Bernoulli's numbers from 40 on, by the recurrence below.
// Negative numbers are reflected.
template <class Real>
const Real kBernoulli[] = {Real(1) / 6,       Real(-1) / 30,       Real(1) / 42,       Real(-1) / 30,
                           Real(5) / 66,      Real(-691) / 2730,   Real(7) / 6,        Real(-3617) / 510,
                           Real(43867) / 798, Real(-174611) / 330, Real(854513) / 138, Real(-236364091) / 2730,
                           Real(8553103) / 6};

template <class Real>
bool is_whole(Real x) {
  return x == rint(x);
}
template <class Real>
Real sin_pi(Real x) {
  return sin(kPi<Real> * (x - rint(x)));
}

template <class Real>
Real lgamma(Real x) {
  if (x <= 0 && is_whole(x)) return std::numeric_limits<double>::infinity();
  if (x < 0) return log(kPi<Real> / fabs(x * sin_pi(x))) - libm::lgamma(-x);
  return libm::lgamma(x);
}
template <class Real>
Real digamma(Real x) {
  if (x == 0) return -1 / x;
  if (x < 0) {
    if (is_whole(x)) return std::numeric_limits<double>::quiet_NaN();
    return digamma(-x) - 1 / x - kPi<Real> / tan(kPi<Real> * (x - rint(x)));
  }
  Real sum = 0;
  for (; x < 40; x += 1) sum -= 1 / x;
  Real power = 1, series = 0;
  for (int k = 1; k <= 13; k++) series += kBernoulli<Real>[k - 1] / (2 * k * (power *= x * x));
  return sum + (log(x) - 1 / (2 * x) - series);
}
template <class Real>
Real trigamma(Real x) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  if (x == -kInf) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0 && is_whole(x)) return kInf;
  if (x < 0) {
    const Real sine = sin_pi(x);
    return kPi<Real> * kPi<Real> / (sine * sine) - trigamma(-x) + 1 / (x * x);
  }
  Real sum = 0;
  for (; x < 40; x += 1) sum += 1 / (x * x);
  Real power = x, series = 0;
  for (int k = 1; k <= 13; k++) series += kBernoulli<Real>[k - 1] / (power *= x * x);
  return sum + (1 / x + 1 / (2 * x * x) + series);
}
}  // namespace reference
