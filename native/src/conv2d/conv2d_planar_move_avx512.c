/* Pixels of 1, 2, 3, 5 or 6 channels to planes and back, 16 pixels at a time. Several sequences in turn, an odd number of them,
 * over as many vectors: no two numbers of a sequence lie on the same lane. So each sequence is collected from the vectors
 * by their lanes, and one permutation brings it in order; and the other way round. An even number of channels is moved as
 * half as many sequences of pairs. */
#include "conv2d/conv2d_planar.h"
#include "core/compiler.h"

#include <immintrin.h>

enum { LANES = 16, CHANNELS = 6 };

static SN_INLINE __mmask16 first_lanes(int64_t count) { return (__mmask16)(count >= LANES ? 0xffff : count <= 0 ? 0 : (1 << count) - 1); }

/* The lanes that hold sequence i in the first of the vectors, and the order of the numbers: for pairs two permutations,
 * from or to the even and the odd lanes. */
typedef struct {
    __mmask16 lanes[CHANNELS];
    __m512i order[CHANNELS][2];
} plan;

/* In all functions: `wide` means pairs, there are `sequences`; constants at each call. */
static SN_INLINE int width_of(const int wide) { return wide ? LANES / 2 : LANES; }

/* The lanes of sequence q in vector v. */
static SN_INLINE int lanes_of(int q, int v, const int sequences, const int wide) {
    return (q + sequences * LANES - width_of(wide) * v) % sequences;
}

static SN_INLINE void plan_split(plan *p, const int sequences, const int wide) {
    const int width = width_of(wide);
    for (int q = 0; q < sequences; q++) {
        _Alignas(64) int32_t first[LANES], second[LANES];
        for (int i = 0; i < LANES; i++) { /* pixel i is number i % width of the sequence, in the lower or the higher vectors */
            const int lane = (q + sequences * (i % width)) % width;
            first[i] = wide ? i / width * LANES + 2 * lane : lane;
            second[i] = first[i] + 1;
        }
        p->order[q][0] = _mm512_load_si512(first);
        p->order[q][1] = _mm512_load_si512(second);
    }
}

static SN_INLINE void plan_join(plan *p, const int sequences, const int wide) {
    const int width = width_of(wide);
    for (int q = 0; q < sequences; q++) {
        _Alignas(64) int32_t low[LANES], high[LANES];
        for (int i = 0; i < width; i++) { /* number i of the sequence, from the channels' pixels: i in the lower vectors, width + i in the higher */
            const int lane = (q + sequences * i) % width;
            for (int half = 0; half < 1 + wide; half++) {
                low[(1 + wide) * lane + half] = i + half * LANES;
                high[(1 + wide) * lane + half] = width + i + half * LANES;
            }
        }
        p->order[q][0] = _mm512_load_si512(low);
        p->order[q][1] = _mm512_load_si512(high);
    }
}

static SN_INLINE void plan_lanes(plan *p, const int sequences, const int wide) {
    for (int q = 0; q < sequences; q++) {
        int lanes = 0;
        for (int i = 0; i < LANES; i++)
            if ((wide ? i / 2 : i) % sequences == q) lanes |= 1 << i;
        p->lanes[q] = (__mmask16)lanes;
    }
}

/* The lanes of sequence q of `sequences` vectors, or of vector q of sequences. */
static SN_INLINE __m512 collect(const plan *p, const __m512 *x, int q, const int sequences, const int wide, const int join) {
    __m512 r = x[0];
#pragma GCC unroll 5
    for (int v = 1; v < sequences; v++) r = _mm512_mask_mov_ps(r, p->lanes[join ? lanes_of(v, q, sequences, wide) : lanes_of(q, v, sequences, wide)], x[v]);
    return r;
}

/* count pixels, LANES if not `part`. */
static SN_INLINE void split(const plan *p, const float *from, float *to, int64_t plane, int64_t count, const int sequences, const int wide, const int part) {
    const int channels = sequences * (1 + wide);
    __m512 x[CHANNELS];
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) x[i] = _mm512_maskz_loadu_ps(part ? first_lanes(count * channels - i * LANES) : 0xffff, from + i * LANES);
    const __mmask16 write = part ? first_lanes(count) : 0xffff;
#pragma GCC unroll 5
    for (int q = 0; q < sequences; q++) {
        const __m512 low = collect(p, x, q, sequences, wide, 0);
        if (!wide) {
            _mm512_mask_storeu_ps(to + q * plane, write, _mm512_permutexvar_ps(p->order[q][0], low));
            continue;
        }
        const __m512 high = collect(p, x + sequences, q, sequences, wide, 0);
        _mm512_mask_storeu_ps(to + 2 * q * plane, write, _mm512_permutex2var_ps(low, p->order[q][0], high));
        _mm512_mask_storeu_ps(to + (2 * q + 1) * plane, write, _mm512_permutex2var_ps(low, p->order[q][1], high));
    }
}

static SN_INLINE void join(const plan *p, const float *from, int64_t plane, float *to, int64_t count, const int sequences, const int wide, const int part) {
    const int channels = sequences * (1 + wide);
    __m512 x[CHANNELS];
#pragma GCC unroll 5
    for (int q = 0; q < sequences; q++) {
        if (!wide) {
            x[q] = _mm512_permutexvar_ps(p->order[q][0], _mm512_loadu_ps(from + q * plane));
            continue;
        }
        const __m512 a = _mm512_loadu_ps(from + 2 * q * plane), b = _mm512_loadu_ps(from + (2 * q + 1) * plane);
        x[q] = _mm512_permutex2var_ps(a, p->order[q][0], b);
        x[sequences + q] = _mm512_permutex2var_ps(a, p->order[q][1], b);
    }
#pragma GCC unroll 6
    for (int i = 0; i < channels; i++) {
        const __m512 y = collect(p, i < sequences ? x : x + sequences, i % sequences, sequences, wide, 1);
        _mm512_mask_storeu_ps(to + i * LANES, part ? first_lanes(count * channels - i * LANES) : 0xffff, y);
    }
}

/* The last pixels of a row are moved together with some before them once more; a row shorter than a vector under masks. */
static SN_INLINE int move(const sn_planar_image *m, const int sequences, const int wide, const int joining) {
    const int channels = sequences * (1 + wide);
    plan p;
    plan_lanes(&p, sequences, wide);
    if (joining) plan_join(&p, sequences, wide);
    else plan_split(&p, sequences, wide);
    for (int64_t r = 0; r < m->rows; r++) {
        float *pixels = m->pixels + r * m->row_step, *planes = m->planes + r * m->pitch;
        if (m->cols < LANES) {
            if (joining) join(&p, planes, m->plane, pixels, m->cols, sequences, wide, 1);
            else split(&p, pixels, planes, m->plane, m->cols, sequences, wide, 1);
            continue;
        }
        for (int64_t c = 0; c < m->cols; c += LANES) {
            const int64_t at = c + LANES <= m->cols ? c : m->cols - LANES;
            if (joining) join(&p, planes + at, m->plane, pixels + at * channels, LANES, sequences, wide, 0);
            else split(&p, pixels + at * channels, planes + at, m->plane, LANES, sequences, wide, 0);
        }
    }
    return 1;
}

/* One channel: rows of pixels are rows of a plane. */
static SN_INLINE int copy(const sn_planar_image *m, const int joining) {
    for (int64_t r = 0; r < m->rows; r++) {
        float *pixels = m->pixels + r * m->row_step, *plane = m->planes + r * m->pitch;
        for (int64_t c = 0; c < m->cols; c += LANES) {
            const __mmask16 mask = first_lanes(m->cols - c);
            _mm512_mask_storeu_ps((joining ? pixels : plane) + c, mask, _mm512_maskz_loadu_ps(mask, (joining ? plane : pixels) + c));
        }
    }
    return 1;
}

int sn_f32_planar_split__avx512(const sn_planar_image *m) {
    switch (m->channels) {
    case 1: return copy(m, 0);
    case 2: return move(m, 1, 1, 0);
    case 3: return move(m, 3, 0, 0);
    case 5: return move(m, 5, 0, 0);
    case 6: return move(m, 3, 1, 0);
    default: return 0;
    }
}

int sn_f32_planar_join__avx512(const sn_planar_image *m) {
    switch (m->channels) {
    case 1: return copy(m, 1);
    case 2: return move(m, 1, 1, 1);
    case 3: return move(m, 3, 0, 1);
    case 5: return move(m, 5, 0, 1);
    case 6: return move(m, 3, 1, 1);
    default: return 0;
    }
}
