// The contract between TypeScript and native code: how an instruction is laid out in words.
//
// A program lives in one Float64Array that both sides know (attach). Every word is a double that holds an
// integer, but for immediates. Sizes, strides and dimensions count elements; offsets count bytes.
//
//   program      word 0      words in the program, this one included
//                then        instructions, back to back
//
//   instruction  word 0      form (below)
//                word 1      words in the instruction
//                ...         the rest depends on the form
//
//   operand      word 0      dtype
//                word 1      slot handle, or kImmediate
//                word 2      byte offset from the slot's base; of an immediate, its value
//                word 3..    one stride for each dimension the form gives; of an immediate they mean nothing
//
//                Sizes, offsets and the number of indices are at most 2^51, strides at most 2^50 on either side. Only a
//                Pass has immediates; an immediate of an integer dtype is an integer in its range, of bool 0 or 1.
//                An offset is within its buffer even where no element is touched, and a multiple of the element's size.
//
//   handle       generation * 2^22 + slot index; a slot that was released and reused has a new generation
//
//   Pass         2 kept dims  3 reduced dims  4 operands  5 steps  6.. sizes (kept first, then reduced)
//                then the operands, each with kept + reduced strides
//                then the steps, six words each: op, dtype, destination, source 0, source 1, source 2
//                A destination or source below the number of operands is that operand; from there on it is a
//                register (a tile of scratch). A source that an op does not have is kNone.
//                The steps run in order over each tile of the iteration space. A step's dtype is the type it
//                computes in; Cast takes any source and produces its dtype. A written operand has no two indices on
//                one element, and overlaps another operand only where both are the same elements of one type.
//
//                A reduction writes an operand whose strides over the reduced dims are zero, or a register. Where
//                another step follows a reduction, the reduced dims are walked once more: for each index of the kept
//                dims, the steps up to there run over all of the reduced dims, then the steps that follow do. These
//                read reduced registers, as one value for each index of the kept dims, and what was written to
//                operands before; other registers are lost. So softmax is one pass: m = amax(x); e = exp(x - m),
//                s = sum(e); e / s.
//
//                A step does not write the register it reads with elements of another size.
//                amax, amin, argmax and argmin of no elements are refused. No other step writes what a reduction
//                wrote, and no reduction a register that another step wrote, in whichever walk. A reduction may write
//                an operand that was read before; no reduction of the same walk reads it after.
//
//   Scan         2 op  3 dims  4.. sizes (the last is scanned)  then operands of one dtype: out, in, and
//                of a ScanIndex the indices (int64): where along the dim each value was found;
//                of a ScanBinary the factors: out[i] = in[i] + factor[i] * out[i - 1], and factor[0] is not used.
//                (here and below, what is written is apart from every other operand; out may be the very elements of
//                another operand of a scan, but not of its indices)
//
//   Matrix       2 op  3 batch dims  4, 5 parameters  6.. batch sizes, then those of the sizes m, n, k that the op has
//                then the operands of the op, in the order of matrix_form() (instruction.h), which says what each is:
//                a matrix, a vector or one value for each index of the batch dims, in the instruction's dtype or int32;
//                batch strides, then those of its own dims. What is written is apart from every other operand.
//                matmul       out [m, n], a [m, k], b [k, n]; parameters alpha, beta
//                             out = alpha * a @ b + beta * out; out is not read where beta is 0.
//                inverse      out [m, m], info, a [m, m]
//                lu_factor    lu [m, n], pivots [least], info, a [m, n]: L below the diagonal (ones on it) and U;
//                             step i exchanged rows i and pivots[i] - 1
//                lu_solve     x [m, n], lu [m, m], pivots [m], b [m, n]; the first parameter is 1 for the transpose
//                solve        x [m, n], info, a [m, m], b [m, n]; the parameter as of lu_solve
//                solve_triangular  x [m, n], a [m, m], b [m, n]; parameters: 1 for the upper triangle, 1 for ones on
//                             the diagonal. The other triangle is not read.
//                cholesky     l [m, m], info, a [m, m], of which the upper triangle is not read; that of l is zero
//                ldl_factor   ld [m, m], pivots [m], info, a [m, m], of which the upper triangle is not read: L (its
//                             diagonal of ones not stored), and D of blocks of one and two, as LAPACK's sytrf has them
//                ldl_solve    x [m, n], ld [m, m], pivots [m], b [m, n]
//                qr           h [m, n], tau [least], a [m, n]: R, below it the reflectors, as LAPACK's geqrf has them
//                householder_product   q [m, n], h [m, k], tau [k]: the first n columns of the reflectors' product
//                householder_multiply  out [m, n], h [m, k], tau [k], c [m, n]: q @ c, or with the first parameter 1
//                             the transpose of q times c
//                eigh         w [m], v [m, m], info, a [m, m]: of the lower triangle; eigenvalues rise
//                eigvalsh     w [m], info, a [m, m]
//                svd          u [m, least], s [least], vh [least, n], info, a [m, n]; singular values fall
//                svdvals      s [least], info, a [m, n]
//                Parameters that an op does not have are 0. Pivots that are read are from 1 to m (in ldl_solve of
//                either sign). info is 0 where all is well, or 1 + the index of the pivot
//                at which the matrix turned out to be singular (or not positive definite); then what that matrix's
//                other results hold is said at the kernel.
//
//   Selection    2 op  3 dims  4.. sizes (the last is selected from)
//                then values, indices (int64), in, and for kthvalue the rank (int64); values and in are of one dtype;
//                in has a stride for each dim, the others for each but the last.
//                Elements are ranked from 0 as a stable sort orders them, nan after every number. A value is the
//                element that the rank names, or (mode) the least of the most frequent; its index is its place along
//                the dim, of the mode that of its last occurrence. Refused: rows without elements.
//
//   Gather       2 op  3 dims  4 length  5.. sizes (the last is gathered)  then three operands, the third int64:
//                gather       out, in, indices    out[.., i] = in[.., indices[.., i]]
//                scatter_add  out, in, indices    out[.., indices[.., i]] += in[.., i]; of bools, or
//                What the indices point into (in, out) has `length` elements along the last dim.
//
//                Ranks and indices are data: each instruction looks at all of its own before it writes, and where one
//                is out of range the program ends there, with a message that begins with "index".
#pragma once
#include "dtype.h"

namespace nabla {

constexpr int kAbiVersion = 3;
constexpr int kMaxDims = 64;
constexpr int kMaxOperands = 64;
constexpr int kMaxSteps = 256;
constexpr int kMaxRegisters = 32;
constexpr int kStepWords = 6;
constexpr int kSources = 3;
constexpr double kImmediate = -1;
constexpr double kNone = -1;
constexpr int64_t kSlotIndexRange = int64_t(1) << 22;

enum class Form : uint8_t { Pass, Scan, Matrix, Selection, Gather };
constexpr int kForms = 5;

enum class Signature : uint8_t {
  Unary,
  Binary,
  Ternary,
  Compare,
  Test,
  Select,
  Cast,
  Reduce,
  ReduceIndex,
  Scan,
  ScanIndex,
  ScanBinary,
  Matrix,
  Selection,
  Gather
};

constexpr int arity(Signature s) {
  switch (s) {
    case Signature::Binary:
    case Signature::Compare:
    case Signature::ScanBinary:
    case Signature::Gather: return 2;
    case Signature::Ternary:
    case Signature::Select: return 3;
    default: return 1;
  }
}

constexpr bool reduces(Signature s) { return s == Signature::Reduce || s == Signature::ReduceIndex; }
constexpr bool in_pass(Signature s) { return s <= Signature::ReduceIndex; }
constexpr bool scans(Signature s) {
  return s == Signature::Scan || s == Signature::ScanIndex || s == Signature::ScanBinary;
}

constexpr unsigned bit(DType t) { return 1u << unsigned(t); }
constexpr unsigned kBoolOnly = bit(DType::b8);
constexpr unsigned kFloat = bit(DType::f32) | bit(DType::f64);
constexpr unsigned kAll = (1u << kDTypes) - 1;
constexpr unsigned kNumeric = kAll & ~kBoolOnly;
constexpr unsigned kInteger = kNumeric & ~kFloat;
constexpr unsigned kIntegral = kInteger | kBoolOnly;

enum class Op : uint8_t {
#define OP(name, signature, types) name,
#include "ops.def"
#undef OP
};

#define OP(name, signature, types) +1
constexpr int kOps = 0
#include "ops.def"
    ;
#undef OP

struct OpInfo {
  const char* name;
  Signature signature;
  unsigned types;  // bit set over DType
};

constexpr OpInfo kOpInfo[kOps] = {
#define OP(name, signature, types) {#name, Signature::signature, k##types},
#include "ops.def"
#undef OP
};

}  // namespace nabla
