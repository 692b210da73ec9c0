#include "threads.h"

#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <type_traits>

#ifdef _WIN32
#define NOMINMAX
#include <windows.h>
#else
#include <pthread.h>
#include <signal.h>
#endif
#ifdef __linux__
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#ifdef __APPLE__
#include <dlfcn.h>
#endif

#include "cores.h"

// The system's threads are used as they are, since std::thread ends the process where a thread cannot be created, and
// std::condition_variable and std::atomic::wait are functions of a libstdc++ newer than the one that Node asks for.
#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
// glibc 2.32 and 2.34 moved these from libpthread to libc and gave them new versions; the old versions are the same
// functions, and every glibc has them.
#ifdef __x86_64__
#define NABLA_OLDEST(name) __asm__(".symver " #name ", " #name "@GLIBC_2.2.5")
#else
#define NABLA_OLDEST(name) __asm__(".symver " #name ", " #name "@GLIBC_2.17")
#endif
NABLA_OLDEST(pthread_create);
NABLA_OLDEST(pthread_sigmask);
NABLA_OLDEST(pthread_attr_setstacksize);
#endif

namespace nabla {
namespace {

constexpr size_t kStackBytes = 4 << 20;  // as Node's own worker threads have, so that tasks that fit a caller fit here
constexpr std::chrono::microseconds kSpinTime(40);

inline void relax() {
#if defined(_WIN32)
  YieldProcessor();
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// A place where threads sleep until what they wait for comes true.
class Parking {
 public:
  // Sleeps while condition() holds. Who changes that does so by sequentially consistent operations, and then calls
  // wake: it sees the sleeper, or the sleeper sees the change.
  template <class Condition>
  void sleep_while(Condition condition) {
    sleepers_.fetch_add(1);
    for (uint32_t ticket; ticket = ticket_.load(), condition();) wait(ticket);
    sleepers_.fetch_sub(1);
  }

  int sleepers() const { return sleepers_.load(); }

  // Wakes that many sleepers, if there are so many.
  void wake(int count) {
    if (count > 0 && sleepers_.load() > 0) notify(count);
  }

 private:
  // wait() sleeps until it is woken, unless the ticket is another by then; notify() changes the ticket and wakes.
#if defined(__linux__)
  // A condition variable of glibc may keep who signals waiting for a thread that was woken before and has not run yet.
  void wait(uint32_t ticket) { syscall(SYS_futex, &ticket_, FUTEX_WAIT_PRIVATE, ticket, nullptr, nullptr, 0); }
  void notify(int count) {
    ticket_.fetch_add(1);
    syscall(SYS_futex, &ticket_, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
  }
#elif defined(_WIN32)
  void wait(uint32_t ticket) {
    AcquireSRWLockExclusive(&lock_);
    if (ticket_.load() == ticket) SleepConditionVariableSRW(&changed_, &lock_, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock_);
  }
  void notify(int count) {
    AcquireSRWLockExclusive(&lock_);
    ticket_.fetch_add(1);
    ReleaseSRWLockExclusive(&lock_);
    for (; count > 0; count--) WakeConditionVariable(&changed_);
  }
  SRWLOCK lock_ = SRWLOCK_INIT;
  CONDITION_VARIABLE changed_ = CONDITION_VARIABLE_INIT;
#else
  void wait(uint32_t ticket) {
    pthread_mutex_lock(&lock_);
    if (ticket_.load() == ticket) pthread_cond_wait(&changed_, &lock_);
    pthread_mutex_unlock(&lock_);
  }
  void notify(int count) {
    pthread_mutex_lock(&lock_);
    ticket_.fetch_add(1);
    pthread_mutex_unlock(&lock_);
    for (; count > 0; count--) pthread_cond_signal(&changed_);
  }
  pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
#endif
  std::atomic<int> sleepers_{0};
  std::atomic<uint32_t> ticket_{0};
};

// Who takes part in the job at hand, in one word, so that it changes as a whole:
//
//   bits 0-15    threads of the pool at work on the job
//   bits 16-31   seats: how many more may join. The caller takes them away when it finds no index left, and the job is
//                over when no thread is at work on it then. A thread that comes late finds no seat.
//   bits 32-63   number of the job, so that no thread joins one twice
constexpr uint64_t kWorker = 1;
constexpr uint64_t kSeat = 1 << 16;
constexpr uint64_t kJob = uint64_t(1) << 32;
uint64_t workers_of(uint64_t state) { return state & (kSeat - 1); }
uint64_t seats_of(uint64_t state) { return (state & (kJob - 1)) / kSeat; }
uint64_t job_of(uint64_t state) { return state / kJob; }

// One job at a time. A caller that finds the pool busy with another's runs its tasks itself: as many callers as that
// keep the processors busy by themselves.
struct Pool {
  // Apart from each other: the first is what idle threads look at, the second what busy threads fight for.
  alignas(64) std::atomic<uint64_t> state{0};
  alignas(64) std::atomic<int64_t> next{0};  // the first index not handed out

  // Written between jobs, by the caller that has the pool.
  alignas(64) int64_t count = 0;
  void (*task)(void*, int64_t) = nullptr;
  void* context = nullptr;
  int threads = 0;

  std::atomic<bool> busy{false};
  std::atomic<bool> spins{false};
  std::atomic<bool> resized{true};  // the number of threads wanted may have changed
  Parking idle;                     // threads without a job
  Parking finishing;                // the caller, while threads are at work on their last tasks
};

// Neither is destroyed: at exit, or when a worker thread of Node ends and unloads its addons, threads of the pool are
// still there. The library stays mapped for them (-z nodelete on ELF, stay_loaded() elsewhere).
static_assert(std::is_trivially_destructible_v<Pool>);
constinit Pool pool;
constinit std::atomic<int> wanted_threads{0};  // 0: not known yet

constinit thread_local bool in_task = false;

using Clock = std::chrono::steady_clock;

// Waits until condition() is false: awake until `end`, where there are processors enough, and from then on asleep.
// Whether it slept.
template <class Condition>
bool wait_while(Condition condition, Clock::time_point end, Parking& parking) {
  if (!condition()) return false;
  if (pool.spins.load(std::memory_order_relaxed)) {
    do {
      for (int i = 0; i < 32; i++) {
        relax();
        if (!condition()) return false;
      }
    } while (Clock::now() < end);
  }
  parking.sleep_while(condition);
  return true;
}

void run_tasks(int64_t count, void (*task)(void*, int64_t), void* context) {
  for (int64_t i; (i = pool.next.fetch_add(1, std::memory_order_relaxed)) < count;) task(context, i);
}

[[noreturn]] void work() {
  in_task = true;
  uint64_t seen = 0;
  Clock::time_point end = Clock::now() + kSpinTime;
  for (;;) {
    const auto nothing_new = [&seen] { return job_of(pool.state.load()) == seen; };
    bool called = wait_while(nothing_new, end, pool.idle);
    uint64_t state = pool.state.load();
    seen = job_of(state);
    while (job_of(state) == seen && seats_of(state) > 0) {
      if (!pool.state.compare_exchange_weak(state, state - kSeat + kWorker)) continue;
      run_tasks(pool.count, pool.task, pool.context);
      if (workers_of(pool.state.fetch_sub(kWorker)) == 1) pool.finishing.wake(1);
      called = true;
      break;
    }
    // Jobs that have no seat for this thread do not keep it awake.
    if (called) end = Clock::now() + kSpinTime;
  }
}

#ifdef _WIN32

DWORD WINAPI thread_main(void*) {
  SetThreadDescription(GetCurrentThread(), L"nabla");
  work();
}

bool start_thread() {
  HANDLE thread = CreateThread(nullptr, kStackBytes, thread_main, nullptr, STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread == nullptr) return false;
  CloseHandle(thread);
  return true;
}

void stay_loaded() {
  HMODULE self;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCWSTR>(&pool), &self);
}

void prepare_for_fork() {}

#else

void* thread_main(void*) {
#if defined(__linux__)
  prctl(PR_SET_NAME, "nabla");
#elif defined(__APPLE__)
  pthread_setname_np("nabla");
#endif
  work();
}

bool start_thread() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // Signals are for the program's own threads; a new thread takes over the mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, thread_main, nullptr);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return error == 0;
}

void stay_loaded() {
#ifdef __APPLE__
  Dl_info self;
  if (dladdr(&pool, &self) != 0) dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

// The child of a fork has none of the threads, and all else as it was at that moment: it begins with an empty pool. The
// index stays, for a task that forks: its caller goes on in the child with what is left.
void prepare_for_fork() {
  pthread_atfork(nullptr, nullptr, [] {
    const int64_t next = pool.next.load();
    new (&pool) Pool;
    pool.next = next;
  });
}

#endif

// Starts the threads that are wanted and not there. What cannot be started is not tried again before set_thread_count.
void resize(int wanted) {
  static bool first = true;  // also in the child of a fork, which inherits its handlers
  if (first) {
    first = false;
    stay_loaded();
    prepare_for_fork();
  }
  while (pool.threads < wanted - 1 && start_thread()) pool.threads++;
  // A thread that waits for one that has no processor to run on had better leave it its own.
  pool.spins = wanted <= available_processors();
}

void run_job(int64_t count, void (*task)(void*, int64_t), void* context) {
  if (pool.resized.load(std::memory_order_relaxed)) {
    pool.resized = false;
    resize(thread_count());
  }
  const int64_t seats = std::min<int64_t>(std::min(thread_count() - 1, pool.threads), count - 1);
  pool.count = count;
  pool.task = task;
  pool.context = context;
  pool.next = 0;
  const uint64_t last = pool.state.load();
  pool.state = (job_of(last) + 1) * kJob + uint64_t(seats) * kSeat;
  // Threads that are awake come by themselves.
  const int sleepers = pool.idle.sleepers();
  pool.idle.wake(int(seats) - (pool.threads - sleepers));

  run_tasks(count, task, context);
  pool.state.fetch_and(~(kJob - kSeat));
  wait_while([] { return workers_of(pool.state.load()) != 0; }, Clock::now() + kSpinTime, pool.finishing);
}

}  // namespace

void parallel_for(int64_t count, void (*task)(void* context, int64_t index), void* context) {
  const bool nested = in_task;
  in_task = true;
  if (count > 1 && !nested && thread_count() > 1 && !pool.busy.exchange(true, std::memory_order_acquire)) {
    run_job(count, task, context);
    pool.busy.store(false, std::memory_order_release);
  } else {
    for (int64_t i = 0; i < count; i++) task(context, i);
  }
  in_task = nested;
}

int thread_count() {
  int count = wanted_threads.load(std::memory_order_relaxed);
  if (count == 0) {
    const int found = std::min(available_cores(), kMostThreads);
    if (wanted_threads.compare_exchange_strong(count, found)) count = found;
  }
  return count;
}

void set_thread_count(int count) {
  wanted_threads = std::clamp(count, 1, kMostThreads);
  pool.resized = true;
}

bool choose_thread_count(const char* requested, char* problem, size_t problem_size) {
  if (requested == nullptr || requested[0] == '\0') return true;
  int count = 0;
  const char* at = requested;
  for (; *at >= '0' && *at <= '9' && count <= kMostThreads; at++) count = 10 * count + (*at - '0');
  if (*at != '\0' || count < 1 || count > kMostThreads) {
    snprintf(problem, problem_size, "NABLA_NUM_THREADS=%.32s is no whole number from 1 to %d", requested, kMostThreads);
    return false;
  }
  int unknown = 0;
  wanted_threads.compare_exchange_strong(unknown, count);
  return true;
}

}  // namespace nabla
