#include "recurrent/recurrent.h"

#include <math.h>

#define T float
#define EXP expf
#define TANH tanhf
#define ABS fabsf
#define SIGMOID sigmoid_f32
#define RNN_FORWARD sn_f32_rnn_forward__generic
#define LSTM_FORWARD sn_f32_lstm_forward__generic
#define GRU_FORWARD sn_f32_gru_forward__generic
#define RNN_BACKWARD sn_f32_rnn_backward__generic
#define LSTM_BACKWARD sn_f32_lstm_backward__generic
#define GRU_BACKWARD sn_f32_gru_backward__generic
#include "recurrent_generic.inc"

#undef T
#undef EXP
#undef TANH
#undef ABS
#undef SIGMOID
#undef RNN_FORWARD
#undef LSTM_FORWARD
#undef GRU_FORWARD
#undef RNN_BACKWARD
#undef LSTM_BACKWARD
#undef GRU_BACKWARD

#define T double
#define EXP exp
#define TANH tanh
#define ABS fabs
#define SIGMOID sigmoid_f64
#define RNN_FORWARD sn_f64_rnn_forward__generic
#define LSTM_FORWARD sn_f64_lstm_forward__generic
#define GRU_FORWARD sn_f64_gru_forward__generic
#define RNN_BACKWARD sn_f64_rnn_backward__generic
#define LSTM_BACKWARD sn_f64_lstm_backward__generic
#define GRU_BACKWARD sn_f64_gru_backward__generic
#include "recurrent_generic.inc"
