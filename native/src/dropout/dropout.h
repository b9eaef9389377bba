/* Kernels of dropout. */
#ifndef SN_DROPOUT_DROPOUT_H
#define SN_DROPOUT_DROPOUT_H

#include "random/philox.h"

/* How many elements ahead x is prefetched. */
enum { SN_DROPOUT_AHEAD = 1024 };

typedef struct {
    sn_philox stream;
    uint64_t threshold; /* an element is dropped if its word is below; 0 to 2^32 */
    double scale;       /* 1 / (1 - p); 0 if p is 1 */
} sn_dropout_mask;

/* y[begin..end) from x[begin..end); x and y are the whole arrays, begin is a multiple of SN_PHILOX_GROUP. */
typedef void sn_dropout_kernel(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);

void sn_f32_dropout__generic(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);
void sn_f64_dropout__generic(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);
void sn_f32_dropout__avx2(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);
void sn_f32_dropout__avx512(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);
void sn_f32_dropout__neon(const sn_dropout_mask *d, const void *x, void *y, int64_t begin, int64_t end);

#endif
