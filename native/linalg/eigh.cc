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

// The work space of matrices of n rows.
template <class T>
struct Workspace {
  int64_t n;
  bool vectors;
  char* memory = nullptr;
  size_t bytes = 0;

  Block<T> a, panel, z, kept, basis;
  Block<double> differences;
  double *d, *e, *numbers;
  T *diagonal, *beside, *tau;
  int64_t *order, *indices;

  // Lays everything out; without memory, only to count its bytes.
  void lay_out(char* at) {
    memory = at;
    bytes = 0;
    const int64_t rows = align_columns(n), stride = row_stride<T>(n);
    using Conquest = DivideAndConquer<T>;
    take(a.data, rows * stride);
    take(panel.data, Tridiagonalization<T>::work_rows(n) * stride);
    a.stride = panel.stride = stride;
    take(d, rows);
    take(e, rows);
    take(diagonal, rows);
    take(beside, rows);
    take(tau, rows);
    if (!vectors) return;
    take(z.data, rows * stride);
    take(kept.data, rows * stride);
    take(basis.data, rows * stride);
    z.stride = kept.stride = basis.stride = stride;
    differences.stride = row_stride<double>(n);
    take(differences.data, rows * differences.stride);
    take(numbers, Conquest::kNumbers * rows);
    take(order, rows);
    take(indices, (Conquest::kIndices + 2) * rows);
  }

 private:
  template <class Element>
  void take(Element*& at, int64_t count) {
    at = reinterpret_cast<Element*>(memory + bytes);
    bytes += (size_t(count) * sizeof(Element) + 63) / 64 * 64;
  }
};

constexpr int64_t kTile = 16;  // rows and columns that are copied together where strides go across memory

// Calls copy(i, j) for all places of a tile, for one tile after the other.
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

template <class T>
struct Decomposition : Workspace<T> {
  using Workspace<T>::n, Workspace<T>::a, Workspace<T>::d, Workspace<T>::e, Workspace<T>::z;
  int exponent;  // eigenvalues are d times two to this

  // Leaves the eigenvalues in d and, with vectors, the rows of z; order tells the order in which they rise.
  Failure run(Strided<const T> in) {
    if (!load(in)) return not_finite;
    Tridiagonalization<T>{n, a, this->panel, this->diagonal, this->beside, this->tau}.reduce();
    narrow();
    if (!this->vectors) return ql_values(n, d, e, kUnit<T>) ? none : not_converged;

    memset(z.data, 0, size_t(align_columns(n) * z.stride) * sizeof(T));
    DivideAndConquer<T> divide = {
        n, d, e, this->order, z, this->kept, this->basis, this->differences, this->numbers, this->indices};
    if (!divide.solve()) return not_converged;
    BackTransformation<T>{n, a, this->tau, this->basis, this->kept}.apply(z);
    return none;
  }

  T eigenvalue(int64_t i) const {
    return T(d[i] * power_of_two<double>(exponent / 2) * power_of_two<double>(exponent - exponent / 2));
  }

 private:
  // Takes the lower triangle, scaled, and mirrors it within the squares along the diagonal. Returns false where it
  // holds a nan or an infinity.
  bool load(Strided<const T> in) {
    using V = Vec<T>;
    memset(a.data, 0, size_t(align_columns(n) * a.stride) * sizeof(T));
    if (in.cs == 1) {
      for (int64_t i = 0; i < n; i++) memcpy(a.row(i), &in.at(i, 0), size_t(i + 1) * sizeof(T));
    } else {
      for (int64_t i = 0; i < n; i += kTile) {
        const int64_t rows = n - i < kTile ? n - i : kTile;
        by_tiles(rows, i, [&](int64_t r, int64_t j) { a.at(i + r, j) = in.at(i + r, j); });
        for (int64_t r = i; r < i + rows; r++) {
          for (int64_t j = i; j <= r; j++) a.at(r, j) = in.at(r, j);
        }
      }
    }
    V most = {}, nothing = {};
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j <= i; j += kVecLanes<T>) {
        const V x = nabla::NABLA_ISA::load<V>(a.row(i) + j);
        most = larger_or(abs(x), most);
        nothing += x * V{};
      }
    }
    T largest = 0, sum = 0;
    for (int l = 0; l < kVecLanes<T>; l++) {
      largest = most[l] > largest ? most[l] : largest;
      sum += nothing[l];
    }
    if (sum != 0) return false;
    exponent = largest > 0 ? exponent_of(largest) - kScaledTo<T> : 0;
    const double scale = power_of_two<T>(-exponent);
    exponent = -exponent_of(scale) + 1;
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j <= i; j += kVecLanes<T>) {
        T* at = a.row(i) + j;
        store<V>(at, nabla::NABLA_ISA::load<V>(at) * T(scale));
      }
      for (int64_t j = i / kAlign * kAlign; j < i; j++) a.at(j, i) = a.at(i, j);
    }
    return true;
  }

  // The tridiagonal matrix, with its largest element close to 1.
  void narrow() {
    double largest = 0;
    for (int64_t i = 0; i < n; i++) {
      d[i] = this->diagonal[i];
      e[i] = i + 1 < n ? this->beside[i] : 0;
      largest = size_of(d[i]) > largest ? size_of(d[i]) : largest;
      largest = size_of(e[i]) > largest ? size_of(e[i]) : largest;
    }
    const int by = largest > 0 ? exponent_of(largest) : 0;
    const double scale = power_of_two<double>(-by);
    exponent += by;
    for (int64_t i = 0; i < n; i++) {
      d[i] *= scale;
      e[i] *= scale;
    }
  }
};

template <class T>
bool decompose(const MatrixArgs& args, bool vectors) {
  const int64_t n = args.m;
  Decomposition<T> it;
  it.n = n;
  it.vectors = vectors;
  it.lay_out(nullptr);
  char* const memory = static_cast<char*>(scratch(2, it.bytes));
  if (!memory) return false;
  it.lay_out(memory);
  const int info_operand = vectors ? 2 : 1;
  for (int64_t i = 0; i < args.count; i++) {
    const Failure failure = n > 0 ? it.run(matrix<const T>(args, info_operand + 1, i)) : none;
    matrix<int32_t>(args, info_operand, i).at(0, 0) = failure;
    const Strided<T> w = matrix<T>(args, 0, i), v = matrix<T>(args, 1, i);
    const T nan = T(__builtin_nan(""));
    if (!vectors) {
      for (int64_t j = 1; j < n; j++) {
        const double value = it.d[j];
        int64_t k = j;
        for (; k > 0 && it.d[k - 1] > value; k--) it.d[k] = it.d[k - 1];
        it.d[k] = value;
      }
    }
    for (int64_t j = 0; j < n; j++) w.at(j, 0) = failure ? nan : it.eigenvalue(vectors ? it.order[j] : j);
    if (vectors) by_tiles(n, n, [&](int64_t r, int64_t j) { v.at(r, j) = failure ? nan : it.z.at(it.order[j], r); });
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
