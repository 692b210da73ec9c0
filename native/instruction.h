// Instructions as they are decoded from words and run.
#pragma once
#include "kernels/kernels.h"
#include "program.h"

namespace nabla {

constexpr int64_t kLargest = int64_t(1) << 51;  // of sizes and offsets

extern const char* const kFormName[kForms];

struct Operand {
  char* low;  // the lowest byte that is touched, and the end of the highest; equal when none is
  char* high;
  double value;  // of an immediate
  char cell[8];
  DType dtype;
  bool immediate;
  bool written;
  bool reduced_into;
  Memory* memory;  // none for an immediate
};

struct Step {
  Op op;
  DType dtype;
  int destination;
  int source[kSources];
  int sources;
  int64_t source_item[kSources];  // bytes of an element
  int64_t destination_item;
  MapFn map;
  const Reduction* reduction;
};

// One decoded instruction. Strides are in bytes.
struct Instruction {
  Form form;
  int64_t words;
  int dims;  // of the iteration space; of the batch for Matmul and Inverse
  int kept;
  int operands;
  int steps;
  int maps;  // the steps before the first reduction
  int registers;
  Op op;
  double alpha, beta;
  int64_t size[kMaxDims + 3];
  int64_t stride[kMaxOperands][kMaxDims + 2];
  char* base[kMaxOperands];  // of each operand, the first element (all indices zero)
  Operand operand[kMaxOperands];
  Step step[kMaxSteps];
};

}  // namespace nabla
