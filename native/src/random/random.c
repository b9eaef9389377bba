#include "sinew.h"
sn_status sn_random(const sn_random_args *a) { (void)a; return SN_ERR_CODE; }
