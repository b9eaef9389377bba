/* What the CPU can do at best: the yardsticks of benchmarks. */
#ifndef SN_MEASURE_MEASURE_H
#define SN_MEASURE_MEASURE_H

#include <stdint.h>

enum {
    SN_MEASURE_LOOPS = 1 << 15,
    SN_MEASURE_CHAINS = 12 /* independent multiply-adds: more than latency times issue width of today's CPUs, and they
                            * fit into 16 registers with the constants */
};

/* x = x / 2 + 1/2 in chains of vectors, SN_MEASURE_LOOPS times; returns a value that depends on all of them. */
float sn_measure_chains__generic(void);
float sn_measure_chains__avx2(void);
float sn_measure_chains__avx512(void);
float sn_measure_chains__neon(void);

/* Copies bytes; the vector versions write past the caches. */
void sn_measure_stream__generic(unsigned char *to, const unsigned char *from, int64_t bytes);
void sn_measure_stream__avx2(unsigned char *to, const unsigned char *from, int64_t bytes);
void sn_measure_stream__avx512(unsigned char *to, const unsigned char *from, int64_t bytes);

#endif
