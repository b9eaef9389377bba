#include "sinew.h"
sn_status sn_cast(const sn_cast_args *a) { (void)a; return SN_ERR_CODE; }
