// Reductions. Each folds elements into a state, for one column of elements along a line or for many columns side by
// side, row by row.
//
// Floating-point sums and products are taken over a tree whose shape depends on the number of elements alone: blocks of
// kBlock elements in kLanes lanes, and the blocks' results in pairs, in double. So the error grows with the logarithm
// of the length, and neither the instruction set nor the layout nor the division of the work changes a bit.
#pragma once
#include "elementwise.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int kLanes = 16;
constexpr int64_t kBlock = 128;
static_assert(kBlock == kMergeUnit);

// The type whose vectors hold elements of T: a bool is any byte.
template <class T>
struct CellOf {
  using type = T;
};
template <>
struct CellOf<Bool> {
  using type = uint8_t;
};
template <class T>
using Cell = typename CellOf<T>::type;

template <class T>
constexpr T lowest() {
  if constexpr (is_float<T>) {
    return T(-__builtin_inf());
  } else if constexpr (static_cast<T>(-1) < T(0)) {
    return static_cast<T>(uint64_t(1) << (8 * sizeof(T) - 1));
  } else {
    return T(0);
  }
}
template <class T>
constexpr T highest() {
  if constexpr (is_float<T>) {
    return T(__builtin_inf());
  } else {
    return static_cast<T>(~lowest<T>());
  }
}

// x in every lane.
template <class V, class T>
NABLA_INLINE V filled(T x) {
  V value;
  for (int l = 0; l < int(sizeof(V) / sizeof(T)); l++) value[l] = x;
  return value;
}

// What two values are folded to, by lane or one by one. Smaller and Larger keep a nan, whichever side it is on.
struct Add {
  template <class V>
  NABLA_INLINE V of(V x, V y) {
    return static_cast<V>(x + y);
  }
  template <class T>
  static constexpr T identity = T(0);
};
struct Multiply {
  template <class V>
  NABLA_INLINE V of(V x, V y) {
    return static_cast<V>(x * y);
  }
  template <class T>
  static constexpr T identity = T(1);
};
struct Larger {
  template <class V>
  NABLA_INLINE auto beyond(V x, V best) {
    return x > best;
  }
  template <class V>
  NABLA_INLINE V of(V best, V x) {
    return x != x ? x : larger_or(x, best);
  }
  template <class T>
  static constexpr T identity = lowest<T>();
};
struct Smaller {
  template <class V>
  NABLA_INLINE auto beyond(V x, V best) {
    return x < best;
  }
  template <class V>
  NABLA_INLINE V of(V best, V x) {
    return x != x ? x : smaller_or(x, best);
  }
  template <class T>
  static constexpr T identity = highest<T>();
};

// Lane l with lane l + half of a vector, for ever smaller halves.
template <class F, class T, class V>
NABLA_INLINE T fold_lanes(V x) {
  if constexpr (sizeof(V) == 64) {
    using Half = typename VectorType<T, 32>::type;
    const auto words = bits<typename VectorType<int64_t, 64>::type>(x);
    return fold_lanes<F, T>(F::of(bits<Half>(__builtin_shufflevector(words, words, 0, 1, 2, 3)),
                                  bits<Half>(__builtin_shufflevector(words, words, 4, 5, 6, 7))));
  } else if constexpr (sizeof(V) == 32) {
    using Half = typename VectorType<T, 16>::type;
    const auto words = bits<typename VectorType<int64_t, 32>::type>(x);
    return fold_lanes<F, T>(F::of(bits<Half>(__builtin_shufflevector(words, words, 0, 1)),
                                  bits<Half>(__builtin_shufflevector(words, words, 2, 3))));
  } else {
    T lane[16 / sizeof(T)];
    for (int l = 0; l < int(16 / sizeof(T)); l++) lane[l] = x[l];
    for (int half = 8 / sizeof(T); half > 0; half /= 2) {
      for (int l = 0; l < half; l++) lane[l] = F::of(lane[l], lane[l + half]);
    }
    return lane[0];
  }
}

// into[c] = from[c] (or the identity) folded with the elements of `rows` rows, one row after the other; into and from
// may be one.
template <class F, class T, int rows>
NABLA_INLINE void fold_columns(T* into, const T* from, const char* src, int64_t pitch, int64_t columns) {
  using V = Vec<T>;
  constexpr int lanes = kVecLanes<T>;
  const V identity = filled<V>(F::template identity<T>);
  int64_t c = 0;
  for (; c + lanes <= columns; c += lanes) {
    V value = from == nullptr ? identity : load<V>(from + c);
    for (int r = 0; r < rows; r++) value = F::of(value, load<V>(src + r * pitch + c * int64_t(sizeof(T))));
    store<V>(into + c, value);
  }
  if (const int64_t left = columns - c; left > 0) {
    V value = from == nullptr ? identity : load_part<V>(from + c, left, identity);
    for (int r = 0; r < rows; r++) {
      value = F::of(value, load_part<V>(reinterpret_cast<const T*>(src + r * pitch) + c, left, identity));
    }
    store_part<V>(into + c, value, left);
  }
}

// The same for any number of rows.
template <class F, class T>
static void fold_any(T* into, const T* from, const char* src, int64_t pitch, int64_t rows, int64_t columns) {
  for (; rows >= 8; rows -= 8, src += 8 * pitch, from = into) fold_columns<F, T, 8>(into, from, src, pitch, columns);
  for (; rows >= 4; rows -= 4, src += 4 * pitch, from = into) fold_columns<F, T, 4>(into, from, src, pitch, columns);
  for (; rows > 0; rows -= 1, src += pitch, from = into) fold_columns<F, T, 1>(into, from, src, pitch, columns);
}

// Floating-point sums and products. The state has the lanes of the block that is being folded, then the results of
// finished blocks as the digits of a binary counter: level i holds that of 2^i blocks where bit i of their number is
// set. Lanes and levels are rows of columns.
template <class T, class F, bool divided>
struct Tree {
  using V = Vec<T>;
  static constexpr int kWide = kLanes / kVecLanes<T>;           // vectors that hold the lanes of a block
  static constexpr int kTogether = kWide >= 4 ? 1 : 4 / kWide;  // blocks whose sums are independent, for speed
  static constexpr int64_t kLaneBytes = kLanes * int64_t(sizeof(T));

  static int levels(int64_t count) { return 65 - __builtin_clzll(uint64_t(count / kBlock + 1)); }
  static int64_t bytes(int64_t columns, int64_t count) {
    return columns * (kLaneBytes + levels(count) * int64_t(sizeof(double)));
  }
  static T* lanes(void* state) { return static_cast<T*>(state); }
  static double* level(void* state, int64_t columns, int i) {
    return reinterpret_cast<double*>(static_cast<char*>(state) + columns * kLaneBytes) + i * columns;
  }
  static void start(void*, int64_t) {}

  // Pushes the results of 2^at blocks.
  template <class From>
  static void push(void* state, int64_t columns, const From* results, int64_t blocks, int at) {
    int top = at;
    while ((blocks >> top) & 1) top++;
    double* const into = level(state, columns, top);
    if (top == at) {
      for (int64_t c = 0; c < columns; c++) into[c] = static_cast<double>(results[c]);
      return;
    }
    const double* below = level(state, columns, at);
    for (int64_t c = 0; c < columns; c++) into[c] = F::of(static_cast<double>(results[c]), below[c]);
    for (int i = at + 1; i < top; i++) {
      below = level(state, columns, i);
      for (int64_t c = 0; c < columns; c++) into[c] = F::of(into[c], below[c]);
    }
  }

  // Folds the lanes of a block of which `active` are in use, into the first.
  static void close(T* lane, int64_t columns, int64_t active) {
    for (int64_t half = kLanes / 2; half > 0; half /= 2) {
      const int64_t both = active - half < half ? active - half : half;
      if (both <= 0) continue;
      fold_columns<F, T, 1>(lane, lane, reinterpret_cast<const char*>(lane + half * columns), 0, both * columns);
      active = half;
    }
  }

  static void fold_rows(void* state, int64_t columns, const char* src, int64_t pitch, int64_t rows, int64_t first) {
    T* const lane = lanes(state);
    while (rows > 0) {
      const int64_t position = first % kBlock;
      const int64_t here = rows < kBlock - position ? rows : kBlock - position;
      // Rows that follow one another without a gap fill all lanes at once.
      const bool dense = pitch == columns * int64_t(sizeof(T)) && position % kLanes == 0;
      const int64_t together = dense ? here / kLanes * kLanes : 0;
      if (together > 0) {
        fold_any<F, T>(lane, position == 0 ? nullptr : lane, src, kLanes * pitch, together / kLanes, kLanes * columns);
      }
      for (int64_t i = together; i < together + kLanes && i < here; i++) {
        T* const into = lane + (position + i) % kLanes * columns;
        fold_any<F, T>(into, position + i < kLanes ? nullptr : into, src + i * pitch, kLanes * pitch,
                       (here - i + kLanes - 1) / kLanes, columns);
      }
      rows -= here;
      src += here * pitch;
      first += here;
      if (position + here == kBlock) {
        close(lane, columns, kLanes);
        push(state, columns, lane, first / kBlock - 1, 0);
      }
    }
  }

  // One column. The lanes of a block are in vectors.

  NABLA_INLINE T close(V* lane) {
    for (int half = kWide / 2; half > 0; half /= 2) {
      for (int w = 0; w < half; w++) lane[w] = F::of(lane[w], lane[w + half]);
    }
    return fold_lanes<F, T>(lane[0]);
  }
  NABLA_INLINE void push_one(double* level, double value, int64_t blocks) {
    for (; blocks & 1; blocks >>= 1) value = F::of(value, *level++);
    *level = value;
  }

  // One or several whole blocks.
  template <int together>
  NABLA_INLINE void blocks(const T* x, T* results) {
    V sum[together][kWide];
    for (int b = 0; b < together; b++) {
      for (int w = 0; w < kWide; w++) sum[b][w] = filled<V>(F::template identity<T>);
    }
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      for (int b = 0; b < together; b++) {
        for (int w = 0; w < kWide; w++) {
          sum[b][w] = F::of(sum[b][w], load<V>(x + b * kBlock + i + w * kVecLanes<T>));
        }
      }
    }
    for (int b = 0; b < together; b++) results[b] = close(sum[b]);
  }

  NABLA_INLINE double close_stored(const T* lane) {
    V sum[kWide];
    for (int w = 0; w < kWide; w++) sum[w] = load<V>(lane + w * kVecLanes<T>);
    return static_cast<double>(close(sum));
  }

  // More of a block, from its first lane on.
  NABLA_INLINE void part(V* lane, const T* x, int64_t n) {
    constexpr int lanes = kVecLanes<T>;
    const V identity = filled<V>(F::template identity<T>);
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (int w = 0; w < kWide; w++) lane[w] = F::of(lane[w], load<V>(x + i + w * lanes));
    }
    for (int w = 0; w < kWide; w++) {
      const int64_t left = n - i - w * lanes;
      if (left <= 0) break;
      const T* const at = x + i + w * lanes;
      lane[w] = F::of(lane[w], left >= lanes ? load<V>(at) : load_part<V>(at, left, identity));
    }
  }

  // All of a line that is no longer than a block.
  NABLA_INLINE void short_line(char* dst, const char* src, int64_t n) {
    V sum[kWide];
    for (int w = 0; w < kWide; w++) sum[w] = filled<V>(F::template identity<T>);
    part(sum, reinterpret_cast<const T*>(src), n);
    const double result = F::of(F::template identity<double>, static_cast<double>(close(sum)));
    *reinterpret_cast<T*>(dst) = static_cast<T>(divided ? result / static_cast<double>(n) : result);
  }

  static void fold(void* state, const char* src, int64_t n, int64_t first) {
    const T* x = reinterpret_cast<const T*>(src);
    T* const lane = lanes(state);
    double* const levels = level(state, 1, 0);
    const bool begun = first % kBlock != 0;
    // The rest of a block that was begun.
    for (; n > 0 && first % kLanes != 0; n--, first++, x++) lane[first % kLanes] = F::of(lane[first % kLanes], *x);
    if (const int64_t position = first % kBlock; n > 0 && position != 0) {
      const int64_t here = n < kBlock - position ? n : kBlock - position;
      V sum[kWide];
      for (int w = 0; w < kWide; w++) sum[w] = load<V>(lane + w * kVecLanes<T>);
      part(sum, x, here);
      for (int w = 0; w < kWide; w++) store<V>(lane + w * kVecLanes<T>, sum[w]);
      x += here;
      n -= here;
      first += here;
    }
    if (begun && first % kBlock == 0) push_one(levels, close_stored(lane), first / kBlock - 1);
    int64_t done = first / kBlock;
    for (; n >= kTogether * kBlock; n -= kTogether * kBlock, x += kTogether * kBlock) {
      T results[kTogether];
      blocks<kTogether>(x, results);
      if (kTogether == 4 && done % 4 == 0) {
        double part[4];
        for (int b = 0; b < kTogether; b++) part[b] = static_cast<double>(results[b]);
        push_one(levels + 2, F::of(F::of(part[0], part[1]), F::of(part[2], part[3])), done / 4);
        done += 4;
      } else {
        for (int b = 0; b < kTogether; b++) push_one(levels, static_cast<double>(results[b]), done++);
      }
    }
    for (; n >= kBlock; n -= kBlock, x += kBlock) {
      T result;
      blocks<1>(x, &result);
      push_one(levels, static_cast<double>(result), done++);
    }
    if (n > 0) {
      V sum[kWide];
      for (int w = 0; w < kWide; w++) sum[w] = filled<V>(F::template identity<T>);
      part(sum, x, n);
      for (int w = 0; w < kWide; w++) store<V>(lane + w * kVecLanes<T>, sum[w]);
    }
  }

  static void merge(void* state, int64_t columns, const void* later, int64_t first, int64_t count) {
    void* const from = const_cast<void*>(later);
    const int64_t blocks = count / kBlock;
    int64_t done = first / kBlock;
    for (int i = 62; i >= 0; i--) {
      if (!((blocks >> i) & 1)) continue;
      push(state, columns, level(from, columns, i), done, i);
      done += int64_t(1) << i;
    }
    if (count % kBlock != 0) memcpy(state, later, size_t(columns * kLaneBytes));
  }

  static void finish(void* state, int64_t columns, char* dst, int64_t count) {
    T* const out = reinterpret_cast<T*>(dst);
    int64_t blocks = count / kBlock;
    if (const int64_t rest = count % kBlock; columns == 1 && rest >= kLanes) {
      push_one(level(state, 1, 0), close_stored(lanes(state)), blocks++);
    } else if (rest != 0) {
      close(lanes(state), columns, rest);
      push(state, columns, lanes(state), blocks++, 0);
    }
    for (int64_t c = 0; c < columns; c++) {
      double result = F::template identity<double>;
      int i = 0;
      for (int64_t left = blocks; left != 0; left >>= 1, i++) {
        if (left & 1) result = F::of(result, level(state, columns, i)[c]);
      }
      out[c] = static_cast<T>(divided ? result / static_cast<double>(count) : result);
    }
  }
};

// Reductions whose result is the same in any order: one value for each column.
template <class T, class F>
struct Carry {
  using E = Cell<T>;
  using V = Vec<E>;

  static int64_t bytes(int64_t columns, int64_t) { return columns * int64_t(sizeof(E)); }
  static void start(void* state, int64_t columns) {
    for (int64_t c = 0; c < columns; c++) static_cast<E*>(state)[c] = F::template identity<E>;
  }
  static E line(const E* x, int64_t n, E value) {
    constexpr int lanes = kVecLanes<E>, unroll = 4;
    int64_t i = 0;
    if (n >= lanes) {
      V part[unroll];
      for (int u = 0; u < unroll; u++) part[u] = filled<V>(F::template identity<E>);
      for (; i + unroll * lanes <= n; i += unroll * lanes) {
        for (int u = 0; u < unroll; u++) part[u] = F::of(part[u], load<V>(x + i + u * lanes));
      }
      for (; i + lanes <= n; i += lanes) part[0] = F::of(part[0], load<V>(x + i));
      if (i < n) part[1] = F::of(part[1], load_part<V>(x + i, n - i, filled<V>(F::template identity<E>)));
      part[0] = F::of(F::of(part[0], part[1]), F::of(part[2], part[3]));
      return F::of(value, fold_lanes<F, E>(part[0]));
    }
    for (; i < n; i++) value = F::of(value, x[i]);
    return value;
  }
  static void fold(void* state, const char* src, int64_t n, int64_t) {
    E& value = *static_cast<E*>(state);
    value = line(reinterpret_cast<const E*>(src), n, value);
  }
  static void fold_rows(void* state, int64_t columns, const char* src, int64_t pitch, int64_t rows, int64_t) {
    E* const value = static_cast<E*>(state);
    fold_any<F, E>(value, value, src, pitch, rows, columns);
  }
  static void merge(void* state, int64_t columns, const void* later, int64_t, int64_t) {
    fold_rows(state, columns, static_cast<const char*>(later), 0, 1, 0);
  }
  static void finish(void* state, int64_t columns, char* dst, int64_t) {
    const E* const value = static_cast<const E*>(state);
    T* const out = reinterpret_cast<T*>(dst);
    for (int64_t c = 0; c < columns; c++) {
      if constexpr (is_bool<T>) {
        out[c] = Bool(value[c] != 0);
      } else {
        out[c] = value[c];
      }
    }
  }
};

// The integer of that many bytes.
template <size_t bytes>
struct SignedOf;
template <>
struct SignedOf<1> {
  using type = int8_t;
};
template <>
struct SignedOf<2> {
  using type = int16_t;
};
template <>
struct SignedOf<4> {
  using type = int32_t;
};
template <>
struct SignedOf<8> {
  using type = int64_t;
};

// The position of the first extreme element; nan counts as more extreme than any number.
template <class T, class F>
struct ArgExtreme {
  using E = Cell<T>;
  using I = typename SignedOf<sizeof(E)>::type;
  static constexpr int64_t kChunk = 1024;  // elements looked at for the extreme first, and for its position then
  static constexpr int64_t kRows = 64;     // rows that an int8_t can number

  // Every true bool alike.
  template <class V>
  NABLA_INLINE V plain(V x) {
    if constexpr (is_bool<T>) {
      const V one = static_cast<V>(V{} + E(1));
      return x < one ? x : one;
    } else {
      return x;
    }
  }
  template <class V>
  NABLA_INLINE auto better(V x, V best) {
    return F::beyond(x, best) | ((x != x) & (best == best));
  }

  // Positions, then the best values, then the rows of this call that hold them.
  static int64_t bytes(int64_t columns, int64_t) { return columns * int64_t(sizeof(int64_t) + 2 * sizeof(E)); }
  static int64_t* positions(void* state) { return static_cast<int64_t*>(state); }
  static E* values(void* state, int64_t columns) { return reinterpret_cast<E*>(positions(state) + columns); }
  static void start(void* state, int64_t columns) {
    for (int64_t c = 0; c < columns; c++) {
      positions(state)[c] = -1;
      values(state, columns)[c] = F::template identity<E>;
    }
  }

  // Where the value is first, from `from` on.
  static int64_t find(const E* x, E value, int64_t from, int64_t end) {
    using V = Vec<E>;
    const V wanted = filled<V>(value);
    const bool nan = value != value;
    for (; from + kVecLanes<E> <= end; from += kVecLanes<E>) {
      const V here = plain(load<V>(x + from));
      if (any_lane(nan ? here != here : here == wanted)) break;
    }
    while (nan ? x[from] == x[from] : plain(x[from]) != value) from++;
    return from;
  }

  static void fold(void* state, const char* src, int64_t n, int64_t first) {
    const E* const x = reinterpret_cast<const E*>(src);
    int64_t& position = *positions(state);
    E& best = *values(state, 1);
    for (int64_t from = 0; from < n; from += kChunk) {
      const int64_t end = from + kChunk < n ? from + kChunk : n;
      E extreme = F::template identity<E>;
      if constexpr (is_bool<T>) {
        for (int64_t i = from; i < end; i++) extreme = F::of(extreme, plain(x[i]));
      } else {
        extreme = Carry<T, F>::line(x + from, end - from, extreme);
      }
      if (position >= 0 && !better(extreme, best)) continue;
      best = extreme;
      position = first + find(x, extreme, from, end);
    }
  }

  // `rows` more rows, the first of which is number `from` of this call.
  template <int rows>
  NABLA_INLINE void columns_of(E* best, I* row, const char* src, int64_t pitch, int64_t columns, int from) {
    using V = Vec<E>;
    using VI = Vec<I>;
    constexpr int lanes = kVecLanes<E>;
    int64_t c = 0;
    for (; c + lanes <= columns; c += lanes) {
      V value = load<V>(best + c);
      VI at = load<VI>(row + c);
      for (int r = 0; r < rows; r++) {
        const V x = plain(load<V>(src + r * pitch + c * int64_t(sizeof(E))));
        const auto wins = better(x, value);
        value = wins ? x : value;
        at = wins ? filled<VI>(I(from + r)) : at;
      }
      store<V>(best + c, value);
      store<VI>(row + c, at);
    }
    for (; c < columns; c++) {
      for (int r = 0; r < rows; r++) {
        const E x = plain(reinterpret_cast<const E*>(src + r * pitch)[c]);
        if (!better(x, best[c])) continue;
        best[c] = x;
        row[c] = I(from + r);
      }
    }
  }

  static void fold_rows(void* state, int64_t columns, const char* src, int64_t pitch, int64_t rows, int64_t first) {
    int64_t* const position = positions(state);
    E* const best = values(state, columns);
    I* const row = reinterpret_cast<I*>(best + columns);
    for (int64_t from = 0; from < rows; from += kRows, src += kRows * pitch) {
      const int here = int(rows - from < kRows ? rows - from : kRows);
      int r = 0;
      for (int64_t c = 0; c < columns; c++) row[c] = I(-1);
      if (position[0] < 0) {
        for (int64_t c = 0; c < columns; c++) {
          best[c] = plain(reinterpret_cast<const E*>(src)[c]);
          row[c] = 0;
        }
        r = 1;
      }
      for (; r + 4 <= here; r += 4) columns_of<4>(best, row, src + r * pitch, pitch, columns, r);
      for (; r < here; r++) columns_of<1>(best, row, src + r * pitch, pitch, columns, r);
      for (int64_t c = 0; c < columns; c++) position[c] = row[c] >= 0 ? first + from + row[c] : position[c];
    }
  }

  static void merge(void* state, int64_t columns, const void* later, int64_t first, int64_t) {
    void* const from = const_cast<void*>(later);
    int64_t* const position = positions(state);
    E* const best = values(state, columns);
    for (int64_t c = 0; c < columns; c++) {
      const E x = values(from, columns)[c];
      if (position[c] >= 0 && !better(x, best[c])) continue;
      best[c] = x;
      position[c] = first + positions(from)[c];
    }
  }

  static void finish(void* state, int64_t columns, char* dst, int64_t) {
    memcpy(dst, positions(state), size_t(columns) * sizeof(int64_t));
  }
};

namespace fn {

template <class T, class F>
struct TotalOf {
  using type = Carry<T, F>;
};
template <class F>
struct TotalOf<float, F> {
  using type = Tree<float, F, false>;
};
template <class F>
struct TotalOf<double, F> {
  using type = Tree<double, F, false>;
};

struct sum {
  template <class T>
  using Of = typename TotalOf<T, Add>::type;
};
struct mean {
  template <class T>
  using Of = Tree<T, Add, true>;
};
struct prod {
  template <class T>
  using Of = typename TotalOf<T, Multiply>::type;
};
struct amax {
  template <class T>
  using Of = Carry<T, Larger>;
};
struct amin {
  template <class T>
  using Of = Carry<T, Smaller>;
};
struct any : amax {};
struct all : amin {};
struct argmax {
  template <class T>
  using Of = ArgExtreme<T, Larger>;
};
struct argmin {
  template <class T>
  using Of = ArgExtreme<T, Smaller>;
};

}  // namespace fn

// Each of `rows` rows of n elements, one after another in memory, to one element.
template <class R, int64_t from, int64_t to>
static void whole_rows(char* dst, const char* src, int64_t rows, int64_t n) {
  if constexpr (requires { R::short_line; }) {
    if (n <= kBlock) {
      for (int64_t r = 0; r < rows; r++) R::short_line(dst + r * to, src + r * n * from, n);
      return;
    }
  }
  alignas(64) char state[kStateBytes];
  for (int64_t r = 0; r < rows; r++) {
    R::start(state, 1);
    R::fold(state, src + r * n * from, n, 0);
    R::finish(state, 1, dst + r * to, n);
  }
}

}  // namespace
}  // namespace nabla::NABLA_ISA
