// The pool of threads that large work is shared among.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace nabla {

// Runs task(context, i) for each i from 0 to count - 1, on the caller and on threads of the pool, and returns when all
// of them are done. Which thread runs which index, and in what order, is open; so what a task computes must depend on
// its index alone. Called from a task, it runs everything on the caller.
void parallel_for(int64_t count, void (*task)(void* context, int64_t index), void* context);

constexpr int kMostThreads = 1024;

// How many threads share the work, the caller included: from 1 to kMostThreads.
int thread_count();
void set_thread_count(int count);

// Takes the count from `requested`, a whole number as text, where that is given and no count was set before. False with
// `problem` set when it is none.
bool choose_thread_count(const char* requested, char* problem, size_t problem_size);

}  // namespace nabla
