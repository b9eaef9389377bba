/* adaptive, double, one element at a time. */
#include "adaptive/adaptive.h"
#include "core/lanes_f64.h"
#include "sinew.h"

#include "adaptive/adaptive_rules.inc"

void sn_f64_adaptive__generic(const sn_adaptive_step *s, const sn_adaptive_arrays *a, int64_t n) { sweep(s, a, n); }
