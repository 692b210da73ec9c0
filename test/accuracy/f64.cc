// Measures the float64 functions of native/simd, at random arguments.
#include "measure.h"

namespace {

// Arguments of every kind: of any exponent, of usual size, close to hard ones (and to their multiples and negatives).
class Arguments {
 public:
  Arguments(const Function& f, uint64_t seed) : f_(f), random_(seed) {}

  double next(Range usual) {
    switch (random_() % 6) {
      case 0: return any_exponent(-1074, 1023);
      case 1: return any_exponent(-70, 12);
      case 2: return uniform(usual.low, usual.high);
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
      case 0: return std::bit_cast<double>(std::bit_cast<int64_t>(x) + int64_t(random_() % 17) - 8);
      case 1: return x * (1 + std::ldexp(uniform(-1, 1), -int(random_() % 50)));
      default: return x + std::ldexp(uniform(-1, 1), -int(random_() % 60));
    }
  }

  const Function& f_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int count, char** words) {
  const Options options(count, words, 1500000);
  return measure<double>(
      options, [&](const Function&) { return (options.count + kBlock - 1) / kBlock; },
      [](uint64_t index, Block<double>& block) {
        Arguments arguments(block.function, hash(index));
        for (size_t i = 0; i < kBlock; i++) {
          block.x[i] = arguments.next(block.function.x);
          block.y[i] = arguments.next(block.function.y);
        }
      },
      [](Block<double>& block) {
        for (size_t i = 0; i < kBlock; i++) block.add_exact(i);
      });
}
