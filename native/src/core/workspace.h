/* Scratch memory of the operations that need some: bytes, or minus an sn_status. */
#ifndef SN_CORE_WORKSPACE_H
#define SN_CORE_WORKSPACE_H

#include "sinew.h"

int64_t sn_gemm_workspace(const sn_gemm_args *a);
int64_t sn_conv2d_forward_workspace(const sn_conv2d_args *a);
int64_t sn_conv2d_backward_input_workspace(const sn_conv2d_args *a);
int64_t sn_conv2d_backward_weight_workspace(const sn_conv2d_args *a);
int64_t sn_batchnorm_train_workspace(const sn_batchnorm_args *a);
int64_t sn_batchnorm_backward_workspace(const sn_batchnorm_args *a);
int64_t sn_groupnorm_backward_workspace(const sn_groupnorm_args *a);
int64_t sn_reduce_workspace(const sn_reduce_args *a);
int64_t sn_lamb_workspace(const sn_lamb_args *a);
int64_t sn_clip_workspace(const sn_clip_args *a);
int64_t sn_recurrent_forward_workspace(const sn_recurrent_args *a);
int64_t sn_recurrent_backward_workspace(const sn_recurrent_args *a);
int64_t sn_batched_gemm_workspace(const sn_batched_gemm_args *a);
int64_t sn_ctc_forward_workspace(const sn_ctc_args *a);
int64_t sn_ctc_backward_workspace(const sn_ctc_args *a);

/* Bytes of the packed operand of those that take one. */
int64_t sn_gemm_packed(const sn_gemm_args *a);
int64_t sn_conv2d_packed(const sn_conv2d_args *a);

#endif
