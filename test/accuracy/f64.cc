// How far the functions of native/simd/math_f64.h are from the truth, on every instruction set at once, and how fast.
//
// To build, with f64_set.cc once for each set (on arm64 -DNABLA_ISA=neon alone):
//   for set in v2 v3 v4; do
//     c++ -std=c++20 -O3 -fwrapv -fno-strict-aliasing -ffp-contract=off -DNABLA_ISA=$set -march=x86-64-$set
//       -mprefer-vector-width=512 -c f64_set.cc -o f64_$set.o
//   done
//   c++ -std=gnu++20 -O2 f64.cc f64_v2.o f64_v3.o f64_v4.o -lquadmath -pthread -o f64
// To run: f64 [--count=arguments of each function] [--seed=number] [--speed] [function ...]
// It prints a table and exits with 1 where a bound is exceeded or a special value is wrong.
#include <quadmath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

struct Entry {
  const char* name;
  void (*run)(const double* x, const double* y, double* to, size_t count);
};

// The sets that were linked; the others are null.
extern "C" {
extern const Entry accuracy_f64_v2[] __attribute__((weak));
extern const Entry accuracy_f64_v3[] __attribute__((weak));
extern const Entry accuracy_f64_v4[] __attribute__((weak));
extern const Entry accuracy_f64_neon[] __attribute__((weak));
}

namespace {

using Quad = __float128;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kPi = 3.141592653589793;

struct Set {
  const char* name;
  const Entry* entries;
};

std::vector<Set> find_sets() {
  std::vector<Set> sets;
  auto add = [&](const char* name, const Entry* entries, bool runs) {
    if (entries && runs) sets.push_back({name, entries});
  };
#if defined(__x86_64__)
  add("v2", accuracy_f64_v2, __builtin_cpu_supports("sse4.2"));
  add("v3", accuracy_f64_v3, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  add("v4", accuracy_f64_v4, __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
#else
  add("neon", accuracy_f64_neon, true);
#endif
  return sets;
}

const Entry* find_entry(const Set& set, const std::string& name) {
  for (const Entry* e = set.entries; e->name; e++) {
    if (name == e->name) return e;
  }
  return nullptr;
}

// Bernoulli's numbers B2, B4, ...
const Quad kBernoulli[] = {1.0Q / 6,       -1.0Q / 30,       1.0Q / 42,       -1.0Q / 30,
                           5.0Q / 66,      -691.0Q / 2730,   7.0Q / 6,        -3617.0Q / 510,
                           43867.0Q / 798, -174611.0Q / 330, 854513.0Q / 138, -236364091.0Q / 2730,
                           8553103.0Q / 6};

// By the asymptotic series from 40 on, the recurrence below and the reflection for negative numbers.
Quad digamma(Quad x) {
  if (x == 0) return -1 / x;
  if (x < 0) {
    if (x == rintq(x)) return kNan;
    return digamma(-x) - 1 / x - M_PIq / tanq(M_PIq * (x - rintq(x)));
  }
  Quad sum = 0;
  for (; x < 40; x += 1) sum -= 1 / x;
  Quad power = 1, series = 0;
  for (int k = 1; k <= 13; k++) series += kBernoulli[k - 1] / (2 * k * (power *= x * x));
  return sum + (logq(x) - 1 / (2 * x) - series);
}

Quad trigamma(Quad x) {
  if (x <= 0 && x == rintq(x)) return kInf;
  if (x < 0) {
    const Quad sine = sinq(M_PIq * (x - rintq(x)));
    return M_PIq * M_PIq / (sine * sine) - trigamma(-x) + 1 / (x * x);
  }
  Quad sum = 0;
  for (; x < 40; x += 1) sum += 1 / (x * x);
  Quad power = x, series = 0;
  for (int k = 1; k <= 13; k++) series += kBernoulli[k - 1] / (power *= x * x);
  return sum + (1 / x + 1 / (2 * x * x) + series);
}

Quad lgamma(Quad x) {
  if (x <= 0 && x == rintq(x)) return kInf;
  if (x < 0) return logq(M_PIq / fabsq(x * sinq(M_PIq * (x - rintq(x))))) - lgammaq(-x);
  return lgammaq(x);
}

struct Special {
  double x, y, value;
};

struct Range {
  double low, high;
};

struct Function {
  const char* name;
  int arity;
  double bound;  // in units in the last place
  Quad (*reference)(Quad x, Quad y);
  Range usual;               // what data usually are; speed is measured on these
  std::vector<double> hard;  // arguments to draw densely about: zeros, edges, thresholds
  std::vector<Special> special;
  // Where the value is below 1, its absolute error is asked to be below 1e-15 and the other bound is not asked.
  bool absolute = false;
};

#define QUAD(expression) [](Quad x, [[maybe_unused]] Quad y) -> Quad { return expression; }

const std::vector<Function> kFunctions = {
    {"exp",
     1,
     1,
     QUAD(expq(x)),
     {-10, 10},
     {709.782712893384, -708.3964, -745.1332, 0.34657, 1, -1, 720, -760, 665, -665},
     {{0, 0, 1},
      {-0.0, 0, 1},
      {kInf, 0, kInf},
      {-kInf, 0, 0},
      {kNan, 0, kNan},
      {710, 0, kInf},
      {-746, 0, 0},
      {kMax, 0, kInf},
      {-kMax, 0, 0}}},
    {"exp2",
     1,
     2,
     QUAD(exp2q(x)),
     {-10, 10},
     {1024, -1022, -1075, 0.5, 1, -1, 960, -960},
     {{0, 0, 1},
      {-0.0, 0, 1},
      {kInf, 0, kInf},
      {-kInf, 0, 0},
      {kNan, 0, kNan},
      {3, 0, 8},
      {-1074, 0, 0x1p-1074},
      {1023, 0, 0x1p1023},
      {1024, 0, kInf},
      {-1076, 0, 0}}},
    {"expm1",
     1,
     2,
     QUAD(expm1q(x)),
     {-10, 10},
     {709.782712893384, -37.4, -40, 0.34657, -0.34657, 1, -1, 1e-8},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kInf}, {-kInf, 0, -1}, {kNan, 0, kNan}, {-800, 0, -1}, {710, 0, kInf}}},
    {"log",
     1,
     1,
     QUAD(logq(x)),
     {0.001, 100},
     {1, 0.70710678, 1.41421356, 2, 0x1p-1022, kMax},
     {{0, 0, -kInf},
      {-0.0, 0, -kInf},
      {1, 0, 0},
      {kInf, 0, kInf},
      {-1, 0, kNan},
      {-kInf, 0, kNan},
      {kNan, 0, kNan},
      {-1e-320, 0, kNan}}},
    {"log2",
     1,
     2,
     QUAD(log2q(x)),
     {0.001, 100},
     {1, 0.70710678, 1.41421356, 2, 0x1p-1022, kMax},
     {{0, 0, -kInf},
      {-0.0, 0, -kInf},
      {1, 0, 0},
      {8, 0, 3},
      {0x1p-1074, 0, -1074},
      {0x1p1023, 0, 1023},
      {kInf, 0, kInf},
      {-1, 0, kNan},
      {-kInf, 0, kNan},
      {kNan, 0, kNan}}},
    {"log10",
     1,
     2,
     QUAD(log10q(x)),
     {0.001, 100},
     {1, 0.70710678, 1.41421356, 10, 0x1p-1022, kMax},
     {{0, 0, -kInf},
      {-0.0, 0, -kInf},
      {1, 0, 0},
      {1000, 0, 3},
      {1e22, 0, 22},
      {kInf, 0, kInf},
      {-1, 0, kNan},
      {-kInf, 0, kNan},
      {kNan, 0, kNan}}},
    {"log1p",
     1,
     2,
     QUAD(log1pq(x)),
     {-0.9, 10},
     {-1, -0.29289321, 0.41421356, 1e-16, -1e-16, 1, 1e-8, kMax},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {-1, 0, -kInf}, {-2, 0, kNan}, {kInf, 0, kInf}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"sin",
     1,
     1,
     QUAD(sinq(x)),
     {-6, 6},
     {kPi / 4, kPi / 2, kPi, 2 * kPi, 0x1p20, 6381956970095103.0 * 0x1p797, 1e22},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kNan}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"cos",
     1,
     1,
     QUAD(cosq(x)),
     {-6, 6},
     {kPi / 4, kPi / 2, kPi, 2 * kPi, 0x1p20, 6381956970095103.0 * 0x1p797, 1e22},
     {{0, 0, 1}, {-0.0, 0, 1}, {kInf, 0, kNan}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"tan",
     1,
     2,
     QUAD(tanq(x)),
     {-6, 6},
     {kPi / 4, kPi / 2, kPi, 2 * kPi, 0x1p20, 6381956970095103.0 * 0x1p797, 1e22},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kNan}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"asin",
     1,
     2,
     QUAD(asinq(x)),
     {-1, 1},
     {0.5, -0.5, 1, -1},
     {{0, 0, 0},
      {-0.0, 0, -0.0},
      {1, 0, kPi / 2},
      {-1, 0, -kPi / 2},
      {1.5, 0, kNan},
      {-1.5, 0, kNan},
      {kInf, 0, kNan},
      {kNan, 0, kNan}}},
    {"acos",
     1,
     2,
     QUAD(acosq(x)),
     {-1, 1},
     {0.5, -0.5, 1, -1},
     {{1, 0, 0},
      {-1, 0, kPi},
      {0, 0, kPi / 2},
      {-0.0, 0, kPi / 2},
      {1.5, 0, kNan},
      {-1.5, 0, kNan},
      {kInf, 0, kNan},
      {-kInf, 0, kNan},
      {kNan, 0, kNan}}},
    {"atan",
     1,
     2,
     QUAD(atanq(x)),
     {-4, 4},
     {0.4375, 0.6875, 1, 1 / 0.6875, 1 / 0.4375, 0x1p53},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kPi / 2}, {-kInf, 0, -kPi / 2}, {kMax, 0, kPi / 2}, {kNan, 0, kNan}}},
    {"sinh",
     1,
     2,
     QUAD(sinhq(x)),
     {-5, 5},
     {1, -1, 710.4758600739439, 22, 1e-8},
     {{0, 0, 0},
      {-0.0, 0, -0.0},
      {kInf, 0, kInf},
      {-kInf, 0, -kInf},
      {kNan, 0, kNan},
      {711, 0, kInf},
      {-711, 0, -kInf}}},
    {"cosh",
     1,
     2,
     QUAD(coshq(x)),
     {-5, 5},
     {0, 710.4758600739439, 22, 0.35, 1e-8},
     {{0, 0, 1}, {-0.0, 0, 1}, {kInf, 0, kInf}, {-kInf, 0, kInf}, {kNan, 0, kNan}, {711, 0, kInf}}},
    {"tanh",
     1,
     1,
     QUAD(tanhq(x)),
     {-4, 4},
     {0.1733, 0.52, 19.06, 20, 1, 1e-8},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, 1}, {-kInf, 0, -1}, {kNan, 0, kNan}, {400, 0, 1}, {-400, 0, -1}}},
    {"asinh",
     1,
     2,
     QUAD(asinhq(x)),
     {-10, 10},
     {0x1p-10, 1e9, 1, 1e-8, kMax},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kInf}, {-kInf, 0, -kInf}, {kNan, 0, kNan}}},
    {"acosh",
     1,
     2,
     QUAD(acoshq(x)),
     {1, 20},
     {1, 2, 1e9, kMax},
     {{1, 0, 0}, {0.5, 0, kNan}, {-2, 0, kNan}, {kInf, 0, kInf}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"atanh",
     1,
     2,
     QUAD(atanhq(x)),
     {-1, 1},
     {0x1p-10, 1, -1, 0.1716, 0.5},
     {{0, 0, 0},
      {-0.0, 0, -0.0},
      {1, 0, kInf},
      {-1, 0, -kInf},
      {2, 0, kNan},
      {-2, 0, kNan},
      {kInf, 0, kNan},
      {kNan, 0, kNan}}},
    {"sigmoid",
     1,
     1,
     QUAD(1 / (1 + expq(-x))),
     {-8, 8},
     {-708.4, -745.1, 0.34657, -0.34657, 36.7, -36.7, -665},
     {{0, 0, 0.5}, {-0.0, 0, 0.5}, {kInf, 0, 1}, {-kInf, 0, 0}, {kNan, 0, kNan}, {800, 0, 1}, {-kMax, 0, 0}}},
    {"softplus",
     1,
     2,
     QUAD(x > 0 ? x + log1pq(expq(-x)) : log1pq(expq(x))),
     {-8, 8},
     {-708.4, -745.1, -40, 36.7, -36.7, 0.34657},
     {{kInf, 0, kInf}, {-kInf, 0, 0}, {kNan, 0, kNan}, {kMax, 0, kMax}, {-800, 0, 0}}},
    {"silu",
     1,
     2,
     QUAD(x / (1 + expq(-x))),
     {-8, 8},
     {-708.4, -745.1, -751.8, 36.7, -36.7, 1e-300, -1e-300},
     {{0, 0, 0},
      {-0.0, 0, -0.0},
      {kInf, 0, kInf},
      {-kInf, 0, kNan},
      {kNan, 0, kNan},
      {-800, 0, -0.0},
      {kMax, 0, kMax},
      {-kMax, 0, -0.0}}},
    {"gelu",
     1,
     2,
     QUAD(x / 2 * erfcq(-x / M_SQRT2q)),
     {-4, 4},
     {-37.5, -38.5, 8.3, 1e-300, -1e-300, 1, -1},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kInf}, {-kInf, 0, kNan}, {kNan, 0, kNan}, {-50, 0, -0.0}, {kMax, 0, kMax}}},
    {"gelu_tanh",
     1,
     2,
     QUAD(x / (1 + expq(-2 * sqrtq(2 / M_PIq) * (x + 0.044715Q * x * x * x)))),
     {-4, 4},
     {-21.0, -21.5, 8, 1e-300, -1e-300, 1, -1},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, kInf}, {-kInf, 0, kNan}, {kNan, 0, kNan}, {-50, 0, -0.0}, {kMax, 0, kMax}}},
    {"erf",
     1,
     1,
     QUAD(erfq(x)),
     {-3, 3},
     {0.4375, -0.4375, 5.92, 6, 0.4453125, 1},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {kInf, 0, 1}, {-kInf, 0, -1}, {kNan, 0, kNan}, {7, 0, 1}}},
    {"erfc",
     1,
     2,
     QUAD(erfcq(x)),
     {-3, 3},
     {26.54, 27.23, -5.92, 0.47, 4, 1},
     {{0, 0, 1}, {-0.0, 0, 1}, {kInf, 0, 0}, {-kInf, 0, 2}, {kNan, 0, kNan}, {30, 0, 0}, {-7, 0, 2}}},
    {"lgamma",
     1,
     2,
     QUAD(lgamma(x)),
     {-5, 15},
     {1, 2, 0.75, 2.25, 10, 1.46163, -1, -2, -2.4570247, -2.7476827, -3.1435809, -10, 2.559983327851638e305, 1e-18,
      -1e-18},
     {{0, 0, kInf},
      {-0.0, 0, kInf},
      {1, 0, 0},
      {2, 0, 0},
      {-1, 0, kInf},
      {-3, 0, kInf},
      {kInf, 0, kInf},
      {-kInf, 0, kInf},
      {kNan, 0, kNan},
      {kMax, 0, kInf},
      {-kMax, 0, kInf}},
     true},
    {"digamma",
     1,
     2,
     QUAD(digamma(x)),
     {-5, 15},
     {1.4616321449683623, -0.5040830082644554, -1.573498473162390, 10, 1, 1e-18, -1e-18, -1, -10},
     {{0, 0, -kInf},
      {-0.0, 0, kInf},
      {-1, 0, kNan},
      {-7, 0, kNan},
      {kInf, 0, kInf},
      {-kInf, 0, kNan},
      {kNan, 0, kNan},
      {-kMax, 0, kNan}},
     true},
    {"trigamma",
     1,
     4,
     QUAD(trigamma(x)),
     {-5, 15},
     {10, 1, 1e-18, -1e-18, -1, -10, -0.5},
     {{0, 0, kInf}, {-0.0, 0, kInf}, {-1, 0, kInf}, {kInf, 0, 0}, {-kInf, 0, kNan}, {kNan, 0, kNan}}},
    {"rsqrt",
     1,
     2,
     QUAD(1 / sqrtq(x)),
     {0.001, 100},
     {1, 0x1p-1022},
     {{0, 0, kInf}, {-0.0, 0, -kInf}, {kInf, 0, 0}, {-1, 0, kNan}, {kNan, 0, kNan}, {4, 0, 0.5}}},
    {"cbrt",
     1,
     2,
     QUAD(cbrtq(x)),
     {-100, 100},
     {1, 8, 0x1p-1022, kMax},
     {{0, 0, 0}, {-0.0, 0, -0.0}, {27, 0, 3}, {-8, 0, -2}, {kInf, 0, kInf}, {-kInf, 0, -kInf}, {kNan, 0, kNan}}},
    {"pow",
     2,
     2,
     QUAD(powq(x, y)),
     {0.001, 20},
     {1, 2, 0.5, -1, 3, -2, 0x1p-1022, 1000, 1.0000001},
     {{kNan, 0, 1},
      {1, kNan, 1},
      {0, 0, 1},
      {kInf, 0, 1},
      {kInf, -0.0, 1},
      {1, kInf, 1},
      {-1, kInf, 1},
      {-1, -kInf, 1},
      {kNan, 1, kNan},
      {2, kNan, kNan},
      {0, 3, 0},
      {-0.0, 3, -0.0},
      {-0.0, 2, 0},
      {-0.0, 2.5, 0},
      {0, -3, kInf},
      {-0.0, -3, -kInf},
      {-0.0, -2, kInf},
      {-0.0, -2.5, kInf},
      {-0.0, kInf, 0},
      {-0.0, -kInf, kInf},
      {2, kInf, kInf},
      {0.5, kInf, 0},
      {-2, kInf, kInf},
      {-0.5, kInf, 0},
      {2, -kInf, 0},
      {0.5, -kInf, kInf},
      {-2, -kInf, 0},
      {-0.5, -kInf, kInf},
      {kInf, 2, kInf},
      {kInf, -2, 0},
      {-kInf, 3, -kInf},
      {-kInf, 2, kInf},
      {-kInf, 2.5, kInf},
      {-kInf, -3, -0.0},
      {-kInf, -2, 0},
      {-kInf, -2.5, 0},
      {-kInf, kInf, kInf},
      {-kInf, -kInf, 0},
      {-2, 0.5, kNan},
      {-2, 3, -8},
      {-2, 2, 4},
      {-2, -1, -0.5},
      {-1, 1e300, 1},
      {-1, 9007199254740991.0, -1},
      {-1, 9007199254740993.0, 1},
      {2, -1074, 0x1p-1074},
      {10, 2, 100},
      {0x1p-1074, 0.5, 0x1p-537}}},
    {"atan2",
     2,
     2,
     QUAD(atan2q(x, y)),
     {-4, 4},
     {0, 1, -1, 0.4375, 0.6875, 1e300, 1e-300, 0x1p1000},
     {{0, 0, 0},
      {0, -0.0, kPi},
      {-0.0, 0, -0.0},
      {-0.0, -0.0, -kPi},
      {0, 1, 0},
      {0, -1, kPi},
      {-0.0, 1, -0.0},
      {-0.0, -1, -kPi},
      {1, 0, kPi / 2},
      {1, -0.0, kPi / 2},
      {-1, 0, -kPi / 2},
      {-1, -0.0, -kPi / 2},
      {kInf, kInf, kPi / 4},
      {kInf, -kInf, 3 * kPi / 4},
      {-kInf, kInf, -kPi / 4},
      {-kInf, -kInf, -3 * kPi / 4},
      {kInf, 1, kPi / 2},
      {-kInf, 1, -kPi / 2},
      {1, kInf, 0},
      {-1, kInf, -0.0},
      {1, -kInf, kPi},
      {-1, -kInf, -kPi},
      {kNan, 1, kNan},
      {1, kNan, kNan},
      {kInf, kNan, kNan},
      {kMax, kMax, kPi / 4},
      {0x1p-1074, 0x1p-1074, kPi / 4},
      {0x1p-1074, kMax, 0}}},
    {"hypot",
     2,
     2,
     QUAD(hypotq(x, y)),
     {-4, 4},
     {0, 1, 1e300, 1e-300, 0x1p500, 0x1p-450},
     {{0, 0, 0},
      {-0.0, -0.0, 0},
      {3, 4, 5},
      {kInf, kNan, kInf},
      {kNan, -kInf, kInf},
      {kNan, 1, kNan},
      {1, kNan, kNan},
      {kMax, kMax, kInf},
      {0x1p-1074, 0, 0x1p-1074},
      {kMax, 0, kMax},
      {1, -kInf, kInf}}},
    {"fmod",
     2,
     0,
     QUAD(fmodq(x, y)),
     {-20, 20},
     {0, 1, 3, 0.1, 1e300, 1e-300, 0x1p52, 0x1p-1022},
     {{0, 1, 0},
      {-0.0, 1, -0.0},
      {5, 3, 2},
      {-5, 3, -2},
      {5, -3, 2},
      {6, 3, 0},
      {-6, 3, -0.0},
      {1, 0, kNan},
      {kInf, 1, kNan},
      {1, kInf, 1},
      {-1, kInf, -1},
      {kNan, 1, kNan},
      {1, kNan, kNan},
      {kMax, 0x1p-1074, 0},
      {0, 0, kNan}}},
};

// Arguments of every kind: of any exponent, of usual size, close to hard ones (and to their multiples and negatives).
class Arguments {
 public:
  Arguments(const Function& f, uint64_t seed) : f_(f), random_(seed) {}

  double next() {
    switch (random_() % 6) {
      case 0: return any_exponent(-1074, 1023);
      case 1: return any_exponent(-70, 12);
      case 2: return uniform(f_.usual.low, f_.usual.high);
      case 3: return uniform(-1, 1) * 800;
      case 4: return uniform(-1, 1) * 50;
      default: return hard();
    }
  }

 private:
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  double any_exponent(int low, int high) {
    const double x = std::ldexp(uniform(1, 2), low + int(random_() % (high - low + 1)));
    return random_() & 1 ? x : -x;
  }
  double hard() {
    double x = f_.hard[random_() % f_.hard.size()];
    if (random_() % 4 == 0) x *= double(int(random_() % 2001) - 1000);
    if (random_() % 8 == 0) x *= double(random_() % 2000000);
    switch (random_() % 3) {
      case 0: {  // a few units in the last place away
        int64_t word;
        memcpy(&word, &x, sizeof(x));
        word += int64_t(random_() % 17) - 8;
        memcpy(&x, &word, sizeof(x));
        return x;
      }
      case 1: return x * (1 + std::ldexp(uniform(-1, 1), -int(random_() % 50)));
      default: return x + std::ldexp(uniform(-1, 1), -int(random_() % 60));
    }
  }

  const Function& f_;
  std::mt19937_64 random_;
};

struct Worst {
  double error = 0, x = 0, y = 0, absolute = 0;
  void take(const Worst& other) {
    absolute = std::max(absolute, other.absolute);
    if (other.error > error) error = other.error, x = other.x, y = other.y;
  }
};

// Infinity is as far away as 2^1024: the next number, were there one.
Quad finite(Quad x) { return fminq(fmaxq(x, -0x1p1023Q * 2), 0x1p1023Q * 2); }

void measure(const Function& f, double x, double y, Quad reference, double got, Worst& worst) {
  double error = 0;
  if (isnanq(reference) || std::isnan(got)) {
    error = isnanq(reference) && std::isnan(got) ? 0 : kInf;
  } else {
    const Quad difference = fabsq(finite(got) - finite(reference));
    if (f.absolute && fabsq(reference) < 1) {
      worst.absolute = std::max(worst.absolute, double(difference));
      return;
    }
    const int exponent = reference == 0 ? -1022 : std::clamp(ilogbq(reference), -1022, 1023);
    error = double(scalbnq(difference, 52 - exponent));
  }
  if (error > worst.error) worst.error = error, worst.x = x, worst.y = y;
}

constexpr size_t kBlock = 1024;

std::vector<Worst> check(const Function& f, const std::vector<Set>& sets, size_t count, uint64_t seed) {
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::vector<Worst>> found(threads, std::vector<Worst>(sets.size()));
  std::vector<std::thread> running;
  for (size_t t = 0; t < threads; t++) {
    running.emplace_back([&, t] {
      Arguments arguments(f, seed * 1000 + t);
      std::vector<double> x(kBlock), y(kBlock), got(kBlock);
      std::vector<Quad> reference(kBlock);
      for (size_t done = t * kBlock; done < count; done += threads * kBlock) {
        for (size_t i = 0; i < kBlock; i++) {
          x[i] = arguments.next();
          y[i] = arguments.next();
          reference[i] = f.reference(x[i], y[i]);
        }
        for (size_t s = 0; s < sets.size(); s++) {
          find_entry(sets[s], f.name)->run(x.data(), y.data(), got.data(), kBlock);
          for (size_t i = 0; i < kBlock; i++) measure(f, x[i], y[i], reference[i], got[i], found[t][s]);
        }
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  for (size_t t = 1; t < threads; t++) {
    for (size_t s = 0; s < sets.size(); s++) found[0][s].take(found[t][s]);
  }
  return found[0];
}

bool same(double x, double y) { return std::isnan(x) ? std::isnan(y) : x == y && std::signbit(x) == std::signbit(y); }

// Each in every lane, beside others.
int check_special(const Function& f, const std::vector<Set>& sets) {
  int wrong = 0;
  for (const Set& set : sets) {
    for (const Special& s : f.special) {
      for (int lane = 0; lane < 8; lane++) {
        double x[8], y[8], got[8];
        std::fill(x, x + 8, f.usual.high / 3), std::fill(y, y + 8, f.usual.high / 4);
        x[lane] = s.x, y[lane] = s.y;
        find_entry(set, f.name)->run(x, y, got, 8);
        if (same(got[lane], s.value)) continue;
        printf("%s %s(%g, %g) is %.17g, not %.17g\n", set.name, f.name, s.x, s.y, got[lane], s.value);
        wrong++;
        break;
      }
    }
  }
  return wrong;
}

// A lane's result depends on that lane alone: the same arguments alone and among others.
int check_lanes(const Function& f, const std::vector<Set>& sets, uint64_t seed) {
  int wrong = 0;
  Arguments arguments(f, seed);
  for (int round = 0; round < 20000; round++) {
    double x[8], y[8], among[8], alone[8], same_x[8], same_y[8];
    for (int l = 0; l < 8; l++) x[l] = arguments.next(), y[l] = arguments.next();
    std::fill(same_x, same_x + 8, x[0]), std::fill(same_y, same_y + 8, y[0]);
    for (const Set& set : sets) {
      find_entry(set, f.name)->run(x, y, among, 8);
      find_entry(set, f.name)->run(same_x, same_y, alone, 8);
      for (int l = 0; l < 8; l++) {
        if (same(alone[l], among[0])) continue;
        if (!wrong++)
          printf("%s %s(%a, %a) is %a alone in lane %d, %a among others\n", set.name, f.name, x[0], y[0], alone[l], l,
                 among[0]);
      }
    }
  }
  return wrong;
}

// Nanoseconds for each element of buffers that stay in the first cache, the least of many batches.
double speed(const Function& f, const Set& set, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(f.usual.low, f.usual.high);
  std::vector<double> x(kBlock), y(kBlock), to(kBlock);
  for (size_t i = 0; i < kBlock; i++) x[i] = uniform(random), y[i] = uniform(random);
  const auto run = find_entry(set, f.name)->run;
  double best = kInf;
  for (int batch = 0; batch < 1000; batch++) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; i++) run(x.data(), y.data(), to.data(), kBlock);
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / (4 * kBlock));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = 1000000;
  uint64_t seed = 1;
  bool only_speed = false;
  std::vector<std::string> names;
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (word.rfind("--count=", 0) == 0) {
      count = strtoull(argv[i] + 8, nullptr, 10);
    } else if (word.rfind("--seed=", 0) == 0) {
      seed = strtoull(argv[i] + 7, nullptr, 10);
    } else if (word == "--speed") {
      only_speed = true;
    } else if (word.rfind("--", 0) == 0) {
      fprintf(stderr, "no option %s\n", argv[i]);
      return 2;
    } else {
      names.push_back(word);
    }
  }
  const std::vector<Set> sets = find_sets();
  if (only_speed) {
    printf("Nanoseconds for each element.\n\n| function |");
  } else {
    printf("Worst errors of %zu arguments, seed %llu, in units in the last place.\n\n| function | bound |", count,
           (unsigned long long)seed);
  }
  for (const Set& set : sets) printf(only_speed ? " %s |" : " %s | at |", set.name);
  printf(only_speed ? "\n|---|" : "\n|---|---|");
  for (size_t s = 0; s < sets.size(); s++) printf(only_speed ? "---|" : "---|---|");
  printf("\n");
  int failures = 0;
  for (const Function& f : kFunctions) {
    if (!names.empty() && std::find(names.begin(), names.end(), f.name) == names.end()) continue;
    if (only_speed) {
      printf("| %s |", f.name);
      for (const Set& set : sets) printf(" %.2f |", speed(f, set, seed));
      printf("\n");
      fflush(stdout);
      continue;
    }
    const std::vector<Worst> worst = check(f, sets, count, seed);
    printf("| %s | %g |", f.name, f.bound);
    for (const Worst& w : worst) {
      printf(" %.3f", w.error);
      if (f.absolute) printf("; %.1e below 1", w.absolute);
      printf(f.arity == 2 ? " | %.17g, %.17g |" : " | %.17g |", w.x, w.y);
      failures += !(w.error <= f.bound) || w.absolute > 1e-15;
    }
    printf("\n");
    failures += check_special(f, sets) + check_lanes(f, sets, seed);
    fflush(stdout);
  }
  return failures ? 1 : 0;
}
