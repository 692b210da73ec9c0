#include "program.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "matrices.h"
#include "pass.h"

namespace nabla {

namespace {

// Calls f with the address of each operand at every index of dims [from, to), in row-major order.
template <class F>
void for_each(const Instruction& in, int from, int to, char* const* start, F f) {
  int64_t index[kMaxDims + 2];
  char* at[kMaxOperands];
  for (int i = 0; i < in.operands; i++) at[i] = start[i];
  for (int d = from; d < to; d++) {
    if (in.size[d] == 0) return;
    index[d] = 0;
  }
  for (;;) {
    f(at);
    int d = to - 1;
    for (; d >= from; d--) {
      if (++index[d] < in.size[d]) {
        for (int i = 0; i < in.operands; i++) at[i] += in.stride[i][d];
        break;
      }
      for (int i = 0; i < in.operands; i++) at[i] -= in.stride[i][d] * (in.size[d] - 1);
      index[d] = 0;
    }
    if (d < from) return;
  }
}

// Whether there is no element to write.
bool indexes_nothing(const Instruction& in) {
  if (in.form == Form::Matrix) return writes_no_matrix(in);
  const bool reduces = in.form == Form::Pass && in.maps < in.steps;
  const int dims = reduces ? in.kept : in.form == Form::Selection ? in.dims - 1 : in.dims;
  for (int d = 0; d < dims; d++) {
    if (in.size[d] == 0) return true;
  }
  return false;
}

[[gnu::cold]] bool outside(int64_t index, int64_t low, int64_t high, std::string& error) {
  char text[96];
  snprintf(text, sizeof(text), "index %lld is not within %lld to %lld", (long long)index, (long long)low,
           (long long)high);
  error = text;
  return false;
}

// Whether all indices or ranks of an instruction are within its length.
bool indices_within(const Instruction& in, int operand, std::string& error) {
  const int last = in.dims - 1;
  const int64_t stride = in.stride[operand][last], n = in.form == Form::Selection ? 1 : in.size[last];
  bool good = true;
  for_each(in, 0, last, in.base, [&](char** at) {
    for (int64_t i = 0; good && i < n; i++) {
      int64_t index;
      memcpy(&index, at[operand] + i * stride, sizeof(index));
      if (uint64_t(index) >= uint64_t(in.length)) good = outside(index, 0, in.length - 1, error);
    }
  });
  return good;
}

// Whether all pivots that an instruction reads name rows.
bool pivots_within(const Instruction& in, std::string& error) {
  const MatrixForm form = matrix_form(in.op);
  for (int operand = 0; operand < in.operands; operand++) {
    if (!form.operand[operand].index || form.operand[operand].written) continue;
    const int64_t m = in.core[0], stride = in.stride[operand][in.dims];
    bool good = true;
    for_each(in, 0, in.dims, in.base, [&](char** at) {
      for (int64_t i = 0; good && i < m; i++) {
        int32_t pivot;
        memcpy(&pivot, at[operand] + i * stride, sizeof(pivot));
        const int64_t row = in.op == Op::ldl_solve && pivot < 0 ? -int64_t(pivot) : pivot;
        if (row < 1 || row > m) good = outside(pivot, 1, m, error);
      }
    });
    if (!good) return false;
  }
  return true;
}

bool run_rows(const Instruction& in, const Kernels& kernels, std::string& error) {
  const int last = in.dims - 1, indices = row_form(in.op).indices;
  if (indices >= 0 && !indices_within(in, indices, error)) return false;
  const RowFn row = kernels.row[int(in.op)][int(in.operand[0].dtype)];
  int64_t stride[4];
  for (int i = 0; i < in.operands; i++) stride[i] = in.stride[i][last];
  bool enough = true;
  for_each(in, 0, last, in.base, [&](char** at) { enough = enough && row(at, stride, in.size[last]); });
  if (!enough) error = "out of memory";
  return enough;
}

bool execute(Instruction& in, const Kernels& kernels, std::string& error) {
  switch (in.form) {
    case Form::Pass: {
      const bool enough = run_pass(in, kernels);
      if (!enough) error = "out of memory";
      return enough;
    }
    case Form::Scan:
    case Form::Selection:
    case Form::Gather: return run_rows(in, kernels, error);
    case Form::Matrix: {
      if (!pivots_within(in, error)) return false;
      const bool enough = run_matrices(in, kernels);
      if (!enough) error = "out of memory";
      return enough;
    }
  }
  return false;
}

std::string located(const std::string& problem, int64_t index, const double* words, int64_t count) {
  char where[64];
  snprintf(where, sizeof(where), "\nin instruction %lld:\n", static_cast<long long>(index));
  return problem + where + disassemble(words, count);
}

// A word that must be a whole number from 0 to `high`; -1 where it is not.
inline int64_t index_word(double word, double high) {
  if (!(word >= 0 && word <= high)) return -1;
  const int64_t value = int64_t(word);
  return double(value) == word ? value : -1;
}

bool run_instruction(Instruction& in, const Kernels& kernels, std::string& error) {
  if (indexes_nothing(in)) return true;
  const bool good = execute(in, kernels, error);
  for (int i = 0; i < in.operands; i++) {
    if (in.operand[i].written) in.operand[i].memory->fresh = false;
  }
  return good;
}

// The commonest programs by far are one step over dense operands (or constant ones), elementwise or reducing them to
// one element. On small tensors the general decoder costs more than all else, so these are recognised whole, verified
// by the same rules and run; for anything else, and for anything wrong, the result is false and nothing was touched.
bool run_dense_step(const double* words, int64_t capacity, const Kernels& kernels, Buffers& buffers) {
  constexpr int kHead = 7, kMost = 1 + kSources, kOperandWords = 4;
  constexpr int64_t kMostElements = 4096;
  if (capacity < 1 + kHead) return false;
  const double* const in = words + 1;
  const bool reduced = in[2] == 0;
  if (in[0] != int(Form::Pass) || in[5] != 1 || !(reduced ? in[3] == 1 : in[2] == 1 && in[3] == 0)) return false;
  const int64_t operands = index_word(in[4], kMost), n = index_word(in[6], double(kLargest));
  const int64_t count = kHead + kOperandWords * operands + kStepWords;
  if (operands < 2 || n < 1 || n > kMostElements || count + 1 > capacity || in[1] != double(count) ||
      words[0] != double(count + 1)) {
    return false;
  }
  const double* const step = in + kHead + kOperandWords * operands;
  const int64_t op = index_word(step[0], kOps - 1), type = index_word(step[1], kDTypes - 1);
  if (op < 0 || type < 0 || step[2] != 0) return false;
  const Signature signature = kOpInfo[op].signature;
  if (!(reduced ? reduces(signature) : signature <= Signature::Test) || arity(signature) != operands - 1) return false;
  for (int s = 0; s < kSources; s++) {
    if (step[3 + s] != (s < operands - 1 ? s + 1 : kNone)) return false;
  }
  const MapFn map = kernels.map[op][type];
  const Reduction& reduction = kernels.reduce[op][type];
  if (reduced ? reduction.fold == nullptr : map == nullptr) return false;
  const bool truth = signature == Signature::Compare || signature == Signature::Test;
  const DType result = truth ? DType::b8 : signature == Signature::ReduceIndex ? DType::i64 : DType(type);

  char* at[kMost];
  int64_t stride[kMost], bytes[kMost];
  double cell[kMost];
  double last = kNone;
  Memory* memory = nullptr;
  Memory* written = nullptr;
  for (int64_t i = 0; i < operands; i++) {
    const double* const word = in + kHead + kOperandWords * i;
    const DType dtype = i == 0 ? result : DType(type);
    if (word[0] != int(dtype)) return false;
    if (word[1] == kImmediate) {
      if (i == 0 || reduced || (dtype != DType::f32 && dtype != DType::f64)) return false;
      const float narrow = float(word[2]);
      cell[i] = word[2];
      if (dtype == DType::f32) memcpy(&cell[i], &narrow, sizeof(narrow));
      at[i] = reinterpret_cast<char*>(&cell[i]);
      stride[i] = 0;
      continue;
    }
    const int64_t item = kItemSize[int(dtype)], offset = index_word(word[2], double(kLargest));
    const bool moves = word[3] == 1;
    // What is written moves along unless it is reduced into; what a map reads may stay on one element.
    if (offset < 0 || !(moves || word[3] == 0)) return false;
    if (i == 0 ? moves == reduced : reduced && !moves) return false;
    if (word[1] != last) {
      const char* problem;
      memory = buffers.find(word[1], problem);
      if (memory == nullptr) return false;
      last = word[1];
    }
    if (i == 0) written = memory;
    at[i] = memory->base + offset;
    stride[i] = moves ? item : 0;
    bytes[i] = moves ? n * item : item;
    if (offset > memory->length || bytes[i] > memory->length - offset) return false;
    if ((uintptr_t(at[i]) & uintptr_t(item - 1)) != 0) return false;
    // Apart from what is written, or (elementwise) the very same elements.
    if (i == 0 || at[i] >= at[0] + bytes[0] || at[0] >= at[i] + bytes[i]) continue;
    if (reduced || at[i] != at[0] || dtype != result || !(moves || n == 1)) return false;
  }
  written->fresh = false;
  if (!reduced) {
    map(at[0], at + 1, stride + 1, n);
    return true;
  }
  reduction.whole(at[0], at[1], 1, n);
  return true;
}

}  // namespace

bool run_program(const double* words, int64_t capacity, const Kernels& kernels, Buffers& buffers, std::string& error) {
  if (run_dense_step(words, capacity, kernels, buffers)) return true;
  Instruction in;  // left uninitialised: it is large, and decode() fills what is used
  Decoder decoder(kernels, buffers);
  const double total = capacity > 0 ? words[0] : 0;
  const int64_t end = total >= 1 && total <= double(capacity) ? int64_t(total) : 0;
  if (end == 0 || double(end) != total) {
    error = "a program has between 1 and as many words as were attached";
    return false;
  }
  int64_t instructions = 0;
  for (int64_t at = 1; at < end; at += in.words) {
    if (!decoder.decode(words + at, end - at, in)) {
      error = located(decoder.problem(), instructions, words + at, end - at);
      return false;
    }
    instructions++;
  }
  if (instructions == 1) return run_instruction(in, kernels, error);
  // Each is decoded again: an instruction before it may have been given the words themselves to write to.
  for (int64_t at = 1; at < end; at += in.words) {
    if (!decoder.decode(words + at, end - at, in)) {
      error = decoder.problem();
      return false;
    }
    if (!run_instruction(in, kernels, error)) return false;
  }
  return true;
}

}  // namespace nabla
