// out = a + b by loops written for this processor, with stores through the cache and past it: what its memory allows.
// Times them for bench/peer.ts: one line of JSON in, one out.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace {

// A vector of T with the widest registers that the program is compiled for. The generic one leaves the choice to the
// compiler, and has no stores past the cache.
template <class T>
struct Vector {
  static constexpr int64_t lanes = 1;
  T value;
  static Vector load(const T* p) { return {*p}; }
  void store(T* p) const { *p = value; }
  void stream(T* p) const { *p = value; }
  friend Vector operator+(Vector x, Vector y) { return {x.value + y.value}; }
};

#if defined(__AVX512F__)
template <>
struct Vector<float> {
  static constexpr int64_t lanes = 16;
  __m512 value;
  static Vector load(const float* p) { return {_mm512_load_ps(p)}; }
  void store(float* p) const { _mm512_store_ps(p, value); }
  void stream(float* p) const { _mm512_stream_ps(p, value); }
  friend Vector operator+(Vector x, Vector y) { return {_mm512_add_ps(x.value, y.value)}; }
};
template <>
struct Vector<double> {
  static constexpr int64_t lanes = 8;
  __m512d value;
  static Vector load(const double* p) { return {_mm512_load_pd(p)}; }
  void store(double* p) const { _mm512_store_pd(p, value); }
  void stream(double* p) const { _mm512_stream_pd(p, value); }
  friend Vector operator+(Vector x, Vector y) { return {_mm512_add_pd(x.value, y.value)}; }
};
#elif defined(__AVX2__)
template <>
struct Vector<float> {
  static constexpr int64_t lanes = 8;
  __m256 value;
  static Vector load(const float* p) { return {_mm256_load_ps(p)}; }
  void store(float* p) const { _mm256_store_ps(p, value); }
  void stream(float* p) const { _mm256_stream_ps(p, value); }
  friend Vector operator+(Vector x, Vector y) { return {_mm256_add_ps(x.value, y.value)}; }
};
template <>
struct Vector<double> {
  static constexpr int64_t lanes = 4;
  __m256d value;
  static Vector load(const double* p) { return {_mm256_load_pd(p)}; }
  void store(double* p) const { _mm256_store_pd(p, value); }
  void stream(double* p) const { _mm256_stream_pd(p, value); }
  friend Vector operator+(Vector x, Vector y) { return {_mm256_add_pd(x.value, y.value)}; }
};
#endif

enum class Store { Cached, Streaming };

template <Store S, class T>
void put(Vector<T> v, T* p) {
  if constexpr (S == Store::Streaming)
    v.stream(p);
  else
    v.store(p);
}

// Four vectors a turn. The pointers are aligned to 64 bytes.
template <Store S, class T>
void add(const T* a, const T* b, T* out, int64_t n) {
  using V = Vector<T>;
  constexpr int64_t lanes = V::lanes;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const V v0 = V::load(a + i) + V::load(b + i);
    const V v1 = V::load(a + i + lanes) + V::load(b + i + lanes);
    const V v2 = V::load(a + i + 2 * lanes) + V::load(b + i + 2 * lanes);
    const V v3 = V::load(a + i + 3 * lanes) + V::load(b + i + 3 * lanes);
    put<S>(v0, out + i);
    put<S>(v1, out + i + lanes);
    put<S>(v2, out + i + 2 * lanes);
    put<S>(v3, out + i + 3 * lanes);
  }
  for (; i < n; i++) out[i] = a[i] + b[i];
#ifdef __x86_64__
  if constexpr (S == Store::Streaming) _mm_sfence();
#endif
}

void relax() {
#ifdef __x86_64__
  _mm_pause();
#endif
}

// All threads wait here for each other.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait() {
    const int64_t ticket = arrived_.fetch_add(1) / threads_;
    while (arrived_.load(std::memory_order_acquire) < (ticket + 1) * threads_) relax();
  }

 private:
  const int64_t threads_;
  std::atomic<int64_t> arrived_{0};
};

class Work {
 public:
  virtual ~Work() = default;
  // Seconds for one call, over that many, with the better kind of store.
  virtual double time(int64_t calls) = 0;
};

template <class T>
class Add : public Work {
 public:
  Add(int64_t n, int threads) : n_(n), threads_(threads), a_(make(n)), b_(make(n)), out_(make(n)) {}

  double time(int64_t calls) override {
    const double cached = run<Store::Cached>(calls);
    const double streaming = run<Store::Streaming>(calls);
    return cached < streaming ? cached : streaming;
  }

 private:
  struct Free {
    void operator()(T* p) const { free(p); }
  };
  using Array = std::unique_ptr<T[], Free>;

  static constexpr int64_t line = 64 / sizeof(T);

  static Array make(int64_t n) {
    T* array = static_cast<T*>(aligned_alloc(64, (n + line - 1) / line * 64));
    for (int64_t i = 0; i < n; i++) array[i] = static_cast<T>(i % 100);
    return Array(array);
  }

  template <Store S>
  void part(int index) {
    const int64_t lines = (n_ + line - 1) / line;
    const int64_t first = lines * index / threads_ * line;
    const int64_t end = lines * (index + 1) / threads_ * line;
    add<S>(a_.get() + first, b_.get() + first, out_.get() + first, (end < n_ ? end : n_) - first);
  }

  template <Store S>
  double run(int64_t calls) {
    using Clock = std::chrono::steady_clock;
    Barrier barrier(threads_);
    const auto repeat = [&](int index) {
      part<S>(index);  // the caches were someone else's until now
      barrier.wait();
      const Clock::time_point start = Clock::now();
      for (int64_t i = 0; i < calls; i++) {
        part<S>(index);
        if (threads_ > 1) barrier.wait();
      }
      return std::chrono::duration<double>(Clock::now() - start).count();
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads_; i++) others.emplace_back(repeat, i);
    const double seconds = repeat(0);
    for (std::thread& thread : others) thread.join();
    return seconds / static_cast<double>(calls);
  }

  const int64_t n_;
  const int threads_;
  const Array a_, b_, out_;
};

}  // namespace

int main() {
#if defined(__AVX512F__)
  puts("AVX-512 loop");
#elif defined(__AVX2__)
  puts("AVX2 loop");
#else
  puts("compiled loop");
#endif
  fflush(stdout);
  std::unique_ptr<Work> work;
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char dtype[16];
    long n = 0, calls = 0;
    int threads = 0;
    double seconds = 0;
    if (sscanf(line, R"({"dtype":"%15[^"]","n":%ld,"threads":%d,"seconds":%lf})", dtype, &n, &threads, &seconds) == 4) {
      if (strcmp(dtype, "float32") == 0)
        work = std::make_unique<Add<float>>(n, threads);
      else
        work = std::make_unique<Add<double>>(n, threads);
      work->time(1);
      for (calls = 1;; calls *= 2) {
        const double lasted = work->time(calls) * static_cast<double>(calls);
        if (lasted < seconds / 2) continue;
        calls = std::lround(static_cast<double>(calls) * seconds / lasted);
        break;
      }
      printf("{\"calls\":%ld,\"checksum\":null}\n", calls < 1 ? 1 : calls);
    } else if (sscanf(line, R"({"calls":%ld})", &calls) == 1 && work) {
      printf("%.9g\n", work->time(calls));
    } else {
      work.reset();
      puts("null");
    }
    fflush(stdout);
  }
}
