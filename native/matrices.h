// Runs instructions on matrices: goes through the batch.
#pragma once
#include "instruction.h"

namespace nabla {

// Whether no result has an element.
bool writes_no_matrix(const Instruction& in);

// Runs an instruction that was verified. False where there is not enough memory.
bool run_matrices(const Instruction& in, const Kernels& kernels);

}  // namespace nabla
