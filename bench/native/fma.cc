// The most multiply-adds that one core does, with operands in registers: what matrix products are measured against.
// Prints one line of JSON: the instruction set that it was compiled for (-march), and GFLOP/s for each element type.
// The argument is how many seconds to look for the fastest batch (0.2).
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
constexpr const char* kSet = "AVX-512";
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
constexpr const char* kSet = "AVX2";
#else
constexpr int kVectorBytes = 16;
constexpr const char* kSet = "128 bits";
#endif

template <class T>
struct VectorType {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};

// More sums than the latency of a multiply-add times how many start in a cycle, and few enough for 16 registers.
constexpr int kSums = 12;

// The compiler fuses the products and sums where the set has an instruction for that (-ffp-contract=fast is the
// default).
template <class T>
void multiply_add(int64_t times, T x, T y) {
  using V = typename VectorType<T>::type;
  V sum[kSums], factor = x - V{}, shrink = y - V{};
#pragma GCC unroll 16
  for (int i = 0; i < kSums; i++) sum[i] = V{} + T(i);
  for (int64_t t = 0; t < times; t++) {
#pragma GCC unroll 16
    for (int i = 0; i < kSums; i++) {
      sum[i] = sum[i] * shrink + factor;
#if defined(__x86_64__)
      __asm__ volatile("" : "+v"(sum[i]));
#elif defined(__aarch64__)
      __asm__ volatile("" : "+w"(sum[i]));
#endif
    }
  }
}

template <class T>
double gigaflops(double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t times = 20000;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  double best = 1;
  for (const auto start = Clock::now(); since(start) < seconds;) {
    const auto batch = Clock::now();
    multiply_add<T>(times, T(1), T(0.5));
    const double lasted = since(batch);
    if (lasted < best) best = lasted;
  }
  return 2e-9 * double(times) * kSums * (kVectorBytes / double(sizeof(T))) / best;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 0.2;
  const double f32 = gigaflops<float>(seconds), f64 = gigaflops<double>(seconds);
  printf("{\"set\":\"%s\",\"float32\":%.1f,\"float64\":%.1f}\n", kSet, f32, f64);
}
