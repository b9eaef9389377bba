#include "sinew.h"
sn_status sn_sgd(const sn_optimizer_args *a) { (void)a; return SN_ERR_CODE; }
