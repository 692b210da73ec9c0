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

// The sizes of an instruction on matrices; least is the smaller of m and n.
enum class Extent : uint8_t { none, m, n, k, least };

// One decoded instruction. Strides are in bytes.
struct Instruction {
  Form form;
  int64_t words;
  int dims;  // of the iteration space; of the batch for Matrix
  int kept;
  int operands;
  int steps;
  int maps;  // the steps before the first reduction
  int registers;
  Op op;
  int64_t length;   // what the indices of a Gather and the ranks of a Selection are below
  int64_t core[3];  // m, n and k of Matrix
  double parameter[2];
  int64_t size[kMaxDims + 2];
  int64_t stride[kMaxOperands][kMaxDims + 2];
  char* base[kMaxOperands];  // of each operand, the first element (all indices zero)
  Operand operand[kMaxOperands];
  Step step[kMaxSteps];

  int64_t extent(Extent e) const {
    switch (e) {
      case Extent::m: return core[0];
      case Extent::n: return core[1];
      case Extent::k: return core[2];
      case Extent::least: return core[0] < core[1] ? core[0] : core[1];
      case Extent::none: break;
    }
    return 1;
  }
};

// The operands of the forms that go along rows.
struct RowOperand {
  bool index;  // int64, whatever the others are
  bool written;
  bool no_row;        // without a stride along the last dim
  bool pointed_into;  // by the indices: it has a length of its own along the last dim
};
struct RowForm {
  Form form;
  int operands;
  RowOperand operand[4];
  int indices;  // the operand that holds indices or ranks to be looked at; -1 where there is none
};

constexpr RowForm row_form(Op op) {
  constexpr RowOperand out = {false, true, false, false}, in = {}, indices = {true, false, false, false};
  constexpr RowOperand found = {true, true, false, false};
  constexpr RowOperand value = {false, true, true, false}, place = {true, true, true, false};
  constexpr RowOperand rank = {true, false, true, false};
  switch (kOpInfo[int(op)].signature) {
    case Signature::Scan: return {Form::Scan, 2, {out, in}, -1};
    case Signature::ScanIndex: return {Form::Scan, 3, {out, in, found}, -1};
    case Signature::ScanBinary: return {Form::Scan, 3, {out, in, in}, -1};
    case Signature::Selection:
      if (op == Op::mode) return {Form::Selection, 3, {value, place, in}, -1};
      return {Form::Selection, 4, {value, place, in, rank}, 3};
    case Signature::Gather:
      if (op == Op::gather) return {Form::Gather, 3, {out, {false, false, false, true}, indices}, 2};
      return {Form::Gather, 3, {{false, true, false, true}, in, indices}, 2};
    default: return {Form::Pass, 0, {}, -1};
  }
}

// The operands of the ops on matrices.
struct MatrixOperand {
  bool index;  // int32, whatever the others are
  bool written;
  Extent rows, columns;  // a vector has rows only

  constexpr int dims() const { return (rows != Extent::none) + (columns != Extent::none); }
};
struct MatrixForm {
  int sizes;  // of m, n, k
  int operands;
  MatrixOperand operand[kMatrixOperands];
};

constexpr MatrixForm matrix_form(Op op) {
  using enum Extent;
  constexpr MatrixOperand info = {true, true, none, none};
  constexpr auto in = [](Extent rows, Extent columns) { return MatrixOperand{false, false, rows, columns}; };
  constexpr auto out = [](Extent rows, Extent columns) { return MatrixOperand{false, true, rows, columns}; };
  switch (op) {
    case Op::matmul: return {3, 3, {out(m, n), in(m, k), in(k, n)}};
    case Op::inverse: return {1, 3, {out(m, m), info, in(m, m)}};
    case Op::lu_factor: return {2, 4, {out(m, n), {true, true, least, none}, info, in(m, n)}};
    case Op::lu_solve: return {2, 4, {out(m, n), in(m, m), {true, false, m, none}, in(m, n)}};
    case Op::solve: return {2, 4, {out(m, n), info, in(m, m), in(m, n)}};
    case Op::solve_triangular: return {2, 3, {out(m, n), in(m, m), in(m, n)}};
    case Op::cholesky: return {1, 3, {out(m, m), info, in(m, m)}};
    case Op::ldl_factor: return {1, 4, {out(m, m), {true, true, m, none}, info, in(m, m)}};
    case Op::ldl_solve: return {2, 4, {out(m, n), in(m, m), {true, false, m, none}, in(m, n)}};
    case Op::qr: return {2, 3, {out(m, n), out(least, none), in(m, n)}};
    case Op::householder_product: return {3, 3, {out(m, n), in(m, k), in(k, none)}};
    case Op::householder_multiply: return {3, 4, {out(m, n), in(m, k), in(k, none), in(m, n)}};
    case Op::eigh: return {1, 4, {out(m, none), out(m, m), info, in(m, m)}};
    case Op::eigvalsh: return {1, 3, {out(m, none), info, in(m, m)}};
    case Op::svd: return {2, 5, {out(m, least), out(least, none), out(least, n), info, in(m, n)}};
    case Op::svdvals: return {2, 3, {out(least, none), info, in(m, n)}};
    default: return {0, 0, {}};
  }
}

}  // namespace nabla
