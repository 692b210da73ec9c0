#include "matrices.h"

#include <atomic>

#include "threads.h"

namespace nabla {

namespace {

constexpr int64_t kTaskWork = 1 << 18;  // of one task, in multiplications

// Roughly the multiplications that one matrix takes.
double work_of(const Instruction& in) {
  const MatrixForm form = matrix_form(in.op);
  const double m = double(in.core[0]), n = double(in.core[1]), k = double(in.core[2]);
  return form.sizes == 1 ? m * m * m : form.sizes == 2 ? m * n * (m < n ? m : n) : m * n * k;
}

// Matrices are numbered in the order of the batch dims. The last of those is walked by the kernel itself.
class Batch {
 public:
  Batch(const Instruction& in, MatrixFn kernel) : in_(in), kernel_(kernel), form_(matrix_form(in.op)) {}

  bool run() {
    count_ = 1;
    for (int d = 0; d < in_.dims; d++) count_ *= in_.size[d];
    const double work = work_of(in_);
    // Matrices share the threads, or else each matrix has all of them to itself.
    per_task_ = work >= kTaskWork ? 1 : kTaskWork / int64_t(work < 16 ? 16 : work);
    const int64_t tasks = (count_ + per_task_ - 1) / per_task_;
    if (tasks < thread_count()) {
      range(0, count_);
    } else {
      parallel_for(tasks, [](void* batch, int64_t i) { static_cast<Batch*>(batch)->task(i); }, this);
    }
    return !failed_;
  }

 private:
  void task(int64_t i) {
    const int64_t from = i * per_task_, to = from + per_task_;
    range(from, to < count_ ? to : count_);
  }

  void range(int64_t from, int64_t to) {
    const int last = in_.dims - 1;
    MatrixArgs args = {in_.core[0], in_.core[1], in_.core[2], 1, {}, {in_.parameter[0], in_.parameter[1]}};
    while (from < to) {
      const int64_t within = last < 0 ? 0 : from % in_.size[last], row = last < 0 ? 1 : in_.size[last] - within;
      args.count = row < to - from ? row : to - from;
      for (int i = 0; i < in_.operands; i++) {
        const int64_t* const stride = in_.stride[i];
        const int64_t item = kItemSize[int(in_.operand[i].dtype)];
        char* at = in_.base[i];
        int64_t left = from;
        for (int d = last; d >= 0; d--) {
          at += left % in_.size[d] * stride[d];
          left /= in_.size[d];
        }
        const int own = form_.operand[i].dims();
        args.operand[i] = {at, last < 0 ? 0 : stride[last] / item, own > 0 ? stride[in_.dims] / item : 0,
                           own > 1 ? stride[in_.dims + 1] / item : 0};
      }
      if (!kernel_(args)) failed_ = true;
      from += args.count;
    }
  }

  const Instruction& in_;
  const MatrixFn kernel_;
  const MatrixForm form_;
  int64_t count_, per_task_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

bool writes_no_matrix(const Instruction& in) {
  const MatrixForm form = matrix_form(in.op);
  for (int d = 0; d < in.dims; d++) {
    if (in.size[d] == 0) return true;
  }
  for (int i = 0; i < in.operands; i++) {
    const MatrixOperand& operand = form.operand[i];
    if (operand.written && in.extent(operand.rows) > 0 && in.extent(operand.columns) > 0) return false;
  }
  return true;
}

bool run_matrices(const Instruction& in, const Kernels& kernels) {
  return Batch(in, kernels.matrix[int(in.op)][int(in.operand[0].dtype)]).run();
}

}  // namespace nabla
