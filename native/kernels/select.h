// Order statistics of a row: elements by rank, and the most frequent.
#pragma once
#include "elementwise.h"

namespace nabla::NABLA_ISA {
namespace {

template <class T>
static inline void swap_elements(T& a, T& b) {
  const T kept = a;
  a = b;
  b = kept;
}

template <class T>
static void insertion_sort(T* x, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    const T value = x[i];
    int64_t to = i;
    for (; to > 0 && value < x[to - 1]; to--) x[to] = x[to - 1];
    x[to] = value;
  }
}

template <class T>
static void heap_sort(T* x, int64_t n) {
  const auto sift = [&](int64_t root, int64_t end) {
    const T value = x[root];
    for (int64_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && x[child] < x[child + 1]) child++;
      if (!(value < x[child])) break;
      x[root] = x[child];
    }
    x[root] = value;
  };
  for (int64_t i = n / 2 - 1; i >= 0; i--) sift(i, n);
  for (int64_t end = n - 1; end > 0; end--) {
    swap_elements(x[0], x[end]);
    sift(0, end);
  }
}

constexpr int64_t kFewElements = 24;

static inline int partitions_allowed(int64_t n) { return 2 * (64 - __builtin_clzll(uint64_t(n) | 1)); }

// Parts x[low .. high] around the median of three of its elements: x[low .. j] <= x[j + 1 .. i - 1] <= x[i .. high],
// and what lies between j and i equals the pivot.
template <class T>
static inline void partition(T* x, int64_t low, int64_t high, int64_t& i, int64_t& j) {
  const int64_t middle = low + (high - low) / 2;
  if (x[middle] < x[low]) swap_elements(x[middle], x[low]);
  if (x[high] < x[middle]) swap_elements(x[high], x[middle]);
  if (x[middle] < x[low]) swap_elements(x[middle], x[low]);
  const T pivot = x[middle];
  i = low;
  j = high;
  while (i <= j) {
    while (x[i] < pivot) i++;
    while (pivot < x[j]) j--;
    if (i <= j) swap_elements(x[i++], x[j--]);
  }
}

// The element of rank r. As introselect (Musser 1997): quickselect, and a heap sort of what is left where partitions
// keep being uneven, so that no input takes more than O(n log n).
template <class T>
static T select(T* x, int64_t n, int64_t r) {
  int64_t low = 0, high = n - 1;
  for (int left = partitions_allowed(n); high - low >= kFewElements; left--) {
    if (left == 0) {
      heap_sort(x + low, high - low + 1);
      return x[r];
    }
    int64_t i, j;
    partition(x, low, high, i, j);
    if (r <= j) {
      high = j;
    } else if (r >= i) {
      low = i;
    } else {
      return x[r];
    }
  }
  insertion_sort(x + low, high - low + 1);
  return x[r];
}

template <class T>
static void sort(T* x, int64_t n, int left) {
  while (n > kFewElements) {
    if (left-- == 0) return heap_sort(x, n);
    int64_t i, j;
    partition(x, 0, n - 1, i, j);
    // The longer part by this loop, so that calls nest no deeper than log2(n).
    if (j + 1 < n - i) {
      sort(x, j + 1, left);
      x += i;
      n -= i;
    } else {
      sort(x + i, n - i, left);
      n = j + 1;
    }
  }
  insertion_sort(x, n);
}

// Copies the numbers of a row, and returns how many there are: nan is none.
template <class T>
static int64_t copy_numbers(T* to, const char* src, int64_t stride, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    const T x = load<T>(src + i * stride);
    to[count] = x;
    count += x == x;
  }
  return count;
}

namespace fn {

struct kthvalue {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    T* const numbers = static_cast<T*>(scratch(0, size_t(n) * sizeof(T)));
    if (numbers == nullptr) return false;
    const char* const src = at[2];
    const int64_t step = stride[2], rank = load<int64_t>(at[3]);
    const int64_t count = copy_numbers(numbers, src, step, n);
    // Which of the elements that equal the value stands at this rank in a stable sort.
    int64_t nth = rank - count, index = 0;
    if (nth >= 0) {
      for (;; index++) {
        const T x = load<T>(src + index * step);
        if (x != x && nth-- == 0) break;
      }
    } else {
      const T value = select(numbers, count, rank);
      nth = rank;
      for (int64_t i = 0; i < n; i++) nth -= load<T>(src + i * step) < value;
      for (;; index++) {
        if (load<T>(src + index * step) == value && nth-- == 0) break;
      }
    }
    store<T>(at[0], load<T>(src + index * step));
    store<int64_t>(at[1], index);
    return true;
  }
};

struct mode {
  template <class T>
  static bool row(char* const* at, const int64_t* stride, int64_t n) {
    T* const numbers = static_cast<T*>(scratch(0, size_t(n) * sizeof(T)));
    if (numbers == nullptr) return false;
    const char* const src = at[2];
    const int64_t step = stride[2];
    const int64_t count = copy_numbers(numbers, src, step, n);
    sort(numbers, count, partitions_allowed(n));
    T value = T();
    int64_t most = 0;
    for (int64_t i = 0; i < count;) {
      int64_t end = i + 1;
      while (end < count && numbers[end] == numbers[i]) end++;
      if (end - i > most) {
        most = end - i;
        value = numbers[i];
      }
      i = end;
    }
    const bool nan = n - count > most;
    for (int64_t index = n - 1;; index--) {
      const T x = load<T>(src + index * step);
      if (nan ? x == x : !(x == value)) continue;
      store<T>(at[0], x);
      store<int64_t>(at[1], index);
      return true;
    }
  }
};

}  // namespace fn
}  // namespace
}  // namespace nabla::NABLA_ISA
