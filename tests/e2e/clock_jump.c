// A wall clock that jumps by an hour two seconds after it was first looked at, as a library that a
// test loads into a program.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  static long first;
  if (real == 0) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int error = real(clock, now);
  if (error != 0 || clock != CLOCK_REALTIME) return error;
  if (first == 0) first = now->tv_sec;
  if (now->tv_sec >= first + 2) now->tv_sec += 3600;
  return 0;
}
