#include "sinew.h"
sn_status sn_bce_forward(const sn_bce_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_bce_backward(const sn_bce_args *a) { (void)a; return SN_ERR_CODE; }
