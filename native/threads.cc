#include "threads.h"

namespace nabla {

void parallel_for(int64_t count, void (*task)(void* context, int64_t index), void* context) {
  for (int64_t i = 0; i < count; i++) task(context, i);
}

int thread_count() { return 1; }
void set_thread_count(int) {}

}  // namespace nabla
