#include "sinew.h"
sn_status sn_slice_forward(const sn_slice_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_slice_backward(const sn_slice_args *a) { (void)a; return SN_ERR_CODE; }
