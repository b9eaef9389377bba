/* Kernels of the recurrent layers: one row (one sample at one step) of [hidden] elements. */
#ifndef SN_RECURRENT_RECURRENT_H
#define SN_RECURRENT_RECURRENT_H

#include "sinew.h"

/* Gate g of a row is at [g * hidden]. */
typedef struct {
    int64_t hidden;
    int relu;           /* of a plain net */
    const void *gx, *hh; /* the input's and the state's share of the gates before their activations */
    void *gates, *extra; /* kept for the gradient */
    void *state, *cell;  /* h and c: those before the step, overwritten with those after it */
    void *y;
} sn_recurrent_row;

/* state and cell hold the gradients of h and c after the step, without dy; they are overwritten with those before the
 * step, without what flows through hh. */
typedef struct {
    int64_t hidden;
    int relu;
    const void *gates, *extra, *y;
    const void *before; /* c (lstm) or h (gru) before the step; NULL: 0 */
    const void *dy;     /* NULL: 0 */
    void *state, *cell;
    void *dgx, *dhh;    /* dgx may be gates; dhh: of the gru only */
} sn_recurrent_gradient_row;

typedef void sn_recurrent_kernel(const sn_recurrent_row *row);
typedef void sn_recurrent_gradient_kernel(const sn_recurrent_gradient_row *row);

sn_recurrent_kernel sn_f32_rnn_forward__generic, sn_f32_lstm_forward__generic, sn_f32_gru_forward__generic;
sn_recurrent_kernel sn_f64_rnn_forward__generic, sn_f64_lstm_forward__generic, sn_f64_gru_forward__generic;
sn_recurrent_kernel sn_f32_rnn_forward__avx2, sn_f32_lstm_forward__avx2, sn_f32_gru_forward__avx2;
sn_recurrent_kernel sn_f32_rnn_forward__avx512, sn_f32_lstm_forward__avx512, sn_f32_gru_forward__avx512;
sn_recurrent_kernel sn_f32_rnn_forward__neon, sn_f32_lstm_forward__neon, sn_f32_gru_forward__neon;

sn_recurrent_gradient_kernel sn_f32_rnn_backward__generic, sn_f32_lstm_backward__generic, sn_f32_gru_backward__generic;
sn_recurrent_gradient_kernel sn_f64_rnn_backward__generic, sn_f64_lstm_backward__generic, sn_f64_gru_backward__generic;
sn_recurrent_gradient_kernel sn_f32_rnn_backward__avx2, sn_f32_lstm_backward__avx2, sn_f32_gru_backward__avx2;
sn_recurrent_gradient_kernel sn_f32_rnn_backward__avx512, sn_f32_lstm_backward__avx512, sn_f32_gru_backward__avx512;
sn_recurrent_gradient_kernel sn_f32_rnn_backward__neon, sn_f32_lstm_backward__neon, sn_f32_gru_backward__neon;

#endif
