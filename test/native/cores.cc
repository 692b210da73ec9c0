// Counting cores over files of other machines: `cores FOLDER` writes them below that folder.
#include "../../native/cores.h"

#include <limits.h>

#include <filesystem>
#include <fstream>

#include "check.h"

namespace cores = nabla::cores;

namespace {

std::string root;

void put(const std::string& path, const std::string& text) {
  const std::filesystem::path file = root + path;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text << '\n';
}

void fresh() {
  std::filesystem::remove_all(root + "/proc");
  std::filesystem::remove_all(root + "/sys");
}

void siblings(int processor, const char* list) {
  put("/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/topology/thread_siblings_list", list);
}

void physical() {
  fresh();
  for (int i = 0; i < 4; i++) {
    const std::string list = std::to_string(i) + "," + std::to_string(i + 4);
    siblings(i, list.c_str());
    siblings(i + 4, list.c_str());
  }
  CHECK(cores::physical(root, {0, 1, 2, 3, 4, 5, 6, 7}) == 4);
  CHECK(cores::physical(root, {0, 4}) == 1);
  CHECK(cores::physical(root, {4, 5}) == 2);
  CHECK(cores::physical(root, {3, 4, 7}) == 2);

  fresh();
  for (int i = 0; i < 8; i++) siblings(i, i < 4 ? "0-3" : "4-5,6-7");
  CHECK(cores::physical(root, {0, 1, 2, 3, 4, 5, 6, 7}) == 2);
  CHECK(cores::physical(root, {2, 3}) == 1);
  CHECK(cores::physical(root, {3, 6, 7}) == 2);

  fresh();
  CHECK(cores::physical(root, {0, 1, 5}) == 3);  // nothing known
  CHECK(cores::physical(root, {}) == 0);
}

void quota() {
  fresh();
  CHECK(cores::quota(root) == INT_MAX);

  put("/proc/self/cgroup", "0::/a.slice/b.scope");
  CHECK(cores::quota(root) == INT_MAX);
  put("/sys/fs/cgroup/a.slice/b.scope/cpu.max", "max 100000");
  CHECK(cores::quota(root) == INT_MAX);
  put("/sys/fs/cgroup/a.slice/b.scope/cpu.max", "250000 100000");
  CHECK(cores::quota(root) == 3);
  put("/sys/fs/cgroup/a.slice/cpu.max", "200000 100000");
  CHECK(cores::quota(root) == 2);
  put("/sys/fs/cgroup/a.slice/cpu.max", "1000 100000");
  CHECK(cores::quota(root) == 1);

  fresh();  // the root of a container
  put("/proc/self/cgroup", "0::/");
  put("/sys/fs/cgroup/cpu.max", "400000 100000");
  CHECK(cores::quota(root) == 4);

  fresh();  // version 1, with the host's path in a container
  put("/proc/self/cgroup", "5:cpuset:/docker/1\n4:cpu,cpuacct:/docker/1\n3:memory:/docker/1\n0::/");
  put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000");
  put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
  CHECK(cores::quota(root) == INT_MAX);
  put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "75001");
  CHECK(cores::quota(root) == 2);
  put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "50000");
  put("/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "50000");
  CHECK(cores::quota(root) == 1);

  fresh();  // what is no such file
  put("/proc/self/cgroup", "::\n:\n\n7\n0::\ncpu");
  put("/sys/fs/cgroup/cpu.max", "5");
  CHECK(cores::quota(root) == INT_MAX);
}

}  // namespace

int main(int, char** argv) {
  root = argv[1];
  physical();
  quota();
  puts("good");
}
