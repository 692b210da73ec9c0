// How many processors this process may use.
#pragma once
#include <string>
#include <vector>

namespace nabla {

// The processors that the system lets this process run on; at least 1.
int available_processors();

// The physical cores among them, as many of them as the process is given time for; at least 1. Two hardware threads of
// one core share its arithmetic units, so work that keeps those busy gains nothing from the second.
int available_cores();

#ifdef __linux__
// What available_cores() is made of, over the files under `root` ("" for those of the system).
namespace cores {
// How many physical cores the given processors belong to.
int physical(const std::string& root, const std::vector<int>& processors);
// The processor time that the control groups (v1 or v2) of the process allow, in processors rounded up; or INT_MAX.
int quota(const std::string& root);
}  // namespace cores
#endif

}  // namespace nabla
