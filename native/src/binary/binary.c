#include "sinew.h"
sn_status sn_binary(const sn_binary_args *a) { (void)a; return SN_ERR_CODE; }
