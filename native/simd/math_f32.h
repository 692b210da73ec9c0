// Elementary and special functions of float32 vectors.
//
// Where float32 alone cannot reach the bound, a function widens its lanes to float64 and rounds once at the end: its
// error is then half a unit in the last place and a trace of its polynomials' error. Such kernels stand in namespace
// f32, on float64 lanes that hold float32 values: float64's range spares them overflow, underflow and subnormals, and
// its precision most compensation. Every path is taken per lane, so that a lane's result depends on its own argument
// only.
//
// Errors given are the worst that test/accuracy found, in units in the last place: with fused multiply-add (v3, v4,
// neon), then without (v2). 0.500 is a half and less than a thousandth. Functions of one argument were given all floats
// (test/accuracy/results-f32.md).
//
// Polynomial coefficients, highest degree first, are minimax fits by Remez's algorithm, of the function and on the
// range that each comment names.
#pragma once
#include "math_f64.h"
#include "vec.h"

namespace nabla::NABLA_ISA {
namespace {
namespace simd {
namespace f32 {

constexpr double kInfinity = __builtin_inf();
constexpr float kInfinity32 = __builtin_inff();
constexpr float kNaN32 = __builtin_nanf("");
constexpr double kPi = 3.141592653589793;
constexpr double kLn2 = 0.6931471805599453;
constexpr double kLog2E = 1.4426950408889634;
// Added to a number below 2^51, it leaves the nearest whole number in the low bits of the sum.
constexpr double kRounder = 6755399441055744.0;

struct Halves {
  F64 low, high;
};

#if defined(__AVX512F__)
NABLA_INLINE Halves widen(F32 x) {
  return {_mm512_maskz_cvtps_pd(0xff, _mm512_maskz_extractf32x8_ps(0xff, x, 0)),
          _mm512_maskz_cvtps_pd(0xff, _mm512_maskz_extractf32x8_ps(0xff, x, 1))};
}
NABLA_INLINE F32 narrow(F64 low, F64 high) {
  return __builtin_shufflevector(_mm512_maskz_cvtpd_ps(0xff, low), _mm512_maskz_cvtpd_ps(0xff, high), 0, 1, 2, 3, 4, 5,
                                 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
#elif defined(__AVX2__)
NABLA_INLINE Halves widen(F32 x) {
  return {_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}
NABLA_INLINE F32 narrow(F64 low, F64 high) { return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low)); }
#elif defined(__SSE4_1__)
NABLA_INLINE Halves widen(F32 x) { return {_mm_cvtps_pd(x), _mm_cvtps_pd(_mm_movehl_ps(x, x))}; }
NABLA_INLINE F32 narrow(F64 low, F64 high) { return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high)); }
#else
typedef float HalfF32 __attribute__((vector_size(kVectorBytes / 2)));

NABLA_INLINE Halves widen(F32 x) {
  HalfF32 half[2];
  memcpy(half, &x, sizeof(x));
  return {__builtin_convertvector(half[0], F64), __builtin_convertvector(half[1], F64)};
}
NABLA_INLINE F32 narrow(F64 low, F64 high) {
  const HalfF32 half[2] = {__builtin_convertvector(low, HalfF32), __builtin_convertvector(high, HalfF32)};
  F32 x;
  memcpy(&x, half, sizeof(x));
  return x;
}
#endif

// A float64 kernel on float32 lanes.
template <F64 (*kernel)(F64)>
NABLA_INLINE F32 in_f64(F32 x) {
  const Halves wide = widen(x);
  return narrow(kernel(wide.low), kernel(wide.high));
}
template <F64 (*kernel)(F64, F64)>
NABLA_INLINE F32 in_f64(F32 x, F32 y) {
  const Halves wide_x = widen(x), wide_y = widen(y);
  return narrow(kernel(wide_x.low, wide_y.low), kernel(wide_x.high, wide_y.high));
}

// Horner's scheme.
template <class V, class... C>
NABLA_INLINE V polynomial(V x, double highest, C... lower) {
  using T = decltype(+x[0]);
  V sum = splat(T(highest));
  ((sum = mul_add(sum, x, splat(T(lower)))), ...);
  return sum;
}

// x but at most, or at least, the limit; nan stays.
#if defined(__AVX512F__)
NABLA_INLINE F32 at_most(F32 x, float limit) { return _mm512_maskz_min_ps(0xffff, splat(limit), x); }
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm512_maskz_min_pd(0xff, splat(limit), x); }
NABLA_INLINE F32 at_least(F32 x, float limit) { return _mm512_maskz_max_ps(0xffff, splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm512_maskz_max_pd(0xff, splat(limit), x); }
#elif defined(__AVX2__)
NABLA_INLINE F32 at_most(F32 x, float limit) { return _mm256_min_ps(splat(limit), x); }
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm256_min_pd(splat(limit), x); }
NABLA_INLINE F32 at_least(F32 x, float limit) { return _mm256_max_ps(splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm256_max_pd(splat(limit), x); }
#elif defined(__SSE4_1__)
NABLA_INLINE F32 at_most(F32 x, float limit) { return _mm_min_ps(splat(limit), x); }
NABLA_INLINE F64 at_most(F64 x, double limit) { return _mm_min_pd(splat(limit), x); }
NABLA_INLINE F32 at_least(F32 x, float limit) { return _mm_max_ps(splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return _mm_max_pd(splat(limit), x); }
#else
NABLA_INLINE F32 at_most(F32 x, float limit) { return select(x > limit, splat(limit), x); }
NABLA_INLINE F64 at_most(F64 x, double limit) { return select(x > limit, splat(limit), x); }
NABLA_INLINE F32 at_least(F32 x, float limit) { return select(x < limit, splat(limit), x); }
NABLA_INLINE F64 at_least(F64 x, double limit) { return select(x < limit, splat(limit), x); }
#endif

// e^r - 1 for |r| <= ln(2)/2, to 2^-43 of itself.
NABLA_INLINE F64 expm1_near_0(F64 r) {
  const F64 q =
      polynomial(r, 2.7611952936760527e-06, 2.4876206400975874e-05, 0.0001984123788674201, 0.0013888821606822012,
                 0.008333333334375475, 0.041666666891276, 0.16666666666684524, 0.49999999999797606);
  return mul_add(r * r, q, r);
}
// The whole number that `rounded` = x + kRounder holds, as an exponent of 2 added to y's.
NABLA_INLINE F64 scale(F64 y, F64 rounded) { return bits<F64>(bits<I64>(y) + (bits<I64>(rounded) << 52)); }

// 2^n e^r with n = rint(x / ln(2)), for |x| <= 700.
NABLA_INLINE F64 exp(F64 x) {
  x = at_least(at_most(x, 700), -700);
  const F64 rounded = mul_add(x, splat(kLog2E), splat(kRounder));
  const F64 r = mul_add(rounded - kRounder, splat(-kLn2), x);
  return scale(1 + expm1_near_0(r), rounded);
}
NABLA_INLINE F64 exp2(F64 x) {
  x = at_least(at_most(x, 1000), -1000);
  const F64 rounded = x + kRounder;
  return scale(1 + expm1_near_0((x - (rounded - kRounder)) * kLn2), rounded);
}
// 2^n (e^r - 1) + (2^n - 1).
NABLA_INLINE F64 expm1(F64 x) {
  x = at_least(at_most(x, 700), -700);
  const F64 rounded = mul_add(x, splat(kLog2E), splat(kRounder));
  const F64 r = mul_add(rounded - kRounder, splat(-kLn2), x);
  const F64 power = scale(splat(1.0), rounded);
  return mul_add(power, expm1_near_0(r), power - 1);
}

// x = 2^exponent (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for normal positive x.
struct Binary {
  F64 exponent, f;
};
NABLA_INLINE Binary split(F64 x) {
  constexpr int64_t kOne = 0x3ff0000000000000, kRootHalf = 0x3fe6a09e667f3bcd, kTwo52 = 0x4330000000000000;
  const I64 shifted = bits<I64>(x) + (kOne - kRootHalf);
  const I64 biased = bits<I64>(bits<U64>(shifted) >> 52);
  const I64 mantissa = (shifted & 0xfffffffffffff) + kRootHalf;
  return {bits<F64>(biased | kTwo52) - (4503599627370496.0 + 1023), bits<F64>(mantissa) - 1};
}
// log(1 + f) = log((1 + s) / (1 - s)) with s = f / (2 + f), the fit in s^2 to 2^-59.
NABLA_INLINE F64 log_near_1(F64 f) {
  const F64 s = f / (2 + f), z = s * s;
  const F64 l = polynomial(z, 0.14797449603712234, 0.15313910049251087, 0.18183569424769389, 0.22222198483270636,
                           0.2857142874317574, 0.39999999999411584, 0.6666666666666735);
  return mul_add(s * z, l, 2 * s);
}
// Logarithms of positive finite numbers.
NABLA_INLINE F64 log(F64 x) {
  const Binary b = split(x);
  return mul_add(b.exponent, splat(kLn2), log_near_1(b.f));
}
NABLA_INLINE F64 log2(F64 x) {
  const Binary b = split(x);
  return mul_add(log_near_1(b.f), splat(kLog2E), b.exponent);
}
NABLA_INLINE F64 log10(F64 x) {
  const Binary b = split(x);
  return mul_add(log_near_1(b.f), splat(0.4342944819032518), b.exponent * 0.3010299956639812);
}
// Of x > -1. Where 1 + x has the exponent 0, x itself is f and the rounding of 1 + x is of no account.
NABLA_INLINE F64 log1p(F64 x) {
  const Binary b = split(1 + x);
  return mul_add(b.exponent, splat(kLn2), log_near_1(select(b.exponent == 0, x, b.f)));
}

// A logarithm's values outside of the positive numbers.
NABLA_INLINE F32 log_domain(F32 x, F32 value) {
  value = select(x == kInfinity32, x, value);
  return select(x > 0, value, select(x == 0, splat(-kInfinity32), splat(kNaN32)));
}

// sin(r) for |r| <= pi/2, to 2^-35 of itself.
NABLA_INLINE F64 sin_near_0(F64 r) {
  const F64 z = r * r;
  const F64 s = polynomial(z, -2.3888278391647188e-08, 2.7525348672444608e-06, -0.00019840867508499958,
                           0.008333331103113895, -0.16666666626011511);
  return r * mul_add(z, s, splat(1.0));
}
// The same to 2^-52, for what cancels.
NABLA_INLINE F64 sin_near_0_exactly(F64 r) {
  const F64 z = r * r;
  const F64 s = polynomial(z, -7.373206935759555e-13, 1.6048084283202043e-10, -2.505187992324901e-08,
                           2.755731659513048e-06, -0.00019841269825013994, 0.00833333333328539, -0.16666666666666186);
  return r * mul_add(z, s, splat(1.0));
}

// From this size on, angles are reduced by reduce_large: below it, the products by the whole number n are exact.
constexpr double kLargeAngle = 524288;

// x = quarter pi/2 + rest modulo 2 pi, |rest| <= pi/4, for a float32 x of at least 16: Payne and Hanek's method. x is
// m 2^e with whole m; of the bits of 2/pi only 96 matter, from the first that does not give m 2^e 2/pi a multiple of 4.
struct Angle {
  int quarter;
  double rest;
};
[[gnu::noinline]] static Angle reduce_large(float x) {
  static const uint32_t kTwoOverPi[] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                        0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
  uint32_t word;
  memcpy(&word, &x, sizeof(word));
  const int exponent = int(word >> 23 & 0xff) - 150;
  if (exponent == 255 - 150) return {0, __builtin_nan("")};
  const uint64_t m = (word & 0x7fffff) | 0x800000;
  const int start = exponent + 30;
  const uint32_t* w = kTwoOverPi + (start >> 5);
  const int shift = start & 31;
  const auto window = [&](int i) { return uint32_t((uint64_t(w[i]) << 32 | w[i + 1]) << shift >> 32); };
  const uint64_t product = (uint64_t(window(0)) << 32 | window(1)) * m + (window(2) * m >> 32);
  const uint64_t quarter = (product + (uint64_t(1) << 61)) >> 62;
  const double rest = double(int64_t(product - (quarter << 62))) * (kPi / 2 / 4611686018427387904.0);
  return word >> 31 ? Angle{-int(quarter), -rest} : Angle{int(quarter), rest};
}
// x - n pi, pi as a sum whose first part has 33 bits.
NABLA_INLINE F64 minus_pi(F64 x, F64 n) {
  return mul_add(n, splat(-1.2154201013012384e-10), mul_add(n, splat(-3.1415926534682512), x));
}
// (-1)^n sin(x - n pi) with n = rint(x / pi).
NABLA_INLINE F64 sin(F64 x) {
  const F64 rounded = mul_add(x, splat(1 / kPi), splat(kRounder));
  return bits<F64>(bits<I64>(sin_near_0(minus_pi(x, rounded - kRounder))) ^ (bits<I64>(rounded) << 63));
}
// cos(x) = (-1)^(m + 1) sin(x - n pi) with n = m + 1/2, m = rint(x / pi - 1/2).
NABLA_INLINE F64 cos(F64 x) {
  const F64 rounded = mul_add(x, splat(1 / kPi), splat(-0.5)) + kRounder;
  return bits<F64>(bits<I64>(sin_near_0(minus_pi(x, rounded - kRounder + 0.5))) ^ (~bits<I64>(rounded) << 63));
}
// tan(r) or, if odd, tan(r + pi/2) = -1 / tan(r): sin / cos by fits on |r| <= pi/4 to 2^-47.
NABLA_INLINE F64 tan_near_0(F64 r, I64 odd) {
  const F64 z = r * r;
  const F64 s = polynomial(z, -2.4760163275399876e-08, 2.7555335708967438e-06, -0.00019841263710445185,
                           0.00833333332504532, -0.16666666666630173);
  const F64 c = polynomial(z, 2.0647504320145553e-09, -2.755556354357347e-07, 2.4801580952156765e-05,
                           -0.0013888888878230464, 0.04166666666660192, -0.5, 1);
  const F64 sine = r * mul_add(z, s, splat(1.0));
  return select(odd, -c, sine) / select(odd, sine, c);
}
// With r = x - n pi/2, n = rint(x / (pi/2)).
NABLA_INLINE F64 tan(F64 x) {
  const F64 rounded = mul_add(x, splat(2 / kPi), splat(kRounder)), n = rounded - kRounder;
  const F64 r = mul_add(n, splat(-6.077100506506192e-11), mul_add(n, splat(-1.5707963267341256), x));
  return tan_near_0(r, (bits<I64>(rounded) & 1) != 0);
}

// The value, or in lanes with a large x the sine of x + quarters pi/2.
[[gnu::noinline]] static F32 large_sine(F32 x, F32 value, int quarters) {
  for (int l = 0; l < kVecLanes<float>; l++) {
    if (!(__builtin_fabsf(x[l]) >= float(kLargeAngle))) continue;
    const Angle angle = reduce_large(x[l]);
    const int quarter = angle.quarter + quarters;
    const double rest = quarter & 1 ? kPi / 2 - __builtin_fabs(angle.rest) : angle.rest;
    value[l] = float(sin_near_0(splat(quarter & 2 ? -rest : rest))[0]);
  }
  return value;
}
[[gnu::noinline]] static F32 large_tan(F32 x, F32 value) {
  for (int l = 0; l < kVecLanes<float>; l++) {
    if (!(__builtin_fabsf(x[l]) >= float(kLargeAngle))) continue;
    const Angle angle = reduce_large(x[l]);
    value[l] = float(tan_near_0(splat(angle.rest), splat(int64_t(angle.quarter & 1)) != 0)[0]);
  }
  return value;
}
NABLA_INLINE bool any_large(F32 x) { return __builtin_expect(any_lane(abs(x) >= float(kLargeAngle)), 0); }

// atan(y / x) in [0, pi/2] for y, x >= 0 and not both infinite: the tangent of the angle, less pi/4 or pi/2 where that
// brings it to at most sqrt(2) - 1, and a fit to 2^-49.
NABLA_INLINE F64 atan_ratio(F64 y, F64 x) {
  const I64 steep = y > x * 2.414213562373095, middle = y > x * 0.41421356237309503;
  const F64 numerator = select(steep, -x, select(middle, y - x, y));
  F64 denominator = select(steep, y, select(middle, y + x, x));
  denominator = select((y == 0) & (x == 0), splat(1.0), denominator);
  const F64 t = numerator / denominator, z = t * t;
  const F64 a = polynomial(z, -0.025481053491550082, 0.050380137158822294, -0.06510460059426498, 0.0767435897287717,
                           -0.09089619464229885, 0.11111054687528506, -0.14285712882549717, 0.19999999982844532,
                           -0.33333333333260995);
  const F64 from = select(steep, splat(kPi / 2), select(middle, splat(kPi / 4), F64{}));
  return from + mul_add(t * z, a, t);
}
NABLA_INLINE F64 atan(F64 x) { return copy_sign(atan_ratio(abs(x), splat(1.0)), x); }
NABLA_INLINE F64 atan2(F64 y, F64 x) {
  const I64 diagonal = (abs(y) == kInfinity) & (abs(x) == kInfinity);
  const F64 angle = atan_ratio(select(diagonal, splat(1.0), abs(y)), select(diagonal, splat(1.0), abs(x)));
  // The sign bit and not x < 0: -0 is on the left.
  return copy_sign(select(copy_sign(splat(1.0), x) < 0, kPi - angle, angle), y);
}

// asin(x) for |x| <= 1/2 as x + x^3 B(x^2), to 2^-47; beyond, asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)).
struct Arc {
  F64 asin;      // of |x| or of the root, whichever is at most 1/2
  I64 near_one;  // whether it is the root's
};
NABLA_INLINE Arc arc(F64 a) {
  const I64 near_one = a > 0.5;
  const F64 half = (1 - a) * 0.5;
  const F64 z = select(near_one, half, a * a), x = select(near_one, sqrt(half), a);
  const F64 b = polynomial(z, 0.031538610868670776, -0.007342230736446201, 0.01793278416634572, 0.01255124666760897,
                           0.017549122568020208, 0.02235493368109931, 0.03038287210746692, 0.04464282857324117,
                           0.07500000043437474, 0.16666666666438362);
  return {mul_add(x * z, b, x), near_one};
}
NABLA_INLINE F64 asin(F64 x) {
  const Arc a = arc(abs(x));
  return copy_sign(select(a.near_one, mul_add(a.asin, splat(-2.0), splat(kPi / 2)), a.asin), x);
}
NABLA_INLINE F64 acos(F64 x) {
  const Arc a = arc(abs(x));
  const F64 twice = 2 * a.asin;
  return select(a.near_one, select(x < 0, kPi - twice, twice), kPi / 2 - copy_sign(a.asin, x));
}

NABLA_INLINE F64 sinh(F64 x) {
  const F64 e = expm1(abs(x));
  return copy_sign(0.5 * (e + e / (e + 1)), x);
}
NABLA_INLINE F64 cosh(F64 x) {
  const F64 e = exp(abs(x));
  return 0.5 * (e + 1 / e);
}
NABLA_INLINE F64 tanh(F64 x) {
  const F64 e = expm1(2 * abs(x));
  return copy_sign(e / (e + 2), x);
}
// log(a + sqrt(a^2 + 1)), of |x|.
NABLA_INLINE F64 asinh(F64 x) {
  const F64 a = abs(x), square = a * a;
  return log1p(a + square / (1 + sqrt(square + 1)));
}
NABLA_INLINE F64 acosh(F64 x) {
  const F64 t = x - 1;
  return log1p(t + sqrt(t * (t + 2)));
}
NABLA_INLINE F64 atanh(F64 x) {
  const F64 a = abs(x);
  return 0.5 * log1p(2 * a / (1 - a));
}

NABLA_INLINE F64 sigmoid(F64 x) { return 1 / (1 + exp(-x)); }
NABLA_INLINE F64 silu(F64 x) { return x / (1 + exp(-x)); }
NABLA_INLINE F64 softplus(F64 x) { return select(x > 0, x, F64{}) + log1p(exp(-abs(x))); }
// x (1 + tanh(u)) / 2 = x / (1 + e^(-2 u)), u = sqrt(2/pi) (x + 0.044715 x^3).
NABLA_INLINE F64 gelu_tanh(F64 x) {
  constexpr double kScale = -2 * 0.7978845608028654;
  return x / (1 + exp(x * mul_add(x * x, splat(kScale * 0.044715), splat(kScale))));
}

// erfc(a) = e^(-a^2) g(t) / (1 + 2 a), t = (a - 3) / (a + 3), a fit for 0 <= a <= 10.3 to 2^-41; 2 - erfc(a) for the
// negatives.
NABLA_INLINE F64 erfc(F64 x) {
  const F64 a = at_most(abs(x), 26);
  const F64 inverse = 1 / ((a + 3) * (1 + 2 * a));
  const F64 t = (a - 3) * (1 + 2 * a) * inverse;
  const F64 g = polynomial(t, -4.8359396018659765e-06, -1.9532134081740582e-05, 8.838209632386802e-06,
                           0.00012654921206881647, -0.00010646039681219449, -0.00078066478048048, 0.0018888721804560737,
                           0.0025295781255364183, -0.023770522548468394, 0.06830800783122994, -0.11927366373987348,
                           0.12964515958357584, -0.047562294332848254, -0.13562110613617265, 1.2530080582696317);
  const F64 tail = exp(-a * a) * g * (a + 3) * inverse;
  return select(x < 0, 2 - tail, tail);
}
NABLA_INLINE F64 gelu(F64 x) { return 0.5 * x * erfc(x * -0.7071067811865476); }

// sin(pi a) is sin(pi d) but for its sign, d this distance, which is exact and 0 at whole numbers.
NABLA_INLINE F64 distance_to_whole(F64 a) { return a - rint(a); }

// log|gamma(a)| for a > 0. Below 3 it is log|gamma(y)| with y in [1, 2], a fit of log|gamma(y)| / ((y - 1) (y - 2)) to
// 2^-51, and one step of the recurrence; further on Stirling's series (Abramowitz & Stegun 6.1.41) at a + 5 or, from 8
// on, at a.
NABLA_INLINE F64 lgamma_positive(F64 a) {
  const I64 near = a < 3, below_1 = a < 1, above_2 = a > 2, shifted = a < 8;
  const F64 y = select(below_1, a + 1, select(above_2, a - 1, a)), u = y - 1.5;
  const F64 g =
      polynomial(u, 2.840108474904137e-05, -4.3486218839480266e-05, 3.4920620763352096e-05, -5.6939545673648016e-05,
                 0.00010774759075930527, -0.00017157864679487805, 0.0002708868849406944, -0.00043754659619081886,
                 0.0007115662271394006, -0.001164459357613572, 0.001922913138897123, -0.0032120714526469377,
                 0.005446457961906252, -0.009425622531326852, 0.01679709862886007, -0.03130848749982459,
                 0.06291140107458282, -0.14595989591431105, 0.4831289505409809);
  const F64 z = select(shifted, a + 5, a);
  const F64 l = log(select(near, select(below_1, a, select(above_2, a - 1, splat(1.0))), z));
  const F64 by_fit = mul_add((y - 1) * (y - 2), g, select(below_1, -l, l));
  const F64 product = select(shifted, a * (a + 1) * ((a + 2) * (a + 3)) * (a + 4), splat(1.0));
  const F64 inverse = 1 / z;
  const F64 series = inverse * polynomial(inverse * inverse, 1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680,
                                          1.0 / 1260, -1.0 / 360, 1.0 / 12);
  const F64 by_series = mul_add(z - 0.5, l, 0.9189385332046728 - z) + (series - log(product));
  return select(near, by_fit, by_series);
}
// gamma(a) gamma(-a) = -pi / (a sin(pi a)).
NABLA_INLINE F64 lgamma(F64 x) {
  const F64 a = abs(x);
  F64 value = lgamma_positive(a);
  if (const I64 negative = x < 0; any_lane(negative)) {
    const F64 reflected = log(kPi / (a * abs(sin_near_0_exactly(kPi * distance_to_whole(a))))) - value;
    value = select(negative, reflected, value);
  }
  return value;
}

// digamma(a) for a > 0, as lgamma_positive: between 1 and 2 a fit of digamma(y) / (y - root) to 2^-48, the root as a
// sum of two numbers; the series is Abramowitz & Stegun 6.3.18.
NABLA_INLINE F64 digamma_positive(F64 a) {
  const I64 near = a < 3, below_1 = a < 1, above_2 = a > 2, shifted = a < 8;
  const F64 y = select(below_1, a + 1, select(above_2, a - 1, a)), u = y - 1.5;
  const F64 d = polynomial(u, 0.0005462331907887398, -0.0008039158709858404, 0.0005571751107470205,
                           -0.0008532143443756132, 0.0016044065332062785, -0.002398899736149375, 0.003510734397960674,
                           -0.005270940054734594, 0.007927827157001537, -0.011909124361585557, 0.017907195446930514,
                           -0.026975743659283416, 0.040760835910763245, -0.0619221349506573, 0.09498872441609899,
                           -0.14840492302988711, 0.24054248424104926, -0.42362742128156117, 0.9510558760318326);
  // The recurrence adds 1 / (a - 1), or takes off 1 / a, or 1 / a + ... + 1 / (a + 4): a fraction in any case.
  F64 numerator = splat(1.0), denominator = a;
  for (int i = 1; i < 5; i++) {
    numerator = mul_add(numerator, a + i, denominator);
    denominator = denominator * (a + i);
  }
  numerator = select(near, select(below_1, splat(-1.0), select(above_2, splat(1.0), F64{})),
                     select(shifted, -numerator, F64{}));
  denominator = select(near, select(below_1, a, a - 1), select(shifted, denominator, splat(1.0)));
  denominator = select(denominator == 0, splat(1.0), denominator);
  const F64 steps = numerator / denominator;
  const F64 by_fit = ((y - 1.4616321449683622) - 9.549995429965697e-17) * d;
  const F64 z = select(shifted, a + 5, a), inverse = 1 / z, square = inverse * inverse;
  const F64 series =
      square * polynomial(square, 1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12);
  return steps + select(near, by_fit, log(z) - (0.5 * inverse + series));
}
// digamma(-a) = digamma(a) + 1 / a + pi / tan(pi a). Beside a root more digits are needed than these terms have.
NABLA_INLINE F64 digamma(F64 x) {
  const F64 a = abs(x);
  F64 value = digamma_positive(a);
  if (const I64 negative = x < 0; any_lane(negative)) {
    const F64 r = kPi * distance_to_whole(a);
    const F64 cotangent = sin_near_0_exactly(kPi / 2 - abs(r)) / sin_near_0_exactly(r);
    value = select(negative, value + 1 / a + kPi * cotangent, value);
    if (const I64 root = negative & (abs(value) < 1e-6); any_lane(root)) {
      value = select(root, math_f64::digamma(x), value);
    }
  }
  return value;
}
// trigamma(a) = 1 / a^2 + ... + 1 / (a + 7)^2 + trigamma(a + 8), and Abramowitz & Stegun 6.4.12 from 8 on;
// trigamma(-a) = pi^2 / sin(pi a)^2 + 1 / a^2 - trigamma(a).
NABLA_INLINE F64 trigamma(F64 x) {
  const F64 a = abs(x);
  const I64 shifted = a < 8;
  F64 numerator = splat(1.0), denominator = a * a;
  for (int i = 1; i < 8; i++) {
    const F64 square = (a + i) * (a + i);
    numerator = mul_add(numerator, square, denominator);
    denominator = denominator * square;
  }
  const F64 steps = select(shifted, numerator, F64{}) / select(shifted, denominator, splat(1.0));
  const F64 z = select(shifted, a + 8, a), inverse = 1 / z, square = inverse * inverse;
  const F64 series = polynomial(square, 7.0 / 6, -691.0 / 2730, 5.0 / 66, -1.0 / 30, 1.0 / 42, -1.0 / 30, 1.0 / 6);
  F64 value = steps + mul_add(square * inverse, series, mul_add(square, splat(0.5), inverse));
  if (const I64 negative = x < 0; any_lane(negative)) {
    const F64 sine = sin_near_0_exactly(kPi * distance_to_whole(a)), ratio = kPi / sine;
    value = select(negative, ratio * ratio + 1 / (a * a) - value, value);
  }
  return value;
}

NABLA_INLINE F64 cbrt(F64 x) { return copy_sign(exp2(log2(abs(x)) * (1.0 / 3)), x); }
NABLA_INLINE F64 hypot(F64 x, F64 y) { return sqrt(x * x + y * y); }
// 2^(y log2|x|), as if x were positive.
NABLA_INLINE F64 pow(F64 x, F64 y) {
  const F64 a = abs(x);
  F64 l = log2(a);
  l = select(a == 0, splat(-kInfinity), select(a < kInfinity, l, a));
  // 1 to any power but nan, infinite ones too, is 1.
  return exp2(select((a == 1) & (y == y), F64{}, y * l));
}
// The remainder of |x| by |y|, a quotient of at most 29 bits at a time: so long its product with a 24-bit multiple of y
// is exact.
NABLA_INLINE F64 fmod(F64 x, F64 y) {
  F64 rest = select(abs(x) < kInfinity, abs(x), splat(__builtin_nan("")));
  const F64 by = abs(y);
  for (I64 larger; any_lane(larger = (rest >= by) & (by > 0));) {
    const F64 quotient = rest / by;
    const F64 power = bits<F64>(bits<I64>(quotient) & 0x7ff0000000000000);
    const F64 multiple = by * select(power > 268435456.0, power * (1 / 268435456.0), splat(1.0));
    const F64 left = rest - trunc(rest / multiple) * multiple;
    // The division may have rounded up to the next whole number.
    rest = select(larger, select(left < 0, left + multiple, left), rest);
  }
  return select(by > 0, copy_sign(rest, x), splat(__builtin_nan("")));
}

// The kernels on float32 lanes. Added to a whole number n or one near it, kRounder32 leaves n + 127, the exponent bits
// of 2^n, in the low bits of the sum.
constexpr float kRounder32 = 12582912.0f + 127;

// 2^n of rounded = n + kRounder32, -126 <= n <= 127.
NABLA_INLINE F32 power_of_2(F32 rounded) { return bits<F32>(bits<I32>(rounded) << 23); }
// y 2^n, |n| <= 252, rounded once: n in two parts that are both exponents of normal numbers.
NABLA_INLINE F32 scale(F32 y, F32 rounded) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(0xffff, y, rounded - kRounder32);
#else
  const I32 n = bits<I32>(rounded) - (0x4b400000 + 127), half = n >> 1;
  return y * bits<F32>((half << 23) + 0x3f800000) * bits<F32>(((n - half) << 23) + 0x3f800000);
#endif
}

// x / ln(2) as rounded = n + kRounder32, and x - n ln(2). ln(2) is the sum of a number of 15 bits, whose product with n
// and difference from x are exact, and of kLn2Low, which minus_ln2 leaves out.
constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;
NABLA_INLINE F32 rounded_exponent(F32 x) { return mul_add(x, splat(float(kLog2E)), splat(kRounder32)); }
NABLA_INLINE F32 minus_ln2(F32 x, F32 rounded) { return mul_add(rounded - kRounder32, splat(-kLn2High), x); }
// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, a fit good to 2^-26 of e^r - 1.
NABLA_INLINE F32 expm1_fit(F32 r) {
  return polynomial(r, 1.3882489e-03, 8.366578e-03, 4.16672e-02, 1.6666543e-01, 4.9999997e-01);
}
NABLA_INLINE F32 expm1_near_0(F32 r) { return mul_add(r * r, expm1_fit(r), r); }

// e^x = 2^n (1 + high + low): high is exact, and all rounding in low, which is below 0.07.
struct Exponential {
  F32 rounded, high, low;
};
NABLA_INLINE Exponential exponential(F32 rounded, F32 high) {
  const F32 less = (rounded - kRounder32) * kLn2Low, r = high - less;
  return {rounded, high, mul_add(r * r, expm1_fit(r), -less)};
}
NABLA_INLINE Exponential exponential(F32 x) {
  const F32 rounded = rounded_exponent(x);
  return exponential(rounded, minus_ln2(x, rounded));
}
NABLA_INLINE F32 exp(F32 x) {
  const Exponential e = exponential(at_least(at_most(x, 89), -104));
  return scale(1 + (e.high + e.low), e.rounded);
}
// 2^n 2^r with r = x - n, by a fit of (2^r - 1) / r to 2^-28.
NABLA_INLINE F32 exp2(F32 x) {
  x = at_least(at_most(x, 129), -150);
  const F32 rounded = x + kRounder32, r = x - (rounded - kRounder32);
  const F32 p =
      polynomial(r, 1.5355539e-04, 1.339878e-03, 9.6184295e-03, 5.5503327e-02, 2.4022648e-01, 6.931472e-01, 1);
  return scale(p, rounded);
}
// 2^n (e^r - 1) + (2^n - 1), all halved lest 2^128 overflow, and e^r - 1 itself where n is 0.
NABLA_INLINE F32 expm1(F32 x) {
  const Exponential e = exponential(at_least(at_most(x, 89), -18));
  const F32 t = e.high + e.low, half_power = power_of_2(e.rounded - 1);
  return copy_sign(select(e.rounded == kRounder32, t, 2 * mul_add(half_power, t, half_power - 0.5f)), x);
}

// log(x) = n ln(2) + f + rest with 1 + f = x / 2^n in [sqrt(1/2), sqrt(2)). The fit is of
// (log(1 + f) - f + f^2 / 2) / f^3, good to 2^-27.
struct Logarithm {
  F32 n, f, rest;
};
NABLA_INLINE Logarithm logarithm(F32 x) {
  const I32 small = x < 0x1p-126f;
  const I32 shifted = bits<I32>(select(small, x * 0x1p23f, x)) - 0x3f3504f3;
  const F32 f = bits<F32>((shifted & 0x7fffff) + 0x3f3504f3) - 1, z = f * f;
  const F32 n = __builtin_convertvector(shifted >> 23, F32) - select(small, splat(23.0f), F32{});
  const F32 p = polynomial(f, -7.6351255e-02, 1.2761946e-01, -1.3160135e-01, 1.4201708e-01, -1.6623355e-01,
                           2.0001228e-01, -2.5000823e-01, 3.333333e-01);
  return {n, f, mul_add(f * z, p, -0.5f * z)};
}
// The sum of whole and f with its rounding error, whole being 0 or the larger, and what else there is.
NABLA_INLINE F32 sum_of(F32 whole, F32 f, F32 rest) {
  const F32 sum = whole + f, error = f - (sum - whole);
  return sum + (error + rest);
}
NABLA_INLINE F32 log(F32 x) {
  const Logarithm l = logarithm(x);
  return sum_of(l.n * kLn2High, l.f, mul_add(l.n, splat(kLn2Low), l.rest));
}
// log2(1 + f) = log(1 + f) (1 + 0.44...).
NABLA_INLINE F32 log2(F32 x) {
  const Logarithm l = logarithm(x);
  return sum_of(l.n, l.f, mul_add(l.f + l.rest, splat(0.44269504f), l.rest));
}

// About 1 / x, with a relative error below 2^-14 where the set has that in one instruction. What it lacks is known from
// x times it, and is added to the result with other corrections.
NABLA_INLINE F32 about_inverse(F32 x) {
#if defined(__AVX512F__)
  return _mm512_maskz_rcp14_ps(0xffff, x);
#else
  return 1 / x;
#endif
}

// 1 - 2 / (e^(2 a) + 1) from 0.6 on, where the denominator's rounding error goes into the difference; below, a fit of
// (tanh(a) - a) / a^3 in a^2 to 2^-28.
NABLA_INLINE F32 tanh(F32 x) {
  const F32 a = at_most(abs(x), 10), z = a * a, twice = a + a;
  const F32 p = polynomial(z, -5.8951415e-03, 2.0795966e-02, -5.378383e-02, 1.3331924e-01, -3.33333e-01);
  const F32 near = mul_add(a * z, p, a);
  const F32 rounded = rounded_exponent(twice), power = power_of_2(rounded);
  const F32 part = power * expm1_near_0(mul_add(rounded - kRounder32, splat(-kLn2Low), minus_ln2(twice, rounded)));
  const F32 whole = power + 1, sum = whole + part, error = (whole - sum) + part;
  const F32 inverse = 1 / sum;
  // The difference from 1/2 is exact for most and has a finer unit than that from 1 for all.
  const F32 half = mul_add(inverse * inverse, error + error, 0.5f - (inverse + inverse));
  return copy_sign(select(a < 0.6f, near, half + 0.5f), x);
}

// For any x: sigmoid(x) = quotient 2^-p, p the power of 2 in e^-x or 0, whichever is more: of e^-x = 2^n (1 + t) and 1
// the larger is scaled to about 1, so that neither overflows. The denominator's error and the division's go into the
// quotient.
struct Sigmoid {
  F32 quotient, rounded;
};
NABLA_INLINE Sigmoid sigmoid_scaled(F32 x) {
  const Exponential e = exponential(at_least(at_most(-x, 120), -30));
  const F32 n = e.rounded - kRounder32, power = power_of_2(kRounder32 - at_most(abs(n), 100));
  const I32 large = n > 0;
  const F32 whole = 1 + power, part = select(large, splat(1.0f), power) * (e.high + e.low);
  const F32 sum = whole + part, error = ((whole - sum) + part) + ((1 - whole) + power);
  const F32 inverse = about_inverse(sum);
  const F32 off = mul_add(-inverse, error, mul_add(-inverse, sum, splat(1.0f)));
  return {mul_add(inverse, off, inverse), kRounder32 - select(large, n, F32{})};
}

// The same where neither e^-x nor its inverse leaves the normal numbers: x >= -80.
NABLA_INLINE F32 sigmoid_near(F32 x) {
  const F32 minus = at_least(at_most(-x, 80), -30), rounded = rounded_exponent(minus), power = power_of_2(rounded);
  const F32 part = power * expm1_near_0(mul_add(rounded - kRounder32, splat(-kLn2Low), minus_ln2(minus, rounded)));
  const I32 large = rounded > kRounder32;
  const F32 whole = power + 1, sum = whole + part;
  const F32 error = ((whole - sum) + part) + select(large, (power - whole) + 1, (1 - whole) + power);
  const F32 inverse = about_inverse(sum);
  const F32 off = mul_add(-inverse, error, mul_add(-inverse, sum, splat(1.0f)));
  return mul_add(inverse, off, inverse);
}

// 1 - e^-(a + g(a)) from 0.8 on, g a fit of -log(erfc(a)) - a to 2^-28 of 1; below, a fit of erf(a) / a - 1 in a^2 to
// 2^-28. (The sum a + g is not rounded before ln(2) n is taken off.)
NABLA_INLINE F32 erf(F32 x) {
  const F32 a = at_most(abs(x), 3.95f), z = a * a;
  const F32 p =
      polynomial(z, -6.5364456e-04, 5.0854017e-03, -2.682102e-02, 1.128312e-01, -3.7612602e-01, 1.2837917e-01);
  const F32 g = polynomial(a, -2.0751597e-04, 3.1541958e-03, -2.265841e-02, 1.0480309e-01, 6.3621724e-01, 1.2823154e-01,
                           6.538187e-05);
  const F32 rounded = rounded_exponent(-a - g);
  const Exponential e = exponential(rounded, minus_ln2(-a, rounded) - g);
  const F32 power = power_of_2(e.rounded);
  const F32 far = mul_add(-power, e.high + e.low, 1 - power);
  return copy_sign(select(a < 0.8f, mul_add(a, p, a), far), x);
}

}  // namespace f32

// The functions. Unless a comment says otherwise the kernel in f32 has the method, float64 lanes compute it, and its
// error is 0.500 everywhere.

// In float32: 0.906, 0.928.
NABLA_INLINE F32 exp(F32 x) { return f32::exp(x); }
// In float32: 0.948, 1.227.
NABLA_INLINE F32 exp2(F32 x) { return f32::exp2(x); }
// In float32: 1.588, 1.675.
NABLA_INLINE F32 expm1(F32 x) { return f32::expm1(x); }

// In float32: 0.904, 0.929.
NABLA_INLINE F32 log(F32 x) { return f32::log_domain(x, f32::log(x)); }
// In float32: 1.362, 1.475.
NABLA_INLINE F32 log2(F32 x) { return f32::log_domain(x, f32::log2(x)); }
// These two widen: 0.500.
NABLA_INLINE F32 log10(F32 x) { return f32::log_domain(x, f32::in_f64<f32::log10>(x)); }
NABLA_INLINE F32 log1p(F32 x) {
  const F32 value = select(x == 0, x, f32::in_f64<f32::log1p>(x));
  const F32 below = select(x == -1, splat(-f32::kInfinity32), splat(f32::kNaN32));
  return select(x > -1, select(x == f32::kInfinity32, x, value), below);
}

// sin, cos and tan: reduced by pi or pi/2 in two parts up to 2^19, by Payne and Hanek's method above: 0.500.
NABLA_INLINE F32 sin(F32 x) {
  const F32 value = f32::in_f64<f32::sin>(x);
  return f32::any_large(x) ? f32::large_sine(x, value, 0) : value;
}
NABLA_INLINE F32 cos(F32 x) {
  const F32 value = f32::in_f64<f32::cos>(x);
  return f32::any_large(x) ? f32::large_sine(x, value, 1) : value;
}
NABLA_INLINE F32 tan(F32 x) {
  const F32 value = f32::in_f64<f32::tan>(x);
  return f32::any_large(x) ? f32::large_tan(x, value) : value;
}
NABLA_INLINE F32 asin(F32 x) { return f32::in_f64<f32::asin>(x); }
NABLA_INLINE F32 acos(F32 x) { return f32::in_f64<f32::acos>(x); }
NABLA_INLINE F32 atan(F32 x) { return f32::in_f64<f32::atan>(x); }
NABLA_INLINE F32 atan2(F32 y, F32 x) { return f32::in_f64<f32::atan2>(y, x); }

NABLA_INLINE F32 sinh(F32 x) { return f32::in_f64<f32::sinh>(x); }
NABLA_INLINE F32 cosh(F32 x) { return f32::in_f64<f32::cosh>(x); }
// In float32: 0.932, 0.933.
NABLA_INLINE F32 tanh(F32 x) { return f32::tanh(x); }
NABLA_INLINE F32 asinh(F32 x) {
  return copy_sign(select(abs(x) < f32::kInfinity32, f32::in_f64<f32::asinh>(x), abs(x)), x);
}
NABLA_INLINE F32 acosh(F32 x) {
  const F32 value = select(x < f32::kInfinity32, f32::in_f64<f32::acosh>(x), x);
  return select(x < 1, splat(f32::kNaN32), value);
}
NABLA_INLINE F32 atanh(F32 x) {
  const F32 a = abs(x), beyond = select(a == 1, splat(f32::kInfinity32), splat(f32::kNaN32));
  return copy_sign(select(a < 1, f32::in_f64<f32::atanh>(x), beyond), x);
}

// In float32 where multiplication and addition fuse: 1.000, 0.500.
NABLA_INLINE F32 sigmoid(F32 x) {
  if constexpr (kFused) {
    const F32 near = f32::sigmoid_near(x);
    const I32 far = x < -80.0f;
    if (__builtin_expect(!any_lane(far), 1)) return near;
    const f32::Sigmoid s = f32::sigmoid_scaled(x);
    return select(far, f32::scale(s.quotient, s.rounded), near);
  }
  return f32::in_f64<f32::sigmoid>(x);
}
NABLA_INLINE F32 softplus(F32 x) { return select(x == x, f32::in_f64<f32::softplus>(x), x); }
// At -inf these three are -inf times 0, as in PyTorch: nan. silu as sigmoid: 1.744, 0.500; both gelus 0.500.
NABLA_INLINE F32 silu(F32 x) {
  const F32 value = [&] {
    if constexpr (kFused) {
      const f32::Sigmoid s = f32::sigmoid_scaled(x);
      return f32::scale(s.quotient * f32::at_least(x, -120), s.rounded);
    }
    return f32::in_f64<f32::silu>(x);
  }();
  return select(x == -f32::kInfinity32, splat(f32::kNaN32), value);
}
NABLA_INLINE F32 gelu(F32 x) { return select(x == -f32::kInfinity32, splat(f32::kNaN32), f32::in_f64<f32::gelu>(x)); }
NABLA_INLINE F32 gelu_tanh(F32 x) {
  return select(x == -f32::kInfinity32, splat(f32::kNaN32), f32::in_f64<f32::gelu_tanh>(x));
}

// In float32: 0.963, 0.937.
NABLA_INLINE F32 erf(F32 x) { return f32::erf(x); }
NABLA_INLINE F32 erfc(F32 x) { return f32::in_f64<f32::erfc>(x); }

// +inf at 0 and the negative whole numbers: 0.500, next to the negative roots too.
NABLA_INLINE F32 lgamma(F32 x) {
  const I32 pole = (x <= 0) & (rint(x) == x), infinite = abs(x) == f32::kInfinity32;
  const F32 value = select(x == x, f32::in_f64<f32::lgamma>(x), x);
  return select(pole | infinite, splat(f32::kInfinity32), value);
}
// -inf at 0, +inf at -0 and nan at the negative whole numbers, as in PyTorch: 0.500.
NABLA_INLINE F32 digamma(F32 x) {
  const I32 pole = (x < 0) & (rint(x) == x);
  F32 value = select(x < f32::kInfinity32, f32::in_f64<f32::digamma>(x), x);
  value = select(x == 0, copy_sign(splat(f32::kInfinity32), -x), value);
  return select(pole, splat(f32::kNaN32), value);
}
// +inf at 0 and the negative whole numbers: 0.500.
NABLA_INLINE F32 trigamma(F32 x) {
  const I32 pole = (x <= 0) & (rint(x) == x);
  const F32 value = select(pole, splat(f32::kInfinity32), f32::in_f64<f32::trigamma>(x));
  return select(x == -f32::kInfinity32, splat(f32::kNaN32), value);
}

// In float32, two roundings: 1.490.
NABLA_INLINE F32 rsqrt(F32 x) { return 1 / sqrt(x); }
// 2^(log2|x| / 3): 0.500.
NABLA_INLINE F32 cbrt(F32 x) { return select((x != 0) & (abs(x) < f32::kInfinity32), f32::in_f64<f32::cbrt>(x), x); }
// 2^(y log2|x|) and the special cases of C99's F.9.4.4: 0.500.
NABLA_INLINE F32 pow(F32 x, F32 y) {
  const F32 size = f32::in_f64<f32::pow>(x, y);
  const I32 whole = rint(y) == y, odd = whole & (rint(y * 0.5f) != y * 0.5f);
  const I32 negative = bits<I32>(x) < 0;
  F32 value = select(odd & negative, -size, size);
  value = select((x < 0) & ~whole & (x > -f32::kInfinity32), splat(f32::kNaN32), value);
  return select((x == 1) | (y == 0), splat(1.0f), value);
}
// An infinite side makes it infinite, whatever the other is.
NABLA_INLINE F32 hypot(F32 x, F32 y) {
  const I32 infinite = (abs(x) == f32::kInfinity32) | (abs(y) == f32::kInfinity32);
  return select(infinite, splat(f32::kInfinity32), f32::in_f64<f32::hypot>(x, y));
}
// Exact.
NABLA_INLINE F32 fmod(F32 x, F32 y) { return f32::in_f64<f32::fmod>(x, y); }

}  // namespace simd
}  // namespace
}  // namespace nabla::NABLA_ISA
