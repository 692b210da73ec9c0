// Verifies a list of instructions, then runs it. See abi.h for the words.
#pragma once
#include <string>

#include "kernels/kernels.h"
#include "memory.h"

namespace nabla {

// Where the buffers of a program's handles are.
class Buffers {
 public:
  // Null with `problem` set when the handle cannot be used.
  virtual Memory* find(double handle, const char*& problem) = 0;

 protected:
  ~Buffers() = default;
};

// Runs the program in words[0 .. capacity). Every instruction is verified before the first one runs: on failure the
// result is false, `error` says why and shows the instruction, and no buffer was touched.
bool run_program(const double* words, int64_t capacity, const Kernels& kernels, Buffers& buffers, std::string& error);

// One instruction as text. Reads at most `count` words, whatever they hold.
std::string disassemble(const double* words, int64_t count);

// The program in words[0 .. capacity) as text, an instruction after the other, as far as their lengths make sense.
std::string disassemble_program(const double* words, int64_t capacity);

}  // namespace nabla
