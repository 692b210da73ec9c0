#include "pass.h"

#include <stdlib.h>
#include <string.h>

#include <atomic>

#include "threads.h"

namespace nabla {

namespace {

constexpr int kTileBlock = 2;   // the scratch block of one task
constexpr int kStateBlock = 1;  // and that of the states that several tasks leave behind

constexpr int64_t kFewElements = 16;
constexpr int64_t kLineBytes = 64;
constexpr int64_t kManyUnits = 64;   // enough units to share among threads
constexpr int64_t kMostParts = 256;  // of all units: each leaves states behind

// The sizes that everything is cut to. They never depend on the number of threads.
struct Sizes {
  int64_t tile_bytes;  // of one register: a few of them stay in the first cache beside what is read and written
  int64_t long_line;  // elements from which on the innermost dim alone makes tiles; below, a tile takes in several dims
  int64_t long_staged;    // of a line that is staged whole, many rows at a time
  int64_t columns;        // folded side by side
  int64_t cached_bytes;   // walked several times
  int64_t task_work;      // of one task, in additions
  int64_t stream_bytes;   // from which on it pays to write past the caches, into memory that is in none of them
  int64_t beyond_caches;  // from which on memory is in no cache, fresh or not
  int64_t piece_bytes;    // computed before they are written so: few enough for reading and writing to overlap
};
constexpr Sizes kUsual = {4096, 128, 4096, 1024, 256 << 10, 65536, 16 << 10, 32 << 20, 1024};
// For tests: small tensors are cut as large ones are.
constexpr Sizes kTiny = {128, 4, 64, 8, 64, 128, 64, 1024, 64};

const Sizes& sizes_in_use() {
  static const Sizes& sizes = getenv("NABLA_TINY_TILES") != nullptr ? kTiny : kUsual;
  return sizes;
}

constexpr int kMostPlaces = kMaxOperands + kMaxRegisters;

constexpr int64_t absolute(int64_t x) { return x < 0 ? -x : x; }
constexpr int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }
constexpr int64_t most(int64_t x, int64_t y) { return x > y ? x : y; }
constexpr int64_t quotient_up(int64_t x, int64_t y) { return (x + y - 1) / y; }
constexpr int64_t up(int64_t x, int64_t unit) { return quotient_up(x, unit) * unit; }
constexpr int64_t power_below(int64_t x) { return int64_t(1) << (63 - __builtin_clzll(uint64_t(x))); }

int size_class(int64_t item) { return __builtin_ctzll(uint64_t(item)); }

// About how many additions an op costs, to a power of two: the mean of float32 and float64, in the first cache.
int64_t work_of(Op op) {
  switch (op) {
    case Op::reciprocal:
    case Op::div:
    case Op::sqrt:
    case Op::rsqrt:
    case Op::exp:
    case Op::exp2: return 2;
    case Op::expm1:
    case Op::log:
    case Op::log2:
    case Op::sin:
    case Op::cos:
    case Op::tanh:
    case Op::sigmoid:
    case Op::silu:
    case Op::hypot: return 4;
    case Op::log10:
    case Op::log1p:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::atanh:
    case Op::erf:
    case Op::cbrt:
    case Op::gelu_tanh:
    case Op::floor_divide:
    case Op::remainder:
    case Op::fmod:
    case Op::atan2: return 8;
    case Op::asinh:
    case Op::acosh:
    case Op::erfc:
    case Op::gelu:
    case Op::trigamma:
    case Op::softplus: return 16;
    case Op::pow: return 32;
    case Op::lgamma:
    case Op::digamma: return 64;
    case Op::polygamma: return 1024;
    default: return 1;
  }
}

// Whether elements may be folded in any order.
bool is_order_free(const Step& step) {
  const bool floating = step.dtype == DType::f32 || step.dtype == DType::f64;
  const bool rounds = step.op == Op::sum || step.op == Op::mean || step.op == Op::prod;
  return kOpInfo[int(step.op)].signature == Signature::Reduce && !(floating && rounds);
}

// Drops dims of size one, orders dims and joins neighbours that every operand walks as one dim; this is the one place
// that looks at how dims lie. Kept dims may be visited in any order, so they are sorted by the strides of what is
// written (of what is read, where there is a reduction) and turned to rise; reduced dims only where no fold minds the
// order.
class Collapse {
 public:
  explicit Collapse(Instruction& in) : in_(in) {}

  void run() {
    drop();
    const int main = main_operand();
    bool free = true;
    for (int i = 0; i < in_.steps; i++) free &= in_.step[i].reduction == nullptr || is_order_free(in_.step[i]);
    sort(0, in_.kept, main);
    if (free) sort(in_.kept, in_.dims, main);
    const int kept = join(0, 0, in_.kept);
    in_.dims = join(kept, in_.kept, in_.dims);
    in_.kept = kept;
  }

 private:
  void move(int to, int from) {
    in_.size[to] = in_.size[from];
    for (int i = 0; i < in_.operands; i++) in_.stride[i][to] = in_.stride[i][from];
  }

  void drop() {
    int out = 0, kept = 0;
    for (int d = 0; d < in_.dims; d++) {
      if (in_.size[d] != 1) move(out++, d);
      if (d < in_.kept) kept = out;
    }
    in_.kept = kept;
    in_.dims = out;
  }

  // What the last step writes; with a reduction what is read and has the most elements.
  int main_operand() const {
    const Step& last = in_.step[in_.steps - 1];
    if (in_.maps == in_.steps) return last.destination < in_.operands ? last.destination : 0;
    int main = 0;
    double elements = -1;
    for (int i = 0; i < in_.operands; i++) {
      if (in_.operand[i].immediate) continue;
      double count = in_.operand[i].written ? 0.5 : 1;
      for (int d = 0; d < in_.dims; d++) {
        if (in_.stride[i][d] != 0) count *= double(in_.size[d]);
      }
      if (count > elements) {
        elements = count;
        main = i;
      }
    }
    return main;
  }

  void sort(int from, int to, int main) {
    for (int d = from; d < to; d++) {
      if (in_.stride[main][d] >= 0) continue;
      for (int i = 0; i < in_.operands; i++) {
        in_.base[i] += in_.stride[i][d] * (in_.size[d] - 1);
        in_.stride[i][d] = -in_.stride[i][d];
      }
    }
    for (int d = from + 1; d < to; d++) {
      for (int at = d; at > from && in_.stride[main][at - 1] < in_.stride[main][at]; at--) {
        const int64_t size = in_.size[at];
        in_.size[at] = in_.size[at - 1];
        in_.size[at - 1] = size;
        for (int i = 0; i < in_.operands; i++) {
          const int64_t stride = in_.stride[i][at];
          in_.stride[i][at] = in_.stride[i][at - 1];
          in_.stride[i][at - 1] = stride;
        }
      }
    }
  }

  int join(int out, int from, int to) {
    const int first = out;
    for (int d = from; d < to; d++) {
      bool joins = out > first;
      for (int i = 0; joins && i < in_.operands; i++) {
        joins = in_.stride[i][out - 1] == in_.stride[i][d] * in_.size[d];
      }
      const int64_t size = joins ? in_.size[out - 1] : 1;
      if (!joins) out++;
      move(out - 1, d);
      in_.size[out - 1] *= size;
    }
    return out;
  }

  Instruction& in_;
};

// How an operand, or a register that holds reduced values, is reached within a tile.
struct Place {
  const int64_t* stride;
  int64_t item;
  bool constant;   // one value for all of a line
  bool staged;     // in scratch, copied in before it is read and out after it is written
  bool streamed;   // written past the caches: from its scratch where it is staged, else by pieces
  int64_t offset;  // of its scratch
};

// Steps that run together: maps, then folds.
struct Phase {
  int from, folds, to;
  // Operands, as bits: loaded are those that it reads before it writes them, reread those that it reads after that.
  uint64_t used, loaded, stored, reread;
  uint32_t read;  // registers
};

// An iteration space in blocks. A unit is one block of the kept dims, and its tiles are the blocks of the reduced dims.
// In a tile, elements lie in the order of the dims. Its lines are made of the dims from line_ on, and it may have
// several rows of them, along one dim before those. Kernels see whole lines of contiguous elements or of one value;
// operands that lie otherwise are staged.
//
// Reductions go one of two ways. Along lines, the reduced dims come last, and a unit has one column or a few. Upright,
// the last dim is a kept one, whose elements are columns side by side, and rows are folded into them.
class Pass {
 public:
  Pass(Instruction& in, const Kernels& kernels) : in_(in), kernels_(kernels) {}

  bool run() {
    if (in_.dims > 0) Collapse(in_).run();
    unite_aliases();
    split_phases();
    orient();
    plan();
    return run_tasks();
  }

 private:
  struct Span {
    char* at;
    int64_t pitch, stride;  // from row to row, and from element to element
  };
  // What one task works with.
  struct Worker {
    char* memory;
    char* states;
    int64_t first;  // position of the tile's first element among those that its state folds
    int64_t index[kMaxDims];
    int64_t extent[kMaxDims];
    char* at[kMaxOperands];  // of each operand, the first element of the tile
    Span span[kMaxOperands];
    const char* held[kMaxOperands];  // what is staged, while it may still serve, and its shape
    int64_t held_rows[kMaxOperands], held_line[kMaxOperands];
  };

  bool is_reduced(int d) const { return d >= reduced_from_ && d < reduced_to_; }

  // Operands that are the very same elements as a written one are that one from here on. (One that shares an element
  // with it is the same throughout.)
  void unite_aliases() {
    int same[kMaxOperands];
    bool any = false;
    for (int i = 0; i < in_.operands; i++) {
      same[i] = i;
      for (int other = 0; other < i && same[i] == i; other++) {
        const Operand &a = in_.operand[i], &b = in_.operand[other];
        if (in_.base[i] == in_.base[other] && (a.written || b.written) && a.low < a.high && b.low < b.high) {
          same[i] = same[other];
          any = true;
        }
      }
    }
    if (!any) return;
    for (int i = 0; i < in_.steps; i++) {
      Step& step = in_.step[i];
      for (int s = 0; s < step.sources; s++) {
        if (step.source[s] < in_.operands) step.source[s] = same[step.source[s]];
      }
      if (step.destination < in_.operands) step.destination = same[step.destination];
    }
  }

  void split_phases() {
    phases_ = 0;
    used_ = fold_sources_ = 0;
    const auto read = [&](Phase& phase, int place) {
      if (place >= in_.operands) {
        phase.read |= uint32_t(1) << (place - in_.operands);
        return;
      }
      const uint64_t bit = uint64_t(1) << place;
      (phase.stored & bit ? phase.reread : phase.loaded) |= bit;
      phase.used |= bit;
    };
    int i = 0;
    while (i < in_.steps) {
      Phase& phase = phase_[phases_++];
      phase = {i, i, i, 0, 0, 0, 0, 0};
      for (; i < in_.steps && in_.step[i].reduction == nullptr; i++) {
        const Step& step = in_.step[i];
        for (int s = 0; s < step.sources; s++) read(phase, step.source[s]);
        if (step.destination >= in_.operands) continue;
        phase.stored |= uint64_t(1) << step.destination;
        phase.used |= uint64_t(1) << step.destination;
      }
      phase.folds = i;
      for (; i < in_.steps && in_.step[i].reduction != nullptr; i++) {
        const int source = in_.step[i].source[0];
        read(phase, source);
        if (source < in_.operands) fold_sources_ |= uint64_t(1) << source;
      }
      phase.to = i;
      used_ |= phase.used;
    }
    folding_ = phase_[0].folds < in_.steps;
  }

  // Which way the reductions go: the way that more operands lie (but for those reduced into, which later steps may
  // read), unless one side is too short for it.
  void orient() {
    reduced_from_ = in_.kept;
    reduced_to_ = in_.dims;
    upright_ = false;
    count_ = 1;
    for (int d = in_.kept; d < in_.dims; d++) count_ *= in_.size[d];
    if (!folding_ || in_.kept == 0) return;
    int votes = 0;
    for (int i = 0; i < in_.operands; i++) {
      if (!((used_ >> i) & 1) || in_.operand[i].immediate || in_.operand[i].reduced_into) continue;
      int nearest = -1;
      for (int d = 0; d < in_.dims; d++) {
        const int64_t stride = absolute(in_.stride[i][d]);
        if (stride != 0 && (nearest < 0 || stride < absolute(in_.stride[i][nearest]))) nearest = d;
      }
      if (nearest >= 0) votes += nearest < in_.kept ? 1 : -1;
    }
    const bool few_rows = count_ < kFewElements && in_.size[in_.kept - 1] >= kFewElements;
    upright_ = votes > 0 || few_rows;
    if (!upright_) return;
    // The last kept dim goes to the end.
    const int moved = in_.kept - 1, last = in_.dims - 1;
    const auto rotate = [&](int64_t* x) {
      const int64_t value = x[moved];
      for (int d = moved; d < last; d++) x[d] = x[d + 1];
      x[last] = value;
    };
    rotate(in_.size);
    for (int i = 0; i < in_.operands; i++) rotate(in_.stride[i]);
    reduced_from_--;
    reduced_to_--;
  }

  void plan() {
    int64_t item = 1, work = 0;
    for (int i = 0; i < in_.steps; i++) {
      const Step& step = in_.step[i];
      item = most(item, step.destination_item);
      for (int s = 0; s < step.sources; s++) item = most(item, step.source_item[s]);
      work += work_of(step.op);
    }
    work_ = work;
    item_ = item;
    // Without scratch, a tile may be as large as a task.
    if (in_.registers > 0 || divide(power_below(most(sizes_.task_work / work, sizes_.long_line))))
      divide(sizes_.tile_bytes / item);
    lay_out();
  }

  // Chooses blocks of about that many elements. The result is whether scratch is needed.
  bool divide(int64_t tile) {
    if (count_ == 0) tile = kFewElements;
    const int inner = in_.dims - 1;
    for (int d = 0; d < in_.dims; d++) block_[d] = 1;
    rows_ = -1;
    line_ = in_.dims;
    whole_ = false;
    if (upright_) {
      line_ = inner;
      // Columns that are walked several times stay in the second cache meanwhile, but where rows are cut too short for
      // it, reading them costs more than that saves.
      const int64_t cached = sizes_.cached_bytes / item_ / most(count_, 1) / kFewElements * kFewElements;
      const int64_t columns = phases_ == 1 ? sizes_.columns : most(cached, sizes_.columns / 4);
      block_[inner] = most(1, least(in_.size[inner], least(columns, sizes_.columns)));
      if (reduced_to_ > reduced_from_) {
        rows_ = reduced_to_ - 1;
        block_[rows_] = most(1, least(in_.size[rows_], most(1, 2 * tile / power_below(2 * block_[inner] - 1))));
      }
    } else if (inner >= 0) {
      const int64_t size = in_.size[inner];
      if (inner == 0 || (folding_ ? size > tile / 2 : size >= sizes_.long_line)) {
        line_ = inner;
        block_[inner] = size <= tile ? most(size, 1)
                        : folding_   ? tile
                                     : up(quotient_up(size, quotient_up(size, tile)), kLineBytes);
        choose_rows(tile);
        if (rows_ < 0 && folding_) gather_rows();
        // Lines of which a tile holds several go together, which saves setting up each.
        if (rows_ < 0 && !folding_ && inner > 0 && block_[inner] == size && tile / size > 1) {
          rows_ = inner - 1;
          block_[rows_] = least(in_.size[rows_], tile / size);
        }
      } else {
        int64_t elements = 1;
        while (line_ > 0 && elements * in_.size[line_ - 1] <= tile) {
          line_--;
          block_[line_] = most(in_.size[line_], 1);
          elements *= block_[line_];
        }
        // A part of one more dim; of a kept one only where all reduced dims are in the tile, which is so.
        if (line_ > 0 && tile / elements > 1) block_[--line_] = tile / elements;
      }
      whole_ = folding_ && rows_ < 0 && count_ > 0;
      for (int d = reduced_from_; d < reduced_to_; d++) whole_ &= block_[d] == in_.size[d];
    } else {
      whole_ = folding_;
    }
    bool scratch_needed = false;
    for (int i = 0; i < in_.operands; i++) {
      if (!((used_ >> i) & 1)) continue;
      place_[i] = placed(in_.stride[i], kItemSize[int(in_.operand[i].dtype)], (fold_sources_ >> i) & 1);
      place_[i].streamed = !place_[i].staged && streams(i);
      place_[i].staged |= place_[i].streamed && ((phase_[0].reread >> i) & 1);
      scratch_needed |= place_[i].staged;
    }
    return scratch_needed;
  }

  // Where operands have their small stride along another dim than the innermost, tiles have several rows along that
  // dim, so that staging uses whole cache lines.
  void choose_rows(int64_t tile) {
    const int inner = in_.dims - 1;
    int64_t nearest = kLineBytes;
    for (int i = 0; i < in_.operands; i++) {
      const int64_t item = kItemSize[int(in_.operand[i].dtype)], along = absolute(in_.stride[i][inner]);
      if (!((used_ >> i) & 1) || along == item || along == 0) continue;
      for (int d = 0; d < inner; d++) {
        const int64_t stride = absolute(in_.stride[i][d]);
        if (stride == 0 || stride >= nearest || stride >= along || in_.size[d] < 4) continue;
        // The tile is folded in the order of its elements.
        if (is_reduced(d) && (d != inner - 1 || in_.size[inner] > sizes_.long_staged)) continue;
        nearest = stride;
        rows_ = d;
        block_[d] = least(in_.size[d], kLineBytes / item);
        block_[inner] =
            is_reduced(d) ? in_.size[inner] : least(in_.size[inner], most(4 * tile / block_[d], sizes_.long_line));
      }
    }
    if (rows_ < 0) return;
    for (int d = 0; d < inner; d++) block_[d] = d == rows_ ? block_[d] : 1;
  }

  // Where reduced dims lie on both sides of a kept one, several of its indices are folded beside each other, so that
  // memory is read in its order.
  void gather_rows() {
    const int kept = reduced_from_ - 1, inner = in_.dims - 1;
    if (kept < 0 || inner <= reduced_from_ || block_[inner] != in_.size[inner]) return;
    rows_ = kept;
    block_[kept] = least(in_.size[kept], kFewElements);
  }

  Place placed(const int64_t* stride, int64_t item, bool varies) const {
    Place place = {stride, item, true, false, false, 0};
    bool contiguous = true;
    int64_t expected = item;
    for (int d = in_.dims - 1; d >= line_; d--) {
      contiguous &= stride[d] == expected;
      place.constant &= stride[d] == 0;
      expected *= block_[d];
    }
    if (line_ == in_.dims || (place.constant && varies)) place.constant = false;
    place.staged = line_ < in_.dims && !contiguous && !place.constant;
    return place;
  }

  // Whether a written operand goes past the caches.
  bool streams(int i) const {
    const Operand& operand = in_.operand[i];
    const uint64_t bit = uint64_t(1) << i;
    if (phases_ > 1 || !(phase_[0].stored & bit) || (phase_[0].loaded & bit) || line_ == in_.dims) return false;
    const int64_t bytes = operand.high - operand.low;
    return bytes >= sizes_.beyond_caches || (operand.memory->fresh && bytes >= sizes_.stream_bytes);
  }

  // Divides a task's scratch.
  void lay_out() {
    int64_t elements = 1;
    columns_ = 1;
    for (int d = 0; d < in_.dims; d++) {
      elements *= block_[d];
      if (!is_reduced(d)) columns_ *= block_[d];
    }
    bytes_ = 0;
    const auto take = [&](int64_t bytes) {
      const int64_t at = bytes_;
      bytes_ += up(bytes, kLineBytes);
      return at;
    };
    register_bytes_ = up(elements * item_, kLineBytes);
    take(in_.registers * register_bytes_);
    for (int i = 0; i < in_.operands; i++) {
      if (((used_ >> i) & 1) && place_[i].staged) place_[i].offset = take(elements * place_[i].item);
    }
    reduced_values_ = 0;
    states_bytes_ = 0;
    for (int i = 0; i < in_.steps; i++) {
      const Step& step = in_.step[i];
      if (step.reduction == nullptr) continue;
      result_offset_[i] = take(columns_ * step.destination_item);
      state_offset_[i] = states_bytes_;
      states_bytes_ += up(upright_ ? step.reduction->bytes(columns_, count_) : kStateBytes * columns_, kLineBytes);
      if (step.destination >= in_.operands) place_value(step, i);
    }
    // Reading one is like reading an operand that lies in the results.
    for (int r = 0; r < in_.registers; r++) {
      Place& place = place_[kMaxOperands + r];
      if (((reduced_values_ >> r) & 1) && place.staged) place.offset = take(elements * place.item);
    }
    state_at_ = whole_ ? 0 : take(states_bytes_);
    piece_at_ = take(sizes_.piece_bytes);
    // A copy of elements as they are needs no kernel in between.
    const Step& only = in_.step[0];
    copies_ = in_.steps == 1 && only.op == Op::cast && only.dtype != DType::b8 && only.destination < in_.operands &&
              in_.operand[only.source[0]].dtype == only.dtype && place_[only.source[0]].staged &&
              (place_[only.destination].staged || place_[only.destination].streamed);
    if (copies_) {
      place_[only.destination].staged = true;
      place_[only.destination].offset = place_[only.source[0]].offset;
    }
  }

  void place_value(const Step& step, int index) {
    const int r = step.destination - in_.operands;
    int64_t next = step.destination_item;
    for (int d = in_.dims - 1; d >= 0; d--) {
      value_stride_[r][d] = is_reduced(d) ? 0 : next;
      if (!is_reduced(d)) next *= block_[d];
    }
    bool varies = false;
    for (int i = index + 1; i < in_.steps; i++) {
      varies |= in_.step[i].reduction != nullptr && in_.step[i].source[0] == step.destination;
    }
    place_[kMaxOperands + r] = placed(value_stride_[r], step.destination_item, varies);
    value_at_[r] = result_offset_[index];
    reduced_values_ |= uint32_t(1) << r;
  }

  // ---- walking ----

  // Goes to the next block of the dims that are reduced, or of those that are not; after the last to the first.
  void next(Worker& w, bool reduced) const {
    for (int d = in_.dims - 1; d >= 0; d--) {
      if (is_reduced(d) != reduced) continue;
      const int64_t to = w.index[d] + w.extent[d];
      go(w, d, to < in_.size[d] ? to : 0);
      if (w.index[d] != 0) return;
    }
  }
  void go(Worker& w, int d, int64_t to) const {
    const int64_t by = to - w.index[d];
    w.index[d] = to;
    w.extent[d] = least(block_[d], in_.size[d] - to);
    if (by == 0) return;
    for (int i = 0; i < in_.operands; i++) w.at[i] += by * in_.stride[i][d];
  }
  void begin(Worker& w, int64_t unit) const {
    for (int i = 0; i < in_.operands; i++) {
      w.at[i] = in_.base[i];
      w.held[i] = nullptr;
    }
    for (int d = in_.dims - 1; d >= 0; d--) {
      w.index[d] = 0;
      if (is_reduced(d)) {
        go(w, d, 0);
        continue;
      }
      const int64_t blocks = quotient_up(in_.size[d], block_[d]);
      go(w, d, unit % blocks * block_[d]);
      unit /= blocks;
    }
  }

  // Cuts the block of reduced dims to a run of at most `room` elements: a part of one dim, with all of the dims inside
  // it. The result is how many there are.
  int64_t trim(Worker& w, int64_t room) const {
    int64_t elements = 1;
    bool whole = true;
    for (int d = reduced_to_ - 1; d >= reduced_from_; d--) {
      const int64_t extent = least(block_[d], in_.size[d] - w.index[d]);
      w.extent[d] = !whole ? 1 : elements * extent <= room ? extent : room / elements;
      whole &= w.extent[d] == in_.size[d];
      elements *= w.extent[d];
    }
    return elements;
  }

  // ---- one tile ----

  // Copies between a place and its scratch.
  void copy(const Worker& w, const Place& place, char* at, bool out) const {
    int64_t size[kMaxDims], stride[kMaxDims], dense[kMaxDims];
    int dims = 0;
    int64_t next = place.item;
    const auto add = [&](int d) {
      size[dims] = w.extent[d];
      stride[dims] = place.stride[d];
      dense[dims++] = next;
      next *= w.extent[d];
    };
    for (int d = in_.dims - 1; d >= line_; d--) add(d);
    if (rows_ >= 0) add(rows_);
    char* const scratch = w.memory + place.offset;
    const CopyFn copy = kernels_.copy[size_class(place.item)];
    if (out) {
      copy(at, stride, scratch, dense, size, dims);
    } else {
      copy(scratch, dense, at, stride, size, dims);
    }
  }

  Span span_of(const Worker& w, int place, int64_t item, int64_t line) const {
    if (place < in_.operands) return w.span[place];
    const int r = place - in_.operands;
    if (!((reduced_values_ >> r) & 1)) return {w.memory + r * register_bytes_, line * item, item};
    const Place& value = place_[kMaxOperands + r];
    if (value.staged) return {w.memory + value.offset, line * item, item};
    return {w.memory + value_at_[r], rows_ >= 0 ? value.stride[rows_] : 0, value.constant ? 0 : item};
  }

  void write(const Worker& w, const Step& step, char* dst, const char* const* src, const int64_t* stride,
             int64_t n) const {
    const int to = step.destination;
    if (to >= in_.operands || !place_[to].streamed || place_[to].staged) return step.map(dst, src, stride, n);
    const int64_t item = step.destination_item;
    char* const piece = w.memory + piece_at_;
    const char* from[kSources];
    for (int s = 0; s < step.sources; s++) from[s] = src[s];
    // The first piece ends where a cache line does, and so all others begin at one.
    int64_t count = (-int64_t(uintptr_t(dst)) & (kLineBytes - 1)) / item;
    if (count == 0) count = sizes_.piece_bytes / item;
    while (n > 0) {
      count = least(count, n);
      step.map(piece, from, stride, count);
      kernels_.stream(dst, piece, count * item);
      dst += count * item;
      for (int s = 0; s < step.sources; s++) from[s] += count * stride[s];
      n -= count;
      count = sizes_.piece_bytes / item;
    }
  }

  void map(const Worker& w, const Step& step, int64_t rows, int64_t line) const {
    const char* src[kSources];
    int64_t stride[kSources], pitch[kSources];
    Span span = span_of(w, step.destination, step.destination_item, line);
    bool flat = rows == 1 || span.pitch == line * step.destination_item;
    for (int s = 0; s < step.sources; s++) {
      const Span source = span_of(w, step.source[s], step.source_item[s], line);
      src[s] = source.at;
      stride[s] = source.stride;
      pitch[s] = source.pitch;
      flat &= rows == 1 || source.pitch == line * source.stride;
    }
    if (flat) return write(w, step, span.at, src, stride, rows * line);
    for (int64_t r = 0; r < rows; r++) {
      write(w, step, span.at, src, stride, line);
      span.at += span.pitch;
      for (int s = 0; s < step.sources; s++) src[s] += pitch[s];
    }
  }

  void fold(const Worker& w, int index, int64_t rows, int64_t line) const {
    const Step& step = in_.step[index];
    const Reduction& reduction = *step.reduction;
    const Span span = span_of(w, step.source[0], step.source_item[0], line);
    char* const state = w.states + state_offset_[index];
    if (upright_) return reduction.fold_rows(state, line, span.at, span.pitch, rows, w.first);
    if (whole_) {
      const int64_t columns = line / count_;
      return reduction.whole(result(w, index, columns), span.at, columns, count_);
    }
    if (rows == 1 || (is_reduced(rows_) && span.pitch == line * step.source_item[0])) {
      return reduction.fold(state, span.at, rows * line, w.first);
    }
    for (int64_t r = 0; r < rows; r++) {
      const bool reduced = is_reduced(rows_);
      reduction.fold(state + (reduced ? 0 : r * kStateBytes), span.at + r * span.pitch, line,
                     w.first + (reduced ? r * line : 0));
    }
  }

  void tile(Worker& w, const Phase& phase) const {
    int64_t line = 1;
    for (int d = line_; d < in_.dims; d++) line *= w.extent[d];
    const int64_t rows = rows_ >= 0 ? w.extent[rows_] : 1;
    for (uint64_t left = phase.used; left != 0; left &= left - 1) {
      const int i = __builtin_ctzll(left);
      const Place& place = place_[i];
      if (!place.staged) {
        w.span[i] = {w.at[i], rows_ >= 0 ? place.stride[rows_] : 0, place.constant ? 0 : place.item};
        continue;
      }
      w.span[i] = {w.memory + place.offset, line * place.item, place.item};
      if (!((phase.loaded >> i) & 1)) continue;
      if (w.held[i] == w.at[i] && w.held_rows[i] == rows && w.held_line[i] == line) continue;
      copy(w, place, w.at[i], false);
      // What is written changes under what is held.
      w.held[i] = in_.operand[i].written ? nullptr : w.at[i];
      w.held_rows[i] = rows;
      w.held_line[i] = line;
    }
    for (uint32_t left = phase.read & reduced_values_; left != 0; left &= left - 1) {
      const int r = __builtin_ctz(left);
      const Place& place = place_[kMaxOperands + r];
      if (place.staged) copy(w, place, w.memory + value_at_[r], false);
    }
    if (!copies_) {
      for (int i = phase.from; i < phase.folds; i++) map(w, in_.step[i], rows, line);
    }
    for (uint64_t left = phase.stored; left != 0; left &= left - 1) {
      const int i = __builtin_ctzll(left);
      const Place& place = place_[i];
      if (place.streamed && place.staged) {
        for (int64_t r = 0; r < rows; r++) {
          char* const to = w.at[i] + (rows_ >= 0 ? r * place.stride[rows_] : 0);
          kernels_.stream(to, w.span[i].at + r * line * place.item, line * place.item);
        }
      } else if (place.staged) {
        copy(w, place, w.at[i], true);
      }
    }
    for (int i = phase.folds; i < phase.to; i++) fold(w, i, rows, line);
  }

  // ---- one unit ----

  void start_states(char* states, const Phase& phase, int64_t columns) const {
    for (int i = phase.folds; i < phase.to; i++) {
      const Reduction& reduction = *in_.step[i].reduction;
      char* const state = states + state_offset_[i];
      if (upright_) {
        reduction.start(state, columns);
      } else {
        for (int64_t c = 0; c < columns; c++) reduction.start(state + c * kStateBytes, 1);
      }
    }
  }

  int64_t columns_of(const Worker& w) const {
    int64_t columns = 1;
    for (int d = 0; d < in_.dims; d++) {
      if (!is_reduced(d)) columns *= w.extent[d];
    }
    return columns;
  }

  // Where a fold's results go first: to their operand, where that is contiguous.
  char* result(const Worker& w, int index, int64_t columns) const {
    const Step& step = in_.step[index];
    if (step.destination < in_.operands && (columns == 1 || is_dense_result(step))) return w.at[step.destination];
    return w.memory + result_offset_[index];
  }
  bool is_dense_result(const Step& step) const {
    int64_t expected = step.destination_item;
    for (int d = in_.dims - 1; d >= 0; d--) {
      if (is_reduced(d) || block_[d] == 1) continue;
      if (in_.stride[step.destination][d] != expected) return false;
      expected *= block_[d];
    }
    return true;
  }

  void finish(const Worker& w, const Phase& phase, char* states) const {
    const int64_t columns = columns_of(w);
    for (int i = phase.folds; i < phase.to; i++) {
      const Step& step = in_.step[i];
      char* const to = result(w, i, columns);
      char* const state = states + state_offset_[i];
      if (whole_) {
        // Done with the tile.
      } else if (upright_) {
        step.reduction->finish(state, columns, to, count_);
      } else {
        for (int64_t c = 0; c < columns; c++) {
          step.reduction->finish(state + c * kStateBytes, 1, to + c * step.destination_item, count_);
        }
      }
      if (step.destination >= in_.operands || to == w.at[step.destination]) continue;
      int64_t size[kMaxDims], stride[kMaxDims], dense[kMaxDims];
      int dims = 0;
      int64_t next = step.destination_item;
      for (int d = in_.dims - 1; d >= 0; d--) {
        if (is_reduced(d) || w.extent[d] == 1) continue;
        size[dims] = w.extent[d];
        stride[dims] = in_.stride[step.destination][d];
        dense[dims++] = next;
        next *= w.extent[d];
      }
      kernels_.copy[size_class(step.destination_item)](w.at[step.destination], stride, to, dense, size, dims);
    }
  }

  void unit(Worker& w) const {
    for (int p = 0; p < phases_; p++) {
      const Phase& phase = phase_[p];
      if (phase.folds < phase.to && !whole_) start_states(w.states, phase, columns_of(w));
      walk(w, phase, count_);
      finish(w, phase, w.states);
    }
  }

  // The next `count` elements of the reduced dims.
  void walk(Worker& w, const Phase& phase, int64_t count) const {
    for (int64_t done = 0; done < count; next(w, true)) {
      w.first = done;
      done += trim(w, count - done);
      tile(w, phase);
    }
  }

  // ---- tasks ----

  bool prepare(Worker& w) const {
    w.memory = static_cast<char*>(scratch(kTileBlock, size_t(most(bytes_, 1))));
    w.states = w.memory + state_at_;
    return w.memory != nullptr;
  }

  bool run_tasks() {
    units_ = 1;
    int64_t work = work_;
    for (int d = 0; d < in_.dims; d++) {
      if (!is_reduced(d)) units_ *= quotient_up(in_.size[d], block_[d]);
      work *= is_reduced(d) ? in_.size[d] : block_[d];
    }
    // The first allocation is made here, where nothing was written yet.
    if (scratch(kTileBlock, size_t(most(bytes_, 1))) == nullptr) return false;
    failed_ = false;
    if (work > 2 * sizes_.task_work && units_ < kManyUnits && can_part()) {
      if (!run_parts()) return false;
    } else {
      const int64_t most_units = most(1, sizes_.task_work / most(work, 1));
      units_per_task_ = quotient_up(units_, quotient_up(units_, most_units));
      const int64_t tasks = quotient_up(units_, units_per_task_);
      const auto task = [](void* pass, int64_t index) { static_cast<Pass*>(pass)->run_units(index); };
      if (tasks == 1) {
        run_units(0);
      } else {
        parallel_for(tasks, task, this);
      }
    }
    return !failed_;
  }

  void run_units(int64_t task) {
    Worker w;
    if (!prepare(w)) {
      failed_ = true;
      return;
    }
    const int64_t from = task * units_per_task_, to = least(from + units_per_task_, units_);
    begin(w, from);
    for (int64_t u = from; u < to; u++) {
      unit(w);
      next(w, false);
    }
    fence();
  }

  // Stores past the caches are seen in order only after this.
  void fence() const {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
  }

  // A long reduction into few elements is divided into ranges of what is folded; they are multiples of the tree's
  // blocks.
  bool can_part() const { return folding_ && phases_ == 1 && !whole_ && reduced_to_ > reduced_from_; }

  bool run_parts() {
    const int64_t columns = upright_ ? columns_ : 1;
    int64_t elements = most(kMergeUnit, sizes_.task_work / work_ / columns);
    // Where rows are staged by whole cache lines, both parts beside a cut read those of a tile.
    if (!upright_ && rows_ >= 0 && is_reduced(rows_)) {
      elements = most(elements, 16 * block_[rows_] * in_.size[in_.dims - 1]);
    }
    part_ = power_below(elements);
    while (units_ * quotient_up(count_, part_) > kMostParts) part_ *= 2;
    parts_ = quotient_up(count_, part_);
    part_states_ = static_cast<char*>(scratch(kStateBlock, size_t(units_ * parts_ * states_bytes_)));
    if (part_states_ == nullptr) return false;
    parallel_for(units_ * parts_, [](void* pass, int64_t index) { static_cast<Pass*>(pass)->run_part(index); }, this);
    if (failed_) return true;
    Worker w;
    if (!prepare(w)) return false;
    begin(w, 0);
    for (int64_t u = 0; u < units_; u++) {
      char* const states = part_states_ + u * parts_ * states_bytes_;
      for (int64_t p = 1; p < parts_; p++) merge(w, states, states + p * states_bytes_, p * part_);
      finish(w, phase_[0], states);
      next(w, false);
    }
    return true;
  }

  void merge(const Worker& w, char* states, const char* later, int64_t first) const {
    const int64_t columns = columns_of(w), count = least(part_, count_ - first);
    for (int i = phase_[0].folds; i < phase_[0].to; i++) {
      const Reduction& reduction = *in_.step[i].reduction;
      for (int64_t c = 0; c < (upright_ ? 1 : columns); c++) {
        const int64_t at = state_offset_[i] + c * kStateBytes;
        reduction.merge(states + at, upright_ ? columns : 1, later + at, first, count);
      }
    }
  }

  void run_part(int64_t index) {
    Worker w;
    if (!prepare(w)) {
      failed_ = true;
      return;
    }
    begin(w, index / parts_);
    w.states = part_states_ + index * states_bytes_;
    start_states(w.states, phase_[0], columns_of(w));
    const int64_t from = index % parts_ * part_;
    int64_t position = from;
    for (int d = reduced_to_ - 1; d >= reduced_from_; d--) {
      go(w, d, position % in_.size[d]);
      position /= in_.size[d];
    }
    walk(w, phase_[0], least(part_, count_ - from));
    fence();
  }

  Instruction& in_;
  const Kernels& kernels_;
  const Sizes& sizes_ = sizes_in_use();
  int phases_;
  Phase phase_[kMostPlaces + 1];
  uint64_t used_, fold_sources_;
  bool folding_, upright_;
  int reduced_from_, reduced_to_;
  int64_t count_;  // elements folded into one
  int64_t work_, item_;

  int64_t block_[kMaxDims];
  int line_, rows_;  // rows_ is -1 for tiles of one row
  bool whole_;       // each tile has all of the elements that are folded into one, in a line
  bool copies_;
  int64_t columns_;
  Place place_[kMostPlaces];  // of operands, then of registers
  uint32_t reduced_values_;   // registers that reductions write
  int64_t value_stride_[kMaxRegisters][kMaxDims];
  int64_t value_at_[kMaxRegisters];
  int64_t bytes_, register_bytes_, states_bytes_, state_at_, piece_at_;
  int64_t result_offset_[kMaxSteps], state_offset_[kMaxSteps];

  int64_t units_, units_per_task_;
  int64_t part_, parts_;
  char* part_states_;
  std::atomic<bool> failed_;
};

}  // namespace

bool run_pass(Instruction& in, const Kernels& kernels) { return Pass(in, kernels).run(); }

}  // namespace nabla
