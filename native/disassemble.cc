// Instructions as text, for the messages of programs that were refused.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "instruction.h"

namespace nabla {

const char* const kFormName[kForms] = {"pass", "scan", "matrix", "selection", "gather"};

namespace {
__attribute__((format(printf, 2, 3))) void append(std::string& text, const char* format, ...) {
  char piece[128];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(piece, sizeof(piece), format, arguments);
  va_end(arguments);
  text += piece;
}
}  // namespace

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
  const double op = word();
  named(op, kOps, op_name);
  const int batch = limited(word(), kMaxDims);
  const double first = word(), second = word();
  append(text, ", parameters %g, %g", first, second);
  const MatrixForm matrices = matrix_form(Op(limited(op, kOps - 1)));
  list("sizes", batch + matrices.sizes);
  for (int i = 0; i < matrices.operands && next < count; i++) operand(i, batch + matrices.operand[i].dims());
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
