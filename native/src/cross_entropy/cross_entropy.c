#include "sinew.h"
sn_status sn_cross_entropy_forward(const sn_cross_entropy_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_cross_entropy_backward(const sn_cross_entropy_args *a) { (void)a; return SN_ERR_CODE; }
