// Functions of float64 vectors. A lane's result depends on that lane alone.
//
// The arithmetic behind most of them is that of sums of two doubles (Dekker, "A floating-point technique for extending
// the available precision", 1971), used where a rounding would show in the result. Coefficients and constants are
// those of scripts/fit-polynomials.py, unless a source is named. Errors are the worst that test/accuracy found,
// in units in the last place, on x86-64-v2, v3 and v4 alike where no set is named.
#pragma once
#include "erf_table.h"
#include "vec.h"

namespace nabla::NABLA_ISA {
namespace {
namespace simd {
namespace math_f64 {

constexpr double kInf = __builtin_inf();
constexpr double kNan = __builtin_nan("");
constexpr double kLeastNormal = 0x1p-1022;
constexpr double kGreatest = 0x1.fffffffffffffp1023;
// Added to a number of less than 2^51, it leaves the nearest integer in the low bits.
constexpr double kRound = 0x1.8p52;

// Numbers are as good as vectors.
NABLA_INLINE F64 select(I64 mask, double x, F64 y) { return nabla::NABLA_ISA::select(mask, splat(x), y); }
NABLA_INLINE F64 select(I64 mask, F64 x, double y) { return nabla::NABLA_ISA::select(mask, x, splat(y)); }
NABLA_INLINE F64 select(I64 mask, double x, double y) { return nabla::NABLA_ISA::select(mask, splat(x), splat(y)); }
NABLA_INLINE F64 select(I64 mask, F64 x, F64 y) { return nabla::NABLA_ISA::select(mask, x, y); }

// NaN stays NaN: of two operands that do not compare, the instructions give the second.
#if defined(__AVX512F__)
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm512_maskz_min_pd(0xff, splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm512_maskz_max_pd(0xff, splat(limit), x); }
#elif defined(__AVX2__)
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm256_min_pd(splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm256_max_pd(splat(limit), x); }
#elif defined(__SSE4_1__)
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm_min_pd(splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm_max_pd(splat(limit), x); }
#else
NABLA_INLINE F64 at_most(F64 x, double limit) { return select(x > limit, limit, x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return select(x < limit, limit, x); }
#endif

NABLA_INLINE F64 minus_abs(F64 x) { return bits<F64>(bits<I64>(x) | INT64_MIN); }

// z - x y
#if defined(__AVX512F__)
NABLA_INLINE F64 sub_product(F64 z, F64 x, F64 y) { return _mm512_fnmadd_pd(x, y, z); }
#elif defined(__AVX2__)
NABLA_INLINE F64 sub_product(F64 z, F64 x, F64 y) { return _mm256_fnmadd_pd(x, y, z); }
#else
NABLA_INLINE F64 sub_product(F64 z, F64 x, F64 y) { return mul_add(-x, y, z); }
#endif

NABLA_INLINE F64 flip_sign(F64 x, I64 sign_bit) { return bits<F64>(bits<I64>(x) ^ sign_bit); }

// c0 + c1 x + c2 x^2 + ..., as a polynomial in x^2 of pairs: half as many steps wait for each other as in Horner's
// form.
NABLA_INLINE F64 polynomial_of_pairs(F64, F64, double c0) { return splat(c0); }
template <class... More>
NABLA_INLINE F64 polynomial_of_pairs(F64 x, F64 square, double c0, double c1, More... more) {
  const F64 pair = mul_add(x, splat(c1), splat(c0));
  if constexpr (sizeof...(more) == 0) {
    return pair;
  } else {
    return mul_add(polynomial_of_pairs(x, square, more...), square, pair);
  }
}
template <class... More>
NABLA_INLINE F64 polynomial(F64 x, double c0, More... more) {
  return polynomial_of_pairs(x, x * x, c0, more...);
}

// As fast as the instruction for it, where there is one.
NABLA_INLINE F64 gather(const double* table, I64 index) {
  F64 y;
  for (int l = 0; l < kVecLanes<double>; l++) y[l] = table[index[l]];
  return y;
}

// Sums of two doubles.

// hi + lo, where lo is at most about a unit in the last place of hi.
struct Two {
  F64 hi, lo;
};

NABLA_INLINE Two two(double hi, double lo) { return {splat(hi), splat(lo)}; }

// x + y exactly, if |x| >= |y| or x = 0.
NABLA_INLINE Two fast_sum(F64 x, F64 y) {
  const F64 sum = x + y;
  return {sum, y - (sum - x)};
}

// x + y exactly (Knuth).
NABLA_INLINE Two exact_sum(F64 x, F64 y) {
  const F64 sum = x + y, of_y = sum - x;
  return {sum, (x - (sum - of_y)) + (y - of_y)};
}

// x y exactly. Without fma the factors are split in halves; the last bit of the product of the lower halves may be
// lost.
NABLA_INLINE Two exact_product(F64 x, F64 y) {
  const F64 product = x * y;
  if constexpr (kFused) {
    return {product, mul_add(x, y, -product)};
  } else {
    const F64 x_hi = bits<F64>(bits<I64>(x) & -(int64_t(1) << 27)), x_lo = x - x_hi;
    const F64 y_hi = bits<F64>(bits<I64>(y) & -(int64_t(1) << 27)), y_lo = y - y_hi;
    return {product, ((x_hi * y_hi - product) + x_hi * y_lo + x_lo * y_hi) + x_lo * y_lo};
  }
}

NABLA_INLINE F64 rounded(Two x) { return x.hi + x.lo; }
// The same sum with a lo of less than half a unit in the last place of hi.
NABLA_INLINE Two settled(Two x) { return fast_sum(x.hi, x.lo); }

NABLA_INLINE Two operator-(Two x) { return {-x.hi, -x.lo}; }
NABLA_INLINE Two operator+(Two x, F64 y) {
  const Two sum = exact_sum(x.hi, y);
  return fast_sum(sum.hi, sum.lo + x.lo);
}
NABLA_INLINE Two operator+(Two x, Two y) {
  const Two hi = exact_sum(x.hi, y.hi), lo = exact_sum(x.lo, y.lo);
  const Two sum = fast_sum(hi.hi, hi.lo + lo.hi);
  return fast_sum(sum.hi, sum.lo + lo.lo);
}
NABLA_INLINE Two operator-(Two x, Two y) { return x + -y; }
NABLA_INLINE Two operator*(Two x, F64 y) {
  const Two product = exact_product(x.hi, y);
  return fast_sum(product.hi, mul_add(x.lo, y, product.lo));
}
NABLA_INLINE Two operator*(Two x, Two y) {
  const Two product = exact_product(x.hi, y.hi);
  return fast_sum(product.hi, mul_add(x.hi, y.lo, mul_add(x.lo, y.hi, product.lo)));
}

// x - q y, where q is nearly x / y.
NABLA_INLINE F64 remainder(Two x, F64 q, Two y) {
  const F64 of_lo = sub_product(x.lo, q, y.lo);
  if constexpr (kFused) return sub_product(x.hi, q, y.hi) + of_lo;
  const Two back = exact_product(q, y.hi);
  return (x.hi - back.hi) - back.lo + of_lo;
}
NABLA_INLINE Two operator/(Two x, Two y) {
  const F64 inverse = 1.0 / y.hi, quotient = x.hi * inverse;
  return fast_sum(quotient, remainder(x, quotient, y) * inverse);
}
// The quotient, rounded.
NABLA_INLINE F64 ratio(Two x, Two y) {
  const F64 inverse = 1.0 / y.hi, quotient = x.hi * inverse;
  return mul_add(remainder(x, quotient, y), inverse, quotient);
}
NABLA_INLINE Two sqrt(Two x) {
  const F64 root = nabla::NABLA_ISA::sqrt(x.hi);
  const Two back = exact_product(root, root);
  return {root, select(root == 0.0, 0.0, ((x.hi - back.hi) - back.lo + x.lo) / (root + root))};
}
NABLA_INLINE Two select(I64 mask, Two x, Two y) { return {select(mask, x.hi, y.hi), select(mask, x.lo, y.lo)}; }

// Powers of two.

// 2^k for integers -1022 <= k <= 1023.
NABLA_INLINE F64 power_of_two(F64 k) { return bits<F64>(bits<I64>(k + (kRound + 1023)) << 52); }

// x 2^k, rounded once, for integers |k| <= 2000 and 2^-60 < |x| < 2^60, or k = 0.
NABLA_INLINE F64 scale(F64 x, F64 k) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_pd(0xff, x, k);
#else
  if (!any_lane(~(abs(k) <= 960.0))) return bits<F64>(bits<I64>(x) + (bits<I64>(k + kRound) << 52));
  const F64 half = (k * 0.5 + kRound) - kRound;
  return x * power_of_two(half) * power_of_two(k - half);
#endif
}

// The same for k <= 0, where what is subnormal may as well be 0.
NABLA_INLINE Two scale_down(Two x, F64 k) {
#if defined(__AVX512F__)
  return {scale(x.hi, k), scale(x.lo, k)};
#else
  const F64 power = power_of_two(at_least(k, -1000.0));
  return {x.hi * power, x.lo * power};
#endif
}

// Exponentials.

// e^x = 2^k e^r, |r| <= ln(2) / 2.
struct Reduced {
  F64 k;
  Two r;
};

// Of |x| < 1500.
NABLA_INLINE Reduced reduce_exp(F64 x) {
  const F64 k = mul_add(x, splat(1.4426950408889634), splat(kRound)) - kRound;
  // The first part of ln(2) has 33 bits: its multiples are exact.
  const F64 hi = mul_add(k, splat(-0.6931471806019545), x), lo = k * -4.2009150726810846e-11;
  const F64 r = hi - lo;
  return {k, {r, (hi - r) - lo}};
}

NABLA_INLINE Reduced reduce_exp(Two x) {
  const Reduced e = reduce_exp(x.hi);
  return {e.k, exact_sum(e.r.hi, e.r.lo + x.lo)};
}

// e^r - 1 - r, of |r| <= ln(2) / 2.
NABLA_INLINE F64 exp_rest(F64 r) {
  return r * r *
         polynomial(r, 0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326127, 0.0013888888888882905,
                    0.0001984126987484558, 2.4801587327801084e-05, 2.7557255368562957e-06, 2.755727122863106e-07,
                    2.5105230170824773e-08, 2.0915581025151344e-09);
}

// e^r - 1 within 2^-57 of e^r.
NABLA_INLINE Two expm1_reduced(Two r) { return fast_sum(r.hi, exp_rest(r.hi) + mul_add(r.lo, r.hi, r.lo)); }

NABLA_INLINE Two exp_reduced(Two r) {
  const Two t = expm1_reduced(r), y = fast_sum(splat(1.0), t.hi);
  return {y.hi, y.lo + t.lo};
}

NABLA_INLINE F64 expm1_rounded(Two r) { return r.hi + (exp_rest(r.hi) + r.lo); }
NABLA_INLINE F64 exp_rounded(Two r) { return 1.0 + expm1_rounded(r); }

// e^x = 2^k e^r.
// Worst error 0.88.
NABLA_INLINE F64 exp(F64 x) {
  const Reduced e = reduce_exp(at_least(at_most(x, 720.0), -760.0));
  return scale(exp_rounded(e.r), e.k);
}

// 2^x = 2^k e^(ln(2) (x - k)).
// Worst error 0.88 (v2), 0.86 (v3, v4).
NABLA_INLINE F64 exp2(F64 x) {
  const F64 bounded = at_least(at_most(x, 1030.0), -1100.0), k = rint(bounded);
  const Two r = two(0.6931471805599453, 2.3190468138462996e-17) * (bounded - k);
  return scale(exp_rounded(r), k);
}

// 2^k ((e^r - 1) + (1 - 2^-k)).
// Worst error 1.05.
NABLA_INLINE F64 expm1(F64 x) {
  const Reduced e = reduce_exp(at_least(at_most(x, 720.0), -40.0));
  const Two t = expm1_reduced(e.r), y = fast_sum(1.0 - power_of_two(at_least(-e.k, -1000.0)), t.hi);
  return select(x == 0.0, x, scale(y.hi + (y.lo + t.lo), e.k));
}

// above / below 2^k
struct Quotient {
  Two above, below;
  F64 k;
};

// The logistic function 1 / (1 + e^-|x|), or e^-|x| / (1 + e^-|x|) of negative x, given e^-|x|.
NABLA_INLINE Quotient logistic(I64 negative, Reduced e) {
  const F64 t = expm1_rounded(e.r);
  const Two y = fast_sum(splat(1.0), t), small = scale_down(y, e.k);
  const Two sum = fast_sum(splat(1.0), small.hi);
  return {select(negative, y, two(1.0, 0.0)), {sum.hi, sum.lo + small.lo}, select(negative, e.k, 0.0)};
}

// The quotient with a step of Newton's, so that e^-|x| is rounded into the result only.
// Worst error 0.88.
NABLA_INLINE F64 sigmoid(F64 x) {
  const Quotient l = logistic(x < 0.0, reduce_exp(at_least(minus_abs(x), -800.0)));
  return scale(ratio(l.above, l.below), l.k);
}

// x times a factor that falls to 0 at -inf: rounded once where it is subnormal; NaN at -inf, as in PyTorch.
NABLA_INLINE F64 times(F64 x, Two factor, F64 k) {
  const F64 bounded = at_least(at_most(x, 1000.0), -1000.0);
  Two product = exact_product(factor.hi, bounded);
  // Without fma the rounding error of a subnormal product is not to be had.
  if constexpr (!kFused) product.lo = select(abs(x) < 0x1p-900, 0.0, product.lo);
  const F64 y = scale(product.hi + mul_add(factor.lo, bounded, product.lo), k);
  return select((x == 0.0) | (x > 1000.0), x, select(x == -kInf, kNan, copy_sign(y, x)));
}

// x sigmoid(x).
// Worst error 1.02.
NABLA_INLINE F64 silu(F64 x) {
  const Quotient l = logistic(x < 0.0, reduce_exp(at_least(minus_abs(x), -800.0)));
  return times(x, l.above / l.below, l.k);
}

// x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
// Worst error 0.94.
NABLA_INLINE F64 gelu_tanh(F64 x) {
  const F64 size = at_most(abs(x), 25.0);
  const Two slope = two(-1.5957691216057308, 9.96930880911092e-17) +
                    exact_product(size, size) * two(-0.07135481627260025, 6.175149918155315e-19);
  const Quotient l = logistic(x < 0.0, reduce_exp(slope * size));
  return times(x, l.above / l.below, l.k);
}

// Logarithms.

// x = 2^exponent m, sqrt(1/2) <= m < sqrt(2), of a positive normal x.
struct Significand {
  F64 x, exponent;
};
NABLA_INLINE Significand significand(F64 x) {
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  const I64 shifted = bits<I64>(x) + (0x3ff0000000000000 - kRootHalf);
  const I64 biased = bits<I64>(bits<U64>(shifted) >> 52) | bits<I64>(splat(0x1p52));
  return {bits<F64>((shifted & 0xfffffffffffff) + kRootHalf), bits<F64>(biased) - (0x1p52 + 1023)};
}
// lo 2^-exponent, of u = hi + lo. (It counts for nothing where the exponent is 1023 or 1024.)
NABLA_INLINE F64 significand_lo(F64 lo, Significand m) { return lo * power_of_two(at_least(-m.exponent, -1022.0)); }

// log(u 2^k), within 2^-56 of itself or of log(2), of a positive normal sum u. With f = u 2^-n - 1 and s = f / (2 + f),
// log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)), as in fdlibm's e_log.c.
template <bool with_lo = true>
NABLA_INLINE Two log_sum(Two u, F64 k) {
  const Significand m = significand(u.hi);
  const F64 n = m.exponent + k, f = m.x - 1.0;
  const F64 s = f / (2.0 + f), z = s * s;
  const Two half_square = exact_product(f * 0.5, f);
  const Two head = fast_sum(f, -half_square.hi);
  const F64 r = z * polynomial(z, 0.666666666666667, 0.3999999999989924, 0.2857142862609589, 0.2222221111514416,
                               0.18182890556695602, 0.1533167403016786, 0.1461703754879165);
  F64 tail = mul_add(n, splat(-4.2009150726810846e-11), head.lo + mul_add(s, half_square.hi + r, -half_square.lo));
  // lo / (1 + f), where 1 / (1 + f) = 1 - 2 s + 2 s^2 - ...
  if constexpr (with_lo) tail += significand_lo(u.lo, m) * mul_add(s + s, s - 1.0, splat(1.0));
  const Two sum = fast_sum(n * 0.6931471806019545, head.hi);
  return fast_sum(sum.hi, sum.lo + tail);
}

// The same within 2^-65 of itself: log(1 + f) = s (2 + z (2/3 + z (2/5 + z T(z)))), z = s^2.
NABLA_INLINE Two log_precise(Two u, F64 k) {
  const Significand m = significand(u.hi);
  const F64 n = m.exponent + k;
  const Two f = fast_sum(m.x - 1.0, significand_lo(u.lo, m));
  const Two s = f / (f + splat(2.0)), z = s * s;
  const F64 tail =
      z.hi * polynomial(z.hi, 0.2857142857142857, 0.2222222222222295, 0.18181818181299614, 0.15384615525187234,
                        0.13333314647056682, 0.11766051672505168, 0.10472858263128923, 0.10617532765504996);
  const Two fifth = fast_sum(splat(0.4), tail - 2.2204460492503132e-17);
  const Two series = s * (z * (z * fifth + two(0.6666666666666666, 3.700743415417188e-17)) + splat(2.0));
  return Two{n * 0.6931471806019545, n * -4.2009150726810846e-11} + series;
}

// y, where y is the logarithm of a positive finite x, with the values for every other x.
NABLA_INLINE F64 log_special(F64 x, F64 y) {
  y = select(x == 0.0, -kInf, y);
  y = select(x == kInf, x, y);
  return select(x >= 0.0, y, kNan);
}

// Of any x: finish(log_sum of x).
template <class Finish>
NABLA_INLINE F64 log_with(F64 x, Finish finish) {
  const I64 ordinary = (x >= kLeastNormal) & (x <= kGreatest);
  if (!any_lane(~ordinary)) return finish(log_sum<false>({x, F64{}}, F64{}));
  const I64 small = x < kLeastNormal;
  return log_special(x, finish(log_sum<false>({select(small, x * 0x1p54, x), F64{}}, select(small, -54.0, 0.0))));
}

// log_sum, rounded.
// Worst error 0.67 (v2), 0.66 (v3, v4).
NABLA_INLINE F64 log(F64 x) {
  return log_with(x, [](Two l) { return rounded(l); });
}
// log(x) / log(2).
// Worst error 0.75 (v2), 0.72 (v3, v4).
NABLA_INLINE F64 log2(F64 x) {
  return log_with(x, [](Two l) { return rounded(l * two(1.4426950408889634, 2.0355273740931033e-17)); });
}
// log(x) / log(10).
// Worst error 0.64.
NABLA_INLINE F64 log10(F64 x) {
  return log_with(x, [](Two l) { return rounded(l * two(0.4342944819032518, 1.098319650216765e-17)); });
}

// The logarithm of the exact sum 1 + x.
// Worst error 0.88.
NABLA_INLINE F64 log1p(F64 x) {
  const Two u = exact_sum(splat(1.0), x);
  const F64 y = rounded(log_sum(u, F64{}));
  return select(x == 0.0, x, log_special(u.hi, y));
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
// Worst error 1.13.
NABLA_INLINE F64 softplus(F64 x) {
  const Reduced e = reduce_exp(at_least(minus_abs(x), -800.0));
  const Two y = exp_reduced(e.r), small = scale_down(y, e.k);
  const Two u = fast_sum(splat(1.0), small.hi);
  const Two l = log_sum({u.hi, u.lo + small.lo}, F64{}), sum = exact_sum(at_least(x, 0.0), l.hi);
  // Where the sum is e^x, it may be subnormal.
  return select(x == kInf, x, select(x < -40.0, scale(rounded(y), e.k), sum.hi + (sum.lo + l.lo)));
}

// Hyperbolic functions.

// e^x + e^-x or their difference, halved: 2^(k - 1) (e^r +- 2^-2k e^-r).
template <int sign>
NABLA_INLINE F64 hyperbolic(F64 size) {
  const Reduced e = reduce_exp(at_most(size, 720.0));
  const Two y = exp_reduced(e.r);
  const F64 other = power_of_two(at_least(e.k * -2.0, -1000.0)) / y.hi;
  const Two sum = fast_sum(y.hi, sign * other);
  return scale(sum.hi + (sum.lo + y.lo), e.k - 1.0);
}

// Below 1 Taylor's series to x^19.
// Worst error 0.86 (v2), 0.78 (v3, v4).
NABLA_INLINE F64 sinh(F64 x) {
  const F64 size = abs(x), z = x * x;
  const F64 series = polynomial(z, 1.0 / 6, 1.0 / 120, 1.0 / 5040, 1.0 / 362880, 1.0 / 39916800, 1.0 / 6227020800,
                                1.0 / 1307674368000, 1.0 / 355687428096000, 1.0 / 121645100408832000);
  return select(size < 1.0, mul_add(x * z, series, x), copy_sign(hyperbolic<-1>(size), x));
}

// hyperbolic.
// Worst error 0.88.
NABLA_INLINE F64 cosh(F64 x) { return hyperbolic<1>(abs(x)); }

// -m / (2 + m), m = e^(-2 |x|) - 1, with the sign of x.
// Worst error 0.80.
NABLA_INLINE F64 tanh(F64 x) {
  const Reduced e = reduce_exp(at_least(minus_abs(x) * 2.0, -40.0));
  const Two t = expm1_reduced(e.r);
  // m = power (e^r - 1) + (power - 1)
  const F64 power = power_of_two(e.k), head = power - 1.0;
  const Two m = fast_sum(head, power * t.hi), sum = fast_sum(splat(2.0), m.hi);
  const F64 lo = m.lo + mul_add(power, t.lo, power - (head + 1.0));
  return copy_sign(ratio({m.hi, lo}, {sum.hi, sum.lo + lo}), x);
}

// log(|x| + sqrt(x^2 + 1)) with the sign of x; log(2 |x|) where x is large, Taylor's series where it is small.
// Worst error 0.65 (v2), 0.61 (v3, v4).
NABLA_INLINE F64 asinh(F64 x) {
  const F64 size = abs(x), z = x * x;
  const I64 large = size > 1e9, small = size < 0x1p-10;
  const F64 bounded = select(large, 1.0, size);
  const Two u = sqrt(exact_product(bounded, bounded) + splat(1.0)) + bounded;
  const F64 y = rounded(
      log_sum({select(large, at_most(size, kGreatest), u.hi), select(large, 0.0, u.lo)}, select(large, 1.0, 0.0)));
  const F64 series = polynomial(z, -1.0 / 6, 3.0 / 40, -15.0 / 336);
  return copy_sign(select(small, mul_add(size * z, series, size), select(size <= kGreatest, y, size)), x);
}

// log(x + sqrt(x^2 - 1)); log(2 x) where x is large.
// Worst error 0.57.
NABLA_INLINE F64 acosh(F64 x) {
  const I64 large = x > 1e9;
  const F64 bounded = select(large, 2.0, x);
  const Two u = sqrt(exact_product(bounded, bounded) + splat(-1.0)) + bounded;
  const F64 y =
      rounded(log_sum({select(large, at_most(x, kGreatest), u.hi), select(large, 0.0, u.lo)}, select(large, 1.0, 0.0)));
  return select(x > 1.0, select(x <= kGreatest, y, x), select(x == 1.0, 0.0, kNan));
}

// log((1 + x) / (1 - x)) / 2; Taylor's series where x is small.
// Worst error 0.66 (v2), 0.65 (v3, v4).
NABLA_INLINE F64 atanh(F64 x) {
  const F64 size = abs(x), z = x * x, one = splat(1.0);
  const F64 y = rounded(log_sum(fast_sum(one, size) / fast_sum(one, -size), F64{})) * 0.5;
  const F64 series = polynomial(z, 1.0 / 3, 1.0 / 5, 1.0 / 7);
  const F64 edge = select(size == 1.0, kInf, kNan);
  return select(size < 0x1p-10, mul_add(x * z, series, x), copy_sign(select(size < 1.0, y, edge), x));
}

// Powers and roots.

// e^(y log |x|), with the sign of an odd power of a negative number.
// Worst error 0.84.
NABLA_INLINE F64 pow(F64 x, F64 y) {
  const F64 size = abs(x);
  const I64 small = size < kLeastNormal;
  const Two normal = {select(small, size * 0x1p54, size), F64{}};
  Two l = log_precise(normal, select(small, -54.0, 0.0));
  const I64 edge = (size == 0.0) | (size == kInf);
  l.hi = select(edge, select(size == 0.0, -kInf, kInf), l.hi);
  // No |log x| but 0 is less than 2^-54: beyond 2^64, all y are alike.
  const F64 bounded = at_least(at_most(y, 0x1p64), -0x1p64);
  const Two product = exact_product(l.hi, bounded);
  const F64 hi = at_least(at_most(product.hi, 720.0), -760.0);
  const F64 lo = mul_add(l.lo, bounded, product.lo);
  const Reduced e = reduce_exp(Two{hi, select(hi == product.hi, lo, 0.0)});
  F64 power = scale(exp_rounded(e.r), e.k);
  const I64 integer = trunc(y) == y, odd = integer & (trunc(y * 0.5) != y * 0.5);
  power = flip_sign(power, bits<I64>(x) & odd & INT64_MIN);
  power = select((x < 0.0) & (size < kInf) & ~integer, kNan, power);
  power = select((x != x) | (y != y), kNan, power);
  return select((x == 1.0) | (y == 0.0), 1.0, power);
}

// A root and a quotient.
// Worst error 1.50.
NABLA_INLINE F64 rsqrt(F64 x) { return 1.0 / nabla::NABLA_ISA::sqrt(x); }

// The method and coefficients of FreeBSD's s_cbrt.c: a third of the exponent, a polynomial to 23 bits, a step of
// Newton's from 26 bits, whose square is exact.
// Worst error 0.82.
NABLA_INLINE F64 cbrt(F64 x) {
  const I64 small = abs(x) < kLeastNormal;
  const F64 size = select(small, abs(x) * 0x1p54, abs(x));
  const F64 high = bits<F64>(bits<I64>(bits<U64>(size) >> 32) | bits<I64>(splat(0x1p52))) - 0x1p52;
  F64 t = bits<F64>(bits<I64>(high * (1.0 / 3) + 715094163.0 + kRound) << 32);
  const F64 r = t * t * (t / size);
  t *= mul_add(r * r * r, mul_add(r, splat(0.145996192886612446982), splat(-0.758397934778766047437)),
               polynomial(r, 1.87595182427177009643, -1.88497979543377169875, 1.621429720105354466140));
  t = bits<F64>((bits<I64>(t) + (int64_t(1) << 27)) & -(int64_t(1) << 28));
  const F64 quotient = size / (t * t);
  t = mul_add(t, (quotient - t) / (t + t + quotient), t);
  t = select(small, t * 0x1p-18, t);
  return select((x == 0.0) | ~(abs(x) < kInf), x, copy_sign(t, x));
}

// The root of the squares' exact sum.
// Worst error 0.51.
NABLA_INLINE F64 hypot(F64 x, F64 y) {
  const F64 p = abs(x), q = abs(y);
  const F64 large = select(p < q, q, p), small = select(p < q, p, q);
  const I64 huge = large > 0x1p500, tiny = large < 0x1p-450;
  const F64 factor = select(huge, 0x1p-600, select(tiny, 0x1p600, 1.0));
  const F64 back = select(huge, 0x1p600, select(tiny, 0x1p-600, 1.0));
  const F64 a = large * factor, b = small * factor;
  const Two squares = exact_product(a, a) + exact_product(b, b);
  const F64 root = select(large == 0.0, 0.0, rounded(sqrt(squares)) * back);
  return select((p == kInf) | (q == kInf), kInf, select((p != p) | (q != q), kNan, root));
}

// The remainder of x / y with the sign of x, exactly. A lane whose quotient has more than 52 bits is left to libm.
NABLA_INLINE F64 fmod(F64 x, F64 y) {
  const F64 p = abs(x), q = abs(y);
  const F64 quotient = trunc(p / q);
  const Two product = exact_product(quotient, q);
  F64 rest = (p - product.hi) - product.lo;
  // The quotient, rounded, may be one too large.
  rest = copy_sign(select(rest < 0.0, rest + q, rest), x);
  const I64 other = ~((quotient < 0x1p52) & (q >= 0x1p-900) & (q < 0x1p1000) & (p < 0x1p1000));
  if (any_lane(other)) {
    for (int l = 0; l < kVecLanes<double>; l++) {
      if (other[l]) rest[l] = __builtin_fmod(x[l], y[l]);
    }
  }
  return rest;
}

// Trigonometric functions.

// sin and cos of |r| <= pi / 4, within 2^-56.
NABLA_INLINE Two sin_reduced(Two r) {
  const F64 z = r.hi * r.hi;
  const F64 cubic = r.hi * z *
                    polynomial(z, -0.16666666666666666, 0.008333333333330948, -0.0001984126983675712,
                               2.755731610179909e-06, -2.5051131688000297e-08, 1.5918117983848815e-10);
  return fast_sum(r.hi, cubic + mul_add(r.lo * z, splat(-0.5), r.lo));
}
NABLA_INLINE Two cos_reduced(Two r) {
  const Two z = exact_product(r.hi, r.hi);
  const Two head = fast_sum(splat(1.0), z.hi * -0.5);
  const F64 rest = z.hi * z.hi *
                   polynomial(z.hi, 0.041666666666666664, -0.0013888888888887398, 2.4801587298764778e-05,
                              -2.7557317271258515e-07, 2.0876146170183976e-09, -1.1382625349447592e-11);
  return {head.hi, head.lo + (rest - mul_add(r.hi, r.lo, z.lo * 0.5))};
}

// x = n pi / 2 + r.
struct Quadrant {
  I64 n;  // its two lowest bits
  Two r;
};

// Of one number beyond 2^20 (Payne and Hanek, "Radian reduction for trigonometric functions", 1983): of the bits of
// 2 / pi, those that make multiples of 4 are left out and 192 others enough. x 2 / pi - n = hi + lo.
[[gnu::noinline, gnu::cold]] static int64_t reduce_large(double x, double* hi, double* lo) {
  // 64 zeros, then the bits of 2 / pi.
  static constexpr uint64_t kBits[] = {0,
                                       0xa2f9836e4e441529,
                                       0xfc2757d1f534ddc0,
                                       0xdb6295993c439041,
                                       0xfe5163abdebbc561,
                                       0xb7246e3a424dd2e0,
                                       0x06492eea09d1921c,
                                       0xfe1deb1cb129a73e,
                                       0xe88235f52ebb4484,
                                       0xe99c7026b45f7e41,
                                       0x3991d639835339f4,
                                       0x9c845f8bbdf9283b,
                                       0x1ff897ffde05980f,
                                       0xef2f118b5a0a6d1f,
                                       0x6d367ecf27cb09b7,
                                       0x4f463f669e5fea2d,
                                       0x7527bac7ebe5f17b,
                                       0x3d0739f78a5292ea,
                                       0x6bfb5fb11f8d5d08,
                                       0x56033046fc7b6bab,
                                       0xf0cfbc209af4361d};
  int64_t word;
  memcpy(&word, &x, sizeof(word));
  const int exponent = int(word >> 52 & 0x7ff) - 1075;  // |x| = significand 2^exponent
  const uint64_t significand = (uint64_t(word) & 0xfffffffffffff) | 0x10000000000000;
  const int start = exponent + 62;  // The bit of weight 2, after the product with 2^exponent.
  uint64_t part[3];
  for (int i = 0; i < 3; i++) {
    const int at = (start >> 6) + i, shift = start & 63;
    part[i] = shift ? kBits[at] << shift | kBits[at + 1] >> (64 - shift) : kBits[at];
  }
  using U128 = unsigned __int128;
  const U128 low = U128(significand) * part[2];
  const U128 middle = U128(significand) * part[1] + uint64_t(low >> 64);
  const uint64_t high = significand * part[0] + uint64_t(middle >> 64);
  U128 fraction = (U128(high) << 64 | uint64_t(middle)) << 2 | uint64_t(low) >> 62;
  uint64_t n = high >> 62;
  const bool above = fraction >> 127;
  if (above) {
    n++;
    fraction = -fraction;
  }
  const bool negative = above != (word < 0);
  const double head = double(fraction);
  const double tail = double(__int128(fraction - U128(head)));
  *hi = (negative ? -head : head) * 0x1p-128;
  *lo = (negative ? -tail : tail) * 0x1p-128;
  return word < 0 ? -int64_t(n) : int64_t(n);
}

// Up to 2^20 by the parts of pi / 2 (Cody and Waite).
NABLA_INLINE Quadrant reduce_quadrant(F64 x) {
  const F64 shifted = mul_add(x, splat(0.6366197723675814), splat(kRound)), n = shifted - kRound;
  Quadrant result = {bits<I64>(shifted), {}};
  if constexpr (kFused) {
    const F64 first = mul_add(n, splat(-1.5707963267948966), x);  // exact
    const Two second = exact_product(n, splat(6.123233995736766e-17));
    const Two r = exact_sum(first, -second.hi);
    result.r = {r.hi, r.lo - mul_add(n, splat(-1.4973849048591698e-33), second.lo)};
  } else {
    // Three parts of 33 bits, whose multiples are exact, and the rest.
    const F64 first = x - n * 1.5707963267341256;
    const Two second = exact_sum(first, n * -6.077100506303966e-11);
    const Two third = exact_sum(second.hi, n * -2.0222662487111665e-21);
    result.r = {third.hi, second.lo + third.lo - n * 8.4784276603689e-32};
  }
  const I64 large = ~(abs(x) <= 0x1p20);
  if (any_lane(large)) {
    Two turn = {};
    for (int l = 0; l < kVecLanes<double>; l++) {
      double hi = kNan, lo = kNan;
      if (large[l] && x[l] - x[l] == 0) result.n[l] = reduce_large(x[l], &hi, &lo);
      turn.hi[l] = hi;
      turn.lo[l] = lo;
    }
    result.r = select(large, turn * two(1.5707963267948966, 6.123233995736766e-17), result.r);
  }
  return result;
}

// The sine of n quarter turns and r.
NABLA_INLINE Two sin_quadrant(Quadrant a) {
  const Two y = select((a.n & 1) != 0, cos_reduced(a.r), sin_reduced(a.r));
  const I64 sign = (a.n & 2) << 62;
  return {flip_sign(y.hi, sign), flip_sign(y.lo, sign)};
}

// The sine or the cosine of the reduced angle.
// Worst error 0.88.
NABLA_INLINE F64 sin(F64 x) { return select(x == 0.0, x, rounded(sin_quadrant(reduce_quadrant(x)))); }

// The sine of one quarter turn more.
// Worst error 0.89.
NABLA_INLINE F64 cos(F64 x) {
  const Quadrant a = reduce_quadrant(x);
  return rounded(sin_quadrant({a.n + 1, a.r}));
}

// The quotient of sine and cosine.
// Worst error 1.06.
NABLA_INLINE F64 tan(F64 x) {
  const Quadrant a = reduce_quadrant(x);
  const Two s = sin_reduced(a.r), c = settled(cos_reduced(a.r));
  const I64 odd = (a.n & 1) != 0;
  const F64 y = ratio(select(odd, c, s), select(odd, s, c));
  return select(x == 0.0, x, flip_sign(y, odd & INT64_MIN));
}

// asin(x) / x - 1 of z = x^2 <= 1/4.
NABLA_INLINE F64 asin_rest(F64 z) {
  return z * polynomial(z, 0.16666666666666669, 0.07499999999998433, 0.04464285714635543, 0.030381944138531247,
                        0.02237217294214989, 0.017352392720869973, 0.013971212973552933, 0.011479177415184906,
                        0.01032281435018578, 0.005457506718640358, 0.01740087944269402, -0.014851887071247204,
                        0.028757851367421566);
}

// Of |x| > 1/2, asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)): that root, and z.
struct Half {
  Two root;
  F64 z;
};
NABLA_INLINE Half asin_half(F64 size) {
  const F64 z = (1.0 - size) * 0.5;
  return {sqrt(Two{z, F64{}}), z};
}

// Up to 1/2 a polynomial, above by the half argument.
// Worst error 0.67 (v2), 0.64 (v3, v4).
NABLA_INLINE F64 asin(F64 x) {
  const F64 size = abs(x);
  const I64 large = size > 0.5;
  const Half half = asin_half(size);
  const F64 rest = asin_rest(select(large, half.z, x * x));
  const Two sum = fast_sum(splat(1.5707963267948966), half.root.hi * -2.0);
  const F64 y = sum.hi + (sum.lo + (6.123233995736766e-17 - 2.0 * mul_add(half.root.hi, rest, half.root.lo)));
  return select(large, copy_sign(y, x), mul_add(x, rest, x));
}

// pi / 2 - asin(x), by the same halves.
// Worst error 0.65 (v2), 0.62 (v3, v4).
NABLA_INLINE F64 acos(F64 x) {
  const F64 size = abs(x);
  const I64 large = size > 0.5;
  const Half half = asin_half(size);
  const F64 rest = asin_rest(select(large, half.z, x * x));
  const Two middle = fast_sum(splat(1.5707963267948966), -x);
  const F64 between = middle.hi + (middle.lo + mul_add(-x, rest, splat(6.123233995736766e-17)));
  const F64 tail = mul_add(half.root.hi, rest, half.root.lo);
  const Two left = fast_sum(splat(3.141592653589793), half.root.hi * -2.0);
  const F64 outside = select(x < 0.0, left.hi + (left.lo + mul_add(tail, splat(-2.0), splat(1.2246467991473532e-16))),
                             2.0 * (half.root.hi + tail));
  return select(large, outside, between);
}

// atan(y / x) of 0 <= y <= x: atan(c) + atan((y - c x) / (x + c y)) for c = 0, 1/2 or 1, as in fdlibm's s_atan.c. Both
// differences are exact.
NABLA_INLINE Two atan_ratio(F64 y, F64 x) {
  const I64 above = y >= x * 0.4375, far = y >= x * 0.6875;
  const F64 c = select(above, select(far, 1.0, 0.5), 0.0);
  const F64 t = (y - c * x) / (x + c * y), z = t * t;
  const Two head = select(far, two(0.7853981633974483, 3.061616997868383e-17),
                          select(above, two(0.4636476090008061, 2.2698777452961687e-17), two(0.0, 0.0)));
  const Two sum = fast_sum(head.hi, t);
  return {sum.hi, sum.lo + mul_add(-t * z,
                                   polynomial(z, 0.33333333333333326, -0.19999999999987714, 0.14285714283138384,
                                              -0.11111110899821627, 0.09090900168668452, -0.07692086789119736,
                                              0.06663232236816255, -0.05847669756799626, 0.050336850838998956,
                                              -0.03781854858641458, 0.017539916204913773),
                                   head.lo)};
}

// atan_ratio of x and 1, or pi / 2 less that of 1 and x.
// Worst error 0.78.
NABLA_INLINE F64 atan(F64 x) {
  const F64 size = abs(x);
  const I64 large = size > 1.0;
  const Two a = atan_ratio(select(large, 1.0, size), select(large, size, 1.0));
  const Two from = fast_sum(splat(1.5707963267948966), -a.hi);
  const F64 y = select(large, from.hi + (from.lo + (6.123233995736766e-17 - a.lo)), rounded(a));
  return select(size == kInf, copy_sign(splat(1.5707963267948966), x), copy_sign(y, x));
}

// atan_ratio of the smaller and the larger, moved to its octant.
// Worst error 1.44.
NABLA_INLINE F64 atan2(F64 y, F64 x) {
  const F64 p = abs(y), q = abs(x);
  const I64 steep = p > q;
  F64 small = select(steep, q, p), large = select(steep, p, q);
  // Two infinities are as two ones, one infinity is as 1 and 0, and so are two zeros.
  const I64 infinite = large == kInf;
  small = select(infinite, select(p == q, 1.0, 0.0), small);
  large = select(infinite | (large == 0.0), 1.0, large);
  // Away from the ends of the range.
  const F64 factor = select(large > 0x1p1000, 0x1p-60, select(large < 0x1p-900, 0x1p120, 1.0));
  Two a = atan_ratio(small * factor, large * factor);
  const Two quarter = two(1.5707963267948966, 6.123233995736766e-17);
  const Two half = two(3.141592653589793, 1.2246467991473532e-16);
  const I64 left = bits<I64>(x) < 0;
  const Two from = select(steep, quarter, half);
  Two away = fast_sum(from.hi, -a.hi);
  away.lo += from.lo - a.lo;
  Two beyond = fast_sum(quarter.hi, a.hi);
  beyond.lo += quarter.lo + a.lo;
  a = select(steep & left, beyond, select(steep | left, away, a));
  return select((x != x) | (y != y), kNan, copy_sign(rounded(a), y));
}

// The error function.

// Below 7/16 a polynomial; above, Taylor's series about c = k / 64, from a table of erf(c) and its slope there.
// Worst error 0.85 (v2), 0.79 (v3, v4).
NABLA_INLINE F64 erf(F64 x) {
  const F64 size = at_most(abs(x), 6.0), shifted = size + kRound / 64, c = shifted - kRound / 64, d = size - c;
  // Of NaN, any entry.
  const I64 index = bits<I64>(select(size <= 6.0, shifted, kRound / 64)) & 0x1ff;
  const F64 z = c * c;
  const F64 c7 = polynomial(z, -15.0 / 630, 90.0 / 630, -60.0 / 630, 8.0 / 630);
  const F64 c6 = c * polynomial(z, -15.0 / 90, 20.0 / 90, -4.0 / 90);
  const F64 c5 = polynomial(z, 3.0 / 30, -12.0 / 30, 4.0 / 30);
  const F64 c4 = c * polynomial(z, 0.5, -1.0 / 3);
  const F64 c3 = polynomial(z, -1.0 / 3, 2.0 / 3);
  F64 series = mul_add(c7, d, c6);
  series = mul_add(series, d, c5);
  series = mul_add(series, d, c4);
  series = mul_add(series, d, c3);
  series = mul_add(series, d, -c);
  const F64 step = gather(kErfSlope, index) * mul_add(series, d * d, d);
  const F64 far = gather(kErfHead, index) + (gather(kErfTail, index) + step);
  const F64 near = mul_add(x,
                           polynomial(x * x, 0.1283791670955126, -0.3761263890318372, 0.11283791670950659,
                                      -0.02686617064271529, 0.005223977559937798, -0.0008548317037534255,
                                      0.00012054437335223674, -1.4878687310257797e-05, 1.5124026269431489e-06),
                           x);
  return select(size < 0.4375, near, copy_sign(far, x));
}

// erfc(a) = 2^k above / below, a >= 0, given a^2 = square: (1 + 9/8 a) e^(a^2) erfc(a) is nearly a polynomial in
// (a - 4) / (a + 4) (Shepherd and Laframboise, "Chebyshev approximation of (1 + 2 x) exp(x^2) erfc x in 0 <= x <
// infinity", 1981).
NABLA_INLINE Quotient erfc_quotient(Two a, Two square) {
  const F64 t = (a.hi - 4.0) / (a.hi + 4.0);
  const F64 rest =
      t * polynomial(t, -0.19187914955539176, 0.10434091383446463, -0.033558201786780435, -0.009163084533402258,
                     0.025115050343243114, -0.023617493542617142, 0.015287501115914351, -0.0073348600664499206,
                     0.0024808650039919496, -0.00043576829854757984, -7.752608906820653e-05, 7.485690309042056e-05,
                     -1.4559326011599519e-05, -5.026048200936798e-06, 3.0370637037748495e-06, 4.558343949140864e-08,
                     -4.268887153140688e-07, 4.635946377912842e-08, 5.747734829919121e-08, -5.708202193236374e-09,
                     -6.6500792412554515e-09, -7.12720976645832e-10);
  const Two factor = fast_sum(splat(0.7534970169378377), rest);
  const Reduced e = reduce_exp(-square);
  const Two ninths = fast_sum(a.hi, a.hi * 0.125), below = exact_sum(splat(1.0), ninths.hi);
  return {exp_reduced(e.r) * factor, {below.hi, below.lo + mul_add(a.lo, splat(1.125), ninths.lo)}, e.k};
}

// 2 - erfc(-x) of negative x.
// Worst error 1.43 (v2), 1.41 (v3, v4).
NABLA_INLINE F64 erfc(F64 x) {
  const F64 size = at_most(abs(x), 28.0);
  const Quotient q = erfc_quotient({size, F64{}}, exact_product(size, size));
  const F64 y = ratio(q.above, q.below);
  return select(x < 0.0, 2.0 - y * power_of_two(at_least(q.k, -1000.0)), scale(y, q.k));
}

// x Phi(x), where Phi(-|x|) = erfc(|x| / sqrt(2)) / 2.
// Worst error 1.45 (v2), 1.41 (v3, v4).
NABLA_INLINE F64 gelu(F64 x) {
  const F64 size = at_most(abs(x), 40.0);
  const Two square = exact_product(size, size * 0.5);
  const Quotient q = erfc_quotient(two(0.7071067811865476, -4.833646656726457e-17) * size, square);
  const I64 negative = x < 0.0;
  const Two whole = q.above / q.below, half = {whole.hi * 0.5, whole.lo * 0.5};
  const Two small = scale_down(half, q.k);
  const Two other = fast_sum(splat(1.0), -small.hi);
  return times(x, select(negative, half, Two{other.hi, other.lo - small.lo}), select(negative, q.k, 0.0));
}

// The gamma function and its derivatives.

// sin and cos of pi z, z >= 0, without the sign.
struct Sincos {
  Two sin, cos;
};
NABLA_INLINE Sincos sincos_pi(F64 z) {
  const F64 n = rint(z + z);
  const Two r = two(3.141592653589793, 1.2246467991473532e-16) * mul_add(n, splat(-0.5), z);
  const I64 odd = rint(n * 0.5) != n * 0.5;
  const Two s = sin_reduced(r), c = settled(cos_reduced(r));
  // The sine grows where the cosine falls: the sign of their quotient changes with each quarter.
  return {select(odd, c, s), select(odd, -s, c)};
}

// z (z + 1) ... (z + 9) takes 0 <= z < 10 to y = z + 10, where Stirling's series serves. With w = z^2 + 10 z,
// (z + i) (z + 10 - i) = w + i (10 - i): P = (z + 1) ... (z + 9) / (z + 5) = a b, a = (w + 9) (w + 16),
// b = (w + 21) (w + 24).
struct Shift {
  I64 small;
  Two y, w, a, b;
};
NABLA_INLINE Shift shift_by_ten(F64 z) {
  const I64 small = z < 10.0;
  const F64 bounded = select(small, z, 0.0);
  const Two y = exact_sum(bounded, splat(10.0)), w = y * bounded;
  return {small, select(small, y, Two{z, F64{}}), w, (w + splat(9.0)) * (w + splat(16.0)),
          (w + splat(21.0)) * (w + splat(24.0))};
}

// Stirling's series for log(gamma(y)), y >= 10: (y - 1/2) (log(y) - 1) + (log(2 pi) - 1) / 2 + 1/12 y - ... For
// negative x the reflection gamma(x) gamma(-x) = -pi / (x sin(pi x)).
// Worst error 0.86, below 1 in units of its last place.
NABLA_INLINE F64 lgamma(F64 x) {
  const F64 z = abs(x);
  // About 0 both sides are -log(z).
  const I64 negative = x < -0x1p-60;
  const Shift shift = shift_by_ten(z);
  const Two y = shift.y, one = two(1.0, 0.0);
  const F64 v = 1.0 / y.hi;
  const F64 series = v * polynomial(v * v, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360,
                                    1.0 / 156, -3617.0 / 122400, 43867.0 / 244188);
  const Two stirling = (y + splat(-0.5)) * (log_precise(y, F64{}) + splat(-1.0)) +
                       two(0.4189385332046728, 1.6728209650585413e-17) + series;
  const Two factors = select(shift.small, shift.a * shift.b * exact_sum(splat(5.0), select(shift.small, z, 0.0)), one);
  // What stirling exceeds the result by is the logarithm of this.
  const I64 subnormal = z < kLeastNormal;
  Two divisor = select(shift.small, factors * select(subnormal, z * 0x1p54, z), one);
  if (any_lane(negative)) {
    const Two sine = sincos_pi(z).sin;
    const Two size = select(sine.hi < 0.0, -sine, sine);
    divisor = select(negative, factors / select(shift.small, size, size * z), divisor);
  }
  const Two difference = stirling - log_precise(divisor, select(subnormal, -54.0, 0.0));
  F64 result = rounded(select(negative, two(1.1447298858494002, 1.0265951162707826e-17) - difference, difference));
  // Beside the zeros at 1 and 2, with small relative error.
  const I64 middle = (x > 0.75) & (x < 2.25);
  if (any_lane(middle)) {
    const F64 ratio =
        polynomial(x - 1.5, 0.4831289505409809, -0.14595989591430647, 0.06291140107456519, -0.03130848750092654,
                   0.01679709863113224, -0.009425622453850183, 0.005446457848031207, -0.0032120739180646844,
                   0.0019229160373489393, -0.0011644171170903893, 0.0007115239678842453, -0.0004379678507002471,
                   0.00027125945821454783, -0.0001690795228186739, 0.00010574344252911686, -6.545899167837097e-05,
                   4.12241768409347e-05, -2.911233378843883e-05, 1.8482842345794902e-05, -4.739087210078095e-06,
                   2.9574140792897808e-06, -1.279018876303753e-05, 8.238673783903078e-06, 5.755868730369783e-06,
                   -3.730903402740958e-06, -4.139375192593543e-06, 2.6728277340884955e-06);
    result = select(middle, (x - 1.0) * ((x - 2.0) * ratio) + 0.0, result);
  }
  result = select(x >= 2.5599833278516387e305, kInf, result);
  const I64 pole = (x <= 0.0) & (rint(x) == x);
  return select(pole | (z == kInf), kInf, result);
}

// The asymptotic series of log(gamma(y))', y >= 10, and the sum of 1 / (z + i), i = 1 ... 9. For negative x the
// reflection digamma(-z) = digamma(1 + z) + pi cot(pi z).
// Worst error 1.28, below 1 in units of its last place.
NABLA_INLINE F64 digamma(F64 x) {
  const F64 z = abs(x);
  const I64 negative = x < 0.0;
  const Shift shift = shift_by_ten(z);
  const Two y = shift.y, one = two(1.0, 0.0);
  const F64 v = 1.0 / y.hi, u = v * v;
  const F64 series = mul_add(v, splat(-0.5),
                             -u * polynomial(u, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760,
                                             1.0 / 12, -3617.0 / 8160, 43867.0 / 14364));
  const Two asymptotic = log_precise(y, F64{}) + series;
  // P'(w) = (2 w + 25) b + (2 w + 45) a; the sum is (P + 2 (w + 25) P') / ((z + 5) P).
  const Two w = shift.w, product = shift.a * shift.b;
  const Two slope = (w * splat(2.0) + splat(25.0)) * shift.b + (w * splat(2.0) + splat(45.0)) * shift.a;
  const Two sum = (product + (w + splat(25.0)) * splat(2.0) * slope) /
                  (product * exact_sum(splat(5.0), select(shift.small, z, 0.0)));
  Two inverse = one / Two{z, F64{}};
  inverse.lo = select(inverse.hi < kInf, inverse.lo, 0.0);
  // digamma(1 + z)
  const Two next = select(shift.small, asymptotic - sum, asymptotic + inverse);
  Two result = next - inverse;
  if (any_lane(negative)) {
    const Sincos a = sincos_pi(z);
    result = select(negative, next + a.cos / a.sin * two(3.141592653589793, 1.2246467991473532e-16), result);
  }
  F64 rest = rounded(result);
  rest = select(z < 0x1p-60, -1.0 / x, rest);
  rest = select(x == kInf, kInf, rest);
  return select(negative & (rint(x) == x), kNan, rest);
}

// The derivative of digamma, by the same series and shift: trigamma(-z) = pi^2 / sin(pi z)^2 - trigamma(1 + z).
// Worst error 1.74.
NABLA_INLINE F64 trigamma(F64 x) {
  const F64 z = abs(x);
  // About 0 both sides are 1 / z^2.
  const I64 small = z < 10.0, negative = x < -0x1p-60;
  const F64 near = select(small, z, 0.0);
  const Two beyond = exact_sum(near, splat(10.0)), y = select(small, beyond, Two{z, F64{}}), one = two(1.0, 0.0);
  // The series is v.hi and what follows it, of which v.lo matters beside other terms only.
  const Two v = one / y;
  const F64 u = v.hi * v.hi;
  const F64 follows = mul_add(u * v.hi,
                              polynomial(u, 1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6,
                                         -3617.0 / 510, 43867.0 / 798),
                              mul_add(u, splat(0.5), select(small, v.lo, 0.0)));
  // 1 / (z + i)^2 + 1 / (z + 10 - i)^2 = 2 (w + 50 - i (10 - i)) / (w + i (10 - i))^2
  const F64 w = (beyond * near).hi, fifth = 1.0 / (near + 5.0);
  const auto pair = [w](double i) { return 2.0 * (w + (50.0 - i)) / ((w + i) * (w + i)); };
  const Two sum = exact_sum(pair(16) + pair(9), mul_add(fifth, fifth, pair(24)) + pair(21));
  // trigamma(1 + z), which lacks the term 1 / z^2.
  const Two inverse = one / Two{z, F64{}}, square = inverse * inverse;
  Two next = exact_sum(v.hi, select(small, sum.hi, -square.hi));
  next.lo += follows + select(small, sum.lo, 0.0);
  const Two whole = exact_sum(square.hi, next.hi);
  const F64 shifted = whole.hi + (whole.lo + (next.lo + square.lo));
  F64 result = select(small, select(square.hi < kInf, shifted, kInf), v.hi + follows);
  if (any_lane(negative)) {
    const Two cosecant = two(3.141592653589793, 1.2246467991473532e-16) / sincos_pi(z).sin;
    result = select(negative, rounded(cosecant * cosecant - next), result);
  }
  result = select((x <= 0.0) & (rint(x) == x), kInf, result);
  return select(z == kInf, select(x > 0.0, 0.0, kNan), result);
}

}  // namespace math_f64

using math_f64::acos;
using math_f64::acosh;
using math_f64::asin;
using math_f64::asinh;
using math_f64::atan;
using math_f64::atan2;
using math_f64::atanh;
using math_f64::cbrt;
using math_f64::cos;
using math_f64::cosh;
using math_f64::digamma;
using math_f64::erf;
using math_f64::erfc;
using math_f64::exp;
using math_f64::exp2;
using math_f64::expm1;
using math_f64::fmod;
using math_f64::gelu;
using math_f64::gelu_tanh;
using math_f64::hypot;
using math_f64::lgamma;
using math_f64::log;
using math_f64::log10;
using math_f64::log1p;
using math_f64::log2;
using math_f64::pow;
using math_f64::rsqrt;
using math_f64::sigmoid;
using math_f64::silu;
using math_f64::sin;
using math_f64::sinh;
using math_f64::softplus;
using math_f64::tan;
using math_f64::tanh;
using math_f64::trigamma;

}  // namespace simd
}  // namespace
}  // namespace nabla::NABLA_ISA
