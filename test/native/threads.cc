// The pool of threads without Node: `threads` runs the checks below, `threads latency` prints what a dispatch costs.
#include "../../native/threads.h"

#include <dirent.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "../../native/cores.h"
#include "check.h"

using nabla::parallel_for;
using nabla::set_thread_count;
using nabla::thread_count;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

template <class F>
void each(int64_t count, F body) {
  parallel_for(count, [](void* f, int64_t i) { (*static_cast<F*>(f))(i); }, &body);
}

// The threads of this process with that name; all of them for the empty one. -1 where the system does not say.
int threads_named(const char* name) {
  int count = 0;
  DIR* folder = opendir("/proc/self/task");
  if (folder == nullptr) return -1;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    char text[64] = {};
    FILE* file = fopen((std::string("/proc/self/task/") + entry->d_name + "/comm").c_str(), "r");
    if (file == nullptr) continue;
    if (fgets(text, sizeof(text), file) != nullptr) text[strcspn(text, "\n")] = '\0';
    fclose(file);
    if (strcmp(text, name) == 0) count++;
  }
  closedir(folder);
  return count;
}

// A job with its results checked: every index once, and nested jobs on the thread of the task.
void job(int64_t count, int64_t nested = 0) {
  std::vector<int> runs(size_t(std::max<int64_t>(count, 0)));
  each(count, [&](int64_t i) {
    runs[size_t(i)]++;
    const pthread_t self = pthread_self();
    int64_t sum = 0;
    each(nested, [&](int64_t j) {
      CHECK(pthread_equal(self, pthread_self()));
      sum += j;
    });
    CHECK(sum == nested * (nested - 1) / 2);
  });
  for (int once : runs) CHECK(once == 1);
}

// Two tasks that wait for each other, and so need two threads.
void meet() {
  std::atomic<int> arrived{0};
  each(2, [&](int64_t) {
    arrived++;
    while (arrived < 2) std::this_thread::yield();
  });
}

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

pid_t start_child() {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) alarm(60);  // rather than hang
  return child;
}

void end_child(pid_t child) {
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void in_child(void (*body)()) {
  const pid_t child = start_child();
  if (child == 0) {
    body();
    _exit(0);
  }
  end_child(child);
}

void counts() {
  char problem[256];
  CHECK(nabla::available_cores() >= 1);
  CHECK(nabla::available_processors() >= 1);
  CHECK(nabla::available_processors() <= int(sysconf(_SC_NPROCESSORS_CONF)));
  for (const char* bad : {"0", "-1", "+1", " 1", "1 ", "1.5", "two", "1025", "4294967297", "99999999999999999999"}) {
    CHECK(!nabla::choose_thread_count(bad, problem, sizeof(problem)));
    CHECK(strstr(problem, "NABLA_NUM_THREADS=") == problem);
  }
  CHECK(nabla::choose_thread_count(nullptr, problem, sizeof(problem)));
  CHECK(nabla::choose_thread_count("", problem, sizeof(problem)));
  in_child([] { CHECK(thread_count() == nabla::available_cores()); });
  CHECK(nabla::choose_thread_count("1024", problem, sizeof(problem)));
  CHECK(thread_count() == 1024);
  CHECK(nabla::choose_thread_count("3", problem, sizeof(problem)));  // too late
  CHECK(thread_count() == 1024);
  set_thread_count(5);
  CHECK(thread_count() == 5);
}

void no_thread_without_need() {
  set_thread_count(1);
  job(100);
  set_thread_count(4);
  job(-1);
  job(0);
  job(1);
  CHECK(threads_named("nabla") <= 0);
  job(2);
  if (threads_named("nabla") >= 0) {
    // Threads name themselves when they first run.
    for (int i = 0; i < 1000 && threads_named("nabla") < 3; i++) usleep(1000);
    CHECK(threads_named("nabla") == 3);
  }
  set_thread_count(2);
  job(50);
  set_thread_count(4);
  job(50);
  CHECK(threads_named("nabla") <= 3);
}

void every_index_once() {
  for (int threads = 1; threads <= 6; threads++) {
    set_thread_count(threads);
    for (int64_t count : {0, 1, 2, 3, 5, 17, 1000, 20000}) job(count);
    job(40, 30);
  }
}

void meetings() {
  set_thread_count(2);
  for (int i = 0; i < 3000; i++) meet();
  for (int i = 0; i < 30; i++) {
    usleep(500);  // the thread falls asleep
    meet();
  }
}

// A task that takes long makes the caller sleep.
void stragglers() {
  set_thread_count(3);
  for (int i = 0; i < 20; i++) {
    const pthread_t caller = pthread_self();
    std::atomic<int> arrived{0};
    each(3, [&](int64_t) {
      arrived++;
      while (arrived < 3) std::this_thread::yield();
      if (!pthread_equal(caller, pthread_self())) usleep(2000);
    });
  }
}

void callers(milliseconds duration) {
  const auto end = Clock::now() + duration;
  std::atomic<int64_t> jobs{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([t, end, &jobs] {
      for (int64_t i = t; Clock::now() < end; i += 7) {
        job(i % 60, i % 5);
        if (i % 11 == 0) set_thread_count(1 + int(i % 6));
        if (i % 97 == 0) usleep(100);
        jobs++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(jobs > 0);
}

void forks(milliseconds duration) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  // The address sanitizer's allocator may be locked in the child if another thread was in it.
  for (int t = 0; t < (kAddressSanitizer ? 0 : 2); t++) {
    threads.emplace_back([&stop] {
      while (!stop) job(20, 3);
    });
  }
  set_thread_count(3);
  for (const auto end = Clock::now() + duration; Clock::now() < end;) {
    job(10);
    in_child([] {
      for (int i = 0; i < 5; i++) job(50, 3);
      meet();
    });
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

// What other threads had in hand is lost to the child, but its job ends, and the next one is whole.
void fork_in_a_task() {
  set_thread_count(3);
  for (int i = 0; i < 20; i++) {
    const pthread_t caller = pthread_self();
    std::atomic<int> arrived{0};
    pid_t child = -1;
    each(3, [&](int64_t) {
      arrived++;
      while (arrived < 3) std::this_thread::yield();
      if (pthread_equal(caller, pthread_self())) child = start_child();
    });
    if (child == 0) {
      job(50, 3);
      meet();
      _exit(0);
    }
    end_child(child);
  }
}

void idle_costs_nothing() {
  set_thread_count(4);
  job(1000);
  usleep(20000);
  const double before = cpu_seconds();
  usleep(500000);
  const double used = cpu_seconds() - before;
  CHECK(used <= (kThreadSanitizer ? 0.1 : 0.005));  // that sanitizer has a thread of its own
}

void signals_are_blocked() {
  struct Masks {
    sigset_t of[2];
  } masks;
  set_thread_count(2);
  std::atomic<int> arrived{0};
  const pthread_t caller = pthread_self();
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  each(2, [&](int64_t) {
    arrived++;
    while (arrived < 2) std::this_thread::yield();
    pthread_sigmask(SIG_SETMASK, nullptr, &masks.of[pthread_equal(caller, pthread_self()) ? 0 : 1]);
  });
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int signal : {SIGINT, SIGTERM, SIGCHLD, SIGPROF, SIGUSR1}) {
    CHECK(sigismember(&masks.of[1], signal) == 1);
    CHECK(sigismember(&masks.of[0], signal) == sigismember(&before, signal));
    CHECK(sigismember(&after, signal) == sigismember(&before, signal));
  }
}

void works_without_threads() {
  if (kThreadSanitizer || kAddressSanitizer) return;  // they need all the memory that they can get
  in_child([] {
    const rlimit memory = {1 << 20, 1 << 20};  // less than the process has: no stack for a thread
    CHECK(setrlimit(RLIMIT_AS, &memory) == 0);
    set_thread_count(100);
    job(100, 3);
    CHECK(threads_named("nabla") < 99);  // a few stacks may be left over from the parent's threads
  });
}

// Microseconds of the fastest batch.
template <class F>
double fastest(F&& f) {
  double best = 1e9;
  for (int batch = 0; batch < 2000; batch++) {
    const auto start = Clock::now();
    for (int i = 0; i < 20; i++) f();
    best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - start).count() / 20);
  }
  return best;
}

void latency() {
  const auto spin = [](int64_t) {
    for (int i = 0; i < 5000; i++) __asm__ volatile("" ::: "memory");
  };
  set_thread_count(1);
  const double two = fastest([&] { each(2, spin); });
  set_thread_count(2);
  const double shared = fastest([&] { each(2, spin); });
  const double met = fastest([] {
    std::atomic<int> arrived{0};
    each(2, [&](int64_t) {
      arrived++;
      while (arrived < 2) __asm__ volatile("" ::: "memory");
    });
  });
  double cold = 1e9;
  for (int i = 0; i < 300; i++) {
    usleep(1000);
    const auto start = Clock::now();
    meet();
    cold = std::min(cold, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  printf("two tasks of %.2f us on two threads: %.2f us more than one task\n", two / 2, shared - two / 2);
  printf("two tasks that wait for each other: %.2f us; with the other thread asleep: %.2f us\n", met, cold);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "latency") == 0) {
    latency();
    return 0;
  }
  const milliseconds duration(argc > 1 ? atoi(argv[1]) : 500);
  counts();
  no_thread_without_need();
  every_index_once();
  meetings();
  stragglers();
  signals_are_blocked();
  callers(duration);
  forks(duration);
  fork_in_a_task();
  idle_costs_nothing();
  works_without_threads();
  puts("good");
}
