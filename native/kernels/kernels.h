// The table of compute kernels. The sources in kernels/, gemm/ and linalg/ are compiled once per instruction set,
// each time into a namespace of its own (NABLA_ISA), and each set ends as one constant of this type.
//
// Those sources include no C++ standard header: an inline function of such a header, compiled with AVX-512, could
// be the copy that the linker keeps for everyone.
#pragma once
#include "../abi.h"

namespace nabla {

// Strides are in bytes. dst never overlaps a source but as the very same elements.
using MapFn = void (*)(char* dst, int64_t dst_stride, const char* const* src, const int64_t* src_stride, int64_t n);

// A reduction folds runs of elements into an accumulator. `first` is the position of the run's first element within
// the reduced elements, for the ops that return positions.
constexpr int64_t kAccumulatorBytes = 640;
struct Reduction {
  void (*start)(void* acc);
  void (*fold)(void* acc, const char* src, int64_t stride, int64_t n, int64_t first);
  void (*finish)(void* acc, char* dst, int64_t count);
};

// Scans, selections and gathers along one row: the first element of each operand, in the order that abi.h lists them,
// and its stride. The result is false where there was not enough memory.
using RowFn = bool (*)(char* const* at, const int64_t* stride, int64_t n);

// c = alpha * a @ b + beta * c with a [m, k], b [k, n], c [m, n]; rs and cs are row and column strides in elements, of
// any sign or zero for a and b. c is not read where beta is 0; k = 0 gives beta * c. c overlaps neither a nor b.
struct GemmArgs {
  int64_t m, n, k;
  const void* a;
  int64_t a_rs, a_cs;
  const void* b;
  int64_t b_rs, b_cs;
  void* c;
  int64_t c_rs, c_cs;
  double alpha, beta;
};
using GemmFn = void (*)(const GemmArgs& args);

// out [n, n] = inverse of in [n, n]; strides in elements. Returns 0, or 1 + the index of the first pivot that is
// exactly zero, and then out is filled with nan. out and in do not overlap.
struct InverseArgs {
  int64_t n;
  const void* in;
  int64_t in_rs, in_cs;
  void* out;
  int64_t out_rs, out_cs;
};
using InverseFn = int64_t (*)(const InverseArgs& args);

// Instruction words as integers; kNotWhole for a word that is none, or is beyond 2^51 on either side.
constexpr int64_t kNotWhole = INT64_MIN;
using WholeFn = void (*)(const double* words, int64_t* whole, int64_t n);

struct Kernels {
  WholeFn whole;
  MapFn map[kOps][kDTypes];      // by the step's dtype; null where an op does not take it
  MapFn cast[kDTypes][kDTypes];  // [from][to]
  Reduction reduce[kOps][kDTypes];
  RowFn row[kOps][kDTypes];
  const GemmFn* gemm;        // [kDTypes]
  const InverseFn* inverse;  // [kDTypes]
};

struct InstructionSet {
  const char* name;
  bool (*supported)();
  const Kernels* kernels;
};

// Ordered from the plainest to the widest.
extern const InstructionSet kInstructionSets[];
extern const int kInstructionSetCount;

// The set in use: the widest that this processor has, or the one that NABLA_ISA names. Null with `problem` filled in
// where that name is unknown or the processor lacks it.
const InstructionSet* choose_instruction_set(const char* requested, char* problem, size_t problem_size);

// Scratch memory of this thread, 64-byte aligned, kept for the next call; null when there is no more memory. `which`
// tells apart the blocks that one kernel needs at the same time.
constexpr int kScratchBlocks = 4;
void* scratch(int which, size_t bytes);

}  // namespace nabla
