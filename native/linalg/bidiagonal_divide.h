// Singular values and vectors of an upper bidiagonal matrix by divide and conquer (Gu and Eisenstat, 1995; LAPACK's
// bdsdc): two halves and the row between them, joined by the roots of a secular equation and products of matrices.
#pragma once
#include "../threads.h"
#include "bidiagonal_qr.h"
#include "bidiagonal_secular.h"

namespace nabla::NABLA_ISA {
namespace {

constexpr int64_t kLeafRows = 24;      // up to this size by QR sweeps
constexpr int64_t kRootsPerTask = 16;  // where the roots and vectors of a join are shared among threads
constexpr int64_t kSharedRoots = 128;

// Rows that left and right hold vectors of: rows of the matrix's first part, of both, or of its second part.
enum class Part : int32_t { first, both, second };

template <class T>
struct Conquest {
  Block<T> left, right;  // a row for each vector; right is of one more row where a part has one more column
  double *d, *e;
  int64_t* order;  // the rows of a part by rising d
  Block<T> gathered, mixing;
  double* reals;      // 6 * n
  int64_t* integers;  // 4 * n
  int64_t unconverged = 0;

  // Memory for a matrix of n rows, besides left and right.
  static size_t bytes(int64_t n) {
    return size_t(n) * (2 * size_t(row_stride<T>(n)) * sizeof(T) + 8 * sizeof(double) + 5 * sizeof(int64_t));
  }
  void place(int64_t n, char* memory) {
    const int64_t stride = row_stride<T>(n);
    d = reinterpret_cast<double*>(memory);
    e = d + n;
    reals = e + n;
    order = reinterpret_cast<int64_t*>(reals + 6 * n);
    integers = order + n;
    gathered = {reinterpret_cast<T*>(integers + 4 * n), stride};
    mixing = gathered.from(n, 0);
  }

  // The part of n rows and n columns, or with `wide` n + 1, from row and column `from` on.
  void solve(int64_t from, int64_t n, bool wide) {
    if (n <= kLeafRows) return solve_leaf(from, n, wide);
    const int64_t first = n / 2, second = n - first - 1;
    solve(from, first, true);
    solve(from + first + 1, second, wide);
    join(from, first, second, wide);
  }

 private:
  void solve_leaf(int64_t from, int64_t n, bool wide) {
    const int64_t begin = align_down(from), columns = align_columns(from + n + wide) - begin;
    for (int64_t i = from; i < from + n; i++) left.at(i, i) = 1;
    for (int64_t i = from; i < from + n + wide; i++) right.at(i, i) = 1;
    unconverged += bidiagonal_qr<T>(n, wide, d + from, e + from, {left.from(0, begin), columns},
                                    {right.from(0, begin), columns}, from);
    for (int64_t i = from; i < from + n; i++) {
      if (d[i] < 0) {
        d[i] = -d[i];
        rotate_rows(right.row(i) + begin, right.row(i) + begin, columns, -1, 0);
      }
      order[i] = i;
    }
    sort(order + from, n);
  }

  // By rising d. Nearly sorted already, or short.
  void sort(int64_t* rows, int64_t count) const {
    for (int64_t i = 1; i < count; i++) {
      const int64_t row = rows[i];
      int64_t j = i;
      for (; j > 0 && d[rows[j - 1]] > d[row]; j--) rows[j] = rows[j - 1];
      rows[j] = row;
    }
  }

  void merge(const int64_t* a, int64_t a_count, const int64_t* b, int64_t b_count, int64_t* merged) const {
    int64_t i = 0, j = 0;
    while (i < a_count || j < b_count) {
      *merged++ = j == b_count || (i < a_count && d[a[i]] <= d[b[j]]) ? a[i++] : b[j++];
    }
  }

  void join(int64_t from, int64_t first, int64_t second, bool wide) {
    constexpr double unit = sizeof(T) == 4 ? 0x1p-24 : 0x1p-53;
    const int64_t n = first + second + 1, middle = from + first, end = from + n;
    const int64_t begin = align_down(from), whole = align_columns(end + wide) - begin;
    const double alpha = d[middle], beta = e[middle];
    double *const pole = reals, *const z = pole + n, *const weight = z + n, *const z_of_row = weight + n - from;
    Root* const roots = reinterpret_cast<Root*>(weight + 2 * n);
    int64_t *const active = integers, *const sorted = active + n, *const deflated = sorted + n;
    int64_t* const part_of_row = deflated + n - from;

    // The middle row in terms of the right vectors.
    double largest = absolute(alpha) > absolute(beta) ? absolute(alpha) : absolute(beta);
    for (int64_t i = from; i < end; i++) {
      if (i == middle) continue;
      z_of_row[i] = i < middle ? alpha * double(right.at(i, middle)) : beta * double(right.at(i, middle + 1));
      part_of_row[i] = int64_t(i < middle ? Part::first : Part::second);
      if (d[i] > largest) largest = d[i];
    }
    // The squares in the equation are those of numbers up to about 1.
    int exponent = 0;
    (void)__builtin_frexp(largest, &exponent);
    const double scale = power_of_two<double>(-exponent), tolerance = 8 * unit * largest * scale;
    for (int64_t i = from; i < end; i++) z_of_row[i] *= scale;
    // The pole at zero is that of the vector which the first part takes to zero, or of both parts' as one.
    double z_middle = alpha * double(right.at(middle, middle)) * scale;
    if (wide) {
      const Rotation q(z_middle, beta * double(right.at(end, middle + 1)) * scale);
      z_middle = q.r;
      if (absolute(q.r) > tolerance) rotate_rows(right.row(middle) + begin, right.row(end) + begin, whole, q.c, q.s);
    }
    if (absolute(z_middle) <= tolerance) z_middle = tolerance;
    memset(left.row(middle) + begin, 0, size_t(whole) * sizeof(T));
    left.at(middle, middle) = 1;

    // Values that the middle row hardly touches, or that equal another, stay as they are.
    merge(order + from, first, order + middle + 1, second, sorted);
    int64_t count = 1, kept = 0, previous = -1;
    active[0] = middle, pole[0] = 0, z[0] = z_middle;
    const auto add = [&](int64_t row) {
      active[count] = row, pole[count] = d[row] * scale, z[count] = z_of_row[row];
      count++;
    };
    for (int64_t i = 0; i < n - 1; i++) {
      const int64_t row = sorted[i];
      if (absolute(z_of_row[row]) <= tolerance) {
        deflated[kept++] = row;
        continue;
      }
      if (previous >= 0) {
        if ((d[row] - d[previous]) * scale <= tolerance) {
          const Rotation q(z_of_row[row], z_of_row[previous]);
          rotate_rows(right.row(row) + begin, right.row(previous) + begin, whole, q.c, q.s);
          rotate_rows(left.row(row) + begin, left.row(previous) + begin, whole, q.c, q.s);
          z_of_row[row] = q.r;
          if (part_of_row[row] != part_of_row[previous]) part_of_row[row] = int64_t(Part::both);
          deflated[kept++] = previous;
        } else {
          add(previous);
        }
      }
      previous = row;
    }
    if (previous >= 0) add(previous);
    if (count > 1 && pole[1] < tolerance / 2) pole[1] = tolerance / 2;
    part_of_row[middle] = int64_t(Part::both);

    // Rows in the order of their parts, so that each half of the columns is made of neighbouring rows.
    int64_t* const place = sorted;
    int64_t begins[4] = {0};
    for (int part = 0; part < 3; part++) {
      int64_t next = begins[part];
      for (int64_t j = 0; j < count; j++) {
        if (part_of_row[active[j]] == part) place[j] = next++;
      }
      begins[part + 1] = next;
    }

    if (count == 1) {
      // The matrix of the middle row alone.
      d[middle] = absolute(z_middle) / scale;
      if (z_middle < 0) rotate_rows(right.row(middle) + begin, right.row(middle) + begin, whole, -1, 0);
      deflated[kept] = middle;
      memcpy(order + from, deflated, size_t(n) * sizeof(int64_t));
      sort(order + from, n);
      return;
    }

    Join join = {{count, pole, z}, weight, roots, place, mixing, true};
    const auto each = [&](void (*task)(void*, int64_t)) {
      const int64_t tasks = (count + kRootsPerTask - 1) / kRootsPerTask;
      if (count >= kSharedRoots) return parallel_for(tasks, task, &join);
      for (int64_t i = 0; i < tasks; i++) task(&join, i);
    };
    each([](void* p, int64_t i) { static_cast<Join*>(p)->find_roots(i); });
    each([](void* p, int64_t i) { static_cast<Join*>(p)->find_weights(i); });
    const auto mix = [&](Block<T> vectors, int64_t columns) {
      each([](void* p, int64_t i) { static_cast<Join*>(p)->find_vectors(i); });
      const auto copy = [&](int64_t row, int64_t to) {
        memcpy(gathered.row(to), vectors.row(row) + from, size_t(columns) * sizeof(T));
      };
      for (int64_t j = 0; j < count; j++) copy(active[j], place[j]);
      for (int64_t j = 0; j < kept; j++) copy(deflated[j], count + j);
      multiply<T>(count, first + 1, begins[2], 1, view(mixing), view(gathered), 0,
                  {vectors.row(from) + from, vectors.stride, 1});
      multiply<T>(count, columns - first - 1, count - begins[1], 1, view(mixing.from(0, begins[1])),
                  view(gathered.from(begins[1], first + 1)), 0, {vectors.row(from) + middle + 1, vectors.stride, 1});
      for (int64_t j = 0; j < kept; j++) {
        memcpy(vectors.row(from + count + j) + from, gathered.row(count + j), size_t(columns) * sizeof(T));
      }
    };
    mix(right, n + wide);
    join.right = false;
    mix(left, n);

    for (int64_t j = 0; j < kept; j++) weight[j] = d[deflated[j]];
    for (int64_t j = 0; j < kept; j++) d[from + count + j] = weight[j];
    for (int64_t j = 0; j < count; j++) d[from + j] = roots[j].value() / scale;
    for (int64_t j = 0; j < n; j++) sorted[j] = from + j;
    sort(sorted + count, kept);
    merge(sorted, count, sorted + count, kept, order + from);
  }

  // What the threads share of a join; a task is a range of roots, poles or rows.
  struct Join {
    Secular equation;
    double* weight;
    Root* roots;
    const int64_t* place;
    Block<T> mixing;
    bool right;

    int64_t end_of(int64_t task) const {
      const int64_t end = (task + 1) * kRootsPerTask;
      return end < equation.count ? end : equation.count;
    }

    void find_roots(int64_t task) {
      constexpr double accuracy = sizeof(T) == 4 ? 0x1p-40 : 0x1p-51;
      for (int64_t i = task * kRootsPerTask; i < end_of(task); i++) roots[i] = equation.solve(i, accuracy);
    }

    // The z whose roots are exactly those found (Loewner's formula), so that the vectors are orthogonal: of factors
    // between 0 and 1.
    void find_weights(int64_t task) {
      constexpr int lanes = kVecLanes<double>;
      const int64_t count = equation.count, end = end_of(task);
      const double* const pole = equation.pole;
      for (int64_t j = task * kRootsPerTask; j < end; j += lanes) {
        const int64_t width = end - j < lanes ? end - j : lanes;
        const F64 poles = load_part_or_all(pole + j, width);
        F64 product = Secular::difference(poles, roots[count - 1]);
        for (int64_t k = 0; k + 1 < count; k++) {
          F64 other = splat(k < j ? pole[k] : pole[k + 1]);
          for (int l = 0; l < lanes && j <= k && k < j + lanes; l++) other[l] = j + l <= k ? pole[k + 1] : pole[k];
          product *= Secular::difference(poles, roots[k]) / ((other - poles) * (other + poles));
        }
        product = sqrt(abs(product));
        for (int l = 0; l < width; l++) weight[j + l] = with_sign(double(product[l]), equation.z[j + l]);
      }
    }

    // Rows of the mixing matrix: the singular vectors, right or left, of the poles' matrix.
    void find_vectors(int64_t task) {
      const int64_t count = equation.count;
      for (int64_t i = task * kRootsPerTask; i < end_of(task); i++) {
        const Root s = roots[i];
        T* const row = mixing.row(i);
        double squares = 0;
        for (int64_t j = 0; j < count; j++) {
          double x = weight[j] / -equation.difference(j, s);
          if (!right) x = j == 0 ? -1 : x * equation.pole[j];
          squares += x * x;
        }
        const double scale = 1 / root(squares);
        for (int64_t j = 0; j < count; j++) {
          double x = weight[j] / -equation.difference(j, s);
          if (!right) x = j == 0 ? -1 : x * equation.pole[j];
          row[place[j]] = T(x * scale);
        }
      }
    }

    static F64 load_part_or_all(const double* from, int64_t width) {
      return width < kVecLanes<double> ? load_part<F64>(from, width, F64{}) : load<F64>(from);
    }
  };
};

}  // namespace
}  // namespace nabla::NABLA_ISA
