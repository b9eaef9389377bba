#include "sinew.h"
sn_status sn_pad(const sn_pad_args *a) { (void)a; return SN_ERR_CODE; }
