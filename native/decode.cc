#include "decode.h"

#include <math.h>
#include <string.h>

namespace nabla {

namespace {
constexpr double kExact = 9007199254740992.0;  // 2^53: every integer up to here is a double
constexpr int64_t kLargestStride = int64_t(1) << 50;
constexpr int kWordBlock = 3;  // the scratch block for the words as integers
}  // namespace

// What is known of the registers after the steps so far.
struct Registers {
  uint64_t readable = 0;
  uint64_t reduced = 0;  // those that a reduction wrote
  uint64_t mapped = 0;   // those that any other step wrote, in this walk or before
  uint64_t into = 0;     // operands that reductions of this walk write
  DType type[kMaxRegisters];
  static_assert(kMaxRegisters <= 64 && kMaxOperands <= 64);

  bool has(int r) const { return (readable >> r) & 1; }
  bool is_reduced(int r) const { return (reduced >> r) & 1; }
  bool is_mapped(int r) const { return (mapped >> r) & 1; }
  void set(int r, DType t) {
    readable |= uint64_t(1) << r;
    mapped |= uint64_t(1) << r;
    type[r] = t;
  }
  void set_reduced(int r, DType t) {
    reduced |= uint64_t(1) << r;
    type[r] = t;
  }
  // The reduced dims are walked once more: what was computed for their elements is gone, and what they were reduced to
  // is there.
  void next_walk() {
    readable = reduced;
    into = 0;
  }
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
  operand.memory = nullptr;
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
  out.written = out.reduced_into = false;
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
    memory_ = buffers_.find(handle, why);
    if (memory_ == nullptr) return fail("operand %d: %s", index, why);
    handle_ = handle;
  }
  out.memory = memory_;
  if (offset > memory_->length) [[unlikely]]
    return fail("operand %d: offset %lld is outside of its buffer", index, (long long)offset);
  char* const first = memory_->base + offset;
  if ((uintptr_t(first) & uintptr_t(item - 1)) != 0) [[unlikely]]
    return fail("operand %d is not aligned", index);
  in.base[index] = first;
  out.low = memory_->base;  // until extent() narrows them
  out.high = memory_->base + memory_->length;
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
  const bool last = reduces(info.signature);
  if (!last && index > 0 && in.step[index - 1].reduction != nullptr) registers.next_walk();
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
    if (place < in.operands && ((registers.into >> place) & 1)) {
      return fail("step %d: operand %d is read in the walk that reduces into it", index, int(place));
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
  out.map = nullptr;
  out.reduction = nullptr;
  if (last) {
    if (in.maps == in.steps) in.maps = index;
    out.reduction = &kernels_.reduce[op][dtype];
  } else {
    out.map = info.signature == Signature::Cast ? kernels_.cast[int(source_type[0])][dtype] : kernels_.map[op][dtype];
  }
  if (last ? out.reduction->fold == nullptr : out.map == nullptr) {
    return fail("step %d: no kernel for %s on %s", index, info.name, kDTypeName[dtype]);
  }

  if (out.destination >= in.operands) {
    const int r = out.destination - in.operands;
    if (registers.is_reduced(r) || (last && registers.is_mapped(r))) {
      return fail("step %d: register %d is written already", index, r);
    }
    if (last) {
      registers.set_reduced(r, result);
    } else {
      registers.set(r, result);
    }
    if (in.registers <= r) in.registers = r + 1;
    return true;
  }
  Operand& destination = in.operand[out.destination];
  if (destination.immediate) return fail("step %d: an immediate cannot be written", index);
  if (destination.dtype != result) {
    return fail("step %d: %s gives %s, operand %d is %s", index, info.name, kDTypeName[int(result)], out.destination,
                kDTypeName[int(destination.dtype)]);
  }
  if (destination.written && (last || destination.reduced_into)) {
    return fail("step %d: operand %d is written already", index, out.destination);
  }
  destination.written = true;
  destination.reduced_into = last;
  if (last) registers.into |= uint64_t(1) << out.destination;
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

  for (int i = in.maps; i < in.steps; i++) {
    if (in.step[i].reduction == nullptr) continue;
    const int place = in.step[i].destination;
    for (int d = in.kept; d < in.dims && place < in.operands; d++) {
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
    if (!extent(in, i, 0, in.operand[i].reduced_into ? in.kept : in.dims)) return false;
  }
  for (int i = 0; i < in.operands; i++) {
    if (!in.operand[i].written) continue;
    const int dims = in.operand[i].reduced_into ? in.kept : in.dims;
    if (!distinct(in, i, dims) || !apart(in, i, !in.operand[i].reduced_into, in.dims)) return false;
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

bool Decoder::matrix(Instruction& in) {
  int op;
  if (!at_least(6) || !small("op", 0, kOps - 1, op) || !small("batch dims", 0, kMaxDims - 2, in.dims)) return false;
  in.op = Op(op);
  const MatrixForm form = matrix_form(in.op);
  if (form.operands == 0) return fail("%s is not an op on matrices", kOpInfo[op].name);
  for (double& parameter : in.parameter) parameter = words_[next_++];
  in.operands = form.operands;
  int64_t words = 6 + in.dims + form.sizes;
  for (int i = 0; i < form.operands; i++) words += 3 + in.dims + form.operand[i].dims();
  if (!exactly(words) || !sizes(in, in.dims)) return false;
  double batch = 1;
  for (int d = 0; d < in.dims; d++) batch *= double(in.size[d]);
  in.core[0] = in.core[1] = in.core[2] = 1;
  for (int i = 0; i < form.sizes; i++) {
    if (!integer("size", 0, kLargest, in.core[i])) return false;
  }
  for (int i = 0; i < form.operands; i++) {
    const MatrixOperand& role = form.operand[i];
    const int dims = in.dims + role.dims();
    if (!operand(in, i, dims)) return false;
    Operand& operand = in.operand[i];
    if (operand.immediate) return fail("%s has no immediates", kOpInfo[op].name);
    const DType dtype = role.index ? DType::i32 : in.operand[0].dtype;
    if (operand.dtype != dtype) {
      return fail("operand %d is %s, not %s", i, kDTypeName[int(operand.dtype)], kDTypeName[int(dtype)]);
    }
    operand.written = role.written;
    const int64_t rows = in.extent(role.rows), columns = in.extent(role.columns);
    if (batch * double(rows) * double(columns) > double(kLargest)) {
      return fail("the sizes hold more than 2^51 elements");
    }
    in.size[in.dims] = rows;
    in.size[in.dims + 1] = columns;
    if (!extent(in, i, 0, dims) || (role.written && !distinct(in, i, dims))) return false;
  }
  const int dtype = int(in.operand[0].dtype);
  if (kernels_.matrix[op][dtype] == nullptr) return fail("%s has no %s", kOpInfo[op].name, kDTypeName[dtype]);
  const bool floating = in.operand[0].dtype == DType::f32 || in.operand[0].dtype == DType::f64;
  for (const double parameter : in.parameter) {
    if (in.op == Op::matmul && floating) break;
    const double most = in.op == Op::matmul ? kExact : 1, least = in.op == Op::matmul ? -kExact : 0;
    if (!(parameter == trunc(parameter) && parameter >= least && parameter <= most)) {
      return fail("a parameter is %g", parameter);
    }
  }
  for (int i = 0; i < in.operands; i++) {
    if (in.operand[i].written && !apart(in, i, false, 0)) return false;
  }
  return true;
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
    case Form::Matrix: return matrix(out);
  }
  return false;
}

}  // namespace nabla
