// What f32.cc and f64.cc share: the functions, the sets that this machine has, how errors are found and printed.
//
//   f32 | f64 [--count n] [--stride n] [--exact] [--threads n] [--speed] [name...]
//
// Prints a table in Markdown of the functions named, or of all; ends with 1 if a bound of functions.def does not hold.
// --count: random arguments of each function. --stride, --exact: see f32.cc. --speed: times instead of errors.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "reference.h"
#include "set.h"

#define SET(isa)                    \
  namespace nabla::isa {            \
  extern const Functions functions; \
  }
NABLA_SETS
#undef SET

namespace {

template <class T>
struct Set {
  const char* name;
  const Run<T>* functions;
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

template <class T>
std::vector<Set<T>> find_sets() {
  std::vector<Set<T>> sets;
  const auto add = [&](const char* name, const Functions& functions) {
    if (!has(name)) return;
    if constexpr (sizeof(T) == 4) {
      sets.push_back({name, functions.f32});
    } else {
      sets.push_back({name, functions.f64});
    }
  };
#define SET(isa) add(#isa, nabla::isa::functions);
  NABLA_SETS
#undef SET
  return sets;
}

struct Range {
  double low, high;
};
struct Function {
  const char* name;
  int arity;
  double bound, unit;
  Range x, y;
  std::vector<double> hard;
  double (*in_double)(double x, double y);
  Quad (*exact)(Quad x, Quad y);
};

constexpr double kMax = std::numeric_limits<double>::max(), kPi = 3.141592653589793;
const std::vector<Function> kFunctions = {
#define ONE(name, bound, unit, low, high, ...)                    \
  {#name,                                                         \
   1,                                                             \
   bound,                                                         \
   unit,                                                          \
   {low, high},                                                   \
   {low, high},                                                   \
   {__VA_ARGS__},                                                 \
   [](double x, double) -> double { return reference::name(x); }, \
   [](Quad x, Quad) -> Quad { return reference::name(x); }},
#define TWO(name, bound, unit, low, high, low_y, high_y, ...)          \
  {#name,                                                              \
   2,                                                                  \
   bound,                                                              \
   unit,                                                               \
   {low, high},                                                        \
   {low_y, high_y},                                                    \
   {__VA_ARGS__},                                                      \
   [](double x, double y) -> double { return reference::name(x, y); }, \
   [](Quad x, Quad y) -> Quad { return reference::name(x, y); }},
#include "functions.def"
#undef ONE
#undef TWO
};

template <class T>
bool same(T x, T y) {
  return std::isnan(x) ? std::isnan(y) : x == y && std::signbit(x) == std::signbit(y);
}

// The worst error of one set's function, and its first value that is wrong altogether.
template <class T>
struct Worst {
  double error = 0;
  T x = 0, y = 0;
  uint64_t wrong = 0;
  T wrong_x = 0, wrong_y = 0, wrong_result = 0, wrong_expected = 0;

  // A nan, an infinity and a zero with its sign have to be met; so has, of special arguments, what T can represent.
  // Anything else counts in units in the last place of the expected value, infinity as the number after the greatest.
  template <class Real>
  void add(const Function& f, T at_x, T at_y, T result, Real expected, bool special) {
    using Limits = std::numeric_limits<T>;
    const T rounded = T(expected);
    const bool is_nan = expected != expected, is_exact = Real(rounded) == expected;
    const bool must_meet = is_nan || (is_exact && (special || rounded == 0 || std::isinf(rounded)));
    const bool sign_differs = std::signbit(result) != std::signbit(rounded);
    if (must_meet ? !same(result, rounded) : std::isnan(result) || (result == 0 && sign_differs)) {
      mismatch(at_x, at_y, result, rounded);
    }
    if (must_meet || std::isnan(result) || (std::isinf(result) && result == rounded)) return;
    Real value = result;
    if (std::isinf(result)) value = libm::ldexp(Real(result > 0 ? 1 : -1), Limits::max_exponent);
    const Real size = libm::fabs(expected);
    const int exponent = libm::ilogb(sizeof(T) == 8 && size < f.unit ? Real(f.unit) : size);
    const int least = Limits::min_exponent - 1, most = Limits::max_exponent - 1;
    const int places = Limits::digits - 1 - std::clamp(exponent, least, most);
    count(double(libm::ldexp(libm::fabs(value - expected), places)), at_x, at_y);
  }
  void mismatch(T at_x, T at_y, T result, T expected) {
    if (wrong++ == 0) wrong_x = at_x, wrong_y = at_y, wrong_result = result, wrong_expected = expected;
  }
  // Of equal errors the first in the order of bits stays, in whatever order they come.
  void count(double by, T at_x, T at_y) {
    if (by > error || (by == error && order(at_x, at_y) < order(x, y))) error = by, x = at_x, y = at_y;
  }
  void merge(const Worst& other) {
    count(other.error, other.x, other.y);
    if (wrong == 0) {
      wrong_x = other.wrong_x, wrong_y = other.wrong_y;
      wrong_result = other.wrong_result, wrong_expected = other.wrong_expected;
    }
    wrong += other.wrong;
  }

 private:
  static std::pair<uint64_t, uint64_t> order(T x, T y) {
    return {std::bit_cast<uint64_t>(double(x)), std::bit_cast<uint64_t>(double(y))};
  }
};

// SplitMix64: a number at random for each index.
uint64_t hash(uint64_t i) {
  i += 0x9e3779b97f4a7c15;
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9;
  i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
  return i ^ (i >> 31);
}

// Zero, infinity, nan, the ends of the normal and subnormal numbers, small whole numbers and halves, other thresholds,
// the function's hard arguments, what is next to each, and the negatives of all.
template <class T>
std::vector<T> special_values(const Function& f) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {0,
                           Limits::infinity(),
                           Limits::quiet_NaN(),
                           Limits::denorm_min(),
                           Limits::min(),
                           Limits::min() / 2,
                           Limits::max(),
                           1 / Limits::epsilon(),
                           1 / Limits::epsilon() + 1,
                           2 / Limits::epsilon()};
  for (const double x : {524288.0, 88.72284, 103.97208, 150.0, 1e-10, 0.25, 0.75}) values.push_back(T(x));
  for (int i = 1; i <= 24; i++) values.push_back(T(i) / 2);
  for (const double x : f.hard) values.push_back(T(x));
  for (const double end : {-HUGE_VAL, HUGE_VAL}) {
    for (size_t i = 0, count = values.size(); i < count; i++) values.push_back(std::nextafter(values[i], T(end)));
  }
  for (size_t i = 0, count = values.size(); i < count; i++) values.push_back(-values[i]);
  return values;
}

struct Options {
  uint64_t count, stride = 1;
  int threads = int(std::thread::hardware_concurrency());
  bool exact = false, speed = false;
  std::vector<std::string> names;

  Options(int count, char** words, uint64_t arguments) : count(arguments) {
    for (int i = 1; i < count; i++) {
      const std::string word = words[i];
      const auto number = [&] { return std::max<uint64_t>(i + 1 < count ? strtoull(words[++i], nullptr, 10) : 1, 1); };
      if (word == "--count") {
        this->count = number();
      } else if (word == "--stride") {
        stride = number();
      } else if (word == "--threads") {
        threads = int(number());
      } else if (word == "--exact") {
        exact = true;
      } else if (word == "--speed") {
        speed = true;
      } else if (std::any_of(kFunctions.begin(), kFunctions.end(), [&](const Function& f) { return f.name == word; })) {
        names.push_back(word);
      } else {
        fprintf(stderr, "no option or function %s\n", words[i]);
        exit(2);
      }
    }
  }
  bool wants(const Function& f) const {
    return names.empty() || std::find(names.begin(), names.end(), f.name) != names.end();
  }
};

constexpr size_t kBlock = 2048;

// Arguments, and what each set gives for them.
template <class T>
struct Block {
  const Function& function;
  const std::vector<Set<T>>& sets;
  std::vector<Worst<T>> worst;
  std::vector<T> x = std::vector<T>(kBlock), y = x;
  std::vector<std::vector<T>> results = std::vector<std::vector<T>>(sets.size(), x);

  void run() {
    const size_t index = size_t(&function - kFunctions.data());
    for (size_t s = 0; s < sets.size(); s++) sets[s].functions[index](x.data(), y.data(), results[s].data(), kBlock);
  }
  template <class Real>
  void add(size_t i, Real expected, bool special = false) {
    for (size_t s = 0; s < sets.size(); s++) worst[s].add(function, x[i], y[i], results[s][i], expected, special);
  }
  void add_exact(size_t i, bool special = false) { add(i, function.exact(x[i], y[i]), special); }
};

// Runs body(index, block) for so many blocks over the threads, which know the errors found before.
template <class T, class Body>
void in_blocks(uint64_t blocks, const Function& f, const std::vector<Set<T>>& sets, int threads,
               std::vector<Worst<T>>& worst, Body body) {
  std::vector<Worst<T>> known = worst;
  for (Worst<T>& w : known) w.wrong = 0;
  std::atomic<uint64_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    Block<T> block = {f, sets, known};
    for (uint64_t index; (index = next++) < blocks;) body(index, block);
    const std::lock_guard lock(mutex);
    for (size_t s = 0; s < sets.size(); s++) worst[s].merge(block.worst[s]);
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; t++) pool.emplace_back(work);
  work();
  for (std::thread& thread : pool) thread.join();
}

// All special values, or pairs of them, and more at random; each also alone, since a lane's result is to depend on that
// lane only.
template <class T>
void add_special(const Function& f, const std::vector<Set<T>>& sets, int threads, std::vector<Worst<T>>& worst) {
  const std::vector<T> values = special_values<T>(f);
  const size_t count = values.size(), all = f.arity == 1 ? count : count * count;
  in_blocks(all / kBlock + 1, f, sets, threads, worst, [&](uint64_t index, Block<T>& block) {
    for (size_t i = 0; i < kBlock; i++) {
      const uint64_t n = index * kBlock + i, pair = n < all ? n : hash(n);
      block.x[i] = values[pair % count], block.y[i] = values[pair / count % count];
    }
    block.run();
    for (size_t i = 0; i < kBlock; i++) block.add_exact(i, true);
    for (size_t s = 0; s < sets.size(); s++) {
      for (size_t i = 0; i < kBlock; i++) {
        T x[16], y[16], alone[16];
        std::fill(x, x + 16, block.x[i]), std::fill(y, y + 16, block.y[i]);
        sets[s].functions[&f - kFunctions.data()](x, y, alone, 16);
        for (const T result : alone) {
          if (!same(result, block.results[s][i])) block.worst[s].mismatch(x[0], y[0], block.results[s][i], result);
        }
      }
    }
  });
}

// Nanoseconds per element over 2048 usual arguments, the least of many batches.
template <class T>
double nanoseconds(const Function& f, Run<T> run) {
  constexpr size_t kCount = 2048, kRepeats = 8;
  std::vector<T> x(kCount), y(kCount), result(kCount);
  const auto at = [](Range range, uint64_t i) {
    return T(range.low + (range.high - range.low) * double(hash(i) >> 11) * 0x1p-53);
  };
  for (size_t i = 0; i < kCount; i++) x[i] = at(f.x, i), y[i] = at(f.y, i + kCount);
  double least = HUGE_VAL;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto end = now() + std::chrono::milliseconds(40);
  do {
    const auto from = now();
    for (size_t r = 0; r < kRepeats; r++) run(x.data(), y.data(), result.data(), kCount);
    least = std::min(least, std::chrono::duration<double, std::nano>(now() - from).count());
  } while (now() < end);
  return least / double(kCount * kRepeats);
}

// The worst of all sets is shown with its argument. Returns whether the bound holds.
template <class T>
bool print_errors(const Function& f, const std::vector<Set<T>>& sets, const std::vector<Worst<T>>& worst) {
  bool good = true;
  const Worst<T>* most = &worst[0];
  printf(" %g |", f.bound);
  for (size_t s = 0; s < sets.size(); s++) {
    const Worst<T>& w = worst[s];
    if (w.error > most->error) most = &w;
    printf(" %.3f%s |", w.error, w.error > f.bound ? " !" : "");
    if (w.wrong != 0) {
      fprintf(stderr, "%s, %s: %llu values wrong, first (%a, %a): %a instead of %a\n", f.name, sets[s].name,
              static_cast<unsigned long long>(w.wrong), w.wrong_x, w.wrong_y, w.wrong_result, w.wrong_expected);
    }
    good &= w.error <= f.bound && w.wrong == 0;
  }
  constexpr int kDigits = std::numeric_limits<T>::max_digits10;
  printf(" %.*g", kDigits, double(most->x));
  if (f.arity == 2) printf(", %.*g", kDigits, double(most->y));
  printf(" |");
  return good;
}

// fill(f, index, block) gives a block's arguments; check(block) adds what of its results is worth it.
template <class T, class Blocks, class Fill, class Check>
int measure(const Options& options, Blocks blocks, Fill fill, Check check) {
  const std::vector<Set<T>> sets = find_sets<T>();
  std::string head, rule;
  for (const Set<T>& set : sets) head += std::string(" ") + set.name + " |", rule += "---:|";
  if (options.speed) {
    printf("| ns per element |%s\n|---|%s\n", head.c_str(), rule.c_str());
  } else {
    printf("| worst error | bound |%s at |\n|---|---:|%s---|\n", head.c_str(), rule.c_str());
  }
  bool good = true;
  for (const Function& f : kFunctions) {
    if (!options.wants(f)) continue;
    printf("| `%s` |", f.name);
    if (options.speed) {
      for (const Set<T>& set : sets) printf(" %.2f |", nanoseconds<T>(f, set.functions[&f - kFunctions.data()]));
    } else {
      std::vector<Worst<T>> worst(sets.size());
      add_special(f, sets, options.threads, worst);
      in_blocks(blocks(f), f, sets, options.threads, worst, [&](uint64_t index, Block<T>& block) {
        fill(index, block);
        block.run();
        check(block);
      });
      good &= print_errors(f, sets, worst);
    }
    printf("\n");
    fflush(stdout);
  }
  return good ? 0 : 1;
}

}  // namespace
