// Runs passes: steps over tiles of an iteration space.
#pragma once
#include "instruction.h"

namespace nabla {

// The instruction was verified, and indexes something to write; it is changed on the way. False when there is no more
// memory for scratch; then nothing was written.
bool run_pass(Instruction& in, const Kernels& kernels);

}  // namespace nabla
