#include "cores.h"

#include <algorithm>

#if defined(__linux__)
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace nabla {

#if defined(__linux__)

namespace {

// The file's first 16 KB; empty where it cannot be read.
std::string read(const std::string& path) {
  std::string text;
  FILE* file = fopen(path.c_str(), "re");
  if (file == nullptr) return text;
  text.resize(1 << 14);
  text.resize(fread(text.data(), 1, text.size(), file));
  fclose(file);
  return text;
}

std::vector<int> allowed_processors() {
  constexpr int kMost = 8192;  // the most that a kernel is configured for
  cpu_set_t sets[kMost / CPU_SETSIZE];
  memset(sets, 0, sizeof(sets));
  std::vector<int> processors;
  if (sched_getaffinity(0, sizeof(sets), sets) != 0) return {0};
  for (int i = 0; i < kMost; i++) {
    if (CPU_ISSET_S(i, sizeof(sets), sets)) processors.push_back(i);
  }
  return processors;
}

// Quota over period, rounded up. A group without a limit says "max" (v2) or -1 (v1).
int processors_for(const char* quota_text, const char* period_text) {
  const long long quota = strtoll(quota_text, nullptr, 10);
  const long long period = strtoll(period_text, nullptr, 10);
  if (quota <= 0 || period <= 0) return INT_MAX;
  return int(std::min<long long>((quota + period - 1) / period, INT_MAX));
}

int quota_v2(const std::string& group) {
  const std::string text = read(group + "/cpu.max");  // "quota period"
  const size_t space = text.find(' ');
  return space == std::string::npos ? INT_MAX : processors_for(text.c_str(), text.c_str() + space);
}

int quota_v1(const std::string& group) {
  return processors_for(read(group + "/cpu.cfs_quota_us").c_str(), read(group + "/cpu.cfs_period_us").c_str());
}

}  // namespace

int cores::physical(const std::string& root, const std::vector<int>& processors) {
  int count = 0;
  for (int processor : processors) {
    // "0,64" or "0-1": the processors of one core, in ascending order. The first of them that is ours counts.
    char name[96];
    snprintf(name, sizeof(name), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", processor);
    const std::string list = read(root + name);
    bool counted = false;
    for (const char* at = list.c_str(); *at >= '0' && *at <= '9' && !counted;) {
      char* end;
      const long first = strtol(at, &end, 10);
      const long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
      const auto ours = std::lower_bound(processors.begin(), processors.end(), first);
      counted = ours != processors.end() && *ours <= last && *ours < processor;
      at = *end == ',' ? end + 1 : end;
    }
    if (!counted) count++;
  }
  return count;
}

int cores::quota(const std::string& root) {
  // A line is "0::/path" for version 2, and "4:cpu,cpuacct:/path" for a hierarchy of version 1. A limit holds for the
  // groups below as well. In a container the path may be the host's while its own group is mounted as the root, so
  // that folders on the way are missing.
  int least = INT_MAX;
  const std::string text = read(root + "/proc/self/cgroup");
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const size_t controllers = line.find(':') + 1;
    const size_t path = line.find(':', controllers) + 1;
    if (controllers == 0 || path == 0) continue;
    const std::string names = line.substr(controllers, path - 1 - controllers);
    const bool v2 = names.empty();
    if (!v2 && ("," + names + ",").find(",cpu,") == std::string::npos) continue;
    const std::string mount = root + "/sys/fs/cgroup" + (v2 ? "" : "/cpu");
    for (std::string group = line.substr(path);; group.resize(group.rfind('/'))) {
      least = std::min(least, v2 ? quota_v2(mount + group) : quota_v1(mount + group));
      if (group.find('/') == std::string::npos) break;
    }
  }
  return least;
}

int available_processors() { return std::max(1, int(allowed_processors().size())); }

int available_cores() { return std::max(1, std::min(cores::physical("", allowed_processors()), cores::quota(""))); }

#elif defined(__APPLE__)

namespace {
int system_number(const char* name) {
  int value = 0;
  size_t size = sizeof(value);
  return sysctlbyname(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}
}  // namespace

int available_processors() { return std::max(1, system_number("hw.logicalcpu")); }

int available_cores() {
  const int fast = system_number("hw.perflevel0.physicalcpu");  // where cores differ
  return std::max(1, fast > 0 ? fast : system_number("hw.physicalcpu"));
}

#elif defined(_WIN32)

namespace {
DWORD_PTR allowed_processors() {
  DWORD_PTR process = 1, system;
  GetProcessAffinityMask(GetCurrentProcess(), &process, &system);
  return process;
}
}  // namespace

int available_processors() {
  int count = 0;
  for (DWORD_PTR rest = allowed_processors(); rest != 0; rest &= rest - 1) count++;
  return std::max(1, count);
}

int available_cores() {
  DWORD bytes = 0;
  GetLogicalProcessorInformation(nullptr, &bytes);
  std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> all(bytes / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
  if (!GetLogicalProcessorInformation(all.data(), &bytes)) return 1;
  const DWORD_PTR allowed = allowed_processors();
  return std::max(1, int(std::count_if(all.begin(), all.end(), [allowed](const auto& item) {
                    return item.Relationship == RelationProcessorCore && (item.ProcessorMask & allowed) != 0;
                  })));
}

#else

int available_processors() { return std::max(1, int(sysconf(_SC_NPROCESSORS_ONLN))); }
int available_cores() { return available_processors(); }

#endif

}  // namespace nabla
