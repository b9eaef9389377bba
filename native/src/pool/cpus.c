#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sinew.h"

/* Quota of a control group in CPUs, rounded up; 0 when there is none. Version 2 says "quota period" in one file,
 * version 1 has a file for each, -1 meaning no limit. */
static int32_t cgroup_quota(void) {
    long long quota = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (file) {
        const int fields = fscanf(file, "%lld %lld", &quota, &period);
        fclose(file);
        if (fields != 2) return 0;
    } else {
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r");
        if (!file) return 0;
        if (fscanf(file, "%lld", &quota) != 1) quota = 0;
        fclose(file);
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r");
        if (!file) return 0;
        if (fscanf(file, "%lld", &period) != 1) period = 0;
        fclose(file);
    }
    if (quota <= 0 || period <= 0) return 0;
    return (int32_t)((quota + period - 1) / period);
}

int32_t sn_cpus(void) {
    int32_t cpus = 0;
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) cpus = (int32_t)CPU_COUNT(&set);
#endif
    if (cpus < 1) cpus = (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
    const int32_t quota = cgroup_quota();
    if (quota > 0 && quota < cpus) cpus = quota;
    return cpus < 1 ? 1 : cpus;
}
