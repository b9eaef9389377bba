#include "core/isa.h"
#include "core/workspace.h"
#include "pool/pool.h"
#include "sinew.h"

static sn_status run_one(int32_t code, const void *args) {
    switch (code) {
    case SN_OP_GEMM: return sn_gemm(args);
    case SN_OP_GEMM_PACK: return sn_gemm_pack(args);
    case SN_OP_CONV2D_FORWARD: return sn_conv2d_forward(args);
    case SN_OP_CONV2D_BACKWARD_INPUT: return sn_conv2d_backward_input(args);
    case SN_OP_CONV2D_BACKWARD_WEIGHT: return sn_conv2d_backward_weight(args);
    case SN_OP_CONV2D_PACK: return sn_conv2d_pack(args);
    case SN_OP_MAXPOOL2D_FORWARD: return sn_maxpool2d_forward(args);
    case SN_OP_MAXPOOL2D_BACKWARD: return sn_maxpool2d_backward(args);
    case SN_OP_AVGPOOL2D_FORWARD: return sn_avgpool2d_forward(args);
    case SN_OP_AVGPOOL2D_BACKWARD: return sn_avgpool2d_backward(args);
    case SN_OP_POOL2D_GATHER: return sn_pool2d_gather(args);
    case SN_OP_POOL2D_SCATTER: return sn_pool2d_scatter(args);
    case SN_OP_RESAMPLE: return sn_resample(args);
    case SN_OP_UNARY_FORWARD: return sn_unary_forward(args);
    case SN_OP_UNARY_BACKWARD: return sn_unary_backward(args);
    case SN_OP_SOFTMAX_FORWARD: return sn_softmax_forward(args);
    case SN_OP_SOFTMAX_BACKWARD: return sn_softmax_backward(args);
    case SN_OP_CROSS_ENTROPY_FORWARD: return sn_cross_entropy_forward(args);
    case SN_OP_CROSS_ENTROPY_BACKWARD: return sn_cross_entropy_backward(args);
    case SN_OP_MSE_FORWARD: return sn_mse_forward(args);
    case SN_OP_MSE_BACKWARD: return sn_mse_backward(args);
    case SN_OP_BCE_FORWARD: return sn_bce_forward(args);
    case SN_OP_BCE_BACKWARD: return sn_bce_backward(args);
    case SN_OP_HINGE_FORWARD: return sn_hinge_forward(args);
    case SN_OP_HINGE_BACKWARD: return sn_hinge_backward(args);
    case SN_OP_BATCHNORM_TRAIN: return sn_batchnorm_train(args);
    case SN_OP_BATCHNORM_INFER: return sn_batchnorm_infer(args);
    case SN_OP_BATCHNORM_BACKWARD: return sn_batchnorm_backward(args);
    case SN_OP_GROUPNORM_FORWARD: return sn_groupnorm_forward(args);
    case SN_OP_GROUPNORM_BACKWARD: return sn_groupnorm_backward(args);
    case SN_OP_DROPOUT: return sn_dropout(args);
    case SN_OP_RANDOM: return sn_random(args);
    case SN_OP_BINARY: return sn_binary(args);
    case SN_OP_REDUCE: return sn_reduce(args);
    case SN_OP_FILL: return sn_fill(args);
    case SN_OP_CAST: return sn_cast(args);
    case SN_OP_PERMUTE: return sn_permute(args);
    case SN_OP_CONCAT: return sn_concat(args);
    case SN_OP_SLICE_FORWARD: return sn_slice_forward(args);
    case SN_OP_SLICE_BACKWARD: return sn_slice_backward(args);
    case SN_OP_PAD: return sn_pad(args);
    case SN_OP_SGD: return sn_sgd(args);
    case SN_OP_ADAM: return sn_adam(args);
    case SN_OP_ADAPTIVE: return sn_adaptive(args);
    case SN_OP_LAMB: return sn_lamb(args);
    case SN_OP_CLIP: return sn_clip(args);
    case SN_OP_BLEND: return sn_blend(args);
    case SN_OP_RECURRENT_FORWARD: return sn_recurrent_forward(args);
    case SN_OP_RECURRENT_BACKWARD: return sn_recurrent_backward(args);
    case SN_OP_GATHER_FORWARD: return sn_gather_forward(args);
    case SN_OP_GATHER_BACKWARD: return sn_gather_backward(args);
    case SN_OP_BATCHED_GEMM: return sn_batched_gemm(args);
    case SN_OP_CTC_FORWARD: return sn_ctc_forward(args);
    case SN_OP_CTC_BACKWARD: return sn_ctc_backward(args);
    default: return SN_ERR_CODE;
    }
}

sn_status sn_run(sn_call *calls, int64_t count, int32_t isa, int64_t *failed) {
    if (failed) *failed = -1;
    if (count < 0) return SN_ERR_SIZE;
    if (!calls && count > 0) return SN_ERR_NULL;
    if (isa != -1 && !sn_isa_available(isa)) return SN_ERR_VALUE;
    const int32_t isa_before = sn_isa_override(isa);
    const uint32_t denormals_before = sn_flush_denormals();
    sn_status status = SN_OK;
    for (int64_t i = 0; i < count; i++) {
        status = calls[i].args ? run_one(calls[i].code, calls[i].args) : SN_ERR_NULL;
        if (status != SN_OK) {
            calls[i].status = status;
            if (failed) *failed = i;
            break;
        }
    }
    sn_restore_denormals(denormals_before);
    sn_isa_override(isa_before);
    return status;
}

int64_t sn_workspace_bytes(int32_t code, const void *args) {
    if (!args) return -SN_ERR_NULL;
    switch (code) {
    case SN_OP_GEMM: return sn_gemm_workspace(args);
    case SN_OP_CONV2D_FORWARD: return sn_conv2d_forward_workspace(args);
    case SN_OP_CONV2D_BACKWARD_INPUT: return sn_conv2d_backward_input_workspace(args);
    case SN_OP_CONV2D_BACKWARD_WEIGHT: return sn_conv2d_backward_weight_workspace(args);
    case SN_OP_BATCHNORM_TRAIN: return sn_batchnorm_train_workspace(args);
    case SN_OP_BATCHNORM_BACKWARD: return sn_batchnorm_backward_workspace(args);
    case SN_OP_GROUPNORM_BACKWARD: return sn_groupnorm_backward_workspace(args);
    case SN_OP_REDUCE: return sn_reduce_workspace(args);
    case SN_OP_LAMB: return sn_lamb_workspace(args);
    case SN_OP_CLIP: return sn_clip_workspace(args);
    case SN_OP_RECURRENT_FORWARD: return sn_recurrent_forward_workspace(args);
    case SN_OP_RECURRENT_BACKWARD: return sn_recurrent_backward_workspace(args);
    case SN_OP_BATCHED_GEMM: return sn_batched_gemm_workspace(args);
    case SN_OP_CTC_FORWARD: return sn_ctc_forward_workspace(args);
    case SN_OP_CTC_BACKWARD: return sn_ctc_backward_workspace(args);
    default: return 0;
    }
}

int64_t sn_packed_bytes(int32_t code, const void *args) {
    if (!args) return -SN_ERR_NULL;
    switch (code) {
    case SN_OP_GEMM_PACK: return sn_gemm_packed(args);
    case SN_OP_CONV2D_PACK: return sn_conv2d_packed(args);
    default: return -SN_ERR_CODE;
    }
}
