#include "bidiagonal.h"
#include "bidiagonal_divide.h"
#include "linalg.h"

namespace nabla::NABLA_ISA {
namespace {

// From this many rows for each column on, the triangle of a QR factorization is decomposed instead.
constexpr double kTall = 1.6;

// One decomposition of a matrix with at least as many rows as columns. The vectors are written as left(r, p) and
// right(p, c); without vectors their data is null.
template <class T>
struct Decomposition {
  int64_t m, n;
  Strided<const T> in;
  Strided<T> left, values, right;

  // The info of the matrix, or -1 where there is no memory.
  int32_t run() {
    if (n <= 0) return 0;
    const bool vectors = left.data != nullptr, tall = double(m) >= kTall * double(n) && m > n + kAlign;
    const int64_t rows = tall ? n : m;  // of what is made bidiagonal
    const int64_t stride = row_stride<T>(n), left_stride = row_stride<T>(m);
    const int64_t panel = panel_for(n);
    int64_t work = bidiagonal_elements<T>(rows, n);
    const int64_t reflecting = reflector_elements<T>(m, n, panel);
    if (reflecting > work) work = reflecting;

    using Divide = Conquest<T>;
    const size_t divide_bytes = vectors ? Divide::bytes(n) : size_t(2 * n) * sizeof(double);
    const int64_t elements =
        m * stride + (tall ? n * stride : 0) + 3 * align_columns(n) + work + (vectors ? n * (left_stride + stride) : 0);
    char* const memory = static_cast<char*>(scratch(2, divide_bytes + size_t(elements) * sizeof(T)));
    if (!memory) return -1;
    T* at = reinterpret_cast<T*>(memory + divide_bytes);
    const auto take = [&](int64_t count) {
      T* const taken = at;
      at += count;
      return taken;
    };
    const Block<T> a = {take(m * stride), stride};
    const Block<T> square = tall ? Block<T>{take(n * stride), stride} : a;
    T* const tau = take(align_columns(n));
    T* const tau_q = take(align_columns(n));
    T* const tau_p = take(align_columns(n));
    T* const scratch_elements = take(work);

    T largest = 0;
    bool finite = true;
    for (int64_t i = 0; i < m; i++) {
      T* const row = a.row(i);
      for (int64_t j = 0; j < n; j++) {
        const T x = in.at(i, j), size = absolute(x);
        row[j] = x;
        largest = size > largest ? size : largest;
        finite &= size - size == 0;
      }
      for (int64_t j = n; j < stride; j++) row[j] = 0;
    }
    if (!finite) {
      fill(T(__builtin_nan("")));
      return 1;
    }
    int exponent = 0;
    (void)__builtin_frexp(double(largest), &exponent);
    const T scale = power_of_two<T>(-exponent);
    for (int64_t i = 0; i < m; i++) {
      for (int64_t j = 0; j < n; j++) a.at(i, j) *= scale;
    }

    if (tall) {
      factor_qr(m, n, a, tau, scratch_elements);
      for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < stride; j++) square.at(i, j) = j < i ? T(0) : a.at(i, j);
      }
    }

    Divide divide = {};
    double *d = reinterpret_cast<double*>(memory), *e = d + n;
    if (vectors) {
      divide.place(n, memory);
      d = divide.d, e = divide.e;
    }
    bidiagonalize(rows, n, square, d, e, tau_q, tau_p, scratch_elements);
    if (!vectors) {
      const int64_t unconverged = bidiagonal_qr<T>(n, false, d, e, {}, {}, 0);
      // Falling, by insertion.
      for (int64_t i = 0; i < n; i++) {
        const double value = absolute(d[i]);
        int64_t j = i;
        for (; j > 0 && d[j - 1] < value; j--) d[j] = d[j - 1];
        d[j] = value;
      }
      for (int64_t i = 0; i < n; i++) values.at(i, 0) = T(d[i] / double(scale));
      return unconverged ? int32_t(1 + unconverged) : 0;
    }

    // The left vectors are kept as rows as well; products with reflectors see them as columns.
    divide.left = {take(n * left_stride), left_stride};
    divide.right = {take(n * stride), stride};
    memset(divide.left.data, 0, size_t(n * (left_stride + stride)) * sizeof(T));
    divide.solve(0, n, false);
    const Strided<T> q = {divide.left.data, 1, left_stride};
    const Strided<T> p = {divide.right.data + 1, 1, stride};
    apply_reflectors(false, false, rows, n, n, view(square), tau_q, q, scratch_elements);
    apply_reflectors(false, false, n - 1, n, n - 1, {square.data + 1, 1, stride}, tau_p, p, scratch_elements);
    if (tall) apply_reflectors(false, false, m, n, n, view(a), tau, q, scratch_elements);

    const auto row = [&](int64_t k) { return divide.order[n - 1 - k]; };
    for (int64_t k = 0; k < n; k++) values.at(k, 0) = T(d[row(k)] / double(scale));
    // By strips of elements, which stay in the cache where one side is written against the order of its memory.
    for (int64_t i = 0; i < m; i += kAlign) {
      const int64_t end = i + kAlign < m ? i + kAlign : m;
      for (int64_t k = 0; k < n; k++) {
        const T* const vector = divide.left.row(row(k));
        for (int64_t e = i; e < end; e++) left.at(e, k) = vector[e];
      }
    }
    for (int64_t j = 0; j < n; j += kAlign) {
      const int64_t end = j + kAlign < n ? j + kAlign : n;
      for (int64_t k = 0; k < n; k++) {
        const T* const vector = divide.right.row(row(k));
        for (int64_t e = j; e < end; e++) right.at(k, e) = vector[e];
      }
    }
    return divide.unconverged ? int32_t(1 + divide.unconverged) : 0;
  }

 private:
  void fill(T value) {
    for (int64_t k = 0; k < n; k++) {
      values.at(k, 0) = value;
      if (!left.data) continue;
      for (int64_t i = 0; i < m; i++) left.at(i, k) = value;
      for (int64_t j = 0; j < n; j++) right.at(k, j) = value;
    }
  }
};

template <class T>
Strided<T> flipped(Strided<T> a) {
  return {a.data, a.cs, a.rs};
}

template <class T>
int32_t decompose(int64_t m, int64_t n, Strided<const T> a, Strided<T> u, Strided<T> s, Strided<T> vh) {
  if (m >= n) return Decomposition<T>{m, n, a, u, s, vh}.run();
  return Decomposition<T>{n, m, flipped(a), flipped(vh), s, flipped(u)}.run();
}

template <class T>
bool svd(const MatrixArgs& args) {
  for (int64_t i = 0; i < args.count; i++) {
    const int32_t info = decompose(args.m, args.n, matrix<const T>(args, 4, i), matrix<T>(args, 0, i),
                                   matrix<T>(args, 1, i), matrix<T>(args, 2, i));
    if (info < 0) return false;
    matrix<int32_t>(args, 3, i).at(0, 0) = info;
  }
  return true;
}

template <class T>
bool svdvals(const MatrixArgs& args) {
  for (int64_t i = 0; i < args.count; i++) {
    const int32_t info =
        decompose(args.m, args.n, matrix<const T>(args, 2, i), Strided<T>{}, matrix<T>(args, 0, i), {});
    if (info < 0) return false;
    matrix<int32_t>(args, 1, i).at(0, 0) = info;
  }
  return true;
}

}  // namespace

NABLA_FLOAT_TABLE(svd)
NABLA_FLOAT_TABLE(svdvals)

}  // namespace nabla::NABLA_ISA
