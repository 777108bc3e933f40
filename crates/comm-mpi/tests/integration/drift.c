/* A clock that goes wrong: loaded before libc, rank 1's is 4 % fast and rank 2's 4 % slow, and so on. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct timespec begin;
static int rank;

__attribute__((constructor)) static void start(void)
{
    const char *of_open_mpi = getenv("OMPI_COMM_WORLD_RANK"), *of_mpich = getenv("PMI_RANK");
    const char *text = of_open_mpi ? of_open_mpi : of_mpich;
    rank = text ? atoi(text) : 0;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &begin);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int result = (int)syscall(SYS_clock_gettime, clock, at);
    static const long long wrong[] = {0, 4, -4};
    if (result == 0 && clock == CLOCK_MONOTONIC) {
        long long since = (at->tv_sec - begin.tv_sec) * 1000000000LL + at->tv_nsec - begin.tv_nsec;
        long long ns = begin.tv_nsec + since + since * wrong[rank % 3] / 100;
        at->tv_sec = begin.tv_sec + ns / 1000000000LL;
        at->tv_nsec = ns % 1000000000LL;
    }
    return result;
}
