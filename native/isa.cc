// Which instruction sets this build holds, and which of them this processor runs.
#include <stdio.h>
#include <string.h>

#include "kernels/kernels.h"

namespace nabla {

#if defined(__x86_64__) && !defined(NABLA_BASELINE_ONLY)
#ifdef NABLA_SET_v2
namespace v2 {
extern const Kernels kernels;
}
#endif
#ifdef NABLA_SET_v3
namespace v3 {
extern const Kernels kernels;
}
#endif
#ifdef NABLA_SET_v4
namespace v4 {
extern const Kernels kernels;
}
#endif

namespace {
[[maybe_unused]] bool has_v2() { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"); }
[[maybe_unused]] bool has_v3() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
[[maybe_unused]] bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
}  // namespace

const InstructionSet kInstructionSets[] = {
#ifdef NABLA_SET_v2
    {"v2", has_v2, &v2::kernels},
#endif
#ifdef NABLA_SET_v3
    {"v3", has_v3, &v3::kernels},
#endif
#ifdef NABLA_SET_v4
    {"v4", has_v4, &v4::kernels},
#endif
};
#else
#ifdef __aarch64__
#define NABLA_ONLY_ISA neon
#else
#define NABLA_ONLY_ISA baseline
#endif
namespace NABLA_ONLY_ISA {
extern const Kernels kernels;
}

namespace {
bool always() { return true; }
}  // namespace

#define NABLA_TEXT_(name) #name
#define NABLA_TEXT(name) NABLA_TEXT_(name)
const InstructionSet kInstructionSets[] = {{NABLA_TEXT(NABLA_ONLY_ISA), always, &NABLA_ONLY_ISA::kernels}};
#endif

const int kInstructionSetCount = sizeof(kInstructionSets) / sizeof(kInstructionSets[0]);

const InstructionSet* choose_instruction_set(const char* requested, char* problem, size_t problem_size) {
  if (requested != nullptr && requested[0] != '\0') {
    for (const InstructionSet& set : kInstructionSets) {
      if (strcmp(set.name, requested) != 0) continue;
      if (set.supported()) return &set;
      snprintf(problem, problem_size, "NABLA_ISA=%s: this processor does not have that instruction set", requested);
      return nullptr;
    }
    int used = snprintf(problem, problem_size, "NABLA_ISA=%.32s is unknown; this build has", requested);
    for (const InstructionSet& set : kInstructionSets) {
      if (used < 0 || size_t(used) >= problem_size) break;
      used += snprintf(problem + used, problem_size - size_t(used), " %s", set.name);
    }
    return nullptr;
  }
  for (int i = kInstructionSetCount; i-- > 0;) {
    if (kInstructionSets[i].supported()) return &kInstructionSets[i];
  }
  snprintf(problem, problem_size, "this processor lacks SSE4.2 and POPCNT (x86-64-v2), the least that nabla runs on");
  return nullptr;
}

}  // namespace nabla
