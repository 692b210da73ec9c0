#include "program.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

namespace nabla {

namespace {

// Elements that one step handles before the next step has its turn: registers of this many doubles stay in L1.
constexpr int64_t kTile = 512;
constexpr double kExact = 9007199254740992.0;   // 2^53: every integer up to here is a double
constexpr int64_t kLargest = int64_t(1) << 51;  // of sizes and offsets
constexpr int64_t kLargestStride = int64_t(1) << 50;
constexpr int kRegisterBlock = 2;  // the scratch block that holds the registers
constexpr int kWordBlock = 3;      // and the one for the words as integers

const char* const kFormName[kForms] = {"pass", "scan", "matmul", "inverse", "selection", "gather"};

struct Operand {
  char* low;  // the lowest byte that is touched, and the end of the highest; equal when none is
  char* high;
  double value;  // of an immediate
  char cell[8];
  DType dtype;
  bool immediate;
  bool written;
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
  int64_t length;  // what the indices of a Gather and the ranks of a Selection are below
  double alpha, beta;
  int64_t size[kMaxDims + 3];
  int64_t stride[kMaxOperands][kMaxDims + 2];
  char* base[kMaxOperands];  // of each operand, the first element (all indices zero)
  Operand operand[kMaxOperands];
  Step step[kMaxSteps];
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

// The types of the registers that were written so far.
struct Registers {
  uint64_t written = 0;
  DType type[kMaxRegisters];
  static_assert(kMaxRegisters <= 64);

  bool has(int r) const { return (written >> r) & 1; }
  void set(int r, DType t) {
    written |= uint64_t(1) << r;
    type[r] = t;
  }
};

class Decoder {
 public:
  Decoder(const Kernels& kernels, Buffers& buffers) : kernels_(kernels), buffers_(buffers) {}

  // Decodes the instruction at words[0 .. count) and verifies it whole.
  bool decode(const double* words, int64_t count, Instruction& out);
  const std::string& problem() const { return problem_; }

 private:
  [[gnu::cold, gnu::noinline]] __attribute__((format(printf, 2, 3))) bool fail(const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    problem_ = text;
    return false;
  }

  // The next word, as an integer from low to high; the caller knows that there is one.
  bool integer(const char* what, int64_t low, int64_t high, int64_t& out) {
    out = whole_[next_++];
    return within(out, low, high) || outside(what, next_ - 1, low, high);
  }
  static bool within(int64_t value, int64_t low, int64_t high) {
    return uint64_t(value) - uint64_t(low) <= uint64_t(high) - uint64_t(low);
  }
  [[gnu::cold, gnu::noinline]] bool outside(const char* what, int64_t at, int64_t low, int64_t high) {
    return fail("word %lld: %s is %g, not a whole number from %lld to %lld", static_cast<long long>(at), what,
                words_[at], static_cast<long long>(low), static_cast<long long>(high));
  }
  bool small(const char* what, int64_t low, int64_t high, int& out) {
    int64_t wide;
    const bool good = integer(what, low, high, wide);
    out = int(wide);
    return good;
  }
  // Each form checks its length first, so that the reads that follow stay within the instruction.
  bool exactly(int64_t words) {
    return count_ == words || fail("%lld words, where this form and these counts take %lld",
                                   static_cast<long long>(count_), static_cast<long long>(words));
  }
  bool at_least(int64_t words) {
    return count_ >= words || fail("%lld words are too few for a header of %lld", static_cast<long long>(count_),
                                   static_cast<long long>(words));
  }
  bool to_whole(int64_t count);

  bool sizes(Instruction& in, int count);
  bool operand(Instruction& in, int index, int dims);
  bool immediate(Instruction& in, int index);
  bool extent(Instruction& in, int index, int from, int dims);
  bool distinct(const Instruction& in, int index, int dims);
  bool apart(const Instruction& in, int index, bool same_allowed, int dims);
  bool step(Instruction& in, int index, Registers& registers);
  bool pass(Instruction& in);
  bool along_rows(Instruction& in);
  bool matmul(Instruction& in);
  bool inverse(Instruction& in);
  bool batched(Instruction& in, int operands, int core_dims);

  const Kernels& kernels_;
  Buffers& buffers_;
  const double* words_ = nullptr;
  static constexpr int64_t kFewWords = 64;
  int64_t few_[kFewWords];
  const int64_t* whole_ = nullptr;  // the words as integers; kNotWhole where one is none
  int64_t count_ = 0;
  int64_t next_ = 0;
  double handle_ = kNone;  // the slot found last
  char* base_ = nullptr;
  int64_t length_ = 0;
  std::string problem_;
};

bool Decoder::to_whole(int64_t count) {
  int64_t* whole = few_;
  if (count > kFewWords) {
    whole = static_cast<int64_t*>(scratch(kWordBlock, size_t(count) * sizeof(int64_t)));
    if (whole == nullptr) return fail("out of memory");
  }
  kernels_.whole(words_, whole, count);
  whole_ = whole;
  return true;
}

bool Decoder::sizes(Instruction& in, int count) {
  double total = 1;
  for (int d = 0; d < count; d++) {
    if (!integer("size", 0, kLargest, in.size[d])) return false;
    total *= double(in.size[d]);
  }
  // With a zero among them the product is zero, and nothing below multiplies sizes that are not indexed together.
  return total <= double(kLargest) || fail("the sizes hold more than 2^51 elements");
}

bool Decoder::immediate(Instruction& in, int index) {
  Operand& operand = in.operand[index];
  const double value = operand.value;
  const bool whole = value == trunc(value);
  switch (operand.dtype) {
#define X(name, type, text, category)                                                                   \
  case DType::name: {                                                                                   \
    if (category < 2) {                                                                                 \
      const double low = category == 0 || type(-1) > type(0) ? 0.0 : -ldexp(1.0, 8 * sizeof(type) - 1); \
      const double high = category == 0 ? 2.0 : low < 0 ? -low : ldexp(1.0, 8 * sizeof(type));          \
      if (!(whole && value >= low && value < high)) return fail("immediate %g is not an " text, value); \
    }                                                                                                   \
    const type cell = static_cast<type>(value);                                                         \
    memcpy(operand.cell, &cell, sizeof(cell));                                                          \
    break;                                                                                              \
  }
    NABLA_DTYPES(X)
#undef X
  }
  in.base[index] = operand.cell;
  operand.low = operand.high = nullptr;
  return true;
}

// Reads one operand with `dims` strides; where it lies is left to extent().
bool Decoder::operand(Instruction& in, int index, int dims) {
  Operand& out = in.operand[index];
  const int64_t at = next_;
  const int64_t* const word = whole_ + at;
  int64_t* const strides = in.stride[index];
  next_ = at + 3 + dims;
  if (!within(word[0], 0, kDTypes - 1)) [[unlikely]]
    return outside("dtype", at, 0, kDTypes - 1);
  out.dtype = DType(word[0]);
  out.written = false;
  const double handle = words_[at + 1];
  out.immediate = handle == kImmediate;
  if (out.immediate) {
    out.value = words_[at + 2];
    for (int d = 0; d < dims; d++) strides[d] = 0;
    return immediate(in, index);
  }
  const int64_t item = kItemSize[word[0]];
  const int64_t offset = word[2];
  if (!within(offset, 0, kLargest)) [[unlikely]]
    return outside("offset", at + 2, 0, kLargest);
  for (int d = 0; d < dims; d++) {
    if (!within(word[3 + d], -kLargestStride, kLargestStride)) [[unlikely]] {
      return outside("stride", at + 3 + d, -kLargestStride, kLargestStride);
    }
    strides[d] = word[3 + d] * item;
  }
  // The operands of small tensors mostly lie in one slab: each run of equal handles is asked for once.
  if (handle != handle_) {
    const char* why = nullptr;
    handle_ = kNone;
    if (!buffers_.find(handle, base_, length_, why)) return fail("operand %d: %s", index, why);
    handle_ = handle;
  }
  if (offset > length_) [[unlikely]]
    return fail("operand %d: offset %lld is outside of its buffer", index, (long long)offset);
  char* const first = base_ + offset;
  if ((uintptr_t(first) & uintptr_t(item - 1)) != 0) [[unlikely]]
    return fail("operand %d is not aligned", index);
  in.base[index] = first;
  out.low = base_;  // until extent() narrows them
  out.high = base_ + length_;
  return true;
}

// Checks that every element with indices in size[from ..] lies in the buffer, and notes the bytes spanned.
bool Decoder::extent(Instruction& in, int index, int from, int dims) {
  Operand& out = in.operand[index];
  char* const base = in.base[index];
  if (out.immediate) return true;
  int64_t low = 0, high = kItemSize[int(out.dtype)];
  for (int d = 0; d < dims; d++) {
    const int64_t size = in.size[from + d];
    if (size == 0) {
      // Nothing of it is touched, and where its strides lead is not looked at.
      for (int e = 0; e < dims; e++) in.stride[index][e] = 0;
      out.low = out.high = base;
      return true;
    }
    if (size == 1) in.stride[index][d] = 0;  // never stepped along: whatever it was, it is not added to a pointer
    int64_t reach;
    bool beyond = __builtin_mul_overflow(size - 1, in.stride[index][d], &reach);
    beyond |= __builtin_add_overflow(low, reach < 0 ? reach : 0, &low);
    beyond |= __builtin_add_overflow(high, reach < 0 ? 0 : reach, &high);
    if (beyond) [[unlikely]]
      return fail("operand %d: out of bounds", index);
  }
  if (low < out.low - base || high > out.high - base) [[unlikely]] {
    return fail("operand %d: bytes %lld to %lld reach outside of its buffer (%lld to %lld)", index, (long long)low,
                (long long)high, (long long)(out.low - base), (long long)(out.high - base));
  }
  out.high = base + high;
  out.low = base + low;
  return true;
}

// A written operand must not have two indices on one element. Checked by nesting: by rising stride, each dim steps over
// everything that the dims below it span.
bool Decoder::distinct(const Instruction& in, int index, int dims) {
  if (dims == 1 && (in.size[0] <= 1 || in.stride[index][0] != 0)) return true;
  int order[kMaxDims + 2];
  int count = 0;
  for (int d = 0; d < dims; d++) {
    if (in.size[d] == 0) return true;
    if (in.size[d] == 1) continue;
    const int64_t stride = in.stride[index][d] < 0 ? -in.stride[index][d] : in.stride[index][d];
    int at = count++;
    for (; at > 0; at--) {
      const int64_t below = in.stride[index][order[at - 1]];
      if ((below < 0 ? -below : below) <= stride) break;
      order[at] = order[at - 1];
    }
    order[at] = d;
  }
  int64_t span = 0;
  for (int i = 0; i < count; i++) {
    const int d = order[i];
    const int64_t stride = in.stride[index][d] < 0 ? -in.stride[index][d] : in.stride[index][d];
    if (stride <= span) return fail("operand %d is written, and has several indices on one element", index);
    span += stride * (in.size[d] - 1);
  }
  return true;
}

// A written operand shares no byte with another operand, or (where allowed) is the very same elements.
bool Decoder::apart(const Instruction& in, int index, bool same_allowed, int dims) {
  const Operand& a = in.operand[index];
  for (int other = 0; other < in.operands; other++) {
    const Operand& b = in.operand[other];
    if (other == index || b.immediate || a.low >= b.high || b.low >= a.high) continue;
    if (a.low == a.high || b.low == b.high) continue;  // nothing of it is touched
    bool same = same_allowed && in.base[index] == in.base[other] && a.dtype == b.dtype;
    for (int d = 0; same && d < dims; d++) {
      same = in.size[d] <= 1 || in.stride[index][d] == in.stride[other][d];
    }
    if (!same) return fail("operand %d is written, and overlaps operand %d", index, other);
  }
  return true;
}

bool Decoder::step(Instruction& in, int index, Registers& registers) {
  Step& out = in.step[index];
  const int64_t at = next_;
  const int64_t* const word = whole_ + at;
  const int64_t places = in.operands + kMaxRegisters;
  next_ = at + kStepWords;
  if (!within(word[0], 0, kOps - 1)) [[unlikely]]
    return outside("op", at, 0, kOps - 1);
  if (!within(word[1], 0, kDTypes - 1)) [[unlikely]]
    return outside("step's dtype", at + 1, 0, kDTypes - 1);
  if (!within(word[2], 0, places - 1)) [[unlikely]]
    return outside("destination", at + 2, 0, places - 1);
  const int op = int(word[0]), dtype = int(word[1]);
  const OpInfo& info = kOpInfo[op];
  if (!in_pass(info.signature)) return fail("step %d: %s is not an op of a pass", index, info.name);
  if (!(info.types & (1u << dtype))) return fail("step %d: %s has no %s", index, info.name, kDTypeName[dtype]);
  out.op = Op(op);
  out.dtype = DType(dtype);
  out.destination = int(word[2]);

  out.sources = arity(info.signature);
  DType source_type[kSources];
  for (int s = 0; s < kSources; s++) {
    const int64_t place = word[3 + s];
    if (s >= out.sources) {
      if (place != int64_t(kNone)) return outside("source", at + 3 + s, int64_t(kNone), int64_t(kNone));
      continue;
    }
    if (!within(place, 0, places - 1)) [[unlikely]]
      return outside("source", at + 3 + s, 0, places - 1);
    out.source[s] = int(place);
    if (place >= in.operands && !registers.has(int(place) - in.operands)) {
      return fail("step %d: register %d is read before it is written", index, int(place) - in.operands);
    }
    source_type[s] = place < in.operands ? in.operand[place].dtype : registers.type[place - in.operands];
    DType needed = out.dtype;
    if (info.signature == Signature::Select && s == 0) needed = DType::b8;
    if (info.signature == Signature::Cast) needed = source_type[s];
    if (source_type[s] != needed) [[unlikely]] {
      return fail("step %d: %s on %s has a %s source", index, info.name, kDTypeName[dtype],
                  kDTypeName[int(source_type[s])]);
    }
    out.source_item[s] = kItemSize[int(source_type[s])];
  }

  DType result = out.dtype;
  if (info.signature == Signature::Compare || info.signature == Signature::Test) result = DType::b8;
  if (info.signature == Signature::ReduceIndex) result = DType::i64;
  out.destination_item = kItemSize[int(result)];
  for (int s = 0; s < out.sources; s++) {
    if (out.source[s] == out.destination && out.source_item[s] != out.destination_item) [[unlikely]] {
      return fail("step %d: a register is read and written by one step with elements of two sizes", index);
    }
  }
  const bool last = reduces(info.signature);
  out.map = nullptr;
  out.reduction = nullptr;
  if (last) {
    if (in.maps == in.steps) in.maps = index;
    out.reduction = &kernels_.reduce[op][dtype];
  } else {
    if (in.maps < index) return fail("step %d: %s follows a reduction", index, info.name);
    out.map = info.signature == Signature::Cast ? kernels_.cast[int(source_type[0])][dtype] : kernels_.map[op][dtype];
  }
  if (last ? out.reduction->fold == nullptr : out.map == nullptr) {
    return fail("step %d: no kernel for %s on %s", index, info.name, kDTypeName[dtype]);
  }

  if (out.destination >= in.operands) {
    if (last) return fail("step %d: a reduction writes an operand", index);
    const int r = out.destination - in.operands;
    registers.set(r, result);
    if (in.registers <= r) in.registers = r + 1;
    return true;
  }
  Operand& destination = in.operand[out.destination];
  if (destination.immediate) return fail("step %d: an immediate cannot be written", index);
  if (destination.dtype != result) {
    return fail("step %d: %s gives %s, operand %d is %s", index, info.name, kDTypeName[int(result)], out.destination,
                kDTypeName[int(destination.dtype)]);
  }
  if (destination.written && (last || in.step[index - 1].reduction != nullptr)) {
    for (int before = 0; before < index; before++) {
      if (in.step[before].destination == out.destination) {
        return fail("step %d: operand %d is written already", index, out.destination);
      }
    }
  }
  destination.written = true;
  return true;
}

bool Decoder::pass(Instruction& in) {
  int reduced;
  if (!at_least(6)) return false;
  if (!small("kept dims", 0, kMaxDims, in.kept) || !small("reduced dims", 0, kMaxDims - in.kept, reduced) ||
      !small("operands", 1, kMaxOperands, in.operands) || !small("steps", 1, kMaxSteps, in.steps)) {
    return false;
  }
  in.dims = in.kept + reduced;
  if (!exactly(6 + in.dims + int64_t(in.operands) * (3 + in.dims) + int64_t(in.steps) * kStepWords)) return false;
  if (!sizes(in, in.dims)) return false;
  for (int i = 0; i < in.operands; i++) {
    if (!operand(in, i, in.dims)) return false;
  }
  Registers registers;
  in.registers = 0;
  in.maps = in.steps;
  for (int i = 0; i < in.steps; i++) {
    if (!step(in, i, registers)) return false;
  }
  if (reduced > 0 && in.maps == in.steps) return fail("reduced dims without a reduction");

  bool reduced_into[kMaxOperands];
  for (int i = 0; i < in.operands; i++) reduced_into[i] = false;
  for (int i = in.maps; i < in.steps; i++) {
    const int place = in.step[i].destination;
    reduced_into[place] = true;
    for (int d = in.kept; d < in.dims; d++) {
      if (in.stride[place][d] != 0) return fail("operand %d is reduced into, and moves along a reduced dim", place);
    }
    bool none = false, any = true;
    for (int d = in.kept; d < in.dims; d++) none |= in.size[d] == 0;
    for (int d = 0; d < in.kept; d++) any &= in.size[d] != 0;
    const Op op = in.step[i].op;
    const bool has_identity = op == Op::sum || op == Op::mean || op == Op::prod || op == Op::any || op == Op::all;
    if (none && any && !has_identity) return fail("step %d: %s of no elements", i, kOpInfo[int(op)].name);
  }
  for (int i = 0; i < in.operands; i++) {
    if (!extent(in, i, 0, reduced_into[i] ? in.kept : in.dims)) return false;
  }
  for (int i = 0; i < in.operands; i++) {
    if (!in.operand[i].written) continue;
    const int dims = reduced_into[i] ? in.kept : in.dims;
    if (!distinct(in, i, dims) || !apart(in, i, !reduced_into[i], in.dims)) return false;
  }
  return true;
}

bool Decoder::along_rows(Instruction& in) {
  int op;
  if (!at_least(5) || !small("op", 0, kOps - 1, op) || !small("dims", 1, kMaxDims, in.dims)) return false;
  in.op = Op(op);
  const RowForm form = row_form(in.op);
  if (form.form != in.form) return fail("%s is no %s", kOpInfo[op].name, kFormName[int(in.form)]);
  const int last = in.dims - 1;
  int64_t length = 0;
  if (in.form == Form::Gather && !integer("length", 0, kLargest, length)) return false;
  in.operands = form.operands;
  int64_t words = next_ + in.dims;
  for (int i = 0; i < in.operands; i++) words += 3 + in.dims - (form.operand[i].no_row ? 1 : 0);
  if (!exactly(words) || !sizes(in, in.dims)) return false;
  const int64_t size = in.size[last];
  if (in.form == Form::Gather) in.length = length;
  if (in.form == Form::Selection) {
    in.length = size;
    bool any = size == 0;
    for (int d = 0; d < last; d++) any &= in.size[d] != 0;
    if (any) return fail("%s of no elements", kOpInfo[op].name);
  }
  for (int i = 0; i < in.operands; i++) {
    const RowOperand& role = form.operand[i];
    const int dims = role.no_row ? last : in.dims;
    if (!operand(in, i, dims)) return false;
    Operand& operand = in.operand[i];
    if (operand.immediate) return fail("a %s has no immediates", kFormName[int(in.form)]);
    const DType dtype = role.index ? DType::i64 : in.operand[0].dtype;
    if (operand.dtype != dtype) {
      return fail("operand %d is %s, not %s", i, kDTypeName[int(operand.dtype)], kDTypeName[int(dtype)]);
    }
    if (role.no_row) in.stride[i][last] = 0;
    operand.written = role.written;
    in.size[last] = role.pointed_into ? length : size;
    if (!extent(in, i, 0, dims) || (role.written && !distinct(in, i, dims))) return false;
    in.size[last] = size;
  }
  const int dtype = int(in.operand[0].dtype);
  if (kernels_.row[op][dtype] == nullptr) return fail("%s has no %s", kOpInfo[op].name, kDTypeName[dtype]);
  for (int i = 0; i < in.operands; i++) {
    const bool same_allowed = in.form == Form::Scan && !form.operand[i].index;
    if (in.operand[i].written && !apart(in, i, same_allowed, in.dims)) return false;
  }
  return true;
}

// Batch sizes, then `core` sizes, were read; operands have a stride for each batch dim and two for the matrix.
bool Decoder::batched(Instruction& in, int operands, int core) {
  if (!sizes(in, in.dims + core)) return false;
  in.operands = operands;
  return true;
}

bool Decoder::matmul(Instruction& in) {
  if (!at_least(5) || !small("batch dims", 0, kMaxDims - 2, in.dims)) return false;
  in.alpha = words_[next_++];
  in.beta = words_[next_++];
  if (!exactly(5 + in.dims + 3 + 3 * (3 + in.dims + 2)) || !batched(in, 3, 3)) return false;
  const int64_t m = in.size[in.dims], n = in.size[in.dims + 1], k = in.size[in.dims + 2];
  const int64_t rows[3] = {m, m, k}, columns[3] = {n, k, n};
  for (int i = 0; i < 3; i++) {
    if (!operand(in, i, in.dims + 2)) return false;
    if (in.operand[i].immediate) return fail("matmul has no immediates");
    if (in.operand[i].dtype != in.operand[0].dtype) return fail("matmul's operands are of one dtype");
    in.size[in.dims] = rows[i];
    in.size[in.dims + 1] = columns[i];
    if (!extent(in, i, 0, in.dims + 2)) return false;
    if (i == 0 && !distinct(in, 0, in.dims + 2)) return false;
  }
  const DType dtype = in.operand[0].dtype;
  if (kernels_.gemm[int(dtype)] == nullptr) return fail("matmul has no %s", kDTypeName[int(dtype)]);
  const bool whole =
      in.alpha == trunc(in.alpha) && in.beta == trunc(in.beta) && fabs(in.alpha) <= kExact && fabs(in.beta) <= kExact;
  if (dtype != DType::f32 && dtype != DType::f64 && !whole) return fail("alpha and beta of integers are integers");
  in.size[in.dims] = m;
  in.size[in.dims + 1] = n;
  in.operand[0].written = true;
  return apart(in, 0, false, 0);
}

bool Decoder::inverse(Instruction& in) {
  if (!at_least(3) || !small("batch dims", 0, kMaxDims - 2, in.dims)) return false;
  if (!exactly(3 + in.dims + 1 + 2 * (3 + in.dims + 2) + 3 + in.dims) || !batched(in, 3, 1)) return false;
  in.size[in.dims + 1] = in.size[in.dims];
  double elements = 1;
  for (int d = 0; d < in.dims + 2; d++) elements *= double(in.size[d]);
  if (!(elements <= double(kLargest))) return fail("the sizes hold more than 2^51 elements");
  for (int i = 0; i < 3; i++) {
    const int dims = i == 2 ? in.dims : in.dims + 2;
    if (!operand(in, i, dims)) return false;
    if (in.operand[i].immediate) return fail("inverse has no immediates");
    if (!extent(in, i, 0, dims)) return false;
    if (i != 1 && !distinct(in, i, dims)) return false;
  }
  const DType dtype = in.operand[0].dtype;
  if (kernels_.inverse[int(dtype)] == nullptr) return fail("inverse has no %s", kDTypeName[int(dtype)]);
  if (in.operand[1].dtype != dtype) return fail("inverse's operands are of one dtype");
  if (in.operand[2].dtype != DType::i32) return fail("info is int32");
  in.operand[0].written = in.operand[2].written = true;
  return apart(in, 0, false, 0) && apart(in, 2, false, 0);
}

bool Decoder::decode(const double* words, int64_t count, Instruction& out) {
  words_ = words;
  count_ = count;
  next_ = 0;
  const double claimed = count > 1 ? words[1] : 0;
  if (!(claimed >= 2 && claimed <= double(count)))
    return fail("the length is %g, not 2 to %lld", claimed, (long long)count);
  if (!to_whole(int64_t(claimed))) return false;
  count_ = out.words = int64_t(claimed);
  int form;
  int64_t length;
  if (!small("form", 0, kForms - 1, form) || !integer("length", 2, count_, length)) return false;
  out.form = Form(form);
  switch (out.form) {
    case Form::Pass: return pass(out);
    case Form::Scan:
    case Form::Selection:
    case Form::Gather: return along_rows(out);
    case Form::Matmul: return matmul(out);
    case Form::Inverse: return inverse(out);
  }
  return false;
}

// ---- execution: everything below trusts what was verified above ----

__attribute__((format(printf, 2, 3))) void append(std::string& text, const char* format, ...) {
  char piece[128];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(piece, sizeof(piece), format, arguments);
  va_end(arguments);
  text += piece;
}

// Drops dims of size one and joins neighbours that every operand walks as one dim. A pass without reductions may visit
// its elements in any order, so its dims are first sorted by the stride of what it writes. Reduced dims are never
// joined with kept ones.
void collapse(Instruction& in) {
  const int written = in.step[in.steps - 1].destination < in.operands ? in.step[in.steps - 1].destination : 0;
  const auto move = [&](int to, int from) {
    in.size[to] = in.size[from];
    for (int i = 0; i < in.operands; i++) in.stride[i][to] = in.stride[i][from];
  };
  if (in.maps == in.steps) {
    const auto key = [&](int d) { return in.stride[written][d] < 0 ? -in.stride[written][d] : in.stride[written][d]; };
    for (int d = 1; d < in.dims; d++) {
      for (int at = d; at > 0 && key(at - 1) < key(at) && in.size[at] != 1; at--) {
        const int64_t size = in.size[at];
        in.size[at] = in.size[at - 1];
        in.size[at - 1] = size;
        for (int i = 0; i < in.operands; i++) {
          const int64_t stride = in.stride[i][at];
          in.stride[i][at] = in.stride[i][at - 1];
          in.stride[i][at - 1] = stride;
        }
      }
    }
  }
  const int kept = in.kept, dims = in.dims;
  int out = 0, first = 0;
  for (int d = 0; d < dims; d++) {
    if (d == kept) {
      in.kept = out;
      first = out;
    }
    if (in.size[d] == 1) continue;
    bool joins = out > first;
    for (int i = 0; joins && i < in.operands; i++) {
      joins = in.stride[i][out - 1] == in.stride[i][d] * in.size[d];
    }
    if (joins) {
      const int64_t size = in.size[out - 1];
      move(out - 1, d);
      in.size[out - 1] *= size;
    } else {
      move(out++, d);
    }
  }
  if (kept == dims) in.kept = out;
  in.dims = out;
}

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

class PassRun {
 public:
  PassRun(Instruction& in, char* registers) : in_(in), registers_(registers) {}

  void run() {
    char* const* start = in_.base;
    if (in_.maps < in_.steps) {
      reduce(start);
    } else if (in_.dims <= 1) {
      row(start, in_.dims == 0 ? 1 : in_.size[0], 0);
    } else {
      const int inner = in_.dims - 1;
      for_each(in_, 0, inner, start, [&](char** at) { row(at, in_.size[inner], inner); });
    }
  }

 private:
  // The first element of an operand or a register after `done` of a run, and its stride along the run.
  char* place(char* const* at, int index, int64_t done, int inner, int64_t item, int64_t& stride) const {
    if (index >= in_.operands) {
      stride = item;
      return registers_ + int64_t(index - in_.operands) * kTile * 8;
    }
    stride = in_.dims > 0 ? in_.stride[index][inner] : 0;
    return at[index] + done * stride;
  }

  void map(const Step& step, char* const* at, int64_t done, int64_t n, int inner) {
    const char* src[kSources];
    int64_t src_stride[kSources], dst_stride;
    for (int s = 0; s < step.sources; s++) {
      src[s] = place(at, step.source[s], done, inner, step.source_item[s], src_stride[s]);
    }
    char* dst = place(at, step.destination, done, inner, step.destination_item, dst_stride);
    step.map(dst, dst_stride, src, src_stride, n);
  }

  // The maps over one run of the innermost dim, tile by tile where registers hold what lies between steps.
  void row(char* const* at, int64_t n, int inner) {
    if (in_.maps == 1 && in_.registers == 0) return map(in_.step[0], at, 0, n, inner);
    for (int64_t done = 0; done < n; done += kTile) {
      const int64_t tile = n - done < kTile ? n - done : kTile;
      for (int i = 0; i < in_.maps; i++) map(in_.step[i], at, done, tile, inner);
    }
  }

  void reduce(char* const* start) {
    alignas(64) char accumulator[kMaxOperands][kAccumulatorBytes];
    const bool inner_reduced = in_.dims > in_.kept;
    const int inner = in_.dims - 1;
    const int64_t n = inner_reduced ? in_.size[inner] : 1;
    int64_t count = 1;
    for (int d = in_.kept; d < in_.dims; d++) count *= in_.size[d];
    for_each(in_, 0, in_.kept, start, [&](char** kept) {
      for (int i = in_.maps; i < in_.steps; i++) in_.step[i].reduction->start(accumulator[i - in_.maps]);
      int64_t first = 0;
      if (count > 0)
        for_each(in_, in_.kept, inner_reduced ? inner : in_.dims, kept, [&](char** at) {
          // Without maps the whole run is folded at once; its own blocking is the kernel's.
          const int64_t tile = in_.maps == 0 ? n : kTile;
          for (int64_t done = 0; done < n; done += tile) {
            const int64_t here = n - done < tile ? n - done : tile;
            for (int i = 0; i < in_.maps; i++) map(in_.step[i], at, done, here, inner);
            for (int i = in_.maps; i < in_.steps; i++) {
              int64_t stride;
              const char* src = place(at, in_.step[i].source[0], done, inner, in_.step[i].source_item[0], stride);
              if (!inner_reduced) stride = 0;
              in_.step[i].reduction->fold(accumulator[i - in_.maps], src, stride, here, first + done);
            }
          }
          first += n;
        });
      for (int i = in_.maps; i < in_.steps; i++) {
        in_.step[i].reduction->finish(accumulator[i - in_.maps], kept[in_.step[i].destination], count);
      }
    });
  }

  Instruction& in_;
  char* registers_;
};

// Whether there is no element to write. (Inverse of empty matrices still writes info.)
bool indexes_nothing(const Instruction& in) {
  const bool reduces = in.form == Form::Pass && in.maps < in.steps;
  const int dims = reduces                      ? in.kept
                   : in.form == Form::Matmul    ? in.dims + 2
                   : in.form == Form::Selection ? in.dims - 1
                                                : in.dims;
  for (int d = 0; d < dims; d++) {
    if (in.size[d] == 0) return true;
  }
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
      if (uint64_t(index) < uint64_t(in.length)) continue;
      good = false;
      append(error, "index %lld is not within 0 to %lld", (long long)index, (long long)(in.length - 1));
    }
  });
  return good;
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

bool run_instruction(Instruction& in, const Kernels& kernels, std::string& error) {
  char* const* start = in.base;
  if (indexes_nothing(in)) return true;
  switch (in.form) {
    case Form::Pass: {
      char* registers = nullptr;
      if (in.registers > 0) {
        registers = static_cast<char*>(scratch(kRegisterBlock, size_t(in.registers) * kTile * 8));
        if (registers == nullptr) {
          error = "out of memory";
          return false;
        }
      }
      if (in.dims > 1) collapse(in);
      PassRun(in, registers).run();
      return true;
    }
    case Form::Scan:
    case Form::Selection:
    case Form::Gather: return run_rows(in, kernels, error);
    case Form::Matmul: {
      const int b = in.dims;
      const GemmFn gemm = kernels.gemm[int(in.operand[0].dtype)];
      const int64_t item = kItemSize[int(in.operand[0].dtype)];
      for_each(in, 0, b, start, [&](char** at) {
        gemm({in.size[b], in.size[b + 1], in.size[b + 2], at[1], in.stride[1][b] / item, in.stride[1][b + 1] / item,
              at[2], in.stride[2][b] / item, in.stride[2][b + 1] / item, at[0], in.stride[0][b] / item,
              in.stride[0][b + 1] / item, in.alpha, in.beta});
      });
      return true;
    }
    case Form::Inverse: {
      const int b = in.dims;
      const InverseFn inverse = kernels.inverse[int(in.operand[0].dtype)];
      const int64_t item = kItemSize[int(in.operand[0].dtype)];
      bool enough = true;
      for_each(in, 0, b, start, [&](char** at) {
        const int64_t info = inverse({in.size[b], at[1], in.stride[1][b] / item, in.stride[1][b + 1] / item, at[0],
                                      in.stride[0][b] / item, in.stride[0][b + 1] / item});
        if (info < 0) enough = false;
        const int32_t narrow = int32_t(info);
        memcpy(at[2], &narrow, sizeof(narrow));
      });
      if (!enough) error = "out of memory";
      return enough;
    }
  }
  return false;
}

std::string located(const std::string& problem, int64_t index, const double* words, int64_t count) {
  std::string text = problem;
  append(text, "\nin instruction %lld:\n", static_cast<long long>(index));
  return text + disassemble(words, count);
}

// A word that must be a whole number from 0 to `high`; -1 where it is not.
inline int64_t index_word(double word, double high) {
  if (!(word >= 0 && word <= high)) return -1;
  const int64_t value = int64_t(word);
  return double(value) == word ? value : -1;
}

// The commonest programs by far are one step over dense operands (or constant ones), elementwise or reducing them to
// one element. On small tensors the general decoder costs more than all else, so these are recognised whole, verified
// by the same rules and run; for anything else, and for anything wrong, the result is false and nothing was touched.
bool run_dense_step(const double* words, int64_t capacity, const Kernels& kernels, Buffers& buffers) {
  constexpr int kHead = 7, kMost = 1 + kSources, kOperandWords = 4;
  if (capacity < 1 + kHead) return false;
  const double* const in = words + 1;
  const bool reduced = in[2] == 0;
  if (in[0] != int(Form::Pass) || in[5] != 1 || !(reduced ? in[3] == 1 : in[2] == 1 && in[3] == 0)) return false;
  const int64_t operands = index_word(in[4], kMost), n = index_word(in[6], double(kLargest));
  const int64_t count = kHead + kOperandWords * operands + kStepWords;
  if (operands < 2 || n < 1 || count + 1 > capacity || in[1] != double(count) || words[0] != double(count + 1)) {
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
  char* base = nullptr;
  int64_t length = 0;
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
    // What is written moves along unless it is reduced into; what is read may stay on one element.
    if (offset < 0 || !(moves || word[3] == 0) || (i == 0 && moves == reduced)) return false;
    if (word[1] != last) {
      const char* problem;
      if (!buffers.find(word[1], base, length, problem)) return false;
      last = word[1];
    }
    at[i] = base + offset;
    stride[i] = moves ? item : 0;
    bytes[i] = moves ? n * item : item;
    if (offset > length || bytes[i] > length - offset || (uintptr_t(at[i]) & uintptr_t(item - 1)) != 0) return false;
    // Apart from what is written, or (elementwise) the very same elements.
    if (i == 0 || at[i] >= at[0] + bytes[0] || at[0] >= at[i] + bytes[i]) continue;
    if (reduced || at[i] != at[0] || dtype != result || !(moves || n == 1)) return false;
  }
  if (!reduced) {
    map(at[0], stride[0], at + 1, stride + 1, n);
    return true;
  }
  alignas(64) char accumulator[kAccumulatorBytes];
  reduction.start(accumulator);
  reduction.fold(accumulator, at[1], stride[1], n, 0);
  reduction.finish(accumulator, at[0], n);
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

std::string disassemble(const double* words, int64_t count) {
  std::string text;
  int64_t next = 0;
  const auto word = [&]() { return next < count ? words[next++] : double(NAN); };
  const auto limited = [&](double value, int most) {
    return value >= 0 && value <= most && value == trunc(value) ? int(value) : 0;
  };
  const double form_word = word();
  const bool known = form_word >= 0 && form_word < kForms && form_word == trunc(form_word);
  const double length = word();
  if (!known) {
    append(text, "  form %g, %g words", form_word, length);
    return text;
  }
  const Form form = Form(int(form_word));
  append(text, "  %s, %g words", kFormName[int(form)], length);
  if (length >= 2 && length < double(count)) count = int64_t(length);

  const auto named = [&](double code, int most, const auto& name_of) {
    if (code >= 0 && code < most && code == trunc(code)) {
      append(text, " %s", name_of(int(code)));
    } else {
      append(text, " ?%g", code);
    }
  };
  const auto op_name = [](int i) { return kOpInfo[i].name; };
  const auto dtype_name = [](int i) { return kDTypeName[i]; };
  const auto list = [&](const char* label, int length_of_list) {
    append(text, " %s [", label);
    for (int i = 0; i < length_of_list && next < count; i++) append(text, i == 0 ? "%g" : ", %g", word());
    text += "]";
  };
  const auto operand = [&](int index, int dims) {
    append(text, "\n    %%%d =", index);
    named(word(), kDTypes, dtype_name);
    const double handle = word(), offset = word();
    if (handle == kImmediate) {
      append(text, " %.17g", offset);
      next += dims;
      return;
    }
    append(text, " slot %g + %g", handle, offset);
    list("strides", dims);
  };

  if (form == Form::Pass) {
    const double kept = word(), reduced = word(), operand_count = word(), step_count = word();
    append(text, ", %g kept and %g reduced dims", kept, reduced);
    const int dims = limited(kept, kMaxDims) + limited(reduced, kMaxDims);
    list("sizes", dims);
    const int operands = limited(operand_count, kMaxOperands);
    for (int i = 0; i < operands && next < count; i++) operand(i, dims);
    for (int i = 0; i < limited(step_count, kMaxSteps) && next < count; i++) {
      const double op = word(), dtype = word(), destination = word();
      const auto place = [&](double p) {
        append(text, p >= operands ? " r%g" : " %%%g", p >= operands ? p - operands : p);
      };
      text += "\n   ";
      place(destination);
      text += " =";
      named(op, kOps, op_name);
      named(dtype, kDTypes, dtype_name);
      for (int s = 0; s < kSources; s++) {
        const double source = word();
        if (source != kNone) place(source);
      }
    }
    return text;
  }
  if (form == Form::Scan || form == Form::Selection || form == Form::Gather) {
    const double op = word();
    named(op, kOps, op_name);
    const int dims = limited(word(), kMaxDims);
    if (form == Form::Gather) append(text, ", length %g", word());
    list("sizes", dims);
    const RowForm rows = row_form(Op(limited(op, kOps - 1)));
    for (int i = 0; i < rows.operands && next < count; i++) operand(i, dims - (rows.operand[i].no_row ? 1 : 0));
    return text;
  }
  const int batch = limited(word(), kMaxDims);
  if (form == Form::Matmul) {
    const double alpha = word(), beta = word();
    append(text, ", alpha %g, beta %g", alpha, beta);
  }
  list("sizes", batch + (form == Form::Matmul ? 3 : 1));
  for (int i = 0; i < 3 && next < count; i++) operand(i, form == Form::Inverse && i == 2 ? batch : batch + 2);
  return text;
}

std::string disassemble_program(const double* words, int64_t capacity) {
  std::string text;
  const double total = capacity > 0 ? words[0] : 0;
  const int64_t end = total >= 1 && total <= double(capacity) ? int64_t(total) : 0;
  for (int64_t at = 1; at < end;) {
    text += disassemble(words + at, end - at) + "\n";
    const double length = at + 1 < end ? words[at + 1] : 0;
    if (!(length >= 2 && length <= double(end - at))) break;
    at += int64_t(length);
  }
  return text;
}

}  // namespace nabla
