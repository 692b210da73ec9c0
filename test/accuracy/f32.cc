// Measures the float32 functions of native/simd: at all floats, or one in every --stride at random within its stride;
// functions of two arguments at pairs at random.
//
// The float64 function of the widest set is a reference that is far better than float32 results and far faster than an
// exact one. Only results that may be as bad as the worst known are given to the exact reference, or all by --exact.
#include "measure.h"

namespace {

float uniform(uint64_t random, Range range) {
  return float(range.low) + float(range.high - range.low) * float(random & 0xffffff) * 0x1p-24f;
}

void fill_pairs(uint64_t index, Block<float>& block) {
  for (size_t i = 0; i < kBlock; i++) {
    const uint64_t random = hash(index * kBlock + i);
    float &x = block.x[i], &y = block.y[i];
    switch (i % 4) {
      case 0:  // any bits
        x = std::bit_cast<float>(uint32_t(random)), y = std::bit_cast<float>(uint32_t(random >> 32));
        break;
      case 1:  // near each other's size
        x = std::bit_cast<float>(uint32_t(random)), y = x * uniform(random >> 32, {-4, 4});
        break;
      case 2:  // the usual
        x = uniform(random, block.function.x), y = uniform(random >> 32, block.function.y);
        break;
      default:  // near 1 and large, for powers
        x = 1 + std::ldexp(uniform(random, {-1, 1}), -int(random >> 60));
        y = std::ldexp(uniform(random >> 24, {-200, 200}), int(random >> 60));
    }
  }
}

void fill_floats(uint64_t index, uint64_t stride, Block<float>& block) {
  for (size_t i = 0; i < kBlock; i++) {
    const uint64_t n = index * kBlock + i, within = stride == 1 ? 0 : hash(n) % stride;
    block.x[i] = std::bit_cast<float>(uint32_t(std::min<uint64_t>(n * stride + within, UINT32_MAX)));
  }
}

// Adds the results whose error may be the worst, or is above 2^-15 at least. Where `expected` is off by less than 2^-16
// units in the last place of a float (by 2^13 of a double), or by twice the unit of functions.def, no other can be.
void check(Block<float>& block, Run<double> wide) {
  double x[kBlock], y[kBlock], expected[kBlock], units[kBlock];
  for (size_t i = 0; i < kBlock; i++) x[i] = block.x[i], y[i] = block.y[i];
  wide(x, y, expected, kBlock);

  // A special value is that of libm: nan, zero, infinity and what rounds to them from afar. (Counted in integers as
  // wide as double, for the compiler to vectorise.)
  const auto ordinary = [](double value) {
    const double size = std::fabs(value);
    return uint64_t(size >= 0x1p-160) & uint64_t(size <= 0x1p129);
  };
  uint64_t count = 0;
  for (size_t i = 0; i < kBlock; i++) count += ordinary(expected[i]);
  for (size_t i = 0; count < kBlock && i < kBlock; i++) {
    if (!ordinary(expected[i])) expected[i] = block.function.in_double(x[i], y[i]);
  }

  // How many units in the last place make 1; they are smaller below a power of two, and so taken close to it. NaN near
  // the ends of the range and beyond.
  for (size_t i = 0; i < kBlock; i++) {
    const double size = std::fabs(expected[i]), less = size * (1 - 0x1p-40);
    const uint64_t exponent = std::bit_cast<uint64_t>(less > 0x1p-126 ? less : 0x1p-126) & 0x7ff0000000000000;
    const double unit = std::bit_cast<double>((uint64_t(2 * 1023 + 23) << 52) - exponent);
    units[i] = size >= 0x1p-148 && size <= 0x1.fffffep127 ? unit : NAN;
  }

  const double off = 2 * block.function.unit * std::numeric_limits<double>::epsilon();
  const auto all_good = [&](size_t from, size_t to) {
    uint64_t good = 0;
    for (size_t s = 0; s < block.sets.size(); s++) {
      const float* results = block.results[s].data();
      const double limit = std::max(block.worst[s].error - 0x1p-16, 0x1p-16);
      for (size_t i = from; i < to; i++) {
        good += uint64_t((std::fabs(double(results[i]) - expected[i]) + off) * units[i] < limit);
      }
    }
    return good == (to - from) * block.sets.size();
  };
  const auto all_same = [&](size_t i) {
    return std::all_of(block.results.begin(), block.results.end(),
                       [&](const std::vector<float>& results) { return same(results[i], float(expected[i])); });
  };
  constexpr size_t kPart = 64;
  for (size_t from = 0; from < kBlock; from += kPart) {
    if (all_good(from, from + kPart)) continue;
    for (size_t i = from; i < from + kPart; i++) {
      if (!(ordinary(expected[i]) ? all_good(i, i + 1) : all_same(i))) block.add_exact(i);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  const Options options(count, words, uint64_t(1) << 28);
  const Run<double>* wide = find_sets<double>().back().functions;
  return measure<float>(
      options,
      [&](const Function& f) {
        const uint64_t arguments = f.arity == 1 ? (UINT32_MAX / options.stride) + 1 : options.count;
        return (arguments + kBlock - 1) / kBlock;
      },
      [&](uint64_t index, Block<float>& block) {
        if (block.function.arity == 1) {
          fill_floats(index, options.stride, block);
        } else {
          fill_pairs(index, block);
        }
      },
      [&](Block<float>& block) {
        if (options.exact) {
          for (size_t i = 0; i < kBlock; i++) block.add_exact(i);
        } else {
          check(block, wide[&block.function - kFunctions.data()]);
        }
      });
}
