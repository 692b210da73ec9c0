// Turns instruction words into instructions, and verifies them: what passes here is safe to run.
#pragma once
#include <stdarg.h>
#include <stdio.h>

#include "instruction.h"

namespace nabla {

struct Registers;

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
  bool matrix(Instruction& in);

  const Kernels& kernels_;
  Buffers& buffers_;
  const double* words_ = nullptr;
  static constexpr int64_t kFewWords = 64;
  int64_t few_[kFewWords];
  const int64_t* whole_ = nullptr;  // the words as integers; kNotWhole where one is none
  int64_t count_ = 0;
  int64_t next_ = 0;
  double handle_ = kNone;  // the slot found last
  Memory* memory_ = nullptr;
  std::string problem_;
};

}  // namespace nabla
