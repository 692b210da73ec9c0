// How large a piece of the product each level of the memory hierarchy holds, for each instruction set.
#pragma once
#include "../simd/vec.h"

namespace nabla::NABLA_ISA {
namespace {

// The micro-kernel keeps a tile of mr rows by `vectors` vectors in registers. Per step along k it loads `vectors`
// vectors of b and broadcasts mr elements of a. The tile needs enough sums to hide the latency of a multiply-add and
// enough arithmetic per load; the 32 registers of AVX-512 could hold a larger one, which measured no faster and wastes
// more at the edges. A panel of b (nr columns, kc steps) is used again and again from the nearest caches while the
// tiles of a's block (mc rows) go past it, which stay in the second level. Packed a (up to `most` rows) and packed b
// (up to `most` columns) stay in the third. mc and most are for four-byte elements and change inversely with the size.
struct BlockSizes {
  int mr, vectors;
  bool wider;
  int mc, kc, most;
};

#if defined(__AVX512F__)
constexpr BlockSizes kBlockSizes = {8, 2, true, 240, 384, 4096};
#elif defined(__AVX2__)
constexpr BlockSizes kBlockSizes = {6, 2, false, 120, 256, 4080};
#elif defined(__aarch64__)
constexpr BlockSizes kBlockSizes = {8, 2, true, 240, 256, 4096};
#else
constexpr BlockSizes kBlockSizes = {4, 2, false, 120, 256, 4080};
#endif

template <class T>
struct Blocking {
  static constexpr int mr = kBlockSizes.mr;
  static constexpr int vectors = kBlockSizes.vectors;
  static constexpr int nr = vectors * kVecLanes<T>;
  static constexpr bool wider = kBlockSizes.wider;
  static constexpr int widest = nr + (wider ? kVecLanes<T> : 0);
  static constexpr int64_t mc = kBlockSizes.mc * 4 / int64_t(sizeof(T));
  static constexpr int64_t kc = kBlockSizes.kc;
  static constexpr int64_t most = kBlockSizes.most * 4 / int64_t(sizeof(T));
};

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t multiple) { return ceil_div(a, multiple) * multiple; }
constexpr int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// How many panels n columns are: the last one takes a part of a vector along with its nr columns where it can.
template <class T>
constexpr int64_t panels_of(int64_t n) {
  using B = Blocking<T>;
  return B::wider && n > B::nr ? (n + B::nr - kVecLanes<T>) / B::nr : ceil_div(n, B::nr);
}

// Splits `total` into as few blocks of at most `limit` as there can be, of nearly one size: a full block followed by a
// sliver would pay for the sliver's packing with hardly any arithmetic. `limit` is a multiple of `multiple`.
constexpr int64_t even_block(int64_t total, int64_t limit, int64_t multiple) {
  if (total <= limit) return round_up(total, multiple);
  return round_up(ceil_div(total, ceil_div(total, limit)), multiple);
}

// `total` in nearly equal parts.
struct Parts {
  int64_t count, least, larger;  // the first ones have one more than the least

  Parts() = default;
  Parts(int64_t total, int64_t parts) : count(parts), least(parts <= 1 ? total : total / parts) {
    larger = total - least * parts;
  }
  int64_t start(int64_t i) const { return i * least + smaller(i, larger); }
};

}  // namespace
}  // namespace nabla::NABLA_ISA
