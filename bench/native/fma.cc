// The most multiply-adds that one core does, with operands in registers: what matrix products are measured against.
// Times them for bench/peer.ts: one line of JSON in, one out.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

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

// Seconds for so many operations, of which a multiply-add is two.
template <class T>
double time(double flops) {
  using Clock = std::chrono::steady_clock;
  const double each = 2.0 * kSums * (kVectorBytes / double(sizeof(T)));
  const auto start = Clock::now();
  multiply_add<T>(int64_t(std::ceil(flops / each)), T(1), T(0.5));
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main() {
  printf("%s loop\n", kSet);
  fflush(stdout);
  char line[256], dtype[16];
  double flops = 0, seconds = 0;
  long calls = 0;
  double (*work)(double) = nullptr;
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, R"({"dtype":"%15[^"]","flops":%lf,"seconds":%lf})", dtype, &flops, &seconds) == 3) {
      work = strcmp(dtype, "float32") == 0 ? time<float> : time<double>;
      work(flops);
      calls = std::lround(seconds / work(flops));
      printf("{\"calls\":%ld,\"checksum\":null}\n", calls < 1 ? 1 : calls);
    } else if (sscanf(line, R"({"calls":%ld})", &calls) == 1 && work != nullptr) {
      printf("%.9g\n", work(flops * double(calls)) / double(calls));
    } else {
      work = nullptr;
      puts("null");
    }
    fflush(stdout);
  }
}
