// Products of matrices, by blocks that fit the caches and tiles that fit the registers: the scheme of K. Goto and R. A.
// van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
#pragma once
#include "../threads.h"
#include "micro_kernel.h"
#include "packing.h"
#include "product.h"

namespace nabla::NABLA_ISA {
namespace {

// c = tile + beta * c for the part of a tile that lies within c.
template <class T, class Compute>
void store_tile(const Compute* tile, int64_t tile_rs, Matrix<T> c, int64_t rows, int64_t columns, Compute beta) {
  auto blend = [&](int64_t cs) {
    for (int64_t i = 0; i < rows; i++) {
      const Compute* from = tile + i * tile_rs;
      T* to = c.data + i * c.rs;
      if (beta == Compute(0)) {
        for (int64_t j = 0; j < columns; j++) to[j * cs] = T(from[j]);
      } else {
        for (int64_t j = 0; j < columns; j++) to[j * cs] = T(from[j] + beta * Compute(to[j * cs]));
      }
    }
  };
  c.cs == 1 ? blend(1) : blend(c.cs);
}

// Multiply-adds of a product that the threads share, and of the least task.
constexpr int64_t kSharedWork = 1 << 20;

// A product small enough in one dim reads its operands where they are: copying costs about as much as this many rows
// (or columns) of tiles.
constexpr int64_t kDirectTiles = 8;

template <class T>
class Blocked {
  using Compute = typename Product<T>::Compute;
  using Sizes = Blocking<Compute>;
  static constexpr int mr = Sizes::mr, nr = Sizes::nr, widest = Sizes::widest, lanes = kVecLanes<Compute>;
  static constexpr bool in_place = Product<T>::in_place;

 public:
  explicit Blocked(const Product<T>& product) : product_(product) {
    const int64_t m = product.m, n = product.n, k = product.k;
    shared_ = double(m) * double(n) * double(k) >= kSharedWork;
    packs_a_ = !in_place || n > kDirectTiles * nr;
    packs_b_ = !in_place || product.b.cs != 1 || m > kDirectTiles * mr;
    rows_ = even_block(m, Sizes::most, mr);
    columns_ = even_block(n, Sizes::most, nr);
    depth_ = even_block(k, Sizes::kc, 1);
  }

  // Returns false where there is no memory to pack into.
  bool run() {
    if (packs_a_ && !(packed_a_ = memory(0, (rows_ + rows_ / mr) * depth_))) return false;
    if (packs_b_ && !(packed_b_ = memory(1, (columns_ + lanes) * depth_))) return false;
    for (column_ = 0; column_ < product_.n; column_ += columns_) {
      n_ = smaller(columns_, product_.n - column_);
      panels_ = panels_of<Compute>(n_);
      for (row_ = 0; row_ < product_.m; row_ += rows_) {
        const int64_t m = smaller(rows_, product_.m - row_);
        tiles_ = Parts(m, ceil_div(m, mr));
        for (step_ = 0; step_ < product_.k; step_ += depth_) {
          k_ = smaller(depth_, product_.k - step_);
          block();
        }
      }
    }
    return true;
  }

 private:
  Compute* memory(int which, int64_t elements) {
    return static_cast<Compute*>(scratch(which, size_t(elements) * sizeof(Compute)));
  }

  template <void (Blocked::*task)(int64_t)>
  void share(int64_t count) {
    parallel_for(count, [](void* self, int64_t i) { (static_cast<Blocked*>(self)->*task)(i); }, this);
  }

  // One block of c, one step along k.
  void block() {
    a_pieces_ = packs_a_ ? Parts(tiles_.count, ceil_div(tiles_.count, kPiece / mr)) : Parts(0, 0);
    b_pieces_ = packs_b_ ? Parts(panels_, ceil_div(panels_, kPiece / nr)) : Parts(0, 0);
    if (!shared_) {
      for (int64_t i = 0; i < a_pieces_.count + b_pieces_.count; i++) pack(i);
      multiply(0, tiles_.count, 0, panels_);
      return;
    }
    if (packs_a_ || packs_b_) share<&Blocked::pack>(a_pieces_.count + b_pieces_.count);
    row_tasks_ = Parts(tiles_.count, ceil_div(tiles_.count, Sizes::mc / mr));
    column_tasks_ = Parts(panels_, ceil_div(panels_, Sizes::mc * 2 / nr));
    share<&Blocked::task>(row_tasks_.count * column_tasks_.count);
  }

  // Rows (or columns) that are packed at a time.
  static constexpr int64_t kPiece = 128;

  int64_t panel_columns(int64_t u) const { return (u + 1 < panels_ ? (u + 1) * nr : n_) - u * nr; }

  void pack(int64_t i) {
    if (i < a_pieces_.count) {
      const Matrix<const T>& a = product_.a;
      for (int64_t t = a_pieces_.start(i); t < a_pieces_.start(i + 1); t++) {
        const int64_t row = tiles_.start(t), rows = tiles_.start(t + 1) - row;
        pack_panel<Compute, T, mr>(packed_a_ + t * mr * k_, a.at(row_ + row, step_), rows, k_, a.rs, a.cs);
      }
    } else {
      i -= a_pieces_.count;
      const Matrix<const T>& b = product_.b;
      for (int64_t u = b_pieces_.start(i); u < b_pieces_.start(i + 1); u++) {
        const int64_t column = u * nr, columns = panel_columns(u);
        const T* const from = b.at(step_, column_ + column);
        columns > nr ? pack_panel<Compute, T, widest>(packed_b_ + column * k_, from, columns, k_, b.cs, b.rs)
                     : pack_panel<Compute, T, nr>(packed_b_ + column * k_, from, columns, k_, b.cs, b.rs);
      }
    }
  }

  void task(int64_t i) {
    const int64_t row = i / column_tasks_.count, column = i % column_tasks_.count;
    multiply(row_tasks_.start(row), row_tasks_.start(row + 1), column_tasks_.start(column),
             column_tasks_.start(column + 1));
  }

  void multiply(int64_t first_tile, int64_t end_tile, int64_t first_panel, int64_t end_panel) {
    const Compute beta = step_ == 0 ? product_.beta : Compute(1);
    const bool last_step = step_ + k_ == product_.k;
    const bool direct = in_place && product_.c.cs == 1;
    alignas(64) Compute tile[mr * widest];
    Steps<Compute> steps = {k_, 1, mr, nr, direct ? product_.c.rs : widest, product_.alpha, direct ? beta : Compute(0)};
    if (!packs_a_) steps.a_rs = product_.a.rs, steps.a_cs = product_.a.cs;
    if (!packs_b_) steps.b_rs = product_.b.rs;
    for (int64_t u = first_panel; u < end_panel; u++) {
      const int64_t column = u * nr, columns = panel_columns(u);
      if (packs_b_) steps.b_rs = columns > nr ? widest : nr;
      const Compute* const b = packs_b_ ? packed_b_ + column * k_ : in_b(step_, column_ + column);
      for (int64_t t = first_tile, row = tiles_.start(t), next; t < end_tile; t++, row = next) {
        next = tiles_.start(t + 1);
        const Compute* const a = packs_a_ ? packed_a_ + t * mr * k_ : in_a(row_ + row, step_);
        T* const c = product_.c.at(row_ + row, column_ + column);
        const auto [kernel, last] = kMicroKernels<Compute>.choose(next - row, columns);
        if constexpr (in_place) {
          if (direct) {
            kernel(steps, a, b, c, last);
            continue;
          }
        }
        kernel(steps, a, b, tile, last);
        store_tile(tile, widest, Matrix<T>{c, product_.c.rs, product_.c.cs}, next - row, columns, beta);
      }
      if (last_step) {
        const int64_t row = tiles_.start(first_tile);
        product_.finished(row_ + row, column_ + column, tiles_.start(end_tile) - row, columns);
      }
    }
  }

  const Compute* in_a(int64_t i, int64_t p) const { return reinterpret_cast<const Compute*>(product_.a.at(i, p)); }
  const Compute* in_b(int64_t p, int64_t j) const { return reinterpret_cast<const Compute*>(product_.b.at(p, j)); }

  const Product<T>& product_;
  bool shared_, packs_a_, packs_b_;
  int64_t rows_, columns_, depth_;  // of a block
  Compute *packed_a_ = nullptr, *packed_b_ = nullptr;
  int64_t row_, column_, step_;  // where the block at hand begins
  int64_t n_, k_, panels_;
  Parts tiles_, a_pieces_, b_pieces_, row_tasks_, column_tasks_;
};

}  // namespace
}  // namespace nabla::NABLA_ISA
