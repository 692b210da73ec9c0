// The pool of threads that large work is shared among.
#pragma once
#include <stdint.h>

namespace nabla {

// Runs task(context, i) for each i from 0 to count - 1, on the caller and on threads of the pool, and returns when all
// of them are done. Which thread runs which index, and in what order, is open; so what a task computes must depend on
// its index alone. Called from a task, it runs everything on the caller.
void parallel_for(int64_t count, void (*task)(void* context, int64_t index), void* context);

// How many threads share the work, the caller included.
int thread_count();
void set_thread_count(int count);

}  // namespace nabla
