#include "sinew.h"
sn_status sn_hinge_forward(const sn_hinge_args *a) { (void)a; return SN_ERR_CODE; }
sn_status sn_hinge_backward(const sn_hinge_args *a) { (void)a; return SN_ERR_CODE; }
