/*
 * Moves the wall clock of one program and leaves its monotonic clock alone, which is what a suspended machine looks
 * like to a program that wakes up. Loaded with LD_PRELOAD. WALL_CLOCK_FILE names a file that holds one double: the
 * seconds to add. The file is mapped, so a change reaches running processes at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_reader)(clockid_t, struct timespec *);

static const volatile double *seconds_to_add;

__attribute__((constructor)) static void map_offset(void) {
  const char *path = getenv("WALL_CLOCK_FILE");
  if (path == NULL) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) seconds_to_add = mapped;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static clock_reader original;
  if (original == NULL) original = (clock_reader)dlsym(RTLD_NEXT, "clock_gettime");
  int failed = original != NULL ? original(clock, now) : (int)syscall(SYS_clock_gettime, clock, now);
  int is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (!failed && is_wall && seconds_to_add != NULL) now->tv_sec += (time_t)*seconds_to_add;
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  if (now != NULL) {
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
  }
  return 0;
}

time_t time(time_t *now) {
  struct timespec precise;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return (time_t)-1;
  if (now != NULL) *now = precise.tv_sec;
  return precise.tv_sec;
}
