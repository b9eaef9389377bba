#include "sinew.h"
sn_status sn_fill(const sn_fill_args *a) { (void)a; return SN_ERR_CODE; }
