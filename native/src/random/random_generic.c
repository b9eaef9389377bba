/* random, generic kernels: y[count]. */
#include "random/random.h"

#include <math.h>

/* a + (b - a) u; product and sum are rounded separately on every ISA, so that all give the same bits. */
void sn_f32_random_uniform__generic(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    float *y = y_;
    const float a = (float)s->a, width = (float)(s->b - s->a);
    uint32_t words[SN_PHILOX_GROUP];
    for (int64_t i = begin; i < end; i += SN_PHILOX_GROUP) {
        sn_philox_group(&s->stream, i / SN_PHILOX_GROUP, words);
        const int64_t n = end - i < SN_PHILOX_GROUP ? end - i : SN_PHILOX_GROUP;
        for (int64_t j = 0; j < n; j++) {
            const float part = width * ((float)(int32_t)(words[j] >> 8) * 0x1p-24f);
            y[i + j] = a + part;
        }
    }
}

void sn_f64_random_uniform__generic(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    double *y = y_;
    const double a = s->a, width = s->b - s->a;
    uint32_t words[SN_PHILOX_GROUP];
    for (int64_t i = begin; i < end; i += SN_PHILOX_GROUP) {
        sn_philox_group(&s->stream, i / SN_PHILOX_GROUP, words);
        const int64_t n = end - i < SN_PHILOX_GROUP ? end - i : SN_PHILOX_GROUP;
        for (int64_t j = 0; j < n; j++) {
            const double part = width * (words[j] * 0x1p-32);
            y[i + j] = a + part;
        }
    }
}

/* Box, Muller 1958: two normal numbers from two words; the first word is moved off 0 for the logarithm. */
static void normal_pair(const uint32_t words[2], double z[2]) {
    const double radius = sqrt(-2 * log((words[0] + 1.0) * 0x1p-32));
    const double angle = 6.283185307179586476925 * (words[1] * 0x1p-32);
    z[0] = radius * cos(angle);
    z[1] = radius * sin(angle);
}

void sn_f32_random_normal__generic(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    float *y = y_;
    uint32_t words[SN_PHILOX_GROUP];
    double z[2];
    for (int64_t i = begin; i < end; i += SN_PHILOX_GROUP) {
        sn_philox_group(&s->stream, i / SN_PHILOX_GROUP, words);
        const int64_t n = end - i < SN_PHILOX_GROUP ? end - i : SN_PHILOX_GROUP;
        for (int64_t j = 0; j < n; j++) {
            if (j % 2 == 0) normal_pair(words + j, z);
            y[i + j] = (float)(s->a + s->b * z[j % 2]);
        }
    }
}

void sn_f64_random_normal__generic(const sn_random_source *s, void *y_, int64_t begin, int64_t end) {
    double *y = y_;
    uint32_t words[SN_PHILOX_GROUP];
    double z[2];
    for (int64_t i = begin; i < end; i += SN_PHILOX_GROUP) {
        sn_philox_group(&s->stream, i / SN_PHILOX_GROUP, words);
        const int64_t n = end - i < SN_PHILOX_GROUP ? end - i : SN_PHILOX_GROUP;
        for (int64_t j = 0; j < n; j++) {
            if (j % 2 == 0) normal_pair(words + j, z);
            y[i + j] = s->a + s->b * z[j % 2];
        }
    }
}
