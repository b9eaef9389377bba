#include "sinew.h"
sn_status sn_unary_forward(const sn_unary_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_unary_backward(const sn_unary_args *a) { (void)a; return SN_ERR_CODE; }
