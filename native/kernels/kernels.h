// The table of compute kernels. The sources in kernels/, gemm/ and linalg/ are compiled once per instruction set,
// each time into a namespace of its own (NABLA_ISA), and each set ends as one constant of this type.
//
// Those sources include no C++ standard header: an inline function of such a header, compiled with AVX-512, could
// be the copy that the linker keeps for everyone.
#pragma once
#include "../abi.h"

namespace nabla {

// Computes n elements that follow one another at dst. A source's stride is its element's size, or 0 for one value. dst
// never overlaps a source but as the very same elements.
using MapFn = void (*)(char* dst, const char* const* src, const int64_t* src_stride, int64_t n);

// Copies a box of elements; strides are in bytes. What is written is apart from what is read.
using CopyFn = void (*)(char* dst, const int64_t* dst_stride, const char* src, const int64_t* src_stride,
                        const int64_t* size, int dims);

// Copies bytes past the caches. The stores are in order with others only after a store fence.
using StreamFn = void (*)(char* dst, const char* src, int64_t bytes);

// A reduction folds elements into a state, for one column of them or for many side by side; columns are contiguous.
// `first` is the position of the first element (or row of them) within all that the state folds: positions are taken in
// order, and `count` is how many there were.
constexpr int64_t kStateBytes = 640;  // enough for one column
struct Reduction {
  int64_t (*bytes)(int64_t columns, int64_t count);
  void (*start)(void* state, int64_t columns);
  void (*fold)(void* state, const char* src, int64_t n, int64_t first);  // into one column
  void (*fold_rows)(void* state, int64_t columns, const char* src, int64_t pitch, int64_t rows, int64_t first);
  // Adds what `later` folded of the `count` elements from `first` on. Only the last one is not kMergeUnit * 2^k
  // elements, with one k for all.
  void (*merge)(void* state, int64_t columns, const void* later, int64_t first, int64_t count);
  void (*finish)(void* state, int64_t columns, char* dst, int64_t count);
  void (*whole)(char* dst, const char* src, int64_t rows, int64_t n);  // each row to one element, without a state
};
constexpr int64_t kMergeUnit = 128;

// Scans, selections and gathers along one row: the first element of each operand, in the order that abi.h lists them,
// and its stride. The result is false where there was not enough memory.
using RowFn = bool (*)(char* const* at, const int64_t* stride, int64_t n);

// Matrices of one instruction: `count` of them, in each operand `next` elements apart. Strides are in elements; those
// that an operand does not have are 0. The result is false where there was not enough memory.
constexpr int kMatrixOperands = 6;
struct MatrixArgs {
  int64_t m, n, k;
  int64_t count;
  struct {
    char* at;
    int64_t next, rs, cs;
  } operand[kMatrixOperands];
  double parameter[2];
};
using MatrixFn = bool (*)(const MatrixArgs& args);

// c = alpha * a @ b + beta * c with a [m, k], b [k, n], c [m, n]; rs and cs are row and column strides in elements, of
// any sign or zero for a and b. c is not read where beta is 0; k = 0 gives beta * c. c overlaps neither a nor b.
//
// The epilogue, if there is one, is called on blocks of c as they are finished and still in a cache: rows `row`.. and
// columns `column`.. hold what they will hold, and may be changed. The blocks cover each element once; several threads
// may be in it at a time, each in a block of its own.
using EpilogueFn = void (*)(void* context, int64_t row, int64_t column, int64_t rows, int64_t columns);
struct GemmArgs {
  int64_t m, n, k;
  const void* a;
  int64_t a_rs, a_cs;
  const void* b;
  int64_t b_rs, b_cs;
  void* c;
  int64_t c_rs, c_cs;
  double alpha, beta;
  EpilogueFn epilogue = nullptr;
  void* context = nullptr;
};
using GemmFn = void (*)(const GemmArgs& args);

// Instruction words as integers; kNotWhole for a word that is none, or is beyond 2^51 on either side.
constexpr int64_t kNotWhole = INT64_MIN;
using WholeFn = void (*)(const double* words, int64_t* whole, int64_t n);

struct Kernels {
  WholeFn whole;
  MapFn map[kOps][kDTypes];      // by the step's dtype; null where an op does not take it
  MapFn cast[kDTypes][kDTypes];  // [from][to]
  Reduction reduce[kOps][kDTypes];
  RowFn row[kOps][kDTypes];
  CopyFn copy[4];  // by the logarithm of the element's size
  StreamFn stream;
  const MatrixFn* matrix[kOps];  // by the dtype; null for other ops
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
