#include "linalg.h"
#include "tridiagonal.h"
#include "tridiagonal_divide.h"

namespace nabla::NABLA_ISA {
namespace {

// 2^exponent for an exponent that the type's normal numbers have, their reciprocals too; beyond, the nearest of those.
template <class T>
double power_of_two(int exponent) {
  constexpr int most = sizeof(T) == 4 ? 126 : 1022;
  return __builtin_ldexp(1, exponent > most ? most : exponent < -most ? -most : exponent);
}

// The exponent of the power of two above x > 0.
inline int exponent_of(double x) {
  int exponent;
  (void)__builtin_frexp(x, &exponent);
  return exponent;
}

// What has no result.
enum Failure : int32_t { none = 0, not_finite = 1, not_converged = 2 };

constexpr int64_t kTile = 16;  // rows and columns that are copied together, since strides may go across memory

// Calls copy(i, j) for all places of a matrix, one tile after the other.
template <class Copy>
void by_tiles(int64_t rows, int64_t columns, const Copy& copy) {
  for (int64_t i0 = 0; i0 < rows; i0 += kTile) {
    for (int64_t j0 = 0; j0 < columns; j0 += kTile) {
      for (int64_t i = i0; i < rows && i < i0 + kTile; i++) {
        for (int64_t j = j0; j < columns && j < j0 + kTile; j++) copy(i, j);
      }
    }
  }
}

// Decomposes one matrix of n rows after the other in the same memory.
template <class T>
struct Decomposition {
  const int64_t n;
  const bool with_vectors;
  size_t bytes = 0;

  Decomposition(int64_t n, bool with_vectors) : n(n), with_vectors(with_vectors) {}

  // What run() leaves: eigenvalues are d times two to `exponent`, vectors the rows of z, and order is that in which the
  // values rise.
  double* d;
  int exponent;
  Block<T> z = {};
  int64_t* order;

  // Lays out the work space from an address on; from null, only to count its bytes.
  void lay_out(char* memory) {
    const int64_t rows = align_columns(n), stride = row_stride<T>(n);
    bytes = 0;
    const auto take = [&]<class Element>(Element*& at, int64_t count) {
      at = memory ? reinterpret_cast<Element*>(memory + bytes) : nullptr;
      bytes += (size_t(count) * sizeof(Element) + 63) / 64 * 64;
    };
    const auto take_block = [&]<class Element>(Block<Element>& block, int64_t count, int64_t step) {
      take(block.data, count * step);
      block.stride = step;
    };
    take_block(a, rows, stride);
    take_block(panel, Tridiagonalization<T>::work_rows(n), stride);
    take(d, rows);
    take(e, rows);
    take(order, rows);
    take(diagonal, rows);
    take(beside, rows);
    take(tau, rows);
    if (!with_vectors) return;
    take_block(z, rows, stride);
    take_block(kept, rows, stride);
    take_block(basis, rows, stride);
    take_block(differences, rows, row_stride<double>(n));
    take(numbers, DivideAndConquer<T>::kNumbers * rows);
    take(indices, DivideAndConquer<T>::kIndices * rows);
  }

  Failure run(Strided<const T> in) {
    if (!copy_scaled(in)) return not_finite;
    Tridiagonalization<T>{n, a, panel, diagonal, beside, tau}.reduce();
    widen();
    if (!with_vectors) {
      if (!ql_values(n, d, e, kUnit<T>)) return not_converged;
      for (int64_t i = 0; i < n; i++) order[i] = i;
      sort_indices(n, d, order);
      return none;
    }
    memset(z.data, 0, size_t(align_columns(n) * z.stride) * sizeof(T));
    if (!DivideAndConquer<T>{n, d, e, order, z, kept, basis, differences, numbers, indices}.solve())
      return not_converged;
    // Two rows are tridiagonal as they are.
    if (n > 2) BackTransformation<T>{n, a, tau, basis, kept}.apply(z);
    return none;
  }

  // Of the i-th eigenvalue. In two steps, since the power of two may be no number of its own.
  T eigenvalue(int64_t i) const {
    return T(d[order[i]] * power_of_two<double>(exponent / 2) * power_of_two<double>(exponent - exponent / 2));
  }

 private:
  Block<T> a, panel, kept = {}, basis = {};
  Block<double> differences = {};
  double *e, *numbers = nullptr;
  T *diagonal, *beside, *tau;
  int64_t* indices = nullptr;

  // Copies the lower triangle, scaled, and mirrors it within the squares along the diagonal. Returns false where it
  // holds a nan or an infinity.
  bool copy_scaled(Strided<const T> in) {
    using V = Vec<T>;
    constexpr int64_t lanes = kVecLanes<T>;
    memset(a.data, 0, size_t(align_columns(n) * a.stride) * sizeof(T));
    if (in.cs == 1) {
      for (int64_t i = 0; i < n; i++) memcpy(a.row(i), &in.at(i, 0), size_t(i + 1) * sizeof(T));
    } else {
      for (int64_t i = 0; i < n; i += kTile) {
        const int64_t rows = n - i < kTile ? n - i : kTile;
        by_tiles(rows, i + rows, [&](int64_t r, int64_t j) {
          if (j <= i + r) a.at(i + r, j) = in.at(i + r, j);
        });
      }
    }
    V most = {}, nothing = {};
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j <= i; j += lanes) {
        const V x = load<V>(a.row(i) + j);
        most = larger_or(abs(x), most);
        nothing += x * V{};
      }
    }
    if (!(sum_lanes<T>(nothing) == 0)) return false;
    T largest = 0;
    for (int l = 0; l < lanes; l++) largest = most[l] > largest ? most[l] : largest;
    const double scale = largest > 0 ? power_of_two<T>(kScaledTo<T> - exponent_of(largest)) : 1;
    exponent = 1 - exponent_of(scale);
    for (int64_t i = 0; i < n; i++) {
      T* const row = a.row(i);
      for (int64_t j = 0; j <= i; j += lanes) store<V>(row + j, load<V>(row + j) * T(scale));
      for (int64_t j = i / kAlign * kAlign; j < i; j++) a.at(j, i) = row[j];
    }
    return true;
  }

  // The tridiagonal matrix in double, its largest element scaled to about 1.
  void widen() {
    double largest = 0;
    for (int64_t i = 0; i < n; i++) {
      d[i] = diagonal[i];
      e[i] = i + 1 < n ? beside[i] : 0;
      largest = size_of(d[i]) > largest ? size_of(d[i]) : largest;
      largest = size_of(e[i]) > largest ? size_of(e[i]) : largest;
    }
    const int down = largest > 0 ? exponent_of(largest) : 0;
    exponent += down;
    for (int64_t i = 0; i < n; i++) {
      d[i] *= power_of_two<double>(-down);
      e[i] *= power_of_two<double>(-down);
    }
  }
};

template <class T>
bool decompose(const MatrixArgs& args, bool with_vectors) {
  const int64_t n = args.m;
  const int info = with_vectors ? 2 : 1;
  Decomposition<T> one(n, with_vectors);
  one.lay_out(nullptr);
  char* const memory = static_cast<char*>(scratch(2, one.bytes));
  if (!memory) return false;
  one.lay_out(memory);
  for (int64_t i = 0; i < args.count; i++) {
    const Failure failure = n > 0 ? one.run(matrix<const T>(args, info + 1, i)) : none;
    matrix<int32_t>(args, info, i).at(0, 0) = failure;
    const Strided<T> w = matrix<T>(args, 0, i), v = matrix<T>(args, 1, i);
    const T nan = T(__builtin_nan(""));
    for (int64_t j = 0; j < n; j++) w.at(j, 0) = failure ? nan : one.eigenvalue(j);
    if (!with_vectors) continue;
    by_tiles(n, n, [&](int64_t r, int64_t j) { v.at(r, j) = failure ? nan : one.z.at(one.order[j], r); });
  }
  return true;
}

template <class T>
bool eigh(const MatrixArgs& args) {
  return decompose<T>(args, true);
}
template <class T>
bool eigvalsh(const MatrixArgs& args) {
  return decompose<T>(args, false);
}

}  // namespace

NABLA_FLOAT_TABLE(eigh)
NABLA_FLOAT_TABLE(eigvalsh)

}  // namespace nabla::NABLA_ISA
