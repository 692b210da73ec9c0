#pragma once
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                        \
    }                                                                 \
  } while (false)

#ifndef __has_feature
#define __has_feature(name) 0
#endif
constexpr bool kThreadSanitizer =
#ifdef __SANITIZE_THREAD__
    true;
#else
    __has_feature(thread_sanitizer);
#endif
constexpr bool kAddressSanitizer =
#ifdef __SANITIZE_ADDRESS__
    true;
#else
    __has_feature(address_sanitizer);
#endif
