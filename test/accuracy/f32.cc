// Measures the float32 functions of native/simd against higher precision, every instruction set that this machine has
// at once, and times them. Prints Markdown; ends with 1 if a bound of f32.def does not hold.
//
//   f32 [--stride n] [--from x --to y] [--pairs n] [--threads n] [--speed] [name...]
//
// Of the 2^32 floats, or of those from x to y, both of one sign, one in every n is taken, at random within its n; 1,
// the default, takes all. Functions of two arguments get as many pairs at random, and all pairs of special values.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "f32_set.h"

#define SET(isa)                           \
  namespace nabla::isa {                   \
  extern const FunctionsF32 functions_f32; \
  }
NABLA_SETS
#undef SET

namespace {

struct Set {
  const char* name;
  const FunctionsF32& functions;
};

// Whether this machine has a set is asked of the compiler under the set's -march name.
bool has(const std::string& set) {
#ifdef __x86_64__
  if (set == "v2") return __builtin_cpu_supports("sse4.2");
  if (set == "v3") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == "v4") return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
  return !set.empty();
}

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr long double kPi = 3.14159265358979323846264338327950288L;

// The references. A float32 argument and result leave float64 29 bits to spare, which libm's few units in the last
// place do not use up; where a formula loses more, it is in long double.
namespace reference {
#define LIBM(name) \
  double name(double x) { return std::name(x); }
LIBM(exp)
LIBM(exp2)
LIBM(expm1)
LIBM(log)
LIBM(log2)
LIBM(log10)
LIBM(log1p)
LIBM(sin)
LIBM(cos)
LIBM(tan)
LIBM(asin)
LIBM(acos)
LIBM(atan)
LIBM(sinh)
LIBM(cosh)
LIBM(tanh)
LIBM(asinh)
LIBM(acosh)
LIBM(atanh)
LIBM(erf)
LIBM(erfc)
LIBM(cbrt)
#undef LIBM
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::isnan(x) ? x : std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double silu(double x) { return x / (1 + std::exp(-x)); }
double gelu(double x) { return x * (0.5 * std::erfc(-x * M_SQRT1_2)); }
double gelu_tanh(double x) { return x / (1 + std::exp(-2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }
double rsqrt(double x) { return 1 / std::sqrt(x); }

double lgamma(double x) {
  if (x <= 0 && x == std::rint(x)) return kInf;
  int sign;
  return lgamma_r(x, &sign);
}
// The derivatives of log gamma by the recurrence up to 16 and the asymptotic series from there; 11 terms there.
constexpr long double kBernoulli[] = {1 / 6.0L,       -1 / 30.0L,       1 / 42.0L,      -1 / 30.0L,
                                      5 / 66.0L,      -691 / 2730.0L,   7 / 6.0L,       -3617 / 510.0L,
                                      43867 / 798.0L, -174611 / 330.0L, 854513 / 138.0L};
long double digamma_long(long double x) {
  if (x < 0) {
    const long double rest = x - std::rint(x);
    return digamma_long(-x) - 1 / x - kPi / std::tan(kPi * rest);
  }
  long double sum = 0;
  for (; x < 16; x += 1) sum -= 1 / x;
  const long double square = 1 / (x * x);
  long double power = square, series = 0;
  for (int k = 0; k < 11; k++, power *= square) series += kBernoulli[k] / (2 * (k + 1)) * power;
  return sum + std::log(x) - 1 / (2 * x) - series;
}
double digamma(double x) {
  if (x == 0) return std::signbit(x) ? kInf : -kInf;
  if (x == kInf) return x;
  if (x < 0 && x == std::rint(x)) return kNaN;
  return double(digamma_long(x));
}
long double trigamma_long(long double x) {
  if (x < 0) {
    const long double sine = std::sin(kPi * (x - std::rint(x)));
    return kPi * kPi / (sine * sine) + 1 / (x * x) - trigamma_long(-x);
  }
  long double sum = 0;
  for (; x < 16; x += 1) sum += 1 / (x * x);
  const long double square = 1 / (x * x);
  long double power = square / x, series = 0;
  for (int k = 0; k < 11; k++, power *= square) series += kBernoulli[k] * power;
  return sum + 1 / x + square / 2 + series;
}
double trigamma(double x) {
  if (x == -kInf) return kNaN;
  if (x <= 0 && x == std::rint(x)) return kInf;
  return double(trigamma_long(x));
}

double atan2(double x, double y) { return std::atan2(x, y); }
double pow(double x, double y) { return std::pow(x, y); }
double hypot(double x, double y) { return std::hypot(x, y); }
double fmod(double x, double y) { return std::fmod(x, y); }
}  // namespace reference

struct One {
  const char* name;
  double bound;
  float low, high;
  double (*reference)(double);
};
struct Two {
  const char* name;
  double bound;
  float low, high, low_y, high_y;
  double (*reference)(double, double);
};
const One kOne[] = {
#define ONE(name, ...) {#name, __VA_ARGS__, reference::name},
#define TWO(...)
#include "f32.def"
#undef ONE
#undef TWO
};
const Two kTwo[] = {
#define ONE(...)
#define TWO(name, ...) {#name, __VA_ARGS__, reference::name},
#include "f32.def"
#undef ONE
#undef TWO
};

struct Worst {
  double error = 0;
  float x = 0, y = 0;
  uint64_t mismatches = 0;
  float wrong_x = 0, wrong_y = 0, wrong_result = 0;
  double wrong_expected = 0;

  void mismatch(float at_x, float at_y, float result, double expected) {
    if (mismatches++ == 0) wrong_x = at_x, wrong_y = at_y, wrong_result = result, wrong_expected = expected;
  }
  // A nan, an infinity and the sign of a zero have to be met exactly; anything else counts in units in the last place
  // of the expected value, an overflow as 2^128.
  void add(float at_x, float at_y, float result, double expected) {
    if (std::isnan(expected) || std::isnan(result)) {
      if (!(std::isnan(expected) && std::isnan(result))) mismatch(at_x, at_y, result, expected);
      return;
    }
    if (std::isinf(expected) || expected == 0) {
      if (double(result) != expected || std::signbit(result) != std::signbit(expected)) {
        mismatch(at_x, at_y, result, expected);
      }
      return;
    }
    if (result == 0 && std::signbit(result) != std::signbit(expected)) mismatch(at_x, at_y, result, expected);
    if (std::isinf(result) && std::isinf(float(expected)) && (result > 0) == (expected > 0)) return;
    const double value = std::isinf(result) ? std::copysign(0x1p128, result) : double(result);
    const double distance = std::fabs(value - expected) * units(expected);
    if (distance > error) error = distance, x = at_x, y = at_y;
  }
  // How many units in the last place make 1 near a float64 value that is not 0.
  static double units(double value) {
    const int exponent = int(std::bit_cast<uint64_t>(value) >> 52 & 0x7ff) - 1023;
    return std::bit_cast<double>(uint64_t(23 - std::clamp(exponent, -126, 127) + 1023) << 52);
  }
  void merge(const Worst& other) {
    if (other.error > error) error = other.error, x = other.x, y = other.y;
    if (mismatches == 0 && other.mismatches != 0) {
      wrong_x = other.wrong_x, wrong_y = other.wrong_y;
      wrong_result = other.wrong_result, wrong_expected = other.wrong_expected;
    }
    mismatches += other.mismatches;
  }
};

// SplitMix64: a number at random for each index.
uint64_t hash(uint64_t i) {
  i += 0x9e3779b97f4a7c15;
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9;
  i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
  return i ^ (i >> 31);
}

// Zeros, infinities, nan, the ends of the normal and subnormal numbers, small whole numbers and halves, the ends of
// domains and the numbers next to each.
std::vector<float> special_values() {
  std::vector<float> values = {0,       HUGE_VALF, NAN,    0x1p-149f, 0x1p-126f,  0x1p-127f, 0x1.fffffep127f,
                               0x1p24f, 0x1p23f,   524288, 88.72284f, 103.97208f, 150,       1e-10f,
                               0.25f,   0.75f,     8388609};
  for (int i = 1; i <= 24; i++) values.push_back(float(i) / 2);
  const size_t count = values.size();
  for (size_t i = 0; i < count; i++) {
    values.push_back(std::nextafter(values[i], HUGE_VALF));
    values.push_back(std::nextafter(values[i], -HUGE_VALF));
  }
  const size_t positive = values.size();
  for (size_t i = 0; i < positive; i++) values.push_back(-values[i]);
  return values;
}

constexpr size_t kBlock = 1 << 12;
struct Buffers {
  std::vector<float> x = std::vector<float>(kBlock), y = x, result = x;
  std::vector<double> expected = std::vector<double>(kBlock), units = expected;

  // Once for all sets: the units of ordinary expected values, nan for those that Worst::add has to look at.
  void find_units() {
    for (size_t i = 0; i < kBlock; i++) {
      const double size = std::fabs(expected[i]);
      units[i] = size >= 0x1p-148 && size <= 0x1.fffffep127 ? Worst::units(size) : kNaN;
    }
  }
  void add_to(Worst& worst) const {
    for (size_t i = 0; i < kBlock; i++) {
      if (std::fabs(double(result[i]) - expected[i]) * units[i] <= worst.error) continue;
      worst.add(x[i], y[i], result[i], expected[i]);
    }
  }
};

struct Options {
  uint64_t stride = 1, pairs = 0;
  uint64_t first = 0, last = 0xffffffff;  // as bits
  int threads = int(std::thread::hardware_concurrency());
  bool speed = false;
  std::vector<std::string> names;
  bool wants(const char* name) const {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }
};

// Runs body(block, buffers, worst) for all blocks over the threads.
template <class Body>
std::vector<Worst> in_blocks(uint64_t blocks, size_t sets, int threads, Body body) {
  std::vector<Worst> all(sets);
  std::atomic<uint64_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    Buffers buffers;
    std::vector<Worst> worst(sets);
    for (uint64_t block; (block = next++) < blocks;) body(block, buffers, worst);
    const std::lock_guard lock(mutex);
    for (size_t s = 0; s < sets; s++) all[s].merge(worst[s]);
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; t++) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
  return all;
}

std::vector<Worst> measure(size_t f, const std::vector<Set>& sets, const Options& options) {
  const uint64_t count = (options.last - options.first) / options.stride + 1;
  const uint64_t blocks = (count + kBlock - 1) / kBlock;
  const std::vector<float> special = special_values();
  // The last block has the special values.
  return in_blocks(
      blocks + 1, sets.size(), options.threads, [&](uint64_t block, Buffers& b, std::vector<Worst>& worst) {
        for (size_t i = 0; i < kBlock; i++) {
          const uint64_t index = block * kBlock + i;
          const uint64_t jitter = options.stride == 1 ? 0 : hash(index) % options.stride;
          b.x[i] = block == blocks ? special[i % special.size()]
                                   : std::bit_cast<float>(uint32_t(
                                         std::min(options.first + index * options.stride + jitter, options.last)));
          b.expected[i] = kOne[f].reference(b.x[i]);
        }
        b.find_units();
        for (size_t s = 0; s < sets.size(); s++) {
          sets[s].functions.one[f](b.x.data(), b.result.data(), kBlock);
          b.add_to(worst[s]);
        }
      });
}

std::vector<Worst> measure_two(size_t f, const std::vector<Set>& sets, const Options& options) {
  const uint64_t pairs = options.pairs != 0 ? options.pairs : (uint64_t(1) << 32) / options.stride;
  const std::vector<float> special = special_values();
  const uint64_t special_blocks = (special.size() * special.size() + kBlock - 1) / kBlock;
  const uint64_t blocks = (pairs + kBlock - 1) / kBlock + special_blocks;
  const auto at = [](uint64_t random, float low, float high) {
    return low + (high - low) * float(random & 0xffffff) * 0x1p-24f;
  };
  return in_blocks(blocks, sets.size(), options.threads, [&](uint64_t block, Buffers& b, std::vector<Worst>& worst) {
    for (size_t i = 0; i < kBlock; i++) {
      const uint64_t index = block * kBlock + i, random = hash(index);
      float &x = b.x[i], &y = b.y[i];
      if (block < special_blocks) {
        x = special[index / special.size() % special.size()], y = special[index % special.size()];
      } else if (i % 4 == 0) {  // any bits
        x = std::bit_cast<float>(uint32_t(random)), y = std::bit_cast<float>(uint32_t(random >> 32));
      } else if (i % 4 == 1) {  // near each other's size
        x = std::bit_cast<float>(uint32_t(random));
        y = x * at(random >> 32, -4, 4);
      } else if (i % 4 == 2) {  // the usual
        x = at(random, kTwo[f].low, kTwo[f].high), y = at(random >> 32, kTwo[f].low_y, kTwo[f].high_y);
      } else {  // near 1 and large, for powers
        x = 1 + at(random, -1, 1) * std::ldexp(1.0f, -int(random >> 60));
        y = at(random >> 24, -200, 200) * std::ldexp(1.0f, int(random >> 60));
      }
      b.expected[i] = kTwo[f].reference(x, y);
    }
    b.find_units();
    for (size_t s = 0; s < sets.size(); s++) {
      sets[s].functions.two[f](b.x.data(), b.y.data(), b.result.data(), kBlock);
      b.add_to(worst[s]);
    }
  });
}

// Lanes whose result depends on their neighbours': each value among others, against a vector of it alone.
template <class Run>
uint64_t lane_differences(Run run) {
  constexpr size_t kLanes = 16;
  const std::vector<float> special = special_values();
  std::vector<float> x(kBlock), y(kBlock), mixed(kBlock), same_x(kLanes), same_y(kLanes), alone(kLanes);
  for (size_t i = 0; i < kBlock; i++) {
    const uint64_t random = hash(i);
    const auto any = [&](uint64_t r) {
      return r & 1   ? special[(r >> 1) % special.size()]
             : r & 2 ? std::bit_cast<float>(uint32_t(r >> 8))
                     : float(int(r >> 8 & 0xffff) - 32768) / 4096;
    };
    x[i] = any(random), y[i] = any(hash(random));
  }
  run(x.data(), y.data(), mixed.data(), kBlock);
  uint64_t differences = 0;
  for (size_t i = 0; i < kBlock; i++) {
    std::fill(same_x.begin(), same_x.end(), x[i]);
    std::fill(same_y.begin(), same_y.end(), y[i]);
    run(same_x.data(), same_y.data(), alone.data(), kLanes);
    for (const float one : alone) {
      differences += !(std::isnan(one) && std::isnan(mixed[i])) &&
                     std::bit_cast<uint32_t>(one) != std::bit_cast<uint32_t>(mixed[i]);
    }
  }
  return differences;
}

// Nanoseconds per element over 2048 elements, the least of many batches.
template <class Run>
double nanoseconds(Run run, float low, float high, float low_y, float high_y) {
  constexpr size_t kCount = 2048, kRepeats = 8;
  std::vector<float> x(kCount), y(kCount), result(kCount);
  for (size_t i = 0; i < kCount; i++) {
    x[i] = low + (high - low) * float((hash(i) & 0xffffff) + 1) * 0x1p-24f;
    y[i] = low_y + (high_y - low_y) * float((hash(i + kCount) & 0xffffff) + 1) * 0x1p-24f;
  }
  double least = kInf;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto end = now() + std::chrono::milliseconds(40);
  do {
    const auto from = now();
    for (size_t r = 0; r < kRepeats; r++) run(x.data(), y.data(), result.data(), kCount);
    least = std::min(least, std::chrono::duration<double, std::nano>(now() - from).count());
  } while (now() < end);
  return least / double(kCount * kRepeats);
}

void print_header(const std::vector<Set>& sets, const char* first, const char* last) {
  printf("| %s |", first);
  for (const Set& set : sets) printf(" %s |", set.name);
  printf("%s\n|---|", last);
  for (size_t s = 0; s < sets.size(); s++) printf("---:|");
  printf("%s\n", *last ? "---|" : "");
}

// One row of the table, and whether the bound holds.
bool print_row(const char* name, double bound, bool two, const std::vector<Set>& sets, const std::vector<Worst>& worst,
               const std::vector<uint64_t>& lanes) {
  bool good = true;
  printf("| `%s` |", name);
  const Worst* most = &worst[0];
  for (const Worst& w : worst) {
    good &= w.error <= bound && w.mismatches == 0;
    if (w.error > most->error) most = &w;
    printf(" %.3f%s |", w.error, w.error > bound ? " !" : "");
  }
  printf(two ? " %.9g, %.9g |\n" : " %.9g |\n", most->x, most->y);
  fflush(stdout);
  for (size_t s = 0; s < sets.size(); s++) {
    const Worst& w = worst[s];
    if (w.mismatches != 0) {
      fprintf(stderr, "%s, %s: %llu special values wrong, first (%a, %a): %a instead of %a\n", name, sets[s].name,
              static_cast<unsigned long long>(w.mismatches), w.wrong_x, w.wrong_y, w.wrong_result, w.wrong_expected);
    }
    if (lanes[s] != 0) {
      good = false;
      fprintf(stderr, "%s, %s: %llu lanes depend on others\n", name, sets[s].name,
              static_cast<unsigned long long>(lanes[s]));
    }
  }
  return good;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  for (int i = 1; i < count; i++) {
    const std::string word = words[i];
    const auto number = [&] { return i + 1 < count ? strtoull(words[++i], nullptr, 10) : 0; };
    if (word == "--stride") {
      options.stride = std::max<uint64_t>(number(), 1);
    } else if (word == "--from" || word == "--to") {
      const float bound = i + 1 < count ? strtof(words[++i], nullptr) : 0;
      (word == "--from" ? options.first : options.last) = std::bit_cast<uint32_t>(bound);
    } else if (word == "--pairs") {
      options.pairs = number();
    } else if (word == "--threads") {
      options.threads = std::max(int(number()), 1);
    } else if (word == "--speed") {
      options.speed = true;
    } else {
      options.names.push_back(word);
    }
  }
  if (options.first > options.last) std::swap(options.first, options.last);
  std::vector<Set> sets;
#define SET(isa) \
  if (has(#isa)) sets.push_back({#isa, nabla::isa::functions_f32});
  NABLA_SETS
#undef SET

  const auto of_one = [&](size_t s, size_t f) {
    return [&, s, f](const float* x, const float*, float* result, size_t n) { sets[s].functions.one[f](x, result, n); };
  };
  const auto of_two = [&](size_t s, size_t f) {
    return [&, s, f](const float* x, const float* y, float* result, size_t n) {
      sets[s].functions.two[f](x, y, result, n);
    };
  };

  if (options.speed) {
    print_header(sets, "ns per element", "");
    for (size_t f = 0; f < std::size(kOne); f++) {
      if (!options.wants(kOne[f].name)) continue;
      printf("| `%s` |", kOne[f].name);
      for (size_t s = 0; s < sets.size(); s++)
        printf(" %.2f |", nanoseconds(of_one(s, f), kOne[f].low, kOne[f].high, 0, 0));
      printf("\n");
    }
    for (size_t f = 0; f < std::size(kTwo); f++) {
      if (!options.wants(kTwo[f].name)) continue;
      const Two& two = kTwo[f];
      printf("| `%s` |", two.name);
      for (size_t s = 0; s < sets.size(); s++) {
        printf(" %.2f |", nanoseconds(of_two(s, f), two.low, two.high, two.low_y, two.high_y));
      }
      printf("\n");
    }
    return 0;
  }

  bool good = true;
  std::vector<uint64_t> lanes(sets.size());
  print_header(sets, "worst error", " at |");
  for (size_t f = 0; f < std::size(kOne); f++) {
    if (!options.wants(kOne[f].name)) continue;
    for (size_t s = 0; s < sets.size(); s++) lanes[s] = lane_differences(of_one(s, f));
    good &= print_row(kOne[f].name, kOne[f].bound, false, sets, measure(f, sets, options), lanes);
  }
  for (size_t f = 0; f < std::size(kTwo); f++) {
    if (!options.wants(kTwo[f].name)) continue;
    for (size_t s = 0; s < sets.size(); s++) lanes[s] = lane_differences(of_two(s, f));
    good &= print_row(kTwo[f].name, kTwo[f].bound, true, sets, measure_two(f, sets, options), lanes);
  }
  return good ? 0 : 1;
}
