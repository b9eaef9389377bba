#include "sinew.h"
sn_status sn_mse_forward(const sn_mse_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_mse_backward(const sn_mse_args *a) { (void)a; return SN_ERR_CODE; }
