// The epilogue of matrix products: called on every element of c once, when it is finished.
#include "../../native/gemm/gemm.h"

#include <memory>
#include <vector>

#include "../../native/threads.h"
#include "check.h"

namespace nabla {

void* scratch(int which, size_t bytes) {
  static thread_local std::vector<char> blocks[kScratchBlocks];
  std::vector<char>& block = blocks[which];
  if (block.size() < bytes + 64) block.resize(bytes + 64);
  return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(block.data()) + 63) / 64 * 64);
}

}  // namespace nabla

namespace {

using namespace nabla;

struct Finish {
  float* c;
  int64_t m, n, c_rs, c_cs;
  std::vector<int> calls;
};

// Numbers the elements, on top of what they hold.
void add_number(void* context, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  Finish& f = *static_cast<Finish*>(context);
  CHECK(rows > 0 && columns > 0 && row >= 0 && column >= 0 && row + rows <= f.m && column + columns <= f.n);
  for (int64_t i = row; i < row + rows; i++) {
    for (int64_t j = column; j < column + columns; j++) {
      f.calls[size_t(i * f.n + j)]++;
      f.c[i * f.c_rs + j * f.c_cs] += float((i * f.n + j) % 1000);
    }
  }
}

void product(int64_t m, int64_t n, int64_t k, bool a_turned, bool b_turned, bool c_turned, float beta) {
  std::vector<float> a(size_t(m * k)), b(size_t(k * n)), c(size_t(m * n)), before;
  for (size_t i = 0; i < a.size(); i++) a[i] = float(i * 7 % 5) - 2;
  for (size_t i = 0; i < b.size(); i++) b[i] = float(i * 11 % 7) - 3;
  for (size_t i = 0; i < c.size(); i++) c[i] = float(i % 13);
  before = c;
  const int64_t a_rs = a_turned ? 1 : k, a_cs = a_turned ? m : 1, b_rs = b_turned ? 1 : n, b_cs = b_turned ? k : 1;
  const int64_t c_rs = c_turned ? 1 : n, c_cs = c_turned ? m : 1;
  Finish finish = {c.data(), m, n, c_rs, c_cs, std::vector<int>(size_t(m * n))};
  NABLA_ISA::gemm_table[int(DType::f32)](
      {m, n, k, a.data(), a_rs, a_cs, b.data(), b_rs, b_cs, c.data(), c_rs, c_cs, 2, beta, add_number, &finish});
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      float sum = 0;
      for (int64_t p = 0; p < k; p++) sum += a[size_t(i * a_rs + p * a_cs)] * b[size_t(p * b_rs + j * b_cs)];
      const size_t at = size_t(i * c_rs + j * c_cs);
      CHECK(finish.calls[size_t(i * n + j)] == 1);
      CHECK(c[at] == 2 * sum + beta * before[at] + float((i * n + j) % 1000));
    }
  }
}

}  // namespace

int main() {
  set_thread_count(2);
  const int64_t sizes[][3] = {{1, 1, 1},      {1, 9, 5},    {9, 1, 5},     {3, 4, 0},      {5, 100, 3},
                              {100, 3, 5},    {40, 40, 40}, {70, 90, 600}, {150, 140, 80}, {1, 1100, 1000},
                              {300, 20, 200}, {0, 5, 5},    {5, 0, 5}};
  for (const auto& [m, n, k] : sizes) {
    for (int turned = 0; turned < 8; turned++) {
      product(m, n, k, turned & 1, turned & 2, turned & 4, 0);
      product(m, n, k, turned & 1, turned & 2, turned & 4, 3);
    }
  }
  puts("good");
}
